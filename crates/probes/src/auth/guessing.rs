//! How a door behaves under a bounded run of wrong guesses: speed, lockout, delay, parallel sessions.
//!
//! Every guess is a random value nobody has. How long guessing a real value would take follows from these facts and
//! the declared value space, and is not computed here.

use model::{Coverage, Fact, Guessing, Reading, Shortfall, ShortfallKind, Touches};
use serde::{Deserialize, Serialize};
use std::time::Duration;

use super::door::{Control, Door, Guess, Knock, control, knock, wrong_secret};
use crate::{Bench, Card, Need, Secret};

/// The card.
pub const CARD: Card = Card {
    id: "auth.guessing",
    revision: 1,
    asks: "After how many wrong guesses, and for how long, does this door stop evaluating?",
    yields: &["guessing"],
    touches: Touches::Intrusive,
    needs: &[Need::Endpoints, Need::Accounts],
};

/// Where to guess, and how much.
#[derive(Debug, Clone, Deserialize)]
pub struct Parameters {
    /// The doors.
    pub doors: Vec<Target>,
    /// Wrong guesses per door; the operator's allowance may end the run earlier.
    #[serde(default = "twelve")]
    pub guesses: u32,
    /// How long to wait, in seconds, for a block to end, so that its end is shown.
    #[serde(default)]
    pub recover_seconds: u32,
}

fn twelve() -> u32 {
    12
}

/// A door and whom to guess for.
#[derive(Debug, Clone, Deserialize)]
pub struct Target {
    /// The door.
    pub door: Door,
    /// A user that exists.
    pub user: String,
    /// A right secret, to show that the door opens at first, and whether it does at the end.
    #[serde(default)]
    pub secret: Option<Secret>,
}

/// What came back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Log {
    /// One part per door.
    pub doors: Vec<DoorLog>,
}

/// What happened at one door.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DoorLog {
    /// Which.
    pub door: Door,
    /// How it answers a surely wrong credential; the first guess.
    pub control: Control,
    /// What came of the right secret before the guesses below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened: Option<Knock>,
    /// Each further guess: milliseconds since the run began, and what the door did.
    pub guesses: Vec<(u64, Knock)>,
    /// Milliseconds the run took.
    pub millis: u64,
    /// What came of the right secret at the end, and after how long a wait in milliseconds: none where nothing showed
    /// a block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovered: Option<(u64, Knock)>,
}

/// Guesses at each door until it blocks or the run is over.
pub fn gather(parameters: &Parameters, bench: &mut dyn Bench) -> Log {
    let of = parameters.doors.len() as u64;
    let mut doors = Vec::new();
    for (index, target) in parameters.doors.iter().enumerate() {
        bench.progress(index as u64, of);
        doors.push(at_door(target, parameters, bench));
    }
    Log { doors }
}

fn at_door(target: &Target, parameters: &Parameters, bench: &mut dyn Bench) -> DoorLog {
    let Target { door, user, secret } = target;
    let began = bench.elapsed_millis();
    let mut log = DoorLog {
        door: door.clone(),
        control: Control::none(),
        opened: None,
        guesses: Vec::new(),
        millis: 0,
        recovered: None,
    };
    if bench.attempt(&door.name()) {
        log.control = control(door, user, bench);
    }
    let right = secret.as_ref().map(|secret| Guess { user, secret, hidden: true });
    if let Some(right) = right
        && !matches!(log.control.knock, Knock::Open(_) | Knock::Accepted(_) | Knock::Blocked { .. })
    {
        let knock = knock(door, right, &log.control, bench);
        if matches!(knock, Knock::Accepted(_)) {
            log.control.is_now_told_apart();
        }
        log.opened = Some(knock);
    }
    let mut goes_on = is_refusal(&log, &log.control.knock);
    let mut waited = false;
    let mut made = 1;
    while goes_on && made < parameters.guesses && bench.attempt(&door.name()) {
        let wrong = wrong_secret(bench);
        let knock = knock(door, Guess { user, secret: &wrong, hidden: false }, &log.control, bench);
        goes_on = is_refusal(&log, &knock);
        // What a block lets through once it is over says more than the first block does; it is waited for once.
        if let Some(block) = block_millis(&knock).filter(|_| !waited && made + 1 < parameters.guesses) {
            waited = true;
            goes_on = block_fits(block, parameters) && bench.pause(Duration::from_millis(block + 250));
        }
        log.guesses.push((bench.elapsed_millis() - began, knock));
        made += 1;
    }
    log.millis = bench.elapsed_millis() - began;
    let last = log.guesses.last().map_or(&log.control.knock, |(_, knock)| knock);
    log.recovered = match right {
        Some(right) if is_refusal(&log, last) => Some((0, knock(door, right, &log.control, bench))),
        Some(right) => recover(right, &log, last, parameters, bench),
        None => None,
    };
    log
}

/// Whether a wrong credential was evaluated and refused. An SNMP agent does it by silence, which counts where the
/// right community is answered (RFC 3584 section 5.2.1).
fn is_refusal(log: &DoorLog, knock: &Knock) -> bool {
    let by_silence = log.door.scheme == model::AuthScheme::SnmpCommunity && opened(log);
    match knock {
        Knock::Rejected(_) => true,
        Knock::NoAnswer { kind, .. } => by_silence && *kind == ShortfallKind::Silence,
        Knock::Open(_) | Knock::Accepted(_) | Knock::Blocked { .. } | Knock::Unclear(_) => false,
    }
}

fn opened(log: &DoorLog) -> bool {
    matches!(log.opened, Some(Knock::Accepted(_)))
}

fn block_fits(millis: u64, parameters: &Parameters) -> bool {
    millis <= u64::from(parameters.recover_seconds) * 1000
}

/// Waits for the block to end and shows it with the right secret.
fn recover(
    right: Guess<'_>,
    log: &DoorLog,
    last: &Knock,
    parameters: &Parameters,
    bench: &mut dyn Bench,
) -> Option<(u64, Knock)> {
    let is_block = matches!(last, Knock::Blocked { .. } | Knock::NoAnswer { .. });
    let most = u64::from(parameters.recover_seconds) * 1000;
    if !is_block || most == 0 {
        return None;
    }
    if let Some(millis) = block_millis(last) {
        let wait = millis + 250;
        return (block_fits(millis, parameters) && bench.pause(Duration::from_millis(wait)))
            .then(|| (wait, knock(&log.door, right, &log.control, bench)));
    }
    // A block that does not say its length is looked at after 2, 4, 8 … seconds; the right secret guesses nothing.
    let (mut waited, mut wait) = (0, 2000.min(most));
    loop {
        if !bench.pause(Duration::from_millis(wait)) {
            return None;
        }
        waited += wait;
        let now = knock(&log.door, right, &log.control, bench);
        wait = (2 * wait).min(most - waited);
        if matches!(now, Knock::Accepted(_)) || wait == 0 {
            return Some((waited, now));
        }
    }
}

fn block_millis(knock: &Knock) -> Option<u64> {
    match knock {
        Knock::Blocked { millis, .. } => *millis,
        _ => None,
    }
}

/// Reads a log.
pub fn interpret(log: &Log) -> Reading {
    let mut reading = Reading::default();
    for at in &log.doors {
        match measured(at) {
            Ok(fact) => {
                let text = format!(
                    "{} {}: {} guesses, one after the other",
                    at.door.endpoint, at.door.scheme, fact.attempts
                );
                reading.coverage.push(Coverage {
                    of: "guessing".into(),
                    endpoint: Some(at.door.endpoint),
                    ports: Vec::new(),
                    text,
                });
                match fact.blocked_after {
                    Some(_) => restored(at, &mut reading),
                    None => still_open(at, &mut reading),
                }
                reading.facts.push(Fact::Guessing(fact));
            }
            Err((kind, text)) => reading.shortfalls.push(shortfall(at, kind, &text)),
        }
    }
    reading
}

fn measured(at: &DoorLog) -> Result<Guessing, (ShortfallKind, String)> {
    // A right login in between clears the count, so the wrong one before it is not part of the run.
    let before = (!opened(at)).then_some(&at.control.knock);
    let all: Vec<&Knock> = before.into_iter().chain(at.guesses.iter().map(|(_, knock)| knock)).collect();
    let evaluated = all.iter().filter(|knock| is_refusal(at, knock)).count();
    let last = all.last().copied().unwrap_or(&at.control.knock);
    let is_silence = |kind: ShortfallKind| {
        matches!(kind, ShortfallKind::Silence | ShortfallKind::Limit | ShortfallKind::Missing)
    };
    match last {
        Knock::Unclear(text) => {
            return Err((ShortfallKind::Unreadable, format!("answers cannot be told apart: {text}")));
        }
        Knock::Open(text) => {
            return Err((ShortfallKind::Unsupported, format!("there is nothing to guess: {text}")));
        }
        Knock::Accepted(_) => return Err((ShortfallKind::Unreadable, "a random guess was accepted".to_owned())),
        _ if is_refusal(at, last) => {}
        Knock::NoAnswer { kind, told_by } if evaluated == 0 => return Err((*kind, told_by.clone())),
        // After talk, a refused connection is a block; silence may be one or may be a lost packet.
        Knock::NoAnswer { kind, told_by } if is_silence(*kind) => {
            return Err((ShortfallKind::Silence, format!("after {evaluated} guesses: {told_by}")));
        }
        Knock::Rejected(_) | Knock::Blocked { .. } | Knock::NoAnswer { .. } => {}
    }
    if all.is_empty() {
        return Err((ShortfallKind::Limit, "no guess was made".to_owned()));
    }
    let is_block = |knock: &&Knock| !is_refusal(at, knock);
    let shut = shut_in_silence(at, evaluated);
    let first_block = all.iter().position(is_block).or(shut.as_ref().map(|_| all.len()));
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let blocked_millis = all.iter().filter_map(|knock| block_millis(knock)).min();
    // As many guesses as went before the last block may go before each block of its length. Where the block says
    // nothing of its length, the run itself is the bound.
    let per = |guesses: usize, millis: u64| (guesses.max(1) as u64 * 3_600_000).div_ceil(millis.max(1));
    let since_block = all.iter().rev().skip(1).take_while(|knock| is_refusal(at, knock)).count();
    let guesses_per_hour = match block_millis(last) {
        Some(millis) => per(since_block, millis),
        None => per(evaluated, at.millis),
    };
    Ok(Guessing {
        endpoint: at.door.endpoint,
        scheme: at.door.scheme,
        path: at.door.path.clone(),
        evaluated: count(evaluated),
        attempts: count(all.len()),
        millis: at.millis,
        blocked_after: first_block.map(count),
        blocked_millis,
        parallel: 1,
        guesses_per_hour,
        told_by: shut.unwrap_or_else(|| last.told_by().to_owned()),
    })
}

/// A door that opened at first and at the end refuses the right credential as it refuses wrong ones: it has stopped
/// evaluating without saying so.
fn shut_in_silence(at: &DoorLog, evaluated: usize) -> Option<String> {
    let (0, Knock::Rejected(_) | Knock::Blocked { .. }) = at.recovered.as_ref()? else { return None };
    opened(at).then(|| format!("after {evaluated} wrong guesses the right credential is refused as well"))
}

fn restored(at: &DoorLog, reading: &mut Reading) {
    match &at.recovered {
        Some((_, Knock::Accepted(_))) => {}
        Some((millis, knock)) => reading.shortfalls.push(shortfall(
            at,
            ShortfallKind::NotRestored,
            &format!("{} s after the block the right credential is not taken: {}", millis / 1000, knock.told_by()),
        )),
        None => reading.shortfalls.push(shortfall(
            at,
            ShortfallKind::Missing,
            "the block was left to end by itself; that the door opens again was not shown",
        )),
    }
}

/// Without a block: that the right credential still opens the door is what makes the refusals evaluations.
fn still_open(at: &DoorLog, reading: &mut Reading) {
    let doubt = match (&at.opened, &at.recovered) {
        (Some(Knock::Accepted(_)), Some((_, Knock::Accepted(_)))) => return,
        (None, _) => {
            "no right credential is known: a door that refuses everything cannot be told apart".to_owned()
        }
        (Some(Knock::Accepted(_)), Some((_, knock))) => {
            format!("the right credential at the end: {}", knock.told_by())
        }
        (Some(Knock::Accepted(_)), None) => "the right credential was not tried at the end".to_owned(),
        (Some(knock), _) => format!("the right credential was not taken at the start: {}", knock.told_by()),
    };
    reading.shortfalls.push(shortfall(at, ShortfallKind::Missing, &doubt));
}

fn shortfall(at: &DoorLog, kind: ShortfallKind, text: &str) -> Shortfall {
    let text = format!("{} {}: {text}", at.door.endpoint, at.door.scheme);
    Shortfall { kind, of: "guessing".into(), endpoint: Some(at.door.endpoint), text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::ScriptedBench;

    fn run_with(secret: Option<&str>, handler: impl FnMut(&[u8]) -> Option<Vec<u8>> + 'static) -> Reading {
        let endpoint = model::Endpoint::tcp("192.0.2.7".parse().unwrap(), 80);
        let scheme = model::AuthScheme::HttpJson;
        let door = Door { endpoint, tls: false, host: None, scheme, path: Some("/login".to_owned()) };
        let doors = vec![Target { door, user: "admin".to_owned(), secret: secret.map(Secret::new) }];
        let mut bench = ScriptedBench::refusing().answering(80, handler);
        interpret(&gather(&Parameters { doors, guesses: 12, recover_seconds: 60 }, &mut bench))
    }

    fn run(handler: impl FnMut(&[u8]) -> Option<Vec<u8>> + 'static) -> Reading {
        run_with(None, handler)
    }

    fn fact(reading: &Reading) -> &Guessing {
        reading.facts.iter().find_map(|f| if let Fact::Guessing(g) = f { Some(g) } else { None }).unwrap()
    }

    fn answer(status: &str) -> Vec<u8> {
        format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").into_bytes()
    }

    fn is_right(heard: &[u8]) -> bool {
        String::from_utf8_lossy(heard).contains("correct-horse")
    }

    #[test]
    fn a_lockout_is_counted_and_what_it_lets_through_is_bounded() {
        let mut heard = 0;
        let reading = run(move |bytes| {
            bytes.ends_with(b"}").then(|| {
                heard += 1;
                // Five guesses; a block, after which one guess passes; and another block.
                if heard <= 5 || heard == 7 { answer("401 No") } else { answer("429 Slow\r\nRetry-After: 30") }
            })
        });
        let fact = fact(&reading);
        assert_eq!((fact.evaluated, fact.blocked_after, fact.blocked_millis), (6, Some(5), Some(30_000)));
        assert_eq!(fact.guesses_per_hour, 120);
        assert!(reading.shortfalls.iter().any(|s| s.text.contains("was not shown")));
    }

    #[test]
    fn a_door_that_never_blocks_and_still_opens_is_told_so() {
        let reading = run_with(Some("correct-horse"), |bytes| {
            bytes.ends_with(b"}").then(|| if is_right(bytes) { answer("200 OK") } else { answer("401 No") })
        });
        assert_eq!((fact(&reading).evaluated, fact(&reading).blocked_after), (11, None));
        assert_eq!(reading.shortfalls, []);
    }

    #[test]
    fn without_a_right_credential_a_door_without_block_keeps_a_doubt() {
        let reading = run(|bytes| bytes.ends_with(b"}").then(|| answer("401 No")));
        assert_eq!((fact(&reading).evaluated, fact(&reading).blocked_after), (12, None));
        assert!(reading.shortfalls[0].text.contains("no right credential is known"));
    }

    #[test]
    fn a_door_that_refuses_the_right_credential_too_has_shut_in_silence() {
        let mut heard = 0;
        let reading = run_with(Some("correct-horse"), move |bytes| {
            bytes.ends_with(b"}").then(|| {
                heard += 1;
                if is_right(bytes) && heard < 5 { answer("200 OK") } else { answer("401 No") }
            })
        });
        assert_eq!(fact(&reading).blocked_after, Some(11));
        assert!(fact(&reading).told_by.contains("right credential is refused"));
        assert!(reading.shortfalls.iter().any(|s| s.kind == ShortfallKind::NotRestored));
    }

    #[test]
    fn a_wrong_own_credential_proves_no_block() {
        let reading = run_with(Some("stale"), |bytes| bytes.ends_with(b"}").then(|| answer("401 No")));
        assert_eq!(fact(&reading).blocked_after, None);
        assert!(reading.shortfalls[0].text.contains("not taken at the start"));
    }

    #[test]
    fn a_refusal_of_another_kind_is_a_block() {
        let mut heard = 0;
        let reading = run(move |bytes| {
            bytes.ends_with(b"}").then(|| {
                heard += 1;
                if heard <= 4 { answer("401 No") } else { answer("403 Locked out") }
            })
        });
        assert_eq!(fact(&reading).blocked_after, Some(4));
    }

    #[test]
    fn a_refused_request_is_no_evaluated_guess() {
        let reading = run(|bytes| bytes.ends_with(b"}").then(|| answer("400 Unknown field")));
        assert!(reading.facts.is_empty(), "{reading:?}");
        assert_eq!(reading.shortfalls[0].kind, ShortfallKind::Unreadable);
    }

    #[test]
    fn silence_in_the_middle_is_no_block() {
        let mut heard = 0;
        let reading = run(move |bytes| {
            heard += usize::from(bytes.ends_with(b"}"));
            (bytes.ends_with(b"}") && heard <= 3).then(|| answer("401 No"))
        });
        assert!(reading.facts.is_empty());
        assert_eq!(reading.shortfalls[0].kind, ShortfallKind::Silence);
    }

    #[test]
    fn a_door_that_answers_everything_alike_is_unreadable() {
        let reading = run(|bytes| bytes.ends_with(b"}").then(|| answer("200 OK")));
        assert!(reading.facts.is_empty());
        assert_eq!(reading.shortfalls[0].kind, ShortfallKind::Unreadable);
    }
}
