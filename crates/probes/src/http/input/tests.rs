use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Value, json};

use super::*;
use crate::scripted::ScriptedBench;

const EXAMPLE: &str = r#"{"name":"plug","on":true}"#;

fn answer(status: &str, media: &str, body: &str) -> Option<Vec<u8>> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: {media}\r\nContent-Length: {}\r\n\r\n", body.len());
    Some([head.as_bytes(), body.as_bytes()].concat())
}

/// What the device does with a message; none stands for silence.
type Takes = fn(&mut Value, &[u8]) -> Option<Vec<u8>>;

/// Refuses whatever is not exactly right.
fn strict(state: &mut Value, body: &[u8]) -> Option<Vec<u8>> {
    let wrong = || answer("400 Bad", "application/json", r#"{"error":"wrong"}"#);
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return wrong() };
    let name = value["name"].as_str().filter(|name| name.len() <= 64 && !name.contains(char::is_control));
    match (name, value["on"].as_bool()) {
        (Some(name), Some(on)) => {
            *state = json!({"name": name, "on": on});
            answer("200 OK", "application/json", &state.to_string())
        }
        _ => wrong(),
    }
}

fn measured(takes: Takes) -> (Reading, Value) {
    let before = json!({"name": "kitchen", "on": false, "uptime": 7});
    let state = Rc::new(RefCell::new(before));
    let kept = Rc::clone(&state);
    let mut bench = ScriptedBench::refusing().answering(80, move |heard| {
        let head = heard.windows(4).position(|window| window == b"\r\n\r\n")?;
        let (text, body) = (String::from_utf8_lossy(&heard[..head]).into_owned(), &heard[head + 4..]);
        match text.split(' ').take(2).collect::<Vec<_>>()[..] {
            ["GET", "/state"] => answer("200 OK", "application/json", &kept.borrow().to_string()),
            ["PUT", "/state"] => takes(&mut kept.borrow_mut(), body),
            ["GET", "/"] if kept.borrow()["dead"] != true => answer("200 OK", "text/html", "<p>Plug</p>"),
            ["GET", "/"] => None,
            _ => answer("404 No", "text/plain", ""),
        }
    });
    let endpoint = Endpoint::tcp(bench.device(), 80);
    let input = json!({"server": {"endpoint": endpoint}, "request": "PUT /state", "example": EXAMPLE});
    let parameters = serde_json::from_value(json!({"inputs": [input]})).unwrap();
    let log = gather(&parameters, &mut bench);
    let reading = interpret(&serde_json::from_slice(&serde_json::to_vec(&log).unwrap()).unwrap());
    let state = state.borrow().clone();
    (reading, state)
}

/// Results by violation and field.
fn results(reading: &Reading) -> BTreeMap<(String, String), String> {
    let mut found = BTreeMap::new();
    for fact in &reading.facts {
        if let Fact::Input { target, violation, result, .. } = fact {
            let field = target.rsplit(' ').next().unwrap_or_default();
            found.insert((field.to_owned(), violation.clone()), result.clone());
        }
    }
    found
}

fn result<'a>(results: &'a BTreeMap<(String, String), String>, field: &str, violation: &str) -> &'a str {
    results.get(&(field.to_owned(), violation.to_owned())).map_or("none", String::as_str)
}

#[test]
fn a_strict_server_refuses_everything_and_is_left_as_it_was() {
    let (reading, state) = measured(strict);
    let results = results(&reading);
    assert!(results.values().all(|result| matches!(result.as_str(), "rejected" | "ignored")), "{results:?}");
    for (field, violation, expected) in [
        ("name", "wrong-type", "rejected"),
        ("name", "oversize", "rejected"),
        ("name", "missing", "rejected"),
        ("name", "control-characters", "rejected"),
        ("name", "duplicate-names", "ignored"),
        ("name", "command-canary", "ignored"),
        ("on", "wrong-type", "rejected"),
        ("message", "malformed", "rejected"),
    ] {
        assert_eq!(result(&results, field, violation), expected, "{field} {violation}");
    }
    assert_eq!((&state["name"], &state["on"]), (&json!("kitchen"), &json!(false)));
    assert_eq!(reading.shortfalls, []);
    let covered: Vec<_> = reading.coverage.iter().map(|coverage| coverage.of.as_str()).collect();
    assert_eq!(covered, ["input PUT /state", "input"]);
    assert!(reading.coverage[0].text.contains("encoding, injection, length, order, structure, type"));
}

#[test]
fn a_field_that_was_not_broken_in_a_class_of_its_kind_is_a_shortfall() {
    let endpoint = Endpoint::tcp("192.0.2.7".parse().unwrap(), 80);
    let input =
        serde_json::from_value(json!({"server": {"endpoint": endpoint}, "request": "PUT /state"})).unwrap();
    let mut log = InputLog::new(&input);
    let violation = violations::Violation::new("wrong-type", "42");
    let got = Err((ShortfallKind::Refused, "gone".to_owned()));
    log.cases.push(Case::of("level", violation, got));
    log.due = [("level", "type"), ("level", "range")].map(|(f, c)| (f.to_owned(), c.to_owned())).into();
    let reading = interpret(&Log { inputs: vec![log.clone()], looked: vec![] });
    assert!(reading.shortfalls[0].text.ends_with("level was not broken in its range"));
    assert_eq!(reading.coverage.len(), 1, "it was not tried to the end");
    log.due.clear();
    let older = interpret(&Log { inputs: vec![log], looked: vec![] });
    assert!(older.shortfalls.is_empty() && older.coverage.len() == 1, "older logs read as they did");
}

#[test]
fn a_form_that_stores_a_text_for_a_number_is_told_for_a_person() {
    let state = Rc::new(RefCell::new(json!({"level": 3, "name": "plug"})));
    let mut bench = ScriptedBench::refusing().answering(80, move |heard| {
        let head = heard.windows(4).position(|window| window == b"\r\n\r\n")?;
        let (text, body) = (String::from_utf8_lossy(&heard[..head]).into_owned(), &heard[head + 4..]);
        let mut state = state.borrow_mut();
        if text.starts_with("POST /form") {
            for (name, value) in wire::http::form_pairs(&String::from_utf8_lossy(body)) {
                let value = value.parse::<i64>().map_or(json!(value), |number| json!(number));
                if let Some(own) = state.get_mut(&name) {
                    *own = value;
                }
            }
        }
        answer("200 OK", "application/json", &state.to_string())
    });
    let endpoint = Endpoint::tcp(bench.device(), 80);
    let media = "application/x-www-form-urlencoded";
    let input = json!({"server": {"endpoint": endpoint}, "request": "POST /form", "example": "level=3&name=plug",
        "media": media});
    let parameters = serde_json::from_value(json!({"inputs": [input]})).unwrap();
    let reading = interpret(&gather(&parameters, &mut bench));
    let results = results(&reading);
    assert_eq!(result(&results, "level", "wrong-type"), "accepted");
    assert_eq!(result(&results, "name", "oversize"), "error", "64 KiB are kept");
}

#[test]
fn a_wrong_value_that_is_stored_is_an_error_and_is_put_back() {
    let (reading, state) = measured(|state, body| {
        let Ok(value) = serde_json::from_slice::<Value>(body) else {
            return answer("400 Bad", "text/plain", "");
        };
        *state = value;
        answer("200 OK", "application/json", "{}")
    });
    let results = results(&reading);
    assert_eq!(result(&results, "on", "wrong-type"), "error");
    assert_eq!(result(&results, "name", "null"), "error");
    assert_eq!(result(&results, "name", "oversize"), "error");
    assert_eq!(result(&results, "name", "quote-canary"), "ignored");
    assert_eq!((&state["name"], &state["on"]), (&json!("kitchen"), &json!(false)));
}

#[test]
fn a_trace_of_the_inside_and_a_failure_are_errors() {
    let (reading, _) = measured(|state, body| {
        let value = serde_json::from_slice::<Value>(body).unwrap_or_default();
        if value["name"].is_number() {
            return answer("400 Bad", "text/plain", "Traceback (most recent call last):\n x.py");
        }
        if value["name"].is_null() {
            return answer("500 Oops", "text/plain", "");
        }
        if value["name"].as_str().is_some_and(|name| name.contains('\'')) {
            return answer("400 Bad", "text/plain", "You have an error in your SQL syntax");
        }
        strict(state, body)
    });
    let told: Vec<_> = reading
        .facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Input { target, violation, result, .. } if result == "error" => {
                Some((target.as_str(), violation.as_str()))
            }
            _ => None,
        })
        .collect();
    for wanted in ["wrong-type", "null", "quote-canary"] {
        assert!(told.contains(&("PUT /state name", wanted)), "{wanted}: {told:?}");
    }
}

#[test]
fn a_computed_canary_is_an_effect_and_ends_the_field() {
    let (reading, _) = measured(|state, body| {
        let value = serde_json::from_slice::<Value>(body).unwrap_or_default();
        if let Some((_, rest)) = value["name"].as_str().unwrap_or_default().split_once("$(expr ") {
            let factors: Vec<u64> =
                rest.trim_end_matches(')').split(" \\* ").filter_map(|n| n.parse().ok()).collect();
            return answer("400 Bad", "text/plain", &factors.iter().product::<u64>().to_string());
        }
        strict(state, body)
    });
    assert_eq!(result(&results(&reading), "name", "command-canary"), "effect");
    let commands = reading.facts.iter().filter(|fact| {
        matches!(fact, Fact::Input { target, violation, .. }
            if violation == "command-canary" && target.ends_with("name"))
    });
    assert_eq!(commands.count(), 2, "the first form was plain, the second took effect, the rest was left out");
}

#[test]
fn a_service_that_is_gone_for_good_is_a_crash_and_a_shortfall() {
    let (reading, _) = measured(|state, body| {
        if body.len() > 10_000 || state["dead"] == true {
            *state = json!({"dead": true});
            return None;
        }
        strict(state, body)
    });
    assert_eq!(result(&results(&reading), "name", "oversize"), "crash");
    let kinds: Vec<_> = reading.shortfalls.iter().map(|short| short.kind).collect();
    assert!(kinds.contains(&ShortfallKind::Silence) && kinds.contains(&ShortfallKind::NotRestored), "{kinds:?}");
}

#[test]
fn a_silence_that_passes_is_an_error_and_no_crash() {
    let (reading, _) = measured(|state, body| {
        let value = serde_json::from_slice::<Value>(body).unwrap_or_default();
        if value["name"].is_object() { None } else { strict(state, body) }
    });
    assert_eq!(result(&results(&reading), "name", "wrong-type"), "error");
    assert!(!results(&reading).values().any(|result| result == "crash"));
}

#[test]
fn a_request_that_is_refused_even_when_right_proves_nothing() {
    let (reading, _) = measured(|_, _| answer("403 No", "application/json", r#"{"error":"no"}"#));
    assert!(reading.facts.is_empty() && reading.coverage.is_empty());
    assert_eq!(reading.shortfalls[0].kind, ShortfallKind::Missing);
}

#[test]
fn a_value_that_cannot_be_put_back_is_a_shortfall() {
    let (reading, _) = measured(|state, body| {
        let taken = strict(state, body);
        if state["name"] == "kitchen" {
            state["name"] = json!("cellar");
        }
        taken
    });
    assert!(reading.shortfalls.iter().any(|short| short.kind == ShortfallKind::NotRestored));
}

fn query(page: impl Fn(&str) -> Option<Vec<u8>> + 'static) -> Reading {
    let mut bench = ScriptedBench::refusing().answering(80, move |heard| {
        let text = String::from_utf8_lossy(heard).into_owned();
        page(text.split(' ').nth(1)?)
    });
    let endpoint = Endpoint::tcp(bench.device(), 80);
    let input = json!({"server": {"endpoint": endpoint}, "request": "GET /show?name=a.txt"});
    let parameters = serde_json::from_value(json!({"inputs": [input]})).unwrap();
    interpret(&gather(&parameters, &mut bench))
}

#[test]
fn a_name_in_a_query_that_leaves_its_folder_or_reaches_the_page_is_an_effect() {
    let decoded = |target: &str| target.replace("%2F", "/").replace("%3C", "<").replace("%3E", ">");
    let leaving = query(move |target| match decoded(target).contains("../../etc/passwd") {
        true => answer("200 OK", "text/plain", "root:x:0:0:root:/root:/bin/sh\n"),
        false => answer("200 OK", "text/plain", "text"),
    });
    assert_eq!(result(&results(&leaving), "?name", "traversal-canary"), "effect");
    let repeating = query(move |target| answer("200 OK", "text/html", &decoded(target)));
    assert_eq!(result(&results(&repeating), "?name", "markup-canary"), "effect");
    let good = query(|_| answer("200 OK", "text/plain", "text"));
    assert!(results(&good).values().all(|result| result == "ignored"), "{good:?}");
    assert_eq!(good.shortfalls, []);
}

/// A product that tells its uptime, and with `restarts` begins anew when it hears a large request; it answers all the same.
fn with_uptime(restarts: bool) -> Reading {
    let mut up = 100_000;
    let mut bench = ScriptedBench::refusing().answering(80, move |heard| {
        if heard.is_empty() {
            return None;
        }
        up = if restarts && heard.len() > 20_000 { 1 } else { up + 1 };
        match heard.starts_with(b"GET /up ") {
            true => answer("200 OK", "application/json", &format!("{{\"up\":{up}}}")),
            false => answer("200 OK", "text/plain", "text"),
        }
    });
    let server = json!({"endpoint": Endpoint::tcp(bench.device(), 80)});
    let input = json!({"server": server, "request": "GET /show?name=a.txt"});
    let uptime = json!({"server": server, "path": "/up", "name": "up"});
    let parameters = serde_json::from_value(json!({"inputs": [input], "uptime": uptime})).unwrap();
    interpret(&gather(&parameters, &mut bench))
}

#[test]
fn a_restart_that_is_over_at_once_shows_in_the_uptime() {
    assert_eq!(result(&results(&with_uptime(true)), "message", "restarted"), "crash");
    assert_eq!(result(&results(&with_uptime(false)), "message", "restarted"), "none");
}

#[test]
fn a_budget_that_ends_is_a_shortfall() {
    let mut bench = ScriptedBench::refusing().answering(80, |_| answer("200 OK", "text/plain", "text"));
    let input =
        json!({"server": {"endpoint": Endpoint::tcp(bench.device(), 80)}, "request": "GET /show?name=a.txt"});
    let parameters = serde_json::from_value(json!({"inputs": [input], "most_requests": 12})).unwrap();
    let log = gather(&parameters, &mut bench);
    assert_eq!(log.inputs[0].requests, 12);
    let reading = interpret(&log);
    assert_eq!(reading.shortfalls.iter().map(|s| s.kind).collect::<Vec<_>>(), [ShortfallKind::Limit]);
    assert!(bench.sent.len() <= 12, "{}", bench.sent.len());
}

#[test]
fn a_value_that_the_description_forbids_and_that_is_taken_is_told() {
    let mut bench = ScriptedBench::refusing().answering(80, |_| answer("200 OK", "text/plain", "text"));
    let limits = json!([{"field": "?name", "kind": "text", "longest": 5}]);
    let input = json!({"server": {"endpoint": Endpoint::tcp(bench.device(), 80)}, "request": "GET /show?name=a.txt",
        "limits": limits, "answers": ["400"]});
    let parameters = serde_json::from_value(json!({"inputs": [input]})).unwrap();
    let reading = interpret(&gather(&parameters, &mut bench));
    let results = results(&reading);
    assert_eq!(result(&results, "?name", "too-long"), "accepted");
    assert_eq!(result(&results, "?name", "undescribed-answer"), "ignored");
}

/// A product that describes a history and a plan that nobody declared; the history fails for a day that is no number.
fn undeclared(heard: &[u8], plan: &mut Value) -> Option<Vec<u8>> {
    let head = heard.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (text, body) = (String::from_utf8_lossy(&heard[..head]).into_owned(), &heard[head + 4..]);
    let line: Vec<&str> = text.split(' ').take(2).collect();
    match (line[0], line[1].split('?').next().unwrap_or_default()) {
        ("GET", "/openapi.json") => {
            let document = json!({"openapi": "3.0.3", "paths": {
                "/history": {"get": {"parameters": [{"name": "day", "in": "query", "schema": {"type": "integer"}}]}},
                "/plan": {"put": {"requestBody": {"content": {"application/json": {"schema": {"type": "object",
                    "properties": {"level": {"type": "integer"}}}}}}}},
                "/blind": {"put": {"requestBody": {"content": {"application/json": {"schema": {"type": "object",
                    "properties": {"level": {"type": "integer"}}}}}}}},
                "/wifi": {"put": {"requestBody": {"content": {"application/json": {"schema": {"type": "object",
                    "properties": {"level": {"type": "integer"}}}}}}}},
            }});
            answer("200 OK", "application/json", &document.to_string())
        }
        ("GET", "/history") if line[1].contains("day=assay") => answer("500 Oops", "text/plain", ""),
        ("GET", "/history") => answer("200 OK", "application/json", "[]"),
        ("GET", "/plan") => answer("200 OK", "application/json", &plan.to_string()),
        ("PUT", "/plan") => match serde_json::from_slice::<Value>(body) {
            Ok(value) if value["level"].is_u64() && value.as_object().is_some_and(|own| own.len() == 1) => {
                *plan = value;
                answer("200 OK", "application/json", &plan.to_string())
            }
            _ => answer("400 No", "application/json", "{}"),
        },
        ("PUT", _) => panic!("{} is not sent", line[1]),
        ("GET", "/") => answer("200 OK", "text/html", "<p>Plug</p>"),
        _ => answer("404 No", "text/plain", ""),
    }
}

#[test]
fn requests_of_a_description_that_the_product_hands_out_are_tried_beside_those_of_the_plan() {
    let plan = Rc::new(RefCell::new(json!({"level": 3})));
    let kept = Rc::clone(&plan);
    let sent = Rc::new(RefCell::new(Vec::<Value>::new()));
    let first = Rc::clone(&sent);
    let mut bench = ScriptedBench::refusing().answering(80, move |heard| {
        if heard.starts_with(b"PUT /plan") {
            let at = heard.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(0);
            first.borrow_mut().extend(serde_json::from_slice::<Value>(&heard[at + 4..]).ok());
        }
        undeclared(heard, &mut kept.borrow_mut())
    });
    let endpoint = Endpoint::tcp(bench.device(), 80);
    let document = json!({"server": {"endpoint": endpoint}, "path": "/openapi.json"});
    let parameters = serde_json::from_value(json!({"documents": [document]})).unwrap();
    let log = gather(&parameters, &mut bench);
    let reading = interpret(&serde_json::from_slice(&serde_json::to_vec(&log).unwrap()).unwrap());
    let told = reading.facts.iter().find_map(|fact| match fact {
        Fact::Input { target, violation, result, told_by, .. } if result == "error" => {
            Some((target.as_str(), violation.as_str(), told_by.as_str()))
        }
        _ => None,
    });
    let (target, violation, told_by) = told.unwrap();
    assert_eq!((target, violation), ("GET /history?day=1 ?day", "wrong-type"));
    assert!(told_by.ends_with("the request was found in /openapi.json"), "{told_by}");
    assert_eq!((sent.borrow()[0].clone(), plan.borrow().clone()), (json!({"level": 3}), json!({"level": 3})));
    let short: Vec<_> = reading.shortfalls.iter().map(|short| (short.of.as_str(), short.text.as_str())).collect();
    assert_eq!(short.len(), 1, "{short:?}");
    assert!(short[0].0 == "input-found" && short[0].1.starts_with("PUT /blind"), "{short:?}");
    let documents = reading.coverage.iter().find(|coverage| coverage.of == "input-documents").unwrap();
    assert!(documents.text.contains("3 requests that nobody declared and that are tried, 1 that are left alone"));
}
