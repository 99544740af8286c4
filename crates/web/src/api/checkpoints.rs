//! Where the release stands on its way out, checkpoint by checkpoint.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use serde_json::{Map, Value};
use workflow::people::Permission;

use super::{Api, answer, row};
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route, Verb};
use crate::trouble::Trouble;

pub(crate) const ROUTES: &[Route] = &[Route::api(
    Verb::Get,
    "/api/v1/products/{product}/checkpoints",
    Access::May(Permission::SeeVerdicts),
    Api::new("getCheckpoints", "Checkpoints of the release, what holds at each, and its sign-offs", document),
    || get(show),
)];

fn document(defs: &mut Map<String, Value>) -> Value {
    row::document(defs, report::checkpoints::json_schema())
}

async fn show(State(site): State<Site>, Path(product): Path<String>) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let told = site.run(move |_| Ok(app::checkpoints::show(&folder, app::now())?)).await?;
    answer::json(&report::checkpoints::json(&told))
}
