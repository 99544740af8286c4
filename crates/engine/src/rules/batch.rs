//! What an audit of a manufacturing batch says against the generation of a mechanism's values.
//!
//! Only what no generation at random gives refutes it. That nothing was found proves nothing.

use dossier::Entry;
use model::{BatchAudit, BatchFinding, Fact};

use crate::judgement::Judgement;

use super::seen::Seen;

/// A failure, where the newest audit of a batch of this mechanism found a rule in its values.
pub(super) fn refuted(seen: &Seen<'_>, mechanism: &Entry, contradicts: &str) -> Option<Judgement> {
    let id = &mechanism.id.value;
    let (sight, audit) = seen.facts().into_iter().find_map(|sight| match sight.fact {
        Fact::BatchAudit(audit) if audit.mechanism.as_ref() == Some(id) => Some((sight, audit)),
        _ => None,
    })?;
    let finding = audit.findings.iter().find(|finding| is_no_chance(audit, finding))?;
    let text = format!("{} of {} units: {}: {}", finding.count, audit.units, finding.kind, finding.text);
    let because = format!("a batch has {text}, which {contradicts} of {id}");
    Some(Judgement::fail(because).declared(mechanism.span, format!("{id} as declared")).on(sight.ground(text)))
}

/// Counters and derivations are told only where they are no chance. Of values that are drawn some come twice, the more
/// the smaller their space is; a word or a favoured character is for a person.
fn is_no_chance(audit: &BatchAudit, finding: &BatchFinding) -> bool {
    match finding.kind.as_str() {
        "counter" | "derivation" => finding.count >= 3,
        "duplicate" => u128::from(finding.count) > 3 + 10 * by_chance(audit),
        _ => false,
    }
}

/// How many values come twice at random, at most: n (n-1) / 2 pairs in the smallest space that the batch allows.
fn by_chance(audit: &BatchAudit) -> u128 {
    let units = u128::from(audit.units);
    let space =
        (0..audit.shortest).fold(1u128, |space, _| space.saturating_mul(u128::from(audit.alphabet.max(1))));
    units.saturating_mul(units.saturating_sub(1)) / 2 / space.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicates_of_short_values_are_chance_and_of_long_ones_not() {
        let audit = |shortest| BatchAudit {
            mechanism: None,
            batch: model::Digest::of(b"batch"),
            units: 10_000,
            shortest,
            alphabet: 10,
            findings: Vec::new(),
        };
        let twice = |count| BatchFinding { kind: "duplicate".into(), text: String::new(), count };
        assert!(!is_no_chance(&audit(6), &twice(50)));
        assert!(is_no_chance(&audit(6), &twice(5_000)));
        assert!(is_no_chance(&audit(16), &twice(50)));
        assert!(!is_no_chance(&audit(16), &BatchFinding { kind: "bias".into(), ..twice(9_000) }));
    }
}
