//! Logging in by form and by JSON, logging out, changing the password.

use std::time::Instant;

use serde_json::json;

use super::session::{COOKIE, ROLE_COOKIE};
use super::{Outcome, Turn, input, page, session};
use crate::accounts::{Role, acceptable};
use crate::crew::lock;
use crate::faults::Fault;
use crate::http::{Reply, Response, form};
use crate::plug::Denied;

/// `POST /login` of the page.
pub(super) fn by_form(turn: &mut Turn<'_>) -> Outcome {
    let fields = form(input::message(turn)?);
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let user = field("username").unwrap_or_default();
    let password = field("password").unwrap_or_default();
    match sign_in(turn, &user, &password) {
        Ok(role) => {
            let token = open(turn, &user, role)?;
            Ok(with_session(turn, Response::redirect(303, "/"), &token, role))
        }
        Err(Denied::Wrong) => Ok(page::login(turn, 401, "User name or password not accepted.", &user)),
        Err(Denied::Wait(wait)) => {
            let seconds = Denied::seconds(wait);
            let message = format!("Too many attempts. Try again in {seconds} s.");
            Ok(page::login(turn, 429, &message, "").with("Retry-After", seconds.to_string()))
        }
    }
}

/// `POST /api/v1/login`.
pub(super) fn by_json(turn: &mut Turn<'_>) -> Outcome {
    session::own_page(turn)?;
    let map = input::object(turn, &["username", "password"])?;
    let user = input::required(input::text(turn, &map, "username", 1..=64)?, "username")?;
    let password = input::required(input::text(turn, &map, "password", 0..=128)?, "password")?;
    let role = sign_in(turn, &user, &password).map_err(denied)?;
    let token = open(turn, &user, role)?;
    let answer = json!({ "role": role.name(), "token": token });
    Ok(with_session(turn, Response::json(200, &answer), &token, role))
}

/// `POST /api/v1/logout`.
pub(super) fn logout(turn: &mut Turn<'_>) -> Outcome {
    let session = session::with_role(turn, Role::Guest)?;
    if !turn.plug.has(Fault::SessionSurvivesLogout) {
        lock(&turn.plug.sessions).close(&session);
    }
    let gone = format!("{COOKIE}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict");
    Ok(Response::json(200, &json!({ "result": "logged out" })).with("Set-Cookie", gone))
}

/// `POST /api/v1/password`: the own password, after the current one was given once more.
pub(super) fn change_password(turn: &mut Turn<'_>) -> Outcome {
    session::own_page(turn)?;
    let session = session::with_role(turn, Role::Guest)?;
    let map = input::object(turn, &["current", "new"])?;
    let current = input::required(input::text(turn, &map, "current", 0..=128)?, "current")?;
    let new = input::required(input::text(turn, &map, "new", 0..=128)?, "new")?;
    sign_in(turn, &session.user, &current).map_err(denied)?;
    acceptable(&session.user, &new).map_err(input::wrong)?;
    if turn.plug.has(Fault::PasswordChangeIgnored) {
        return Ok(changed());
    }
    let (admin, guest) = turn.plug.credentials();
    let is_admin = session.user == admin.user();
    if !is_admin && session.user != guest.user() {
        return Err(Response::error(403, "not allowed for this account").into());
    }
    let fresh = if is_admin { &admin } else { &guest }.changed(&new);
    {
        let mut settings = lock(&turn.plug.settings);
        let place = if is_admin { &mut settings.admin } else { &mut settings.guest };
        *place = fresh;
    }
    if !turn.plug.has(Fault::SessionSurvivesChange) {
        lock(&turn.plug.sessions).close_others(&session);
    }
    Ok(changed())
}

fn changed() -> Response {
    Response::json(200, &json!({ "result": "password changed" }))
}

fn sign_in(turn: &mut Turn<'_>, user: &str, password: &str) -> Result<Role, Denied> {
    let claimed = turn.request.header("x-forwarded-for").and_then(|value| value.trim().parse().ok());
    let source = match claimed {
        Some(claimed) if turn.plug.has(Fault::LockoutByForwardedFor) => claimed,
        _ => turn.visit.source,
    };
    turn.plug.sign_in(source, &mut turn.visit.wrong_logins, user, password)
}

fn denied(denied: Denied) -> Reply {
    match denied {
        Denied::Wrong => Response::error(401, "user name or password not accepted").into(),
        Denied::Wait(wait) => {
            Response::error(429, "too many attempts").with("Retry-After", Denied::seconds(wait).to_string()).into()
        }
    }
}

fn open(turn: &Turn<'_>, user: &str, role: Role) -> Result<String, Reply> {
    let predictable = turn.plug.has(Fault::SessionPredictable);
    lock(&turn.plug.sessions)
        .open(user, role, predictable, Instant::now())
        .ok_or_else(|| Response::error(503, "try again later").into())
}

fn with_session(turn: &Turn<'_>, response: Response, token: &str, role: Role) -> Response {
    let response = response.with("Set-Cookie", cookie(turn, token));
    match turn.plug.has(Fault::RoleFromCookie) {
        true => {
            response.with("Set-Cookie", format!("{ROLE_COOKIE}={}; Path=/; Secure; SameSite=Strict", role.name()))
        }
        false => response,
    }
}

fn cookie(turn: &Turn<'_>, token: &str) -> String {
    if turn.plug.has(Fault::SessionCookieBare) {
        return format!("{COOKIE}={token}");
    }
    let secure = if turn.secure { "; Secure" } else { "" };
    format!("{COOKIE}={token}; Path=/; HttpOnly{secure}; SameSite=Strict")
}
