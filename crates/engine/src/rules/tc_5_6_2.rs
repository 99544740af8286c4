//! Test group 5.6-2: without authentication an interface discloses only what is declared.
//!
//! Kinds of information that help an attacker fail when undeclared; a person rates the rest.

use dossier::{Disclosed, Entry, InterfaceFacts};
use model::{Fact, Transport};

use crate::judgement::{Gap, Judgement, Next};
use crate::rule::UnitRule;
use crate::view::{TableKind, View};

use super::interfaces::{PLACE, is_outgoing, port_of, with_port};
use super::network_search::{answering, speaks_http};
use super::probe_names::{DUT, HTTP_SURFACE, SERVICES, UDP_SERVICES};
use super::said::{about, missing, missing_gap, prose, says_nothing};
use super::seen::{Look, PortKey, Seen, ground, key, port_text};
use super::{BOTH, measured};

pub(super) const RULES: &[UnitRule] =
    &[measured("5.6-2-2a", BOTH, only_what_is_declared, &[SERVICES, HTTP_SURFACE, UDP_SERVICES])];

/// Kinds whose undeclared disclosure fails; whether others are security-relevant depends on the product.
const RELEVANT: [Disclosed; 11] = [
    Disclosed::Serial,
    Disclosed::Mac,
    Disclosed::Version,
    Disclosed::Build,
    Disclosed::Product,
    Disclosed::Ssid,
    Disclosed::UserName,
    Disclosed::Key,
    Disclosed::Credential,
    Disclosed::Configuration,
    Disclosed::ApiDescription,
];

fn only_what_is_declared(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, view.table_name(TableKind::LogicalInterface), |interface| {
        let seen = Seen::of(view, DUT);
        let ports: Vec<PortKey> = match port_of(interface) {
            Some(at) => vec![at],
            None if is_outgoing(interface) => return on_the_way(interface),
            None if interface.table == "Intf" => answering(&seen).into_keys().collect(),
            None => return missing(interface, PLACE),
        };
        judge(view, interface, &seen, &ports)
    })
}

/// Nobody can ask an interface that only opens connections; what it tells is for whoever looks at its traffic.
fn on_the_way(interface: &Entry) -> Judgement {
    let id = &interface.id.value;
    Judgement::open(
        format!("no probe measures what {id} discloses: it only opens connections"),
        Next::State {
            what: format!("what {id} discloses to its peer, before both are authenticated, and on the way"),
        },
    )
    .declared(interface.span, format!("{id} has no transport and port"))
}

fn judge(view: &View<'_>, interface: &Entry, seen: &Seen<'_>, ports: &[PortKey]) -> Judgement {
    let id = &interface.id.value;
    let facts = interface.facts::<InterfaceFacts>();
    let listed = facts.and_then(|f| f.discloses.as_ref());
    let said = prose(interface, "Disclosed Information").is_some_and(|f| !says_nothing(&f.value));
    let mut declared = vec![(listed.map_or(interface.span, |l| l.span), format!("{id} as declared"))];
    let mut gaps: Vec<Gap> = Vec::new();
    let mut grounds = Vec::new();
    let mut worst: Option<String> = None;
    for sight in seen.facts() {
        let Fact::Disclosure { endpoint, kind, source, .. } = sight.fact else { continue };
        let at = key(endpoint);
        if !ports.contains(&at) || allowed(view, interface, at, kind) {
            continue;
        }
        let text = format!("{} discloses {kind} by {source}", port_text(at));
        grounds.push(sight.ground(text.clone()));
        if listed.is_none() && said {
            gaps.push(missing_gap(interface, "discloses"));
        } else if RELEVANT.iter().any(|r| r.as_str() == kind) {
            worst.get_or_insert(text);
        } else {
            let next = Next::State { what: format!("whether {kind} disclosed by {source} is security-relevant") };
            gaps.push(Gap { missing: text, next });
        }
    }
    let mut begun = !grounds.is_empty();
    for at in ports {
        for (probe, of) in probes_for(interface, seen, *at) {
            let next = Next::Observe { probe: probe.to_owned(), target: DUT.to_owned() };
            match seen.look(probe, of, *at) {
                Look::Covered(record, coverage) => grounds.push(ground(record, coverage.text.clone())),
                Look::Short(record, short) => {
                    grounds.push(ground(record, short.text.clone()));
                    gaps.push(Gap { missing: format!("{}: {}", port_text(*at), short.text), next });
                }
                Look::Never => {
                    gaps.push(Gap { missing: format!("{} was not looked at by {probe}", port_text(*at)), next });
                    continue;
                }
            }
            begun = true;
        }
    }
    if ports.is_empty() {
        let next = Next::Observe { probe: SERVICES.to_owned(), target: DUT.to_owned() };
        gaps.push(Gap { missing: format!("nothing was seen to answer at {id}"), next });
    }
    let mut judgement = match (worst, gaps.first()) {
        (Some(text), _) => Judgement::fail(format!("{text}, which {id} does not declare")),
        (None, Some(gap)) if begun => Judgement::inconclusive(gap.missing.clone(), gap.next.clone()),
        (None, Some(gap)) => Judgement::open(gap.missing.clone(), gap.next.clone()),
        (None, None) => Judgement::pass(format!("{id} discloses nothing beyond what is declared")),
    };
    if !judgement.outcome.is_decided() {
        gaps.dedup();
        judgement.gaps = gaps;
    }
    judgement.grounds = grounds;
    declared.drain(..).fold(judgement, |j, (span, text)| j.declared(span, text))
}

/// Whether a kind is declared for the interface, or for the logical interface of V2.1.1 that lies on it.
fn allowed(view: &View<'_>, interface: &Entry, at: PortKey, kind: &str) -> bool {
    let lists = |entry: &Entry| {
        let facts = entry.facts::<InterfaceFacts>().and_then(|f| f.discloses.as_ref());
        facts.is_some_and(|list| list.iter().any(|d| d.value.as_str() == kind))
    };
    lists(interface)
        || (port_of(interface).is_none() && with_port(view).iter().any(|d| d.at == at && lists(d.entry)))
}

/// Which probes have to have looked at a port.
fn probes_for(interface: &Entry, seen: &Seen<'_>, at: PortKey) -> Vec<(&'static str, &'static str)> {
    let protocol = interface.facts::<InterfaceFacts>().and_then(|f| f.protocol.as_ref());
    let web = protocol.is_some_and(|p| p.value.starts_with("http")) || speaks_http(seen, at);
    let mut probes = vec![match at.0 {
        Transport::Tcp => (SERVICES, "services"),
        Transport::Udp => (UDP_SERVICES, "udp-services"),
    }];
    if web && at.0 == Transport::Tcp {
        probes.push((HTTP_SURFACE, "http-routes"));
    }
    probes
}
