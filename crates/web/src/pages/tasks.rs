//! The tasks of a product: who does what by when; given out, ended and added.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use model::Timestamp;
use report::html::parts::said;
use report::words;
use workflow::Subject;
use workflow::people::{Permission, folded};

use app::now;
use app::tasks::{self, Own, TaskId, Told};

use crate::page;
use crate::site::Site;
use crate::table::{Access, Route};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

const MANAGE: Access = Access::May(Permission::ManageTasks);

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/p/{product}/tasks", Access::May(Permission::SeeVerdicts), || get(show)),
    Route::post("/p/{product}/tasks", MANAGE, || post(change)),
];

/// Tasks on one page.
const AT_ONCE: usize = 50;
/// Kinds of task, with the word of each.
const KINDS: [&str; 7] = ["mend", "answer", "measure", "declare", "decide", "prepare", "own"];

/// The filter for tasks that no person has.
pub(super) const NOBODY: &str = "nobody";

#[derive(Debug, Default, serde::Deserialize)]
struct Wanted {
    #[serde(default)]
    of: String,
    #[serde(default)]
    has: String,
    #[serde(default)]
    clause: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    page: usize,
}

fn kind(subject: &Subject) -> &'static str {
    match subject {
        Subject::Mend { .. } => "mend",
        Subject::Answer { .. } => "answer",
        Subject::Measure { .. } => "measure",
        Subject::Declare { .. } => "declare",
        Subject::Decide { .. } => "decide",
        Subject::Prepare { .. } => "prepare",
        Subject::Own { .. } => "own",
    }
}

/// Who has a task: the person it was given to, else the role that answers for it and whoever has that.
fn is_of(told: &Told, name: &str) -> bool {
    let is = |other: &str| folded(other) == folded(name);
    let owner = told.wanted.as_ref().and_then(|wanted| wanted.owner.as_ref());
    match &told.task.person {
        Some(person) => is(person),
        None => owner.is_some_and(|owner| is(&owner.role) || owner.person.as_deref().is_some_and(is)),
    }
}

fn fits(told: &Told, wanted: &Wanted, at: Timestamp) -> bool {
    let provisions = told.wanted.iter().flat_map(|wanted| &wanted.provisions);
    let of_clause = |id: &str| id == wanted.clause || id.split('-').next() == Some(wanted.clause.as_str());
    let state = match wanted.state.as_str() {
        "" => told.task.is_open(),
        "overdue" => told.task.is_overdue(at),
        "closed" => !told.task.is_open(),
        _ => true,
    };
    state
        && (wanted.of.trim().is_empty() || is_of(told, &wanted.of))
        && (wanted.has != NOBODY || told.person().is_none())
        && (wanted.clause.is_empty() || provisions.into_iter().any(|id| of_clause(id.as_str())))
        && (wanted.kind.is_empty() || kind(&told.task.subject) == wanted.kind)
}

async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let at = format!("/p/{}", page::encoded(&product));
    let all = &snapshot.tasks;
    let found: Vec<&Told> = all.tasks.iter().filter(|told| fits(told, &wanted, all.at)).collect();
    let pages = found.len().div_ceil(AT_ONCE).max(1);
    let number = wanted.page.clamp(1, pages);
    let open = all.tasks.iter().filter(|told| told.task.is_open()).count();
    let overdue = all.tasks.iter().filter(|told| told.task.is_overdue(all.at)).count();
    let to = |page: usize| {
        let [of, has, clause, kind, state] =
            [&wanted.of, &wanted.has, &wanted.clause, &wanted.kind, &wanted.state].map(|text| page::encoded(text));
        format!("{at}/tasks?of={of}&has={has}&clause={clause}&kind={kind}&state={state}&page={page}")
    };
    let body = html! {
        h1 { "Tasks" }
        p.lead { (words::count(open as u64, "open task")) ", " (overdue) " overdue" @if found.len() != open { "; " (found.len()) " shown" } "." }
        (filter(&wanted, &at))
        @if found.is_empty() { p { "No task is like that." } }
        @for told in found.iter().skip((number - 1) * AT_ONCE).take(AT_ONCE) {
            (task(told, all, &visitor, &at))
        }
        @if pages > 1 {
            nav.turn aria-label="Pages" {
                @if number > 1 { a href=(to(number - 1)) rel="prev" { "← earlier" } }
                span { "Page " (number) " of " (pages) }
                @if number < pages { a href=(to(number + 1)) rel="next" { "later →" } }
            }
        }
        @if visitor.may(Permission::ManageTasks) { (adding(&visitor, &at)) }
    };
    Ok(page::of_product(&visitor, &product, &snapshot.told.head.product, "/tasks", "Tasks", &body))
}

fn filter(wanted: &Wanted, at: &str) -> Markup {
    let choice = |name: &str, now: &str, all: &[(&str, &str)]| {
        html! { select name=(name) { @for (value, word) in all { option value=(value) selected[*value == now] { (word) } } } }
    };
    let kinds: Vec<(&str, &str)> = [("", "any")].into_iter().chain(KINDS.map(|kind| (kind, kind))).collect();
    let states = [("", "open"), ("overdue", "overdue"), ("closed", "closed"), ("all", "all")];
    html! {
        form.filter method="get" action={ (at) "/tasks" } role="search" {
            label { "Person or role " input type="search" name="of" value=(wanted.of); }
            label { "Given to " (choice("has", &wanted.has, &[("", "anybody"), (NOBODY, "nobody yet")])) }
            label { "Clause or provision " input type="search" name="clause" value=(wanted.clause) placeholder="5.3"; }
            label { "Kind " (choice("kind", &wanted.kind, &kinds)) }
            label { "State " (choice("state", &wanted.state, &states)) }
            button.quiet { "Show" }
        }
    }
}

fn owner(told: &Told) -> String {
    let owner = told.wanted.as_ref().and_then(|wanted| wanted.owner.as_ref());
    match (told.person().map(str::to_owned), owner) {
        (Some(person), Some(owner)) => format!("{person}, {}", owner.role),
        (Some(person), None) => person,
        (None, Some(owner)) => owner.role.clone(),
        (None, None) => "nobody answers for it".to_owned(),
    }
}

fn task(told: &Told, all: &tasks::Listed, visitor: &Visitor, at: &str) -> Markup {
    let task = &told.task;
    let id = task.id.as_str();
    html! {
        section.card #(id) {
            div.row {
                strong { (said(&told.title())) }
                @if task.is_overdue(all.at) { span.chip.fail { "overdue" } }
                @else if !task.is_open() { span.chip.pass { "closed" } }
            }
            p.small.soft {
                (id) ", due " (task.due.date()) ", " (page::visible(&owner(told)))
                @if let Some(wanted) = &told.wanted {
                    ", " @if wanted.need.mandatory { "mandatory" } @else { "recommendation" } ", for "
                    @for (n, provision) in wanted.provisions.iter().enumerate() {
                        @if n > 0 { ", " }
                        a href={ (at) "/provisions/" (provision) } { (provision) }
                    }
                }
            }
            @for request in all.requests.of_task(&task.id) {
                p.small { "Asked for: " a href={ (at) "/requests/" (request.id) } { (request.id) } ", " (request.state().as_str()) }
            }
            details {
                summary { "When it is done, and what to do with it" }
                ul {
                    @if let Some(wanted) = &told.wanted {
                        @for line in &wanted.criterion { li { (said(line)) } }
                        @for line in &wanted.evidence { li.soft { "Closed by " (said(line)) } }
                        @if let Some(command) = &wanted.step.command { li { code { (command) } } }
                    }
                    @if let Some((_, criterion)) = &task.own { li { (page::visible(criterion)) } }
                    @for closed in task.turns.iter().filter_map(|turn| turn.closed.as_ref()) {
                        li.soft {
                            "Closed " (page::time(closed.at))
                            @if let Some(seq) = closed.by { ", by " a href={ (at) "/records/" (seq) } { "record " (seq) } }
                            @if let Some((by, how)) = &closed.said { " by " (page::visible(by)) ": " (page::visible(how)) }
                        }
                    }
                }
                @if task.is_open() && visitor.may(Permission::Request) {
                    p { a href={ (at) "/ask?task=" (page::encoded(id)) } { "Ask somebody for what closes it" } }
                }
                @if task.is_open() && visitor.may(Permission::ManageTasks) { (forms(told, visitor, at)) }
            }
        }
    }
}

fn forms(told: &Told, visitor: &Visitor, at: &str) -> Markup {
    let task = &told.task;
    let to = format!("{at}/tasks");
    let hidden = |does: &str| {
        html! { input type="hidden" name="does" value=(does); input type="hidden" name="task" value=(task.id); }
    };
    html! {
        (visitor.form(&to, &html! {
            (hidden("assign"))
            div.field {
                label { "Who does it " span.soft { "nobody gives it back to the role" }
                    input type="text" name="person" maxlength="200" value=(task.person.as_deref().unwrap_or_default()); }
            }
            button.quiet { "Give it out" }
        }))
        @if task.own.is_some() {
            (visitor.form(&to, &html! {
                (hidden("done"))
                div.field { label { "How it was done" textarea name="text" required {} } }
                button { "Done" }
            }))
        }
    }
}

fn adding(visitor: &Visitor, at: &str) -> Markup {
    html! {
        section.card aria-labelledby="add" {
            h2 #add { "Add a task of your own" }
            (visitor.form(&format!("{at}/tasks"), &html! {
                input type="hidden" name="does" value="add";
                div.field { label { "What is to be done" input type="text" name="text" maxlength="500" required; } }
                div.field { label { "When it is done" textarea name="criterion" maxlength="4000" required {} } }
                div.field { label { "By when" input type="date" name="due"; } }
                button { "Add it" }
            }))
        }
    }
}

#[derive(Debug, serde::Deserialize)]
struct Change {
    does: String,
    #[serde(default)]
    task: String,
    #[serde(default)]
    person: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    criterion: String,
    #[serde(default)]
    due: String,
}

async fn change(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    axum::Form(form): axum::Form<Change>,
) -> Result<Response, Trouble> {
    let to = format!("/p/{}/tasks", page::encoded(&product));
    let by = visitor.name.clone();
    site.run(move |site| {
        let folder = site.workspace().folder(&product)?;
        let task = TaskId::from_text(&form.task);
        match form.does.as_str() {
            "assign" => tasks::assign(&folder, &task, Some(&form.person), &by, now())?,
            "done" => tasks::done(&folder, &task, &form.text, &by, now())?,
            "add" => {
                let due = match form.due.trim() {
                    "" => None,
                    text => Some(Timestamp::parse(text).map_err(|_| {
                        Trouble::form(format!("The date `{text}` does not read."), "Write it as 2026-12-24.")
                    })?),
                };
                let own = Own { title: form.text, criterion: form.criterion, due, by };
                tasks::add(&folder, &own, now())?
            }
            _ => return Err(Trouble::form("The form says nothing to do.", "Open the page again.")),
        };
        Ok(())
    })
    .await?;
    Ok(page::see(&to))
}
