//! Conversations that nothing declares: a port of the product that a peer reached, or a peer that the product went to.
//!
//! A port of the product that answered a peer is an interface. A peer that the product went to is communication; what it
//! is for, and by which declared interface it goes, is for a person to say.

use std::collections::BTreeSet;

use dossier::{ComMechFacts, Entry, InterfaceFacts};
use model::{Conversation, Opened, Transport};

use crate::judgement::{Gap, Next};
use crate::view::{TableKind, View};

use super::super::crypto_offer::places;
use super::super::interfaces::{port_of, same_protocol};
use super::super::probe_names::{DUT, UDP_SERVICES};
use super::super::seen::{PortKey, key, port_text};
use super::super::undeclared::Surplus;
use super::mechanism::with;
use super::partner::Partners;
use super::{Traffic, at_product};

/// Everything that the dossier declares of who speaks where.
#[derive(Debug)]
pub(crate) struct Known<'a> {
    /// Ports of the product.
    own: BTreeSet<PortKey>,
    /// Ports of services, by the id of the service.
    theirs: BTreeSet<(String, PortKey)>,
    /// Protocols of interfaces that only open connections.
    opens: Vec<&'a str>,
}

/// Reads the tables of interfaces and of communication, and the addresses of services.
pub(crate) fn known<'a>(view: &View<'a>) -> Known<'a> {
    let (mut own, mut theirs) = (BTreeSet::new(), BTreeSet::new());
    let mut opens = Vec::new();
    for entry in view.entries(view.table_name(TableKind::LogicalInterface)) {
        own.extend(port_of(entry));
        let facts = entry.facts::<InterfaceFacts>();
        if facts.and_then(|f| f.outgoing.as_ref()).is_some_and(|o| o.value) {
            opens.extend(facts.and_then(|f| f.protocol.as_ref()).map(|p| p.value.as_str()));
        }
    }
    for entry in view.entries(view.table_name(TableKind::Communication)) {
        let Some(facts) = entry.facts::<ComMechFacts>() else { continue };
        for place in places(view, entry, facts).unwrap_or_default() {
            match place.target.as_str() {
                DUT => _ = own.insert(place.at),
                service => _ = theirs.insert((service.to_owned(), place.at)),
            }
        }
    }
    for partner in Partners::of(view).services {
        theirs.extend(partner.addresses.iter().filter_map(|a| Some((partner.id.clone(), a.at?))));
    }
    Known { own, theirs, opens }
}

impl Known<'_> {
    /// Whether something declares a conversation: a port of the product, a port of a service, or, for a protocol in
    /// clear such as DNS, an interface that opens connections of that protocol.
    pub(crate) fn declares(&self, seen: &Conversation, partners: &Partners) -> bool {
        let at = key(&seen.server);
        if at_product(seen, &partners.product) {
            return self.own.contains(&at);
        }
        // What is sent to a group goes to the port that the product itself listens on.
        let group = match seen.server.address {
            std::net::IpAddr::V4(a) => a.is_multicast() || a.is_broadcast() || a.octets()[3] == 255,
            std::net::IpAddr::V6(a) => a.is_multicast(),
        };
        let service = partners.service(seen);
        (group && self.own.contains(&at))
            || service.is_some_and(|p| self.theirs.contains(&(p.id.clone(), at)))
            || (service.is_none() && self.opens.iter().any(|protocol| same_protocol(protocol, &seen.protocol)))
    }
}

/// What captures show that nothing declares, for the units that ask for it. Ports of the product that are told already, or
/// that answer without it being on, are left out.
pub(crate) fn undeclared(view: &View<'_>, told: &BTreeSet<PortKey>) -> Vec<Surplus> {
    let (traffic, partners, known) = (Traffic::of(view), Partners::of(view), known(view));
    // Without any typed fact an entry may mean anything.
    let vague = vague(view);
    let mut found: Vec<Surplus> = Vec::new();
    for shown in &traffic.conversations {
        let seen = shown.fact;
        if known.declares(seen, &partners) {
            continue;
        }
        let at = port_text(key(&seen.server));
        let here = at_product(seen, &partners.product);
        if here && told.contains(&key(&seen.server)) {
            continue;
        }
        let doubt = |missing: String, next: Next| Some(Gap { missing, next });
        let (text, doubt) = match (here, seen.opened) {
            (true, _) if seen.sent == 0 => continue,
            (true, Opened::ByPeer) if seen.server.transport == Transport::Tcp && vague.is_none() => {
                (format!("{at} answers {} in a capture and nothing declares it", seen.client), None)
            }
            (true, Opened::ByPeer) if seen.server.transport == Transport::Udp => {
                let text = format!("{at} answers {} in a capture and nothing declares it", seen.client);
                let next = Next::Observe { probe: UDP_SERVICES.to_owned(), target: DUT.to_owned() };
                (text.clone(), doubt(text, next))
            }
            (true, _) => {
                let text = format!("{at} speaks with {} in a capture", seen.client);
                (text.clone(), doubt(text.clone(), Next::State { what: format!("what {at} is: {text}") }))
            }
            (false, Opened::Unseen) => continue,
            (false, _) => {
                let text = format!(
                    "the product speaks {} {}, and nothing declares it",
                    seen.protocol,
                    with(seen, &partners)
                );
                let what = format!("what it is for and which interface it belongs to: {text}");
                (text.clone(), doubt(text, Next::State { what }))
            }
        };
        if !found.iter().any(|known| known.text == text) {
            let ground = shown.ground(format!("{} {}", seen.protocol, with(seen, &partners)));
            found.push(Surplus { text, grounds: vec![ground], doubt });
        }
    }
    found
}

fn vague<'a>(view: &View<'a>) -> Option<&'a Entry> {
    let entries = view.entries(view.table_name(TableKind::LogicalInterface));
    entries.iter().find(|entry| entry.facts == dossier::Facts::None)
}
