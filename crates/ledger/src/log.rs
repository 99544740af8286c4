//! The Merkle log: every leaf hash, and the proofs drawn from them (RFC 9162, 2.1.3.1 and 2.1.4.1).
//!
//! It holds hashes, not leaves. Where only appending matters, `Frontier` is smaller.

use crate::merkle::{empty_root, node_hash};
use crate::{ConsistencyProof, Digest, InclusionProof};

/// An append-only log of leaf hashes with its complete subtrees kept: 2n digests, O(log n) per proof.
#[derive(Debug, Clone, Default)]
pub struct Log {
    /// `levels[k][i]` is the root over the leaves `i * 2^k .. (i + 1) * 2^k`; complete subtrees alone.
    levels: Vec<Vec<Digest>>,
}

impl Log {
    /// The empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a leaf by its hash and returns its position.
    pub fn append(&mut self, leaf: Digest) -> u64 {
        let position = self.size();
        let mut carried = leaf;
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let row = &mut self.levels[level];
            row.push(carried);
            match row[..] {
                [.., left, right] if row.len().is_multiple_of(2) => carried = node_hash(&left, &right),
                _ => break,
            }
        }
        position
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |row| row.len() as u64)
    }

    /// The hash of one leaf.
    pub fn leaf(&self, index: u64) -> Option<Digest> {
        self.levels.first()?.get(usize::try_from(index).ok()?).copied()
    }

    /// The root over all leaves.
    pub fn root(&self) -> Digest {
        self.range(0, self.size())
    }

    /// The root when the log had `size` leaves; none when it never had as many.
    pub fn root_at(&self, size: u64) -> Option<Digest> {
        (size <= self.size()).then(|| self.range(0, size))
    }

    /// Proof that leaf `index` lies in the tree of the first `size` leaves; none unless `index < size <= self.size()`.
    pub fn inclusion_proof(&self, index: u64, size: u64) -> Option<InclusionProof> {
        if index >= size || size > self.size() {
            return None;
        }
        let mut path = Vec::new();
        self.inclusion_path(index, 0, size, &mut path);
        Some(InclusionProof { index, size, path })
    }

    /// Proof that the tree of `new` leaves extends the tree of `old`; none unless `old <= new <= self.size()`.
    pub fn consistency_proof(&self, old: u64, new: u64) -> Option<ConsistencyProof> {
        if old > new || new > self.size() {
            return None;
        }
        let mut path = Vec::new();
        if 0 < old && old < new {
            self.consistency_path(old, 0, new, true, &mut path);
        }
        Some(ConsistencyProof { old, new, path })
    }

    /// The root over the leaves `from..to`; `from` is a multiple of the range's largest power of two.
    fn range(&self, from: u64, to: u64) -> Digest {
        let count = to - from;
        if count == 0 {
            return empty_root();
        }
        if count.is_power_of_two() {
            let level = count.trailing_zeros();
            return self.levels[level as usize][(from >> level) as usize];
        }
        let middle = from + split(count);
        node_hash(&self.range(from, middle), &self.range(middle, to))
    }

    /// RFC 9162, 2.1.3.1: PATH.
    fn inclusion_path(&self, index: u64, from: u64, to: u64, path: &mut Vec<Digest>) {
        if to - from == 1 {
            return;
        }
        let middle = from + split(to - from);
        if index < middle {
            self.inclusion_path(index, from, middle, path);
            path.push(self.range(middle, to));
        } else {
            self.inclusion_path(index, middle, to, path);
            path.push(self.range(from, middle));
        }
    }

    /// RFC 9162, 2.1.4.1: SUBPROOF. `known` says that the verifier holds the root over `from..old` already.
    fn consistency_path(&self, old: u64, from: u64, to: u64, known: bool, path: &mut Vec<Digest>) {
        if old == to {
            if !known {
                path.push(self.range(from, to));
            }
            return;
        }
        let middle = from + split(to - from);
        if old <= middle {
            self.consistency_path(old, from, middle, known, path);
            path.push(self.range(middle, to));
        } else {
            self.consistency_path(old, middle, to, false, path);
            path.push(self.range(from, middle));
        }
    }
}

/// The largest power of two smaller than `count`, which is at least 2.
fn split(count: u64) -> u64 {
    1 << (u64::BITS - 1 - (count - 1).leading_zeros())
}

impl FromIterator<Digest> for Log {
    fn from_iter<I: IntoIterator<Item = Digest>>(leaves: I) -> Self {
        let mut log = Self::new();
        for leaf in leaves {
            log.append(leaf);
        }
        log
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::vectors::{ROOTS, digest, leaf_hashes};

    #[test]
    fn the_log_remembers_every_root_it_ever_had() {
        let log: Log = leaf_hashes().into_iter().collect();
        for (size, root) in (0..).zip(ROOTS) {
            assert_eq!(log.root_at(size), Some(digest(root)), "size {size}");
        }
        assert_eq!(log.root_at(9), None);
        assert_eq!(log.root(), digest(ROOTS[8]));
    }

    #[test]
    fn no_proof_is_drawn_beyond_the_log() {
        let log: Log = leaf_hashes().into_iter().collect();
        assert_eq!(log.inclusion_proof(8, 8), None);
        assert_eq!(log.inclusion_proof(0, 9), None);
        assert_eq!(log.inclusion_proof(0, 0), None);
        assert_eq!(log.consistency_proof(3, 2), None);
        assert_eq!(log.consistency_proof(3, 9), None);
        assert_eq!(Log::new().leaf(0), None);
    }
}
