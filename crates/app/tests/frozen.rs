//! Records that were written once and have to read for ever: a small ledger with one of each kind, as files.
//!
//! The files are never written again. A new kind, or a new version of one, gets a ledger of its own beside these:
//! `cargo test -p app --test frozen -- --ignored` writes the folder that is not there yet.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use app::history::History;
use app::test_result::TestResult;
use app::unit_verdicts::UnitVerdicts;
use app::verdicts::AssessmentRecord;
use ledger::{
    Checkpoint, Digest, Draft, Entry, Head, Holder, KeyRecord, PublicKey, Role, SigningKey, Subject, Trust,
    VerifyingKey, predicate, verify_log,
};
use model::{KeptArtefact, Observation, Release, Review, Stamped, Statement};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frozen/ledger-1")
}

/// The leaves in their order, with the names of their files.
fn leaves() -> Vec<(String, Vec<u8>)> {
    let named = |name: String| (name.clone(), fs::read(folder().join(name)).unwrap());
    let names = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".json")).collect();
    names.sort();
    names.into_iter().map(named).collect()
}

fn text(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

/// Reads a record as its kind and writes it again: not a member may be lost or changed.
fn same<T: Serialize + DeserializeOwned>(record: &Value) -> bool {
    serde_json::to_value(serde_json::from_value::<T>(record.clone()).unwrap()).unwrap() == *record
}

#[test]
fn every_frozen_record_reads_without_loss_and_its_signature_still_verifies() {
    let leaves = leaves();
    let root = VerifyingKey::from_pem(&text("root.pem")).unwrap();
    let bodies = || leaves.iter().map(|(_, body)| body.clone());
    let summary = verify_log(bodies(), Trust::Root(root), &text("checkpoint.txt")).unwrap();
    assert_eq!(summary.size, leaves.len() as u64);
    for (name, body) in &leaves {
        let entry = Entry::read_unverified(body).unwrap();
        let record = entry.record();
        let is_same = match entry.kind() {
            predicate::OBSERVATION => same::<Observation>(record),
            predicate::STATEMENT => same::<Statement>(record),
            predicate::ARTEFACT => same::<KeptArtefact>(record),
            predicate::ASSESSMENT => same::<AssessmentRecord>(record),
            predicate::DOSSIER_REVISION => record["files"].as_object().is_some_and(|files| !files.is_empty()),
            predicate::KEY => same::<KeyRecord>(record),
            predicate::RELEASE => same::<Release>(record),
            predicate::REVIEW => same::<Review>(record),
            predicate::UNIT_VERDICT => same::<UnitVerdicts>(record),
            predicate::TIMESTAMP => same::<Stamped>(record),
            predicate::TEST_RESULT => same::<TestResult>(record),
            other => panic!("{name}: nothing reads {other}"),
        };
        assert!(is_same, "{name}: {record:#}");
        // Altered by one bit, none verifies.
        let mut altered: Vec<Vec<u8>> = bodies().collect();
        let at = altered.iter().position(|leaf| leaf == body).unwrap();
        let middle = body.len() / 2;
        altered[at][middle] ^= 1;
        assert!(verify_log(altered, Trust::Root(root), &text("checkpoint.txt")).is_err(), "{name}");
    }
    let history = History::of(leaves.iter().map(|(_, body)| body.as_slice())).unwrap();
    let evidence = history.evidence();
    assert_eq!((evidence.observations.len(), evidence.statements.len(), history.kept().len()), (1, 1, 1));
    assert_eq!((history.judged().len(), history.reviews().len(), history.revisions().len()), (1, 1, 1));
    assert_eq!(evidence.statements[0].body.last_true().to_string(), "2026-11-02T00:00:00Z");
}

#[test]
fn every_kind_of_record_has_a_frozen_example() {
    let read = |(_, body): &(String, Vec<u8>)| Entry::read_unverified(body).unwrap().kind().to_owned();
    let kinds: BTreeSet<String> = leaves().iter().map(read).collect();
    let missing: Vec<&str> = predicate::ALL.into_iter().filter(|kind| !kinds.contains(*kind)).collect();
    assert!(missing.is_empty(), "no frozen example of {missing:?}");
}

#[test]
#[ignore = "writes files; only for a folder that is not there yet"]
fn a_ledger_of_every_kind_is_written_once() {
    assert!(!folder().exists(), "what is frozen is never written again");
    fs::create_dir_all(folder()).unwrap();
    let key = SigningKey::from_seed(&[42; 32]);
    let digest = |text: &str| Digest::of(text.as_bytes());
    let mut head = Head::new();
    let mut note = String::new();
    for (at, (kind, about, record)) in records(&key).into_iter().enumerate() {
        let subjects = vec![Subject::new(about, digest(about))];
        let recorded_at = format!("2026-11-30T12:00:{at:02}Z");
        let sealed = head.seal(Draft { kind: kind.to_owned(), subjects, recorded_at, record }, &key, LOG, &key);
        let sealed = sealed.unwrap();
        let word = kind.trim_start_matches("urn:assay:").trim_end_matches(":v1").rsplit("attestation/").next();
        let name = format!("{at:02}-{}.json", word.unwrap().replace(['/', '.'], "-"));
        fs::write(folder().join(name), &sealed.body).unwrap();
        (head, note) = (sealed.head, sealed.note);
    }
    fs::write(folder().join("checkpoint.txt"), note).unwrap();
    fs::write(folder().join("root.pem"), key.verifying_key().to_pem().unwrap()).unwrap();
}

const LOG: &str = "assay.example/frozen";

/// One record of each kind, with every member that may be there.
fn records(key: &SigningKey) -> Vec<(&'static str, &'static str, Value)> {
    let digest = |text: &str| Digest::of(text.as_bytes());
    let holder = Holder { organisation: "Example Ltd".into(), person: "R. Example".into() };
    let enter = KeyRecord::Enter { public_key: PublicKey(key.verifying_key()), holder, role: Role::Log };
    let dut = json!({
        "model": "M-1", "release": "1.0", "serial": "0042", "firmware": "1.0", "firmware_digest": digest("image"),
        "proofs": ["http-text: M-1", "firmware: 1.0"],
    });
    let declared = json!({
        "model": "M-1", "release": "1.0", "serial": "0042", "firmware_digest": digest("image"), "proofs": [],
    });
    let file =
        json!({"digest": digest("kept"), "salted": true, "size": 4, "kind": "capture", "name": "boot.pcapng"});
    let effective = json!({"from": "2026-11-01T00:00:00Z", "until": "2026-11-02T00:00:00Z"});
    let endpoint = json!({"address": "192.0.2.7", "transport": "tcp", "port": 443});
    let mut kept = file.clone();
    let more = json!({
        "about": ["5.1-2-1c@AuthMech-Web"], "release": "1.0", "person": "T. Ester", "role": "test laboratory",
        "kept": "2026-11-30T11:00:00Z", "effective": effective, "level": "measured",
        "valid_until": "2027-11-02T00:00:00Z", "dut": declared, "place": "lan", "remark": "at power-on",
        "tool": "assay 0.1.0", "openings": digest("openings"),
    });
    kept.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let checkpoint = Checkpoint { origin: LOG.into(), size: 9, root: digest("another root") };
    vec![
        (predicate::KEY, "key", serde_json::to_value(enter).unwrap()),
        (predicate::DOSSIER_REVISION, "assay.toml", json!({"files": {"assay.toml": digest("assay")}})),
        (
            predicate::OBSERVATION,
            "net.tcp-ports:dut",
            json!({
                "run": {
                    "probe": "net.tcp-ports", "revision": 1, "parameters": {"ports": "[[1,65535]]"}, "target": "dut",
                    "place": "lan",
                },
                "step": {
                    "run": "00112233445566778899aabbccddeeff", "began": "2026-11-30T10:00:00Z",
                    "plan": digest("plan"), "number": 2, "of": 9, "attempts": {"AuthMech-Web": 3},
                },
                "dut": dut, "began": "2026-11-30T10:00:01Z", "ended": "2026-11-30T10:00:02.500Z",
                "tool": "assay 0.1.0", "operator": "O. Perator", "level": "reproducible",
                "valid_until": "2027-02-28T10:00:02.500Z", "raw": digest("raw"), "salted": true,
                "openings": digest("openings"),
                "reading": {
                    "facts": [{
                        "fact": "identity", "means": "http-text", "expected": "M-1", "seen": "status 200, title M-1",
                        "agrees": true, "firmware": "1.0",
                    }],
                    "coverage": [{"of": "tcp-ports", "ports": [[1, 65535]], "text": "tcp 1-65535 at 192.0.2.7 from lan"}],
                    "shortfalls": [{
                        "kind": "silence", "of": "tcp-ports", "endpoint": endpoint, "text": "443: silence, three tries",
                    }],
                },
            }),
        ),
        (
            predicate::STATEMENT,
            "5.1-2-1c@AuthMech-Web",
            json!({
                "edition": "3.1.3", "unit": "5.1-2-1c", "entry": "AuthMech-Web", "release": "1.0",
                "person": "T. Ester", "role": "test laboratory", "stated": "2026-11-30T11:00:00Z",
                "effective": effective, "criteria": [{"criterion": "it holds", "verdict": "pass"}],
                "reasoning": "looked at", "artefacts": [file], "level": "measured",
                "valid_until": "2027-11-02T00:00:00Z", "dut": declared, "place": "lan", "tool": "assay 0.1.0",
                "openings": digest("openings"),
            }),
        ),
        (predicate::ARTEFACT, "boot.pcapng", kept),
        (
            predicate::RELEASE,
            "release 1.0",
            json!({
                "version": "1.0", "date": "2026-11-30", "follows": "0.9", "dossier": 1,
                "firmware": {"digest": digest("image"), "size": 5, "name": "image.bin", "kept": file},
                "sbom": file,
                "components": [{"name": "zlib", "version": "1.3.1", "purl": "pkg:generic/zlib@1.3.1"}],
                "notes": "the first",
            }),
        ),
        (
            predicate::ASSESSMENT,
            "M 1.0",
            json!({
                "edition": "3.1.3", "product": "M", "release": "1.0", "at": "2026-11-30T12:00:05Z", "ruleset": 3,
                "tool": "assay 0.1.0", "dossier": 1, "mandatory": "open", "recommended": "pass",
                "verdicts": digest("verdicts"),
                "outcomes": [
                    {"unit": "5.1-2-1c", "table": "AuthMech", "entry": "AuthMech-Web", "outcome": "pass"},
                    {"unit": "5.6-1-2c", "outcome": "not-applicable"},
                ],
            }),
        ),
        (
            predicate::UNIT_VERDICT,
            "unit verdicts of M 1.0",
            json!({
                "assessment": 6, "edition": "3.1.3", "release": "1.0", "at": "2026-11-30T12:00:05Z", "ruleset": 3,
                "verdicts": [{"of": "5.1-2-1c@AuthMech-Web", "outcome": "pass", "by": "person", "on": [2, 3]}],
            }),
        ),
        (
            predicate::TEST_RESULT,
            "verdicts on M 1.0",
            json!({
                "result": "FAILED", "record": {"assessment": 6},
                "configuration": [
                    {"name": "assay.toml", "digest": {"sha256": digest("assay").hex()}},
                    {"name": "rule set 3", "uri": "urn:assay:ruleset:3"},
                ],
                "passedTests": ["5.1-2-1c@AuthMech-Web"], "warnedTests": [], "failedTests": [],
                "undecidedTests": ["5.1-1-1a@AuthMech-Web"],
            }),
        ),
        (
            predicate::REVIEW,
            "judged of record 6",
            json!({
                "assessment": 6, "verdicts": digest("verdicts"), "release": "1.0", "checkpoint": "judged",
                "decision": "approve", "reasons": "read in full", "person": "R. Viewer", "role": "reviewer",
                "reviewed": "2026-11-30T12:00:08Z",
            }),
        ),
        (
            predicate::TIMESTAMP,
            "checkpoint over 9 records",
            json!({
                "checkpoint": checkpoint.sign(key).unwrap().to_string(), "size": 9, "token": digest("token"),
                "time": "2026-11-30T12:00:09Z", "policy": "1.2.3.4.1", "serial": "0b",
            }),
        ),
    ]
}
