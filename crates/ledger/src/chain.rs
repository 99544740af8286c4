//! Verification of a whole ledger from its leaves, the trusted keys and one checkpoint; it names the first bad item.
//!
//! It cannot tell that a ledger was cut back to an older, honestly signed checkpoint: for that, keep a checkpoint
//! elsewhere and check a `ConsistencyProof` against it.

use std::collections::BTreeMap;
use std::fmt;

use crate::{
    CheckpointError, Digest, Entry, EntryError, EnvelopeError, Frontier, KeyId, KeySet, NoteError,
    SignedCheckpoint, leaf_hash,
};

/// What a sound ledger holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The log's name. The caller compares it with the log it meant to verify.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
    /// The key that signed the checkpoint.
    pub checkpoint_key: KeyId,
    /// Number of entries of each kind.
    pub kinds: BTreeMap<String, u64>,
    /// Number of entries each key signed.
    pub signers: BTreeMap<KeyId, u64>,
}

/// The first item of a ledger that is not sound.
#[derive(Debug, thiserror::Error)]
pub struct Broken {
    /// Position of the bad leaf; for trouble with the checkpoint, the number of leaves before it.
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
    /// No trusted key signed the leaf.
    #[error("no trusted key signed it: {0}")]
    UnknownKey(String),
    /// The leaf that belongs here is missing.
    #[error("it is missing")]
    Dropped,
    /// Another leaf of the same log stands here.
    #[error("it is out of order: leaf {0} stands in its place")]
    Reordered(u64),
    /// A second copy of a leaf stands here.
    #[error("it is out of order: a second copy of leaf {0} stands in its place")]
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
    /// The checkpoint is unreadable, altered, or not signed by a trusted log key.
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
}

fn told(leaf: &Option<Digest>) -> String {
    leaf.map_or_else(|| "none".to_owned(), |digest| digest.to_string())
}

/// Checks every signature, every link, the root, and the checkpoint note over all of it.
///
/// # Errors
/// [`Broken`] with the first bad item: the leaves in their order, then the checkpoint.
pub fn verify_chain<L: AsRef<[u8]>>(leaves: &[L], keys: &KeySet, checkpoint: &str) -> Result<Summary, Broken> {
    let mut walk = Walk::default();
    for leaf in leaves {
        let index = walk.frontier.size();
        walk.step(leaf.as_ref(), keys).map_err(|step| Broken { index, why: step.explained(leaves, index) })?;
    }
    walk.finish(keys, checkpoint)
}

/// What is known after some leaves.
#[derive(Clone, Default)]
struct Walk {
    frontier: Frontier,
    last: Option<Digest>,
    kinds: BTreeMap<String, u64>,
    signers: BTreeMap<KeyId, u64>,
}

/// How one leaf fails, before its neighbours are asked.
enum Misstep {
    Bad(Why),
    Elsewhere(u64),
}

impl Walk {
    fn step(&mut self, leaf: &[u8], keys: &KeySet) -> Result<(), Misstep> {
        let entry = Entry::verify(leaf, keys).map_err(|error| match error {
            EntryError::Envelope(EnvelopeError::UnknownKey(who)) => Misstep::Bad(Why::UnknownKey(who)),
            other => Misstep::Bad(Why::Altered(other)),
        })?;
        let place = entry.position();
        if place.index != self.frontier.size() {
            return Err(Misstep::Elsewhere(place.index));
        }
        if place.previous != self.last {
            return Err(Misstep::Bad(Why::Unlinked { names: place.previous, found: self.last }));
        }
        let hash = leaf_hash(leaf);
        self.frontier.append(hash);
        self.last = Some(hash);
        *self.kinds.entry(entry.kind().to_owned()).or_default() += 1;
        for signer in entry.signers {
            *self.signers.entry(signer).or_default() += 1;
        }
        Ok(())
    }

    fn finish(self, keys: &KeySet, checkpoint: &str) -> Result<Summary, Broken> {
        let (size, root) = (self.frontier.size(), self.frontier.root());
        let distrusted = |error| Broken { index: size, why: Why::Checkpoint(error) };
        let read = SignedCheckpoint::parse(checkpoint).map_err(distrusted)?;
        let (signed, key) = read.verify(keys).map_err(|error: NoteError| distrusted(error.into()))?;
        if signed.size > size {
            return Err(Broken { index: size, why: Why::Dropped });
        }
        if signed.size < size {
            return Err(Broken { index: signed.size, why: Why::Unattested });
        }
        if signed.root != root {
            return Err(Broken { index: size, why: Why::RootDiffers { signed: signed.root, found: root } });
        }
        let origin = signed.origin.clone();
        Ok(Summary { origin, size, root, checkpoint_key: key, kinds: self.kinds, signers: self.signers })
    }
}

impl Misstep {
    /// Tells a missing, a moved and a doubled leaf apart by looking at the others.
    fn explained<L: AsRef<[u8]>>(self, leaves: &[L], index: u64) -> Why {
        let carries = match self {
            Misstep::Bad(why) => return why,
            Misstep::Elsewhere(carries) => carries,
        };
        let others = || (0_u64..).zip(leaves).filter(|(at, _)| *at != index).map(|(at, leaf)| (at, leaf.as_ref()));
        let here = (0_u64..).zip(leaves).find(|(at, _)| *at == index).map(|(_, leaf)| leaf.as_ref());
        if others().any(|(_, leaf)| Some(leaf) == here) {
            return Why::Duplicated(carries);
        }
        let belongs_here = |leaf| Entry::read_unverified(leaf).is_ok_and(|entry| entry.position().index == index);
        if carries < index || others().any(|(at, leaf)| at > index && belongs_here(leaf)) {
            Why::Reordered(carries)
        } else {
            Why::Dropped
        }
    }
}

#[cfg(test)]
mod tests;
