//! A checkpoint of the ledger that a time-stamping authority has stamped.

use serde::{Deserialize, Serialize};

use crate::{Digest, Timestamp};

/// The record of an RFC 3161 response over a checkpoint of the log it stands in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamped {
    /// The signed checkpoint, byte for byte: what was stamped.
    pub checkpoint: String,
    /// Number of records it is over.
    pub size: u64,
    /// Digest of the response as it came.
    pub token: Digest,
    /// The time in it, by the authority's clock.
    pub time: Timestamp,
    /// The authority's policy: an object identifier in dots.
    pub policy: String,
    /// The serial number that the authority gave it, in hexadecimal.
    pub serial: String,
}
