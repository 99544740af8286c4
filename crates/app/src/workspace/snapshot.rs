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

/// Milliseconds after which an unchanged product is judged for the present moment again.
const FRESH: i64 = 60_000;

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
    /// When the files behind its records were held against their digests; one that came later was when it was met first.
    pub(super) files_verified: Timestamp,
    /// The dossier.
    pub dossier: Arc<Dossier>,
    /// The linter's notes on it.
    pub notes: Arc<Vec<Note>>,
    /// The verified records.
    pub history: Arc<History>,
    /// The ledger's state; none when nothing is recorded.
    pub ledger: Option<LedgerState>,
    /// The assessment.
    pub assessment: Arc<Assessment>,
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
    /// Reads and judges a product. Of one that was looked at `before`, a little earlier, what is the same now is not made
    /// again: the whole ledger is read and verified in any case, and of the files behind its records those that came
    /// since.
    ///
    /// # Errors
    /// [`WorkspaceError`] when its dossier or its ledger cannot be read.
    pub(super) fn read(
        product: &str,
        folder: &Path,
        at: Timestamp,
        before: Option<&Self>,
        keeping: Keeping,
    ) -> Result<Self, WorkspaceError> {
        let sources = folder::sources(folder)?;
        let same = before.filter(|before| before.dossier.sources == sources);
        let (dossier, notes) = match same {
            Some(before) => (before.dossier.clone(), before.notes.clone()),
            None => {
                let (dossier, notes) = engine::lint::check(sources);
                (Arc::new(dossier), Arc::new(notes))
            }
        };
        let (history, files) = match Records::exist(folder) {
            true => read_history(folder, keeping).map_err(AssessError::from)?,
            false => (Arc::default(), at),
        };
        // Tasks, requests and people change no verdict.
        let judged = same.filter(|same| {
            same.history.has_evidence_of(&history) && same.is_of_now(at) && same.at.date() == at.date()
        });
        let judged = judged.map(|same| same.assessment.clone());
        Self::of((product, folder), (at, at, files), (dossier, notes), history, judged)
    }

    /// The same dossier and records, judged for a later moment.
    ///
    /// # Errors
    /// As [`Snapshot::read`].
    pub(super) fn again(&self, at: Timestamp) -> Result<Self, WorkspaceError> {
        let declared = (self.dossier.clone(), self.notes.clone());
        let moments = (at, self.verified, self.files_verified);
        Self::of((&self.product, &self.folder), moments, declared, self.history.clone(), None)
    }

    /// Whether its verdicts may be told at a moment as those of then.
    pub(super) fn is_of_now(&self, now: Timestamp) -> bool {
        // A clock that was set back makes nothing fresh.
        (0..FRESH).contains(&(now.millis() - self.at.millis()))
    }

    fn of(
        (product, folder): (&str, &Path),
        (at, verified, files_verified): (Timestamp, Timestamp, Timestamp),
        (dossier, notes): (Arc<Dossier>, Arc<Vec<Note>>),
        history: Arc<History>,
        judged: Option<Arc<Assessment>>,
    ) -> Result<Self, WorkspaceError> {
        let assessment = judged.unwrap_or_else(|| Arc::new(replay::judge(&dossier, history.evidence(), at)));
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
        let tasks = tasks::told(&dossier, &history, &assessment, tasks::as_late(&history, at))?;
        Ok(Self {
            product: product.to_owned(),
            folder: folder.to_owned(),
            at: assessment.at,
            verified,
            files_verified,
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

fn read_history(folder: &Path, keeping: Keeping) -> Result<(Arc<History>, Timestamp), RecordsError> {
    let records = Records::open(folder)?;
    match keeping {
        Keeping::Ready => records.history_lately(),
        Keeping::Nothing => records.in_passing().history_lately(),
    }
}

/// What is kept of a product, so that it is read faster another time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeping {
    /// What its ledger was verified as.
    Ready,
    /// Nothing, where nothing was kept before: very many are looked at, each one time.
    Nothing,
}
