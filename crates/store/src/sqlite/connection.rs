//! How a connection to the ledger's database is set up, so that a commit is durable and the file is not trusted.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::StoreError;

/// Opens the database and changes nothing in it.
pub(super) fn connect(path: &Path, wait: Duration) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(wait)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // A commit is on the disk when it returns; fullfsync is what that takes on macOS.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "fullfsync", true)?;
    Ok(connection)
}

/// Readers and the writer do not wait for each other. This is the one setting that is kept in the file.
pub(super) fn log_ahead(
    connection: &Connection,
    failed: impl Fn(rusqlite::Error) -> StoreError,
) -> Result<(), StoreError> {
    let mode = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
    match mode.map_err(failed)?.as_str() {
        "wal" => Ok(()),
        other => {
            let source = format!("it stays in journal mode {other}; network file systems do that").into();
            Err(StoreError::Database { doing: "switch the ledger's database to write-ahead logging", source })
        }
    }
}

/// Whether that was set before.
pub(super) fn is_log_ahead(
    connection: &Connection,
    failed: impl Fn(rusqlite::Error) -> StoreError,
) -> Result<bool, StoreError> {
    let mode = connection.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0));
    Ok(mode.map_err(failed)? == "wal")
}
