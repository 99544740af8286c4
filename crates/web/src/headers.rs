//! What every answer carries, so that a browser runs, loads and frames nothing that is not ours.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::{self, problem};
use crate::site::Site;
use crate::trouble::Trouble;

/// Nothing but our own style sheet, script and pictures; nothing inline.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' blob:; connect-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Checks that the request is meant for this server, and dresses the answer.
pub(crate) async fn headers(State(site): State<Site>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let for_program = request.uri().path().starts_with(api::PREFIX);
    let mut response = if site.doors().knows_host(host) {
        next.run(request).await
    } else {
        // Another name that was made to lead here: the page of a stranger wants to read ours.
        Trouble::new(
            axum::http::StatusCode::MISDIRECTED_REQUEST,
            "This server does not answer to that name.",
            "Use the address that `assay serve` printed.",
        )
        .into_response()
    };
    if for_program {
        response = problem::of(response);
    }
    dress(response.headers_mut());
    if site.doors().is_https() {
        let year = HeaderValue::from_static("max-age=31536000");
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    response
}

fn dress(headers: &mut HeaderMap) {
    let mut set = |name, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    // Not `no-referrer`: with it, a browser sends its own forms from nowhere, and they are refused.
    set(header::REFERRER_POLICY, "same-origin");
    set(header::CACHE_CONTROL, "no-store");
    set(header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(
        header::HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    );
}
