//! Findings: what does not meet the standard, with its grounds, and what stands in the way of the rest.

use axum::extract::{Path, State};
use axum::routing::get;
use maud::{Markup, html};
use report::html::findings::{findings, gaps};
use report::html::parts::Anchors;
use workflow::people::Permission;

use crate::page;
use crate::site::Site;
use crate::table::{Access, Route};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

pub(crate) const ROUTES: &[Route] =
    &[Route::get("/p/{product}/findings", Access::May(Permission::SeeVerdicts), || get(show))];

async fn show(State(site): State<Site>, visitor: Visitor, Path(product): Path<String>) -> Result<Markup, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let at = format!("/p/{}", page::encoded(&product));
    let told = &snapshot.told;
    let anchors = Anchors::at(told, &format!("{at}/provisions/"), &format!("{at}/records/"));
    let body = html! {
        h1 { "Findings and next steps" }
        (findings(told, &anchors))
        (gaps(told, &anchors))
    };
    Ok(page::of_product(&visitor, &product, &told.head.product, "/findings", "Findings", &body))
}
