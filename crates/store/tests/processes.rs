//! Several processes on one ledger: killed in the middle of writing, and writing at the same time.
//!
//! This binary starts itself as the writing child, so it has a main of its own instead of the usual harness.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test that speaks with its child over a pipe")]

mod sealing;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use ledger::{Digest, leaf_hash, verify_log};
use store::{Address, PostgresStore, Secrets, SqliteStore, Store, StoreError};
use testkit::servers::Postgres;
use testkit::{Site, ready};

use sealing::{seal, trust};

/// Where the child finds its ledger: a folder, or a database and a name. Without either, this process is the parent.
const FOLDER: &str = "ASSAY_STORE_TEST_FOLDER";
const DATABASE: &str = "ASSAY_STORE_TEST_DATABASE";
const LEDGER: &str = "ASSAY_STORE_TEST_LEDGER";
/// After how many acknowledged entries the child stops by itself.
const ENTRIES: &str = "ASSAY_STORE_TEST_ENTRIES";

fn main() {
    if let Some(place) = Place::of_child() {
        let entries = std::env::var(ENTRIES).unwrap().parse().unwrap();
        return write(&place, entries);
    }
    let tests: [(&str, fn()); 3] = [
        ("killed_writers_and_writers_at_once_lose_nothing_in_postgresql", in_postgresql),
        ("killed_writers_lose_nothing_they_were_promised", killed_writers_lose_nothing_they_were_promised),
        ("two_processes_at_once_lose_nothing", two_processes_at_once_lose_nothing),
    ];
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|a| a == flag);
    // The little of the usual harness that cargo and nextest ask for: a list, and one test by its name.
    let wanted = arguments.iter().find(|a| !a.starts_with('-') && *a != "terse");
    for (name, run) in tests.iter().filter(|(name, _)| wanted.is_none_or(|w| name.contains(w.as_str()))) {
        if has("--list") {
            if !has("--ignored") {
                println!("{name}: test");
            }
        } else if !has("--ignored") {
            run();
            println!("test {name} ... ok");
        }
    }
}

/// Where a ledger is.
enum Place {
    Folder(PathBuf),
    Database { url: String, ledger: String },
}

impl Place {
    fn of_child() -> Option<Self> {
        let text = |name| std::env::var(name).ok();
        let database = text(DATABASE).zip(text(LEDGER)).map(|(url, ledger)| Self::Database { url, ledger });
        database.or_else(|| std::env::var_os(FOLDER).map(|folder| Self::Folder(folder.into())))
    }

    fn tell(&self, command: &mut Command) {
        match self {
            Self::Folder(folder) => command.env(FOLDER, folder),
            Self::Database { url, ledger } => command.env(DATABASE, url).env(LEDGER, ledger),
        };
    }

    fn open(&self) -> Box<dyn Store> {
        match self {
            Self::Folder(folder) => Box::new(SqliteStore::open(folder).unwrap()),
            Self::Database { url, ledger } => {
                let secrets = Secrets { password: Some(Postgres::PASSWORD.to_owned()), ..Secrets::default() };
                Box::new(PostgresStore::create(&Address::parse(url, &secrets).unwrap(), ledger).unwrap())
            }
        }
    }
}

/// The child: keeps a blob, appends an entry about it, and prints a line once both are promised to be durable.
fn write(place: &Place, entries: u64) {
    let mut store = place.open();
    for n in 0..entries {
        let blob = store.put_blob(format!("{} {n}", std::process::id()).as_bytes()).unwrap();
        let (seq, leaf) = loop {
            let sealed = seal(&store.head().unwrap(), ledger::predicate::ARTEFACT, blob);
            match store.append(ledger::predicate::ARTEFACT, &sealed.body, &sealed.note) {
                Ok(seq) => break (seq, leaf_hash(&sealed.body)),
                Err(StoreError::Moved { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        };
        let mut out = std::io::stdout().lock();
        writeln!(out, "{seq} {leaf} {blob}").unwrap();
        out.flush().unwrap();
    }
}

/// What the children were promised: position, then leaf and blob.
type Promised = BTreeMap<u64, (Digest, Digest)>;

fn killed_writers_lose_nothing_they_were_promised() {
    let mut moments = Moments(0x5DEE_CE66);
    let mut promises = 0;
    for ledgers in 0.. {
        // On a busy machine a child may be killed before it did anything; then there are more of them.
        if ledgers >= 5 && promises >= 25 {
            break;
        }
        assert!(ledgers < 50, "{promises} entries were acknowledged before 250 kills");
        let folder = tempfile::tempdir().unwrap();
        promises += kill_five(&Place::Folder(folder.path().to_owned()), &mut moments);
    }
}

/// One writer after the other, each killed at a moment of its own; tells how many entries were acknowledged.
fn kill_five(place: &Place, moments: &mut Moments) -> usize {
    let mut promised = Promised::new();
    for _kill in 0..5 {
        let mut child = start(place, u64::MAX);
        let reader = acknowledgements(&mut child);
        thread::sleep(moments.next());
        child.kill().unwrap();
        child.wait().unwrap();
        for (seq, told) in reader.join().unwrap() {
            assert!(promised.insert(seq, told).is_none(), "position {seq} was given twice");
        }
        check(place, &promised);
    }
    promised.len()
}

fn two_processes_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    write_at_once(&Place::Folder(folder.path().to_owned()));
}

fn in_postgresql() {
    let Some(server) = ready(Postgres::default().start(&Site::loopback())) else { return };
    let place = |ledger: &str| Place::Database { url: Postgres::url(&server), ledger: ledger.to_owned() };
    let mut moments = Moments(0x2545_F491);
    let mut promises = 0;
    for round in 0.. {
        if promises >= 10 {
            break;
        }
        assert!(round < 20, "{promises} entries were acknowledged before 100 kills");
        promises += kill_five(&place(&format!("killed {round}")), &mut moments);
    }
    write_at_once(&place("at once"));
}

fn write_at_once(place: &Place) {
    let mut children = [start(place, 20), start(place, 20)];
    let readers = children.each_mut().map(acknowledgements);
    let mut promised = Promised::new();
    for reader in readers {
        for (seq, told) in reader.join().unwrap() {
            assert!(promised.insert(seq, told).is_none(), "position {seq} was given twice");
        }
    }
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    assert!(promised.keys().copied().eq(0..40), "{:?}", promised.keys());
    check(place, &promised);
}

/// Every promised entry is there with its blob, and the whole ledger verifies.
fn check(place: &Place, promised: &Promised) {
    let store = place.open();
    let leaves = store.leaves(0..u64::MAX).unwrap();
    for (seq, (leaf, blob)) in promised {
        let stored = &leaves[usize::try_from(*seq).unwrap()];
        assert_eq!((stored.seq, leaf_hash(&stored.body)), (*seq, *leaf));
        assert_eq!(Digest::of(&store.get_blob(blob).unwrap()), *blob);
    }
    let Some(checkpoint) = store.latest_checkpoint().unwrap() else {
        assert!(leaves.is_empty(), "{} leaves without a checkpoint", leaves.len());
        return;
    };
    let bodies = leaves.iter().map(|leaf| leaf.body.as_slice());
    let summary = verify_log(bodies, trust(), &checkpoint.note).unwrap();
    assert_eq!(summary.size, checkpoint.size);
}

fn start(place: &Place, entries: u64) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    place.tell(&mut command);
    command.env(ENTRIES, entries.to_string()).stdin(Stdio::null()).stdout(Stdio::piped());
    command.spawn().unwrap()
}

/// Reads until the child's end. A line without its newline was never finished, so nothing was promised by it.
fn acknowledgements(child: &mut Child) -> thread::JoinHandle<Vec<(u64, (Digest, Digest))>> {
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    thread::spawn(move || {
        let mut told = Vec::new();
        loop {
            let mut line = String::new();
            lines.read_line(&mut line).unwrap();
            let Some(line) = line.strip_suffix('\n') else { return told };
            let [seq, leaf, blob] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
            told.push((seq.parse().unwrap(), (leaf.parse().unwrap(), blob.parse().unwrap())));
        }
    })
}

/// Moments between 5 and 160 ms, as scattered as a linear congruence makes them, and the same in every run.
struct Moments(u64);

impl Moments {
    fn next(&mut self) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Duration::from_micros(5_000 + (self.0 >> 33) % 155_000)
    }
}
