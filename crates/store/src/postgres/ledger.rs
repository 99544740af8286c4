//! The ledger's schema as a store.

use std::ops::Range;
use std::time::Duration;

use ledger::{Digest, Entry, Head, SignedCheckpoint, leaf_hash};
use postgres::{Row, Transaction};

use super::blobs::Rebuilding;
use super::migrate::{self, Format, Missing};
use super::session::{Session, Trouble, schema};
use super::{Address, append, blobs, queries};
use crate::follow::Next;
use crate::number::{signed, unsigned};
use crate::step::steps;
use crate::{Blob, Leaf, Rebuilt, Store, StoreError, StoredCheckpoint, WAIT};

pub(super) const FORMAT: Format =
    Format { application: "assay ledger", steps: steps!(".": "0001_ledger", "0002_evidence") };

/// A handle on a ledger kept in a PostgreSQL database.
pub struct PostgresStore {
    session: Session,
    /// The head as of the last look; brought up to date before it is used.
    head: Head,
}

impl PostgresStore {
    /// Opens the ledger of this name.
    ///
    /// # Errors
    /// [`StoreError::NotThere`] when the database holds none; [`StoreError::Unreachable`], [`StoreError::Unsuited`],
    /// [`StoreError::NotAllowed`] when the database cannot be used, [`StoreError::Foreign`] or [`StoreError::TooNew`]
    /// when the schema is not one this program understands.
    pub fn open(address: &Address, name: &str) -> Result<Self, StoreError> {
        Self::open_waiting(address, name, WAIT)
    }

    /// As [`PostgresStore::open`], with another limit to how long a write waits for others.
    ///
    /// # Errors
    /// As [`PostgresStore::open`].
    pub fn open_waiting(address: &Address, name: &str, wait: Duration) -> Result<Self, StoreError> {
        Self::opened(address, name, wait, Missing::Told)
    }

    /// As [`PostgresStore::open`], and makes the ledger when there is none.
    ///
    /// # Errors
    /// As [`PostgresStore::open`].
    pub fn create(address: &Address, name: &str) -> Result<Self, StoreError> {
        Self::opened(address, name, WAIT, Missing::Made)
    }

    fn opened(address: &Address, name: &str, wait: Duration, missing: Missing) -> Result<Self, StoreError> {
        let session = Session::new(address, schema("ledger", name)?, wait);
        migrate::open(&session, &FORMAT, missing)?;
        Ok(Self { session, head: Head::new() })
    }

    /// Brings the ledger of this name to the format of this number, forward or back.
    ///
    /// # Errors
    /// As [`PostgresStore::open`]; [`StoreError::WouldLose`] where records or evidence would be lost.
    pub fn migrate(address: &Address, name: &str, format: u64) -> Result<(), StoreError> {
        migrate::to(&Session::new(address, schema("ledger", name)?, WAIT), &FORMAT, format)
    }

    fn checkpoints_of(&self, sql: &'static str, size: Option<u64>) -> Result<Vec<StoredCheckpoint>, StoreError> {
        self.session.run("read checkpoints", |link, _| {
            let statement = link.prepared(sql)?;
            let rows = match size {
                Some(size) => link.client.query(&statement, &[&signed(size)])?,
                None => link.client.query(&statement, &[])?,
            };
            let read = |row: Row| Ok(StoredCheckpoint { size: unsigned(row.try_get(0)?), note: row.try_get(1)? });
            rows.into_iter().map(read).collect()
        })
    }
}

impl Store for PostgresStore {
    fn append(&mut self, kind: &str, body: &[u8], checkpoint_note: &str) -> Result<u64, StoreError> {
        let next = Next::read(kind, body, checkpoint_note)?;
        let appended = append::append(&self.session, &mut self.head, &next, checkpoint_note);
        if appended.is_err() {
            // Whatever went wrong, the next look starts from what is stored.
            self.head = Head::new();
        }
        appended
    }

    fn take_over(&mut self, bodies: &[Vec<u8>], checkpoints: &[StoredCheckpoint]) -> Result<(), StoreError> {
        append::take_over(&self.session, bodies, checkpoints)
    }

    fn move_away(&mut self, size: u64, place: &str) -> Result<(), StoreError> {
        append::move_away(&self.session, size, place)
    }

    fn move_back(&mut self) -> Result<(), StoreError> {
        self.session.run("open the ledger for writing", |link, _| {
            link.client.execute(queries::SET_MOVED, &[&None::<&str>])?;
            Ok(())
        })
    }

    fn moved_to(&self) -> Result<Option<String>, StoreError> {
        self.session.run("read where the ledger is", |link, _| {
            let moved = link.prepared(queries::MOVED_TO)?;
            Ok(link.client.query_one(&moved, &[])?.try_get(0)?)
        })
    }

    fn head(&mut self) -> Result<Head, StoreError> {
        append::head(&self.session, &mut self.head)?;
        Ok(self.head.clone())
    }

    fn size(&self) -> Result<u64, StoreError> {
        self.session.run("read the size of the ledger", |link, _| {
            let size = link.prepared(queries::SIZE)?;
            Ok(unsigned(link.client.query_one(&size, &[])?.try_get(0)?))
        })
    }

    fn leaf(&self, seq: u64) -> Result<Option<Leaf>, StoreError> {
        Ok(self.leaves(seq..seq.saturating_add(1))?.pop())
    }

    fn leaves(&self, range: Range<u64>) -> Result<Vec<Leaf>, StoreError> {
        self.session.run("read leaves", |link, _| {
            let leaves = link.prepared(queries::LEAVES)?;
            let rows = link.client.query(&leaves, &[&signed(range.start), &signed(range.end)])?;
            rows.iter().map(read_leaf).collect()
        })
    }

    fn by_kind(&self, kind: &str) -> Result<Vec<Leaf>, StoreError> {
        self.session.run("read leaves of one kind", |link, _| {
            let leaves = link.prepared(queries::LEAVES_BY_KIND)?;
            link.client.query(&leaves, &[&kind])?.iter().map(read_leaf).collect()
        })
    }

    fn latest_checkpoint(&self) -> Result<Option<StoredCheckpoint>, StoreError> {
        Ok(self.checkpoints_of(queries::LATEST_CHECKPOINT, None)?.pop())
    }

    fn checkpoint_at(&self, size: u64) -> Result<Option<StoredCheckpoint>, StoreError> {
        Ok(self.checkpoints_of(queries::CHECKPOINT_AT, Some(size))?.pop())
    }

    fn checkpoints(&self) -> Result<Vec<StoredCheckpoint>, StoreError> {
        self.checkpoints_of(queries::CHECKPOINTS, None)
    }

    fn replace_checkpoints(&mut self, note: &str) -> Result<(), StoreError> {
        let checkpoint = SignedCheckpoint::parse(note).map_err(StoreError::Checkpoint)?;
        self.head = append::replace_checkpoints(&self.session, checkpoint.claimed(), note)?;
        Ok(())
    }

    fn put_blob(&mut self, bytes: &[u8]) -> Result<Digest, StoreError> {
        blobs::put(&self.session, bytes)
    }

    fn put_blob_from(&mut self, bytes: &mut dyn std::io::Read) -> Result<Digest, StoreError> {
        blobs::put_from(&self.session, bytes)
    }

    fn get_blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        blobs::get(&self.session, digest)
    }

    fn open_blob(&self, digest: &Digest) -> Result<(u64, Box<dyn std::io::Read>), StoreError> {
        let (length, pieces) = blobs::open(&self.session, digest)?;
        Ok((length, Box::new(pieces)))
    }

    fn blobs(&self) -> Result<Vec<Blob>, StoreError> {
        self.session.run("read the list of blobs", |link, _| {
            let blobs = link.prepared(queries::BLOBS)?;
            let read = |row: &Row| {
                Ok(Blob { digest: append::digest(row.try_get(0)?)?, length: unsigned(row.try_get(1)?) })
            };
            link.client.query(&blobs, &[])?.iter().map(read).collect()
        })
    }

    fn rebuild_index(&mut self) -> Result<Rebuilt, StoreError> {
        let rebuilt = self.session.run("rebuild the index", |link, _| {
            // The tables come first: without them nothing prepares.
            let mut transaction = link.client.transaction()?;
            transaction.query_one(queries::TAKE_TURN, &[])?;
            transaction.batch_execute(queries::RESTORE_TABLES)?;
            transaction.commit()?;
            let (rebuilding, leaves) = (Rebuilding::prepared(link)?, link.prepared(queries::LEAVES)?);
            let mut transaction = link.client.transaction()?;
            transaction.query_one(queries::TAKE_TURN, &[])?;
            let size = unsigned(transaction.query_one(queries::SIZE, &[])?.try_get(0)?);
            let mut rebuilt = Rebuilt::default();
            for seq in 0..size {
                // A gap in the positions shows in the numbers below, and in verification.
                for row in transaction.query(&leaves, &[&signed(seq), &signed(seq + 1)])? {
                    rebuilt.leaves += 1;
                    rebuilt.corrected += u64::from(reindex(&mut transaction, &row)?);
                }
            }
            blobs::rebuild(&rebuilding, &mut transaction, &mut rebuilt)?;
            transaction.commit()?;
            Ok(rebuilt)
        })?;
        self.head = Head::new();
        Ok(rebuilt)
    }

    fn another(&self) -> Result<Box<dyn Store>, StoreError> {
        Ok(Box::new(Self { session: self.session.apart(), head: Head::new() }))
    }
}

/// Derives a leaf's index columns from its body; tells whether they differed.
fn reindex(transaction: &mut Transaction<'_>, row: &Row) -> Result<bool, Trouble> {
    let (seq, body): (i64, Vec<u8>) = (row.try_get(0)?, row.try_get(3)?);
    let unreadable = |source| StoreError::Unreadable { seq: unsigned(seq), source };
    let entry = Entry::read_unverified(&body).map_err(unreadable)?;
    let (kind, recorded_at, hash) = (entry.kind(), &entry.position().recorded_at, leaf_hash(&body));
    let same = row.try_get::<_, &str>(1)? == kind
        && row.try_get::<_, &str>(2)? == recorded_at.as_str()
        && row.try_get::<_, &[u8]>(4)? == hash.as_bytes().as_slice();
    if !same {
        let hash = hash.as_bytes().as_slice();
        transaction.execute(queries::REINDEX_LEAF, &[&seq, &kind, recorded_at, &hash])?;
    }
    Ok(!same)
}

fn read_leaf(row: &Row) -> Result<Leaf, Trouble> {
    Ok(Leaf {
        seq: unsigned(row.try_get(0)?),
        kind: row.try_get(1)?,
        recorded_at: row.try_get(2)?,
        body: row.try_get(3)?,
        leaf_hash: append::digest(row.try_get(4)?)?,
    })
}
