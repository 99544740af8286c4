//! Test group 5.9-3: resilience measures work, judged by how the product came back after outages that captures show.
//!
//! Only what opens connections comes back. What waits to be reached, and orderly joining of a network, are for a person.

use dossier::{ComMechFacts, Entry};
use model::{Edition, Reconnection};

use crate::judgement::{Gap, Ground, Judgement, Next};
use crate::rule::UnitRule;
use crate::view::{TableKind, View};

use super::crypto_offer::places;
use super::probe_names::{DUT, TRAFFIC};
use super::reconnecting::{
    ATTEMPTS, Declared, OUTAGES, STORM_WINDOW, does_not_grow, is_in_step, is_telling, storm, told, too_short,
};
use super::said::{about, missing, missing_gap, prose};
use super::seen::{key, port_text};
use super::traffic::{Partners, Shown, Traffic, capture, mechanisms};
use super::{BOTH, measured};

pub(super) const RULES: &[UnitRule] = &[measured("5.9-3-2a", BOTH, measures_work, &[TRAFFIC])];

fn measures_work(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    let table = match view.catalogue.edition {
        Edition::V3_1_3 => view.table_name(TableKind::LogicalInterface),
        Edition::V2_1_1 => view.table_name(TableKind::Communication),
    };
    about(entry, table, |about| {
        let Some(measures) = prose(about, "Resilience Measures") else {
            return missing(about, "Resilience Measures");
        };
        let goes_out: Vec<(&Entry, &ComMechFacts)> = match about.facts::<ComMechFacts>() {
            Some(facts) => vec![(about, facts)],
            None => mechanisms(view, about).collect(),
        };
        let goes_out: Vec<_> = goes_out.into_iter().filter(|(_, f)| f.service.is_some()).collect();
        came_back(view, about, &goes_out).declared(measures.span, "`Resilience Measures`")
    })
}

/// Judges the outages of every partner that the entry leads to.
fn came_back(view: &View<'_>, about: &Entry, goes_out: &[(&Entry, &ComMechFacts)]) -> Judgement {
    let id = &about.id.value;
    let by_hand = || Next::State { what: format!("reconnection of {id} after several cuts of the network") };
    let traffic = Traffic::of(view);
    let mut outages: Vec<(&Entry, Vec<Shown<'_, Reconnection>>)> = Vec::new();
    for (mechanism, facts) in goes_out {
        outages.push((mechanism, of_mechanism(view, &traffic, mechanism, facts)));
    }
    if outages.iter().all(|(_, seen)| seen.is_empty()) {
        let mut judgement =
            Judgement::open(format!("what {id} does when the network comes back is not measured"), by_hand());
        if !goes_out.is_empty() {
            let missing = format!("no capture shows how {id} comes back after an outage");
            judgement.gaps.push(Gap { missing, next: capture() });
        }
        return judgement;
    }
    let mut faults: Vec<(String, Ground)> = Vec::new();
    let mut gaps: Vec<Gap> = Vec::new();
    let mut grounds: Vec<Ground> = Vec::new();
    for ((mechanism, seen), (_, facts)) in outages.iter().zip(goes_out).filter(|((_, seen), _)| !seen.is_empty()) {
        let declared = Declared {
            shortest: facts.shortest_pause_millis.as_ref().map(|s| s.value),
            grow: facts.pauses_grow.as_ref().map(|g| g.value),
            random: facts.pauses_random.as_ref().map(|r| r.value),
        };
        grounds.extend(seen.iter().map(|shown| shown.ground(outage_text(shown.fact))));
        judge_mechanism(mechanism, facts, declared, seen, &mut faults, &mut gaps);
    }
    if let Some((because, _)) = faults.first().cloned() {
        return faults.into_iter().fold(Judgement::fail(because), |judgement, (_, ground)| judgement.on(ground));
    }
    let judgement = match gaps.first().cloned() {
        Some(gap) => {
            let mut judgement = Judgement::inconclusive(gap.missing, gap.next);
            gaps.push(Gap { missing: format!("whether {id} comes back as described"), next: by_hand() });
            judgement.gaps = gaps;
            judgement
        }
        None => Judgement::pass(format!("{id} comes back with growing pauses that chance varies, as declared")),
    };
    grounds.into_iter().fold(judgement, Judgement::on)
}

fn judge_mechanism(
    mechanism: &Entry,
    facts: &ComMechFacts,
    declared: Declared,
    seen: &[Shown<'_, Reconnection>],
    faults: &mut Vec<(String, Ground)>,
    gaps: &mut Vec<Gap>,
) {
    let id = &mechanism.id.value;
    let mut fault = |shown: &Shown<'_, Reconnection>, because: String| {
        faults.push((because, shown.ground(outage_text(shown.fact))));
    };
    for shown in seen {
        if let Some(most) = storm(shown.fact) {
            fault(shown, format!("{id} tries {most} times within {} s to come back", STORM_WINDOW / 1000));
        }
        if let Some((pause, shortest)) = too_short(shown.fact, declared) {
            fault(shown, format!("{id} comes back after {pause} ms, and declares {shortest} ms at the least"));
        }
        if does_not_grow(shown.fact, declared) {
            fault(shown, format!("the pauses of {id} do not grow, as it declares"));
        }
    }
    let all: Vec<&Reconnection> = seen.iter().map(|shown| shown.fact).collect();
    if let (Some(true), true, Some(shown)) = (declared.random, is_in_step(&all), seen.last()) {
        fault(shown, format!("{id} waits the same pauses after each outage, and declares a part of them random"));
    }
    for (key, given) in [
        ("shortest-pause-millis", facts.shortest_pause_millis.is_some()),
        ("pauses-grow", declared.grow.is_some()),
        ("pauses-random", declared.random.is_some()),
    ] {
        if !given {
            gaps.push(missing_gap(mechanism, key));
        }
    }
    for (key, yes) in [("pauses-grow", declared.grow), ("pauses-random", declared.random)] {
        if yes == Some(false) {
            let next = Next::State { what: format!("whether {id} holds off mass reconnection without `{key}`") };
            gaps.push(Gap { missing: format!("{id} declares `{key} = false`"), next });
        }
    }
    let whole = seen.iter().filter(|s| is_telling(s.fact) && s.fact.back_after.is_some()).count();
    if whole < OUTAGES {
        let missing = format!(
            "{whole} outages of {id} were seen with {ATTEMPTS} attempts or more and the return, {OUTAGES} are needed"
        );
        gaps.push(Gap { missing, next: capture() });
    }
}

/// Outages of the partner of a mechanism, at its places.
fn of_mechanism<'a>(
    view: &View<'a>,
    traffic: &Traffic<'a>,
    mechanism: &Entry,
    facts: &ComMechFacts,
) -> Vec<Shown<'a, Reconnection>> {
    let partners = Partners::of(view);
    let places = places(view, mechanism, facts).unwrap_or_default();
    let is_its = |shown: &&Shown<'a, Reconnection>| {
        let service = traffic.service_at(&shown.fact.server, &partners);
        let here = |target: &str| target != DUT && service.is_some_and(|p| p.id == target);
        places.iter().any(|place| place.at == key(&shown.fact.server) && here(&place.target))
    };
    traffic.reconnections.iter().filter(is_its).copied().collect()
}

fn outage_text(outage: &Reconnection) -> String {
    let back = match outage.back_after {
        Some(millis) => format!("back after {}.{} s", millis / 1000, millis % 1000 / 100),
        None => "not back while it was watched".to_owned(),
    };
    let at = port_text(key(&outage.server));
    format!("{} attempts to reach {at}, pauses {}; {back}", outage.total, told(outage))
}
