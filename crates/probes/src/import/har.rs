//! What a browser or a proxy recorded of web pages, from a HAR file: answers that needed no credential, and what they
//! give away.
//!
//! Requests that carried a credential are left out: what is behind a login is no disclosure, and that it was seen says
//! nothing of who else may. The recording covers nothing: it holds what somebody happened to open.

use std::collections::BTreeMap;
use std::io::Read;

use model::{Digest, Endpoint, Fact, HttpAnswer, Period, ShortfallKind, Timestamp, Touches};
use serde::Deserialize as _;
use serde_json::Value;
use wire::api::har;
use wire::text::visible_str;

use super::about::Book;
use super::{About, ImportError, Imported, Importer, whole};
use crate::giveaway::{Known, in_text};
use crate::{Card, Need};

/// The card.
pub const CARD: Card = Card {
    id: "import.har",
    revision: 1,
    asks: "What did web pages at this address answer without a credential, as a HAR file recorded it?",
    yields: &["http", "disclosure"],
    touches: Touches::Nothing,
    needs: &[Need::File],
};

/// The importer.
pub const IMPORTER: Importer = Importer {
    card: &CARD,
    format: "har",
    reads: "HAR 1.2 of a browser or a proxy",
    level: model::Level::Imported,
    per_address: true,
    sniff: |begins| {
        let text = String::from_utf8_lossy(begins);
        let text = text.trim_start_matches('\u{feff}').trim_start();
        text.starts_with('{')
            && text.contains("\"log\"")
            && ["\"entries\"", "\"creator\""].iter().any(|w| text.contains(w))
    },
    interpret,
};

const MOST: u64 = 256 << 20;
const OF: &str = "http-routes";
/// Headers of a request that carry a credential.
const CREDENTIALS: [&str; 5] = ["authorization", "cookie", "proxy-authorization", "x-api-key", "x-auth-token"];
/// Headers of an answer that are kept.
const KEPT: [&str; 6] =
    ["content-type", "location", "server", "strict-transport-security", "www-authenticate", "x-powered-by"];

fn interpret(file: &mut dyn Read, parameters: &Value) -> Result<Imported, ImportError> {
    let about = About::deserialize(parameters)?;
    let bytes = whole(file, IMPORTER.format, MOST)?;
    let not_this = |why: String| ImportError::NotThis { format: IMPORTER.format, why };
    let recording = har::read(&String::from_utf8_lossy(&bytes)).map_err(|error| not_this(error.to_string()))?;
    let mut book = Book::new(&about);
    for note in &recording.notes {
        book.short(ShortfallKind::Unreadable, OF, None, visible_str(note, 200));
    }
    let (mut times, mut with_credential) = (Vec::new(), 0_u64);
    for exchange in &recording.exchanges {
        let (host, port) = place(exchange);
        let server = Some(exchange.server.as_str()).filter(|server| !server.is_empty()).unwrap_or(host);
        let Some(address) = book.address(server) else { continue };
        times.extend(Timestamp::parse(&exchange.started).ok());
        let Some(port) = port else {
            let text = format!("`{}` names no port that can be read", visible_str(&exchange.authority, 100));
            book.short(ShortfallKind::Unreadable, OF, None, text);
            continue;
        };
        let carries =
            |(name, _): &(String, String)| CREDENTIALS.iter().any(|known| known.eq_ignore_ascii_case(name));
        match exchange.headers.iter().any(carries) || exchange.authority.contains('@') {
            true => with_credential += 1,
            false if exchange.status == 0 => {}
            false => read_answer(Endpoint::tcp(address, port), exchange, &mut book),
        }
    }
    if with_credential > 0 {
        let text = format!("{with_credential} requests carried a credential: what they got is not read");
        book.short(ShortfallKind::Unsupported, OF, None, text);
    }
    let (tool, version) = match recording.creator.rsplit_once(' ') {
        Some((tool, version)) => (tool.to_owned(), Some(version.to_owned())),
        None => (recording.creator.clone(), None),
    };
    let measured = times.iter().min().zip(times.iter().max());
    Ok(Imported {
        tool: Some(tool).filter(|tool| !tool.is_empty()),
        version,
        measured: measured.map(|(from, until)| Period { from: *from, until: *until }),
        ..book.finish()
    })
}

/// Host and port of an exchange.
fn place(exchange: &har::Exchange) -> (&str, Option<u16>) {
    let authority = exchange.authority.rsplit_once('@').map_or(exchange.authority.as_str(), |(_, host)| host);
    let usual = if exchange.scheme == "https" { 443 } else { 80 };
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()),
        _ => (authority, Some(usual)),
    }
}

fn read_answer(endpoint: Endpoint, exchange: &har::Exchange, book: &mut Book<'_>) {
    let body = match exchange.answer_is_base64 {
        true => {
            let digits: Vec<u8> = exchange.answer.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
            wire::base64::decode(&digits).unwrap_or_default()
        }
        false => exchange.answer.clone().into_bytes(),
    };
    let kept =
        exchange.answer_headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), visible_str(value, 200)));
    let headers: BTreeMap<String, String> = kept.filter(|(name, _)| KEPT.contains(&name.as_str())).collect();
    let path = visible_str(&exchange.target, 500);
    let is_page = (200..300).contains(&exchange.status);
    book.fact(Fact::Http(HttpAnswer {
        endpoint,
        tls: exchange.scheme == "https",
        method: exchange.method.clone(),
        path: path.clone(),
        status: exchange.status,
        // A recording does not show whether the same came to somebody who had logged in before.
        content: false,
        location: headers.get("location").cloned(),
        body: Digest::of(&body),
        salted: false,
        headers,
    }));
    if is_page {
        for found in in_text(&String::from_utf8_lossy(&body), &Known::new()) {
            book.fact(Fact::Disclosure {
                endpoint,
                kind: found.kind,
                source: path.clone(),
                excerpt: found.excerpt,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording(entries: &Value) -> String {
        serde_json::json!({"log": {"version": "1.2", "creator": {"name": "Browser", "version": "1.0"}, "entries": entries}})
            .to_string()
    }

    fn entry(url: &str, headers: &Value, body: &str) -> Value {
        serde_json::json!({
            "startedDateTime": "2026-11-30T15:00:00.000Z", "time": 3,
            "request": {"method": "GET", "url": url, "httpVersion": "HTTP/1.1", "headers": headers, "cookies": [],
                        "queryString": [], "headersSize": -1, "bodySize": 0},
            "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "cookies": [],
                         "headers": [{"name": "Server", "value": "plug/1.2"}],
                         "content": {"size": 1, "mimeType": "text/html", "text": body}, "redirectURL": "",
                         "headersSize": -1, "bodySize": 1},
            "cache": {}, "timings": {"send": 0, "wait": 1, "receive": 1},
        })
    }

    fn read(text: &str) -> Imported {
        interpret(&mut text.as_bytes(), &serde_json::json!({"address": "192.0.2.7"})).unwrap()
    }

    #[test]
    fn what_came_without_a_credential_is_a_fact_and_what_came_with_one_is_left_out() {
        let none = serde_json::json!([]);
        let cookie = serde_json::json!([{"name": "Cookie", "value": "session=1"}]);
        let text = recording(&serde_json::json!([
            entry("http://192.0.2.7:8080/a?b", &none, "hello"),
            entry("https://192.0.2.7/private", &cookie, "mac 02:00:5e:10:00:01"),
            entry("http://192.0.2.9/", &none, "x"),
        ]));
        let imported = read(&text);
        let answers = imported.reading.facts.iter().filter_map(|fact| match fact {
            Fact::Http(answer) => Some((answer.endpoint.port, answer.path.as_str(), answer.tls)),
            _ => None,
        });
        let answers: Vec<_> = answers.collect();
        assert_eq!(answers, [(8080, "/a?b", false)]);
        assert_eq!(imported.elsewhere, ["192.0.2.9"]);
        assert_eq!((imported.tool.as_deref(), imported.version.as_deref()), (Some("Browser"), Some("1.0")));
        assert_eq!(imported.measured.unwrap().to_string(), "2026-11-30T15:00:00Z");
        assert!(imported.reading.coverage.is_empty());
        assert!(imported.reading.shortfalls.iter().any(|s| s.text.starts_with("1 requests carried a credential")));
    }

    #[test]
    fn what_a_page_gives_away_is_told_and_its_secrets_are_private() {
        let page = "<p>MAC: 02:00:5e:10:00:01</p>";
        let text = recording(&serde_json::json!([entry("http://192.0.2.7/", &serde_json::json!([]), page)]));
        let found: Vec<_> = read(&text)
            .reading
            .facts
            .into_iter()
            .filter_map(|fact| match fact {
                Fact::Disclosure { kind, .. } => Some(kind),
                _ => None,
            })
            .collect();
        assert!(found.contains(&"mac".to_owned()), "{found:?}");
    }
}
