use model::{Did, Fact, Guessing, ShortfallKind, Tried};

use super::*;
use crate::scripted::ScriptedBench;

fn run_with(secret: Option<&str>, handler: impl FnMut(&[u8]) -> Option<Vec<u8>> + 'static) -> Reading {
    run_at(secret, ScriptedBench::refusing().answering(80, handler))
}

fn run_at(secret: Option<&str>, mut bench: ScriptedBench) -> Reading {
    let endpoint = model::Endpoint::tcp("192.0.2.7".parse().unwrap(), 80);
    let scheme = model::AuthScheme::HttpJson;
    let door = Door { endpoint, tls: false, host: None, scheme, path: Some("/login".to_owned()) };
    let doors = vec![Target { door, user: "admin".to_owned(), secret: secret.map(Secret::new) }];
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

/// What the door did, with the milliseconds from begin to answer.
fn told(tried: &Tried) -> (u64, u64, bool, Did) {
    (tried.began, tried.ended, tried.right, tried.did)
}

#[test]
fn each_credential_keeps_the_time_from_its_begin_to_its_answer() {
    let mut heard = 0;
    let bench = ScriptedBench::refusing().taking(80, || 700).answering(80, move |bytes| {
        bytes.ends_with(b"}").then(|| {
            heard += usize::from(!is_right(bytes));
            match (is_right(bytes), heard) {
                (true, _) => answer("200 OK"),
                (false, 4) => answer("429 Slow\r\nRetry-After: 3"),
                _ => answer("401 No"),
            }
        })
    });
    let reading = run_at(Some("correct-horse"), bench);
    let tries: Vec<_> = fact(&reading).tries.iter().map(told).collect();
    // The control, the right one, two guesses, the block; 3.25 s later the next guess.
    assert_eq!(
        tries[..6],
        [
            (0, 700, false, Did::Refused),
            (700, 1400, true, Did::LetIn),
            (1400, 2100, false, Did::Refused),
            (2100, 2800, false, Did::Refused),
            (2800, 3500, false, Did::Blocked),
            (6750, 7450, false, Did::Refused),
        ]
    );
    assert_eq!(fact(&reading).tries[4].blocked_millis, Some(3000));
    assert_eq!(tries.last().map(|last| (last.2, last.3)), Some((true, Did::LetIn)));
    assert!(tries.windows(2).all(|two| two[0].1 <= two[1].0), "{tries:?}");
}

#[test]
fn a_door_that_shut_in_silence_is_waited_for_and_shown_to_open_again() {
    let clock = std::rc::Rc::new(std::cell::Cell::new(0u64));
    let (now, ticks) = (clock.clone(), clock);
    let mut wrong = 0;
    let mut opens_again = u64::MAX;
    let bench = ScriptedBench::refusing().taking(80, move || {
        ticks.set(ticks.get() + 100);
        100
    });
    // The door keeps its own time in answers: it is shut for nine of them.
    let bench = bench.answering(80, move |bytes| {
        bytes.ends_with(b"}").then(|| {
            wrong += usize::from(!is_right(bytes));
            if wrong == 6 {
                opens_again = now.get() + 900;
            }
            let shut = wrong >= 6 && now.get() < opens_again;
            if is_right(bytes) && !shut { answer("200 OK") } else { answer("401 No") }
        })
    });
    let reading = run_at(Some("correct-horse"), bench);
    assert_eq!(fact(&reading).blocked_after, Some(11));
    let rights: Vec<Did> = fact(&reading).tries.iter().filter(|t| t.right).map(|t| t.did).collect();
    assert_eq!(rights, [Did::LetIn, Did::Refused, Did::LetIn]);
    assert_eq!(reading.shortfalls, []);
}
