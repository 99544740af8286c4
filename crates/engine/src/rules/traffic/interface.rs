//! Whether captures show a declared interface in use. That none does is no sign that it is off.

use dossier::{ComMechFacts, Entry, InterfaceFacts};
use model::Opened;

use crate::judgement::Ground;
use crate::view::{TableKind, View};

use super::super::crypto_offer::{Place, places};
use super::super::interfaces::same_protocol;
use super::super::probe_names::DUT;
use super::super::said::references;
use super::super::seen::{PortKey, key, port_text};
use super::mechanism::with;
use super::partner::Partners;
use super::{Traffic, at_product};

/// A peer that opened a conversation with a port of the product and was answered.
pub(crate) fn answers(view: &View<'_>, at: PortKey) -> Option<(String, Ground)> {
    let partners = Partners::of(view);
    let traffic = Traffic::of(view);
    let mut seen = traffic.conversations.iter();
    let shown = seen.find(|s| s.fact.opened == Opened::ByPeer && key(&s.fact.server) == at && s.fact.sent > 0)?;
    let text = format!("a capture shows {} answering {}", port_text(at), shown.fact.client);
    at_product(shown.fact, &partners.product).then(|| (text.clone(), shown.ground(text)))
}

/// A conversation that the product opened over an interface that only opens connections: at a place of a mechanism that
/// names the interface, or in the protocol that it declares with somebody who is no declared service.
pub(crate) fn opens(view: &View<'_>, interface: &Entry) -> Option<(String, Ground)> {
    let (partners, traffic) = (Partners::of(view), Traffic::of(view));
    let places: Vec<Place> = mechanisms(view, interface)
        .filter_map(|(entry, facts)| places(view, entry, facts).ok())
        .flatten()
        .filter(|place| place.target != DUT)
        .collect();
    let protocol = interface.facts::<InterfaceFacts>().and_then(|f| f.protocol.as_ref()).map(|p| p.value.as_str());
    let shown = traffic.conversations.iter().find(|shown| {
        let seen = shown.fact;
        if seen.opened != Opened::ByProduct || seen.sent == 0 {
            return false;
        }
        match partners.service(seen) {
            Some(partner) => places.iter().any(|p| p.target == partner.id && p.at == key(&seen.server)),
            None => protocol.is_some_and(|p| same_protocol(p, &seen.protocol)),
        }
    })?;
    let text =
        format!("a capture shows the product speaking {} {}", shown.fact.protocol, with(shown.fact, &partners));
    Some((text.clone(), shown.ground(text)))
}

/// Communication mechanisms that name an interface.
pub(crate) fn mechanisms<'a>(
    view: &View<'a>,
    interface: &Entry,
) -> impl Iterator<Item = (&'a Entry, &'a ComMechFacts)> {
    let id = interface.id.value.clone();
    let entries = view.entries(view.table_name(TableKind::Communication)).iter();
    let names = move |e: &&Entry| references(e, "Interface").unwrap_or_default().iter().any(|i| i.value == id);
    entries.filter(names).filter_map(|e| Some((e, e.facts()?)))
}
