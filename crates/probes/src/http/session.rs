//! A session of a subject: opened by logging in at a door, or invented, and sent along with each request.
//!
//! Cookies and a bearer token are kept for the length of a probe and stay out of the record.

mod alter;

use model::{AuthScheme, ShortfallKind};
use serde::Deserialize;
use serde_json::{Value, json};
use wire::http::auth::{DigestChallenge, DigestUse, basic, challenges};
use wire::http::cookie::{SetCookie, cookie_header};
use wire::http::page::{Destination, forms, resolve};
use wire::http::{Request, Response, percent_encoded};

use super::answer::Answer;
use super::exchange::{NoAnswer, Server, exchange};
use crate::auth::door::Door;
use crate::{Bench, Secret};

/// How to log in.
#[derive(Debug, Clone, Deserialize)]
pub struct Login {
    /// Where.
    pub door: Door,
    /// User name.
    pub user: String,
    /// Password.
    pub secret: Secret,
}

/// Why there is no session.
pub(crate) type NoSession = (ShortfallKind, String);

/// What a subject shows with its requests; empty for a subject without a credential.
#[derive(Default)]
pub(crate) struct Session {
    cookies: Vec<SetCookie>,
    authorization: Option<String>,
    /// User and password where each request answers a challenge of its own.
    digest: Option<(String, Secret)>,
    /// Whether the credential is wrong and each request counts as an attempt at this mechanism.
    wrong_at: Option<String>,
}

/// Names under which servers hand out a bearer token.
const TOKENS: [&str; 9] =
    ["token", "access_token", "accessToken", "jwt", "id_token", "session", "sessionId", "session_id", "sid"];

impl Session {
    /// Logs in.
    ///
    /// # Errors
    /// Why there is no session, as a shortfall says it.
    pub(crate) fn open(login: &Login, bench: &mut dyn Bench) -> Result<Self, NoSession> {
        bench.conceal(login.secret.reveal().as_bytes());
        match login.door.scheme {
            AuthScheme::HttpBasic => {
                let authorization = Some(basic(&login.user, login.secret.reveal()));
                Self { authorization, ..Self::default() }.tried_at(login, bench)
            }
            AuthScheme::HttpDigest => {
                let digest = Some((login.user.clone(), login.secret.clone()));
                Self { digest, ..Self::default() }.tried_at(login, bench)
            }
            AuthScheme::HttpBearer => {
                let authorization = Some(format!("Bearer {}", login.secret.reveal()));
                Ok(Self { authorization, ..Self::default() })
            }
            AuthScheme::HttpForm => Self::by_form(login, bench),
            AuthScheme::HttpJson => Self::by_json(login, bench),
            other => Err((ShortfallKind::Unsupported, format!("no session can be opened by {other}"))),
        }
    }

    /// A session that nobody opened, shown in the same way as `real`, or in the usual ways.
    pub(crate) fn invented(real: Option<&Session>, login: Option<&Login>, bench: &mut dyn Bench) -> Self {
        let mut random = |length: usize| {
            let mut bytes = vec![0; length.clamp(16, 64) / 2];
            bench.random(&mut bytes);
            hex::encode(bytes)
        };
        let door = login.map(|login| (&login.door, login.user.clone()));
        match door {
            Some((door, user)) if door.scheme == AuthScheme::HttpBasic => {
                let authorization = Some(basic(&user, &random(24)));
                return Self { authorization, wrong_at: Some(door.name()), ..Self::default() };
            }
            Some((door, user)) if door.scheme == AuthScheme::HttpDigest => {
                let digest = Some((user, Secret::new(random(24))));
                return Self { digest, wrong_at: Some(door.name()), ..Self::default() };
            }
            _ => {}
        }
        let usual = [SetCookie { name: "session".to_owned(), value: "x".repeat(32), ..SetCookie::default() }];
        let pattern = real.map(|real| real.cookies.as_slice()).filter(|cookies| !cookies.is_empty());
        let cookies = pattern
            .unwrap_or(&usual)
            .iter()
            .map(|cookie| SetCookie {
                name: cookie.name.clone(),
                value: random(cookie.value.len()),
                ..SetCookie::default()
            })
            .collect();
        Self { cookies, authorization: Some(format!("Bearer {}", random(43))), ..Self::default() }
    }

    /// The mechanism at which each use of this session is a wrong attempt.
    pub(crate) fn wrong_at(&self) -> Option<&str> {
        self.wrong_at.as_deref()
    }

    /// Sends a request as this subject; `body` is a media type and bytes.
    pub(crate) fn send(
        &self,
        server: &Server,
        method: &str,
        target: &str,
        body: Option<(&str, &[u8])>,
        bench: &mut dyn Bench,
    ) -> Result<Response, NoAnswer> {
        let request = server.request(method, target);
        let request = body.map_or(request.clone(), |(media, bytes)| request.body(media, bytes));
        self.send_request(server, (method, target), request, &[], bench)
    }

    /// As [`Session::send`], and keeps these values of the body out of the record.
    pub(crate) fn send_hiding(
        &self,
        server: &Server,
        (method, target): (&str, &str),
        (media, bytes): (&str, &[u8]),
        secrets: &[&str],
        bench: &mut dyn Bench,
    ) -> Result<Response, NoAnswer> {
        let request = server.request(method, target).body(media, bytes);
        self.send_request(server, (method, target), request, secrets, bench)
    }

    /// Sends a request that was prepared, with what this subject shows; `secrets` stay out of the record, too.
    pub(super) fn send_request(
        &self,
        server: &Server,
        (method, target): (&str, &str),
        prepared: Request,
        secrets: &[&str],
        bench: &mut dyn Bench,
    ) -> Result<Response, NoAnswer> {
        let has_body = prepared.has_body();
        let request = || prepared.clone();
        let cookie = cookie_header(&self.cookies);
        let shown = self.cookies.iter().map(|cookie| cookie.value.as_str()).chain(self.authorization.as_deref());
        let hidden: Vec<&str> = shown.chain(secrets.iter().copied()).collect();
        let Some((user, secret)) = &self.digest else {
            return exchange(bench, server, &self.shown(request(), &cookie), &hidden);
        };
        let first = exchange(bench, server, &server.request(method, target), &[])?;
        let challenge =
            first.headers_named("www-authenticate").flat_map(challenges).find_map(|c| DigestChallenge::read(&c));
        let Some(challenge) = challenge.filter(|_| first.status == 401) else {
            // Nothing is asked for; the request itself is still to be sent.
            return if has_body { exchange(bench, server, &request(), &hidden) } else { Ok(first) };
        };
        let mut nonce = [0; 8];
        bench.random(&mut nonce);
        let client_nonce = hex::encode(nonce);
        let case = DigestUse {
            username: user,
            password: secret.reveal(),
            method,
            target,
            client_nonce: &client_nonce,
            count: 1,
        };
        let request = request().header("Authorization", &challenge.answer(&case));
        let hidden: Vec<&str> = hidden.into_iter().chain([secret.reveal()]).collect();
        exchange(bench, server, &request, &hidden)
    }

    /// Logs out with this request, such as `POST /api/v1/logout`.
    ///
    /// # Errors
    /// Why the subject cannot be said to have logged out, as a shortfall says it.
    pub(crate) fn log_out(&self, server: &Server, request: &str, bench: &mut dyn Bench) -> Result<(), NoSession> {
        let Some((method, target)) = request.trim().split_once(char::is_whitespace) else {
            return Err((ShortfallKind::Unsupported, format!("`{request}` is no request")));
        };
        let empty: (&str, &[u8]) = ("application/json", b"{}");
        let body = matches!(method, "POST" | "PUT").then_some(empty);
        let response = self
            .send(server, method, target.trim(), body, bench)
            .map_err(|e| (e.shortfall(), format!("logging out got no answer: {e}")))?;
        match response.status {
            200..400 if !Answer::of(&response, target).says_error => Ok(()),
            status => Err((ShortfallKind::Missing, format!("logging out was answered with status {status}"))),
        }
    }

    fn shown(&self, mut request: Request, cookie: &str) -> Request {
        if !cookie.is_empty() {
            request = request.header("Cookie", cookie);
        }
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        // A token against forged requests that the server keeps in a cookie goes back in a header as well.
        for cookie in &self.cookies {
            let name = cookie.name.to_lowercase();
            if name.contains("csrf") || name.contains("xsrf") {
                request = request.header("X-CSRF-Token", &cookie.value).header("X-XSRF-TOKEN", &cookie.value);
            }
        }
        request
    }

    fn tried_at(self, login: &Login, bench: &mut dyn Bench) -> Result<Self, NoSession> {
        let (server, path) = place(&login.door);
        let response = self.send(&server, "GET", path, None, bench).map_err(|e| unanswered(&e))?;
        match response.status {
            401 | 403 => Err(refused(&response)),
            _ => Ok(self),
        }
    }

    fn by_json(login: &Login, bench: &mut dyn Bench) -> Result<Self, NoSession> {
        let (server, path) = place(&login.door);
        let secret = login.secret.reveal();
        let mut last = None;
        for (user_name, secret_name) in [("username", "password"), ("user", "password"), ("login", "password")] {
            let body = json!({user_name: login.user, secret_name: secret}).to_string();
            let request = server.request("POST", path).body("application/json", body.as_bytes());
            let response = exchange(bench, &server, &request, &[secret]).map_err(|e| unanswered(&e))?;
            // A complaint about the message means that the names were others and no credential was looked at.
            let misread = matches!(response.status, 400 | 422);
            last = Some(response);
            if !misread {
                break;
            }
        }
        let Some(response) = last else { return Err((ShortfallKind::Missing, "nothing was sent".to_owned())) };
        let token = serde_json::from_slice::<Value>(&response.body).ok().and_then(|value| token(&value, 0));
        Self::opened(&response, Vec::new(), token, bench)
    }

    fn by_form(login: &Login, bench: &mut dyn Bench) -> Result<Self, NoSession> {
        let (server, path) = place(&login.door);
        let secret = login.secret.reveal();
        for target in [path, "/"] {
            let page =
                exchange(bench, &server, &server.request("GET", target), &[]).map_err(|e| unanswered(&e))?;
            let Some(form) = forms(&page.text()).into_iter().find(|form| form.asks_for_password()) else {
                continue;
            };
            let before: Vec<SetCookie> = page.headers_named("set-cookie").filter_map(SetCookie::read).collect();
            let action = match form.action.as_deref().map(|action| resolve(target, action)) {
                None => target.to_owned(),
                Some(Destination::SameOrigin(path)) => path,
                Some(_) => return Err((ShortfallKind::Unsupported, "the form leads to another host".to_owned())),
            };
            let cookie = cookie_header(&before);
            let mut request = server.request("POST", &action).form(&form.filled(&login.user, secret));
            if !cookie.is_empty() {
                request = request.header("Cookie", &cookie);
            }
            let hidden = [secret, &percent_encoded(secret)];
            let response = exchange(bench, &server, &request, &hidden).map_err(|e| unanswered(&e))?;
            return Self::opened(&response, before, None, bench);
        }
        Err((ShortfallKind::Unsupported, "no page with a login form".to_owned()))
    }

    /// The session that the answer to a login hands out.
    fn opened(
        response: &Response,
        before: Vec<SetCookie>,
        token: Option<String>,
        bench: &mut dyn Bench,
    ) -> Result<Self, NoSession> {
        let given: Vec<SetCookie> = response.headers_named("set-cookie").filter_map(SetCookie::read).collect();
        let asks_again = Answer::of(response, "").leads_to_login();
        // A refused form login may hand out a cookie as well; it leads back to the form.
        if response.status >= 400 || asks_again || (given.is_empty() && token.is_none() && before.is_empty()) {
            return Err(refused(response));
        }
        let cookies: Vec<SetCookie> = before.into_iter().chain(given).collect();
        for value in cookies.iter().map(|cookie| &cookie.value).chain(&token) {
            bench.conceal(value.as_bytes());
        }
        Ok(Self { cookies, authorization: token.map(|token| format!("Bearer {token}")), ..Self::default() })
    }
}

/// The server of a door and the path of its login.
pub(crate) fn place(door: &Door) -> (Server, &str) {
    let server = Server { endpoint: door.endpoint, tls: door.tls, host: door.host.clone() };
    (server, door.path.as_deref().filter(|path| path.starts_with('/')).unwrap_or("/"))
}

/// A bearer token in the answer to a login, at the top or one level below.
fn token(value: &Value, depth: usize) -> Option<String> {
    let Value::Object(fields) = value else { return None };
    let own = TOKENS.iter().find_map(|name| fields.get(*name)?.as_str()).filter(|token| !token.is_empty());
    match own {
        Some(token) => Some(token.to_owned()),
        None if depth == 0 => fields.values().find_map(|value| self::token(value, 1)),
        None => None,
    }
}

fn unanswered(error: &NoAnswer) -> NoSession {
    (error.shortfall(), format!("the login got no answer: {error}"))
}

fn refused(response: &Response) -> NoSession {
    let kind = if matches!(response.status, 423 | 429) { ShortfallKind::Limit } else { ShortfallKind::Missing };
    (kind, format!("the login was refused with status {}", response.status))
}

#[cfg(test)]
mod tests {
    use model::Endpoint;

    use super::*;
    use crate::scripted::ScriptedBench;

    fn login(scheme: AuthScheme) -> Login {
        let endpoint = Endpoint::tcp("192.0.2.7".parse().unwrap(), 80);
        let door = Door { endpoint, tls: false, host: None, scheme, path: Some("/login".to_owned()) };
        Login { door, user: "admin".to_owned(), secret: Secret::new("s3cret-s3cret") }
    }

    fn server() -> Server {
        place(&login(AuthScheme::HttpJson).door).0
    }

    fn answer(status: &str, more: &str, body: &str) -> Vec<u8> {
        format!("HTTP/1.1 {status}\r\n{more}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
    }

    fn bench(reply: impl Fn(&str) -> Vec<u8> + 'static) -> ScriptedBench {
        ScriptedBench::refusing()
            .answering(80, move |heard| (!heard.is_empty()).then(|| reply(&String::from_utf8_lossy(heard))))
    }

    #[test]
    fn a_json_login_keeps_cookie_and_token_and_sends_both() {
        let mut bench = bench(|text| match text.starts_with("POST /login") {
            true => answer("200 OK", "Set-Cookie: sid=abcdef; HttpOnly\r\n", r#"{"data":{"token":"tok-en"}}"#),
            false if text.contains("sid=abcdef") && text.contains("Bearer tok-en") => answer("200 OK", "", "in"),
            false => answer("401 No", "", ""),
        });
        let session = Session::open(&login(AuthScheme::HttpJson), &mut bench).unwrap_or_else(|e| panic!("{e:?}"));
        assert_eq!(session.send(&server(), "GET", "/", None, &mut bench).unwrap().text(), "in");
        let invented = Session::invented(Some(&session), None, &mut bench);
        assert_eq!(invented.send(&server(), "GET", "/", None, &mut bench).unwrap().status, 401);
        let sent: Vec<_> =
            bench.sent.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).collect();
        assert!(
            !sent[0].contains("s3cret") && !sent[1].contains("abcdef") && !sent[1].contains("tok-en"),
            "{sent:?}"
        );
        assert!(sent[2].contains("sid="), "the invented session is shown as the real one: {sent:?}");
    }

    #[test]
    fn a_form_login_that_leads_back_to_the_form_is_refused() {
        let form = "<form action=/login method=post><input name=u><input type=password name=p></form>";
        let mut refusing = bench(move |text| match text.starts_with("POST") {
            true => answer("303 See Other", "Set-Cookie: s=1\r\nLocation: /login?again\r\n", ""),
            false => answer("200 OK", "", form),
        });
        assert!(Session::open(&login(AuthScheme::HttpForm), &mut refusing).is_err());
        let mut taking = bench(move |text| match text.starts_with("POST") {
            true => answer("303 See Other", "Set-Cookie: s=1\r\nLocation: /\r\n", ""),
            false => answer("200 OK", "", form),
        });
        assert!(Session::open(&login(AuthScheme::HttpForm), &mut taking).is_ok());
    }

    #[test]
    fn a_refused_basic_login_is_no_session_and_a_locked_one_is_a_limit() {
        let mut refusing = bench(|_| answer("401 No", "", ""));
        let error = Session::open(&login(AuthScheme::HttpBasic), &mut refusing).err().unwrap();
        assert_eq!(error.0, ShortfallKind::Missing);
        let mut locked = bench(|_| answer("429 Slow", "", ""));
        let error = Session::open(&login(AuthScheme::HttpJson), &mut locked).err().unwrap();
        assert_eq!(error.0, ShortfallKind::Limit);
    }

    #[test]
    fn a_digest_challenge_is_answered_for_each_request() {
        let mut bench = bench(|text| match text.contains("Authorization: Digest username=\"admin\"") {
            true => answer("200 OK", "", "in"),
            false => answer("401 No", "WWW-Authenticate: Digest realm=\"x\", nonce=\"n\", qop=\"auth\"\r\n", ""),
        });
        let session =
            Session::open(&login(AuthScheme::HttpDigest), &mut bench).unwrap_or_else(|e| panic!("{e:?}"));
        assert_eq!(
            session.send(&server(), "PUT", "/x", Some(("text/plain", b"1")), &mut bench).unwrap().status,
            200
        );
    }
}
