//! What every store promises, whatever it is built on.
//!
//! The promises are tested by one contract suite (`tests/contract`) that each backend runs.

use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use ledger::{CheckpointError, Digest, EntryError, Head};

/// One entry of the ledger, as stored.
///
/// `kind` and `recorded_at` are read out of the body when it is appended; the body alone is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Its position, from 0.
    pub seq: u64,
    /// The kind of record: one of `ledger::predicate`.
    pub kind: String,
    /// When it was recorded, RFC 3339 in UTC.
    pub recorded_at: String,
    /// The signed envelope.
    pub body: Vec<u8>,
    /// `ledger::leaf_hash` of the body.
    pub leaf_hash: Digest,
}

/// A signed checkpoint, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCheckpoint {
    /// Number of leaves it covers.
    pub size: u64,
    /// The signed note.
    pub note: String,
}

/// A file kept as evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blob {
    /// The digest of its bytes, which is its name.
    pub digest: Digest,
    /// Its length in bytes.
    pub length: u64,
}

/// What rebuilding the index found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Leaves read.
    pub leaves: u64,
    /// Leaves whose index columns differed from their body.
    pub corrected: u64,
    /// Blobs whose bytes fit their name.
    pub blobs: u64,
    /// Files among the blobs whose bytes do not fit their name; left where they are, out of the index.
    pub damaged: Vec<PathBuf>,
}

/// A ledger that is kept.
///
/// A handle serves one thread at a time; take another with [`Store::another`]. Reading never waits for writing.
pub trait Store: Send {
    /// Appends one entry and the checkpoint over the log that ends with it, and returns the entry's position.
    ///
    /// Promise: when it returns `Ok`, both survive the end of the process and of the machine; when it returns an
    /// error other than [`StoreError::Lost`], neither was stored. Appends of several processes are put in one order; an entry sealed on a head that
    /// has moved on is refused with [`StoreError::Moved`], and the caller seals it again on the present head.
    ///
    /// # Errors
    /// [`StoreError::Moved`], [`StoreError::DoesNotFollow`], [`StoreError::Kind`], [`StoreError::Entry`],
    /// [`StoreError::Checkpoint`] when the entry does not continue the ledger; [`StoreError::Busy`] when another
    /// process did not let go; [`StoreError::Database`].
    fn append(&mut self, kind: &str, body: &[u8], checkpoint_note: &str) -> Result<u64, StoreError>;

    /// Takes over the next leaves of this ledger from another keeper of it, with the checkpoints over them that it has;
    /// all of them, or none. Index columns are derived from the bodies. A ledger that goes on elsewhere takes them too,
    /// so that it can come back.
    ///
    /// # Errors
    /// [`StoreError::Moved`], [`StoreError::DoesNotFollow`], [`StoreError::Entry`], [`StoreError::Checkpoint`] when
    /// they do not continue what is there; [`StoreError::Busy`], [`StoreError::Database`].
    fn take_over(&mut self, bodies: &[Vec<u8>], checkpoints: &[StoredCheckpoint]) -> Result<(), StoreError>;

    /// Closes the ledger for every writer, because it goes on in another place: appending is refused with
    /// [`StoreError::Elsewhere`] from now on. Only a ledger of this size is closed.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when it has another size; [`StoreError::Busy`], [`StoreError::Database`].
    fn move_away(&mut self, size: u64, place: &str) -> Result<(), StoreError>;

    /// Opens it for writers again.
    ///
    /// # Errors
    /// [`StoreError::Busy`], [`StoreError::Database`].
    fn move_back(&mut self) -> Result<(), StoreError>;

    /// Where the ledger goes on, if it was closed because it does.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    fn moved_to(&self) -> Result<Option<String>, StoreError>;

    /// The present end of the ledger, on which the next entry is to be sealed.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    fn head(&mut self) -> Result<Head, StoreError>;

    /// Number of leaves.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    fn size(&self) -> Result<u64, StoreError>;

    /// The leaf at this position, if there is one.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    fn leaf(&self, seq: u64) -> Result<Option<Leaf>, StoreError>;

    /// The leaves of a range of positions, in order, as many of them as there are.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    fn leaves(&self, range: Range<u64>) -> Result<Vec<Leaf>, StoreError>;

    /// The leaves of one kind, in order.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    fn by_kind(&self, kind: &str) -> Result<Vec<Leaf>, StoreError>;

    /// The checkpoint over all leaves; none while the ledger is empty.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    fn latest_checkpoint(&self) -> Result<Option<StoredCheckpoint>, StoreError>;

    /// The checkpoint over the first `size` leaves, if there is one.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    fn checkpoint_at(&self, size: u64) -> Result<Option<StoredCheckpoint>, StoreError>;

    /// Every checkpoint, the smallest first.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    fn checkpoints(&self) -> Result<Vec<StoredCheckpoint>, StoreError>;

    /// Puts one checkpoint over the present leaves in the place of all. For a ledger whose checkpoints were lost or
    /// damaged, by a caller who has verified the leaves and that no sound checkpoint speaks of others.
    ///
    /// # Errors
    /// [`StoreError::Checkpoint`], [`StoreError::DoesNotFollow`] when it is over other leaves, [`StoreError::Busy`],
    /// [`StoreError::Database`]; then all are as they were.
    fn replace_checkpoints(&mut self, note: &str) -> Result<(), StoreError>;

    /// Keeps bytes under their digest. Keeping the same bytes again changes nothing, and heals a damaged copy.
    ///
    /// Promise: when it returns `Ok`, the bytes survive the end of the process and of the machine.
    ///
    /// # Errors
    /// [`StoreError::File`], [`StoreError::Busy`] or [`StoreError::Database`].
    fn put_blob(&mut self, bytes: &[u8]) -> Result<Digest, StoreError>;

    /// As [`Store::put_blob`], of bytes that come piece by piece, so that a file of any size takes the same memory.
    ///
    /// # Errors
    /// As [`Store::put_blob`]; also [`StoreError::File`] when the bytes cannot be read.
    fn put_blob_from(&mut self, bytes: &mut dyn std::io::Read) -> Result<Digest, StoreError>;

    /// The bytes with this digest, checked against it.
    ///
    /// # Errors
    /// [`StoreError::BlobMissing`], [`StoreError::BlobDamaged`] or [`StoreError::File`].
    fn get_blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError>;

    /// A reader of the bytes with this digest, and their length. Unlike [`Store::get_blob`] it compares nothing:
    /// who reads computes the digest on the way.
    ///
    /// # Errors
    /// [`StoreError::BlobMissing`] or [`StoreError::File`].
    fn open_blob(&self, digest: &Digest) -> Result<(u64, Box<dyn std::io::Read>), StoreError>;

    /// Every blob in the index, ordered by digest.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    fn blobs(&self) -> Result<Vec<Blob>, StoreError>;

    /// Derives every index column again from the bodies, and the list of blobs from the files.
    ///
    /// Tables, triggers and columns beside the leaves that are not there are made again. Leaves and checkpoints
    /// themselves are never changed. Safe to call at any time, and twice.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when a body is no entry; then the index stays as it was.
    fn rebuild_index(&mut self) -> Result<Rebuilt, StoreError>;

    /// Another handle on the same ledger, for another thread.
    ///
    /// # Errors
    /// As opening the store.
    fn another(&self) -> Result<Box<dyn Store>, StoreError>;
}

/// The mend of a lost database.
const AGAIN: &str = "\n\nhint: keep the folder as it is, and put a copy of the whole folder in its place; a bundle of a ledger holds \
                     all of its records";

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file or folder of the store cannot be used.
    #[error("{doing} {}", path.display())]
    File {
        /// What was being done.
        doing: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The database cannot be used.
    #[error("{doing}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// What the database said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The database's bytes are not those that were written.
    #[error("{doing}: {} is damaged{AGAIN}", path.display())]
    Damaged {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the database said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Evidence is there, and the database that spoke of it is not.
    #[error("open the ledger: evidence lies beside it, but {} is missing or empty{AGAIN}", .0.display())]
    Emptied(PathBuf),
    /// No more can be written.
    #[error("{doing}: no room is left on the disk of {}\n\nhint: make room there, and do it again; nothing that was recorded is lost", path.display())]
    Full {
        /// What was being done.
        doing: &'static str,
        /// Where.
        path: PathBuf,
    },
    /// The ledger goes on in another place.
    #[error(
        "append to the ledger: it goes on in {place}\n\nhint: if its move was interrupted, move it again: it ends then"
    )]
    Elsewhere {
        /// Where.
        place: String,
    },
    /// The address of a database, or what gets one in, cannot be used.
    #[error("use the database's address: {0}")]
    Address(String),
    /// The server does not answer, or does not let one in.
    #[error(
        "reach the database at {place}\n\nhint: see that its server runs and that address, database and user are \
         right; the password is taken from PGPASSWORD or ~/.pgpass"
    )]
    Unreachable {
        /// Where.
        place: String,
        /// What was said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The connection ended in the middle, and there is none again.
    #[error(
        "{doing}: the connection to {place} was lost\n\nhint: look whether it was done once the server answers \
         again, before you do it again"
    )]
    Lost {
        /// What was being done.
        doing: &'static str,
        /// Where.
        place: String,
        /// Why there is no new connection.
        #[source]
        source: Box<StoreError>,
    },
    /// The server or the database is none that evidence can be kept in.
    #[error("use the database at {place}: {why}")]
    Unsuited {
        /// Where.
        place: String,
        /// Why not.
        why: &'static str,
    },
    /// The database does not let this user do it.
    #[error(
        "{doing}: {place} does not let this user\n\nhint: the user needs CREATE on the database, or a schema of its own"
    )]
    NotAllowed {
        /// What was being done.
        doing: &'static str,
        /// Where.
        place: String,
        /// What the database said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The database's bytes are not those that were written, on its server.
    #[error(
        "{doing}: the database at {place} is damaged\n\nhint: put a backup of it in its place; a bundle of a ledger holds all of its records"
    )]
    Corrupt {
        /// What was being done.
        doing: &'static str,
        /// Where.
        place: String,
        /// What the database said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No ledger of this name is in the database.
    #[error(
        "open the ledger: there is no {place}\n\nhint: put a backup of the database in its place; or correct the name of the ledger"
    )]
    NotThere {
        /// Which schema of which database.
        place: String,
    },
    /// An earlier format has no room for what is kept.
    #[error("go back to format {format}: what step {step} keeps would be lost")]
    WouldLose {
        /// The format's number.
        format: u64,
        /// The step that would be taken back.
        step: &'static str,
    },
    /// Nothing can be written.
    #[error("{doing}: {} cannot be written to\n\nhint: mount it for writing or allow this user to write there; or copy the whole dossier folder to where that is so", path.display())]
    ReadOnly {
        /// What was being done.
        doing: &'static str,
        /// Where.
        path: PathBuf,
    },
    /// Another process kept the database locked.
    #[error("{doing}: another process kept the database locked for {waited:?}")]
    Busy {
        /// What was being done.
        doing: &'static str,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The database belongs to another program.
    #[error("open the database: this one belongs to another program: {}", .0.display())]
    Foreign(PathBuf),
    /// The database was written by a later program.
    #[error("open the database: its format is {found}, this program knows up to {known}")]
    TooNew {
        /// The format's number in the database.
        found: i64,
        /// The latest number this program knows.
        known: i64,
    },
    /// The body is no entry.
    #[error("append the entry")]
    Entry(#[source] EntryError),
    /// The note is no checkpoint.
    #[error("append the entry's checkpoint")]
    Checkpoint(#[source] CheckpointError),
    /// The body is of another kind than the caller said.
    #[error("append an entry of kind `{told}`: its body says `{found}`")]
    Kind {
        /// What the caller said.
        told: String,
        /// What the body says.
        found: String,
    },
    /// The entry was sealed for another position than the next one.
    #[error("append leaf {sealed}: the ledger holds {size} leaves")]
    Moved {
        /// The position the entry was sealed for.
        sealed: u64,
        /// Number of leaves in the ledger.
        size: u64,
    },
    /// The entry stands at the right position, but does not continue this ledger.
    #[error("append leaf {seq}: {why}")]
    DoesNotFollow {
        /// The position.
        seq: u64,
        /// What contradicts the ledger.
        why: &'static str,
    },
    /// The document is at another version than the caller knows.
    #[error("change {collection}/{key}: {}", conflict(*expected, *found))]
    Conflict {
        /// The document's collection.
        collection: String,
        /// Its key.
        key: String,
        /// The version the caller knows; none where there was to be no document.
        expected: Option<u64>,
        /// Its present version, if there is a document.
        found: Option<u64>,
    },
    /// A stored body is no entry.
    #[error("read leaf {seq}")]
    Unreadable {
        /// Its position.
        seq: u64,
        /// What is wrong with it.
        #[source]
        source: EntryError,
    },
    /// No blob has this digest.
    #[error("find blob {0}")]
    BlobMissing(Digest),
    /// The blob's bytes are not those of its name.
    #[error("read blob {0}: its bytes were altered")]
    BlobDamaged(Digest),
}

fn conflict(expected: Option<u64>, found: Option<u64>) -> String {
    match (expected, found) {
        (None, _) => "it is there already".to_owned(),
        (Some(expected), None) => format!("it was deleted since version {expected} was read"),
        (Some(expected), Some(found)) => format!("it is at version {found}, and version {expected} was read"),
    }
}

impl StoreError {
    /// Whether what is stored is not what was written.
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Damaged { .. }
                | Self::Corrupt { .. }
                | Self::Emptied(_)
                | Self::NotThere { .. }
                | Self::Unreadable { .. }
                | Self::BlobMissing(_)
                | Self::BlobDamaged(_)
        )
    }
}
