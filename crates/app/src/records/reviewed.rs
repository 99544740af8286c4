//! Recording reviews: on exactly the ledger that was looked at.

use ledger::{Draft, Subject, predicate};
use model::Review;

use super::{Records, RecordsError};
use crate::history::History;

impl Records {
    /// Records a review on exactly this history. None when the ledger has moved on; then nothing was recorded.
    ///
    /// # Errors
    /// [`RecordsError`]; then nothing was recorded.
    pub fn review(&mut self, history: &History, review: &Review) -> Result<Option<u64>, RecordsError> {
        const WHAT: &str = "a review";
        let about = format!("{} of record {}: {}", review.checkpoint, review.assessment, review.decision);
        let record = serde_json::to_value(review).map_err(|source| RecordsError::Json { what: WHAT, source })?;
        let draft = Draft {
            kind: predicate::REVIEW.to_owned(),
            subjects: vec![Subject::new(about, review.verdicts)],
            recorded_at: review.reviewed.to_string(),
            record,
        };
        self.append_to(WHAT, draft, Some(history.size()))
    }
}
