//! The net probes at the demonstration device: what is open, what speaks there, and what each fault adds.
#![allow(clippy::unwrap_used)]

mod lab;

use std::collections::BTreeSet;

use device::{Running, Transport, ports};
use model::{AuthScheme, Fact, PortState, Reading, ServiceFacts};
use probes::giveaway::Known;
use probes::net::{services, tcp_ports, udp_services};
use probes::{Limits, LiveBench, Scope};

struct Measured {
    tcp: Reading,
    services: Reading,
    udp: Reading,
    running: Running,
}

impl Measured {
    fn facts(&self) -> impl Iterator<Item = &Fact> {
        [&self.tcp, &self.services, &self.udp].into_iter().flat_map(|reading| &reading.facts)
    }

    /// Ports by transport that are open.
    fn open(&self) -> BTreeSet<(bool, u16)> {
        let open = |fact: &Fact| match fact {
            Fact::Port { endpoint, state: PortState::Open, .. } => {
                Some((endpoint.transport == model::Transport::Tcp, endpoint.port))
            }
            _ => None,
        };
        // The machine itself may listen on every address; the device keeps to its own range.
        self.facts().filter_map(open).filter(|(_, port)| (27000..28000).contains(port)).collect()
    }

    fn protocol(&self, port: u16) -> (&str, bool) {
        self.facts()
            .find_map(|fact| match fact {
                Fact::Service(ServiceFacts { endpoint, protocol, tls, .. }) if endpoint.port == port => {
                    Some((protocol.as_str(), *tls))
                }
                _ => None,
            })
            .unwrap_or(("nothing", false))
    }

    fn asks(&self, port: u16) -> Vec<AuthScheme> {
        let asks = |fact: &Fact| match fact {
            Fact::AuthPrompt { endpoint, scheme, .. } if endpoint.port == port => Some(*scheme),
            _ => None,
        };
        self.facts().filter_map(asks).collect()
    }

    fn told(&self, port: u16) -> BTreeSet<&str> {
        let told = |fact: &'_ Fact| match fact {
            Fact::Disclosure { endpoint, kind, .. } if endpoint.port == port => Some(kind.clone()),
            _ => None,
        };
        let kinds: Vec<String> = self.facts().filter_map(told).collect();
        kinds.into_iter().map(|kind| &*kind.leak()).collect()
    }
}

fn measured(faults: &str) -> Measured {
    let running = lab::device(faults);
    let address = running.ports().iter().find(|one| one.service == "https").unwrap().at.ip();
    let label = running.label();
    let known = Known::from([
        ("serial".to_owned(), label.serial.clone()),
        ("mac".to_owned(), label.mac.clone()),
        ("model".to_owned(), label.model.to_owned()),
    ]);
    let mut bench = LiveBench::new(Scope::of([address]), Limits { wait_millis: 500, ..Limits::default() });
    let parameters = tcp_ports::Parameters { address, ports: vec![(27000, 27999)], background: vec![] };
    let tcp = tcp_ports::interpret(&tcp_ports::gather(&parameters, &mut bench));
    let open = |fact: &Fact| match fact {
        Fact::Port { endpoint, .. } => Some(endpoint.port),
        _ => None,
    };
    let parameters = services::Parameters {
        address,
        ports: tcp.facts.iter().filter_map(open).collect(),
        host: None,
        known: known.clone(),
    };
    let services = services::interpret(&services::gather(&parameters, &mut bench));
    let parameters = udp_services::Parameters {
        address,
        extra_ports: vec![ports::MDNS, ports::SSDP, ports::COAP, ports::SNMP, ports::TFTP],
        background: vec![],
        known,
    };
    let udp = udp_services::interpret(&udp_services::gather(&parameters, &mut bench));
    Measured { tcp, services, udp, running }
}

/// What the device itself says it listens on.
fn listening(running: &Running) -> BTreeSet<(bool, u16)> {
    let ports = running.ports().iter().filter(|one| !one.service.starts_with("cloud"));
    ports.map(|one| (one.transport == Transport::Tcp, one.at.port())).collect()
}

#[test]
fn the_good_profile_shows_its_interfaces_and_gives_away_nothing_undeclared() {
    let measured = measured("");
    assert_eq!(measured.open(), listening(&measured.running));
    assert_eq!(measured.protocol(ports::HTTP), ("http", false));
    assert_eq!(measured.protocol(ports::HTTPS), ("http", true));
    assert_eq!(measured.protocol(ports::RTSP), ("rtsp", false));
    assert_eq!(measured.protocol(ports::MDNS), ("mdns", false));
    assert_eq!(measured.protocol(ports::SSDP), ("ssdp", false));
    assert_eq!(measured.protocol(ports::COAP), ("coap", false));
    assert_eq!(measured.asks(ports::HTTPS), [AuthScheme::HttpForm]);
    assert_eq!(measured.asks(ports::RTSP), [AuthScheme::Rtsp]);
    for (port, declared) in [
        (ports::HTTP, vec!["manufacturer", "model"]),
        (ports::HTTPS, vec!["model"]),
        (ports::RTSP, vec![]),
        (ports::MDNS, vec!["model"]),
        (ports::SSDP, vec!["model"]),
        (ports::COAP, vec!["api-description"]),
    ] {
        let told = measured.told(port);
        assert!(told.iter().all(|kind| declared.contains(kind)), "{port}: {told:?}");
    }
    assert!(measured.services.shortfalls.is_empty(), "{:?}", measured.services.shortfalls);
}

#[test]
fn every_undeclared_service_is_found_and_recognised() {
    let measured = measured("telnet-open,ftp-anonymous,debug-port-open,mqtt-broker-open,snmp-public,tftp-open");
    assert_eq!(measured.open(), listening(&measured.running));
    assert_eq!(measured.protocol(ports::TELNET).0, "telnet");
    assert_eq!(measured.protocol(ports::FTP).0, "ftp");
    assert_eq!(measured.protocol(ports::BROKER).0, "mqtt");
    assert_eq!(measured.protocol(ports::SNMP).0, "snmp");
    assert_eq!(measured.protocol(ports::TFTP).0, "tftp");
    assert_ne!(measured.protocol(ports::DEBUG).0, "nothing");
    assert_eq!(measured.asks(ports::TELNET), [AuthScheme::TelnetLogin]);
    assert_eq!(measured.asks(ports::SNMP), [AuthScheme::SnmpCommunity]);
    assert_eq!(measured.asks(ports::BROKER), []);
}

#[test]
fn what_each_fault_gives_away_is_told() {
    let measured = measured("server-banner,mdns-leaks-serial,ssdp-leaks-serial,rtsp-open");
    assert!(measured.told(ports::HTTPS).is_superset(&BTreeSet::from(["product", "version"])));
    let told = measured.told(ports::MDNS);
    assert!(told.is_superset(&BTreeSet::from(["serial", "mac", "version"])), "{told:?}");
    let told = measured.told(ports::SSDP);
    assert!(told.is_superset(&BTreeSet::from(["serial", "version"])), "{told:?}");
    assert_eq!(measured.asks(ports::RTSP), []);
}
