//! A file of the dossier as text: shown with numbered lines and the linter's notes, and saved whole.

use app::edit::lines::{as_in, normal, survives, visible};
use app::edit::{self, EditError, Noted, Opened};
use app::files::{self, FilesError};
use app::now;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use model::Digest;
use report::html::parts::said;
use workflow::people::Permission;

use super::differs::differs;
use super::notes::notes;
use super::{Said, Typed, at, back, framed, opened, text_of, who_saved};
use crate::page;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::Visitor;

/// Lines that are numbered at most; a longer file is shown without.
const NUMBERED: usize = 5000;

fn text<'o>(opened: &'o Opened, path: &str) -> Result<&'o str, Trouble> {
    let found = opened.dossier.sources.iter().find(|source| source.path == path);
    let nothing = || Trouble::nothing(format!("The dossier has no file `{}`.", page::visible(path)));
    found.map(|source| source.text.as_str()).ok_or_else(nothing)
}

fn digest(text: &str) -> String {
    Digest::of(text.as_bytes()).hex()
}

pub(super) async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, path)): Path<(String, String)>,
    Query(said): Query<Said>,
) -> Result<Markup, Trouble> {
    let opened = opened(&site, &product).await?;
    let now = text(&opened, &path)?;
    let may = visitor.may(Permission::EditDossier);
    let inside = html! {
        (said.markup())
        @if may && survives(now) { (editor(&visitor, &product, &path, (now, &digest(now)), ("Text of the file", "Save"))) }
        @else if may { p.soft { "This file has characters that a browser changes on the way. It is edited where it lies." } }
        @else { p.soft { "Your role reads the dossier and does not change it." } }
    };
    Ok(whole(&visitor, &product, &opened, (&path, now), &inside))
}

/// A page about a file: what is at hand, the notes on it, and the file as it is now.
fn whole(visitor: &Visitor, product: &str, opened: &Opened, (path, now): (&str, &str), inside: &Markup) -> Markup {
    let all = opened.notes_on(path);
    let title = page::visible(path);
    let body = html! {
        (back(&[(at(product, ""), "Dossier")]))
        h1 { (title) }
        (inside)
        section aria-labelledby="notes" {
            h2 #notes { "Notes of the linter" }
            @if all.is_empty() { p.soft { "None on this file." } } @else { (notes(&all, Some(""))) }
        }
        (listing(now, &all, !visitor.may(Permission::EditDossier)))
    };
    framed(visitor, product, opened, &title, &body)
}

fn editor(
    visitor: &Visitor,
    product: &str,
    path: &str,
    (text, seen): (&str, &str),
    (label, button): (&str, &str),
) -> Markup {
    visitor.form(
        &text_of(product, path),
        &html! {
            input type="hidden" name="seen" value=(seen);
            div.field {
                // HTML drops a line end right behind the tag.
                label { (label) textarea.mono.file name="text" rows="28" spellcheck="false" { "\n" (text) } }
            }
            div.buttons { button { (button) } }
        },
    )
}

/// The file with numbered lines, and under each the notes on it.
fn listing(text: &str, all: &[Noted], open: bool) -> Markup {
    let lines: Vec<&str> = text.lines().collect();
    html! {
        details.listing open[open] {
            summary { "Line by line, with the notes" }
            @if lines.len() > NUMBERED { pre.text { (visible(text)) } } @else {
                ol.lines {
                    @for (at, line) in lines.iter().enumerate() {
                        li #{ "l" (at + 1) } {
                            span.mono { (visible(line)) }
                            @let here: Vec<Noted> = all.iter().filter(|noted| noted.line == at + 1).cloned().collect();
                            (notes(&here, None))
                        }
                    }
                }
            }
        }
    }
}

pub(super) async fn save(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, path)): Path<(String, String)>,
    axum::Form(typed): axum::Form<Typed>,
) -> Result<Response, Trouble> {
    let opened = opened(&site, &product).await?;
    let get = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let (new, seen) = (get("text"), get("seen"));
    let before = text(&opened, &path)?;
    let to = |saved: usize| page::see(&format!("{}?saved={saved}", text_of(&product, &path)));
    if normal(&new) == normal(before) {
        return Ok(to(0));
    }
    if digest(before) != seen {
        let who = who_saved(&site, &product, &path, before).await?;
        return Ok(conflict(&visitor, &product, &opened, (&path, &who), before, &new));
    }
    let after = as_in(before, &new);
    let (folder, file, by) = (page::folder(&site, &product)?, path.clone(), visitor.name.clone());
    let (sent, given) = (after.clone(), seen.clone());
    let saved = site.run(move |_| Ok(files::save(&folder, &file, (&given, &sent), &by, now()))).await?;
    let error = match saved {
        Ok(_) => return Ok(to(1)),
        Err(FilesError::Changed { now, .. }) => {
            let who = who_saved(&site, &product, &path, &now).await?;
            return Ok(conflict(&visitor, &product, &opened, (&path, &who), &now, &new));
        }
        Err(error) => error,
    };
    let (syntax, trouble) = (edit::syntax(&path, &after), Trouble::from(error));
    let inside = html! {
        section.card.trouble aria-labelledby="trouble" {
            h2 #trouble { "Not saved" }
            @match &syntax {
                Some(EditError::Syntax { line, why, .. }) => {
                    p { "It is no TOML: line " (line) ", " (said(&visible(why))) "." }
                    p.quoted.mono { span.at { (line) } (visible(after.lines().nth(line - 1).unwrap_or_default())) }
                }
                _ => {
                    p { (trouble.what) }
                    @if !trouble.hint.is_empty() { p.soft { (said(&trouble.hint)) } }
                }
            }
            p { "The file is as it was. What you typed is below." }
        }
        (editor(&visitor, &product, &path, (&normal(&new), &seen), ("What you typed", "Save")))
    };
    let page = whole(&visitor, &product, &opened, (&path, before), &inside);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// Both texts, and the choice between them.
fn conflict(
    visitor: &Visitor,
    product: &str,
    opened: &Opened,
    (path, who): (&str, &Markup),
    now: &str,
    mine: &str,
) -> Response {
    let mine = normal(mine);
    let inside = html! {
        section.card.trouble aria-labelledby="trouble" {
            h2 #trouble { "Changed meanwhile" }
            p { (who) " That was after you opened it; nothing of yours was written." }
            p { "Below is what differs, and then your text. Bring both together there and save it, or take theirs." }
            p { a href=(text_of(product, path)) { "Take theirs: open the file as it is now" } }
        }
        (differs(&normal(now), &mine, ("the file as it is now", "your text")))
        (editor(visitor, product, path, (&mine, &digest(now)), ("Your text", "Save my text over theirs")))
    };
    (StatusCode::CONFLICT, whole(visitor, product, opened, (path, now), &inside)).into_response()
}
