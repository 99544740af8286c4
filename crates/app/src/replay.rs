//! Judges again what was judged once: from the leaves before the assessment, for its own moment.
//!
//! A pure function of leaves and dossier texts. It compares nothing and records nothing; who calls it does.

use std::collections::BTreeMap;

use catalogue::Catalogue;
use dossier::{Dossier, SourceText};
use engine::{Assessment, Evidence, View};
use model::{CanonicalError, Digest, Timestamp};

use crate::folder;
use crate::history::{History, LedgerState, Revision};
use crate::verdicts;

/// Why an assessment could not be judged again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// No assessment stands at this position.
    #[error("judge record {0} again: it is no assessment")]
    NoAssessment(u64),
    /// No state of the dossier was recorded before it.
    #[error("judge record {0} again: no state of the dossier was recorded before it")]
    NoDossier(u64),
    /// A file of the dossier cannot be had.
    #[error("judge again: read {path} of the dossier")]
    Text {
        /// Its path inside the dossier.
        path: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The assessment has no canonical form.
    #[error("judge again")]
    Canonical(#[from] CanonicalError),
}

/// An assessment that was judged again, with everything it was derived from.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// The dossier of that time.
    pub dossier: Dossier,
    /// The evidence of that time.
    pub evidence: Evidence,
    /// The ledger as it was.
    pub ledger: LedgerState,
    /// What it comes to by the rule set of this program.
    pub assessment: Assessment,
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
}

/// Where dossier texts come from: the bytes with a digest, which the caller has checked against it.
pub type Texts<'a> = dyn FnMut(&Digest) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> + 'a;

/// Judges the assessment recorded at a position again, by the rule set of this program.
///
/// # Errors
/// [`ReplayError`] when something it was derived from cannot be had.
pub fn replay(history: &History, assessment: u64, texts: &mut Texts<'_>) -> Result<Replayed, ReplayError> {
    let judged = history.judged_at(assessment).ok_or(ReplayError::NoAssessment(assessment))?;
    let revision = history.revision_before(assessment).ok_or(ReplayError::NoDossier(assessment))?;
    let (dossier, _) = dossier::read(sources(revision, texts)?);
    let evidence = history.evidence_before(assessment);
    let assessment = judge(&dossier, &evidence, judged.record.at);
    let bytes = verdicts::bytes(&assessment)?;
    Ok(Replayed { dossier, evidence, ledger: judged.ledger.clone(), assessment, bytes })
}

/// The texts of a recorded state of the dossier, in the order in which a folder is read.
///
/// # Errors
/// [`ReplayError::Text`] when one cannot be had or is no UTF-8.
pub fn sources(revision: &Revision, texts: &mut Texts<'_>) -> Result<Vec<SourceText>, ReplayError> {
    let mut found = BTreeMap::new();
    for (path, digest) in &revision.files {
        let failed = |source| ReplayError::Text { path: path.clone(), source };
        let bytes = texts(digest).map_err(failed)?;
        let text = String::from_utf8(bytes).map_err(|e| failed(e.into()))?;
        found.insert(path.clone(), text);
    }
    let order = folder::in_order(found.keys().cloned().collect());
    let text = |path: String| SourceText { text: found.remove(&path).unwrap_or_default(), path };
    Ok(order.into_iter().map(text).collect())
}

/// Judges a dossier on evidence for a moment.
pub fn judge(dossier: &Dossier, evidence: &Evidence, at: Timestamp) -> Assessment {
    engine::judge(&View { catalogue: Catalogue::of(dossier.edition()), dossier, evidence, at })
}
