//! Which paths a web server answers without authentication, what asks for a credential there, and what is given away.
//!
//! It reads only: no form is sent, no file is uploaded, links that look like actions are left alone, and of the functions
//! of UPnP and ONVIF those alone are called that read. Scripts are not run, so a page that exists in a script alone is seen as far as the script names its path.

mod functions;

use std::collections::BTreeMap;

use model::{AuthScheme, Coverage, Digest, Fact, HttpAnswer, Reading, Shortfall, ShortfallKind, Touches};
use serde::{Deserialize, Serialize};
use wire::http::Response;
use wire::http::page::{Destination, resolve};
use wire::text::visible_str;

use super::answer::Answer;
use super::exchange::{Server, exchange};
use super::exposed::{described_routes, exposed};
use super::prompts::prompts;
use super::routes::{TAKERS, is_harmless, is_login, leads, well_known};
use crate::giveaway::{Giveaway, Known};
use crate::{Bench, Bytes, Card, Need};

pub use functions::Called;

/// The card.
pub const CARD: Card = Card {
    id: "http.surface",
    revision: 3,
    asks: "What does a web server give to somebody without a credential?",
    yields: &["http", "auth-prompt", "disclosure", "access"],
    touches: Touches::Active,
    needs: &[Need::Endpoints],
};

const OF: &str = "http-routes";
/// Pages that are followed from the first one on.
const MOST_PAGES: usize = 40;
/// Requests in a row without an answer after which a server is left alone.
const MOST_FAILURES: usize = 3;
/// Bytes of a body that are kept.
const KEPT: usize = 64 * 1024;
/// Headers that facts show.
const HEADERS: [&str; 11] = [
    "allow",
    "access-control-allow-origin",
    "content-disposition",
    "content-security-policy",
    "content-type",
    "server",
    "strict-transport-security",
    "www-authenticate",
    "x-content-type-options",
    "x-frame-options",
    "x-powered-by",
];

/// Where to look.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Parameters {
    /// The web servers.
    pub servers: Vec<Server>,
    /// What the operator knows of this very unit, by kind: `serial`, `mac`, `ssid`, `model`.
    #[serde(default)]
    pub known: Known,
    /// Further paths to ask for.
    #[serde(default)]
    pub extra_paths: Vec<String>,
}

/// What came back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Log {
    /// What the operator knows of the unit.
    pub known: Known,
    /// One part per server.
    pub servers: Vec<ServerLog>,
}

/// What one server said.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServerLog {
    /// Which.
    pub server: Server,
    /// Questions for paths that surely are not there.
    pub made_up: Vec<Asked>,
    /// Questions, in order.
    pub asked: Vec<Asked>,
    /// Functions that were called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub called: Vec<Called>,
    /// Links that look like actions and were not followed.
    pub left_alone: Vec<String>,
    /// Pages that were linked beyond the bound.
    pub not_followed: usize,
    /// Why the server was left early.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<(ShortfallKind, String)>,
}

/// One question and its answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Asked {
    /// Request method.
    pub method: String,
    /// Request target.
    pub target: String,
    /// The answer, or why there is none.
    pub got: Result<Got, (ShortfallKind, String)>,
}

/// An answer as it came, bounded.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Got {
    /// Status code.
    pub status: u16,
    /// Headers; the values of cookies are left out.
    pub headers: Vec<(String, String)>,
    /// The beginning of the body.
    pub body: Bytes,
    /// Digest of the body as far as it was received.
    pub digest: Digest,
}

impl Asked {
    /// The methods that the answer to OPTIONS names.
    fn allows(&self) -> Option<&str> {
        let got = self.got.as_ref().ok().filter(|_| self.method == "OPTIONS")?;
        got.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("allow")).map(|(_, value)| value.as_str())
    }
}

impl Got {
    fn of(response: Response) -> Self {
        let shown = |(name, value): (String, String)| match name.eq_ignore_ascii_case("set-cookie") {
            true => (name, value.split('=').next().unwrap_or_default().to_owned()),
            false => (name, value[..value.floor_char_boundary(1000)].to_owned()),
        };
        Self {
            status: response.status,
            headers: response.headers.into_iter().take(60).map(shown).collect(),
            body: Bytes::bounded(&response.body, KEPT),
            digest: Digest::of(&response.body),
        }
    }

    fn response(&self) -> Response {
        let (headers, body) = (self.headers.clone(), self.body.0.clone());
        Response { status: self.status, headers, body, complete: true, ..Response::default() }
    }
}

/// Asks each server for its pages, then for well-known paths.
pub fn gather(parameters: &Parameters, bench: &mut dyn Bench) -> Log {
    let mut servers = Vec::new();
    let each = 2 * MOST_PAGES + well_known().count() + parameters.extra_paths.len() + TAKERS.len();
    let of = (parameters.servers.len() * each) as u64;
    for server in &parameters.servers {
        let log = ServerLog {
            server: server.clone(),
            made_up: Vec::new(),
            asked: Vec::new(),
            called: Vec::new(),
            left_alone: Vec::new(),
            not_followed: 0,
            stopped: None,
        };
        let begun_at = (servers.len() * each) as u64;
        let mut visit = Visit { bench, log, queue: Vec::new(), failures: 0, begun_at, of };
        visit.look_around(&parameters.extra_paths);
        servers.push(visit.log);
    }
    Log { known: parameters.known.clone(), servers }
}

/// A walk over one server.
struct Visit<'a> {
    bench: &'a mut dyn Bench,
    log: ServerLog,
    queue: Vec<String>,
    failures: usize,
    begun_at: u64,
    of: u64,
}

impl Visit<'_> {
    fn look_around(&mut self, extra: &[String]) {
        self.get("/");
        for at in ["/", "/api/", "/cgi-bin/"] {
            let target = format!("{at}{}", self.made_up_name());
            self.made_up("GET", target);
        }
        let with_ending = format!("/{}.cfg", self.made_up_name());
        self.made_up("GET", with_ending);
        self.crawl(MOST_PAGES);
        well_known().for_each(|path| self.get(path));
        extra.iter().for_each(|path| self.get(path));
        // What the well-known pages link to, and what a description names, is looked at as well.
        self.crawl(MOST_PAGES);
        let target = format!("/{}", self.made_up_name());
        self.made_up("OPTIONS", target);
        for path in TAKERS {
            self.ask("OPTIONS", path);
        }
        self.call(extra);
        self.log.not_followed = self.queue.len();
    }

    /// Calls the functions that only read.
    fn call(&mut self, extra: &[String]) {
        if self.log.stopped.is_some() {
            return;
        }
        let (server, bench) = (self.log.server.clone(), &mut *self.bench);
        self.log.called = functions::call(&server, &self.log.asked, extra, &mut |request| {
            // As elsewhere, a second try tells a dropped connection from a refusal.
            let got = exchange(bench, &server, request, &[]).or_else(|_| exchange(bench, &server, request, &[]));
            got.map(Got::of).map_err(|error| (error.shortfall(), error.to_string()))
        });
    }

    fn crawl(&mut self, most: usize) {
        let mut count = 0;
        while count < most && self.log.stopped.is_none() && !self.queue.is_empty() {
            let next = self.queue.remove(0);
            self.get(&next);
            count += 1;
        }
    }

    fn get(&mut self, target: &str) {
        let done = |asked: &Asked| asked.method == "GET" && asked.target == target;
        if !target.starts_with('/') || self.log.asked.iter().any(done) {
            return;
        }
        self.ask("GET", target);
        let Some(Asked { got: Ok(got), .. }) = self.log.asked.last() else { return };
        let response = got.response();
        let answer = Answer::of(&response, target);
        if is_absent(&answer, target, &absent(&self.log.made_up, "GET")) {
            return;
        }
        let text = response.text();
        let (mut follow, left) = leads(target, &text);
        if let Some(Destination::SameOrigin(to)) = answer.location.as_ref().map(|to| resolve(target, to)) {
            follow.push(to);
        }
        follow.extend(described_routes(&text).into_iter().filter(|path| is_harmless(path)));
        for path in follow {
            let known = self.queue.contains(&path) || self.log.asked.iter().any(|asked| asked.target == path);
            if !known && self.queue.len() < 500 {
                self.queue.push(path);
            }
        }
        for path in left {
            if !self.log.left_alone.contains(&path) && self.log.left_alone.len() < 100 {
                self.log.left_alone.push(path);
            }
        }
    }

    fn ask(&mut self, method: &str, target: &str) {
        if self.log.stopped.is_none() {
            let asked = self.question(method, target);
            self.log.asked.push(asked);
            self.bench.progress(self.begun_at + self.log.asked.len() as u64, self.of);
        }
    }

    fn made_up(&mut self, method: &str, target: String) {
        if self.log.stopped.is_none() {
            let asked = self.question(method, &target);
            self.log.made_up.push(asked);
        }
    }

    fn question(&mut self, method: &str, target: &str) -> Asked {
        let server = self.log.server.clone();
        let request = server.request(method, target);
        let mut got = exchange(self.bench, &server, &request, &[]);
        if got.is_err() {
            // Small servers drop a connection now and then; a second try tells that from a refusal.
            got = exchange(self.bench, &server, &request, &[]);
        }
        let throttled = got.as_ref().is_ok_and(|response| response.status == 429);
        self.failures = if got.is_err() || throttled { self.failures + 1 } else { 0 };
        let got = got.map(Got::of).map_err(|error| (error.shortfall(), error.to_string()));
        let is_first = self.log.asked.is_empty() && self.log.made_up.is_empty();
        if self.failures >= MOST_FAILURES || (is_first && got.is_err()) {
            self.log.stopped = Some(match &got {
                Err((kind, why)) => (*kind, format!("no answer to {method} {target}: {why}")),
                Ok(_) => (ShortfallKind::Limit, "the server asks to slow down (429)".to_owned()),
            });
        }
        Asked { method: method.to_owned(), target: target.to_owned(), got }
    }

    fn made_up_name(&mut self) -> String {
        let mut random = [0; 8];
        self.bench.random(&mut random);
        format!("assay-{}", hex::encode(random))
    }
}

/// The answers to made-up paths for this method.
fn absent<'a>(made_up: &'a [Asked], method: &'a str) -> Vec<Answer> {
    let own = made_up.iter().filter(|asked| asked.method == method);
    own.filter_map(|asked| Some(Answer::of(&asked.got.as_ref().ok()?.response(), &asked.target))).collect()
}

fn is_absent(answer: &Answer, target: &str, absent: &[Answer]) -> bool {
    matches!(answer.status, 404 | 410) || (target != "/" && absent.iter().any(|other| other.is_like(answer)))
}

/// Reads a log.
pub fn interpret(log: &Log) -> Reading {
    let mut reading = Reading::default();
    for server in &log.servers {
        read_server(server, &log.known, &mut reading);
    }
    reading
}

fn read_server(log: &ServerLog, known: &Known, reading: &mut Reading) {
    let endpoint = log.server.endpoint;
    let mut seen = Seen::default();
    let (absent_pages, absent_options) = (absent(&log.made_up, "GET"), absent(&log.made_up, "OPTIONS"));
    for asked in log.made_up.iter().chain(&log.asked) {
        let Ok(got) = &asked.got else { continue };
        let response = got.response();
        for (source, one) in exposed(&asked.target, &response, known) {
            seen.gives_away(source, one);
        }
    }
    for asked in &log.asked {
        let Ok(got) = &asked.got else { continue };
        let response = got.response();
        let answer = Answer::of(&response, &asked.target);
        let is_gone = match asked.method.as_str() {
            "GET" => is_absent(&answer, &asked.target, &absent_pages),
            // A server that answers OPTIONS alike everywhere says nothing about this path.
            _ => {
                matches!(answer.status, 404 | 405 | 410 | 501)
                    || absent_options.iter().any(|other| other.is_like(&answer))
                        && log
                            .made_up
                            .iter()
                            .all(|other| other.method == "GET" || other.allows() == asked.allows())
            }
        };
        seen.asks(&asked.target, &response);
        if is_gone {
            continue;
        }
        seen.takes_post(&asked.method, &asked.target, &response);
        seen.there += 1;
        reading.facts.push(Fact::Http(HttpAnswer {
            endpoint,
            tls: log.server.tls,
            method: asked.method.clone(),
            path: asked.target.clone(),
            status: answer.status,
            content: asked.method == "GET" && answer.is_content(),
            location: answer.location,
            body: got.digest,
            salted: false,
            headers: selected(&response),
        }));
    }
    let (facts, given) = functions::read(endpoint, &log.called, known);
    reading.facts.extend(facts);
    given.into_iter().for_each(|(source, one)| seen.gives_away(source, one));
    seen.tell(log, reading);
}

fn selected(response: &Response) -> BTreeMap<String, String> {
    let value = |name: &str| Some((name.to_owned(), visible_str(response.header(name)?, 200)));
    HEADERS.iter().filter_map(|name| value(name)).collect()
}

/// What is told once per server.
#[derive(Default)]
struct Seen {
    there: usize,
    disclosures: Vec<(String, Giveaway)>,
    prompts: Vec<(AuthScheme, String, String)>,
    taking_post: Vec<String>,
}

impl Seen {
    fn gives_away(&mut self, source: String, one: Giveaway) {
        if !self.disclosures.iter().any(|(_, told)| *told == one) && self.disclosures.len() < 400 {
            self.disclosures.push((source, one));
        }
    }

    fn asks(&mut self, target: &str, response: &Response) {
        for (scheme, prompt) in prompts(response) {
            let path = match (scheme, resolve(target, &prompt)) {
                (AuthScheme::HttpForm, Destination::SameOrigin(action)) => action,
                _ => target.to_owned(),
            };
            let by_form = matches!(scheme, AuthScheme::HttpForm | AuthScheme::HttpJson);
            let is_told = self.prompts.iter().any(|(told, told_path, told_prompt)| {
                *told == scheme && if by_form { *told_path == path } else { *told_prompt == prompt }
            });
            if !is_told {
                self.prompts.push((scheme, path, prompt));
            }
        }
    }

    /// Notes a login that has no page: it takes POST, and a GET is refused for its method alone.
    fn takes_post(&mut self, method: &str, target: &str, response: &Response) {
        let allows_post = response
            .header("allow")
            .is_some_and(|allow| allow.split(',').any(|verb| verb.trim().eq_ignore_ascii_case("POST")));
        let refused = method == "GET" && response.status == 405;
        if is_login(target) && (allows_post || refused) && !self.taking_post.iter().any(|known| known == target) {
            self.taking_post.push(target.to_owned());
        }
    }

    fn tell(mut self, log: &ServerLog, reading: &mut Reading) {
        let endpoint = log.server.endpoint;
        for path in std::mem::take(&mut self.taking_post) {
            // The action of a form was told as that form already.
            if !self.prompts.iter().any(|(_, told, _)| *told == path) {
                self.prompts.push((AuthScheme::HttpJson, path, "takes POST".to_owned()));
            }
        }
        for (scheme, path, prompt) in self.prompts {
            reading.facts.push(Fact::AuthPrompt { endpoint, scheme, path: Some(path), prompt });
        }
        for (source, Giveaway { kind, excerpt }) in self.disclosures {
            reading.facts.push(Fact::Disclosure { endpoint, kind, source, excerpt });
        }
        let answered = log.asked.iter().filter(|asked| asked.got.is_ok()).count();
        if answered > 0 {
            let left = match log.left_alone.len() {
                0 => String::new(),
                count => format!(", {count} links that look like actions left alone"),
            };
            let called = match log.called.iter().filter(|called| called.got.is_ok()).count() {
                0 => String::new(),
                count => format!(", {count} functions called that only read"),
            };
            reading.coverage.push(Coverage {
                of: OF.into(),
                endpoint: Some(endpoint),
                ports: vec![(endpoint.port, endpoint.port)],
                text: format!(
                    "{answered} paths asked for at {endpoint}, {} of them there{left}{called}",
                    self.there
                ),
            });
        }
        let mut missed = |kind, text: String| {
            let text = format!("{endpoint}: {text}");
            reading.shortfalls.push(Shortfall { kind, of: OF.into(), endpoint: Some(endpoint), text });
        };
        if let Some((kind, why)) = &log.stopped {
            missed(*kind, why.clone());
            return;
        }
        for asked in &log.asked {
            if let Err((kind, why)) = &asked.got {
                missed(*kind, format!("{} {}: {why}", asked.method, asked.target));
            }
        }
        for called in &log.called {
            if let Err((kind, why)) = &called.got {
                missed(*kind, format!("{} at {}: {why}", called.function, called.target));
            }
        }
        if log.not_followed > 0 {
            missed(ShortfallKind::Limit, format!("{} linked pages were not followed", log.not_followed));
        }
    }
}

#[cfg(test)]
mod tests;
