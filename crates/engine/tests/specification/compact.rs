//! Completes the compact form in which a page writes observations: what every case shares is not repeated.

use model::{Digest, Observation, TlsVersion};
use serde_json::{Map, Value, json};

const ADDRESS: &str = "192.0.2.7";

/// Completes an observation: what a page leaves out is the same in every case.
pub(crate) fn observation(compact: &Value) -> Result<Observation, serde_json::Error> {
    let part = |name: &str| compact.get(name).cloned();
    let list = |name: &str| part(name).and_then(|v| v.as_array().cloned()).unwrap_or_default();
    let facts: Vec<Value> = list("facts").iter().flat_map(facts).collect();
    let coverage: Vec<Value> = list("coverage").iter().map(coverage).collect();
    let shortfalls: Vec<Value> = list("shortfalls").into_iter().map(with_endpoint).collect();
    serde_json::from_value(json!({
        "run": {
            "probe": part("probe"), "revision": 1, "place": part("place").unwrap_or(json!("lan")),
            "state": part("state"),
            "target": part("target").unwrap_or(json!("dut")),
            "parameters": part("parameters").unwrap_or(json!({})),
        },
        "dut": { "model": "M", "release": part("release").unwrap_or(json!("1.0")) },
        "began": "2026-05-01T00:00:00Z", "ended": "2026-05-01T00:01:00Z", "tool": "spec",
        "level": part("level"), "source": part("source"),
        "reading": { "facts": facts, "coverage": coverage, "shortfalls": shortfalls },
    }))
}

/// `tcp-ports 1-65535`, `services 80/tcp`, `page`; `input PUT /a 80/tcp` is of `input PUT /a`.
fn coverage(compact: &Value) -> Value {
    let text = compact.as_str().unwrap_or_default();
    let parts = if text.starts_with("input ") { text.rsplit_once(' ') } else { text.split_once(' ') };
    let (of, rest) = parts.unwrap_or((text, ""));
    let mut whole = json!({ "of": of, "text": text });
    if rest.contains('/') {
        whole["endpoint"] = endpoint(rest);
    } else if !rest.is_empty() {
        let range = |part: &str| {
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            json!([low.trim().parse::<u16>().unwrap(), high.trim().parse::<u16>().unwrap()])
        };
        whole["ports"] = rest.split(',').map(range).collect();
    }
    whole
}

/// Everything that a client may be shown, apart from a stapled revocation.
const SHOWN: [&str; 14] = [
    "genuine",
    "self-signed",
    "unknown-authority",
    "copied-names",
    "wrong-host",
    "expired",
    "not-yet-valid",
    "leaf-as-authority",
    "weak-signature",
    "weak-key",
    "plain",
    "tls-1.1",
    "tls-1.0",
    "ssl-3.0",
];

/// A fact with its defaults; `tls-versions` stands for a fact on each version, `client-checks` for one on each check, the
/// sound chain accepted and all others refused but those it names.
fn facts(compact: &Value) -> Vec<Value> {
    let kind = compact["fact"].as_str().unwrap_or_default();
    if kind == "client-checks" {
        let one = |shown: &str| {
            let usual = if shown == "genuine" { json!("sent") } else { json!("refused") };
            let did = compact.get(shown).cloned().unwrap_or(usual);
            json!({ "fact": "client-check", "endpoint": compact["endpoint"], "shown": shown, "did": did })
        };
        let shown = SHOWN.into_iter().filter(|shown| compact.get(*shown) != Some(&Value::Null));
        return shown.flat_map(|shown| facts(&one(shown))).collect();
    }
    if kind == "tls-versions" {
        let accepted = compact["accepted"].as_array().cloned().unwrap_or_default();
        let one = |version: TlsVersion| {
            let version = json!(version);
            let accepted = accepted.contains(&version);
            json!({ "fact": "tls-version", "endpoint": endpoint(compact["endpoint"].as_str().unwrap_or_default()),
                    "version": version, "accepted": accepted })
        };
        return TlsVersion::ALL.into_iter().map(one).collect();
    }
    let digest = Digest::of(b"spec").to_string();
    let defaults = match kind {
        "port" => json!({ "state": "open" }),
        "service" => json!({ "tls": false }),
        "disclosure" => json!({ "source": "banner", "excerpt": "" }),
        "http" => {
            json!({ "tls": false, "method": "GET", "path": "/", "status": 200, "content": true, "body": digest })
        }
        "login" | "access" | "input" => json!({ "told_by": "its answer" }),
        "guessing" => json!({ "attempts": compact["evaluated"], "millis": 10_000, "parallel": 1 }),
        "batch-audit" => json!({ "batch": digest }),
        "tls-suite" => json!({ "id": 0, "version": "tls-1.2" }),
        "certificate" => json!({
            "index": 0, "fingerprint": digest, "subject": "CN=plug", "issuer": "CN=authority",
            "not_before": "2025-01-01T00:00:00Z", "not_after": "2035-01-01T00:00:00Z",
            "key": "ec-p256", "key_bits": 256, "signature": "ecdsa-with-SHA256",
            "self_issued": false, "authority": false,
        }),
        "conversation" => json!({
            "client": ADDRESS, "opened": "by-product", "protection": "unknown", "protocol": "unknown",
            "connections": 1, "sent": 100, "received": 100,
            "first": "2026-05-01T00:00:00Z", "last": "2026-05-01T00:00:30Z",
        }),
        "clear-content" => json!({ "sent": true, "excerpt": "(private)", "at": "2026-05-01T00:00:10Z" }),
        "reconnection" => json!({
            "since": "2026-05-01T00:00:00Z", "total": compact["attempts"].as_array().map_or(0, Vec::len),
        }),
        "client-check" => json!({ "did": "refused", "connections": 2, "told_by": "what it did" }),
        "page" => json!({ "final_url": compact["url"], "status": 200, "free": true, "body": digest }),
        _ => json!({}),
    };
    let mut whole: Map<String, Value> = defaults.as_object().cloned().unwrap_or_default();
    whole.extend(compact.as_object().cloned().unwrap_or_default());
    if let Some(Value::Array(own)) = whole.get("certificates") {
        whole["certificates"] = own.iter().flat_map(facts).collect();
    }
    if let Some(Value::Array(told)) = whole.get("tries") {
        whole["tries"] = told.iter().flat_map(tries).collect();
    }
    vec![with_endpoint(Value::Object(whole))]
}

/// `0-600 refused*6` is six tries in a row of a tenth of a second each; `600-700 blocked 2000` says that it blocks for
/// two seconds; `700-800 right let-in` is the right credential, `700-800 other refused` one for another account,
/// `700-800 guest let-in` the right one of another account, `700-800 claimed refused` one that claims another source,
/// `700-800 second refused` and `second-right let-in` ones from a second address of the bench.
fn tries(compact: &Value) -> Vec<Value> {
    let words: Vec<&str> = compact.as_str().unwrap_or_default().split_whitespace().collect();
    let (span, whose, did, millis) = match words.as_slice() {
        [
            span,
            whose @ ("right" | "other" | "claimed" | "guest" | "second" | "second-right"),
            did,
            millis @ ..,
        ] => (span, *whose, did, millis),
        [span, did, millis @ ..] => (span, "", did, millis),
        _ => panic!("`{compact}` is no try"),
    };
    let (began, ended) = span.split_once('-').unwrap();
    let (began, ended): (u64, u64) = (began.parse().unwrap(), ended.parse().unwrap());
    let (did, times) = did.split_once('*').unwrap_or((did, "1"));
    let times: u64 = times.parse().unwrap();
    let each = (ended - began) / times;
    let says = millis.first().map(|millis| millis.parse::<u64>().unwrap());
    let one = |at: u64| {
        json!({ "began": at, "ended": at + each, "right": matches!(whose, "right" | "guest" | "second-right"),
                "other_account": matches!(whose, "other" | "guest"), "forwarded": whose == "claimed",
                "second_source": whose.starts_with("second"),
                "did": did, "blocked_millis": says })
    };
    (0..times).map(|index| one(began + index * each)).collect()
}

fn with_endpoint(mut value: Value) -> Value {
    for name in ["endpoint", "server"] {
        if let Some(text) = value[name].as_str() {
            value[name] = endpoint(text);
        }
    }
    value
}

/// `443/tcp`, `443/tcp over ipv6`, or `443/tcp of 198.51.100.1` for somebody else's.
fn endpoint(text: &str) -> Value {
    let (text, address) = match (text.strip_suffix(" over ipv6"), text.split_once(" of ")) {
        (Some(text), _) => (text, "2001:db8::7"),
        (None, Some((text, address))) => (text, address),
        (None, None) => (text, ADDRESS),
    };
    let (port, transport) = text.split_once('/').unwrap_or((text, "tcp"));
    json!({ "address": address, "transport": transport, "port": port.parse::<u16>().unwrap() })
}
