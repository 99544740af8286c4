//! The PostgreSQL store: the contract, and what is its own: schemas, lost connections, TLS, formats, tampering.
#![expect(clippy::unwrap_used, reason = "tests")]

mod contract;
mod documents;
mod sealing;

use std::cell::Cell;
use std::time::Duration;

use ledger::Digest;
use ledger::predicate::OBSERVATION;
use postgres::{Client, NoTls};
use store::{Address, Documents as _, PostgresDocuments, PostgresStore, Rebuilt, Secrets, Store, StoreError};
use testkit::certificate::Certificate;
use testkit::servers::Postgres;
use testkit::{Server, Site, ready};

use sealing::seal;

fn server() -> Option<Server> {
    ready(Postgres::default().start(&Site::loopback()))
}

fn secrets() -> Secrets {
    Secrets { password: Some(Postgres::PASSWORD.to_owned()), ..Secrets::default() }
}

fn address(server: &Server) -> Address {
    Address::parse(&Postgres::url(server), &secrets()).unwrap()
}

/// A connection behind the store's back, to the schema of a ledger.
fn raw(server: &Server, schema: &str) -> Client {
    let mut config: postgres::Config = Postgres::url(server).parse().unwrap();
    let mut client = config.password(Postgres::PASSWORD).connect(NoTls).unwrap();
    client.batch_execute(&format!("SET search_path TO {schema}")).unwrap();
    client
}

fn filled(server: &Server, name: &str, entries: u64) -> PostgresStore {
    let mut store = PostgresStore::create(&address(server), name).unwrap();
    for _ in 0..entries {
        append(&mut store).unwrap();
    }
    store
}

fn append(store: &mut PostgresStore) -> Result<u64, StoreError> {
    let sealed = seal(&store.head()?, OBSERVATION, Digest::of(b"subject"));
    store.append(OBSERVATION, &sealed.body, &sealed.note)
}

#[test]
fn the_postgresql_store_keeps_the_contract() {
    let Some(server) = server() else { return };
    let number = Cell::new(0);
    contract::contract(|| {
        number.set(number.get() + 1);
        Box::new(PostgresStore::create(&address(&server), &format!("product {}", number.get())).unwrap())
    });
    assert_eq!(number.get(), contract::MADE);
}

#[test]
fn the_postgresql_documents_keep_the_contract() {
    let Some(server) = server() else { return };
    let number = Cell::new(0);
    documents::contract(|| {
        number.set(number.get() + 1);
        Box::new(PostgresDocuments::open(&address(&server), &format!("workspace {}", number.get())).unwrap())
    });
    assert_eq!(number.get(), documents::MADE);
}

#[test]
fn ledgers_lie_apart_and_one_that_is_not_there_is_not_made_by_opening() {
    let Some(server) = server() else { return };
    let at = address(&server);
    let refused = PostgresStore::open(&at, "camera").map(drop);
    assert!(matches!(refused, Err(StoreError::NotThere { .. })), "{refused:?}");
    let (camera, plug) = (filled(&server, "camera", 2), filled(&server, "plug \"ü\"", 3));
    assert_eq!((camera.size().unwrap(), plug.size().unwrap()), (2, 3));
    drop((camera, plug));
    assert_eq!(PostgresStore::open(&at, "camera").unwrap().size().unwrap(), 2);
    assert_eq!(PostgresStore::open(&at, "plug \"ü\"").unwrap().size().unwrap(), 3);
    for unusable in ["", "a\nb", &"x".repeat(60)] {
        let refused = PostgresStore::create(&at, unusable).map(drop);
        assert!(matches!(refused, Err(StoreError::Address(_))), "{refused:?}");
    }
    raw(&server, "public")
        .batch_execute("CREATE SCHEMA assay_ledger_photos; CREATE TABLE assay_ledger_photos.photo (id int)")
        .unwrap();
    let refused = PostgresStore::create(&at, "photos").map(drop);
    assert!(matches!(refused, Err(StoreError::Foreign(_))), "{refused:?}");
    raw(&server, "assay_ledger_camera").execute("UPDATE format SET version = 99", &[]).unwrap();
    let refused = PostgresStore::open(&at, "camera").map(drop);
    assert!(matches!(refused, Err(StoreError::TooNew { found: 99, .. })), "{refused:?}");
}

#[test]
fn formats_are_reached_from_both_sides_and_nothing_that_is_kept_is_lost() {
    let Some(server) = server() else { return };
    let at = address(&server);
    let mut store = filled(&server, "camera", 2);
    store.put_blob(b"evidence").unwrap();
    let before = store.leaves(0..9).unwrap();
    drop(store);
    let to = |format| PostgresStore::migrate(&at, "camera", format);
    assert!(matches!(to(1), Err(StoreError::WouldLose { format: 1, step: "0002_evidence" })));
    raw(&server, "assay_ledger_camera")
        .batch_execute("DELETE FROM blob; DELETE FROM content; DELETE FROM piece")
        .unwrap();
    to(1).unwrap();
    assert!(matches!(to(0), Err(StoreError::WouldLose { format: 0, step: "0001_ledger" })));
    assert!(matches!(to(3), Err(StoreError::TooNew { known: 2, .. })));
    let mut store = PostgresStore::open(&at, "camera").unwrap();
    assert_eq!(store.leaves(0..9).unwrap(), before, "opening goes forward again");
    store.put_blob(b"evidence").unwrap();
    drop(filled(&server, "empty", 0));
    PostgresStore::migrate(&at, "empty", 0).unwrap();
    PostgresStore::migrate(&at, "empty", 2).unwrap();
    assert_eq!(PostgresStore::open(&at, "empty").unwrap().size().unwrap(), 0);
    let version = PostgresDocuments::open(&at, "team").unwrap().put("people", "anna", b"{}", None).unwrap();
    assert!(matches!(PostgresDocuments::migrate(&at, "team", 0), Err(StoreError::WouldLose { .. })));
    PostgresDocuments::open(&at, "team").unwrap().delete("people", "anna", version).unwrap();
    PostgresDocuments::migrate(&at, "team", 0).unwrap();
    assert_eq!(PostgresDocuments::open(&at, "team").unwrap().list("people").unwrap(), []);
}

#[test]
fn the_database_itself_refuses_to_rewrite_history() {
    let Some(server) = server() else { return };
    let mut store = filled(&server, "camera", 3);
    let mut raw = raw(&server, "assay_ledger_camera");
    for (sql, why) in [
        ("UPDATE leaf SET body = '' WHERE seq = 1", "a leaf is never changed"),
        ("UPDATE leaf SET seq = 9 WHERE seq = 2", "a leaf is never changed"),
        ("DELETE FROM leaf WHERE seq = 2", "a leaf is never deleted"),
        ("TRUNCATE leaf CASCADE", "is never deleted"),
        ("DELETE FROM checkpoint", "a checkpoint is never deleted"),
        ("TRUNCATE checkpoint", "a checkpoint is never deleted"),
        ("UPDATE checkpoint SET note = ''", "a checkpoint is never changed"),
        ("INSERT INTO leaf SELECT 4, kind, recorded_at, body, leaf_hash FROM leaf WHERE seq = 0", "at the end"),
    ] {
        let refused = raw.execute(sql, &[]).unwrap_err();
        let said = refused.as_db_error().unwrap().message().to_owned();
        assert!(said.contains(why), "{sql}: {said}");
    }
    // Who owns the tables can lift that; what was lost beside the leaves is made again.
    raw.batch_execute(
        "UPDATE leaf SET kind = 'wrong' WHERE seq = 1; DROP TABLE blob; DROP INDEX leaf_by_kind; \
         DROP TRIGGER leaf_is_never_deleted ON leaf; DROP TABLE checkpoint",
    )
    .unwrap();
    assert_eq!(store.rebuild_index().unwrap(), Rebuilt { leaves: 3, corrected: 1, ..Rebuilt::default() });
    assert_eq!(store.checkpoints().unwrap(), []);
    assert!(raw.execute("DELETE FROM leaf", &[]).is_err());
    let head = store.head().unwrap();
    let note = ledger::Checkpoint { origin: "o".to_owned(), size: 3, root: head.root() };
    let note = note.sign(&sealing::key()).unwrap().to_string();
    store.replace_checkpoints(&note).unwrap();
    assert_eq!(store.latest_checkpoint().unwrap().unwrap().note, note);
    assert_eq!(append(&mut store).unwrap(), 3);
}

#[test]
fn damaged_evidence_is_noticed_reported_and_healed() {
    let Some(server) = server() else { return };
    let mut store = filled(&server, "camera", 0);
    let bytes: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    let digest = store.put_blob(&bytes).unwrap();
    let mut raw = raw(&server, "assay_ledger_camera");
    let pieces = |raw: &mut Client| raw.query_one("SELECT count(*) FROM piece", &[]).unwrap().get::<_, i64>(0);
    assert_eq!(pieces(&mut raw), 4);
    for heal in [0, 1] {
        raw.execute("UPDATE piece SET bytes = 'x' WHERE place = 2", &[]).unwrap();
        assert!(matches!(store.get_blob(&digest), Err(StoreError::BlobDamaged(named)) if named == digest));
        let rebuilt = store.rebuild_index().unwrap();
        assert_eq!(rebuilt, Rebuilt { damaged: vec![digest.hex().into()], ..Rebuilt::default() });
        assert_eq!(store.blobs().unwrap(), []);
        match heal {
            0 => store.put_blob(&bytes).unwrap(),
            _ => store.put_blob_from(&mut bytes.as_slice()).unwrap(),
        };
        assert_eq!(store.get_blob(&digest).unwrap(), bytes);
        assert_eq!((store.blobs().unwrap().len(), pieces(&mut raw)), (1, 4));
    }
}

#[test]
fn a_lost_connection_is_made_again_and_nothing_is_appended_twice() {
    let Some(server) = server() else { return };
    let mut store = filled(&server, "camera", 1);
    let mut documents = PostgresDocuments::open(&address(&server), "team").unwrap();
    let mut raw = raw(&server, "assay_ledger_camera");
    const CUT: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'assay'";
    let cut = |raw: &mut Client| raw.execute(CUT, &[]).unwrap();
    for _ in 0..3 {
        let size = store.size().unwrap();
        let sealed = seal(&store.head().unwrap(), OBSERVATION, Digest::of(b"subject"));
        cut(&mut raw);
        assert_eq!(store.append(OBSERVATION, &sealed.body, &sealed.note).unwrap(), size);
        cut(&mut raw);
        assert_eq!(store.size().unwrap(), size + 1);
        let held = documents.get("people", "anna").unwrap().map(|document| document.version);
        cut(&mut raw);
        documents.put("people", "anna", b"{}", held).unwrap();
    }
    // Cut while it waits for its turn, when the server has not done it.
    let mut holder = self::raw(&server, "assay_ledger_camera");
    let mut holding = holder.transaction().unwrap();
    holding.query_one("SELECT moved_to FROM format FOR UPDATE", &[]).unwrap();
    let writer = std::thread::spawn(move || append(&mut store).map(|seq| (seq, store)));
    let waits =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'assay' AND wait_event_type = 'Lock'";
    while raw.query_one(waits, &[]).unwrap().get::<_, i64>(0) == 0 {
        std::thread::sleep(Duration::from_millis(10));
    }
    cut(&mut raw);
    holding.rollback().unwrap();
    let (seq, store) = writer.join().unwrap().unwrap();
    assert_eq!((seq, store.size().unwrap()), (4, 5));
    drop((raw, holder));
    drop(server);
    assert!(matches!(store.size(), Err(StoreError::Unreachable { .. } | StoreError::Lost { .. })));
}

#[test]
fn a_writer_that_waits_in_vain_is_told_so_and_readers_do_not_wait() {
    let Some(server) = server() else { return };
    let mut store = filled(&server, "camera", 1);
    let mut holder = raw(&server, "assay_ledger_camera");
    let mut holding = holder.transaction().unwrap();
    holding.query_one("SELECT moved_to FROM format FOR UPDATE", &[]).unwrap();
    let wait = Duration::from_millis(100);
    let mut waiting = PostgresStore::open_waiting(&address(&server), "camera", wait).unwrap();
    let refused = append(&mut waiting);
    assert!(matches!(refused, Err(StoreError::Busy { waited, .. }) if waited == wait), "{refused:?}");
    assert_eq!(waiting.leaves(0..9).unwrap().len(), 1);
    holding.rollback().unwrap();
    assert_eq!(append(&mut waiting).unwrap(), 1);
    assert_eq!(append(&mut store).unwrap(), 2);
}

#[test]
fn servers_and_databases_that_are_not_fit_for_evidence_are_refused() {
    let settings = vec!["fsync=off".to_owned()];
    let Some(server) = ready(Postgres { settings, tls: None }.start(&Site::loopback())) else { return };
    let refused = PostgresStore::create(&address(&server), "camera").map(drop);
    assert!(matches!(refused, Err(StoreError::Unsuited { why, .. }) if why.contains("fsync")), "{refused:?}");
    let mut raw = raw(&server, "public");
    raw.batch_execute("ALTER SYSTEM SET fsync = on").unwrap();
    let wrong = Secrets { password: Some("wrong".to_owned()), ..Secrets::default() };
    let at = Address::parse(&Postgres::url(&server), &wrong).unwrap();
    let refused = PostgresStore::create(&at, "camera").map(drop).unwrap_err();
    assert!(
        matches!(refused, StoreError::Unreachable { .. }) && !refused.to_string().contains("wrong"),
        "{refused}"
    );
}

#[test]
fn tls_is_spoken_with_a_server_that_proves_its_name_and_with_no_other() {
    let certificate =
        Certificate { names: vec!["IP:127.0.0.1".into(), "DNS:localhost".into()], ..Certificate::default() };
    let postgres = Postgres { tls: Some(certificate), settings: vec!["listen_addresses=*".to_owned()] };
    let Some(server) = ready(postgres.start(&Site::at([127, 0, 0, 1].into()))) else { return };
    let roots = server.dir().join("certificate.pem");
    let at = |host: &str, roots: &str| {
        let url =
            format!("postgres://{}@{host}:{}/postgres?sslmode=verify-full{roots}", Postgres::USER, server.port());
        Address::parse(&url, &secrets())
    };
    let own = format!("&sslrootcert={}", roots.display());
    let mut store = PostgresStore::create(&at("127.0.0.1", &own).unwrap(), "camera").unwrap();
    append(&mut store).unwrap();
    let tls = raw(&server, "public")
        .query_one("SELECT count(*) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE ssl AND a.application_name = 'assay'", &[])
        .unwrap();
    assert_eq!(tls.get::<_, i64>(0), 1);
    let refused = PostgresStore::open(&at("127.0.0.2", &own).unwrap(), "camera").map(drop);
    assert!(matches!(refused, Err(StoreError::Unreachable { .. })), "another name: {refused:?}");
    if let Ok(system) = at("127.0.0.1", "&sslrootcert=system") {
        let refused = PostgresStore::open(&system, "camera").map(drop);
        assert!(matches!(refused, Err(StoreError::Unreachable { .. })), "another authority: {refused:?}");
    }
}
