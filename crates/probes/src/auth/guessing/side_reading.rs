//! Reads what guessing over several sessions at once brought.

use model::{Coverage, Fact, Guessing, Reading, ShortfallKind, Tried};

use super::super::door::Knock;
use super::reading::{count, is_silence, per_hour, shortfall, show_end, shut_in_silence, tried};
use super::{DoorLog, Given, Together};

/// What this part of the reading is of.
const OF: &str = "guessing-side-by-side";

/// Adds it to the reading of the guesses one by one. Logs before revision 3 have none.
pub(super) fn add(at: &DoorLog, reading: &mut Reading) {
    let Some(together) = &at.together else { return };
    match measured(at, together) {
        Ok(fact) => {
            let refused: Vec<&Knock> = together.rounds.iter().flat_map(|round| &round.not_opened).collect();
            let more = refused.first().map_or(String::new(), |knock| {
                format!("; {} further sessions were not taken: {}", refused.len(), knock.told_by())
            });
            let text = format!(
                "{} {}: {} guesses, up to {} side by side{more}",
                at.door.endpoint, at.door.scheme, fact.attempts, fact.parallel
            );
            reading.coverage.push(Coverage {
                of: OF.into(),
                endpoint: Some(at.door.endpoint),
                ports: vec![],
                text,
            });
            let mute = given(together).filter(|one| is_mute(at, &one.timed.knock)).count();
            if mute > 0 {
                let text = format!("{mute} of {} guesses side by side were not answered", fact.attempts);
                reading.shortfalls.push(shortfall(at, ShortfallKind::Silence, OF, &text));
            }
            let recovered = together.recovered.as_ref().map(|(waited, timed)| (*waited, &timed.knock));
            show_end(at, fact.blocked_after.is_some(), recovered, "side by side: ", reading);
            reading.facts.push(Fact::Guessing(fact));
        }
        Err((kind, text)) => {
            let text = format!("guessing side by side: {text}");
            reading.shortfalls.push(shortfall(at, kind, OF, &text));
        }
    }
}

fn given(together: &Together) -> impl Iterator<Item = &Given> {
    together.rounds.iter().flat_map(|round| &round.given)
}

/// Nothing to be told from it.
fn is_mute(at: &DoorLog, knock: &Knock) -> bool {
    match knock {
        Knock::NoAnswer { kind, .. } => is_silence(*kind) && !at.is_refusal(knock),
        Knock::Unclear(_) | Knock::Open(_) => true,
        Knock::Rejected(_) | Knock::Blocked { .. } | Knock::Accepted(_) => false,
    }
}

fn measured(at: &DoorLog, together: &Together) -> Result<Guessing, (ShortfallKind, String)> {
    if let Some(missed) = &together.missed {
        return Err((missed.kind, missed.told_by.clone()));
    }
    let knocks: Vec<&Knock> = given(together).map(|one| &one.timed.knock).collect();
    if knocks.iter().any(|knock| matches!(knock, Knock::Accepted(_))) {
        return Err((ShortfallKind::Unreadable, "a random guess was accepted".to_owned()));
    }
    let parallel = together.rounds.iter().map(|round| round.given.len()).max().unwrap_or(0);
    if parallel < 2 {
        return Err((ShortfallKind::Limit, "no two guesses were given at the same time".to_owned()));
    }
    let evaluated = knocks.iter().filter(|knock| at.is_refusal(knock)).count();
    let blocks: Vec<&Knock> =
        knocks.iter().copied().filter(|knock| matches!(knock, Knock::Blocked { .. })).collect();
    if evaluated == 0 && blocks.is_empty() {
        let kind = match knocks.first() {
            Some(Knock::NoAnswer { kind, .. }) => *kind,
            _ => ShortfallKind::Unreadable,
        };
        let told_by = knocks.first().map_or("", |knock| knock.told_by());
        return Err((kind, format!("no guess was answered: {told_by}")));
    }
    let at_once = together.recovered.as_ref().filter(|(waited, _)| *waited == 0).map(|(_, timed)| &timed.knock);
    let shut = shut_in_silence(at, together.shut.as_ref(), at_once, evaluated);
    let blocked_millis = blocks.iter().filter_map(|knock| knock.block_millis()).min();
    let millis = together.rounds.iter().map(|round| round.span.1 - round.span.0).sum();
    let last = knocks.last().map_or("", |knock| knock.told_by());
    Ok(Guessing {
        endpoint: at.door.endpoint,
        scheme: at.door.scheme,
        path: at.door.path.clone(),
        evaluated: count(evaluated),
        attempts: count(knocks.len()),
        millis,
        blocked_after: (!blocks.is_empty() || shut.is_some()).then(|| count(evaluated)),
        blocked_millis,
        parallel: count(parallel),
        // As many as a block let through may go before each block of its length.
        guesses_per_hour: per_hour(evaluated, blocked_millis.unwrap_or(millis)),
        block_reaches: None,
        around_another_login: false,
        across: Vec::new(),
        elsewhere: None,
        told_by: blocks
            .first()
            .map(|knock| knock.told_by().to_owned())
            .or(shut)
            .unwrap_or_else(|| last.to_owned()),
        tries: tries(at, together),
    })
}

/// The right credential that showed the door open before, each guess with its session, and the right one behind them.
fn tries(at: &DoorLog, together: &Together) -> Vec<Tried> {
    let spans = at.spans.clone().unwrap_or_default();
    let opened = match (&at.recovered, spans.recovered) {
        (Some((_, knock @ Knock::Accepted(_))), Some(span)) => Some(tried(at, span, true, knock)),
        _ => None,
    };
    let guesses = given(together)
        .map(|one| Tried { session: one.session, ..tried(at, one.timed.span, false, &one.timed.knock) });
    let ends = together.shut.iter().chain(together.recovered.iter().map(|(_, timed)| timed));
    let ends = ends.map(|timed| tried(at, timed.span, true, &timed.knock));
    opened.into_iter().chain(guesses).chain(ends).collect()
}
