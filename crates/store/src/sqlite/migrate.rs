//! Bringing a database to a format, step by step, forward and back (`PRAGMA user_version` counts the steps done).

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::StoreError;
use crate::step::{Step, latest};

/// What tells a database of ours, and how it is made.
pub(super) struct Format {
    /// What `PRAGMA application_id` says in it.
    pub(super) application: i64,
    /// The steps.
    pub(super) steps: &'static [Step],
}

impl Format {
    /// Whether no step was done yet: the database was made just now, or has lost everything.
    pub(super) fn is_new(&self, pending: &[Step]) -> bool {
        pending.len() == self.steps.len()
    }
}

/// The steps that are still to do; nothing is written, so that what is not ours stays as it is.
pub(super) fn pending(
    format: &Format,
    connection: &Connection,
    path: &Path,
    failed: impl Fn(rusqlite::Error) -> StoreError,
) -> Result<&'static [Step], StoreError> {
    let found = version(connection).map_err(&failed)?;
    let ours =
        if found == 0 { is_empty(connection) } else { application(connection).map(|id| id == format.application) };
    if !ours.map_err(&failed)? {
        return Err(StoreError::Foreign(path.to_owned()));
    }
    let pending = usize::try_from(found).ok().and_then(|done| format.steps.get(done..));
    pending.ok_or(StoreError::TooNew { found, known: latest(format.steps) })
}

/// Runs these steps, all in one transaction.
pub(super) fn run(
    format: &Format,
    connection: &mut Connection,
    pending: &[Step],
    failed: impl Fn(rusqlite::Error) -> StoreError,
) -> Result<(), StoreError> {
    if pending.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&failed)?;
    for step in pending {
        transaction.execute_batch(step.up).map_err(&failed)?;
    }
    transaction.pragma_update(None, "user_version", latest(format.steps)).map_err(&failed)?;
    transaction.commit().map_err(failed)
}

/// Brings the database to the format of this number, forward or back, all in one transaction.
pub(super) fn to(
    format: &Format,
    connection: &mut Connection,
    path: &Path,
    target: u64,
    failed: impl Fn(rusqlite::Error) -> StoreError,
) -> Result<(), StoreError> {
    let pending = pending(format, connection, path, &failed)?;
    let (found, known) = (format.steps.len() - pending.len(), latest(format.steps));
    let target = usize::try_from(target).ok().filter(|target| *target <= format.steps.len());
    let target = target.ok_or(StoreError::TooNew { found: i64::MAX, known })?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&failed)?;
    for step in format.steps.get(found..target).unwrap_or_default() {
        transaction.execute_batch(step.up).map_err(&failed)?;
    }
    for (number, step) in (0..).zip(format.steps).take(found).skip(target).collect::<Vec<(u64, _)>>().iter().rev()
    {
        if transaction.query_row(step.loses, [], |row| row.get(0)).map_err(&failed)? {
            return Err(StoreError::WouldLose { format: *number, step: step.name });
        }
        transaction.execute_batch(step.down).map_err(&failed)?;
    }
    let version = i64::try_from(target).unwrap_or(i64::MAX);
    transaction.pragma_update(None, "user_version", version).map_err(&failed)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Two steps, of which the second changes what the first one made.
    const FORMAT: Format = Format {
        application: 7,
        steps: &[
            Step {
                name: "0001_first",
                up: "PRAGMA application_id = 7; CREATE TABLE note (text TEXT NOT NULL) STRICT;",
                down: "DROP TABLE note; PRAGMA application_id = 0;",
                loses: "SELECT EXISTS (SELECT 1 FROM note);",
            },
            Step {
                name: "0002_second",
                up: "ALTER TABLE note ADD COLUMN author TEXT;",
                down: "ALTER TABLE note DROP COLUMN author;",
                loses: "SELECT EXISTS (SELECT 1 FROM note WHERE author IS NOT NULL);",
            },
        ],
    };

    #[test]
    fn steps_are_taken_and_taken_back_and_what_is_kept_stays() {
        let failed = |error| panic!("{error}");
        let mut connection = Connection::open_in_memory().unwrap();
        let mut to = |sql: &str, target| {
            connection.execute_batch(sql).unwrap();
            let moved = super::to(&FORMAT, &mut connection, Path::new(":memory:"), target, failed);
            moved.map(|()| version(&connection).unwrap())
        };
        assert_eq!(to("", 1).unwrap(), 1);
        assert_eq!(to("INSERT INTO note VALUES ('kept')", 2).unwrap(), 2);
        assert_eq!(to("", 1).unwrap(), 1);
        assert_eq!(to("", 2).unwrap(), 2);
        let refused = to("UPDATE note SET author = 'anna'", 1);
        assert!(matches!(refused, Err(StoreError::WouldLose { format: 1, step: "0002_second" })), "{refused:?}");
        let refused = to("UPDATE note SET author = NULL", 0);
        assert!(matches!(refused, Err(StoreError::WouldLose { format: 0, .. })), "{refused:?}");
        assert!(matches!(to("", 3), Err(StoreError::TooNew { known: 2, .. })));
        assert_eq!(to("", 2).unwrap(), 2, "a refused way back changes nothing");
        assert_eq!(
            connection.query_row("SELECT text FROM note", [], |row| row.get::<_, String>(0)).unwrap(),
            "kept"
        );
    }

    #[test]
    fn the_way_back_from_everything_leaves_nothing_and_forward_again_works() {
        let failed = |error| panic!("{error}");
        for format in [&crate::sqlite::FORMAT, &crate::sqlite::documents::FORMAT] {
            let mut connection = Connection::open_in_memory().unwrap();
            let path = Path::new(":memory:");
            for _ in 0..2 {
                to(format, &mut connection, path, latest(format.steps).unsigned_abs(), failed).unwrap();
                assert!(!is_empty(&connection).unwrap());
                to(format, &mut connection, path, 0, failed).unwrap();
                assert!(is_empty(&connection).unwrap());
            }
        }
    }
}
