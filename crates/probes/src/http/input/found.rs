//! Requests that nobody declared: those of a description of the interface that the product hands out itself, of forms on
//! its pages, and of links with a query.
//!
//! They are read again here, as the entitled subject if there is one. What a word of the path warns of is left alone, and
//! so is a request that writes where the names say that it could cut the product off or change who gets in.

use model::{Coverage, Shortfall, ShortfallKind};
use serde::{Deserialize, Serialize};
use wire::api::openapi;
use wire::http::page::{Destination, forms, resolve};
use wire::http::{form_urlencoded, percent_encoded};
use wire::text::visible_str;

use super::super::exchange::Server;
use super::super::routes::is_harmless;
use super::super::session::Session;
use super::form::{Form, path};
use super::trial::Subject;
use super::{Input, Parameters, inputs_of};
use crate::Bench;

/// Vocabulary of coverage: documents that were read, and requests found in them.
const DOCUMENTS: &str = "input-documents";
pub(super) const FOUND: &str = "input-found";
const MOST_DOCUMENTS: usize = 40;
const MOST_FOUND: usize = 40;
const MOST_TARGET: usize = 300;

/// Words in a path behind which good input already does what nobody can put back, or ends the session.
const LEFT_ALONE: [&str; 14] = [
    "logout", "login", "reset", "reboot", "restart", "shutdown", "update", "upgrade", "firmware", "factory",
    "password", "delete", "erase", "format",
];
/// Words in a path to which nothing is written that nobody declared.
const NOT_WRITTEN: [&str; 16] = [
    "network",
    "wifi",
    "wlan",
    "lan",
    "dhcp",
    "dns",
    "user",
    "account",
    "admin",
    "role",
    "key",
    "cert",
    "token",
    "session",
    "credential",
    "secret",
];

/// Whether a request to this path is left alone, however it was found or described.
pub fn is_left_alone(path: &str) -> bool {
    let lower = path.to_lowercase();
    LEFT_ALONE.iter().any(|word| lower.contains(word))
}

/// Where requests may be found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Document {
    /// The server.
    pub server: Server,
    /// The target of a description, of a page, or of a link with a query.
    pub path: String,
}

/// What was found in a document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Looked {
    /// Which.
    pub document: Document,
    /// Requests that are tried for it; that are left alone; or why it cannot be read.
    pub found: Result<(usize, usize), (ShortfallKind, String)>,
}

/// Reads each document, and gives the requests in it that nobody declared.
pub(super) fn find(
    parameters: &Parameters,
    subject: &mut Subject<'_>,
    bench: &mut dyn Bench,
) -> (Vec<Input>, Vec<Looked>) {
    let (mut all, mut looked): (Vec<Input>, Vec<Looked>) = (Vec::new(), Vec::new());
    for document in parameters.documents.iter().take(MOST_DOCUMENTS) {
        if !subject.spend(bench) {
            let why = (ShortfallKind::Limit, "it was not read: the budget ended".to_owned());
            looked.push(Looked { document: document.clone(), found: Err(why) });
            break;
        }
        let nobody = Session::default();
        let session = subject.session.as_ref().unwrap_or(&nobody);
        let request = document.server.request("GET", &document.path);
        let got = session.send_request(&document.server, ("GET", &document.path), request, &[], bench);
        let inputs = match got {
            Err(error) => Err((error.shortfall(), error.to_string())),
            // What is not there for this subject tells nothing.
            Ok(response) if !(200..300).contains(&response.status) => continue,
            Ok(response) => inputs_in(document, &response.text()),
        };
        let found = inputs.map(|inputs| {
            let (mut kept, mut left) = (0, 0);
            for input in inputs {
                let declared = parameters.inputs.iter().chain(&all).any(|own| is_same(own, &input));
                let has_fields = Form::of(&input).is_ok_and(|form| !form.fields().is_empty() || input.guarded);
                if declared || !has_fields || input.request.len() > MOST_TARGET {
                    continue;
                }
                if !is_tried(&input.request) || all.len() >= MOST_FOUND {
                    left += 1;
                } else {
                    kept += 1;
                    all.push(input);
                }
            }
            (kept, left)
        });
        looked.push(Looked { document: document.clone(), found });
    }
    (all, looked)
}

fn is_tried(request: &str) -> bool {
    let (method, target) = request.split_once(' ').unwrap_or_default();
    let lower = path(target).to_lowercase();
    let written = |word: &str| lower.split(|c: char| !c.is_alphanumeric()).any(|own| own.starts_with(word));
    !is_left_alone(&lower)
        && match method {
            "GET" => is_harmless(path(target)),
            _ => !NOT_WRITTEN.iter().any(|word| written(word)),
        }
}

/// The requests of a description, or of the forms of a page and of its own query.
fn inputs_in(document: &Document, text: &str) -> Result<Vec<Input>, (ShortfallKind, String)> {
    let Document { server, path: target } = document;
    let found = visible_str(target, 100);
    let is_page = text.trim_start().starts_with('<');
    let mut inputs = if !is_page && openapi::is_likely(text) {
        let description = openapi::read(text).map_err(|why| (ShortfallKind::Unreadable, why.to_string()))?;
        inputs_of(server, &description.routes)
    } else if !is_page && text.get(..200).unwrap_or(text).contains("swagger") {
        return Err((ShortfallKind::Unsupported, "descriptions before OpenAPI 3.0 are not read".to_owned()));
    } else {
        forms(text).iter().filter_map(|form| of_form(server, target, form)).collect()
    };
    if target.contains('?') {
        inputs.push(Input::plain(server, format!("GET {target}")));
    }
    inputs.iter_mut().for_each(|input| found.clone_into(&mut input.found));
    Ok(inputs)
}

/// A form as the request that sends it, with its own values; one for a password or a file is left out.
fn of_form(server: &Server, page: &str, form: &wire::http::page::Form) -> Option<Input> {
    let is_left = form.asks_for_password() || form.fields.iter().any(|field| field.kind == "file");
    let is_plain = form.encoding.as_deref().is_none_or(wire::api::is_form);
    if is_left || !is_plain || !form.is_element {
        return None;
    }
    let to = match form.action.as_deref() {
        None => page.to_owned(),
        Some(action) => match resolve(page, action) {
            Destination::SameOrigin(to) => to,
            _ => return None,
        },
    };
    let mut fields: Vec<(String, String)> = form
        .fields
        .iter()
        .filter(|field| !field.name.is_empty())
        .filter(|field| !matches!(field.kind.as_str(), "submit" | "button" | "reset" | "image"))
        .map(|field| {
            (field.name.clone(), if field.value.is_empty() { sample(&field.kind) } else { field.value.clone() })
        })
        .collect();
    fields.dedup_by(|one, other| one.0 == other.0);
    if fields.is_empty() {
        return None;
    }
    if form.method == "POST" {
        let media = "application/x-www-form-urlencoded".to_owned();
        let input = Input::plain(server, format!("POST {to}"));
        return Some(Input { example: form_urlencoded(&fields), media, ..input });
    }
    // The fields of a form that is sent by GET replace the query of its target (HTML, mutate action URL).
    let path = path(&to);
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", percent_encoded(name), percent_encoded(value)))
        .collect();
    Some(Input::plain(server, format!("GET {path}?{}", pairs.join("&"))))
}

fn sample(kind: &str) -> String {
    let text = match kind {
        "number" | "range" => "1",
        "email" => "assay@example.org",
        "url" => "https://example.org/",
        "date" => "2026-01-01",
        "time" => "06:30",
        "checkbox" | "radio" => "on",
        "color" => "#000000",
        _ => "assay",
    };
    text.to_owned()
}

/// Whether two requests are the same but for the values of their parameters.
fn is_same(one: &Input, other: &Input) -> bool {
    let parts = |input: &Input| {
        let (method, target) = input.request.split_once(' ').unwrap_or_default();
        let route = if input.template.is_empty() { path(target) } else { &input.template };
        (method.to_owned(), route.split('/').map(str::to_owned).collect::<Vec<_>>())
    };
    let ((method, route), (other_method, other_route)) = (parts(one), parts(other));
    let alike = |(one, other): (&String, &String)| one == other || one.starts_with('{') || other.starts_with('{');
    one.server.endpoint == other.server.endpoint
        && method == other_method
        && route.len() == other_route.len()
        && route.iter().zip(&other_route).all(alike)
}

/// What was read, and what could not be: neither speaks of what is declared.
pub(super) fn told(looked: &[Looked]) -> (Vec<Coverage>, Vec<Shortfall>) {
    let (mut coverage, mut shortfalls) = (Vec::new(), Vec::new());
    for Looked { document, found } in looked {
        let endpoint = document.server.endpoint;
        let at = format!("{} at {endpoint}", visible_str(&document.path, 100));
        match found {
            Ok((0, 0)) => {}
            Ok((kept, left)) => coverage.push(Coverage {
                of: DOCUMENTS.to_owned(),
                endpoint: Some(endpoint),
                ports: vec![(endpoint.port, endpoint.port)],
                text: format!(
                    "{at} has {kept} requests that nobody declared and that are tried, {left} that are left alone"
                ),
            }),
            Err((kind, why)) => shortfalls.push(Shortfall {
                kind: *kind,
                of: DOCUMENTS.to_owned(),
                endpoint: Some(endpoint),
                text: format!("{at}: {why}"),
            }),
        }
    }
    (coverage, shortfalls)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(path: &str) -> Document {
        let endpoint = model::Endpoint::tcp("192.0.2.7".parse().unwrap(), 80);
        Document { server: Server { endpoint, tls: false, host: None }, path: path.to_owned() }
    }

    fn requests(path: &str, text: &str) -> Vec<(String, String)> {
        let inputs = inputs_in(&document(path), text).unwrap();
        inputs.into_iter().map(|input| (input.request, input.example)).collect()
    }

    fn owned(one: &[(&str, &str)]) -> Vec<(String, String)> {
        one.iter().map(|(request, example)| ((*request).to_owned(), (*example).to_owned())).collect()
    }

    #[test]
    fn forms_queries_and_descriptions_give_requests() {
        let page = r#"<form action="search"><input name="q"><input type="submit" name="go"></form>
            <form method="post" action="/plan?x=1"><input name="level" type="number"><select name="zone"></select></form>
            <form method="post" action="/in"><input type="password" name="p"></form>
            <form action="https://elsewhere.example/"><input name="q"></form>"#;
        let wanted =
            [("GET /a/search?q=assay", ""), ("POST /plan?x=1", "level=1&zone=assay"), ("GET /a/b?page=2", "")];
        assert_eq!(requests("/a/b?page=2", page), owned(&wanted));
        let text = r#"{"openapi": "3.0.3", "paths": {"/history": {"get": {"parameters":
            [{"name": "day", "in": "query", "schema": {"type": "integer"}}], "responses": {}}}}}"#;
        assert_eq!(requests("/openapi.json", text), owned(&[("GET /history?day=1", "")]));
        let older = inputs_in(&document("/swagger.json"), r#"{"swagger": "2.0", "paths": {}}"#);
        assert_eq!(older.unwrap_err().0, ShortfallKind::Unsupported);
    }

    #[test]
    fn what_could_not_be_put_back_is_left_alone() {
        let tried = ["GET /history?day=1", "PUT /api/schedule", "POST /plan"];
        let left =
            ["GET /relay/toggle?x=1", "POST /api/firmware", "PUT /api/wifi", "POST /users", "GET /reboot?now=1"];
        assert!(tried.into_iter().all(is_tried));
        assert!(!left.into_iter().any(is_tried));
    }

    #[test]
    fn a_declared_request_is_known_again_by_its_route() {
        let input = |request: &str, template: &str| {
            let server = document("/").server;
            Input { template: template.to_owned(), ..Input::plain(&server, request.to_owned()) }
        };
        assert!(is_same(&input("GET /files?name=a", ""), &input("GET /files?name=b&x=1", "")));
        assert!(is_same(&input("PUT /rules/7", ""), &input("PUT /rules/1", "/rules/{id}")));
        assert!(!is_same(&input("PUT /rules/7", ""), &input("GET /rules/7", "")));
        assert!(!is_same(&input("GET /rules", ""), &input("GET /rules/7", "/rules/{id}")));
    }
}
