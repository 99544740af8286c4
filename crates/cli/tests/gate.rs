//! The gate as a continuous run uses it: on the demonstration product, once complete, and then with one thing wrong.
#![allow(clippy::unwrap_used)]

mod program;

use std::fs;
use std::path::Path;

use app::records::Records;
use catalogue::Catalogue;
use model::Outcome;
use program::Bench;
use serde_json::Value;

/// The good product, measured, and every unit instance that waits for a person stated by T. Ester with artefacts.
fn complete(bench: &Bench, network: &str) {
    let folder = bench.path("product");
    let assessed = app::demo::trial(&folder, "", network, &mut |_| {}).unwrap().assessed;
    let waits = |outcome| matches!(outcome, Outcome::Open | Outcome::Inconclusive);
    let mut records = Records::open_sound(&folder).unwrap();
    for id in assessed.assessment.instances.iter().filter(|i| waits(i.judgement.outcome)).map(|i| &i.id) {
        let procedure = Catalogue::of(id.unit.edition()).procedure(&id.unit);
        let kinds = procedure.map(|p| p.artefacts.clone()).unwrap_or_default();
        let artefacts: Vec<_> =
            kinds.iter().map(|kind| records.artefact(kind, "kept.txt", b"what was seen").unwrap()).collect();
        let statement = serde_json::json!({
            "edition": id.unit.edition(),
            "unit": id.unit.to_string(),
            "entry": id.entry.as_ref().map(|(_, entry)| entry),
            "release": "1.4.2",
            "person": "T. Ester",
            "role": "test laboratory",
            "stated": app::now(),
            "criteria": [{"criterion": "as the procedure says", "verdict": "pass"}],
            "reasoning": "looked at",
            "artefacts": artefacts,
        });
        records.state(&serde_json::from_value(statement).unwrap(), app::now()).unwrap();
    }
}

fn gate(bench: &Bench, exit: i32) -> Value {
    let ran = bench.run(&["gate", "product", "--json"]);
    assert_eq!(ran.exit, exit, "{}{}", ran.data, ran.said);
    let told: Value = serde_json::from_str(&ran.data).unwrap();
    assert_eq!(told["passes"], exit == 0);
    assert_eq!(told["exit"]["code"], exit);
    told
}

/// The conditions that are not met, by their ids.
fn unmet(told: &Value) -> Vec<&str> {
    let conditions = told["conditions"].as_array().unwrap().iter();
    conditions.filter(|c| c["met"] != "met").map(|c| c["id"].as_str().unwrap()).collect()
}

fn against<'a>(told: &'a Value, id: &str) -> &'a Value {
    let mut conditions = told["conditions"].as_array().unwrap().iter();
    conditions.find(|c| c["id"] == id).unwrap()
}

/// Changes a file of the dossier for as long as `look` looks.
fn with(bench: &Bench, file: &str, from: &str, to: &str, look: impl FnOnce()) {
    let path = bench.path("product").join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    look();
    fs::write(&path, text).unwrap();
}

fn record_and_approve(bench: &Bench) {
    bench.done(&["judge", "product", "--record"]);
    bench.done(&["review", "product", "--by", "R. Eviewer", "--decision", "approve", "--because", "read"]);
}

#[test]
fn the_gate_opens_when_every_condition_is_met_and_closes_for_each_that_is_not() {
    let bench = Bench::quick();
    complete(&bench, "127.0.141");
    let told = gate(&bench, 12);
    assert_eq!(unmet(&told), ["reviewed"], "{told:#}");
    bench.done(&["judge", "product", "--record"]);
    let told = gate(&bench, 12);
    assert!(against(&told, "reviewed").to_string().contains("nobody has reviewed"), "{told:#}");
    bench.done(&["review", "product", "--by", "R. Eviewer", "--decision", "approve", "--because", "read"]);

    let told = gate(&bench, 0);
    assert!(unmet(&told).is_empty());
    let human = bench.done(&["gate", "product", "--release", "1.4.2", "--junit", "out/gate.xml"]);
    assert!(human.contains("The gate lets release 1.4.2 through."), "{human}");
    assert!(human.lines().all(|line| line.chars().count() <= 80), "{human}");
    let junit = fs::read_to_string(bench.path("out/gate.xml")).unwrap();
    assert!(!junit.contains("<failure") && !junit.contains("<error"), "{junit}");
    assert!(junit.contains("<skipped message="), "what does not apply is skipped");
    let other = bench.refused(1, &["gate", "product", "--release", "1.5.0"]);
    assert!(other.contains("about release `1.4.2`") && other.contains("does not pass"), "{other}");

    dates_and_policy(&bench);
    answers(&bench);
    // A remark moves no place that a verdict cites: what was reviewed is what judging gives.
    with(&bench, "controls.toml", "\n", "\n", || assert_eq!(gate(&bench, 0)["passes"], true));
    reviews_and_keys(&bench);
    broken(&bench);
}

/// The last line of the policy: what is added behind it moves no line of it that a verdict cites.
const LAST: &str = "statement-days = 365";

fn dates_and_policy(bench: &Bench) {
    with(bench, "ics.toml", "review = \"2027-06-30\"", "review = \"2020-06-30\"", || {
        let told = gate(bench, 12);
        assert_eq!(unmet(&told), ["should", "unexpired"], "{told:#}");
        let late = &against(&told, "unexpired")["against"][0];
        let provision = late["provision"].as_str().unwrap();
        assert!(late["because"].as_str().unwrap().contains("2020-06-30"));
        let of = |p: &&Value| p["id"] == provision;
        let clauses = told["clauses"].as_array().unwrap().iter();
        let told = clauses.flat_map(|c| c["provisions"].as_array().unwrap()).find(of).unwrap();
        assert_eq!(told["against"], serde_json::json!(["should", "unexpired"]));
    });
    let bench_file = fs::read_to_string(bench.path("product/bench.toml")).unwrap();
    let until = bench_file.lines().find(|line| line.starts_with("until = ")).unwrap().to_owned();
    with(bench, "bench.toml", &until, "until = \"2020-01-01\"", || {
        assert_eq!(unmet(&gate(bench, 12)), ["unexpired"]);
    });
    with(bench, "assay.toml", LAST, &format!("{LAST}\nreviews = [\"judged\", \"market\"]"), || {
        let told = gate(bench, 12);
        assert_eq!(unmet(&told), ["reviewed"]);
        assert_eq!(against(&told, "reviewed")["against"][0]["about"], "market");
    });
    with(bench, "assay.toml", LAST, &format!("{LAST}\nreviewer-keys = true"), || {
        let told = gate(bench, 12);
        assert!(against(&told, "reviewed").to_string().contains("the role `reviewer`"), "{told:#}");
    });
    with(bench, "assay.toml", "[policy]", "[polcy]", || {
        let told = gate(bench, 3);
        assert!(unmet(&told).contains(&"dossier"));
        assert!(against(&told, "dossier")["against"][0]["about"].as_str().unwrap().starts_with("assay.toml:"));
    });
}

fn answers(bench: &Bench) {
    let ics = fs::read_to_string(bench.path("product/ics.toml")).unwrap();
    let justification = ics.lines().find(|line| line.starts_with("justification = ")).unwrap().to_owned();
    with(bench, "ics.toml", &justification, "justification = \"\"", || {
        assert!(unmet(&gate(bench, 12)).contains(&"should"));
    });
    // A mandatory provision that is not supported fails; one that is not answered is open.
    let row = ics.split("[[provision]]").find(|row| row.contains("id = \"5.1-4\"")).unwrap();
    with(bench, "ics.toml", row, &row.replacen("support = \"Y\"", "support = \"N\"", 1), || {
        let told = gate(bench, 10);
        assert_eq!(against(&told, "mandatory")["against"][0]["about"], "5.1-4");
    });
    with(bench, "ics.toml", row, &row.replacen("support = \"Y\"", "", 1), || {
        let told = gate(bench, 11);
        assert!(unmet(&told).contains(&"mandatory") && unmet(&told).contains(&"reviewed"), "{told:#}");
        let ran = bench.run(&["gate", "product", "--junit", "out/open.xml"]);
        assert_eq!(ran.exit, 11);
        let junit = fs::read_to_string(bench.path("out/open.xml")).unwrap();
        let at = junit.find("name=\"5.1-4: ").unwrap();
        assert!(
            junit[at..].split("</testcase>").next().unwrap().contains("<failure type=\"mandatory\""),
            "{junit}"
        );
    });
}

fn reviews_and_keys(bench: &Bench) {
    let back =
        ["review", "product", "--by", "S. Econd", "--decision", "return", "--because", "5.1-4 has no capture"];
    bench.done(&back);
    let told = gate(bench, 12);
    assert!(against(&told, "reviewed").to_string().contains("5.1-4 has no capture"), "{told:#}");
    bench.done(&["review", "product", "--by", "S. Econd", "--decision", "approve", "--because", "it has one now"]);
    gate(bench, 0);
    // Evidence by a key that was revoked since has to be stood behind anew.
    bench.done(&["key", "new", "lab.pem"]);
    bench.done(&["key", "add", "lab.pem", "--folder", "product", "--role", "laboratory", "--person", "L. Ab"]);
    let stated = ["state", "5.1-4-1a", "--folder", "product", "--entry", "AuthMech-Web", "--verdict", "pass"];
    bench.done(&[&stated[..], &["--because", "read", "--by", "L. Ab", "--key", "lab.pem"]].concat());
    let told = gate(bench, 12);
    assert!(
        against(&told, "reviewed")["because"].as_str().unwrap().contains("record and review it again"),
        "{told:#}"
    );
    record_and_approve(bench);
    gate(bench, 0);
    let keys: Value = serde_json::from_str(&bench.done(&["key", "show", "product", "--json"])).unwrap();
    let lab = keys["keys"].as_array().unwrap().iter().find(|k| k["role"] == "laboratory").unwrap();
    bench.done(&["key", "revoke", lab["id"].as_str().unwrap(), "--folder", "product", "--because", "it leaked"]);
    let told = gate(bench, 12);
    assert_eq!(unmet(&told), ["unexpired"]);
    assert!(against(&told, "unexpired").to_string().contains("it leaked"), "{told:#}");
}

fn broken(bench: &Bench) {
    flip(&bench.path("product"));
    let told = gate(bench, 20);
    assert!(unmet(&told).contains(&"ledger") && !unmet(&told).contains(&"dossier"));
    assert_eq!(against(&told, "mandatory")["met"], "not looked at");
    assert_eq!(told["clauses"], serde_json::json!([]));
    let ran = bench.run(&["gate", "product", "--junit", "out/broken.xml"]);
    assert_eq!(ran.exit, 20);
    let junit = fs::read_to_string(bench.path("out/broken.xml")).unwrap();
    assert!(junit.contains("failures=\"1\" errors=\"6\""), "{junit}");
}

/// Flips one bit of the second record.
fn flip(folder: &Path) {
    let database = rusqlite::Connection::open(folder.join(".assay/ledger.sqlite")).unwrap();
    let triggers: Vec<String> = database
        .prepare("select name from sqlite_master where type = 'trigger'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for trigger in triggers {
        database.execute(&format!("drop trigger \"{trigger}\""), []).unwrap();
    }
    let mut body: Vec<u8> =
        database.query_row("select body from leaf where seq = 1", [], |row| row.get(0)).unwrap();
    let middle = body.len() / 2;
    body[middle] ^= 1;
    database.execute("update leaf set body = ?1 where seq = 1", [body]).unwrap();
}

#[test]
fn a_dossier_of_which_nothing_is_recorded_does_not_pass() {
    let bench = Bench::new();
    let ran = bench.run(&["gate", "plug", "--json"]);
    assert_eq!(ran.exit, 11, "{}", ran.said);
    let told: Value = serde_json::from_str(&ran.data).unwrap();
    for id in ["ledger", "mandatory", "should", "reviewed"] {
        assert!(unmet(&told).contains(&id), "{id}");
    }
    let nowhere = bench.refused(1, &["gate", "nowhere"]);
    assert!(nowhere.contains("does not pass"), "{nowhere}");
}
