//! The second verifier, in another language and by other hands' cryptography, says the same in its scope.

use std::path::Path;
use std::process::Command;

use ledger::predicate;
use model::Digest;
use testkit::{StartError, ready};

use crate::real::{REAL, files, forged, leaves, packed, refused, said, signed, signed_with, with_leaves};

fn script() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/verify_bundle.py")
}

/// Python and openssl, if they are here.
fn python() -> Option<&'static str> {
    for program in ["python3", "openssl"] {
        let found = Command::new(program).arg("--help").output();
        if found.is_err() {
            let missing = StartError::Missing { program: program.into(), package: program.into() };
            return ready(Err(missing));
        }
    }
    Some("python3")
}

/// The exit code, and what it said.
fn says(python: &str, bytes: &[u8], key: Option<&str>) -> (i32, String) {
    let place = tempfile::tempdir().unwrap();
    let (file, key_file) = (place.path().join("x.assay"), place.path().join("key.pem"));
    std::fs::write(&file, bytes).unwrap();
    let mut command = Command::new(python);
    command.arg("-B").arg(script()).arg(&file);
    if let Some(key) = key {
        std::fs::write(&key_file, key).unwrap();
        command.arg(&key_file);
    }
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

#[test]
fn it_is_short_enough_to_be_read_and_says_what_it_does_not_do() {
    let text = std::fs::read_to_string(script()).unwrap();
    assert!(text.lines().count() <= 150, "{} lines", text.lines().count());
    assert!(text.contains("NOT done here"));
}

#[test]
fn it_finds_sound_bundles_sound_redacted_ones_too() {
    let Some(python) = python() else { return };
    let key = REAL.key.verifying_key().to_pem().unwrap();
    for (bytes, withheld) in [(&REAL.first, false), (&REAL.second, false), (&REAL.redacted, true)] {
        let (code, told) = says(python, bytes, Some(&key));
        assert_eq!(code, 0, "{told}");
        assert_eq!(told.contains(" 0 pieces withheld"), !withheld, "{told}");
        assert!(told.contains("as given"), "{told}");
        assert!(says(python, bytes, None).1.contains("taken from the bundle"));
    }
    assert_eq!(says(python, b"", None).0, 1);
    let stranger = ledger::SigningKey::from_seed(&[8; 32]).verifying_key().to_pem().unwrap();
    assert_eq!(says(python, &REAL.first, Some(&stranger)).0, 20);
}

#[test]
fn it_refuses_what_the_program_refuses() {
    let Some(python) = python() else { return };
    let sound = files(&REAL.second);
    let records = said(&sound);
    let all = leaves(&sound);
    let mut changed: Vec<(String, Vec<u8>)> = Vec::new();
    // A byte in every thirtieth of the file, and in each small file.
    for part in 0..30 {
        let mut bytes = REAL.second.clone();
        let at = bytes.len() / 30 * part + 17;
        bytes[at] ^= 0x10;
        changed.push((format!("byte {at}"), bytes));
    }
    for path in ["checkpoint.txt", "manifest.json", "manifest.dsse.json", "keys.json", "leaves/00000000.jsonl"] {
        let mut flipped = sound.clone();
        let content = flipped.get_mut(path).unwrap();
        let at = content.len() / 2;
        content[at] ^= 0x01;
        changed.push((format!("{path} flipped"), packed(&flipped)));
    }
    // Signed anew with the log's own key: items, records, verdicts, dossier, evidence.
    for path in ["verdicts.json", "dossier/ics.toml"] {
        let mut other = sound.clone();
        other.get_mut(path).unwrap().push(b'\n');
        changed.push((path.to_owned(), signed(&other, &REAL.key)));
    }
    let is_blob = |path: &str| path.starts_with("blobs/") && !path.ends_with(".salt");
    let blob = sound.iter().find(|(path, bytes)| is_blob(path) && !bytes.is_empty()).unwrap().0;
    for path in [blob.clone(), format!("{blob}.salt")] {
        let mut other = sound.clone();
        other.get_mut(&path).unwrap()[0] ^= 1;
        changed.push((path.clone(), signed(&other, &REAL.key)));
        other = sound.clone();
        other.remove(&path);
        changed.push((format!("{path} dropped"), signed(&other, &REAL.key)));
    }
    let mut more = sound.clone();
    more.insert(format!("blobs/{}", Digest::of(b"x").hex()), b"x".to_vec());
    changed.push(("a stray blob".to_owned(), signed(&more, &REAL.key)));
    for at in [0, 1, all.len() / 2, all.len() - 1] {
        let mut dropped = all.clone();
        dropped.remove(at);
        changed.push((format!("record {at} dropped"), signed(&with_leaves(&sound, &dropped), &REAL.key)));
        let mut twice = all.clone();
        twice.insert(at, all[at].clone());
        changed.push((format!("record {at} twice"), signed(&with_leaves(&sound, &twice), &REAL.key)));
    }
    let mut turned = all.clone();
    turned.swap(3, 4);
    changed.push(("records turned".to_owned(), signed(&with_leaves(&sound, &turned), &REAL.key)));
    let stranger = ledger::SigningKey::from_seed(&[8; 32]);
    changed.push(("a stranger's list".to_owned(), signed(&sound, &stranger)));
    let mut back = records.clone();
    back[5].recorded_at = "2020-01-01T00:00:00Z".to_owned();
    changed.push(("back-dated".to_owned(), forged(&sound, &back, &REAL.key, |_| {})));
    let mut other = records.clone();
    let at = other.iter().rposition(|said| said.kind == predicate::ASSESSMENT).unwrap();
    other[at].record["verdicts"] = Digest::of(b"better").to_string().into();
    changed.push(("other verdicts".to_owned(), forged(&sound, &other, &REAL.key, |_| {})));
    changed.push(("another record".to_owned(), signed_with(&sound, &REAL.key, |m| m.assessment = 2)));
    changed.push(("another release".to_owned(), signed_with(&sound, &REAL.key, |m| m.release.push('x'))));
    let redacted = files(&REAL.redacted);
    for (what, change) in [
        ("nothing redacted", (|m| m.redacted = false) as fn(&mut ledger::bundle::Manifest)),
        ("a piece not listed", |m| {
            m.withheld.pop();
        }),
        ("a piece listed as another", |m| m.withheld[0].leaf += 1),
    ] {
        changed.push((what.to_owned(), signed_with(&redacted, &REAL.key, change)));
    }
    assert!(changed.len() > 55);
    for (what, bytes) in changed {
        refused(&bytes);
        let (code, told) = says(python, &bytes, None);
        assert_eq!(code, 20, "{what}: {told}");
        assert!(told.starts_with("does not verify: "), "{told}");
    }
}
