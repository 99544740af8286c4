//! A ledger that does not verify: every verb that reads it says so with the same code, and builds nothing on it.
#![allow(clippy::unwrap_used)]

mod program;

use std::fs;

use program::Bench;

/// Every way of reading the ledger that the arguments offer.
const READERS: &[&[&str]] = &[
    &["plan", "plug"],
    &["observe", "plug", "--dry-run"],
    &["observe", "plug", "--yes"],
    &["state", "5.2-2-1a", "--folder", "plug"],
    &["judge", "plug"],
    &["judge", "plug", "--record"],
    &["rejudge", "plug"],
    &["bundle", "plug", "--out", "product.assay"],
    &["convert", "plug", "--to", "2.1.1", "--out", "other"],
    &["review", "plug", "--decision", "approve", "--because", "read", "--by", "T. Ester"],
    &["records", "plug"],
    &["key", "show", "plug"],
    &["key", "export", "--folder", "plug"],
    &["key", "add", "lab.pem", "--folder", "plug", "--person", "T. Ester", "--role", "laboratory"],
    &["key", "rotate", "plug"],
    &["key", "revoke", "0123456789abcdef", "--folder", "plug", "--because", "lost"],
];

/// A workspace with two records after its key.
fn workspace() -> Bench {
    let bench = Bench::new();
    assert_eq!(bench.state(&[]).exit, 0);
    assert_eq!(bench.done(&["key", "new", "lab.pem"]).len(), 16);
    bench
}

/// Runs every reader, and returns what each said; nothing may have changed in the workspace.
fn refused(bench: &Bench) -> Vec<String> {
    let files = || {
        let read = |name: &str| fs::read(bench.path("plug/.assay").join(name)).ok();
        let database = rusqlite::Connection::open(bench.path("plug/.assay/ledger.sqlite")).unwrap();
        let leaves: Option<i64> = database.query_row("select count(*) from leaf", [], |row| row.get(0)).ok();
        (leaves, read("key.pem"), read("key.next.pem"))
    };
    let before = files();
    let stated = bench.state(&[]);
    assert_eq!(stated.exit, 20, "state: {}", stated.said);
    let all = READERS.iter().map(|arguments| {
        let said = bench.refused(20, arguments);
        let last = said.lines().last().unwrap();
        assert!(
            ["nothing", "no key", "no bundle"].iter().any(|n| last.contains(n)),
            "{arguments:?} does not end well: {said}"
        );
        said
    });
    let all: Vec<String> = all.chain([stated.said]).collect();
    assert_eq!(files(), before);
    all
}

#[test]
fn one_flipped_byte_is_named_by_every_verb_that_reads_the_ledger() {
    let bench = workspace();
    bench.done(&["records", "plug"]);
    let database = rusqlite::Connection::open(bench.path("plug/.assay/ledger.sqlite")).unwrap();
    let mut query = database.prepare("select name from sqlite_master where type = 'trigger'").unwrap();
    let triggers = query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect::<Vec<String>>();
    for trigger in triggers {
        database.execute(&format!("drop trigger \"{trigger}\""), []).unwrap();
    }
    let mut body: Vec<u8> =
        database.query_row("select body from leaf where seq = 1", [], |row| row.get(0)).unwrap();
    let middle = body.len() / 2;
    body[middle] ^= 1;
    database.execute("update leaf set body = ?1 where seq = 1", [body]).unwrap();
    drop(query);
    drop(database);
    for said in refused(&bench) {
        assert!(said.contains("leaf 1"), "{said}");
    }
}

#[test]
fn a_database_that_is_no_longer_one_is_a_ledger_that_does_not_verify() {
    let bench = workspace();
    let at = bench.path("plug/.assay/ledger.sqlite");
    let mut bytes = fs::read(&at).unwrap();
    bytes[..100].fill(0x55);
    fs::write(&at, bytes).unwrap();
    for said in refused(&bench) {
        assert!(said.contains("damaged"), "{said}");
    }
}

#[test]
fn the_ledger_of_another_key_is_not_taken_for_this_one() {
    let (bench, other) = (workspace(), workspace());
    for name in ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"] {
        let _ = fs::remove_file(bench.path("plug/.assay").join(name));
    }
    let from = rusqlite::Connection::open(other.path("plug/.assay/ledger.sqlite")).unwrap();
    let to = bench.path("plug/.assay/ledger.sqlite");
    from.execute("vacuum into ?1", [to.to_str().unwrap()]).unwrap();
    for said in refused(&bench) {
        assert!(said.contains("never signed for it") && said.contains("hint:"), "{said}");
    }
}

#[test]
fn what_reads_no_ledger_goes_on_beside_a_damaged_one() {
    let bench = workspace();
    fs::write(bench.path("plug/.assay/ledger.sqlite"), [0x55; 4096]).unwrap();
    for arguments in [&["check", "plug"][..], &["coverage"], &["catalogue", "5.6-1-2c"]] {
        bench.done(arguments);
    }
}

#[test]
fn evidence_with_one_byte_more_or_none_at_all_is_named_by_every_verb_that_builds_on_it() {
    let bench = Bench::new();
    fs::write(bench.path("board.jpg"), "photo of the board").unwrap();
    assert_eq!(bench.state(&["--attach", "photo=board.jpg"]).exit, 0);
    bench.done(&["key", "new", "lab.pem"]);
    bench.done(&["records", "plug"]);
    let database = rusqlite::Connection::open(bench.path("plug/.assay/ledger.sqlite")).unwrap();
    let length = i64::try_from("photo of the board".len() + 32).unwrap();
    let digest: Vec<u8> =
        database.query_row("SELECT digest FROM blob WHERE length = ?1", [length], |row| row.get(0)).unwrap();
    drop(database);
    let name: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let at = bench.path("plug/.assay/blobs").join(&name[..2]).join(&name[2..4]).join(&name);
    let sound = fs::read(&at).unwrap();
    // There is nothing to bundle yet, and who shows keys opens no evidence.
    let builds = READERS.iter().filter(|arguments| arguments[..2] != ["key", "show"] && arguments[0] != "bundle");
    let builds: Vec<&[&str]> = builds.copied().chain([&["ledger", "verify", "--folder", "plug"][..]]).collect();
    for altered in [Some([sound.as_slice(), b"x"].concat()), None] {
        match altered {
            Some(bytes) => fs::write(&at, bytes).unwrap(),
            None => fs::remove_file(&at).unwrap(),
        }
        for arguments in &builds {
            let said = bench.refused(20, arguments);
            assert!(said.contains(&name[..16]), "{arguments:?} does not name it: {said}");
        }
        assert_eq!(bench.state(&[]).exit, 20);
    }
    fs::write(&at, sound).unwrap();
    bench.done(&["records", "plug"]);
}
