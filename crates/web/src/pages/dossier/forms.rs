//! The forms: features, the answers to a clause, a control, an entry of an IXIT table.

use std::collections::BTreeSet;

use app::edit::{self, Form, Opened, Refused, Subject, Why};
use app::now;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get, post};
use maud::{Markup, html};
use report::html::parts::said;
use workflow::people::Permission;

use super::fields::{facts, groups};
use super::{Said, Typed, at, back, form_of, framed, kept, opened, text_of, who_saved};
use crate::page;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::Visitor;

type Sent = axum::Form<Typed>;
type Shown = Result<Markup, Trouble>;
type Saved = Result<Response, Trouble>;

/// Shows the form of a subject that a product has one of.
pub(super) fn shows(subject: Subject) -> MethodRouter<Site> {
    get(
        async move |State(site): State<Site>,
                    visitor: Visitor,
                    Path(product): Path<String>,
                    Query(said): Query<Said>| { show(&site, &visitor, &product, &subject, &said).await },
    )
}

/// Saves the form of a subject that a product has one of.
pub(super) fn saves(subject: Subject) -> MethodRouter<Site> {
    post(
        async move |State(site): State<Site>,
                    visitor: Visitor,
                    Path(product): Path<String>,
                    axum::Form(typed): Sent| { save(&site, &visitor, &product, subject, typed).await },
    )
}

pub(super) async fn clause(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, clause)): Path<(String, String)>,
    Query(said): Query<Said>,
) -> Shown {
    show(&site, &visitor, &product, &Subject::Clause(clause), &said).await
}

pub(super) async fn save_clause(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, clause)): Path<(String, String)>,
    axum::Form(typed): Sent,
) -> Saved {
    save(&site, &visitor, &product, Subject::Clause(clause), typed).await
}

pub(super) async fn control(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, provision)): Path<(String, String)>,
    Query(said): Query<Said>,
) -> Shown {
    show(&site, &visitor, &product, &Subject::Control(provision), &said).await
}

pub(super) async fn save_control(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, provision)): Path<(String, String)>,
    axum::Form(typed): Sent,
) -> Saved {
    save(&site, &visitor, &product, Subject::Control(provision), typed).await
}

pub(super) async fn save_set(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, table)): Path<(String, String)>,
    axum::Form(typed): Sent,
) -> Saved {
    save(&site, &visitor, &product, Subject::Set(table), typed).await
}

pub(super) async fn entry(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, table, id)): Path<(String, String, String)>,
    Query(said): Query<Said>,
) -> Shown {
    show(&site, &visitor, &product, &Subject::Entry { table, id }, &said).await
}

pub(super) async fn save_entry(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, table, id)): Path<(String, String, String)>,
    axum::Form(typed): Sent,
) -> Saved {
    save(&site, &visitor, &product, Subject::Entry { table, id }, typed).await
}

pub(super) async fn show(site: &Site, visitor: &Visitor, product: &str, subject: &Subject, said: &Said) -> Shown {
    let opened = opened(site, product).await?;
    let form = opened.form(subject).map_err(|error| trouble(Refused { form: None, why: Why::Edit(error) }))?;
    Ok(page_of(visitor, product, &opened, subject, &form, &said.markup()))
}

pub(super) async fn save(site: &Site, visitor: &Visitor, product: &str, subject: Subject, typed: Typed) -> Saved {
    let folder = page::folder(site, product)?;
    let (by, about, sent) = (visitor.name.clone(), subject.clone(), typed.clone());
    let saved = site.run(move |_| Ok(edit::save(&folder, &about, &sent, &by, now()))).await?;
    let refused = match saved {
        Ok(saved) => {
            let to = format!("{}?saved={}", form_of(product, &saved.subject), saved.fields.len());
            return Ok(page::see(&to));
        }
        Err(refused) => refused,
    };
    let Refused { form: Some(form), why } = refused else {
        let trouble = trouble(refused);
        return Err(Trouble { more: Some(kept(&typed)), ..trouble });
    };
    let trouble = self::trouble(Refused { form: None, why });
    let status = trouble.status;
    let opened = opened(site, product).await?;
    // The files of the fields that differ, and who saved them.
    let files = form.fields().filter(|field| field.now.is_some()).filter_map(|field| field.at.as_ref());
    let files: BTreeSet<&str> = files.map(|(path, _)| path.as_str()).collect();
    let mut who = Vec::new();
    for path in files {
        let now = opened.dossier.sources.iter().find(|source| source.path == path);
        who.push(who_saved(site, product, path, now.map_or("", |source| &source.text)).await?);
    }
    let above = html! {
        section.card.trouble aria-labelledby="trouble" {
            h2 #trouble { @if status == StatusCode::CONFLICT { "Changed meanwhile" } @else { "Not saved" } }
            p { (trouble.what) @for one in &who { " " (one) } }
            @if !trouble.hint.is_empty() { p.soft { (said(&trouble.hint)) } }
            @if status == StatusCode::CONFLICT {
                p { a href=(form_of(product, &subject)) { "Take theirs: open the form as it is now" } }
            }
        }
    };
    Ok((status, page_of(visitor, product, &opened, &subject, &form, &above)).into_response())
}

/// Why something was not done.
pub(super) fn trouble(refused: Refused) -> Trouble {
    use app::edit::EditError;
    match refused.why {
        Why::Conflict => Trouble::conflict(
            "Somebody else changed what you changed; nothing was written.",
            "Each field that differs says what it is now. Saving again writes what stands in the fields.",
            None,
        ),
        Why::Invalid => {
            Trouble::form("Something cannot be as it was typed; nothing was written.", "The field says why.")
        }
        Why::Edit(error) => {
            let status = match error {
                EditError::Unknown(_) | EditError::Gone(_) => StatusCode::NOT_FOUND,
                EditError::Changed(_) => StatusCode::CONFLICT,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            Trouble::from(error).with(status)
        }
        Why::Files(error) => Trouble::from(error),
    }
}

fn page_of(
    visitor: &Visitor,
    product: &str,
    opened: &Opened,
    subject: &Subject,
    form: &Form,
    above: &Markup,
) -> Markup {
    let may = visitor.may(Permission::EditDossier);
    let (title, lead, links) = head(product, opened, subject);
    let fields = html! {
        (groups(product, form, !matches!(subject, Subject::Entry { .. } | Subject::Set(_) | Subject::Control(_))))
        @if may { div.buttons { button { "Save" } } }
    };
    let body = html! {
        (back(&links))
        h1 { (page::visible(&title)) }
        (above)
        p.lead { (lead) }
        @if form.groups.is_empty() { p { "None is declared." } }
        @else if may { (visitor.form(&form_of(product, subject), &fields)) } @else {
            p.soft { "Your role reads the dossier and does not change it." }
            fieldset.bare disabled { (fields) }
        }
        (below(visitor, product, opened, subject, may))
    };
    framed(visitor, product, opened, &title, &body)
}

fn head(product: &str, opened: &Opened, subject: &Subject) -> (String, String, Vec<(String, &'static str)>) {
    let dossier = (at(product, ""), "Dossier");
    let answers = (at(product, "/ics"), "Answers (ICS)");
    let catalogue = opened.catalogue();
    match subject {
        Subject::Product | Subject::People | Subject::Services => {
            let (title, lead) = super::product::head(subject);
            (title.to_owned(), lead.to_owned(), vec![dossier])
        }
        Subject::Features => (
            "Features and conditions".to_owned(),
            "Which provisions apply follows from these; what is not said leaves them open.".to_owned(),
            vec![dossier, answers],
        ),
        Subject::Clause(id) => {
            let title = catalogue.clause(id).map_or("", |clause| clause.title.as_str());
            let lead = "The supplier's answer to each provision of the clause.".to_owned();
            (format!("Answers to {id} {title}"), lead, vec![dossier, answers])
        }
        Subject::Control(id) => {
            let summary = catalogue.provision_named(id).map_or("", |provision| provision.summary.as_str());
            let links = vec![dossier, (at(product, "/controls"), "Declared controls")];
            (format!("Control of provision {id}"), summary.to_owned(), links)
        }
        Subject::Set(table) => {
            let known = catalogue.table_named(table);
            let title = known.map_or(table.clone(), |known| format!("{} {}", known.id, known.title));
            (title, known.map(|known| known.summary.clone()).unwrap_or_default(), vec![dossier])
        }
        Subject::Entry { table, id } => {
            let known = catalogue.table_named(table);
            let (name, title) =
                known.map_or((table.as_str(), ""), |known| (known.id.as_str(), known.title.as_str()));
            let list = (at(product, &format!("/ixit/{}", page::encoded(table))), "The table's entries");
            (format!("{id} in {name}"), format!("{title}."), vec![dossier, list])
        }
    }
}

/// What stands below a form: its neighbours, and what else can be done.
fn below(visitor: &Visitor, product: &str, opened: &Opened, subject: &Subject, may: bool) -> Markup {
    let catalogue = opened.catalogue();
    let turn = |ids: Vec<String>, id: &str, subject: fn(String) -> Subject| {
        let place = ids.iter().position(|one| one == id);
        let to = |at: Option<usize>| at.and_then(|at| ids.get(at)).cloned();
        let (before, after) = (to(place.and_then(|n| n.checked_sub(1))), to(place.map(|n| n + 1)));
        html! {
            nav.turn aria-label="Neighbours" {
                @if let Some(id) = before { a href=(form_of(product, &subject(id.clone()))) rel="prev" { "← " (id) } }
                @if let Some(id) = after { a href=(form_of(product, &subject(id.clone()))) rel="next" { (id) " →" } }
            }
        }
    };
    match subject {
        Subject::Product | Subject::People | Subject::Services => {
            super::product::below(visitor, product, opened, subject, may)
        }
        Subject::Features => html! {},
        Subject::Clause(id) => turn(catalogue.clauses.iter().map(|c| c.id.clone()).collect(), id, Subject::Clause),
        Subject::Control(id) => {
            turn(catalogue.provisions.iter().map(|p| p.id.to_string()).collect(), id, Subject::Control)
        }
        Subject::Set(table) => html! {
            (facts(table))
            p.row { @if let Some(text) = file(product, opened, table, None) { a href=(text) { "The file as text" } } }
        },
        Subject::Entry { table, id } => html! {
            (facts(table))
            p.row {
                @if let Some(text) = file(product, opened, table, Some(id)) { a href=(text) { "The file as text" } }
                @if may { a href={ (form_of(product, subject)) "/remove" } { "Remove this entry" } }
            }
        },
    }
}

/// The text of the file that an entry stands in, or the first of a table.
fn file(product: &str, opened: &Opened, table: &str, id: Option<&str>) -> Option<String> {
    let row = opened.table(table).ok()?;
    let entry = row.entries.iter().find(|entry| id.is_none_or(|id| entry.id == id))?;
    Some(text_of(product, &entry.at.0))
}
