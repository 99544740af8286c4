//! Bringing a database to the present format, step by step (`PRAGMA user_version` counts the steps done).
//!
//! Invariant: a step, once released, is never edited; a change is a further step.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::StoreError;

/// What tells a database of ours, and how it is made.
pub(super) struct Format {
    /// What `PRAGMA application_id` says in it.
    pub(super) application: i64,
    /// The steps, by their file names.
    pub(super) steps: &'static [(&'static str, &'static str)],
}

impl Format {
    /// The version of a database on which every step was done.
    fn latest(&self) -> i64 {
        i64::try_from(self.steps.len()).unwrap_or(i64::MAX)
    }

    /// Whether no step was done yet: the database was made just now, or has lost everything.
    pub(super) fn is_new(&self, pending: &[(&str, &str)]) -> bool {
        pending.len() == self.steps.len()
    }
}

/// The steps that are still to do; nothing is written, so that what is not ours stays as it is.
pub(super) fn pending(
    format: &Format,
    connection: &Connection,
    path: &Path,
    failed: impl Fn(rusqlite::Error) -> StoreError,
) -> Result<&'static [(&'static str, &'static str)], StoreError> {
    let found = version(connection).map_err(&failed)?;
    let ours =
        if found == 0 { is_empty(connection) } else { application(connection).map(|id| id == format.application) };
    if !ours.map_err(&failed)? {
        return Err(StoreError::Foreign(path.to_owned()));
    }
    let pending = usize::try_from(found).ok().and_then(|done| format.steps.get(done..));
    pending.ok_or(StoreError::TooNew { found, known: format.latest() })
}

/// Runs these steps, all in one transaction.
pub(super) fn run(
    format: &Format,
    connection: &mut Connection,
    pending: &[(&str, &str)],
    failed: impl Fn(rusqlite::Error) -> StoreError,
) -> Result<(), StoreError> {
    if pending.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&failed)?;
    for (_, sql) in pending {
        transaction.execute_batch(sql).map_err(&failed)?;
    }
    transaction.pragma_update(None, "user_version", format.latest()).map_err(&failed)?;
    transaction.commit().map_err(failed)
}

fn version(connection: &Connection) -> Result<i64, rusqlite::Error> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn application(connection: &Connection) -> Result<i64, rusqlite::Error> {
    connection.pragma_query_value(None, "application_id", |row| row.get(0))
}

fn is_empty(connection: &Connection) -> Result<bool, rusqlite::Error> {
    connection.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))
}
