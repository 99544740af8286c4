//! Holds the rules to their readable specifications in `spec/`: each case of a page is judged and compared.
//!
//! A rule without a page, a page without a rule, and a rule that a page shows only from one side fail as well.
#![allow(clippy::unwrap_used)]

#[path = "specification/compact.rs"]
mod compact;
#[path = "specification/document.rs"]
mod document;
#[path = "specification/promises.rs"]
mod promises;
#[path = "specification/situation.rs"]
mod situation;

use std::collections::{BTreeMap, BTreeSet};

use catalogue::Catalogue;
use engine::rules;
use model::{Edition, Method, Outcome};

use document::{Page, pages};
use situation::Situation;

/// Outcomes that a unit never has, and why.
const NEVER: &[(&str, &[Outcome], &str)] = &[
    ("5.1-4-2a", &[Outcome::Pass], "that a user gets there by the documentation is for a person"),
    ("5.1-1-2a", &[Outcome::Pass], "the user manual is read by a person"),
    ("5.1-2A-2a", &[Outcome::Pass], "the user manual is read by a person"),
    ("5.1-1-2b", &[Outcome::Pass], "a person resets the product"),
    ("5.1-1-2c", &[Outcome::Pass], "a person compares several units"),
    ("5.1-2-2a", &[Outcome::Pass], "a person compares several units"),
    ("5.3-4B-1a", &[Outcome::Fail], "identifies, assesses nothing"),
    ("5.3-6A-1a", &[Outcome::Fail], "identifies, assesses nothing"),
    ("5.3-6-1a", &[Outcome::Fail], "identifies, assesses nothing"),
];

#[test]
fn every_case_of_every_page_comes_out_as_written() {
    let mut wrong = Vec::new();
    for page in pages() {
        for case in &page.cases {
            let at = format!("{}: {}", page.name, case.heading);
            match Situation::of(&page, case) {
                Ok(situation) => {
                    wrong.extend(situation.mismatches(case).into_iter().map(|m| format!("{at}\n    {m}")))
                }
                Err(error) => wrong.push(format!("{at}\n    {error}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{} mismatches\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_rule_that_never_passes_is_not_counted_as_settling_its_unit() {
    let never: BTreeSet<&str> = NEVER
        .iter()
        .filter(|(_, outcomes, _)| outcomes.contains(&Outcome::Pass))
        .map(|(unit, ..)| *unit)
        .collect();
    assert_eq!(never, engine::REFUTES_ONLY.iter().copied().collect());
}

#[test]
fn every_group_of_rules_has_a_page_and_every_page_a_group() {
    let rules = document::stems("src/rules", "rs");
    let groups: BTreeSet<_> = rules.into_iter().filter(|stem| stem.starts_with("tc_")).collect();
    assert_eq!(groups, document::stems("spec", "md"));
}

#[test]
fn every_rule_is_shown_from_every_side() {
    let shown = shown();
    let mut lacking = Vec::new();
    for rule in rules() {
        let never = NEVER.iter().filter(|(unit, ..)| *unit == rule.unit).flat_map(|(_, outcomes, _)| *outcomes);
        let never: Vec<Outcome> = never.copied().collect();
        let seen = shown.get(rule.unit).cloned().unwrap_or_default();
        for outcome in [Outcome::Pass, Outcome::Fail] {
            if never.contains(&outcome) == seen.contains(&outcome) {
                lacking.push(format!("{} {outcome}: shown {}", rule.unit, seen.contains(&outcome)));
            }
        }
        if !seen.contains(&Outcome::Open) && !seen.contains(&Outcome::Inconclusive) {
            lacking.push(format!("{} undecided: not shown", rule.unit));
        }
    }
    assert!(lacking.is_empty(), "{}", lacking.join("\n"));
}

#[test]
fn every_page_shows_each_edition_that_its_rules_settle() {
    let mut lacking = Vec::new();
    for page in pages() {
        let shown: BTreeSet<Edition> = page.cases.iter().map(|c| situation::edition(&page, c)).collect();
        for unit in page.units() {
            let rule = rules().iter().find(|r| r.unit == unit);
            let editions = rule.map_or(&[][..], |r| r.editions);
            lacking.extend(editions.iter().filter(|e| !shown.contains(e)).map(|e| format!("{} {e}", page.name)));
        }
    }
    assert!(lacking.is_empty(), "{}", lacking.join("\n"));
}

#[test]
fn every_unit_that_a_program_settles_has_exactly_one_rule() {
    for edition in Edition::ALL {
        let catalogue = Catalogue::of(edition);
        let here = || rules().iter().filter(|r| r.editions.contains(&edition));
        for rule in here() {
            assert!(catalogue.unit_named(rule.unit).is_some(), "{edition} has no unit {}", rule.unit);
            assert_eq!(here().filter(|r| r.unit == rule.unit).count(), 1, "{edition} {}", rule.unit);
        }
        let settled = |unit: &&catalogue::Unit| matches!(unit.method, Method::Rule | Method::Probe);
        for unit in catalogue.units.iter().filter(settled) {
            assert!(here().any(|r| r.unit == unit.id.as_str()), "{edition} {} has no rule", unit.id);
        }
    }
}

/// Outcomes that the pages show, by unit.
fn shown() -> BTreeMap<String, BTreeSet<Outcome>> {
    let mut shown: BTreeMap<String, BTreeSet<Outcome>> = BTreeMap::new();
    let expected = |page: &Page| page.cases.iter().flat_map(|c| c.verdicts.clone()).collect::<Vec<_>>();
    for verdict in pages().iter().flat_map(expected) {
        shown.entry(verdict.unit).or_default().insert(verdict.outcome);
    }
    shown
}
