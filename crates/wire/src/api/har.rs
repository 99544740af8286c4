//! HAR 1.2: requests and answers as a browser or a proxy recorded them.
//!
//! Credentials stand in such files in plain text: [`routes`] leaves them out, [`read`] does not.

use serde_json::{Map, Value};

use super::sample::shown_by;
use super::{Access, At, Body, NoDescription, Parameter, Route, is_form, is_json};
use crate::http::{form_pairs, percent_encoded};
use crate::text::visible_str;

/// MiB of a file that are read.
const MOST_MIB: usize = 64;
const MOST_ENTRIES: usize = 20_000;
const MOST_HEADERS: usize = 100;
/// Bytes of one text of an entry that are kept.
const MOST_TEXT: usize = 1024 * 1024;
/// Routes that are told apart.
const MOST_ROUTES: usize = 2000;
/// Headers that a client sets for itself or that carry a credential: no input of the interface.
const OWN_HEADERS: [&str; 14] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "authorization",
    "cache-control",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "origin",
    "pragma",
    "referer",
    "user-agent",
];

/// A recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Who recorded it, name and version, hostile text.
    pub creator: String,
    /// Requests with their answers, in the order of the file.
    pub exchanges: Vec<Exchange>,
    /// What was left out, one line each.
    pub notes: Vec<String>,
}

/// A request with its answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exchange {
    /// When it began, as written.
    pub started: String,
    /// The method in capitals.
    pub method: String,
    /// `http` or `https`.
    pub scheme: String,
    /// Host and port as written.
    pub authority: String,
    /// Path and query.
    pub target: String,
    /// Headers of the request.
    pub headers: Vec<(String, String)>,
    /// Media type of the message; empty without one.
    pub media: String,
    /// The message; empty without one.
    pub body: String,
    /// Status of the answer; 0 where there was none.
    pub status: u16,
    /// Headers of the answer.
    pub answer_headers: Vec<(String, String)>,
    /// Media type of the answer.
    pub answer_media: String,
    /// The answer's text as written; base 64 with `answer_is_base64`.
    pub answer: String,
    /// Whether the text of the answer is in base 64.
    pub answer_is_base64: bool,
    /// Address of the server, where it was recorded.
    pub server: String,
}

/// Reads a recording.
///
/// # Errors
/// [`NoDescription`] where it is none; entries that cannot be read are notes.
pub fn read(text: &str) -> Result<Recording, NoDescription> {
    if text.len() > MOST_MIB << 20 {
        return Err(NoDescription::TooLarge(MOST_MIB));
    }
    let text = text.trim_start_matches('\u{feff}');
    let root: Value = serde_json::from_str(text).map_err(|error| NoDescription::Unreadable(error.to_string()))?;
    let entries = root.pointer("/log/entries").and_then(Value::as_array).ok_or(NoDescription::Other("HAR 1.2"))?;
    let word = |pointer: &str| root.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let creator = format!("{} {}", word("/log/creator/name"), word("/log/creator/version"));
    let mut notes = Vec::new();
    let mut exchanges = Vec::new();
    for (number, entry) in entries.iter().take(MOST_ENTRIES).enumerate() {
        match exchange(entry) {
            Some(exchange) => exchanges.push(exchange),
            None if notes.len() < 50 => notes.push(format!("entry {number} cannot be read")),
            None => {}
        }
    }
    if entries.len() > MOST_ENTRIES {
        notes.push(format!("{} further entries were not read", entries.len() - MOST_ENTRIES));
    }
    Ok(Recording { creator: visible_str(creator.trim(), 100), exchanges, notes })
}

fn exchange(entry: &Value) -> Option<Exchange> {
    let request = entry.get("request")?.as_object()?;
    let url = request.get("url")?.as_str().filter(|url| url.len() < 100_000)?;
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    if !matches!(scheme.as_str(), "http" | "https") {
        return None;
    }
    let rest = rest.split('#').next().unwrap_or_default();
    let (authority, target) = match rest.find(['/', '?']) {
        Some(at) if rest[at..].starts_with('?') => (&rest[..at], format!("/{}", &rest[at..])),
        Some(at) => (&rest[..at], rest[at..].to_owned()),
        None => (rest, "/".to_owned()),
    };
    let method = request.get("method")?.as_str()?.to_ascii_uppercase();
    if method.is_empty() || method.len() > 20 || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let message = request.get("postData").and_then(Value::as_object);
    let answer = entry.get("response").and_then(Value::as_object);
    let content = answer.and_then(|answer| answer.get("content")).and_then(Value::as_object);
    let content = |name: &str| content.map(|content| text(content, name)).unwrap_or_default();
    let status = answer.and_then(|answer| answer.get("status")).and_then(Value::as_u64);
    Some(Exchange {
        started: entry.get("startedDateTime").and_then(Value::as_str).map(bounded).unwrap_or_default(),
        method,
        scheme,
        authority: authority.rsplit('@').next().unwrap_or_default().to_owned(),
        target,
        headers: pairs(request.get("headers")),
        media: message.map(|message| text(message, "mimeType")).unwrap_or_default(),
        body: message.map(body).unwrap_or_default(),
        status: status.and_then(|status| u16::try_from(status).ok()).unwrap_or(0),
        answer_headers: answer.map(|answer| pairs(answer.get("headers"))).unwrap_or_default(),
        answer_media: content("mimeType"),
        answer: content("text"),
        answer_is_base64: content("encoding").eq_ignore_ascii_case("base64"),
        server: entry.get("serverIPAddress").and_then(Value::as_str).map(bounded).unwrap_or_default(),
    })
}

/// The message as text; a form that is recorded by its fields alone is written out again.
fn body(message: &Map<String, Value>) -> String {
    let text = text(message, "text");
    if !text.is_empty() {
        return text;
    }
    let fields = pairs(message.get("params"));
    let written =
        fields.iter().map(|(name, value)| format!("{}={}", percent_encoded(name), percent_encoded(value)));
    written.collect::<Vec<_>>().join("&")
}

fn text(object: &Map<String, Value>, name: &str) -> String {
    object.get(name).and_then(Value::as_str).map(bounded).unwrap_or_default()
}

fn bounded(text: &str) -> String {
    text[..text.floor_char_boundary(MOST_TEXT)].to_owned()
}

fn pairs(value: Option<&Value>) -> Vec<(String, String)> {
    let all = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let pair = |value: &Value| {
        let object = value.as_object()?;
        Some((text(object, "name"), text(object, "value")))
    };
    all.iter().take(MOST_HEADERS).filter_map(pair).filter(|(name, _)| !name.is_empty()).collect()
}

/// The routes that were used at servers for which `is_ours` holds, called with scheme and authority: one per method and
/// path, each with the values of its last successful use. Headers that carry credentials, and cookies, are left out.
#[must_use]
pub fn routes(recording: &Recording, is_ours: &dyn Fn(&str, &str) -> bool) -> Vec<Route> {
    let mut routes: Vec<Route> = Vec::new();
    for exchange in &recording.exchanges {
        if !is_ours(&exchange.scheme, &exchange.authority) || !(200..400).contains(&exchange.status) {
            continue;
        }
        let (path, query) = exchange.target.split_once('?').unwrap_or((&exchange.target, ""));
        let route = route(exchange, path, query);
        match routes.iter().position(|own| own.method == route.method && own.path == route.path) {
            Some(known) => {
                let own = &mut routes[known];
                let before = std::mem::take(&mut own.answers);
                let new = route.answers.iter().filter(|one| !before.contains(one)).cloned();
                let answers = before.iter().cloned().chain(new).collect();
                *own = Route { answers, ..route };
            }
            None if routes.len() < MOST_ROUTES => routes.push(route),
            None => {}
        }
    }
    routes
}

fn route(exchange: &Exchange, path: &str, query: &str) -> Route {
    let parameter = |name: String, value: String, at| {
        let example = Value::String(value);
        Parameter { name, at, required: false, schema: shown_by(&example), example: Some(example) }
    };
    let mut parameters: Vec<Parameter> =
        form_pairs(query).into_iter().map(|(name, value)| parameter(name, value, At::Query)).collect();
    for (name, value) in &exchange.headers {
        let lower = name.to_ascii_lowercase();
        let is_own = OWN_HEADERS.contains(&lower.as_str()) || lower.starts_with("sec-") || lower.starts_with(':');
        let is_secret =
            ["token", "auth", "key", "secret", "session", "csrf"].iter().any(|word| lower.contains(word));
        if !is_own && !is_secret {
            parameters.push(parameter(name.clone(), value.clone(), At::Header));
        }
    }
    Route {
        method: exchange.method.clone(),
        path: path.to_owned(),
        parameters,
        body: (!exchange.body.is_empty()).then(|| message(exchange)),
        access: Access::Unsaid,
        answers: vec![exchange.status.to_string()],
    }
}

fn message(exchange: &Exchange) -> Body {
    let media = exchange.media.split(';').next().unwrap_or_default().trim().to_owned();
    let example = match () {
        () if is_json(&media) => serde_json::from_str(&exchange.body).ok(),
        () if is_form(&media) => {
            let fields = form_pairs(&exchange.body).into_iter();
            Some(Value::Object(fields.map(|(name, value)| (name, Value::String(value))).collect()))
        }
        () => None,
    };
    let example = example.unwrap_or_else(|| Value::String(exchange.body.clone()));
    Body { media, required: true, schema: shown_by(&example), example: Some(example) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn recording() -> Value {
        let put = |status: u16, body: &str| {
            json!({
                "startedDateTime": "2026-01-31T12:00:00Z", "serverIPAddress": "192.0.2.7",
                "request": {
                    "method": "put", "url": "https://u:p@plug.example:8443/api/v1/config?dry=a%20b#x",
                    "headers": [{"name": "Cookie", "value": "sid=1"}, {"name": "X-Mode", "value": "a"},
                                {"name": "X-Csrf-Token", "value": "t"}],
                    "postData": {"mimeType": "application/json; charset=utf-8", "text": body},
                },
                "response": {"status": status, "headers": [{"name": "Server", "value": "x"}],
                             "content": {"mimeType": "application/json", "text": "{}", "size": 2}},
            })
        };
        let form = json!({
            "request": {"method": "POST", "url": "http://plug.example?x", "headers": [],
                        "postData": {"mimeType": "application/x-www-form-urlencoded",
                                     "params": [{"name": "a", "value": "1 2"}]}},
            "response": {"status": 302},
        });
        json!({"log": {"version": "1.2", "creator": {"name": "Browser", "version": "1"},
            "entries": [put(200, r#"{"a":1}"#), put(400, "{"), form, {"request": {"url": "ws://x/"}}, 7]}})
    }

    #[test]
    fn requests_and_answers_are_read_and_the_unreadable_is_noted() {
        let read = read(&recording().to_string()).unwrap();
        assert_eq!((read.creator.as_str(), read.exchanges.len(), read.notes.len()), ("Browser 1", 3, 2));
        let first = &read.exchanges[0];
        let told = (first.method.as_str(), first.authority.as_str(), first.target.as_str(), first.status);
        assert_eq!(told, ("PUT", "plug.example:8443", "/api/v1/config?dry=a%20b", 200));
        assert_eq!((first.answer.as_str(), first.server.as_str()), ("{}", "192.0.2.7"));
        assert_eq!((read.exchanges[2].target.as_str(), read.exchanges[2].body.as_str()), ("/?x", "a=1%202"));
    }

    #[test]
    fn a_route_has_what_was_taken_and_no_credential() {
        let read = read(&recording().to_string()).unwrap();
        let routes =
            routes(&read, &|scheme, authority| scheme == "https" && authority.starts_with("plug.example"));
        let [route] = &routes[..] else { panic!("{routes:?}") };
        let told: Vec<_> = route.parameters.iter().map(|p| (p.name.as_str(), p.at, p.example.clone())).collect();
        assert_eq!(told, [("dry", At::Query, Some(json!("a b"))), ("X-Mode", At::Header, Some(json!("a")))]);
        assert_eq!(route.body.as_ref().unwrap().example, Some(json!({"a": 1})));
        assert_eq!(
            super::routes(&read, &|_, _| true)[1].body.as_ref().unwrap().example,
            Some(json!({"a": "1 2"}))
        );
    }

    #[test]
    fn what_is_no_recording_is_told() {
        assert!(matches!(read("nothing"), Err(NoDescription::Unreadable(_))));
        assert_eq!(read("{}"), Err(NoDescription::Other("HAR 1.2")));
    }

    #[test]
    fn no_text_makes_it_panic() {
        crate::hostile::survives(recording().to_string().as_bytes(), |bytes| {
            let read = read(&String::from_utf8_lossy(bytes));
            read.map(|read| routes(&read, &|_, _| true)).is_ok()
        });
    }
}
