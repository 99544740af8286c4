//! What a web server does with input that is wrong: type, size, form, text, and text that would act somewhere behind.
//!
//! It works on requests that the plan names, one field at a time, and puts the state back. It does not wait for
//! blind effects, such as a command that only sleeps, and it sends no flood.

pub mod outcome;
pub mod violations;

use model::{Coverage, Endpoint, Fact, Reading, Shortfall, ShortfallKind, Touches};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wire::http::Response;

pub use super::session::Login;

use super::answer::Answer;
use super::exchange::{NoAnswer, Server};
use super::session::{NoSession, Session};
use super::state::State;
use crate::{Bench, Card, Need};
use outcome::{Case, Stored, effect, internals, judge};
use violations::{Field, Mark, Message, Violation, fields, violations};

/// The card.
pub const CARD: Card = Card {
    id: "http.input",
    revision: 1,
    asks: "What does a web server do with input that is wrong?",
    yields: &["input"],
    touches: Touches::Intrusive,
    needs: &[Need::Endpoints, Need::Requests, Need::Accounts],
};

const OF: &str = "input";
/// Fields of one request that are tried, the message as a whole apart.
const MOST_FIELDS: usize = 6;
/// Waits for an answer until a service that crashed counts as gone for good.
const MOST_WAITS: u32 = 20;

/// What to send wrong, and as whom.
#[derive(Debug, Clone, Deserialize)]
pub struct Parameters {
    /// The inputs.
    pub inputs: Vec<Input>,
    /// The entitled subject.
    #[serde(default)]
    pub login: Option<Login>,
}

/// One request that takes input.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Input {
    /// Where.
    pub server: Server,
    /// Method and target, with a well-formed query if it takes one: `PUT /api/v1/config`, `GET /files?name=a.txt`.
    pub request: String,
    /// A well-formed body as JSON text; empty where the input is in the query.
    #[serde(default)]
    pub example: String,
}

/// What came back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Log {
    /// One part per input.
    pub inputs: Vec<InputLog>,
}

/// What became of one input.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InputLog {
    /// Which.
    pub input: Input,
    /// Each wrong input, in order.
    pub cases: Vec<Case>,
    /// What could not be tried, or not be put back.
    pub missed: Vec<(ShortfallKind, String)>,
}

/// Tries each input.
pub fn gather(parameters: &Parameters, bench: &mut dyn Bench) -> Log {
    let session = parameters.login.as_ref().map(|login| Session::open(login, bench));
    let (session, no_session) = match session {
        Some(Ok(session)) => (Some(session), None),
        Some(Err(why)) => (None, Some(why)),
        None => (None, None),
    };
    let mut subject = Subject { login: parameters.login.as_ref(), session, no_session };
    let mut lost: Vec<Endpoint> = Vec::new();
    let mut inputs = Vec::new();
    for (done, input) in parameters.inputs.iter().enumerate() {
        bench.progress(done as u64, parameters.inputs.len() as u64);
        let mut log = InputLog { input: input.clone(), cases: Vec::new(), missed: Vec::new() };
        let endpoint = input.server.endpoint;
        if lost.contains(&endpoint) {
            log.missed.push((ShortfallKind::Silence, "the service is gone since an earlier input".to_owned()));
        } else if let Err(missed) = (Trial { subject: &mut subject, bench, log: &mut log, plain: None }).run() {
            if missed.0 == ShortfallKind::Silence {
                lost.push(endpoint);
            }
            log.missed.push(missed);
        }
        inputs.push(log);
    }
    Log { inputs }
}

/// Who sends.
struct Subject<'a> {
    login: Option<&'a Login>,
    session: Option<Session>,
    no_session: Option<NoSession>,
}

/// One input under trial.
struct Trial<'a, 'b> {
    subject: &'a mut Subject<'b>,
    bench: &'a mut dyn Bench,
    log: &'a mut InputLog,
    plain: Option<Plain>,
}

/// What a well-formed request leads to.
struct Plain {
    method: String,
    target: String,
    example: Option<Value>,
    with_session: bool,
    response: Response,
    life: u16,
    before: Option<State>,
    /// The state after the well-formed request: what a wrong one must not change.
    state: Option<State>,
}

/// Why an input is left: a shortfall.
type Left = (ShortfallKind, String);

impl Trial<'_, '_> {
    fn run(&mut self) -> Result<(), Left> {
        let input = self.log.input.clone();
        let (method, target) = parts(&input.request)?;
        let example = match input.example.trim() {
            "" => None,
            text => Some(
                serde_json::from_str::<Value>(text)
                    .map_err(|error| (ShortfallKind::Unsupported, format!("the example is no JSON: {error}")))?,
            ),
        };
        if fields(&target, example.as_ref()).is_empty() {
            return Err((ShortfallKind::Missing, "there is no field: neither a query nor an example".to_owned()));
        }
        for with_session in self.ways(&method, &target, example.is_some())? {
            let plain = self.prepare(&method, &target, example.clone(), with_session)?;
            self.attack_all(plain)?;
        }
        Ok(())
    }

    /// Whether to send as nobody, as the entitled subject, or both. A page for everybody is tried as everybody sees
    /// it; where that is a login page, there may be another one behind it.
    fn ways(&mut self, method: &str, target: &str, has_body: bool) -> Result<Vec<bool>, Left> {
        if method != "GET" || has_body {
            return Ok(vec![true]);
        }
        let open =
            self.once(method, target, None, false).map_err(|error| (error.shortfall(), error.to_string()))?;
        let answer = Answer::of(&open, target);
        let has_session = self.subject.session.is_some();
        Ok(match (answer.status, answer.asks_login && has_session) {
            (200..300, false) => vec![false],
            (200..300, true) => vec![false, true],
            _ => vec![true],
        })
    }

    fn prepare(
        &mut self,
        method: &str,
        target: &str,
        mut example: Option<Value>,
        with_session: bool,
    ) -> Result<Plain, Left> {
        let life = self.life().map_err(|error| (error.shortfall(), format!("GET /: {error}")))?;
        if let Some(why) = self.subject.no_session.clone().filter(|_| with_session) {
            return Err(why);
        }
        let before = if method == "GET" { None } else { self.state(target) };
        if let (Some(before), Some(Value::Object(fields))) = (&before, &mut example) {
            for name in before.lacks(&Value::Object(fields.clone())) {
                fields.remove(&name);
                let text = format!("{name} is not tried: what it holds cannot be read, and so not be put back");
                self.log.missed.push((ShortfallKind::Missing, text));
            }
        }
        let body = example.as_ref().map(|value| value.to_string().into_bytes());
        let response = self
            .once(method, target, body.as_deref(), with_session)
            .map_err(|error| (error.shortfall(), format!("the well-formed request got no answer: {error}")))?;
        let answer = Answer::of(&response, target);
        if answer.status >= 400 || answer.says_error || (with_session && answer.leads_to_login()) {
            let text =
                format!("the well-formed request is answered with {}: refusals prove nothing", answer.told());
            return Err((ShortfallKind::Missing, text));
        }
        let state = if before.is_some() { self.state(target) } else { None };
        let (method, target) = (method.to_owned(), target.to_owned());
        Ok(Plain { method, target, example, with_session, response, life, before, state })
    }

    fn attack_all(&mut self, plain: Plain) -> Result<(), Left> {
        let mut all = fields(&plain.target, plain.example.as_ref());
        let beyond = all.iter().filter(|field| **field != Field::Whole).count().saturating_sub(MOST_FIELDS);
        if beyond > 0 {
            let mut count = 0;
            all.retain(|field| {
                count += usize::from(*field != Field::Whole);
                *field == Field::Whole || count <= MOST_FIELDS
            });
            self.log.missed.push((ShortfallKind::Limit, format!("{beyond} further fields were not tried")));
        }
        self.plain = Some(plain);
        let attacked = all.iter().try_for_each(|field| self.attack(field));
        if let Err(missed) = self.restore() {
            self.log.missed.push(missed);
        }
        attacked
    }

    fn attack(&mut self, field: &Field) -> Result<(), Left> {
        let Some(plain) = &self.plain else { return Ok(()) };
        let numbers = (random_factor(self.bench), random_factor(self.bench));
        for (violation, message) in violations(field, &plain.target, plain.example.as_ref(), numbers) {
            let crashed = |case: &Case| !case.alive && case.violation.name == violation.name;
            if self.log.cases.iter().any(crashed) {
                // Once is proof; the same blow to another field would only bring the service down again.
                continue;
            }
            let case = self.send_wrong(field, violation, &message)?;
            let (result, _) = judge(&case);
            let is_dead = !case.alive;
            self.log.cases.push(case);
            if is_dead {
                self.wait_for_life()?;
            }
            if matches!(result, "effect" | "crash") {
                return Ok(());
            }
        }
        Ok(())
    }

    fn send_wrong(&mut self, field: &Field, violation: Violation, message: &Message) -> Result<Case, Left> {
        let Some(plain) = self.plain.take() else { return Err(lost_plan()) };
        let case = self.case(&plain, field, violation, message);
        self.plain = Some(plain);
        case
    }

    fn case(
        &mut self,
        plain: &Plain,
        field: &Field,
        violation: Violation,
        message: &Message,
    ) -> Result<Case, Left> {
        let body = message.body.as_deref();
        let mut got = self.once(&plain.method, &message.target, body, plain.with_session);
        if matches!(got, Err(NoAnswer::Gone)) && !violation.is_too_much() && self.is_alive(plain) {
            // Small servers drop a connection now and then; a second time it is an answer.
            got = self.once(&plain.method, &message.target, body, plain.with_session);
        }
        let limits = [ShortfallKind::Limit, ShortfallKind::Missing];
        if let Err(error) = &got
            && limits.contains(&error.shortfall())
        {
            return Err((error.shortfall(), format!("{}: {error}", violation.name)));
        }
        let is_odd = got.as_ref().map_or(true, |response| response.status >= 500);
        let alive = if is_odd || violation.is_too_much() { self.is_alive(plain) } else { true };
        let mut case = Case {
            field: field.name(),
            got: match &got {
                Ok(response) => Ok(Answer::of(response, &message.target)),
                Err(error) => Err((error.shortfall(), error.to_string())),
            },
            alive,
            effect: None,
            internals: None,
            stored: Stored::NotLooked,
            violation,
        };
        if let Ok(response) = got {
            case.effect = effect(&response, &case.violation.mark, &plain.response);
            case.internals = internals(&response, &plain.response);
            if response.status < 400 {
                self.look_behind(plain, field, message, &mut case);
            }
        }
        Ok(case)
    }

    /// Looks at what a request that was not refused has stored, and puts the well-formed value back.
    fn look_behind(&mut self, plain: &Plain, field: &Field, message: &Message, case: &mut Case) {
        if plain.method == "GET" {
            case.stored = Stored::Nothing;
            return;
        }
        let Some(state) = &plain.state else {
            case.stored = Stored::Unreadable;
            return;
        };
        let path = plain.target.split('?').next().unwrap_or_default().to_owned();
        let Ok(shown) = self.once("GET", &path, None, true) else {
            case.stored = Stored::Unreadable;
            return;
        };
        let mark = case.violation.mark.clone();
        case.effect = case.effect.take().or_else(|| effect(&shown, &mark, &plain.response));
        if matches!(mark, Mark::Tag(_)) && case.effect.is_none() {
            // What is stored may be shown on the start page without being escaped there.
            let page = self.once("GET", "/", None, true);
            case.effect = page.ok().and_then(|page| effect(&page, &mark, &plain.response));
        }
        let Some(after) = State::read(&shown) else {
            case.stored = Stored::Unreadable;
            return;
        };
        let sent = message.body.as_ref().and_then(|body| serde_json::from_slice::<Value>(body).ok());
        let example = plain.example.clone().unwrap_or(Value::Null);
        case.stored = match field {
            Field::Body(path) if state.field(path).is_none() => Stored::Unreadable,
            Field::Body(path) => {
                let sent =
                    sent.as_ref().and_then(|sent| path.iter().try_fold(sent, |value, name| value.get(name)));
                Stored::compare(state.field(path), after.field(path), sent)
            }
            _ if after.agrees(state, &example) => Stored::Unchanged,
            _ => Stored::Broken("other fields".to_owned()),
        };
        if !after.agrees(state, &example) {
            let body = example.to_string().into_bytes();
            self.once(&plain.method, &plain.target, Some(&body), plain.with_session).ok();
        }
    }

    /// Puts the state back to what it was before the first request, and proves it.
    fn restore(&mut self) -> Result<(), Left> {
        let Some(plain) = self.plain.take() else { return Ok(()) };
        if plain.method == "GET" {
            return Ok(());
        }
        let not_restored = |why: &str| Err((ShortfallKind::NotRestored, why.to_owned()));
        let (Some(before), Some(example)) = (&plain.before, &plain.example) else {
            return not_restored("the state cannot be read, and so not be shown to be as before");
        };
        let value = before.of_the_names_in(example).to_string().into_bytes();
        self.once(&plain.method, &plain.target, Some(&value), plain.with_session).ok();
        match self.state(&plain.target) {
            Some(after) if after.agrees(before, example) => Ok(()),
            Some(_) => not_restored("the state is another than before"),
            None => not_restored("the state could not be read again"),
        }
    }

    /// Sends once; a session that has ended is opened again.
    fn once(
        &mut self,
        method: &str,
        target: &str,
        body: Option<&[u8]>,
        with_session: bool,
    ) -> Result<Response, NoAnswer> {
        let server = self.log.input.server.clone();
        let body = body.map(|bytes| ("application/json", bytes));
        let nobody = Session::default();
        let session = self.subject.session.as_ref().filter(|_| with_session).unwrap_or(&nobody);
        let response = session.send(&server, method, target, body, self.bench)?;
        let ended = response.status == 401 || Answer::of(&response, target).leads_to_login();
        let is_own_door = |login: &Login| login.door.path.as_deref() == Some(target);
        match self.subject.login.filter(|login| with_session && ended && !is_own_door(login)) {
            Some(login) => {
                let Ok(session) = Session::open(login, self.bench) else { return Ok(response) };
                let response = session.send(&server, method, target, body, self.bench);
                self.subject.session = Some(session);
                response
            }
            None => Ok(response),
        }
    }

    fn state(&mut self, target: &str) -> Option<State> {
        let path = target.split('?').next().unwrap_or(target).to_owned();
        State::read(&self.once("GET", &path, None, true).ok()?)
    }

    fn life(&mut self) -> Result<u16, NoAnswer> {
        self.once("GET", "/", None, false).map(|response| response.status)
    }

    /// Whether the service answers a plain request as it did at first; it is asked a second time after a moment.
    fn is_alive(&mut self, plain: &Plain) -> bool {
        let mut lives = || self.life().is_ok_and(|status| status < 500 || status == plain.life);
        if lives() {
            return true;
        }
        let moment = self.bench.wait() / 4;
        self.bench.pause(moment);
        self.life().is_ok_and(|status| status < 500 || status == plain.life)
    }

    fn wait_for_life(&mut self) -> Result<(), Left> {
        let Some(plain) = self.plain.take() else { return Err(lost_plan()) };
        let wait = self.bench.wait();
        let back = (0..MOST_WAITS).any(|_| self.bench.pause(wait) && self.is_alive(&plain));
        self.plain = Some(plain);
        if back { Ok(()) } else { Err((ShortfallKind::Silence, "the service did not come back".to_owned())) }
    }
}

fn parts(request: &str) -> Result<(String, String), Left> {
    let parts = request.trim().split_once(char::is_whitespace);
    parts
        .map(|(method, target)| (method.to_owned(), target.trim().to_owned()))
        .filter(|(method, target)| {
            ["GET", "POST", "PUT", "PATCH"].contains(&method.as_str()) && target.starts_with('/')
        })
        .ok_or((ShortfallKind::Unsupported, "it is no request in HTTP that is known here".to_owned()))
}

fn lost_plan() -> Left {
    (ShortfallKind::Missing, "there is no well-formed request to begin from".to_owned())
}

/// A factor of four digits; the product of two is no number that stands on a page by chance.
fn random_factor(bench: &mut dyn Bench) -> u64 {
    let mut random = [0; 2];
    bench.random(&mut random);
    4001 + u64::from(u16::from_le_bytes(random)) % 5000
}

/// Reads a log.
pub fn interpret(log: &Log) -> Reading {
    let mut reading = Reading::default();
    let mut endpoints: Vec<Endpoint> = Vec::new();
    for log in &log.inputs {
        let endpoint = log.input.server.endpoint;
        if !endpoints.contains(&endpoint) {
            endpoints.push(endpoint);
        }
        for case in &log.cases {
            let (result, told_by) = judge(case);
            reading.facts.push(Fact::Input {
                endpoint,
                target: format!("{} {}", log.input.request, case.field),
                violation: case.violation.name.clone(),
                result: result.to_owned(),
                told_by: format!("{}: {told_by}", case.violation.shown),
            });
        }
        for (kind, why) in &log.missed {
            let text = format!("{} at {endpoint}: {why}", log.input.request);
            reading.shortfalls.push(Shortfall { kind: *kind, of: OF.into(), endpoint: Some(endpoint), text });
        }
    }
    for endpoint in endpoints {
        let here = log.inputs.iter().filter(|log| log.input.server.endpoint == endpoint);
        let tried: Vec<_> = here.filter(|log| !log.cases.is_empty()).collect();
        if !tried.is_empty() {
            let cases: usize = tried.iter().map(|log| log.cases.len()).sum();
            reading.coverage.push(Coverage {
                of: OF.into(),
                endpoint: Some(endpoint),
                ports: vec![(endpoint.port, endpoint.port)],
                text: format!("{cases} wrong inputs to {} requests at {endpoint}", tried.len()),
            });
        }
    }
    reading
}

#[cfg(test)]
mod tests;
