//! The files of the dossier: what each is, what the linter says of it, and where it is edited.

use app::edit::{self, FileRow, Holds, Missing, Subject};
use app::now;
use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use workflow::people::Permission;

use super::notes::counts;
use super::{Typed, at, form_of, framed, opened, text_of};
use crate::page;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::Visitor;

pub(super) async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
) -> Result<Markup, Trouble> {
    let opened = opened(&site, &product).await?;
    let (rows, missing) = (opened.files(), opened.missing());
    let total = rows.iter().fold([0; 3], |sum, row| [0, 1, 2].map(|n| sum[n] + row.notes[n]));
    let body = html! {
        h1 { "Dossier" }
        p.lead { "What is declared about the product, file by file, with the linter's notes." }
        p.row { span { "Notes on all of it: " } (counts(&total)) }
        table.stack.files {
            thead {
                tr {
                    th scope="col" { "File" }
                    th scope="col" { "What it is" }
                    th scope="col" { "Size" }
                    th scope="col" { "Notes" }
                    th scope="col" { "Edit as" }
                }
            }
            tbody { @for row in &rows { (file(&product, row)) } }
        }
        @if !missing.is_empty() { (could_be(&visitor, &product, &missing)) }
    };
    Ok(framed(&visitor, &product, &opened, "Dossier", &body))
}

fn file(product: &str, row: &FileRow) -> Markup {
    let text = text_of(product, &row.path);
    html! {
        tr {
            th scope="row" { a.mono href=(text) { (page::visible(&row.path)) } }
            td data-th="What it is" { (what(product, &row.holds)) }
            td.size data-th="Size" { (size(row.size)) }
            td data-th="Notes" { (counts(&row.notes)) }
            td data-th="Edit as" {
                span.row {
                    @for (to, name) in forms(product, &row.holds) { a href=(to) { (name) } }
                    a href=(text) aria-label={ "text of " (page::visible(&row.path)) } { "text" }
                }
            }
        }
    }
}

fn what(product: &str, holds: &Holds) -> Markup {
    html! {
        @match holds {
            Holds::Product => "The product: releases, services, people, policy, checkpoints",
            Holds::Answers => "Features, conditions, and the answer to each provision (ICS)",
            Holds::Controls => "The control behind each provision",
            Holds::Bench => "The laboratory: what may be measured, and from where",
            Holds::CryptoPolicy => "A cryptography policy in the place of the one built in",
            Holds::Unknown => "Nothing that a dossier has",
            Holds::Tables(tables) => {
                @if tables.is_empty() { "No table of this edition" }
                @for (table, entries) in tables {
                    div {
                        a href=(at(product, &format!("/ixit/{}", table.name))) { (table.id) } ", " (table.title)
                        @if table.repeating { span.soft { ": " (entries) @if *entries == 1 { " entry" } @else { " entries" } } }
                    }
                }
            }
        }
    }
}

/// The forms of a file, with the name of each.
fn forms(product: &str, holds: &Holds) -> Vec<(String, &'static str)> {
    match holds {
        Holds::Product => vec![
            (form_of(product, &Subject::Product), "product"),
            (form_of(product, &Subject::People), "people"),
            (form_of(product, &Subject::Services), "services"),
        ],
        Holds::Answers => {
            vec![(form_of(product, &Subject::Features), "features"), (at(product, "/ics"), "answers")]
        }
        Holds::Controls => vec![(at(product, "/controls"), "form")],
        _ => Vec::new(),
    }
}

fn size(bytes: usize) -> String {
    if bytes < 1024 { format!("{bytes} B") } else { format!("{:.1} KiB", bytes as f64 / 1024.0) }
}

fn could_be(visitor: &Visitor, product: &str, missing: &[Missing]) -> Markup {
    html! {
        section aria-labelledby="missing" {
            h2 #missing { "Not there yet" }
            p.soft { "Files that the dossier could have. A file that is begun says nothing: each line in it is a comment to fill in." }
            ul.holds {
                @for one in missing {
                    li {
                        p {
                            span.mono { (one.path) }
                            @if let Some(table) = one.table { ": " (table.title) }
                        }
                        @if !one.provisions.is_empty() { p.small.soft { "Read by the tests of " (one.provisions.join(", ")) "." } }
                        @if visitor.may(Permission::EditDossier) {
                            (visitor.form(&at(product, "/begin"), &html! {
                                input type="hidden" name="path" value=(one.path);
                                button.quiet aria-label={ "Begin " (one.path) } { "Begin it" }
                            }))
                        }
                    }
                }
            }
        }
    }
}

pub(super) async fn begin(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    axum::Form(typed): axum::Form<Typed>,
) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let path = typed.get("path").cloned().unwrap_or_default();
    let begun = path.clone();
    site.run(move |_| edit::begin(&folder, &begun, &visitor.name, now()).map_err(super::forms::trouble)).await?;
    Ok(page::see(&text_of(&product, &path)))
}
