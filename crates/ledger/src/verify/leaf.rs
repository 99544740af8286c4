//! Reading leaves: all of their checks that need no neighbour, ahead of the walk.

use super::signatures::{Known, Signed};
use crate::envelope::Claimed;
use crate::{Digest, Entry, EntryError, VerifyingKey, leaf_hash};

/// A leaf that was read.
pub(super) struct Read {
    pub(super) body: Vec<u8>,
    pub(super) hash: Digest,
    pub(super) entry: Result<Entry, EntryError>,
    /// The signed bytes.
    pub(super) message: Vec<u8>,
    pub(super) claimed: Vec<Claimed>,
    /// Of each signature the key that was seen to have made it. Whether that key may sign here is not looked at, and
    /// where none stands nothing was seen.
    pub(super) made_by: Vec<Option<VerifyingKey>>,
}

impl Read {
    fn of(body: Vec<u8>) -> Self {
        let hash = leaf_hash(&body);
        let (entry, message, claimed) = match Entry::read_signed(&body) {
            Ok((entry, message, claimed)) => (Ok(entry), message, claimed),
            Err(error) => (Err(error), Vec::new(), Vec::new()),
        };
        let made_by = vec![None; claimed.len()];
        Self { body, hash, entry, message, claimed, made_by }
    }
}

/// Reads leaves in their order, and checks what of their signatures is by keys that are known to sign much.
pub(super) fn read_all(bodies: Vec<Vec<u8>>, known: &Known) -> Vec<Read> {
    let mut leaves: Vec<Read> = bodies.into_iter().map(Read::of).collect();
    for (key, found) in known.made(leaves.iter().enumerate().flat_map(|(leaf, read)| {
        read.claimed.iter().enumerate().map(move |(number, claim)| Signed {
            place: (leaf, number),
            key: &claim.keyid,
            message: &read.message,
            signature: &claim.signature,
        })
    })) {
        for (leaf, number) in found {
            leaves[leaf].made_by[number] = Some(key);
        }
    }
    leaves
}
