//! http.access at the demonstration device: who is let in, and that nothing is left changed.
#![allow(clippy::unwrap_used)]

mod lab;

use model::{Credential, Endpoint, Fact, Reading};
use probes::http::access::{Parameters, gather, interpret};
use probes::{Limits, LiveBench, Scope};
use serde_json::json;

const FUNCTIONS: [(&str, bool); 7] = [
    ("PUT /api/v1/config", true),
    ("PUT /api/v1/state", true),
    ("GET /api/v1/config", false),
    ("GET /api/v1/state", false),
    ("GET /api/v1/info", false),
    ("GET /api/v1/userdata", false),
    ("GET /api/v1/openapi.json", false),
];

fn measured(faults: &str) -> Reading {
    measured_at(faults, &FUNCTIONS)
}

/// Declared are these; the description of the interface, which lies behind the login, names others.
fn measured_at(faults: &str, functions: &[(&str, bool)]) -> Reading {
    let running = lab::device(faults);
    let before = running.state();
    let https = running.ports().iter().find(|one| one.service == "https").unwrap().at;
    let endpoint = Endpoint::tcp(https.ip(), https.port());
    let label = running.label();
    let login = |user: &str, secret: &str| {
        let door = json!({"endpoint": endpoint, "tls": true, "scheme": "http-json", "path": "/api/v1/login"});
        json!({"door": door, "user": user, "secret": secret})
    };
    let is_found = functions.len() < FUNCTIONS.len();
    let functions: Vec<_> = functions
        .iter()
        .map(|(request, writes)| {
            json!({"server": {"endpoint": endpoint, "tls": true}, "request": request, "writes": writes})
        })
        .collect();
    let parameters = json!({
        "functions": functions,
        "documents": is_found.then(|| json!({"server": {"endpoint": endpoint, "tls": true}, "path": "/api/v1/openapi.json"}))
            .into_iter().collect::<Vec<_>>(),
        "login": login(label.admin_user, &label.admin_password),
        "low_privilege": login(label.guest_user, &label.guest_password),
        "logout": "POST /api/v1/logout",
    });
    let parameters: Parameters = serde_json::from_value(parameters).unwrap();
    let mut bench = LiveBench::new(Scope::of([endpoint.address]), Limits::default());
    let log = gather(&parameters, &mut bench);
    assert_eq!(running.state(), before, "the probe left something changed");
    let record = serde_json::to_string(bench.transcript()).unwrap();
    for secret in [&label.admin_password, &label.guest_password] {
        assert!(!record.contains(secret.as_str()), "a password stands in the record");
    }
    interpret(&log)
}

fn granted(reading: &Reading) -> Vec<(&str, &Credential)> {
    let mut found = Vec::new();
    for fact in &reading.facts {
        if let Fact::Access(access) = fact
            && access.granted
            && access.credential != Credential::Valid
        {
            found.push((access.function.as_str(), &access.credential));
        }
    }
    found
}

#[test]
fn the_good_profile_lets_a_guest_read_the_state_and_nobody_else_do_anything() {
    let reading = measured("");
    assert_eq!(granted(&reading), [("GET /api/v1/state", &Credential::LowPrivilege)]);
    // Nobody, a wrong, an ended, a weak, two altered sessions and the valid one.
    assert_eq!(reading.facts.len(), FUNCTIONS.len() * 7);
    let valid = reading.facts.iter().filter(
        |fact| matches!(fact, Fact::Access(access) if access.granted && access.credential == Credential::Valid),
    );
    assert_eq!(valid.count(), FUNCTIONS.len());
    assert_eq!(reading.shortfalls, []);
}

#[test]
fn routes_that_only_a_description_names_are_tried_and_the_product_stays_as_it_was() {
    let reading = measured_at("", &[]);
    let found: Vec<&str> = reading
        .facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Access(a) if a.found.as_deref() == Some("description") && a.credential == Credential::None => {
                Some(a.function.as_str())
            }
            _ => None,
        })
        .collect();
    for function in ["GET /api/v1/config", "GET /api/v1/userdata", "PUT /api/v1/config"] {
        assert!(found.contains(&function), "{function}: {found:?}");
    }
    let guest = &Credential::LowPrivilege;
    assert_eq!(granted(&reading), [("GET /", guest), ("GET /api/v1/state", guest)]);
    let reading = measured_at("config-unauthenticated", &[]);
    assert!(granted(&reading).contains(&("PUT /api/v1/config", &Credential::None)), "{:?}", granted(&reading));
    let reading = measured_at("session-survives-logout", &[]);
    assert!(granted(&reading).contains(&("GET /api/v1/config", &Credential::Expired)), "{:?}", granted(&reading));
}

#[test]
fn an_unguarded_configuration_is_granted_to_anybody() {
    let reading = measured("config-unauthenticated");
    for credential in [Credential::None, Credential::Wrong, Credential::LowPrivilege] {
        assert!(granted(&reading).contains(&("PUT /api/v1/config", &credential)), "{credential:?}");
        assert!(!granted(&reading).contains(&("PUT /api/v1/state", &credential)), "{credential:?}");
    }
}

#[test]
fn an_unguarded_relay_is_granted_to_anybody() {
    let reading = measured("state-unauthenticated");
    for function in ["GET /api/v1/state", "PUT /api/v1/state"] {
        assert!(granted(&reading).contains(&(function, &Credential::None)), "{function}");
    }
}

#[test]
fn a_guest_that_can_configure_is_told_and_others_are_still_refused() {
    let reading = measured("guest-can-configure");
    assert_eq!(
        granted(&reading),
        [("PUT /api/v1/config", &Credential::LowPrivilege), ("GET /api/v1/state", &Credential::LowPrivilege)]
    );
}

#[test]
fn a_session_that_outlives_its_end_is_granted_what_the_valid_one_is() {
    let reading = measured("session-survives-logout");
    for (function, _) in FUNCTIONS {
        assert!(granted(&reading).contains(&(function, &Credential::Expired)), "{function}");
    }
    assert_eq!(granted(&reading).len(), FUNCTIONS.len() + 1, "and a guest reads the state");
}
