//! What a named person decided about one unit instance.

use serde::{Deserialize, Serialize};

use crate::{Artefact, Digest, Edition, Level, Outcome, Timestamp};

/// A person's verdict on one criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The criterion holds.
    Pass,
    /// The criterion is broken.
    Fail,
    /// The person looked and could not decide.
    Inconclusive,
}

/// One criterion and the verdict on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CriterionVerdict {
    /// The criterion in the catalogue's words, or the person's own where they split it.
    pub criterion: String,
    /// The verdict.
    pub verdict: Verdict,
}

/// A decision on a unit instance by a named person. Neither Declared nor Observed: Stated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Edition of the unit.
    pub edition: Edition,
    /// The unit: `5.1-2-1c`.
    pub unit: String,
    /// The IXIT entry, for units that range over a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// The release it speaks of.
    pub release: String,
    /// Name of the person.
    pub person: String,
    /// In which role: `test laboratory`, `supplier organization`.
    pub role: String,
    /// When it was stated.
    pub stated: Timestamp,
    /// Verdict per criterion, at least one.
    pub criteria: Vec<CriterionVerdict>,
    /// Why, in the person's words.
    pub reasoning: String,
    /// What they looked at or recorded.
    #[serde(default)]
    pub artefacts: Vec<Artefact>,
    /// How far it can be checked without trusting the person; records of early versions do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Until when the policy in force then lets it count; none when the policy sets no age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    /// The private blob that opens what the texts of this record withhold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub openings: Option<Digest>,
}

impl Statement {
    /// The outcome that the criteria give together: fail over inconclusive over pass, and open when there is none.
    pub fn outcome(&self) -> Outcome {
        let any = |wanted| self.criteria.iter().any(|c| c.verdict == wanted);
        if self.criteria.is_empty() {
            Outcome::Open
        } else if any(Verdict::Fail) {
            Outcome::Fail
        } else if any(Verdict::Inconclusive) {
            Outcome::Inconclusive
        } else {
            Outcome::Pass
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stated(verdicts: &[Verdict]) -> Outcome {
        Statement {
            edition: Edition::V3_1_3,
            unit: "5.1-2-1c".into(),
            entry: None,
            release: "1.0".into(),
            person: "A".into(),
            role: "test laboratory".into(),
            stated: Timestamp::from_seconds(0),
            criteria: verdicts.iter().map(|v| CriterionVerdict { criterion: "c".into(), verdict: *v }).collect(),
            reasoning: String::new(),
            artefacts: Vec::new(),
            level: None,
            valid_until: None,
            openings: None,
        }
        .outcome()
    }

    #[test]
    fn no_criterion_is_no_pass() {
        assert_eq!(stated(&[]), Outcome::Open);
    }

    #[test]
    fn the_worst_criterion_decides() {
        assert_eq!(stated(&[Verdict::Pass, Verdict::Pass]), Outcome::Pass);
        assert_eq!(stated(&[Verdict::Pass, Verdict::Inconclusive]), Outcome::Inconclusive);
        assert_eq!(stated(&[Verdict::Inconclusive, Verdict::Fail, Verdict::Pass]), Outcome::Fail);
    }
}
