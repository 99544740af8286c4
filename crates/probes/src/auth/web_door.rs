//! Knocking at doors of the web: Basic, Digest, forms and JSON logins.

use wire::http::Response;
use wire::http::auth::{DigestChallenge, DigestUse, basic as basic_value, challenges};
use wire::http::cookie::{SetCookie, cookie_header};
use wire::http::page::{Destination, Form, forms, resolve};

use super::door::{Control, Door, Guess, Knock};
use super::session::{Dialogue, Hearing};
use crate::http::exchange::{self, NoAnswer, exchange};
use crate::{Bench, LinkId};

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

/// What an answer to a request of the web is waited for: so long as usual, or as told.
fn answer(link: LinkId, heard: Hearing<'_>, method: &str, bench: &mut dyn Bench) -> Result<Response, Knock> {
    let wait = heard.wait.unwrap_or(bench.wait());
    let answer = exchange::hear(bench, link, method, wait);
    bench.close(link);
    answer.map_err(|error| no_answer(&error))
}

fn connected(door: &Door, bench: &mut dyn Bench) -> Result<LinkId, Knock> {
    exchange::open(bench, &door.server()).map(|(link, _)| link).map_err(|error| no_answer(&error))
}

/// HTTP Basic: the credential is in the first request.
pub(super) struct Basic;

impl Dialogue for Basic {
    fn open(&mut self, door: &Door, _: &str, bench: &mut dyn Bench) -> Result<LinkId, Knock> {
        connected(door, bench)
    }

    fn give(&mut self, door: &Door, link: LinkId, guess: Guess<'_>, bench: &mut dyn Bench) -> Result<(), Knock> {
        let secret = guess.secret.reveal();
        let value = basic_value(guess.user, secret);
        let request = door.server().request("GET", door.path_or_root()).header("Authorization", &value);
        exchange::say(bench, link, &guess.claim(request), guess.hide(&[secret, &value]));
        Ok(())
    }

    fn hear(&mut self, link: LinkId, heard: Hearing<'_>, bench: &mut dyn Bench) -> Knock {
        answer(link, heard, "GET", bench)
            .map_or_else(|knock| knock, |response| challenged(&response, heard.control))
    }
}

/// HTTP Digest: the challenge is asked for on a connection of its own.
#[derive(Default)]
pub(super) struct Digest(Option<(DigestChallenge, String)>);

impl Dialogue for Digest {
    fn open(&mut self, door: &Door, _: &str, bench: &mut dyn Bench) -> Result<LinkId, Knock> {
        let server = door.server();
        let request = server.request("GET", door.path_or_root());
        let first = exchange(bench, &server, &request, &[]).map_err(|error| no_answer(&error))?;
        let offered: Vec<_> = first.headers_named("www-authenticate").flat_map(challenges).collect();
        let Some(challenge) = offered.iter().find_map(DigestChallenge::read) else {
            return Err(blocked(&first)
                .unwrap_or_else(|| Knock::Unclear(format!("{} without a Digest challenge", first.status))));
        };
        let mut nonce = [0; 8];
        bench.random(&mut nonce);
        self.0 = Some((challenge, hex::encode(nonce)));
        connected(door, bench)
    }

    fn give(&mut self, door: &Door, link: LinkId, guess: Guess<'_>, bench: &mut dyn Bench) -> Result<(), Knock> {
        let target = door.path_or_root();
        let mut request = door.server().request("GET", target);
        if let Some((challenge, client_nonce)) = &self.0 {
            let answer = challenge.answer(&DigestUse {
                username: guess.user,
                password: guess.secret.reveal(),
                method: "GET",
                target,
                client_nonce,
                count: 1,
            });
            request = request.header("Authorization", &answer);
        }
        exchange::say(bench, link, &guess.claim(request), guess.hide(&[guess.secret.reveal()]));
        Ok(())
    }

    fn hear(&mut self, link: LinkId, heard: Hearing<'_>, bench: &mut dyn Bench) -> Knock {
        answer(link, heard, "GET", bench)
            .map_or_else(|knock| knock, |response| challenged(&response, heard.control))
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
    let mut dialogue = Submitted::default();
    let none = Control::none();
    let after = dialogue.open(door, guess.user, bench).and_then(|link| {
        dialogue.give(door, link, guess, bench)?;
        dialogue.after(link, Hearing { door, control: &none, wait: None }, bench)
    });
    match after {
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

/// A form or JSON login. Accepted only where the answer has another shape than the one to a wrong credential.
#[derive(Default)]
pub(super) struct Submitted {
    /// The form and where it is sent; none for JSON.
    form: Option<(Form, String)>,
    cookies: Vec<SetCookie>,
    target: String,
}

impl Dialogue for Submitted {
    fn open(&mut self, door: &Door, _: &str, bench: &mut dyn Bench) -> Result<LinkId, Knock> {
        if door.scheme != model::AuthScheme::HttpJson {
            self.find_form(door, bench)?;
        }
        connected(door, bench)
    }

    fn give(&mut self, door: &Door, link: LinkId, guess: Guess<'_>, bench: &mut dyn Bench) -> Result<(), Knock> {
        let (server, secret) = (door.server(), guess.secret.reveal());
        let request = match &self.form {
            None => {
                let body = serde_json::json!({"username": guess.user, "password": secret}).to_string();
                server.request("POST", door.path_or_root()).body("application/json", body.as_bytes())
            }
            Some((form, action)) => {
                let request = server.request("POST", action).form(&form.filled(guess.user, secret));
                let cookie = cookie_header(&self.cookies);
                if cookie.is_empty() { request } else { request.header("Cookie", &cookie) }
            }
        };
        request.target().clone_into(&mut self.target);
        let encoded = wire::http::percent_encoded(secret);
        exchange::say(bench, link, &guess.claim(request), guess.hide(&[secret, &encoded]));
        Ok(())
    }

    fn hear(&mut self, link: LinkId, heard: Hearing<'_>, bench: &mut dyn Bench) -> Knock {
        self.after(link, heard, bench).map_or_else(|knock| knock, |after| compared(after, heard.control))
    }
}

impl Submitted {
    fn after(&mut self, link: LinkId, heard: Hearing<'_>, bench: &mut dyn Bench) -> Result<After, Knock> {
        let response = answer(link, heard, "POST", bench)?;
        let blocked = blocked(&response);
        let location = response.header("location").map(str::to_owned);
        self.cookies.extend(response.headers_named("set-cookie").filter_map(SetCookie::read));
        let mut asks_again = asks_for_password(&response);
        let mut says_wait = says_wait_in(&response);
        let redirect = location.as_deref().filter(|_| (300..400).contains(&response.status));
        if let Some(Destination::SameOrigin(target)) = redirect.map(|l| resolve(&self.target, l)) {
            // What the redirect shows is the proof: a refused login is sent back to the form.
            let server = heard.door.server();
            let next = server.request("GET", &target).header("Cookie", &cookie_header(&self.cookies));
            let page = exchange(bench, &server, &next, &[]).map_err(|e| no_answer(&e))?;
            asks_again = asks_for_password(&page) || page.status == 401;
            says_wait |= says_wait_in(&page);
        }
        let cookie = response.headers_named("set-cookie").next().is_some();
        Ok(After { status: response.status, asks_again, says_wait, cookie, location, blocked })
    }

    /// The login path may take the form only; the page that holds it is asked for at the path, then at the root.
    fn find_form(&mut self, door: &Door, bench: &mut dyn Bench) -> Result<(), Knock> {
        let server = door.server();
        for target in [door.path_or_root(), "/"] {
            let page = exchange(bench, &server, &server.request("GET", target), &[]).map_err(|e| no_answer(&e))?;
            let html = page.text();
            let Some(form) = forms(&html).into_iter().find(|form| form.asks_for_password()) else { continue };
            self.cookies.extend(page.headers_named("set-cookie").filter_map(SetCookie::read));
            let action = match form.action.as_deref().map(|action| resolve(target, action)) {
                None => target.to_owned(),
                Some(Destination::SameOrigin(path)) => path,
                Some(_) => return Err(Knock::Unclear("the form leads to another host".to_owned())),
            };
            self.form = Some((form, action));
            return Ok(());
        }
        Err(Knock::Unclear("no page with a login form".to_owned()))
    }
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
