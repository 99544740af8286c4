//! mqtt.input at mosquitto and coap.input at libcoap's server: careful programs turn wrong input away, and live.
#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;

use model::{Endpoint, Fact, Reading};
use probes::{Limits, LiveBench, Scope, Secret, coap, mqtt};
use testkit::servers::{CoapServer, Mosquitto};
use testkit::{Site, ready};

fn bench(at: SocketAddr) -> LiveBench {
    LiveBench::new(Scope::of([at.ip()]), Limits { wait_millis: 600, ..Limits::default() })
}

/// Violation, packet or request, and result of whatever was neither rejected nor ignored.
fn noticed(reading: &Reading) -> Vec<String> {
    let told = |fact: &Fact| match fact {
        Fact::Input { target, violation, result, told_by, .. }
            if !["rejected", "ignored"].contains(&result.as_str()) =>
        {
            Some(format!("{violation} {target} {result}: {told_by}"))
        }
        _ => None,
    };
    reading.facts.iter().filter_map(told).collect()
}

fn at_broker(at: SocketAddr, account: Option<(&str, &str)>) -> Reading {
    let endpoint = Endpoint::tcp(at.ip(), at.port());
    let account = account.map(|(user, secret)| (user.to_owned(), Secret::new(secret.to_owned())));
    let broker = mqtt::input::Broker { endpoint, tls: false, host: None, account };
    let parameters = mqtt::input::Parameters { brokers: vec![broker] };
    mqtt::input::interpret(&mqtt::input::gather(&parameters, &mut bench(at)))
}

#[test]
fn mosquitto_turns_wrong_packets_away() {
    let Some(server) = ready(Mosquitto::default().start(&Site::loopback())) else { return };
    let reading = at_broker(server.at(), None);
    assert_eq!(reading.shortfalls, []);
    assert!(reading.facts.len() > 35, "{}", reading.facts.len());
    assert_eq!(noticed(&reading), Vec::<String>::new());
}

#[test]
fn without_an_account_only_what_comes_before_one_is_tried() {
    let login = Some(("plug".to_owned(), "s3cret-words".to_owned()));
    let Some(server) = ready(Mosquitto { login, tls: None }.start(&Site::loopback())) else { return };
    let reading = at_broker(server.at(), None);
    assert!(reading.facts.len() > 8 && reading.facts.len() < 20, "{}", reading.facts.len());
    assert_eq!(reading.shortfalls.len(), 1);
    assert!(at_broker(server.at(), Some(("plug", "s3cret-words"))).shortfalls.is_empty());
}

#[test]
fn libcoap_turns_wrong_datagrams_away() {
    let Some(server) = ready(CoapServer.start(&Site::loopback())) else { return };
    let at = server.at();
    let endpoint = Endpoint::udp(at.ip(), at.port());
    let parameters = coap::input::Parameters { endpoints: vec![endpoint], path: "/.well-known/core".to_owned() };
    let reading = coap::input::interpret(&coap::input::gather(&parameters, &mut bench(at)));
    assert_eq!(reading.shortfalls, []);
    assert!(reading.facts.len() > 30, "{}", reading.facts.len());
    // libcoap 4.3.1 answers these two with 2.05; RFC 7252 section 5.10.4 and RFC 7959 section 2.2 forbid it.
    let known = ["an accept of a format", "block size exponent 7"];
    let unknown = |line: &&String| !line.contains("accepted") || !known.iter().any(|words| line.contains(words));
    assert_eq!(noticed(&reading).iter().find(unknown), None);
}
