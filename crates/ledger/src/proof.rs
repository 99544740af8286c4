//! Inclusion and consistency proofs as values, and their verification (RFC 9162, 2.1.3.2 and 2.1.4.2).
//!
//! A proof only binds hashes to roots; who vouches for a root is the checkpoint's matter.

use serde::{Deserialize, Serialize};

use crate::Digest;
use crate::merkle::{empty_root, node_hash};

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Its positions contradict each other.
    #[error("follow the proof: its positions contradict each other")]
    Positions,
    /// It has more or fewer hashes than its positions ask for.
    #[error("follow the proof: it is too long or too short")]
    Length,
    /// It ends at another root, so the leaf or the smaller tree is not part of the tree.
    #[error("follow the proof: it leads to another root")]
    Root,
}

/// Proof that a leaf lies at `index` of the tree with `size` leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InclusionProof {
    /// Position of the leaf, from 0.
    pub index: u64,
    /// Number of leaves of the tree.
    pub size: u64,
    /// The sibling hashes from the leaf to the root.
    pub path: Vec<Digest>,
}

impl InclusionProof {
    /// Checks that the leaf with this hash is in the tree with this root.
    ///
    /// # Errors
    /// [`ProofError`] when it does not prove that.
    pub fn verify(&self, leaf: Digest, root: Digest) -> Result<(), ProofError> {
        if self.index >= self.size {
            return Err(ProofError::Positions);
        }
        let (mut node, mut last) = (self.index, self.size - 1);
        let mut hash = leaf;
        for sibling in &self.path {
            if last == 0 {
                return Err(ProofError::Length);
            }
            if node & 1 == 1 || node == last {
                hash = node_hash(sibling, &hash);
                while node & 1 == 0 && node != 0 {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                hash = node_hash(&hash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        ended_at(last, hash == root)
    }
}

/// Proof that the tree with `new` leaves begins with the tree of `old` leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsistencyProof {
    /// Number of leaves of the earlier tree.
    pub old: u64,
    /// Number of leaves of the later tree.
    pub new: u64,
    /// The hashes of the proof.
    pub path: Vec<Digest>,
}

impl ConsistencyProof {
    /// Checks that the tree with the later root extends the tree with the earlier root.
    ///
    /// # Errors
    /// [`ProofError`] when it does not prove that.
    pub fn verify(&self, old_root: Digest, new_root: Digest) -> Result<(), ProofError> {
        if self.old > self.new {
            return Err(ProofError::Positions);
        }
        // RFC 9162 leaves the empty and the equal tree to the caller: nothing to prove, but the roots must agree.
        if self.old == 0 || self.old == self.new {
            let agree = if self.old == self.new { old_root == new_root } else { old_root == empty_root() };
            return if self.path.is_empty() { ended_at(0, agree) } else { Err(ProofError::Length) };
        }
        let mut path = self.path.iter();
        let first = if self.old.is_power_of_two() { Some(&old_root) } else { path.next() };
        let mut old_hash = *first.ok_or(ProofError::Length)?;
        let mut new_hash = old_hash;
        let shift = (self.old - 1).trailing_ones();
        let (mut node, mut last) = ((self.old - 1) >> shift, (self.new - 1) >> shift);
        for sibling in path {
            if last == 0 {
                return Err(ProofError::Length);
            }
            if node & 1 == 1 || node == last {
                old_hash = node_hash(sibling, &old_hash);
                new_hash = node_hash(sibling, &new_hash);
                while node & 1 == 0 && node != 0 {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                new_hash = node_hash(&new_hash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        ended_at(last, old_hash == old_root && new_hash == new_root)
    }
}

fn ended_at(last: u64, roots_agree: bool) -> Result<(), ProofError> {
    match (last, roots_agree) {
        (0, true) => Ok(()),
        (0, false) => Err(ProofError::Root),
        _ => Err(ProofError::Length),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::merkle::vectors::{ROOTS, digest, leaf_hashes};
    use crate::{Log, leaf_hash};

    fn path(hashes: &[&str]) -> Vec<Digest> {
        hashes.iter().map(|hash| digest(hash)).collect()
    }

    const PAIR_0: &str = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125";
    const LEAF_1: &str = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
    const PAIR_1: &str = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
    const HALF_1: &str = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
    const LEAF_4: &str = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
    const PAIR_2: &str = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
    const PAIR_3: &str = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
    const HALF_0: &str = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7";

    #[test]
    fn the_reference_inclusion_proofs_come_out_and_verify() {
        let log: Log = leaf_hashes().into_iter().collect();
        let vectors: [(u64, u64, &[&str]); 4] =
            [(0, 1, &[]), (0, 8, &[LEAF_1, PAIR_1, HALF_1]), (5, 8, &[LEAF_4, PAIR_3, HALF_0]), (2, 3, &[PAIR_0])];
        for (index, size, hashes) in vectors {
            let proof = log.inclusion_proof(index, size).unwrap();
            assert_eq!(proof.path, path(hashes), "{index} of {size}");
            let root = digest(ROOTS[usize::try_from(size).unwrap()]);
            assert_eq!(proof.verify(log.leaf(index).unwrap(), root), Ok(()));
        }
    }

    #[test]
    fn the_reference_consistency_proofs_come_out_and_verify() {
        let log: Log = leaf_hashes().into_iter().collect();
        let vectors: [(u64, u64, &[&str]); 4] = [
            (1, 1, &[]),
            (1, 8, &[LEAF_1, PAIR_1, HALF_1]),
            (6, 8, &[PAIR_2, PAIR_3, HALF_0]),
            (2, 5, &[PAIR_1, LEAF_4]),
        ];
        for (old, new, hashes) in vectors {
            let proof = log.consistency_proof(old, new).unwrap();
            assert_eq!(proof.path, path(hashes), "{old} to {new}");
            let (old, new) = (usize::try_from(old).unwrap(), usize::try_from(new).unwrap());
            assert_eq!(proof.verify(digest(ROOTS[old]), digest(ROOTS[new])), Ok(()));
        }
    }

    #[test]
    fn every_tree_extends_the_empty_one_and_itself_alone() {
        let (empty, root) = (digest(ROOTS[0]), digest(ROOTS[8]));
        assert_eq!(ConsistencyProof { old: 0, new: 8, path: vec![] }.verify(empty, root), Ok(()));
        assert_eq!(ConsistencyProof { old: 0, new: 8, path: vec![] }.verify(root, root), Err(ProofError::Root));
        assert_eq!(ConsistencyProof { old: 8, new: 8, path: vec![] }.verify(empty, root), Err(ProofError::Root));
        let long = ConsistencyProof { old: 8, new: 8, path: vec![root] };
        assert_eq!(long.verify(root, root), Err(ProofError::Length));
        let backwards = ConsistencyProof { old: 8, new: 7, path: vec![] };
        assert_eq!(backwards.verify(root, root), Err(ProofError::Positions));
    }

    fn log(size: u64) -> Log {
        (0..size).map(|n| leaf_hash(&n.to_be_bytes())).collect()
    }

    proptest! {
        #[test]
        fn a_leaf_is_proven_at_its_own_position_alone(size in 1..200_u64, index in 0..200_u64, other in 0..200_u64) {
            let (index, other) = (index % size, other % size);
            let log = log(size + 3);
            let (leaf, root) = (log.leaf(index).unwrap(), log.root_at(size).unwrap());
            let proof = log.inclusion_proof(index, size).unwrap();
            prop_assert_eq!(proof.verify(leaf, root), Ok(()));
            if other != index {
                let moved = InclusionProof { index: other, ..proof.clone() };
                prop_assert!(moved.verify(leaf, root).is_err());
                prop_assert!(proof.verify(log.leaf(other).unwrap(), root).is_err());
            }
            prop_assert_eq!(proof.verify(leaf, log.root_at(size + 1).unwrap()), Err(ProofError::Root));
            let mut long = proof.clone();
            long.path.push(root);
            prop_assert_eq!(long.verify(leaf, root), Err(ProofError::Length));
            let mut short = proof;
            if short.path.pop().is_some() {
                prop_assert_eq!(short.verify(leaf, root), Err(ProofError::Length));
            }
        }

        #[test]
        fn a_changed_hash_anywhere_in_a_proof_is_noticed(
            sizes in (1..150_u64, 1..150_u64), at in any::<prop::sample::Index>(), bit in 0..256_usize,
        ) {
            let (old, new) = (sizes.0.min(sizes.1), sizes.0.max(sizes.1));
            let log = log(new);
            let (old_root, new_root) = (log.root_at(old).unwrap(), log.root());
            let proof = log.consistency_proof(old, new).unwrap();
            prop_assert_eq!(proof.verify(old_root, new_root), Ok(()));
            if !proof.path.is_empty() {
                let mut altered = proof.clone();
                let hash = { let i = at.index(altered.path.len()); &mut altered.path[i] };
                *hash = flipped(*hash, bit);
                prop_assert_eq!(altered.verify(old_root, new_root), Err(ProofError::Root));
            }
            prop_assert!(proof.verify(flipped(old_root, bit), new_root).is_err());
            prop_assert!(proof.verify(old_root, flipped(new_root, bit)).is_err());
        }

        #[test]
        fn a_proof_reads_back_from_json(size in 1..100_u64, index in 0..100_u64) {
            let log = log(size);
            let inclusion = log.inclusion_proof(index % size, size).unwrap();
            let text = serde_json::to_string(&inclusion).unwrap();
            prop_assert_eq!(serde_json::from_str::<InclusionProof>(&text).unwrap(), inclusion);
            let consistency = log.consistency_proof(index % size, size).unwrap();
            let text = serde_json::to_string(&consistency).unwrap();
            prop_assert_eq!(serde_json::from_str::<ConsistencyProof>(&text).unwrap(), consistency);
        }
    }

    fn flipped(digest: Digest, bit: usize) -> Digest {
        let mut bytes = *digest.as_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        Digest::from_bytes(bytes)
    }
}
