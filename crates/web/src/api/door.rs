//! The gate in front of what programs ask: a token with its scopes, or, to look alone, the session of a browser.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Query, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use super::asked::Checked;
use super::check::check;
use super::row::{Api, Asks, Tagged};
use crate::guard;
use crate::site::Site;
use crate::table::{Access, Route, Verb};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

/// Lets a request through to its handler, with the [`Visitor`] and what was [`Checked`] among its extensions.
pub(crate) async fn enter(
    site: &Site,
    (route, api): (&'static Route, &'static Api),
    product: Option<String>,
    request: Request,
    next: Next,
) -> Response {
    let visitor = match visitor(site, route, request.headers(), product).await {
        Ok(visitor) => visitor,
        Err(trouble) => {
            let unknown = trouble.status == StatusCode::UNAUTHORIZED;
            let mut response = trouble.into_response();
            if unknown {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            return response;
        }
    };
    let within = tokio::time::timeout(guard::SENDING, read(request, route, api)).await;
    let mut request = match within {
        Ok(Ok(request)) => request,
        Ok(Err(trouble)) => return trouble.into_response(),
        Err(_) => {
            let late = "It took too long to arrive.";
            return Trouble::new(StatusCode::REQUEST_TIMEOUT, late, "Send it again.").into_response();
        }
    };
    if let Some(visitor) = visitor {
        request.extensions_mut().insert(visitor);
    }
    match tokio::time::timeout(Duration::from_secs(route.seconds), next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => guard::late().into_response(),
    }
}

async fn visitor(
    site: &Site,
    route: &'static Route,
    headers: &HeaderMap,
    product: Option<String>,
) -> Result<Option<Visitor>, Trouble> {
    if route.access == Access::Anybody {
        return Ok(None);
    }
    let nobody = |what: &str| {
        Trouble::new(
            StatusCode::UNAUTHORIZED,
            what,
            "Send a token: `Authorization: Bearer …`. Tokens are made under Account; somebody who works alone starts \
             with `assay serve --token`.",
        )
    };
    let token = headers.get(header::AUTHORIZATION);
    let session = guard::session(site, headers);
    let known = match (token, session) {
        (Some(shown), _) => {
            let shown = shown.to_str().unwrap_or_default();
            let token = shown.split_once(' ').filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer"));
            let Some(token) = token.map(|(_, token)| token.trim().to_owned()) else {
                return Err(nobody("The authorization is not one of the kind `Bearer`."));
            };
            site.run(move |site| Ok(site.doors().programme(&token, product.as_deref())?)).await?
        }
        (None, Some(session)) if route.verb == Verb::Get => {
            site.run(move |site| Ok(site.doors().visitor(&session, product.as_deref())?)).await?
        }
        // What a browser sends by itself changes nothing here, so no form elsewhere can.
        (None, Some(_)) => return Err(nobody("A session of a browser looks, and changes nothing here.")),
        (None, None) => return Err(nobody("Nobody is known by this request.")),
    };
    let visitor = known.ok_or_else(|| nobody("The token or the session is over, or never was."))?;
    match route.access {
        Access::May(permission) if !visitor.may(permission) => {
            Err(Trouble::may_not(format!("This takes the permission `{permission}`.")))
        }
        Access::Somewhere(permission) if !visitor.may_somewhere(permission) => {
            Err(Trouble::may_not(format!("This takes the permission `{permission}`.")))
        }
        _ => Ok(Some(visitor)),
    }
}

/// Checks query, tag and body against what the route says of them.
async fn read(request: Request, route: &Route, api: &Api) -> Result<Request, Trouble> {
    let mut checked = Checked { query: query(request.uri(), api)?, ..Checked::default() };
    if api.tagged == Tagged::Match {
        let tag = request.headers().get(header::IF_MATCH).and_then(|tag| tag.to_str().ok());
        checked.tag = tag.map(str::to_owned).ok_or_else(|| {
            Trouble::new(
                StatusCode::PRECONDITION_REQUIRED,
                "The change does not say what it was made from.",
                "Read it first, and send its `ETag` back as `If-Match`.",
            )
            .at("If-Match")
        })?;
    }
    let (parts, body) = request.into_parts();
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let wanted = match api.asks {
        Asks::Nothing => None,
        Asks::Json(_) => Some("application/json"),
        Asks::Bytes(media) => Some(media),
    };
    if let Some(wanted) = wanted.filter(|wanted| *wanted != kind) {
        let what = format!("What was sent is not of the type {wanted}.");
        let hint = format!("Send it with `Content-Type: {wanted}`.");
        return Err(Trouble::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, what, hint).at("Content-Type"));
    }
    let Ok(bytes) = to_bytes(body, route.limit).await else {
        let what = format!("What was sent is larger than {} KiB.", route.limit / 1024);
        return Err(Trouble::new(StatusCode::PAYLOAD_TOO_LARGE, what, "Send less, or a smaller file."));
    };
    if let Asks::Json(shape) = api.asks {
        checked.sent = serde_json::from_slice(&bytes).map_err(|error| {
            let what = format!("What was sent is no JSON: {error}.");
            Trouble::new(StatusCode::BAD_REQUEST, what, "Send one JSON object.")
        })?;
        whole(&mut checked.sent);
        keeps(&checked.sent, shape, "")?;
    }
    let mut request = Request::from_parts(parts, Body::from(bytes));
    request.extensions_mut().insert(checked);
    Ok(request)
}

/// To a schema, `8.0` is an integer.
fn whole(value: &mut Value) {
    /// Up to here, numbers of either kind are the same.
    const EXACT: f64 = 9_007_199_254_740_991.0;
    match value {
        Value::Number(number) if number.is_f64() => {
            let exact = number.as_f64().filter(|n| n.fract() == 0.0 && n.abs() <= EXACT);
            // Within the bounds, nothing is cut off.
            #[expect(clippy::cast_possible_truncation, reason = "whole, and within the bounds")]
            if let Some(exact) = exact {
                *value = (exact as i64).into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(whole),
        Value::Object(fields) => fields.values_mut().for_each(whole),
        _ => {}
    }
}

/// The parameters of the query as an object: each known, each once, each of its type.
fn query(uri: &Uri, api: &Api) -> Result<Value, Trouble> {
    let refuse = |what: String, name: &str| {
        let hint = "`/api/v1/openapi.json` lists the parameters of each address.";
        Err(Trouble::new(StatusCode::BAD_REQUEST, what, hint).at(format!("?{name}")))
    };
    let shape = api.query.map(|shape| shape(&mut Map::new())).unwrap_or_default();
    let mut read = Map::new();
    let mut seen = BTreeSet::new();
    let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(uri) else {
        return refuse("The query cannot be read.".to_owned(), "");
    };
    for (name, value) in pairs {
        let known = &shape["properties"][&name];
        if known.is_null() {
            return refuse(format!("The parameter `{name}` is not known here."), &name);
        }
        if !seen.insert(name.clone()) {
            return refuse(format!("The parameter `{name}` is given twice."), &name);
        }
        let value = match known["type"].as_str() {
            Some("integer") => match value.parse::<u64>() {
                Ok(number) => number.into(),
                Err(_) => return refuse(format!("The parameter `{name}` has to be a number."), &name),
            },
            Some("boolean") => match value.as_str() {
                "true" => true.into(),
                "false" => false.into(),
                _ => return refuse(format!("The parameter `{name}` has to be true or false."), &name),
            },
            _ => Value::String(value),
        };
        read.insert(name, value);
    }
    let read = Value::Object(read);
    if let Some(shape) = api.query {
        keeps(&read, shape, "?")?;
    }
    Ok(read)
}

fn keeps(value: &Value, shape: super::row::Shape, before: &str) -> Result<(), Trouble> {
    let mut defs = Map::new();
    let schema = shape(&mut defs);
    check(value, &schema, &defs).map_err(|wrong| {
        let place = match before.is_empty() {
            true => format!("#{}", wrong.place),
            false => format!("{before}{}", wrong.place.trim_start_matches('/')),
        };
        Trouble::new(StatusCode::BAD_REQUEST, format!("At {place}: {}.", wrong.what), "Mend it there.").at(place)
    })
}
