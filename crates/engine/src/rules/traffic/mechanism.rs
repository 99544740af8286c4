//! One declared communication mechanism against what captures showed of it.
//!
//! Clear text where protection is declared and a version below the declared lowest refute. TLS as declared supports, and
//! never settles by itself: a capture shows what was used, not what would be accepted.

use dossier::{ComMechFacts, Entry, InterfaceFacts, SecureProtocol};
use model::{ClearContent, Conversation, Protection, TlsVersion};

use crate::judgement::Ground;
use crate::view::{TableKind, View};

use super::super::crypto_offer::Place;
use super::super::interfaces::same_protocol;
use super::super::probe_names::DUT;
use super::super::said::references;
use super::super::seen::{key, port_text};
use super::agreed;
use super::partner::Partners;
use super::{Shown, Traffic, at_product};

/// What captures showed of one mechanism.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    /// What refutes the declaration.
    pub(crate) faults: Vec<(String, Ground)>,
    /// What does not agree with it and may have another meaning.
    pub(crate) doubts: Vec<(String, Ground)>,
    /// What agrees with it.
    pub(crate) support: Vec<(String, Ground)>,
    /// What was seen of it and cannot be told.
    pub(crate) thin: Vec<(String, Ground)>,
}

/// Protocols that begin in clear by design and turn to TLS inside.
const TURNS_TO_TLS: [&str; 6] = ["smtp", "imap", "pop3", "ftp", "xmpp", "ldap"];

/// Compares a mechanism with everything captures showed at its places, and beside them with the same partner.
pub(crate) fn witness(
    view: &View<'_>,
    traffic: &Traffic<'_>,
    mechanism: &Entry,
    facts: &ComMechFacts,
    places: &[Place],
) -> Witness {
    let mut witness = Witness::default();
    let Some(protocol) = facts.protocol.as_ref().map(|p| p.value) else { return witness };
    if !matches!(protocol, SecureProtocol::Tls | SecureProtocol::Dtls | SecureProtocol::Ssh | SecureProtocol::None)
    {
        return witness;
    }
    let partners = Partners::of(view);
    let looking = Looking { view, mechanism, facts, protocol, places, partners: &partners };
    let mut beside = Vec::new();
    for shown in &traffic.conversations {
        if looking.is_here(shown.fact) {
            looking.here(*shown, &mut witness);
            looking.agreed(traffic, *shown, &mut witness);
        } else {
            beside.extend(looking.beside(*shown));
        }
    }
    // Where the mechanism was seen as declared, the same protocol in clear elsewhere may be something else's.
    match witness.support.is_empty() {
        true => witness.faults.extend(beside),
        false => witness.doubts.extend(beside),
    }
    if protocol != SecureProtocol::None {
        for shown in traffic.contents.iter().filter(|s| looking.content_is_here(traffic, s.fact)) {
            let text = format!("{} at {}", content_text(shown.fact), port_text(key(&shown.fact.server)));
            let because = format!("{text}, where {} declares {protocol}", mechanism.id.value);
            witness.faults.push((because, shown.ground(text)));
        }
    }
    witness
}

/// What was readable, without the text itself.
pub(crate) fn content_text(content: &ClearContent) -> String {
    let kind = match content.kind.as_str() {
        "personal-data" => "personal data".to_owned(),
        kind => format!("a {}", kind.replace('-', " ")),
    };
    let whose = if content.sent { "the product sends" } else { "the product is sent" };
    format!("{whose} {kind} in clear ({} in {})", content.place, content.protocol)
}

struct Looking<'a> {
    view: &'a View<'a>,
    mechanism: &'a Entry,
    facts: &'a ComMechFacts,
    protocol: SecureProtocol,
    places: &'a [Place],
    partners: &'a Partners,
}

impl Looking<'_> {
    fn is_at(&self, conversation: &Conversation, place: &Place) -> bool {
        if key(&conversation.server) != place.at {
            return false;
        }
        let here = at_product(conversation, &self.partners.product);
        match place.target.as_str() {
            DUT => here,
            service => !here && self.partners.service(conversation).is_some_and(|p| p.id == service),
        }
    }

    fn is_here(&self, conversation: &Conversation) -> bool {
        self.places.iter().any(|place| self.is_at(conversation, place))
    }

    fn content_is_here(&self, traffic: &Traffic<'_>, content: &ClearContent) -> bool {
        let of_product = traffic.is_at_product(&content.server, self.partners);
        let service = traffic.service_at(&content.server, self.partners);
        let is_at = |place: &Place| match place.target.as_str() {
            DUT => of_product,
            id => service.is_some_and(|p| p.id == id),
        };
        content.sent && self.places.iter().any(|place| key(&content.server) == place.at && is_at(place))
    }

    /// A conversation at a place of the mechanism.
    fn here(&self, shown: Shown<'_, Conversation>, witness: &mut Witness) {
        let seen = shown.fact;
        let with = self.with(seen);
        let mut add = |to: fn(&mut Witness) -> &mut Vec<(String, Ground)>, text: String| {
            to(witness).push((text.clone(), shown.ground(text)));
        };
        let declared = self.protocol;
        match (declared, seen.protection) {
            (SecureProtocol::None, Protection::Clear) => {
                add(|w| &mut w.support, format!("speaks {} in clear {with}, as declared", seen.protocol));
            }
            (SecureProtocol::None, Protection::Unknown) | (_, Protection::Unknown) if seen.partial => {
                add(|w| &mut w.thin, format!("what is spoken {with} was captured in part and is not told"));
            }
            (SecureProtocol::None, Protection::Unknown) => {
                add(|w| &mut w.thin, format!("what is spoken {with} is not told"));
            }
            (SecureProtocol::None, other) => {
                add(|w| &mut w.doubts, format!("is protected {with} ({}), and declared in clear", word(other)));
            }
            (SecureProtocol::Tls, Protection::Tls) | (SecureProtocol::Dtls, Protection::Dtls) => {
                self.versions(shown, witness);
            }
            (SecureProtocol::Ssh, Protection::Ssh) => {
                add(|w| &mut w.support, format!("speaks SSH {with}, as declared"));
            }
            (_, Protection::Clear) => self.clear(shown, witness),
            (_, Protection::Unknown) => {
                add(|w| &mut w.doubts, format!("speaks no known protocol {with}, where {declared} is declared"));
            }
            (_, other) => {
                add(|w| &mut w.doubts, format!("speaks {} {with}, where {declared} is declared", word(other)));
            }
        }
    }

    /// What a protected conversation at a place of the mechanism agreed on.
    fn agreed(&self, traffic: &Traffic<'_>, shown: Shown<'_, Conversation>, witness: &mut Witness) {
        let seen = shown.fact;
        if !matches!(
            (self.protocol, seen.protection),
            (SecureProtocol::Tls, Protection::Tls) | (SecureProtocol::Dtls, Protection::Dtls)
        ) {
            return;
        }
        let with = self.with(seen);
        agreed::suites(self.view, self.facts, shown, &with, witness);
        for place in self.places.iter().filter(|place| self.is_at(seen, place)) {
            agreed::certificates(self.view, traffic, place, shown, &with, witness);
        }
    }

    /// Clear text at a place where protection is declared.
    fn clear(&self, shown: Shown<'_, Conversation>, witness: &mut Witness) {
        let (seen, declared) = (shown.fact, self.protocol);
        let with = self.with(seen);
        let text = format!("speaks {} in clear {with}, where {declared} is declared", seen.protocol);
        let turned = !seen.versions.is_empty() && TURNS_TO_TLS.contains(&seen.protocol.as_str());
        if at_product(seen, &self.partners.product) {
            // A client that speaks in clear to a TLS port, as a scanner does, is often answered in clear that it is wrong.
            if seen.versions.is_empty() && seen.sent > 0 {
                witness.doubts.push((text.clone(), shown.ground(text)));
            }
        } else if turned || seen.sent == 0 {
            witness.doubts.push((text.clone(), shown.ground(text)));
        } else {
            witness.faults.push((text.clone(), shown.ground(text)));
        }
    }

    fn versions(&self, shown: Shown<'_, Conversation>, witness: &mut Witness) {
        let seen = shown.fact;
        let with = self.with(seen);
        let Some(oldest) = seen.versions.iter().min().copied() else {
            let text = format!("the version of TLS agreed on {with} was not seen");
            witness.thin.push((text.clone(), shown.ground(text)));
            return;
        };
        let lowest = self.facts.lowest_version.as_ref().map(|l| l.value);
        let text = match lowest {
            Some(lowest) if oldest < lowest => {
                format!("agrees on {oldest} {with}, below the declared lowest {lowest}")
            }
            None if oldest <= TlsVersion::Ssl3 => format!("agrees on {oldest} {with}, which is broken"),
            _ => {
                let text = format!("agrees on {} {with}", versions_text(&seen.versions));
                witness.support.push((text.clone(), shown.ground(text)));
                return;
            }
        };
        witness.faults.push((text.clone(), shown.ground(text)));
    }

    /// The protocol of the mechanism, in clear with the same service at a place that nothing declares.
    fn beside(&self, shown: Shown<'_, Conversation>) -> Option<(String, Ground)> {
        let seen = shown.fact;
        let service = self.facts.service.as_ref()?;
        let partner = self.partners.service(seen).filter(|p| p.id == service.value.value)?;
        if self.protocol == SecureProtocol::None
            || seen.protection != Protection::Clear
            || at_product(seen, &self.partners.product)
            || self.is_declared_elsewhere(seen, partner.answers_at(&seen.server).is_some_and(|a| !a.secure))
        {
            return None;
        }
        let own = self.application(partner)?;
        same_protocol(&own, &seen.protocol).then(|| {
            let id = &self.mechanism.id.value;
            let text = format!("speaks {} in clear {}", seen.protocol, self.with(seen));
            (format!("{text}, where {id} declares {}", self.protocol), shown.ground(text))
        })
    }

    /// Whether clear text at this place of the service is declared: by its address, or by a mechanism in clear.
    fn is_declared_elsewhere(&self, seen: &Conversation, by_address: bool) -> bool {
        let table = self.view.table_name(TableKind::Communication);
        let in_clear = |facts: &ComMechFacts| {
            let protocol = facts.protocol.as_ref().map(|p| p.value);
            let transport = facts.transport.as_ref().map_or(model::Transport::Tcp, |t| t.value);
            let port = facts.port.as_ref().map(|p| (transport, p.value));
            protocol == Some(SecureProtocol::None) && port == Some(key(&seen.server))
        };
        by_address || self.view.entries(table).iter().filter_map(Entry::facts).any(in_clear)
    }

    /// The protocol inside the mechanism: by the declared address of the service, or by the interface it names.
    fn application(&self, partner: &super::partner::Partner) -> Option<String> {
        let of_address = partner.addresses.iter().find(|a| self.places.iter().any(|place| a.at == Some(place.at)));
        if let Some(address) = of_address.filter(|a| a.protocol != "tls" && a.protocol != "dtls") {
            return Some(address.protocol.clone());
        }
        let table = self.view.table_name(TableKind::LogicalInterface);
        let interfaces = references(self.mechanism, "Interface").unwrap_or_default();
        let mut named = interfaces.iter().filter_map(|id| self.view.dossier.entry(table, &id.value));
        named.find_map(|e| Some(e.facts::<InterfaceFacts>()?.protocol.as_ref()?.value.clone()))
    }

    /// With whom, and where.
    fn with(&self, seen: &Conversation) -> String {
        with(seen, self.partners)
    }
}

/// `with cloud at 8883/tcp`, `at 443/tcp` for the product's own port.
pub(crate) fn with(seen: &Conversation, partners: &Partners) -> String {
    let port = port_text(key(&seen.server));
    if at_product(seen, &partners.product) {
        return format!("at {port}");
    }
    match (partners.service(seen), seen.names.first()) {
        (Some(partner), _) => format!("with {} at {port}", partner.id),
        (None, Some(name)) => format!("with {name} ({}) at {port}", seen.server.address),
        (None, None) => format!("with {} at {port}", seen.server.address),
    }
}

/// `tls-1.2, tls-1.3`.
fn versions_text(versions: &[TlsVersion]) -> String {
    versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn word(protection: Protection) -> &'static str {
    match protection {
        Protection::Tls => "TLS",
        Protection::Dtls => "DTLS",
        Protection::Quic => "QUIC",
        Protection::Ssh => "SSH",
        Protection::Clear => "clear text",
        Protection::Unknown => "no known protocol",
    }
}
