//! Reviews as a user makes them: over which assessment, by whom, with whose key, and who is refused.
#![allow(clippy::unwrap_used)]

mod program;

use program::Bench;
use serde_json::Value;

/// A bench on which T has stated something and an assessment is recorded, and the number of that record.
fn judged() -> (Bench, String) {
    let bench = Bench::new();
    assert_eq!(bench.state(&[]).exit, 0);
    let number = judge(&bench);
    (bench, number)
}

fn judge(bench: &Bench) -> String {
    let ran = bench.run(&["judge", "plug", "--record"]);
    assert_eq!(ran.exit, 11, "{}", ran.said);
    let (_, after) = ran.said.split_once("Recorded as number ").unwrap();
    after.chars().take_while(char::is_ascii_digit).collect()
}

const APPROVE: [&str; 6] = ["review", "plug", "--decision", "approve", "--because", "read"];

fn approve<'a>(by: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&APPROVE[..], &["--by", by], more].concat()
}

#[test]
fn a_review_is_recorded_over_the_newest_assessment_and_shows_in_records_and_reports() {
    let (bench, number) = judged();
    let ran = bench.run(&approve("R. Eviewer", &["--record", &number]));
    assert_eq!(ran.exit, 0, "{}", ran.said);
    assert!(ran.said.contains(&format!("judged of record {number}, release 1.4.2")), "{}", ran.said);
    let records = bench.done(&["records", "plug"]);
    assert!(records.contains(&format!("judged of record {number}: approve")), "{records}");
    let told = bench.run(&["judge", "plug", "--html", "r.html", "--markdown", "r.md", "--json", "r.json"]);
    assert!(told.data.contains("approved these verdicts"), "{}", told.data);
    let report: Value = serde_json::from_slice(&std::fs::read(bench.path("r.json")).unwrap()).unwrap();
    let review = &report["reviews"][0];
    assert_eq!(
        (&review["by"], &review["approved"], &review["current"]),
        (&"R. Eviewer".into(), &true.into(), &true.into())
    );
    for page in ["r.html", "r.md"] {
        assert!(std::fs::read_to_string(bench.path(page)).unwrap().contains("approved these verdicts"), "{page}");
    }
    // What is stated later is not what was reviewed.
    assert_eq!(bench.state(&["--verdict", "pass"]).exit, 2, "an argument is given twice");
    let more = ["state", "5.1-4-1a", "--folder", "plug", "--entry", "AuthMech-Web", "--verdict", "pass"];
    bench.done(&[&more[..], &["--because", "read", "--by", "T"]].concat());
    let told = bench.run(&["judge", "plug"]);
    assert!(told.data.contains("approved other verdicts"), "{}", told.data);
}

#[test]
fn whoever_had_a_part_in_it_cannot_review_it_however_they_write_their_name() {
    let (bench, _) = judged();
    for name in ["T", " t ", "T."] {
        let said = bench.refused(1, &approve(name, &[]));
        assert!(said.contains("T stated record 2") && said.contains("nothing was recorded"), "{name}: {said}");
    }
    for nobody in ["", " . "] {
        let said = bench.refused(1, &approve(nobody, &[]));
        assert!(said.contains("name"), "{said}");
    }
}

#[test]
fn a_key_that_signed_the_evidence_or_belongs_to_its_author_signs_no_review() {
    let bench = Bench::new();
    assert_eq!(bench.state(&[]).exit, 0);
    for (file, role, holder) in
        [("lab.pem", "laboratory", ["--organisation", "Example Lab"]), ("own.pem", "reviewer", ["--person", "T"])]
    {
        bench.done(&["key", "new", file]);
        bench.done(&[&["key", "add", file, "--folder", "plug", "--role", role], &holder[..]].concat());
    }
    assert_eq!(bench.state(&["--key", "lab.pem"]).exit, 0);
    judge(&bench);
    let lab = bench.refused(1, &approve("R", &["--key", "lab.pem"]));
    assert!(lab.contains("whoever signed record 5"), "{lab}");
    let own = bench.refused(1, &approve("R", &["--key", "own.pem"]));
    assert!(own.contains("held by T, who stated record 2"), "{own}");
    // A key that follows in the place of another is the same hand.
    bench.done(&["key", "rotate", "plug", "--key", "lab.pem"]);
    let lab = bench.refused(1, &approve("R", &["--key", "lab.pem"]));
    assert!(lab.contains("whoever signed record 5"), "{lab}");
}

#[test]
fn a_policy_may_ask_for_a_key_of_a_reviewer_and_for_reviews_by_name() {
    let bench = Bench::new();
    let file = bench.path("plug/assay.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let policy = "[policy]\nreviewer-keys = true\nreviews = [\"laboratory\", \"market\"]\n";
    assert!(text.contains("[policy]\n"));
    std::fs::write(&file, text.replacen("[policy]\n", policy, 1)).unwrap();
    assert_eq!(bench.state(&[]).exit, 0);
    bench.done(&["key", "new", "r.pem"]);
    bench.done(&["key", "add", "r.pem", "--folder", "plug", "--role", "reviewer", "--person", "R. Eviewer"]);
    judge(&bench);
    let said = bench.refused(1, &approve("R. Eviewer", &[]));
    assert!(said.contains("a key of the role `reviewer`"), "{said}");
    let said = bench.refused(1, &approve("Somebody Else", &["--key", "r.pem"]));
    assert!(said.contains("held by R. Eviewer, not by Somebody Else"), "{said}");
    let said = bench.refused(1, &approve("R. Eviewer", &["--key", "r.pem", "--checkpoint", "judged"]));
    assert!(said.contains("reviews are laboratory, market"), "{said}");
    bench.done(&approve("r eviewer", &["--key", "r.pem"]));
    bench.done(&approve("R. Eviewer", &["--key", "r.pem", "--checkpoint", "market"]));
    assert!(bench.done(&["records", "plug"]).contains("market of record"));
}

#[test]
fn what_is_not_the_newest_or_no_longer_all_of_the_evidence_cannot_be_reviewed() {
    let (bench, first) = judged();
    let none = bench.refused(1, &approve("R", &["--record", "1"]));
    assert!(none.contains("record 1 is no assessment"), "{none}");
    let second = judge(&bench);
    let old = bench.refused(1, &approve("R", &["--record", &first]));
    assert!(old.contains(&format!("record {second} is the newer assessment")), "{old}");
    assert_eq!(bench.state(&[]).exit, 0);
    let grown = bench.refused(1, &approve("R", &[]));
    assert!(grown.contains("its evidence has grown since"), "{grown}");
    judge(&bench);
    let file = bench.path("plug/ics.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}\n# a remark\n")).unwrap();
    let changed = bench.refused(1, &approve("R", &[]));
    assert!(changed.contains("the dossier has changed since"), "{changed}");
    let empty = Bench::new();
    assert!(empty.refused(1, &approve("R", &[])).contains("nothing is recorded yet"));
}
