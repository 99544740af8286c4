//! Settings: how this workspace is served, and what that means for those who use it.

use axum::extract::State;
use axum::routing::get;
use maud::{Markup, html};
use workflow::people::Permission;

use crate::page;
use crate::site::Site;
use crate::table::{Access, Route};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

pub(crate) const ROUTES: &[Route] =
    &[Route::get("/settings", Access::May(Permission::ManageSettings), || get(show))];

async fn show(State(site): State<Site>, visitor: Visitor) -> Result<Markup, Trouble> {
    let (products, owners) = site
        .run(|site| {
            let owners = match site.team() {
                Some(team) => team.people()?.owners().map(|person| person.name.clone()).collect(),
                None => Vec::new(),
            };
            Ok((site.workspace().products()?.len(), owners))
        })
        .await?;
    let doors = site.doors();
    let body = html! {
        h1 { "Settings" }
        dl {
            dt { "Products" } dd { (products) }
            dt { "Open for" }
            dd {
                @match doors.url() {
                    Some(url) => { "a team, at " (url) }
                    None => { (visitor.name) " alone, on this machine" }
                }
            }
            @if doors.url().is_some() {
                dt { "Owners" } dd { (owners.join(", ")) }
                dt { "Sessions" } dd { "end after 2 hours without a request, and after 12 in any case" }
                dt { "Transport" }
                dd {
                    @if doors.is_https() { "TLS, spoken by the reverse proxy in front" }
                    @else { "plain, for this machine alone" }
                }
                dt { "Addresses" }
                dd {
                    @if doors.has_proxy() { "of those who sign in: as the reverse proxy tells them" }
                    @else { "of those who sign in: as they connect. Behind a reverse proxy all look like one; " code { "--proxy" } " names it." }
                }
            }
        }
        p { "These are set where the workspace is started, by " code { "assay serve" } ", and cannot be changed from a browser. What a product needs is set in its " code { "assay.toml" } "." }
    };
    Ok(page::page(&visitor, "/settings", "Settings", &body))
}
