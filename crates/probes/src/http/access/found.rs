//! Routes that were found on the product, in a description or in a recording, and that nobody declares.
//!
//! They are tried more carefully than declared functions: nothing whose path looks like an action, what is open to
//! everybody for nobody else, and a change only as subjects who should be turned away.

use model::{Credential, ShortfallKind};
use serde::Deserialize;
use wire::api::{Route, openapi, sample};

use super::super::answer::Answer;
use super::super::exchange::Server;
use super::super::routes::is_harmless;
use super::{Function, FunctionLog, Parameters, Subjects, says_nothing, unsupported};
use crate::Bench;

/// Routes that are tried at most.
const MOST: usize = 64;

/// A description of the interface on the product.
#[derive(Debug, Clone, Deserialize)]
pub struct Document {
    /// Where.
    pub server: Server,
    /// Its path.
    pub path: String,
}

/// The routes of a description that can be tried without acting: reads, and changes that put in place what is there.
pub fn routes_of(server: &Server, routes: &[Route], found: &str) -> Vec<Function> {
    let tried = routes.iter().filter(|route| ["GET", "PUT", "PATCH"].contains(&route.method.as_str()));
    tried
        .map(|route| Function {
            server: server.clone(),
            request: format!("{} {}", route.method, target(route, found)),
            writes: route.method != "GET",
            body: None,
            found: Some(found.to_owned()),
        })
        .collect()
}

/// What to ask for. Queries of a recording may hold what only its user knew.
fn target(route: &Route, found: &str) -> String {
    let whole = sample::target(route, false);
    match (found, whole.split_once('?')) {
        ("recording", Some((path, _))) => path.to_owned(),
        _ => whole,
    }
}

/// What is declared, and of what was found as much as is tried; second, how much is left out. What is declared or told
/// before is not taken twice.
pub(super) fn bounded(told: Vec<Function>, described: Vec<Function>) -> (Vec<Function>, usize) {
    let (mut kept, found): (Vec<_>, Vec<_>) = told.into_iter().partition(|one| one.found.is_none());
    let (mut count, mut left_out) = (0, 0);
    for one in described.into_iter().chain(found) {
        if kept.iter().any(|other| other.is_same(&one)) {
            continue;
        }
        if count < MOST {
            count += 1;
            kept.push(one);
        } else {
            left_out += 1;
        }
    }
    (kept, left_out)
}

impl Function {
    /// Whether both are one request to one server.
    fn is_same(&self, other: &Self) -> bool {
        self.server.endpoint == other.server.endpoint
            && self.request.split_whitespace().eq(other.request.split_whitespace())
    }

    /// Whether the path looks as if asking for it acted.
    fn looks_like_an_action(&self) -> bool {
        self.parts().is_none_or(|(_, target)| !is_harmless(target))
    }
}

fn left_alone() -> (ShortfallKind, String) {
    (ShortfallKind::Missing, "its path looks like an action, and it was left alone".to_owned())
}

impl Subjects<'_> {
    /// The routes of the descriptions that the product hands out, to the entitled subject if there is one.
    pub(super) fn described(&mut self, parameters: &Parameters, bench: &mut dyn Bench) -> Vec<Function> {
        let subject = if self.valid.is_ok() { Credential::Valid } else { Credential::None };
        let mut found = Vec::new();
        for Document { server, path } in &parameters.documents {
            let Ok(response) = self.send(&subject, server, ("GET", path), None, bench) else { continue };
            let text = response.text();
            let is_one = response.status == 200 && openapi::is_likely(&text);
            let Some(description) = is_one.then(|| openapi::read(&text).ok()).flatten() else { continue };
            found.extend(routes_of(server, &description.routes, "description"));
        }
        found
    }

    /// Asks as nobody first; what is open needs no other subject, and what the entitled one does not get shows nothing.
    pub(super) fn read_found(&mut self, log: &mut FunctionLog, bench: &mut dyn Bench) {
        if log.function.looks_like_an_action() {
            log.missed.push(left_alone());
            return;
        }
        self.attempt(log, Credential::None, None, bench);
        log.not_there = self.not_there(&log.function.server.clone(), "GET", None, bench);
        if is_open(log) || self.valid.is_err() {
            return;
        }
        self.attempt(log, Credential::Valid, None, bench);
        if is_open(log) {
            for credential in self.others() {
                self.attempt(log, credential, None, bench);
            }
        }
    }

    /// Sends back what is there, and only as subjects without the right to change it: a product that turns them away
    /// is not touched.
    pub(super) fn write_found(&mut self, log: &mut FunctionLog, bench: &mut dyn Bench) {
        let function = log.function.clone();
        let Some((method, target)) = function.parts() else {
            log.missed.push(unsupported());
            return;
        };
        if function.looks_like_an_action() || !matches!(method, "PUT" | "PATCH") {
            log.missed.push(left_alone());
            return;
        }
        let before = match self.state(&function.server, target, bench) {
            Ok(state) => state,
            Err((kind, why)) => {
                log.missed.push((kind, format!("the value to send back cannot be read: {why}")));
                return;
            }
        };
        let sent = before.writable().to_string();
        for credential in [Credential::None].into_iter().chain(self.others()) {
            // A subject with fewer rights may be meant to; the first success is enough, and the last try.
            if credential != Credential::LowPrivilege && !log.may_have_acted() {
                self.attempt(log, credential, Some(sent.as_bytes()), bench);
            }
        }
        if log.may_have_acted()
            && let Err(why) = self.restored(&function, method, target, &before, &sent, bench)
        {
            log.missed.push((ShortfallKind::NotRestored, why));
        }
    }

    /// The subjects beside nobody and the entitled one. A wrong credential that counts towards a lockout is kept for
    /// what is declared.
    fn others(&self) -> Vec<Credential> {
        let costs = self.wrong.wrong_at().is_some();
        let mut found = self.credentials();
        found.retain(|one| *one != Credential::None && !(costs && *one == Credential::Wrong));
        found
    }
}

/// Whether the last try got what the route is there for.
fn is_open(log: &FunctionLog) -> bool {
    let last = log.tries.last().and_then(|(_, got)| got.as_ref().ok());
    last.is_some_and(|answer: &Answer| answer.is_success() && !says_nothing(answer, log.not_there.as_ref()))
}
