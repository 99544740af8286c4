//! Recording what happens to tasks, to people and to requests: on exactly the ledger that was looked at.

use ledger::{Draft, Subject, predicate};
use model::{Digest, canonical_bytes};
use serde::Serialize;
use workflow::{Events, people, requests};

use super::{Records, RecordsError};
use crate::history::History;

impl Records {
    /// Records what happened to tasks on exactly this history. None when the ledger has moved on; then nothing was
    /// recorded.
    ///
    /// # Errors
    /// [`RecordsError`]; then nothing was recorded.
    pub fn tasks(&mut self, history: &History, events: &Events) -> Result<Option<u64>, RecordsError> {
        let (count, at) = (events.events.len(), events.at.to_string());
        self.followed(history, "what happened to tasks", predicate::TASKS, count, at, events)
    }

    /// Records what happened to people and roles on exactly this history. None when the ledger has moved on; then
    /// nothing was recorded.
    ///
    /// # Errors
    /// [`RecordsError`]; then nothing was recorded.
    pub fn people(&mut self, history: &History, events: &people::Events) -> Result<Option<u64>, RecordsError> {
        let (count, at) = (events.events.len(), events.at.to_string());
        self.followed(history, "what happened to people", predicate::PEOPLE, count, at, events)
    }

    /// Records what happened to requests for evidence on exactly this history. None when the ledger has moved on; then
    /// nothing was recorded.
    ///
    /// # Errors
    /// [`RecordsError`]; then nothing was recorded.
    pub fn requests(&mut self, history: &History, events: &requests::Events) -> Result<Option<u64>, RecordsError> {
        let (count, at) = (events.events.len(), events.at.to_string());
        self.followed(history, "what happened to requests", predicate::REQUESTS, count, at, events)
    }

    fn followed(
        &mut self,
        history: &History,
        what: &'static str,
        kind: &str,
        count: usize,
        recorded_at: String,
        events: &impl Serialize,
    ) -> Result<Option<u64>, RecordsError> {
        let bytes = canonical_bytes(events).map_err(|source| RecordsError::Canonical { what, source })?;
        let about = match count {
            1 => "1 event".to_owned(),
            n => format!("{n} events"),
        };
        let record = serde_json::to_value(events).map_err(|source| RecordsError::Json { what, source })?;
        let subjects = vec![Subject::new(about, Digest::of(&bytes))];
        let draft = Draft { kind: kind.to_owned(), subjects, recorded_at, record };
        self.append_to(what, draft, Some(history.size()))
    }
}
