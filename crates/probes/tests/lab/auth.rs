//! Knocking at a door and reading what came of it, in one line.

use std::net::IpAddr;

use model::{AuthScheme, Credential, Endpoint, Fact, Guessing, Reading, Shortfall};
use probes::auth::door::Door;
use probes::auth::{defaults, guessing};
use probes::{Limits, LiveBench, ReplayBench, Scope, Secret};

/// Long enough for a slow refusal, short enough for a test of silence.
const WAIT_MILLIS: u32 = 800;

pub(crate) fn at(endpoint: Endpoint, scheme: AuthScheme) -> Door {
    Door { endpoint, tls: false, host: None, scheme, path: None }
}

pub(crate) fn door(server: &testkit::Server, scheme: AuthScheme) -> Door {
    let (ip, port) = (server.at().ip(), server.port());
    match scheme {
        AuthScheme::SnmpCommunity => at(Endpoint::udp(ip, port), scheme),
        _ => at(Endpoint::tcp(ip, port), scheme),
    }
}

fn bench(door: &Door, wait_millis: u32, second_source: Option<IpAddr>) -> LiveBench {
    // An agent on this machine answers at once or never.
    let wait_millis = if door.scheme == AuthScheme::SnmpCommunity { 200 } else { wait_millis };
    let limits = Limits { wait_millis, attempts: 30, ..Limits::default() };
    let scope = Scope::of([door.endpoint.address]);
    LiveBench::new(second_source.into_iter().fold(scope, Scope::and_coming_from), limits)
}

fn run_defaults(door: &Door, own: Vec<defaults::Own>, budget: u32, wait_millis: u32) -> Reading {
    let parameters = defaults::Parameters { doors: vec![door.clone()], own, budget };
    let mut bench = bench(door, wait_millis, None);
    let log = defaults::gather(&parameters, &mut bench);
    let reading = defaults::interpret(&log);
    let kept = serde_json::to_string(&log).unwrap() + &serde_json::to_string(bench.transcript()).unwrap();
    assert!(!kept.contains("horse"), "a secret is in the record: {kept}");
    let again: defaults::Log = serde_json::from_value(serde_json::to_value(&log).unwrap()).unwrap();
    assert_eq!(defaults::interpret(&again), reading);
    reading
}

/// auth.defaults with the well-known ones alone.
pub(crate) fn try_at(door: &Door) -> Reading {
    run_defaults(door, vec![], 4, WAIT_MILLIS)
}

/// As [`try_at`], with so many wrong ones and another wait for an answer.
pub(crate) fn try_waiting(door: &Door, budget: u32, wait_millis: u32) -> Reading {
    run_defaults(door, vec![], budget, wait_millis)
}

/// auth.defaults with one credential of the bench.
pub(crate) fn try_with(door: &Door, credential: Credential, user: &str, secret: &str) -> Reading {
    let own = defaults::Own { door: 0, credential, user: user.to_owned(), secret: Secret::new(secret) };
    run_defaults(door, vec![own], 4, WAIT_MILLIS)
}

fn logins(reading: &Reading) -> impl Iterator<Item = &model::LoginOutcome> {
    reading.facts.iter().filter_map(|fact| if let Fact::Login(login) = fact { Some(login) } else { None })
}

/// What was accepted, by its name.
pub(crate) fn accepted(reading: &Reading) -> Vec<String> {
    let name = |credential: &Credential| match credential {
        Credential::WellKnown(name) => name.clone(),
        other => serde_json::to_value(other).unwrap().as_str().unwrap_or_default().to_owned(),
    };
    logins(reading).filter(|login| login.accepted).map(|login| name(&login.credential)).collect()
}

/// How many were refused.
pub(crate) fn refused(reading: &Reading) -> usize {
    logins(reading).filter(|login| !login.accepted).count()
}

/// What came of guessing.
pub(crate) struct Tried {
    pub(crate) fact: Option<Guessing>,
    /// Over several sessions at once.
    pub(crate) beside: Option<Guessing>,
    pub(crate) shortfalls: Vec<Shortfall>,
}

/// auth.guessing with so many guesses one after the other, waiting for blocks of a few seconds.
pub(crate) fn guess(door: &Door, user: &str, secret: Option<&str>, guesses: u32) -> Tried {
    let mut tried = guess_beside(door, user, secret, guesses, 1);
    assert!(tried.beside.is_none());
    tried.shortfalls.retain(|short| short.of == "guessing");
    tried
}

/// As [`guess`], and then in so many sessions at once.
pub(crate) fn guess_beside(door: &Door, user: &str, secret: Option<&str>, guesses: u32, parallel: u32) -> Tried {
    guess_waiting(door, user, secret, guesses, parallel, WAIT_MILLIS)
}

/// auth.guessing with so many guesses one after the other, and a second address of this machine.
pub(crate) fn guess_from(door: &Door, user: &str, secret: &str, guesses: u32, source: &str) -> Tried {
    run_guessing(door, user, Some(secret), guesses, 1, WAIT_MILLIS, Some(source.parse().unwrap()))
}

/// As [`guess_beside`], with another wait for an answer.
pub(crate) fn guess_waiting(
    door: &Door,
    user: &str,
    secret: Option<&str>,
    guesses: u32,
    parallel: u32,
    wait_millis: u32,
) -> Tried {
    let mut tried = run_guessing(door, user, secret, guesses, parallel, wait_millis, None);
    // Said of every block, as these tests have one address.
    tried.shortfalls.retain(|short| short.of != "guessing-second-source");
    tried
}

fn run_guessing(
    door: &Door,
    user: &str,
    secret: Option<&str>,
    guesses: u32,
    parallel: u32,
    wait_millis: u32,
    second_source: Option<IpAddr>,
) -> Tried {
    let target = guessing::Target {
        door: door.clone(),
        user: user.to_owned(),
        secret: secret.map(Secret::new),
        other: None,
        doors: vec![],
    };
    let parameters =
        guessing::Parameters { doors: vec![target], guesses, parallel, recover_seconds: 5, second_source };
    let mut bench = bench(door, wait_millis, second_source);
    let log = guessing::gather(&parameters, &mut bench);
    let reading = guessing::interpret(&log);
    // What was sent and heard, session by session, is on record: gathering again asks for nothing else.
    let mut replay = ReplayBench::new(bench.take_transcript());
    guessing::gather(&parameters, &mut replay);
    // An answer that repeats the community is not readable again once that is concealed.
    if door.scheme != AuthScheme::SnmpCommunity {
        assert_eq!((replay.diverged(), replay.is_finished()), (None, true), "{}", door.scheme);
    }
    let again: guessing::Log = serde_json::from_value(serde_json::to_value(&log).unwrap()).unwrap();
    assert_eq!(guessing::interpret(&again), reading);
    let guessing = |f| if let Fact::Guessing(fact) = f { Some(fact) } else { None };
    let (fact, beside): (Vec<_>, Vec<_>) =
        reading.facts.into_iter().filter_map(guessing).partition(|run| run.parallel == 1);
    Tried { fact: fact.into_iter().next(), beside: beside.into_iter().next(), shortfalls: reading.shortfalls }
}
