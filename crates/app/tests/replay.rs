//! Recorded assessments come out again: the same bytes for the same past, and an exact list where rules differ.
#![allow(clippy::unwrap_used)]

mod workspace;

use app::records::Records;
use app::rejudge::rejudge;
use app::replay::{judge, replay};
use app::{assess, folder};
use model::{Digest, Outcome, Timestamp};
use workspace::{Workspace, at};

#[test]
fn an_assessment_comes_out_again_whatever_was_declared_and_recorded_since() {
    let place = Workspace::sample();
    place.observed("net.tcp-ports", at(1));
    let (assessed, seq) = assess::record(place.path(), at(2)).unwrap();
    let bytes = app::verdicts::bytes(&assessed.assessment).unwrap();
    let assay = place.path().join("assay.toml");
    let text = std::fs::read_to_string(&assay).unwrap();
    std::fs::write(&assay, text.replace("1.4.2", "1.5.0")).unwrap();
    place.observed("net.tcp-ports", at(3));
    place.stated("5.1-1-1a", Some("AuthMech-Web"), at(4));
    let (_, later) = assess::record(place.path(), at(5)).unwrap();
    let records = Records::open(place.path()).unwrap();
    let history = records.history().unwrap();
    let again = replay(&history, seq, &mut |digest| Ok(records.blob(digest)?)).unwrap();
    assert_eq!(String::from_utf8(again.bytes).unwrap(), String::from_utf8(bytes).unwrap());
    assert_eq!(
        history.judged_at(seq).unwrap().record.verdicts,
        Digest::of(&app::verdicts::bytes(&again.assessment).unwrap())
    );
    assert_eq!(again.ledger.records, seq);
    let all = rejudge(place.path(), false).unwrap();
    assert_eq!(
        all.iter().map(|one| (one.record, one.identical)).collect::<Vec<_>>(),
        [(seq, true), (later, true)]
    );
    assert!(rejudge(place.path(), true).unwrap().is_empty(), "no other rule set judged anything");
}

#[test]
fn the_same_dossier_and_records_in_another_folder_give_the_same_bytes_without_a_path_of_this_machine() {
    let judged = |place: &Workspace| {
        place.observed("net.tcp-ports", at(1));
        place.stated("5.1-1-1a", Some("AuthMech-Web"), at(2));
        let records = Records::open(place.path()).unwrap();
        let (dossier, _) = folder::load(place.path()).unwrap();
        let evidence = records.evidence().unwrap();
        // The keys differ, and with them the digests of the records; no verdict shows either.
        app::verdicts::bytes(&judge(&dossier, &evidence, at(3))).unwrap()
    };
    let (one, other) = (Workspace::sample(), Workspace::sample());
    let bytes = judged(&one);
    assert_eq!(bytes, judged(&other));
    let text = String::from_utf8(bytes).unwrap();
    assert!(!text.contains(one.path().to_str().unwrap()));
    assert!(!text.contains("\"/"), "a path that begins at the root of a file system");
}

#[test]
fn an_assessment_of_a_past_that_has_moved_on_is_not_recorded() {
    let place = Workspace::sample();
    place.observed("net.tcp-ports", at(1));
    let (assessed, seq) = assess::record(place.path(), at(2)).unwrap();
    let mut records = Records::open(place.path()).unwrap();
    let history = records.history().unwrap();
    place.stated("5.1-1-1a", Some("AuthMech-Web"), at(3));
    let sources = &assessed.dossier.sources;
    assert_eq!(records.assessment(&history, sources, &assessed.assessment).unwrap(), None);
    assert_eq!(records.history().unwrap().judged().len(), 1);
    assert_eq!(records.history().unwrap().judged()[0].seq, seq);
}

#[test]
fn the_moment_of_a_recorded_assessment_is_not_before_the_newest_record() {
    let place = Workspace::sample();
    place.observed("net.tcp-ports", at(100));
    let (assessed, _) = assess::record(place.path(), at(2)).unwrap();
    assert_eq!(assessed.assessment.at, at(100));
}

#[test]
fn rejudging_lists_exactly_what_another_rule_set_decided_otherwise() {
    let place = Workspace::sample();
    place.observed("net.tcp-ports", at(1));
    let (assessed, first) = assess::record(place.path(), at(2)).unwrap();
    let mut older = assessed.assessment.clone();
    older.ruleset = 0;
    let turned = [3, 40];
    let mut expected = Vec::new();
    for index in turned {
        let instance = &mut older.instances[index];
        let new = instance.judgement.outcome;
        instance.judgement.outcome = if new == Outcome::Pass { Outcome::Fail } else { Outcome::Pass };
        expected.push((instance.id.to_string(), Some(instance.judgement.outcome), Some(new)));
    }
    let dropped = older.instances.remove(7);
    expected.insert(1, (dropped.id.to_string(), None, Some(dropped.judgement.outcome)));
    let mut records = Records::open(place.path()).unwrap();
    let history = records.history().unwrap();
    let seq = records.assessment(&history, &assessed.dossier.sources, &older).unwrap().unwrap();
    drop(records);
    let all = rejudge(place.path(), true).unwrap();
    assert_eq!(all.iter().map(|one| one.record).collect::<Vec<_>>(), [seq], "record {first} is of this rule set");
    let found: Vec<_> = all[0].changes.iter().map(|c| (c.instance.clone(), c.old, c.new)).collect();
    assert_eq!(found, expected);
    assert!(!all[0].stands() && !all[0].identical);
    let because = &assessed.assessment.instances[turned[0]].judgement.because;
    assert_eq!(&all[0].changes[0].because, because);
}

#[test]
fn an_older_rule_set_that_gave_the_same_outcomes_stands_and_a_lie_of_this_one_does_not() {
    let place = Workspace::sample();
    let (assessed, _) = assess::record(place.path(), at(2)).unwrap();
    let mut records = Records::open(place.path()).unwrap();
    let mut record = |ruleset: u32, because: &str| {
        let mut other = assessed.assessment.clone();
        (other.ruleset, other.instances[0].judgement.because) = (ruleset, because.to_owned());
        let history = records.history().unwrap();
        records.assessment(&history, &assessed.dossier.sources, &other).unwrap().unwrap()
    };
    let (older, lie) = (record(0, "other words"), record(engine::RULESET, "other words"));
    let all = rejudge(place.path(), false).unwrap();
    let stands = |seq| all.iter().find(|one| one.record == seq).unwrap().stands();
    assert!(stands(older));
    assert!(!stands(lie));
}

#[test]
fn a_dossier_text_that_is_gone_is_an_error_and_no_verdict() {
    let place = Workspace::sample();
    assess::record(place.path(), Timestamp::from_seconds(1)).unwrap();
    std::fs::remove_dir_all(place.path().join(".assay/blobs")).unwrap();
    let error = rejudge(place.path(), false).unwrap_err();
    assert!(app::is_broken_ledger(&error), "{error}");
    let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    assert!(cause.contains("find blob sha256:"), "{cause}");
}
