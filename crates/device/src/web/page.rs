//! The page a user sees: the login form, and the plug after login.

use super::{Outcome, Turn, session};
use crate::crew::lock;
use crate::faults::Fault;
use crate::http::{Response, escape};

/// `GET /`.
pub(super) fn home(turn: &mut Turn<'_>) -> Outcome {
    let Some(session) = session::current(turn) else {
        let user = turn.request.parameter("user").unwrap_or_default();
        return Ok(login(turn, 200, "", user));
    };
    let (relay, remote) = {
        let settings = lock(&turn.plug.settings);
        (settings.relay, settings.configuration.remote_access)
    };
    let (admin, _) = turn.plug.credentials();
    // The salt belongs to the device, so equal passwords have equal hashes here.
    let default = admin.changed(&turn.plug.label.admin_password).hash() == admin.hash();
    let user = escape(&session.user);
    let word = |is: bool| if is { "on" } else { "off" };
    Ok(Response::html(
        200,
        frame(&format!(
            "<p>Signed in as {user}.</p><p>The socket is <b>{}</b>.</p><p>Remote access is {}.</p>\
             <p>The password on the label is {} in use.</p>",
            word(relay),
            word(remote),
            if default { "still" } else { "no longer" }
        )),
    ))
}

/// The login form with a message, greeting the user whose name is known.
pub(super) fn login(turn: &Turn<'_>, status: u16, message: &str, user: &str) -> Response {
    let user: String = user.chars().take(256).collect();
    let user = if turn.plug.has(Fault::InputTemplate) { computed(&user) } else { user };
    let shown = if turn.plug.has(Fault::InputReflected) { user } else { escape(&user) };
    let greeting = if shown.is_empty() { String::new() } else { format!("<p>Welcome back, {shown}</p>") };
    let form = "<form method=\"post\" action=\"/login\">\
                <label>User <input name=\"username\" autocomplete=\"username\" required></label>\
                <label>Password <input name=\"password\" type=\"password\" autocomplete=\"current-password\" required></label>\
                <button>Log in</button></form>";
    Response::html(status, frame(&format!("{greeting}<p>{}</p>{form}", escape(message))))
}

/// What a template would have made of `{{A*B}}` in the name; nothing else is computed.
fn computed(name: &str) -> String {
    let Some((before, rest)) = name.split_once("{{") else { return name.to_owned() };
    let Some((inside, behind)) = rest.split_once("}}") else { return name.to_owned() };
    let product = inside
        .split_once('*')
        .and_then(|(left, right)| left.trim().parse::<u32>().ok()?.checked_mul(right.trim().parse().ok()?));
    product.map_or_else(|| name.to_owned(), |product| format!("{before}{product}{behind}"))
}

fn frame(content: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Lumen Plug Cam</title></head>\
         <body><h1>Lumen Plug Cam</h1>{content}</body></html>"
    )
}
