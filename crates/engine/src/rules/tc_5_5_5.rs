//! Test group 5.5-5: configuration over the network needs authentication in every state, and no interface is hidden.
//!
//! Measurements of another state than the initialized one carry `state` among the parameters of their run.

use dossier::{Entry, SoftServFacts, State};
use model::{Edition, Outcome};

use crate::judgement::{Judgement, Next};
use crate::rule::UnitRule;
use crate::view::View;

use super::access::Function;
use super::probe_names::{AUTH_SESSIONS, DUT, HTTP_ACCESS, HTTP_SURFACE, SERVICES, TCP_PORTS, TLS_OFFER, TRAFFIC, UDP_SERVICES};
use super::said::{about, declare};
use super::seen::Seen;
use super::tc_5_5_4::protection_is_as_declared;
use super::together::together;
use super::{BOTH, measured, undeclared_ports};

pub(super) const RULES: &[UnitRule] = &[
    measured("5.5-5-2a", BOTH, configuration_is_guarded, &[HTTP_ACCESS, TLS_OFFER, SERVICES, HTTP_SURFACE, AUTH_SESSIONS, TRAFFIC]),
    measured("5.5-5-2b", BOTH, nothing_undeclared, &[TCP_PORTS, UDP_SERVICES, SERVICES, TRAFFIC]),
];

fn configuration_is_guarded(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "SoftServ", |service| {
        let writes = Function::of(view, service, true);
        let whole = together(
            vec![
                writes.refuses_others(view),
                writes.admits_the_entitled(),
                protection_is_as_declared(view, Some(service)),
            ],
            "no configuration function is declared",
            declare(service, "write-requests"),
        );
        if whole.outcome != Outcome::Pass {
            return whole;
        }
        match unmeasured_state(view, service) {
            None => whole,
            Some(state) => whole.grounds.into_iter().fold(
                Judgement::inconclusive(
                    format!("{} was not tried in the state {state}", service.id.value),
                    Next::State { what: format!("access to {} in the state {state}", service.id.value) },
                ),
                Judgement::on,
            ),
        }
    })
}

/// A state besides the initialized one in which no run tried the function.
fn unmeasured_state(view: &View<'_>, service: &Entry) -> Option<State> {
    let declared = service.facts::<SoftServFacts>().and_then(|f| f.states.as_ref());
    let other = |state: &State| *state != State::Initialized;
    let to_measure: Vec<State> = match declared {
        // A service declared for the initialized state alone still has to be tried as shipped.
        Some(states) if states.iter().any(other) => states.iter().copied().filter(other).collect(),
        _ => vec![State::FactoryDefault],
    };
    let seen = Seen::of(view, DUT);
    to_measure.into_iter().find(|state| {
        !seen.by(HTTP_ACCESS).any(|record| {
            record.body.run.parameters.get("state").is_some_and(|s| s.trim_matches('"') == state.as_str())
        })
    })
}

fn nothing_undeclared(view: &View<'_>, _: Option<&Entry>) -> Judgement {
    match view.catalogue.edition {
        Edition::V3_1_3 => undeclared_ports::all_in(view, "LogIntf", "logical interface"),
        Edition::V2_1_1 => undeclared_ports::all_in(view, "ComMech", "communication mechanism"),
    }
}
