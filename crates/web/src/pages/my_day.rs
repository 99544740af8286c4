//! My day: what waits for whoever is signed in, over the products they may see.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::routing::get;
use maud::{Markup, html};
use model::Timestamp;
use report::html::parts::said;
use report::words;
use workflow::people::Permission;

use app::guided::Working;
use app::workspace::{Second, Standing, Waits};
use app::{checkpoints, requests};

use super::guide;
use super::tasks::NOBODY;
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

pub(crate) const ROUTES: &[Route] = &[Route::get("/my-day", Access::SignedIn, || get(show))];

/// Products on one page.
const AT_ONCE: usize = 24;
/// Statements and units of a product that are told.
const MOST: usize = 10;
/// Tasks that nobody has of which a person who works alone is told, in each product.
const FIRST: usize = 5;

#[derive(Debug, Default, serde::Deserialize)]
struct Wanted {
    #[serde(default)]
    page: usize,
}

async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Trouble> {
    let any = [Permission::SeeVerdicts, Permission::Answer, Permission::State];
    let may = |product: &str| any.iter().any(|permission| visitor.may_on(*permission, product));
    let name = visitor.name.clone();
    let begun = site.run(move |site| Ok(guide::desk(site)?.begun_by(&name)?)).await?;
    let mine: Vec<Arc<Standing>> = site.products(may).await?;
    let not_yet = mine.iter().filter(|standing| standing.at.is_none()).count();
    let waits: Vec<&Arc<Standing>> =
        mine.iter().filter(|one| of_product(&visitor, one, &begun, app::now()).is_some()).collect();
    let pages = waits.len().div_ceil(AT_ONCE).max(1);
    let at = wanted.page.clamp(1, pages);
    let shown = waits.iter().skip((at - 1) * AT_ONCE).take(AT_ONCE);
    let shown = site.current(shown.map(|standing| standing.product.clone()).collect()).await?;
    let told: Vec<Markup> =
        shown.iter().filter_map(|standing| of_product(&visitor, standing, &begun, app::now())).collect();
    let body = html! {
        h1 { "My day" }
        p.lead { "What waits for " (visitor.name) @if waits.len() > AT_ONCE { ", in " (waits.len()) " products" } "." }
        @if not_yet > 0 {
            p.said {
                (words::count(not_yet as u64, "product")) " not looked at yet today; that goes on by itself. What waits in them is not "
                "told until then. " a href={ "/my-day?page=" (at) } { "Look again" }
            }
        } @else if told.is_empty() {
            p { "Nothing waits for you." }
        }
        @for one in &told { (one) }
        @if pages > 1 {
            nav.turn aria-label="Pages" {
                @if at > 1 { a href={ "/my-day?page=" (at - 1) } rel="prev" { "← earlier" } }
                span { "Page " (at) " of " (pages) }
                @if at < pages { a href={ "/my-day?page=" (at + 1) } rel="next" { "later →" } }
            }
        }
    };
    Ok(page::page(&visitor, "/my-day", "My day", &body))
}

/// What waits for somebody in a product beside tasks and requests.
struct Mine<'a> {
    /// The checkpoint that they can move on.
    checkpoint: Option<&'a checkpoints::Waiting>,
    /// Statements of others that wait for a second person.
    seconds: Vec<&'a Second>,
    /// Guided units that they began.
    begun: Vec<&'a Working>,
}

impl<'a> Mine<'a> {
    fn of(visitor: &Visitor, standing: &'a Standing, begun: &'a [(String, Working)]) -> Self {
        let (product, name) = (&standing.product, &visitor.name);
        let may = |permission| visitor.may_on(permission, product);
        let sees = may(Permission::SeeVerdicts);
        let checkpoint = standing.waiting.checkpoint_for(name).filter(|_| sees && may(Permission::Review));
        let seconds = standing.waiting.seconds_for(name).filter(|_| sees && may(Permission::State));
        let (desk, release) = (visitor.desk(product), standing.current().map(|one| one.version.as_str()));
        let own = begun.iter().filter(|(place, one)| *place == desk && Some(one.release.as_str()) == release);
        Self {
            checkpoint,
            seconds: seconds.collect(),
            begun: own.filter(|_| may(Permission::State)).map(|(_, one)| one).collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.checkpoint.is_none() && self.seconds.is_empty() && self.begun.is_empty()
    }

    fn told(&self, product: &str, at: &str) -> Markup {
        html! {
            @if let Some(one) = self.checkpoint {
                h3 { "Checkpoint" }
                p {
                    @if one.review { a href={ (at) "/reviews" } { "Review" } " for " } @else { a href={ (at) "/checkpoints" } { "Sign off" } " " }
                    strong { (page::visible(&one.name)) }
                }
            }
            @if !self.seconds.is_empty() {
                h3 { "Statements to confirm" }
                ul { @for one in self.seconds.iter().take(MOST) { li {
                    a href={ (at) "/guide" } { "Record " (one.record) } ": " (one.unit)
                    @if let Some(entry) = &one.entry { " " span.mono { (page::visible(entry)) } }
                    ", by " (page::visible(&one.person))
                } } }
                @if self.seconds.len() > MOST { p { a href={ (at) "/guide" } { "All " (self.seconds.len()) } } }
            }
            @if !self.begun.is_empty() {
                h3 { "Units you began" }
                ul { @for one in self.begun.iter().take(MOST) { li {
                    @let entry = one.entry.as_deref().unwrap_or_default();
                    a href=(guide::address(product, &one.unit, entry, "")) { (one.unit) }
                    @if !entry.is_empty() { " " span.mono { (page::visible(entry)) } }
                    ", since " (one.began.date()) ", " (one.done()) " of " (one.steps.len()) " steps done"
                } } }
                @if self.begun.len() > MOST { p { a href={ (at) "/guide" } { "All " (self.begun.len()) } } }
            }
        }
    }
}

/// What waits in one product; none where nothing does.
fn of_product(
    visitor: &Visitor,
    standing: &Standing,
    begun: &[(String, Working)],
    now: Timestamp,
) -> Option<Markup> {
    let product = &standing.product;
    let at = format!("/p/{}", page::encoded(product));
    let may = |permission| visitor.may_on(permission, product);
    let tasks = standing.waiting.tasks_of(&visitor.name).filter(|_| may(Permission::SeeVerdicts));
    let to_answer = Some(standing.waiting.to_answer_by(&visitor.name)).filter(|_| may(Permission::Answer));
    let to_decide = Some(standing.waiting.to_decide()).filter(|_| may(Permission::Request));
    let (to_answer, to_decide) = (to_answer.unwrap_or_default(), to_decide.unwrap_or_default());
    // Who works alone has what nobody else has.
    let nobodys =
        standing.waiting.tasks_of_nobody().filter(|_| visitor.is_alone() && may(Permission::SeeVerdicts));
    let mine = Mine::of(visitor, standing, begun);
    if tasks.is_none() && nobodys.is_none() && to_answer.is_empty() && to_decide.is_empty() && mine.is_empty() {
        return None;
    }
    let due = |one: &Waits| {
        html! { ", due " (one.due.date()) @if one.due < now { " " span.chip.fail { "overdue" } } }
    };
    let of = page::encoded(&visitor.name);
    Some(html! {
        section.card {
            h2 { a href=(at) { (page::visible(&standing.name)) } }
            @if standing.name != *product { p.small.soft.mono { (page::visible(product)) } }
            @if !to_answer.is_empty() {
                h3 { "Requests to answer" }
                ul { @for one in to_answer { li {
                    a href={ (at) "/requests/" (one.id) "/answer" } { (one.id) } " " (requests::visible(&one.what)) (due(one))
                } } }
            }
            @if !to_decide.is_empty() {
                h3 { "Answers to decide on" }
                ul { @for one in to_decide { li {
                    a href={ (at) "/requests/" (one.id) } { (one.id) } " " (requests::visible(&one.what))
                } } }
            }
            (mine.told(product, &at))
            @if let Some(tasks) = tasks {
                h3 { "Tasks" }
                ul { @for one in &tasks.first { li {
                    a href={ (at) "/tasks?of=" (of) "#" (one.id) } { (one.id) } " " (said(&one.what)) (due(one))
                } } }
                @if tasks.count > tasks.first.len() { p { a href={ (at) "/tasks?of=" (of) } { "All " (tasks.count) } } }
            }
            @if let Some(tasks) = nobodys {
                h3 { "Tasks that nobody has yet" }
                ul { @for one in tasks.first.iter().take(FIRST) { li {
                    a href={ (at) "/tasks?has=" (NOBODY) "#" (one.id) } { (one.id) } " " (said(&one.what)) (due(one))
                } } }
                @if tasks.count > FIRST { p { a href={ (at) "/tasks?has=" (NOBODY) } { "All " (tasks.count) } } }
            }
        }
    })
}
