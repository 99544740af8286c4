//! How far the program itself covers an edition: which units it settles, and which it leaves to people.
//!
//! Counted from the rules that exist, not from what the catalogue hopes for.

use std::collections::BTreeMap;

use catalogue::Catalogue;
use model::{Edition, Method};
use serde::Serialize;

use crate::rule::UnitRule;

/// How the units of an edition are settled. The parts add up to all units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CoverageFigure {
    /// The edition.
    pub edition: Edition,
    /// All test units.
    pub units: usize,
    /// By a rule, from the declarations alone.
    pub by_rule: usize,
    /// By a rule that judges what probes measured.
    pub by_probe: usize,
    /// By a person with a guided procedure, where measurements help.
    pub assisted: usize,
    /// By a person with a guided procedure.
    pub stated: usize,
    /// By nothing yet: no rule and no guided procedure.
    pub not_yet: usize,
}

/// Units whose rule can refute a claim from measurements and never confirms one: a person has the last word.
pub const REFUTES_ONLY: &[&str] = &["5.1-1-2a", "5.1-1-2b", "5.1-1-2c", "5.1-2-2a", "5.1-2A-2a", "5.1-4-2a"];

/// Counts how the units of an edition are settled.
pub fn coverage(edition: Edition) -> CoverageFigure {
    coverage_with(edition, crate::rules())
}

fn coverage_with(edition: Edition, rules: &[UnitRule]) -> CoverageFigure {
    let catalogue = Catalogue::of(edition);
    let rules: BTreeMap<&str, &UnitRule> =
        rules.iter().filter(|r| r.editions.contains(&edition)).map(|r| (r.unit, r)).collect();
    let mut figure = CoverageFigure {
        edition,
        units: catalogue.units.len(),
        by_rule: 0,
        by_probe: 0,
        assisted: 0,
        stated: 0,
        not_yet: 0,
    };
    for unit in &catalogue.units {
        let settles = rules.get(unit.id.as_str()).filter(|rule| !REFUTES_ONLY.contains(&rule.unit));
        let assisted = unit.method == Method::Assisted || REFUTES_ONLY.contains(&unit.id.as_str());
        let part = match settles {
            Some(rule) if rule.probes.is_empty() => &mut figure.by_rule,
            Some(_) => &mut figure.by_probe,
            None if catalogue.procedure(&unit.id).is_none() => &mut figure.not_yet,
            None if assisted => &mut figure.assisted,
            None => &mut figure.stated,
        };
        *part += 1;
    }
    figure
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Judgement;

    const RULES: &[UnitRule] = &[
        UnitRule {
            unit: "5.1-5-2a",
            editions: &[Edition::V3_1_3],
            judge: |_, _| Judgement::pass("so"),
            probes: &["net.tcp-ports"],
        },
        UnitRule { unit: "5.2-2-1b", editions: &Edition::ALL, judge: |_, _| Judgement::pass("so"), probes: &[] },
    ];

    #[test]
    fn a_unit_counts_as_probed_only_in_the_editions_of_a_rule_with_probes() {
        let (new, old) = (coverage_with(Edition::V3_1_3, RULES), coverage_with(Edition::V2_1_1, RULES));
        assert_eq!((new.by_rule, new.by_probe, new.units), (1, 1, 258));
        assert_eq!((old.by_rule, old.by_probe, old.units), (1, 0, 226));
    }

    #[test]
    fn the_parts_add_up_to_every_unit() {
        for edition in Edition::ALL {
            for rules in [&[][..], RULES, crate::rules()] {
                let f = coverage_with(edition, rules);
                assert_eq!(f.by_rule + f.by_probe + f.assisted + f.stated + f.not_yet, f.units);
            }
        }
    }
}
