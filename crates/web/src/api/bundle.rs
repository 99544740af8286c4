//! The bundle of a recorded assessment, for whoever verifies it without us.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::json;
use workflow::people::Permission;

use app::bundle::{self, BundleError};
use app::inventory::Selection;

use super::Api;
use super::answer;
use super::asked::{Asked, Queried, asked};
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route, Verb};
use crate::trouble::Trouble;

pub(crate) const ROUTES: &[Route] = &[Route::api(
    Verb::Get,
    "/api/v1/products/{product}/bundle",
    Access::May(Permission::Export),
    Api::new("getBundle", "The bundle of a recorded assessment", |_| json!({}))
        .query(Which::shape)
        .gives("application/x-tar")
        .refuses(&[409]),
    || get(whole),
)];

asked! {
    /// Which bundle.
    struct Which {
        /// Position of the assessment; the newest of the release that the dossier declares when left out.
        record: Option<u64>,
        /// Whether what is private stays behind; it does when left out.
        redacted: Option<bool>,
    }
}

async fn whole(
    State(site): State<Site>,
    Path(product): Path<String>,
    Queried(which): Queried<Which>,
) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let selection = if which.redacted.unwrap_or(true) { Selection::REDACTED } else { Selection::EVERYTHING };
    let bytes = site.run(move |_| {
        bundle::whole(&folder, which.record, selection).map_err(|error| match error {
            BundleError::Nothing(_) | BundleError::NotJudged { .. } | BundleError::NoAssessment(_) => {
                Trouble::from(error).with(StatusCode::CONFLICT)
            }
            other => other.into(),
        })
    });
    Ok(answer::file("application/x-tar", &format!("{product}.tar"), bytes.await?))
}
