//! The ledger as a transparency log: its checkpoint, proofs from it, one record of it, and holding it against what was
//! kept elsewhere.

use std::path::{Path, PathBuf};

use ledger::{
    CheckpointError, ConsistencyProof, Digest, Entry, Envelope, InclusionProof, Log, SignedCheckpoint, Summary,
    Verified, leaf_hash,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::database;
use crate::history::History;
use crate::records::{FOLDER, Records, RecordsError};

pub use crate::records::Remade;

/// Characters of a line that are shown at most.
const LINE: usize = 500;
/// Characters of a record that are shown at most.
const RECORD: usize = 1 << 20;

/// Why the log could not be told.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// Nothing is recorded.
    #[error("read the ledger: nothing is recorded in {} yet", .0.display())]
    Empty(PathBuf),
    /// A position or a size beyond the log.
    #[error("prove it: the ledger has {size} records, and {asked}\n\nhint: records count from 0, sizes from 1")]
    Beyond {
        /// Number of records.
        size: u64,
        /// What was asked for.
        asked: String,
    },
    /// A kept checkpoint cannot be read.
    #[error("read the checkpoint in {}", at.display())]
    Kept {
        /// The file.
        at: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A kept checkpoint is none.
    #[error("read the checkpoint in {}", at.display())]
    NoCheckpoint {
        /// The file.
        at: PathBuf,
        /// Why.
        #[source]
        source: CheckpointError,
    },
}

/// A proof, with what it binds together: `docs/reference/ledger.md` says how to follow it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "proof", rename_all = "kebab-case")]
pub enum Proof {
    /// A record is in the log.
    Inclusion {
        /// Its position, the size of the log, and the hashes from the leaf to the root.
        #[serde(flatten)]
        path: InclusionProof,
        /// The record's bytes, as a text; its hash is where the path begins.
        leaf: String,
        /// Where the path ends.
        root: Digest,
        /// The signed checkpoint over that root, where one is kept.
        checkpoint: Option<String>,
    },
    /// A later log begins with an earlier one.
    Consistency {
        /// Both sizes, and the hashes between the roots.
        #[serde(flatten)]
        path: ConsistencyProof,
        /// The root over the earlier log.
        old_root: Digest,
        /// The root over the later one.
        new_root: Digest,
        /// The signed checkpoint over the earlier root, where one is kept.
        old_checkpoint: Option<String>,
        /// The signed checkpoint over the later root, where one is kept.
        new_checkpoint: Option<String>,
    },
}

/// One record, verified with the whole ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Its position.
    pub seq: u64,
    /// Its kind.
    pub kind: String,
    /// When it was recorded.
    pub recorded_at: String,
    /// Ids of the keys that signed it.
    pub signers: Vec<String>,
    /// The hash of its leaf.
    pub leaf_hash: Digest,
    /// What it is about: name and digest.
    pub subjects: Vec<(String, Digest)>,
    /// What it says. It comes from whoever recorded it: to be made visible before it is shown.
    pub record: Value,
}

impl Shown {
    /// The record for a reader, with every character that hides or moves something made visible.
    pub fn readable(&self) -> String {
        let line = |text: &str| wire::text::visible_str(text, LINE);
        let mut text = format!("record      {}, verified with the whole ledger\n", self.seq);
        let mut tell = |name: &str, value: &str| text.push_str(&format!("{name:<11} {value}\n"));
        tell("kind", &line(&self.kind));
        tell("recorded", &line(&self.recorded_at));
        tell("signed by", &self.signers.join(", "));
        tell("leaf hash", &self.leaf_hash.to_string());
        for (name, digest) in &self.subjects {
            tell("about", &format!("{}  {digest}", line(name)));
        }
        text.push_str(&format!("\n{}\n", self.record_text()));
        text
    }

    /// What it says, as indented JSON in which everything that hides or moves something is visible.
    pub fn record_text(&self) -> String {
        wire::text::visible_lines(format!("{:#}", self.record).as_bytes(), RECORD)
    }
}

fn open(folder: &Path) -> Result<Records, LogError> {
    match Records::exist(folder) {
        true => Ok(Records::open(folder)?),
        false => Err(LogError::Empty(folder.to_owned())),
    }
}

/// Makes every table beside the leaves again, and verifies the whole.
///
/// # Errors
/// [`LogError`]; what does not verify is not made good.
pub fn rebuild(folder: &Path) -> Result<Remade, LogError> {
    Ok(open(folder)?.rebuild()?)
}

/// Verifies the whole ledger, and that it extends the checkpoints in these files.
///
/// # Errors
/// [`LogError`]; a ledger that does not verify, was rolled back or forked is [`RecordsError::Broken`].
pub fn verify(folder: &Path, since: &[PathBuf]) -> Result<Summary, LogError> {
    let read = |at: &PathBuf| {
        let text = std::fs::read_to_string(at).map_err(|source| LogError::Kept { at: at.clone(), source })?;
        SignedCheckpoint::parse(&text).map_err(|source| LogError::NoCheckpoint { at: at.clone(), source })
    };
    let since = since.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let records = open(folder)?;
    let summary = records.walk_since(&since, None, &mut |_| {})?;
    records.verify_whole()?;
    summary.ok_or_else(|| LogError::Empty(folder.to_owned()))
}

/// The signed checkpoint over the whole ledger, after it was verified.
///
/// # Errors
/// [`LogError`].
pub fn checkpoint(folder: &Path) -> Result<String, LogError> {
    let records = open(folder)?;
    records.verify()?;
    let stored = records.store.latest_checkpoint().map_err(|e| records.store_error(e))?;
    stored.map(|stored| stored.note).ok_or_else(|| LogError::Empty(folder.to_owned()))
}

/// Proof that the record at this position is in the log of `size` records: of all, when left out.
///
/// # Errors
/// [`LogError`].
pub fn prove(folder: &Path, index: u64, size: Option<u64>) -> Result<Proof, LogError> {
    let records = open(folder)?;
    let (log, leaf) = walked(&records, Some(index))?;
    let size = size.unwrap_or(log.size());
    let beyond =
        || LogError::Beyond { size: log.size(), asked: format!("record {index} of {size} was asked for") };
    let path = log.inclusion_proof(index, size).ok_or_else(beyond)?;
    let (leaf, root) = (leaf.ok_or_else(beyond)?, log.root_at(size).ok_or_else(beyond)?);
    Ok(Proof::Inclusion { path, leaf: lossless(&leaf), root, checkpoint: over(&records, size)? })
}

/// Proof that the log of `new` records (all, when left out) begins with that of `old`.
///
/// # Errors
/// [`LogError`].
pub fn prove_consistency(folder: &Path, old: u64, new: Option<u64>) -> Result<Proof, LogError> {
    let records = open(folder)?;
    let (log, _) = walked(&records, None)?;
    let new = new.unwrap_or(log.size());
    let beyond = || LogError::Beyond { size: log.size(), asked: format!("sizes {old} and {new} were asked for") };
    let path = log.consistency_proof(old, new).ok_or_else(beyond)?;
    Ok(Proof::Consistency {
        path,
        old_root: log.root_at(old).ok_or_else(beyond)?,
        new_root: log.root_at(new).ok_or_else(beyond)?,
        old_checkpoint: over(&records, old)?,
        new_checkpoint: over(&records, new)?,
    })
}

/// One record, after the whole ledger was verified.
///
/// # Errors
/// [`LogError`].
pub fn show(folder: &Path, index: u64) -> Result<Shown, LogError> {
    let records = open(folder)?;
    let (log, leaf) = walked(&records, Some(index))?;
    let beyond = || LogError::Beyond { size: log.size(), asked: format!("record {index} was asked for") };
    let Verified { index, hash, entry, .. } = leaf.ok_or_else(beyond)?;
    let signers = entry.signers.iter().map(ToString::to_string).collect();
    Ok(shown(index, hash, signers, entry))
}

/// One record, held against a history that was verified: its bytes have the hash that its leaf had there. Where they have
/// not, where it came later, or where the ledger lies in a database, in which no file shows a change, the whole ledger is
/// verified.
///
/// # Errors
/// [`LogError`].
pub fn show_by(history: &History, folder: &Path, index: u64) -> Result<Shown, LogError> {
    if database::size(&folder.join(FOLDER)).is_some() {
        return show(folder, index);
    }
    let records = open(folder)?;
    let leaf = records.store.leaf(index).map_err(|e| records.store_error(e))?;
    let same = leaf.filter(|leaf| history.leaf_hash(index) == Some(leaf_hash(&leaf.body)));
    let read = same
        .and_then(|leaf| Some((Entry::read_unverified(&leaf.body).ok()?, Envelope::from_bytes(&leaf.body).ok()?)));
    let (Some((entry, envelope)), Some(hash)) = (read, history.leaf_hash(index)) else {
        return show(folder, index);
    };
    let signers = envelope.signatures().iter().map(|signature| signature.keyid.clone()).collect();
    Ok(shown(index, hash, signers, entry))
}

fn shown(seq: u64, leaf_hash: Digest, signers: Vec<String>, entry: Entry) -> Shown {
    Shown {
        seq,
        kind: entry.kind().to_owned(),
        recorded_at: entry.position().recorded_at.clone(),
        signers,
        leaf_hash,
        subjects: entry.subjects().iter().map(|s| (s.name.clone(), s.digest.0)).collect(),
        record: entry.into_record(),
    }
}

/// The verified log, and one leaf of it.
fn walked(records: &Records, index: Option<u64>) -> Result<(Log, Option<Verified>), LogError> {
    let (mut log, mut found) = (Log::new(), None);
    records.walk(&mut |leaf| {
        log.append(leaf.hash);
        if Some(leaf.index) == index {
            found = Some(leaf);
        }
    })?;
    Ok((log, found))
}

fn over(records: &Records, size: u64) -> Result<Option<String>, LogError> {
    let stored = records.store.checkpoint_at(size).map_err(|e| records.store_error(e))?;
    Ok(stored.map(|stored| stored.note))
}

/// A leaf is canonical JSON, and so always a text.
fn lossless(leaf: &Verified) -> String {
    String::from_utf8_lossy(&leaf.body).into_owned()
}
