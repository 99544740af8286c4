//! Places that ask for a credential and that no entry of 1-AuthMech declares.
//!
//! A mechanism is known by the interface it guards and the way the credential is given; two login pages of the same
//! way at the same port are not told apart, and neither are a form and the request in JSON that it sends.

use dossier::{AuthMechFacts, Entry, Factor};
use model::{AuthScheme, Fact};

use crate::judgement::{Gap, Ground};
use crate::view::View;

use super::interfaces::port_of;
use super::login_evidence::same_way;
use super::probe_names::DUT;
use super::said::declare;
use super::seen::{PortKey, Seen, key, port_text};
use super::undeclared::{Found, Surplus};

/// Every place that asks for a credential of a wanted kind, declared or not.
pub(super) fn find(view: &View<'_>, wanted: fn(AuthScheme) -> bool) -> Found {
    let seen = Seen::of(view, DUT);
    let mechanisms = view.entries("AuthMech");
    let mut asked: Vec<(PortKey, AuthScheme)> = Vec::new();
    let mut found = Found::default();
    for sight in seen.facts() {
        let (at, scheme, how) = match sight.fact {
            Fact::AuthPrompt { endpoint, scheme, .. } => (key(endpoint), *scheme, "asks for"),
            Fact::Login(login) if login.accepted => (key(&login.endpoint), login.scheme, "takes"),
            _ => continue,
        };
        if !wanted(scheme) || asked.iter().any(|(a, s)| *a == at && same_way(*s, scheme)) {
            continue;
        }
        asked.push((at, scheme));
        let text = format!("{} {how} a credential ({scheme})", port_text(at));
        let observed = sight.ground(text.clone());
        match declared_for(view, mechanisms, at, scheme) {
            Match::Is(entry) => found.declared.extend([observed, place(entry)]),
            Match::MayBe(entry, key) => found.surplus.push(Surplus {
                doubt: Some(Gap {
                    missing: format!("{text}, and {} may mean it", entry.id.value),
                    next: declare(entry, key),
                }),
                text,
                grounds: vec![observed, place(entry)],
            }),
            Match::None => {
                found.surplus.push(Surplus {
                    text: format!("{text} and no entry of AuthMech has it"),
                    grounds: vec![observed],
                    doubt: None,
                });
            }
        }
    }
    found
}

enum Match<'a> {
    Is(&'a Entry),
    /// The entry lacks the named fact, and may be meant.
    MayBe(&'a Entry, &'static str),
    None,
}

fn declared_for<'a>(view: &View<'a>, mechanisms: &'a [Entry], at: PortKey, scheme: AuthScheme) -> Match<'a> {
    let mut may_be = Match::None;
    for entry in mechanisms {
        let facts = entry.facts::<AuthMechFacts>();
        let guards = match facts.and_then(|f| f.interface.as_ref()) {
            Some(ids) => Some(ids.iter().any(|id| port_named(view, &id.value) == Some(at))),
            None if facts.and_then(|f| f.network.as_ref()).is_some_and(|n| !n.value) => Some(false),
            None => None,
        };
        let factors = facts.and_then(|f| f.factors.as_ref()).filter(|f| !f.is_empty());
        let given = match facts.and_then(|f| f.scheme.as_ref()) {
            Some(declared) => Some(same_way(declared.value, scheme)),
            // What authenticates by certificate alone cannot be meant where a password is asked for.
            None => factors.filter(|f| scheme.takes_password() && !f.iter().any(is_memorised)).map(|_| false),
        };
        match (guards, given) {
            (Some(true), Some(true)) => return Match::Is(entry),
            (Some(true), None) => may_be = Match::MayBe(entry, "scheme"),
            (None, Some(true) | None) => may_be = Match::MayBe(entry, "interface"),
            _ => {}
        }
    }
    may_be
}

fn is_memorised(factor: &Factor) -> bool {
    matches!(factor, Factor::Password | Factor::Pin)
}

/// The port of the interface with this id, in whichever table it stands.
fn port_named(view: &View<'_>, id: &str) -> Option<PortKey> {
    ["LogIntf", "Intf"].into_iter().find_map(|table| view.dossier.entry(table, id).and_then(port_of))
}

fn place(entry: &Entry) -> Ground {
    Ground::Declared { span: entry.span, text: format!("{} as declared", entry.id.value) }
}
