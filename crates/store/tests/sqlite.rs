//! The SQLite store: the contract, and what is its own: files, locks, formats, tampering.
#![expect(clippy::unwrap_used, reason = "tests")]

mod contract;
mod sealing;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ledger::predicate::{OBSERVATION, STATEMENT};
use ledger::{Broken, Digest, Why, verify_log};
use rusqlite::Connection;
use store::{Rebuilt, SqliteStore, Store, StoreError};
use tempfile::TempDir;

use sealing::{seal, trust};

fn filled(entries: u64) -> (TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(&folder.path().join(".assay")).unwrap();
    for _ in 0..entries {
        let sealed = seal(&store.head().unwrap(), OBSERVATION, Digest::of(b"subject"));
        store.append(OBSERVATION, &sealed.body, &sealed.note).unwrap();
    }
    (folder, store)
}

fn raw(folder: &TempDir) -> Connection {
    Connection::open(folder.path().join(".assay/ledger.sqlite")).unwrap()
}

fn blob_path(folder: &TempDir, digest: &Digest) -> PathBuf {
    let hex = digest.hex();
    folder.path().join(".assay/blobs").join(&hex[..2]).join(&hex[2..4]).join(hex)
}

#[test]
fn the_sqlite_store_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let number = std::cell::Cell::new(0);
    contract::contract(|| {
        number.set(number.get() + 1);
        Box::new(SqliteStore::open(&folder.path().join(number.get().to_string())).unwrap())
    });
    assert_eq!(number.get(), contract::MADE);
}

#[test]
fn a_ledger_is_there_after_opening_again() {
    let (folder, store) = filled(3);
    let before = store.leaves(0..9).unwrap();
    drop(store);
    let store = SqliteStore::open(&folder.path().join(".assay")).unwrap();
    assert_eq!(store.leaves(0..9).unwrap(), before);
}

#[test]
fn the_database_is_kept_as_promised() {
    let (folder, _store) = filled(1);
    let connection = raw(&folder);
    let text = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(text("journal_mode"), "wal");
    assert_eq!(text("integrity_check"), "ok");
    let application: u32 = connection.pragma_query_value(None, "application_id", |row| row.get(0)).unwrap();
    assert_eq!(&application.to_be_bytes(), b"ASSY");
}

#[test]
fn the_database_itself_refuses_to_rewrite_history() {
    let (folder, _store) = filled(3);
    let connection = raw(&folder);
    for (sql, why) in [
        ("UPDATE leaf SET body = x'00' WHERE seq = 1", "a leaf is never changed"),
        ("UPDATE leaf SET seq = 9 WHERE seq = 2", "a leaf is never changed"),
        ("DELETE FROM leaf WHERE seq = 2", "a leaf is never deleted"),
        ("DELETE FROM checkpoint", "a checkpoint is never deleted"),
        ("UPDATE checkpoint SET note = ''", "a checkpoint is never changed"),
        ("INSERT INTO leaf SELECT 4, kind, recorded_at, body, leaf_hash FROM leaf WHERE seq = 0", "at the end"),
    ] {
        let error = connection.execute(sql, []).unwrap_err().to_string();
        assert!(error.contains(why), "{sql}: {error}");
    }
}

#[test]
fn a_body_altered_behind_the_store_s_back_is_named_by_verification() {
    let (folder, store) = filled(5);
    let connection = raw(&folder);
    connection.execute_batch("DROP TRIGGER leaf_is_never_changed").unwrap();
    let alter = "UPDATE leaf SET body = CAST(replace(body, 'payload', 'paylaod') AS BLOB) WHERE seq = 3";
    connection.execute(alter, []).unwrap();
    let bodies: Vec<Vec<u8>> = store.leaves(0..9).unwrap().into_iter().map(|leaf| leaf.body).collect();
    let note = store.latest_checkpoint().unwrap().unwrap().note;
    let broken = verify_log(bodies, trust(), &note).unwrap_err();
    assert!(matches!(broken, Broken { index: 3, why: Why::Altered(_) }), "{broken:?}");
}

#[test]
fn an_index_that_differs_from_the_bodies_is_corrected_from_them() {
    let (folder, mut store) = filled(4);
    let before = store.leaves(0..9).unwrap();
    let blob = store.put_blob(b"evidence").unwrap();
    let connection = raw(&folder);
    connection.execute("UPDATE leaf SET kind = ?1, recorded_at = '' WHERE seq = 1", [STATEMENT]).unwrap();
    connection.execute("UPDATE leaf SET leaf_hash = zeroblob(32) WHERE seq = 2", []).unwrap();
    connection.execute("DELETE FROM blob", []).unwrap();
    assert_ne!(store.leaves(0..9).unwrap(), before);
    let rebuilt = store.rebuild_index().unwrap();
    assert_eq!(rebuilt, Rebuilt { leaves: 4, corrected: 2, blobs: 1, damaged: vec![] });
    assert_eq!(store.leaves(0..9).unwrap(), before);
    assert_eq!(store.blobs().unwrap()[0].digest, blob);
}

#[test]
fn tables_beside_the_leaves_that_were_lost_are_made_again_and_checkpoints_replaced_by_one_that_fits() {
    let (folder, mut store) = filled(3);
    let note = store.latest_checkpoint().unwrap().unwrap().note;
    let earlier = store.checkpoint_at(2).unwrap().unwrap();
    assert_eq!(store.checkpoints().unwrap().len(), 3);
    assert_eq!(store.checkpoint_at(9).unwrap(), None);
    raw(&folder)
        .execute_batch(
            "DROP TABLE checkpoint; DROP TABLE blob; DROP INDEX leaf_by_kind; DROP TRIGGER leaf_is_never_deleted",
        )
        .unwrap();
    store.rebuild_index().unwrap();
    assert_eq!(store.checkpoints().unwrap(), []);
    assert!(matches!(store.replace_checkpoints(&earlier.note), Err(StoreError::DoesNotFollow { .. })));
    assert!(matches!(store.replace_checkpoints("no note"), Err(StoreError::Checkpoint(_))));
    store.replace_checkpoints(&note).unwrap();
    assert_eq!(store.latest_checkpoint().unwrap().unwrap().note, note);
    store.put_blob(b"evidence").unwrap();
    assert!(raw(&folder).execute("DELETE FROM leaf", []).is_err(), "leaves are guarded again");
    assert!(raw(&folder).execute("DELETE FROM checkpoint", []).is_err(), "and checkpoints");
}

#[test]
fn an_unreadable_body_leaves_the_index_as_it_was() {
    let (folder, mut store) = filled(3);
    store.put_blob(b"evidence").unwrap();
    let connection = raw(&folder);
    connection.execute("UPDATE leaf SET kind = 'wrong' WHERE seq = 0", []).unwrap();
    connection.execute_batch("DROP TRIGGER leaf_is_never_changed").unwrap();
    connection.execute("UPDATE leaf SET body = x'00' WHERE seq = 2", []).unwrap();
    assert!(matches!(store.rebuild_index(), Err(StoreError::Unreadable { seq: 2, .. })));
    assert_eq!(store.leaf(0).unwrap().unwrap().kind, "wrong");
    assert_eq!(store.blobs().unwrap().len(), 1);
}

#[test]
fn a_damaged_blob_is_noticed_reported_and_healed() {
    let (folder, mut store) = filled(0);
    let digest = store.put_blob(b"evidence").unwrap();
    let path = blob_path(&folder, &digest);
    fs::write(&path, b"evidense").unwrap();
    assert!(matches!(store.get_blob(&digest), Err(StoreError::BlobDamaged(named)) if named == digest));
    let rebuilt = store.rebuild_index().unwrap();
    assert_eq!(rebuilt, Rebuilt { damaged: vec![path], ..Rebuilt::default() });
    assert_eq!(store.blobs().unwrap(), []);
    store.put_blob(b"evidence").unwrap();
    assert_eq!(store.get_blob(&digest).unwrap(), b"evidence");
    assert_eq!(store.blobs().unwrap().len(), 1);
}

#[test]
fn what_a_killed_writer_left_behind_is_no_blob_and_is_removed() {
    let (folder, mut store) = filled(0);
    store.put_blob(b"evidence").unwrap();
    let unfinished = folder.path().join(".assay/blobs/tmp");
    assert!(names(&unfinished).is_empty(), "a finished write leaves nothing behind");
    fs::write(unfinished.join("half"), b"evid").unwrap();
    let rebuilt = store.rebuild_index().unwrap();
    assert_eq!(rebuilt, Rebuilt { blobs: 1, ..Rebuilt::default() });
    assert!(names(&unfinished).is_empty());
}

fn names(folder: &Path) -> Vec<std::ffi::OsString> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
}

#[test]
fn a_writer_that_waits_in_vain_is_told_so_and_nothing_is_stored() {
    let (folder, store) = filled(1);
    let holder = raw(&folder);
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut waiting = SqliteStore::open_waiting(&folder.path().join(".assay"), Duration::from_millis(50)).unwrap();
    let sealed = seal(&waiting.head().unwrap(), OBSERVATION, Digest::of(b"subject"));
    let refused = waiting.append(OBSERVATION, &sealed.body, &sealed.note);
    assert!(matches!(refused, Err(StoreError::Busy { .. })), "{refused:?}");
    assert_eq!(store.size().unwrap(), 1);
    holder.execute_batch("ROLLBACK").unwrap();
    assert_eq!(waiting.append(OBSERVATION, &sealed.body, &sealed.note).unwrap(), 1);
}

#[test]
fn databases_of_others_and_of_later_programs_are_left_alone() {
    let (folder, store) = filled(1);
    drop(store);
    raw(&folder).pragma_update(None, "user_version", 99).unwrap();
    let refused = SqliteStore::open(&folder.path().join(".assay")).map(drop);
    assert!(matches!(refused, Err(StoreError::TooNew { found: 99, known: 1 })), "{refused:?}");
    for pragmas in ["", "PRAGMA user_version = 1"] {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".assay")).unwrap();
        raw(&folder).execute_batch(&format!("CREATE TABLE photo (id INTEGER); {pragmas}")).unwrap();
        let refused = SqliteStore::open(&folder.path().join(".assay")).map(drop);
        assert!(matches!(refused, Err(StoreError::Foreign(_))), "{refused:?}");
        let mode = raw(&folder).pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0)).unwrap();
        assert_eq!(mode, "delete");
    }
}
