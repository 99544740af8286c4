//! My day: what waits for whoever is signed in, over the products they may see.

use axum::extract::State;
use axum::routing::get;
use maud::{Markup, html};
use report::html::parts::said;
use workflow::people::{Permission, folded};

use app::requests::{self, State as Stands};

use super::tasks::{is_of, title};
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

pub(crate) const ROUTES: &[Route] = &[Route::get("/my-day", Access::SignedIn, || get(show))];

/// Products that are looked through; each may have to be judged anew.
const PRODUCTS: usize = 24;
/// Tasks of a product that are told.
const TASKS: usize = 10;

async fn show(State(site): State<Site>, visitor: Visitor) -> Result<Markup, Trouble> {
    let products = site.run(|site| Ok(site.workspace().products()?)).await?;
    let may = |product: &str| {
        visitor.may_on(Permission::SeeVerdicts, product) || visitor.may_on(Permission::Answer, product)
    };
    let mine: Vec<String> = products.into_iter().filter(|product| may(product)).collect();
    let mut told = Vec::new();
    for product in mine.iter().take(PRODUCTS) {
        // A product that cannot be read says so in the portfolio.
        if let Ok(snapshot) = page::snapshot(&site, product).await {
            told.push(of_product(&visitor, product, &snapshot));
        }
    }
    let waiting: Vec<Markup> = told.into_iter().flatten().collect();
    let body = html! {
        h1 { "My day" }
        p.lead { "What waits for " (visitor.name) "." }
        @if waiting.is_empty() { p { "Nothing waits for you." } }
        @for one in &waiting { (one) }
        @if mine.len() > PRODUCTS {
            p.soft { "The first " (PRODUCTS) " of " (mine.len()) " products are looked through; the tasks of the others are on their own pages." }
        }
    };
    Ok(page::page(&visitor, "/my-day", "My day", &body))
}

/// What waits in one product; none where nothing does.
fn of_product(visitor: &Visitor, product: &str, snapshot: &app::workspace::Snapshot) -> Option<Markup> {
    let at = format!("/p/{}", page::encoded(product));
    let sees = visitor.may_on(Permission::SeeVerdicts, product);
    let asks = visitor.may_on(Permission::Request, product);
    let all = &snapshot.tasks;
    let tasks: Vec<_> =
        all.tasks.iter().filter(|told| sees && told.task.is_open() && is_of(told, &visitor.name)).collect();
    let to_answer: Vec<_> = all
        .requests
        .iter()
        .filter(|request| request.state().awaits_answer() && folded(&request.ask.of) == folded(&visitor.name))
        .filter(|_| visitor.may_on(Permission::Answer, product))
        .collect();
    let to_decide: Vec<_> =
        all.requests.iter().filter(|request| asks && request.state() == Stands::Answered).collect();
    if tasks.is_empty() && to_answer.is_empty() && to_decide.is_empty() {
        return None;
    }
    Some(html! {
        section.card {
            h2 { a href=(at) { (page::visible(&snapshot.told.head.product)) } }
            @if !to_answer.is_empty() {
                h3 { "Requests to answer" }
                ul { @for request in &to_answer { li {
                    a href={ (at) "/requests/" (request.id) "/answer" } { (request.id) } " " (requests::visible(&request.ask.scope))
                    ", due " (request.ask.due.date())
                    @if request.is_overdue(all.at) { " " span.chip.fail { "overdue" } }
                } } }
            }
            @if !to_decide.is_empty() {
                h3 { "Answers to decide on" }
                ul { @for request in &to_decide { li {
                    a href={ (at) "/requests/" (request.id) } { (request.id) } " " (requests::visible(&request.ask.scope))
                } } }
            }
            @if !tasks.is_empty() {
                h3 { "Tasks" }
                ul { @for told in tasks.iter().take(TASKS) { li {
                    a href={ (at) "/tasks?of=" (page::encoded(&visitor.name)) "#" (told.task.id) } { (told.task.id) }
                    " " (said(&title(told))) ", due " (told.task.due.date())
                    @if told.task.is_overdue(all.at) { " " span.chip.fail { "overdue" } }
                } } }
                @if tasks.len() > TASKS { p { a href={ (at) "/tasks?of=" (page::encoded(&visitor.name)) } { "All " (tasks.len()) } } }
            }
        }
    })
}
