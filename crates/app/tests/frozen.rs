//! Records that were written once and have to read for ever: a small ledger with one of each kind, as files.
//!
//! The files are never written again. A new kind, or a new version of one, gets a ledger of its own beside these:
//! `cargo test -p app --test frozen -- --ignored` writes the folder that is not there yet.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use app::history::History;
use app::test_result::TestResult;
use app::unit_verdicts::UnitVerdicts;
use app::verdicts::AssessmentRecord;
use ledger::{
    Digest, Draft, Entry, Head, Holder, KeyRecord, PublicKey, Role, SigningKey, Subject, Trust, VerifyingKey,
    predicate, verify_log,
};
use model::{Confirmation, KeptArtefact, Observation, Release, Review, Stamped, Statement};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use workflow::{CheckpointEvents, Events, SignOffs, people, requests};

/// The ledgers, in the order in which they were written; each holds kinds that the ones before it do not.
const LEDGERS: [&str; 6] = ["ledger-1", "ledger-2", "people-1", "confirmation-1", "checkpoints-1", "requests-1"];

fn folder(ledger: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frozen").join(ledger)
}

/// The leaves in their order, with the names of their files.
fn leaves(ledger: &str) -> Vec<(String, Vec<u8>)> {
    let named = |name: String| (name.clone(), fs::read(folder(ledger).join(name)).unwrap());
    let names =
        fs::read_dir(folder(ledger)).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".json")).collect();
    names.sort();
    names.into_iter().map(named).collect()
}

fn text(ledger: &str, name: &str) -> String {
    fs::read_to_string(folder(ledger).join(name)).unwrap()
}

/// Reads a record as its kind and writes it again: not a member may be lost or changed.
fn same<T: Serialize + DeserializeOwned>(record: &Value) -> bool {
    serde_json::to_value(serde_json::from_value::<T>(record.clone()).unwrap()).unwrap() == *record
}

#[test]
fn every_frozen_record_reads_without_loss_and_its_signature_still_verifies() {
    for ledger in LEDGERS {
        reads_and_verifies(ledger);
    }
    let history = |ledger| History::of(leaves(ledger).iter().map(|(_, body)| body.as_slice())).unwrap();
    let first = history("ledger-1");
    let evidence = first.evidence();
    assert_eq!((evidence.observations.len(), evidence.statements.len(), first.kept().len()), (1, 1, 1));
    assert_eq!((first.judged().len(), first.reviews().len(), first.revisions().len()), (1, 1, 1));
    assert_eq!(evidence.statements[0].body.last_true().to_string(), "2026-11-02T00:00:00Z");
    let second = history("ledger-2");
    let mut tasks = workflow::Tasks::default();
    second.tasks().iter().for_each(|recorded| tasks.take(&recorded.body).unwrap());
    assert_eq!(tasks.iter().filter(|task| task.is_open()).count(), 1);
    let mut everybody = people::People::default();
    history("people-1").people().iter().for_each(|recorded| everybody.take(&recorded.body).unwrap());
    assert_eq!(everybody.owners().map(|person| person.name.as_str()).collect::<Vec<_>>(), ["O. Wner"]);
    let mut signed = SignOffs::default();
    history("checkpoints-1").checkpoints().iter().for_each(|one| signed.take(one.seq, &one.body).unwrap());
    assert_eq!(signed.iter().filter(|one| one.taken_back.is_none()).count(), 1);
    let mut asked = requests::Requests::default();
    history("requests-1").requests().iter().for_each(|recorded| asked.take(&recorded.body).unwrap());
    let states: Vec<&str> = asked.iter().map(|request| request.state().as_str()).collect();
    assert_eq!(states, ["accepted", "withdrawn"]);
}

fn reads_and_verifies(ledger: &str) {
    let leaves = leaves(ledger);
    let text = |name| text(ledger, name);
    let root = VerifyingKey::from_pem(&text("root.pem")).unwrap();
    let bodies = || leaves.iter().map(|(_, body)| body.clone());
    let summary = verify_log(bodies(), Trust::Root(root), &text("checkpoint.txt")).unwrap();
    assert_eq!(summary.size, leaves.len() as u64);
    for (name, body) in &leaves {
        let entry = Entry::read_unverified(body).unwrap();
        let record = entry.record();
        let is_same = match entry.kind() {
            predicate::OBSERVATION => same::<Observation>(record),
            predicate::STATEMENT => same::<Statement>(record),
            predicate::ARTEFACT => same::<KeptArtefact>(record),
            predicate::ASSESSMENT => same::<AssessmentRecord>(record),
            predicate::DOSSIER_REVISION => record["files"].as_object().is_some_and(|files| !files.is_empty()),
            predicate::KEY => same::<KeyRecord>(record),
            predicate::RELEASE => same::<Release>(record),
            predicate::REVIEW => same::<Review>(record),
            predicate::UNIT_VERDICT => same::<UnitVerdicts>(record),
            predicate::CONFIRMATION => same::<Confirmation>(record),
            predicate::TASKS => same::<Events>(record),
            predicate::REQUESTS => same::<requests::Events>(record),
            predicate::PEOPLE => same::<people::Events>(record),
            predicate::CHECKPOINTS => same::<CheckpointEvents>(record),
            predicate::TIMESTAMP => same::<Stamped>(record),
            predicate::TEST_RESULT => same::<TestResult>(record),
            other => panic!("{name}: nothing reads {other}"),
        };
        assert!(is_same, "{name}: {record:#}");
        // Altered by one bit, none verifies.
        let mut altered: Vec<Vec<u8>> = bodies().collect();
        let at = altered.iter().position(|leaf| leaf == body).unwrap();
        let middle = body.len() / 2;
        altered[at][middle] ^= 1;
        assert!(verify_log(altered, Trust::Root(root), &text("checkpoint.txt")).is_err(), "{name}");
    }
}

#[test]
fn every_kind_of_record_has_a_frozen_example() {
    let read = |(_, body): &(String, Vec<u8>)| Entry::read_unverified(body).unwrap().kind().to_owned();
    let kinds: BTreeSet<String> =
        LEDGERS.iter().flat_map(|ledger| leaves(ledger)).map(|leaf| read(&leaf)).collect();
    let missing: Vec<&str> = predicate::ALL.into_iter().filter(|kind| !kinds.contains(*kind)).collect();
    assert!(missing.is_empty(), "no frozen example of {missing:?}");
}

#[test]
#[ignore = "writes files; only for a folder that is not there yet"]
fn a_ledger_of_every_kind_is_written_once() {
    let key = SigningKey::from_seed(&[42; 32]);
    for (ledger, records) in [
        ("ledger-2", tasks_of_every_kind(&key)),
        ("people-1", people_of_every_kind(&key)),
        ("confirmation-1", confirmations(&key)),
        ("checkpoints-1", sign_offs_of_every_kind(&key)),
        ("requests-1", requests_of_every_kind(&key)),
    ] {
        // What is frozen is never written again.
        if !folder(ledger).exists() {
            write(&folder(ledger), &key, records);
        }
    }
}

fn write(folder: &Path, key: &SigningKey, records: Vec<(&str, &str, Value)>) {
    fs::create_dir_all(folder).unwrap();
    let digest = |text: &str| Digest::of(text.as_bytes());
    let mut head = Head::new();
    let mut note = String::new();
    for (at, (kind, about, record)) in records.into_iter().enumerate() {
        let subjects = vec![Subject::new(about, digest(about))];
        let recorded_at = format!("2026-11-30T12:00:{at:02}Z");
        let sealed = head.seal(Draft { kind: kind.to_owned(), subjects, recorded_at, record }, key, LOG, key);
        let sealed = sealed.unwrap();
        let word = kind.trim_start_matches("urn:assay:").trim_end_matches(":v1").rsplit("attestation/").next();
        let name = format!("{at:02}-{}.json", word.unwrap().replace(['/', '.'], "-"));
        fs::write(folder.join(name), &sealed.body).unwrap();
        (head, note) = (sealed.head, sealed.note);
    }
    fs::write(folder.join("checkpoint.txt"), note).unwrap();
    fs::write(folder.join("root.pem"), key.verifying_key().to_pem().unwrap()).unwrap();
}

const LOG: &str = "assay.example/frozen";

/// What came since the first ledger, with every member that may be there. The first one was written from records of all
/// other kinds; its files say with what.
fn tasks_of_every_kind(key: &SigningKey) -> Vec<(&'static str, &'static str, Value)> {
    let opened = json!({
        "at": "2026-11-30T12:00:01Z", "release": "1.0",
        "events": [
            {"event": "opened", "due": "2026-12-14T12:00:01Z",
                "subject": {"do": "decide", "unit": "5.1-2-1c", "entry": "AuthMech-Web"}},
            {"event": "opened", "due": "2026-12-14T12:00:01Z", "subject": {"do": "mend", "unit": "5.6-1-2c"}},
            {"event": "opened", "due": "2026-12-14T12:00:01Z", "subject": {"do": "answer", "provision": "5.3-13"}},
            {"event": "opened", "due": "2026-12-14T12:00:01Z",
                "subject": {"do": "declare", "place": "AuthMech", "entry": "AuthMech-Web", "what": "scheme"}},
            {"event": "opened", "due": "2026-12-14T12:00:01Z",
                "subject": {"do": "measure", "probe": "net.tcp-ports", "target": "dut"}},
            {"event": "opened", "due": "2026-12-14T12:00:01Z", "subject": {"do": "prepare", "what": "an account"}},
            {"event": "added", "number": 1, "title": "ask for the errata", "criterion": "the answer is attached",
                "due": "2026-12-24T00:00:00Z", "by": "E. Ngineer"},
            {"event": "assigned", "task": "T-1", "person": "F. Irmware", "by": "E. Ngineer"},
        ],
    });
    let ids = [
        workflow::Subject::Mend { unit: "5.6-1-2c".into(), entry: None },
        workflow::Subject::Answer { provision: "5.3-13".into() },
        workflow::Subject::Declare {
            place: "AuthMech".into(),
            entry: Some("AuthMech-Web".into()),
            what: "scheme".into(),
        },
        workflow::Subject::Measure { probe: "net.tcp-ports".into(), target: "dut".into() },
        workflow::Subject::Prepare { what: "an account".into() },
        workflow::Subject::Decide { unit: "5.1-2-1c".into(), entry: Some("AuthMech-Web".into()) },
    ]
    .map(|subject| subject.id());
    let mut events: Vec<Value> = ids.iter().map(|id| json!({"event": "closed", "task": id, "by": 1})).collect();
    events.push(json!({"event": "reopened", "task": ids[5], "due": "2027-12-14T12:00:02Z"}));
    events.push(json!({"event": "done", "task": "T-1", "how": "answered by letter", "by": "F. Irmware"}));
    let closed = json!({"at": "2026-11-30T12:00:02Z", "release": "1.0", "events": events});
    vec![
        (predicate::KEY, "key", enter(key)),
        (predicate::TASKS, "8 events", opened),
        (predicate::TASKS, "8 events", closed),
    ]
}

fn people_of_every_kind(key: &SigningKey) -> Vec<(&'static str, &'static str, Value)> {
    let came = json!({
        "at": "2026-11-30T12:00:01Z",
        "events": [
            {"event": "invited", "account": "olga", "person": "O. Wner", "role": "owner", "by": "O. Wner"},
            {"event": "joined", "account": "olga"},
            {"event": "invited", "account": "lab@example", "person": "L. Aboratory", "product": "lamp",
                "role": "laboratory", "by": "O. Wner"},
            {"event": "joined", "account": "lab@example"},
            {"event": "renewed", "account": "lab@example", "by": "O. Wner"},
        ],
    });
    let changed = json!({
        "at": "2026-11-30T12:00:02Z",
        "events": [
            {"event": "given", "account": "lab@example", "role": "tester", "by": "O. Wner"},
            {"event": "given", "account": "lab@example", "product": "lock", "role": "engineer", "by": "O. Wner"},
            {"event": "given", "account": "lab@example", "product": "plug", "role": "reviewer", "by": "O. Wner"},
            {"event": "given", "account": "lab@example", "product": "hub", "role": "auditor", "by": "O. Wner"},
            {"event": "given", "account": "lab@example", "product": "bulb", "role": "supplier", "by": "O. Wner"},
            {"event": "taken", "account": "lab@example", "product": "lamp", "by": "O. Wner"},
            {"event": "taken", "account": "lab@example", "by": "O. Wner"},
            {"event": "removed", "account": "lab@example", "by": "O. Wner"},
        ],
    });
    vec![
        (predicate::KEY, "key", enter(key)),
        (predicate::PEOPLE, "5 events", came),
        (predicate::PEOPLE, "8 events", changed),
    ]
}

fn confirmations(key: &SigningKey) -> Vec<(&'static str, &'static str, Value)> {
    let said = |decision: &str, entry: Option<&str>| {
        let mut said = json!({
            "statement": 1, "digest": Digest::of(b"a statement"), "unit": "5.1-2-1c", "release": "1.0",
            "decision": decision, "reasons": "looked at the same photo", "person": "S. Econd",
            "role": "test laboratory", "confirmed": "2026-11-30T12:00:01Z",
        });
        if let Some(entry) = entry {
            said["entry"] = entry.into();
        }
        said
    };
    vec![
        (predicate::KEY, "key", enter(key)),
        (
            predicate::CONFIRMATION,
            "record 1, 5.1-2-1c@AuthMech-Web: approve",
            said("approve", Some("AuthMech-Web")),
        ),
        (predicate::CONFIRMATION, "record 1, 5.1-2-1c: return", said("return", None)),
    ]
}

fn sign_offs_of_every_kind(key: &SigningKey) -> Vec<(&'static str, &'static str, Value)> {
    let signed = json!({
        "at": "2026-11-30T12:00:01Z", "release": "1.0",
        "events": [
            {"event": "signed-off", "checkpoint": "declared", "holds": ["dossier", "answered"], "dossier": 1,
                "reasons": "read against the data sheet", "person": "R. Eleased", "role": "product security"},
            {"event": "signed-off", "checkpoint": "ours", "holds": [], "dossier": 1, "reasons": "read",
                "person": "R. Eleased", "role": ""},
        ],
    });
    let back = json!({
        "at": "2026-11-30T12:00:02Z", "release": "1.0",
        "events": [{"event": "taken-back", "checkpoint": "ours", "reasons": "too early", "person": "B. Ack"}],
    });
    vec![
        (predicate::KEY, "key", enter(key)),
        (predicate::CHECKPOINTS, "declared of 1.0 signed off by R. Eleased", signed),
        (predicate::CHECKPOINTS, "ours of 1.0 taken back by B. Ack", back),
    ]
}

fn requests_of_every_kind(key: &SigningKey) -> Vec<(&'static str, &'static str, Value)> {
    let link = Digest::of(b"the secret of a link");
    let another = Digest::of(b"the secret of another link");
    let asked = json!({
        "at": "2026-11-30T12:00:01Z", "release": "1.0",
        "events": [
            {"event": "asked", "number": 1, "by": "E. Ngineer", "link": link, "ask": {
                "kind": "document", "scope": "the errata of the radio", "about": ["5.2-1", "5.1-2-1c@AuthMech-Web"],
                "period": {"from": "2026-01-01T00:00:00Z", "until": "2026-10-31T00:00:00Z"},
                "criterion": ["it names our revision"], "of": "S. Upplier", "due": "2026-12-24T00:00:00Z",
                "task": "T-384acf40ab"}},
            {"event": "linked", "request": "R-1", "link": another, "by": "E. Ngineer"},
            {"event": "asked", "number": 2, "by": "E. Ngineer", "ask": {
                "kind": "observation", "scope": "the open ports", "of": "T. Ester", "due": "2026-12-24T00:00:00Z"}},
            {"event": "answered", "request": "R-1", "by": "S. Upplier", "role": "Chip Ltd", "remark": "as agreed",
                "with": [{"by": "upload", "record": 7}, {"by": "reference", "text": "DOC-7"}]},
            {"event": "answered", "request": "R-2", "by": "T. Ester", "with": [{"by": "observation", "record": 8}]},
        ],
    });
    let decided = json!({
        "at": "2026-11-30T12:00:02Z", "release": "1.0",
        "events": [
            {"event": "returned", "request": "R-1", "answer": 1, "because": "of revision 6", "by": "E. Ngineer"},
            {"event": "answered", "request": "R-1", "by": "S. Upplier",
                "with": [{"by": "reference", "text": "DOC-8"}]},
            {"event": "accepted", "request": "R-1", "answer": 2, "remark": "read", "by": "E. Ngineer"},
            {"event": "linked", "request": "R-2", "by": "E. Ngineer"},
            {"event": "withdrawn", "request": "R-2", "because": "measured already", "by": "E. Ngineer"},
        ],
    });
    vec![
        (predicate::KEY, "key", enter(key)),
        (predicate::REQUESTS, "5 events", asked),
        (predicate::REQUESTS, "5 events", decided),
    ]
}

fn enter(key: &SigningKey) -> Value {
    let holder = Holder { organisation: "Example Ltd".into(), person: "R. Example".into() };
    let record = KeyRecord::Enter { public_key: PublicKey(key.verifying_key()), holder, role: Role::Log };
    serde_json::to_value(record).unwrap()
}
