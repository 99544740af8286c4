//! A ledger in a PostgreSQL database: a schema of its own, evidence in pieces beside the leaves.
//!
//! A row that every writer locks orders them; reading never waits for it. A handle connects again by itself when the
//! server or the network went away, and never appends twice.

mod address;
mod append;
mod blobs;
#[cfg(test)]
mod checked;
mod documents;
mod ledger;
mod migrate;
mod queries;
mod session;
mod tls;

pub use address::{Address, Secrets};
pub use documents::PostgresDocuments;
pub use ledger::PostgresStore;
