//! Which recorded verdicts come out otherwise today: every recorded assessment, judged again by this program.
//!
//! It changes nothing: a new assessment is recorded by judging, not by looking back.

use std::collections::BTreeMap;
use std::path::Path;

use engine::{Assessment, RULESET};
use model::{Digest, Timestamp};
use serde::Serialize;

use crate::history::{History, Judged};
use crate::records::{Records, RecordsError};
use crate::replay::{ReplayError, replay};
use crate::verdicts::{AssessmentRecord, Change, changes, outcomes};

/// Why nothing was judged again.
#[derive(Debug, thiserror::Error)]
pub enum RejudgeError {
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// Something an assessment was derived from cannot be had.
    #[error(transparent)]
    Replay(#[from] ReplayError),
}

/// One recorded assessment, judged again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejudged {
    /// Position of its record.
    pub record: u64,
    /// The product's name.
    pub product: String,
    /// The release.
    pub release: String,
    /// The moment it is for.
    pub at: Timestamp,
    /// The program that judged it.
    pub tool: String,
    /// The rule set it was judged by.
    pub ruleset: u32,
    /// The rule set of this program.
    pub ruleset_now: u32,
    /// Number of its unit instances.
    pub instances: usize,
    /// Whether it came out the same to the last byte, reasons and grounds included.
    pub identical: bool,
    /// The unit instances that came out otherwise, in the order of the standard.
    pub changes: Vec<Change>,
}

impl Rejudged {
    /// Whether it came out as recorded: to the last byte by the same rule set, in every outcome by another.
    pub fn stands(&self) -> bool {
        self.identical || (self.ruleset != self.ruleset_now && self.changes.is_empty())
    }
}

/// Whether what a record says beside the digest of the whole is what the whole says.
fn says_the_same(record: &AssessmentRecord, again: &Assessment) -> bool {
    record.parts == again.parts && record.outcomes == outcomes(again)
}

/// Judges the recorded assessments of a dossier folder again, each on its own evidence and for its own moment.
/// With `other_rules`, only those that another rule set judged.
///
/// # Errors
/// [`RejudgeError`]; a ledger that does not verify judges nothing.
pub fn rejudge(folder: &Path, other_rules: bool) -> Result<Vec<Rejudged>, RejudgeError> {
    if !Records::exist(folder) {
        return Ok(Vec::new());
    }
    let records = Records::open(folder)?;
    let history = records.history()?;
    let wanted: Vec<&Judged> =
        history.judged().iter().filter(|j| !other_rules || j.record.ruleset != RULESET).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut all = Vec::with_capacity(wanted.len());
    // A few at a time: the texts of all dossiers are not in memory at once.
    for some in wanted.chunks(threads) {
        let mut texts = Vec::new();
        for judged in some {
            texts.push(texts_of(&records, &history, judged)?);
        }
        // Each is judged from values alone, so the order in which threads end changes nothing.
        let again = std::thread::scope(|scope| {
            let running: Vec<_> = some
                .iter()
                .zip(texts)
                .map(|(judged, texts)| scope.spawn(|| rejudged(&history, judged, texts)))
                .collect();
            let joined = running.into_iter().map(|thread| thread.join());
            joined
                .map(|joined| joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect::<Vec<_>>()
        });
        for one in again {
            all.push(one?);
        }
    }
    Ok(all)
}

/// The texts of the dossier that an assessment was made on, by their digests.
fn texts_of(
    records: &Records,
    history: &History,
    judged: &Judged,
) -> Result<BTreeMap<Digest, Vec<u8>>, RejudgeError> {
    let revision = history.revision_before(judged.seq).ok_or(ReplayError::NoDossier(judged.seq))?;
    let mut texts = BTreeMap::new();
    for (path, digest) in &revision.files {
        let failed = |source: RecordsError| ReplayError::Text { path: path.clone(), source: source.into() };
        texts.insert(*digest, records.blob(digest).map_err(failed)?);
    }
    Ok(texts)
}

fn rejudged(
    history: &History,
    judged: &Judged,
    texts: BTreeMap<Digest, Vec<u8>>,
) -> Result<Rejudged, RejudgeError> {
    let text = |digest: &Digest| texts.get(digest).cloned().ok_or_else(|| format!("find {digest}").into());
    let again = replay(history, judged.seq, &mut { text })?;
    let record = &judged.record;
    Ok(Rejudged {
        record: judged.seq,
        product: wire::text::visible_str(&record.product, 200),
        release: wire::text::visible_str(&record.release, 200),
        at: record.at,
        tool: wire::text::visible_str(&record.tool, 200),
        ruleset: record.ruleset,
        ruleset_now: RULESET,
        instances: record.outcomes.len(),
        identical: Digest::of(&again.bytes) == record.verdicts && says_the_same(record, &again.assessment),
        changes: changes(&record.outcomes, &again.assessment),
    })
}
