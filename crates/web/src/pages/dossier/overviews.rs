//! The answers by clause, and the controls by provision: what is filled in, and where.

use app::edit::{ControlRow, Subject};
use axum::extract::{Path, State};
use maud::{Markup, html};
use report::html::parts::badge;

use super::notes::{counts, notes};
use super::{at, back, form_of, framed, opened, text_of};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::Visitor;

pub(super) async fn ics(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
) -> Result<Markup, Trouble> {
    let opened = opened(&site, &product).await?;
    let text = text_of(&product, "ics.toml");
    let top: Vec<_> = opened.notes_on("ics.toml").into_iter().filter(|noted| noted.line == 1).collect();
    let body = html! {
        (back(&[(at(&product, ""), "Dossier")]))
        h1 { "Answers (ICS)" }
        p.lead { "Which features the product has and which conditions hold, and the answer to each provision. Whether a provision applies follows from the first." }
        (notes(&top, Some(&text)))
        p.row {
            a.button href=(form_of(&product, &Subject::Features)) { "Features and conditions" }
            a href=(text) { "ics.toml as text" }
        }
        table.stack {
            thead { tr { th scope="col" { "Clause" } th scope="col" { "Answered" } th scope="col" { "Notes" } } }
            tbody {
                @for clause in opened.clauses() {
                    tr {
                        th scope="row" {
                            a href=(form_of(&product, &Subject::Clause(clause.id.clone()))) { (clause.id) " " (clause.title) }
                        }
                        td data-th="Answered" { (clause.answered) " of " (clause.provisions) }
                        td data-th="Notes" { (counts(&clause.notes)) }
                    }
                }
            }
        }
    };
    Ok(framed(&visitor, &product, &opened, "Answers (ICS)", &body))
}

pub(super) async fn controls(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
) -> Result<Markup, Trouble> {
    let opened = opened(&site, &product).await?;
    let rows = opened.controls();
    let text = text_of(&product, "controls.toml");
    let body = html! {
        (back(&[(at(&product, ""), "Dossier")]))
        h1 { "Declared controls" }
        p.lead { "Per provision what was decided, how it is implemented, how it is tested, and what shows it." }
        p { a href=(text) { "controls.toml as text" } }
        @for clause in &opened.catalogue().clauses {
            section aria-labelledby={ "c-" (clause.id) } {
                h2 #{ "c-" (clause.id) } { (clause.id) " " (clause.title) }
                table.stack {
                    thead {
                        tr {
                            th scope="col" { "Provision" }
                            th scope="col" { "Answer" }
                            th scope="col" { "Control" }
                            th scope="col" { "Notes" }
                        }
                    }
                    tbody { @for row in rows.iter().filter(|row| row.clause == clause.id) { (control(&product, row)) } }
                }
            }
        }
    };
    Ok(framed(&visitor, &product, &opened, "Declared controls", &body))
}

fn control(product: &str, row: &ControlRow) -> Markup {
    html! {
        tr {
            th scope="row" {
                span.row {
                    a href=(form_of(product, &Subject::Control(row.provision.clone()))) { (row.provision) }
                    (badge(row.mandatory))
                }
                div.small.soft { (row.summary) }
            }
            td data-th="Answer" { (if row.answer.is_empty() { "–" } else { &row.answer }) }
            td data-th="Control" { (if row.designed { "described" } else { "–" }) }
            td data-th="Notes" { (counts(&row.notes)) }
        }
    }
}
