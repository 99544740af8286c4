//! What an answer of a web server gives away: values of the unit, software names, secrets, descriptions of the
//! interface for programs, configuration, internals.
//!
//! Patterns only; whether giving it away is declared is not asked here.

use serde_json::Value;
use wire::http::Response;

use super::answer::Answer;
use crate::giveaway::{Giveaway, Known, in_text};

/// Headers that name versions and are no software of the product.
const DULL_HEADERS: [&str; 4] = ["mime-version", "content-security-policy", "etag", "date"];

/// Everything that the answer to this target gives away, with what gave it: the path, or a header.
pub(super) fn exposed(target: &str, response: &Response, known: &Known) -> Vec<(String, Giveaway)> {
    let answer = Answer::of(response, target);
    let mut found: Vec<(String, Giveaway)> = Vec::new();
    for (name, value) in &response.headers {
        let name = name.to_lowercase();
        let source = format!("header {name}");
        if matches!(name.as_str(), "server" | "x-powered-by" | "x-generator" | "x-aspnet-version") {
            found.extend(software(value).into_iter().map(|one| (source.clone(), one)));
        } else if !DULL_HEADERS.contains(&name.as_str()) {
            found.extend(in_text(&format!("{name}: {value}"), known).into_iter().map(|one| (source.clone(), one)));
        }
    }
    let text = response.text();
    let here = |one: Giveaway| (target.to_owned(), one);
    if is_program(&answer.media, target) {
        // Scripts are full of words such as `password =`; only values are looked for, as in a page.
        found.extend(in_text(&format!("<>{text}"), known).into_iter().map(here));
    } else {
        found.extend(in_text(&text, known).into_iter().map(here));
    }
    if answer.is_content() {
        found.extend(description(&text).map(here));
        found.extend(configuration(target, &text, response).map(here));
        found.extend(diagnosis(&text).map(here));
    }
    found
}

fn is_program(media: &str, target: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default();
    media.contains("javascript")
        || media.contains("css")
        || [".js", ".mjs", ".css"].iter().any(|e| path.ends_with(e))
}

/// `lumen-httpd/2.1 (Linux)`: the product, and the version if one is named.
fn software(value: &str) -> Vec<Giveaway> {
    if value.trim().is_empty() {
        return Vec::new();
    }
    let mut found = vec![Giveaway::new("product", value)];
    let versions = value.split([' ', ',', ';', '(', ')']).filter_map(|token| token.split_once('/'));
    if let Some((_, version)) =
        versions.into_iter().find(|(_, version)| version.starts_with(|c: char| c.is_ascii_digit()))
    {
        found.push(Giveaway::new("version", version));
    }
    found
}

/// A description of the interface for programs: OpenAPI, Swagger, WSDL, WADL.
fn description(text: &str) -> Option<Giveaway> {
    let told = |text: &str| Some(Giveaway::new("api-description", text));
    if let Ok(Value::Object(document)) = serde_json::from_str::<Value>(text.trim()) {
        let version = document.get("openapi").or_else(|| document.get("swagger"))?;
        let count = document.get("paths").and_then(Value::as_object)?.len();
        return told(&format!("OpenAPI {} with {count} paths", version.as_str().unwrap_or_default()));
    }
    let head = &text[..text.floor_char_boundary(2000)];
    if (head.contains("<wsdl:definitions") || head.contains("<definitions")) && head.contains("wsdl") {
        return told("WSDL document");
    }
    if head.contains("<application") && head.contains("wadl") {
        return told("WADL document");
    }
    let yaml = head.lines().any(|line| line.starts_with("openapi:") || line.starts_with("swagger:"));
    if yaml && text.lines().any(|line| line.starts_with("paths:")) { told("OpenAPI document") } else { None }
}

/// GET routes of an OpenAPI document, those without parameters in the path.
pub(super) fn described_routes(text: &str) -> Vec<String> {
    let Ok(Value::Object(document)) = serde_json::from_str::<Value>(text.trim()) else { return Vec::new() };
    let Some(paths) = document.get("paths").and_then(Value::as_object) else { return Vec::new() };
    let reads = paths.iter().filter(|(path, verbs)| {
        path.starts_with('/') && !path.contains('{') && verbs.get("get").is_some() && path.len() < 200
    });
    reads.map(|(path, _)| path.clone()).take(60).collect()
}

/// A configuration, by the name of its path and by what it holds. Its values stay out, they may be secret.
fn configuration(target: &str, text: &str, response: &Response) -> Option<Giveaway> {
    let path = target.split('?').next().unwrap_or_default().to_lowercase();
    let is_named = [
        "config",
        "backup",
        "setting",
        ".cfg",
        ".conf",
        "/conf",
        ".env",
        "nvram",
        "romfile",
        "rom-0",
        ".ini",
        "export",
        ".htpasswd",
    ]
    .iter()
    .any(|word| path.contains(word));
    // Small servers label files as pages; the text itself tells.
    if !is_named || text.trim_start().starts_with('<') {
        return None;
    }
    let names: Vec<String> = match serde_json::from_str::<Value>(text.trim()) {
        Ok(Value::Object(fields)) if fields.contains_key("openapi") || fields.contains_key("swagger") => {
            return None;
        }
        Ok(Value::Object(fields)) => fields.keys().take(12).cloned().collect(),
        Ok(_) => return None,
        Err(_) if response.body.iter().take(512).any(|byte| *byte == 0) => {
            return Some(Giveaway::new("configuration", &format!("{} bytes of binary data", response.body.len())));
        }
        Err(_) => {
            let lines = text.lines().filter_map(|line| line.split_once(['=', ':']));
            lines.map(|(name, _)| name.trim().to_owned()).filter(|name| name.len() < 40).take(12).collect()
        }
    };
    (!names.is_empty()).then(|| Giveaway::new("configuration", &format!("names: {}", names.join(", "))))
}

/// Pages of diagnosis and listings of folders.
fn diagnosis(text: &str) -> Option<Giveaway> {
    const MARKS: [&str; 7] = [
        "Apache Server Status",
        "Server Information",
        "Active connections: ",
        "# HELP ",
        "phpinfo()",
        "Index of /",
        "Types of profiles available:",
    ];
    let mark = MARKS.iter().find(|mark| text.contains(**mark))?;
    Some(Giveaway::new("internals", mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(target: &str, headers: &[(&str, &str)], body: &str) -> Vec<String> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let response = Response { status: 200, headers, body: body.as_bytes().to_vec(), ..Response::default() };
        let found = exposed(target, &response, &Known::new());
        found.into_iter().map(|(source, one)| format!("{source} {} {}", one.kind, one.excerpt)).collect()
    }

    #[test]
    fn a_server_header_names_product_and_version() {
        let found = told("/", &[("Server", "lumen-httpd/2.1.7 (uClibc 0.9.33)")], "");
        assert_eq!(
            found,
            ["header server product lumen-httpd/2.1.7 (uClibc 0.9.33)", "header server version 2.1.7"]
        );
    }

    #[test]
    fn a_description_of_the_interface_is_told_and_its_routes_are_read() {
        let document = r#"{"openapi":"3.1.0","paths":{"/a":{"get":{}},"/b/{id}":{"get":{}},"/c":{"post":{}}}}"#;
        let json = [("Content-Type", "application/json")];
        assert_eq!(
            told("/openapi.json", &json, document),
            ["/openapi.json api-description OpenAPI 3.1.0 with 3 paths"]
        );
        assert_eq!(described_routes(document), ["/a"]);
    }

    #[test]
    fn a_configuration_is_told_by_its_names_and_its_secrets_are_private() {
        let found = told("/backup.cfg", &[("Content-Type", "text/plain")], "wifi_ssid=home\nwifi_key=hunter22\n");
        assert!(
            found.iter().any(|one| one == "/backup.cfg configuration names: wifi_ssid, wifi_key"),
            "{found:?}"
        );
        let secret = format!("/backup.cfg credential {}", model::private("credential", "hunter22"));
        assert!(found.contains(&secret), "{found:?}");
    }

    #[test]
    fn a_script_gives_nothing_away_by_its_words() {
        let script = "var password = \"x1\"; model: \"jquery\", version: \"3.5\";";
        assert_eq!(told("/app.js", &[("Content-Type", "text/javascript")], script), Vec::<String>::new());
        assert_eq!(told("/", &[("Content-Type", "text/html")], "<p>password = x1</p>"), Vec::<String>::new());
    }
}
