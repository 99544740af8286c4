//! A bundle is one file with everything: written once, the same for the same ledger, and sound by itself.
#![allow(clippy::unwrap_used)]

mod workspace;

use std::fs;
use std::path::{Path, PathBuf};

use app::assess;
use app::bundle::{Bundled, bundle};
use app::inventory::Selection;
use app::material::Material;
use app::verify::{Against, Taken, Verification, verify};
use ledger::bundle::{Bundle, LIMITS, Part};
use ledger::{Draft, SigningKey, Subject};
use model::Digest;
use store::{SqliteStore, Store as _};
use workspace::{Workspace, at};

fn place() -> (Workspace, u64) {
    let place = Workspace::sample();
    place.observed("net.tcp-ports", at(1));
    place.stated("5.1-1-1a", Some("AuthMech-Web"), at(2));
    let (_, seq) = assess::record(place.path(), at(3)).unwrap();
    (place, seq)
}

fn out(place: &Workspace, name: &str) -> PathBuf {
    place.path().join(name)
}

fn bundled(place: &Workspace, name: &str) -> Bundled {
    bundle(place.path(), &out(place, name), None, Selection::EVERYTHING).unwrap()
}

fn verified(file: &Path) -> Verification {
    verify(file, &Against::default()).unwrap()
}

fn step<'v>(verification: &'v Verification, name: &str) -> (Taken, &'v str) {
    let step = verification.steps.iter().find(|step| step.step == name);
    let step = step.unwrap_or_else(|| panic!("no step {name}: {:#?}", verification.steps));
    (step.result, step.says.as_str())
}

#[test]
fn a_bundle_verifies_and_says_what_could_not_be_shown() {
    let (place, seq) = place();
    let bundled = bundled(&place, "x.assay");
    assert_eq!((bundled.assessment, bundled.manifest.redacted), (seq, false));
    let verification = verified(&bundled.at);
    assert!(verification.is_sound(), "{:#?}", verification.failed);
    for name in ["container", "manifest", "log", "signature", "keys", "dossier", "evidence", "readings", "reports"]
    {
        assert_eq!(step(&verification, name).0, Taken::Done, "{name}");
    }
    assert!(step(&verification, "verdicts").1.starts_with("1 recorded assessments come out the same"));
    assert!(step(&verification, "readings").1.starts_with("1 raw logs"));
    for name in ["root key", "continuation", "time stamps"] {
        assert_eq!(step(&verification, name).0, Taken::NotDone, "{name}");
    }
}

#[test]
fn the_same_ledger_gives_the_same_file_and_no_file_is_overwritten() {
    let (place, _) = place();
    let (one, other) = (bundled(&place, "one"), bundled(&place, "other"));
    let bytes = fs::read(&one.at).unwrap();
    assert!(bytes == fs::read(&other.at).unwrap());
    assert_eq!(one.bytes, bytes.len() as u64);
    fs::write(&one.at, "mine").unwrap();
    let error = bundle(place.path(), &one.at, None, Selection::EVERYTHING).unwrap_err();
    assert!(error.to_string().contains("already there"), "{error}");
    assert_eq!(fs::read(&one.at).unwrap(), b"mine");
    let left: Vec<_> = fs::read_dir(place.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with(".one")), "{left:?}");
}

#[test]
fn what_cannot_be_bundled_is_said_with_the_mend_and_no_file_is_left() {
    let place = Workspace::sample();
    let refused = |record| {
        let to = out(&place, "x.assay");
        let error = bundle(place.path(), &to, record, Selection::EVERYTHING).unwrap_err().to_string();
        assert!(!to.exists());
        error
    };
    assert!(refused(None).contains("hint: `assay judge --record"));
    place.observed("net.tcp-ports", at(1));
    assert!(refused(None).contains("no assessment of release `1.4.2` is recorded"));
    assert!(refused(Some(1)).contains("record 1: it is no assessment"));
    let (_, seq) = assess::record(place.path(), at(2)).unwrap();
    let assay = place.path().join("assay.toml");
    let text = fs::read_to_string(&assay).unwrap();
    fs::write(&assay, text.replace("1.4.2", "1.5.0")).unwrap();
    let error = refused(None);
    assert!(error.contains("release `1.5.0`") && error.contains(&format!("--record {seq}` bundles")), "{error}");
    // The one before is still there, with the dossier of its time.
    let to = out(&place, "old.assay");
    assert_eq!(bundle(place.path(), &to, Some(seq), Selection::EVERYTHING).unwrap().manifest.release, "1.4.2");
    assert!(verified(&to).is_sound());
    // Evidence that is gone is no evidence.
    fs::remove_dir_all(place.path().join(".assay/blobs")).unwrap();
    assert!(refused(Some(seq)).contains("of the dossier"));
}

#[test]
fn an_earlier_assessment_is_bundled_with_the_whole_log_and_says_that_there_are_later_records() {
    let (place, seq) = place();
    place.observed("net.tcp-ports", at(10));
    let (_, later) = assess::record(place.path(), at(11)).unwrap();
    let to = out(&place, "first.assay");
    let size = bundle(place.path(), &to, Some(seq), Selection::EVERYTHING).unwrap().manifest.log.size;
    assert_eq!(size, later + 3, "with the unit verdicts and the test result beside the later one");
    let verification = verified(&to);
    assert!(verification.is_sound());
    assert!(step(&verification, "verdicts").1.starts_with("2 recorded assessments"));
    assert!(step(&verification, "later records").1.starts_with("1 measurements and statements and 1 assessments"));
}

#[test]
fn a_key_and_a_checkpoint_from_elsewhere_make_more_be_shown_or_refuse() {
    let (place, _) = place();
    let first = bundled(&place, "first.assay");
    let bytes = fs::read(&first.at).unwrap();
    let opened = Bundle::open(&bytes, LIMITS).unwrap();
    let key =
        opened.files().find_map(|(part, _)| matches!(part, Part::Key(_)).then(|| opened.text(part).unwrap()));
    let (key_file, kept) = (out(&place, "key"), out(&place, "kept.txt"));
    fs::write(&key_file, key.unwrap()).unwrap();
    fs::write(&kept, opened.text(&Part::Checkpoint).unwrap()).unwrap();
    assess::record(place.path(), at(20)).unwrap();
    let second = bundled(&place, "second.assay");
    let against = Against::read(Some(&key_file), Some(&kept)).unwrap();
    let verification = verify(&second.at, &against).unwrap();
    assert!(verification.is_sound());
    assert_eq!(step(&verification, "root key").0, Taken::Done);
    assert_eq!(step(&verification, "continuation").0, Taken::Done);

    let stranger = out(&place, "stranger");
    fs::write(&stranger, SigningKey::from_seed(&[9; 32]).verifying_key().to_pem().unwrap()).unwrap();
    let refused = verify(&second.at, &Against::read(Some(&stranger), None).unwrap()).unwrap();
    assert_eq!(refused.failed.unwrap().item, "record 0");
    fs::write(
        &kept,
        Bundle::open(&fs::read(&second.at).unwrap(), LIMITS).unwrap().text(&Part::Checkpoint).unwrap(),
    )
    .unwrap();
    let rolled_back = verify(&first.at, &Against::read(None, Some(&kept)).unwrap()).unwrap();
    let failed = rolled_back.failed.unwrap();
    assert!(failed.item == "the checkpoint that was kept" && failed.why.contains("rolled back"), "{failed}");
    assert!(Against::read(Some(&kept), None).unwrap_err().to_string().contains("read the key"));
    assert!(Against::read(None, Some(&key_file)).unwrap_err().to_string().contains("read the checkpoint"));
}

/// Appends a record of a kind that no program knows yet, with these kept bytes named in it.
fn append_of_later_kind(place: &Workspace, named: Digest) {
    let folder = place.path().join(".assay");
    let key = SigningKey::from_pem(&fs::read_to_string(folder.join("key.pem")).unwrap()).unwrap();
    let mut store = SqliteStore::open(&folder).unwrap();
    let kind = "urn:assay:forecast:v7";
    let draft = Draft {
        kind: kind.to_owned(),
        subjects: vec![Subject::new("x", named)],
        recorded_at: at(50).to_string(),
        record: serde_json::json!({"parts": [{"of": named}], "other": Digest::of(b"never kept")}),
    };
    let sealed = store.head().unwrap().seal(draft, &key, "assay.local/workspace", &key).unwrap();
    store.append(kind, &sealed.body, &sealed.note).unwrap();
}

#[test]
fn records_of_later_kinds_are_carried_with_what_they_name_and_verified() {
    let (place, _) = place();
    let named = SqliteStore::open(&place.path().join(".assay")).unwrap().put_blob(b"of another day").unwrap();
    append_of_later_kind(&place, named);
    let full = bundled(&place, "x.assay");
    let bytes = fs::read(&full.at).unwrap();
    assert_eq!(Bundle::open(&bytes, LIMITS).unwrap().read(&Part::Blob(named)).unwrap(), b"of another day");
    let verification = verified(&full.at);
    assert!(verification.is_sound(), "{:#?}", verification.failed);
    assert!(step(&verification, "unknown kinds").1.contains("1 of kind urn:assay:forecast:v7"));
    // What might be private stays behind too, and is listed.
    let to = out(&place, "redacted.assay");
    let redacted = bundle(place.path(), &to, None, Selection::without(Material::is_private)).unwrap();
    assert!(redacted.manifest.withheld.iter().any(|w| w.digest == named && w.kind == "other"));
    assert!(verified(&to).is_sound());
}

#[test]
fn a_bundle_without_private_pieces_verifies_and_lists_each_of_them() {
    let (place, _) = place();
    let to = out(&place, "redacted.assay");
    let redacted = bundle(place.path(), &to, None, Selection::without(Material::is_private)).unwrap();
    let kinds: Vec<&str> = redacted.manifest.withheld.iter().map(|w| w.kind.as_str()).collect();
    assert_eq!(kinds.len(), 2);
    assert!(kinds.contains(&"raw") && kinds.contains(&"photo"), "{kinds:?}");
    let text = String::from_utf8_lossy(&fs::read(&to).unwrap()).into_owned();
    assert!(!text.contains("what the camera saw"));
    let verification = verified(&to);
    assert!(verification.is_sound(), "{:#?}", verification.failed);
    assert!(step(&verification, "withheld").1.ends_with("1 photo, 1 raw"));
    assert!(step(&verification, "readings not taken").1.contains("1 with a withheld raw log"));
}
