//! Test group 5.1-2A: machines do not authenticate with passwords.

use dossier::{AuthMechFacts, Entry, Factor};
use model::{Fact, Transport};

use crate::judgement::{Judgement, Next};
use crate::rule::UnitRule;
use crate::view::View;

use super::interfaces::{Declared, ports_of};
use super::login_evidence::reached;
use super::network_search::speaks_http;
use super::probe_names::{AUTH_DEFAULTS, DUT, HTTP_SURFACE, SERVICES, UDP_SERVICES};
use super::said::{about, declare, missing};
use super::seen::{Look, Seen, ground, key, port_text};
use super::tc_5_1_1::{SEARCH, no_undeclared_password};
use super::together::together;
use super::{V3_1_3, declared, measured};

pub(super) const RULES: &[UnitRule] = &[
    declared("5.1-2A-1a", V3_1_3, no_password_declared),
    measured("5.1-2A-2a", V3_1_3, no_undeclared_password, SEARCH),
    measured("5.1-2A-2b", V3_1_3, no_password_taken, &[SERVICES, HTTP_SURFACE, UDP_SERVICES, AUTH_DEFAULTS]),
];

fn no_password_declared(_: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "AuthMech", |mechanism| {
        let id = &mechanism.id.value;
        let factors = mechanism.facts::<AuthMechFacts>().and_then(|f| f.factors.as_ref());
        let Some(factors) = factors.filter(|f| !f.is_empty()) else { return missing(mechanism, "factors") };
        let secret = factors.iter().find(|f| matches!(f, Factor::Password | Factor::Pin));
        let judgement = match secret {
            Some(factor) => Judgement::fail(format!("{id} authenticates machines by {factor}")),
            None => Judgement::pass(format!("{id} authenticates machines without a password")),
        };
        judgement.declared(factors.span, "`factors`")
    })
}

fn no_password_taken(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "AuthMech", |mechanism| {
        let facts = mechanism.facts::<AuthMechFacts>();
        let (ports, mut parts) = ports_of(view, mechanism, "interface", facts.and_then(|f| f.interface.as_ref()));
        parts.extend(ports.iter().map(|port| at_port(view, mechanism, port)));
        together(parts, "no interface of the mechanism is declared", declare(mechanism, "interface"))
    })
}

/// A password that belongs to another declared mechanism at the same port is that one's.
fn at_port(view: &View<'_>, mechanism: &Entry, port: &Declared<'_>) -> Judgement {
    let id = &mechanism.id.value;
    let others: Vec<_> = view
        .entries("AuthMech")
        .iter()
        .filter(|other| other.id.value != *id)
        .map(|other| reached(view, other))
        .collect();
    let seen = Seen::of(view, DUT);
    for sight in seen.facts() {
        let (at, scheme) = match sight.fact {
            Fact::AuthPrompt { endpoint, scheme, .. } => (key(endpoint), *scheme),
            Fact::Login(login) if login.accepted => (key(&login.endpoint), login.scheme),
            _ => continue,
        };
        if at == port.at && scheme.takes_password() && !others.iter().any(|o| o.is_at(at, scheme)) {
            let text = format!("{} takes a password ({scheme})", port_text(at));
            return Judgement::fail(format!("{text} where {id} authenticates machines"))
                .declared(mechanism.span, format!("{id} as declared"))
                .on(sight.ground(text));
        }
    }
    let first = match port.at.0 {
        Transport::Tcp => (SERVICES, "services"),
        Transport::Udp => (UDP_SERVICES, "udp-services"),
    };
    let mut whole = Judgement::pass(format!("{} asks for no password", port_text(port.at)))
        .declared(mechanism.span, format!("{id} as declared"));
    let surface = speaks_http(&seen, port.at).then_some((HTTP_SURFACE, "http-routes"));
    for (probe, of) in std::iter::once(first).chain(surface) {
        let next = Next::Observe { probe: probe.to_owned(), target: DUT.to_owned() };
        match seen.look(probe, of, port.at) {
            Look::Covered(record, coverage) => whole = whole.on(ground(record, coverage.text.clone())),
            Look::Short(record, short) => {
                return Judgement::inconclusive(format!("{}: {}", port_text(port.at), short.text), next)
                    .on(ground(record, short.text.clone()));
            }
            Look::Never => {
                return Judgement::open(format!("{} was not looked at by {probe}", port_text(port.at)), next);
            }
        }
    }
    whole
}
