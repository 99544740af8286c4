//! Who asks: the session of a request, the role a handler needs, and the guard against foreign web pages.

use std::net::IpAddr;
use std::time::Instant;

use super::Turn;
use crate::accounts::Role;
use crate::crew::lock;
use crate::faults::Fault;
use crate::http::{Reply, Response};
use crate::ports;
use crate::sessions::Session;

/// Name of the session cookie.
pub(super) const COOKIE: &str = "lumen_session";
/// Name of the cookie that the weakness believes.
pub(super) const ROLE_COOKIE: &str = "lumen_role";

/// The session of the request, by cookie or bearer token.
pub(super) fn current(turn: &Turn<'_>) -> Option<Session> {
    if turn.plug.has(Fault::GuardByPath) && turn.request.path.contains('%') {
        return Some(Session::of_nobody());
    }
    let cookies = turn.request.header("cookie").unwrap_or_default();
    let cookie = |wanted: &str| {
        let pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
        pairs.into_iter().find(|(name, _)| *name == wanted).map(|(_, value)| value)
    };
    let bearer = turn.request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let half = turn.plug.has(Fault::AlteredSessionAccepted);
    let mut session = lock(&turn.plug.sessions).find(cookie(COOKIE).or(bearer)?, half, Instant::now())?;
    if turn.plug.has(Fault::RoleFromCookie)
        && let Some(role) = cookie(ROLE_COOKIE)
    {
        session.role = if role == Role::Admin.name() { Role::Admin } else { Role::Guest };
    }
    Some(session)
}

/// The session of an administrator, for a request of our own pages.
pub(super) fn admin(turn: &Turn<'_>) -> Result<Session, Reply> {
    own_page(turn)?;
    with_role(turn, Role::Admin)
}

/// A session with at least this role, wherever the request came from.
pub(super) fn with_role(turn: &Turn<'_>, least: Role) -> Result<Session, Reply> {
    let session = current(turn).ok_or_else(|| Response::error(401, "login required"))?;
    if session.role < least {
        return Err(Response::error(403, "not allowed for this account").into());
    }
    Ok(session)
}

/// Refuses what another web page made the browser send; a client that is no browser sends no Origin.
pub(super) fn own_page(turn: &Turn<'_>) -> Result<(), Reply> {
    let own = format!("https://{}:{}", host(turn.plug.address), ports::HTTPS);
    match turn.request.header("origin") {
        Some(origin) if origin != own && turn.request.method != "GET" => {
            Err(Response::error(403, "request from a foreign page").into())
        }
        _ => Ok(()),
    }
}

/// An address as it stands in a URL.
pub(super) fn host(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}
