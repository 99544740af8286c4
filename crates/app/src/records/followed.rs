//! Recording what happens to tasks: on exactly the ledger that was looked at.

use ledger::{Draft, Subject, predicate};
use model::{Digest, canonical_bytes};
use workflow::Events;

use super::{Records, RecordsError};
use crate::history::History;

impl Records {
    /// Records what happened to tasks on exactly this history. None when the ledger has moved on; then nothing was
    /// recorded.
    ///
    /// # Errors
    /// [`RecordsError`]; then nothing was recorded.
    pub fn tasks(&mut self, history: &History, events: &Events) -> Result<Option<u64>, RecordsError> {
        const WHAT: &str = "what happened to tasks";
        let bytes = canonical_bytes(events).map_err(|source| RecordsError::Canonical { what: WHAT, source })?;
        let about = match events.events.len() {
            1 => "1 event".to_owned(),
            n => format!("{n} events"),
        };
        let record = serde_json::to_value(events).map_err(|source| RecordsError::Json { what: WHAT, source })?;
        let draft = Draft {
            kind: predicate::TASKS.to_owned(),
            subjects: vec![Subject::new(about, Digest::of(&bytes))],
            recorded_at: events.at.to_string(),
            record,
        };
        self.append_to(WHAT, draft, Some(history.size()))
    }
}
