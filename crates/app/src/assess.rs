//! Judging: the dossier and the verified records in, an assessment and its presentation out.

use std::path::Path;
use std::sync::Arc;

use catalogue::Catalogue;
use dossier::{Dossier, Note};
use engine::{Assessment, Evidence, Looked, PlannedInstance, Recorded, View};
use model::{KeptArtefact, Outcome, Timestamp};
use report::Presentation;

use crate::circumstances;
use crate::folder::{self, FolderError};
use crate::history::LedgerState;
use crate::records::{Records, RecordsError};
use crate::replay;
use crate::review;
use crate::tell::{self, Told};

/// Why nothing was judged.
#[derive(Debug, thiserror::Error)]
pub enum AssessError {
    /// The dossier.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The assessment was recorded, and what belongs beside it was not.
    #[error("record what stands beside the assessment, which is recorded as number {seq}")]
    Beside {
        /// Position of the assessment.
        seq: u64,
        /// Why.
        #[source]
        source: RecordsError,
    },
    /// The verdicts have no canonical form.
    #[error("compare verdicts")]
    Canonical(#[from] model::CanonicalError),
}

/// What would settle each unit instance, and what has been measured for it already.
#[derive(Debug)]
pub struct Planned {
    /// The dossier.
    pub dossier: Dossier,
    /// Every unit instance.
    pub instances: Vec<PlannedInstance>,
    /// The newest measurement of each probe on each target, from each place and in each state of the product.
    pub looked: Vec<Looked>,
}

/// An assessment with everything it was derived from.
#[derive(Debug)]
pub struct Assessed {
    /// The dossier that was judged.
    pub dossier: Dossier,
    /// The linter's notes on it.
    pub notes: Vec<Note>,
    /// The evidence it was judged on.
    pub evidence: Arc<Evidence>,
    /// Files that were kept as evidence by themselves; nothing was judged on them.
    pub kept: Vec<Recorded<KeptArtefact>>,
    /// The ledger's state; none when nothing is recorded.
    pub ledger: Option<LedgerState>,
    /// The reviews of recorded assessments of the release.
    pub reviews: Vec<review::Told>,
    /// The result.
    pub assessment: Assessment,
}

/// What an assessment means for a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing failed and nothing mandatory is open.
    Clear,
    /// Something failed.
    Findings,
    /// Nothing failed, and mandatory provisions are still open or inconclusive.
    OpenMandatory,
}

impl Standing {
    /// What an assessment means. A gap in a mandatory provision is never clear.
    pub fn of(assessment: &Assessment) -> Self {
        if !assessment.findings.is_empty() {
            return Standing::Findings;
        }
        match assessment.mandatory.outcome {
            Outcome::Pass => Standing::Clear,
            Outcome::Fail => Standing::Findings,
            Outcome::Open | Outcome::Inconclusive | Outcome::NotApplicable => Standing::OpenMandatory,
        }
    }

    /// The exit code of a program that assessed, and its meaning, as a report says them.
    pub fn exit(self) -> (u8, &'static str) {
        match self {
            Standing::Clear => {
                (0, "done; where an assessment was made, nothing failed and nothing mandatory is open")
            }
            Standing::Findings => (10, "assessed, and something failed"),
            Standing::OpenMandatory => {
                (11, "assessed, nothing failed, and mandatory provisions are still open or inconclusive")
            }
        }
    }
}

impl Assessed {
    /// What it means for a script.
    pub fn standing(&self) -> Standing {
        Standing::of(&self.assessment)
    }

    /// What writers write. `written` names files beside the report, `exit` the code and its meaning.
    pub fn presentation(&self, written: &[(String, String)], exit: (u8, &str)) -> Presentation {
        let told = Told {
            dossier: &self.dossier,
            evidence: &self.evidence,
            kept: &self.kept,
            ledger: self.ledger.as_ref(),
            reviews: &self.reviews,
            written,
            exit,
        };
        tell::presentation(&self.assessment, told)
    }
}

/// Judges the dossier in a folder on what its ledger holds, for a moment. Records nothing.
///
/// # Errors
/// [`AssessError`]; a ledger that does not verify judges nothing.
pub fn assess(folder: &Path, at: Timestamp) -> Result<Assessed, AssessError> {
    let (dossier, notes) = folder::load(folder)?;
    let history = match Records::exist(folder) {
        true => Records::open(folder)?.history()?,
        false => Arc::default(),
    };
    let ledger = Some(history.state()).filter(|l| l.records > 0);
    let assessment = replay::judge(&dossier, history.evidence(), at);
    let reviews = review::told(&history, &assessment)?;
    let kept = history.kept().to_vec();
    let evidence = history.kept_evidence();
    Ok(Assessed { dossier, notes, evidence, kept, ledger, reviews, assessment })
}

/// Judges the dossier in a folder as of an earlier moment: on what was measured and stated until then.
///
/// # Errors
/// As [`assess`].
pub fn assess_as_of(folder: &Path, at: Timestamp) -> Result<Assessed, AssessError> {
    let mut assessed = assess(folder, at)?;
    let evidence = Arc::make_mut(&mut assessed.evidence);
    let measured = evidence.observations.iter().filter(|o| o.body.ended > at).map(|o| o.seq);
    let stated = evidence.statements.iter().filter(|s| s.body.stated > at).map(|s| s.seq);
    let confirmed = evidence.confirmations.iter().filter(|c| c.body.confirmed > at).map(|c| c.seq);
    let later = measured.chain(stated).chain(confirmed).min();
    evidence.observations.retain(|o| o.body.ended <= at);
    evidence.statements.retain(|s| s.body.stated <= at);
    evidence.confirmations.retain(|c| c.body.confirmed <= at);
    // What an assessment made on later evidence says is not carried into the moment either.
    evidence.assessments.retain(|a| later.is_none_or(|later| a.seq < later));
    assessed.assessment = replay::judge(&assessed.dossier, &assessed.evidence, at);
    Ok(assessed)
}

/// Judges the dossier in a folder and records the dossier, the moment and every verdict; returns the record's position.
///
/// The moment is `at`, or that of the newest record where that is later.
///
/// # Errors
/// [`AssessError`]; then no assessment was recorded.
pub fn record(folder: &Path, at: Timestamp) -> Result<(Assessed, u64), AssessError> {
    let (dossier, notes) = folder::load(folder)?;
    let mut records = Records::open_sound(folder)?;
    records.revision(&dossier.sources, at)?;
    loop {
        let history = records.history()?;
        let ledger = Some(history.state());
        let at = history.last_recorded().map_or(at, |last| last.max(at));
        let assessment = replay::judge(&dossier, history.evidence(), at);
        // Another process may have recorded something meanwhile; then it is judged again, with that.
        if let Some(seq) = records.assessment(&history, &dossier.sources, &assessment)? {
            let image = circumstances::declared(&dossier).firmware_digest;
            records
                .beside_assessment(seq, &dossier.sources, image, &assessment)
                .map_err(|source| AssessError::Beside { seq, source })?;
            let reviews = review::told(&history, &assessment)?;
            let kept = history.kept().to_vec();
            let evidence = history.kept_evidence();
            return Ok((Assessed { dossier, notes, evidence, kept, ledger, reviews, assessment }, seq));
        }
    }
}

/// Plans the assessment of the dossier in a folder: every unit instance and what would settle it.
///
/// # Errors
/// [`AssessError`] when the dossier or its ledger cannot be read.
pub fn plan(folder: &Path, at: Timestamp) -> Result<Planned, AssessError> {
    let (dossier, _) = folder::load(folder)?;
    let evidence = match Records::exist(folder) {
        true => Records::open(folder)?.evidence()?,
        false => Arc::default(),
    };
    let catalogue = Catalogue::of(dossier.edition());
    let view = View { catalogue, dossier: &dossier, evidence: &evidence, at };
    let (instances, looked) = (engine::plan(&view), engine::looked(&view));
    Ok(Planned { instances, looked, dossier })
}
