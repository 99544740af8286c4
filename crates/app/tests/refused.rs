//! A ledger that says a secret to everybody is not bundled for strangers, and no file is left.
#![allow(clippy::unwrap_used)]

mod workspace;

use std::fs;

use app::assess;
use app::bundle::bundle;
use app::demo::SAMPLE;
use app::inventory::Selection;
use app::verify::{Against, verify};
use ledger::{Draft, SigningKey, Subject};
use model::Digest;
use store::{SqliteStore, Store as _};
use workspace::{Workspace, at};

/// Why a bundle for strangers is refused. One for everybody else is not.
fn refused(place: &Workspace) -> String {
    let [strangers, others] = ["strangers.assay", "others.assay"].map(|name| place.path().join(name));
    let error = bundle(place.path(), &strangers, None, Selection::REDACTED).unwrap_err().to_string();
    assert!(!strangers.exists());
    let left: Vec<_> = fs::read_dir(place.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("strangers")), "{left:?}");
    bundle(place.path(), &others, None, Selection::EVERYTHING).unwrap();
    assert!(verify(&others, &Against::default()).unwrap().is_sound());
    error
}

fn changed(file: &str, from: &str, to: &str) -> Workspace {
    let change = |(path, text): &(&str, &str)| {
        let text = if *path == file { text.replacen(from, to, 1) } else { (*text).to_owned() };
        assert!(*path != file || text.contains(to));
        ((*path).to_owned(), text)
    };
    let files: Vec<(String, String)> = SAMPLE.iter().map(change).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    Workspace::of(&files)
}

const BY_REFERENCE: &str = "secret = { env = \"ASSAY_DEMO_GUEST_PASSWORD\" }";

#[test]
fn a_secret_that_a_dossier_ever_gave_itself_stops_it_with_its_line() {
    let line = |text: &str| text.lines().position(|line| line.contains(BY_REFERENCE)).unwrap() + 1;
    let bench = SAMPLE.iter().find(|(path, _)| *path == "bench.toml").unwrap().1;
    for literal in ["secret = \"hunter2hunter2\"", "password = \"hunter2hunter2\""] {
        let place = changed("bench.toml", BY_REFERENCE, literal);
        place.observed("net.tcp-ports", at(1));
        // Mended since, which does not take it out of the ledger.
        fs::write(place.path().join("bench.toml"), bench).unwrap();
        assess::record(place.path(), at(2)).unwrap();
        let why = refused(&place);
        let says =
            format!("bench.toml, line {}, in the dossier of record 1 says a secret of the bench", line(bench));
        assert!(why.contains(&says), "{why}");
    }
    let place = changed("controls.toml", "\n", "\n# -----BEGIN PRIVATE KEY-----\n");
    assess::record(place.path(), at(1)).unwrap();
    assert!(refused(&place).contains("controls.toml, line 2, in the dossier of record 1 says a private key"));
}

#[test]
fn a_secret_of_the_bench_that_the_dossier_repeats_stops_it_in_every_spelling() {
    let reference = "secret = { file = \"guest.secret\" }";
    for said in ["hunter2/hunter2", "aHVudGVyMi9odW50ZXIy", "hunter2%2Fhunter2", "2retnuh/2retnuh"] {
        let place = changed("bench.toml", BY_REFERENCE, reference);
        fs::write(place.path().join("guest.secret"), "hunter2/hunter2\n").unwrap();
        let controls = place.path().join("controls.toml");
        fs::write(&controls, format!("# {said}\n{}", fs::read_to_string(&controls).unwrap())).unwrap();
        assess::record(place.path(), at(1)).unwrap();
        let why = refused(&place);
        assert!(
            why.contains("dossier/controls.toml says a password known from the bench in clear"),
            "{said}: {why}"
        );
    }
    let place = changed("bench.toml", BY_REFERENCE, reference);
    assess::record(place.path(), at(1)).unwrap();
    let to = place.path().join("x.assay");
    let bundled = bundle(place.path(), &to, None, Selection::REDACTED).unwrap();
    assert!(
        bundled.not_searched.iter().any(|place| place.ends_with("guest.secret")),
        "{:?}",
        bundled.not_searched
    );
}

#[test]
fn a_record_that_tells_something_by_its_plain_digest_stops_it() {
    let place = Workspace::sample();
    place.observed("net.tcp-ports", at(1));
    let folder = place.path().join(".assay");
    let key = SigningKey::from_pem(&fs::read_to_string(folder.join("key.pem")).unwrap()).unwrap();
    let mut store = SqliteStore::open(&folder).unwrap();
    let raw = store.put_blob(b"{}").unwrap();
    let record = serde_json::json!({
        "run": {"probe": "net.tcp-ports", "revision": 0, "target": "dut", "place": "lan"},
        "dut": {"model": "", "release": "0"}, "began": at(2), "ended": at(2), "tool": "assay 0", "raw": raw,
        "reading": {"facts": [], "coverage": [], "shortfalls": []},
    });
    let (kind, subjects) = (ledger::predicate::OBSERVATION, vec![Subject::new("x", Digest::of(b"x"))]);
    let draft = Draft { kind: kind.to_owned(), subjects, recorded_at: at(3).to_string(), record };
    let sealed = store.head().unwrap().seal(draft, &key, "assay.local/workspace", &key).unwrap();
    let seq = store.append(kind, &sealed.body, &sealed.note).unwrap();
    drop(store);
    assess::record(place.path(), at(4)).unwrap();
    let why = refused(&place);
    assert!(why.contains(&format!("record {seq} tells raw material by its plain digest")), "{why}");
}
