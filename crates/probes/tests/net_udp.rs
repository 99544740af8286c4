//! UDP services are found on real servers, at ports that say nothing about them.
#![allow(clippy::unwrap_used)]

use model::{AuthScheme, Fact, PortState, Reading, ServiceFacts};
use probes::net::udp_services::{Parameters, gather, interpret};
use probes::*;
use testkit::netns::Netns;
use testkit::servers::*;
use testkit::{Server, Site, ready};

fn measured(server: &Server) -> Reading {
    let at = server.at();
    let limits = Limits { wait_millis: 400, ..Limits::default() };
    let mut bench = LiveBench::new(Scope::of([at.ip()]), limits);
    let parameters = Parameters {
        address: at.ip(),
        extra_ports: vec![at.port()],
        background: vec![],
        known: Default::default(),
    };
    let log = gather(&parameters, &mut bench);
    let reading = interpret(&log);
    // The record replays to the same log, except for time.
    let mut replay = ReplayBench::new(bench.take_transcript());
    assert_eq!(interpret(&gather(&parameters, &mut replay)), reading);
    assert_eq!(replay.diverged(), None);
    reading
}

fn protocol(reading: &Reading, server: &Server) -> String {
    let found = reading.facts.iter().find_map(|fact| match fact {
        Fact::Service(ServiceFacts { endpoint, protocol, .. }) if endpoint.port == server.port() => Some(protocol),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no service: {reading:?}")).clone()
}

#[test]
fn snmpd_answers_to_public_and_tells_its_system() {
    let Some(server) = ready(Snmpd::default().start(&Site::loopback())) else { return };
    let reading = measured(&server);
    assert_eq!(protocol(&reading, &server), "snmp");
    assert!(
        reading
            .facts
            .iter()
            .any(|fact| matches!(fact, Fact::AuthPrompt { scheme: AuthScheme::SnmpCommunity, .. }))
    );
    assert!(reading.facts.iter().any(|fact| matches!(fact,
        Fact::Disclosure { source, excerpt, .. } if source == "snmp" && excerpt.contains("Linux"))));
}

#[test]
fn snmpd_with_another_community_stays_silent() {
    let Some(server) = ready(Snmpd { community: "3f9a".into() }.start(&Site::loopback())) else { return };
    let reading = measured(&server);
    let state = reading.facts.iter().find_map(|fact| match fact {
        Fact::Port { endpoint, state, .. } if endpoint.port == server.port() => Some(*state),
        _ => None,
    });
    assert_eq!(state, Some(PortState::Silent));
    assert!(reading.coverage[0].has_port(server.port()));
}

#[test]
fn dnsmasq_tells_its_version() {
    let Some(server) = ready(Dnsmasq::default().start(&Site::loopback())) else { return };
    let reading = measured(&server);
    assert_eq!(protocol(&reading, &server), "dns");
    assert!(reading.facts.iter().any(|fact| matches!(fact,
        Fact::Disclosure { kind, .. } if kind == "version")));
}

#[test]
fn avahi_tells_its_services_to_whoever_asks_it_alone() {
    let Some(netns) = ready(Netns::create()) else { return };
    let service = Service {
        name: "Porch & garden".into(),
        kind: "_http._tcp".into(),
        port: 80,
        text: vec!["fw=1.2.3".into()],
    };
    let avahi = Avahi { host: "camera".into(), services: vec![service] };
    let Some(server) = ready(avahi.start(&netns)) else { return };
    let told = |reading: &Reading, wanted: &str| {
        reading.facts.iter().any(|fact| {
            matches!(fact,
            Fact::Disclosure { source, excerpt, .. } if source == "dns-sd" && excerpt.contains(wanted))
        })
    };
    // The daemon probes for a second whether its names are free before it answers for them.
    let readings = (0..10).map(|_| measured(&server));
    let reading =
        readings.into_iter().find(|reading| told(reading, "1.2.3")).expect("the version in its announcement");
    assert!(told(&reading, "Porch & garden"), "{reading:?}");
    assert_eq!(protocol(&reading, &server), "mdns");
}
