//! The style sheet and the script, by the digest of their bytes, so that a browser keeps them until they change.

use std::sync::LazyLock;

use axum::extract::Query;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use model::Digest;

use crate::table::{Access, Route};

/// The report's style and the pages' own.
static STYLE: LazyLock<String> =
    LazyLock::new(|| format!("{}\n{}", report::html::STYLE, include_str!("../assets/style.css")));
const SCRIPT: &str = include_str!("../assets/page.js");
const ICON: &str = include_str!("../assets/icon.svg");

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/assets/style.css", Access::Anybody, || get(|q| async { kept(q, "text/css", &STYLE) })),
    Route::get("/assets/page.js", Access::Anybody, || get(|q| async { kept(q, "text/javascript", SCRIPT) })),
    Route::get("/assets/icon.svg", Access::Anybody, || get(|q| async { kept(q, "image/svg+xml", ICON) })),
];

#[derive(Debug, serde::Deserialize)]
struct Version {
    v: Option<String>,
}

/// The address of the style sheet.
pub(crate) fn style() -> &'static str {
    static AT: LazyLock<String> = LazyLock::new(|| versioned("/assets/style.css", &STYLE));
    &AT
}

/// The address of the script.
pub(crate) fn script() -> &'static str {
    static AT: LazyLock<String> = LazyLock::new(|| versioned("/assets/page.js", SCRIPT));
    &AT
}

fn versioned(path: &str, text: &str) -> String {
    let digest = Digest::of(text.as_bytes()).to_string();
    let hex = digest.rsplit(':').next().unwrap_or_default();
    format!("{path}?v={}", hex.get(..12).unwrap_or(hex))
}

fn kept(Query(version): Query<Version>, kind: &'static str, text: &'static str) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let age = if version.v.is_some() { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(age));
    (headers, text).into_response()
}
