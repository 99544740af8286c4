//! A small dossier without a note, and ways to break it.

use std::path::{Path, PathBuf};

use dossier::{Note, SourceText, position};
use engine::lint::check;

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        vec![$(SourceText {
            path: $path.to_owned(),
            text: include_str!(concat!("../good/", $path)).to_owned(),
        }),*]
    };
}

/// The good dossier.
pub(crate) fn sources() -> Vec<SourceText> {
    files![
        "assay.toml",
        "ics.toml",
        "bench.toml",
        "ixit/1-AuthMech.toml",
        "ixit/2-UserInfo.toml",
        "ixit/3-8-maintenance.toml",
        "ixit/10-14-security.toml",
        "ixit/15-20-platform.toml",
        "ixit/21-29-data.toml",
        "controls.toml",
    ]
}

/// The good dossier with one place of one file written otherwise; the place has to be there.
pub(crate) fn with(path: &str, from: &str, to: &str) -> Vec<SourceText> {
    let mut sources = sources();
    let source = sources.iter_mut().find(|s| s.path == path || s.path.ends_with(path)).unwrap();
    assert!(source.text.contains(from), "{path} has no `{from}`");
    source.text = source.text.replacen(from, to, 1);
    sources
}

/// A note as one line: place, code, severity and sentence.
pub(crate) fn line(sources: &[SourceText], note: &Note) -> String {
    let at = position(sources, note.labels[0].0);
    format!("{at} {} {}: {} ({})", note.severity, note.code, note.message, note.labels[0].1)
}

/// Every note on these files, one line each.
pub(crate) fn told(sources: Vec<SourceText>) -> Vec<String> {
    let (dossier, notes) = check(sources);
    notes.iter().map(|n| line(&dossier.sources, n)).collect()
}

#[test]
fn a_good_dossier_has_no_note() {
    assert_eq!(told(sources()), Vec::<String>::new());
}

/// The files of the demonstration product's dossier.
pub(crate) fn sample() -> Vec<SourceText> {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/smart-plug");
    let mut paths: Vec<PathBuf> =
        ["assay.toml", "ics.toml", "controls.toml", "bench.toml"].map(PathBuf::from).into();
    for file in std::fs::read_dir(base.join("ixit")).unwrap() {
        paths.push(Path::new("ixit").join(file.unwrap().file_name()));
    }
    paths.sort();
    let read = |path: PathBuf| SourceText {
        text: std::fs::read_to_string(base.join(&path)).unwrap(),
        path: path.to_str().unwrap().to_owned(),
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn the_dossier_of_the_demonstration_product_has_no_error_and_no_warning() {
    let (dossier, notes) = check(sample());
    let heavy = notes.iter().filter(|n| n.severity != dossier::Severity::Advice);
    assert_eq!(heavy.map(|n| line(&dossier.sources, n)).collect::<Vec<_>>(), Vec::<String>::new());
    assert!(dossier.tables.len() > 20 && dossier.ics.rows.len() == 78);
}

#[test]
fn notes_come_in_the_order_of_the_files_and_always_the_same() {
    let broken = || {
        let mut sources = with("ics.toml", "aa = false", "ab = false");
        for source in &mut sources {
            source.text = source.text.replace("LogIntf-Web", "LogIntf-Wob").replace("true", "false");
        }
        sources
    };
    let (_, notes) = check(broken());
    assert!(notes.len() > 30, "{}", notes.len());
    assert!(notes.is_sorted_by_key(|n| (n.labels[0].0, n.code)));
    assert_eq!(check(broken()).1, notes);
}
