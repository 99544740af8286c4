//! Hashing of the Merkle tree (RFC 9162, 2.1.1) and its right edge, which is all that appending needs.
//!
//! Proofs need every leaf hash and live in `log`.

use crate::Digest;

/// The hash of a leaf. It is also the leaf's name: the next leaf carries it as `previous`.
pub fn leaf_hash(leaf: &[u8]) -> Digest {
    Digest::of_parts(&[&[0x00], leaf])
}

/// The hash of an inner node.
pub(crate) fn node_hash(left: &Digest, right: &Digest) -> Digest {
    Digest::of_parts(&[&[0x01], left.as_bytes(), right.as_bytes()])
}

/// The root of the tree without leaves.
pub(crate) fn empty_root() -> Digest {
    Digest::of(b"")
}

/// The roots of the complete subtrees that make up a tree: enough to append and to tell the root.
///
/// Invariant: one peak per set bit of `size`, the largest subtree first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Digest>,
}

impl Frontier {
    /// The frontier of the empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a leaf by its [`leaf_hash`]; O(log n) at worst, O(1) on average.
    pub fn append(&mut self, leaf: Digest) {
        let mut carried = leaf;
        let mut merges = self.size.trailing_ones();
        while merges > 0
            && let Some(left) = self.peaks.pop()
        {
            carried = node_hash(&left, &carried);
            merges -= 1;
        }
        self.peaks.push(carried);
        self.size += 1;
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root hash over all leaves.
    pub fn root(&self) -> Digest {
        self.peaks.iter().rev().copied().reduce(|right, left| node_hash(&left, &right)).unwrap_or_else(empty_root)
    }
}

impl Extend<Digest> for Frontier {
    fn extend<I: IntoIterator<Item = Digest>>(&mut self, leaves: I) {
        for leaf in leaves {
            self.append(leaf);
        }
    }
}

impl FromIterator<Digest> for Frontier {
    fn from_iter<I: IntoIterator<Item = Digest>>(leaves: I) -> Self {
        let mut frontier = Self::new();
        frontier.extend(leaves);
        frontier
    }
}

#[cfg(test)]
pub(crate) mod vectors {
    //! The reference tree of eight leaves that RFC 6962 implementations share.

    use super::*;

    pub(crate) const LEAVES: [&str; 8] =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    /// Root after as many leaves as the position says.
    pub(crate) const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    pub(crate) fn digest(digits: &str) -> Digest {
        Digest::from_hex(digits).unwrap()
    }

    pub(crate) fn leaf_hashes() -> Vec<Digest> {
        LEAVES.iter().map(|leaf| leaf_hash(&hex::decode(leaf).unwrap())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_roots_come_out_at_every_size() {
        let mut frontier = Frontier::new();
        assert_eq!(frontier.root(), vectors::digest(vectors::ROOTS[0]));
        for (hash, root) in vectors::leaf_hashes().into_iter().zip(&vectors::ROOTS[1..]) {
            frontier.append(hash);
            assert_eq!(frontier.root(), vectors::digest(root), "size {}", frontier.size());
        }
    }

    #[test]
    fn the_frontier_keeps_one_peak_per_set_bit() {
        let mut frontier = Frontier::new();
        for n in 0..300_u32 {
            assert_eq!(frontier.peaks.len(), n.count_ones() as usize);
            frontier.append(leaf_hash(&n.to_be_bytes()));
        }
    }
}
