//! The table of codes: complete, unique, and the same as the reference page.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use engine::lint::{CODES, page};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for one in fs::read_dir(folder).unwrap() {
        let path = one.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The codes that the sources of a folder emit: the first argument of every note.
fn emitted(folder: &str) -> BTreeSet<String> {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    let mut codes = BTreeSet::new();
    for path in found {
        let text = fs::read_to_string(path).unwrap();
        for start in ["note(", "Note::new("] {
            for (at, _) in text.match_indices(start) {
                let rest = text[at + start.len()..].trim_start();
                if let Some(code) = rest.strip_prefix('"').and_then(|r| r.split_once('"')) {
                    codes.insert(code.0.to_owned());
                }
            }
        }
    }
    codes
}

#[test]
fn every_code_that_the_sources_emit_is_listed() {
    let listed: BTreeSet<String> = CODES.iter().map(|c| c.name.to_owned()).collect();
    let emitted: BTreeSet<String> = emitted("src/lint").into_iter().chain(emitted("../dossier/src")).collect();
    let unlisted: Vec<&String> = emitted.difference(&listed).collect();
    assert!(unlisted.is_empty(), "emitted and not listed: {unlisted:?}");
    // Three codes reach the note through a variable or a parameter.
    let through: BTreeSet<String> =
        ["missing-file", "no-controls", "unknown-feature", "unknown-condition"].map(str::to_owned).into();
    let silent: Vec<&String> = listed.difference(&emitted).filter(|c| !through.contains(*c)).collect();
    assert!(silent.is_empty(), "listed and emitted nowhere: {silent:?}");
}

#[test]
fn codes_are_unique_and_in_kebab_case() {
    let mut seen = BTreeSet::new();
    for code in CODES {
        assert!(seen.insert(code.name), "{} is listed twice", code.name);
        let kebab = code.name.split('-').all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase()));
        assert!(kebab, "{}", code.name);
        assert!(code.meaning.ends_with('.') && code.meaning.len() < 110, "{}", code.name);
    }
}

#[test]
fn the_reference_page_is_generated_from_the_table() {
    expect_test::expect_file!["../../../../docs/reference/notes.md"].assert_eq(&page());
}
