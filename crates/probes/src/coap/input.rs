//! What a CoAP server does with datagrams that are wrong.
//!
//! Over UDP without DTLS. It reads one resource and writes to none that is there; a restart that is over before the
//! next question is not seen.

use std::time::Duration;

use model::{Coverage, Endpoint, Fact, Reading, Shortfall, ShortfallKind, Touches};
use serde::{Deserialize, Serialize};
use wire::coap::wrong::{Wrong, all};
use wire::coap::{Kind, Message, get};
use wire::replay;

use crate::port::{Datagram, DatagramAnswer};
use crate::{Bench, Bytes, Card, Need};

/// The card.
pub const CARD: Card = Card {
    id: "coap.input",
    revision: 2,
    asks: "What does a CoAP server do with datagrams that are wrong?",
    yields: &["input"],
    touches: Touches::Intrusive,
    needs: &[Need::Endpoints],
};

const OF: &str = "input";
const MOST_WAITS: u32 = 10;

/// Where.
#[derive(Debug, Clone, Deserialize)]
pub struct Parameters {
    /// The servers.
    pub endpoints: Vec<Endpoint>,
    /// A resource that can be read.
    #[serde(default = "core")]
    pub path: String,
}

fn core() -> String {
    "/.well-known/core".to_owned()
}

/// What came back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Log {
    /// One part per server.
    pub servers: Vec<ServerLog>,
}

/// What one server said.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServerLog {
    /// Where.
    pub endpoint: Endpoint,
    /// The answer to the well-formed question: its code, such as `2.05`.
    pub plain: Option<String>,
    /// Each wrong datagram, in order.
    pub cases: Vec<Case>,
    /// What could not be tried.
    pub missed: Vec<(ShortfallKind, String)>,
}

/// One wrong datagram and what came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Case {
    /// What it would be.
    pub request: String,
    /// What is wrong.
    pub violation: String,
    /// In words.
    pub shown: String,
    /// Whether the standard lets a server answer it with success.
    pub allowed: bool,
    /// The datagram, its beginning.
    pub sent: Bytes,
    /// Bytes of the datagram.
    pub size: usize,
    /// The answer, its beginning; none for silence.
    pub got: Option<Bytes>,
    /// Whether the server answered the well-formed question afterwards; it is asked three times before this is false.
    pub alive: bool,
    /// Whether it said nothing to the first question after it, each of three times, and did after good ones.
    #[serde(default, skip_serializing_if = "is_not")]
    pub silenced: bool,
    /// The datagram, whole: what [`wire::replay::python`] makes of it; empty in older logs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub whole: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_not(flag: &bool) -> bool {
    !flag
}

/// Sends each wrong datagram, and a good one after it.
pub fn gather(parameters: &Parameters, bench: &mut dyn Bench) -> Log {
    let of = parameters.endpoints.len() as u64;
    let mut servers = Vec::new();
    for endpoint in &parameters.endpoints {
        bench.progress(servers.len() as u64, of);
        let mut log = ServerLog { endpoint: *endpoint, plain: None, cases: Vec::new(), missed: Vec::new() };
        if let Err(missed) = attack(&mut log, &parameters.path, bench) {
            log.missed.push(missed);
        }
        servers.push(log);
    }
    Log { servers }
}

fn attack(log: &mut ServerLog, path: &str, bench: &mut dyn Bench) -> Result<(), (ShortfallKind, String)> {
    let plain = code(&asked(log.endpoint, path, bench)?);
    let plain =
        plain.ok_or((ShortfallKind::Silence, format!("GET {path} is not answered: silence proves nothing")))?;
    log.plain = Some(plain.clone());
    let mut random = [0; 12];
    bench.random(&mut random);
    let absent = format!("/assay-{}", hex::encode(&random[..4]));
    let id = u16::from_be_bytes([random[4], random[5]]);
    for wrong in all(path, &absent, id, &random[6..10]) {
        let crashed = |case: &Case| (!case.alive || case.silenced) && case.violation == wrong.violation;
        if log.cases.iter().any(crashed) {
            continue;
        }
        let got = sent(log.endpoint, &wrong.bytes, bench)?;
        let at_once = answers_at_once(log.endpoint, path, &plain, bench)?;
        let alive = at_once || is_alive(log.endpoint, path, &plain, bench)?;
        let silenced = !at_once && alive && is_silenced(log.endpoint, path, &plain, &wrong.bytes, bench)?;
        log.cases.push(Case { silenced, ..case(&wrong, got, alive) });
        if !alive {
            let moment = bench.wait();
            let back = (0..MOST_WAITS)
                .any(|_| bench.pause(moment) && matches!(is_alive(log.endpoint, path, &plain, bench), Ok(true)));
            if !back {
                return Err((ShortfallKind::Silence, "the server did not come back".to_owned()));
            }
        }
    }
    Ok(())
}

fn case(wrong: &Wrong, got: Option<Vec<u8>>, alive: bool) -> Case {
    Case {
        request: wrong.request.clone(),
        violation: wrong.violation.to_owned(),
        shown: wrong.shown.to_owned(),
        allowed: wrong.allowed,
        sent: Bytes::bounded(&wrong.bytes, 400),
        size: wrong.bytes.len(),
        got: got.map(|bytes| Bytes::bounded(&bytes, 400)),
        alive,
        silenced: false,
        whole: replay::python(&wrong.bytes),
    }
}

/// Whether the server falls silent for a while by this datagram, twice more, and does not by a good one: a single silence
/// may be a datagram that was lost.
fn is_silenced(
    to: Endpoint,
    path: &str,
    plain: &str,
    wrong: &[u8],
    bench: &mut dyn Bench,
) -> Result<bool, (ShortfallKind, String)> {
    for _ in 0..2 {
        for _ in 0..2 {
            if !answers_at_once(to, path, plain, bench)? {
                return Ok(false);
            }
        }
        sent(to, wrong, bench)?;
        if answers_at_once(to, path, plain, bench)? {
            return Ok(false);
        }
        is_alive(to, path, plain, bench)?;
    }
    Ok(true)
}

fn answers_at_once(
    to: Endpoint,
    path: &str,
    plain: &str,
    bench: &mut dyn Bench,
) -> Result<bool, (ShortfallKind, String)> {
    Ok(code(&asked_times(1, to, path, bench)?).is_some_and(|code| code == plain))
}

fn sent(to: Endpoint, bytes: &[u8], bench: &mut dyn Bench) -> Result<Option<Vec<u8>>, (ShortfallKind, String)> {
    // Most wrong datagrams are dropped in silence: waiting long for each would take minutes.
    let within = bench.wait().min(Duration::from_millis(250));
    let datagram = Datagram { to, payload: bytes.into(), from_any_port: false, own_port: None };
    match bench.datagrams(&[datagram], within).pop() {
        Some(DatagramAnswer::Data(bytes)) => Ok(Some(bytes.0)),
        Some(DatagramAnswer::NotSent(error)) => Err((error.shortfall(), error.to_string())),
        Some(DatagramAnswer::Refused | DatagramAnswer::Silence) | None => Ok(None),
    }
}

fn asked(to: Endpoint, path: &str, bench: &mut dyn Bench) -> Result<Option<Vec<u8>>, (ShortfallKind, String)> {
    asked_times(3, to, path, bench)
}

fn asked_times(
    times: u32,
    to: Endpoint,
    path: &str,
    bench: &mut dyn Bench,
) -> Result<Option<Vec<u8>>, (ShortfallKind, String)> {
    let mut random = [0; 4];
    bench.random(&mut random);
    let question = get(path, u16::from_be_bytes([random[0], random[1]]), &random[2..]).to_bytes();
    let wait = bench.wait();
    for _ in 0..times {
        let datagram = Datagram { to, payload: question.as_slice().into(), from_any_port: false, own_port: None };
        match bench.datagrams(&[datagram], wait).pop() {
            Some(DatagramAnswer::Data(bytes)) => return Ok(Some(bytes.0)),
            Some(DatagramAnswer::NotSent(error)) => return Err((error.shortfall(), error.to_string())),
            _ => {}
        }
    }
    Ok(None)
}

fn is_alive(
    to: Endpoint,
    path: &str,
    plain: &str,
    bench: &mut dyn Bench,
) -> Result<bool, (ShortfallKind, String)> {
    Ok(code(&asked(to, path, bench)?).is_some_and(|code| code == plain))
}

fn code(answer: &Option<Vec<u8>>) -> Option<String> {
    Message::read(answer.as_deref()?).ok().map(|message| message.code_text())
}

/// Reads a log.
pub fn interpret(log: &Log) -> Reading {
    let mut reading = Reading::default();
    for server in &log.servers {
        let endpoint = server.endpoint;
        for case in &server.cases {
            let (result, told_by) = judge(case);
            let is_finding = matches!(result, "accepted" | "error" | "crash" | "effect");
            let again = || match case.whole.as_str() {
                "" => format!("{} bytes: {}", case.size, hex::encode(&case.sent.0)),
                whole => replay::command_for(whole, &endpoint.address.to_string(), endpoint.port, true),
            };
            reading.facts.push(Fact::Input {
                endpoint,
                target: case.request.clone(),
                violation: case.violation.clone(),
                result: result.to_owned(),
                told_by: format!("{}: {told_by}", case.shown),
                reproduction: if is_finding { again() } else { String::new() },
            });
        }
        for (kind, why) in &server.missed {
            let text = format!("CoAP at {endpoint}: {why}");
            reading.shortfalls.push(Shortfall { kind: *kind, of: OF.into(), endpoint: Some(endpoint), text });
        }
        if !server.cases.is_empty() {
            reading.coverage.push(Coverage {
                of: OF.into(),
                endpoint: Some(endpoint),
                ports: vec![(endpoint.port, endpoint.port)],
                text: format!("{} wrong datagrams to {endpoint}", server.cases.len()),
            });
        }
    }
    reading
}

fn judge(case: &Case) -> (&'static str, String) {
    let answer = case.got.as_ref().map(|bytes| Message::read(&bytes.0));
    let told = match &answer {
        None => "silence".to_owned(),
        Some(Ok(message)) if message.kind == Kind::Reset => "a reset".to_owned(),
        Some(Ok(message)) => message.code_text(),
        // A long answer is kept in part alone; its head says enough.
        Some(Err(_)) => case.got.as_ref().and_then(|bytes| bytes.0.get(1)).map_or_else(
            || "an answer that is no CoAP".to_owned(),
            |code| format!("{}.{:02}", code >> 5, code & 31),
        ),
    };
    if !case.alive {
        return ("crash", format!("{told}; after it the server did not answer three times"));
    }
    if case.silenced {
        let why = "after it the server says nothing for a while, three times, and after good ones it does not";
        return ("crash", format!("{told}; {why}"));
    }
    let accounts = case.got.as_ref().is_some_and(|bytes| bytes.text().contains("root:x:0:0:"));
    match told.chars().next() {
        _ if accounts => ("effect", format!("{told}; the answer holds the system's list of accounts")),
        Some('2') if case.allowed => ("ignored", format!("{told}, as the standard allows")),
        Some('2') => ("accepted", format!("{told}; it is answered as if it were right")),
        Some('5') if told == "5.00" => ("error", told),
        Some('4' | '5') => ("rejected", told),
        _ if told == "a reset" => ("rejected", told),
        _ => ("ignored", format!("{told}, and the server lives")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::ScriptedBench;

    fn measured(server: impl FnMut(&[u8]) -> Option<Vec<u8>> + 'static) -> Reading {
        let mut bench = ScriptedBench::refusing().answering_datagrams(5683, server);
        let endpoint = Endpoint::udp(bench.device(), 5683);
        let parameters = Parameters { endpoints: vec![endpoint], path: core() };
        interpret(&gather(&parameters, &mut bench))
    }

    /// Answers good questions, drops what cannot be read, refuses what it does not know.
    fn strict(heard: &[u8]) -> Option<Vec<u8>> {
        let message = Message::read(heard).ok()?;
        if message.code.0 != 0 || message.code.1 == 0 || message.kind != Kind::Confirmable {
            return None;
        }
        let good = get("/.well-known/core", 0, &[]).options;
        let code = if message.code == (0, 1) && message.options == good { (2, 5) } else { (4, 2) };
        let answer = Message { kind: Kind::Acknowledgement, code, options: vec![], payload: vec![], ..message };
        Some(answer.to_bytes())
    }

    fn results(reading: &Reading) -> Vec<(&str, &str)> {
        let told = |fact: &'_ Fact| matches!(fact, Fact::Input { .. });
        let facts = reading.facts.iter().filter(|fact| told(fact));
        facts
            .filter_map(|fact| match fact {
                Fact::Input { violation, result, .. } => Some((violation.as_str(), result.as_str())),
                _ => None,
            })
            .filter(|(_, result)| !matches!(*result, "rejected" | "ignored"))
            .collect()
    }

    #[test]
    fn a_strict_server_turns_everything_away() {
        let reading = measured(strict);
        // A marker without a payload reads as an empty payload here, which the strict server takes for a good question.
        assert_eq!(results(&reading), [("malformed", "accepted")]);
        assert!(reading.facts.len() > 30 && reading.shortfalls.is_empty());
        for fact in &reading.facts {
            let Fact::Input { violation, .. } = fact else { continue };
            assert!(model::input_class(violation).is_some(), "{violation} has no class");
        }
    }

    #[test]
    fn a_server_that_never_answers_again_is_a_crash_and_a_shortfall() {
        let mut dead = false;
        let reading = measured(move |heard| {
            dead |= heard.len() > 2000;
            if dead { None } else { strict(heard) }
        });
        assert!(results(&reading).contains(&("oversize", "crash")));
        assert_eq!(reading.shortfalls.len(), 1);
    }

    #[test]
    fn a_server_that_falls_silent_for_a_while_each_time_is_a_crash_and_a_lost_datagram_is_none() {
        let mut quiet = 0;
        let reading = measured(move |heard| {
            if (1280..1400).contains(&heard.len()) {
                quiet = 1;
                return None;
            }
            if quiet > 0 {
                quiet -= 1;
                return None;
            }
            strict(heard)
        });
        assert!(results(&reading).contains(&("oversize", "crash")), "{:?}", results(&reading));
        assert!(reading.shortfalls.is_empty());
        let told = reading.facts.iter().find_map(|fact| match fact {
            Fact::Input { violation, result, reproduction, .. }
                if violation == "oversize" && result == "crash" =>
            {
                Some(reproduction.clone())
            }
            _ => None,
        });
        let told = told.unwrap();
        assert!(told.contains("bytes.fromhex(\"61\")*1280") && told.contains("nc -u -w1"), "{told}");
        let mut lost = 0;
        let reading = measured(move |heard| {
            lost += 1;
            if lost == 40 { None } else { strict(heard) }
        });
        assert!(!results(&reading).iter().any(|(_, result)| *result == "crash"), "{:?}", results(&reading));
    }

    #[test]
    fn an_option_that_nobody_knows_must_not_be_passed_over() {
        let reading = measured(|heard| {
            let mut message = Message::read(heard).ok()?;
            message.options.retain(|(number, _)| *number < 60_000);
            strict(&message.to_bytes())
        });
        assert!(results(&reading).contains(&("unknown-option", "accepted")));
    }

    #[test]
    fn silence_from_the_beginning_proves_nothing() {
        let reading = measured(|_| None);
        assert!(reading.facts.is_empty() && reading.coverage.is_empty());
        assert_eq!(reading.shortfalls[0].kind, ShortfallKind::Silence);
    }
}
