//! The linter's notes on a page: the same sentences as `assay check` has.

use app::edit::Noted;
use dossier::Severity;
use maud::{Markup, html};
use report::html::parts::said;

use app::edit::lines::visible;

/// How heavy a note is, as the class of its chip.
fn class(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "fail",
        Severity::Warning => "inconclusive",
        Severity::Advice => "open",
    }
}

/// How many notes there are of each weight.
pub(super) fn counts(weights: &[usize; 3]) -> Markup {
    let words = [("error", "errors"), ("warning", "warnings"), ("advice", "advice")];
    let classes = ["fail", "inconclusive", "open"];
    html! {
        @if weights.iter().sum::<usize>() == 0 { span.soft { "none" } } @else {
            span.row {
                @for (at, number) in weights.iter().enumerate().filter(|(_, number)| **number > 0) {
                    span.chip.(classes[at]) { (number) " " (if *number == 1 { words[at].0 } else { words[at].1 }) }
                }
            }
        }
    }
}

/// Notes, each with its line where `text` leads there.
pub(super) fn notes(all: &[Noted], text: Option<&str>) -> Markup {
    html! {
        @if !all.is_empty() {
            ul.lint { @for noted in all { li.(class(noted.note.severity)) { (note(noted, text)) } } }
        }
    }
}

fn note(noted: &Noted, text: Option<&str>) -> Markup {
    let note = &noted.note;
    let label = note.labels.first().map_or("", |(_, label)| label.as_str());
    html! {
        p {
            strong { (note.severity) } " " (said(&visible(&note.message)))
            @if !label.is_empty() { span.soft { ": " (said(&visible(label))) } }
        }
        @for consequence in &note.consequences { p.small { (said(&visible(consequence))) } }
        @if let Some(hint) = &note.hint { p.small { "→ " (said(&visible(hint))) } }
        p.small.soft {
            code { (note.code) } ", "
            @match text {
                Some(text) => a href={ (text) "#l" (noted.line) } { "line " (noted.line) },
                None => { "line " (noted.line) }
            }
        }
    }
}
