//! Places: every value of a dossier points at the text it was written as.
#![allow(clippy::unwrap_used)]

use dossier::{AuthMechFacts, SourceText, Span, position, read};

const TEXT: &str = "# first line\n[[AuthMech]]\nID = \"A\"\n\n[[AuthMech]]\nID = \"B\"\n\"Authentication Factor\" = \"\"\"\na PIN\"\"\"\n[AuthMech.facts]\nlength = 3\n";

fn sources() -> Vec<SourceText> {
    vec![SourceText { path: "ixit/1-AuthMech.toml".to_owned(), text: TEXT.to_owned() }]
}

fn written(span: Span) -> &'static str {
    &TEXT[span.start as usize..span.end as usize]
}

#[test]
fn an_entry_points_at_its_heading() {
    let (dossier, notes) = read(sources());
    assert!(notes.is_empty(), "{notes:?}");
    let lines: Vec<u32> = dossier
        .entries("AuthMech")
        .iter()
        .map(|entry| {
            assert_eq!(written(entry.span), "[[AuthMech]]");
            position(&dossier.sources, entry.span).line
        })
        .collect();
    assert_eq!(lines, [2, 5]);
}

#[test]
fn a_field_points_at_its_value_and_its_name_at_its_key() {
    let (dossier, _) = read(sources());
    let entry = dossier.entry("AuthMech", "B").unwrap();
    let (name, value) = &entry.fields[1];
    assert_eq!(written(name.span), "\"Authentication Factor\"");
    assert_eq!(written(value.span), "\"\"\"\na PIN\"\"\"");
    let facts: &AuthMechFacts = entry.facts().unwrap();
    assert_eq!(written(facts.length.unwrap().span), "3");
}

#[test]
fn every_text_is_listed_with_its_keys_and_its_place() {
    let found = read(sources()).0.texts;
    let listed: Vec<(String, &str, &str)> =
        found.iter().map(|t| (t.keys.join("."), t.text.value.as_str(), written(t.text.span))).collect();
    assert_eq!(
        listed,
        [
            ("AuthMech.ID".to_owned(), "A", "\"A\""),
            ("AuthMech.ID".to_owned(), "B", "\"B\""),
            ("AuthMech.Authentication Factor".to_owned(), "a PIN", "\"\"\"\na PIN\"\"\""),
        ]
    );
}
