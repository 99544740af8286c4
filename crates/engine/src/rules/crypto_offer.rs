//! Whether communication uses the cryptography that is declared for it, judged from what its server end offers.
//!
//! What the server end offers bounds what both can agree on; what the product itself speaks is what captures show, and
//! is added in [`super::crypto_traffic`], and what it accepts as a client in [`super::client_checks`]. Protocols without a probe go to a person.

use dossier::{ComMechFacts, Entry, SecureProtocol};
use model::{Fact, Transport};

use crate::judgement::{Ground, Judgement, Next};
use crate::view::{TableKind, View};

use super::client_checks::with_client_checks;
use super::crypto_ssh;
use super::crypto_tls;
use super::crypto_traffic::{Carries, with_traffic};
use super::interfaces::port_of;
use super::probe_names::{DUT, SERVICES};
use super::said::{about, missing, references};
use super::seen::{PortKey, Record, Seen, key, port_text};
use super::together::together;

/// One server end of a mechanism.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) target: String,
    pub(super) at: PortKey,
}

/// The rule function of unit 5.5-1-2a.
pub(super) fn as_declared(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    applied(view, entry, Carries::Anything)
}

/// The rule function of the units that apply 5.5-1-2a to mechanisms that carry something.
pub(super) fn applied(view: &View<'_>, entry: Option<&Entry>, carries: Carries) -> Judgement {
    let table = view.table_name(TableKind::Communication);
    about(entry, table, |mechanism| judge_carrying(view, mechanism, carries))
}

/// Judges one mechanism at every place where its server end is, and by what captures showed of it.
pub(super) fn judge(view: &View<'_>, mechanism: &Entry) -> Judgement {
    judge_carrying(view, mechanism, Carries::Anything)
}

fn judge_carrying(view: &View<'_>, mechanism: &Entry, carries: Carries) -> Judgement {
    let Some(facts) = mechanism.facts::<ComMechFacts>() else { return missing(mechanism, "protocol") };
    let offered = offered(view, mechanism, facts);
    let places = places(view, mechanism, facts).unwrap_or_default();
    let (offered, as_client) = with_client_checks(view, mechanism, facts, &places, offered);
    with_traffic(view, mechanism, facts, &places, offered, carries, as_client)
}

/// Judges by what the server end offers.
fn offered(view: &View<'_>, mechanism: &Entry, facts: &ComMechFacts) -> Judgement {
    let Some(protocol) = &facts.protocol else { return missing(mechanism, "protocol") };
    let at_place: fn(&View<'_>, &Entry, &ComMechFacts, &Place) -> Judgement = match protocol.value {
        SecureProtocol::Tls | SecureProtocol::Dtls => crypto_tls::judge,
        SecureProtocol::Ssh => crypto_ssh::judge,
        SecureProtocol::None => in_clear,
        other => {
            return Judgement::open(
                format!("no probe measures what {other} uses at {}", mechanism.id.value),
                Next::State { what: format!("the cryptographic details of {} in a capture", mechanism.id.value) },
            )
            .declared(protocol.span, format!("`protocol = \"{other}\"`"));
        }
    };
    match places(view, mechanism, facts) {
        Err(judgement) => judgement,
        Ok(places) => together(
            places.iter().map(|place| at_place(view, mechanism, facts, place)).collect(),
            "no place to measure is declared",
            super::said::declare(mechanism, "port"),
        ),
    }
}

/// Where the server end is: on the product, or at an associated service.
pub(super) fn places(view: &View<'_>, mechanism: &Entry, facts: &ComMechFacts) -> Result<Vec<Place>, Judgement> {
    let by_datagrams = facts.protocol.as_ref().is_some_and(|p| p.value == SecureProtocol::Dtls);
    let usual = if by_datagrams { Transport::Udp } else { Transport::Tcp };
    let transport = facts.transport.as_ref().map_or(usual, |t| t.value);
    let target = facts.service.as_ref().map_or(DUT, |s| s.value.value.as_str()).to_owned();
    let ports: Vec<PortKey> = match (&facts.port, &facts.service) {
        (Some(port), _) => vec![(transport, port.value)],
        (None, Some(service)) => {
            service_ports(view, &service.value.value).into_iter().filter(|(of, _)| *of == transport).collect()
        }
        (None, None) => references(mechanism, "Interface")
            .unwrap_or_default()
            .iter()
            .filter_map(|id| view.dossier.entry("LogIntf", &id.value).and_then(port_of))
            .collect(),
    };
    if ports.is_empty() {
        return Err(missing(mechanism, "port"));
    }
    Ok(ports.into_iter().map(|at| Place { target: target.clone(), at }).collect())
}

/// The names by which clients come to a place: those of the declared addresses of a service, or the one that the
/// measurement of the product used.
pub(super) fn hosts(view: &View<'_>, place: &Place, record: Record<'_>) -> Vec<String> {
    let service = view.dossier.services.iter().find(|s| s.id.as_ref().is_some_and(|i| i.value == place.target));
    let mut hosts: Vec<String> = match service {
        Some(service) => {
            let urls = service.endpoints.iter().flat_map(|e| e.iter());
            urls.filter(|url| tls_port(&url.value) == Some(place.at)).filter_map(|url| host(&url.value)).collect()
        }
        None => {
            let used = record.body.run.parameters.get("host").map(|host| host.trim_matches('"').to_owned());
            used.into_iter().filter(|host| !host.is_empty() && host != "null").collect()
        }
    };
    hosts.retain(|host| host.parse::<std::net::IpAddr>().is_err());
    hosts.dedup();
    hosts
}

fn host(url: &str) -> Option<String> {
    let authority = url.split_once("://")?.1.split(['/', '?', '#']).next()?;
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        _ => authority,
    };
    (!host.is_empty()).then(|| host.trim_matches(['[', ']']).to_owned())
}

/// The policy that a judgement rests on, as a ground.
pub(super) fn policy_ground(view: &View<'_>) -> Ground {
    let policy = view.crypto_policy();
    Ground::Rule(format!("cryptography policy: {} {}", policy.name, policy.version))
}

/// Ports of the declared addresses of a service whose scheme implies TLS or DTLS.
fn service_ports(view: &View<'_>, id: &str) -> Vec<PortKey> {
    let service = view.dossier.services.iter().find(|s| s.id.as_ref().is_some_and(|i| i.value == id));
    let endpoints = service.and_then(|s| s.endpoints.as_ref());
    endpoints.into_iter().flat_map(|e| e.iter()).filter_map(|url| tls_port(&url.value)).collect()
}

fn tls_port(url: &str) -> Option<PortKey> {
    let (scheme, rest) = url.split_once("://")?;
    let usual = match scheme {
        "https" | "wss" => 443,
        "mqtts" => 8883,
        "amqps" => 5671,
        "coaps" => 5684,
        _ => return None,
    };
    let transport = if scheme == "coaps" { Transport::Udp } else { Transport::Tcp };
    let authority = rest.split(['/', '?', '#']).next()?;
    let port = match authority.rsplit_once(':') {
        Some((_, port)) if !port.ends_with(']') => port.parse().ok()?,
        _ => usual,
    };
    Some((transport, port))
}

/// Communication declared to run in clear has no cryptographic detail; it is as declared when it is seen in clear.
fn in_clear(view: &View<'_>, mechanism: &Entry, _: &ComMechFacts, place: &Place) -> Judgement {
    let id = &mechanism.id.value;
    let seen = Seen::of(view, &place.target);
    let service = seen.facts().into_iter().find_map(|sight| match sight.fact {
        Fact::Service(service) if key(&service.endpoint) == place.at => Some((sight, service.tls)),
        _ => None,
    });
    let judgement = match service {
        None => Judgement::open(
            format!("what speaks at {} was not found out", port_text(place.at)),
            Next::Observe { probe: SERVICES.to_owned(), target: place.target.clone() },
        ),
        Some((sight, false)) => Judgement::pass(format!("{id} is declared to run in clear and does"))
            .on(sight.ground(format!("{} answers in clear", port_text(place.at)))),
        Some((sight, true)) => Judgement::inconclusive(
            format!("{id} is declared to run in clear and speaks TLS"),
            super::said::declare(mechanism, "protocol"),
        )
        .on(sight.ground(format!("{} speaks TLS", port_text(place.at)))),
    };
    judgement.declared(mechanism.span, format!("{id} declares no protection"))
}
