//! Recording what a second person says about a statement: on exactly the ledger that was looked at.

use ledger::{Draft, Subject, predicate};
use model::Confirmation;

use super::{Records, RecordsError};
use crate::history::History;

impl Records {
    /// Records a second person's word on exactly this history. None when the ledger has moved on; then nothing was
    /// recorded.
    ///
    /// # Errors
    /// [`RecordsError`]; then nothing was recorded.
    pub fn confirmation(&mut self, history: &History, said: &Confirmation) -> Result<Option<u64>, RecordsError> {
        const WHAT: &str = "a confirmation";
        let about = match &said.entry {
            Some(entry) => format!("record {}, {}@{entry}: {}", said.statement, said.unit, said.decision),
            None => format!("record {}, {}: {}", said.statement, said.unit, said.decision),
        };
        let record = serde_json::to_value(said).map_err(|source| RecordsError::Json { what: WHAT, source })?;
        let draft = Draft {
            kind: predicate::CONFIRMATION.to_owned(),
            subjects: vec![Subject::new(about, said.digest)],
            recorded_at: said.confirmed.to_string(),
            record,
        };
        self.append_to(WHAT, draft, Some(history.size()))
    }
}
