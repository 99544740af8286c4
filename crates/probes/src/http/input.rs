//! What a web server does with input that is wrong: type, size, range, form, text, order, and text that would act
//! somewhere behind.
//!
//! It works on requests that the plan names, one field at a time, and puts the state back. It sends no flood, and a
//! blow that brought the service down is not struck again.

mod access;
pub(crate) mod canaries;
mod described;
mod form;
mod found;
mod limits;
mod minimise;
mod order;
pub mod outcome;
mod questions;
mod trial;
pub mod violations;

use model::{Coverage, Endpoint, Fact, Reading, Shortfall, ShortfallKind, Touches, input_class};
use serde::{Deserialize, Serialize};

pub use super::session::Login;
pub use described::inputs_of;
pub use found::{Document, Looked, is_left_alone};
pub use limits::Limit;

use super::exchange::Server;
use super::session::Session;
use crate::{Bench, Card, Need};
use outcome::{Case, judge};
use trial::{Subject, Trial};

/// The card.
pub const CARD: Card = Card {
    id: "http.input",
    revision: 3,
    asks: "What does a web server do with input that is wrong?",
    yields: &["input"],
    touches: Touches::Intrusive,
    needs: &[Need::Endpoints, Need::Requests, Need::Accounts],
};

const OF: &str = "input";
/// Requests of a run, where the operator sets no number.
const MOST_REQUESTS: u32 = 20_000;

fn most_requests() -> u32 {
    MOST_REQUESTS
}

/// What to send wrong, and as whom.
#[derive(Debug, Clone, Deserialize)]
pub struct Parameters {
    /// The inputs.
    #[serde(default)]
    pub inputs: Vec<Input>,
    /// Where more of them may be found: descriptions, pages, links with a query.
    #[serde(default)]
    pub documents: Vec<Document>,
    /// The entitled subject.
    #[serde(default)]
    pub login: Option<Login>,
    /// Requests in all, those for login, state and liveness included.
    #[serde(default = "most_requests")]
    pub most_requests: u32,
    /// Seconds in all; none leaves it to the run.
    #[serde(default)]
    pub most_seconds: Option<u64>,
    /// Where the product says for how long it has been running.
    #[serde(default)]
    pub uptime: Option<Uptime>,
}

/// A number that only goes back when the product restarts.
#[derive(Debug, Clone, Deserialize)]
pub struct Uptime {
    /// Where.
    pub server: Server,
    /// The path of a page in JSON.
    pub path: String,
    /// The name of the number in it.
    pub name: String,
}

/// One request that takes input.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Input {
    /// Where.
    pub server: Server,
    /// Method and target, with a well-formed query if it takes one: `PUT /api/v1/config`, `GET /files?name=a.txt`.
    pub request: String,
    /// A well-formed body as text; empty where there is none. `$after.NAME` in it stands for what the answer to the
    /// request before holds under that name.
    #[serde(default)]
    pub example: String,
    /// Media type of the body; JSON where it is empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub media: String,
    /// The path with `{name}` in place of segments that are input.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub template: String,
    /// Headers that are input, with well-formed values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// What the fields may hold, as described.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// Whether it is described to take a credential.
    #[serde(default)]
    pub guarded: bool,
    /// The answers that are described: `200`, `4XX`, `default`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<String>,
    /// The request that has to come before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Before>,
    /// Whether what came before counts once: a second use has to be refused.
    #[serde(default)]
    pub once: bool,
    /// The document of the product in which it was found; empty where the plan names it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub found: String,
}

impl Input {
    /// A request of which nothing is said but its line.
    fn plain(server: &Server, request: String) -> Self {
        Self {
            server: server.clone(),
            request,
            example: String::new(),
            media: String::new(),
            template: String::new(),
            headers: Vec::new(),
            limits: Vec::new(),
            guarded: false,
            answers: Vec::new(),
            after: None,
            once: false,
            found: String::new(),
        }
    }
}

/// A request that has to come before another.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Before {
    /// Method and target.
    pub request: String,
    /// A well-formed body as JSON text; empty where there is none.
    #[serde(default)]
    pub example: String,
}

/// What came back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Log {
    /// One part per input.
    pub inputs: Vec<InputLog>,
    /// What was found where.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looked: Vec<Looked>,
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
    /// Requests it took.
    #[serde(default)]
    pub requests: u32,
    /// Field and class of each way in which its parameters can be wrong; empty where it was not told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub due: Vec<(String, String)>,
}

impl InputLog {
    fn new(input: &Input) -> Self {
        Self { input: input.clone(), cases: Vec::new(), missed: Vec::new(), requests: 0, due: Vec::new() }
    }

    /// What was missed, with the classes that a field was not broken in. After an effect or a crash the rest of a field
    /// is left out on purpose.
    fn missing(&self) -> Vec<(ShortfallKind, String)> {
        let mut missing = self.missed.clone();
        let ended = |case: &Case| matches!(judge(case).0, "effect" | "crash");
        if !self.missed.is_empty() || self.cases.iter().any(ended) {
            return missing;
        }
        for (field, class) in &self.due {
            let tried =
                |case: &Case| case.field == *field && input_class(&case.violation.name) == Some(class.as_str());
            if !self.cases.iter().any(tried) {
                let text = format!("{field} was not broken in its {class}");
                missing.push((ShortfallKind::Missing, text));
            }
        }
        missing
    }
}

/// Tries each input.
pub fn gather(parameters: &Parameters, bench: &mut dyn Bench) -> Log {
    let session = parameters.login.as_ref().map(|login| Session::open(login, bench));
    let (session, no_session) = match session {
        Some(Ok(session)) => (Some(session), None),
        Some(Err(why)) => (None, Some(why)),
        None => (None, None),
    };
    let until = parameters.most_seconds.map(|seconds| bench.elapsed_millis() + seconds * 1000);
    let budget = (parameters.most_requests, until);
    let mut subject = Subject::new(parameters, session, no_session, budget);
    let mut lost: Vec<Endpoint> = Vec::new();
    let mut inputs = Vec::new();
    let (found, looked) = found::find(parameters, &mut subject, bench);
    let of = (parameters.inputs.len() + found.len()) as u64;
    for (done, input) in parameters.inputs.iter().chain(&found).enumerate() {
        bench.progress(done as u64, of);
        let mut log = InputLog::new(input);
        let endpoint = input.server.endpoint;
        let before = subject.left();
        if lost.contains(&endpoint) {
            log.missed.push((ShortfallKind::Silence, "the service is gone since an earlier input".to_owned()));
        } else if let Err(missed) = Trial::new(&mut subject, bench, &mut log).run() {
            if missed.0 == ShortfallKind::Silence {
                lost.push(endpoint);
            }
            log.missed.push(missed);
        }
        log.requests = before - subject.left();
        inputs.push(log);
    }
    Log { inputs, looked }
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
                told_by: format!("{}: {told_by}{}", case.violation.shown, found_in(&log.input)),
                reproduction: case.reproduction.clone(),
            });
        }
        reading.facts.extend(undescribed(log));
        let missing = log.missing();
        if missing.is_empty() && !log.due.is_empty() {
            reading.coverage.push(whole(log));
        }
        for (kind, why) in missing {
            let text = format!("{} at {endpoint}: {why}", log.input.request);
            // What nobody declared keeps nothing open but the proof that all is as it was.
            let is_declared = log.input.found.is_empty() || kind == ShortfallKind::NotRestored;
            let of = if is_declared { OF } else { found::FOUND };
            reading.shortfalls.push(Shortfall { kind, of: of.into(), endpoint: Some(endpoint), text });
        }
    }
    let (coverage, shortfalls) = found::told(&log.looked);
    reading.coverage.extend(coverage);
    reading.shortfalls.extend(shortfalls);
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

fn found_in(input: &Input) -> String {
    if input.found.is_empty() { String::new() } else { format!("; the request was found in {}", input.found) }
}

/// A request that was tried to the end: every field in each class that its kind has.
fn whole(log: &InputLog) -> Coverage {
    let (request, endpoint) = (&log.input.request, log.input.server.endpoint);
    let mut classes: Vec<&str> = log.due.iter().map(|(_, class)| class.as_str()).collect();
    classes.sort_unstable();
    classes.dedup();
    Coverage {
        of: format!("{OF} {request}"),
        endpoint: Some(endpoint),
        ports: vec![(endpoint.port, endpoint.port)],
        text: format!("{request} at {endpoint} in each of its fields: {}", classes.join(", ")),
    }
}

/// Answers that the description of the interface does not name: told once for each status, and no finding by themselves.
fn undescribed(log: &InputLog) -> Vec<Fact> {
    let mut seen = Vec::new();
    let named = |status: u16| {
        let class = format!("{}XX", status / 100);
        log.input
            .answers
            .iter()
            .any(|own| *own == status.to_string() || own.eq_ignore_ascii_case(&class) || own == "default")
    };
    let mut facts = Vec::new();
    for case in &log.cases {
        let Ok(answer) = &case.got else { continue };
        if log.input.answers.is_empty() || named(answer.status) || seen.contains(&answer.status) {
            continue;
        }
        seen.push(answer.status);
        facts.push(Fact::Input {
            endpoint: log.input.server.endpoint,
            target: format!("{} {}", log.input.request, case.field),
            violation: "undescribed-answer".to_owned(),
            result: "ignored".to_owned(),
            told_by: format!("{} for {}; the description does not name it", answer.status, case.violation.name),
            reproduction: String::new(),
        });
    }
    facts
}

#[cfg(test)]
mod tests;
