//! A ledger in a folder: `ledger.sqlite`, the files under `blobs`, and `lock`.
//!
//! SQLite orders the writers. The lock file is held while the database is set up, and keeps blob writers and the
//! rebuilding of the index apart; appending and reading do not need it.

#[cfg(test)]
mod checked;
mod connection;
mod documents;
mod migrate;
mod queries;

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ledger::{Checkpoint, Digest, Entry, Head, SignedCheckpoint, leaf_hash};
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};

pub use documents::SqliteDocuments;
use migrate::Format;

use crate::blobs::{BlobFolder, sync_folder};
use crate::failure::{database, failed};
use crate::lock::Lock;
use crate::{Blob, Leaf, Rebuilt, Store, StoreError, StoredCheckpoint};

/// The database's file inside a ledger's folder.
const DATABASE: &str = "ledger.sqlite";

/// The database's format; `application_id` is "ASSY".
const FORMAT: Format = Format {
    application: 1_095_979_865,
    steps: &[("0001_ledger.sql", include_str!("sqlite/migrations/0001_ledger.sql"))],
};

/// How long a writer waits for another by default: longer than any append takes, shorter than a person's patience.
const WAIT: Duration = Duration::from_secs(10);

/// A handle on a ledger kept in a folder.
pub struct SqliteStore {
    folder: PathBuf,
    wait: Duration,
    connection: Connection,
    blobs: BlobFolder,
    /// The head as of the last look; brought up to date before it is used.
    head: Head,
}

impl SqliteStore {
    /// Opens the ledger in this folder (`.assay`), and creates folder and ledger when there are none.
    ///
    /// # Errors
    /// [`StoreError::File`] or [`StoreError::Database`] when the folder or the database cannot be used,
    /// [`StoreError::Foreign`] or [`StoreError::TooNew`] when the database is not one this program understands.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        Self::open_waiting(folder, WAIT)
    }

    /// As [`SqliteStore::open`], with another limit to how long a write waits for other processes.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub fn open_waiting(folder: &Path, wait: Duration) -> Result<Self, StoreError> {
        fs::create_dir_all(folder).map_err(failed("create", folder))?;
        let _lock = Lock::exclusive(folder)?;
        let path = folder.join(DATABASE);
        let blobs = BlobFolder::new(folder.join("blobs"));
        let opening = database("open the ledger's database", &path, wait);
        let mut connection = connection::connect(&path, wait).map_err(&opening)?;
        let pending = migrate::pending(&FORMAT, &connection, &path, &opening)?;
        // Evidence is only ever kept once there is a database.
        if FORMAT.is_new(pending) && !blobs.is_empty()? {
            return Err(StoreError::Emptied(path));
        }
        connection::log_ahead(&connection, &opening)?;
        migrate::run(&FORMAT, &mut connection, pending, &opening)?;
        // SQLite syncs the folder for its log, not for the database's own name.
        sync_folder(folder)?;
        if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            sync_folder(parent)?;
        }
        Ok(Self { folder: folder.to_owned(), wait, connection, blobs, head: Head::new() })
    }

    fn failed(&self, doing: &'static str) -> impl Fn(rusqlite::Error) -> StoreError + use<> {
        database(doing, &self.folder.join(DATABASE), self.wait)
    }

    fn append_next(
        &mut self,
        body: &[u8],
        entry: &Entry,
        checkpoint: &Checkpoint,
        note: &str,
    ) -> Result<u64, StoreError> {
        let failed = self.failed("append to the ledger");
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&failed)?;
        let mut head = self.head.clone();
        catch_up(&transaction, &mut head).map_err(&failed)?;
        let seq = head.size();
        let hash = follow(&mut head, body, entry, checkpoint)?;
        let place = entry.position();
        transaction
            .prepare_cached(queries::APPEND_LEAF)
            .and_then(|mut leaf| {
                leaf.execute(params![signed(seq), entry.kind(), place.recorded_at, body, hash.as_bytes()])
            })
            .map_err(&failed)?;
        transaction
            .prepare_cached(queries::APPEND_CHECKPOINT)
            .and_then(|mut row| row.execute(params![signed(checkpoint.size), note]))
            .map_err(&failed)?;
        transaction.commit().map_err(&failed)?;
        self.head = head;
        Ok(seq)
    }
}

/// Moves the head on by an entry, if the entry and its checkpoint continue the ledger that ends there.
fn follow(head: &mut Head, body: &[u8], entry: &Entry, checkpoint: &Checkpoint) -> Result<Digest, StoreError> {
    let (seq, place) = (head.size(), entry.position());
    if place.index != seq {
        return Err(StoreError::Moved { sealed: place.index, size: seq });
    }
    if place.previous != head.last() {
        return Err(StoreError::DoesNotFollow { seq, why: "it names another leaf as the one before it" });
    }
    let hash = leaf_hash(body);
    head.push(hash);
    if checkpoint.size != head.size() || checkpoint.root != head.root() {
        return Err(StoreError::DoesNotFollow { seq, why: "its checkpoint is over other leaves" });
    }
    Ok(hash)
}

impl Store for SqliteStore {
    fn append(&mut self, kind: &str, body: &[u8], checkpoint_note: &str) -> Result<u64, StoreError> {
        let checkpoint = SignedCheckpoint::parse(checkpoint_note).map_err(StoreError::Checkpoint)?;
        let entry = Entry::read_unverified(body).map_err(StoreError::Entry)?;
        if entry.kind() != kind {
            return Err(StoreError::Kind { told: kind.to_owned(), found: entry.kind().to_owned() });
        }
        let appended = self.append_next(body, &entry, checkpoint.claimed(), checkpoint_note);
        if appended.is_err() {
            // Whatever went wrong, the next look starts from what is stored.
            self.head = Head::new();
        }
        appended
    }

    fn head(&mut self) -> Result<Head, StoreError> {
        catch_up(&self.connection, &mut self.head).map_err(self.failed("read the end of the ledger"))?;
        Ok(self.head.clone())
    }

    fn size(&self) -> Result<u64, StoreError> {
        let size = self.connection.query_row(queries::SIZE, [], |row| unsigned(row, 0));
        size.map_err(self.failed("read the size of the ledger"))
    }

    fn leaf(&self, seq: u64) -> Result<Option<Leaf>, StoreError> {
        Ok(self.leaves(seq..seq.saturating_add(1))?.pop())
    }

    fn leaves(&self, range: Range<u64>) -> Result<Vec<Leaf>, StoreError> {
        let bounds = params![signed(range.start), signed(range.end)];
        let leaves = rows(&self.connection, queries::LEAVES, bounds, read_leaf);
        leaves.map_err(self.failed("read leaves"))
    }

    fn by_kind(&self, kind: &str) -> Result<Vec<Leaf>, StoreError> {
        let leaves = rows(&self.connection, queries::LEAVES_BY_KIND, params![kind], read_leaf);
        leaves.map_err(self.failed("read leaves of one kind"))
    }

    fn latest_checkpoint(&self) -> Result<Option<StoredCheckpoint>, StoreError> {
        let checkpoint = self.connection.query_row(queries::LATEST_CHECKPOINT, [], read_checkpoint).optional();
        checkpoint.map_err(self.failed("read the latest checkpoint"))
    }

    fn checkpoint_at(&self, size: u64) -> Result<Option<StoredCheckpoint>, StoreError> {
        let found = rows(&self.connection, queries::CHECKPOINT_AT, params![signed(size)], read_checkpoint);
        Ok(found.map_err(self.failed("read a checkpoint"))?.pop())
    }

    fn checkpoints(&self) -> Result<Vec<StoredCheckpoint>, StoreError> {
        let all = rows(&self.connection, queries::CHECKPOINTS, [], read_checkpoint);
        all.map_err(self.failed("read the checkpoints"))
    }

    fn replace_checkpoints(&mut self, note: &str) -> Result<(), StoreError> {
        let checkpoint = SignedCheckpoint::parse(note).map_err(StoreError::Checkpoint)?;
        let checkpoint = checkpoint.claimed();
        let failed = self.failed("replace the checkpoints");
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&failed)?;
        let mut head = Head::new();
        catch_up(&transaction, &mut head).map_err(&failed)?;
        if checkpoint.size != head.size() || checkpoint.root != head.root() {
            let why = "the checkpoint is over other leaves";
            return Err(StoreError::DoesNotFollow { seq: head.size(), why });
        }
        transaction.execute_batch(queries::FORGET_CHECKPOINTS).map_err(&failed)?;
        transaction.execute_batch(queries::RESTORE_TABLES).map_err(&failed)?;
        transaction
            .execute(queries::APPEND_CHECKPOINT, params![signed(checkpoint.size), note])
            .map_err(&failed)?;
        transaction.commit().map_err(&failed)?;
        self.head = head;
        Ok(())
    }

    fn put_blob(&mut self, bytes: &[u8]) -> Result<Digest, StoreError> {
        let _lock = Lock::shared(&self.folder)?;
        let digest = self.blobs.put(bytes)?;
        let row = params![digest.as_bytes(), signed(bytes.len() as u64)];
        self.connection.execute(queries::INDEX_BLOB, row).map_err(self.failed("list a blob"))?;
        Ok(digest)
    }

    fn put_blob_from(&mut self, bytes: &mut dyn std::io::Read) -> Result<Digest, StoreError> {
        let _lock = Lock::shared(&self.folder)?;
        let (digest, length) = self.blobs.put_from(bytes)?;
        let row = params![digest.as_bytes(), signed(length)];
        self.connection.execute(queries::INDEX_BLOB, row).map_err(self.failed("list a blob"))?;
        Ok(digest)
    }

    fn get_blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        self.blobs.get(digest)
    }

    fn open_blob(&self, digest: &Digest) -> Result<(u64, Box<dyn std::io::Read>), StoreError> {
        let (length, file) = self.blobs.open(digest)?;
        Ok((length, Box::new(file)))
    }

    fn blobs(&self) -> Result<Vec<Blob>, StoreError> {
        let read = |row: &Row<'_>| Ok(Blob { digest: Digest::from_bytes(row.get(0)?), length: unsigned(row, 1)? });
        rows(&self.connection, queries::BLOBS, [], read).map_err(self.failed("read the list of blobs"))
    }

    fn rebuild_index(&mut self) -> Result<Rebuilt, StoreError> {
        let failed = self.failed("rebuild the index");
        let _lock = Lock::exclusive(&self.folder)?;
        let found = self.blobs.scan()?;
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&failed)?;
        transaction.execute_batch(queries::RESTORE_TABLES).map_err(&failed)?;
        let mut rebuilt = Rebuilt { damaged: found.damaged, ..Rebuilt::default() };
        let size = transaction.query_row(queries::SIZE, [], |row| unsigned(row, 0)).map_err(&failed)?;
        for seq in 0..size {
            let bounds = params![signed(seq), signed(seq + 1)];
            // A gap in the positions shows in the numbers below, and in verification.
            for leaf in rows(&transaction, queries::LEAVES, bounds, read_leaf).map_err(&failed)? {
                rebuilt.leaves += 1;
                rebuilt.corrected += u64::from(reindex(&transaction, &leaf, &failed)?);
            }
        }
        transaction.execute(queries::FORGET_BLOBS, []).map_err(&failed)?;
        for blob in found.sound {
            let row = params![blob.digest.as_bytes(), signed(blob.length)];
            transaction.execute(queries::INDEX_BLOB, row).map_err(&failed)?;
            rebuilt.blobs += 1;
        }
        transaction.commit().map_err(&failed)?;
        self.head = Head::new();
        Ok(rebuilt)
    }

    fn another(&self) -> Result<Box<dyn Store>, StoreError> {
        Ok(Box::new(Self::open_waiting(&self.folder, self.wait)?))
    }
}

fn read_checkpoint(row: &Row<'_>) -> Result<StoredCheckpoint, rusqlite::Error> {
    Ok(StoredCheckpoint { size: unsigned(row, 0)?, note: row.get(1)? })
}

/// Derives a leaf's index columns from its body; tells whether they differed.
fn reindex(
    connection: &Connection,
    leaf: &Leaf,
    failed: impl Fn(rusqlite::Error) -> StoreError,
) -> Result<bool, StoreError> {
    let seq = leaf.seq;
    let entry = Entry::read_unverified(&leaf.body).map_err(|source| StoreError::Unreadable { seq, source })?;
    let (kind, recorded_at, hash) = (entry.kind(), &entry.position().recorded_at, leaf_hash(&leaf.body));
    if leaf.kind == kind && leaf.recorded_at == *recorded_at && leaf.leaf_hash == hash {
        return Ok(false);
    }
    let row = params![signed(seq), kind, recorded_at, hash.as_bytes()];
    connection.execute(queries::REINDEX_LEAF, row).map_err(failed)?;
    Ok(true)
}

fn catch_up(connection: &Connection, head: &mut Head) -> Result<(), rusqlite::Error> {
    let mut hashes = connection.prepare_cached(queries::LEAF_HASHES_FROM)?;
    for hash in hashes.query_map([signed(head.size())], |row| row.get(0))? {
        head.push(Digest::from_bytes(hash?));
    }
    Ok(())
}

fn rows<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
    read: impl FnMut(&Row<'_>) -> Result<T, rusqlite::Error>,
) -> Result<Vec<T>, rusqlite::Error> {
    connection.prepare_cached(sql)?.query_map(parameters, read)?.collect()
}

fn read_leaf(row: &Row<'_>) -> Result<Leaf, rusqlite::Error> {
    Ok(Leaf {
        seq: unsigned(row, 0)?,
        kind: row.get(1)?,
        recorded_at: row.get(2)?,
        body: row.get(3)?,
        leaf_hash: Digest::from_bytes(row.get(4)?),
    })
}

/// SQLite counts in signed numbers; no ledger reaches their end.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(row: &Row<'_>, column: usize) -> Result<u64, rusqlite::Error> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}
