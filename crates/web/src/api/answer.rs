//! How answers to programs are written: whole, in parts, with a tag.

use std::ops::Range;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use report::presentation::told::Told;
use report::presentation::visible;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::asked::Asked;
use crate::trouble::Trouble;

/// Items of a part when nothing is asked for.
const USUAL: u64 = 100;
/// Items of a part at most.
const MOST: u64 = 500;

/// How many items a part has at most.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
#[serde(transparent)]
pub(crate) struct Limit(u64);

impl Asked for Limit {
    fn shape(_: &mut Map<String, Value>) -> Value {
        json!({"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL})
    }
}

/// Something told, with every text in its visible form.
pub(crate) fn told<T: Told + Serialize + Clone>(one: &T) -> Result<Response, Trouble> {
    json(&*visible(one))
}

/// Something as JSON, as it is.
pub(crate) fn json<T: Serialize + ?Sized>(one: &T) -> Result<Response, Trouble> {
    let text = serde_json::to_string(one).map_err(|_| Trouble::ours("the answer has no form"))?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], text).into_response())
}

/// Which part of a list of so many is asked for.
pub(crate) fn part(of: usize, cursor: Option<u64>, limit: Option<Limit>) -> Range<usize> {
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX).min(of);
    let from = number(cursor.unwrap_or(0));
    from..from.saturating_add(number(limit.map_or(USUAL, |limit| limit.0))).min(of)
}

/// A part of a list.
pub(crate) fn page<T: Told + Serialize + Clone>(
    all: &[&T],
    cursor: Option<u64>,
    limit: Option<Limit>,
) -> Result<Response, Trouble> {
    let part = part(all.len(), cursor, limit);
    let (total, to) = (all.len() as u64, part.end as u64);
    let items: Vec<Value> =
        all[part].iter().filter_map(|one| serde_json::to_value(&*visible(*one)).ok()).collect();
    json(&json!({"items": items, "next": (to < total).then_some(to), "total": total}))
}

/// An answer about something that was made.
pub(crate) fn made<T: Told + Serialize + Clone>(one: &T) -> Result<Response, Trouble> {
    Ok((StatusCode::CREATED, told(one)?).into_response())
}

/// An answer with its tag.
pub(crate) fn tagged(tag: &str, response: Response) -> Result<Response, Trouble> {
    let tag = HeaderValue::from_str(&quoted(tag)).map_err(|_| Trouble::ours("the tag has no form"))?;
    Ok(([(header::ETAG, tag)], response).into_response())
}

/// Whether a change was made from what is there now.
pub(crate) fn still(sent: &str, now: &str) -> Result<(), Trouble> {
    if sent.trim() == quoted(now) {
        return Ok(());
    }
    let hint = "Read it again, bring both together, and send it with the new `ETag`.";
    Err(Trouble::new(StatusCode::PRECONDITION_FAILED, "It was changed meanwhile; nothing was written.", hint)
        .at("If-Match"))
}

/// A file, under a name that leads nowhere.
pub(crate) fn file(media: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let name: String = name.chars().map(plain).take(100).collect();
    let shown = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let shown = shown.unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    let headers: [(HeaderName, HeaderValue); 2] =
        [(header::CONTENT_TYPE, HeaderValue::from_static(media)), (header::CONTENT_DISPOSITION, shown)];
    (headers, bytes).into_response()
}

fn quoted(tag: &str) -> String {
    format!("\"{tag}\"")
}
