//! Declared logical interfaces by transport and port, and what refers to them.

use dossier::{Entry, InterfaceFacts, Located, UserIntfFacts};

use crate::judgement::{Judgement, Next};
use crate::view::{TableKind, View};

use super::said::missing;
use super::seen::PortKey;

/// A declared interface with the port it answers on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Declared<'a> {
    pub(super) entry: &'a Entry,
    pub(super) at: PortKey,
}

/// Transport and port of an entry of 28-LogIntf or 15-Intf, where both are declared.
pub(super) fn port_of(entry: &Entry) -> Option<PortKey> {
    let facts = entry.facts::<InterfaceFacts>()?;
    Some((facts.transport.as_ref()?.value, facts.port.as_ref()?.value))
}

/// Whether an entry is declared to open connections only, so that no port at the product is its.
pub(super) fn is_outgoing(entry: &Entry) -> bool {
    let facts = entry.facts::<InterfaceFacts>();
    facts.and_then(|f| f.outgoing.as_ref()).is_some_and(|o| o.value) && port_of(entry).is_none()
}

/// What an interface lacks before it can be measured.
pub(super) const PLACE: &str = "transport and port, or outgoing";

/// Every declared logical interface that has a port.
pub(super) fn with_port<'a>(view: &View<'a>) -> Vec<Declared<'a>> {
    let entries = view.entries(view.table_name(TableKind::LogicalInterface));
    entries.iter().filter_map(|entry| Some(Declared { entry, at: port_of(entry)? })).collect()
}

/// The ports that a list of interface ids stands for, and an open judgement for each id that stands for none.
pub(super) fn ports_of<'a>(
    view: &View<'a>,
    owner: &Entry,
    key: &str,
    ids: Option<&Located<Vec<Located<String>>>>,
) -> (Vec<Declared<'a>>, Vec<Judgement>) {
    let (mut found, mut open) = (Vec::new(), Vec::new());
    match ids {
        Some(ids) if !ids.is_empty() => {
            for id in ids.iter() {
                match port(view, id) {
                    Ok(declared) => found.push(declared),
                    Err(judgement) => open.push(judgement),
                }
            }
        }
        _ => open.push(missing(owner, key)),
    }
    (found, open)
}

/// The interface that an id names: a logical one, or the logical one behind a user interface.
fn port<'a>(view: &View<'a>, id: &Located<String>) -> Result<Declared<'a>, Judgement> {
    let logical = view.table_name(TableKind::LogicalInterface);
    if let Some(entry) = view.dossier.entry(logical, &id.value) {
        return match port_of(entry) {
            Some(at) => Ok(Declared { entry, at }),
            None if is_outgoing(entry) => Err(for_a_person(id, "it only opens connections")),
            None => Err(missing(entry, PLACE)),
        };
    }
    if let Some(user) = view.dossier.entry("UserIntf", &id.value) {
        let behind = user.facts::<UserIntfFacts>().and_then(|f| f.interface.as_ref());
        return match behind.and_then(|ids| ids.iter().find_map(|id| view.dossier.entry(logical, &id.value))) {
            Some(entry) if is_outgoing(entry) => Err(for_a_person(id, "what is behind it only opens connections")),
            Some(entry) => port_of(entry).map(|at| Declared { entry, at }).ok_or_else(|| missing(entry, PLACE)),
            None => Err(for_a_person(id, "it has no network interface behind it")),
        };
    }
    let physical = view.table_name(TableKind::PhysicalInterface);
    if view.dossier.entry(physical, &id.value).is_some() {
        return Err(for_a_person(id, "it is a physical interface"));
    }
    Err(Judgement::open(
        format!("{} is named, and {logical} does not hold it", id.value),
        Next::Declare { place: logical.to_owned(), entry: Some(id.value.clone()), what: "the entry".to_owned() },
    )
    .declared(id.span, format!("names {}", id.value)))
}

fn for_a_person(id: &Located<String>, why: &str) -> Judgement {
    Judgement::open(
        format!("no probe measures {}: {why}", id.value),
        Next::State { what: format!("the behaviour at {}", id.value) },
    )
    .declared(id.span, format!("names {}", id.value))
}

/// Whether a bare protocol name and a seen one mean the same; `https` is `http` inside TLS.
pub(super) fn same_protocol(declared: &str, seen: &str) -> bool {
    let plain = |name: &str| {
        let name = name.trim().to_lowercase();
        match name.as_str() {
            "https" | "http/2" | "http2" | "h2" | "h2c" | "http/1.1" => "http".to_owned(),
            "mqtts" => "mqtt".to_owned(),
            "coaps" => "coap".to_owned(),
            "rtsps" => "rtsp".to_owned(),
            "upnp" => "ssdp".to_owned(),
            "dns-sd" => "mdns".to_owned(),
            _ => name,
        }
    };
    plain(declared) == plain(seen)
}
