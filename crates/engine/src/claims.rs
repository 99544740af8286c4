//! The three legs of a provision's claim: the control exists, it works, it is proven.
//!
//! Legs tell a team where it stands. They do not enter the verdict, which is the standard's alone.

use std::collections::BTreeMap;

use catalogue::{Group, Provision};
use model::Outcome;
use serde::Serialize;

use crate::answer::{Answer, Standing, filled};
use crate::assessment::{Basis, InstanceResult};
use crate::fold::all;
use crate::judgement::{Gap, Ground, Next};
use crate::release::Currency;
use crate::view::View;

/// One leg.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Leg {
    /// Whether it stands.
    pub outcome: Outcome,
    /// One sentence that says why.
    pub because: String,
    /// What would make it stand, as far as no unit instance asks for it already.
    pub gaps: Vec<Gap>,
}

/// The three legs of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// Declared, designed and documented.
    pub exists: Leg,
    /// Its functional units hold.
    pub works: Leg,
    /// Every result rests on a record of this release.
    pub proven: Leg,
}

/// Looks at the three legs of a provision.
pub(crate) fn claim(
    view: &View<'_>,
    provision: &Provision,
    group: &Group,
    answer: &Answer,
    instances: &[&InstanceResult],
) -> Claim {
    if !answer.standing.is_tested() {
        let leg = || Leg {
            outcome: Outcome::NotApplicable,
            because: format!("{}: {}", answer.standing.as_str(), answer.judgement.because),
            gaps: Vec::new(),
        };
        return Claim { exists: leg(), works: leg(), proven: leg() };
    }
    Claim { exists: exists(view, provision, group, answer), works: works(instances), proven: proven(instances) }
}

fn exists(view: &View<'_>, provision: &Provision, group: &Group, answer: &Answer) -> Leg {
    let id = provision.id.as_str();
    if answer.standing != Standing::Claimed {
        return Leg {
            outcome: answer.judgement.outcome,
            because: answer.judgement.because.clone(),
            gaps: Vec::new(),
        };
    }
    let mut gaps = Vec::new();
    let mut lacks = |place: &str, entry: Option<&str>, what: &str, missing: String| {
        let next =
            Next::Declare { place: place.to_owned(), entry: entry.map(str::to_owned), what: what.to_owned() };
        gaps.push(Gap { missing, next });
    };
    if !view.dossier.answer(id).is_some_and(|row| filled(row.detail.as_ref())) {
        lacks("ics", Some(id), "detail", format!("the ICS says Y to {id} without a detail"));
    }
    if !view.dossier.control(id).is_some_and(|control| filled(control.design.as_ref())) {
        lacks("controls", Some(id), "design", format!("no control is designed for {id}"));
    }
    let tested_by_group = format!("{}-", group.id);
    for table in group.tables.iter().filter_map(|t| view.catalogue.table(t)) {
        let entries = view.entries(&table.name);
        if entries.is_empty() {
            lacks(&table.name, None, "entries", format!("table {} has no entry", table.id));
        }
        let read = table.fields.iter().filter(|f| f.applies_when.is_none() && !f.name.eq_ignore_ascii_case("ID"));
        for field in read.filter(|f| f.required_by.iter().any(|u| u.as_str().starts_with(&tested_by_group))) {
            for entry in entries.iter().filter(|e| e.field(&field.name).is_none_or(|v| v.value.is_empty())) {
                let missing = format!("{} of {} is not filled", field.name, entry.id.value);
                lacks(&table.name, Some(&entry.id.value), &field.name, missing);
            }
        }
    }
    match gaps.len() {
        0 => Leg { outcome: Outcome::Pass, because: "answered, designed and documented".into(), gaps },
        count => {
            let because = format!("{count} declarations are missing, the first: {}", gaps[0].missing);
            Leg { outcome: Outcome::Open, because, gaps }
        }
    }
}

fn works(instances: &[&InstanceResult]) -> Leg {
    let functional: Vec<Outcome> =
        instances.iter().filter(|i| i.functional).map(|i| i.judgement.outcome).collect();
    if functional.is_empty() {
        let because = "the standard has no functional test for it".to_owned();
        return Leg { outcome: Outcome::NotApplicable, because, gaps: Vec::new() };
    }
    let outcome = all(functional.iter().copied());
    let passed = functional.iter().filter(|o| **o == Outcome::Pass).count();
    let counted = functional.iter().filter(|o| **o != Outcome::NotApplicable).count();
    let because = match outcome {
        Outcome::NotApplicable => "no declared entry falls under its functional tests".to_owned(),
        _ => {
            let functional: Vec<&InstanceResult> = instances.iter().copied().filter(|i| i.functional).collect();
            format!("{passed} of {counted} functional unit instances pass{}", carried_words(&functional))
        }
    };
    Leg { outcome, because, gaps: Vec::new() }
}

fn proven(instances: &[&InstanceResult]) -> Leg {
    let counted: Vec<&&InstanceResult> =
        instances.iter().filter(|i| i.judgement.outcome != Outcome::NotApplicable).collect();
    let refuted = counted.iter().filter(|i| i.judgement.outcome == Outcome::Fail).count();
    let rests = counted.iter().filter(|i| i.judgement.outcome.is_decided() && is_recorded(i)).count();
    let (outcome, because) = match (counted.len(), refuted) {
        (0, _) => (Outcome::NotApplicable, "there is nothing to prove".to_owned()),
        (all, 0) if rests == all => {
            let of_this = all - counted.iter().filter(|i| i.basis == Basis::Carried).count();
            let because = match carried_words(instances).as_str() {
                "" => format!("all {all} unit instances rest on this release's records"),
                carried => format!("{of_this} of {all} unit instances rest on this release's records{carried}"),
            };
            (Outcome::Pass, because)
        }
        (all, 0) => {
            let of_this = rests - counted.iter().filter(|i| i.basis == Basis::Carried).count();
            let carried = carried_words(instances);
            (Outcome::Open, format!("{of_this} of {all} unit instances rest on this release's records{carried}"))
        }
        (all, refuted) => (Outcome::Fail, format!("{refuted} of {all} unit instances are refuted")),
    };
    Leg { outcome, because, gaps: Vec::new() }
}

/// How many of these results are carried, and from where: `, 3 carried from 1.4.2`; empty when none is.
pub(crate) fn carried_words(instances: &[&InstanceResult]) -> String {
    let mut from: BTreeMap<&str, usize> = BTreeMap::new();
    for instance in instances {
        if let Currency::Carried(carried) = &instance.currency {
            *from.entry(carried.from.as_str()).or_default() += 1;
        }
    }
    from.into_iter().map(|(release, count)| format!(", {count} carried from {release}")).collect()
}

/// Whether a result can be derived again by an auditor: from the declarations alone, or from a record.
fn is_recorded(instance: &InstanceResult) -> bool {
    let record = |g: &Ground| matches!(g, Ground::Observed { .. } | Ground::Stated { .. });
    instance.basis == Basis::Rule || instance.judgement.grounds.iter().any(record)
}
