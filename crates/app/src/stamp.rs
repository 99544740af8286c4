//! Time stamps of checkpoints by an authority: the query, the response taken up, and all of them looked at again.
//!
//! No packet is sent here. The authority's own signature is not verified by this program, and whoever tells of a stamp
//! says so: `openssl ts -verify` verifies it, on the files that [`export`] writes.

use std::path::{Path, PathBuf};

use ledger::{Digest, Log, Salting, SignedCheckpoint, predicate};
use model::{Stamped, Timestamp};
use wire::timestamp::{Stamp, TimestampError, nonce_bytes, query, read};

use crate::log::{self, LogError};
use crate::records::{Records, RecordsError};

/// Why a stamp could not be asked for, taken up or shown.
#[derive(Debug, thiserror::Error)]
pub enum StampError {
    /// The ledger.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// A file cannot be used.
    #[error("use {}", at.display())]
    File {
        /// The file.
        at: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The response is none.
    #[error(transparent)]
    Response(#[from] TimestampError),
    /// Its time is none.
    #[error(transparent)]
    Time(#[from] model::TimestampError),
    /// It is over something else.
    #[error(
        "take up the time stamp: no checkpoint of this ledger has the digest {0}\n\nhint: `assay ledger timestamp \
         --request FILE` writes the query for the present checkpoint"
    )]
    Elsewhere(Digest),
    /// It answers another query.
    #[error("take up the time stamp: it answers another query than `assay ledger timestamp --request` wrote")]
    Nonce,
    /// A recorded stamp is not what its record says.
    #[error("look at the time stamp in record {seq}: {why}")]
    Recorded {
        /// Its position.
        seq: u64,
        /// What is wrong.
        why: String,
    },
}

/// Writes the query for the present checkpoint, and returns the checkpoint's size.
///
/// # Errors
/// [`StampError`]; nothing is overwritten.
pub fn request(folder: &Path, out: &Path) -> Result<u64, StampError> {
    let note = log::checkpoint(folder)?;
    let mut records = Records::open(folder)?;
    let nonce = nonce(&mut records, &note)?;
    write(out, &query(Digest::of(note.as_bytes()).as_bytes(), nonce))?;
    Ok(size(&note))
}

/// Takes up a response: over a checkpoint of this ledger, for the query that [`request`] wrote. Returns its position.
///
/// # Errors
/// [`StampError`]; then nothing was recorded.
pub fn take(folder: &Path, response: &Path, at: Timestamp) -> Result<(u64, Stamped), StampError> {
    log::checkpoint(folder)?;
    let bytes = std::fs::read(response).map_err(|source| StampError::File { at: response.to_owned(), source })?;
    let stamp = read(&bytes)?;
    let mut records = Records::open(folder)?;
    let imprint = Digest::from_bytes(stamp.imprint);
    let stored = records.store.checkpoints().map_err(|e| records.store_error(e))?;
    let found = stored.into_iter().find(|stored| Digest::of(stored.note.as_bytes()) == imprint);
    let note = found.ok_or(StampError::Elsewhere(imprint))?.note;
    if stamp.nonce != Some(nonce_bytes(nonce(&mut records, &note)?)) {
        return Err(StampError::Nonce);
    }
    let record = stamped(&note, records.keep(&bytes)?, stamp)?;
    let seq = records.stamped(&record, at)?;
    Ok((seq, record))
}

/// Every recorded stamp, looked at again: its token is over its checkpoint, and that is one of this ledger's.
///
/// # Errors
/// [`StampError::Recorded`] names the first that is not.
pub fn all(folder: &Path) -> Result<Vec<(u64, Stamped)>, StampError> {
    let records = Records::open(folder)?;
    let (mut log, mut found) = (Log::new(), Vec::new());
    records.walk(&mut |leaf| {
        log.append(leaf.hash);
        if leaf.entry.kind() == predicate::TIMESTAMP {
            found.push((leaf.index, leaf.entry.into_record()));
        }
    })?;
    let mut told = Vec::new();
    for (seq, record) in found {
        let wrong = |why: String| StampError::Recorded { seq, why };
        let record: Stamped = serde_json::from_value(record).map_err(|e| wrong(e.to_string()))?;
        let token = records.blob(&record.token)?;
        is_over(&record, &token, log.root_at(record.size)).map_err(wrong)?;
        told.push((seq, record));
    }
    Ok(told)
}

/// Whether a token is what its record says, over a checkpoint of the log that has this root at its size.
///
/// # Errors
/// What is wrong, one line.
pub(crate) fn is_over(record: &Stamped, token: &[u8], root: Option<Digest>) -> Result<(), String> {
    let stamp = read(token).map_err(|e| e.to_string())?;
    let imprint = Digest::from_bytes(stamp.imprint);
    let again = stamped(&record.checkpoint, record.token, stamp).map_err(|e| e.to_string())?;
    let signed = SignedCheckpoint::parse(&record.checkpoint).map_err(|e| e.to_string())?;
    if again != *record || imprint != Digest::of(record.checkpoint.as_bytes()) {
        return Err("its token says something else".to_owned());
    }
    if root != Some(signed.claimed().root) {
        return Err("its checkpoint is not one of this ledger".to_owned());
    }
    Ok(())
}

/// Writes the files that `openssl ts -verify` takes, for each recorded stamp: checkpoint and response.
///
/// # Errors
/// [`StampError`]; nothing is overwritten.
pub fn export(folder: &Path, out: &Path) -> Result<Vec<(PathBuf, PathBuf)>, StampError> {
    let records = Records::open(folder)?;
    let mut written = Vec::new();
    for (seq, record) in all(folder)? {
        let checkpoint = out.join(format!("checkpoint-{seq}.txt"));
        let token = out.join(format!("checkpoint-{seq}.tsr"));
        write(&checkpoint, record.checkpoint.as_bytes())?;
        write(&token, &records.blob(&record.token)?)?;
        written.push((checkpoint, token));
    }
    Ok(written)
}

fn stamped(note: &str, token: Digest, stamp: Stamp) -> Result<Stamped, StampError> {
    Ok(Stamped {
        checkpoint: note.to_owned(),
        size: size(note),
        token,
        time: Timestamp::parse(&stamp.time)?,
        policy: stamp.policy,
        serial: stamp.serial,
    })
}

fn size(note: &str) -> u64 {
    SignedCheckpoint::parse(note).map_or(0, |signed| signed.claimed().size)
}

/// The nonce for a checkpoint: nobody else can know it before, and it need not be kept.
fn nonce(records: &mut Records, note: &str) -> Result<u64, RecordsError> {
    let salt = Salting::of(&records.log_key()?).of_value("timestamp-nonce", note);
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&salt.as_bytes()[..8]);
    Ok(u64::from_be_bytes(bytes))
}

fn write(at: &Path, bytes: &[u8]) -> Result<(), StampError> {
    let failed = |source| StampError::File { at: at.to_owned(), source };
    let mut file = std::fs::File::create_new(at).map_err(failed)?;
    std::io::Write::write_all(&mut file, bytes).map_err(failed)
}
