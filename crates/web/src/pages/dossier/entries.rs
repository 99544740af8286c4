//! The entries of an IXIT table: listed, added, and removed after they were shown once more.

use app::edit::{self, Noted, Subject, lines};
use app::now;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use maud::{Markup, html};
use workflow::people::Permission;

use super::notes::{counts, notes};
use super::{Said, Typed, at, back, form_of, framed, kept, opened, text_of};
use crate::page;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::Visitor;

fn not_there(error: app::edit::EditError) -> Trouble {
    super::forms::trouble(edit::Refused { form: None, why: edit::Why::Edit(error) })
}

pub(super) async fn table(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, name)): Path<(String, String)>,
    Query(said): Query<Said>,
) -> Result<Markup, Trouble> {
    let opened = opened(&site, &product).await?;
    let row = opened.table(&name).map_err(not_there)?;
    let table = row.table;
    let entry = |id: &str| form_of(&product, &Subject::Entry { table: table.name.clone(), id: id.to_owned() });
    if !table.repeating {
        let subject = Subject::Set(table.name.clone());
        return super::forms::show(&site, &visitor, &product, &subject, &said).await;
    }
    let title = format!("{} {}", table.id, table.title);
    let is_there = opened.dossier.sources.iter().any(|source| source.path == row.path);
    let body = html! {
        (back(&[(at(&product, ""), "Dossier")]))
        h1 { (title) }
        p.lead { (table.summary) }
        @if row.entries.is_empty() { p { "No entry is declared." } } @else {
            table.stack {
                thead { tr { th scope="col" { "Entry" } th scope="col" { "What it is" } th scope="col" { "Notes" } } }
                tbody {
                    @for one in &row.entries {
                        tr {
                            th scope="row" { a href=(entry(&one.id)) { (page::visible(&one.id)) } }
                            td data-th="What it is" { (page::visible(&one.about)) }
                            td data-th="Notes" { (counts(&one.notes)) }
                        }
                    }
                }
            }
        }
        @if is_there { p { a href=(text_of(&product, &row.path)) { (page::visible(&row.path)) " as text" } } }
        @if visitor.may(Permission::EditDossier) {
            section.card aria-labelledby="add" {
                h2 #add { "Another entry" }
                (visitor.form(&at(&product, &format!("/ixit/{}/add", page::encoded(&table.name))), &html! {
                    div.field {
                        label { "ID" input type="text" name="id" required autocomplete="off" aria-describedby="id-help"; }
                        p.help #id-help {
                            "Unique in the table; by it other entries refer to this one."
                            @if !table.entry_prefix.is_empty() { " Usually it begins with " code { (table.entry_prefix) "-" } "." }
                        }
                    }
                    button { "Add it" }
                }))
            }
        }
    };
    Ok(framed(&visitor, &product, &opened, &title, &body))
}

pub(super) async fn add(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, table)): Path<(String, String)>,
    axum::Form(typed): axum::Form<Typed>,
) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let id = typed.get("id").map(|id| id.trim().to_owned()).unwrap_or_default();
    let (name, new) = (table.clone(), id.clone());
    let added = site.run(move |_| Ok(edit::add(&folder, &name, &new, &visitor.name, now()))).await?;
    added.map_err(|refused| Trouble { more: Some(kept(&typed)), ..super::forms::trouble(refused) })?;
    let table = opened(&site, &product).await?.table(&table).map_err(not_there)?.table.name.clone();
    Ok(page::see(&form_of(&product, &Subject::Entry { table, id })))
}

pub(super) async fn ask(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, table, id)): Path<(String, String, String)>,
) -> Result<Markup, Trouble> {
    let opened = opened(&site, &product).await?;
    let (path, text) = opened.entry_text(&table, &id).map_err(not_there)?;
    let mark = edit::entry_mark(&opened, &table, &id).map_err(not_there)?;
    let then = edit::without(&opened, &table, &id, now()).map_err(not_there)?;
    let here = form_of(&product, &Subject::Entry { table, id: id.clone() });
    let title = format!("Remove {}", page::visible(&id));
    let body = html! {
        (back(&[(at(&product, ""), "Dossier"), (here.clone(), "The entry")]))
        h1 { (title) }
        section aria-labelledby="then" {
            h2 #then { "What the linter would say" }
            @if then.is_empty() { p.soft { "Nothing that it does not say now: nothing refers to it." } } @else {
                p { "Beyond what it says now." }
                (notes_then(&product, &path, &then))
            }
        }
        section aria-labelledby="goes" {
            h2 #goes { "What goes" }
            p { "This is taken out of " span.mono { (page::visible(&path)) } "." }
            pre.quoted { (lines::visible(&text)) }
        }
        (visitor.form(&format!("{here}/remove"), &html! {
            input type="hidden" name="mark" value=(mark);
            div.buttons { button { "Remove it" } a.button.quiet href=(here) { "Keep it" } }
        }))
    };
    Ok(framed(&visitor, &product, &opened, &title, &body))
}

/// Notes by the files that they are on. The lines of the file that changes are those after that, and lead nowhere.
fn notes_then(product: &str, changes: &str, then: &[Noted]) -> Markup {
    html! {
        @for on in then.chunk_by(|a, b| a.path == b.path) {
            @let (path, text) = (&on[0].path, text_of(product, &on[0].path));
            h3 { a.mono href=(text) { (page::visible(path)) } }
            (notes(on, Some(text.as_str()).filter(|_| path != changes)))
        }
    }
}

pub(super) async fn remove(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, table, id)): Path<(String, String, String)>,
    axum::Form(typed): axum::Form<Typed>,
) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let to = at(&product, &format!("/ixit/{}", page::encoded(&table)));
    let mark = typed.get("mark").cloned().unwrap_or_default();
    site.run(move |_| {
        edit::remove(&folder, (&table, &id), &mark, &visitor.name, now()).map_err(super::forms::trouble)
    })
    .await?;
    Ok(page::see(&to))
}
