//! Who could use a declared function over the network: requests tried without, with wrong, weak and valid credentials,
//! and with sessions that had ended or were altered.

use dossier::{AuthMechFacts, Entry, Located, SoftServFacts, Standing};
use model::{Access, AuthScheme, Credential, Fact, Outcome, ProductState};

use crate::judgement::{Judgement, Next};
use crate::view::View;

use super::interfaces::{Declared, ports_of};
use super::probe_names::{DUT, HTTP_ACCESS};
use super::said::{declare, missing, references};
use super::seen::{Look, Seen, Sight, ground, key, port_text};
use super::together::together;

/// A request of a service, and whether it changes something.
pub(super) struct Request<'a> {
    pub(super) text: &'a Located<String>,
    pub(super) writes: bool,
}

/// Everything needed to judge one function.
pub(super) struct Function<'a> {
    pub(super) service: &'a Entry,
    pub(super) requests: Vec<Request<'a>>,
    pub(super) ports: Vec<Declared<'a>>,
    pub(super) open: Vec<Judgement>,
    tried: Vec<(Sight<'a>, &'a Access)>,
    seen: Seen<'a>,
}

impl<'a> Function<'a> {
    /// The requests of a service, or only those that change something.
    pub(super) fn of(view: &View<'a>, service: &'a Entry, only_writes: bool) -> Self {
        Self::measured(view, service, only_writes, Seen::of(view, DUT).in_use())
    }

    /// The requests of a service that change something, as they were tried in one state of the product.
    pub(super) fn in_state(view: &View<'a>, service: &'a Entry, state: ProductState) -> Self {
        Self::measured(view, service, true, Seen::of(view, DUT).only(|at| at.state == state))
    }

    fn measured(view: &View<'a>, service: &'a Entry, only_writes: bool, seen: Seen<'a>) -> Self {
        let facts = service.facts::<SoftServFacts>();
        let (ports, mut open) = ports_of(view, service, "interface", facts.and_then(|f| f.interface.as_ref()));
        let list = |writes: bool| {
            let requests =
                facts.and_then(|f| if writes { f.write_requests.as_ref() } else { f.read_requests.as_ref() });
            requests.into_iter().flat_map(|r| r.value.iter()).map(move |text| Request { text, writes })
        };
        let requests: Vec<_> = list(false).filter(|_| !only_writes).chain(list(true)).collect();
        if requests.is_empty() {
            open.push(missing(service, if only_writes { "write-requests" } else { "read-requests" }));
        }
        let tried = seen.facts().into_iter().filter_map(|sight| match sight.fact {
            Fact::Access(access) => Some((sight, access)),
            _ => None,
        });
        let tried = tried.collect();
        Self { service, requests, ports, open, tried, seen }
    }

    /// The try of one request at one port with one kind of credential; one that was granted, if any was.
    fn tries(&self, request: &str, port: &Declared<'_>, with: &Credential) -> Option<(Sight<'a>, &'a Access)> {
        let same = |function: &str| function.split_whitespace().eq(request.split_whitespace());
        let fits = |a: &Access| key(&a.endpoint) == port.at && same(&a.function) && a.credential == *with;
        self.tried.iter().copied().filter(|(_, a)| fits(a)).max_by_key(|(_, a)| (a.granted, a.unclear))
    }

    fn not_tried(&self, request: &str, port: &Declared<'_>, with: &str) -> Judgement {
        let next = Next::Observe { probe: HTTP_ACCESS.to_owned(), target: DUT.to_owned() };
        let text = format!("{request} was not tried {with} at {}", port_text(port.at));
        match self.seen.look_here(HTTP_ACCESS, "access", port.at) {
            Look::Short(record, short) => Judgement::inconclusive(format!("{text}: {}", short.text), next)
                .on(ground(record, short.text.clone())),
            _ => Judgement::open(text, next),
        }
    }

    fn each(&self, judge: impl Fn(&Request<'_>, &Declared<'_>) -> Vec<Judgement>) -> Judgement {
        let mut parts = self.open.clone();
        for request in &self.requests {
            for port in &self.ports {
                parts.extend(judge(request, port));
            }
        }
        together(parts, "no request is declared", declare(self.service, "read-requests"))
    }

    /// Whoever lacks a credential or the rights is turned away, and no route that was found leads around that.
    pub(super) fn refuses_others(&self, view: &View<'_>) -> Judgement {
        let declared = self.declared_ones_refuse(view);
        let mut parts = self.found_ones(view);
        parts.insert(0, declared);
        together(parts, "no request is declared", declare(self.service, "read-requests"))
    }

    fn declared_ones_refuse(&self, view: &View<'_>) -> Judgement {
        self.each(|request, port| {
            let mut parts = vec![
                self.denied(request, port, &Credential::None, "without a credential"),
                self.denied(request, port, &Credential::Wrong, "with a wrong credential"),
            ];
            let low = self.tries(&request.text.value, port, &Credential::LowPrivilege);
            if low.is_some() || has_low_privilege(view, self.service) {
                parts.push(self.denied(request, port, &Credential::LowPrivilege, "with too few rights"));
            }
            let expired = self.tries(&request.text.value, port, &Credential::Expired);
            if expired.is_some() || ends_sessions(view, self.service) {
                parts.push(self.denied(request, port, &Credential::Expired, "with a session that has ended"));
            }
            parts.extend(self.altered(view, request, port));
            parts
        })
    }

    /// Whoever has no credential, or a wrong one, is turned away; sessions may not exist yet.
    pub(super) fn refuses_strangers(&self, view: &View<'_>) -> Judgement {
        let others = self.refuses_others(view);
        if others.outcome == Outcome::Fail {
            return others;
        }
        self.each(|request, port| {
            vec![
                self.denied(request, port, &Credential::None, "without a credential"),
                self.denied(request, port, &Credential::Wrong, "with a wrong credential"),
            ]
        })
    }

    /// Every way in which the session was altered; one is asked for where a login hands sessions out.
    fn altered(&self, view: &View<'_>, request: &Request<'_>, port: &Declared<'_>) -> Vec<Judgement> {
        let kinds = self.tried.iter().filter_map(|(_, access)| match &access.credential {
            Credential::Altered(how) => Some(how),
            _ => None,
        });
        let mut kinds: Vec<&String> = kinds.collect();
        kinds.sort_unstable();
        kinds.dedup();
        let tried = kinds.into_iter().filter_map(|how| {
            let who = Credential::Altered(how.clone());
            self.tries(&request.text.value, port, &who)?;
            Some(self.denied(request, port, &who, &format!("with an altered session ({how})")))
        });
        let tried: Vec<Judgement> = tried.collect();
        match tried.is_empty() && hands_sessions_out(view, self.service) {
            true => vec![self.not_tried(&request.text.value, port, "with an altered session")],
            false => tried,
        }
    }

    fn denied(&self, request: &Request<'_>, port: &Declared<'_>, who: &Credential, with: &str) -> Judgement {
        let name = &request.text.value;
        let Some((sight, access)) = self.tries(name, port, who) else { return self.not_tried(name, port, with) };
        let seen = format!("{name} {with} at {}: {}", port_text(port.at), access.told_by);
        let judgement = match (access.granted, who, request.writes) {
            (false, ..) if access.unclear => self.undecided(name, port, with, access),
            (false, ..) => {
                Judgement::pass(format!("{} turns away whoever lacks the right", self.service.id.value))
            }
            // A subject with fewer rights may be meant to read; to change something it may not.
            (true, Credential::LowPrivilege, false) => Judgement::inconclusive(
                format!("{name} can be read {with}"),
                Next::State { what: format!("whether {name} is meant for subjects with fewer rights") },
            ),
            (true, ..) => Judgement::fail(format!("{name} can be used {with}")),
        };
        judgement.declared(request.text.span, format!("{name} as declared")).on(sight.ground(seen))
    }

    /// An answer that neither lets in nor turns away.
    fn undecided(&self, request: &str, port: &Declared<'_>, with: &str, access: &Access) -> Judgement {
        let text = format!("{request} {with} was answered {}, which turns nobody away", access.told_by);
        let entitled = self.tries(request, port, &Credential::Valid);
        let next = match entitled.is_some_and(|(_, valid)| valid.granted) {
            true => Next::Observe { probe: HTTP_ACCESS.to_owned(), target: DUT.to_owned() },
            false => Next::Prepare {
                what: format!("a credential in `[[account]]` with which {request} succeeds, to compare with"),
            },
        };
        Judgement::inconclusive(text, next)
    }

    /// Whoever holds a valid credential can use the function.
    pub(super) fn admits_the_entitled(&self) -> Judgement {
        self.each(|request, port| {
            let name = &request.text.value;
            let Some((sight, access)) = self.tries(name, port, &Credential::Valid) else {
                return vec![self.not_tried(name, port, "with a valid credential")];
            };
            let seen = format!("{name} with a valid credential at {}: {}", port_text(port.at), access.told_by);
            let judgement = if access.granted {
                Judgement::pass(format!("{} can be used with a valid credential", self.service.id.value))
            } else if access.unclear {
                Judgement::inconclusive(
                    format!("{name} with a valid credential was answered {}", access.told_by),
                    Next::State { what: format!("whether {name} is a request that succeeds") },
                )
            } else if self.valid_works_at(port) {
                Judgement::fail(format!("{name} is refused to a subject whose credential is accepted elsewhere"))
            } else {
                Judgement::inconclusive(
                    format!("{name} was refused, and nothing shows that the credential itself was accepted"),
                    Next::Prepare { what: "a credential in `[[account]]` that the product accepts".to_owned() },
                )
            };
            vec![judgement.declared(request.text.span, format!("{name} as declared")).on(sight.ground(seen))]
        })
    }

    /// Whether a valid credential was seen to be accepted at a port: it opened what is closed without one.
    fn valid_works_at(&self, port: &Declared<'_>) -> bool {
        let is_closed = |function: &str| {
            let without = self.tries(function, port, &Credential::None);
            without.is_some_and(|(_, access)| !access.granted && !access.unclear)
        };
        self.seen.facts().iter().any(|sight| match sight.fact {
            Fact::Access(a) => {
                a.granted
                    && a.credential == Credential::Valid
                    && key(&a.endpoint) == port.at
                    && is_closed(&a.function)
            }
            Fact::Login(l) => l.accepted && l.credential == Credential::Valid && key(&l.endpoint) == port.at,
            _ => false,
        })
    }
}

mod found;

/// The facts of the mechanisms that guard a service.
fn guards<'a>(view: &View<'a>, service: &Entry) -> Vec<&'a AuthMechFacts> {
    let ids = references(service, "Authentication Mechanism").unwrap_or_default();
    ids.iter().filter_map(|id| view.dossier.entry("AuthMech", &id.value)?.facts::<AuthMechFacts>()).collect()
}

/// Whether a mechanism that guards the service says how its sessions are ended.
fn ends_sessions(view: &View<'_>, service: &Entry) -> bool {
    guards(view, service).iter().any(|facts| facts.logout_request.is_some())
}

/// Whether a login that guards the service hands out a session, instead of taking the credential each time.
fn hands_sessions_out(view: &View<'_>, service: &Entry) -> bool {
    let by_login = |scheme| matches!(scheme, AuthScheme::HttpForm | AuthScheme::HttpJson);
    guards(view, service).iter().any(|facts| facts.scheme.as_ref().is_some_and(|s| by_login(s.value)))
}

/// Whether the bench holds an account with fewer rights for a mechanism that guards the service.
fn has_low_privilege(view: &View<'_>, service: &Entry) -> bool {
    let mechanisms = references(service, "Authentication Mechanism").unwrap_or_default();
    view.dossier.bench.iter().flat_map(|bench| &bench.accounts).any(|account| {
        account.standing.as_ref().is_some_and(|s| s.value == Standing::LowPrivilege)
            && account.mechanism.as_ref().is_some_and(|m| mechanisms.iter().any(|id| id.value == m.value))
    })
}
