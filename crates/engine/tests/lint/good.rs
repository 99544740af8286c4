//! A small dossier without a note, and ways to break it.

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
        "controls.toml",
        "bench.toml",
        "ixit/1-AuthMech.toml",
        "ixit/2-UserInfo.toml",
        "ixit/3-8-maintenance.toml",
        "ixit/10-14-security.toml",
        "ixit/15-20-platform.toml",
        "ixit/21-29-data.toml",
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
