//! Several browsers at once, for the benches `serve` and `portfolio`: a plan as JSON on standard input, what came of it as
//! JSON on standard output.
//!
//! Requests are sent at a rate that does not depend on the answers, and each is timed from the moment it was to be sent:
//! a server that stalls is charged with every request that had to wait for it.
#![expect(clippy::print_stdout, reason = "what came of it is told on standard output")]

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::{Deserialize, Serialize};

type Trouble = Box<dyn std::error::Error + Send + Sync>;
type Http = Client<HttpConnector, Body>;

/// Largest answer that is read, in bytes.
const LARGEST: usize = 64 << 20;
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is to be done.
#[derive(Deserialize)]
struct Plan {
    /// `http://127.0.0.1:8300`
    base: String,
    /// Invitations that are accepted first, a session each; without one, nobody is signed in.
    invitations: Vec<String>,
    /// What everybody chooses as a password.
    password: String,
    /// What is asked for.
    asked: Vec<Asked>,
    /// Requests a second, over all sessions; with 0, each of `asked` is asked for `seconds` times, one after another.
    rate: u64,
    /// For how long.
    seconds: u64,
}

/// Something that is asked for again and again.
#[derive(Clone, Deserialize)]
struct Asked {
    /// Under which name it is told.
    kind: String,
    /// Out of the sum of all weights, how often.
    weight: u64,
    /// Its addresses, each in its turn.
    paths: Vec<String>,
    /// The fields of a form that is sent there; the mark of the session is added, and `{n}` is another number each time.
    form: Option<Vec<(String, String)>>,
    /// The status of a good answer.
    status: u16,
}

/// What came of one request.
struct Came {
    kind: usize,
    millis: f64,
    bytes: usize,
    wrong: Option<String>,
}

/// What came of all requests of a kind.
#[derive(Serialize)]
struct Told {
    kind: String,
    requests: usize,
    /// Requests that had no answer, or another than a good one, by what came instead.
    wrong: BTreeMap<String, usize>,
    /// Bytes of an answer, at most.
    bytes: usize,
    p50: f64,
    p90: f64,
    p99: f64,
    max: f64,
}

/// Somebody at a browser.
#[derive(Clone)]
struct Session {
    http: Http,
    base: String,
    cookie: String,
    mark: String,
}

fn main() -> Result<(), Trouble> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let plan: Plan = serde_json::from_str(&text)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let sessions = Arc::new(runtime.block_on(sessions(&plan))?);
    let came = if plan.rate == 0 {
        runtime.block_on(in_turn(&plan, &sessions))
    } else {
        at_a_rate(&plan, &sessions, runtime.handle())
    };
    println!("{}", serde_json::to_string(&told(&plan, &came))?);
    Ok(())
}

/// Accepts each invitation, and opens a page for the mark that forms carry.
async fn sessions(plan: &Plan) -> Result<Vec<Session>, Trouble> {
    let nobody = || Session { http: http(), base: plan.base.clone(), cookie: String::new(), mark: String::new() };
    let mut sessions = Vec::new();
    for path in &plan.invitations {
        let mut session = nobody();
        let fields = [("password", plan.password.as_str()), ("again", &plan.password)];
        let answer = session.sent(path, Some(body(&fields))).await?;
        let cookie = answer.headers().get(header::SET_COOKIE).and_then(|line| line.to_str().ok());
        let cookie = cookie.and_then(|line| line.split(';').next()).ok_or("an invitation opened nothing")?;
        session.cookie = cookie.to_owned();
        let page = to_bytes(session.sent("/account", None).await?.into_body(), LARGEST).await?;
        let page = String::from_utf8_lossy(&page).into_owned();
        let mark = page.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        session.mark = mark.ok_or("a page has no form with a mark")?.to_owned();
        sessions.push(session);
    }
    if sessions.is_empty() {
        sessions.extend((0..10).map(|_| nobody()));
    }
    Ok(sessions)
}

fn http() -> Http {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new()).build(connector)
}

fn body(fields: &[(&str, &str)]) -> String {
    let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

impl Session {
    async fn sent(&self, path: &str, form: Option<String>) -> Result<Response<Body>, Trouble> {
        let at = format!("{}{path}", self.base);
        let request = match form {
            None => Request::get(at).header(header::COOKIE, &self.cookie).body(Body::empty())?,
            Some(form) => Request::post(at)
                .header(header::COOKIE, &self.cookie)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(form))?,
        };
        Ok(self.http.request(request).await?.map(Body::new))
    }

    /// Asks, waits for the whole answer, and times it from the moment it was to be sent.
    async fn asks(&self, kind: usize, asked: &Asked, n: usize, due: Instant) -> Came {
        let path = &asked.paths[n % asked.paths.len()];
        let form = asked.form.as_ref().map(|fields| {
            let number = n.to_string();
            let fields: Vec<(&str, String)> =
                fields.iter().map(|(name, value)| (name.as_str(), value.replace("{n}", &number))).collect();
            let marked = [("csrf", self.mark.as_str())];
            body(&marked.into_iter().chain(fields.iter().map(|(n, v)| (*n, v.as_str()))).collect::<Vec<_>>())
        });
        let whole = async {
            let answer = self.sent(path, form).await?;
            let status = answer.status();
            Ok::<_, Trouble>((status, to_bytes(answer.into_body(), LARGEST).await?.len()))
        };
        let (wrong, bytes) = match tokio::time::timeout(PATIENCE, whole).await {
            Ok(Ok((status, bytes))) if StatusCode::from_u16(asked.status).ok() == Some(status) => (None, bytes),
            Ok(Ok((status, bytes))) => (Some(format!("{path}: {status}")), bytes),
            Ok(Err(error)) => (Some(format!("{path}: {error}")), 0),
            Err(_) => (Some(format!("{path}: no answer within {} s", PATIENCE.as_secs())), 0),
        };
        Came { kind, millis: due.elapsed().as_secs_f64() * 1000.0, bytes, wrong }
    }
}

async fn in_turn(plan: &Plan, sessions: &[Session]) -> Vec<Came> {
    let mut came = Vec::new();
    for n in 0..usize::try_from(plan.seconds).unwrap_or(1) {
        for (kind, asked) in plan.asked.iter().enumerate() {
            came.push(sessions[n % sessions.len()].asks(kind, asked, n, Instant::now()).await);
        }
    }
    came
}

fn at_a_rate(plan: &Plan, sessions: &Arc<Vec<Session>>, runtime: &tokio::runtime::Handle) -> Vec<Came> {
    let all: Arc<Mutex<Vec<Came>>> = Arc::default();
    let asked: Arc<Vec<Asked>> = Arc::new(plan.asked.clone());
    let mut turns = vec![0; asked.len()];
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let weights: u64 = asked.iter().map(|asked| asked.weight).sum();
    let began = Instant::now();
    let mut running = Vec::new();
    for number in 0..plan.rate * plan.seconds {
        let due = began + Duration::from_nanos(number * 1_000_000_000 / plan.rate);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let mut point = dice.throw() % weights.max(1);
        let kind = asked.iter().position(|asked| {
            let here = point < asked.weight;
            point = point.saturating_sub(asked.weight);
            here
        });
        let kind = kind.unwrap_or(0);
        let n = turns[kind];
        turns[kind] += 1;
        let (asked, sessions, all) = (asked.clone(), sessions.clone(), all.clone());
        running.push(runtime.spawn(async move {
            let session = &sessions[usize::try_from(number).unwrap_or(0) % sessions.len()];
            let came = session.asks(kind, &asked[kind], n, due).await;
            all.lock().unwrap_or_else(PoisonError::into_inner).push(came);
        }));
    }
    runtime.block_on(async {
        for one in running {
            one.await.ok();
        }
    });
    std::mem::take(&mut all.lock().unwrap_or_else(PoisonError::into_inner))
}

fn told(plan: &Plan, came: &[Came]) -> Vec<Told> {
    let of = |name: &str, kind: Option<usize>| {
        let these: Vec<&Came> = came.iter().filter(|one| kind.is_none_or(|kind| one.kind == kind)).collect();
        let mut millis: Vec<f64> = these.iter().map(|one| one.millis).collect();
        millis.sort_by(f64::total_cmp);
        // The smallest value that so many of a hundred do not exceed.
        let at = |percent: usize| {
            millis.get((millis.len() * percent).div_ceil(100).saturating_sub(1)).copied().unwrap_or(0.0)
        };
        let mut wrong = BTreeMap::new();
        for what in these.iter().filter_map(|one| one.wrong.clone()) {
            *wrong.entry(what).or_default() += 1;
        }
        Told {
            kind: name.to_owned(),
            requests: these.len(),
            wrong,
            bytes: these.iter().map(|one| one.bytes).max().unwrap_or(0),
            p50: at(50),
            p90: at(90),
            p99: at(99),
            max: millis.last().copied().unwrap_or(0.0),
        }
    };
    let kinds = plan.asked.iter().enumerate().map(|(kind, asked)| of(&asked.kind, Some(kind)));
    std::iter::once(of("all", None)).chain(kinds).collect()
}

/// The same order of requests in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn throw(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}
