//! How far the network side of the product was searched: what a claim of completeness has to rest on.
//!
//! All 65,535 TCP ports, the UDP list, what speaks behind each open port, and, where logins are looked for, what
//! each web server shows; over IPv4 and over IPv6, unless the product is declared to carry one of them alone; of the
//! product in use and before it is set up, and from each declared place. Radio protocols without IP are out of reach of
//! the probes, and said to be.

use std::collections::{BTreeMap, BTreeSet};

use dossier::{InterfaceFacts, Status};
use model::{Fact, PortState, ProductState, Transport};

use crate::judgement::{Gap, Ground, Next};
use crate::view::{TableKind, View};

use super::ip_versions::{Carried, carried, met_over_ipv6};
use super::probe_names::{DUT, HTTP_SURFACE, SERVICES, TCP_PORTS, UDP_SERVICES};
use super::radio_without_ip::is_radio_without_ip;
use super::seen::{Family, Look, PortKey, Record, Seen, Sight, Standpoint, asked_over, ground, key, port_text};

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
/// being on are not the product's, where they were measured.
pub(super) fn answering<'a>(seen: &Seen<'a>) -> BTreeMap<PortKey, Sight<'a>> {
    let mut found = BTreeMap::new();
    // In use first: what answers then is shown by how it is then.
    let mut standpoints: Vec<_> = seen.standpoints().into_iter().collect();
    standpoints.sort_by_key(|at| !at.is_in_use());
    for standpoint in standpoints {
        for (at, sight) in answering_here(&seen.only(|at| *at == standpoint)) {
            found.entry(at).or_insert(sight);
        }
    }
    found
}

fn answering_here<'a>(seen: &Seen<'a>) -> BTreeMap<PortKey, Sight<'a>> {
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

/// The whole search: of the product in use, of the product before it is set up, and from each declared place; `logins`
/// adds what web servers show.
pub(super) fn searched(view: &View<'_>, logins: bool) -> Searched {
    let seen = Seen::of(view, DUT);
    let searching = [TCP_PORTS, UDP_SERVICES, SERVICES, HTTP_SURFACE];
    let begun = searching.into_iter().any(|probe| seen.newest(probe).is_some());
    let mut so_far = Searched { begun, ..Searched::default() };
    let mut met: Vec<Standpoint> = Vec::new();
    for demand in demands(view) {
        let fitting = seen.standpoints().into_iter().filter(|at| demand.takes(at));
        let mut tries: Vec<(Standpoint, Searched)> =
            fitting.map(|at| (at.clone(), search_here(view, &seen.only(|one| *one == at), logins))).collect();
        tries.sort_by_key(|(_, tried)| tried.gaps.len());
        match tries.into_iter().next() {
            // One search may be what several demands ask for.
            Some((at, _)) if met.contains(&at) => {}
            Some((at, tried)) => {
                so_far.take(tried, &at);
                met.push(at);
            }
            None if demand == Demand::InUse => {
                let tried = search_here(view, &seen.in_use(), logins);
                so_far.gaps.extend(tried.gaps);
            }
            None if begun => so_far.gaps.push(demand.gap()),
            None => {}
        }
    }
    let physical = view.entries(view.table_name(TableKind::PhysicalInterface));
    so_far.gaps.extend(physical.iter().filter(|e| is_radio_without_ip(e)).map(|entry| Gap {
        missing: format!("{} carries no IP, so that no probe searches it", entry.id.value),
        next: Next::State { what: format!("what can be reached over {}", entry.id.value) },
    }));
    so_far
}

impl Searched {
    /// Adds a search, told apart by where it was made.
    fn take(&mut self, mut other: Searched, at: &Standpoint) {
        let told = at.told();
        if !told.is_empty() {
            other.gaps.iter_mut().for_each(|gap| gap.missing = format!("{}{told}", gap.missing));
        }
        self.gaps.extend(other.gaps);
        self.grounds.extend(other.grounds);
    }
}

/// What a claim of completeness needs a search of.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Demand {
    /// The product set up and in use.
    InUse,
    /// The product as shipped, before it is set up.
    FactoryDefault,
    /// From a place that a physical interface is declared to be reached from.
    From(String),
}

impl Demand {
    fn takes(&self, at: &Standpoint) -> bool {
        match self {
            Demand::InUse => at.is_in_use(),
            Demand::FactoryDefault => at.state == ProductState::FactoryDefault && !at.place.is_outside(),
            Demand::From(place) => at.place.0 == *place,
        }
    }

    fn gap(&self) -> Gap {
        let (missing, what) = match self {
            Demand::InUse => ("the product was not searched in use".to_owned(), "the product in use".to_owned()),
            Demand::FactoryDefault => (
                "the product was not searched in the state factory-default".to_owned(),
                "the product in factory default, and `assay observe --state factory-default`".to_owned(),
            ),
            Demand::From(place) => (
                format!("the product was not searched from {place}"),
                format!("a bench at {place}, and `assay observe --place {place}`"),
            ),
        };
        Gap { missing, next: Next::Prepare { what } }
    }
}

fn demands(view: &View<'_>) -> Vec<Demand> {
    let mut demands = vec![Demand::InUse, Demand::FactoryDefault];
    demands.extend(declared_places(view).into_iter().map(Demand::From));
    demands
}

/// The places from which a physical interface is declared to be reached, unless it is switched off for good.
pub(super) fn declared_places(view: &View<'_>) -> BTreeSet<String> {
    let physical = view.entries(view.table_name(TableKind::PhysicalInterface)).iter();
    let facts = physical.filter_map(|entry| entry.facts::<InterfaceFacts>());
    let on = facts.filter(|f| f.status.as_ref().is_none_or(|s| s.value != Status::DisabledPermanently));
    on.filter_map(|f| f.places.as_ref())
        .flat_map(|places| places.iter())
        .map(|place| place.value.clone())
        .collect()
}

/// The search from one place, in one state.
fn search_here(view: &View<'_>, seen: &Seen<'_>, logins: bool) -> Searched {
    let searching = [TCP_PORTS, UDP_SERVICES, SERVICES, HTTP_SURFACE];
    let begun = searching.into_iter().any(|probe| seen.newest(probe).is_some());
    let mut so_far = Searched { begun, ..Searched::default() };
    for family in Family::BOTH {
        over(view, seen, family, logins, &mut so_far);
    }
    so_far
}

/// The search over one version of the Internet Protocol.
fn over(view: &View<'_>, seen: &Seen<'_>, family: Family, logins: bool, so_far: &mut Searched) {
    let asked = [TCP_PORTS, UDP_SERVICES].into_iter().any(|probe| newest(seen, probe, family).is_some());
    match carried(view, family) {
        _ if asked => {}
        Carried::No(ground) => {
            so_far.grounds.push(ground);
            if family == Family::V6
                && let Some((text, met)) = met_over_ipv6(view)
            {
                so_far.grounds.push(met);
                let what = "the product's IPv6 address in `also` of its `[[target]]`".to_owned();
                let missing = format!("{text}, which is declared absent, and was not searched over it");
                so_far.gaps.push(Gap { missing, next: Next::Prepare { what } });
            }
            return;
        }
        // What else is missing says so already where nothing was looked at.
        Carried::Unknown(_) if !so_far.begun && family == Family::V6 => return,
        Carried::Unknown(gap) if family == Family::V6 => {
            so_far.gaps.push(gap);
            return;
        }
        Carried::Yes if so_far.begun => {
            let missing = format!("no address of the product was searched over {}", family.as_str());
            let what = format!("the product's {} address in `also` of its `[[target]]`", family.as_str());
            so_far.gaps.push(Gap { missing, next: Next::Prepare { what } });
            return;
        }
        Carried::Unknown(_) | Carried::Yes => {}
    }
    tcp(seen, family, so_far);
    udp(seen, family, so_far);
    for (at, of) in answering_over(seen) {
        if of != family {
            continue;
        }
        services(seen, at, family, so_far);
        if logins && speaks_http(seen, at) {
            surface(seen, at, family, so_far);
        }
    }
}

fn newest<'a>(seen: &Seen<'a>, probe: &'a str, family: Family) -> Option<Record<'a>> {
    by(seen, probe, family).last()
}

/// Records of a probe over one version; records that do not say over which are of the time before IPv6 was searched.
fn by<'a, 's>(
    seen: &'s Seen<'a>,
    probe: &'a str,
    family: Family,
) -> impl Iterator<Item = Record<'a>> + use<'a, 's> {
    seen.by(probe).filter(move |r| asked_over(&r.body).unwrap_or(Family::V4) == family)
}

/// Ports of the product that answered, over which version of the Internet Protocol.
fn answering_over(seen: &Seen<'_>) -> BTreeSet<(PortKey, Family)> {
    let answering = answering_here(seen);
    let endpoint = |sight: Sight<'_>| match sight.fact {
        Fact::Port { endpoint, state: PortState::Open, background: false } => Some(*endpoint),
        Fact::Service(service) => Some(service.endpoint),
        _ => None,
    };
    let found = seen.facts().into_iter().filter_map(endpoint);
    found.map(|e| (key(&e), Family::of(e.address))).filter(|(at, _)| answering.contains_key(at)).collect()
}

fn tcp(seen: &Seen<'_>, family: Family, so_far: &mut Searched) {
    let next = || Next::Observe { probe: TCP_PORTS.to_owned(), target: DUT.to_owned() };
    let Some(newest) = newest(seen, TCP_PORTS, family) else {
        so_far.gaps.push(Gap { missing: "no TCP port was tried".to_owned(), next: next() });
        return;
    };
    let mut ranges: Vec<(u16, u16)> = Vec::new();
    for record in by(seen, TCP_PORTS, family) {
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

fn udp(seen: &Seen<'_>, family: Family, so_far: &mut Searched) {
    let next = || Next::Observe { probe: UDP_SERVICES.to_owned(), target: DUT.to_owned() };
    let Some(newest) = newest(seen, UDP_SERVICES, family) else {
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

fn services(seen: &Seen<'_>, at: PortKey, family: Family, so_far: &mut Searched) {
    // The search for UDP services already speaks the protocol it looks for.
    if at.0 == Transport::Udp {
        return;
    }
    part(seen, (SERVICES, "services"), at, family, "what speaks there was not found out", so_far);
}

fn surface(seen: &Seen<'_>, at: PortKey, family: Family, so_far: &mut Searched) {
    part(seen, (HTTP_SURFACE, "http-routes"), at, family, "its pages were not looked at", so_far);
}

fn part(
    seen: &Seen<'_>,
    (probe, of): (&'static str, &str),
    at: PortKey,
    family: Family,
    missing: &str,
    so_far: &mut Searched,
) {
    let next = Next::Observe { probe: probe.to_owned(), target: DUT.to_owned() };
    match seen.look_over(probe, of, at, family) {
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
