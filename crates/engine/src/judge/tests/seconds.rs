//! Statements where the policy asks for a second person.

use model::{Confirmation, Decision};

use super::*;

const UNIT: &str = "5.1-4-1a";
const WEB: (&str, &str) = ("AuthMech", "AuthMech-Web");

fn asking(words: &str) -> Dossier {
    let assay = format!("{ASSAY}[policy]\ntwo-persons = [{words}]\n");
    read(&[("assay.toml", &assay), ("ics.toml", CLAIMED), ("ixit/1.toml", MECHANISM)])
}

fn said(evidence: &Evidence, statement: u64, person: &str, decision: Decision) -> Confirmation {
    let record = evidence.statements.iter().find(|s| s.seq == statement).unwrap();
    Confirmation {
        statement,
        digest: record.id,
        unit: record.body.unit.clone(),
        entry: record.body.entry.clone(),
        release: record.body.release.clone(),
        decision,
        reasons: "looked at the same".into(),
        person: person.into(),
        role: "test laboratory".into(),
        confirmed: day(50),
    }
}

fn one(verdict: Verdict) -> Evidence {
    evidence(vec![stated(UNIT, Some(WEB.1), 10, verdict)])
}

fn of(dossier: &Dossier, evidence: &Evidence) -> Judgement {
    judgement(&with(dossier, evidence, &[]), UNIT, Some(WEB)).clone()
}

fn confirmed(evidence: &Evidence, words: Vec<Confirmation>) -> Evidence {
    Evidence { confirmations: recorded(2000, words), ..evidence.clone() }
}

#[test]
fn a_stated_pass_is_open_until_somebody_else_has_confirmed_it() {
    let (dossier, alone) = (asking("\"all\""), one(Verdict::Pass));
    let judged = of(&dossier, &alone);
    assert_eq!(judged.outcome, Outcome::Open);
    assert!(judged.because.contains("no second person has confirmed it"), "{}", judged.because);
    assert!(matches!(&judged.gaps[0].next, Next::State { what } if what.contains("other than A. Tester")));
    let approve = said(&alone, 1000, "S. Econd", Decision::Approve);
    let judged = of(&dossier, &confirmed(&alone, vec![approve]));
    assert_eq!(judged.outcome, Outcome::Pass);
    let seqs: Vec<u64> = judged
        .grounds
        .iter()
        .filter_map(|g| if let Ground::Stated { seq, .. } = g { Some(*seq) } else { None })
        .collect();
    assert_eq!(seqs, [1000, 2000]);
    // Without the policy nobody else is asked.
    assert_eq!(of(&guarded(CLAIMED), &alone).outcome, Outcome::Pass);
}

#[test]
fn nothing_but_a_later_word_of_somebody_else_on_this_very_record_confirms() {
    let (dossier, alone) = (asking("\"all\""), one(Verdict::Pass));
    let approve = |person: &str| said(&alone, 1000, person, Decision::Approve);
    for (why, word) in [
        ("the first person", approve("A. Tester")),
        ("the first person, spelled otherwise", approve("  a\u{200b}.TESTER ")),
        ("nobody", approve(" . ")),
        ("another record", Confirmation { digest: Digest::of(b"x"), ..approve("S. Econd") }),
        ("another place", Confirmation { statement: 999, ..approve("S. Econd") }),
        ("no reasons", Confirmation { reasons: " ".into(), ..approve("S. Econd") }),
    ] {
        assert_eq!(of(&dossier, &confirmed(&alone, vec![word])).outcome, Outcome::Open, "{why}");
    }
    let before = Evidence { confirmations: recorded(999, vec![approve("S. Econd")]), ..alone.clone() };
    assert_eq!(of(&dossier, &before).outcome, Outcome::Open, "a word before the statement");
}

#[test]
fn what_one_person_sends_back_nobody_else_lifts() {
    let (dossier, alone) = (asking("\"all\""), one(Verdict::Pass));
    let word = |person: &str, decision| said(&alone, 1000, person, decision);
    let back = word("S. Econd", Decision::Return);
    let other = word("T. Hird", Decision::Approve);
    let judged = of(&dossier, &confirmed(&alone, vec![back.clone(), other.clone()]));
    assert_eq!(judged.outcome, Outcome::Open);
    assert!(judged.because.contains("S. Econd sends that back"), "{}", judged.because);
    let lifted = vec![back.clone(), other, word("S. Econd", Decision::Approve)];
    assert_eq!(of(&dossier, &confirmed(&alone, lifted)).outcome, Outcome::Pass);
    // It weighs where nobody was asked, too.
    assert_eq!(of(&guarded(CLAIMED), &confirmed(&alone, vec![back])).outcome, Outcome::Open);
}

#[test]
fn one_person_is_enough_to_find_a_fault_and_two_are_needed_to_lift_it() {
    let dossier = asking("\"5.1-4\"");
    assert_eq!(of(&dossier, &one(Verdict::Fail)).outcome, Outcome::Fail);
    let entry = Some(WEB.1);
    let both = evidence(vec![stated(UNIT, entry, 10, Verdict::Fail), stated(UNIT, entry, 20, Verdict::Pass)]);
    assert_eq!(of(&dossier, &both).outcome, Outcome::Fail, "an unconfirmed pass lifts no fail");
    let approve = said(&both, 1001, "S. Econd", Decision::Approve);
    assert_eq!(of(&dossier, &confirmed(&both, vec![approve])).outcome, Outcome::Pass);
    // A confirmed pass does not stand for a newer one that nobody confirmed.
    let again =
        evidence(vec![stated(UNIT, entry, 10, Verdict::Pass), stated(UNIT, entry, 20, Verdict::Inconclusive)]);
    let first = said(&again, 1000, "S. Econd", Decision::Approve);
    assert_eq!(of(&dossier, &confirmed(&again, vec![first])).outcome, Outcome::Inconclusive);
}

#[test]
fn the_policy_asks_by_unit_case_provision_clause_method_or_for_all() {
    let alone = one(Verdict::Pass);
    let method = Catalogue::of(NEW).unit_named(UNIT).unwrap().method;
    for word in ["all", UNIT, "5.1-4-1", "5.1-4", "5.1", method.as_str()] {
        assert_eq!(of(&asking(&format!("\"{word}\"")), &alone).outcome, Outcome::Open, "{word}");
    }
    for word in ["5.1-4-1b", "5.1-4-2", "5.1-5", "5.10"] {
        assert_eq!(of(&asking(&format!("\"{word}\"")), &alone).outcome, Outcome::Pass, "{word}");
    }
    assert_eq!(of(&asking("\"manul\""), &alone).outcome, Outcome::Open, "a slip of the pen takes nothing away");
    let notes = crate::lint::lint(&asking("\"manul\""));
    assert!(notes.iter().any(|n| n.code == "unknown-scope"), "{notes:?}");
}

#[test]
fn the_other_criterion_of_a_case_holds_only_once_it_is_confirmed() {
    let catalogue = Catalogue::of(NEW);
    let case = catalogue.cases.iter().find(|case| !case.verdict.or_when.is_empty()).unwrap();
    let unit =
        catalogue.units_of(&case.id).find(|unit| unit.for_each.is_none()).or(catalogue.units_of(&case.id).next());
    let unit = unit.unwrap();
    let provision = &catalogue.group(&case.group).unwrap().provision;
    let ics = format!("[[provision]]\nid = \"{provision}\"\nsupport = \"Y\"\n");
    let assay = format!("{ASSAY}[policy]\ntwo-persons = [\"all\"]\n");
    let dossier = read(&[("assay.toml", &assay), ("ics.toml", &ics)]);
    let mut statement = stated(unit.id.as_str(), None, 10, Verdict::Pass);
    statement.criteria[0].criterion.clone_from(&case.verdict.or_when[0]);
    let alone = evidence(vec![statement]);
    let passes = |evidence: &Evidence| {
        let judged = with(&dossier, evidence, &[]);
        judged.instances.iter().any(|i| i.case == case.id && i.judgement.outcome == Outcome::Pass)
    };
    assert!(!passes(&alone));
    assert!(passes(&confirmed(&alone, vec![said(&alone, 1000, "S. Econd", Decision::Approve)])));
}
