//! What continues a ledger, whatever it is kept in.

use std::collections::BTreeMap;

use ledger::{Checkpoint, Digest, Entry, Head, SignedCheckpoint, leaf_hash};

use crate::{Leaf, StoreError, StoredCheckpoint};

/// What is to be appended, read once.
pub(crate) struct Next<'a> {
    pub(crate) body: &'a [u8],
    pub(crate) entry: Entry,
    pub(crate) checkpoint: SignedCheckpoint,
}

impl<'a> Next<'a> {
    pub(crate) fn read(kind: &str, body: &'a [u8], checkpoint_note: &str) -> Result<Self, StoreError> {
        let checkpoint = SignedCheckpoint::parse(checkpoint_note).map_err(StoreError::Checkpoint)?;
        let entry = Entry::read_unverified(body).map_err(StoreError::Entry)?;
        if entry.kind() != kind {
            return Err(StoreError::Kind { told: kind.to_owned(), found: entry.kind().to_owned() });
        }
        Ok(Self { body, entry, checkpoint })
    }

    /// Moves the head on, if entry and checkpoint continue the ledger that ends there.
    pub(crate) fn follow(&self, head: &mut Head) -> Result<Digest, StoreError> {
        let hash = push(head, self.body, &self.entry)?;
        covers(self.checkpoint.claimed(), head)?;
        Ok(hash)
    }
}

fn push(head: &mut Head, body: &[u8], entry: &Entry) -> Result<Digest, StoreError> {
    let (seq, place) = (head.size(), entry.position());
    if place.index != seq {
        return Err(StoreError::Moved { sealed: place.index, size: seq });
    }
    if place.previous != head.last() {
        return Err(StoreError::DoesNotFollow { seq, why: "it names another leaf as the one before it" });
    }
    let hash = leaf_hash(body);
    head.push(hash);
    Ok(hash)
}

/// Whether a checkpoint is over all leaves up to the head.
pub(crate) fn covers(checkpoint: &Checkpoint, head: &Head) -> Result<(), StoreError> {
    if checkpoint.size == head.size() && checkpoint.root == head.root() {
        return Ok(());
    }
    let seq = head.size().saturating_sub(1);
    Err(StoreError::DoesNotFollow { seq, why: "its checkpoint is over other leaves" })
}

/// Leaves of another keeper of the same ledger, their index columns derived from the bodies, and the head after them.
pub(crate) fn taken_over(
    mut head: Head,
    bodies: &[Vec<u8>],
    checkpoints: &[StoredCheckpoint],
) -> Result<(Vec<Leaf>, Head), StoreError> {
    let mut at: BTreeMap<u64, SignedCheckpoint> = BTreeMap::new();
    for checkpoint in checkpoints {
        at.insert(checkpoint.size, SignedCheckpoint::parse(&checkpoint.note).map_err(StoreError::Checkpoint)?);
    }
    let mut leaves = Vec::with_capacity(bodies.len());
    for body in bodies {
        let entry = Entry::read_unverified(body).map_err(StoreError::Entry)?;
        let seq = head.size();
        let leaf_hash = push(&mut head, body, &entry)?;
        if let Some(checkpoint) = at.remove(&head.size()) {
            covers(checkpoint.claimed(), &head)?;
        }
        let (kind, recorded_at) = (entry.kind().to_owned(), entry.position().recorded_at.clone());
        leaves.push(Leaf { seq, kind, recorded_at, body: body.clone(), leaf_hash });
    }
    match at.keys().next() {
        Some(size) => Err(StoreError::DoesNotFollow {
            seq: size.saturating_sub(1),
            why: "its checkpoint comes without the leaf that it ends with",
        }),
        None => Ok((leaves, head)),
    }
}
