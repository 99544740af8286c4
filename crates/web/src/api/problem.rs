//! Trouble as programs read it: `application/problem+json` of RFC 9457, with the place and what to do.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Map, Value, json};

/// The media type.
pub(crate) const MEDIA: &str = "application/problem+json";

/// What a page of trouble says, kept beside it, so that a program can be told the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Said {
    pub(crate) what: String,
    pub(crate) hint: String,
    pub(crate) place: String,
}

/// The schema.
pub(crate) fn shape(_: &mut Map<String, Value>) -> Value {
    json!({
        "type": "object",
        "description": "Why something was not done (RFC 9457).",
        "required": ["type", "title", "status", "detail", "hint", "place"],
        "properties": {
            "type": {"const": "about:blank"},
            "title": {"type": "string", "description": "The status in words."},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string", "description": "What happened."},
            "hint": {"type": "string", "description": "What to do; may be empty."},
            "place": {
                "type": "string",
                "description": "Where: a JSON pointer into what was sent (`#/title`), a parameter (`?limit`), or a \
                                header; empty where it is none of them."
            },
        },
        "additionalProperties": false,
    })
}

/// An answer for a program: what is no success becomes a problem; other answers stay as they are.
pub(crate) fn of(response: Response) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let said = response.extensions().get::<Said>().cloned().unwrap_or_else(|| other(status));
    let title = status.canonical_reason().unwrap_or("Not done");
    let body = json!({
        "type": "about:blank", "title": title, "status": status.as_u16(),
        "detail": said.what, "hint": said.hint, "place": said.place,
    });
    let (mut parts, _) = response.into_parts();
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body.to_string()))
}

/// What is refused before any of our own code sees it: a path that does not decode, a number that is none.
fn other(status: StatusCode) -> Said {
    let what = match status {
        StatusCode::BAD_REQUEST => "The address has a part that cannot be read.",
        _ => "The request was not understood.",
    };
    let hint = "`/api/v1/openapi.json` describes every address.";
    Said { what: what.to_owned(), hint: hint.to_owned(), place: String::new() }
}
