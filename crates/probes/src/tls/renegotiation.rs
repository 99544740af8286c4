//! Whether a server lets a client start another handshake inside the connection (RFC 5246 section 7.4.1.1, RFC 5746).
//!
//! A whole handshake of TLS 1.2 and the hello of a second; no application data. It stops at two tries, of which the second is
//! made only where the first leaves it open.

use std::time::Duration;

use model::{Endpoint, Fact, Reading, Shortfall, ShortfallKind, TlsVersion};
use serde::{Deserialize, Serialize};
use wire::tls::whole::{Client, Event, NO_RENEGOTIATION, Random};

use super::hello::{StartTls, turn};
use crate::{Bench, LinkId, Received};

const TRIES: usize = 2;
/// How long a connection is left alone on the second try, to see whether it stays open without a hello.
const QUIET: Duration = Duration::from_millis(150);
const CLOSE_NOTIFY: u8 = 0;

/// One try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renegotiation {
    /// Whether the server showed in the first handshake that it knows secure renegotiation (RFC 5746).
    pub secure: bool,
    /// Whether the connection was seen to stay open without a second hello.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub steady: bool,
    /// What the second hello came to.
    pub answer: Answer,
}

/// What a second hello came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// A second handshake, to its end.
    Completed,
    /// A ServerHello, and then no end of the handshake.
    Begun,
    /// An alert.
    Alert(u8),
    /// The connection was closed.
    Closed,
    /// Nothing in time.
    Silence,
    /// It did not come as far: why.
    NotAsked(String),
}

impl Renegotiation {
    /// Whether another try can tell no more.
    fn is_plain(&self) -> bool {
        matches!(self.answer, Answer::Completed | Answer::Begun | Answer::Alert(NO_RENEGOTIATION))
    }
}

/// Tries it, at most twice.
pub(super) fn ask(
    to: Endpoint,
    host: Option<&str>,
    via: Option<StartTls>,
    bench: &mut dyn Bench,
) -> Vec<Renegotiation> {
    let mut tries = Vec::new();
    while tries.len() < TRIES && !tries.last().is_some_and(Renegotiation::is_plain) {
        let wait = bench.wait();
        let Ok(link) = bench.connect(to, wait) else { return tries };
        if via.is_some_and(|via| turn(link, via, bench).is_err()) {
            bench.close(link);
            return tries;
        }
        let quiet = if tries.is_empty() { Duration::ZERO } else { QUIET };
        tries.push(attempt(link, host, quiet, bench));
        bench.close(link);
    }
    tries
}

fn attempt(link: LinkId, host: Option<&str>, quiet: Duration, bench: &mut dyn Bench) -> Renegotiation {
    let host = host.filter(|host| host.parse::<std::net::IpAddr>().is_err());
    let mut client = Client::new(host, random(bench));
    let not_asked = |why: &str, secure| {
        let answer = Answer::NotAsked(why.to_owned());
        Renegotiation { secure, steady: false, answer }
    };
    let mut secure = false;
    loop {
        match step(link, &mut client, bench.wait(), bench) {
            Ok(Event::Chose { secure: shown }) => secure = shown,
            Ok(Event::Finished) => break,
            Ok(Event::Alert(alert)) if !alert.is_fatal && alert.description != CLOSE_NOTIFY => {}
            Ok(Event::Alert(alert)) => return not_asked(&format!("alert {}", alert.description), secure),
            Err(Ended::Silence) => return not_asked("silence", secure),
            Err(Ended::Closed) => return not_asked("closed", secure),
            Err(Ended::Unreadable(why)) => return not_asked(&why, secure),
        }
    }
    if !quiet.is_zero() {
        match step(link, &mut client, quiet, bench) {
            Err(Ended::Silence) => {}
            Ok(_) | Err(Ended::Closed) => return not_asked("it did not keep the connection open", secure),
            Err(Ended::Unreadable(why)) => return not_asked(&why, secure),
        }
    }
    let secrets = random(bench);
    client.renegotiate(secrets);
    let answer = second(link, &mut client, bench);
    client.close();
    // A server that serves one client at a time is free for the next once it saw this one leave.
    if bench.send(link, &client.take_output()).is_ok() {
        bench.receive(link, 1024, QUIET);
    }
    Renegotiation { secure, steady: !quiet.is_zero(), answer }
}

/// What follows the second hello.
fn second(link: LinkId, client: &mut Client, bench: &mut dyn Bench) -> Answer {
    let mut begun = false;
    loop {
        let answer = match step(link, client, bench.wait(), bench) {
            Ok(Event::Chose { .. }) => {
                begun = true;
                continue;
            }
            Ok(Event::Finished) => return Answer::Completed,
            Ok(Event::Alert(alert)) if alert.description == CLOSE_NOTIFY => Answer::Closed,
            Ok(Event::Alert(alert)) if alert.is_fatal || alert.description == NO_RENEGOTIATION => {
                Answer::Alert(alert.description)
            }
            Ok(Event::Alert(_)) => continue,
            Err(Ended::Closed) => Answer::Closed,
            Err(Ended::Silence) => Answer::Silence,
            Err(Ended::Unreadable(why)) => Answer::NotAsked(why),
        };
        return if begun { Answer::Begun } else { answer };
    }
}

/// Why there is no next event.
enum Ended {
    Silence,
    Closed,
    Unreadable(String),
}

/// Sends what is to be sent, and waits for the next event.
fn step(link: LinkId, client: &mut Client, wait: Duration, bench: &mut dyn Bench) -> Result<Event, Ended> {
    let began = bench.elapsed_millis();
    loop {
        let found = client.next_event();
        let out = client.take_output();
        // Where a server closed meanwhile, what it said before is still to be heard.
        if !out.is_empty() {
            let _ = bench.send(link, &out);
        }
        match found {
            Ok(Some(event)) => return Ok(event),
            Ok(None) => {}
            Err(error) => return Err(Ended::Unreadable(error.to_string())),
        }
        let left = wait.saturating_sub(Duration::from_millis(bench.elapsed_millis().saturating_sub(began)));
        match bench.receive(link, 16 * 1024, left) {
            Received::Data(bytes) => client.feed(&bytes.0),
            Received::Silence => return Err(Ended::Silence),
            Received::Closed | Received::Reset => return Err(Ended::Closed),
        }
    }
}

/// Nothing is protected by these keys, so that they may be kept with the record.
fn random(bench: &mut dyn Bench) -> Random {
    let mut random = Random { hello: [0; 32], key: [0; 32] };
    bench.random(&mut random.hello);
    bench.random(&mut random.key);
    random
}

/// Reads the tries at one endpoint.
pub(super) fn read(endpoint: Endpoint, tries: &[&Renegotiation], reading: &mut Reading) {
    let Some(last) = tries.last() else { return };
    match told(tries) {
        Some(value) => {
            let (name, value) = ("client-renegotiation".to_owned(), value.to_owned());
            reading.facts.push(Fact::TlsTrait { endpoint, version: TlsVersion::Tls12, name, value });
        }
        None => {
            let (kind, what) = match &last.answer {
                Answer::Silence => (ShortfallKind::Silence, "silence".to_owned()),
                Answer::NotAsked(why) => (ShortfallKind::Missing, format!("it was not asked: {why}")),
                Answer::Alert(alert) => (ShortfallKind::Refused, format!("alert {alert}, and not each time")),
                _ => (ShortfallKind::Refused, "closed, and not each time".to_owned()),
            };
            let text = format!("{endpoint}: tls-1.2: whether a client may start another handshake: {what}");
            let of = "client-renegotiation".into();
            reading.shortfalls.push(Shortfall { kind, of, endpoint: Some(endpoint), text });
        }
    }
}

/// What the tries tell; nothing where they leave it open.
fn told(tries: &[&Renegotiation]) -> Option<&'static str> {
    let begun = |one: &&&Renegotiation| matches!(one.answer, Answer::Completed | Answer::Begun);
    if let Some(one) = tries.iter().find(begun) {
        return Some(if one.secure { "secure" } else { "insecure" });
    }
    if tries.iter().any(|one| one.answer == Answer::Alert(NO_RENEGOTIATION)) {
        return Some("refused");
    }
    // Another end refuses it only where it comes each time, and to a connection that was seen to stay open without it.
    let is_end = |one: &Renegotiation| matches!(one.answer, Answer::Closed | Answer::Alert(_));
    let [first, second] = tries else { return None };
    (is_end(first) && first.answer == second.answer && second.steady).then_some("refused")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tries: &[(bool, bool, Answer)]) -> Option<&'static str> {
        let tries: Vec<Renegotiation> = tries
            .iter()
            .map(|(secure, steady, answer)| Renegotiation {
                secure: *secure,
                steady: *steady,
                answer: answer.clone(),
            })
            .collect();
        told(&tries.iter().collect::<Vec<_>>())
    }

    #[test]
    fn a_server_hello_starts_it_and_the_first_handshake_says_how() {
        assert_eq!(of(&[(true, false, Answer::Completed)]), Some("secure"));
        assert_eq!(of(&[(false, false, Answer::Begun)]), Some("insecure"));
        assert_eq!(of(&[(true, false, Answer::Silence), (true, true, Answer::Begun)]), Some("secure"));
    }

    #[test]
    fn only_the_alert_for_it_or_the_same_end_twice_refuses() {
        let open = |answer: Answer| [(true, false, answer.clone()), (true, true, answer)];
        assert_eq!(of(&[(true, false, Answer::Alert(NO_RENEGOTIATION))]), Some("refused"));
        assert_eq!(of(&open(Answer::Closed)), Some("refused"));
        assert_eq!(of(&open(Answer::Alert(40))), Some("refused"));
        assert_eq!(of(&[(true, false, Answer::Closed)]), None);
        assert_eq!(of(&[(true, false, Answer::Closed), (true, true, Answer::Alert(10))]), None);
        assert_eq!(of(&[(true, false, Answer::Closed), (true, false, Answer::Closed)]), None);
        for settles_nothing in [Answer::Silence, Answer::NotAsked("closed".to_owned())] {
            assert_eq!(of(&open(settles_nothing)), None);
        }
        assert_eq!(of(&[]), None);
    }
}
