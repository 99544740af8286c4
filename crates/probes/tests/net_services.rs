//! Services are recognised on real servers, at ports that say nothing about them.
#![allow(clippy::unwrap_used)]

use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

use model::{AuthScheme, Fact, Reading, ServiceFacts};
use probes::net::services::{Parameters, gather, interpret};
use probes::*;
use testkit::account::Account;
use testkit::servers::*;
use testkit::{Server, Site, StartError, ready};

fn measured(server: &Server) -> Reading {
    let at = server.at();
    let mut bench = LiveBench::new(Scope::of([at.ip()]), Limits::default());
    let parameters =
        Parameters { address: at.ip(), ports: vec![at.port()], host: None, known: Default::default() };
    interpret(&gather(&parameters, &mut bench))
}

fn service(reading: &Reading) -> (String, bool, String) {
    let service = reading.facts.iter().find_map(|fact| match fact {
        Fact::Service(ServiceFacts { protocol, tls, product, .. }) => {
            Some((protocol.clone(), *tls, product.clone().unwrap_or_default()))
        }
        _ => None,
    });
    service.unwrap_or_else(|| panic!("no service: {reading:?}"))
}

fn schemes(reading: &Reading) -> Vec<AuthScheme> {
    let scheme = |fact: &Fact| match fact {
        Fact::AuthPrompt { scheme, .. } => Some(*scheme),
        _ => None,
    };
    reading.facts.iter().filter_map(scheme).collect()
}

#[track_caller]
fn check(server: Result<Server, StartError>, expected: (&str, bool, &str), asks: &[AuthScheme]) {
    let Some(server) = ready(server) else { return };
    let reading = measured(&server);
    let (protocol, tls, product) = service(&reading);
    assert_eq!((protocol.as_str(), tls, product.as_str()), expected, "{reading:?}");
    assert_eq!(schemes(&reading), asks, "{reading:?}");
    assert_eq!(reading.coverage.len(), 1);
    assert!(reading.shortfalls.is_empty(), "{:?}", reading.shortfalls);
}

fn site() -> Site {
    Site::loopback()
}

#[test]
fn dropbear_shows_its_methods_and_algorithms() {
    let Some(account) = ready(Account::create("secret")) else { return };
    let Some(server) = ready(Dropbear { password_login: Some(account) }.start(&site())) else { return };
    let reading = measured(&server);
    assert_eq!(service(&reading).0, "ssh");
    assert_eq!(schemes(&reading), [AuthScheme::SshPublicKey, AuthScheme::SshPassword]);
    let offer = reading.facts.iter().find_map(|fact| match fact {
        Fact::SshOffer { lists, .. } => Some(lists),
        _ => None,
    });
    assert!(offer.unwrap()["host-key"].iter().any(|name| name == "ssh-ed25519"), "{offer:?}");
}

#[test]
fn every_host_key_whose_size_matters_is_asked_for() {
    let server = OpenSsh { rsa_bits: Some(2048), ..OpenSsh::default() }.start(&site());
    let Some(server) = ready(server) else { return };
    let reading = measured(&server);
    let key = |f: &Fact| match f {
        Fact::SshHostKey { algorithm, bits, fingerprint, .. } if fingerprint.starts_with("SHA256:") => {
            Some((algorithm.clone(), *bits))
        }
        _ => None,
    };
    let keys: Vec<_> = reading.facts.iter().filter_map(key).collect();
    assert_eq!(keys, [("ssh-ed25519".to_owned(), 256), ("ssh-rsa".to_owned(), 2048)]);
}

#[test]
fn openssh_without_passwords_asks_for_keys_only() {
    let server = OpenSsh::default().start(&site());
    check(server, ("ssh", false, "OpenSSH"), &[AuthScheme::SshPublicKey]);
}

#[test]
fn nginx_in_clear_and_inside_tls() {
    let plain = Nginx { basic_auth: Some(("admin".into(), "admin".into())), ..Nginx::default() };
    check(plain.start(&site()), ("http", false, "nginx"), &[AuthScheme::HttpBasic]);
    let secured = Nginx { tls: Some(NginxTls::default()), ..Nginx::default() };
    check(secured.start(&site()), ("http", true, "nginx"), &[]);
}

#[test]
fn mosquitto_asks_for_a_credential_only_where_it_has_users() {
    check(Mosquitto::default().start(&site()), ("mqtt", false, ""), &[]);
    let closed = Mosquitto { login: Some(("a".into(), "b".into())), tls: None };
    check(closed.start(&site()), ("mqtt", false, ""), &[AuthScheme::Mqtt]);
}

#[test]
fn vsftpd_asks_for_a_password() {
    let server = Vsftpd { anonymous: true, banner: "FTP server ready".into(), tls: None };
    check(server.start(&site()), ("ftp", false, ""), &[AuthScheme::Ftp]);
}

#[test]
fn telnetd_is_recognised_behind_its_negotiation() {
    let Some(server) = ready(Telnet::default().start(&site())) else { return };
    let reading = measured(&server);
    assert_eq!(service(&reading).0, "telnet");
    assert_eq!(schemes(&reading), [AuthScheme::TelnetLogin]);
    let shell = Telnet { login: None, ..Telnet::default() };
    let Some(server) = ready(shell.start(&site())) else { return };
    assert_eq!(schemes(&measured(&server)), []);
}

#[test]
fn dnsmasq_is_recognised_over_tcp() {
    check(Dnsmasq::default().start(&site()), ("dns", false, "dnsmasq"), &[]);
}

#[test]
fn many_servers_are_recognised_side_by_side() {
    let at = site().ip();
    assert_ne!(at, IpAddr::V4(Ipv4Addr::LOCALHOST));
    let site = Site::at(at);
    let servers: Vec<Server> = [
        Nginx::default().start(&site),
        OpenSsh::default().start(&site),
        Mosquitto::default().start(&site),
        OpenSslServer::default().start(&site),
    ]
    .into_iter()
    .filter_map(ready)
    .collect();
    let ports = servers.iter().map(Server::port).collect();
    let mut bench = LiveBench::new(Scope::of([at]), Limits::default());
    let began = Instant::now();
    let reading =
        interpret(&gather(&Parameters { address: at, ports, host: None, known: Default::default() }, &mut bench));
    assert_eq!(reading.coverage.len(), servers.len());
    assert!(reading.shortfalls.is_empty(), "{:?}", reading.shortfalls);
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
}

/// Whether a function was granted without a credential.
fn granted(reading: &Reading, wanted: &str) -> Option<bool> {
    reading.facts.iter().find_map(|fact| match fact {
        Fact::Access(access) if access.function == wanted => Some(access.granted),
        _ => None,
    })
}

#[test]
fn mosquitto_tells_itself_and_what_passes_by_to_whoever_subscribes() {
    let Some(server) = ready(Mosquitto::default().start(&site())) else { return };
    let reading = measured(&server);
    assert_eq!(
        (granted(&reading, "SUBSCRIBE $SYS/#"), granted(&reading, "SUBSCRIBE #")),
        (Some(true), Some(true))
    );
    let version = reading.facts.iter().any(|fact| {
        matches!(fact, Fact::Disclosure { kind, source, excerpt, .. }
            if kind == "version" && source == "topics" && excerpt.contains("mosquitto version"))
    });
    assert!(version, "{reading:?}");
    let closed = Mosquitto { login: Some(("a".into(), "b".into())), tls: None };
    let Some(server) = ready(closed.start(&site())) else { return };
    assert_eq!(granted(&measured(&server), "SUBSCRIBE #"), None);
}

#[test]
fn services_at_the_ports_of_others_are_told_by_what_they_speak() {
    let Some(netns) = ready(testkit::netns::Netns::create()) else { return };
    let at = |port| Site::inside(&netns).port(port);
    let started: Vec<(&str, Result<Server, StartError>)> = vec![
        ("mqtt", Mosquitto::default().start(&at(22))),
        ("ssh", Dropbear { password_login: None }.start(&at(1883))),
        ("ftp", Vsftpd { anonymous: true, banner: "FTP server ready".into(), tls: None }.start(&at(80))),
        ("dns", Dnsmasq::default().start(&at(23))),
        ("telnet", Telnet::default().start(&at(443))),
    ];
    for (protocol, server) in started {
        let Some(server) = ready(server) else { continue };
        let reading = measured(&server);
        assert_eq!(service(&reading).0, protocol, "at port {}: {reading:?}", server.port());
    }
}
