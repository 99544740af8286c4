//! Guessing over several sessions at the same time.
//!
//! All sessions are opened up to the credential, then each is given one, and only then the answers are read: a door
//! that looks at its count before it counts is met by all of them at once.

use std::time::Duration;

use model::{AuthScheme, ShortfallKind};

use super::super::door::{Knock, wrong_secret};
use super::super::line_door::snmp;
use super::super::session::Session;
use super::run::{End, Run};
use super::{DoorLog, Given, Missed, Round, Timed, Together};
use crate::{Bench, Secret};

/// Sessions at once, whatever the operator allows: more says nothing new, and small devices fall over.
const MOST_SESSIONS: u32 = 32;
const MOST_ROUNDS: u32 = 4;
/// Sessions refused beside the others until no further one is asked for.
const MOST_REFUSED: usize = 3;
/// How many times the usual wait the door may fall silent over all sessions.
const PATIENCE: u32 = 4;
/// What a session is still given when the patience is used up.
const LAST_LOOK: Duration = Duration::from_millis(20);

/// Of so many wrong credentials, how many are kept back for sessions side by side. A door that stops the others earlier
/// leaves more.
pub(super) fn reserve(left: u32, parallel: u32) -> u32 {
    let kept = (left / 3).min(sessions(parallel));
    if kept < 2 { 0 } else { kept }
}

fn sessions(parallel: u32) -> u32 {
    parallel.min(MOST_SESSIONS)
}

/// Guesses in rounds until the door stops evaluating or the allowance is used up, and shows that it opens.
pub(super) fn guess(run: &mut Run<'_>, bench: &mut dyn Bench) -> Together {
    let mut together = Together { missed: not_ready(run), ..Together::default() };
    if together.missed.is_some() {
        return together;
    }
    let mut width = sessions(run.parameters.parallel);
    for _ in 0..MOST_ROUNDS {
        let first = together.rounds.iter().map(|round| round.given.len()).sum();
        match one_round(run, width.min(run.left()), first, bench) {
            Ok(round) => {
                let goes_on = round.given.iter().all(|given| run.log.is_refusal(&given.timed.knock));
                width = u32::try_from(round.given.len()).unwrap_or(width);
                together.rounds.push(round);
                if !goes_on || run.left() < 2 || width < 2 {
                    break;
                }
            }
            Err(missed) => {
                if together.rounds.is_empty() {
                    together.missed = Some(missed);
                }
                break;
            }
        }
    }
    if let Some(last) = met_last(&run.log, &together) {
        let End { shut, recovered } = run.show_that_it_opens(&last, bench);
        together.shut = shut;
        together.recovered = recovered;
    }
    together
}

/// Why nothing can be learned side by side.
fn not_ready(run: &Run<'_>) -> Option<Missed> {
    let log = &run.log;
    let opens = matches!(&log.recovered, Some((_, Knock::Accepted(_))));
    let missed = |kind, told_by: &str| Some(Missed { kind, told_by: told_by.to_owned() });
    if !opens && !log.is_refusal(log.last_guess()) {
        return missed(ShortfallKind::Missing, "the door was not shown to evaluate again");
    }
    if !opens && log.has_opened() {
        return missed(ShortfallKind::Missing, "the right credential no longer opened the door");
    }
    if run.parameters.parallel < 2 {
        return missed(ShortfallKind::Limit, "no more than one connection at a time is allowed");
    }
    if run.left() < 2 {
        return missed(ShortfallKind::Limit, "no two wrong credentials were left of those allowed");
    }
    None
}

/// The answer by which the end of a block is waited for: the longest that was said, or that there was none.
fn met_last(log: &DoorLog, together: &Together) -> Option<Knock> {
    let answers =
        || together.rounds.last().into_iter().flat_map(|round| &round.given).map(|given| &given.timed.knock);
    let blocks = answers().filter(|knock| matches!(knock, Knock::Blocked { .. }));
    let longest = blocks.max_by_key(|knock| knock.block_millis());
    longest.or_else(|| answers().find(|knock| !log.is_refusal(knock))).or_else(|| answers().next_back()).cloned()
}

fn one_round(run: &mut Run<'_>, width: u32, first: usize, bench: &mut dyn Bench) -> Result<Round, Missed> {
    let began = run.now(bench);
    let secrets: Vec<Secret> = (0..width).map(|_| wrong_secret(bench)).collect();
    let number = |at: usize| u32::try_from(first + at + 1).unwrap_or(u32::MAX);
    if run.target.door.scheme == AuthScheme::SnmpCommunity {
        return Ok(by_datagrams(run, &secrets, began, number, bench));
    }
    let target = run.target;
    let (mut opened, mut not_opened) = (Vec::new(), Vec::new());
    while opened.len() < secrets.len() && not_opened.len() < MOST_REFUSED {
        match Session::open(&target.door, &target.user, bench) {
            Ok(session) => opened.push(session),
            Err(knock) => {
                let is_silent = matches!(knock, Knock::NoAnswer { kind: ShortfallKind::Silence, .. });
                not_opened.push(knock);
                if is_silent {
                    break;
                }
            }
        }
    }
    if opened.len() < 2 {
        let only = opened.len();
        opened.into_iter().for_each(|session| session.close(bench));
        let (kind, why) = match not_opened.last() {
            Some(Knock::NoAnswer { kind, told_by }) => (*kind, told_by.clone()),
            Some(knock) => (ShortfallKind::Refused, knock.told_by().to_owned()),
            None => (ShortfallKind::Limit, "no two wrong credentials were left of those allowed".to_owned()),
        };
        return Err(Missed {
            kind,
            told_by: format!("{only} sessions opened beside each other; the next: {why}"),
        });
    }
    let mut given: Vec<(Option<Session<'_>>, Given)> = Vec::new();
    for (at, (mut session, secret)) in opened.into_iter().zip(&secrets).enumerate() {
        if !run.spend(bench) {
            session.close(bench);
            continue;
        }
        let now = run.now(bench);
        let done = session.give(run.wrong(secret), bench);
        let (session, knock) = match done {
            Ok(()) => (Some(session), Knock::Unclear("not heard".to_owned())),
            Err(knock) => (None, knock),
        };
        given.push((session, Given { session: number(at), timed: Timed { span: (now, run.now(bench)), knock } }));
    }
    let heard = hear_all(run, given, bench);
    Ok(Round { span: (began, run.now(bench)), given: heard, not_opened })
}

/// Reads the answers in the order of the sessions. The time until an answer was read is the most that it took.
fn hear_all(run: &Run<'_>, given: Vec<(Option<Session<'_>>, Given)>, bench: &mut dyn Bench) -> Vec<Given> {
    let patience = bench.wait() * PATIENCE;
    let mut heard_last = run.now(bench);
    let hear = |(session, mut given): (Option<Session<'_>>, Given)| {
        if let Some(session) = session {
            let silent = Duration::from_millis(run.now(bench) - heard_last);
            let wait = patience.saturating_sub(silent).max(LAST_LOOK);
            given.timed.knock = session.hear(&run.log.control, Some(wait), bench);
            given.timed.span.1 = run.now(bench);
            if !matches!(given.timed.knock, Knock::NoAnswer { kind: ShortfallKind::Silence, .. }) {
                heard_last = given.timed.span.1;
            }
        }
        given
    };
    given.into_iter().map(hear).collect()
}

/// SNMP has no sessions: datagrams from sockets of their own, sent at the same time.
fn by_datagrams(
    run: &mut Run<'_>,
    secrets: &[Secret],
    began: u64,
    number: impl Fn(usize) -> u32,
    bench: &mut dyn Bench,
) -> Round {
    let allowed = secrets.iter().take_while(|_| run.spend(bench)).count();
    let guesses: Vec<_> = secrets[..allowed].iter().map(|secret| run.wrong(secret)).collect();
    let now = run.now(bench);
    let knocks = snmp::knock(&run.target.door, &guesses, bench);
    let span = (now, run.now(bench));
    let given = |(at, knock)| Given { session: number(at), timed: Timed { span, knock } };
    Round {
        span: (began, span.1),
        given: knocks.into_iter().enumerate().map(given).collect(),
        not_opened: Vec::new(),
    }
}
