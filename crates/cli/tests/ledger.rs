//! The ledger itself as a user handles it: made again, verified against what was kept, proven and shown.
#![allow(clippy::unwrap_used)]

mod program;

use std::fs;

use ledger::{ConsistencyProof, Digest, InclusionProof, SignedCheckpoint, leaf_hash};
use program::Bench;
use rusqlite::Connection;
use serde_json::Value;

fn bench(statements: usize) -> Bench {
    let bench = Bench::new();
    for _ in 0..statements {
        assert_eq!(bench.state(&[]).exit, 0);
    }
    bench
}

fn database(bench: &Bench) -> Connection {
    Connection::open(bench.path("plug/.assay/ledger.sqlite")).unwrap()
}

fn answers(bench: &Bench) -> Vec<String> {
    let judged = bench.run(&["judge", "plug", "--format", "json", "--at", "2031-01-01"]);
    let run = |arguments: &[&str]| bench.done(&[&["ledger", "--folder", "plug"], arguments].concat());
    vec![
        bench.done(&["records", "plug", "--json"]),
        bench.done(&["key", "show", "plug", "--json"]),
        run(&["checkpoint"]),
        run(&["show", "2"]),
        judged.data,
    ]
}

#[test]
fn every_table_but_the_records_may_be_lost_or_altered_and_is_made_again_with_the_same_answers() {
    let bench = bench(3);
    let before = answers(&bench);
    let lost = [
        "DROP TABLE blob; DROP INDEX leaf_by_kind;",
        "DELETE FROM blob; UPDATE leaf SET kind = 'urn:assay:review:v1', recorded_at = '1999-01-01';",
        "UPDATE leaf SET leaf_hash = zeroblob(32); UPDATE blob SET length = 1;",
        "DROP TABLE checkpoint;",
        "DROP TRIGGER checkpoint_is_never_deleted; DELETE FROM checkpoint;",
        "DROP TRIGGER checkpoint_is_never_changed; UPDATE checkpoint SET note = 'nothing';",
    ];
    for sql in lost {
        database(&bench).execute_batch(sql).unwrap();
        bench.done(&["ledger", "rebuild", "--folder", "plug"]);
        assert_eq!(answers(&bench), before, "{sql}");
        let guarded = database(&bench);
        assert!(
            guarded.execute("DELETE FROM leaf", []).is_err()
                && guarded.execute("DELETE FROM checkpoint", []).is_err()
        );
    }
    assert_eq!(bench.state(&[]).exit, 0, "and it goes on from there");
}

#[test]
fn records_that_were_cut_off_are_not_made_good_by_making_the_tables_again() {
    let bench = bench(3);
    let kept = bench.done(&["ledger", "checkpoint", "--folder", "plug"]);
    fs::write(bench.path("kept.txt"), format!("{kept}\n")).unwrap();
    let cut = "DROP TRIGGER leaf_is_never_deleted; DELETE FROM leaf WHERE seq = (SELECT max(seq) FROM leaf);";
    database(&bench).execute_batch(&format!("PRAGMA foreign_keys = OFF; {cut}")).unwrap();
    let refused = bench.refused(20, &["ledger", "rebuild", "--folder", "plug"]);
    assert!(refused.contains("nothing that rests on this ledger counts"), "{refused}");
    // With its checkpoints gone too, only the one kept elsewhere tells.
    database(&bench).execute_batch("DROP TABLE checkpoint").unwrap();
    let said = bench.run(&["ledger", "rebuild", "--folder", "plug"]);
    assert!(said.exit == 0 && said.said.contains("signed anew"), "{}", said.said);
    bench.done(&["records", "plug"]);
    let since = bench.refused(20, &["ledger", "verify", "--since", "kept.txt", "--folder", "plug"]);
    assert!(since.contains("rolled back"), "{since}");
}

#[test]
fn a_ledger_is_held_against_checkpoints_that_were_kept_elsewhere() {
    let bench = bench(1);
    let keep = |name: &str| {
        let kept = bench.done(&["ledger", "checkpoint", "--folder", "plug"]);
        fs::write(bench.path(name), format!("{kept}\n")).unwrap();
    };
    keep("first.txt");
    assert_eq!(bench.state(&[]).exit, 0);
    keep("second.txt");
    let verify = ["ledger", "verify", "--folder", "plug", "--since", "first.txt", "--since", "second.txt"];
    let said = bench.run(&verify);
    assert!(
        said.exit == 0 && said.said.contains("over 3 records") && said.said.contains("over 4 records"),
        "{}",
        said.said
    );
    let other = self::bench(1);
    let theirs = other.done(&["ledger", "checkpoint", "--folder", "plug"]);
    fs::write(bench.path("theirs.txt"), format!("{theirs}\n")).unwrap();
    bench.refused(20, &["ledger", "verify", "--folder", "plug", "--since", "theirs.txt"]);
    fs::write(bench.path("none.txt"), "none").unwrap();
    assert!(
        bench.refused(1, &["ledger", "verify", "--folder", "plug", "--since", "none.txt"]).contains("none.txt")
    );
    assert!(Bench::new().refused(1, &["ledger", "verify", "--folder", "plug"]).contains("nothing is recorded"));
}

#[test]
fn a_proof_binds_a_record_to_a_signed_checkpoint_and_an_earlier_state_to_a_later_one() {
    let bench = bench(4);
    let prove = |arguments: &[&str]| -> Value {
        let all = [&["ledger", "prove", "--folder", "plug"], arguments].concat();
        serde_json::from_str(&bench.done(&all)).unwrap()
    };
    let take = |proof: &Value, names: &[&str]| -> Value {
        names
            .iter()
            .map(|name| ((*name).to_owned(), proof[*name].clone()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let digest = |value: &Value| serde_json::from_value::<Digest>(value.clone()).unwrap();
    let claimed = |value: &Value| SignedCheckpoint::parse(value.as_str().unwrap()).unwrap().claimed().clone();
    for size in ["4", "6"] {
        let proof = prove(&["2", "--size", size]);
        let path: InclusionProof = serde_json::from_value(take(&proof, &["index", "size", "path"])).unwrap();
        let root = digest(&proof["root"]);
        let leaf = proof["leaf"].as_str().unwrap();
        assert_eq!(path.verify(leaf_hash(leaf.as_bytes()), root), Ok(()));
        assert!(path.verify(leaf_hash(b"another"), root).is_err());
        assert_eq!(claimed(&proof["checkpoint"]).root, root);
        assert_eq!(claimed(&proof["checkpoint"]).size.to_string(), size);
    }
    let proof = prove(&["--from", "3"]);
    let path: ConsistencyProof = serde_json::from_value(take(&proof, &["old", "new", "path"])).unwrap();
    assert_eq!((path.old, path.new), (3, 6));
    assert_eq!(path.verify(digest(&proof["old_root"]), digest(&proof["new_root"])), Ok(()));
    assert!(path.verify(digest(&proof["new_root"]), digest(&proof["old_root"])).is_err());
    assert_eq!(claimed(&proof["old_checkpoint"]).root, digest(&proof["old_root"]));
    for beyond in [&["6"][..], &["2", "--size", "2"], &["2", "--size", "7"], &["--from", "7"]] {
        let all = [&["ledger", "prove", "--folder", "plug"], beyond].concat();
        assert!(bench.refused(1, &all).contains("has 6 records"), "{beyond:?}");
    }
    bench.refused(2, &["ledger", "prove", "--folder", "plug"]);
}

#[test]
fn a_record_is_shown_with_hostile_text_made_visible() {
    let bench = Bench::new();
    assert_eq!(bench.state(&["--role", "lab\u{202e}oratory\u{1b}[2J"]).exit, 0);
    let shown = bench.done(&["ledger", "show", "2", "--folder", "plug"]);
    assert!(
        shown.contains("verified with the whole ledger") && shown.contains("5.2-2-1a@VulnTypes-Firmware"),
        "{shown}"
    );
    assert!(!shown.contains(['\u{202e}', '\u{1b}']), "{shown}");
    assert!(shown.contains("\\u{202e}"), "{shown}");
    assert!(bench.refused(1, &["ledger", "show", "3", "--folder", "plug"]).contains("has 3 records"));
    let json: Value =
        serde_json::from_str(&bench.done(&["ledger", "show", "2", "--json", "--folder", "plug"])).unwrap();
    assert_eq!(json["record"]["record"]["unit"], "5.2-2-1a");
}

#[test]
fn a_statement_and_a_file_tell_when_they_were_true_apart_from_when_they_were_recorded() {
    let bench = Bench::new();
    fs::write(bench.path("boot.log"), "up").unwrap();
    assert_eq!(bench.state(&["--effective", "2026-01-02/2026-03-04", "--place", "lan"]).exit, 0);
    let attach =
        ["attach", "boot.log", "--folder", "plug", "--kind", "log", "--by", "T", "--effective", "2026-01-02"];
    bench.done(&attach);
    let show = |seq: &str| -> Value {
        let shown = bench.done(&["ledger", "show", seq, "--json", "--folder", "plug"]);
        serde_json::from_str::<Value>(&shown).unwrap()["record"]["record"].clone()
    };
    let stated = show("2");
    assert_eq!(stated["effective"]["until"], "2026-03-04T00:00:00Z");
    assert_eq!(
        stated["valid_until"], "2027-03-04T00:00:00Z",
        "365 days by the policy, from when it was true last"
    );
    assert_eq!((&stated["dut"]["serial"], &stated["place"]), (&"LPC1-61443124".into(), &"lan".into()));
    assert_eq!(show("3")["effective"]["from"], "2026-01-02T00:00:00Z");
    let future = bench.state(&["--effective", "2999-01-01"]);
    assert!(future.exit == 1 && future.said.contains("not over yet"), "{}", future.said);
    for bad in ["2026-03-04/2026-01-02", "lately"] {
        assert_eq!(bench.state(&["--effective", bad]).exit, 2, "{bad}");
    }
}

#[test]
fn an_earlier_moment_is_judged_without_what_was_recorded_since() {
    let bench = Bench::new();
    assert_eq!(bench.state(&[]).exit, 0);
    let records = |arguments: &[&str]| {
        let judged = bench.run(&[&["judge", "plug", "--format", "json"], arguments].concat());
        let report: serde_json::Value = serde_json::from_str(&judged.data).unwrap();
        report["records"].as_array().unwrap().len()
    };
    assert_eq!(records(&[]), 1);
    assert_eq!(records(&["--at", "2020-01-01T00:00:00Z"]), 0);
}
