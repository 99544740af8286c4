//! The verdict on each unit instance as a record: what it came out as, by what, and on which records it rests.
//!
//! One record holds those of one assessment: a dossier has some hundred instances, and a leaf for each would make the
//! ledger ten times longer with every judgement and say nothing more. It holds no text that a product could have
//! written, so that nothing in it has to be withheld; the reasons are in the assessment, which can be derived again.

use std::collections::BTreeSet;

use engine::{Assessment, Basis, Ground};
use model::{Edition, Outcome, Timestamp};
use serde::{Deserialize, Serialize};

/// The verdicts on the unit instances of one assessment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitVerdicts {
    /// Position of the assessment.
    pub assessment: u64,
    /// The edition.
    pub edition: Edition,
    /// The release.
    pub release: String,
    /// The moment they are for.
    pub at: Timestamp,
    /// The rule set.
    pub ruleset: u32,
    /// One for each unit instance, in the order of the standard.
    pub verdicts: Vec<UnitVerdict>,
}

/// The verdict on one unit instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitVerdict {
    /// The unit, and the entry where it ranges over a table: `5.1-5-2b@AuthMech-Web`.
    pub of: String,
    /// What it came out as.
    pub outcome: Outcome,
    /// What settled it: `computed`, `rule`, `probe`, `person`, `carried` or `nothing`.
    pub by: String,
    /// Positions of the records it rests on, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<u64>,
}

impl UnitVerdicts {
    /// The verdicts of an assessment that was recorded at this position.
    pub fn of(assessment: &Assessment, seq: u64) -> Self {
        Self {
            assessment: seq,
            edition: assessment.edition,
            release: assessment.release.clone(),
            at: assessment.at,
            ruleset: assessment.ruleset,
            verdicts: assessment.instances.iter().map(verdict).collect(),
        }
    }
}

fn verdict(instance: &engine::InstanceResult) -> UnitVerdict {
    let on: BTreeSet<u64> = instance
        .judgement
        .grounds
        .iter()
        .filter_map(|ground| match ground {
            Ground::Observed { seq, .. } | Ground::Stated { seq, .. } => Some(*seq),
            Ground::Declared { .. } | Ground::Rule(_) => None,
        })
        .collect();
    UnitVerdict {
        of: name(&instance.id),
        outcome: instance.judgement.outcome,
        by: by(instance.basis).to_owned(),
        on: on.into_iter().collect(),
    }
}

/// A unit instance as records name it: `5.1-5-2b@AuthMech-Web`.
pub(crate) fn name(id: &engine::InstanceId) -> String {
    match &id.entry {
        Some((_, entry)) => format!("{}@{entry}", id.unit),
        None => id.unit.to_string(),
    }
}

fn by(basis: Basis) -> &'static str {
    match basis {
        Basis::Computed => "computed",
        Basis::Rule => "rule",
        Basis::Probe => "probe",
        Basis::Person => "person",
        Basis::Carried => "carried",
        Basis::Nothing => "nothing",
    }
}
