//! Whose the recorded states of the dossier are.

use ledger::{Entry, predicate};
use model::Digest;

use super::{Records, RecordsError};

impl Records {
    /// Who saved a file with this digest, and when it was recorded: by the record with which the last of its states began.
    /// None where that says nobody, or the last state has another file. Nothing is verified.
    ///
    /// # Errors
    /// [`RecordsError`] when the ledger cannot be read.
    pub(crate) fn saved_by(&self, path: &str, now: &Digest) -> Result<Option<(String, String)>, RecordsError> {
        let states = self.store.by_kind(predicate::DOSSIER_REVISION).map_err(|e| self.store_error(e))?;
        let now = now.to_string();
        let states = states.iter().rev().map_while(|leaf| Entry::read_unverified(&leaf.body).ok());
        let first = states.take_while(|entry| entry.record()["files"][path] == now).last();
        Ok(first.and_then(|entry| {
            let person = entry.record()["by"].as_str()?.to_owned();
            Some((person, entry.position().recorded_at.clone()))
        }))
    }
}
