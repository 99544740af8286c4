//! Reading: every text gives a value and notes, never one instead of the other.
#![allow(clippy::unwrap_used)]

use dossier::{AuthMechFacts, Dossier, FieldValue, Note, SecretRef, SourceText, Support, position, read};
use model::Edition;
use proptest::prelude::*;

fn one(path: &str, text: &str) -> (Dossier, Vec<Note>) {
    read(vec![SourceText { path: path.to_owned(), text: text.to_owned() }])
}

/// Code, line and hint of each note.
fn told(path: &str, text: &str) -> Vec<(&'static str, u32, String)> {
    let (dossier, notes) = one(path, text);
    let place = |n: &Note| position(&dossier.sources, n.labels[0].0).line;
    notes.iter().map(|n| (n.code, place(n), n.hint.clone().unwrap_or_default())).collect()
}

#[test]
fn what_stands_before_and_after_a_fault_is_kept() {
    let (dossier, notes) = one("assay.toml", "[product]\nname = \"Lamp\"\nmodel = = 3\nhardware = \"C\"\n");
    assert!(notes.iter().any(|n| n.code == "not-toml"));
    let product = dossier.product.unwrap().value;
    assert_eq!(product.name.unwrap().value, "Lamp");
    assert_eq!(product.hardware.unwrap().value, "C");
}

#[test]
fn a_torn_line_gets_one_note_and_none_on_what_was_made_of_it() {
    let codes =
        |text: &str| told("assay.toml", text).into_iter().map(|(code, line, _)| (code, line)).collect::<Vec<_>>();
    assert_eq!(codes("edition = \"3.1.3\"\n[product\nnmae = \"Lamp\"\n")[0], ("not-toml", 2));
    assert!(!codes("[product\nname = \"Lamp\"\n").iter().any(|(code, line)| *code != "not-toml" && *line == 1));
    assert_eq!(codes("[product]\nnmae = \"x\"\nmodel = = 3\n"), [("not-toml", 3), ("unknown-key", 2)]);
}

#[test]
fn an_unknown_key_gets_the_nearest_one() {
    let notes = told("assay.toml", "[product]\nname = \"Lamp\"\nmanufactuer = \"M\"\n");
    assert_eq!(notes, [("unknown-key", 3, "did you mean `manufacturer`?".to_owned())]);
}

#[test]
fn an_unknown_word_gets_the_nearest_one() {
    let notes = told("ics.toml", "[[provision]]\nid = \"5.1-1\"\nsupport = \"NA\"\n");
    assert_eq!(notes, [("unknown-value", 3, "did you mean `N/A`?".to_owned())]);
}

#[test]
fn a_value_of_another_type_is_noted_and_its_neighbours_are_read() {
    let (dossier, notes) = one(
        "ixit/1-AuthMech.toml",
        "[[AuthMech]]\nID = \"A\"\n[AuthMech.facts]\nlength = \"ten\"\nalphabet = 62\n",
    );
    assert_eq!(notes[0].code, "wrong-type");
    assert_eq!(notes[0].labels[0].1, "a string");
    let facts: &AuthMechFacts = dossier.entry("AuthMech", "A").unwrap().facts().unwrap();
    assert!(facts.length.is_none());
    assert_eq!(facts.alphabet.unwrap().value, 62);
}

#[test]
fn numbers_keep_to_their_range() {
    let notes = told("bench.toml", "[limits]\nparallel = -1\nattempts = 99999999999\nseconds = 0x10\n");
    let codes: Vec<_> = notes.iter().map(|n| (n.0, n.1)).collect();
    assert_eq!(codes, [("number-out-of-range", 2), ("number-out-of-range", 3)]);
}

#[test]
fn a_secret_is_read_by_reference_only() {
    let account = |secret: &str| {
        let text = format!("[[account]]\nmechanism = \"A\"\nsecret = {secret}\n");
        let (dossier, notes) = one("bench.toml", &text);
        let secret = dossier.bench.unwrap().accounts[0].secret.clone().map(|s| s.value);
        (secret, notes.iter().map(|n| n.code).collect::<Vec<_>>())
    };
    assert_eq!(account("{ env = \"X\" }"), (Some(SecretRef::Environment("X".into())), vec![]));
    assert_eq!(account("{ file = \"x\" }"), (Some(SecretRef::File("x".into())), vec![]));
    for bad in ["\"hunter2\"", "{}", "{ env = \"X\", file = \"x\" }"] {
        assert_eq!(account(bad), (None, vec!["secret-in-text"]), "{bad}");
    }
}

#[test]
fn the_edition_is_read_or_noted() {
    let edition = |text: &str| one("assay.toml", text).0.edition();
    assert_eq!(edition("edition = \"2.1.1\"\n"), Edition::V2_1_1);
    assert_eq!(edition(""), Edition::V3_1_3);
    let notes = told("assay.toml", "edition = \"1.0\"\n");
    assert_eq!(notes[0].0, "unknown-edition");
}

#[test]
fn an_entry_without_an_id_is_noted_and_its_neighbours_are_read() {
    let (dossier, notes) = one("ixit/x.toml", "[[ExtSens]]\nDescription = \"a\"\n[[ExtSens]]\nID = \"E\"\n");
    assert_eq!(notes[0].code, "entry-without-id");
    assert_eq!(dossier.entries("ExtSens").len(), 1);
}

#[test]
fn a_table_may_be_written_with_its_number_and_over_several_files() {
    let file = |path: &str, text: &str| SourceText { path: path.into(), text: text.into() };
    let (dossier, notes) = read(vec![
        file("ixit/a.toml", "[[1-AuthMech]]\nID = \"A\"\n"),
        file("ixit/b.toml", "[[AuthMech]]\nID = \"B\"\n[UserInfo]\n\"Support Period\" = \"5 years\"\n"),
    ]);
    assert!(notes.is_empty(), "{notes:?}");
    let ids: Vec<&str> = dossier.entries("authmech").iter().map(|e| e.id.value.as_str()).collect();
    assert_eq!(ids, ["A", "B"]);
    let info = &dossier.entries("UserInfo")[0];
    assert_eq!(info.field("support period").unwrap().value, FieldValue::Text("5 years".into()));
}

#[test]
fn facts_where_none_are_defined_are_noted() {
    let notes = told("ixit/x.toml", "[[CodeMin]]\nID = \"C\"\n[CodeMin.facts]\nlines = 3\n");
    assert_eq!((notes[0].0, notes[0].1), ("table-without-facts", 3));
}

#[test]
fn answers_are_read_with_their_places() {
    let (dossier, notes) = one(
        "ics.toml",
        "[features]\na = true\n[conditions]\n14 = false\n[[provision]]\nid = \"5.1-1\"\nsupport = \"Y\"\n",
    );
    assert!(notes.is_empty(), "{notes:?}");
    assert!(dossier.ics.features["a"].value && !dossier.ics.conditions["14"].value);
    assert_eq!(dossier.answer("5.1-1").unwrap().support.unwrap().value, Support::Yes);
    assert!(dossier.answer("5.1-2").is_none());
}

#[test]
fn a_strange_file_is_noted_and_left_alone() {
    assert_eq!(told("readme.toml", "x = 1\n")[0].0, "unknown-file");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_is_read_without_a_panic(text in "(\\PC|[\\n\\[\\]={}\"'#.])*", file in 0usize..5) {
        let path = ["assay.toml", "ics.toml", "controls.toml", "bench.toml", "ixit/x.toml"][file];
        let (dossier, notes) = one(path, &text);
        for note in notes {
            let at = note.labels[0].0;
            prop_assert!(at.end as usize <= text.len() && at.start <= at.end);
            prop_assert!(position(&dossier.sources, at).line >= 1);
        }
    }
}
