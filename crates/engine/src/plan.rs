//! Every unit instance of a product, what can settle it, how far that reaches into the product and what is missing.
//!
//! The plan is made before anything is measured and holds no verdict.

use std::collections::BTreeMap;

use catalogue::{Case, Kind, Provision, Unit};
use dossier::{ComMechFacts, Entry};
use model::{Method, ProvisionId, Touches};
use serde::Serialize;

use crate::answer::{Answer, answer};
use crate::applies::Applies;
use crate::judgement::{Gap, InstanceId, Next};
use crate::rule::{InScope, UnitRule};
use crate::scope::{Ranged, ranges};
use crate::view::View;

/// What can settle a unit instance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Settle {
    /// A rule, from the declarations alone.
    Rule,
    /// A probe, judged by a rule.
    Probe {
        /// Probe id.
        id: String,
        /// `dut` or a service's id.
        target: String,
    },
    /// A person at the product, by the guided procedure.
    Statement,
    /// A person who reads what is declared and documented.
    Document,
}

/// One unit instance in the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedInstance {
    /// Which.
    pub id: InstanceId,
    /// The provision it tests.
    pub provision: ProvisionId,
    /// Who or what the catalogue expects to settle it.
    pub method: Method,
    /// What can settle it here, the first being the usual way; empty when it does not have to be settled.
    pub settled_by: Vec<Settle>,
    /// The furthest that its probes reach; nothing when no probe is involved.
    pub touches: Touches,
    /// What has to be declared or prepared first.
    pub missing: Vec<Gap>,
    /// Whether it applies: the provision to the product, and the unit to the entry.
    pub applies: InScope,
}

/// Plans every unit of the edition for every entry it ranges over, in the order of the standard.
pub fn plan(view: &View<'_>) -> Vec<PlannedInstance> {
    plan_with(view, crate::rules())
}

pub(crate) fn plan_with(view: &View<'_>, rules: &'static [UnitRule]) -> Vec<PlannedInstance> {
    let mut answers: BTreeMap<&ProvisionId, Answer> = BTreeMap::new();
    let mut planned = Vec::new();
    for step in steps(view, rules) {
        let answer = answers.entry(&step.provision.id).or_insert_with(|| answer(view, step.provision));
        planned.extend(ranges(view, step.unit).into_iter().map(|ranged| one(view, &step, answer, ranged)));
    }
    planned.sort_by(|a, b| a.id.cmp(&b.id));
    planned
}

fn one(view: &View<'_>, step: &Step<'_>, answer: &Answer, ranged: Ranged<'_>) -> PlannedInstance {
    let applies = match answer.untested() {
        Some(untested) => InScope::No(untested.because),
        None => match (&ranged.scope, &answer.applies) {
            (InScope::Yes, Applies::Unknown(gaps)) => gaps.first().cloned().map_or(InScope::Yes, InScope::Unknown),
            (scope, _) => scope.clone(),
        },
    };
    let mut planned = PlannedInstance {
        id: instance(step.unit, &ranged),
        provision: step.provision.id.clone(),
        method: step.unit.method,
        settled_by: Vec::new(),
        touches: Touches::Nothing,
        missing: Vec::new(),
        applies,
    };
    if matches!(planned.applies, InScope::No(_)) {
        return planned;
    }
    if let InScope::Unknown(gap) = &ranged.scope {
        planned.missing.push(gap.clone());
    }
    if let Applies::Unknown(gaps) = &answer.applies {
        planned.missing.extend(gaps.iter().cloned());
    }
    planned.settled_by = settled_by(step, ranged.entry);
    planned.touches = planned.settled_by.iter().map(touches).max().unwrap_or(Touches::Nothing);
    planned.missing.extend(unprepared(view, &planned.settled_by));
    planned
}

/// The id of a unit applied to one of the things it ranges over.
pub(crate) fn instance(unit: &Unit, ranged: &Ranged<'_>) -> InstanceId {
    let entry = ranged.entry.map(|e| (e.table.clone(), e.id.value.clone()));
    InstanceId { unit: unit.id.clone(), entry }
}

fn settled_by(step: &Step<'_>, entry: Option<&Entry>) -> Vec<Settle> {
    let person = if step.unit.kind == Kind::Functional { Settle::Statement } else { Settle::Document };
    match step.rule {
        None => vec![person],
        Some(rule) if rule.probes.is_empty() => vec![Settle::Rule],
        Some(rule) => {
            let target = target(entry);
            let probe = |id: &&str| Settle::Probe { id: (*id).to_owned(), target: target.clone() };
            // The product is a client of its services alone.
            let met = |id: &&&str| **id != CLIENT_CHECKS || target != "dut";
            rule.probes.iter().filter(met).map(probe).collect()
        }
    }
}

/// Which target of the bench an instance is measured at.
pub(crate) fn target(entry: Option<&Entry>) -> String {
    let service = entry.and_then(|e| e.facts::<ComMechFacts>()).and_then(|f| f.service.as_ref());
    service.map_or_else(|| "dut".to_owned(), |s| s.value.value.clone())
}

/// The probe that stands in for a service.
const CLIENT_CHECKS: &str = "tls.client-checks";

/// How far each probe reaches, and its revision. The probe's own card decides when it runs; a plan has to say so
/// before, and a verdict that is carried has to be of the same revision.
const PROBES: &[(&str, Touches, u32)] = &[
    ("net.tcp-ports", Touches::Active, 1),
    ("net.udp-services", Touches::Active, 5),
    ("net.neighbours", Touches::Active, 2),
    ("net.services", Touches::Active, 6),
    ("http.surface", Touches::Active, 3),
    ("http.access", Touches::Intrusive, 3),
    ("http.input", Touches::Intrusive, 3),
    ("mqtt.input", Touches::Intrusive, 2),
    ("coap.input", Touches::Intrusive, 2),
    ("raw.input", Touches::Intrusive, 1),
    ("auth.defaults", Touches::Intrusive, 2),
    ("auth.guessing", Touches::Intrusive, 5),
    (CLIENT_CHECKS, Touches::Intrusive, 2),
    ("auth.sessions", Touches::Intrusive, 1),
    ("auth.change", Touches::Destructive, 1),
    ("tls.server-offer", Touches::Active, 4),
    ("web.page", Touches::Passive, 1),
    ("traffic.capture", Touches::Nothing, 2),
    ("dut.identity", Touches::Passive, 1),
];

/// What the engine holds of a probe's card: how far it reaches, and its revision. None for a probe it does not know.
pub fn probe_card(id: &str) -> Option<(Touches, u32)> {
    PROBES.iter().find(|(probe, ..)| *probe == id).map(|(_, touches, revision)| (*touches, *revision))
}

fn touches(settle: &Settle) -> Touches {
    match settle {
        // A probe that is not listed is taken for intrusive until it is.
        Settle::Probe { id, .. } => probe_card(id).map_or(Touches::Intrusive, |(touches, _)| touches),
        _ => Touches::Nothing,
    }
}

/// What the bench lacks for the probes.
fn unprepared(view: &View<'_>, settle: &[Settle]) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let prepare = |missing: String, what: String| Gap { missing, next: Next::Prepare { what } };
    for one in settle {
        let Settle::Probe { id, target } = one else { continue };
        let bench = view.dossier.bench.as_ref();
        // Published pages are found by their own addresses.
        if id != "web.page" && bench.and_then(|b| b.target(target)).is_none_or(|t| t.address.is_none()) {
            let what = format!("a `[[target]]` named `{target}` with its address");
            gaps.push(prepare(format!("the bench has no address for {target}"), what));
        }
        if id == CLIENT_CHECKS && bench.is_none_or(|b| b.interception.is_none()) {
            let what = "`[interception]` with an address to listen at".to_owned();
            gaps.push(prepare(format!("the bench cannot stand in for {target}"), what));
        }
        let consent = bench.and_then(|b| b.consent.as_ref()).and_then(|c| c.touches.as_ref()).map(|t| t.value);
        let needed = touches(one);
        if consent.is_none_or(|c| c < needed) {
            let what = format!("`[consent]` with touches = \"{needed}\"");
            gaps.push(prepare(format!("nobody has agreed to {needed} steps"), what));
        }
    }
    gaps.sort();
    gaps.dedup();
    gaps
}

/// A unit with everything that judging it needs.
pub(crate) struct Step<'a> {
    pub(crate) unit: &'a Unit,
    pub(crate) case: &'a Case,
    pub(crate) provision: &'a Provision,
    pub(crate) rule: Option<&'static UnitRule>,
}

/// Every unit of the edition, in the order of the standard.
pub(crate) fn steps<'a>(view: &View<'a>, rules: &'static [UnitRule]) -> Vec<Step<'a>> {
    let catalogue = view.catalogue;
    let cases: BTreeMap<_, _> = catalogue.cases.iter().map(|c| (&c.id, c)).collect();
    let groups: BTreeMap<_, _> = catalogue.groups.iter().map(|g| (&g.id, g)).collect();
    let provisions: BTreeMap<_, _> = catalogue.provisions.iter().map(|p| (&p.id, p)).collect();
    let rules: BTreeMap<_, _> =
        rules.iter().filter(|r| r.editions.contains(&catalogue.edition)).map(|r| (r.unit, r)).collect();
    let step = |unit: &'a Unit| {
        let case = *cases.get(&unit.case)?;
        let provision = *provisions.get(&groups.get(&case.group)?.provision)?;
        Some(Step { unit, case, provision, rule: rules.get(unit.id.as_str()).copied() })
    };
    catalogue.units.iter().filter_map(step).collect()
}
