//! Documents in SQLite: the contract, and what is its own: the file, its neighbours, waiting.
#![expect(clippy::unwrap_used, reason = "tests")]

mod documents;

use std::time::Duration;

use rusqlite::Connection;
use store::{Documents, SqliteDocuments, SqliteStore, Store, StoreError};

#[test]
fn the_sqlite_documents_keep_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let number = std::cell::Cell::new(0);
    documents::contract(|| {
        number.set(number.get() + 1);
        Box::new(SqliteDocuments::open(&folder.path().join(number.get().to_string())).unwrap())
    });
    assert_eq!(number.get(), documents::MADE);
}

#[test]
fn documents_lie_beside_a_ledger_and_are_there_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = SqliteStore::open(folder.path()).unwrap();
    let version = SqliteDocuments::open(folder.path()).unwrap().put("people", "anna", b"{}", None).unwrap();
    let documents = SqliteDocuments::open(folder.path()).unwrap();
    assert_eq!(documents.get("people", "anna").unwrap().unwrap().version, version);
    assert_eq!(ledger.size().unwrap(), 0);
    let raw = Connection::open(folder.path().join("workspace.sqlite")).unwrap();
    let mode = raw.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(mode, "wal");
    let application: u32 = raw.pragma_query_value(None, "application_id", |row| row.get(0)).unwrap();
    assert_eq!(&application.to_be_bytes(), b"ASSW");
}

#[test]
fn a_ledger_is_not_taken_for_documents() {
    let folder = tempfile::tempdir().unwrap();
    drop(SqliteStore::open(folder.path()).unwrap());
    std::fs::rename(folder.path().join("ledger.sqlite"), folder.path().join("workspace.sqlite")).unwrap();
    let refused = SqliteDocuments::open(folder.path()).map(drop);
    assert!(matches!(refused, Err(StoreError::Foreign(_))), "{refused:?}");
}

#[test]
fn a_writer_that_waits_in_vain_is_told_so_and_nothing_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    let mut documents = SqliteDocuments::open_waiting(folder.path(), Duration::from_millis(50)).unwrap();
    let holder = Connection::open(folder.path().join("workspace.sqlite")).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = documents.put("people", "anna", b"{}", None);
    assert!(matches!(refused, Err(StoreError::Busy { .. })), "{refused:?}");
    assert_eq!(documents.list("people").unwrap(), [], "and readers do not wait");
    holder.execute_batch("ROLLBACK").unwrap();
    documents.put("people", "anna", b"{}", None).unwrap();
}
