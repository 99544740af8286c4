//! Where a ledger is kept: its leaves and checkpoints in a database, its evidence as files named by digest.
//!
//! It promises durability and order. It does not verify signatures, know what a record means, or judge anything.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod blobs;
mod failure;
mod lock;
mod sqlite;
mod store;

pub use sqlite::SqliteStore;
pub use store::{Blob, Leaf, Rebuilt, Store, StoreError, StoredCheckpoint};
