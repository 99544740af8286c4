//! Controls told from real assessments: design, plan and evidence of each provision, and the reason of each recommendation.
#![allow(clippy::unwrap_used)]

mod workspace;

use app::controls::controls;
use model::Timestamp;
use report::controls::{Controls, How, ProofStanding, Sheet, ShouldState};
use workspace::{Workspace, at};

fn sheet<'a>(told: &'a Controls, id: &str) -> &'a Sheet {
    told.sheets().find(|sheet| sheet.id == id).unwrap()
}

/// A file of the dossier with one place after a mark written otherwise.
fn rewrite(workspace: &Workspace, file: &str, after: &str, from: &str, to: &str) {
    let path = workspace.path().join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    let (head, tail) = text.split_once(after).unwrap();
    assert!(tail.contains(from), "{from}");
    std::fs::write(&path, format!("{head}{after}{}", tail.replacen(from, to, 1))).unwrap();
}

#[test]
fn every_provision_has_a_sheet_with_design_plan_and_where_to_look_it_up() {
    let workspace = Workspace::sample();
    let told = controls(workspace.path(), at(0)).unwrap();
    assert_eq!(told.sheets().count(), 78);
    assert_eq!((told.undesigned, told.lacking), (0, 0));
    let ports = sheet(&told, "5.6-1");
    assert!(ports.control.as_ref().is_some_and(|control| !control.design.is_empty() && control.at.is_some()));
    assert_eq!(ports.look_up, ["EN 303 645 V3.1.3, provision 5.6-1", "TS 103 701 V2.1.1, clause 5.6.1"]);
    let found = ports.test_plan.iter().find(|test| test.unit == "5.6-1-2c").unwrap();
    let probes: Vec<&str> = found.settled_by.iter().map(|way| way.by.as_str()).collect();
    assert!(probes.contains(&"net.tcp-ports on dut"), "{probes:?}");
    assert!(found.settled_by.iter().any(|way| way.command == "assay observe --probe net.tcp-ports --target dut"));
    // Units that a person decides name the procedure, and the command with which they do.
    let read =
        ports.test_plan.iter().flat_map(|test| &test.settled_by).find(|way| way.how == How::Reading).unwrap();
    assert!(read.by.contains("by the procedure of 5.6-1-") && read.command.starts_with("assay state 5.6-1-"));
    for test in told.sheets().flat_map(|sheet| &sheet.test_plan) {
        let open = matches!(test.outcome, model::Outcome::Open | model::Outcome::Inconclusive);
        assert!(!open || !test.settled_by.is_empty(), "{} {} has no way", test.unit, test.entry);
    }
}

#[test]
fn a_recommendation_says_what_becomes_of_it_and_what_its_reason_lacks() {
    let workspace = Workspace::sample();
    let told = controls(workspace.path(), at(0)).unwrap();
    assert!(sheet(&told, "5.6-1").should.is_none(), "it is mandatory");
    let should = sheet(&told, "5.3-4A").should.as_ref().unwrap();
    assert_eq!(
        (should.state, should.review.as_str(), should.overdue),
        (ShouldState::Justified, "2027-06-30", false)
    );
    assert!(should.rationale.0.contains("A plug may feed an appliance") && !should.compensating.is_empty());
    let other = |id: &str| sheet(&told, id).should.as_ref().unwrap().state;
    assert_eq!((other("5.3-14"), other("5.3-9")), (ShouldState::NotApplicable, ShouldState::Claimed));

    let late = controls(workspace.path(), Timestamp::parse("2027-07-01").unwrap()).unwrap();
    let should = sheet(&late, "5.3-4A").should.as_ref().unwrap();
    assert_eq!((should.state, should.overdue), (ShouldState::Lacking, true));
    assert!(late.lacking >= 3, "{}", late.lacking);

    for key in ["review = ", "compensating = ", "justification = "] {
        rewrite(&workspace, "ics.toml", "id = \"5.3-4A\"", key, &format!("# {key}"));
    }
    let told = controls(workspace.path(), at(0)).unwrap();
    let should = sheet(&told, "5.3-4A").should.as_ref().unwrap();
    assert_eq!(should.state, ShouldState::Lacking);
    assert_eq!(should.lacks.len(), 3, "{:?}", should.lacks);
    assert_eq!(told.lacking, 1);
}

#[test]
fn a_control_that_says_nothing_of_its_pattern_or_is_not_there_is_told() {
    let workspace = Workspace::sample();
    rewrite(&workspace, "controls.toml", "provision = \"5.1-1\"", "pattern = ", "# pattern = ");
    rewrite(&workspace, "controls.toml", "[[control]]\nprovision = \"5.1-2\"", "", "\n");
    rewrite(&workspace, "controls.toml", "", "provision = \"5.1-2\"", "provision = \"5.1-2B\"");
    let told = controls(workspace.path(), at(0)).unwrap();
    let lacks = |id: &str| sheet(&told, id).lacks.iter().map(|step| step.text.clone()).collect::<Vec<_>>();
    assert_eq!(lacks("5.1-1"), ["declare pattern in controls, 5.1-1"]);
    assert_eq!(lacks("5.1-2"), ["declare design in controls, 5.1-2"]);
    assert!(lacks("5.6-1").is_empty());
    assert_eq!(told.undesigned, 1);
}

#[test]
fn evidence_is_current_while_a_verdict_rests_on_it_and_stale_afterwards() {
    let workspace = Workspace::sample();
    let measured = workspace.observed("net.tcp-ports", at(0));
    let stated = workspace.stated("5.2-2-1a", Some("VulnTypes-Firmware"), at(5));
    let proof = |told: &Controls, provision: &str, record: u64| {
        let of = sheet(told, provision)
            .evidence
            .iter()
            .find(|of| of.records.iter().any(|p| p.record == record))
            .unwrap();
        (of.release.clone(), of.current, of.records.iter().find(|p| p.record == record).unwrap().clone())
    };
    let told = controls(workspace.path(), at(10)).unwrap();
    let (release, current, ports) = proof(&told, "5.6-1", measured);
    assert_eq!((release.as_str(), current, ports.standing), ("1.4.2", true, ProofStanding::Current));
    assert!(ports.settles.iter().any(|id| id.starts_with("5.6-1-2c")), "{:?}", ports.settles);
    let (_, _, said) = proof(&told, "5.2-2", stated);
    assert_eq!((said.standing, said.by.as_str()), (ProofStanding::Current, "A. Laborant (test laboratory)"));
    assert_eq!(said.settles, ["5.2-2-1a @ VulnTypes-Firmware"]);
    assert!(sheet(&told, "6-1").evidence.iter().all(|of| of.records.is_empty()), "nothing speaks of it");

    // The policy lets a statement stand for 365 days.
    let old = controls(workspace.path(), at(366 * 86_400)).unwrap();
    let (_, _, said) = proof(&old, "5.2-2", stated);
    assert_eq!(said.standing, ProofStanding::Stale, "{}", said.because);
    assert!(said.settles.is_empty());

    // A new release: the records are of the one before, and told under it.
    rewrite(
        &workspace,
        "assay.toml",
        "",
        "[[service]]",
        "[[release]]\nversion = \"1.5.0\"\ndate = \"2026-12-01\"\n\n[[service]]",
    );
    let next = controls(workspace.path(), at(20)).unwrap();
    let (release, current, ports) = proof(&next, "5.6-1", measured);
    assert_eq!((release.as_str(), current, ports.standing), ("1.4.2", false, ProofStanding::Stale));
    assert!(ports.because.contains("1.4.2"), "{}", ports.because);
    assert_eq!(sheet(&next, "5.6-1").evidence[0].release, "1.5.0", "the one under assessment comes first");
}

#[test]
fn told_twice_it_is_the_same_to_the_last_byte() {
    let workspace = Workspace::sample();
    workspace.observed("net.tcp-ports", at(0));
    let told = || report::controls::json(&controls(workspace.path(), at(10)).unwrap()).to_string();
    assert_eq!(told(), told());
}
