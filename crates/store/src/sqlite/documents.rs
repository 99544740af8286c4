//! Documents in a folder: `workspace.sqlite`, beside a ledger or without one.

mod queries;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};

use super::migrate::Format;
use super::{connection, migrate, rows, unsigned};
use crate::blobs::sync_folder;
use crate::failure::{database, failed};
use crate::lock::Lock;
use crate::number::signed;
use crate::step::steps;
use crate::{Document, Documents, StoreError, WAIT};

/// The database's file inside the folder.
const DATABASE: &str = "workspace.sqlite";

/// The database's format; `application_id` is "ASSW".
pub(super) const FORMAT: Format =
    Format { application: 1_095_979_863, steps: steps!("documents": "0001_documents") };

/// A handle on documents kept in a folder.
pub struct SqliteDocuments {
    folder: PathBuf,
    wait: Duration,
    connection: Connection,
}

impl SqliteDocuments {
    /// Opens the documents in this folder, and creates folder and database when there are none.
    ///
    /// # Errors
    /// [`StoreError::File`] or [`StoreError::Database`] when the folder or the database cannot be used,
    /// [`StoreError::Foreign`] or [`StoreError::TooNew`] when the database is not one this program understands.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        Self::open_waiting(folder, WAIT)
    }

    /// As [`SqliteDocuments::open`], with another limit to how long a write waits for other processes.
    ///
    /// # Errors
    /// As [`SqliteDocuments::open`].
    pub fn open_waiting(folder: &Path, wait: Duration) -> Result<Self, StoreError> {
        fs::create_dir_all(folder).map_err(failed("create", folder))?;
        let _lock = Lock::exclusive(folder)?;
        let path = folder.join(DATABASE);
        let opening = database("open the workspace's database", &path, wait);
        let mut connection = connection::connect(&path, wait).map_err(&opening)?;
        let pending = migrate::pending(&FORMAT, &connection, &path, &opening)?;
        connection::log_ahead(&connection, &opening)?;
        migrate::run(&FORMAT, &mut connection, pending, &opening)?;
        // SQLite syncs the folder for its log, not for the database's own name.
        sync_folder(folder)?;
        if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            sync_folder(parent)?;
        }
        Ok(Self { folder: folder.to_owned(), wait, connection })
    }

    /// Brings the documents in this folder to the format of this number, forward or back.
    ///
    /// # Errors
    /// As [`SqliteDocuments::open`]; [`StoreError::WouldLose`] where documents would be lost.
    pub fn migrate(folder: &Path, format: u64) -> Result<(), StoreError> {
        let _lock = Lock::exclusive(folder)?;
        let path = folder.join(DATABASE);
        let failed = database("change the database's format", &path, WAIT);
        let mut connection = connection::connect(&path, WAIT).map_err(&failed)?;
        migrate::to(&FORMAT, &mut connection, &path, format, &failed)
    }

    fn failed(&self, doing: &'static str) -> impl Fn(rusqlite::Error) -> StoreError + use<> {
        database(doing, &self.folder.join(DATABASE), self.wait)
    }

    /// Begins a change of a document that is at this version.
    fn begin(
        &mut self,
        collection: &str,
        key: &str,
        expected: Option<u64>,
        failed: impl Fn(rusqlite::Error) -> StoreError,
    ) -> Result<Transaction<'_>, StoreError> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&failed)?;
        let found = transaction
            .prepare_cached(queries::VERSION)
            .and_then(|mut row| row.query_row(params![collection, key], |row| unsigned(row, 0)).optional())
            .map_err(&failed)?;
        if found != expected {
            let (collection, key) = (collection.to_owned(), key.to_owned());
            return Err(StoreError::Conflict { collection, key, expected, found });
        }
        Ok(transaction)
    }
}

impl Documents for SqliteDocuments {
    fn get(&self, collection: &str, key: &str) -> Result<Option<Document>, StoreError> {
        let found = rows(&self.connection, queries::GET, params![collection, key], read);
        Ok(found.map_err(self.failed("read a document"))?.pop())
    }

    fn put(
        &mut self,
        collection: &str,
        key: &str,
        bytes: &[u8],
        expected: Option<u64>,
    ) -> Result<u64, StoreError> {
        let failed = self.failed("keep a document");
        let transaction = self.begin(collection, key, expected, &failed)?;
        let version = transaction
            .prepare_cached(queries::NEXT_VERSION)
            .and_then(|mut row| row.query_row([], |row| unsigned(row, 0)))
            .map_err(&failed)?;
        transaction
            .prepare_cached(queries::PUT)
            .and_then(|mut row| row.execute(params![collection, key, signed(version), bytes]))
            .map_err(&failed)?;
        transaction.commit().map_err(&failed)?;
        Ok(version)
    }

    fn delete(&mut self, collection: &str, key: &str, expected: u64) -> Result<(), StoreError> {
        let failed = self.failed("delete a document");
        let transaction = self.begin(collection, key, Some(expected), &failed)?;
        transaction.execute(queries::DELETE, params![collection, key]).map_err(&failed)?;
        transaction.commit().map_err(&failed)
    }

    fn list(&self, collection: &str) -> Result<Vec<Document>, StoreError> {
        rows(&self.connection, queries::LIST, params![collection], read).map_err(self.failed("list documents"))
    }

    fn everything(&self) -> Result<Vec<(String, Document)>, StoreError> {
        let whole = |row: &Row<'_>| Ok((row.get(3)?, read(row)?));
        rows(&self.connection, queries::EVERYTHING, [], whole).map_err(self.failed("read every document"))
    }

    fn replace_everything(&mut self, documents: &[(String, Document)]) -> Result<(), StoreError> {
        let failed = self.failed("replace every document");
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&failed)?;
        transaction.execute(queries::FORGET, []).map_err(&failed)?;
        for (collection, document) in documents {
            let version = signed(document.version);
            let row = params![collection, document.key, version, document.bytes];
            transaction.execute(queries::PUT, row).map_err(&failed)?;
            transaction.execute(queries::NOT_BEFORE, [version]).map_err(&failed)?;
        }
        transaction.commit().map_err(&failed)
    }

    fn another(&self) -> Result<Box<dyn Documents>, StoreError> {
        Ok(Box::new(Self::open_waiting(&self.folder, self.wait)?))
    }
}

fn read(row: &Row<'_>) -> Result<Document, rusqlite::Error> {
    Ok(Document { key: row.get(0)?, version: unsigned(row, 1)?, bytes: row.get(2)? })
}
