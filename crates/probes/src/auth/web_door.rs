//! Knocking at doors of the web: Basic, Digest, forms and JSON logins.

use wire::http::auth::{DigestChallenge, DigestUse, basic as basic_value, challenges};
use wire::http::cookie::{SetCookie, cookie_header};
use wire::http::page::{Destination, forms, resolve};
use wire::http::{Request, Response};

use super::door::{Control, Door, Knock};
use crate::http::exchange::{NoAnswer, exchange};
use crate::{Bench, Secret};

pub(super) fn basic(door: &Door, user: &str, secret: &Secret, bench: &mut dyn Bench) -> Knock {
    let server = door.server();
    let value = basic_value(user, secret.reveal());
    let request = server.request("GET", door.path_or_root()).header("Authorization", &value);
    match exchange(bench, &server, &request, &[secret.reveal(), &value]) {
        Ok(response) => challenged(&response),
        Err(error) => no_answer(&error),
    }
}

pub(super) fn digest(door: &Door, user: &str, secret: &Secret, bench: &mut dyn Bench) -> Knock {
    let server = door.server();
    let target = door.path_or_root();
    let first = match exchange(bench, &server, &server.request("GET", target), &[]) {
        Ok(response) => response,
        Err(error) => return no_answer(&error),
    };
    let found =
        first.headers_named("www-authenticate").flat_map(challenges).find_map(|c| DigestChallenge::read(&c));
    let Some(challenge) = found else {
        return blocked(&first)
            .unwrap_or_else(|| Knock::Unclear(format!("{} without a Digest challenge", first.status)));
    };
    let mut nonce = [0; 8];
    bench.random(&mut nonce);
    let client_nonce = hex::encode(nonce);
    let case = DigestUse {
        username: user,
        password: secret.reveal(),
        method: "GET",
        target,
        client_nonce: &client_nonce,
        count: 1,
    };
    let request = server.request("GET", target).header("Authorization", &challenge.answer(&case));
    match exchange(bench, &server, &request, &[secret.reveal()]) {
        Ok(response) => challenged(&response),
        Err(error) => no_answer(&error),
    }
}

fn challenged(response: &Response) -> Knock {
    if let Some(knock) = blocked(response) {
        return knock;
    }
    let told_by = format!("status {}", response.status);
    match response.status {
        401 => Knock::Rejected(told_by),
        200..=399 => Knock::Accepted(told_by),
        _ => Knock::Unclear(told_by),
    }
}

pub(super) fn control(door: &Door, user: &str, wrong: &Secret, bench: &mut dyn Bench) -> Control {
    match submit(door, user, wrong, bench) {
        Ok(after) => {
            let refused = after.asks_again || after.status >= 400;
            let knock = match after.blocked.clone() {
                Some(knock) => knock,
                None if refused => Knock::Rejected(after.told()),
                None => Knock::Unclear(after.told()),
            };
            Control { knock, shape: after.shape() }
        }
        Err(knock) => Control { knock, shape: String::new() },
    }
}

/// A form or JSON login. Accepted only where the answer has another shape than the one to a wrong credential.
pub(super) fn submitted(
    door: &Door,
    user: &str,
    secret: &Secret,
    control: Option<&Control>,
    bench: &mut dyn Bench,
) -> Knock {
    let after = match submit(door, user, secret, bench) {
        Ok(after) => after,
        Err(knock) => return knock,
    };
    if let Some(knock) = after.blocked {
        return knock;
    }
    let told_by = after.told();
    if after.asks_again || matches!(after.status, 400 | 401 | 403 | 422) {
        return Knock::Rejected(told_by);
    }
    match control {
        Some(control) if control.shape != after.shape() && after.status < 400 => Knock::Accepted(told_by),
        Some(control) if matches!(control.knock, Knock::Rejected(_)) && control.shape == after.shape() => {
            Knock::Rejected(told_by)
        }
        _ => Knock::Unclear(told_by),
    }
}

/// Where a submitted login led.
struct After {
    status: u16,
    asks_again: bool,
    cookie: bool,
    location: Option<String>,
    blocked: Option<Knock>,
}

impl After {
    fn told(&self) -> String {
        let asks = if self.asks_again { ", asks for a password again" } else { "" };
        let cookie = if self.cookie { ", sets a session" } else { "" };
        format!("status {}{cookie}{asks}", self.status)
    }

    fn shape(&self) -> String {
        let location = self.location.as_deref().map_or("", |l| l.split('?').next().unwrap_or(""));
        format!("{} {} {} {location}", self.status, self.asks_again, self.cookie)
    }
}

fn submit(door: &Door, user: &str, secret: &Secret, bench: &mut dyn Bench) -> Result<After, Knock> {
    let server = door.server();
    let mut cookies = Vec::new();
    let request = if door.scheme == model::AuthScheme::HttpJson {
        let body = serde_json::json!({"username": user, "password": secret.reveal()}).to_string();
        server.request("POST", door.path_or_root()).body("application/json", body.as_bytes())
    } else {
        form_request(door, user, secret, &mut cookies, bench)?
    };
    let encoded = wire::http::percent_encoded(secret.reveal());
    let response = exchange(bench, &server, &request, &[secret.reveal(), &encoded]).map_err(|e| no_answer(&e))?;
    let blocked = blocked(&response);
    let location = response.header("location").map(str::to_owned);
    cookies.extend(response.headers_named("set-cookie").filter_map(SetCookie::read));
    let mut asks_again = asks_for_password(&response);
    if let Some(Destination::SameOrigin(target)) =
        location.as_deref().filter(|_| (300..400).contains(&response.status)).map(|l| resolve(request.target(), l))
    {
        // What the redirect shows is the proof: a refused login is sent back to the form.
        let next = server.request("GET", &target).header("Cookie", &cookie_header(&cookies));
        let page = exchange(bench, &server, &next, &[]).map_err(|e| no_answer(&e))?;
        asks_again = asks_for_password(&page) || page.status == 401;
    }
    let cookie = response.headers_named("set-cookie").next().is_some();
    Ok(After { status: response.status, asks_again, cookie, location, blocked })
}

fn form_request(
    door: &Door,
    user: &str,
    secret: &Secret,
    cookies: &mut Vec<SetCookie>,
    bench: &mut dyn Bench,
) -> Result<Request, Knock> {
    let server = door.server();
    // The login path may take the form only; the page that holds it is asked for at the path, then at the root.
    for target in [door.path_or_root(), "/"] {
        let page = exchange(bench, &server, &server.request("GET", target), &[]).map_err(|e| no_answer(&e))?;
        let html = page.text();
        let Some(form) = forms(&html).into_iter().find(|form| form.asks_for_password()) else { continue };
        cookies.extend(page.headers_named("set-cookie").filter_map(SetCookie::read));
        let action = match form.action.as_deref().map(|action| resolve(target, action)) {
            None => target.to_owned(),
            Some(Destination::SameOrigin(path)) => path,
            Some(_) => return Err(Knock::Unclear("the form leads to another host".to_owned())),
        };
        let request = server.request("POST", &action).form(&form.filled(user, secret.reveal()));
        let cookie = cookie_header(cookies);
        return Ok(if cookie.is_empty() { request } else { request.header("Cookie", &cookie) });
    }
    Err(Knock::Unclear("no page with a login form".to_owned()))
}

fn asks_for_password(response: &Response) -> bool {
    forms(&response.text()).iter().any(|form| form.asks_for_password())
}

/// Locked or throttled: 429 (RFC 6585), 423, or any refusal that says when to come back.
fn blocked(response: &Response) -> Option<Knock> {
    let after = response.header("retry-after").and_then(|value| value.trim().parse::<u64>().ok());
    let says = matches!(response.status, 423 | 429) || (response.status >= 400 && after.is_some());
    says.then(|| Knock::Blocked {
        told_by: match after {
            Some(seconds) => format!("status {}, Retry-After {seconds} s", response.status),
            None => format!("status {}", response.status),
        },
        millis: after.map(|seconds| seconds.saturating_mul(1000)),
    })
}

fn no_answer(error: &NoAnswer) -> Knock {
    Knock::NoAnswer { kind: error.shortfall(), told_by: error.to_string() }
}
