//! Logins, prompts and guesses that were measured at a declared authentication mechanism.

use dossier::{AuthMechFacts, Entry};
use model::{AuthScheme, Credential, Fact};

use crate::judgement::{Gap, Judgement, Next};
use crate::view::View;

use super::batch;
use super::interfaces::{Declared, ports_of};
use super::probe_names::{AUTH_DEFAULTS, DUT};
use super::said::{about, missing};
use super::seen::{PortKey, Seen, Sight, key, port_text};

/// Whether two ways of giving a credential are the same to a visitor: a form may send its request as JSON.
pub(super) fn same_way(one: AuthScheme, other: AuthScheme) -> bool {
    let web = |s| matches!(s, AuthScheme::HttpForm | AuthScheme::HttpJson);
    one == other || (web(one) && web(other))
}

/// Where a mechanism can be met, and what stays open about that.
pub(super) struct Reached<'a> {
    pub(super) ports: Vec<Declared<'a>>,
    pub(super) scheme: Option<AuthScheme>,
    pub(super) open: Vec<Judgement>,
}

/// The ports and the way of giving the credential, as declared.
pub(super) fn reached<'a>(view: &View<'a>, mechanism: &'a Entry) -> Reached<'a> {
    let facts = mechanism.facts::<AuthMechFacts>();
    let (ports, mut open) = ports_of(view, mechanism, "interface", facts.and_then(|f| f.interface.as_ref()));
    let scheme = facts.and_then(|f| f.scheme.as_ref()).map(|s| s.value);
    if scheme.is_none() {
        open.push(missing(mechanism, "scheme"));
    }
    Reached { ports, scheme, open }
}

impl Reached<'_> {
    /// Whether something seen belongs to the mechanism.
    pub(super) fn is_at(&self, at: PortKey, scheme: AuthScheme) -> bool {
        self.ports.iter().any(|p| p.at == at) && self.scheme.is_some_and(|s| same_way(s, scheme))
    }
}

/// An accepted credential that anybody knows, at the mechanism: it refutes every origin but a universal one.
pub(super) fn well_known_login<'a>(view: &View<'a>, reached: &Reached<'_>) -> Option<(Sight<'a>, String)> {
    Seen::of(view, DUT).facts().into_iter().find_map(|sight| match sight.fact {
        Fact::Login(login) if login.accepted && reached.is_at(key(&login.endpoint), login.scheme) => {
            match &login.credential {
                Credential::WellKnown(name) => {
                    Some((sight, format!("{} accepts {name}", port_text(key(&login.endpoint)))))
                }
                _ => None,
            }
        }
        _ => None,
    })
}

/// The shared end of units that only an accepted well-known credential decides, as a failure; a person decides the
/// rest.
pub(super) fn refuted_by_well_known(
    view: &View<'_>,
    entry: Option<&Entry>,
    contradicts: &str,
    remains: &str,
) -> Judgement {
    refuted(view, entry, contradicts, remains, false)
}

/// As [`refuted_by_well_known`], for values that are generated: an audit of a batch refutes them, too.
pub(super) fn refuted_by_values(
    view: &View<'_>,
    entry: Option<&Entry>,
    contradicts: &str,
    remains: &str,
) -> Judgement {
    refuted(view, entry, contradicts, remains, true)
}

fn refuted(
    view: &View<'_>,
    entry: Option<&Entry>,
    contradicts: &str,
    remains: &str,
    generated: bool,
) -> Judgement {
    about(entry, "AuthMech", |mechanism| {
        let id = &mechanism.id.value;
        let reached = reached(view, mechanism);
        let origin = mechanism.facts::<AuthMechFacts>().and_then(|f| f.origin.as_ref());
        if let Some((sight, text)) = well_known_login(view, &reached) {
            let span = origin.map_or(mechanism.span, |o| o.span);
            let declared = origin.map_or("no origin".to_owned(), |o| format!("`origin = \"{}\"`", o.value));
            return Judgement::fail(format!("{text}, which {contradicts} of {id}"))
                .declared(span, declared)
                .on(sight.ground(text));
        }
        let seen = Seen::of(view, DUT);
        if let Some(refuted) = generated.then(|| batch::refuted(&seen, mechanism, contradicts)).flatten() {
            return refuted;
        }
        let mut judgement = Judgement::open(
            format!("{remains} of {id} is for a person"),
            Next::State { what: remains.to_owned() },
        );
        if seen.newest(AUTH_DEFAULTS).is_none() && !reached.ports.is_empty() {
            judgement.gaps.push(Gap {
                missing: "well-known credentials were not tried".to_owned(),
                next: Next::Observe { probe: AUTH_DEFAULTS.to_owned(), target: DUT.to_owned() },
            });
        }
        judgement.declared(mechanism.span, format!("{id} as declared"))
    })
}
