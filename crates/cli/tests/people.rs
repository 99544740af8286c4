//! People as whoever holds the files of a workspace handles them.
#![allow(clippy::unwrap_used)]

mod program;

use program::Bench;
use serde_json::Value;

fn invite(bench: &Bench, name: &str, person: &str, role: &str) -> String {
    let url = "https://assay.example.org/";
    let line = ["people", "invite", name, "--person", person, "--role", role, "--by", "A. Dmin", "--url", url];
    let mut line = line.to_vec();
    line.extend(["--folder", "plug"]);
    bench.done(&line).trim().to_owned()
}

#[test]
fn an_owner_is_invited_by_a_link_that_is_printed_once_and_gets_another_one() {
    let bench = Bench::new();
    assert!(bench.run(&["people", "list", "plug"]).said.contains("nobody has an account yet"));
    let link = invite(&bench, "olga", "Olga Wner", "owner");
    let secret = link.strip_prefix("https://assay.example.org/invitation/").unwrap();
    assert_eq!(secret.len(), 64);
    let listed = bench.run(&["people", "list", "plug"]);
    assert!(listed.data.contains("olga") && listed.data.contains("invited"), "{}", listed.data);
    assert!(listed.said.contains("No owner can sign in"), "{}", listed.said);
    let again = bench.done(&["people", "invite", "olga", "--by", "A. Dmin", "--folder", "plug"]);
    assert!(again.starts_with("/invitation/") && !again.contains(secret));
    let json: Value = serde_json::from_str(&bench.done(&["people", "list", "plug", "--json"])).unwrap();
    assert_eq!(json["people"][0]["invited-by"], "A. Dmin");
    let records = bench.done(&["records", "plug", "--json"]);
    assert!(!records.contains(secret) && records.contains("people"), "{records}");
}

#[test]
fn a_role_is_given_for_one_product_and_what_cannot_be_says_why() {
    let bench = Bench::new();
    invite(&bench, "tess", "Tess Ter", "tester");
    let line =
        ["people", "role", "tess", "laboratory", "--product", "lamp", "--by", "A. Dmin", "--folder", "plug"];
    bench.done(&line);
    assert!(bench.done(&["people", "list", "plug"]).contains("(laboratory for lamp)"));
    let unknown = bench.run(&["people", "remove", "nobody", "--by", "A. Dmin", "--folder", "plug"]);
    assert_eq!(unknown.exit, 1);
    assert!(unknown.said.contains("there is no account `nobody`"), "{}", unknown.said);
    assert!(unknown.said.contains("nothing was recorded"), "{}", unknown.said);
    let wrong = bench.run(&["people", "role", "tess", "king", "--by", "A. Dmin", "--folder", "plug"]);
    assert_eq!(wrong.exit, 2);
    bench.done(&["people", "remove", "tess", "--by", "A. Dmin", "--folder", "plug"]);
    assert!(bench.done(&["people", "list", "plug"]).contains("removed"));
}
