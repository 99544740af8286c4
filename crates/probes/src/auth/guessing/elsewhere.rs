//! Credentials from a second source address while the first one is blocked: whether a lockout is that of one source.
//!
//! How many sources somebody who guesses may have is not asked here.

use model::{Coverage, Reading, ShortfallKind, Tried};

use super::super::door::{Knock, wrong_secret};
use super::reading::{ROUNDING_MILLIS, is_silence, shortfall, tried};
use super::run::Run;
use super::{DoorLog, Elsewhere, Missed, Timed};
use crate::Bench;

/// What this part of the reading is of.
const OF: &str = "guessing-second-source";

/// A wrong and the right credential from the second address. None where what the last guess met is no block.
pub(super) fn guess(run: &mut Run<'_>, block: &Knock, bench: &mut dyn Bench) -> Option<Elsewhere> {
    if !is_block(&run.log, block) {
        return None;
    }
    let missed =
        |kind, told_by: String| Some(Elsewhere { missed: Some(Missed { kind, told_by }), ..Elsewhere::default() });
    let Some(source) = run.parameters.second_source else {
        return missed(ShortfallKind::Missing, "the bench has no second source address".to_owned());
    };
    if source.is_ipv4() != run.target.door.endpoint.address.is_ipv4() {
        return missed(
            ShortfallKind::Missing,
            format!("{source} is of another family than the address of the door"),
        );
    }
    if run.left() < 2 {
        let text = "too few wrong credentials were left of those allowed".to_owned();
        return missed(ShortfallKind::Limit, text);
    }
    if !bench.come_from(Some(source)) {
        return missed(ShortfallKind::Missing, format!("{source} is no address of this machine"));
    }
    let mut seen = Elsewhere { source: Some(source), ..Elsewhere::default() };
    seen.wrong = wrong(run, bench);
    // What says that it is blocked says the same to the right one.
    let is_refused = seen.wrong.as_ref().is_some_and(|timed| run.log.is_refusal(&timed.knock));
    if let Some(right) = run.right().filter(|_| is_refused) {
        seen.right = Some(run.knock(right, bench));
    }
    bench.come_from(None);
    if is_refused && block.block_millis().is_none() {
        seen.again = wrong(run, bench);
    }
    Some(seen)
}

fn wrong(run: &mut Run<'_>, bench: &mut dyn Bench) -> Option<Timed> {
    if !run.spend(bench) {
        return None;
    }
    let secret = wrong_secret(bench);
    Some(run.knock(run.wrong(&secret), bench))
}

/// Silence may be a lost packet; a connection that ends behind answers is a block.
fn is_block(at: &DoorLog, knock: &Knock) -> bool {
    match knock {
        Knock::Blocked { .. } => true,
        Knock::NoAnswer { kind, .. } => !is_silence(*kind) && !at.is_refusal(knock),
        _ => false,
    }
}

/// What it showed, or why it showed nothing. None where it was not tried.
pub(super) fn seen(at: &DoorLog) -> Option<Result<model::Elsewhere, (ShortfallKind, String)>> {
    let elsewhere = at.elsewhere.as_ref()?;
    Some(match &elsewhere.missed {
        Some(missed) => Err((missed.kind, missed.told_by.clone())),
        None => told(at, elsewhere),
    })
}

fn told(at: &DoorLog, elsewhere: &Elsewhere) -> Result<model::Elsewhere, (ShortfallKind, String)> {
    let missing = |text: &str| Err((ShortfallKind::Missing, text.to_owned()));
    let (Some(source), Some(wrong)) = (elsewhere.source, &elsewhere.wrong) else {
        return missing("no credential was given from it");
    };
    let met = |evaluated, told_by: &str| Ok(model::Elsewhere { source, evaluated, told_by: told_by.to_owned() });
    match &wrong.knock {
        Knock::Blocked { told_by, .. } => return met(false, told_by),
        Knock::NoAnswer { kind, told_by } if !at.is_refusal(&wrong.knock) => {
            return Err((*kind, format!("from {source}: {told_by}")));
        }
        knock if at.is_refusal(knock) => {}
        knock => return missing(&format!("from {source}: {}", knock.told_by())),
    }
    let last = elsewhere.right.as_ref().unwrap_or(wrong);
    if !has_held(at, elsewhere, last.span.1) {
        return missing(&format!("the block may have ended before {source} was heard"));
    }
    match elsewhere.right.as_ref().map(|timed| &timed.knock) {
        Some(Knock::Accepted(told_by)) => met(true, told_by),
        // The block says nothing there: what opened the door before is refused like everything else.
        Some(Knock::Rejected(_)) if at.has_opened() => met(false, "refuses the right credential as well"),
        Some(Knock::Blocked { told_by, .. }) => met(false, told_by),
        // Without a right credential a refusal may be that of a block without a word.
        _ => missing(&format!("{source} is refused; that it is evaluated was not shown")),
    }
}

/// Whether the first address was still blocked at this moment: it was afterwards, or the block says so.
fn has_held(at: &DoorLog, elsewhere: &Elsewhere, until: u64) -> bool {
    if let Some(again) = &elsewhere.again {
        return is_block(at, &again.knock);
    }
    let spans = at.spans.iter().flat_map(|spans| &spans.guesses);
    let mut blocks = spans.zip(&at.guesses).filter(|(_, (_, knock))| is_block(at, knock));
    let said = blocks.next().and_then(|(span, (_, knock))| Some(span.0 + knock.block_millis()?));
    said.is_some_and(|ends| until + ROUNDING_MILLIS < ends)
}

/// Every credential of it, with its time.
pub(super) fn tries(at: &DoorLog) -> Vec<Tried> {
    let Some(elsewhere) = &at.elsewhere else { return Vec::new() };
    let wrong = elsewhere.wrong.iter().map(|timed| (timed, false, true));
    let right = elsewhere.right.iter().map(|timed| (timed, true, true));
    let again = elsewhere.again.iter().map(|timed| (timed, false, false));
    let all = wrong.chain(right).chain(again);
    all.map(|(timed, right, second)| Tried { second_source: second, ..tried(at, timed.span, right, &timed.knock) })
        .collect()
}

/// Adds to the reading of the door what was looked at, or why it was not.
pub(super) fn add(at: &DoorLog, reading: &mut Reading) {
    match seen(at) {
        None => {}
        Some(Err((kind, text))) => {
            let text = format!("whether the block is that of one source: {text}");
            reading.shortfalls.push(shortfall(at, kind, OF, &text));
        }
        Some(Ok(seen)) => {
            let text =
                format!("{} {}: while blocked, from {} as well", at.door.endpoint, at.door.scheme, seen.source);
            reading.coverage.push(Coverage {
                of: OF.into(),
                endpoint: Some(at.door.endpoint),
                ports: Vec::new(),
                text,
            });
        }
    }
}
