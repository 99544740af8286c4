//! What a named person decided about one unit instance.

use serde::{Deserialize, Serialize};

use crate::{Artefact, Digest, DutIdentity, Edition, Level, Outcome, Period, Place, Timestamp};

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
    /// When what it says was true; records that do not say speak of the moment at which they were stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective: Option<Period>,
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
    /// Which product it speaks of, as far as the dossier and the bench say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dut: Option<DutIdentity>,
    /// From where in the network the person looked, where that matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The version of the program that recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// The private blob that opens what the texts of this record withhold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub openings: Option<Digest>,
}

impl Statement {
    /// The last moment at which what it says was true, which is what its age counts from. Nothing that was stated is
    /// newer than the statement.
    pub fn last_true(&self) -> Timestamp {
        self.effective.map_or(self.stated, |period| period.until.min(self.stated))
    }

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

    fn statement(verdicts: &[Verdict]) -> Statement {
        Statement {
            edition: Edition::V3_1_3,
            unit: "5.1-2-1c".into(),
            entry: None,
            release: "1.0".into(),
            person: "A".into(),
            role: "test laboratory".into(),
            stated: Timestamp::from_seconds(9),
            effective: None,
            criteria: verdicts.iter().map(|v| CriterionVerdict { criterion: "c".into(), verdict: *v }).collect(),
            reasoning: String::new(),
            artefacts: Vec::new(),
            level: None,
            valid_until: None,
            dut: None,
            place: None,
            tool: None,
            openings: None,
        }
    }

    fn stated(verdicts: &[Verdict]) -> Outcome {
        statement(verdicts).outcome()
    }

    #[test]
    fn a_statement_is_as_old_as_what_it_speaks_of_and_never_younger_than_itself() {
        let of = |from, until| {
            let (from, until) = (Timestamp::from_seconds(from), Timestamp::from_seconds(until));
            Statement { effective: Some(Period { from, until }), ..statement(&[]) }.last_true().seconds()
        };
        assert_eq!(statement(&[]).last_true().seconds(), 9);
        assert_eq!((of(1, 4), of(1, 90)), (4, 9));
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
