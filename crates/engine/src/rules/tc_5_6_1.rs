//! Test group 5.6-1: interfaces are on or off as declared, and none is hidden.
//!
//! Interfaces with a transport and a port are searched; one that only opens connections is seen in a capture or not at
//! all. A capture shows that an interface is on; that it shows nothing is no sign of off. Ports one can touch and radios
//! are for a person.

use dossier::{Entry, InterfaceFacts, Status};
use model::{Fact, Outcome, PortState, ProductState, Transport};

use crate::judgement::{Judgement, Next};
use crate::rule::UnitRule;
use crate::view::{TableKind, View};

use super::interfaces::{PLACE, is_outgoing, port_of};
use super::network_search::declared_places;
use super::probe_names::{DUT, NEIGHBOURS, SERVICES, TCP_PORTS, TRAFFIC, UDP_SERVICES};
use super::said::{about, declare, missing};
use super::said_status::status;
use super::seen::{Look, PortKey, Record, Seen, Sight, Standpoint, ground, key, port_text};
use super::traffic::{answers, opens};
use super::{BOTH, V2_1_1, V3_1_3, measured, physical_status, undeclared_ports};

pub(super) const RULES: &[UnitRule] = &[
    measured("5.6-1-2a", BOTH, status_is_as_declared, &[TCP_PORTS, UDP_SERVICES, NEIGHBOURS, TRAFFIC]),
    measured("5.6-1-2b", V2_1_1, nothing_undeclared, &[TCP_PORTS, UDP_SERVICES, SERVICES, TRAFFIC]),
    measured("5.6-1-2c", V3_1_3, nothing_undeclared, &[TCP_PORTS, UDP_SERVICES, SERVICES, TRAFFIC]),
];

fn nothing_undeclared(view: &View<'_>, _: Option<&Entry>) -> Judgement {
    undeclared_ports::all_in(view, view.table_name(TableKind::LogicalInterface), "logical interface")
}

fn status_is_as_declared(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, view.table_name(TableKind::LogicalInterface), |interface| {
        let id = &interface.id.value;
        let facts = interface.facts::<InterfaceFacts>();
        let Some(at) = port_of(interface) else {
            if let Some(judgement) = in_use(view, interface) {
                return judgement;
            }
            let why = match (is_outgoing(interface), interface.table == "LogIntf") {
                (true, _) => ": it only opens connections",
                (false, true) => return missing(interface, PLACE),
                (false, false) => match physical_status::judge(view, interface) {
                    Some(judgement) => return judgement,
                    None => "",
                },
            };
            return Judgement::open(
                format!("no probe measures whether {id} is on{why}"),
                Next::State { what: format!("whether {id} is enabled or disabled as declared") },
            )
            .declared(interface.span, format!("{id} has no transport and port"));
        };
        let status = match status(interface, facts.and_then(|f| f.status.as_ref())) {
            Ok(status) => status,
            Err(judgement) => return judgement,
        };
        let enabled = status.value == Status::Enabled;
        let scanned = compare(view, interface, enabled, at);
        let scanned = match elsewhere(view, interface, status.value, at, scanned.outcome) {
            Some(found) if scanned.outcome != Outcome::Fail => {
                scanned.grounds.into_iter().fold(found, Judgement::on)
            }
            _ => scanned,
        };
        let judgement = match (scanned, answers(view, at)) {
            (scanned, Some((because, ground))) if !enabled && scanned.outcome != Outcome::Fail => {
                Judgement::fail(format!("{id} is declared disabled, and {because}")).on(ground)
            }
            (scanned, Some((because, ground))) if enabled && scanned.outcome == Outcome::Open => {
                Judgement::pass(format!("{id} is declared enabled, and {because}")).on(ground)
            }
            (scanned, _) => scanned,
        };
        judgement.declared(status.span, format!("{id} is declared {}", status.value))
    })
}

/// An interface that only opens connections, where a capture shows it doing so.
fn in_use(view: &View<'_>, interface: &Entry) -> Option<Judgement> {
    if !is_outgoing(interface) {
        return None;
    }
    let (because, ground) = opens(view, interface)?;
    let id = &interface.id.value;
    let declared = interface.facts::<InterfaceFacts>().and_then(|f| f.status.as_ref());
    let judgement = match status(interface, declared) {
        Err(judgement) => judgement,
        Ok(status) => match status.value {
            Status::Enabled => Judgement::pass(format!("{id} is declared enabled, and {because}")),
            other => Judgement::fail(format!("{id} is declared {other}, and {because}")),
        }
        .declared(status.span, format!("{id} is declared {}", status.value)),
    };
    Some(judgement.on(ground))
}

/// What the port does from other places and in other states, where that tells against how it is in use, or is not known.
fn elsewhere(
    view: &View<'_>,
    interface: &Entry,
    declared: Status,
    at: PortKey,
    in_use: Outcome,
) -> Option<Judgement> {
    let (id, port) = (&interface.id.value, port_text(at));
    let seen = Seen::of(view, DUT);
    let others = seen.standpoints().into_iter().filter(|standpoint| !standpoint.is_in_use());
    let answers = |standpoint: &Standpoint| {
        let here = seen.only(|one| one == standpoint);
        let open = |fact: &Fact| matches!(fact, Fact::Port { endpoint, state: PortState::Open, background: false } if key(endpoint) == at);
        here.facts().into_iter().find(|sight| open(sight.fact))
    };
    let mut met = others.filter_map(|standpoint| Some((answers(&standpoint)?, standpoint)));
    let met: Option<(Sight<'_>, Standpoint)> = met.next();
    match (met, declared) {
        (Some((sight, standpoint)), Status::Enabled) if in_use == Outcome::Inconclusive => {
            let told = standpoint.told();
            let judgement = Judgement::inconclusive(
                format!("{id} is declared enabled, and {port} answers{told} and was not met in use"),
                declare(interface, "status"),
            );
            Some(judgement.on(sight.ground(format!("{port} answers{told}"))))
        }
        (_, Status::Enabled) => None,
        (Some((sight, standpoint)), status) => {
            let told = standpoint.told();
            let text = format!("{id} is declared {status}, and {port} answers{told}");
            // What is merely off may have been on before it was set up; by default and for good say otherwise.
            let judgement = match (standpoint.state, status) {
                (ProductState::FactoryDefault | ProductState::Initialization, Status::Disabled) => {
                    Judgement::inconclusive(
                        text,
                        Next::State {
                            what: format!("whether {id} is meant to be on before the product is set up"),
                        },
                    )
                }
                (ProductState::Initialization, Status::DisabledByDefault) => Judgement::inconclusive(
                    text,
                    Next::State { what: format!("whether {id} is switched on when it is needed for set-up") },
                ),
                _ => Judgement::fail(text),
            };
            Some(judgement.on(sight.ground(format!("{port} answers{told}"))))
        }
        (None, _) if in_use == Outcome::Pass => {
            let (probe, of) = port_probe(at);
            let looked = |place: &String| {
                let here = seen.only(|standpoint| standpoint.place.0 == *place);
                matches!(here.look_here(probe, of, at), Look::Covered(..))
            };
            let place = declared_places(view).into_iter().find(|place| !looked(place))?;
            Some(Judgement::inconclusive(
                format!("{port} was not tried from {place}"),
                Next::Prepare { what: format!("a bench at {place}, and `assay observe --place {place}`") },
            ))
        }
        (None, _) => None,
    }
}

/// The probe that tells whether a port answers, and what it looks at.
fn port_probe(at: PortKey) -> (&'static str, &'static str) {
    match at.0 {
        Transport::Tcp => (TCP_PORTS, "tcp-ports"),
        Transport::Udp => (UDP_SERVICES, "udp-services"),
    }
}

/// What the port does while the product is in use, seen from beside it.
fn compare(view: &View<'_>, interface: &Entry, enabled: bool, at: PortKey) -> Judgement {
    let id = &interface.id.value;
    let port = port_text(at);
    let (probe, of) = port_probe(at);
    let next = || Next::Observe { probe: probe.to_owned(), target: DUT.to_owned() };
    let seen = Seen::of(view, DUT).in_use();
    // Over IPv4 and IPv6 a port may behave in two ways: what answers counts most, and silence is no refusal.
    let weight = |state: PortState, background: bool| match (state, background) {
        (PortState::Open, false) => 3,
        (PortState::Open, true) => 2,
        (PortState::Silent, _) => 1,
        (PortState::Closed, _) => 0,
    };
    let answers = seen.facts().into_iter().filter_map(|sight| match sight.fact {
        Fact::Port { endpoint, state, background } if key(endpoint) == at => Some((sight, *state, *background)),
        _ => None,
    });
    let answer = answers.max_by_key(|(_, state, background)| weight(*state, *background));
    match answer {
        Some((sight, PortState::Open, true)) => Judgement::inconclusive(
            format!("{port} also answers without the product being on"),
            Next::Prepare { what: "a place where only the product answers".to_owned() },
        )
        .on(sight.ground(format!("{port} answers, as it does without the product"))),
        Some((sight, PortState::Open, false)) if enabled => {
            Judgement::pass(format!("{id} is declared enabled and answers"))
                .on(sight.ground(format!("{port} answers")))
        }
        Some((sight, PortState::Open, false)) => {
            Judgement::fail(format!("{id} is declared disabled, and {port} answers"))
                .on(sight.ground(format!("{port} answers")))
        }
        Some((sight, PortState::Silent, _)) => {
            Judgement::inconclusive(format!("{port} is silent: neither open nor closed"), next())
                .on(sight.ground(format!("{port} is silent")))
        }
        Some((sight, PortState::Closed, _)) => {
            closed(interface, enabled, &port).on(sight.ground(format!("{port} is refused")))
        }
        None => match seen.look_here(probe, of, at) {
            Look::Covered(record, coverage) if at.0 == Transport::Tcp || asked_by_number(record, at.1) => {
                closed(interface, enabled, &port).on(ground(record, coverage.text.clone()))
            }
            Look::Covered(record, coverage) => {
                Judgement::inconclusive(format!("{port} gave no answer, which is not yet closed"), next())
                    .on(ground(record, coverage.text.clone()))
            }
            Look::Short(record, short) => Judgement::inconclusive(format!("{port}: {}", short.text), next())
                .on(ground(record, short.text.clone())),
            Look::Never => Judgement::open(format!("{port} was not tried"), next()),
        },
    }
}

/// Whether a UDP port was asked by its number: only then is its silence told apart from a refusal.
fn asked_by_number(record: Record<'_>, port: u16) -> bool {
    let named = record.body.run.parameters.get("extra_ports");
    named.and_then(|text| serde_json::from_str::<Vec<u16>>(text).ok()).is_some_and(|ports| ports.contains(&port))
}

/// The criterion of the case asks only that what is declared disabled is disabled, so that an enabled interface
/// that does not answer is a contradiction to clear up, no failure.
fn closed(interface: &Entry, enabled: bool, port: &str) -> Judgement {
    let id = &interface.id.value;
    if enabled {
        Judgement::inconclusive(
            format!("{id} is declared enabled, and {port} does not answer"),
            declare(interface, "status"),
        )
    } else {
        Judgement::pass(format!("{id} is declared disabled, and {port} does not answer"))
    }
}
