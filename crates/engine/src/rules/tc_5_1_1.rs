//! Test group 5.1-1: password-based mechanisms are all declared, and their passwords come from where it is said.
//!
//! The user manual is read by a person, so that unit a never passes here. Units b and c are a person's; a
//! well-known password that the product accepts refutes them, and so does a rule that an audit of a batch found.

use dossier::{AuthMechFacts, Entry, Origin};
use model::{AuthScheme, Outcome};

use crate::judgement::{Judgement, Next};
use crate::rule::UnitRule;
use crate::view::View;

use super::login_evidence::{refuted_by_values, refuted_by_well_known};
use super::probe_names::{AUTH_DEFAULTS, HTTP_SURFACE, SERVICES, TCP_PORTS, UDP_SERVICES};
use super::{BOTH, measured, undeclared, undeclared_logins};

pub(super) const RULES: &[UnitRule] = &[
    measured("5.1-1-2a", BOTH, no_undeclared_password, SEARCH),
    measured("5.1-1-2b", BOTH, user_defines_it, &[AUTH_DEFAULTS]),
    measured("5.1-1-2c", BOTH, generated_as_described, &[AUTH_DEFAULTS]),
];

/// Probes that look for places which take a password.
pub(super) const SEARCH: &[&str] = &[TCP_PORTS, UDP_SERVICES, SERVICES, HTTP_SURFACE, AUTH_DEFAULTS];

/// The network side of the search; the manual remains.
pub(super) fn no_undeclared_password(view: &View<'_>, _: Option<&Entry>) -> Judgement {
    let found = undeclared_logins::find(view, AuthScheme::takes_password);
    let network = undeclared::judge(view, found, "password-based mechanism", true);
    if network.outcome != Outcome::Pass {
        return network;
    }
    let manual = Judgement::inconclusive(
        "no undeclared password-based mechanism was found over the network; the user manual remains to be searched",
        Next::State { what: "that the user manual names no password or PIN beyond 1-AuthMech".to_owned() },
    );
    network.grounds.into_iter().fold(manual, Judgement::on)
}

fn user_defines_it(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    let remains = "whether the user has to set the password before use";
    refuted_by_well_known(view, entry, "no user has set: it contradicts the user-defined password", remains)
}

fn generated_as_described(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    let remains = "whether the passwords of several units follow the described generation";
    let universal = entry
        .and_then(|e| e.facts::<AuthMechFacts>())
        .and_then(|f| f.origin.as_ref())
        .is_some_and(|o| o.value == Origin::Universal);
    if universal {
        // A universal value is as declared; that it may not be so is unit 5.1-1-1a.
        return Judgement::open(format!("{remains} is for a person"), Next::State { what: remains.to_owned() });
    }
    refuted_by_values(view, entry, "contradicts the described generation", remains)
}
