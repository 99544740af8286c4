//! Test group 5.5-5: configuration over the network needs authentication in every state, and no interface is hidden.
//!
//! Each state of the product is looked at by itself; the operator of the bench says in which it is.

use dossier::{Entry, SoftServFacts};
use model::{Edition, Outcome, ProductState};

use crate::judgement::{Judgement, Next};
use crate::rule::UnitRule;
use crate::view::View;

use super::access::Function;
use super::probe_names::{
    AUTH_SESSIONS, DUT, HTTP_ACCESS, HTTP_SURFACE, SERVICES, TCP_PORTS, TLS_OFFER, TRAFFIC, UDP_SERVICES,
};
use super::said::{about, declare};
use super::seen::Seen;
use super::tc_5_5_4::protection_is_as_declared;
use super::together::together;
use super::{BOTH, measured, undeclared_ports};

pub(super) const RULES: &[UnitRule] = &[
    measured(
        "5.5-5-2a",
        BOTH,
        configuration_is_guarded,
        &[HTTP_ACCESS, TLS_OFFER, SERVICES, HTTP_SURFACE, AUTH_SESSIONS, TRAFFIC],
    ),
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
        let seen = Seen::of(view, DUT);
        let tried = |state: &ProductState| seen.only(|at| at.state == *state).newest(HTTP_ACCESS).is_some();
        let (tried, untried): (Vec<_>, Vec<_>) = other_states(service).into_iter().partition(tried);
        let mut parts = vec![whole];
        parts.extend(tried.into_iter().map(|state| in_state(view, service, state)));
        let whole = together(parts, "no configuration function is declared", declare(service, "write-requests"));
        match untried.first() {
            Some(state) if whole.outcome == Outcome::Pass => whole.grounds.into_iter().fold(
                Judgement::inconclusive(
                    format!("{} was not tried in the state {state}", service.id.value),
                    Next::State { what: format!("access to {} in the state {state}", service.id.value) },
                ),
                Judgement::on,
            ),
            _ => whole,
        }
    })
}

/// The states besides the one in use in which the function has to be tried.
fn other_states(service: &Entry) -> Vec<ProductState> {
    let declared = service.facts::<SoftServFacts>().and_then(|f| f.states.as_ref());
    let states = declared.into_iter().flat_map(|states| states.iter());
    let mut others: Vec<ProductState> = states.filter_map(|state| ProductState::named(state.as_str())).collect();
    others.retain(|state| *state != ProductState::Initialized);
    if others.is_empty() {
        // A service declared for the initialized state alone still has to be tried as shipped.
        others.push(ProductState::FactoryDefault);
    }
    others
}

/// Who is turned away in another state than in use. A request that nobody could have used in that state shows nothing.
fn in_state(view: &View<'_>, service: &Entry, state: ProductState) -> Judgement {
    let function = Function::in_state(view, service, state);
    let mut judgement = function.refuses_strangers(view);
    if judgement.outcome == Outcome::Pass && function.admits_the_entitled().outcome != Outcome::Pass {
        let id = &service.id.value;
        let unshown = Judgement::inconclusive(
            format!("nothing shows that a request to {id} would have worked for the entitled"),
            Next::State { what: format!("access to {id} in the state {state}") },
        );
        judgement = judgement.grounds.into_iter().fold(unshown, Judgement::on);
    }
    judgement.because = format!("in {state}: {}", judgement.because);
    judgement
}

fn nothing_undeclared(view: &View<'_>, _: Option<&Entry>) -> Judgement {
    match view.catalogue.edition {
        Edition::V3_1_3 => undeclared_ports::all_in(view, "LogIntf", "logical interface"),
        Edition::V2_1_1 => undeclared_ports::all_in(view, "ComMech", "communication mechanism"),
    }
}
