//! http.input at the demonstration device: each weakness shows, the good profile turns everything away, and the
//! device is as it was afterwards.
#![allow(clippy::unwrap_used)]

mod lab;

use model::{Endpoint, Fact, Reading};
use probes::http::input::{Parameters, gather, interpret};
use probes::{Limits, LiveBench, Scope};
use serde_json::json;

const CONFIG: &str = r#"{"remote_access":false,"ntp_server":"ntp.lumen.invalid","auto_update":true}"#;
const INPUTS: [(&str, &str); 4] = [
    ("PUT /api/v1/config", CONFIG),
    ("PUT /api/v1/state", r#"{"relay":false}"#),
    ("GET /?user=visitor", ""),
    ("GET /files?name=manual.txt", ""),
];

fn measured(faults: &str) -> Reading {
    let running = lab::device(faults);
    let before = running.state();
    let https = running.ports().iter().find(|one| one.service == "https").unwrap().at;
    let endpoint = Endpoint::tcp(https.ip(), https.port());
    let server = json!({"endpoint": endpoint, "tls": true});
    let inputs: Vec<_> = INPUTS
        .iter()
        .map(|(request, example)| json!({"server": server, "request": request, "example": example}))
        .collect();
    let label = running.label();
    let door = json!({"endpoint": endpoint, "tls": true, "scheme": "http-json", "path": "/api/v1/login"});
    let login = json!({"door": door, "user": label.admin_user, "secret": label.admin_password});
    let parameters: Parameters = serde_json::from_value(json!({"inputs": inputs, "login": login})).unwrap();
    let mut bench =
        LiveBench::new(Scope::of([endpoint.address]), Limits { wait_millis: 1000, ..Limits::default() });
    let log = gather(&parameters, &mut bench);
    assert_eq!(running.state(), before, "{faults}: the probe left something changed");
    interpret(&log)
}

/// Target, violation and result of whatever was neither rejected nor ignored.
fn noticed(reading: &Reading) -> Vec<(&str, &str, &str)> {
    let mut found = Vec::new();
    for fact in &reading.facts {
        if let Fact::Input { target, violation, result, .. } = fact
            && !matches!(result.as_str(), "rejected" | "ignored")
        {
            found.push((target.as_str(), violation.as_str(), result.as_str()));
        }
    }
    found
}

#[test]
fn the_good_profile_turns_every_wrong_input_away() {
    let reading = measured("");
    assert_eq!(noticed(&reading), []);
    assert!(reading.facts.len() > 80, "{}", reading.facts.len());
    assert_eq!(reading.shortfalls, []);
    for (request, _) in INPUTS {
        let is_tried = |fact: &Fact| matches!(fact, Fact::Input { target, .. } if target.starts_with(request));
        assert!(reading.facts.iter().any(is_tried), "{request}");
    }
}

#[test]
fn a_message_that_is_too_large_and_brings_the_service_down_is_a_crash() {
    let reading = measured("input-oversize-crash");
    let noticed = noticed(&reading);
    assert!(
        noticed.iter().any(|(target, violation, result)| {
            target.starts_with("PUT /api/v1/config") && *violation == "oversize" && *result == "crash"
        }),
        "{noticed:?}"
    );
    assert!(noticed.iter().all(|(.., result)| *result == "crash"), "{noticed:?}");
}

#[test]
fn a_wrong_type_that_raises_an_internal_error_is_an_error() {
    let reading = measured("input-type-confusion");
    assert!(noticed(&reading).contains(&("PUT /api/v1/config ntp_server", "wrong-type", "error")));
    assert!(noticed(&reading).iter().all(|(.., result)| *result == "error"), "{:?}", noticed(&reading));
}

#[test]
fn a_name_that_reaches_the_login_page_unescaped_is_an_effect() {
    let reading = measured("input-reflected");
    assert_eq!(noticed(&reading), [("GET /?user=visitor ?user", "markup-canary", "effect")]);
}

#[test]
fn a_time_server_that_reaches_a_command_line_is_an_effect() {
    let reading = measured("input-command-injection");
    let noticed = noticed(&reading);
    assert!(noticed.contains(&("PUT /api/v1/config ntp_server", "command-canary", "effect")), "{noticed:?}");
}

#[test]
fn a_file_name_that_leaves_its_folder_is_an_effect() {
    let reading = measured("path-traversal");
    assert_eq!(noticed(&reading), [("GET /files?name=manual.txt ?name", "traversal-canary", "effect")]);
}

/// Other inputs than those above: the timer with its ticket, and the schedule in XML.
fn measured_steps(faults: &str) -> Reading {
    let running = lab::device(faults);
    let before = running.state();
    let https = running.ports().iter().find(|one| one.service == "https").unwrap().at;
    let endpoint = Endpoint::tcp(https.ip(), https.port());
    let server = json!({"endpoint": endpoint, "tls": true});
    let timer = json!({
        "server": server, "request": "POST /api/v1/timer", "example": r#"{"ticket":"$after.ticket","minutes":90}"#,
        "after": {"request": "POST /api/v1/timer/begin"}, "once": true,
    });
    let schedule = json!({
        "server": server, "request": "PUT /api/v1/schedule", "media": "application/xml",
        "example": "<schedule><on>06:45</on><off>21:30</off></schedule>",
    });
    let label = running.label();
    let door = json!({"endpoint": endpoint, "tls": true, "scheme": "http-json", "path": "/api/v1/login"});
    let login = json!({"door": door, "user": label.admin_user, "secret": label.admin_password});
    let parameters = json!({"inputs": [timer, schedule], "login": login});
    let parameters: Parameters = serde_json::from_value(parameters).unwrap();
    let mut bench =
        LiveBench::new(Scope::of([endpoint.address]), Limits { wait_millis: 1000, ..Limits::default() });
    let log = gather(&parameters, &mut bench);
    assert_eq!(running.state(), before, "{faults}: the probe left something changed");
    let reading = interpret(&log);
    assert_eq!(reading.shortfalls, [], "{faults}");
    reading
}

#[test]
fn a_ticket_is_used_once_and_the_schedule_reads_no_entities() {
    let reading = measured_steps("");
    assert_eq!(noticed(&reading), []);
    for wanted in ["stale-token", "unknown-token", "entity-canary", "hidden-path", "out-of-range"] {
        let is_it = |fact: &Fact| matches!(fact, Fact::Input { violation, .. } if violation == wanted);
        assert!(reading.facts.iter().any(is_it), "{wanted} was not tried");
    }
}

#[test]
fn a_ticket_that_is_taken_twice_or_was_never_given_is_an_error() {
    let timer = "POST /api/v1/timer message";
    assert_eq!(noticed(&measured_steps("ticket-reused")), [(timer, "stale-token", "error")]);
    let ignored = measured_steps("ticket-ignored");
    assert!(noticed(&ignored).contains(&(timer, "unknown-token", "error")), "{:?}", noticed(&ignored));
}

#[test]
fn minutes_beyond_a_day_and_an_entity_from_outside_are_found_and_told_small() {
    let range = measured_steps("input-range-ignored");
    assert!(noticed(&range).contains(&("POST /api/v1/timer minutes", "out-of-range", "error")));
    let entity = measured_steps("input-entity");
    assert_eq!(noticed(&entity).first(), Some(&("PUT /api/v1/schedule on", "entity-canary", "effect")));
    let told = |fact: &Fact| match fact {
        Fact::Input { result, reproduction, .. } if result == "effect" => Some(reproduction.clone()),
        _ => None,
    };
    let told = entity.facts.iter().find_map(told).unwrap();
    assert!(told.starts_with("PUT /api/v1/schedule | application/xml | <!DOCTYPE"), "{told}");
}

#[test]
fn a_guard_that_reads_a_path_otherwise_than_the_function_is_got_round() {
    let reading = measured("guard-by-path");
    let noticed = noticed(&reading);
    assert!(noticed.contains(&("PUT /api/v1/config message", "hidden-path", "effect")), "{noticed:?}");
}

#[test]
fn a_database_and_a_wait_answer_only_where_they_are_behind_the_field() {
    let query = measured("input-query");
    assert_eq!(noticed(&query), [("GET /files?name=manual.txt ?name", "query-canary", "effect")]);
    let blind = measured("input-blind-command");
    assert_eq!(noticed(&blind), [("PUT /api/v1/config ntp_server", "delay-canary", "effect")]);
}

#[test]
fn an_error_is_told_with_the_field_that_it_takes_alone() {
    let reading = measured("input-type-confusion");
    let told = |fact: &Fact| match fact {
        Fact::Input { target, violation, reproduction, .. }
            if target.ends_with("ntp_server") && violation == "wrong-type" =>
        {
            Some(reproduction.clone())
        }
        _ => None,
    };
    let told = reading.facts.iter().find_map(told).unwrap();
    assert_eq!(told, "PUT /api/v1/config | application/json | {\"ntp_server\":42}");
}
