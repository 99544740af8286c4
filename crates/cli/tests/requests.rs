//! `assay requests` as two people type it: asked, answered, returned, answered again, accepted.
#![allow(clippy::unwrap_used)]

mod program;

use program::Bench;
use serde_json::Value;

const ASK: [&str; 11] = [
    "requests",
    "ask",
    "the errata of the radio",
    "--of",
    "S. Upplier",
    "--about",
    "5.2-1",
    "--by",
    "E. Ngineer",
    "--folder",
    "plug",
];

fn requests(what: &str, id: &str, more: &[&str]) -> Vec<String> {
    let fixed = ["requests", what, id, "--folder", "plug"];
    fixed.iter().chain(more).map(|part| (*part).to_owned()).collect()
}

fn done(bench: &Bench, what: &str, id: &str, more: &[&str]) -> String {
    let arguments = requests(what, id, more);
    let ran = bench.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(ran.exit, 0, "{arguments:?}: {}", ran.said);
    ran.said
}

#[test]
fn a_request_goes_from_asked_to_accepted_and_shows_who_said_what() {
    let bench = Bench::new();
    let ran = bench.run(&[&ASK[..], &["--due", "2026-12-24", "--accept-when", "it names our revision"]].concat());
    assert_eq!(ran.exit, 0, "{}", ran.said);
    assert!(ran.said.contains("R-1 is asked") && !ran.data.contains("/answer/"), "no link was asked for");
    std::fs::write(bench.path("errata.txt"), "revision 7").unwrap();
    let supplier = ["--by", "S. Upplier", "--role", "Chip Ltd", "--file", "errata.txt", "--reference", "DOC-7"];
    assert!(done(&bench, "answer", "R-1", &supplier).contains("R-1 is answered"));
    let engineer = ["--by", "E. Ngineer"];
    let because = [&engineer[..], &["--because", "it is of revision 6"]].concat();
    assert!(done(&bench, "return", "R-1", &because).contains("R-1 is returned"));
    done(&bench, "answer", "R-1", &supplier);
    assert!(done(&bench, "accept", "R-1", &engineer).contains("R-1 is accepted"));
    let open = bench.done(&["requests", "list", "plug"]);
    assert!(
        open.contains("0 to be answered, 0 overdue, 0 to be decided, 1 ended") && !open.contains("R-1"),
        "{open}"
    );
    let all = bench.done(&["requests", "list", "plug", "--ended", "--about", "5.2-1"]);
    for line in [
        "accepted  due 2026-12-24  R-1  document  S. Upplier",
        "accept if  it names our revision",
        "S. Upplier (Chip Ltd)",
        "errata.txt (document, 10 bytes), record",
        "DOC-7",
        "it is of revision 6",
    ] {
        assert!(all.contains(line), "{line} is not in\n{all}");
    }
    let json: Value = serde_json::from_str(&bench.done(&["requests", "list", "plug", "--json"])).unwrap();
    let request = &json["requests"][0];
    assert_eq!((&request["state"], &request["answers"][1]["accepted"]), (&"accepted".into(), &true.into()));
    assert_eq!(request["answers"][0]["decision"]["said"], "it is of revision 6");
    let records = bench.done(&["records", "plug"]);
    assert!(records.contains("requests"), "{records}");
    bench.done(&["ledger", "verify", "--folder", "plug"]);
}

#[test]
fn a_link_is_told_once_and_another_takes_its_place() {
    let bench = Bench::new();
    let link = bench.done(&[&ASK[..], &["--link"]].concat());
    let secret = link.rsplit('/').next().unwrap();
    assert!(link.starts_with("R-1  /answer/plug/") && secret.len() == 64, "{link}");
    let told = bench.done(&["requests", "list", "plug", "--json"]);
    assert!(told.contains("\"has-link\": true") && !told.contains(secret), "{told}");
    let again = bench.done(&["requests", "link", "R-1", "--by", "E. Ngineer", "--folder", "plug"]);
    assert!(again.starts_with("R-1  /answer/plug/") && again != link, "{again}");
}

#[test]
fn a_request_for_a_task_shows_at_the_task() {
    let bench = Bench::new();
    let task = ["tasks", "list", "plug", "--only", "5.2-2", "--most", "1"];
    let listed = bench.done(&task);
    let id = listed.split_whitespace().find(|word| word.starts_with("T-")).unwrap().to_owned();
    let ask = ["requests", "ask", "--task", &id, "--of", "S. Upplier", "--by", "E. Ngineer", "--folder", "plug"];
    assert!(bench.run(&ask).said.contains("R-1 is asked"));
    let listed = bench.done(&task);
    assert!(listed.contains("asked      R-1 of S. Upplier: asked"), "{listed}");
    let unknown = ["requests", "ask", "--task", "T-99", "--of", "S", "--by", "E", "--folder", "plug"];
    assert!(bench.refused(1, &unknown).contains("there is no open task T-99"));
}
