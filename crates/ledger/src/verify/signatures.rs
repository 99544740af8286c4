//! Checking signatures: the few of a key one by one, the many of a key by the multiples of its point.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ahead::in_parts;
use super::multiples::Multiples;
use crate::{KeyId, VerifyingKey};

/// From how many signatures of one key on it is worth while to compute multiples of its point.
const MANY: u64 = 256;

/// A signature that is to be checked.
pub(super) struct Check {
    /// Position of the leaf it belongs to.
    pub(super) leaf: u64,
    pub(super) key: VerifyingKey,
    pub(super) message: Vec<u8>,
    pub(super) signature: [u8; 64],
}

/// A signature as it stands in one of some leaves.
pub(super) struct Signed<'a> {
    /// The leaf, and the number of the signature in it.
    pub(super) place: (usize, usize),
    /// The name of the key, as the leaf gives it.
    pub(super) key: &'a str,
    pub(super) message: &'a [u8],
    pub(super) signature: &'a [u8; 64],
}

/// Keys that sign much, with the multiples of their points.
#[derive(Default, Clone)]
pub(super) struct Known(BTreeMap<KeyId, (VerifyingKey, Arc<Multiples>)>);

impl Known {
    /// Whether a key that signed so often is to be known, and is not.
    pub(super) fn lacks(&self, key: KeyId, signed: u64) -> bool {
        signed >= MANY && !self.0.contains_key(&key)
    }

    pub(super) fn learn(&mut self, key: VerifyingKey) {
        if let Some(multiples) = Multiples::of(&key) {
            self.0.insert(key.id(), (key, Arc::new(multiples)));
        }
    }

    /// The places of the signatures that known keys made, key by key, as far as all those of the key before are made by
    /// it, too.
    pub(super) fn made<'a>(
        &self,
        signed: impl Iterator<Item = Signed<'a>>,
    ) -> Vec<(VerifyingKey, Vec<(usize, usize)>)> {
        let mut by_key: BTreeMap<KeyId, Vec<Signed<'a>>> = BTreeMap::new();
        for signed in signed {
            if let Some(id) = signed.key.parse().ok().filter(|id| self.0.contains_key(id)) {
                by_key.entry(id).or_default().push(signed);
            }
        }
        let made = by_key.into_iter().filter_map(|(id, signed)| {
            let (key, multiples) = self.0.get(&id)?;
            let bad = multiples.first_bad(signed.iter().map(|one| (one.message, one.signature)));
            let good = signed.iter().take(bad.unwrap_or(signed.len()));
            Some((*key, good.map(|one| one.place).collect()))
        });
        made.collect()
    }
}

/// The first signature, in the given order, that its key did not make.
pub(super) fn first_bad(checks: Vec<Check>, threads: usize) -> Option<Check> {
    let bad = |part: Vec<Check>| part.into_iter().find(|one| !one.key.verifies(&one.message, &one.signature));
    in_parts(checks, threads, bad).into_iter().flatten().next()
}
