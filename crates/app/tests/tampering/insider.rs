//! Changes by somebody who holds the log's own key: what contradicts itself is named; what does not contradict itself is
//! another history, which a checkpoint kept elsewhere shows.

use app::verify::Against;
use ledger::bundle::{Manifest, Withheld};
use ledger::{SignedCheckpoint, SigningKey, predicate};
use model::{Digest, Outcome, Timestamp};
use serde_json::Value;

use crate::real::{
    Files, REAL, Said, files, forged, manifest, refused, refused_against, said, signed, signed_with, verified,
};

fn changed(path: &str, change: impl FnOnce(&mut Vec<u8>)) -> Files {
    let mut files = files(&REAL.second);
    change(files.get_mut(path).unwrap());
    files
}

fn replaced(text: &mut Vec<u8>, from: &str, to: &str) {
    let there = String::from_utf8(text.clone()).unwrap();
    assert!(there.contains(from), "{from}");
    *text = there.replacen(from, to, 1).into_bytes();
}

/// The position of the last record of a kind.
fn last(said: &[Said], kind: &str) -> usize {
    said.iter().rposition(|said| said.kind == kind).unwrap()
}

fn kept(bytes: &[u8]) -> Against {
    let note = String::from_utf8(files(bytes)["checkpoint.txt"].clone()).unwrap();
    Against { key: None, since: Some(SignedCheckpoint::parse(&note).unwrap()) }
}

#[test]
fn no_change_of_a_byte_goes_unnoticed_when_the_list_was_signed_anew() {
    let sound = files(&REAL.second);
    for path in sound.keys().filter(|path| !path.starts_with("manifest.")) {
        let reports = path.starts_with("reports/");
        for part in [0, 1, 2].into_iter().take(if reports { 1 } else { 3 }) {
            let bytes = changed(path, |bytes| match bytes.len() {
                0 => bytes.push(0x04),
                length => bytes[(length - 1) * part / 2] ^= 0x04,
            });
            let failed = refused(&signed(&bytes, &REAL.key));
            let item = failed.item.as_str();
            let at = match path.as_str() {
                leaves if leaves.starts_with("leaves/") => item.starts_with("record ") || item == leaves,
                salt if salt.ends_with(".salt") => item == salt.trim_end_matches(".salt"),
                _ => item == path,
            };
            assert!(at, "{path}: {failed}");
        }
    }
}

#[test]
fn better_verdicts_are_not_those_that_were_recorded() {
    let better = changed("verdicts.json", |text| replaced(text, "\"outcome\":\"fail\"", "\"outcome\":\"pass\""));
    assert_eq!(refused(&signed(&better, &REAL.key)).item, "verdicts.json");
}

#[test]
fn an_assessment_that_was_recorded_with_better_verdicts_is_judged_again_and_named() {
    let mut files = files(&REAL.second);
    let mut said = said(&files);
    let at = last(&said, predicate::ASSESSMENT);
    let text = String::from_utf8(files["verdicts.json"].clone()).unwrap();
    let text = text.replace("\"outcome\":\"fail\"", "\"outcome\":\"pass\"");
    let record = &mut said[at].record;
    record["verdicts"] = Digest::of(text.as_bytes()).to_string().into();
    let turned = record["outcomes"].as_array_mut().unwrap();
    let fails = turned.iter_mut().filter(|outcome| outcome["outcome"] == "fail");
    assert!(fails.map(|outcome| outcome["outcome"] = "pass".into()).count() > 0);
    record["mandatory"] = "pass".into();
    files.insert("verdicts.json".to_owned(), text.into_bytes());
    let failed = refused(&forged(&files, &said, &REAL.key, |_| {}));
    assert_eq!((failed.step, failed.item), ("verdicts", format!("record {at}")));
    assert!(
        failed.why.contains("it says pass for") && failed.why.contains("judged again it is fail"),
        "{}",
        failed.why
    );
}

#[test]
fn other_reasons_a_better_total_and_a_better_report_are_named() {
    let mut files = files(&REAL.second);
    let mut said_ = said(&files);
    let at = last(&said_, predicate::ASSESSMENT);
    let total = said_.clone();
    let text = String::from_utf8(files["verdicts.json"].clone()).unwrap().replacen(
        "\"because\":\"",
        "\"because\":\"well: ",
        1,
    );
    said_[at].record["verdicts"] = Digest::of(text.as_bytes()).to_string().into();
    let sound = files.clone();
    files.insert("verdicts.json".to_owned(), text.into_bytes());
    let failed = refused(&forged(&files, &said_, &REAL.key, |_| {}));
    assert!(failed.step == "verdicts" && failed.item == format!("record {at}"), "{failed}");

    let mut said_ = total;
    said_[at].record["mandatory"] = "pass".into();
    let failed = refused(&forged(&sound, &said_, &REAL.key, |_| {}));
    assert!(failed.item == format!("record {at}"), "{failed}");

    for path in ["reports/report.html", "reports/report.json", "reports/report.md"] {
        let better = changed(path, |text| {
            let from = if path.ends_with("json") { "\"fail\"" } else { "FAIL" };
            let lower = String::from_utf8_lossy(text).contains(from);
            replaced(text, if lower { from } else { "fail" }, "pass");
        });
        assert_eq!(refused(&signed(&better, &REAL.key)).item, path);
    }
}

#[test]
fn a_dossier_that_was_not_judged_is_named_with_and_without_its_record() {
    let path = "dossier/ics.toml";
    let text = changed(path, |text| replaced(text, "\"N\"", "\"Y\""));
    assert_eq!(refused(&signed(&text, &REAL.key)).item, path);
    // Recorded as if it had been judged.
    let mut said = said(&text);
    let at = last(&said, predicate::DOSSIER_REVISION);
    let digest = Digest::of(&text[path]);
    said[at].record["files"]["ics.toml"] = digest.to_string().into();
    let failed = refused(&forged(&text, &said, &REAL.key, |_| {}));
    assert_eq!(failed.step, "verdicts", "{failed}");
    assert!(failed.item.starts_with("record "), "{failed}");
    for (from, to) in
        [("dossier/ics.toml", "dossier/extra.toml"), ("dossier/controls.toml", "dossier/CONTROLS.toml")]
    {
        let mut moved = files(&REAL.second);
        let bytes = moved.remove(from).unwrap();
        moved.insert(to.to_owned(), bytes);
        assert_eq!(refused(&signed(&moved, &REAL.key)).item, from);
    }
}

#[test]
fn a_measurement_that_says_otherwise_than_its_raw_log_is_named() {
    let files = files(&REAL.second);
    let said = said(&files);
    let mut tried = 0;
    for at in 0..said.len() {
        let facts = said[at].record["reading"]["facts"].as_array().map_or(0, Vec::len);
        if said[at].kind != predicate::OBSERVATION || facts == 0 {
            continue;
        }
        let mut lied = said.clone();
        lied[at].record["reading"]["facts"].as_array_mut().unwrap().remove(0);
        let failed = refused(&forged(&files, &lied, &REAL.key, |_| {}));
        // A fact that holds a mark is missed by those who open it, before its raw log is read again.
        assert!(["marks", "readings"].contains(&failed.step) && failed.item == format!("record {at}"), "{failed}");
        tried += 1;
    }
    assert!(tried >= 5, "{tried}");
}

#[test]
fn what_was_recorded_earlier_than_the_record_before_it_is_named() {
    let files = files(&REAL.second);
    let said = said(&files);
    for at in 1..said.len() {
        let mut earlier = said.clone();
        earlier[at].recorded_at = "2020-01-01T00:00:00Z".to_owned();
        let failed = refused(&forged(&files, &earlier, &REAL.key, |_| {}));
        assert!(
            failed.item == format!("record {at}") && failed.why.contains("before the leaf before it"),
            "{failed}"
        );
    }
    // An assessment for another moment than that of its record.
    let at = last(&said, predicate::ASSESSMENT);
    let mut other = said.clone();
    other[at].record["at"] = "2020-01-01T00:00:00Z".into();
    let failed = refused(&forged(&files, &other, &REAL.key, |_| {}));
    assert!(failed.step == "assessment" && failed.item == format!("record {at}"), "{failed}");
}

#[test]
fn another_history_is_sound_in_itself_and_named_by_a_kept_checkpoint() {
    let files = files(&REAL.second);
    let said = said(&files);
    let mut fork = said.clone();
    let at = last(&fork, predicate::STATEMENT);
    fork[at].record["reasoning"] = "Read twice.".into();
    let forged_ = forged(&files, &fork[..=at], &REAL.key, |_| {});
    // Without the records after it there is no assessment of that history: the manifest says so.
    assert_eq!(refused(&forged_).item, "manifest.json");
    let key = Against { key: Some(REAL.key.verifying_key()), since: None };
    // Rewritten up to the record before the first assessment, which stays true: only the kept checkpoint tells.
    let first = crate::real::files(&REAL.first);
    let mut back = crate::real::said(&first);
    let observed = back.iter().position(|said| said.kind == predicate::OBSERVATION).unwrap();
    back[observed].record["operator"] = Value::from("Somebody Else");
    let rewritten = forged(&first, &back, &REAL.key, |_| {});
    let verification = verified(&rewritten);
    if let Some(failed) = verification.failed {
        // Reports name records by digest, so a rewritten record shows there too.
        assert!(failed.item.starts_with("reports/"), "{failed}");
    }
    let failed = refused_against(&rewritten, &kept(&REAL.first));
    assert!(failed.item == "the checkpoint that was kept" && failed.why.contains("forked"), "{failed}");
    let failed = refused_against(&REAL.first, &kept(&REAL.second));
    assert!(failed.item == "the checkpoint that was kept" && failed.why.contains("rolled back"), "{failed}");
    // The honest continuation extends what was kept, and begins with the key that was given.
    let both = Against { since: kept(&REAL.first).since, ..key };
    let honest = app::verify::verify_source(&REAL.second, &both).unwrap();
    assert!(honest.is_sound(), "{:?}", honest.failed);
}

#[test]
fn a_log_of_another_key_is_refused_with_the_key_that_was_expected() {
    let stranger = SigningKey::from_seed(&[8; 32]);
    let expected = Against { key: Some(stranger.verifying_key()), since: None };
    let failed = refused_against(&REAL.second, &expected);
    assert!(failed.item == "record 0" && failed.why.contains("trusted is"), "{failed}");
    // Keys swapped in the files that only tell them.
    let pem = stranger.verifying_key().to_pem().unwrap();
    let path = files(&REAL.second).into_keys().find(|path| path.starts_with("keys/")).unwrap();
    let swapped = changed(&path, |text| *text = pem.clone().into_bytes());
    assert_eq!(refused(&signed(&swapped, &REAL.key)).item, path);
    let mut added = files(&REAL.second);
    let more = format!("keys/{}.pem", stranger.verifying_key().id());
    added.insert(more.clone(), pem.into_bytes());
    assert_eq!(refused(&signed(&added, &REAL.key)).item, more);
    let role = changed("keys.json", |text| replaced(text, "\"role\":\"log\"", "\"role\":\"reviewer\""));
    assert_eq!(refused(&signed(&role, &REAL.key)).item, "keys.json");
}

#[test]
fn claims_of_the_manifest_that_the_log_does_not_bear_out_are_named() {
    let files = files(&REAL.second);
    type Change = fn(&mut Manifest);
    let claims: [Change; 9] = [
        |m| m.product.push('!'),
        |m| m.release = "9".to_owned(),
        |m| m.edition = "2.1.1".to_owned(),
        |m| m.recorded = "2020-01-01T00:00:00Z".to_owned(),
        |m| m.log.size -= 1,
        |m| m.log.origin.push('x'),
        |m| m.log.root = Digest::of(b"x"),
        |m| m.assessment = 1,
        |m| m.version = 2,
    ];
    for change in claims {
        let failed = refused(&signed_with(&files, &REAL.key, change));
        assert_eq!(failed.item, "manifest.json", "{failed}");
    }
    // Another program's name takes nothing away: it is said that its texts were not compared.
    let other = signed_with(&files, &REAL.key, |m| m.tool = "assay 9.9".to_owned());
    let verification = verified(&other);
    assert!(verification.is_sound());
    let says = |name: &str| verification.steps.iter().find(|step| step.step == name).unwrap().says.clone();
    assert!(says("reports").contains("assay 9.9") && says("readme").contains("not compared"));
}

#[test]
fn what_is_left_out_is_listed_and_what_is_listed_was_left_out() {
    let redacted = files(&REAL.redacted);
    let named = |change: fn(&mut Manifest)| refused(&signed_with(&redacted, &REAL.key, change)).item;
    assert_eq!(named(|m| m.redacted = false), "manifest.json");
    let listed = manifest(&redacted).withheld;
    assert!(listed.len() > 5);
    let first = format!("blobs/{}", listed.iter().map(|w| w.digest).min().unwrap().hex());
    for change in [
        (|m: &mut Manifest| m.withheld.sort_by_key(|w| w.digest)) as fn(&mut Manifest),
        |m| m.withheld[0].kind = "photo".to_owned(),
        |m| m.withheld[0].leaf += 1,
        |m| {
            let again = m.withheld[0].clone();
            m.withheld[1] = again;
        },
        |m| m.withheld[0].digest = Digest::of(b"nothing that was kept"),
    ] {
        let forged = signed_with(&redacted, &REAL.key, change);
        let sorted = manifest(&files(&forged)).withheld == listed;
        match verified(&forged).failed {
            None => assert!(sorted),
            Some(failed) => {
                assert!(!sorted && ["manifest.json", &first].contains(&failed.item.as_str()), "{failed}")
            }
        }
    }
    // Left out without a word, and listed although it is there.
    let full = files(&REAL.second);
    let blob = full.keys().find(|path| path.starts_with("blobs/") && !path.ends_with(".salt")).unwrap().clone();
    let mut missing = full.clone();
    missing.remove(&blob);
    missing.remove(&format!("{blob}.salt"));
    assert_eq!(refused(&signed(&missing, &REAL.key)).item, blob);
    let mut unsalted = full.clone();
    unsalted.remove(&format!("{blob}.salt"));
    assert_eq!(refused(&signed(&unsalted, &REAL.key)).item, format!("{blob}.salt"));
    let mut more = full.clone();
    let stray = format!("blobs/{}", Digest::of(b"x").hex());
    more.insert(stray.clone(), b"x".to_vec());
    assert_eq!(refused(&signed(&more, &REAL.key)).item, stray);
    let digest = Digest::from_hex(&blob[6..]).unwrap();
    let there = signed_with(&full, &REAL.key, |m| {
        m.withheld.push(Withheld { digest, kind: "raw".to_owned(), leaf: 2 });
    });
    assert_eq!(refused(&there).item, "manifest.json");
}

#[test]
fn an_outcome_is_never_better_than_what_judging_again_gives() {
    // One recorded outcome after the other, each turned into a pass: the first is named by its unit instance.
    let files = files(&REAL.second);
    let said = said(&files);
    let at = last(&said, predicate::ASSESSMENT);
    let outcomes = said[at].record["outcomes"].as_array().unwrap().clone();
    let turned: Vec<usize> =
        (0..outcomes.len()).filter(|i| outcomes[*i]["outcome"] != "pass").step_by(60).collect();
    assert!(turned.len() >= 3);
    for index in turned {
        let mut lied = said.clone();
        lied[at].record["outcomes"][index]["outcome"] = "pass".into();
        let failed = refused(&forged(&files, &lied, &REAL.key, |_| {}));
        assert!(failed.item == format!("record {at}"), "{failed}");
        assert!(failed.why.contains(outcomes[index]["unit"].as_str().unwrap()), "{failed}");
        assert!(failed.why.contains(Outcome::Pass.as_str()), "{failed}");
    }
    assert!(Timestamp::parse(&said[at].recorded_at).is_ok());
}
