//! Questions answered from real assessments: what is there with what it rests on, and what is not there as open.
#![allow(clippy::unwrap_used)]

mod workspace;

use std::path::Path;

use app::answers::answers;
use model::Outcome;
use report::answers::{Answers, Audience, Question, Source, State};
use workspace::{Workspace, at};

fn question<'a>(told: &'a Answers, id: &str) -> &'a Question {
    told.questions().find(|question| question.id == id).unwrap_or_else(|| panic!("{id}"))
}

fn all_cited(told: &Answers) {
    for question in told.questions() {
        for said in &question.said {
            assert!(
                !said.text.is_empty() && !said.cites.is_empty(),
                "{}: {} cites nothing",
                question.id,
                said.what
            );
            for cite in &said.cites {
                let known = match cite.source {
                    Source::Declared => cite.place.as_ref().is_some_and(|at| at.line > 0),
                    Source::Observed | Source::Stated => {
                        cite.record.is_some() && cite.digest.is_some() && cite.when.is_some()
                    }
                    Source::Rule => !cite.fact.is_empty(),
                };
                assert!(known, "{}: {cite:?}", question.id);
            }
        }
        match question.state {
            State::Answered => assert!(!question.said.is_empty() && question.open.is_empty(), "{}", question.id),
            State::Partly => assert!(!question.said.is_empty() && !question.open.is_empty(), "{}", question.id),
            State::Open => assert!(question.said.is_empty() && !question.open.is_empty(), "{}", question.id),
            State::NotApplicable | State::NotClaimed => assert!(!question.said.is_empty(), "{}", question.id),
        }
    }
}

#[test]
fn every_question_of_both_editions_is_answered_with_citations_or_open_with_a_step() {
    for sample in ["smart-plug", "smart-plug-v2.1.1"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples").join(sample);
        let told = answers(&folder, at(0)).unwrap();
        assert!(told.questions().count() > 200);
        all_cited(&told);
        for question in told.questions() {
            for open in &question.open {
                assert!(open.next.is_some(), "{}: {}", question.id, open.missing);
            }
        }
    }
}

#[test]
fn a_skeleton_is_open_everywhere_and_invents_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at_folder = folder.path().join("new");
    app::folder::create(&at_folder, &app::skeleton(model::Edition::V3_1_3, "Thing")).unwrap();
    let told = answers(&at_folder, at(0)).unwrap();
    for question in told.questions() {
        assert!(!matches!(question.state, State::Answered), "{}: {:?}", question.id, question.said);
    }
    let open = question(&told, "5.1-1.customer.1");
    assert_eq!(open.state, State::Open);
    assert!(open.open.iter().any(|one| one.missing == "the ICS gives no answer to 5.1-1 that counts"), "{open:?}");
}

#[test]
fn a_declaration_is_quoted_with_its_line() {
    let workspace = Workspace::sample();
    let told = answers(workspace.path(), at(0)).unwrap();
    let policy = question(&told, "5.3-13.customer.1");
    assert_eq!(policy.state, State::Answered);
    let place = policy.said[0].cites[0].place.as_ref().unwrap();
    let text = std::fs::read_to_string(workspace.path().join(&place.path)).unwrap();
    let line = text.lines().nth(place.line as usize - 1).unwrap();
    assert!(line.contains("Support Period"), "{line}");
    let first = policy.said[0].text.0.split_whitespace().next().unwrap();
    assert!(text.contains(first));
}

#[test]
fn tests_answer_only_when_they_are_decided_and_name_the_record_or_the_person() {
    let workspace = Workspace::sample();
    let id = "5.2-2.auditor.1";
    let before = answers(workspace.path(), at(0)).unwrap();
    assert_eq!(question(&before, id).state, State::Partly);
    let missing = |told: &Answers| question(told, id).open.iter().map(|o| o.missing.clone()).collect::<Vec<_>>();
    assert!(missing(&before).iter().any(|line| line.contains("VulnTypes-Firmware")), "{:?}", missing(&before));

    let seq = workspace.stated("5.2-2-1a", Some("VulnTypes-Firmware"), at(5));
    let after = answers(workspace.path(), at(10)).unwrap();
    all_cited(&after);
    let said = question(&after, id).said.iter().find(|said| said.what == "5.2-2-1a, pass").unwrap();
    let cite = said.cites.iter().find(|cite| cite.source == Source::Stated).unwrap();
    assert_eq!((cite.record, cite.by.as_str()), (Some(seq), "A. Laborant (test laboratory)"));
    assert_eq!(cite.when, Some(at(5)));
    assert!(
        !missing(&after).iter().any(|line| line.contains("5.2-2-1a @ VulnTypes-Firmware")),
        "{:?}",
        missing(&after)
    );

    let ports = workspace.observed("net.tcp-ports", at(20));
    let told = answers(workspace.path(), at(30)).unwrap();
    let cited: Vec<_> =
        told.questions().flat_map(|q| &q.said).flat_map(|s| &s.cites).filter_map(|c| c.record).collect();
    assert!(cited.contains(&ports));
}

#[test]
fn what_does_not_apply_or_is_not_claimed_says_why() {
    let workspace = Workspace::sample();
    let told = answers(workspace.path(), at(0)).unwrap();
    let inapplicable = question(&told, "5.3-14.customer.1");
    assert_eq!(inapplicable.state, State::NotApplicable);
    assert!(inapplicable.said[0].text.0.contains("condition 3"), "{inapplicable:?}");
    let refused = question(&told, "5.3-4A.authority.1");
    assert_eq!(refused.state, State::NotClaimed);
    let words: Vec<&str> = refused.said.iter().map(|said| said.what.as_str()).collect();
    assert_eq!(words, ["detail", "rationale", "compensating control", "looked at again by"]);
    assert!(refused.open.is_empty());
    let late = answers(workspace.path(), model::Timestamp::parse("2028-01-01").unwrap()).unwrap();
    let late = question(&late, "5.3-4A.authority.1");
    assert_eq!(late.open[0].missing, "it was to be looked at again by 2027-06-30");
}

#[test]
fn an_open_verdict_is_never_told_as_an_answer() {
    let workspace = Workspace::sample();
    let told = answers(workspace.path(), at(0)).unwrap();
    for asked in told.clauses.iter().flat_map(|clause| &clause.provisions) {
        let open = matches!(asked.outcome, Outcome::Open | Outcome::Inconclusive);
        for question in &asked.questions {
            let verdicts = question.said.iter().filter(|said| said.what == "verdict").count();
            assert!(!open || verdicts == 0, "{}", question.id);
        }
        for audience in [Audience::Auditor, Audience::Customer, Audience::Authority] {
            assert!(asked.questions.iter().any(|question| question.audience == audience), "{}", asked.id);
        }
    }
}
