//! The append-only ledger as values: digests, keys, signed entries, the Merkle log, proofs, checkpoints, and the
//! verification of all of it from bytes alone.
//!
//! It does no IO, reads no clock and draws no randomness: seeds, times and bytes come from the caller. It does not
//! know what a record means, and it does not hold the leaves; a store does.
#![forbid(unsafe_code)]
#![warn(clippy::disallowed_methods, clippy::disallowed_types)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod bundle;
mod canonical;
mod checkpoint;
mod entry;
mod envelope;
mod head;
mod hmac;
mod in_toto;
mod key;
mod keyring;
mod log;
mod merkle;
mod note;
pub mod predicate;
mod proof;
mod verify;
mod withheld;

pub use checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
pub use entry::{Entry, EntryError, Position, Recorded};
pub use envelope::{Envelope, EnvelopeError, Signature, pae};
pub use head::{Draft, Head, SealError, Sealed};
pub use in_toto::{InTotoStatement, STATEMENT_TYPE, Subject, SubjectDigest};
pub use key::{KeyError, KeyId, KeySet, SigningKey, VerifyingKey};
pub use keyring::{Ended, Holder, KeyRecord, KeyRuleError, Keyring, KnownKey, PublicKey, Role, Trust};
pub use log::Log;
pub use merkle::{Frontier, leaf_hash};
pub use model::{Digest, DigestError, DigestStream};
pub use note::{NoteError, NoteSignature, SignedNote};
pub use proof::{ConsistencyProof, InclusionProof, ProofError};
pub use verify::{Again, Broken, Sound, Summary, Verified, Verifier, Why, verify_log};
pub use withheld::{MARK_BEGINS, Mark, Opening, Openings, OpeningsError, Salt, Salting, marks};
