//! Whether unexpected input is processed, at the interfaces that a validation method is declared for.
//!
//! A pass takes every declared request reached and every class of wrongness tried at it; what was not tried is said.

use std::collections::BTreeSet;

use dossier::{Entry, InpValFacts, InterfaceFacts};
use model::{Fact, input_class};

use crate::judgement::{Judgement, Next};
use crate::view::View;

use super::interfaces::{Declared, ports_of, same_protocol};
use super::probe_names::{COAP_INPUT, DUT, HTTP_INPUT, MQTT_INPUT};
use super::said::{about, declare};
use super::seen::{Look, Seen, Sight, ground, key, port_text};
use super::together::together;

/// Probes of input by the protocol that they speak, with the classes that each input has to be tried with.
const PROBES: &[(&str, &str, &[&str])] = &[
    ("http", HTTP_INPUT, &["encoding", "injection", "length", "structure"]),
    ("mqtt", MQTT_INPUT, &["encoding", "length", "order", "structure"]),
    ("coap", COAP_INPUT, &["encoding", "length", "order", "structure"]),
];

/// The rule function that the units on input share.
pub(super) fn is_refused(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "InpVal", |method| {
        let source = method.facts::<InpValFacts>().and_then(|f| f.source.as_ref());
        let (ports, mut parts) = ports_of(view, method, "source", source);
        parts.extend(ports.iter().map(|port| at_port(view, method, port)));
        together(parts, "no interface is declared as source", declare(method, "source"))
    })
}

/// The probe for an interface, by its declared protocol; HTTP where none is declared. None where no probe speaks it.
fn probe_of(port: &Declared<'_>) -> Option<&'static (&'static str, &'static str, &'static [&'static str])> {
    let protocol = port.entry.facts::<InterfaceFacts>().and_then(|f| f.protocol.as_ref());
    let protocol = protocol.map_or("http", |p| p.value.as_str());
    PROBES.iter().find(|(name, ..)| same_protocol(protocol, name))
}

fn at_port(view: &View<'_>, method: &Entry, port: &Declared<'_>) -> Judgement {
    let id = &method.id.value;
    let at = port_text(port.at);
    let Some((_, probe, classes)) = probe_of(port) else {
        let what = format!("the behaviour at {} ({at})", port.entry.id.value);
        return Judgement::open(format!("no probe sends unexpected input to {at}"), Next::State { what })
            .declared(method.span, format!("{id} as declared"));
    };
    let next = || Next::Observe { probe: (*probe).to_owned(), target: DUT.to_owned() };
    let seen = Seen::of(view, DUT);
    let mut refused: Vec<Sight<'_>> = Vec::new();
    let mut tried: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut unclear = None;
    for sight in seen.facts() {
        let Fact::Input { endpoint, target, violation, result, told_by, reproduction } = sight.fact else {
            continue;
        };
        if key(endpoint) != port.at || !belongs(view, method, target) {
            continue;
        }
        let shown =
            if reproduction.is_empty() { String::new() } else { format!("; to reproduce: {reproduction}") };
        let text = format!("{violation} in {target} at {at}: {result}, {told_by}{shown}");
        let because = match result.as_str() {
            // What goes wrong with good input is no answer to bad input.
            _ if violation == "well-formed" => {
                unclear.get_or_insert((sight, format!("{target} fails with well-formed input"), text));
                continue;
            }
            "rejected" | "ignored" => {
                refused.push(sight);
                tried.extend(input_class(violation).map(|class| (target.as_str(), class)));
                continue;
            }
            "effect" => format!("{violation} in {target} takes effect"),
            "crash" => format!("{violation} in {target} brings the service down"),
            "error" => format!("{violation} in {target} reaches an error path"),
            other => {
                unclear.get_or_insert((sight, format!("{violation} in {target} came out as {other}"), text));
                continue;
            }
        };
        return Judgement::fail(format!("{id}: {because}"))
            .declared(method.span, format!("{id} as declared"))
            .on(sight.ground(text));
    }
    let judgement = match (unclear, seen.look(probe, "input", port.at)) {
        (Some((sight, because, text)), _) => {
            let next = Next::State { what: format!("what {text} means") };
            Judgement::inconclusive(because, next).on(sight.ground(text))
        }
        (None, Look::Short(record, short)) => {
            Judgement::inconclusive(format!("{at}: {}", short.text), next()).on(ground(record, short.text.clone()))
        }
        (None, Look::Covered(record, coverage)) if refused.is_empty() => {
            Judgement::inconclusive(format!("no input of {id} was tried at {at}"), declare(method, "requests"))
                .on(ground(record, coverage.text.clone()))
        }
        (None, Look::Covered(record, coverage)) => match not_tried(method, &tried, classes) {
            Some(what) => {
                Judgement::inconclusive(format!("{id}: {what}"), next()).on(ground(record, coverage.text.clone()))
            }
            None => Judgement::pass(format!("{id}: all of {} unexpected inputs were turned away", refused.len()))
                .on(ground(record, coverage.text.clone())),
        },
        (None, Look::Never) if refused.is_empty() => {
            Judgement::open(format!("no unexpected input was sent to {at}"), next())
        }
        (None, Look::Never) => {
            Judgement::inconclusive(format!("some input was sent to {at}, and not said how much"), next())
        }
    };
    judgement.declared(method.span, format!("{id} as declared"))
}

/// What was not tried of a method: a declared request that was not reached, or a class that none of its inputs broke.
fn not_tried(method: &Entry, tried: &BTreeSet<(&str, &str)>, classes: &[&str]) -> Option<String> {
    let requests = method.facts::<InpValFacts>().and_then(|f| f.requests.as_ref());
    let requests: Vec<&str> = requests.map_or(vec![""], |list| list.iter().map(|r| r.value.as_str()).collect());
    for request in requests {
        let here: BTreeSet<&str> =
            tried.iter().filter(|(target, _)| is_of(target, request)).map(|(_, class)| *class).collect();
        if here.is_empty() {
            return Some(format!("{request} was not reached"));
        }
        let missing: Vec<&str> = classes.iter().copied().filter(|class| !here.contains(class)).collect();
        if !missing.is_empty() {
            let of = if request.is_empty() { String::new() } else { format!(" in {request}") };
            return Some(format!("violations of {}{of} were not tried", missing.join(", ")));
        }
    }
    None
}

/// Whether a tried input is this method's: one of its requests, or of no method's.
fn belongs(view: &View<'_>, method: &Entry, target: &str) -> bool {
    let named = |entry: &Entry| {
        let requests = entry.facts::<InpValFacts>().and_then(|f| f.requests.as_ref());
        requests.is_some_and(|list| list.iter().any(|request| is_of(target, &request.value)))
    };
    named(method) || !view.entries("InpVal").iter().any(named)
}

/// Whether what was tried is this request: the request itself, or one of its fields behind a space.
fn is_of(target: &str, request: &str) -> bool {
    target.strip_prefix(request).is_some_and(|rest| request.is_empty() || rest.is_empty() || rest.starts_with(' '))
}
