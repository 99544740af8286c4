//! Keys as a user handles them: shown, entered, replaced, ended, in files and in the environment.
#![allow(clippy::unwrap_used)]

mod program;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use program::Bench;
use serde_json::Value;

fn keys(bench: &Bench) -> Vec<Value> {
    let shown: Value = serde_json::from_str(&bench.done(&["key", "show", "plug", "--json"])).unwrap();
    shown["keys"].as_array().unwrap().clone()
}

fn id(key: &Value) -> &str {
    key["id"].as_str().unwrap()
}

#[test]
fn the_first_record_makes_a_key_that_belongs_to_the_manufacturer() {
    let bench = Bench::new();
    assert!(bench.run(&["key", "show", "plug"]).said.contains("nothing is recorded yet"));
    assert_eq!(bench.state(&[]).exit, 0);
    let keys = keys(&bench);
    assert_eq!(keys.len(), 1);
    assert_eq!((&keys[0]["role"], &keys[0]["from"], &keys[0]["root"]), (&"log".into(), &0.into(), &true.into()));
    assert_eq!(keys[0]["holder"]["organisation"], "Lumen Demonstration");
    let shown = bench.run(&["key", "show", "plug"]);
    assert!(shown.data.contains("this workspace signs with it"), "{}", shown.data);
    assert!(shown.said.contains("compare it"), "trust on first use is said: {}", shown.said);
    let pem = bench.done(&["key", "export", "--folder", "plug"]);
    assert!(pem.contains(keys[0]["publicKey"].as_str().unwrap()));
    assert_eq!(pem, bench.done(&["key", "export", id(&keys[0]), "--folder", "plug"]));
}

#[test]
fn a_laboratory_signs_with_its_own_key_from_when_it_is_entered_until_it_is_revoked() {
    let bench = Bench::new();
    assert_eq!(bench.state(&[]).exit, 0);
    let lab = bench.done(&["key", "new", "lab.pem"]);
    let mode = fs::metadata(bench.path("lab.pem")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let early = bench.state(&["--key", "lab.pem"]);
    assert_eq!(early.exit, 1);
    assert!(
        early.said.contains("has not entered it") && early.said.contains("nothing was recorded"),
        "{}",
        early.said
    );
    let add = ["key", "add", "lab.pem", "--folder", "plug", "--role", "laboratory"];
    assert!(bench.refused(1, &add).contains("name who answers for it"));
    let lab_of = [&add[..], &["--person", "T. Ester", "--organisation", "Example Lab"]].concat();
    assert_eq!(bench.done(&lab_of), lab);
    assert!(bench.refused(1, &lab_of).contains("was entered before"));
    assert_eq!(bench.state(&["--key", "lab.pem"]).exit, 0);
    let listed: Value = serde_json::from_str(&bench.done(&["records", "plug", "--json"])).unwrap();
    assert_eq!(listed["records"].as_array().unwrap().len(), 5);
    bench.done(&["key", "revoke", &lab, "--folder", "plug", "--because", "the contract ended"]);
    let late = bench.state(&["--key", "lab.pem"]);
    assert_eq!(late.exit, 1);
    assert!(late.said.contains(&lab) && late.said.contains("its last leaf was 5"), "{}", late.said);
    // What it signed stays valid, and so does the ledger.
    bench.done(&["records", "plug"]);
    assert_eq!(keys(&bench)[1]["ended"]["revoked"], "the contract ended");
}

#[test]
fn a_rotated_key_is_replaced_in_its_file_and_the_ledger_still_verifies() {
    let bench = Bench::new();
    assert_eq!(bench.state(&[]).exit, 0);
    let before = fs::read(bench.path("plug/.assay/key.pem")).unwrap();
    let new = bench.done(&["key", "rotate", "plug"]);
    assert_ne!(fs::read(bench.path("plug/.assay/key.pem")).unwrap(), before);
    assert!(!bench.path("plug/.assay/key.next.pem").exists());
    assert_eq!(bench.state(&[]).exit, 0);
    let keys = keys(&bench);
    assert_eq!((id(&keys[1]), &keys[0]["ended"]["replaced-by"]), (new.as_str(), &new.as_str().into()));
    let own = bench.refused(1, &["key", "revoke", &new, "--folder", "plug", "--because", "lost"]);
    assert!(own.contains("rotate"), "{own}");
    // The old key, put back, signs nothing any more, and what it would have signed is not recorded.
    fs::write(bench.path("plug/.assay/key.pem"), before).unwrap();
    let old = bench.state(&[]);
    assert_eq!(old.exit, 1);
    assert!(old.said.contains("its last leaf was"), "{}", old.said);
}

#[test]
fn a_rotation_that_was_killed_half_way_is_completed_or_begun_again() {
    let bench = Bench::new();
    assert_eq!(bench.state(&[]).exit, 0);
    let (key, next) = (bench.path("plug/.assay/key.pem"), bench.path("plug/.assay/key.next.pem"));
    let old = fs::read(&key).unwrap();
    let new = bench.done(&["key", "rotate", "plug"]);
    // Killed after the record and before the file was replaced.
    fs::rename(&key, &next).unwrap();
    fs::write(&key, &old).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(bench.state(&[]).exit, 0);
    assert!(!next.exists());
    assert_eq!(
        bench.done(&["key", "export", "--folder", "plug"]),
        bench.done(&["key", "export", &new, "--folder", "plug"])
    );
    // Killed before the record: the key that waits is the one that is entered next.
    let waiting = bench.done(&["key", "new", "plug/.assay/key.next.pem"]);
    assert_eq!(bench.state(&[]).exit, 0);
    assert!(next.exists());
    assert_eq!(bench.done(&["key", "rotate", "plug"]), waiting);
    bench.done(&["records", "plug"]);
}

#[test]
fn the_key_of_a_workspace_may_be_in_the_environment_or_in_a_file_it_names() {
    let bench = Bench::new();
    let id = bench.done(&["key", "new", "signing.pem"]);
    let pem = fs::read_to_string(bench.path("signing.pem")).unwrap();
    let by_text = bench.with("ASSAY_KEY", &pem);
    assert_eq!(by_text.state(&[]).exit, 0);
    assert!(!by_text.path("plug/.assay/key.pem").exists(), "no key is made beside the one that was given");
    assert_eq!(keys(&by_text)[0]["id"], id.as_str());
    let rotation = by_text.refused(1, &["key", "rotate", "plug"]);
    assert!(rotation.contains("--to FILE"), "{rotation}");
    let both = by_text.with("ASSAY_KEY_FILE", "signing.pem");
    assert!(both.refused(1, &["key", "show", "plug"]).contains("both ASSAY_KEY and ASSAY_KEY_FILE"));

    let bench = Bench::new().with("ASSAY_KEY_FILE", "signing.pem");
    let missing = bench.state(&[]);
    assert!(missing.exit == 1 && missing.said.contains("signing.pem"), "{}", missing.said);
    bench.done(&["key", "new", "signing.pem"]);
    fs::set_permissions(bench.path("signing.pem"), fs::Permissions::from_mode(0o640)).unwrap();
    let open = bench.state(&[]);
    assert!(open.exit == 1 && open.said.contains("others can read it"), "{}", open.said);
    fs::set_permissions(bench.path("signing.pem"), fs::Permissions::from_mode(0o400)).unwrap();
    assert_eq!(bench.state(&[]).exit, 0);
}

#[test]
fn another_ledger_in_the_place_of_ours_does_not_verify() {
    let ours = Bench::new();
    let theirs = Bench::new();
    assert_eq!((ours.state(&[]).exit, theirs.state(&[]).exit), (0, 0));
    for file in ["ledger.sqlite", "ledger.sqlite-wal"] {
        let (from, to) = (theirs.path("plug/.assay").join(file), ours.path("plug/.assay").join(file));
        if from.exists() {
            fs::copy(from, to).unwrap();
        }
    }
    let said = ours.refused(20, &["records", "plug"]);
    assert!(said.contains("never signed for it"), "{said}");
    ours.refused(20, &["judge", "plug"]);
    // A reader who holds no key takes it for what it is.
    fs::remove_file(ours.path("plug/.assay/key.pem")).unwrap();
    ours.done(&["records", "plug"]);
    let unsigned = ours.state(&[]);
    assert!(unsigned.exit == 1 && unsigned.said.contains("ASSAY_KEY_FILE"), "{}", unsigned.said);
}
