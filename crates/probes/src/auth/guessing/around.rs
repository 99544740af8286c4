//! Guesses with a login of another account in between: whether that clears the count of wrong ones.

use model::{Coverage, Did, Fact, Guessing, Reading, ShortfallKind};

use super::super::door::{Guess, Knock, wrong_secret};
use super::reading::{count, per_hour, shortfall, tried};
use super::run::{End, Run};
use super::{Around, DoorLog, Missed, Timed};
use crate::Bench;

/// Wrong credentials at most.
pub(super) const MOST: u32 = 12;
/// What this part of the reading is of.
const OF: &str = "guessing-around-a-login";

/// One guess less than led to a block, the login, and guesses until one is blocked or as many more were evaluated. None
/// where there is no other account.
pub(super) fn guess(run: &mut Run<'_>, bench: &mut dyn Bench) -> Option<Around> {
    let other = run.target.other.as_ref()?;
    let mut around = Around::default();
    let missed = |kind, told_by: &str| {
        Some(Around { missed: Some(Missed { kind, told_by: told_by.to_owned() }), ..Around::default() })
    };
    let Some(limit) = limit(&run.log) else {
        return missed(ShortfallKind::Missing, "nothing was seen to count that a login could clear");
    };
    if limit < 2 || run.left() < 2 * limit - 1 {
        return missed(ShortfallKind::Limit, "too few wrong credentials were left of those allowed");
    }
    if !is_open(&run.log) {
        return missed(ShortfallKind::Missing, "the door was not shown to evaluate again");
    }
    for _ in 1..limit {
        around.before.push(wrong(run, bench)?);
    }
    let guess = Guess { user: &other.user, secret: &other.secret, hidden: true, forwarded: None };
    bench.conceal(other.secret.reveal().as_bytes());
    let login = run.knock(guess, bench);
    let is_in = matches!(login.knock, Knock::Accepted(_));
    around.login = Some(login);
    while is_in && around.after.len() < limit as usize {
        let Some(timed) = wrong(run, bench) else { break };
        let goes_on = run.log.is_refusal(&timed.knock);
        around.after.push(timed);
        if !goes_on {
            break;
        }
    }
    let last = around.after.last().or(around.before.last()).map(|timed| timed.knock.clone())?;
    let End { recovered, .. } = run.show_that_it_opens(&last, bench);
    around.recovered = recovered;
    Some(around)
}

fn wrong(run: &mut Run<'_>, bench: &mut dyn Bench) -> Option<Timed> {
    if !run.spend(bench) {
        return None;
    }
    let secret = wrong_secret(bench);
    Some(run.knock(run.wrong(&secret), bench))
}

/// How many wrong credentials in a row led to the first block, since the right one was taken.
fn limit(log: &DoorLog) -> Option<u32> {
    let first = log.guesses.iter().position(|(_, knock)| matches!(knock, Knock::Blocked { .. }))?;
    log.has_opened().then(|| count(first))
}

fn is_open(log: &DoorLog) -> bool {
    let together = log.together.as_ref().and_then(|together| together.recovered.as_ref());
    match together {
        Some((_, timed)) => matches!(timed.knock, Knock::Accepted(_)),
        None => matches!(&log.recovered, Some((_, Knock::Accepted(_)))),
    }
}

/// Adds it to the reading of the door.
pub(super) fn add(at: &DoorLog, reading: &mut Reading) {
    let Some(around) = &at.around else { return };
    if let Some(missed) = &around.missed {
        let text = format!("guessing around a login of another account: {}", missed.told_by);
        reading.shortfalls.push(shortfall(at, missed.kind, OF, &text));
        return;
    }
    let login = around.login.as_ref().filter(|timed| matches!(timed.knock, Knock::Accepted(_)));
    let Some(login) = login else {
        let told = around.login.as_ref().map_or("it was not tried", |timed| timed.knock.told_by());
        let text = format!("the other account was not let in: {told}");
        reading.shortfalls.push(shortfall(at, ShortfallKind::Missing, OF, &text));
        return;
    };
    let all: Vec<&Timed> = around.before.iter().chain(&around.after).collect();
    let evaluated = all.iter().filter(|timed| at.is_refusal(&timed.knock)).count();
    let block = all.iter().find(|timed| matches!(timed.knock, Knock::Blocked { .. }));
    let span = (all.first().map_or(0, |timed| timed.span.0), all.last().map_or(0, |timed| timed.span.1));
    let millis = span.1.saturating_sub(span.0);
    let blocked_millis = block.and_then(|timed| timed.knock.block_millis());
    let mut tries: Vec<_> = around.before.iter().map(|timed| tried(at, timed.span, false, &timed.knock)).collect();
    tries.push(model::Tried { other_account: true, did: Did::LetIn, ..tried(at, login.span, true, &login.knock) });
    tries.extend(around.after.iter().map(|timed| tried(at, timed.span, false, &timed.knock)));
    tries.extend(around.recovered.iter().map(|(_, timed)| tried(at, timed.span, true, &timed.knock)));
    reading.facts.push(Fact::Guessing(Guessing {
        endpoint: at.door.endpoint,
        scheme: at.door.scheme,
        path: at.door.path.clone(),
        evaluated: count(evaluated),
        attempts: count(all.len()),
        millis,
        blocked_after: block.map(|_| count(evaluated)),
        blocked_millis,
        parallel: 1,
        guesses_per_hour: per_hour(evaluated, blocked_millis.unwrap_or(millis)),
        block_reaches: None,
        around_another_login: true,
        across: Vec::new(),
        elsewhere: None,
        told_by: all.last().map_or("", |timed| timed.knock.told_by()).to_owned(),
        tries,
    }));
    reading.coverage.push(Coverage {
        of: OF.into(),
        endpoint: Some(at.door.endpoint),
        ports: Vec::new(),
        text: format!(
            "{} {}: {} guesses around a login of another account",
            at.door.endpoint,
            at.door.scheme,
            all.len()
        ),
    });
    match &around.recovered {
        Some((_, timed)) if matches!(timed.knock, Knock::Accepted(_)) => {}
        Some((waited, timed)) if block.is_some() => {
            let text = format!(
                "{} s after the block the right credential is not taken: {}",
                waited / 1000,
                timed.knock.told_by()
            );
            reading.shortfalls.push(shortfall(at, ShortfallKind::NotRestored, "guessing", &text));
        }
        _ => reading.shortfalls.push(shortfall(
            at,
            ShortfallKind::Missing,
            OF,
            "that the door opens again was not shown",
        )),
    }
}
