//! A product: what it came to, provision by provision, over its releases.

mod legs;

use axum::extract::{Path, State};
use axum::routing::get;
use maud::{Markup, html};
use report::html::matrix::matrix;
use report::html::parts::{said, verdict};
use report::words;
use workflow::people::Permission;

use app::workspace::Snapshot;

use crate::page;
use crate::site::Site;
use crate::table::{Access, Route};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

pub(crate) const ROUTES: &[Route] =
    &[Route::get("/p/{product}", Access::May(Permission::SeeDeclared), || get(show))];

async fn show(State(site): State<Site>, visitor: Visitor, Path(product): Path<String>) -> Result<Markup, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let told = &snapshot.told;
    let verdicts = visitor.may(Permission::SeeVerdicts);
    let body = html! {
        (head(&snapshot))
        @if verdicts {
            h2.hidden { "Verdicts" }
            div.verdicts {
                (verdict("mandatory", "Mandatory provisions", &told.mandatory))
                (verdict("recommended", "Recommendations that are claimed", &told.recommended))
            }
            (next(&snapshot, &product))
            (super::trend::trend(&snapshot, None))
            (matrix(told, &format!("/p/{}/provisions/", page::encoded(&product))))
            (legs::legs(told, &product))
        } @else {
            p.lead { "What was found and decided is not shown to this role." }
        }
    };
    Ok(page::of_product(&visitor, &product, &told.head.product, "", "Overview", &body))
}

fn head(snapshot: &Snapshot) -> Markup {
    let head = &snapshot.told.head;
    html! {
        h1 { (words::or_unsaid(&head.product)) }
        p.subtitle {
            @if !head.model.is_empty() { "Model " (head.model) ", " }
            "release " (words::or_unsaid(&head.release)) ", " (head.edition.citation())
        }
    }
}

/// The three steps that bring most, and how many there are.
fn next(snapshot: &Snapshot, product: &str) -> Markup {
    let open = snapshot.tasks.tasks.iter().filter(|told| told.task.is_open());
    let count = open.clone().count();
    html! {
        section aria-labelledby="next" {
            h2 #next { "What comes next" }
            @if count == 0 { p { "Nothing is in the way." } } @else {
                ol.steps {
                    @for wanted in open.filter_map(|told| told.wanted.as_ref()).take(3) {
                        li { div { p { (said(&wanted.step.text)) } } }
                    }
                }
                p { a href={ "/p/" (product) "/tasks" } { "All " (words::count(count as u64, "open task")) } }
            }
        }
    }
}
