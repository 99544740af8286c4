//! The requests for evidence of a product: what was asked for, one request with its history, the form that asks.

pub(in crate::pages) mod told;

use axum::extract::{Multipart, Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use model::Timestamp;
use workflow::people::{Permission, folded};

use app::now;
use app::requests::{self, Ask, OBSERVATION, Request, RequestId, State as Stands};
use app::state::KINDS;
use app::tasks::TaskId;

use super::answer;
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

const SEE: Access = Access::May(Permission::SeeEvidence);
const ASK: Access = Access::May(Permission::Request);

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/p/{product}/requests", SEE, || get(list)),
    Route::get("/p/{product}/ask", ASK, || get(form)),
    Route::post("/p/{product}/ask", ASK, || post(ask)),
    Route::get("/p/{product}/requests/{request}", SEE, || get(one)),
    Route::post("/p/{product}/requests/{request}", ASK, || post(decide)),
    Route::get("/p/{product}/requests/{request}/answer", Access::May(Permission::Answer), || get(to_answer)),
    Route::post("/p/{product}/requests/{request}/answer", Access::May(Permission::Answer), || post(answered))
        .up_to(48 << 20),
];

#[derive(Debug, Default, serde::Deserialize)]
struct Wanted {
    #[serde(default)]
    state: String,
}

async fn list(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let at = format!("/p/{}", page::encoded(&product));
    let fits = |request: &&Request| match wanted.state.as_str() {
        "" => request.state().is_open(),
        "all" => true,
        word => request.state().as_str() == word,
    };
    let shown: Vec<&Request> = snapshot.tasks.requests.iter().filter(fits).collect();
    let body = html! {
        h1 { "Requests" }
        p.lead { "Evidence that somebody else has: asked for, answered, accepted or returned." }
        @if visitor.may(Permission::Request) { p { a.button href={ (at) "/ask" } { "Ask for evidence" } } }
        form.filter method="get" action={ (at) "/requests" } {
            label {
                "State "
                select name="state" {
                    option value="" selected[wanted.state.is_empty()] { "open" }
                    option value="all" selected[wanted.state == "all"] { "all" }
                    @for state in Stands::ALL { option value=(state.as_str()) selected[wanted.state == state.as_str()] { (state.as_str()) } }
                }
            }
            button.quiet { "Show" }
        }
        @if shown.is_empty() { p { "No request is like that." } } @else {
            table.stack {
                caption { "What was asked for, from whom and by when." }
                thead { tr { th scope="col" { "Request" } th scope="col" { "Stands" } th scope="col" { "From" } th scope="col" { "By" } } }
                tbody {
                    @for request in shown {
                        tr {
                            th scope="row" {
                                a href={ (at) "/requests/" (request.id) } { (request.id) } " "
                                (requests::visible(&request.ask.scope))
                            }
                            td data-th="Stands" { (told::state(request, snapshot.at)) }
                            td data-th="From" { (requests::visible(&request.ask.of)) }
                            td data-th="By" { (request.ask.due.date()) }
                        }
                    }
                }
            }
        }
    };
    Ok(page::of_product(&visitor, &product, &snapshot.told.head.product, "/requests", "Requests", &body))
}

#[derive(Debug, Default, serde::Deserialize)]
struct From {
    task: Option<String>,
}

/// The form that asks; from a task, with what closes it filled in.
async fn form(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    Query(from): Query<From>,
) -> Result<Markup, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let task = from.task.as_deref().map(TaskId::from_text);
    let told = task.and_then(|id| snapshot.tasks.tasks.iter().find(|told| told.task.id == id));
    let ask = told.map(|told| requests::for_task(&snapshot.dossier, told, ""));
    let due = ask.as_ref().map_or_else(|| requests::due_in(&snapshot.dossier, snapshot.at), |ask| ask.due);
    let text = |part: fn(&Ask) -> String| ask.as_ref().map(part).unwrap_or_default();
    let kind = ask.as_ref().map_or("document", |ask| ask.kind.as_str());
    let inside = html! {
        @if let Some(task) = ask.as_ref().and_then(|ask| ask.task.as_ref()) { input type="hidden" name="task" value=(task); }
        div.field { label { "What the evidence has to show" textarea name="scope" maxlength="4000" required { (text(|ask| ask.scope.clone())) } } }
        div.field {
            label {
                "Kind "
                select name="kind" {
                    @for one in KINDS.iter().copied().chain([OBSERVATION]) { option value=(one) selected[one == kind] { (one) } }
                }
            }
        }
        div.field {
            label { "For which unit instances, entries or provisions " span.soft { "one a line" } textarea name="about" { (text(|ask| ask.about.join("\n"))) } }
            p.help { "5.1-2-1c@AuthMech-Web, AuthMech-Web or 5.2-1; nothing for the whole product." }
        }
        div.field { label { "When it is accepted " span.soft { "one a line" } textarea name="criterion" { (text(|ask| ask.criterion.join("\n"))) } } }
        div.field { label { "True from " span.soft { "where that matters" } input type="date" name="begins"; } }
        div.field { label { "until" input type="date" name="ends"; } }
        div.field { label { "From whom " span.soft { "a person, an organization" } input type="text" name="of" maxlength="200" required; } }
        div.field { label { "By when" input type="date" name="due" value=(due.date()) required; } }
        label { input type="checkbox" name="link" value="yes" checked; "Make a link that answers it without an account" }
        div.buttons { button { "Ask" } }
    };
    let at = format!("/p/{}", page::encoded(&product));
    let body = html! { h1 { "Ask for evidence" } (visitor.form(&format!("{at}/ask"), &inside)) };
    Ok(page::of_product(&visitor, &product, &snapshot.told.head.product, "/requests", "Ask for evidence", &body))
}

#[derive(Debug, serde::Deserialize)]
struct Asking {
    scope: String,
    kind: String,
    #[serde(default)]
    about: String,
    #[serde(default)]
    criterion: String,
    #[serde(default)]
    begins: String,
    #[serde(default)]
    ends: String,
    of: String,
    due: String,
    #[serde(default)]
    task: String,
    #[serde(default)]
    link: String,
}

async fn ask(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    axum::Form(form): axum::Form<Asking>,
) -> Result<Markup, Trouble> {
    let day = |text: &str| {
        let read = Timestamp::parse(text.trim());
        read.map_err(|_| Trouble::form(format!("The date `{text}` does not read."), "Write it as 2026-12-24."))
    };
    let lines = |text: &str| text.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect();
    let period = match (form.begins.trim(), form.ends.trim()) {
        ("", "") => None,
        (one, "") | ("", one) => Some(model::Period::moment(day(one)?)),
        (from, until) => Some(model::Period { from: day(from)?, until: day(until)? }),
    };
    if period.is_some_and(|period| period.until < period.from) {
        return Err(Trouble::form("The time ends before it begins.", "Go back, and turn the two days round."));
    }
    let ask = Ask {
        kind: form.kind,
        scope: form.scope,
        period,
        about: lines(&form.about),
        criterion: lines(&form.criterion),
        of: form.of,
        due: day(&form.due)?,
        task: Some(form.task.trim()).filter(|id| !id.is_empty()).map(TaskId::from_text),
    };
    let (of, by, link) = (product.clone(), visitor.name.clone(), !form.link.is_empty());
    let asked =
        site.run(move |site| Ok(requests::ask(&site.workspace().folder(&of)?, &[ask], link, &by, now())?)).await?;
    Ok(linked(&visitor, &product, &asked.requests))
}

/// The one page on which links are told.
pub(super) fn linked(visitor: &Visitor, product: &str, asked: &[(RequestId, Option<requests::Secret>)]) -> Markup {
    let at = format!("/p/{}/requests", page::encoded(product));
    let body = html! {
        h1 { @if let [(id, _)] = asked { "Request " (id) } @else { "Requests" } }
        @for (id, secret) in asked {
            section.card {
                h2 { a href={ (at) "/" (id) } { (id) } }
                @if let Some(secret) = secret {
                    p.said { "This link answers it. It is shown this once; of its secret only the digest is kept." }
                    p.text { (requests::path(&page::encoded(product), secret)) }
                } @else { p.said { "It was asked." } }
            }
        }
        @if asked.iter().any(|(_, secret)| secret.is_some()) {
            p.soft { "Put the address of this workspace before a link, and send it to whoever was asked. Whoever has it can answer." }
        }
        p { a.button href=(at) { "To the requests" } }
    };
    page::of_product(visitor, product, product, "/requests", "Request", &body)
}

fn find(snapshot: &app::workspace::Snapshot, id: &str) -> Result<Request, Trouble> {
    let found = snapshot.tasks.requests.get(&RequestId::from_text(id)).cloned();
    found.ok_or_else(|| Trouble::nothing("No request has this number."))
}

async fn one(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, id)): Path<(String, String)>,
) -> Result<Markup, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let request = find(&snapshot, &id)?;
    let at = format!("/p/{}", page::encoded(&product));
    let here = format!("{at}/requests/{}", request.id);
    let body = html! {
        h1 { "Request " (request.id) }
        (told::ask(&request, snapshot.at))
        (told::history(&snapshot, &request, Some(&format!("{at}/records/"))))
        @if request.state().is_open() {
            @if visitor.may(Permission::Answer) { p { a.button.quiet href={ (here) "/answer" } { "Answer it" } } }
            @if visitor.may(Permission::Request) { (decisions(&visitor, &request, &here)) }
        }
    };
    Ok(page::of_product(&visitor, &product, &snapshot.told.head.product, "/requests", "Request", &body))
}

fn decisions(visitor: &Visitor, request: &Request, here: &str) -> Markup {
    let form = |does: &str, label: &str, needed: bool| {
        visitor.form(here, &html! {
            input type="hidden" name="does" value=(does);
            input type="hidden" name="answer" value=(request.answers.len());
            div.field { label { (if needed { "Why" } else { "What you want to say" }) textarea name="said" maxlength="4000" required[needed] {} } }
            button.danger[does == "withdraw"] { (label) }
        })
    };
    html! {
        @if request.state() == Stands::Answered {
            div.two {
                section.card { h2 { "Accept" } (form("accept", "Accept the answer", false)) }
                section.card { h2 { "Return" } (form("return", "Return the answer", true)) }
            }
        }
        details { summary { "Make a new link, or withdraw the request" }
            (visitor.form(here, &html! {
                input type="hidden" name="does" value="link";
                p { "The link before opens nothing any more." }
                button.quiet { "Make a new link" }
            }))
            (form("withdraw", "Withdraw the request", true))
        }
    }
}

#[derive(Debug, serde::Deserialize)]
struct Decided {
    does: String,
    #[serde(default)]
    answer: usize,
    #[serde(default)]
    said: String,
}

async fn decide(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, id)): Path<(String, String)>,
    axum::Form(form): axum::Form<Decided>,
) -> Result<Response, Trouble> {
    use axum::response::IntoResponse as _;
    let (of, by, id) = (product.clone(), visitor.name.clone(), RequestId::from_text(&id));
    let request = id.clone();
    let secret = site
        .run(move |site| {
            let folder = site.workspace().folder(&of)?;
            let answer = Some(form.answer);
            match form.does.as_str() {
                "accept" => requests::accept(&folder, &request, answer, &form.said, &by, now()).map(|_| None),
                "return" => requests::send_back(&folder, &request, answer, &form.said, &by, now()).map(|_| None),
                "withdraw" => requests::withdraw(&folder, &request, answer, &form.said, &by, now()).map(|_| None),
                "link" => requests::renew_link(&folder, &request, &by, now()).map(|(secret, _)| Some(secret)),
                _ => return Err(Trouble::form("The form says nothing to do.", "Open the page again.")),
            }
            .map_err(|error| refused(error, &form.said))
        })
        .await?;
    match secret {
        Some(secret) => Ok(linked(&visitor, &product, &[(id, Some(secret))]).into_response()),
        None => Ok(page::see(&format!("/p/{}/requests/{id}", page::encoded(&product)))),
    }
}

/// A decision on an answer that another one has followed is a conflict; what was written is shown again.
fn refused(error: requests::RequestsError, said: &str) -> Trouble {
    match error {
        requests::RequestsError::Refused(why @ workflow::requests::Refused::Followed { .. }) => {
            let kept = html! { section.card { h2 { "What you wrote" } p { (said) } } };
            Trouble::conflict(why.to_string(), "Open the request again, and look at the new answer.", Some(kept))
        }
        other => other.into(),
    }
}

/// A request that a person with an account answers: one that they were asked, or any for whoever sees all evidence.
async fn own(site: &Site, visitor: &Visitor, product: &str, id: &str) -> Result<(String, Request), Trouble> {
    let snapshot = page::snapshot(site, product).await?;
    let found = find(&snapshot, id)?;
    if !visitor.may(Permission::SeeEvidence) && folded(&found.ask.of) != folded(&visitor.name) {
        return Err(Trouble::nothing("No request has this number."));
    }
    Ok((snapshot.told.head.product.clone(), found))
}

async fn to_answer(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, id)): Path<(String, String)>,
) -> Result<Markup, Trouble> {
    let (name, request) = own(&site, &visitor, &product, &id).await?;
    let action = format!("/p/{}/requests/{}/answer", page::encoded(&product), request.id);
    let snapshot = page::snapshot(&site, &product).await?;
    let body = html! {
        h1 { "Answer request " (request.id) }
        (told::ask(&request, snapshot.at))
        @if request.state().is_open() { (answer::form(&request, &action, Some(&visitor.mark()), Some(&visitor.name))) }
        (told::history(&snapshot, &request, None))
    };
    Ok(page::of_product(&visitor, &product, &name, "/requests", "Answer a request", &body))
}

async fn answered(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, id)): Path<(String, String)>,
    multipart: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<Response, Trouble> {
    let (_, request) = own(&site, &visitor, &product, &id).await?;
    let mut handed = answer::handed(multipart).await?;
    // Whoever is signed in answers in their own name.
    handed.by = visitor.name.clone();
    let to = format!("/p/{}/requests/{}/answer", page::encoded(&product), request.id);
    site.run(move |site| Ok(requests::answer(&site.workspace().folder(&product)?, &request.id, &handed, now())?))
        .await?;
    Ok(page::see(&to))
}
