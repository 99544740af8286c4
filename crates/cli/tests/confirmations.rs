//! Two persons on a statement, as users make them: what waits, who is refused, and what it takes to pass.
#![allow(clippy::unwrap_used)]

mod program;

use program::Bench;
use serde_json::Value;

const LAST: &str = "statement-days = 365";

/// A bench whose policy asks for a second person on one provision, with a statement by T on it.
fn asking() -> Bench {
    let bench = Bench::new();
    let at = bench.path("plug/assay.toml");
    let text = std::fs::read_to_string(&at).unwrap();
    assert!(text.contains(LAST));
    std::fs::write(&at, text.replace(LAST, &format!("{LAST}\ntwo-persons = [\"5.2-2\"]"))).unwrap();
    assert_eq!(bench.state(&[]).exit, 0);
    bench
}

/// How the instance came out, and why.
fn told(bench: &Bench) -> (String, String) {
    bench.run(&["judge", "plug", "--json", "r.json"]);
    let report: Value = serde_json::from_slice(&std::fs::read(bench.path("r.json")).unwrap()).unwrap();
    let text = report.to_string();
    let found = find(&report).unwrap_or_else(|| panic!("{text}"));
    (found["outcome"].as_str().unwrap().to_owned(), found["because"].to_string())
}

fn find(value: &Value) -> Option<&Value> {
    match value {
        Value::Object(map) => {
            let is = map.get("id").and_then(Value::as_str) == Some("5.2-2-1a @ VulnTypes-Firmware");
            if is && map.contains_key("outcome") {
                return Some(value);
            }
            map.values().find_map(find)
        }
        Value::Array(list) => list.iter().find_map(find),
        _ => None,
    }
}

#[test]
fn a_statement_counts_once_somebody_else_has_confirmed_it() {
    let bench = asking();
    let (outcome, because) = told(&bench);
    assert!(outcome == "open" && because.contains("no second person has confirmed it"), "{outcome}: {because}");
    let listed = bench.done(&["confirm", "plug"]);
    assert!(listed.contains("5.2-2-1a @ VulnTypes-Firmware: pass by T"), "{listed}");
    let number: String = listed.trim_start_matches('#').chars().take_while(char::is_ascii_digit).collect();
    let word = |by: &'static str| ["confirm", "plug", "--because", "read it too", "--by", by, "--record"];
    for first in ["T", " t. "] {
        let said = bench.refused(1, &[&word(first)[..], &[&number]].concat());
        assert!(said.contains("T made it") && said.contains("nothing was recorded"), "{said}");
    }
    bench.refused(1, &[&word(" . ")[..], &[&number]].concat());
    let said = bench.refused(1, &[&word("S. Econd")[..], &["99"]].concat());
    assert!(said.contains("it is no statement"), "{said}");
    assert_eq!(told(&bench).0, "open");
    bench.done(&[&word("S. Econd")[..], &[&number]].concat());
    assert_eq!(told(&bench).0, "pass");
    assert_eq!(bench.done(&["confirm", "plug"]), "");
    let records = bench.done(&["records", "plug"]);
    assert!(records.contains("5.2-2-1a@VulnTypes-Firmware: approve"), "{records}");
    // Whoever confirmed had a part in it, and reviews nothing that rests on it.
    bench.run(&["judge", "plug", "--record"]);
    let review = ["review", "plug", "--decision", "approve", "--because", "read", "--by", "S. Econd"];
    let said = bench.refused(1, &review);
    assert!(said.contains("S. Econd had a word on a statement"), "{said}");
}

#[test]
fn a_statement_that_is_stated_again_is_confirmed_again() {
    let bench = asking();
    let listed = bench.done(&["confirm", "plug"]);
    let number: String = listed.trim_start_matches('#').chars().take_while(char::is_ascii_digit).collect();
    let word = ["confirm", "plug", "--because", "read it too", "--by", "S. Econd", "--record"];
    bench.done(&[&word[..], &[&number]].concat());
    assert_eq!(told(&bench).0, "pass");
    assert_eq!(bench.state(&[]).exit, 0);
    assert_eq!(told(&bench).0, "open");
    let said = bench.refused(1, &[&word[..], &[&number]].concat());
    assert!(said.contains("is the newer statement on 5.2-2-1a @ VulnTypes-Firmware"), "{said}");
}

#[test]
fn what_is_sent_back_is_open_and_says_by_whom() {
    let bench = asking();
    let listed = bench.done(&["confirm", "plug"]);
    let number: String = listed.trim_start_matches('#').chars().take_while(char::is_ascii_digit).collect();
    let back = ["confirm", "plug", "--decision", "return", "--because", "the table is older", "--by", "S. Econd"];
    bench.done(&[&back[..], &["--record", &number]].concat());
    let (outcome, because) = told(&bench);
    assert!(outcome == "open" && because.contains("S. Econd sends that back: the table is older"), "{because}");
}

#[test]
fn the_guide_tells_the_procedure_and_what_closing_takes_and_state_says_what_is_missing() {
    let bench = asking();
    let waits = bench.done(&["guide", "plug"]);
    assert!(waits.lines().any(|line| line.starts_with("5.6-1-2b")), "{waits}");
    let told = bench.done(&["guide", "plug", "5.3-15A-2b"]);
    assert!(told.contains("Time it") && told.contains("at least 60 min"), "{told}");
    assert!(told.contains("an artefact of the kind"), "{told}");
    let said = bench.refused(1, &["guide", "plug", "5.2-2-1a"]);
    assert!(said.contains("it is judged per entry"), "{said}");
    let told = bench.done(&["guide", "plug", "5.2-2-1a", "VulnTypes-Firmware"]);
    assert!(told.contains("a second person, who confirms it"), "{told}");
    let said = bench.state(&[]).said;
    assert!(said.contains("until a second person confirms it"), "{said}");
    let bare = ["state", "5.6-1-2b", "--folder", "plug", "--verdict", "pass", "--because", "looked", "--by", "T"];
    let said = bench.run(&bare).said;
    assert!(said.contains("It stays open: it needs artefacts of the kinds photo, log"), "{said}");
}
