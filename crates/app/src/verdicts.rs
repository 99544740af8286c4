//! The verdicts of an assessment as bytes and as a record: what the ledger keeps of it, and what a bundle carries.
//!
//! The record holds every outcome and the digest of the whole; the whole can be judged again from the leaves before.

use std::collections::BTreeMap;

use engine::{Assessment, Currency, Earlier, EarlierInstance, InstanceResult, Part};
use model::{CanonicalError, Digest, Edition, Outcome, Timestamp, canonical_bytes};
use serde::{Deserialize, Serialize};

/// The record of an assessment: one leaf of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssessmentRecord {
    /// The edition.
    pub edition: Edition,
    /// The product's name as declared; empty when it is not.
    pub product: String,
    /// The release as declared; empty when it is not.
    pub release: String,
    /// The moment the verdicts are for; not before the last leaf before the record, not after the record itself.
    pub at: Timestamp,
    /// The rule set.
    pub ruleset: u32,
    /// Digest of the cryptography policy that was judged by; records of early versions do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crypto_policy: Option<Digest>,
    /// The program and its version.
    pub tool: String,
    /// Position of the state of the dossier that was judged.
    pub dossier: u64,
    /// Over the mandatory provisions.
    pub mandatory: Outcome,
    /// Over the recommendations.
    pub recommended: Outcome,
    /// The digest of [`bytes`]: the whole assessment with grounds and gaps.
    pub verdicts: Digest,
    /// The outcome of every unit instance, in the order of the standard.
    pub outcomes: Vec<InstanceOutcome>,
    /// What the outcomes rest on beside records; records of early versions do not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

/// One unit instance and what it came out as.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InstanceOutcome {
    /// The unit: `5.1-5-2b`.
    pub unit: String,
    /// Name of the IXIT table, without its number, where the unit ranges over one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Id of the entry, where the unit ranges over a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// The outcome.
    pub outcome: Outcome,
    /// Places in [`AssessmentRecord::parts`] of what it rests on; none in records of early versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rests_on: Option<Vec<u32>>,
    /// The release that it was carried from, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried_from: Option<String>,
}

impl AssessmentRecord {
    /// The record of an assessment of the dossier recorded at `dossier`.
    ///
    /// # Errors
    /// [`CanonicalError`] when the assessment has no canonical form.
    pub fn of(assessment: &Assessment, dossier: u64) -> Result<Self, CanonicalError> {
        Ok(Self {
            edition: assessment.edition,
            product: assessment.product.clone(),
            release: assessment.release.clone(),
            at: assessment.at,
            ruleset: assessment.ruleset,
            crypto_policy: Some(assessment.crypto_policy.digest),
            tool: crate::TOOL.to_owned(),
            dossier,
            mandatory: assessment.mandatory.outcome,
            recommended: assessment.recommended.outcome,
            verdicts: Digest::of(&bytes(assessment)?),
            outcomes: outcomes(assessment),
            parts: assessment.parts.clone(),
        })
    }

    /// The record as judging a later release looks at it.
    pub fn earlier(&self) -> Earlier {
        let instance = |o: &InstanceOutcome| EarlierInstance {
            unit: o.unit.clone(),
            table: o.table.clone(),
            entry: o.entry.clone(),
            outcome: o.outcome,
            rests_on: o.rests_on.clone(),
            carried_from: o.carried_from.clone(),
        };
        let instances = self.outcomes.iter().map(instance).collect();
        Earlier::new(self.edition, self.release.clone(), self.parts.clone(), instances)
    }
}

/// The canonical bytes of an assessment: `verdicts.json` of a bundle, the same on every machine.
///
/// # Errors
/// [`CanonicalError`] when the assessment has no canonical form.
pub fn bytes(assessment: &Assessment) -> Result<Vec<u8>, CanonicalError> {
    canonical_bytes(assessment)
}

/// Whether an assessment is the recorded one to the last byte, but for the moment it is for.
///
/// # Errors
/// [`CanonicalError`] when the assessment has no canonical form.
pub fn same_as(record: &AssessmentRecord, now: &Assessment) -> Result<bool, CanonicalError> {
    let mut then = now.clone();
    then.at = record.at;
    Ok(Digest::of(&bytes(&then)?) == record.verdicts)
}

/// The outcome of every unit instance, in the order of the standard.
pub fn outcomes(assessment: &Assessment) -> Vec<InstanceOutcome> {
    let one = |i: &InstanceResult| {
        let (table, entry) = i.id.entry.clone().unzip();
        InstanceOutcome {
            unit: i.id.unit.to_string(),
            table,
            entry,
            outcome: i.judgement.outcome,
            rests_on: Some(i.rests_on.clone()),
            carried_from: match &i.currency {
                Currency::Carried(carried) => Some(carried.from.clone()),
                _ => None,
            },
        }
    };
    assessment.instances.iter().map(one).collect()
}

/// A unit instance whose outcome differs between two assessments; none where it is not part of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The unit instance: `5.1-5-2b @ AuthMech-Web`.
    pub instance: String,
    /// The outcome before.
    pub old: Option<Outcome>,
    /// The outcome now.
    pub new: Option<Outcome>,
    /// One sentence that says why it is what it is now.
    pub because: String,
}

/// Every unit instance that an assessment gives another outcome than was recorded, in the order of the standard.
pub fn changes(recorded: &[InstanceOutcome], now: &Assessment) -> Vec<Change> {
    type Key<'a> = (&'a str, Option<&'a str>, Option<&'a str>);
    fn key(o: &InstanceOutcome) -> Key<'_> {
        (&o.unit, o.table.as_deref(), o.entry.as_deref())
    }
    let named = |(unit, _, entry): Key<'_>| {
        let whole = entry.map_or_else(|| unit.to_owned(), |entry| format!("{unit} @ {entry}"));
        wire::text::visible_str(&whole, 200)
    };
    let mut old: BTreeMap<Key<'_>, Outcome> = recorded.iter().map(|o| (key(o), o.outcome)).collect();
    let new = outcomes(now);
    let mut changes = Vec::new();
    for (outcome, instance) in new.iter().zip(&now.instances) {
        let before = old.remove(&key(outcome));
        if before != Some(outcome.outcome) {
            changes.push(Change {
                instance: named(key(outcome)),
                old: before,
                new: Some(outcome.outcome),
                because: wire::text::visible_str(&instance.judgement.because, 500),
            });
        }
    }
    let gone = "it is no unit instance of this rule set".to_owned();
    changes.extend(old.into_iter().map(|(key, before)| Change {
        instance: named(key),
        old: Some(before),
        new: None,
        because: gone.clone(),
    }));
    changes
}
