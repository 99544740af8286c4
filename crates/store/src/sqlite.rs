//! A ledger in a folder: `ledger.sqlite`, the files under `blobs`, and `lock`.
//!
//! SQLite orders the writers. The lock file is held while the database is set up, and keeps blob writers and the
//! rebuilding of the index apart; appending and reading do not need it.

#[cfg(test)]
mod checked;
mod connection;
mod documents;
mod migrate;
mod moved;
mod queries;

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ledger::{Digest, Entry, Head, SignedCheckpoint, leaf_hash};
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};

pub use documents::SqliteDocuments;
use migrate::Format;

use crate::blobs::{BlobFolder, sync_folder};
use crate::failure::{database, failed};
use crate::follow::{Next, covers, taken_over};
use crate::lock::Lock;
use crate::number::signed;
use crate::step::steps;
use crate::{Blob, Leaf, Rebuilt, Store, StoreError, StoredCheckpoint, WAIT};

/// The database's file inside a ledger's folder.
const DATABASE: &str = "ledger.sqlite";

/// The database's format; `application_id` is "ASSY".
const FORMAT: Format = Format { application: 1_095_979_865, steps: steps!("sqlite": "0001_ledger") };

/// A handle on a ledger kept in a folder.
pub struct SqliteStore {
    folder: PathBuf,
    wait: Duration,
    connection: Connection,
    blobs: BlobFolder,
    /// The head as of the last look; brought up to date before it is used.
    head: Head,
    /// Whether the name of the database is known to be on the disk.
    named: bool,
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
        let path = folder.join(DATABASE);
        let blobs = BlobFolder::new(folder.join("blobs"));
        let opening = database("open the ledger's database", &path, wait);
        // Whoever only reads waits for nobody and syncs nothing; the name is synced before the first thing is kept. What
        // cannot be opened so is opened as one that has to be made, which says what is in the way.
        if path.is_file()
            && let Ok(Some(connection)) = ready(&path, wait, &opening)
        {
            let head = Head::new();
            return Ok(Self { folder: folder.to_owned(), wait, connection, blobs, head, named: false });
        }
        fs::create_dir_all(folder).map_err(failed("create", folder))?;
        let _lock = Lock::exclusive(folder)?;
        let mut connection = connection::connect(&path, wait).map_err(&opening)?;
        let pending = migrate::pending(&FORMAT, &connection, &path, &opening)?;
        // Evidence is only ever kept once there is a database.
        if FORMAT.is_new(pending) && !blobs.is_empty()? {
            return Err(StoreError::Emptied(path));
        }
        connection::log_ahead(&connection, &opening)?;
        migrate::run(&FORMAT, &mut connection, pending, &opening)?;
        let mut store =
            Self { folder: folder.to_owned(), wait, connection, blobs, head: Head::new(), named: false };
        store.sync_name()?;
        Ok(store)
    }

    /// SQLite syncs the folder for its log, not for the database's own name, which another process may just have made.
    fn sync_name(&mut self) -> Result<(), StoreError> {
        if !self.named {
            sync_folder(&self.folder)?;
            if let Some(parent) = self.folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                sync_folder(parent)?;
            }
            self.named = true;
        }
        Ok(())
    }

    /// Brings the ledger in this folder to the format of this number, forward or back.
    ///
    /// # Errors
    /// As [`SqliteStore::open`]; [`StoreError::WouldLose`] where records would be lost.
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

    fn append_next(&mut self, next: &Next<'_>, note: &str) -> Result<u64, StoreError> {
        self.sync_name()?;
        let failed = self.failed("append to the ledger");
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&failed)?;
        if let Some(place) = moved::place(&transaction).map_err(&failed)? {
            return Err(StoreError::Elsewhere { place });
        }
        let mut head = self.head.clone();
        catch_up(&transaction, &mut head).map_err(&failed)?;
        let seq = head.size();
        let hash = next.follow(&mut head)?;
        let place = next.entry.position();
        transaction
            .prepare_cached(queries::APPEND_LEAF)
            .and_then(|mut leaf| {
                leaf.execute(params![
                    signed(seq),
                    next.entry.kind(),
                    place.recorded_at,
                    next.body,
                    hash.as_bytes()
                ])
            })
            .map_err(&failed)?;
        transaction
            .prepare_cached(queries::APPEND_CHECKPOINT)
            .and_then(|mut row| row.execute(params![signed(head.size()), note]))
            .map_err(&failed)?;
        transaction.commit().map_err(&failed)?;
        self.head = head;
        Ok(seq)
    }
}

impl Store for SqliteStore {
    fn append(&mut self, kind: &str, body: &[u8], checkpoint_note: &str) -> Result<u64, StoreError> {
        let next = Next::read(kind, body, checkpoint_note)?;
        let appended = self.append_next(&next, checkpoint_note);
        if appended.is_err() {
            // Whatever went wrong, the next look starts from what is stored.
            self.head = Head::new();
        }
        appended
    }

    fn take_over(&mut self, bodies: &[Vec<u8>], checkpoints: &[StoredCheckpoint]) -> Result<(), StoreError> {
        self.sync_name()?;
        let failed = self.failed("take over leaves");
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&failed)?;
        let closed: Option<String> =
            transaction.query_row(queries::MOVED_TO, [], |row| row.get(0)).optional().map_err(&failed)?;
        transaction.execute_batch(queries::MOVE_BACK).map_err(&failed)?;
        let mut head = Head::new();
        catch_up(&transaction, &mut head).map_err(&failed)?;
        let (leaves, _) = taken_over(head, bodies, checkpoints)?;
        for leaf in leaves {
            let hash = leaf.leaf_hash.as_bytes();
            let row = params![signed(leaf.seq), leaf.kind, leaf.recorded_at, leaf.body, hash];
            transaction
                .prepare_cached(queries::APPEND_LEAF)
                .and_then(|mut statement| statement.execute(row))
                .map_err(&failed)?;
        }
        for checkpoint in checkpoints {
            transaction
                .execute(queries::APPEND_CHECKPOINT, params![signed(checkpoint.size), checkpoint.note])
                .map_err(&failed)?;
        }
        if let Some(closed) = closed {
            transaction.execute_batch(&closed).map_err(&failed)?;
        }
        transaction.commit().map_err(&failed)
    }

    fn move_away(&mut self, size: u64, place: &str) -> Result<(), StoreError> {
        let failed = self.failed("close the ledger");
        moved::away(&mut self.connection, size, place, failed)
    }

    fn move_back(&mut self) -> Result<(), StoreError> {
        let failed = self.failed("open the ledger for writing");
        self.connection.execute_batch(queries::MOVE_BACK).map_err(failed)
    }

    fn moved_to(&self) -> Result<Option<String>, StoreError> {
        moved::place(&self.connection).map_err(self.failed("read where the ledger is"))
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
        covers(checkpoint, &head)?;
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
        self.sync_name()?;
        let _lock = Lock::shared(&self.folder)?;
        let digest = self.blobs.put(bytes)?;
        let row = params![digest.as_bytes(), signed(bytes.len() as u64)];
        self.connection.execute(queries::INDEX_BLOB, row).map_err(self.failed("list a blob"))?;
        Ok(digest)
    }

    fn put_blob_from(&mut self, bytes: &mut dyn std::io::Read) -> Result<Digest, StoreError> {
        self.sync_name()?;
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

/// The database as it is; none where something has to be made or brought up to date first.
fn ready(
    path: &Path,
    wait: Duration,
    opening: impl Fn(rusqlite::Error) -> StoreError,
) -> Result<Option<Connection>, StoreError> {
    let connection = connection::connect(path, wait).map_err(&opening)?;
    let pending = migrate::pending(&FORMAT, &connection, path, &opening)?;
    let is_ready = pending.is_empty() && connection::is_log_ahead(&connection, &opening)?;
    Ok(is_ready.then_some(connection))
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

fn unsigned(row: &Row<'_>, column: usize) -> Result<u64, rusqlite::Error> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}
