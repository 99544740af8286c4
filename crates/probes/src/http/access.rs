//! Who can use a function of a web server: nobody in particular, a wrong session, one that has ended or was altered, a
//! subject with fewer rights, and the entitled one.
//!
//! Reads come before writes. A write sends the value back that is there already, and is looked at again afterwards:
//! what it did is told by the answer, not by a changed product. Routes that were found and that nobody declares are tried
//! beside the declared functions, more carefully.

mod found;

use std::collections::BTreeMap;

use model::{Access, Coverage, Credential, Endpoint, Fact, Reading, Shortfall, ShortfallKind, Touches};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use super::session::Login;
pub use found::{Document, routes_of};

use super::answer::Answer;
use super::exchange::{NoAnswer, Server};
use super::session::{NoSession, Session};
use super::state::State;
use crate::{Bench, Card, Need};

/// The card.
pub const CARD: Card = Card {
    id: "http.access",
    revision: 3,
    asks: "Who can use this function: without a credential, with a wrong, weak, ended, altered and valid one?",
    yields: &["access"],
    touches: Touches::Intrusive,
    needs: &[Need::Endpoints, Need::Requests, Need::Accounts],
};

const OF: &str = "access";
/// The session of a weak subject that claims the role of another in a label of its own.
const ROLE: &str = "role-taken-over";

/// The same of routes that were found.
const OF_FOUND: &str = "access-found";

/// What to try, and as whom.
#[derive(Debug, Clone, Deserialize)]
pub struct Parameters {
    /// The functions, and routes that were found.
    pub functions: Vec<Function>,
    /// Descriptions of the interface on the product itself, whose routes are tried as well.
    #[serde(default)]
    pub documents: Vec<Document>,
    /// The entitled subject.
    #[serde(default)]
    pub login: Option<Login>,
    /// A subject with fewer rights.
    #[serde(default)]
    pub low_privilege: Option<Login>,
    /// The request by which the entitled subject logs out.
    #[serde(default)]
    pub logout: Option<String>,
}

/// One function.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Function {
    /// Where.
    pub server: Server,
    /// Method and target: `PUT /api/v1/config`.
    pub request: String,
    /// Whether it changes something.
    #[serde(default)]
    pub writes: bool,
    /// What to send; a write without it sends back what GET of the same path returns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// What named it, where nobody declares it: `page`, `description`, `recording`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

impl Function {
    fn parts(&self) -> Option<(&str, &str)> {
        let (method, target) = self.request.trim().split_once(char::is_whitespace)?;
        let target = target.trim();
        let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].contains(&method);
        (known && target.starts_with('/')).then_some((method, target))
    }
}

/// What came back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Log {
    /// One part per function, in the order of the parameters.
    pub functions: Vec<FunctionLog>,
    /// Routes that were found beyond the bound.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: usize,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// What became of one function.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FunctionLog {
    /// Which.
    pub function: Function,
    /// Each try, in order.
    pub tries: Vec<(Credential, Result<Answer, NoSession>)>,
    /// What the server says, without a credential, to the same method at a path that is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_there: Option<Answer>,
    /// What could not be tried or not be put back.
    pub missed: Vec<(ShortfallKind, String)>,
}

impl FunctionLog {
    /// Whether a try may have changed something.
    fn may_have_acted(&self) -> bool {
        self.tries.iter().any(|(_, got)| match got {
            Ok(answer) => answer.status < 400,
            Err((kind, _)) => !matches!(kind, ShortfallKind::Missing | ShortfallKind::Limit),
        })
    }
}

/// Tries each function as each subject.
pub fn gather(parameters: &Parameters, bench: &mut dyn Bench) -> Log {
    let mut subjects = Subjects::of(parameters, bench);
    let (functions, left_out) =
        found::bounded(parameters.functions.clone(), subjects.described(parameters, bench));
    let empty = |function| FunctionLog { function, tries: Vec::new(), not_there: None, missed: Vec::new() };
    let mut logs: Vec<FunctionLog> = functions.into_iter().map(empty).collect();
    let of = logs.len() as u64;
    let mut done = 0;
    for writes in [false, true] {
        // What is declared comes first, so that what is found never takes its allowance.
        for is_found in [false, true] {
            let own =
                |log: &&mut FunctionLog| log.function.writes == writes && log.function.found.is_some() == is_found;
            for log in logs.iter_mut().filter(own) {
                bench.progress(done, of);
                done += 1;
                match (writes, is_found) {
                    (false, false) => subjects.read(log, bench),
                    (true, false) => subjects.write(log, bench),
                    (false, true) => subjects.read_found(log, bench),
                    (true, true) => subjects.write_found(log, bench),
                }
            }
        }
    }
    Log { functions: logs, left_out }
}

/// The subjects and their sessions.
struct Subjects<'a> {
    login: Option<&'a Login>,
    valid: Result<Session, NoSession>,
    /// Another session of the same subject, to know what differs between two.
    other: Option<Session>,
    /// That session after its subject has logged out, where it is known how to.
    expired: Option<Result<(), NoSession>>,
    low: Option<Result<Session, NoSession>>,
    wrong: Session,
    /// What each server says, without a credential, to a method at a path that is not there.
    not_there: BTreeMap<(Endpoint, String), Option<Answer>>,
}

impl<'a> Subjects<'a> {
    fn of(parameters: &'a Parameters, bench: &mut dyn Bench) -> Self {
        let login = parameters.login.as_ref();
        let first = match login {
            Some(login) => Session::open(login, bench),
            None => Err((ShortfallKind::Missing, "the bench has no valid credential".to_owned())),
        };
        // A session that ends comes before the one that is used: a product may know one of each subject alone.
        let (mut other, mut expired) = (None, None);
        let valid = match (first, login) {
            (Ok(first), Some(login)) if first.is_handed_out() => {
                expired = parameters.logout.as_deref().map(|logout| end(&first, logout, parameters, bench));
                other = Some(first);
                Session::open(login, bench)
            }
            (first, _) => first,
        };
        let low = parameters.low_privilege.as_ref().map(|login| Session::open(login, bench));
        let wrong = Session::invented(valid.as_ref().ok(), login, bench);
        Self { login, valid, other, expired, low, wrong, not_there: BTreeMap::new() }
    }

    fn credentials(&self) -> Vec<Credential> {
        let mut found = vec![Credential::None, Credential::Wrong];
        found.extend(self.expired.as_ref().map(|_| Credential::Expired));
        found.extend(self.low.as_ref().map(|_| Credential::LowPrivilege));
        found.extend(self.altered().into_iter().map(|(name, _)| Credential::Altered(name.to_owned())));
        found
    }

    /// Every altered session that there is at this moment.
    fn altered(&self) -> Vec<(&'static str, Session)> {
        let Ok(valid) = &self.valid else { return Vec::new() };
        let mut found = match valid.is_handed_out() {
            true => valid.altered_in_each_way(self.other.as_ref()),
            false => Vec::new(),
        };
        if let (Some(Ok(low)), Some(other)) = (&self.low, &self.other) {
            found.extend(low.with_the_labels_of(valid, other).map(|raised| (ROLE, raised)));
        }
        found
    }

    /// Sends a request as a subject. A valid session that has ended meanwhile is opened once more.
    fn send(
        &mut self,
        credential: &Credential,
        server: &Server,
        (method, target): (&str, &str),
        body: Option<&[u8]>,
        bench: &mut dyn Bench,
    ) -> Result<wire::http::Response, NoSession> {
        let unanswered = |error: NoAnswer| (error.shortfall(), error.to_string());
        let body = body.map(|bytes| (media_of(bytes), bytes));
        let none = Session::default();
        let altered;
        let session = match credential {
            Credential::None => &none,
            Credential::Expired => match (&self.expired, &self.other) {
                (Some(Ok(())), Some(ended)) => ended,
                (Some(Err(why)), _) => return Err(why.clone()),
                _ => return Err((ShortfallKind::Missing, "it is not known how to log out".to_owned())),
            },
            Credential::Altered(name) => {
                let gone = (ShortfallKind::Missing, "there is no session that can be altered so".to_owned());
                altered = self.altered().into_iter().find(|(own, _)| own == name).ok_or(gone)?.1;
                &altered
            }
            Credential::Wrong => &self.wrong,
            Credential::LowPrivilege => match &self.low {
                Some(low) => low.as_ref().map_err(Clone::clone)?,
                None => return Err((ShortfallKind::Missing, "the bench has no weak credential".to_owned())),
            },
            _ => self.valid.as_ref().map_err(Clone::clone)?,
        };
        if let Some(mechanism) = session.wrong_at()
            && !bench.attempt(mechanism)
        {
            return Err((ShortfallKind::Limit, "the allowance of wrong credentials is used up".to_owned()));
        }
        let response = session.send(server, method, target, body, bench).map_err(unanswered)?;
        let ended = response.status == 401 || Answer::of(&response, target).leads_to_login();
        match (credential, self.login) {
            (Credential::Valid, Some(login)) if ended => {
                let session = Session::open(login, bench)?;
                let response = session.send(server, method, target, body, bench).map_err(unanswered);
                self.valid = Ok(session);
                response
            }
            _ => Ok(response),
        }
    }

    fn attempt(
        &mut self,
        log: &mut FunctionLog,
        credential: Credential,
        body: Option<&[u8]>,
        bench: &mut dyn Bench,
    ) {
        let function = log.function.clone();
        let Some(parts) = function.parts() else { return };
        if matches!(credential, Credential::Altered(_)) {
            // What is made from a session that has ended would be refused for that alone.
            let path = parts.1.split('?').next().unwrap_or(parts.1);
            self.send(&Credential::Valid, &function.server, ("GET", path), None, bench).ok();
        }
        let response = self.send(&credential, &function.server, parts, body, bench);
        log.tries.push((credential, response.map(|response| Answer::of(&response, parts.1))));
    }

    fn read(&mut self, log: &mut FunctionLog, bench: &mut dyn Bench) {
        let Some((method, _)) = log.function.parts() else {
            log.missed.push(unsupported());
            return;
        };
        let method = method.to_owned();
        let body = log.function.body.clone();
        let body = body.as_deref().map(str::as_bytes);
        self.attempt(log, Credential::Valid, body, bench);
        for credential in self.credentials() {
            self.attempt(log, credential, body, bench);
        }
        log.not_there = self.not_there(&log.function.server.clone(), &method, body, bench);
    }

    /// What a server says to this method at a path that is not there; asked once.
    fn not_there(
        &mut self,
        server: &Server,
        method: &str,
        body: Option<&[u8]>,
        bench: &mut dyn Bench,
    ) -> Option<Answer> {
        let key = (server.endpoint, method.to_owned());
        if let Some(known) = self.not_there.get(&key) {
            return known.clone();
        }
        let mut random = [0; 8];
        bench.random(&mut random);
        let target = format!("/assay-{}", hex::encode(random));
        let answer = self.send(&Credential::None, server, (method, &target), body, bench);
        let answer = answer.ok().map(|response| Answer::of(&response, &target));
        self.not_there.insert(key, answer.clone());
        answer
    }

    fn write(&mut self, log: &mut FunctionLog, bench: &mut dyn Bench) {
        let function = log.function.clone();
        let Some((method, target)) = function.parts() else {
            log.missed.push(unsupported());
            return;
        };
        let before = self.state(&function.server, target, bench);
        let sent = match (&function.body, &before) {
            (Some(body), _) => body.clone(),
            (None, _) if !matches!(method, "PUT" | "PATCH") => {
                let text = "it would act, and no request that changes nothing is known".to_owned();
                log.missed.push((ShortfallKind::Missing, text));
                return;
            }
            (None, Ok(state)) => state.writable().to_string(),
            (None, Err((kind, why))) => {
                log.missed.push((*kind, format!("the value to send back cannot be read: {why}")));
                return;
            }
        };
        for credential in self.credentials().into_iter().chain([Credential::Valid]) {
            self.attempt(log, credential, Some(sent.as_bytes()), bench);
        }
        let unchanged = match &before {
            Ok(before) => self.restored(&function, method, target, before, &sent, bench),
            Err((_, why)) => Err(format!("the value cannot be read: {why}")),
        };
        if let (true, Err(why)) = (log.may_have_acted(), unchanged) {
            log.missed.push((ShortfallKind::NotRestored, why));
        }
    }

    /// The state that GET of a path shows to the entitled subject.
    fn state(&mut self, server: &Server, target: &str, bench: &mut dyn Bench) -> Result<State, NoSession> {
        let path = target.split('?').next().unwrap_or(target);
        let response = self.send(&Credential::Valid, server, ("GET", path), None, bench)?;
        let told = Answer::of(&response, path).told();
        State::read(&response).ok_or((ShortfallKind::Missing, format!("GET {path} answers {told}")))
    }

    /// Whether what was sent left the state as it was, after putting it back once if need be.
    fn restored(
        &mut self,
        function: &Function,
        method: &str,
        target: &str,
        before: &State,
        sent: &str,
        bench: &mut dyn Bench,
    ) -> Result<(), String> {
        let sent: Value = serde_json::from_str(sent).unwrap_or(Value::Null);
        let lacking = before.lacks(&sent);
        if !lacking.is_empty() {
            return Err(format!("{} cannot be read back", lacking.join(", ")));
        }
        for put_back in [false, true] {
            if put_back {
                let value = before.of_the_names_in(&sent).to_string();
                let body = Some(value.as_bytes());
                self.send(&Credential::Valid, &function.server, (method, target), body, bench).ok();
            }
            match self.state(&function.server, target, bench) {
                Ok(after) if after.agrees(before, &sent) => return Ok(()),
                Ok(_) => {}
                Err((_, why)) => return Err(format!("the value could not be read again: {why}")),
            }
        }
        Err("the value is another than before".to_owned())
    }
}

/// Logs out of a session that is let in, so that only the logging out can be why it is not any more.
fn end(session: &Session, logout: &str, parameters: &Parameters, bench: &mut dyn Bench) -> Result<(), NoSession> {
    let read = parameters.functions.iter().find_map(|one| Some((&one.server, one.parts()?.1)));
    let described = || parameters.documents.first().map(|one| (&one.server, one.path.as_str()));
    let Some((server, target)) = read.or_else(described) else {
        return Err((ShortfallKind::Missing, "no request shows whether a session holds".to_owned()));
    };
    let path = target.split('?').next().unwrap_or(target);
    let before = session.send(server, "GET", path, None, bench).map_err(|e| (e.shortfall(), e.to_string()))?;
    let before = Answer::of(&before, path);
    if !before.is_success() {
        return Err((
            ShortfallKind::Missing,
            format!("before it ended, GET {path} was answered {}", before.told()),
        ));
    }
    session.log_out(server, logout, bench)
}

fn unsupported() -> (ShortfallKind, String) {
    (ShortfallKind::Unsupported, "it is no request in HTTP that is known here".to_owned())
}

/// The media type that a body of the operator most likely has.
pub(crate) fn media_of(body: &[u8]) -> &'static str {
    match body.first() {
        _ if serde_json::from_slice::<Value>(body).is_ok() => "application/json",
        Some(b'<') => "application/xml",
        _ if body.contains(&b'=') => "application/x-www-form-urlencoded",
        _ => "text/plain",
    }
}

/// Reads a log.
pub fn interpret(log: &Log) -> Reading {
    let mut reading = Reading::default();
    let mut endpoints: Vec<Endpoint> = Vec::new();
    for log in &log.functions {
        let endpoint = log.function.server.endpoint;
        if !endpoints.contains(&endpoint) {
            endpoints.push(endpoint);
        }
        read_function(log, endpoint, &mut reading);
    }
    for endpoint in endpoints {
        for (of, is_found, what) in [(OF, false, "functions"), (OF_FOUND, true, "routes that were found")] {
            let is_here = |log: &&FunctionLog| {
                log.function.server.endpoint == endpoint && log.function.found.is_some() == is_found
            };
            let here: Vec<_> = log.functions.iter().filter(is_here).collect();
            let tried = here.iter().filter(|log| log.tries.iter().any(|(_, got)| got.is_ok())).count();
            if tried > 0 {
                reading.coverage.push(Coverage {
                    of: of.into(),
                    endpoint: Some(endpoint),
                    ports: vec![(endpoint.port, endpoint.port)],
                    text: format!("{tried} of {} {what} tried at {endpoint}", here.len()),
                });
            }
        }
    }
    if log.left_out > 0 {
        let text = format!("{} routes that were found were not tried", log.left_out);
        reading.shortfalls.push(Shortfall {
            kind: ShortfallKind::Limit,
            of: OF_FOUND.into(),
            endpoint: None,
            text,
        });
    }
    reading
}

fn read_function(log: &FunctionLog, endpoint: Endpoint, reading: &mut Reading) {
    let valid = log.tries.iter().find(|(credential, _)| *credential == Credential::Valid);
    let valid = valid.and_then(|(_, got)| got.as_ref().ok()).filter(|answer| answer.is_success());
    let valid = valid.filter(|answer| !says_nothing(answer, log.not_there.as_ref()));
    let of = if log.function.found.is_some() { OF_FOUND } else { OF };
    let mut missed = |kind, text: String| {
        let text = format!("{} at {endpoint}: {text}", log.function.request);
        reading.shortfalls.push(Shortfall { kind, of: of.into(), endpoint: Some(endpoint), text });
    };
    for (credential, got) in &log.tries {
        match got {
            Ok(answer) => {
                let became = became(credential, answer, valid, log.not_there.as_ref());
                let granted = became == Became::Granted;
                let same = *credential != Credential::Valid && valid.is_some_and(|v| v.body == answer.body);
                let same = if same && granted { ", the same as with the valid credential" } else { "" };
                reading.facts.push(Fact::Access(Access {
                    endpoint,
                    function: log.function.request.clone(),
                    credential: credential.clone(),
                    granted,
                    unclear: became == Became::Unclear,
                    told_by: format!("{}{same}", answer.told()),
                    found: log.function.found.clone(),
                }));
            }
            Err((kind, why)) => missed(*kind, format!("{} was not tried: {why}", named(credential))),
        }
    }
    for (kind, why) in &log.missed {
        missed(*kind, why.clone());
    }
}

/// What a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Became {
    /// The function was performed.
    Granted,
    /// The subject was turned away.
    Refused,
    /// Neither is told.
    Unclear,
}

/// Performed is a success that is like the one of the entitled subject, as far as there is one, and not what the server
/// says about any path. Turned away is who is asked to log in, or who does not get what the entitled subject gets for
/// the very same request.
fn became(credential: &Credential, answer: &Answer, valid: Option<&Answer>, not_there: Option<&Answer>) -> Became {
    let is_about_all = says_nothing(answer, not_there);
    if !answer.is_success() {
        return match valid {
            _ if answer.turns_away() => Became::Refused,
            // A server that fails or is too busy turns the entitled away as well.
            Some(_) if answer.status < 500 && !matches!(answer.status, 408 | 423 | 425 | 429) => Became::Refused,
            // Such as 404 or 400 to everybody: the request itself may be the reason.
            _ => Became::Unclear,
        };
    }
    match valid {
        _ if *credential == Credential::Valid && !is_about_all => Became::Granted,
        Some(valid) if valid.body == answer.body => Became::Granted,
        // An application that shows its one page for everything shows it here, too.
        Some(valid) if !is_about_all && (valid.media == answer.media || !answer.media.contains("html")) => {
            Became::Granted
        }
        Some(_) => Became::Refused,
        None if is_about_all => Became::Unclear,
        None => Became::Granted,
    }
}

/// Whether an answer is what the server says about any path.
fn says_nothing(answer: &Answer, not_there: Option<&Answer>) -> bool {
    not_there.is_some_and(|other| other.is_success() && other.is_like(answer))
}

fn named(credential: &Credential) -> String {
    match credential {
        Credential::None => "no credential".to_owned(),
        Credential::Wrong => "a wrong credential".to_owned(),
        Credential::LowPrivilege => "a weak credential".to_owned(),
        Credential::Expired => "a session that has ended".to_owned(),
        Credential::Altered(how) => format!("an altered session ({how})"),
        _ => "the valid credential".to_owned(),
    }
}

#[cfg(test)]
mod tests;
