//! The older edition: other tables, other conditions, no features; and words of one edition in the other.

use dossier::SourceText;
use engine::lint::check;

use crate::good::{line, sources};

const ASSAY: &str = "edition = \"2.1.1\"\n[product]\nname = \"Lamp\"\nmodel = \"L\"\nmanufacturer = \"M\"\n\
                     [[release]]\nversion = \"1\"\n";

/// Notes on these IXIT and ICS texts in V2.1.1: code, hint and sentence.
fn told(ics: &str, ixit: &str) -> Vec<(String, String, &'static str)> {
    let file = |path: &str, text: &str| SourceText { path: path.into(), text: text.into() };
    let (dossier, notes) =
        check(vec![file("assay.toml", ASSAY), file("ics.toml", ics), file("ixit/a.toml", ixit)]);
    notes.iter().map(|n| (line(&dossier.sources, n), n.hint.clone().unwrap_or_default(), n.code)).collect()
}

fn hint(notes: &[(String, String, &'static str)], code: &str) -> String {
    notes.iter().find(|n| n.2 == code).map(|n| n.1.clone()).unwrap_or_else(|| panic!("no {code} in {notes:#?}"))
}

#[test]
fn words_of_the_newer_edition_are_recognised_as_such() {
    let notes = told(
        "[features]\na = true\n[conditions]\n14 = true\n[[provision]]\nid = \"5.3-4A\"\nsupport = \"Y\"\n\
         [[provision]]\nid = \"5.1-2A\"\nsupport = \"Y\"\n[[provision]]\nid = \"5.1-1\"\nstatus = \"M F (a)\"\n",
        "[[LogIntf]]\nID = \"L\"\n[[PersData]]\nID = \"P\"\nLifecycle = \"a year\"\n",
    );
    assert_eq!(hint(&notes, "unknown-feature"), "it is a feature of V3.1.3");
    assert_eq!(hint(&notes, "unknown-condition"), "it is a condition of V3.1.3");
    assert_eq!(hint(&notes, "unknown-provision"), "it is a provision of V3.1.3; here it is 5.3-4");
    assert!(notes.iter().any(|n| n.1 == "it is a provision of V3.1.3, with no counterpart in V2.1.1"));
    assert_eq!(hint(&notes, "status-disagrees"), "this is its status in V3.1.3; write `M C (1)`");
    assert_eq!(hint(&notes, "unknown-table"), "28-LogIntf is a table of V3.1.3; number 28 here is 28-ExtAPI");
    assert_eq!(hint(&notes, "unknown-field"), "it is a field of V3.1.3");
}

#[test]
fn words_of_the_older_edition_are_recognised_in_the_newer() {
    let mut files = sources();
    for file in &mut files {
        file.text = file.text.replace("id = \"5.3-4A\"", "id = \"5.3-4\"");
        file.text = file.text.replace("[[SecComMech]]", "[[ComMech]]").replace("[SecComMech.", "[ComMech.");
    }
    let (_, notes) = check(files);
    let hints: Vec<&str> = notes.iter().filter_map(|n| n.hint.as_deref()).collect();
    assert!(hints.contains(&"it is a provision of V2.1.1; here it is 5.3-4A and 5.3-4B"), "{hints:#?}");
    assert!(hints.contains(&"11-ComMech is a table of V2.1.1; number 11 here is 11-SecComMech"), "{hints:#?}");
}

#[test]
fn conditions_are_held_against_the_entries() {
    let notes = told(
        "[conditions]\n1 = false\n4 = true\n5 = true\n6 = false\n13 = false\n",
        "[[AuthMech]]\nID = \"A\"\n[AuthMech.facts]\nfactors = [\"pin\"]\n[[TelData]]\nID = \"T\"\n\
         [[Intf]]\nID = \"I\"\n[Intf.facts]\nkind = \"port\"\ndebug = true\n",
    );
    let contradicted: Vec<&str> =
        notes.iter().filter(|n| n.2 == "feature-contradicted").map(|n| n.0.split(" (").next().unwrap()).collect();
    assert_eq!(
        contradicted,
        [
            "ics.toml:2:1 warning feature-contradicted: condition 1 is declared false, and the entries say otherwise",
            "ics.toml:5:1 warning feature-contradicted: condition 6 is declared false, and the entries say otherwise",
            "ics.toml:6:1 warning feature-contradicted: condition 13 is declared false, and the entries say otherwise",
        ]
    );
    assert!(notes.iter().any(|n| n.2 == "features-contradict"), "{notes:#?}");
}

#[test]
fn communication_in_clear_is_in_order_where_the_table_lists_all_communication() {
    let ixit = "[[ComMech]]\nID = \"C\"\n[ComMech.facts]\nprotocol = \"none\"\nlowest-version = \"tls-1.0\"\n";
    let codes: Vec<&str> = told("", ixit).iter().map(|n| n.2).collect();
    assert!(!codes.contains(&"clear-among-secured"), "{codes:?}");
    assert!(codes.contains(&"old-protocol") && codes.contains(&"version-without-tls"), "{codes:?}");
}
