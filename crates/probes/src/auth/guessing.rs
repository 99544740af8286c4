//! How a door behaves under a bounded run of wrong guesses: speed, lockout, delay, parallel sessions.
//!
//! Every guess is a random value nobody has. How long guessing a real value would take follows from these facts and
//! the declared value space, and is not computed here.

use model::{Coverage, Fact, Guessing, Reading, Shortfall, ShortfallKind, Touches};
use serde::{Deserialize, Serialize};
use std::time::Duration;

use super::door::{Control, Door, Knock, control, knock, wrong_secret};
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
    /// A right secret, to show at the end that the door opens again.
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
    /// Each further guess: milliseconds since the run began, and what the door did.
    pub guesses: Vec<(u64, Knock)>,
    /// Milliseconds the run took.
    pub millis: u64,
    /// What came of the right secret at the end, and after how long a wait in milliseconds.
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
        control: Control { knock: Knock::Unclear("not tried".to_owned()), shape: String::new() },
        guesses: Vec::new(),
        millis: 0,
        recovered: None,
    };
    if bench.attempt(&door.name()) {
        log.control = control(door, user, bench);
    }
    let mut blocked = matches!(log.control.knock, Knock::Blocked { .. });
    let mut lost = matches!(log.control.knock, Knock::NoAnswer { .. } | Knock::Unclear(_));
    let mut made = 1;
    while !blocked && !lost && made < parameters.guesses && bench.attempt(&door.name()) {
        let wrong = wrong_secret(bench);
        let knock = knock(door, user, &wrong, Some(&log.control), bench);
        blocked = matches!(knock, Knock::Blocked { .. });
        // Refusing to talk at all after talking is a block as well; silence is told apart when it is read.
        lost = matches!(knock, Knock::NoAnswer { .. } | Knock::Accepted(_));
        log.guesses.push((bench.elapsed_millis() - began, knock));
        made += 1;
    }
    log.millis = bench.elapsed_millis() - began;
    if (blocked || lost) && parameters.recover_seconds > 0 {
        log.recovered = recover(target, &log, parameters, secret.as_ref(), bench);
    }
    log
}

/// Waits for the block to end and shows it with the right secret.
fn recover(
    target: &Target,
    log: &DoorLog,
    parameters: &Parameters,
    secret: Option<&Secret>,
    bench: &mut dyn Bench,
) -> Option<(u64, Knock)> {
    let secret = secret?;
    let most = Duration::from_secs(u64::from(parameters.recover_seconds));
    let says =
        log.guesses.iter().rev().chain([&(0, log.control.knock.clone())]).find_map(|(_, k)| block_millis(k));
    let wait = says.map_or(most, |millis| Duration::from_millis(millis + 250));
    if wait > most || !bench.pause(wait) {
        return None;
    }
    let knock = knock(&target.door, &target.user, secret, Some(&log.control), bench);
    Some((u64::try_from(wait.as_millis()).unwrap_or(u64::MAX), knock))
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
                if fact.blocked_after.is_some() {
                    restored(at, &mut reading);
                }
                reading.facts.push(Fact::Guessing(fact));
            }
            Err((kind, text)) => reading.shortfalls.push(shortfall(at, kind, &text)),
        }
    }
    reading
}

fn measured(at: &DoorLog) -> Result<Guessing, (ShortfallKind, String)> {
    let first = (0, at.control.knock.clone());
    let all: Vec<&(u64, Knock)> = std::iter::once(&first).chain(&at.guesses).collect();
    let evaluated = all.iter().filter(|(_, k)| matches!(k, Knock::Rejected(_))).count();
    let last = all.last().map_or(&first.1, |(_, knock)| knock);
    match last {
        Knock::Unclear(text) => {
            return Err((ShortfallKind::Unreadable, format!("answers cannot be told apart: {text}")));
        }
        Knock::Accepted(_) => return Err((ShortfallKind::Unreadable, "a random guess was accepted".to_owned())),
        Knock::NoAnswer { kind, told_by } if evaluated == 0 => return Err((*kind, told_by.clone())),
        // After talk, a refused connection is a block; silence may be one or may be a lost packet.
        Knock::NoAnswer {
            kind: ShortfallKind::Silence | ShortfallKind::Limit | ShortfallKind::Missing,
            told_by,
        } => {
            return Err((ShortfallKind::Silence, format!("after {evaluated} guesses: {told_by}")));
        }
        Knock::Rejected(_) | Knock::Blocked { .. } | Knock::NoAnswer { .. } => {}
    }
    if evaluated == 0 && !matches!(last, Knock::Blocked { .. }) {
        return Err((ShortfallKind::Limit, "no guess was made".to_owned()));
    }
    let blocked = matches!(last, Knock::Blocked { .. } | Knock::NoAnswer { .. });
    let count = u32::try_from(evaluated).unwrap_or(u32::MAX);
    let blocked_millis = block_millis(last).filter(|_| blocked);
    // With a stated block, one guess per block is what it lets through in the long run; the run itself is the bound
    // where the block says nothing.
    let per = |count: u64, millis: u64| (count * 3_600_000).div_ceil(millis.max(1));
    let guesses_per_hour = match blocked_millis {
        Some(millis) => per(1, millis),
        None => per(u64::from(count), at.millis),
    };
    Ok(Guessing {
        endpoint: at.door.endpoint,
        scheme: at.door.scheme,
        path: at.door.path.clone(),
        evaluated: count,
        attempts: u32::try_from(all.len()).unwrap_or(u32::MAX),
        millis: at.millis,
        blocked_after: blocked.then_some(count),
        blocked_millis,
        parallel: 1,
        guesses_per_hour,
        told_by: last.told_by().to_owned(),
    })
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

fn shortfall(at: &DoorLog, kind: ShortfallKind, text: &str) -> Shortfall {
    let text = format!("{} {}: {text}", at.door.endpoint, at.door.scheme);
    Shortfall { kind, of: "guessing".into(), endpoint: Some(at.door.endpoint), text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::ScriptedBench;

    fn run(handler: impl FnMut(&[u8]) -> Option<Vec<u8>> + 'static) -> Reading {
        let endpoint = model::Endpoint::tcp("192.0.2.7".parse().unwrap(), 80);
        let scheme = model::AuthScheme::HttpJson;
        let door = Door { endpoint, tls: false, host: None, scheme, path: Some("/login".to_owned()) };
        let doors = vec![Target { door, user: "admin".to_owned(), secret: None }];
        let mut bench = ScriptedBench::refusing().answering(80, handler);
        interpret(&gather(&Parameters { doors, guesses: 12, recover_seconds: 0 }, &mut bench))
    }

    fn fact(reading: &Reading) -> &Guessing {
        reading.facts.iter().find_map(|f| if let Fact::Guessing(g) = f { Some(g) } else { None }).unwrap()
    }

    fn answer(status: &str) -> Vec<u8> {
        format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").into_bytes()
    }

    #[test]
    fn a_lockout_is_counted_and_its_length_kept() {
        let mut heard = 0;
        let reading = run(move |bytes| {
            bytes.ends_with(b"}").then(|| {
                heard += 1;
                if heard <= 5 { answer("401 No") } else { answer("429 Slow\r\nRetry-After: 30") }
            })
        });
        let fact = fact(&reading);
        assert_eq!((fact.evaluated, fact.blocked_after, fact.blocked_millis), (5, Some(5), Some(30_000)));
        assert_eq!(fact.guesses_per_hour, 120);
    }

    #[test]
    fn a_door_that_never_blocks_is_told_so() {
        let reading = run(|bytes| bytes.ends_with(b"}").then(|| answer("401 No")));
        assert_eq!((fact(&reading).evaluated, fact(&reading).blocked_after), (12, None));
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
