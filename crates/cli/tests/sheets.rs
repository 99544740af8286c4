//! Controls and answers as a user asks for them: by provision, by audience, in every form, and the same each time.
#![allow(clippy::unwrap_used)]

mod program;

use program::Bench;
use serde_json::Value;

const AT: &str = "2026-12-01T12:00:00Z";

#[test]
fn the_controls_of_a_provision_are_told_in_every_form() {
    let bench = Bench::new();
    let told = bench.run(&["controls", "plug", "5.3-4A", "--at", AT]);
    assert_eq!(told.exit, 0, "{}", told.said);
    for words in
        ["## 5.3", "### 5.3-4A, recommendation", "**Recommendation: justified**", "2027-06-30", "**Test plan**"]
    {
        assert!(told.data.contains(words), "{words}: {}", told.data);
    }
    assert!(!told.data.contains("### 5.3-9"), "only the one that was asked for");
    assert!(told.said.contains("61 claimed provisions have a control, 0 have none"), "{}", told.said);
    let page = bench.run(&["controls", "plug", "5.3", "--format", "html", "--at", AT]);
    assert!(page.data.starts_with("<!DOCTYPE html>") && page.data.contains("id=\"p-5.3-9\""), "{}", page.data);
    let json = bench.run(&["controls", "plug", "--format", "json", "--at", AT]);
    let json: Value = serde_json::from_str(&json.data).unwrap();
    assert_eq!((&json["document"], &json["release"]), (&"assay-controls".into(), &"1.4.2".into()));
    let over = bench.run(&["controls", "plug", "5.3-4A", "--at", "2027-07-01"]);
    assert!(over.data.contains("neither implemented nor justified"), "{}", over.data);
}

#[test]
fn answers_are_chosen_by_audience_and_provision_and_are_the_same_each_time() {
    let bench = Bench::new();
    let run = |more: &[&str]| {
        let ran = bench.run(&[&["answers", "plug", "--at", AT], more].concat());
        assert_eq!(ran.exit, 0, "{}", ran.said);
        ran
    };
    let one = run(&["--audience", "customer", "--provision", "5.3-13"]);
    for words in ["### 5.3-13", "(customer)", "*answered* · 5.3-13.customer.1", "declared in ixit/"] {
        assert!(one.data.contains(words), "{words}: {}", one.data);
    }
    assert!(!one.data.contains("(auditor)"));
    let table = run(&["--format", "csv"]);
    assert!(table.data.starts_with("\"id\",\"provision\","), "{}", table.data);
    assert!(table.data.contains("\"5.1-1.auditor.1\""));
    let json: Value = serde_json::from_str(&run(&["--format", "json"]).data).unwrap();
    let clauses = json["clauses"].as_array().unwrap();
    let provisions = clauses.iter().flat_map(|clause| clause["provisions"].as_array().unwrap());
    assert_eq!(provisions.count(), 78);
    for format in ["md", "html", "json", "csv"] {
        assert!(run(&["--format", format]).data == run(&["--format", format]).data, "{format}");
    }
    assert!(!bench.path("plug/.assay").exists(), "answering records nothing");
}

#[test]
fn a_name_that_is_none_is_told_with_what_is_near() {
    let bench = Bench::new();
    for arguments in [&["controls", "plug", "5.3-99"][..], &["answers", "plug", "--provision", "5.3-99"]] {
        let ran = bench.run(arguments);
        assert_eq!(ran.exit, 2, "{}", ran.said);
        assert!(ran.said.contains("has no provision or clause `5.3-99`"), "{}", ran.said);
    }
    assert_eq!(bench.run(&["answers", "plug", "--at", "soon"]).exit, 2);
}
