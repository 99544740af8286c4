//! What an answer amounts to without being kept: content, a login page, a refusal, or what a server says to a path
//! that is not there.
//!
//! It judges a single answer by its form; whether somebody should have got it is not asked here.

use model::Digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wire::http::Response;
use wire::http::page::{Form, forms};
use wire::text::visible_str;

/// Bytes of a body that are looked at for its form.
const LOOKED_AT: usize = 64 * 1024;
/// Names of a JSON object that are kept.
const MOST_NAMES: usize = 64;
/// Inputs that a login form has at most, hidden ones and buttons apart; a page with more is for settings.
const LOGIN_INPUTS: usize = 4;

/// The form of an answer. The body itself, which may hold secrets or personal data, is kept as a digest only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Media type in lower case, without parameters.
    pub media: String,
    /// Where a redirect leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Bytes of the body.
    pub size: u64,
    /// Digest of the body.
    pub body: Digest,
    /// Digest of status, media type, redirect and body without what changes from request to request; first with
    /// the path that was asked for in place, then without it.
    pub shapes: [Digest; 2],
    /// Names at the top of a JSON object, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// Whether it asks for a password.
    pub asks_login: bool,
    /// Whether it says that something went wrong, whatever the status.
    pub says_error: bool,
}

impl Answer {
    /// Reads the form of the answer to this target.
    pub fn of(response: &Response, target: &str) -> Self {
        let text = response.text();
        let looked_at = &text[..text.floor_char_boundary(LOOKED_AT)];
        let media = media(response);
        let json = serde_json::from_str::<Value>(text.trim()).ok();
        let is_redirect = (300..400).contains(&response.status);
        let location =
            response.header("location").filter(|_| is_redirect).map(|location| visible_str(location, 300));
        let shape = |target: &str| {
            let status = response.status.to_string();
            let to = steady(location.as_deref().unwrap_or_default(), target);
            Digest::of(
                [&status, &media, &to, &steady(looked_at, target)].map(String::as_str).join("\n").as_bytes(),
            )
        };
        let shapes = [shape(""), shape(target)];
        let is_page = media.contains("html") || media.is_empty();
        Self {
            status: response.status,
            location,
            size: response.body.len() as u64,
            body: Digest::of(&response.body),
            shapes,
            names: json.as_ref().map(names).unwrap_or_default(),
            asks_login: is_page && forms(looked_at).iter().any(is_login),
            says_error: json.as_ref().is_some_and(says_error),
            media,
        }
    }

    /// Whether two answers are alike but for what changes from request to request.
    pub fn is_like(&self, other: &Self) -> bool {
        self.shapes.iter().zip(&other.shapes).any(|(own, theirs)| own == theirs)
    }

    /// Whether the request was carried out, as far as the answer itself tells.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status) && !self.asks_login && !self.says_error
    }

    /// Whether it is content itself rather than a login page, a redirect or a refusal.
    pub fn is_content(&self) -> bool {
        self.is_success() && self.size > 0
    }

    /// Whether it sends the client to a login.
    pub fn leads_to_login(&self) -> bool {
        let is_login = |location: &String| {
            let location = location.to_lowercase();
            ["login", "signin", "sign-in", "auth", "logon"].iter().any(|word| location.contains(word))
        };
        self.asks_login || self.location.as_ref().is_some_and(is_login)
    }

    /// Whether it turns a subject away for what it is or shows, and not for the request.
    pub fn turns_away(&self) -> bool {
        matches!(self.status, 401 | 403) || self.leads_to_login()
    }

    /// One line for a reader: `401`, `200 with 312 bytes`, `302 to /login`.
    pub fn told(&self) -> String {
        match (&self.location, self.asks_login, self.says_error) {
            (Some(location), ..) => format!("{} to {location}", self.status),
            (None, true, _) => format!("{} with a login page", self.status),
            (None, _, true) if (200..300).contains(&self.status) => format!("{} with an error", self.status),
            _ if (200..300).contains(&self.status) => format!("{} with {} bytes", self.status, self.size),
            _ => self.status.to_string(),
        }
    }
}

/// The media type in lower case, without parameters.
fn media(response: &Response) -> String {
    let value = response.header("content-type").unwrap_or_default();
    visible_str(value.split(';').next().unwrap_or_default().trim(), 80).to_lowercase()
}

/// Whether a form is there to log in: one password and little else. A form with two sets a password.
fn is_login(form: &Form) -> bool {
    let hidden = ["hidden", "submit", "button", "reset", "image", "checkbox"];
    let inputs = form.fields.iter().filter(|field| !hidden.contains(&field.kind.as_str())).count();
    form.password_fields().count() == 1 && inputs <= LOGIN_INPUTS
}

fn names(value: &Value) -> Vec<String> {
    let Value::Object(fields) = value else { return Vec::new() };
    let mut names: Vec<String> = fields.keys().take(MOST_NAMES).map(|name| visible_str(name, 60)).collect();
    names.sort();
    names
}

fn says_error(value: &Value) -> bool {
    let Value::Object(fields) = value else { return false };
    let is_said = |value: &Value| !matches!(value, Value::Null | Value::Bool(false)) && *value != 0;
    ["error", "errors", "exception"].iter().any(|name| fields.get(*name).is_some_and(is_said))
        || ["success", "ok"].iter().any(|name| fields.get(*name) == Some(&Value::Bool(false)))
        || fields.get("status").and_then(Value::as_str).is_some_and(|status| {
            ["error", "fail", "failed", "unauthorized", "denied"].contains(&status.to_lowercase().as_str())
        })
}

/// The text without the path it answers and without words that hold a digit: times, tokens, identifiers.
fn steady(text: &str, target: &str) -> String {
    let path = target.split('?').next().unwrap_or_default();
    let last = path.rsplit('/').find(|segment| !segment.is_empty()).unwrap_or_default();
    let mut text = text.to_owned();
    for own in [target, path, last] {
        if own.len() >= 4 {
            text = text.replace(own, "#");
        }
    }
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(|character: char| !character.is_alphanumeric()) {
        let end = piece.trim_end_matches(char::is_alphanumeric).len();
        let (word, mark) = match piece.char_indices().next_back() {
            Some((at, mark)) if !mark.is_alphanumeric() => (&piece[..at], &piece[at..]),
            _ => (&piece[end..], ""),
        };
        out.push_str(if word.contains(|character: char| character.is_ascii_digit()) { "#" } else { word });
        out.push_str(mark);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, media: &str, body: &str, target: &str) -> Answer {
        let headers = vec![("Content-Type".to_owned(), media.to_owned())];
        Answer::of(&Response { status, headers, body: body.as_bytes().to_vec(), ..Response::default() }, target)
    }

    #[test]
    fn answers_to_different_paths_that_are_not_there_have_one_shape() {
        let page =
            |path: &str, id: &str| answer(200, "text/html", &format!("<p>No page {path}, request {id}</p>"), path);
        assert!(page("/abcd1/x", "7f3a").is_like(&page("/status", "912c")));
        assert!(!page("/status", "7f3a").is_like(&answer(200, "text/html", "<p>Uptime</p>", "/status")));
        // The word of the path may stand on the page for another reason.
        let start = |path: &str| answer(200, "text/html", "<h1>A device</h1>", path);
        assert!(start("/abcd1").is_like(&start("/device")));
    }

    #[test]
    fn a_login_page_is_no_content_and_a_page_of_settings_is() {
        let login = "<form><input name=u><input type=password name=p><button>Go</button></form>";
        assert!(!answer(200, "text/html", login, "/").is_content());
        let settings = "<form><input name=a><input name=b><input name=c><input name=d>\
                        <input type=password name=key></form>";
        assert!(answer(200, "text/html", settings, "/").is_content());
    }

    #[test]
    fn an_error_said_with_status_200_is_no_success() {
        assert!(!answer(200, "application/json", r#"{"error":"login required"}"#, "/").is_success());
        assert!(!answer(200, "application/json", r#"{"success":false}"#, "/").is_success());
        assert!(answer(200, "application/json", r#"{"error":0,"relay":true}"#, "/").is_success());
    }
}
