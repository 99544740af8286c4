//! Whether unexpected input is processed, at the interfaces that a validation method is declared for.

use dossier::{Entry, InpValFacts};
use model::Fact;

use crate::judgement::{Judgement, Next};
use crate::view::View;

use super::interfaces::{Declared, ports_of};
use super::probe_names::{DUT, HTTP_INPUT};
use super::said::{about, declare};
use super::seen::{Look, Seen, Sight, ground, key, port_text};
use super::together::together;

/// The rule function that the units on input share.
pub(super) fn is_refused(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "InpVal", |method| {
        let source = method.facts::<InpValFacts>().and_then(|f| f.source.as_ref());
        let (ports, mut parts) = ports_of(view, method, "source", source);
        parts.extend(ports.iter().map(|port| at_port(view, method, port)));
        together(parts, "no interface is declared as source", declare(method, "source"))
    })
}

fn at_port(view: &View<'_>, method: &Entry, port: &Declared<'_>) -> Judgement {
    let id = &method.id.value;
    let at = port_text(port.at);
    let next = || Next::Observe { probe: HTTP_INPUT.to_owned(), target: DUT.to_owned() };
    let seen = Seen::of(view, DUT);
    let mut refused: Vec<Sight<'_>> = Vec::new();
    let mut unclear = None;
    for sight in seen.facts() {
        let Fact::Input { endpoint, target, violation, result, told_by } = sight.fact else { continue };
        if key(endpoint) != port.at || !belongs(view, method, target) {
            continue;
        }
        let text = format!("{violation} in {target} at {at}: {result}, {told_by}");
        let because = match result.as_str() {
            "rejected" | "ignored" => {
                refused.push(sight);
                continue;
            }
            "effect" => format!("{violation} in {target} takes effect"),
            "crash" => format!("{violation} in {target} brings the service down"),
            "error" => format!("{violation} in {target} reaches an error path"),
            other => {
                unclear = Some((sight, format!("{violation} in {target} came out as {other}"), text));
                continue;
            }
        };
        return Judgement::fail(format!("{id}: {because}"))
            .declared(method.span, format!("{id} as declared"))
            .on(sight.ground(text));
    }
    let judgement = match (unclear, seen.look(HTTP_INPUT, "input", port.at)) {
        (Some((sight, because, text)), _) => {
            let next = Next::State { what: format!("what {text} means") };
            Judgement::inconclusive(because, next).on(sight.ground(text))
        }
        (None, Look::Short(record, short)) => {
            Judgement::inconclusive(format!("{at}: {}", short.text), next()).on(ground(record, short.text.clone()))
        }
        (None, Look::Covered(record, coverage)) if !refused.is_empty() => {
            Judgement::pass(format!("{id}: all of {} unexpected inputs were turned away", refused.len()))
                .on(ground(record, coverage.text.clone()))
        }
        (None, Look::Covered(record, coverage)) => {
            Judgement::inconclusive(format!("no input of {id} was tried at {at}"), declare(method, "requests"))
                .on(ground(record, coverage.text.clone()))
        }
        (None, Look::Never) if refused.is_empty() => {
            Judgement::open(format!("no unexpected input was sent to {at}"), next())
        }
        (None, Look::Never) => {
            Judgement::inconclusive(format!("some input was sent to {at}, and not said how much"), next())
        }
    };
    judgement.declared(method.span, format!("{id} as declared"))
}

/// Whether a tried input is this method's: one of its requests, or of no method's.
fn belongs(view: &View<'_>, method: &Entry, target: &str) -> bool {
    let named = |entry: &Entry| {
        let requests = entry.facts::<InpValFacts>().and_then(|f| f.requests.as_ref());
        requests.is_some_and(|list| list.iter().any(|request| target.starts_with(&request.value)))
    };
    named(method) || !view.entries("InpVal").iter().any(named)
}
