//! The records and the files behind them, for somebody who looks through them.

use std::path::Path;

use model::Digest;

use crate::log::{self, LogError};
use crate::material::{self, Material};
use crate::records::{RecordLine, Records, RecordsError};
use crate::workspace::Snapshot;

/// Why a file of evidence cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The ledger.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The record does not read as its kind.
    #[error("read record {seq}")]
    Record {
        /// Its position.
        seq: u64,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The record names no such file.
    #[error("find the file {digest}: record {seq} does not name it")]
    NotNamed {
        /// The record.
        seq: u64,
        /// The digest.
        digest: Digest,
    },
}

/// What opens the texts that a record withholds: for a gap in a bundle to be checked, not for looking through.
const OPENINGS: &str = "openings";

/// Some lines of a ledger, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines {
    /// The lines.
    pub lines: Vec<RecordLine>,
    /// Number of records in all, of every kind.
    pub records: u64,
    /// Before which record the next lines are; none when these are the first of the ledger.
    pub next: Option<u64>,
}

/// Lines of a ledger before a position, or from its end: of one kind, or of every kind. Nothing is verified.
///
/// # Errors
/// [`RecordsError`] when the ledger cannot be read.
pub fn lines(
    folder: &Path,
    kind: Option<&str>,
    before: Option<u64>,
    at_most: usize,
) -> Result<Lines, RecordsError> {
    if !Records::exist(folder) {
        return Ok(Lines { lines: Vec::new(), records: 0, next: None });
    }
    let records = Records::open(folder)?;
    let size = records.size()?;
    let end = before.unwrap_or(size).min(size);
    let lines = match kind {
        Some(kind) => records.lines_of(kind, end, at_most)?,
        None => {
            let begin = end.saturating_sub(u64::try_from(at_most).unwrap_or(u64::MAX));
            let mut lines = records.lines_in(begin..end)?;
            lines.reverse();
            lines
        }
    };
    let next = lines.last().map(|line| line.seq).filter(|seq| *seq > 0 && lines.len() == at_most);
    Ok(Lines { lines, records: size, next })
}

/// A record with the files that it names, but what opens its withheld texts, after the whole ledger was verified.
///
/// # Errors
/// [`EvidenceError`].
pub fn shown(folder: &Path, seq: u64) -> Result<(log::Shown, Vec<Material>), EvidenceError> {
    with_files(log::show(folder, seq)?, seq)
}

/// As [`shown`], by a product as a snapshot has it: its ledger was verified whole at [`Snapshot::verified`], and the
/// record's bytes are held against that.
///
/// # Errors
/// [`EvidenceError`].
pub fn shown_by(snapshot: &Snapshot, seq: u64) -> Result<(log::Shown, Vec<Material>), EvidenceError> {
    with_files(log::show_by(&snapshot.history, &snapshot.folder, seq)?, seq)
}

fn with_files(shown: log::Shown, seq: u64) -> Result<(log::Shown, Vec<Material>), EvidenceError> {
    let mut named =
        material::of(&shown.kind, &shown.record).map_err(|source| EvidenceError::Record { seq, source })?;
    named.retain(|file| file.kind != OPENINGS);
    Ok((shown, named))
}

/// The bytes of a file that a record names, checked against their digest, and the name they came with.
///
/// # Errors
/// [`EvidenceError::NotNamed`] for a file of another record; [`EvidenceError::Records`] when it is missing or altered.
pub fn file(folder: &Path, seq: u64, digest: &Digest) -> Result<(Material, Vec<u8>), EvidenceError> {
    let (_, named) = shown(folder, seq)?;
    let Some(found) = named.into_iter().find(|named| named.digest == *digest) else {
        return Err(EvidenceError::NotNamed { seq, digest: *digest });
    };
    let bytes = Records::open(folder)?.read_evidence(digest, found.salted)?;
    Ok((found, bytes))
}
