//! Whether unexpected input is processed, at the interfaces that a validation method is declared for.
//!
//! A pass takes every declared request reached and every class of wrongness tried at it; what was not tried is said.
//! What happened at requests that no entry declares speaks against every method of their interface, and for none.

use std::collections::BTreeSet;

use dossier::{Entry, InpValFacts, InterfaceFacts};
use model::{Fact, input_class};

use crate::judgement::{Judgement, Next};
use crate::view::View;

use super::interfaces::{Declared, ports_of, same_protocol};
use super::probe_names::{COAP_INPUT, DUT, HTTP_INPUT, MQTT_INPUT, RAW_INPUT};
use super::said::{about, declare};
use super::seen::{Look, PortKey, Seen, ground, key, port_text};
use super::together::together;

/// Probes of input by the protocol that they speak, with the classes that each input has to be tried with.
const PROBES: &[Means] = &[
    ("http", HTTP_INPUT, &["encoding", "injection", "length", "order", "structure"]),
    ("mqtt", MQTT_INPUT, &["encoding", "length", "order", "range", "structure"]),
    ("coap", COAP_INPUT, &["encoding", "length", "order", "range", "structure"]),
];

/// What a service is tried with whose messages the method itself describes.
const RAW: Means = ("raw", RAW_INPUT, &["length", "order", "structure"]);

/// Classes that depend on the parameters. The probe says where one was due and not tried.
const OF_SOME: [&str; 5] = ["type", "range", "length", "encoding", "injection"];

/// A protocol, its probe, and the classes that each input has to be tried with.
type Means = (&'static str, &'static str, &'static [&'static str]);

/// The rule function that the units on input share.
pub(super) fn is_refused(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "InpVal", |method| {
        let source = method.facts::<InpValFacts>().and_then(|f| f.source.as_ref());
        let (ports, mut parts) = ports_of(view, method, "source", source);
        parts.extend(ports.iter().map(|port| at_port(view, method, port)));
        together(parts, "no interface is declared as source", declare(method, "source"))
    })
}

/// The probe for an interface: by the messages that the method describes, or by the declared protocol; HTTP where none is
/// declared. None where no probe speaks it.
fn probe_of(method: &Entry, port: &Declared<'_>) -> Option<&'static Means> {
    if method.facts::<InpValFacts>().is_some_and(|facts| facts.frame.is_some()) {
        return Some(&RAW);
    }
    let protocol = port.entry.facts::<InterfaceFacts>().and_then(|f| f.protocol.as_ref());
    let protocol = protocol.map_or("http", |p| p.value.as_str());
    PROBES.iter().find(|(name, ..)| same_protocol(protocol, name))
}

fn at_port(view: &View<'_>, method: &Entry, port: &Declared<'_>) -> Judgement {
    let id = &method.id.value;
    let at = port_text(port.at);
    let Some((_, probe, classes)) = probe_of(method, port) else {
        let what = format!("the behaviour at {} ({at})", port.entry.id.value);
        return Judgement::open(format!("no probe sends unexpected input to {at}"), Next::State { what })
            .declared(method.span, format!("{id} as declared"));
    };
    let next = || Next::Observe { probe: (*probe).to_owned(), target: DUT.to_owned() };
    let seen = Seen::of(view, DUT);
    let mut tried = Tried::default();
    let mut unclear = None;
    for sight in seen.facts() {
        let Fact::Input { endpoint, target, violation, result, told_by, reproduction } = sight.fact else {
            continue;
        };
        let whose = whose(view, method, target);
        if key(endpoint) != port.at || whose == Whose::Another {
            continue;
        }
        let shown =
            if reproduction.is_empty() { String::new() } else { format!("; to reproduce: {reproduction}") };
        let text = format!("{violation} in {target} at {at}: {result}, {told_by}{shown}");
        let because = match result.as_str() {
            // What goes wrong with good input is no answer to bad input.
            _ if violation == "well-formed" => format!("{target} fails with well-formed input"),
            "rejected" | "ignored" => {
                tried.add(target, violation, whose);
                continue;
            }
            "effect" => format!("{violation} in {target} takes effect"),
            "crash" => format!("{violation} in {target} brings the service down"),
            "error" => format!("{violation} in {target} reaches an error path"),
            other => format!("{violation} in {target} came out as {other}"),
        };
        if violation != "well-formed" && ["effect", "crash", "error"].contains(&result.as_str()) {
            let undeclared =
                if whose == Whose::Nobody { "; no entry of 29-InpVal declares this request" } else { "" };
            return Judgement::fail(format!("{id}: {because}{undeclared}"))
                .declared(method.span, format!("{id} as declared"))
                .on(sight.ground(text));
        }
        // What is unclear where nothing is declared is no answer about what is.
        match whose {
            Whose::Nobody => tried.unclear += 1,
            _ => unclear = unclear.or(Some((sight, because, text))),
        }
    }
    let judgement = match (unclear, look(&seen, method, probe, port.at)) {
        (Some((sight, because, text)), _) => {
            let next = Next::State { what: format!("what {text} means") };
            Judgement::inconclusive(because, next).on(sight.ground(text))
        }
        (None, Look::Short(record, short)) => {
            Judgement::inconclusive(format!("{at}: {}", short.text), next()).on(ground(record, short.text.clone()))
        }
        (None, Look::Covered(record, coverage)) if tried.count == 0 => {
            Judgement::inconclusive(format!("no input of {id} was tried at {at}"), declare(method, "requests"))
                .on(ground(record, coverage.text.clone()))
        }
        // Over HTTP an interface is as wide as its requests: without any it is not said what there is to try.
        (None, Look::Covered(record, coverage)) if *probe == HTTP_INPUT && requests(method).is_empty() => {
            let because = format!("{id} declares no request; {}", tried.told());
            Judgement::inconclusive(because, declare(method, "requests")).on(ground(record, coverage.text.clone()))
        }
        (None, Look::Covered(record, coverage)) => match tried.lacks(method, classes) {
            Some(what) => {
                Judgement::inconclusive(format!("{id}: {what}"), next()).on(ground(record, coverage.text.clone()))
            }
            None => Judgement::pass(format!("{id}: {}", tried.told())).on(ground(record, coverage.text.clone())),
        },
        (None, Look::Never) if tried.count == 0 => {
            Judgement::open(format!("no unexpected input was sent to {at}"), next())
        }
        (None, Look::Never) => {
            Judgement::inconclusive(format!("some input was sent to {at}, and not said how much"), next())
        }
    };
    judgement.declared(method.span, format!("{id} as declared"))
}

/// How well the requests of a method were tried: where another request of the interface was missed, what counts is that
/// the same run says of each of these that it was tried to the end.
fn look<'a>(seen: &Seen<'a>, method: &Entry, probe: &'a str, at: PortKey) -> Look<'a> {
    let whole = seen.look(probe, "input", at);
    let Look::Short(missed, _) = whole else { return whole };
    let mut found = whole;
    for request in requests(method) {
        match seen.look(probe, &format!("input {request}"), at) {
            covered @ Look::Covered(record, _) if record.seq == missed.seq => found = covered,
            _ => return whole,
        }
    }
    found
}

/// What was turned away.
#[derive(Default)]
struct Tried<'a> {
    count: usize,
    /// Target and class.
    classes: BTreeSet<(&'a str, &'static str)>,
    /// Requests that nobody declares.
    undeclared: BTreeSet<&'a str>,
    /// Unclear answers of those.
    unclear: usize,
}

impl<'a> Tried<'a> {
    fn add(&mut self, target: &'a str, violation: &str, whose: Whose) {
        if whose == Whose::Nobody {
            let request = target.match_indices(' ').nth(1).map_or(target, |(at, _)| &target[..at]);
            self.undeclared.insert(request);
        }
        self.count += 1;
        self.classes.extend(input_class(violation).map(|class| (target, class)));
    }

    /// In one line, with the classes that no parameter has and the requests that nobody declares.
    fn told(&self) -> String {
        let mut told = format!("all of {} unexpected inputs were turned away", self.count);
        let has = |class: &str| self.classes.iter().any(|(_, own)| *own == class);
        let without: Vec<&str> = OF_SOME.into_iter().filter(|class| !has(class)).collect();
        if !without.is_empty() {
            told += &format!("; violations of {} were not tried, as no parameter has one", without.join(", "));
        }
        if !self.undeclared.is_empty() {
            let all: Vec<&str> = self.undeclared.iter().copied().take(5).collect();
            let more = self.undeclared.len() - all.len();
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            told += &format!("; also tried, though no entry of 29-InpVal declares them: {}{more}", all.join(", "));
        }
        if self.unclear > 0 {
            told += &format!("; {} answers of such requests are unclear", self.unclear);
        }
        told
    }

    /// What was not tried of a method: a declared request that was not reached, or a class that none of its inputs broke.
    fn lacks(&self, method: &Entry, classes: &[&str]) -> Option<String> {
        let mut requests = requests(method);
        if requests.is_empty() {
            requests.push("");
        }
        for request in requests {
            let here: BTreeSet<&str> = self
                .classes
                .iter()
                .filter(|(target, _)| is_of(target, request))
                .map(|(_, class)| *class)
                .collect();
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
}

/// Whose a tried input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// This method's.
    Own,
    /// That of another method alone.
    Another,
    /// No entry declares it, and this one declares others.
    Nobody,
}

fn whose(view: &View<'_>, method: &Entry, target: &str) -> Whose {
    let named = |entry: &Entry| requests(entry).iter().any(|request| is_of(target, request));
    if named(method) {
        Whose::Own
    } else if view.entries("InpVal").iter().any(named) {
        Whose::Another
    } else if requests(method).is_empty() {
        // It stands for the interface as a whole.
        Whose::Own
    } else {
        Whose::Nobody
    }
}

fn requests(method: &Entry) -> Vec<&str> {
    let requests = method.facts::<InpValFacts>().and_then(|f| f.requests.as_ref());
    requests.map_or_else(Vec::new, |list| list.iter().map(|r| r.value.as_str()).collect())
}

/// Whether what was tried is this request: the request itself, or one of its fields behind a space.
fn is_of(target: &str, request: &str) -> bool {
    target.strip_prefix(request).is_some_and(|rest| request.is_empty() || rest.is_empty() || rest.starts_with(' '))
}
