//! Test groups 5.13-1A and 5.13-1B and, in V2.1.1, 5.13-1: input is validated, whichever way it comes in.

use dossier::{Entry, InpValFacts};
use model::Fact;

use crate::judgement::{Gap, Judgement, Next};
use crate::rule::UnitRule;
use crate::view::View;

use super::input::is_refused;
use super::probe_names::{
    COAP_INPUT, DUT, HTTP_INPUT, HTTP_SURFACE, MQTT_INPUT, RAW_INPUT, SERVICES, TCP_PORTS, UDP_SERVICES,
};
use super::said::{about, missing_gap, references};
use super::seen::{Seen, key, port_text};
use super::undeclared::{Found, Surplus, judge};
use super::{V2_1_1, V3_1_3, declared, measured};

pub(super) const RULES: &[UnitRule] = &[
    declared("5.13-1A-1a", V3_1_3, user_interface_has_validation),
    measured("5.13-1A-2b", V3_1_3, is_refused, INPUTS),
    declared("5.13-1B-1a", V3_1_3, logical_interface_has_validation),
    measured("5.13-1B-2a", V3_1_3, is_refused, INPUTS),
    measured("5.13-1-2a", V2_1_1, is_refused, INPUTS),
    measured("5.13-1-2c", V2_1_1, interfaces_for_programs_are_declared, APIS),
];

const INPUTS: &[&str] = &[HTTP_INPUT, MQTT_INPUT, COAP_INPUT, RAW_INPUT];
const APIS: &[&str] = &[TCP_PORTS, UDP_SERVICES, SERVICES, HTTP_SURFACE];

fn user_interface_has_validation(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "UserIntf", |interface| has_validation(view, interface))
}

fn logical_interface_has_validation(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "LogIntf", |interface| has_validation(view, interface))
}

/// Some entry of 29-InpVal names the interface as its source.
fn has_validation(view: &View<'_>, interface: &Entry) -> Judgement {
    let id = &interface.id.value;
    let methods = view.entries("InpVal");
    let mut gaps = Vec::new();
    for method in methods {
        let facts = method.facts::<InpValFacts>().and_then(|f| f.source.as_ref()).map(|s| s.value.clone());
        let Some(sources) = facts.or_else(|| references(method, "Source")) else {
            gaps.push(missing_gap(method, "Source"));
            continue;
        };
        if let Some(source) = sources.iter().find(|s| s.value == *id) {
            return Judgement::pass(format!("{} validates input of {id}", method.id.value))
                .declared(source.span, format!("{} names {id} as source", method.id.value));
        }
    }
    if methods.is_empty() {
        return Judgement::open(
            "no entry of 29-InpVal is declared",
            Next::Declare { place: "InpVal".to_owned(), entry: None, what: "Source".to_owned() },
        )
        .declared(interface.span, format!("{id} as declared"));
    }
    if let Some(first) = gaps.first() {
        let mut judgement = Judgement::open(first.missing.clone(), first.next.clone());
        judgement.gaps = gaps;
        return judgement;
    }
    Judgement::fail(format!("no validation method names {id} as its source"))
        .declared(interface.span, format!("{id} as declared"))
}

/// Services for programs are all in 28-ExtAPI. The table holds prose alone: only an empty one can be refuted.
fn interfaces_for_programs_are_declared(view: &View<'_>, _: Option<&Entry>) -> Judgement {
    let seen = Seen::of(view, DUT);
    let table = view.entries("ExtAPI");
    let mut found = Found::default();
    let mut told = Vec::new();
    for sight in seen.facts() {
        let (at, name) = match sight.fact {
            Fact::Http(answer) if is_data(answer.headers.get("content-type")) => {
                (key(&answer.endpoint), "data for programs over HTTP".to_owned())
            }
            Fact::Service(service) if ["mqtt", "coap"].contains(&service.protocol.as_str()) => {
                (key(&service.endpoint), service.protocol.clone())
            }
            _ => continue,
        };
        let text = format!("{} offers {name}", port_text(at));
        if told.contains(&text) {
            continue;
        }
        told.push(text.clone());
        let doubt = (!table.is_empty()).then(|| Gap {
            missing: text.clone(),
            next: Next::State { what: format!("which entry of 28-ExtAPI describes this: {text}") },
        });
        found.surplus.push(Surplus { grounds: vec![sight.ground(text.clone())], text, doubt });
    }
    judge(view, found, "interface for programs", true)
}

fn is_data(content_type: Option<&String>) -> bool {
    content_type
        .is_some_and(|t| ["json", "xml", "cbor", "protobuf"].iter().any(|k| t.contains(k) && !t.contains("xhtml")))
}
