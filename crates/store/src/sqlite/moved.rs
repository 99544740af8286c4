//! A ledger that goes on elsewhere: a trigger keeps every program from appending to it, and says where it is.

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

use super::{queries, unsigned};
use crate::StoreError;

/// What the trigger says before the place.
const SAYS: &str = "this ledger goes on in ";

/// Closes the ledger, if it has this size.
pub(super) fn away(
    connection: &mut Connection,
    size: u64,
    place: &str,
    failed: impl Fn(rusqlite::Error) -> StoreError,
) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&failed)?;
    let found = transaction.query_row(queries::SIZE, [], |row| unsigned(row, 0)).map_err(&failed)?;
    if found != size {
        return Err(StoreError::Moved { sealed: size, size: found });
    }
    transaction.execute_batch(queries::MOVE_BACK).map_err(&failed)?;
    transaction.execute_batch(&trigger(place)).map_err(&failed)?;
    transaction.commit().map_err(failed)
}

/// Where the ledger goes on, if it does elsewhere.
pub(super) fn place(connection: &Connection) -> Result<Option<String>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(queries::MOVED_TO)?;
    let sql: Option<String> = statement.query_row([], |row| row.get(0)).optional()?;
    Ok(sql.map(|sql| {
        let said = sql.split_once(SAYS).map_or("", |(_, rest)| rest);
        said.rsplit_once("');").map_or(said, |(place, _)| place).replace("''", "'")
    }))
}

fn trigger(place: &str) -> String {
    let place = place.replace('\'', "''");
    format!(
        "CREATE TRIGGER ledger_has_moved BEFORE INSERT ON leaf BEGIN SELECT raise(ABORT, '{SAYS}{place}'); END;"
    )
}
