//! The portfolio: products × releases, where each stands and what blocks.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::{Markup, html};
use model::Outcome;
use report::html::parts::{chip, mark};
use report::words;
use workflow::people::Permission;

use app::workspace::{ReleaseStanding, Standing};

use crate::page;
use crate::site::Site;
use crate::table::{Access, Route};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

pub(crate) const ROUTES: &[Route] = &[Route::get("/", Access::SignedIn, || get(show))];

/// Products on one page.
const AT_ONCE: usize = 50;
/// Standing of a product that was not looked at yet.
const NOT_YET: &str = "not-yet";
/// Releases in a row.
const RELEASES: usize = 10;

#[derive(Debug, Default, serde::Deserialize)]
struct Wanted {
    #[serde(default)]
    find: String,
    #[serde(default)]
    stands: String,
    #[serde(default)]
    page: usize,
}

async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    if site.workspace().is_single()
        && let Some(only) = site.workspace().products()?.first()
        && wanted.find.is_empty()
        && visitor.may_on(Permission::SeeDeclared, only)
    {
        return Ok(Redirect::to(&format!("/p/{only}")).into_response());
    }
    let all = site.products(|product| visitor.may_on(Permission::SeeDeclared, product)).await?;
    let told = |standing: &Standing| visitor.may_on(Permission::SeeVerdicts, &standing.product);
    let verdicts = all.iter().any(|standing| told(standing));
    let find = wanted.find.to_lowercase();
    let found: Vec<&Standing> = all
        .iter()
        .map(AsRef::as_ref)
        .filter(|standing| find.is_empty() || text(standing).to_lowercase().contains(&find))
        .filter(|standing| wanted.stands.is_empty() || (told(standing) && stands(standing) == wanted.stands))
        .collect();
    let pages = found.len().div_ceil(AT_ONCE).max(1);
    let at = wanted.page.clamp(1, pages);
    let shown = found.iter().skip((at - 1) * AT_ONCE).take(AT_ONCE);
    let shown = site.current(shown.map(|standing| standing.product.clone()).collect()).await?;
    let looked_at_now = |one: &Standing| shown.iter().any(|s| s.at.is_some() && s.product == one.product);
    let not_yet = all.iter().filter(|one| one.at.is_none() && !looked_at_now(one)).count();
    let body = html! {
        h1 { "Portfolio" }
        p.lead { (words::count(all.len() as u64, "product")) @if found.len() < all.len() { ", " (found.len()) " shown" } "." }
        @if not_yet > 0 {
            p.said {
                (words::count(not_yet as u64, "product")) " not looked at yet today; that goes on by itself. Until then nothing is said of "
                "them, and they are found by the name of their folder alone. "
                a href=(to(&wanted, at)) { "Look again" }
            }
        }
        (filter(&wanted, verdicts))
        (table(&shown, verdicts, &told))
        (turn(&wanted, at, pages))
    };
    Ok(page::page(&visitor, "/", "Portfolio", &body).into_response())
}

fn text(standing: &Standing) -> String {
    format!("{} {} {}", standing.product, standing.name, standing.model)
}

fn stands(standing: &Standing) -> &'static str {
    match standing.current() {
        None if standing.at.is_none() => NOT_YET,
        None => "unreadable",
        Some(release) if release.findings > 0 => "findings",
        Some(release) if release.mandatory == Some(Outcome::Pass) => "clear",
        Some(_) => "open",
    }
}

fn filter(wanted: &Wanted, verdicts: bool) -> Markup {
    let choices = [
        ("", "any"),
        ("findings", "with findings"),
        ("open", "open"),
        ("clear", "clear"),
        ("unreadable", "unreadable"),
        (NOT_YET, "not looked at yet"),
    ];
    html! {
        form.filter method="get" action="/" role="search" data-now[verdicts] {
            label { "Name or model " input type="search" name="find" value=(wanted.find); }
            @if verdicts {
                label {
                    "Standing "
                    select name="stands" {
                        @for (value, name) in choices {
                            option value=(value) selected[wanted.stands == value] { (name) }
                        }
                    }
                }
            }
            button { "Show" }
        }
    }
}

fn table(shown: &[Arc<Standing>], verdicts: bool, told: &dyn Fn(&Standing) -> bool) -> Markup {
    html! {
        @if shown.is_empty() { p { "No product is like that." } } @else {
            table.portfolio.stack {
                caption { "Where each product stands, and each release beside it." }
                thead {
                    tr {
                        th scope="col" { "Product" }
                        th scope="col" { "Release" }
                        @if verdicts {
                            th scope="col" { "Stands" }
                            th scope="col" { "What blocks" }
                            th scope="col" { "Earlier releases" }
                        }
                    }
                }
                tbody { @for standing in shown { (row(standing, verdicts, told(standing))) } }
            }
        }
    }
}

fn row(standing: &Standing, verdicts: bool, told: bool) -> Markup {
    let at = format!("/p/{}", standing.product);
    html! {
        tr {
            th scope="row" {
                a href=(at) { (words::or_unsaid(&standing.name)) }
                div.small.soft { (standing.model) @if standing.name != standing.product { " · " (standing.product) } }
            }
            @if let Some(why) = &standing.unreadable {
                td colspan="4" { span.chip.fail { (mark(Outcome::Fail)) "cannot be read" } p.small { (why) } }
            } @else if standing.at.is_none() {
                td colspan="4" { span.badge { "not looked at yet" } }
            } @else if let Some(release) = standing.current() {
                td data-th="Release" { (words::or_unsaid(&release.version)) }
                @if verdicts && !told {
                    td.soft colspan="3" { "not shown to this role" }
                }
                @if verdicts && told {
                    td data-th="Stands" {
                        @if let Some(outcome) = release.mandatory { (chip(outcome)) }
                        div.small.soft { (numbers(release)) @if let Some(at) = standing.at { ", at " (page::time(at)) } }
                    }
                    td.small data-th="What blocks" { (report::html::parts::said(&release.blocked_by)) }
                    td data-th="Earlier" { (earlier(standing)) }
                }
            }
        }
    }
}

fn numbers(release: &ReleaseStanding) -> String {
    let count = |wanted| release.instances.iter().find(|(o, _)| *o == wanted).map_or(0, |(_, n)| *n as u64);
    let concerned: u64 = Outcome::ALL.into_iter().filter(|o| *o != Outcome::NotApplicable).map(count).sum();
    let decided = count(Outcome::Pass) + count(Outcome::Fail);
    let found = words::count(release.findings as u64, "finding");
    format!("{decided} of {concerned} decided, {found}, {}", words::count(release.tasks as u64, "task"))
}

fn earlier(standing: &Standing) -> Markup {
    let others = standing.releases.iter().filter(|r| !r.under_assessment).take(RELEASES - 1);
    html! {
        ul.releases {
            @for release in others {
                li {
                    @match release.mandatory {
                        Some(outcome) => span.chip.(words::key(outcome)) title=(outcome) { (mark(outcome)) (release.version) },
                        None => span.chip.na title="never assessed" { (release.version) },
                    }
                }
            }
        }
    }
}

/// The address of a page of what is wanted.
fn to(wanted: &Wanted, page: usize) -> String {
    format!("/?find={}&stands={}&page={page}", page::encoded(&wanted.find), page::encoded(&wanted.stands))
}

fn turn(wanted: &Wanted, at: usize, pages: usize) -> Markup {
    html! {
        @if pages > 1 {
            nav.turn aria-label="Pages" {
                @if at > 1 { a href=(to(wanted, at - 1)) rel="prev" { "← earlier" } }
                span { "Page " (at) " of " (pages) }
                @if at < pages { a href=(to(wanted, at + 1)) rel="next" { "later →" } }
            }
        }
    }
}
