//! How far the network side of the product was searched: what a claim of completeness has to rest on.
//!
//! All 65,535 TCP ports, the UDP list, what speaks behind each open port, and, where logins are looked for, what
//! each web server shows. Radio protocols without IP are out of reach of the probes, and said to be.

use std::collections::BTreeMap;

use model::{Fact, PortState, Transport};

use crate::judgement::{Gap, Ground, Next};
use crate::view::{TableKind, View};

use super::probe_names::{DUT, HTTP_SURFACE, SERVICES, TCP_PORTS, UDP_SERVICES};
use super::radio_without_ip::is_radio_without_ip;
use super::seen::{Look, PortKey, Record, Seen, Sight, ground, key, port_text};

/// What the search covered and what it left out.
#[derive(Debug, Default)]
pub(super) struct Searched {
    /// Records of what was covered.
    pub(super) grounds: Vec<Ground>,
    /// What was left out.
    pub(super) gaps: Vec<Gap>,
    /// Whether anything was searched at all.
    pub(super) begun: bool,
}

/// Ports of the product that answered, each with the sight that shows it. Answers that came without the product
/// being on are not the product's.
pub(super) fn answering<'a>(seen: &Seen<'a>) -> BTreeMap<PortKey, Sight<'a>> {
    let facts = seen.facts();
    let mut found = BTreeMap::new();
    let mut background = Vec::new();
    for sight in &facts {
        let (at, counts) = match sight.fact {
            Fact::Port { endpoint, background: true, .. } => {
                background.push(key(endpoint));
                continue;
            }
            Fact::Port { endpoint, state, .. } => (key(endpoint), *state == PortState::Open),
            Fact::Service(service) => (key(&service.endpoint), true),
            _ => continue,
        };
        if counts {
            found.entry(at).or_insert(*sight);
        }
    }
    found.retain(|at, _| !background.contains(at));
    found
}

/// The whole search; `logins` adds what web servers show.
pub(super) fn searched(view: &View<'_>, logins: bool) -> Searched {
    let seen = Seen::of(view, DUT);
    let searching = [TCP_PORTS, UDP_SERVICES, SERVICES, HTTP_SURFACE];
    let begun = searching.into_iter().any(|probe| seen.newest(probe).is_some());
    let mut so_far = Searched { begun, ..Searched::default() };
    tcp(&seen, &mut so_far);
    udp(&seen, &mut so_far);
    for at in answering(&seen).into_keys() {
        services(&seen, at, &mut so_far);
        if logins && speaks_http(&seen, at) {
            surface(&seen, at, &mut so_far);
        }
    }
    let physical = view.entries(view.table_name(TableKind::PhysicalInterface));
    so_far.gaps.extend(physical.iter().filter(|e| is_radio_without_ip(e)).map(|entry| Gap {
        missing: format!("{} carries no IP, so that no probe searches it", entry.id.value),
        next: Next::State { what: format!("what can be reached over {}", entry.id.value) },
    }));
    so_far
}

fn tcp(seen: &Seen<'_>, so_far: &mut Searched) {
    let next = || Next::Observe { probe: TCP_PORTS.to_owned(), target: DUT.to_owned() };
    let Some(newest) = seen.newest(TCP_PORTS) else {
        so_far.gaps.push(Gap { missing: "no TCP port was tried".to_owned(), next: next() });
        return;
    };
    let mut ranges: Vec<(u16, u16)> = Vec::new();
    for record in seen.by(TCP_PORTS) {
        let coverage = record.body.reading.coverage.iter().filter(|c| c.of == "tcp-ports");
        ranges.extend(coverage.flat_map(|c| c.ports.iter().copied()));
    }
    let tried = total(&mut ranges);
    if tried < 65_535 {
        so_far.gaps.push(Gap { missing: format!("{tried} of 65535 TCP ports were tried"), next: next() });
    }
    shortfalls(newest, "tcp-ports", so_far);
    so_far.grounds.push(ground(newest, format!("{tried} TCP ports tried")));
}

/// How many ports the ranges hold together; port 0 is none.
fn total(ranges: &mut [(u16, u16)]) -> u32 {
    ranges.sort_unstable();
    let (mut sum, mut next) = (0u32, 1u32);
    for (low, high) in ranges.iter() {
        let low = u32::from(*low).max(next);
        let end = u32::from(*high) + 1;
        if end > low {
            sum += end - low;
            next = end;
        }
    }
    sum
}

fn udp(seen: &Seen<'_>, so_far: &mut Searched) {
    let next = || Next::Observe { probe: UDP_SERVICES.to_owned(), target: DUT.to_owned() };
    let Some(newest) = seen.newest(UDP_SERVICES) else {
        so_far.gaps.push(Gap { missing: "UDP services were not looked for".to_owned(), next: next() });
        return;
    };
    let reading = &newest.body.reading;
    match reading.coverage.iter().find(|c| c.of == "udp-services") {
        Some(coverage) => so_far.grounds.push(ground(newest, coverage.text.clone())),
        None => so_far.gaps.push(Gap { missing: "no UDP service was covered".to_owned(), next: next() }),
    }
    shortfalls(newest, "udp-services", so_far);
}

fn shortfalls(newest: Record<'_>, of: &str, so_far: &mut Searched) {
    let run = &newest.body.run;
    let short: Vec<_> = newest.body.reading.shortfalls.iter().filter(|s| s.of == of).collect();
    if let Some(first) = short.first() {
        so_far.gaps.push(Gap {
            missing: match short.len() {
                1 => first.text.clone(),
                n => format!("{} and {} more", first.text, n - 1),
            },
            next: Next::Observe { probe: run.probe.clone(), target: run.target.clone() },
        });
    }
}

fn services(seen: &Seen<'_>, at: PortKey, so_far: &mut Searched) {
    // The search for UDP services already speaks the protocol it looks for.
    if at.0 == Transport::Udp {
        return;
    }
    part(seen, SERVICES, "services", at, "what speaks there was not found out", so_far);
}

fn surface(seen: &Seen<'_>, at: PortKey, so_far: &mut Searched) {
    part(seen, HTTP_SURFACE, "http-routes", at, "its pages were not looked at", so_far);
}

fn part(seen: &Seen<'_>, probe: &'static str, of: &str, at: PortKey, missing: &str, so_far: &mut Searched) {
    let next = Next::Observe { probe: probe.to_owned(), target: DUT.to_owned() };
    match seen.look(probe, of, at) {
        Look::Covered(record, coverage) => so_far.grounds.push(ground(record, coverage.text.clone())),
        Look::Short(_, short) => {
            so_far.gaps.push(Gap { missing: format!("{}: {}", port_text(at), short.text), next });
        }
        Look::Never => so_far.gaps.push(Gap { missing: format!("{}: {missing}", port_text(at)), next }),
    }
}

/// Whether a web server was seen at a port.
pub(super) fn speaks_http(seen: &Seen<'_>, at: PortKey) -> bool {
    seen.facts().iter().any(|s| match s.fact {
        Fact::Service(service) => key(&service.endpoint) == at && service.protocol.starts_with("http"),
        Fact::Http(answer) => key(&answer.endpoint) == at,
        _ => false,
    })
}
