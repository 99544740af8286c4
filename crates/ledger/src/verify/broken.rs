//! The first item of a log that is not sound, and what is wrong with it.

use std::fmt;

use model::Timestamp;

use crate::{CheckpointError, Digest, EntryError, KeyId, KeyRuleError, NoteError};

/// The first item of a log that is not sound.
#[derive(Debug, thiserror::Error)]
pub struct Broken {
    /// Position of the bad leaf; for trouble with a checkpoint, the number of leaves before it.
    pub index: u64,
    /// What is wrong with it.
    #[source]
    pub why: Why,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.why {
            Why::Checkpoint(_) | Why::RootDiffers { .. } => {
                write!(f, "verify the checkpoint after leaf {}", self.index)
            }
            Why::Earlier { .. } | Why::Forked { .. } | Why::RolledBack { .. } | Why::OtherLog { .. } => {
                f.write_str("hold the log against an earlier checkpoint")
            }
            _ => write!(f, "verify leaf {}", self.index),
        }
    }
}

/// What is wrong with a leaf or a checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// The leaf's bytes are not those that were signed.
    #[error("its bytes were altered")]
    Altered(#[source] EntryError),
    /// A key signed the leaf that the log has not entered.
    #[error("it is not signed by a key of this log: {0}")]
    UnknownKey(String),
    /// A key signed the leaf that the log knows, and that is not valid there.
    #[error("key {key} may not sign it: valid {}", range(*from, *until))]
    KeyNotValid {
        /// The key.
        key: KeyId,
        /// The first leaf it may sign.
        from: u64,
        /// The first leaf it may not sign any more.
        until: Option<u64>,
    },
    /// The leaf enters or ends a key and is not allowed to.
    #[error(transparent)]
    Key(KeyRuleError),
    /// The log begins with a leaf that enters no key, and the verifier was given none to begin with.
    #[error(
        "it enters no key to begin trust with\n\nhint: give the public key that this log was first signed with"
    )]
    NoRoot,
    /// The leaf does not say when it was recorded.
    #[error("it was recorded at no time: {0}")]
    Time(String),
    /// The leaf was recorded before the leaf before it.
    #[error("it was recorded before the leaf before it: {recorded}, after {before}")]
    BackDated {
        /// When the leaf says it was recorded.
        recorded: Timestamp,
        /// When the leaf before it was.
        before: Timestamp,
    },
    /// The leaf that belongs here is missing.
    #[error("it is missing")]
    Dropped,
    /// Another leaf of the same log stands here.
    #[error("it is out of order: leaf {0} stands in its place")]
    Reordered(u64),
    /// A second leaf of another position stands here.
    #[error("it is out of order: a second leaf {0} stands in its place")]
    Duplicated(u64),
    /// The leaf was signed as the successor of another leaf than the one before it.
    #[error("it does not follow the leaf before it: it names {}, the leaf is {}", told(names), told(found))]
    Unlinked {
        /// What the leaf carries as `previous`.
        names: Option<Digest>,
        /// The hash of the leaf before it.
        found: Option<Digest>,
    },
    /// The leaf lies beyond the checkpoint, so nobody vouches that it is the only one there.
    #[error("the checkpoint ends before it")]
    Unattested,
    /// The checkpoint is unreadable, altered, or not signed by a key of the log.
    #[error(transparent)]
    Checkpoint(CheckpointError),
    /// The leaves are not those the checkpoint was signed over.
    #[error("the leaves have root {found}, the checkpoint says {signed}")]
    RootDiffers {
        /// The root in the checkpoint.
        signed: Digest,
        /// The root of the leaves.
        found: Digest,
    },
    /// The checkpoint that was kept is not signed by a key that was this log's at that size.
    #[error("the one over {size} leaves is not this log's")]
    Earlier {
        /// Leaves it covers.
        size: u64,
        /// What is wrong.
        #[source]
        source: NoteError,
    },
    /// The first leaves are not those that an earlier checkpoint was signed over.
    #[error("it was forked: the first {size} leaves had root {kept}, now they have {found}")]
    Forked {
        /// Leaves the earlier checkpoint covers.
        size: u64,
        /// The root it says.
        kept: Digest,
        /// The root of the leaves.
        found: Digest,
    },
    /// The log is shorter than it was.
    #[error("it was rolled back: it had {kept} leaves and has {size}")]
    RolledBack {
        /// Leaves the earlier checkpoint covers.
        kept: u64,
        /// Leaves there are.
        size: u64,
    },
    /// The earlier checkpoint is of a log of another name.
    #[error("it is of another log: `{kept}`, this one is `{found}`")]
    OtherLog {
        /// The name in the earlier checkpoint.
        kept: String,
        /// The name of this log.
        found: String,
    },
}

fn told(leaf: &Option<Digest>) -> String {
    leaf.map_or_else(|| "none".to_owned(), |digest| digest.to_string())
}

fn range(from: u64, until: Option<u64>) -> String {
    match until {
        None => format!("from leaf {from}"),
        Some(until) => format!("from leaf {from} to leaf {}", until.saturating_sub(1)),
    }
}

/// Text of a leaf nobody vouches for, bounded and without control characters.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}
