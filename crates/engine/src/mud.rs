//! Manufacturer Usage Descriptions (RFC 8520): one written from the declared communication, and one held against it.
//!
//! A description says what a network may let through. It is the supplier's word as the dossier is, and no evidence.

use std::collections::BTreeSet;
use std::net::IpAddr;

use dossier::{ComMechFacts, InterfaceFacts, Reach, Status};
use model::{Opened, Timestamp, Transport};
use serde_json::{Map, Value, json};

use crate::rules::{Partners, Traffic};
use crate::view::{TableKind, View};

/// Octets of a file that is read.
const MOST_OCTETS: usize = 1 << 20;
/// Entries of access lists that are read.
const MOST_ENTRIES: usize = 4096;
/// Octets of a name.
const MOST_NAME: usize = 255;
/// Hours for which a description may be kept (RFC 8520, section 3.5).
const VALIDITY: u32 = 48;

/// With whom something may pass.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// A host name or address.
    Host(String),
    /// The network the product is attached to.
    Local,
    /// Anybody.
    Any,
    /// Whom the network's own configuration names: `my-controller`, `same-manufacturer`.
    Abstract(String),
}

/// One thing that may pass.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Way {
    /// Whether the product opens it; otherwise the peer does, to a port of the product.
    pub by_product: bool,
    /// With whom.
    pub peer: Peer,
    /// TCP or UDP.
    pub transport: Transport,
    /// Port of the side that answers; any where none is named.
    pub port: Option<u16>,
}

/// Why a description is not written or read.
#[derive(Debug, PartialEq, Eq)]
pub enum MudError {
    /// Its own address.
    Url(String),
    /// The text.
    Text(String),
}

impl std::fmt::Display for MudError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            MudError::Url(url) => write!(
                f,
                "write the description: `{url}` is no address that it may be fetched from\n\nhint: it has to begin with \
                 `https://` (RFC 8520, section 3.2)"
            ),
            MudError::Text(why) => write!(f, "read the description: {why}"),
        }
    }
}

impl std::error::Error for MudError {}

impl std::fmt::Display for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let who = if self.by_product { "the product opens" } else { "others open" };
        let port = self.port.map_or_else(|| "any port".to_owned(), |port| port.to_string());
        let peer = match &self.peer {
            Peer::Host(host) => host.clone(),
            Peer::Local => "the local network".to_owned(),
            Peer::Any => "anybody".to_owned(),
            Peer::Abstract(name) => name.clone(),
        };
        let link = if self.by_product { "with" } else { "from" };
        write!(f, "{who} {port}/{} {link} {peer}", self.transport)
    }
}

/// Everything that the dossier declares to pass.
pub fn declared(view: &View<'_>) -> BTreeSet<Way> {
    let mut ways = BTreeSet::new();
    for partner in Partners::of(view).services {
        let places = partner.addresses.iter().filter_map(|address| Some((address.host.clone(), address.at?)));
        let hosts: BTreeSet<String> = partner.addresses.iter().map(|a| a.host.clone()).collect();
        let others = Vec::from_iter(service_ports(view, &partner.id));
        let crossed = hosts.iter().flat_map(|host| others.iter().map(|at| (host.clone(), *at)));
        for (host, (transport, port)) in places.chain(crossed) {
            ways.insert(Way { by_product: true, peer: Peer::Host(host), transport, port: Some(port) });
        }
    }
    for entry in view.entries(view.table_name(TableKind::LogicalInterface)) {
        let Some(facts) = entry.facts::<InterfaceFacts>() else { continue };
        let off = facts.status.as_ref().is_some_and(|s| s.value != Status::Enabled);
        let (Some(transport), Some(port), false) = (&facts.transport, &facts.port, off) else { continue };
        let peer = match facts.reach.as_ref().map(|r| r.value) {
            Some(Reach::Local) => continue,
            Some(Reach::Remote) => Peer::Any,
            Some(Reach::Lan) | None => Peer::Local,
        };
        ways.insert(Way { by_product: false, peer, transport: transport.value, port: Some(port.value) });
    }
    ways
}

/// The description as JSON, as `application/mud+json` carries it.
///
/// # Errors
/// [`MudError::Url`] where its own address is none.
pub fn write(view: &View<'_>, url: &str, at: Timestamp) -> Result<Value, MudError> {
    if !url.starts_with("https://") || url.len() > MOST_NAME || url.contains(char::is_whitespace) {
        return Err(MudError::Url(url.to_owned()));
    }
    let ways = declared(view);
    let product = view.dossier.product.as_ref();
    let text = |found: Option<&dossier::Located<String>>| found.map(|t| t.value.clone()).unwrap_or_default();
    let info: String = text(product.and_then(|p| p.name.as_ref())).chars().take(60).collect();
    let (mut from, mut to, mut acls) = (Vec::new(), Vec::new(), Vec::new());
    for (kind, family) in [("ipv4", "v4"), ("ipv6", "v6")] {
        for (outward, direction, names) in [(true, "fr", &mut from), (false, "to", &mut to)] {
            let entries: Vec<Value> = ways
                .iter()
                .enumerate()
                .filter(|(_, way)| fits(way, kind))
                .map(|(number, way)| entry(way, number, kind, outward))
                .collect();
            if entries.is_empty() {
                continue;
            }
            let name = format!("assay-{family}-{direction}");
            names.push(json!({"name": name}));
            acls.push(json!({"name": name, "type": format!("{kind}-acl-type"), "aces": {"ace": entries}}));
        }
    }
    Ok(json!({
        "ietf-mud:mud": {
            "mud-version": 1,
            "mud-url": url,
            "last-update": at.to_string(),
            "cache-validity": VALIDITY,
            "is-supported": true,
            "systeminfo": info,
            "from-device-policy": {"access-lists": {"access-list": from}},
            "to-device-policy": {"access-lists": {"access-list": to}},
        },
        "ietf-access-control-list:acls": {"acl": acls},
    }))
}

/// Whether a way can be told for a version of the Internet Protocol: an address is of one alone.
fn fits(way: &Way, kind: &str) -> bool {
    match &way.peer {
        Peer::Host(host) => host.parse::<IpAddr>().map_or(true, |a| a.is_ipv4() == (kind == "ipv4")),
        _ => true,
    }
}

fn entry(way: &Way, number: usize, kind: &str, outward: bool) -> Value {
    let mut matches = Map::new();
    let mut ip = Map::new();
    ip.insert("protocol".to_owned(), json!(if way.transport == Transport::Tcp { 6 } else { 17 }));
    match &way.peer {
        Peer::Host(host) if host.parse::<IpAddr>().is_ok() => {
            let side = if outward { "destination" } else { "source" };
            let bits = if kind == "ipv4" { 32 } else { 128 };
            ip.insert(format!("{side}-{kind}-network"), json!(format!("{host}/{bits}")));
        }
        Peer::Host(host) => {
            let side = if outward { "dst" } else { "src" };
            ip.insert(format!("ietf-acldns:{side}-dnsname"), json!(host));
        }
        Peer::Local => _ = matches.insert("ietf-mud:mud".to_owned(), json!({"local-networks": [null]})),
        Peer::Abstract(name) => _ = matches.insert("ietf-mud:mud".to_owned(), json!({name: [null]})),
        Peer::Any => {}
    }
    matches.insert(kind.to_owned(), Value::Object(ip));
    // The port is that of the side that answers.
    let side = if way.by_product == outward { "destination-port" } else { "source-port" };
    let mut layer = Map::new();
    if way.transport == Transport::Tcp {
        let opened = if way.by_product { "from-device" } else { "to-device" };
        layer.insert("ietf-mud:direction-initiated".to_owned(), json!(opened));
    }
    if let Some(port) = way.port {
        layer.insert(side.to_owned(), json!({"operator": "eq", "port": port}));
    }
    matches.insert(way.transport.to_string(), Value::Object(layer));
    let direction = if outward { "frdev" } else { "todev" };
    json!({"name": format!("w{number}-{direction}"), "matches": matches, "actions": {"forwarding": "accept"}})
}

/// What a description lets through. What it says beyond that is left out.
///
/// # Errors
/// [`MudError::Text`] says what makes it none.
pub fn read(text: &str) -> Result<BTreeSet<Way>, MudError> {
    let wrong = |why: &str| MudError::Text(why.to_owned());
    if text.len() > MOST_OCTETS {
        return Err(wrong("it has more than a mebibyte"));
    }
    let whole: Value = serde_json::from_str(text).map_err(|error| MudError::Text(error.to_string()))?;
    let mud = whole.get("ietf-mud:mud").ok_or_else(|| wrong("it has no `ietf-mud:mud`"))?;
    if mud.get("mud-version").and_then(Value::as_u64) != Some(1) {
        return Err(wrong("its `mud-version` is not 1"));
    }
    let acls = &whole["ietf-access-control-list:acls"]["acl"];
    let acls = acls.as_array().ok_or_else(|| wrong("it has no access lists"))?;
    let (mut ways, mut entries) = (BTreeSet::new(), 0);
    for (policy, outward) in [("from-device-policy", true), ("to-device-policy", false)] {
        let lists = &mud[policy]["access-lists"]["access-list"];
        for name in lists.as_array().into_iter().flatten().filter_map(|list| list["name"].as_str()) {
            let of_name = acls.iter().filter(|acl| acl["name"].as_str() == Some(name));
            for ace in of_name.filter_map(|acl| acl["aces"]["ace"].as_array()).flatten() {
                entries += 1;
                if entries > MOST_ENTRIES {
                    return Err(wrong("its access lists have more than 4096 entries"));
                }
                if ace["actions"]["forwarding"].as_str() == Some("accept") {
                    ways.extend(ways_of(&ace["matches"], outward));
                }
            }
        }
    }
    Ok(ways)
}

/// The ways that an entry opens, each told once: by the list of the side that begins.
fn ways_of(matches: &Value, outward: bool) -> Vec<Way> {
    let ip = ["ipv4", "ipv6"].into_iter().find_map(|kind| matches.get(kind).map(|ip| (kind, ip)));
    let named =
        |key: &str| ip.and_then(|(_, ip)| ip.get(key)).and_then(Value::as_str).filter(|n| n.len() <= MOST_NAME);
    let (dns, side) =
        if outward { ("ietf-acldns:dst-dnsname", "destination") } else { ("ietf-acldns:src-dnsname", "source") };
    let network = ip.and_then(|(kind, _)| named(&format!("{side}-{kind}-network")));
    let mud = matches.get("ietf-mud:mud").and_then(Value::as_object);
    let peer = match (named(dns).or(network), mud.and_then(|m| m.keys().next())) {
        (Some(host), _) => Peer::Host(host.split('/').next().unwrap_or(host).to_ascii_lowercase()),
        (None, Some(key)) if key == "local-networks" => Peer::Local,
        (None, Some(key)) if key.len() <= MOST_NAME => Peer::Abstract(key.clone()),
        (None, _) => Peer::Any,
    };
    let protocol = ip.and_then(|(_, ip)| ip.get("protocol")).and_then(Value::as_u64);
    let transports = [(Transport::Tcp, 6), (Transport::Udp, 17)].into_iter();
    let transports = transports.filter(|(transport, number)| match protocol {
        Some(protocol) => protocol == *number,
        None => matches.get(transport.to_string()).is_some(),
    });
    let way = |(transport, _): (Transport, u64)| {
        let layer = matches.get(transport.to_string());
        let opened = layer.and_then(|l| l.get("ietf-mud:direction-initiated")).and_then(Value::as_str);
        let begins = match opened {
            Some("from-device") => outward,
            Some("to-device") => !outward,
            // Without a direction the port of the far side tells who answers.
            _ => layer.is_none_or(|l| l.get("source-port").is_none()),
        };
        let port = layer.and_then(|l| l["destination-port"]["port"].as_u64()).and_then(|p| u16::try_from(p).ok());
        begins.then(|| Way { by_product: outward, peer: peer.clone(), transport, port })
    };
    transports.filter_map(way).collect()
}

/// A description against the dossier and against what captures showed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// In both.
    pub both: Vec<Way>,
    /// Declared, and the description would not let it through.
    pub declared_only: Vec<Way>,
    /// Let through, and not declared.
    pub described_only: Vec<Way>,
    /// Conversations in captures, opened by the product, that the description would not let through.
    pub seen_beyond: Vec<Way>,
}

/// Compares.
pub fn compare(view: &View<'_>, described: &BTreeSet<Way>) -> Compared {
    let declared = declared(view);
    let mut beyond = BTreeSet::new();
    for shown in Traffic::of(view).conversations.iter().filter(|s| s.fact.opened == Opened::ByProduct) {
        let seen = shown.fact;
        let lets = |way: &Way| {
            let peer = match &way.peer {
                Peer::Host(host) => {
                    seen.names.iter().any(|n| n.eq_ignore_ascii_case(host))
                        || *host == seen.server.address.to_string()
                }
                Peer::Any => true,
                // Where the local network ends, and who a controller is, the file does not say.
                Peer::Local | Peer::Abstract(_) => is_near(seen.server.address),
            };
            way.by_product
                && peer
                && way.transport == seen.server.transport
                && way.port.is_none_or(|port| port == seen.server.port)
        };
        if !described.iter().any(lets) {
            let host = seen.names.first().cloned().unwrap_or_else(|| seen.server.address.to_string());
            let (transport, port) = (seen.server.transport, Some(seen.server.port));
            beyond.insert(Way { by_product: true, peer: Peer::Host(host), transport, port });
        }
    }
    Compared {
        both: declared.intersection(described).cloned().collect(),
        declared_only: declared.difference(described).cloned().collect(),
        described_only: described.difference(&declared).cloned().collect(),
        seen_beyond: beyond.into_iter().collect(),
    }
}

fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(a) => a.is_private() || a.is_link_local() || a.is_multicast() || a.is_broadcast(),
        IpAddr::V6(a) => a.is_unicast_link_local() || a.is_unique_local() || a.is_multicast(),
    }
}

/// Declarations that would say what a description lets through and the dossier does not: TOML to be looked through.
pub fn proposal(compared: &Compared) -> String {
    let mut text = String::new();
    for (number, way) in compared.described_only.iter().enumerate() {
        let id = number + 1;
        match (&way.peer, way.port) {
            (Peer::Host(host), Some(port)) if way.by_product && is_host(host) => {
                text += &format!(
                    "[[service]]\nid = \"described-{id}\"\nendpoints = [\"{}://{host}:{port}\"]\n\n",
                    way.transport
                );
            }
            (_, Some(port)) if !way.by_product => {
                text += &format!(
                    "[[LogIntf]]\nID = \"LogIntf-Described{id}\"\n[LogIntf.facts]\ntransport = \"{}\"\nport = {port}\n\n",
                    way.transport
                );
            }
            _ => {}
        }
    }
    text
}

fn is_host(host: &str) -> bool {
    !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':'))
}

/// Ports at which declared communication reaches a service.
fn service_ports(view: &View<'_>, id: &str) -> impl Iterator<Item = (Transport, u16)> {
    let table = view.entries(view.table_name(TableKind::Communication)).iter();
    let of_service = |f: &&ComMechFacts| f.service.as_ref().is_some_and(|s| s.value.value == id);
    let at = |f: &ComMechFacts| {
        Some((f.transport.as_ref().map_or(Transport::Tcp, |t| t.value), f.port.as_ref()?.value))
    };
    table.filter_map(|entry| entry.facts()).filter(of_service).filter_map(at).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests;
