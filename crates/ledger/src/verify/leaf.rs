//! Reading leaves: all of their checks that need no neighbour and no key, on several threads.

use crate::envelope::Claimed;
use crate::{Digest, Entry, EntryError, leaf_hash};

/// A leaf that was read; its signatures were not verified.
pub(super) struct Read {
    pub(super) body: Vec<u8>,
    pub(super) hash: Digest,
    pub(super) entry: Result<Entry, EntryError>,
    /// The signed bytes.
    pub(super) message: Vec<u8>,
    pub(super) claimed: Vec<Claimed>,
}

impl Read {
    fn of(body: Vec<u8>) -> Self {
        let hash = leaf_hash(&body);
        let (entry, message, claimed) = match Entry::read_signed(&body) {
            Ok((entry, message, claimed)) => (Ok(entry), message, claimed),
            Err(error) => (Err(error), Vec::new(), Vec::new()),
        };
        Self { body, hash, entry, message, claimed }
    }
}

/// Reads leaves in their order.
pub(super) fn read_all(bodies: Vec<Vec<u8>>, threads: usize) -> Vec<Read> {
    super::signatures::in_parts(bodies, threads, |part| part.into_iter().map(Read::of).collect::<Vec<_>>())
        .into_iter()
        .flatten()
        .collect()
}
