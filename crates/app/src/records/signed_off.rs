//! Recording what happens at checkpoints: on exactly the ledger that was looked at.

use ledger::{Draft, Subject, predicate};
use model::{Digest, canonical_bytes};
use workflow::{CheckpointEvent, CheckpointEvents};

use super::{Records, RecordsError};
use crate::history::History;

impl Records {
    /// Records what happened at checkpoints on exactly this history. None when the ledger has moved on; then nothing was
    /// recorded.
    ///
    /// # Errors
    /// [`RecordsError`]; then nothing was recorded.
    pub fn checkpoints(
        &mut self,
        history: &History,
        events: &CheckpointEvents,
    ) -> Result<Option<u64>, RecordsError> {
        const WHAT: &str = "what happened at a checkpoint";
        let bytes = canonical_bytes(events).map_err(|source| RecordsError::Canonical { what: WHAT, source })?;
        let one = |event: &CheckpointEvent| match event {
            CheckpointEvent::SignedOff { checkpoint, person, .. } => {
                format!("{checkpoint} of {} signed off by {person}", events.release)
            }
            CheckpointEvent::TakenBack { checkpoint, person, .. } => {
                format!("{checkpoint} of {} taken back by {person}", events.release)
            }
        };
        let about = events.events.iter().map(one).collect::<Vec<_>>().join("; ");
        let record = serde_json::to_value(events).map_err(|source| RecordsError::Json { what: WHAT, source })?;
        let draft = Draft {
            kind: predicate::CHECKPOINTS.to_owned(),
            subjects: vec![Subject::new(about, Digest::of(&bytes))],
            recorded_at: events.at.to_string(),
            record,
        };
        self.append_to(WHAT, draft, Some(history.size()))
    }
}
