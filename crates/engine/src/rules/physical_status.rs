//! Whether a physical network interface is on as declared, told by what answers from the place it is reached from.
//!
//! Only where one interface alone is declared to be reached from a place: what answers there came over it. Links,
//! beacons and advertisements without an address are for a person.

use std::collections::BTreeSet;

use dossier::{Entry, InterfaceFacts, Status};
use model::{Fact, PortState};

use crate::judgement::{Judgement, Next};
use crate::view::{TableKind, View};

use super::probe_names::DUT;
use super::said_status::status;
use super::seen::{Seen, key, port_text};

/// None where no measurement can tell.
pub(super) fn judge(view: &View<'_>, interface: &Entry) -> Option<Judgement> {
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
