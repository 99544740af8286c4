//! Where a ledger is kept: its leaves and checkpoints in a database, its evidence as files named by digest. Beside it,
//! documents: what a workspace keeps that is no evidence.
//!
//! It promises durability and order. It does not verify signatures, know what a record means, or judge anything.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod blobs;
mod documents;
mod failure;
mod lock;
mod queries;
mod sqlite;
mod store;

pub use documents::{Document, Documents};
pub use sqlite::{SqliteDocuments, SqliteStore};
pub use store::{Blob, Leaf, Rebuilt, Store, StoreError, StoredCheckpoint};
