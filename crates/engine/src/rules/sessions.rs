//! Whether the sessions that a login opens are held as declared: identifiers, cookies, and what ends a session.
//!
//! Only what is declared is held against the product. A sample bounds the bits of an identifier from above, so that it can
//! refute a declaration and never prove how identifiers are drawn.

use dossier::{AuthMechFacts, CookieAttribute, Entry, SessionEnd};
use model::{CredentialChange, Fact, SessionCarrier, SessionFacts, SessionPattern};

use crate::judgement::{Judgement, Next};
use crate::view::View;

use super::login_evidence::{Reached, reached};
use super::probe_names::{AUTH_CHANGE, AUTH_SESSIONS, DUT};
use super::said::declare;
use super::seen::{Look, PortKey, Seen, Sight, ground, key, port_text};

/// Sessions that have to be opened before the absence of a pattern says anything.
const FEWEST: u32 = 4;

/// What the sessions of a mechanism add to its judgement; nothing where nothing is declared of them and nothing speaks
/// against them.
pub(super) fn parts(view: &View<'_>, mechanism: &Entry) -> Vec<Judgement> {
    let Some(facts) = mechanism.facts::<AuthMechFacts>() else { return Vec::new() };
    let reached = reached(view, mechanism);
    let seen = Seen::of(view, DUT);
    let all = seen.facts();
    let mut found = Vec::new();
    for port in &reached.ports {
        let sessions = all.iter().find_map(|sight| match sight.fact {
            Fact::Session(fact) if is_here(&reached, port.at, &fact.endpoint, fact.scheme) => Some((sight, fact)),
            _ => None,
        });
        let changed = all.iter().find_map(|sight| match sight.fact {
            Fact::CredentialChange(fact) if is_here(&reached, port.at, &fact.endpoint, fact.scheme) => {
                Some((sight, fact))
            }
            _ => None,
        });
        let about = About { mechanism, facts, at: port.at, seen: &seen };
        found.extend(about.identifiers(sessions));
        found.extend(about.cookies(sessions));
        found.extend(about.end_by_logout(sessions));
        found.extend(about.end_by_change(changed));
    }
    found
}

fn is_here(reached: &Reached<'_>, at: PortKey, endpoint: &model::Endpoint, scheme: model::AuthScheme) -> bool {
    key(endpoint) == at && reached.is_at(at, scheme)
}

type Sessions<'a> = Option<(&'a Sight<'a>, &'a SessionFacts)>;

/// A mechanism at one of its ports.
struct About<'a> {
    mechanism: &'a Entry,
    facts: &'a AuthMechFacts,
    at: PortKey,
    seen: &'a Seen<'a>,
}

impl About<'_> {
    fn id(&self) -> &str {
        &self.mechanism.id.value
    }

    fn not_seen(&self, probe: &'static str, of: &str, what: &str) -> Judgement {
        let text = format!("{what} of {} was not seen at {}", self.id(), port_text(self.at));
        let next = Next::Observe { probe: probe.to_owned(), target: DUT.to_owned() };
        match self.seen.look(probe, of, self.at) {
            Look::Short(record, short) => Judgement::inconclusive(format!("{text}: {}", short.text), next)
                .on(ground(record, short.text.clone())),
            _ => Judgement::open(text, next),
        }
    }

    fn identifiers(&self, sessions: Sessions<'_>) -> Option<Judgement> {
        let declared = self.facts.session_bits.as_ref();
        let Some((sight, fact)) = sessions else {
            return declared.map(|_| self.not_seen(AUTH_SESSIONS, "sessions", "the session identifier"));
        };
        let (bits, pattern) = weakest(fact);
        let told = pattern.map(|pattern| match pattern {
            SessionPattern::Constant => "every session has the same identifier",
            SessionPattern::Repeated => "an identifier came twice",
            SessionPattern::Counted => "identifiers are counted up",
        });
        let text = match told {
            Some(told) => format!("{told} in {} sessions", fact.sample),
            None => {
                format!("at most {bits} bits differ in {} sessions, and none follows from the others", fact.sample)
            }
        };
        let judgement = match (declared, told) {
            (Some(_), Some(told)) => Judgement::fail(format!("sessions of {} can be foretold: {told}", self.id())),
            (None, Some(told)) => Judgement::inconclusive(
                format!("sessions of {} can be foretold: {told}; nothing is declared of them", self.id()),
                declare(self.mechanism, "session-bits"),
            ),
            (None, None) => return None,
            (Some(declared), None) if bits < declared.value => Judgement::fail(format!(
                "session identifiers of {} differ in at most {bits} bits, not in {}",
                self.id(),
                declared.value
            )),
            (Some(_), None) if fact.sample < FEWEST => Judgement::inconclusive(
                format!("{} sessions of {} are too few to tell a pattern", fact.sample, self.id()),
                Next::Observe { probe: AUTH_SESSIONS.to_owned(), target: DUT.to_owned() },
            ),
            (Some(_), None) => Judgement::pass(format!("nothing seen of the sessions of {} departs", self.id())),
        };
        let judgement = judgement.on(sight.ground(text));
        Some(match declared {
            Some(declared) => judgement.declared(declared.span, format!("`session-bits = {}`", declared.value)),
            None => judgement,
        })
    }

    fn cookies(&self, sessions: Sessions<'_>) -> Option<Judgement> {
        let declared = self.facts.session_cookie.as_ref().filter(|list| !list.value.is_empty())?;
        let Some((sight, fact)) = sessions else {
            return Some(self.not_seen(AUTH_SESSIONS, "sessions", "the session cookie"));
        };
        let has = |cookie: &SessionCarrier, attribute: CookieAttribute| match attribute {
            CookieAttribute::Secure => cookie.secure,
            CookieAttribute::HttpOnly => cookie.http_only,
            CookieAttribute::SameSite => matches!(cookie.same_site.as_deref(), Some("lax" | "strict")),
        };
        let holding = holding(fact);
        let lacking = holding.iter().filter(|carrier| carrier.cookie).find_map(|cookie| {
            let lacks: Vec<&str> =
                declared.iter().filter(|one| !has(cookie, **one)).map(|one| one.as_str()).collect();
            (!lacks.is_empty()).then(|| (cookie, lacks.join(", ")))
        });
        let judgement = match lacking {
            Some((cookie, lacks)) => {
                let text = format!("the cookie {} lacks {lacks}", cookie.name);
                Judgement::fail(format!("{text}, and {} is declared with it", self.id())).on(sight.ground(text))
            }
            None => {
                let names: Vec<&str> = holding.iter().map(|carrier| carrier.name.as_str()).collect();
                Judgement::pass(format!("the session cookie of {} is set as declared", self.id()))
                    .on(sight.ground(format!("sessions are shown by {}", names.join(", "))))
            }
        };
        Some(judgement.declared(declared.span, "`session-cookie`"))
    }

    fn end_by_logout(&self, sessions: Sessions<'_>) -> Option<Judgement> {
        let declared = self.facts.session_ends.as_ref().filter(|ends| ends.value.contains(&SessionEnd::Logout))?;
        let judgement = match sessions.map(|(sight, fact)| (sight, fact, fact.ends_on_logout)) {
            Some((sight, fact, Some(ends))) => {
                let text = format!("the session was answered {}", fact.told_by);
                match ends {
                    true => Judgement::pass(format!("logging out ends a session of {}", self.id())),
                    false => Judgement::fail(format!("logging out leaves a session of {} valid", self.id())),
                }
                .on(sight.ground(text))
            }
            _ => self.not_seen(AUTH_SESSIONS, "session-end", "the end of a session"),
        };
        Some(judgement.declared(declared.span, "`session-ends` names the logging out"))
    }

    fn end_by_change(&self, changed: Option<(&Sight<'_>, &CredentialChange)>) -> Option<Judgement> {
        let declared = self.facts.session_ends.as_ref().filter(|ends| ends.value.contains(&SessionEnd::Change))?;
        let judgement = match changed.and_then(|(sight, fact)| Some((sight, fact, fact.sessions_ended?))) {
            Some((sight, fact, true)) => {
                Judgement::pass(format!("changing the credential ends the other sessions of {}", self.id()))
                    .on(sight.ground(fact.told_by.clone()))
            }
            Some((sight, fact, false)) => {
                Judgement::fail(format!("changing the credential leaves other sessions of {} valid", self.id()))
                    .on(sight.ground(fact.told_by.clone()))
            }
            None => self.not_seen(AUTH_CHANGE, "credential-change", "the end of other sessions by a change"),
        };
        Some(judgement.declared(declared.span, "`session-ends` names the change of the credential"))
    }
}

/// What holds a session: each carrier that is let in alone, or else all that are not the same every time.
fn holding(fact: &SessionFacts) -> Vec<&SessionCarrier> {
    let alone: Vec<_> = fact.carriers.iter().filter(|carrier| carrier.alone == Some(true)).collect();
    let is_label = |carrier: &&SessionCarrier| carrier.pattern == Some(SessionPattern::Constant);
    let together: Vec<_> = fact.carriers.iter().filter(|carrier| !is_label(carrier)).collect();
    match (alone.is_empty(), together.is_empty()) {
        (false, _) => alone,
        (true, false) => together,
        (true, true) => fact.carriers.iter().collect(),
    }
}

/// The bits and the pattern of what is easiest to foretell: of carriers that are let in alone the worst one, of others
/// what they have together.
fn weakest(fact: &SessionFacts) -> (u32, Option<SessionPattern>) {
    let holding = holding(fact);
    if holding.iter().all(|carrier| carrier.alone == Some(true)) {
        let worst = holding.iter().min_by_key(|carrier| (carrier.pattern.is_none(), carrier.bits_at_most));
        return worst.map_or((0, None), |carrier| (carrier.bits_at_most, carrier.pattern));
    }
    let bits = holding.iter().map(|carrier| carrier.bits_at_most).fold(0, u32::saturating_add);
    let patterns: Option<Vec<SessionPattern>> = holding.iter().map(|carrier| carrier.pattern).collect();
    (bits, patterns.and_then(|all| all.into_iter().max()))
}
