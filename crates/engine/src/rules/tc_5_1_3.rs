//! Test group 5.1-3: authentication uses the cryptography declared for it, no credential travels in clear, and sessions are
//! held as declared.

use dossier::{AuthMechFacts, Entry};
use model::{AuthScheme, Endpoint, Fact};

use crate::judgement::{Judgement, Next};
use crate::rule::UnitRule;
use crate::view::{TableKind, View};

use super::crypto_offer;
use super::login_evidence::{reached as reached_by, same_way};
use super::probe_names::{
    AUTH_CHANGE, AUTH_DEFAULTS, AUTH_GUESSING, AUTH_SESSIONS, CLIENT_CHECKS, DUT, HTTP_SURFACE, SERVICES,
    TLS_OFFER, TRAFFIC,
};
use super::said::{about, declare, missing};
use super::seen::{PortKey, Seen, Sight, key, port_text};
use super::together::together;
use super::{BOTH, measured, sessions};

pub(super) const RULES: &[UnitRule] = &[measured("5.1-3-2a", BOTH, cryptography_is_as_declared, PROBES)];

const PROBES: &[&str] = &[
    TLS_OFFER,
    SERVICES,
    HTTP_SURFACE,
    AUTH_DEFAULTS,
    AUTH_GUESSING,
    AUTH_SESSIONS,
    AUTH_CHANGE,
    TRAFFIC,
    CLIENT_CHECKS,
];

/// The communication that secures a mechanism is as declared, and the mechanism is not offered beside it in clear.
pub(super) fn cryptography_is_as_declared(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "AuthMech", |mechanism| {
        let secured = mechanism.facts::<AuthMechFacts>().and_then(|f| f.secured_by.as_ref());
        let Some(secured) = secured.filter(|s| !s.is_empty()) else { return missing(mechanism, "secured-by") };
        let table = view.table_name(TableKind::Communication);
        let mut parts: Vec<Judgement> = secured
            .iter()
            .map(|id| match view.dossier.entry(table, &id.value) {
                Some(communication) => crypto_offer::judge(view, communication),
                None => Judgement::open(
                    format!("{table} does not hold {}", id.value),
                    Next::Declare {
                        place: table.to_owned(),
                        entry: Some(id.value.clone()),
                        what: "the entry".to_owned(),
                    },
                )
                .declared(id.span, format!("secured by {}", id.value)),
            })
            .collect();
        parts.extend(in_clear(view, mechanism).map(|j| j.declared(secured.span, "`secured-by`")));
        parts.extend(sessions::parts(view, mechanism));
        together(parts, "nothing is declared to secure the mechanism", declare(mechanism, "secured-by"))
    })
}

/// The mechanism, or a login of its kind, offered without protection.
fn in_clear(view: &View<'_>, mechanism: &Entry) -> Option<Judgement> {
    let facts = mechanism.facts::<AuthMechFacts>()?;
    let reached = reached_by(view, mechanism);
    let own_scheme = reached.scheme?;
    let seen = Seen::of(view, DUT);
    let all = seen.facts();
    let mine = |at: PortKey| reached.ports.iter().any(|p| p.at == at);
    let mut paths: Vec<&str> = facts.path.iter().map(|p| p.value.as_str()).collect();
    let offers: Vec<_> = all.iter().filter_map(|s| Some((s, offer(s.fact)?))).collect();
    paths.extend(
        offers.iter().filter(|(_, o)| mine(key(o.0)) && same_way(o.1, own_scheme)).filter_map(|(_, o)| o.2),
    );
    let mut doubt = None;
    for (sight, (endpoint, scheme, path)) in offers {
        let at = key(endpoint);
        if !same_way(scheme, own_scheme) || !is_clear(&all, at, scheme) {
            continue;
        }
        let text = format!("{} takes a credential ({scheme}) in clear", port_text(at));
        let id = &mechanism.id.value;
        if mine(at) || path.is_some_and(|p| paths.contains(&p)) {
            return Some(
                Judgement::fail(format!("{text}, and {id} is declared as secured")).on(sight.ground(text)),
            );
        }
        let others = view.entries("AuthMech").iter().filter(|other| other.id.value != *id);
        if others.into_iter().any(|other| reached_by(view, other).is_at(at, scheme)) {
            continue;
        }
        doubt = doubt.or_else(|| {
            let what = format!("whether the login at {} is {id}", port_text(at));
            Some(Judgement::inconclusive(text.clone(), Next::State { what }).on(sight.ground(text)))
        });
    }
    doubt
}

/// A place where a credential is asked for or was evaluated.
fn offer(fact: &Fact) -> Option<(&Endpoint, AuthScheme, Option<&str>)> {
    match fact {
        Fact::AuthPrompt { endpoint, scheme, path, .. } => Some((endpoint, *scheme, path.as_deref())),
        Fact::Login(login) if login.accepted => Some((&login.endpoint, login.scheme, login.path.as_deref())),
        Fact::Guessing(run) if run.evaluated > 0 => Some((&run.endpoint, run.scheme, run.path.as_deref())),
        _ => None,
    }
}

/// Whether a port was seen to speak without TLS; SSH brings its own protection.
fn is_clear(all: &[Sight<'_>], at: PortKey, scheme: AuthScheme) -> bool {
    if matches!(scheme, AuthScheme::SshPassword | AuthScheme::SshPublicKey) {
        return false;
    }
    all.iter().any(|sight| match sight.fact {
        Fact::Service(service) => key(&service.endpoint) == at && !service.tls,
        Fact::Http(answer) => key(&answer.endpoint) == at && !answer.tls,
        _ => false,
    })
}
