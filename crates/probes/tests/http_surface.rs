//! http.surface at the demonstration device and at nginx: what is there is seen, what is not is not made up.
#![allow(clippy::unwrap_used)]

mod lab;

use std::collections::BTreeMap;

use model::{AuthScheme, Endpoint, Fact, Reading};
use probes::http::exchange::Server;
use probes::http::surface::{Parameters, gather, interpret};
use probes::{Limits, LiveBench, Scope};
use testkit::netns::Netns;
use testkit::servers::{GATEWAY_OUTER, GATEWAY_SERIAL, Miniupnpd, Nginx};
use testkit::{Site, ready};

struct Measured {
    reading: Reading,
    http: Endpoint,
    https: Endpoint,
}

fn measured(faults: &str) -> Measured {
    let running = lab::device(faults);
    let before = running.state();
    let at = |service: &str| {
        let listening = running.ports().iter().find(|one| one.service == service).unwrap();
        Endpoint::tcp(listening.at.ip(), listening.at.port())
    };
    let (http, https) = (at("http"), at("https"));
    let label = running.label();
    let known = BTreeMap::from([
        ("serial".to_owned(), label.serial.clone()),
        ("mac".to_owned(), label.mac.clone()),
        ("ssid".to_owned(), running.state().wifi_ssid),
    ]);
    let servers =
        vec![Server { endpoint: http, tls: false, host: None }, Server { endpoint: https, tls: true, host: None }];
    let reading = run(Parameters { servers, known, extra_paths: vec!["/files?name=manual.txt".to_owned()] });
    assert_eq!(running.state(), before, "looking changed something");
    Measured { reading, http, https }
}

fn run(parameters: Parameters) -> Reading {
    let addresses: Vec<_> = parameters.servers.iter().map(|server| server.endpoint.address).collect();
    let mut bench = LiveBench::new(Scope::of(addresses), Limits::default());
    interpret(&gather(&parameters, &mut bench))
}

impl Measured {
    fn disclosed(&self) -> Vec<(Endpoint, &str, &str)> {
        let mut found = Vec::new();
        for fact in &self.reading.facts {
            if let Fact::Disclosure { endpoint, kind, source, .. } = fact {
                found.push((*endpoint, kind.as_str(), source.as_str()));
            }
        }
        found
    }

    fn content(&self) -> Vec<(Endpoint, &str)> {
        let mut found = Vec::new();
        for fact in &self.reading.facts {
            if let Fact::Http(answer) = fact
                && answer.content
            {
                found.push((answer.endpoint, answer.path.as_str()));
            }
        }
        found
    }
}

#[test]
fn the_good_profile_gives_away_the_model_in_its_description_and_nothing_else() {
    let measured = measured("");
    assert!(
        measured.disclosed().iter().all(|(at, kind, source)| {
            *at == measured.http && matches!(*kind, "model" | "manufacturer") && *source == "/description.xml"
        }),
        "{:?}",
        measured.disclosed()
    );
    assert_eq!(
        measured.content(),
        [(measured.http, "/description.xml"), (measured.https, "/files?name=manual.txt")]
    );
    let mut prompts: Vec<_> = Vec::new();
    for fact in &measured.reading.facts {
        if let Fact::AuthPrompt { endpoint, scheme, path, .. } = fact {
            prompts.push((*endpoint, *scheme, path.as_deref().unwrap()));
        }
    }
    assert_eq!(
        prompts,
        [
            (measured.https, AuthScheme::HttpForm, "/login"),
            (measured.https, AuthScheme::HttpJson, "/api/v1/login")
        ]
    );
    assert_eq!(measured.reading.shortfalls, []);
    assert_eq!(measured.reading.coverage.len(), 2);
}

#[test]
fn a_path_that_only_redirects_like_any_other_is_not_there() {
    let measured = measured("");
    let firmware = measured.reading.facts.iter().any(|fact| {
        matches!(fact, Fact::Http(answer) if answer.endpoint == measured.http && answer.path == "/firmware")
    });
    assert!(!firmware);
}

#[test]
fn each_leak_shows_as_its_kind() {
    let checks: [(&str, &[(&str, &str)]); 4] = [
        (
            "info-disclosure-status",
            &[("serial", "/status"), ("mac", "/status"), ("ssid", "/status"), ("version", "/status")],
        ),
        ("openapi-public", &[("api-description", "/api/v1/openapi.json")]),
        (
            "config-backup-public",
            &[("configuration", "/backup.cfg"), ("credential", "/backup.cfg"), ("ssid", "/backup.cfg")],
        ),
        ("server-banner", &[("product", "header server"), ("version", "header server")]),
    ];
    for (fault, expected) in checks {
        let measured = measured(fault);
        let disclosed = measured.disclosed();
        for (kind, source) in expected {
            assert!(
                disclosed.contains(&(measured.https, kind, source)),
                "{fault}: {kind} {source}: {disclosed:?}"
            );
        }
    }
}

#[test]
fn a_secret_value_stands_in_a_fact_as_private_alone() {
    let measured = measured("config-backup-public");
    assert!(measured.disclosed().iter().any(|(_, kind, _)| *kind == "credential"));
    for fact in &measured.reading.facts {
        if let Fact::Disclosure { kind, excerpt, .. } = fact
            && matches!(kind.as_str(), "key" | "credential")
        {
            assert!(matches!(model::pieces(excerpt)[..], [model::Piece::Private(_, _)]), "{excerpt}");
        }
    }
}

#[test]
fn data_readable_without_a_session_is_content() {
    let measured = measured("state-unauthenticated,userdata-unauthenticated");
    let content = measured.content();
    for path in ["/api/v1/state", "/api/v1/userdata"] {
        assert!(content.contains(&(measured.https, path)), "{path}: {content:?}");
    }
}

#[test]
fn a_hidden_upload_route_shows_by_its_methods_and_takes_nothing() {
    // `measured` proves that the software is still the same.
    let measured = measured("update-upload-open");
    let route = measured.reading.facts.iter().find_map(|fact| match fact {
        Fact::Http(answer) if answer.path == "/firmware" && answer.endpoint == measured.https => Some(answer),
        _ => None,
    });
    let route = route.unwrap();
    assert_eq!((route.status, route.headers["allow"].as_str()), (405, "POST"));
}

fn nginx(server: &Nginx) -> Option<(Reading, Endpoint)> {
    let server = ready(server.start(&Site::loopback()))?;
    let endpoint = Endpoint::tcp(server.at().ip(), server.at().port());
    let servers = vec![Server { endpoint, tls: false, host: None }];
    Some((run(Parameters { servers, known: BTreeMap::new(), extra_paths: vec![] }), endpoint))
}

#[test]
fn nginx_that_shows_one_page_for_every_path_has_no_other() {
    let config = vec!["location / { try_files $uri /index.html; }".to_owned()];
    let pages = vec![("config.json".to_owned(), r#"{"wifi_ssid":"home","wifi_psk":"hunter22"}"#.to_owned())];
    let Some((reading, _)) = nginx(&Nginx { pages, config, ..Nginx::default() }) else { return };
    let mut content = Vec::new();
    for fact in &reading.facts {
        if let Fact::Http(answer) = fact
            && answer.content
        {
            content.push(answer.path.as_str());
        }
    }
    assert_eq!(content, ["/", "/config.json"]);
    let mut kinds = Vec::new();
    for fact in &reading.facts {
        if let Fact::Disclosure { kind, .. } = fact {
            kinds.push(kind.as_str());
        }
    }
    for kind in ["product", "version", "configuration", "credential", "ssid"] {
        assert!(kinds.contains(&kind), "{kind}: {kinds:?}");
    }
}

#[test]
fn nginx_behind_basic_authentication_shows_nothing_but_the_challenge() {
    let basic_auth = Some(("admin".to_owned(), "admin".to_owned()));
    let pages = vec![("status".to_owned(), "serial=1234".to_owned())];
    let Some((reading, endpoint)) = nginx(&Nginx { pages, basic_auth, ..Nginx::default() }) else { return };
    let asks = reading.facts.iter().filter(|fact| {
        matches!(fact, Fact::AuthPrompt { endpoint: at, scheme: AuthScheme::HttpBasic, .. } if *at == endpoint)
    });
    assert_eq!(asks.count(), 1);
    assert!(!reading.facts.iter().any(|fact| matches!(fact, Fact::Http(answer) if answer.content)));
    assert!(!reading.facts.iter().any(|fact| matches!(fact, Fact::Disclosure { kind, .. } if kind == "serial")));
}

#[test]
fn a_gateway_of_upnp_tells_its_state_and_its_outer_address_to_whoever_asks() {
    let Some(netns) = ready(Netns::create()) else { return };
    let Some(gateway) = ready(Miniupnpd.start(&netns)) else { return };
    let endpoint = Endpoint::tcp(gateway.at().ip(), gateway.port());
    let server = Server { endpoint, tls: false, host: None };
    let reading = run(Parameters { servers: vec![server], known: BTreeMap::new(), extra_paths: vec![] });
    let granted: Vec<&str> = reading
        .facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Access(access) if access.granted => Some(access.function.as_str()),
            _ => None,
        })
        .collect();
    for function in ["GetExternalIPAddress", "GetStatusInfo", "GetGenericPortMappingEntry"] {
        assert!(granted.contains(&&*format!("POST /ctl/IPConn {function}")), "{function}: {granted:?}");
    }
    let told = |kind: &str, text: &str| {
        reading.facts.iter().any(|fact| {
            matches!(fact, Fact::Disclosure { kind: is, excerpt, .. }
            if is == kind && model::in_clear(excerpt).contains(text))
        })
    };
    assert!(told("configuration", GATEWAY_OUTER) && told("serial", GATEWAY_SERIAL), "{:#?}", reading.facts);
    assert!(told("state", "NewConnectionStatus=Connected"), "{:#?}", reading.facts);
    assert!(reading.shortfalls.is_empty(), "{:?}", reading.shortfalls);
}
