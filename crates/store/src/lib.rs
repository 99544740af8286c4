//! Where a ledger is kept: its leaves and checkpoints in a database, its evidence as files named by digest. Beside it,
//! documents: what a workspace keeps that is no evidence.
//!
//! It promises durability and order. It does not verify signatures, know what a record means, or judge anything.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod blobs;
mod documents;
mod failure;
#[cfg(test)]
mod folder;
mod follow;
mod lock;
mod number;
mod postgres;
mod queries;
mod sqlite;
mod step;
mod store;

pub use documents::{Document, Documents};
pub use postgres::{Address, PostgresDocuments, PostgresStore, Secrets};
pub use sqlite::{SqliteDocuments, SqliteStore};
pub use store::{Blob, Leaf, Rebuilt, Store, StoreError, StoredCheckpoint};

/// How long a writer waits for another by default: longer than any append takes, shorter than a person's patience.
const WAIT: std::time::Duration = std::time::Duration::from_secs(10);
