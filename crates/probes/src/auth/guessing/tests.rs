use model::{Did, Fact, Guessing, ShortfallKind, Tried};

use super::*;
use crate::scripted::ScriptedBench;

fn run_with(secret: Option<&str>, handler: impl FnMut(&[u8]) -> Option<Vec<u8>> + 'static) -> Reading {
    run_at(secret, ScriptedBench::refusing().answering(80, handler))
}

/// One after the other only, and what is said of it.
fn run_at(secret: Option<&str>, bench: ScriptedBench) -> Reading {
    let mut reading = run_beside(secret, 1, 12, bench);
    reading.shortfalls.retain(|short| short.of == "guessing");
    reading
}

fn run_beside(secret: Option<&str>, parallel: u32, guesses: u32, mut bench: ScriptedBench) -> Reading {
    let endpoint = model::Endpoint::tcp("192.0.2.7".parse().unwrap(), 80);
    let scheme = model::AuthScheme::HttpJson;
    let door = Door { endpoint, tls: false, host: None, scheme, path: Some("/login".to_owned()) };
    let doors = vec![Target {
        door,
        user: "admin".to_owned(),
        secret: secret.map(Secret::new),
        other: None,
        doors: vec![],
    }];
    let log =
        gather(&Parameters { doors, guesses, parallel, recover_seconds: 60, second_source: None }, &mut bench);
    let again: Log = serde_json::from_value(serde_json::to_value(&log).unwrap()).unwrap();
    assert_eq!(interpret(&again), interpret(&log));
    interpret(&log)
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
            // Five guesses; a block, for a claimed source and another account too, after which one guess passes; and
            // another block.
            if heard <= 5 || heard == 9 { answer("401 No") } else { answer("429 Slow\r\nRetry-After: 30") }
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
                (false, 4..=6) => answer("429 Slow\r\nRetry-After: 3"),
                _ => answer("401 No"),
            }
        })
    });
    let reading = run_at(Some("correct-horse"), bench);
    let tries: Vec<_> = fact(&reading).tries.iter().map(told).collect();
    // The control, the right one, two guesses, the block, a claimed source and another account; 3.25 s after the block the next.
    assert_eq!(
        tries[..8],
        [
            (0, 700, false, Did::Refused),
            (700, 1400, true, Did::LetIn),
            (1400, 2100, false, Did::Refused),
            (2100, 2800, false, Did::Refused),
            (2800, 3500, false, Did::Blocked),
            (3500, 4200, false, Did::Blocked),
            (4200, 4900, false, Did::Blocked),
            (6750, 7450, false, Did::Refused),
        ]
    );
    assert!(fact(&reading).tries[5].forwarded);
    assert!(fact(&reading).tries[6].other_account);
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

fn beside(reading: &Reading) -> &Guessing {
    let found = reading.facts.iter().find_map(|fact| match fact {
        Fact::Guessing(run) if run.parallel > 1 => Some(run),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{reading:?}"))
}

/// A door that locks for three seconds after five wrong guesses. It counts when it is asked, or when it has answered.
fn locking(counts_late: bool) -> ScriptedBench {
    let answered = std::rc::Rc::new(std::cell::Cell::new(0));
    let count = answered.clone();
    let (mut wrong, mut wrong_pending, mut locked_until, mut seen) = (0, 0, 0, 0);
    let bench = ScriptedBench::refusing();
    let clock = bench.clock();
    bench
        .taking(80, move || {
            count.set(count.get() + 1);
            10
        })
        .answering(80, move |bytes| {
            bytes.ends_with(b"}").then(|| {
                let (now, answers) = (clock.get(), answered.get());
                if answers != seen {
                    seen = answers;
                    wrong += std::mem::take(&mut wrong_pending);
                    if wrong >= 5 {
                        (locked_until, wrong) = (now + 3000, 0);
                    }
                }
                if now < locked_until || (!counts_late && wrong + wrong_pending >= 5) {
                    return answer("429 Slow\r\nRetry-After: 3");
                }
                if is_right(bytes) {
                    (wrong, wrong_pending) = (0, 0);
                    return answer("200 OK");
                }
                wrong_pending += 1;
                answer("401 No")
            })
        })
}

#[test]
fn a_lockout_that_counts_at_once_holds_over_sessions_that_are_open_at_the_same_time() {
    let reading = run_beside(Some("correct-horse"), 16, 24, locking(false));
    assert_eq!(fact(&reading).blocked_after, Some(5));
    let beside = beside(&reading);
    assert_eq!((beside.evaluated, beside.blocked_after, beside.blocked_millis), (5, Some(5), Some(3000)));
    assert!(beside.parallel > 5 && beside.parallel == beside.attempts, "{beside:?}");
    assert_eq!(beside.guesses_per_hour, 6000);
}

#[test]
fn a_lockout_that_counts_after_its_answer_is_raced_and_every_guess_keeps_its_session_and_time() {
    let reading = run_beside(Some("correct-horse"), 16, 24, locking(true));
    assert_eq!(fact(&reading).blocked_after, Some(5), "one after the other it holds");
    let beside = beside(&reading);
    assert!(beside.evaluated > 5 && beside.evaluated == beside.attempts, "{beside:?}");
    let guesses: Vec<&Tried> = beside.tries.iter().filter(|one| !one.right).collect();
    let sessions: Vec<u32> = guesses.iter().map(|one| one.session).collect();
    assert_eq!(sessions, (1..=beside.attempts).collect::<Vec<_>>());
    // Every one was given before any was answered, and the right credential had opened the door before.
    let first_answer = guesses.iter().map(|one| one.ended).min().unwrap();
    assert!(guesses.iter().all(|one| one.began < first_answer && one.did == Did::Refused), "{guesses:?}");
    assert!(beside.tries[0].right && beside.tries[0].did == Did::LetIn, "{beside:?}");
}

#[test]
fn never_more_wrong_credentials_than_allowed_are_given_in_all() {
    for (parallel, allowance) in [(16, 24), (16, 9), (2, 24), (5, 11), (64, 200)] {
        let given = std::rc::Rc::new(std::cell::Cell::new(0));
        let counter = given.clone();
        let mut bench = ScriptedBench::refusing().answering(80, move |bytes| {
            bytes.ends_with(b"}").then(|| match is_right(bytes) {
                true => answer("200 OK"),
                false => {
                    counter.set(counter.get() + 1);
                    answer("401 No")
                }
            })
        });
        bench.allowance = allowance;
        let reading = run_beside(Some("correct-horse"), parallel, 1000, bench);
        assert!(given.get() <= allowance, "{} of {allowance}", given.get());
        assert!(beside(&reading).parallel <= parallel, "{reading:?}");
    }
}

#[test]
fn what_keeps_sessions_from_being_opened_beside_each_other_is_said() {
    let never = || {
        ScriptedBench::refusing().answering(80, |bytes| {
            bytes.ends_with(b"}").then(|| if is_right(bytes) { answer("200 OK") } else { answer("401 No") })
        })
    };
    let short = |reading: Reading| {
        let short = reading.shortfalls.into_iter().find(|short| short.of == "guessing-side-by-side").unwrap();
        (short.kind, short.text)
    };
    let (kind, text) = short(run_beside(Some("correct-horse"), 1, 24, never()));
    assert!(kind == ShortfallKind::Limit && text.contains("one connection at a time"), "{text}");
    let (kind, text) = short(run_beside(Some("correct-horse"), 16, 3, never()));
    assert!(kind == ShortfallKind::Limit && text.contains("no two wrong credentials"), "{text}");
    let (kind, text) = short(run_beside(Some("correct-horse"), 16, 24, never().at_most(80, 1)));
    assert!(kind == ShortfallKind::Refused && text.contains("1 sessions opened"), "{text}");
}

#[test]
fn a_random_guess_that_is_let_in_ends_the_run_and_measures_nothing() {
    let mut heard = 0;
    let bench = ScriptedBench::refusing().answering(80, move |bytes| {
        bytes.ends_with(b"}").then(|| {
            heard += 1;
            if is_right(bytes) || heard > 23 { answer("200 OK") } else { answer("401 No") }
        })
    });
    let reading = run_beside(Some("correct-horse"), 4, 24, bench);
    assert!(reading.facts.iter().all(|f| matches!(f, Fact::Guessing(g) if g.parallel == 1)), "{reading:?}");
    assert!(reading.shortfalls.iter().any(|s| s.text.contains("side by side: a random guess was accepted")));
}

#[test]
fn sessions_that_are_not_answered_are_counted_and_waited_for_together() {
    let mut heard = 0;
    let bench = ScriptedBench::refusing().answering(80, move |bytes| {
        heard += usize::from(bytes.ends_with(b"}"));
        // The sequential run takes 20 with the right ones; two of the others are answered.
        (bytes.ends_with(b"}") && heard <= 22)
            .then(|| if is_right(bytes) { answer("200 OK") } else { answer("401 No") })
    });
    let reading = run_beside(Some("correct-horse"), 6, 24, bench);
    let beside = beside(&reading);
    assert_eq!((beside.evaluated, beside.attempts), (2, 6), "{beside:?}");
    assert!(reading.shortfalls.iter().any(|s| s.text.contains("4 of 6 guesses side by side were not answered")));
    // The bench waits 100 ms, the door is given four times that, all sessions together.
    let last = beside.tries.iter().filter(|one| !one.right).map(|one| one.ended).max().unwrap();
    assert!(last - beside.tries[1].began < 600, "{beside:?}");
}

#[test]
fn a_block_left_behind_by_others_is_waited_for_before_anything_is_counted() {
    let mut heard = 0;
    let mut wrong = 0;
    let reading = run_with(Some("correct-horse"), move |bytes| {
        bytes.ends_with(b"}").then(|| {
            heard += 1;
            wrong = if is_right(bytes) { 0 } else { wrong + 1 };
            match heard {
                1 => answer("429 Slow\r\nRetry-After: 2"),
                _ if wrong > 5 => answer("429 Slow\r\nRetry-After: 2"),
                _ if is_right(bytes) => answer("200 OK"),
                _ => answer("401 No"),
            }
        })
    });
    assert_eq!((fact(&reading).evaluated, fact(&reading).blocked_after), (5, Some(5)));
    assert_eq!(told(&fact(&reading).tries[0]).3, Did::Blocked);
    assert_eq!(told(&fact(&reading).tries[1]).3, Did::LetIn);
}

#[test]
fn whether_a_block_meets_other_accounts_is_seen() {
    for (per_account, reach) in [(true, model::Reach::Account), (false, model::Reach::Wider)] {
        let mut wrong = 0;
        let reading = run_with(Some("correct-horse"), move |bytes| {
            bytes.ends_with(b"}").then(|| {
                let is_other = String::from_utf8_lossy(bytes).contains("\"username\":\"not-");
                if is_right(bytes) {
                    wrong = 0;
                    return answer("200 OK");
                }
                wrong += u32::from(!is_other);
                let blocked = wrong > 4 && !(is_other && per_account);
                if blocked { answer("429 Slow\r\nRetry-After: 9") } else { answer("401 No") }
            })
        });
        assert_eq!(fact(&reading).block_reaches, Some(reach));
        assert_eq!(fact(&reading).tries.iter().filter(|one| one.other_account).count(), 1);
    }
}
