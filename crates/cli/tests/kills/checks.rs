//! What has to hold of a ledger after every kill, looked at from outside the program.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use ledger::{Digest, Entry, Trust, predicate, verify_log};
use rusqlite::{Connection, OptionalExtension as _};
use serde_json::Value;

/// A ledger, and what it is known to hold.
pub(crate) struct Ledger {
    folder: PathBuf,
    known: Vec<Vec<u8>>,
}

impl Ledger {
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), known: Vec::new() }
    }

    /// Everything that was there is there, and so is every record that the program said it made; the whole verifies,
    /// and every byte of evidence that a record names can be read.
    pub(crate) fn check(&mut self, said: &str) {
        let acknowledged = acknowledged(said);
        let (leaves, note) = self.read();
        assert!(
            leaves.len() >= self.known.len() && leaves[..self.known.len()] == self.known,
            "a leaf was lost or changed"
        );
        for seq in acknowledged {
            assert!(seq < leaves.len(), "record {seq} was acknowledged; the ledger holds {}", leaves.len());
        }
        match note {
            Some(note) => {
                let summary = verify_log(leaves.clone(), Trust::FirstUse, &note).unwrap();
                assert_eq!(summary.size, leaves.len() as u64);
            }
            None => assert!(leaves.is_empty(), "{} leaves without a checkpoint", leaves.len()),
        }
        for leaf in &leaves[self.known.len()..] {
            let entry = Entry::read_unverified(leaf).unwrap();
            for digest in evidence(&entry) {
                let bytes =
                    fs::read(blob(&self.folder, &digest)).unwrap_or_else(|error| panic!("{digest}: {error}"));
                assert_eq!(Digest::of(&bytes), digest);
            }
        }
        self.known = leaves;
    }

    fn read(&self) -> (Vec<Vec<u8>>, Option<String>) {
        let at = self.folder.join("ledger.sqlite");
        if !at.exists() {
            return (Vec::new(), None);
        }
        let database = Connection::open(at).unwrap();
        let tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'leaf'";
        if database.query_row(tables, [], |row| row.get::<_, i64>(0)).unwrap() == 0 {
            return (Vec::new(), None);
        }
        let mut leaves = database.prepare("SELECT body FROM leaf ORDER BY seq").unwrap();
        let leaves = leaves.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
        let note = "SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1";
        (leaves, database.query_row(note, [], |row| row.get(0)).optional().unwrap())
    }

    fn records(&self, kind: &str) -> Vec<Value> {
        let entries = self.known.iter().map(|leaf| Entry::read_unverified(leaf).unwrap());
        entries.filter(|entry| entry.kind() == kind).map(Entry::into_record).collect()
    }

    /// Whether a run was begun: one of its steps is recorded.
    pub(crate) fn has_begun_to_observe(&self) -> bool {
        !self.records(predicate::OBSERVATION).is_empty()
    }

    /// Probe and target of every step that was recorded.
    pub(crate) fn observed(&self) -> BTreeSet<(String, String)> {
        self.records(predicate::OBSERVATION).iter().map(step).collect()
    }

    /// All steps belong to one run, and only the proof of identity is there more than once.
    pub(crate) fn no_step_was_taken_twice(&self) {
        // A capture goes on beside the steps and is none.
        let mut observations = self.records(predicate::OBSERVATION);
        observations.retain(|observation| observation["step"].is_object());
        let runs: BTreeSet<&str> = observations.iter().map(|o| o["step"]["run"].as_str().unwrap()).collect();
        assert_eq!(runs.len(), 1, "{runs:?}");
        let mut times: BTreeMap<(String, String), u32> = BTreeMap::new();
        for observation in &observations {
            *times.entry(step(observation)).or_default() += 1;
        }
        times.retain(|(probe, _), times| *times > 1 && probe != "dut.identity");
        assert!(times.is_empty(), "{times:?}");
    }
}

fn step(observation: &Value) -> (String, String) {
    let text = |name: &str| observation["run"][name].as_str().unwrap().to_owned();
    (text("probe"), text("target"))
}

/// The numbers of records that the program said it had made, on lines that it ended.
fn acknowledged(said: &str) -> Vec<usize> {
    let whole = said.rfind('\n').map_or("", |end| &said[..end]);
    let number = |line: &str| {
        let (_, rest) = line.split_once("(record ").or_else(|| line.split_once("ecorded as number "))?;
        rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
    };
    whole.lines().filter_map(number).collect()
}

/// Digests of evidence that a record names.
fn evidence(entry: &Entry) -> Vec<Digest> {
    let record = entry.record();
    let mut named: Vec<&Value> = vec![&record["raw"], &record["openings"]];
    named.extend(record["artefacts"].as_array().into_iter().flatten().map(|artefact| &artefact["digest"]));
    named.extend(record["files"].as_object().into_iter().flat_map(|files| files.values()));
    named.into_iter().filter_map(Value::as_str).map(|text| text.parse().unwrap()).collect()
}

fn blob(folder: &Path, digest: &Digest) -> PathBuf {
    let hex = digest.hex();
    folder.join("blobs").join(&hex[..2]).join(&hex[2..4]).join(hex)
}

/// Every file that has the name of a blob has its bytes; what a killed writer left lies where no reader looks.
pub(crate) fn blobs_are_whole(folder: &Path) {
    let inside = |at: &Path| -> Vec<PathBuf> {
        fs::read_dir(at).map(|entries| entries.map(|entry| entry.unwrap().path()).collect()).unwrap_or_default()
    };
    for outer in inside(&folder.join("blobs")).into_iter().filter(|outer| !outer.ends_with("tmp")) {
        for file in inside(&outer).iter().flat_map(|inner| inside(inner)) {
            let digest = Digest::of(&fs::read(&file).unwrap());
            assert_eq!(blob(folder, &digest), file, "a file that is not what its name says");
        }
    }
}

/// The outcome of every unit instance in a report.
pub(crate) fn outcomes(report: &Value) -> BTreeMap<String, String> {
    let of = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    let mut found = BTreeMap::new();
    for provision in of(report, "clauses").iter().flat_map(|clause| of(clause, "provisions")) {
        for unit in of(&provision, "cases").iter().flat_map(|case| of(case, "units")) {
            for instance in of(&unit, "instances") {
                let key = format!("{} {}@{}", provision["id"], instance["id"], instance["entry"]);
                found.insert(key, instance["outcome"].to_string());
            }
        }
    }
    found
}
