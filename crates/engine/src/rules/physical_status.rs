//! Whether a physical network interface is on as declared, told by what answers from the place it is reached from.
//!
//! Only where one interface alone is declared to be reached from a place: what answers there came over it. Links,
//! beacons and advertisements without an address are for a person.

use std::collections::BTreeSet;

use dossier::{Entry, InterfaceFacts, IpVersion, Status};
use model::{Fact, PortState};

use crate::judgement::{Judgement, Next};
use crate::view::{TableKind, View};

use super::ip_versions::{Carried, carried, met_over_ipv6};
use super::probe_names::DUT;
use super::said_status::status;
use super::seen::{Family, Seen, key, port_text};

/// None where no measurement can tell.
pub(super) fn judge(view: &View<'_>, interface: &Entry) -> Option<Judgement> {
    if let Some(judgement) = undeclared_version(view, interface) {
        return Some(judgement);
    }
    let places = own_places(view, interface);
    if places.is_empty() {
        return None;
    }
    let id = &interface.id.value;
    let declared = match status(interface, interface.facts::<InterfaceFacts>().and_then(|f| f.status.as_ref())) {
        Ok(status) => status,
        Err(judgement) => return Some(judgement),
    };
    let seen = Seen::of(view, DUT).only(|at| places.contains(&at.place.0));
    let answer = seen.facts().into_iter().find_map(|sight| match sight.fact {
        Fact::Port { endpoint, state: PortState::Open, background: false } => Some((sight, key(endpoint))),
        _ => None,
    });
    let (sight, at) = answer?;
    let place = &sight.record.body.run.place;
    let judgement = match declared.value {
        Status::Enabled => {
            Judgement::pass(format!("{id} is declared enabled, and the product answers from {place}"))
        }
        Status::Disabled | Status::DisabledByDefault => Judgement::inconclusive(
            format!("{id} is declared {}, and the product answers from {place}", declared.value),
            Next::State { what: format!("whether {id} was switched on for the measurement") },
        ),
        Status::DisabledPermanently => {
            Judgement::fail(format!("{id} is declared {}, and the product answers from {place}", declared.value))
        }
    };
    Some(
        judgement
            .on(sight.ground(format!("{} answers from {place}", port_text(at))))
            .declared(declared.span, format!("{id} is declared {}", declared.value)),
    )
}

/// IPv6 that the only interface with IP is declared not to carry, and over which the product answers.
fn undeclared_version(view: &View<'_>, interface: &Entry) -> Option<Judgement> {
    let versions = |entry: &Entry| {
        let list = entry.facts::<InterfaceFacts>().and_then(|f| f.ip.as_ref())?;
        Some((list.span, list.iter().map(|version| version.value).collect::<Vec<_>>()))
    };
    let (span, own) = versions(interface).filter(|(_, own)| !own.is_empty())?;
    let Carried::No(_) = carried(view, Family::V6) else { return None };
    let (text, met) = met_over_ipv6(view)?;
    let id = &interface.id.value;
    let all = view.entries(view.table_name(TableKind::PhysicalInterface)).iter();
    let alone = all.filter(|entry| versions(entry).is_some_and(|(_, list)| !list.is_empty())).count() == 1;
    let because = format!("{text}, and {id} is declared to carry no IPv6");
    let judgement = match alone {
        true => Judgement::fail(because),
        false => Judgement::inconclusive(
            because,
            Next::State { what: format!("over which interface the product answers, {id} among them") },
        ),
    };
    debug_assert!(!own.contains(&IpVersion::V6));
    Some(judgement.on(met).declared(span, format!("{id}: `ip`")))
}

/// The places from which this interface alone is declared to be reached.
fn own_places(view: &View<'_>, interface: &Entry) -> BTreeSet<String> {
    let of = |entry: &Entry| -> BTreeSet<String> {
        let places = entry.facts::<InterfaceFacts>().and_then(|f| f.places.as_ref());
        places.into_iter().flat_map(|places| places.iter()).map(|place| place.value.clone()).collect()
    };
    let mut own = of(interface);
    let all = view.entries(view.table_name(TableKind::PhysicalInterface)).iter();
    for other in all.filter(|other| other.id.value != interface.id.value) {
        own.retain(|place| !of(other).contains(place));
    }
    own
}
