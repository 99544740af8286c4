//! What stands beside an assessment, and files that are evidence by themselves.
#![allow(clippy::unwrap_used)]

mod workspace;

use std::path::PathBuf;

use app::assess;
use app::attach::{AttachError, Draft, attach};
use app::records::Records;
use app::test_result::{Result as Told, TestResult};
use app::unit_verdicts::UnitVerdicts;
use ledger::{Entry, predicate};
use model::{Level, Outcome, Period};
use store::{SqliteStore, Store as _};
use workspace::{Workspace, at};

/// The only record of a kind.
fn record(place: &Workspace, kind: &str) -> (Vec<u8>, Entry) {
    let store = SqliteStore::open(&place.path().join(".assay")).unwrap();
    let mut leaves = store.by_kind(kind).unwrap();
    assert_eq!(leaves.len(), 1, "{kind}");
    let leaf = leaves.remove(0);
    let entry = Entry::read_unverified(&leaf.body).unwrap();
    (leaf.body, entry)
}

#[test]
fn every_unit_verdict_is_recorded_with_what_it_rests_on_and_no_text_of_a_product() {
    let place = Workspace::sample();
    let seen = place.observed("net.tcp-ports", at(1));
    let (assessed, seq) = assess::record(place.path(), at(2)).unwrap();
    let (leaf, entry) = record(&place, predicate::UNIT_VERDICT);
    let units: UnitVerdicts = serde_json::from_value(entry.into_record()).unwrap();
    assert_eq!((units.assessment, units.ruleset), (seq, engine::RULESET));
    assert_eq!(units.verdicts.len(), assessed.assessment.instances.len());
    for (told, instance) in units.verdicts.iter().zip(&assessed.assessment.instances) {
        assert_eq!(told.outcome, instance.judgement.outcome, "{}", told.of);
        assert!(told.of.starts_with(instance.id.unit.as_str()));
    }
    assert!(units.verdicts.iter().any(|v| v.on == [seen]), "what rests on the measurement names it");
    let reasons = assessed.assessment.instances.iter().map(|i| i.judgement.because.as_str());
    let text = serde_json::to_string(&units).unwrap();
    assert!(reasons.filter(|r| r.len() > 20).all(|reason| !text.contains(reason)));
    assert!(leaf.len() < 250 * units.verdicts.len(), "{} bytes for {}", leaf.len(), units.verdicts.len());
}

#[test]
fn a_test_result_reads_as_in_toto_defines_it_and_calls_nothing_passed_that_is_not() {
    let place = Workspace::sample();
    place.observed("net.tcp-ports", at(1));
    let (assessed, seq) = assess::record(place.path(), at(2)).unwrap();
    let (leaf, entry) = record(&place, predicate::TEST_RESULT);
    // As a reader sees it that knows in-toto and not us.
    let envelope: serde_json::Value = serde_json::from_slice(&leaf).unwrap();
    let payload = envelope["payload"].as_str().unwrap();
    let payload =
        ledger::Envelope::from_bytes(&leaf).map(|e| e.payload().unwrap()).unwrap_or_else(|_| payload.into());
    let statement: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(statement["predicateType"], "https://in-toto.io/attestation/test-result/v0.1");
    let predicate = &statement["predicate"];
    assert_eq!(predicate["result"], "FAILED", "mandatory provisions are open");
    let resources = predicate["configuration"].as_array().unwrap();
    assert!(resources.iter().all(|r| r["uri"].is_string() || r["digest"]["sha256"].is_string()));
    assert!(resources.iter().any(|r| r["name"] == "assay.toml"));
    let told: TestResult = serde_json::from_value(entry.into_record()).unwrap();
    assert_eq!((told.record.assessment, told.result), (seq, Told::Failed));
    let count = |outcomes: &[Outcome]| {
        assessed.assessment.instances.iter().filter(|i| outcomes.contains(&i.judgement.outcome)).count()
    };
    assert_eq!(told.passed_tests.len() + told.warned_tests.len(), count(&[Outcome::Pass]));
    assert_eq!(told.failed_tests.len(), count(&[Outcome::Fail]));
    let undecided = count(&[Outcome::Open, Outcome::Inconclusive]);
    assert!(undecided > 0);
    assert_eq!(told.undecided_tests.len(), undecided);
    // The ledger verifies with all of it, and the assessment still comes out again.
    assert!(app::rejudge::rejudge(place.path(), false).unwrap()[0].identical);
}

fn draft(file: PathBuf) -> Draft {
    Draft {
        file,
        kind: "capture".to_owned(),
        about: vec!["AuthMech-Web".to_owned(), "5.1-2-1c@AuthMech-Web".to_owned(), "5.1-2".to_owned()],
        person: " T. Ester ".to_owned(),
        role: "test laboratory".to_owned(),
        effective: Some(Period::parse("1970-01-01T00:00:01Z/1970-01-01T00:00:03Z").unwrap()),
        place: Some("access-point".to_owned()),
        remark: "the boot of the unit".to_owned(),
        key: None,
    }
}

#[test]
fn a_file_is_kept_with_when_it_was_true_and_settles_nothing() {
    let place = Workspace::sample();
    let file = place.path().join("boot.pcapng");
    std::fs::write(&file, b"bytes of a capture").unwrap();
    let before = assess::assess(place.path(), at(9)).unwrap().assessment;
    let kept = attach(place.path(), draft(file), at(9)).unwrap();
    let records = Records::open(place.path()).unwrap();
    let history = records.history().unwrap();
    let recorded = &history.kept()[0];
    assert_eq!((recorded.seq, &recorded.body), (kept.seq, &kept.record));
    let body = &recorded.body;
    assert_eq!((body.person.as_str(), body.level, body.kept), ("T. Ester", Level::Measured, at(9)));
    assert_eq!(body.dut.serial.as_deref(), Some("LPC1-61443124"));
    assert_eq!(body.valid_until.unwrap().millis(), 3000 + 365 * 86_400_000, "it ages from when it was true last");
    assert_eq!(records.read_evidence(&body.artefact.digest, true).unwrap(), b"bytes of a capture");
    assert_eq!(assess::assess(place.path(), at(9)).unwrap().assessment, before);
}

#[test]
fn a_file_about_nothing_of_an_unknown_kind_or_from_the_future_is_refused_and_nothing_recorded() {
    let place = Workspace::sample();
    let file = place.path().join("boot.pcapng");
    std::fs::write(&file, b"bytes").unwrap();
    let refused = |change: &dyn Fn(&mut Draft)| {
        let mut draft = draft(file.clone());
        change(&mut draft);
        attach(place.path(), draft, at(9)).unwrap_err()
    };
    for about in ["AuthMech-Wob", "9.9-9", "5.1-2-1c@AuthMech-Wob", "", "@"] {
        let error = refused(&|d| d.about = vec![about.to_owned()]);
        assert!(matches!(error, AttachError::About(_)), "{about}: {error}");
    }
    assert!(matches!(refused(&|d| d.kind = "hearsay".to_owned()), AttachError::Kind(_)));
    assert!(matches!(refused(&|d| d.person = " ".to_owned()), AttachError::Nobody));
    assert!(matches!(refused(&|d| d.effective = Some(Period::moment(at(10)))), AttachError::Future(_)));
    assert!(matches!(refused(&|d| d.file = "not there".into()), AttachError::Read { .. }));
    assert!(!Records::exist(place.path()));
}
