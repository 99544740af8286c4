//! The door: the one-time link of somebody who works alone, and what is told to whoever is not signed in.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::html;

use crate::page;
use crate::site::Site;
use crate::table::{Access, Route};
use crate::trouble::Trouble;

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/enter", Access::Anybody, || get(enter)),
    Route::get("/sign-in", Access::Anybody, || get(sign_in)),
];

#[derive(Debug, serde::Deserialize)]
struct Link {
    token: String,
}

async fn enter(State(site): State<Site>, Query(link): Query<Link>) -> Result<Response, Trouble> {
    let used = || {
        Trouble::new(
            StatusCode::UNAUTHORIZED,
            "This link does not open the workspace, or it was used already.",
            "Stop `assay serve` and start it again: it prints a new link.",
        )
    };
    let session = site.doors().enter(&link.token).ok_or_else(used)?;
    let cookie = format!("{}={session}; Path=/; HttpOnly; SameSite=Strict", site.doors().cookie());
    let cookie = HeaderValue::from_str(&cookie).map_err(|_| Trouble::ours("the session has no name"))?;
    let mut headers = HeaderMap::new();
    headers.insert(header::SET_COOKIE, cookie);
    // A strict cookie is not sent with a request that another page led to; the page itself leads on.
    let body = html! {
        section.card { h1 { "Welcome" } p { a href="/" { "Open the workspace" } } }
        meta http-equiv="refresh" content="0; url=/";
    };
    Ok((headers, page::bare("Welcome", &body)).into_response())
}

async fn sign_in(State(_): State<Site>) -> Response {
    let body = html! {
        section.card {
            h1 { "Not signed in" }
            p { "This workspace is opened by the link that " code { "assay serve" } " prints when it starts." }
        }
    };
    (StatusCode::UNAUTHORIZED, page::bare("Not signed in", &body)).into_response()
}
