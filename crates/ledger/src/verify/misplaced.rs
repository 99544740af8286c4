//! Which of its neighbours is at fault when a leaf stands in another leaf's place.

use crate::{Broken, Digest, Entry, Why, leaf_hash};

/// A leaf that carries another position than the one it stands at, and what was seen of the leaves after it.
pub(super) struct Misplaced {
    index: u64,
    carries: u64,
    hash: Digest,
    again: bool,
    later: bool,
}

impl Misplaced {
    pub(super) fn new(index: u64, carries: u64, hash: Digest) -> Self {
        Self { index, carries, hash, again: false, later: false }
    }

    /// Looks at a leaf that stands after it. Nothing of that leaf is verified: it only serves to find words.
    pub(super) fn look_at(&mut self, leaf: &[u8]) {
        self.again |= leaf_hash(leaf) == self.hash;
        self.later |= Entry::read_unverified(leaf).is_ok_and(|entry| entry.position().index == self.index);
    }

    pub(super) fn explained(self) -> Broken {
        // A leaf of an earlier position was met where it belongs.
        let why = if self.again || self.carries < self.index {
            Why::Duplicated(self.carries)
        } else if self.later {
            Why::Reordered(self.carries)
        } else {
            Why::Dropped
        };
        Broken { index: self.index, why }
    }
}
