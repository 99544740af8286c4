//! Knocking at doors of the web: Basic, Digest, forms and JSON logins.

use wire::http::auth::{DigestChallenge, DigestUse, basic as basic_value, challenges};
use wire::http::cookie::{SetCookie, cookie_header};
use wire::http::page::{Destination, forms, resolve};
use wire::http::{Request, Response};

use super::door::{Control, Door, Guess, Knock};
use crate::Bench;
use crate::http::exchange::{NoAnswer, exchange};

/// Whether the page asks for Basic at all; a page for everybody is no door.
pub(super) fn asks_for_basic(door: &Door, bench: &mut dyn Bench) -> Result<(), Knock> {
    let server = door.server();
    let request = server.request("GET", door.path_or_root());
    let response = exchange(bench, &server, &request, &[]).map_err(|error| no_answer(&error))?;
    match blocked(&response) {
        Some(knock) => Err(knock),
        None if response.headers_named("www-authenticate").flat_map(challenges).any(|c| c.is("Basic")) => Ok(()),
        None => Err(Knock::Unclear(format!("status {} without a Basic challenge", response.status))),
    }
}

pub(super) fn basic(door: &Door, guess: Guess<'_>, control: &Control, bench: &mut dyn Bench) -> Knock {
    let server = door.server();
    let secret = guess.secret.reveal();
    let value = basic_value(guess.user, secret);
    let request = server.request("GET", door.path_or_root()).header("Authorization", &value);
    match exchange(bench, &server, &request, guess.hide(&[secret, &value])) {
        Ok(response) => challenged(&response, control),
        Err(error) => no_answer(&error),
    }
}

pub(super) fn digest(door: &Door, guess: Guess<'_>, control: &Control, bench: &mut dyn Bench) -> Knock {
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
        username: guess.user,
        password: guess.secret.reveal(),
        method: "GET",
        target,
        client_nonce: &client_nonce,
        count: 1,
    };
    let request = server.request("GET", target).header("Authorization", &challenge.answer(&case));
    match exchange(bench, &server, &request, guess.hide(&[guess.secret.reveal()])) {
        Ok(response) => challenged(&response, control),
        Err(error) => no_answer(&error),
    }
}

fn challenged(response: &Response, control: &Control) -> Knock {
    if let Some(knock) = blocked(response) {
        return knock;
    }
    let told_by = format!("status {}", response.status);
    match response.status {
        401 => Knock::Rejected(told_by),
        200..=399 => Knock::Accepted(told_by),
        403 | 503 if control.is_rejected() => instead(control, told_by),
        _ => Knock::Unclear(told_by),
    }
}

/// A refusal of another kind than that of the first wrong credential: the door has stopped evaluating.
fn instead(control: &Control, told_by: String) -> Knock {
    Knock::Blocked { told_by: format!("{told_by}, at first {}", control.knock.told_by()), millis: None }
}

pub(super) fn control(door: &Door, guess: Guess<'_>, bench: &mut dyn Bench) -> Control {
    match submit(door, guess, bench) {
        Ok(after) => {
            let knock = match after.blocked.clone() {
                Some(knock) => knock,
                None if after.refuses() => Knock::Rejected(after.told()),
                None => Knock::Unclear(after.told()),
            };
            Control { knock, shape: after.shape() }
        }
        Err(knock) => Control { knock, shape: String::new() },
    }
}

/// A form or JSON login. Accepted only where the answer has another shape than the one to a wrong credential.
pub(super) fn submitted(door: &Door, guess: Guess<'_>, control: &Control, bench: &mut dyn Bench) -> Knock {
    match submit(door, guess, bench) {
        Ok(after) => compared(after, control),
        Err(knock) => knock,
    }
}

fn compared(after: After, control: &Control) -> Knock {
    if let Some(knock) = after.blocked {
        return knock;
    }
    let told_by = after.told();
    let is_same = after.shape() == control.shape;
    if is_same && control.is_rejected() {
        return Knock::Rejected(told_by);
    }
    if is_same || control.shape.is_empty() {
        return Knock::Unclear(told_by);
    }
    if after.says_wait || (matches!(after.status, 403 | 503) && control.is_rejected()) {
        return instead(control, told_by);
    }
    match after.status {
        _ if after.refuses() => Knock::Rejected(told_by),
        ..400 => Knock::Accepted(told_by),
        // 400, 422 and their like refuse the request; whether the credential was looked at is not known.
        _ => Knock::Unclear(told_by),
    }
}

/// Where a submitted login led.
struct After {
    status: u16,
    asks_again: bool,
    says_wait: bool,
    cookie: bool,
    location: Option<String>,
    blocked: Option<Knock>,
}

impl After {
    /// Whether it refuses the credential by itself, without a right one to compare with.
    fn refuses(&self) -> bool {
        self.status == 401 || self.asks_again
    }

    fn told(&self) -> String {
        let asks = if self.asks_again { ", asks for a password again" } else { "" };
        let cookie = if self.cookie { ", sets a session" } else { "" };
        let wait = if self.says_wait { ", says to wait" } else { "" };
        format!("status {}{cookie}{asks}{wait}", self.status)
    }

    fn shape(&self) -> String {
        let location = self.location.as_deref().map_or("", |l| l.split('?').next().unwrap_or(""));
        format!("{} {} {} {} {location}", self.status, self.asks_again, self.says_wait, self.cookie)
    }
}

fn submit(door: &Door, guess: Guess<'_>, bench: &mut dyn Bench) -> Result<After, Knock> {
    let server = door.server();
    let secret = guess.secret.reveal();
    let mut cookies = Vec::new();
    let request = if door.scheme == model::AuthScheme::HttpJson {
        let body = serde_json::json!({"username": guess.user, "password": secret}).to_string();
        server.request("POST", door.path_or_root()).body("application/json", body.as_bytes())
    } else {
        form_request(door, guess, &mut cookies, bench)?
    };
    let encoded = wire::http::percent_encoded(secret);
    let response =
        exchange(bench, &server, &request, guess.hide(&[secret, &encoded])).map_err(|e| no_answer(&e))?;
    let blocked = blocked(&response);
    let location = response.header("location").map(str::to_owned);
    cookies.extend(response.headers_named("set-cookie").filter_map(SetCookie::read));
    let mut asks_again = asks_for_password(&response);
    let mut says_wait = says_wait_in(&response);
    if let Some(Destination::SameOrigin(target)) =
        location.as_deref().filter(|_| (300..400).contains(&response.status)).map(|l| resolve(request.target(), l))
    {
        // What the redirect shows is the proof: a refused login is sent back to the form.
        let next = server.request("GET", &target).header("Cookie", &cookie_header(&cookies));
        let page = exchange(bench, &server, &next, &[]).map_err(|e| no_answer(&e))?;
        asks_again = asks_for_password(&page) || page.status == 401;
        says_wait |= says_wait_in(&page);
    }
    let cookie = response.headers_named("set-cookie").next().is_some();
    Ok(After { status: response.status, asks_again, says_wait, cookie, location, blocked })
}

fn form_request(
    door: &Door,
    guess: Guess<'_>,
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
        let request = server.request("POST", &action).form(&form.filled(guess.user, guess.secret.reveal()));
        let cookie = cookie_header(cookies);
        return Ok(if cookie.is_empty() { request } else { request.header("Cookie", &cookie) });
    }
    Err(Knock::Unclear("no page with a login form".to_owned()))
}

fn asks_for_password(response: &Response) -> bool {
    forms(&response.text()).iter().any(|form| form.asks_for_password())
}

/// Whether a page speaks of a lock in words; what the first wrong credential is told already does not count.
fn says_wait_in(response: &Response) -> bool {
    let text = response.text().to_lowercase();
    ["too many", "locked", "try again in", "try again later", "temporarily", "please wait"]
        .iter()
        .any(|words| text.contains(words))
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
