//! The full report as one HTML file: no script, no request, readable on paper, on a telephone and by a screen reader.
//!
//! Every text is escaped by the template and was made visible before; nothing is written unescaped but the style
//! sheet and the shapes, which are constants.

mod evidence;
pub mod findings;
pub mod matrix;
pub mod parts;
pub mod provisions;
mod title;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::Presentation;
use crate::presentation::Visible;
use crate::words;
use parts::{Anchors, SHAPES};
pub(crate) use parts::{badge, chip, place, prose, said};

/// The style sheet of every page.
pub const STYLE: &str = include_str!("html/style.css");

/// Nothing may be loaded and nothing may run, whatever a text tries.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'";

/// The report.
pub fn html(told: &Presentation) -> String {
    let told = told.visible();
    let anchors = Anchors::of(&told);
    let name = words::or_unsaid(&told.head.product);
    let body = html! {
        a.skip href="#verdict" { "Skip to the verdict" }
        (PreEscaped(SHAPES))
        div.page {
            (title::title(&told))
            (contents(&told))
            main {
                (matrix::matrix(&told, "#p-"))
                (findings::findings(&told, &anchors))
                (findings::gaps(&told, &anchors))
                (evidence::looked(&told, &anchors))
                (evidence::unmet(&told, &anchors))
                (evidence::access(&told))
                (evidence::traffic(&told, &anchors))
                (provisions::provisions(&told, &anchors))
                (evidence::records(&told))
                (evidence::reviews(&told))
                (evidence::glossary())
            }
            (foot(&told))
        }
    };
    let title = format!("Assessment of {name}, release {}", words::or_unsaid(&told.head.release));
    document(&title, &told.head.tool, &body)
}

/// Another text than the report, in the same manner.
pub(crate) struct Page<'a> {
    /// Its name.
    pub(crate) title: &'a str,
    /// The program that writes it.
    pub(crate) tool: &'a str,
    /// Everything under the title.
    pub(crate) body: Markup,
}

/// The page as one HTML file.
pub(crate) fn page(page: Page<'_>) -> String {
    let body = html! {
        a.skip href="#content" { "Skip to the content" }
        (PreEscaped(SHAPES))
        div.page {
            header { h1 { (page.title) } }
            main #content { (page.body) }
            footer {
                p { (words::COPYRIGHT) }
                p { "Written by " (page.tool) "." }
            }
        }
    };
    document(page.title, page.tool, &body)
}

fn document(title: &str, tool: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="generator" content=(tool);
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    };
    page.into_string()
}

fn contents(told: &Visible) -> Markup {
    html! {
        nav.contents aria-labelledby="contents" {
            h2 #contents { "In this report" }
            ul {
                li { a href="#verdict" { "Verdict" } }
                li { a href="#matrix" { "Provisions by clause" } }
                li { a href="#findings" { "Findings (" (told.findings.len()) ")" } }
                li { a href="#gaps" { "Next steps (" (told.gaps.len()) ")" } }
                li { a href="#looked" { "What was looked at" } }
                @if !told.unmet.is_empty() {
                    li { a href="#unmet" { "Declared and never met (" (told.unmet.len()) ")" } }
                }
                @if !told.access.is_empty() {
                    li { a href="#access" { "Access (" (told.access.len()) ")" } }
                }
                @if !told.traffic.is_empty() {
                    li { a href="#traffic" { "Traffic (" (told.traffic.len()) ")" } }
                }
                li { a href="#provisions" { "Provision by provision" } }
                li { a href="#evidence" { "Evidence (" (told.records.len()) ")" } }
                li { a href="#reviews" { "Reviews (" (told.reviews.len()) ")" } }
                li { a href="#words" { "Words" } }
            }
        }
    }
}

fn foot(told: &Visible) -> Markup {
    html! {
        footer {
            p { "Assessed against " (told.head.edition.citation()) "." }
            ul {
                @for document in [&told.head.requirements, &told.head.tests] {
                    li {
                        (document.id) " " (document.version) " (" (document.published) "), " cite { (document.title) }
                        ": " span.mono { (document.url) }
                    }
                }
            }
            p { (words::COPYRIGHT) }
            p {
                "Written by " (told.head.tool) " with rule set " (told.head.ruleset)
                ". A verdict can be derived again from the edition, the dossier, the records and the rule set."
            }
        }
    }
}
