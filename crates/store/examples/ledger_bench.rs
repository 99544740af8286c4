//! Ledgers for the benches: one with very many records, and durable appends beside what SQLite alone does with the
//! same bytes. Prints one JSON document.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for `cargo xtask bench`")]

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use ledger::{
    Digest, Draft, Head, Holder, KeyRecord, PublicKey, Role, Sealed, SigningKey, Subject, Trust, Verifier,
    predicate,
};
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use store::{SqliteStore, Store as _};

const USAGE: &str = "usage: ledger_bench fill FOLDER COUNT | append FOLDER COUNT | verify FOLDER THREADS";
const ORIGIN: &str = "assay.local/workspace";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let told = match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["fill", folder, count] => fill(Path::new(folder), count.parse()?)?,
        ["append", folder, count] => append(Path::new(folder), count.parse()?)?,
        ["verify", folder, threads] => verify(Path::new(folder), threads.parse()?)?,
        _ => {
            eprintln!("{USAGE}");
            std::process::exit(2);
        }
    };
    println!("{told}");
    Ok(())
}

fn key() -> SigningKey {
    SigningKey::from_seed(&[6; 32])
}

/// The record that enters the key of the ledger, and then observations, one a second.
fn seal(head: &Head, key: &SigningKey) -> Result<Sealed, Box<dyn Error>> {
    let n = head.size();
    let moment = model::Timestamp::from_seconds(1_790_000_000 + i64::try_from(n)?).to_string();
    let draft = match n {
        0 => {
            let holder = Holder { organisation: "Example Ltd".to_owned(), ..Holder::default() };
            let public_key = PublicKey(key.verifying_key());
            KeyRecord::Enter { public_key, holder, role: Role::Log }.draft(&moment)?
        }
        _ => Draft {
            kind: predicate::OBSERVATION.to_owned(),
            subjects: vec![Subject::new("net.tcp-ports:dut", Digest::of(&n.to_le_bytes()))],
            record: observation(n, &moment),
            recorded_at: moment,
        },
    };
    Ok(head.seal(draft, key, ORIGIN, key)?)
}

/// What one probe reads in one step.
fn observation(n: u64, moment: &str) -> Value {
    json!({
        "run": {
            "probe": "net.tcp-ports", "revision": 1, "target": "dut", "place": "lan",
            "parameters": {"address": "\"192.0.2.7\"", "ports": "[[1,65535]]", "background": "[]"},
        },
        "dut": {"model": "DB-1", "release": "2.4.0", "proofs": ["http-text: Doorbell DB-1"]},
        "began": moment, "ended": moment, "tool": "assay 0.1.0", "level": "reproducible",
        "raw": Digest::of(&n.to_be_bytes()), "salted": true,
        "reading": {
            "facts": [
                {"fact": "port", "endpoint": {"address": "192.0.2.7", "transport": "tcp", "port": n % 65536},
                 "state": "open", "background": false},
            ],
            "coverage": [{"of": "tcp-ports", "ports": [[1, 65535]], "text": "tcp 1-65535 at 192.0.2.7 from lan"}],
            "shortfalls": [],
        },
    })
}

/// Verifies a ledger and nothing else, for a look at what takes how long.
fn verify(folder: &Path, threads: usize) -> Result<Value, Box<dyn Error>> {
    let store = SqliteStore::open(folder)?;
    let checkpoint = store.latest_checkpoint()?.ok_or("it has no checkpoint")?;
    let began = Instant::now();
    let mut verifier = Verifier::new(Trust::FirstUse).threads(threads);
    for from in (0..checkpoint.size).step_by(512) {
        for leaf in store.leaves(from..checkpoint.size.min(from + 512))? {
            if !verifier.push(leaf.body) {
                break;
            }
        }
    }
    let summary = verifier.finish(&checkpoint.note)?;
    Ok(json!({ "verified": summary.size, "seconds": began.elapsed().as_secs_f64() }))
}

/// A sound ledger of so many records. Only the last checkpoint is kept: nothing else is asked of the others.
fn fill(folder: &Path, count: u64) -> Result<Value, Box<dyn Error>> {
    drop(SqliteStore::open(folder)?);
    let mut database = Connection::open(folder.join("ledger.sqlite"))?;
    // Nothing of this has to survive a fall of the machine.
    database.pragma_update(None, "synchronous", "OFF")?;
    let (key, mut head, mut note, mut bytes) = (key(), Head::new(), String::new(), 0);
    let transaction = database.transaction()?;
    let mut leaf = transaction
        .prepare("INSERT INTO leaf (seq, kind, recorded_at, body, leaf_hash) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    while head.size() < count {
        let sealed = seal(&head, &key)?;
        let entry = ledger::Entry::read_unverified(&sealed.body)?;
        let seq = i64::try_from(head.size())?;
        let hash = ledger::leaf_hash(&sealed.body);
        leaf.execute(params![seq, entry.kind(), entry.position().recorded_at, sealed.body, hash.as_bytes()])?;
        bytes += sealed.body.len();
        (head, note) = (sealed.head, sealed.note);
    }
    drop(leaf);
    transaction
        .execute("INSERT INTO checkpoint (size, note) VALUES (?1, ?2)", params![i64::try_from(count)?, note])?;
    transaction.commit()?;
    Ok(json!({ "records": count, "bytes": bytes }))
}

/// Durable appends per second: sealed and appended by the store, and written by SQLite alone, in turns.
fn append(folder: &Path, count: u64) -> Result<Value, Box<dyn Error>> {
    let mut store = SqliteStore::open(&folder.join("ours"))?;
    let alone = Connection::open(folder.join("alone.sqlite"))?;
    alone.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    alone.pragma_update(None, "synchronous", "FULL")?;
    alone.execute_batch(
        "CREATE TABLE leaf (seq INTEGER PRIMARY KEY, body BLOB); CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, note TEXT)",
    )?;
    let key = key();
    let (mut ours, mut theirs) = (0.0, 0.0);
    for _ in 0..count {
        let began = Instant::now();
        let sealed = seal(&store.head()?, &key)?;
        let kind = if sealed.head.size() == 1 { predicate::KEY } else { predicate::OBSERVATION };
        let seq = store.append(kind, &sealed.body, &sealed.note)?;
        ours += began.elapsed().as_secs_f64();
        let began = Instant::now();
        let transaction = alone.unchecked_transaction()?;
        let seq = i64::try_from(seq)?;
        alone.prepare_cached("INSERT INTO leaf VALUES (?1, ?2)")?.execute(params![seq, sealed.body])?;
        alone.prepare_cached("INSERT INTO checkpoint VALUES (?1, ?2)")?.execute(params![seq + 1, sealed.note])?;
        transaction.commit()?;
        theirs += began.elapsed().as_secs_f64();
    }
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let count = count as f64;
    Ok(json!({ "ours": count / ours, "sqlite": count / theirs }))
}
