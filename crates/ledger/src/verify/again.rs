//! Verifying a log another time: what is the same to the last byte needs no signature checked again.

use super::{Verifier, Walk};
use crate::{Frontier, Trust, leaf_hash};

/// A log that was found sound. It says nothing about a later moment: its leaves are to be read again, and [`Again`] tells
/// whether they are the same.
#[derive(Debug, Clone)]
pub struct Sound {
    trust: Trust,
    walk: Walk,
}

/// Leaves that are held against a log that was found sound, by their hashes.
#[derive(Debug)]
pub struct Again<'s> {
    sound: &'s Sound,
    found: Frontier,
}

impl Sound {
    pub(super) fn new(trust: Trust, mut walk: Walk) -> Self {
        // Checkpoints that were kept elsewhere are asked about one time, not ever after.
        walk.met.clear();
        Self { trust, walk }
    }

    /// Number of its leaves.
    pub fn size(&self) -> u64 {
        self.walk.frontier.size()
    }

    /// Where trust in it began.
    pub fn trust(&self) -> Trust {
        self.trust
    }

    /// Begins to hold leaves against it, from the first.
    pub fn again(&self) -> Again<'_> {
        Again { sound: self, found: Frontier::new() }
    }
}

impl Again<'_> {
    /// Takes the next leaf.
    pub fn push(&mut self, leaf: &[u8]) {
        self.found.append(leaf_hash(leaf));
    }

    /// A verifier for the leaves that follow, where exactly the leaves of the sound log were pushed; none where a byte of
    /// them is another one. Then a walk from the first leaf tells which.
    ///
    /// Where it is held against a checkpoint that was kept elsewhere ([`Verifier::since`]), that has to be over more leaves than
    /// these: what came before is not walked over again, and would be taken for a log that was cut back.
    pub fn verifier<'a>(self) -> Option<Verifier<'a>> {
        (self.found == self.sound.walk.frontier).then(|| {
            let mut verifier = Verifier::new(self.sound.trust);
            verifier.walk = self.sound.walk.clone();
            verifier
        })
    }
}
