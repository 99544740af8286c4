//! What a verdict does and does not rest on, tried on small dossiers.

use std::collections::BTreeSet;

use catalogue::Catalogue;
use dossier::{Dossier, SourceText};
use model::{
    Artefact, CriterionVerdict, Digest, DutIdentity, Edition, Observation, Period, Place, ProbeRun, ProvisionId,
    Reading, Statement, Timestamp, UnitId, Verdict,
};

use super::*;
use crate::answer::Standing;
use crate::assessment::About;
use crate::judgement::{Gap, InstanceId};
use crate::plan::{Settle, plan_with};
use crate::view::Evidence;

mod seconds;
mod standpoints;

const NEW: Edition = Edition::V3_1_3;
const ASSAY: &str = "edition = \"3.1.3\"\n[[release]]\nversion = \"2.0\"\n";
const KINDS: [&str; 8] = ["photo", "screenshot", "log", "capture", "document", "value", "report", "sample"];

fn read(files: &[(&str, &str)]) -> Dossier {
    let source = |(path, text): &(&str, &str)| SourceText { path: (*path).into(), text: (*text).into() };
    let (dossier, notes) = dossier::read(files.iter().map(source).collect());
    assert!(notes.is_empty(), "{notes:?}");
    dossier
}

fn with(dossier: &Dossier, evidence: &Evidence, rules: &'static [UnitRule]) -> Assessment {
    judge_with(&view(dossier, evidence), rules)
}

fn view<'a>(dossier: &'a Dossier, evidence: &'a Evidence) -> View<'a> {
    View { catalogue: Catalogue::of(dossier.edition()), dossier, evidence, at: day(100) }
}

fn day(number: i64) -> Timestamp {
    Timestamp::from_seconds(number * 86_400)
}

fn provision<'a>(assessment: &'a Assessment, id: &str) -> &'a crate::ProvisionResult {
    assessment.provision(&ProvisionId::new(assessment.edition, id).unwrap()).unwrap()
}

fn judgement<'a>(assessment: &'a Assessment, unit: &str, entry: Option<(&str, &str)>) -> &'a Judgement {
    let unit = UnitId::new(assessment.edition, unit).unwrap();
    let entry = entry.map(|(table, id)| (table.to_owned(), id.to_owned()));
    &assessment.instance(&InstanceId { unit, entry }).unwrap().judgement
}

fn stated(unit: &str, entry: Option<&str>, when: i64, verdict: Verdict) -> Statement {
    let artefact = |kind: &&str| Artefact {
        digest: Digest::of(kind.as_bytes()),
        salted: false,
        size: 1,
        kind: (*kind).into(),
        name: (*kind).into(),
    };
    Statement {
        edition: NEW,
        unit: unit.into(),
        entry: entry.map(Into::into),
        release: "2.0".into(),
        person: "A. Tester".into(),
        role: "test laboratory".into(),
        stated: day(when),
        effective: None,
        criteria: vec![CriterionVerdict { criterion: "it holds".into(), verdict }],
        reasoning: "looked at it".into(),
        artefacts: KINDS.iter().map(artefact).collect(),
        level: None,
        valid_until: None,
        dut: None,
        place: None,
        tool: None,
        openings: None,
    }
}

fn evidence(statements: Vec<Statement>) -> Evidence {
    Evidence { statements: recorded(1000, statements), ..Evidence::default() }
}

fn recorded<T>(first: u64, bodies: Vec<T>) -> Vec<Recorded<T>> {
    let numbered = (first..).zip(bodies);
    numbered.map(|(seq, body)| Recorded { seq, id: Digest::of(&seq.to_le_bytes()), body }).collect()
}

fn observed(probe: &str, when: i64) -> Observation {
    Observation {
        run: ProbeRun {
            probe: probe.into(),
            revision: 1,
            parameters: Default::default(),
            target: "dut".into(),
            place: Place::lan(),
            state: None,
        },
        step: None,
        dut: DutIdentity { model: String::new(), release: "2.0".into(), ..DutIdentity::default() },
        began: day(when),
        ended: day(when),
        tool: "test".into(),
        operator: None,
        level: None,
        valid_until: None,
        raw: None,
        salted: false,
        openings: None,
        source: None,
        reading: Reading::default(),
    }
}

const MECHANISM: &str = r#"
[[AuthMech]]
ID = "AuthMech-Web"
[AuthMech.facts]
serves = ["user"]
factors = ["password"]
origin = "user-defined"
network = true
"#;

fn guarded(ics: &str) -> Dossier {
    read(&[("assay.toml", ASSAY), ("ics.toml", ics), ("ixit/1.toml", MECHANISM)])
}

const CLAIMED: &str = "[features]\nd = true\n[[provision]]\nid = \"5.1-4\"\nsupport = \"Y\"\n";

#[test]
fn an_absent_feature_makes_a_provision_not_applicable_and_is_pointed_at() {
    let dossier = guarded("[features]\nd = false\n[[provision]]\nid = \"5.1-4\"\nsupport = \"Y\"\n");
    let assessment = with(&dossier, &Evidence::default(), &[]);
    let result = provision(&assessment, "5.1-4");
    assert_eq!((result.outcome, result.standing), (Outcome::NotApplicable, Standing::NotApplicable));
    let instance = judgement(&assessment, "5.1-4-1a", Some(("AuthMech", "AuthMech-Web")));
    assert_eq!(instance.outcome, Outcome::NotApplicable);
    assert!(
        matches!(&instance.grounds[..], [Ground::Declared { text, .. }] if text.contains("feature d is absent"))
    );
}

#[test]
fn typing_not_applicable_does_not_make_it_so() {
    let dossier =
        guarded("[features]\nd = true\n[[provision]]\nid = \"5.1-4\"\nsupport = \"N/A\"\ndetail = \"no\"\n");
    let assessment = with(&dossier, &Evidence::default(), &[]);
    let result = provision(&assessment, "5.1-4");
    assert_eq!((result.outcome, result.standing), (Outcome::Open, Standing::Refused));
    assert!(assessment.gaps.iter().any(|g| g.next == declare("ics", Some("5.1-4"), "support")));
}

#[test]
fn an_undeclared_feature_leaves_a_provision_open_even_when_its_tests_pass() {
    let dossier = guarded("[[provision]]\nid = \"5.1-4\"\nsupport = \"Y\"\n");
    let statements = ["5.1-4-1a", "5.1-4-1b", "5.1-4-2a", "5.1-4-2b"];
    let statements = statements.map(|u| stated(u, Some("AuthMech-Web"), 1, Verdict::Pass)).to_vec();
    let open = provision(&with(&dossier, &evidence(statements.clone()), &[]), "5.1-4").outcome;
    let passed = provision(&with(&guarded(CLAIMED), &evidence(statements), &[]), "5.1-4").outcome;
    assert_eq!((open, passed), (Outcome::Open, Outcome::Pass));
}

#[test]
fn a_mandatory_provision_answered_no_fails_and_is_a_finding() {
    let dossier = guarded("[[provision]]\nid = \"5.2-1\"\nsupport = \"N\"\ndetail = \"later\"\n");
    let assessment = with(&dossier, &Evidence::default(), &[]);
    assert_eq!(provision(&assessment, "5.2-1").outcome, Outcome::Fail);
    assert_eq!(assessment.mandatory.outcome, Outcome::Fail);
    let finding = assessment.findings.iter().find(|f| f.about == About::Answer).unwrap();
    assert!(finding.mandatory && !finding.grounds.is_empty());
}

#[test]
fn a_recommendation_may_be_left_out_with_a_reason_and_only_with_one() {
    let ics = |why: &str| format!("[[provision]]\nid = \"5.1-2A\"\nsupport = \"N\"\n{why}");
    let of = |why: &str| {
        let assessment = with(&guarded(&ics(why)), &Evidence::default(), &[]);
        let result = provision(&assessment, "5.1-2A");
        (result.standing, result.outcome)
    };
    assert_eq!(of("justification = \"hardware\"\n"), (Standing::NotClaimed, Outcome::NotApplicable));
    assert_eq!(of("justification = \" \"\n"), (Standing::Unjustified, Outcome::Open));
}

#[test]
fn a_table_without_entries_leaves_its_units_open_and_asks_for_them() {
    let dossier = read(&[("assay.toml", ASSAY), ("ics.toml", CLAIMED)]);
    let assessment = with(&dossier, &Evidence::default(), &[]);
    let open = judgement(&assessment, "5.1-4-1a", None);
    assert_eq!(open.outcome, Outcome::Open);
    assert_eq!(open.gaps[0].next, declare("AuthMech", None, "entries"));
}

#[test]
fn a_provision_declared_to_apply_without_any_entry_it_could_be_about_is_open() {
    let dossier = guarded("[features]\nb = true\n[[provision]]\nid = \"5.1-2\"\nsupport = \"Y\"\n");
    let assessment = with(&dossier, &Evidence::default(), &[]);
    let instance = judgement(&assessment, "5.1-2-1a", Some(("AuthMech", "AuthMech-Web")));
    assert_eq!(
        (instance.outcome, &*instance.because),
        (Outcome::NotApplicable, "AuthMech-Web is not pre-installed")
    );
    assert_eq!(provision(&assessment, "5.1-2").outcome, Outcome::Open);
}

#[test]
fn an_entry_whose_deciding_fact_is_missing_stays_in_and_open() {
    let bare = "[[AuthMech]]\nID = \"AuthMech-Web\"\n";
    let dossier = read(&[("assay.toml", ASSAY), ("ics.toml", CLAIMED), ("ixit/1.toml", bare)]);
    let entry = Some(("AuthMech", "AuthMech-Web"));
    let assessment = with(&dossier, &Evidence::default(), &[]);
    let open = judgement(&assessment, "5.1-4-1a", entry);
    assert_eq!(open.outcome, Outcome::Open);
    assert_eq!(open.gaps[0].next, declare("AuthMech", Some("AuthMech-Web"), "serves"));
    let told = evidence(vec![stated("5.1-4-1a", Some("AuthMech-Web"), 1, Verdict::Pass)]);
    assert_eq!(judgement(&with(&dossier, &told, &[]), "5.1-4-1a", entry).outcome, Outcome::Pass);
}

#[test]
fn the_newest_valid_statement_of_this_release_counts() {
    let entry = Some("AuthMech-Web");
    let of = |statements: Vec<Statement>| {
        let assessment = with(&guarded(CLAIMED), &evidence(statements), &[]);
        judgement(&assessment, "5.1-4-1a", Some(("AuthMech", "AuthMech-Web"))).outcome
    };
    let pass = |when| stated("5.1-4-1a", entry, when, Verdict::Pass);
    let fail = |when| stated("5.1-4-1a", entry, when, Verdict::Fail);
    assert_eq!(of(vec![]), Outcome::Open);
    assert_eq!(of(vec![fail(1), pass(2)]), Outcome::Pass);
    assert_eq!(of(vec![pass(2), fail(1)]), Outcome::Pass);
    assert_eq!(of(vec![pass(1), fail(2)]), Outcome::Fail);
    assert_eq!(of(vec![Statement { release: "1.0".into(), ..pass(1) }]), Outcome::Open);
    assert_eq!(of(vec![Statement { edition: Edition::V2_1_1, ..pass(1) }]), Outcome::Open);
    assert_eq!(of(vec![Statement { entry: None, ..pass(1) }]), Outcome::Open);
    assert_eq!(of(vec![Statement { reasoning: " ".into(), ..pass(1) }]), Outcome::Open);
    assert_eq!(of(vec![Statement { person: String::new(), ..pass(1) }]), Outcome::Open);
    assert_eq!(of(vec![Statement { criteria: Vec::new(), ..pass(1) }]), Outcome::Open);
}

#[test]
fn a_functional_pass_needs_an_artefact_of_each_kind_and_a_fail_does_not() {
    let needed = Catalogue::of(NEW).procedure(&UnitId::new(NEW, "5.1-4-2a").unwrap()).unwrap().artefacts.clone();
    assert!(!needed.is_empty());
    let of = |verdict, kinds: &[String]| {
        let mut statement = stated("5.1-4-2a", Some("AuthMech-Web"), 1, verdict);
        statement.artefacts.retain(|a| kinds.contains(&a.kind));
        let assessment = with(&guarded(CLAIMED), &evidence(vec![statement]), &[]);
        judgement(&assessment, "5.1-4-2a", Some(("AuthMech", "AuthMech-Web"))).outcome
    };
    assert_eq!(of(Verdict::Pass, &needed), Outcome::Pass);
    assert_eq!(of(Verdict::Pass, &needed[1..]), Outcome::Open);
    assert_eq!(of(Verdict::Fail, &[]), Outcome::Fail);
}

#[test]
fn a_statement_grows_stale_when_the_policy_says_after_how_many_days() {
    let assay = format!("{ASSAY}[policy]\nstatement-days = 30\n");
    let dossier = read(&[("assay.toml", &assay), ("ics.toml", CLAIMED), ("ixit/1.toml", MECHANISM)]);
    let of = |when| {
        let told = evidence(vec![stated("5.1-4-1a", Some("AuthMech-Web"), when, Verdict::Pass)]);
        let assessment = with(&dossier, &told, &[]);
        judgement(&assessment, "5.1-4-1a", Some(("AuthMech", "AuthMech-Web"))).clone()
    };
    assert_eq!(of(70).outcome, Outcome::Pass);
    let stale = of(69);
    assert_eq!(stale.outcome, Outcome::Open);
    assert!(stale.because.starts_with("the statement is stale since 1970-04-10"), "{}", stale.because);
}

#[test]
fn a_statement_is_as_old_as_the_time_it_speaks_of_however_late_it_was_made() {
    let assay = format!("{ASSAY}[policy]\nstatement-days = 30\n");
    let dossier = read(&[("assay.toml", &assay), ("ics.toml", CLAIMED), ("ixit/1.toml", MECHANISM)]);
    let about = |from, until, when, verdict| Statement {
        effective: Some(Period { from: day(from), until: day(until) }),
        ..stated("5.1-4-1a", Some("AuthMech-Web"), when, verdict)
    };
    let of = |statements| {
        let assessment = with(&dossier, &evidence(statements), &[]);
        judgement(&assessment, "5.1-4-1a", Some(("AuthMech", "AuthMech-Web"))).clone()
    };
    assert_eq!(of(vec![about(10, 70, 99, Verdict::Pass)]).outcome, Outcome::Pass);
    let stale = of(vec![about(69, 69, 99, Verdict::Pass)]);
    assert_eq!(stale.outcome, Outcome::Open);
    assert!(stale.because.starts_with("the statement is stale since 1970-04-10"), "{}", stale.because);
    // What was true last counts, not what was said last; nothing speaks of a time after it was said.
    let fail = about(90, 90, 90, Verdict::Fail);
    assert_eq!(of(vec![fail.clone(), about(80, 80, 99, Verdict::Pass)]).outcome, Outcome::Fail);
    assert_eq!(of(vec![fail.clone(), about(80, 99, 85, Verdict::Pass)]).outcome, Outcome::Fail);
    assert_eq!(of(vec![fail, about(91, 91, 99, Verdict::Pass)]).outcome, Outcome::Pass);
}

/// A rule that is open without an observation of its probe and passes with one.
const MEASURED: &[UnitRule] =
    &[UnitRule { unit: "5.1-5-2a", editions: &Edition::ALL, judge: measured, probes: &["net.tcp-ports"] }];

fn measured<'a>(view: &View<'a>, _: Option<&'a dossier::Entry>) -> Judgement {
    match view.newest("dut", "net.tcp-ports") {
        Some(seen) => Judgement::pass("seen").on(Ground::Observed {
            seq: seen.seq,
            probe: "net.tcp-ports".into(),
            text: String::new(),
        }),
        None => {
            let next = Next::Observe { probe: "net.tcp-ports".into(), target: "dut".into() };
            Judgement::open("nothing was measured", next)
        }
    }
}

const ADDRESSABLE: &str =
    "[features]\ne = true\n[conditions]\n14 = true\n[[provision]]\nid = \"5.1-5\"\nsupport = \"Y\"\n";

#[test]
fn an_old_observation_leaves_the_instance_open_and_says_since_when() {
    let assay = format!("{ASSAY}[policy]\nobservation-days = 10\n");
    let dossier = read(&[("assay.toml", &assay), ("ics.toml", ADDRESSABLE), ("ixit/1.toml", MECHANISM)]);
    let of = |days: &[i64]| {
        let observations = recorded(1, days.iter().map(|d| observed("net.tcp-ports", *d)).collect());
        let seen = Evidence { observations, ..Evidence::default() };
        judgement(&with(&dossier, &seen, MEASURED), "5.1-5-2a", None).clone()
    };
    assert_eq!(of(&[90]).outcome, Outcome::Pass);
    assert_eq!(of(&[20, 95]).outcome, Outcome::Pass);
    let stale = of(&[20]);
    assert_eq!((stale.outcome, &*stale.because), (Outcome::Open, "stale since 1970-01-31: seen"));
    assert!(matches!(stale.gaps[0].next, Next::Observe { .. }));
    assert_eq!(of(&[]).because, "nothing was measured");
}

const RULED: &[UnitRule] = &[
    UnitRule {
        unit: "5.1-5-2a",
        editions: &Edition::ALL,
        judge: |_, _| Judgement::fail("broken"),
        probes: &["p"],
    },
    UnitRule { unit: "5.1-5-2b", editions: &Edition::ALL, judge: undecided, probes: &["p"] },
    UnitRule { unit: "5.1-5-1a", editions: &Edition::ALL, judge: |_, _| Judgement::pass("sound"), probes: &[] },
];

fn undecided<'a>(view: &View<'a>, _: Option<&'a dossier::Entry>) -> Judgement {
    let judgement = Judgement::inconclusive("silence", Next::Observe { probe: "p".into(), target: "dut".into() });
    view.newest("dut", "p")
        .into_iter()
        .fold(judgement, |j, o| j.on(Ground::Observed { seq: o.seq, probe: "p".into(), text: String::new() }))
}

#[test]
fn a_statement_settles_what_a_rule_leaves_undecided_and_never_lifts_its_fail() {
    let dossier = guarded(ADDRESSABLE);
    let web = Some(("AuthMech", "AuthMech-Web"));
    let of = |statements: Vec<Statement>, unit: &str, entry| {
        let mut told = evidence(statements);
        told.observations = recorded(1, vec![observed("p", 10)]);
        judgement(&with(&dossier, &told, RULED), unit, entry).clone()
    };
    let says = |unit: &str, entry, when, verdict| vec![stated(unit, entry, when, verdict)];
    let entry = Some("AuthMech-Web");
    let failed = of(says("5.1-5-2a", None, 50, Verdict::Pass), "5.1-5-2a", None);
    assert_eq!((failed.outcome, &*failed.because), (Outcome::Fail, "broken (a statement does not lift it)"));
    let settled = of(says("5.1-5-2b", entry, 11, Verdict::Pass), "5.1-5-2b", web);
    assert_eq!(settled.outcome, Outcome::Pass);
    assert!(settled.because.ends_with("by itself it is inconclusive: silence"), "{}", settled.because);
    assert_eq!(settled.grounds.len(), 2);
    let earlier = of(says("5.1-5-2b", entry, 9, Verdict::Pass), "5.1-5-2b", web);
    assert_eq!(earlier.outcome, Outcome::Inconclusive);
    assert_eq!(of(says("5.1-5-1a", entry, 50, Verdict::Fail), "5.1-5-1a", web).outcome, Outcome::Fail);
}

#[test]
fn a_unit_that_only_identifies_never_fails() {
    const RULES: &[UnitRule] = &[UnitRule {
        unit: "5.3-4B-1a",
        editions: &[NEW],
        judge: |_, _| Judgement::fail("none found"),
        probes: &[],
    }];
    let mechanism = "[[UpdMech]]\nID = \"UpdMech-OTA\"\n[UpdMech.facts]\nautomatic = true\n";
    let ics = "[features]\nh = true\n[[provision]]\nid = \"5.3-4B\"\nsupport = \"Y\"\n";
    let dossier = read(&[("assay.toml", ASSAY), ("ics.toml", ics), ("ixit/7.toml", mechanism)]);
    let assessment = with(&dossier, &Evidence::default(), RULES);
    let identified = judgement(&assessment, "5.3-4B-1a", Some(("UpdMech", "UpdMech-OTA")));
    assert_eq!(identified.outcome, Outcome::Inconclusive);
    assert!(assessment.findings.iter().all(|f| f.provision.as_str() != "5.3-4B"));
}

#[test]
fn a_device_without_user_data_passes_erasure_when_a_person_says_so() {
    let ics = "[[provision]]\nid = \"5.11-1\"\nsupport = \"Y\"\n";
    let dossier = read(&[("assay.toml", ASSAY), ("ics.toml", ics)]);
    let case = Catalogue::of(NEW).cases.iter().find(|c| c.id.as_str() == "5.11-1-1").unwrap();
    let outcome = |verdict| {
        let mut statement = stated("5.11-1-1a", None, 1, Verdict::Pass);
        statement.criteria = vec![CriterionVerdict { criterion: case.verdict.or_when[0].clone(), verdict }];
        with(&dossier, &evidence(vec![statement]), &[]).case(&case.id).unwrap().outcome
    };
    assert_eq!(outcome(Verdict::Pass), Outcome::Pass);
    assert_eq!(outcome(Verdict::Fail), Outcome::Open);
    assert_eq!(outcome(Verdict::Inconclusive), Outcome::Open);
}

#[test]
fn one_missing_fact_that_blocks_many_instances_is_one_gap_before_the_others() {
    let bare = "[[AuthMech]]\nID = \"AuthMech-Web\"\n";
    let dossier = read(&[("assay.toml", ASSAY), ("ixit/1.toml", bare)]);
    let gaps = with(&dossier, &Evidence::default(), &[]).gaps;
    let factors: Vec<_> =
        gaps.iter().filter(|g| g.next == declare("AuthMech", Some("AuthMech-Web"), "factors")).collect();
    let [factors] = factors[..] else { panic!("{} items", factors.len()) };
    assert!(factors.instances.len() >= 6 && factors.mandatory >= 2);
    assert!(gaps.windows(2).all(|pair| pair[0].mandatory >= pair[1].mandatory));
    let next: BTreeSet<_> = gaps.iter().map(|g| &g.next).collect();
    assert_eq!(next.len(), gaps.len());
}

#[test]
fn the_plan_says_what_settles_an_instance_how_far_it_reaches_and_what_is_missing() {
    let dossier = guarded(ADDRESSABLE);
    let nothing = Evidence::default();
    let planned = plan_with(&view(&dossier, &nothing), MEASURED);
    let of = |unit: &str| planned.iter().find(|p| p.id.unit.as_str() == unit).unwrap();
    let scan = of("5.1-5-2a");
    assert_eq!(scan.settled_by, [Settle::Probe { id: "net.tcp-ports".into(), target: "dut".into() }]);
    assert_eq!(scan.touches, model::Touches::Active);
    assert!(scan.missing.iter().all(|g: &Gap| matches!(g.next, Next::Prepare { .. })) && scan.missing.len() == 2);
    assert_eq!(of("5.1-5-1a").settled_by, [Settle::Document]);
    assert!(
        matches!(&of("5.1-1-1a").applies, InScope::No(why) if why == "AuthMech-Web has a value that the user sets")
    );
    assert!(of("5.1-1-1a").settled_by.is_empty());
}

#[test]
fn every_planned_instance_is_judged_and_no_other() {
    for edition in Edition::ALL {
        let dossier = read(&[("assay.toml", &format!("edition = \"{edition}\"\n")), ("ixit/1.toml", MECHANISM)]);
        let nothing = Evidence::default();
        let planned: Vec<_> = crate::plan(&view(&dossier, &nothing)).into_iter().map(|p| p.id).collect();
        let judged: Vec<_> = judge(&view(&dossier, &nothing)).instances.into_iter().map(|i| i.id).collect();
        assert_eq!(planned, judged);
        let units: BTreeSet<_> = judged.iter().map(|i| &i.unit).collect();
        assert_eq!(units.len(), Catalogue::of(edition).units.len());
    }
}

#[test]
fn an_empty_dossier_passes_nothing() {
    for edition in Edition::ALL {
        let dossier = read(&[("assay.toml", &format!("edition = \"{edition}\"\n"))]);
        let assessment = judge(&view(&dossier, &Evidence::default()));
        assert_eq!(assessment.mandatory.outcome, Outcome::Open);
        assert!(assessment.provisions.iter().all(|p| p.outcome == Outcome::Open), "{edition}");
        assert!(!assessment.gaps.is_empty());
    }
}

/// A product that claims everything, with one entry in every table, and a pass stated on every instance.
fn all_stated(edition: Edition) -> (Dossier, Vec<Statement>) {
    let catalogue = Catalogue::of(edition);
    let mut ics = String::from("[features]\n");
    ics.extend(catalogue.features.iter().map(|f| format!("{} = true\n", f.id)));
    ics += "[conditions]\n";
    ics.extend(catalogue.conditions.iter().map(|c| format!("{} = true\n", c.id)));
    ics.extend(
        catalogue.provisions.iter().map(|p| format!("[[provision]]\nid = \"{}\"\nsupport = \"Y\"\n", p.id)),
    );
    let mut ixit = String::new();
    for table in catalogue.tables.iter().filter(|t| t.repeating) {
        ixit += &format!("[[{0}]]\nID = \"{0}-1\"\n", table.name);
    }
    let assay = format!("edition = \"{edition}\"\n[[release]]\nversion = \"2.0\"\n");
    let dossier = read(&[("assay.toml", &assay), ("ics.toml", &ics), ("ixit/all.toml", &ixit)]);
    let nothing = Evidence::default();
    let statements = plan_with(&view(&dossier, &nothing), &[])
        .into_iter()
        .map(|p| {
            let entry = p.id.entry.as_ref().map(|(_, id)| id.as_str());
            Statement { edition, ..stated(p.id.unit.as_str(), entry, 1, Verdict::Pass) }
        })
        .collect();
    (dossier, statements)
}

#[test]
fn a_product_that_is_stated_to_meet_everything_passes_and_each_missing_statement_opens_its_provision() {
    for edition in Edition::ALL {
        let (dossier, statements) = all_stated(edition);
        let whole = with(&dossier, &evidence(statements.clone()), &[]);
        assert_eq!(
            (whole.mandatory.outcome, whole.recommended.outcome),
            (Outcome::Pass, Outcome::Pass),
            "{edition}"
        );
        assert!(whole.findings.is_empty());
        // One statement of every provision is taken away at a time: provisions do not depend on one another.
        let mut of_provision: BTreeMap<ProvisionId, Vec<Statement>> = BTreeMap::new();
        for statement in statements {
            let unit = UnitId::new(edition, &statement.unit).unwrap();
            of_provision.entry(unit.case().group().provision()).or_default().push(statement);
        }
        for round in 0..of_provision.values().map(Vec::len).max().unwrap() {
            let mut gone = BTreeMap::new();
            let mut kept = Vec::new();
            for (id, statements) in &of_provision {
                for (at, statement) in statements.iter().enumerate() {
                    if at == round {
                        gone.insert(id, statement.unit.as_str());
                    } else {
                        kept.push(statement.clone());
                    }
                }
            }
            let result = with(&dossier, &evidence(kept), &[]);
            for (id, unit) in gone {
                // Protected or disabled: with the one shown, the other is not needed.
                let spare = edition == NEW && unit.starts_with("5.6-4A-1");
                let expected = if spare { Outcome::Pass } else { Outcome::Open };
                assert_eq!(result.provision(id).unwrap().outcome, expected, "without {unit}");
            }
        }
    }
}

#[test]
fn the_legs_of_a_claim_are_told_apart_from_its_verdict() {
    let (dossier, mut statements) = all_stated(NEW);
    let of = |statements: &[Statement]| {
        let assessment = with(&dossier, &evidence(statements.to_vec()), &[]);
        let result = provision(&assessment, "5.1-4");
        let claim = &result.claim;
        (result.outcome, claim.exists.outcome, claim.works.outcome, claim.proven.outcome)
    };
    // Neither detail nor control is declared, and no field is filled: stated to work, but not shown to exist.
    assert_eq!(of(&statements), (Outcome::Pass, Outcome::Open, Outcome::Pass, Outcome::Pass));
    statements.retain(|s| s.unit != "5.1-4-1a");
    assert_eq!(of(&statements), (Outcome::Open, Outcome::Open, Outcome::Pass, Outcome::Open));
    let fail = stated("5.1-4-2a", Some("AuthMech-1"), 2, Verdict::Fail);
    statements.push(fail);
    assert_eq!(of(&statements), (Outcome::Fail, Outcome::Open, Outcome::Fail, Outcome::Fail));
}

#[test]
fn a_measured_pass_that_points_at_no_record_is_not_proven() {
    const RULES: &[UnitRule] = &[UnitRule {
        unit: "5.1-5-2a",
        editions: &[NEW],
        judge: |_, _| Judgement::pass("trust me"),
        probes: &["p"],
    }];
    let (dossier, statements) = all_stated(NEW);
    let told = evidence(statements.into_iter().filter(|s| s.unit != "5.1-5-2a").collect());
    let assessment = with(&dossier, &told, RULES);
    let result = provision(&assessment, "5.1-5");
    assert_eq!((result.outcome, result.claim.proven.outcome), (Outcome::Pass, Outcome::Open));
}

#[test]
fn a_claim_exists_once_it_is_answered_designed_and_documented() {
    let ics = "[features]\nd = true\n[[provision]]\nid = \"5.1-4\"\nsupport = \"Y\"\ndetail = \"settings page\"\n";
    let controls = "[[control]]\nprovision = \"5.1-4\"\ndesign = \"a form that asks for the old value\"\n";
    let mechanism = "[[AuthMech]]\nID = \"AuthMech-Web\"\nDescription = \"web login\"\n\"Authentication Factor\" = \"password\"\n";
    let user = "[UserInfo]\n\"Documentation of Change Mechanisms\" = \"manual, page 3\"\n";
    let files =
        [("assay.toml", ASSAY), ("ics.toml", ics), ("controls.toml", controls), ("ixit/1.toml", mechanism)];
    let exists = |files: &[(&str, &str)]| {
        provision(&with(&read(files), &Evidence::default(), &[]), "5.1-4").claim.exists.clone()
    };
    let without = exists(&files);
    assert_eq!((without.outcome, without.gaps.len()), (Outcome::Open, 1), "{:?}", without.gaps);
    assert_eq!(without.gaps[0].next, declare("UserInfo", None, "entries"));
    let with_all = exists(&[&files[..], &[("ixit/2.toml", user)]].concat());
    assert_eq!(with_all.outcome, Outcome::Pass, "{:?}", with_all.gaps);
}

#[test]
fn the_order_in_which_statements_were_recorded_does_not_matter() {
    let (dossier, statements) = all_stated(NEW);
    let forth = evidence(statements);
    let mut back = forth.clone();
    back.statements.reverse();
    assert_eq!(with(&dossier, &forth, &[]), with(&dossier, &back, &[]));
}

#[test]
fn an_assessment_can_be_written_as_json() {
    let assessment = with(&guarded(CLAIMED), &Evidence::default(), &[]);
    let json = serde_json::to_value(&assessment).unwrap();
    assert_eq!(json["mandatory"]["outcome"], "open");
    assert_eq!(json["instances"].as_array().unwrap().len(), assessment.instances.len());
}

fn declare(place: &str, entry: Option<&str>, what: &str) -> Next {
    Next::Declare { place: place.into(), entry: entry.map(Into::into), what: what.into() }
}
