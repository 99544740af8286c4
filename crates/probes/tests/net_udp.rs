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

/// Every disclosure of a kind.
fn disclosed<'a>(reading: &'a Reading, wanted: &str) -> Vec<&'a str> {
    let text = |fact: &'a Fact| match fact {
        Fact::Disclosure { kind, excerpt, .. } if kind == wanted => Some(excerpt.as_str()),
        _ => None,
    };
    reading.facts.iter().filter_map(text).collect()
}

#[test]
fn snmpd_tells_the_hardware_addresses_of_its_interfaces_and_where_it_stands() {
    let Some(netns) = ready(Netns::create()) else { return };
    let Some(server) = ready(Snmpd::default().start(&Site::inside(&netns).port(161))) else { return };
    let reading = measured(&server);
    let macs = disclosed(&reading, "mac");
    assert!(macs.iter().any(|mac| mac.len() == 17), "{reading:?}");
    assert!(disclosed(&reading, "configuration").iter().any(|text| model::in_clear(text).contains("laboratory")));
}

#[test]
fn the_resources_of_a_coap_server_are_opened_one_by_one() {
    let Some(server) = ready(CoapServer.start(&Site::loopback())) else { return };
    let reading = measured(&server);
    assert_eq!(protocol(&reading, &server), "coap");
    let opened: Vec<(&str, bool)> = reading
        .facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Access(access) => Some((access.function.as_str(), access.granted)),
            _ => None,
        })
        .collect();
    assert!(opened.contains(&("GET /time", true)), "{opened:?}");
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

#[test]
fn a_gateway_of_upnp_says_where_its_description_is() {
    let Some(netns) = ready(Netns::create()) else { return };
    let Some(gateway) = ready(Miniupnpd.start(&netns)) else { return };
    let parameters = Parameters {
        address: gateway.at().ip(),
        extra_ports: vec![],
        background: vec![],
        known: Default::default(),
    };
    let limits = Limits { wait_millis: 1500, ..Limits::default() };
    let reading = interpret(&gather(&parameters, &mut LiveBench::new(Scope::of([gateway.at().ip()]), limits)));
    let location = format!("http://{}:{}/rootDesc.xml", gateway.at().ip(), gateway.port());
    let says =
        |fact: &Fact| matches!(fact, Fact::Service(s) if s.protocol == "ssdp" && s.banner.contains(&location));
    assert!(reading.facts.iter().any(says), "{:#?}", reading.facts);
}

/// What the probe of neighbours reads of a host whose hardware address is known.
fn met(netns: &Netns) -> Reading {
    use probes::net::neighbours::{self, link_local};
    let shown = netns.command("cat").unwrap().arg("/sys/class/net/lan0/address").output().unwrap().stdout;
    let hardware: Vec<u8> = String::from_utf8(shown)
        .unwrap()
        .trim()
        .split(':')
        .map(|pair| u8::from_str_radix(pair, 16).unwrap())
        .collect();
    let address = link_local(hardware.try_into().unwrap());
    let index = std::fs::read_to_string(format!("/sys/class/net/{}/ifindex", netns.outer_link())).unwrap();
    let limits = Limits { wait_millis: 400, ..Limits::default() };
    let mut bench = LiveBench::new(Scope::of([]), limits);
    bench.authorise(address.into(), index.trim().parse().unwrap());
    neighbours::interpret(&neighbours::gather(&neighbours::Parameters { address }, &mut bench))
}

#[test]
fn a_host_that_answers_over_ipv6_is_met_at_the_address_of_its_hardware_and_one_that_does_not_is_not() {
    let Some(netns) = ready(Netns::create()) else { return };
    // A fresh address is looked for on the link before it is used.
    let reading = (0..20).map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(200));
        met(&netns)
    });
    let reading = reading.into_iter().find(|reading| !reading.facts.is_empty()).expect("an answer over IPv6");
    assert!(matches!(reading.facts[..], [Fact::Port { state: PortState::Closed, .. }]), "{reading:?}");
    let off = ["-w", "net.ipv6.conf.lan0.disable_ipv6=1"];
    let done = netns.command("sysctl").unwrap().args(off).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    let reading = met(&netns);
    assert!(reading.facts.is_empty() && reading.shortfalls.len() == 1, "{reading:?}");
}
