//! A product at a moment, with everything that pages tell of it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use dossier::{Dossier, Note};
use engine::Assessment;
use model::Timestamp;
use report::Presentation;
use report::checkpoints::Checkpoints;
use report::presentation::Visible;

use super::WorkspaceError;
use crate::assess::{self, AssessError};
use crate::folder;
use crate::history::{History, LedgerState};
use crate::records::{Records, RecordsError};
use crate::tasks::{self, Listed};
use crate::tell::{self, Told};
use crate::{replay, review};

/// A product at a moment.
#[derive(Debug)]
pub struct Snapshot {
    /// Its name in the workspace.
    pub product: String,
    /// Its dossier folder.
    pub folder: PathBuf,
    /// The moment the verdicts are for.
    pub at: Timestamp,
    /// When the ledger was read and verified whole.
    pub verified: Timestamp,
    /// The dossier.
    pub dossier: Arc<Dossier>,
    /// The linter's notes on it.
    pub notes: Arc<Vec<Note>>,
    /// The verified records.
    pub history: Arc<History>,
    /// The ledger's state; none when nothing is recorded.
    pub ledger: Option<LedgerState>,
    /// The assessment.
    pub assessment: Assessment,
    /// The reviews of recorded assessments of the release.
    pub reviews: Vec<review::Told>,
    /// The assessment as writers write it.
    pub told: Visible<Presentation>,
    /// The tasks.
    pub tasks: Listed,
    /// The checkpoints, once somebody asked for them.
    pub(crate) checkpoints: OnceLock<Checkpoints>,
}

impl Snapshot {
    /// Reads and judges a product.
    ///
    /// # Errors
    /// [`WorkspaceError`] when its dossier or its ledger cannot be read.
    pub fn read(product: &str, folder: &Path, at: Timestamp) -> Result<Self, WorkspaceError> {
        let (dossier, notes) = folder::load(folder)?;
        let history = match Records::exist(folder) {
            true => read_history(folder).map_err(AssessError::from)?,
            false => History::default(),
        };
        Self::of((product, folder), (at, at), Arc::new(dossier), Arc::new(notes), Arc::new(history))
    }

    /// The same dossier and records, judged for a later moment.
    ///
    /// # Errors
    /// As [`Snapshot::read`].
    pub fn again(&self, at: Timestamp) -> Result<Self, WorkspaceError> {
        let (dossier, notes) = (self.dossier.clone(), self.notes.clone());
        Self::of((&self.product, &self.folder), (at, self.verified), dossier, notes, self.history.clone())
    }

    fn of(
        (product, folder): (&str, &Path),
        (at, verified): (Timestamp, Timestamp),
        dossier: Arc<Dossier>,
        notes: Arc<Vec<Note>>,
        history: Arc<History>,
    ) -> Result<Self, WorkspaceError> {
        let assessment = replay::judge(&dossier, history.evidence(), at);
        let reviews = review::told(&history, &assessment).map_err(AssessError::from)?;
        let ledger = Some(history.state()).filter(|l| l.records > 0);
        let (code, meaning) = assess::Standing::of(&assessment).exit();
        let told = tell::presentation(
            &assessment,
            Told {
                dossier: &dossier,
                evidence: history.evidence(),
                kept: history.kept(),
                ledger: ledger.as_ref(),
                reviews: &reviews,
                written: &[],
                exit: (code, meaning),
            },
        )
        .visible();
        let tasks = tasks::told(&dossier, &history, &assessment, at)?;
        Ok(Self {
            product: product.to_owned(),
            folder: folder.to_owned(),
            at,
            verified,
            dossier,
            notes,
            history,
            ledger,
            assessment,
            reviews,
            told,
            tasks,
            checkpoints: OnceLock::new(),
        })
    }

    /// Number of records when it was taken: what a form was made from.
    pub fn size(&self) -> u64 {
        self.history.size()
    }
}

fn read_history(folder: &Path) -> Result<History, RecordsError> {
    Records::open(folder)?.history()
}
