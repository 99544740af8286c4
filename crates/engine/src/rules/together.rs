//! Several judgements of parts as one: the worst decides, and every ground is kept.

use model::Outcome;

use crate::judgement::{Judgement, Next};

/// Fail over inconclusive over open over pass; parts that do not apply are left out. No part at all is open.
pub(super) fn together(parts: Vec<Judgement>, nothing: &str, next: Next) -> Judgement {
    let mut applying: Vec<Judgement> = parts.into_iter().filter(|p| p.outcome != Outcome::NotApplicable).collect();
    applying.sort_by_key(|part| rank(part.outcome));
    let Some(worst) = applying.first() else { return Judgement::open(nothing, next) };
    let mut whole = Judgement::new(worst.outcome, worst.because.clone());
    for part in applying {
        whole.grounds.extend(part.grounds.into_iter().filter(|g| !whole.grounds.contains(g)).collect::<Vec<_>>());
        if !whole.outcome.is_decided() {
            whole.gaps.extend(part.gaps);
        }
    }
    whole.gaps.dedup();
    whole
}

fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Fail => 0,
        Outcome::Inconclusive => 1,
        Outcome::Open => 2,
        Outcome::Pass => 3,
        Outcome::NotApplicable => 4,
    }
}
