//! What every judgement keeps, whatever it says.

use engine::{Evidence, Ground, Judgement, UnitRule};
use model::Outcome;

/// The promises that a judgement breaks.
pub(crate) fn broken(rule: &UnitRule, judgement: &Judgement, evidence: &Evidence) -> Vec<&'static str> {
    let observed = judgement.grounds.iter().any(|g| matches!(g, Ground::Observed { .. }));
    let declared = judgement.grounds.iter().any(|g| matches!(g, Ground::Declared { .. }));
    let known = |seq: u64| evidence.observations.iter().any(|o| o.seq == seq);
    let strange = judgement.grounds.iter().any(|g| matches!(g, Ground::Observed { seq, .. } if !known(*seq)));
    let decided = judgement.outcome.is_decided();
    let checks = [
        (judgement.because.trim().is_empty() || judgement.because.contains('\n'), "the reason is not one line"),
        (
            judgement.outcome == Outcome::Pass && !rule.probes.is_empty() && !observed,
            "a pass without a measurement",
        ),
        (
            judgement.outcome == Outcome::Pass && rule.probes.is_empty() && !declared,
            "a pass without a declaration",
        ),
        (judgement.outcome == Outcome::Fail && !observed && !declared, "a failure without a ground"),
        (!decided && judgement.gaps.is_empty(), "undecided without a next step"),
        (decided && !judgement.gaps.is_empty(), "decided with a next step"),
        (strange, "a ground in a record that does not exist"),
    ];
    checks.into_iter().filter(|(is_broken, _)| *is_broken).map(|(_, promise)| promise).collect()
}
