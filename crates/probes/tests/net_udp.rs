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

/// The hardware address of the host inside.
fn hardware(netns: &Netns) -> [u8; 6] {
    let shown = netns.command("cat").unwrap().arg("/sys/class/net/lan0/address").output().unwrap().stdout;
    let text = String::from_utf8(shown).unwrap();
    let octets: Vec<u8> = text.trim().split(':').map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
    octets.try_into().unwrap()
}

/// Lets this machine learn the hardware address behind an address, as a search of the product does.
fn make_known(address: std::net::IpAddr) {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").unwrap();
    socket.send_to(b"assay", (address, 9)).unwrap();
    let known = (0..40).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        probes::hardware_of(address).is_some()
    });
    assert!(known, "{address} is in the table of neighbours");
}

/// What the probe of neighbours reads of a host whose hardware address is known.
fn met(netns: &Netns) -> Reading {
    use probes::net::neighbours::{self, link_local};
    let product = netns.inner().into();
    make_known(product);
    let (known, interface) = probes::hardware_of(product).unwrap();
    assert_eq!(known, hardware(netns));
    let address = link_local(known);
    let limits = Limits { wait_millis: 400, ..Limits::default() };
    let mut bench = LiveBench::new(Scope::of([product]), limits);
    bench.authorise(address.into(), interface);
    let parameters = neighbours::Parameters { address, product: Some(product) };
    let log = neighbours::gather(&parameters, &mut bench);
    let reading = neighbours::interpret(&log);
    let mut replay = ReplayBench::new(bench.take_transcript());
    assert_eq!(neighbours::interpret(&neighbours::gather(&parameters, &mut replay)), reading);
    assert_eq!(replay.diverged(), None);
    reading
}

/// Meets it until something answers: a fresh address is looked for on the link before it is used.
fn met_at_last(netns: &Netns) -> Reading {
    let readings = (0..20).map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(200));
        met(netns)
    });
    readings.into_iter().find(|reading| !reading.facts.is_empty()).expect("an answer over IPv6")
}

fn inside(netns: &Netns, program: &str, arguments: &str) {
    let done = netns.command(program).unwrap().args(arguments.split(' ')).output().unwrap();
    assert!(done.status.success(), "{done:?}");
}

#[test]
fn a_host_that_answers_over_ipv6_is_met_at_the_address_of_its_hardware_and_one_that_does_not_is_not() {
    let Some(netns) = ready(Netns::create()) else { return };
    let reading = met_at_last(&netns);
    assert!(matches!(reading.facts[..], [Fact::Port { state: PortState::Closed, .. }]), "{reading:?}");
    inside(&netns, "sysctl", "-w net.ipv6.conf.lan0.disable_ipv6=1");
    let reading = met(&netns);
    assert!(reading.facts.is_empty() && !reading.shortfalls.is_empty(), "{reading:?}");
}

/// Gives the host a link-local address that follows from a secret of its own (RFC 7217).
fn choose_an_address(netns: &Netns) -> std::net::IpAddr {
    inside(netns, "ip", "link set lan0 down");
    inside(netns, "ip", "link set lan0 addrgenmode random");
    inside(netns, "ip", "link set lan0 up");
    let shown = || {
        let list = ["-6", "-o", "addr", "show", "dev", "lan0", "scope", "link"];
        let shown = netns.command("ip").unwrap().args(list).output().unwrap().stdout;
        let text = String::from_utf8(shown).unwrap();
        text.split_whitespace().find_map(|word| word.strip_suffix("/64")?.parse().ok())
    };
    let chosen = (0..40).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        shown()
    });
    chosen.expect("a link-local address")
}

#[test]
fn a_host_that_chose_its_link_local_address_is_met_by_a_call_to_everybody() {
    let Some(netns) = ready(Netns::create()) else { return };
    let chosen = choose_an_address(&netns);
    assert_ne!(chosen, probes::net::neighbours::link_local(hardware(&netns)));
    let reading = met_at_last(&netns);
    let [Fact::Port { endpoint, state: PortState::Closed, .. }] = reading.facts[..] else { panic!("{reading:?}") };
    assert_eq!((endpoint.address, reading.shortfalls.len()), (chosen, 0), "{reading:?}");
    assert!(reading.coverage[0].text.contains("table of neighbours"), "{reading:?}");

    // An address of somebody else with the same hardware address: who answers there is not proven any more.
    let link = netns.outer_link().to_owned();
    let [a, b, c, d, e, f] = hardware(&netns);
    let octets = format!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}");
    let other = netns.outer().to_bits() | 3;
    let row =
        format!("neigh replace {} lladdr {octets} dev {link} nud permanent", std::net::Ipv4Addr::from(other));
    let done = std::process::Command::new("ip").args(row.split(' ')).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    let reading = met(&netns);
    assert!(reading.facts.is_empty(), "{reading:?}");
    assert!(reading.shortfalls.iter().any(|gap| gap.text.contains("another address has")), "{reading:?}");
}

#[test]
fn a_host_that_drops_what_it_does_not_expect_is_met_by_its_answer_to_the_call() {
    let Some(netns) = ready(Netns::create()) else { return };
    let chosen = choose_an_address(&netns);
    // A listener that says nothing, as a filter that drops: no refusal comes back.
    let silent = netns.run(|| std::net::UdpSocket::bind("[::]:1")).unwrap().unwrap();
    let reading = met_at_last(&netns);
    drop(silent);
    let [Fact::Port { endpoint, state: PortState::Silent, .. }] = reading.facts[..] else { panic!("{reading:?}") };
    assert_eq!(endpoint.address, chosen);
}
