//! Test group 5.5-4: functions reachable over the network in the initialized state ask for authentication.

use dossier::Entry;

use crate::judgement::{Judgement, Next};
use crate::rule::UnitRule;
use crate::view::View;

use super::access::Function;
use super::probe_names::{AUTH_SESSIONS, HTTP_ACCESS, HTTP_SURFACE, SERVICES, TLS_OFFER, TRAFFIC};
use super::said::{about, missing, references, refers};
use super::together::together;
use super::{BOTH, declared, measured, tc_5_1_3};

pub(super) const RULES: &[UnitRule] = &[
    declared("5.5-4-1a", BOTH, names_a_mechanism),
    measured("5.5-4-2a", BOTH, others_are_refused, &[HTTP_ACCESS]),
    measured("5.5-4-2b", BOTH, the_entitled_are_admitted, &[HTTP_ACCESS]),
    measured(
        "5.5-4-2c",
        BOTH,
        protection_is_as_declared,
        &[TLS_OFFER, SERVICES, HTTP_SURFACE, AUTH_SESSIONS, TRAFFIC],
    ),
];

fn names_a_mechanism(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "SoftServ", |service| refers(view, service, "Authentication Mechanism", "AuthMech"))
}

fn others_are_refused(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "SoftServ", |service| Function::of(view, service, false).refuses_others(view))
}

fn the_entitled_are_admitted(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "SoftServ", |service| Function::of(view, service, false).admits_the_entitled())
}

/// The cryptography of each mechanism that guards the service is the declared one.
pub(super) fn protection_is_as_declared(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "SoftServ", |service| {
        let Some(ids) = references(service, "Authentication Mechanism") else {
            return missing(service, "Authentication Mechanism");
        };
        let parts = ids.iter().map(|id| match view.dossier.entry("AuthMech", &id.value) {
            Some(mechanism) => tc_5_1_3::cryptography_is_as_declared(view, Some(mechanism)),
            None => Judgement::open(
                format!("1-AuthMech does not hold {}", id.value),
                Next::Declare {
                    place: "AuthMech".to_owned(),
                    entry: Some(id.value.clone()),
                    what: "the entry".to_owned(),
                },
            ),
        });
        together(
            parts.collect(),
            "no authentication mechanism is referenced",
            super::said::declare(service, "Authentication Mechanism"),
        )
    })
}
