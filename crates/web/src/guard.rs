//! The one gate in front of every handler: who asks, whether they may, and whether a form is one of ours.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, RawPathParams, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use std::time::Duration;

use crate::api::door;
use crate::site::Site;
use crate::table::{Access, Route, Verb};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

/// How long a form or a file may take to arrive.
pub(crate) const SENDING: Duration = Duration::from_secs(120);

/// A route and the site it is on.
#[derive(Debug, Clone)]
pub(crate) struct Guarded {
    pub(crate) site: Site,
    pub(crate) route: &'static Route,
}

/// Lets a request through to its handler, with the [`Visitor`] among its extensions.
pub(crate) async fn guard(
    State(Guarded { site, route }): State<Guarded>,
    params: RawPathParams,
    mut request: Request,
    next: Next,
) -> Response {
    let product = params.iter().find(|(name, _)| *name == "product").map(|(_, value)| value.to_owned());
    if let Some(api) = &route.api {
        return door::enter(&site, (route, api), product, request, next).await;
    }
    let visitor = match visitor(&site, request.headers(), product).await {
        Ok(visitor) => visitor,
        Err(trouble) => return trouble.into_response(),
    };
    match (route.access, &visitor) {
        (Access::Anybody, _) => {}
        (_, None) if route.verb == Verb::Get => return Redirect::to("/sign-in").into_response(),
        (_, None) => {
            return Trouble::new(
                StatusCode::UNAUTHORIZED,
                "Nobody is signed in here.",
                "Sign in, and send it again.",
            )
            .into_response();
        }
        (Access::SignedIn, Some(_)) => {}
        (Access::May(permission), Some(visitor)) if visitor.may(permission) => {}
        (Access::Somewhere(permission), Some(visitor)) if visitor.may_somewhere(permission) => {}
        (Access::May(permission) | Access::Somewhere(permission), Some(_)) => {
            return Trouble::may_not(format!("This takes the permission `{permission}`.")).into_response();
        }
    }
    if route.verb == Verb::Post {
        let within = tokio::time::timeout(SENDING, sent(&site, request, route, visitor.as_ref())).await;
        request = match within {
            Ok(Ok(request)) => request,
            Ok(Err(trouble)) => return trouble.into_response(),
            Err(_) => {
                return Trouble::new(StatusCode::REQUEST_TIMEOUT, "It took too long to arrive.", "Send it again.")
                    .into_response();
            }
        };
    }
    if let Some(visitor) = visitor {
        request.extensions_mut().insert(visitor);
    }
    match tokio::time::timeout(Duration::from_secs(route.seconds), next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => late().into_response(),
    }
}

/// Work that was begun on a thread of its own goes on there, and is whole or not at all.
pub(crate) fn late() -> Trouble {
    let hint = "Look whether it was done before you try it again.";
    Trouble::new(StatusCode::GATEWAY_TIMEOUT, "It took too long.", hint)
}

/// Who asks, by the cookie of a session.
async fn visitor(site: &Site, headers: &HeaderMap, product: Option<String>) -> Result<Option<Visitor>, Trouble> {
    let Some(session) = session(site, headers) else { return Ok(None) };
    site.run(move |site| Ok(site.doors().visitor(&session, product.as_deref())?)).await
}

/// The secret of the session that a browser shows.
pub(crate) fn session(site: &Site, headers: &HeaderMap) -> Option<String> {
    kept(headers, site.doors().cookie())
}

/// What a browser keeps under a name.
pub(crate) fn kept(headers: &HeaderMap, cookie: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    lines.flat_map(|line| line.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == cookie).then(|| value.to_owned())
    })
}

/// A form: within its limit, from one of our own pages, with the mark of the session.
async fn sent(
    site: &Site,
    request: Request,
    route: &Route,
    visitor: Option<&Visitor>,
) -> Result<Request, Trouble> {
    let (parts, body) = request.into_parts();
    let said = |name| parts.headers.get(name).and_then(|v: &header::HeaderValue| v.to_str().ok());
    let fetched = said(header::HeaderName::from_static("sec-fetch-site"));
    let foreign = fetched.is_some_and(|fetched| !matches!(fetched, "same-origin" | "none"))
        || said(header::ORIGIN).is_some_and(|origin| !site.doors().is_origin(origin));
    if foreign {
        return Err(Trouble::may_not("The form was sent from another site.").with(StatusCode::FORBIDDEN));
    }
    let Ok(bytes) = to_bytes(body, route.limit).await else {
        return Err(Trouble::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("What was sent is larger than {} KiB.", route.limit / 1024),
            "Send a smaller file; `assay attach` takes files of any size.",
        ));
    };
    if let Some(visitor) = visitor {
        let kind = said(header::CONTENT_TYPE).unwrap_or_default().to_owned();
        let mark = mark(&kind, &bytes).await;
        if !visitor.is_marked_by(mark.as_deref().unwrap_or_default()) {
            return Err(Trouble::new(
                StatusCode::FORBIDDEN,
                "The form does not carry the mark of this session.",
                "Open the page again, and send it from there.",
            ));
        }
    }
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

/// The mark in a form: a field of its own, in a multipart form the first.
async fn mark(kind: &str, bytes: &Bytes) -> Option<String> {
    if kind.starts_with("multipart/form-data") {
        let request =
            Request::builder().header(header::CONTENT_TYPE, kind).body(Body::from(bytes.clone())).ok()?;
        let mut parts = Multipart::from_request(request, &()).await.ok()?;
        let first = parts.next_field().await.ok()??;
        return if first.name() == Some("csrf") { first.text().await.ok() } else { None };
    }
    let mut request = Request::builder()
        .method("POST")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(bytes.clone()))
        .ok()?;
    // It is within the limit of its route already.
    DefaultBodyLimit::disable().apply(&mut request);
    let fields: axum::Form<Vec<(String, String)>> = axum::Form::from_request(request, &()).await.ok()?;
    fields.0.into_iter().find(|(name, _)| name == "csrf").map(|(_, value)| value)
}
