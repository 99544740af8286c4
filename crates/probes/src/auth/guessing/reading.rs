//! Reads what guessing at a door one by one brought: how many guesses were evaluated, when it blocked, and each guess's time.

use model::{Across, Coverage, Did, Fact, Guessing, Reach, Reading, Shortfall, ShortfallKind, Tried};

use super::super::door::Knock;
use super::{DoorLog, Log, Span, Timed, around, elsewhere, side_reading};

/// A little more than the rounding of a length that is told in whole seconds.
pub(super) const ROUNDING_MILLIS: u64 = 1000;

pub(super) fn of(log: &Log) -> Reading {
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
                let at_end = at.recovered.as_ref().map(|(waited, knock)| (*waited, knock));
                show_end(at, fact.blocked_after.is_some(), at_end, "", &mut reading);
                reading.facts.push(Fact::Guessing(fact));
                elsewhere::add(at, &mut reading);
                side_reading::add(at, &mut reading);
                around::add(at, &mut reading);
            }
            Err((kind, text)) => reading.shortfalls.push(shortfall(at, kind, "guessing", &text)),
        }
    }
    reading
}

impl DoorLog {
    /// Whether a wrong credential was evaluated and refused. An SNMP agent does it by silence, which counts where the
    /// right community is answered (RFC 3584 section 5.2.1).
    pub(super) fn is_refusal(&self, knock: &Knock) -> bool {
        let by_silence = self.door.scheme == model::AuthScheme::SnmpCommunity && self.has_opened();
        match knock {
            Knock::Rejected(_) => true,
            Knock::NoAnswer { kind, .. } => by_silence && *kind == ShortfallKind::Silence,
            Knock::Open(_) | Knock::Accepted(_) | Knock::Blocked { .. } | Knock::Unclear(_) => false,
        }
    }

    pub(super) fn has_opened(&self) -> bool {
        matches!(self.opened, Some(Knock::Accepted(_)))
    }

    pub(super) fn last_guess(&self) -> &Knock {
        self.guesses.last().map_or(&self.control.knock, |(_, knock)| knock)
    }
}

fn measured(at: &DoorLog) -> Result<Guessing, (ShortfallKind, String)> {
    // A right login in between clears the count, so the wrong one before it is not part of the run.
    let before = (!at.has_opened()).then_some(&at.control.knock);
    let all: Vec<&Knock> = before.into_iter().chain(at.guesses.iter().map(|(_, knock)| knock)).collect();
    let evaluated = all.iter().filter(|knock| at.is_refusal(knock)).count();
    let last = all.last().copied().unwrap_or(&at.control.knock);
    match last {
        Knock::Unclear(text) => {
            return Err((ShortfallKind::Unreadable, format!("answers cannot be told apart: {text}")));
        }
        Knock::Open(text) => {
            return Err((ShortfallKind::Unsupported, format!("there is nothing to guess: {text}")));
        }
        Knock::Accepted(_) => return Err((ShortfallKind::Unreadable, "a random guess was accepted".to_owned())),
        _ if at.is_refusal(last) => {}
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
    let is_block = |knock: &&Knock| !at.is_refusal(knock);
    let at_once = at.recovered.as_ref().filter(|(waited, _)| *waited == 0).map(|(_, knock)| knock);
    let shut = shut_in_silence(at, at.shut.as_ref(), at_once, evaluated);
    let first_block = all.iter().position(is_block).or(shut.as_ref().map(|_| all.len()));
    let blocked_millis = all.iter().filter_map(|knock| knock.block_millis()).min();
    // As many guesses as went before the last block may go before each block of its length. Where the block says
    // nothing of its length, the run itself is the bound.
    let since_block = all.iter().rev().skip(1).take_while(|knock| at.is_refusal(knock)).count();
    let guesses_per_hour = match last.block_millis() {
        Some(millis) => per_hour(since_block, millis),
        None => per_hour(evaluated, at.millis),
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
        block_reaches: reach(at),
        around_another_login: false,
        across: across(at),
        elsewhere: elsewhere::seen(at).and_then(Result::ok),
        told_by: shut.unwrap_or_else(|| last.told_by().to_owned()),
        tries: tries(at),
    })
}

/// What other doors did while this one was blocked, as far as they answered before the block can have ended.
fn across(at: &DoorLog) -> Vec<Across> {
    let Some(spans) = &at.spans else { return Vec::new() };
    let mut blocks = spans.guesses.iter().zip(&at.guesses);
    let Some((span, block)) = blocks.find(|(_, (_, knock))| matches!(knock, Knock::Blocked { .. })) else {
        return Vec::new();
    };
    let until = block.1.block_millis().map(|millis| span.0 + millis);
    let seen = at.across.iter().filter_map(|one| {
        let evaluated = match &one.timed.knock {
            Knock::Blocked { .. } => false,
            Knock::Rejected(_) if one.timed.span.1 + ROUNDING_MILLIS < until? => true,
            _ => return None,
        };
        Some(Across {
            endpoint: one.door.endpoint,
            scheme: one.door.scheme,
            evaluated,
            told_by: one.timed.knock.told_by().to_owned(),
        })
    });
    seen.collect()
}

/// Whom the first block met, as long as it can not have ended before the other account was tried.
fn reach(at: &DoorLog) -> Option<Reach> {
    let (other, spans) = (at.other.as_ref()?, at.spans.as_ref()?);
    let (span, block) = spans.guesses.iter().zip(&at.guesses).find(|(_, (_, knock))| !at.is_refusal(knock))?;
    match &other.knock {
        Knock::Blocked { .. } => Some(Reach::Wider),
        Knock::Rejected(_) if other.span.1 + ROUNDING_MILLIS < span.0 + block.1.block_millis()? => {
            Some(Reach::Account)
        }
        _ => None,
    }
}

pub(super) fn is_silence(kind: ShortfallKind) -> bool {
    matches!(kind, ShortfallKind::Silence | ShortfallKind::Limit | ShortfallKind::Missing)
}

pub(super) fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

pub(super) fn per_hour(guesses: usize, millis: u64) -> u64 {
    (guesses.max(1) as u64 * 3_600_000).div_ceil(millis.max(1))
}

/// Every credential that was given, with its time; none where the log kept no times.
fn tries(at: &DoorLog) -> Vec<Tried> {
    let Some(spans) = &at.spans else { return Vec::new() };
    let before = at.before.iter().map(|one| tried(at, one.timed.span, one.right, &one.timed.knock));
    let mut tries: Vec<Tried> = before.collect();
    tries.push(tried(at, spans.control, false, &at.control.knock));
    let rights = at.opened.iter().zip(spans.opened);
    tries.extend(rights.map(|(knock, span)| tried(at, span, true, knock)));
    let guesses = at.guesses.iter().zip(&spans.guesses);
    tries.extend(guesses.map(|((_, knock), span)| tried(at, *span, false, knock)));
    let other = at.other.iter().map(|timed| tried(at, timed.span, false, &timed.knock));
    tries.extend(other.map(|one| Tried { other_account: true, ..one }));
    let forwarded = at.forwarded.iter().map(|timed| tried(at, timed.span, false, &timed.knock));
    tries.extend(forwarded.map(|one| Tried { forwarded: true, ..one }));
    tries.extend(elsewhere::tries(at));
    tries.extend(at.shut.iter().map(|timed| tried(at, timed.span, true, &timed.knock)));
    let recovered = at.recovered.iter().zip(spans.recovered);
    tries.extend(recovered.map(|((_, knock), span)| tried(at, span, true, knock)));
    tries.sort_by_key(|one| one.began);
    tries
}

pub(super) fn tried(at: &DoorLog, (began, ended): Span, right: bool, knock: &Knock) -> Tried {
    let did = match knock {
        Knock::Accepted(_) => Did::LetIn,
        Knock::Blocked { .. } => Did::Blocked,
        knock if at.is_refusal(knock) => Did::Refused,
        Knock::NoAnswer { kind, .. } if !is_silence(*kind) => Did::Closed,
        Knock::NoAnswer { .. } | Knock::Unclear(_) | Knock::Open(_) | Knock::Rejected(_) => Did::Nothing,
    };
    Tried {
        began,
        ended,
        session: 0,
        right,
        other_account: false,
        forwarded: false,
        second_source: false,
        did,
        blocked_millis: knock.block_millis(),
    }
}

/// A door that opened at first and at the end refuses the right credential as it refuses wrong ones: it has stopped
/// evaluating without saying so.
pub(super) fn shut_in_silence(
    at: &DoorLog,
    shut: Option<&Timed>,
    at_once: Option<&Knock>,
    evaluated: usize,
) -> Option<String> {
    let knock = shut.map(|timed| &timed.knock).or(at_once)?;
    let is_refused = matches!(knock, Knock::Rejected(_) | Knock::Blocked { .. });
    (at.has_opened() && is_refused)
        .then(|| format!("after {evaluated} wrong guesses the right credential is refused as well"))
}

/// What the right credential showed behind the last guess: that the door opens again after its block, or that the
/// refusals of one without a block were evaluations. `recovered` says after how long a wait.
pub(super) fn show_end(
    at: &DoorLog,
    blocked: bool,
    recovered: Option<(u64, &Knock)>,
    when: &str,
    reading: &mut Reading,
) {
    let (kind, text) = match (blocked, &at.opened, recovered) {
        (true, _, Some((_, Knock::Accepted(_))))
        | (false, Some(Knock::Accepted(_)), Some((_, Knock::Accepted(_)))) => {
            return;
        }
        (true, _, Some((millis, knock))) => (
            ShortfallKind::NotRestored,
            format!("{} s after the block the right credential is not taken: {}", millis / 1000, knock.told_by()),
        ),
        (true, _, None) => (
            ShortfallKind::Missing,
            "the block was left to end by itself; that the door opens again was not shown".to_owned(),
        ),
        (false, None, _) => (
            ShortfallKind::Missing,
            "no right credential is known: a door that refuses everything cannot be told apart".to_owned(),
        ),
        (false, Some(Knock::Accepted(_)), Some((_, knock))) => {
            (ShortfallKind::Missing, format!("the right credential at the end: {}", knock.told_by()))
        }
        (false, Some(Knock::Accepted(_)), None) => {
            (ShortfallKind::Missing, "the right credential was not tried at the end".to_owned())
        }
        (false, Some(knock), _) => (
            ShortfallKind::Missing,
            format!("the right credential was not taken at the start: {}", knock.told_by()),
        ),
    };
    reading.shortfalls.push(shortfall(at, kind, "guessing", &format!("{when}{text}")));
}

pub(super) fn shortfall(at: &DoorLog, kind: ShortfallKind, of: &str, text: &str) -> Shortfall {
    let text = format!("{} {}: {text}", at.door.endpoint, at.door.scheme);
    Shortfall { kind, of: of.to_owned(), endpoint: Some(at.door.endpoint), text }
}
