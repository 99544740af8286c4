//! Ports that answer and that no entry of a table declares, found by searching or seen in a capture.

use std::collections::BTreeMap;

use dossier::{ComMechFacts, Entry, Facts, InterfaceFacts, Reach};
use model::{Fact, PortState};

use crate::judgement::{Gap, Ground, Judgement, Next};
use crate::view::View;

use super::interfaces::{port_of, same_protocol};
use super::network_search::answering;
use super::probe_names::DUT;
use super::said::declare;
use super::seen::{PortKey, Seen, key, port_text};
use super::traffic::undeclared;
use super::undeclared::{Found, Surplus, judge};

/// Every port that answers is an entry of the table: a logical interface, or a communication mechanism of V2.1.1.
pub(super) fn all_in(view: &View<'_>, table: &str, what: &str) -> Judgement {
    let seen = Seen::of(view, DUT);
    let entries = view.entries(table);
    let declared: BTreeMap<PortKey, &Entry> =
        entries.iter().filter_map(|entry| Some((place_of(entry)?, entry))).collect();
    // Without any typed fact an entry may mean any port.
    let vague = entries.iter().find(|entry| entry.facts == Facts::None);
    let mut found = Found::default();
    for (at, sight) in answering(&seen) {
        let observed = sight.ground(format!("{} answers", port_text(at)));
        match (declared.get(&at), vague) {
            (Some(entry), _) => match other_protocol(&seen, at, entry) {
                Some(other) => found.surplus.push(Surplus {
                    text: other.clone(),
                    grounds: vec![observed, place(entry)],
                    doubt: Some(Gap {
                        missing: other,
                        next: Next::State { what: format!("whether {} is what answers there", entry.id.value) },
                    }),
                }),
                None => found.declared.extend([observed, place(entry)]),
            },
            (None, Some(entry)) => found.surplus.push(Surplus {
                text: format!("{} answers", port_text(at)),
                grounds: vec![observed, place(entry)],
                doubt: Some(Gap {
                    missing: format!("{} answers, and {} may mean it", port_text(at), entry.id.value),
                    next: declare(entry, "transport and port"),
                }),
            }),
            (None, None) => found.surplus.push(Surplus {
                text: format!("{} answers and no entry of {table} has it", port_text(at)),
                grounds: vec![observed],
                doubt: None,
            }),
        }
    }
    let scanned = |fact: &Fact| match fact {
        Fact::Port { endpoint, state, background } if *background || *state == PortState::Open => {
            Some(key(endpoint))
        }
        Fact::Service(service) => Some(key(&service.endpoint)),
        _ => None,
    };
    let told = seen.facts().iter().filter_map(|sight| scanned(sight.fact)).collect();
    found.surplus.extend(undeclared(view, &told));
    found.surplus.extend(beyond_reach(&seen, &declared));
    judge(view, found, what, false)
}

/// Declared interfaces that answer from beyond the product's own network, though they are declared not to reach there.
fn beyond_reach(seen: &Seen<'_>, declared: &BTreeMap<PortKey, &Entry>) -> Vec<Surplus> {
    let outside = seen.only(|at| at.place.is_outside());
    let mut found = Vec::new();
    for (at, sight) in answering(&outside) {
        let Some(entry) = declared.get(&at) else { continue };
        let reach = entry.facts::<InterfaceFacts>().and_then(|f| f.reach.as_ref());
        let Some(reach) = reach.filter(|reach| reach.value != Reach::Remote) else { continue };
        let (id, place) = (&entry.id.value, &sight.record.body.run.place);
        let text =
            format!("{} answers from {place}, and {id} is declared to reach {}", port_text(at), reach.value);
        found.push(Surplus {
            grounds: vec![
                sight.ground(format!("{} answers from {place}", port_text(at))),
                Ground::Declared { span: reach.span, text: format!("{id}: `reach = \"{}\"`", reach.value) },
            ],
            doubt: Some(Gap {
                missing: text.clone(),
                next: Next::State { what: format!("whether {id} is meant to be reached from {place}") },
            }),
            text,
        });
    }
    found
}

/// Where an entry answers on the product itself.
fn place_of(entry: &Entry) -> Option<PortKey> {
    match entry.facts::<ComMechFacts>() {
        Some(facts) if facts.service.is_none() => {
            Some((facts.transport.as_ref()?.value, facts.port.as_ref()?.value))
        }
        Some(_) => None,
        None => port_of(entry),
    }
}

fn place(entry: &Entry) -> Ground {
    Ground::Declared { span: entry.span, text: format!("{} as declared", entry.id.value) }
}

/// What speaks at a port, when it is something else than declared.
fn other_protocol(seen: &Seen<'_>, at: PortKey, entry: &Entry) -> Option<String> {
    let declared = entry.facts::<InterfaceFacts>()?.protocol.as_ref()?;
    seen.facts().iter().find_map(|sight| match sight.fact {
        Fact::Service(service)
            if key(&service.endpoint) == at
                && service.protocol != "unknown"
                && !same_protocol(&declared.value, &service.protocol) =>
        {
            let id = &entry.id.value;
            Some(format!("{} speaks {}, {id} declares {}", port_text(at), service.protocol, declared.value))
        }
        _ => None,
    })
}
