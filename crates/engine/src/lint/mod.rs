//! The linter's semantic half: what in a dossier disagrees with the standard's catalogue, with itself, or is missing.
//!
//! It judges no product: a declaration may be free of notes and still fail every test.

mod answers;
mod bench;
mod bench_traffic;
mod carry;
mod checkpoints;
mod claims;
mod codes;
mod contradictions;
mod controls;
mod due;
mod features;
mod fields;
mod forms;
mod look;
mod people;
mod placeholders;
mod product;
mod reading;
mod references;
mod seconds;
mod task_days;
mod unused;

pub use codes::{CODES, Code, page};

use dossier::{Dossier, Note, Severity, SourceText, Span};
use model::Timestamp;

use look::Look;

/// Every semantic note on a dossier, ordered by file, position and code.
pub fn lint(dossier: &Dossier) -> Vec<Note> {
    let look = Look::new(dossier);
    let mut notes = Vec::new();
    for family in [
        product::check,
        answers::check,
        features::check,
        fields::check,
        reading::check,
        references::check,
        unused::check,
        placeholders::check,
        forms::check,
        contradictions::check,
        controls::check,
        people::check,
        carry::check,
        task_days::check,
        seconds::check,
        checkpoints::check,
        bench::check,
        bench_traffic::check,
    ] {
        family(&look, &mut notes);
    }
    sort(&mut notes);
    notes
}

/// What typed facts show about features and conditions that are not declared: name, value and what shows it.
pub(crate) fn shown(dossier: &Dossier) -> Vec<(String, bool, String)> {
    features::shown(&Look::new(dossier))
}

/// Reads a dossier and says everything that is to be said about its text: notes of reading and of meaning, ordered.
///
/// What is merely absent is not told where reading already failed, so that one slip gives one note.
pub fn check(sources: Vec<SourceText>) -> (Dossier, Vec<Note>) {
    let (dossier, mut notes) = dossier::read(sources);
    let broken = notes.iter().any(|n| n.code == "not-toml");
    let failed: Vec<Span> =
        notes.iter().filter(|n| n.severity == Severity::Error).filter_map(|n| Some(n.labels.first()?.0)).collect();
    let meant = lint(&dossier).into_iter().filter(|note| {
        let absence = codes::code(note.code).is_some_and(|c| c.absence);
        !absence || !(broken || note.labels.first().is_some_and(|(at, _)| in_section(&dossier, *at, &failed)))
    });
    notes.extend(meant);
    sort(&mut notes);
    (dossier, notes)
}

/// The notes on a dossier with those that only a moment gives: dates that are past by then.
pub fn check_at(sources: Vec<SourceText>, at: Timestamp) -> (Dossier, Vec<Note>) {
    let (dossier, mut notes) = check(sources);
    due::check(&dossier, at, &mut notes);
    sort(&mut notes);
    (dossier, notes)
}

/// Whether one of the places lies in the same section as `at`: up to the next heading.
fn in_section(dossier: &Dossier, at: Span, places: &[Span]) -> bool {
    let Some(source) = dossier.sources.get(usize::from(at.file)) else { return false };
    let rest = source.text.get(at.start as usize..).unwrap_or_default();
    let end = rest.find("\n[").map_or(u32::MAX, |n| at.start.saturating_add(u32::try_from(n).unwrap_or(u32::MAX)));
    places.iter().any(|p| p.file == at.file && (at.start..end).contains(&p.start))
}

fn sort(notes: &mut Vec<Note>) {
    notes.sort_by(|a, b| {
        let place = |n: &Note| n.labels.first().map(|(span, _)| *span);
        (place(a), a.code, &a.message).cmp(&(place(b), b.code, &b.message))
    });
    notes.dedup();
}

/// A note whose weight stands in the table of codes.
fn note(code: &'static str, at: Span, message: impl Into<String>, label: impl Into<String>) -> Note {
    let severity = codes::code(code).map_or(Severity::Warning, |c| c.severity);
    Note::new(code, severity, message, at, label)
}
