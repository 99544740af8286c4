//! The answers as one HTML file, in the manner of the report: no script, no request, escaped throughout.

use maud::{Markup, html as markup};

use super::markdown::MANNER;
use super::{Answers, Asked, Cite, Question, Said};
use crate::html::{Page, badge, chip, page, said as sentence};
use crate::presentation::Visible;
use crate::words;

/// The answers.
pub fn html(told: &Answers) -> String {
    let told = told.visible();
    let title =
        format!("Answers about {}, release {}", words::or_unsaid(&told.product), words::or_unsaid(&told.release));
    page(Page { title: &title, tool: &told.tool, body: fragment(&told) })
}

/// The answers as part of a page.
pub fn body(told: &Answers) -> Markup {
    fragment(&told.visible())
}

fn fragment(told: &Visible<Answers>) -> Markup {
    markup! {
        p.lead { (told.edition.citation()) ", for " time { (told.at) } ". " (told.counted()) "." }
        p.lead { (MANNER) }
        @for clause in &told.clauses {
            section.apart {
                h2 { (clause.id) " " (clause.title) }
                @for one in &clause.provisions { (asked(one)) }
            }
        }
        (records(told))
    }
}

fn asked(asked: &Asked) -> Markup {
    markup! {
        section.provision id={ "p-" (asked.id) } {
            h3 { (asked.id) (badge(asked.mandatory)) " " (chip(asked.outcome)) }
            div.inside {
                p.soft { (asked.summary) }
                @for one in &asked.questions { (question(one)) }
            }
        }
    }
}

fn question(question: &Question) -> Markup {
    markup! {
        div.case id=(question.id) {
            h4 { (question.ask) }
            p.small.soft { (question.audience.as_str()) " · " strong { (question.state.as_str()) } " · " (question.id) }
            @for one in &question.said { (said(one)) }
            @for open in &question.open {
                div.step { div {
                    strong { "Open: " } (sentence(&open.missing))
                    @if let Some(next) = &open.next {
                        ". Next: " (sentence(&next.text)) @if let Some(command) = &next.command { " " code { (command) } }
                    }
                } }
            }
        }
    }
}

fn said(said: &Said) -> Markup {
    markup! {
        p.sub { (said.what) }
        p.prose { (said.text.0.trim()) }
        ul.small.soft { @for cite in &said.cites { li { (source(cite)) } } }
    }
}

fn source(cite: &Cite) -> Markup {
    markup! {
        @match cite.record {
            Some(record) if cite.place.is_none() => a href={ "#record-" (record) } { (cite.words()) },
            _ => (cite.words()),
        }
    }
}

fn records(told: &Answers) -> Markup {
    let cited = told.records();
    markup! {
        @if !cited.is_empty() {
            section.apart {
                h2 { "Records cited" }
                table.stack {
                    thead { tr {
                        th scope="col" { "Record" } th scope="col" { "Source" } th scope="col" { "By, when" }
                        th scope="col" { "Digest" }
                    } }
                    tbody { @for cite in &cited {
                        @if let (Some(record), Some(digest)) = (cite.record, cite.digest) {
                            tr id={ "record-" (record) } {
                                th scope="row" { (record) }
                                td { (cite.source.as_str()) }
                                td { (cite.by) @if let Some(when) = cite.when { ", " time { (when) } } }
                                td.mono { (digest) }
                            }
                        }
                    } }
                }
            }
        }
    }
}
