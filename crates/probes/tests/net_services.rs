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

fn covered(reading: &Reading) -> usize {
    reading.coverage.iter().filter(|one| one.of == "services").count()
}

#[track_caller]
fn check(server: Result<Server, StartError>, expected: (&str, bool, &str), asks: &[AuthScheme]) {
    let Some(server) = ready(server) else { return };
    let reading = measured(&server);
    let (protocol, tls, product) = service(&reading);
    assert_eq!((protocol.as_str(), tls, product.as_str()), expected, "{reading:?}");
    assert_eq!(schemes(&reading), asks, "{reading:?}");
    assert_eq!(covered(&reading), 1);
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
    assert_eq!(covered(&reading), servers.len());
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

fn groups(reading: &Reading) -> Vec<(u32, u32, Option<u32>)> {
    let group = |fact: &Fact| match fact {
        Fact::SshGroup { asked, most, bits, .. } => Some((*asked, *most, *bits)),
        _ => None,
    };
    reading.facts.iter().filter_map(group).collect()
}

#[test]
fn openssh_refuses_groups_below_2048_bits_and_gives_the_next_larger() {
    let with = |line: &str| OpenSsh { config: vec![line.to_owned()], ..OpenSsh::default() }.start(&site());
    let Some(server) = ready(with("KexAlgorithms +diffie-hellman-group-exchange-sha1")) else { return };
    let reading = measured(&server);
    assert_eq!(groups(&reading), [(1024, 2047, None), (1024, 8192, Some(2048)), (2048, 8192, Some(2048))]);
    assert!(!reading.shortfalls.iter().any(|s| s.of == "ssh-groups"));
    let Some(server) = ready(with("KexAlgorithms curve25519-sha256")) else { return };
    assert_eq!(groups(&measured(&server)), []);
}

#[test]
fn openssh_takes_no_small_group_from_its_file_and_gives_what_is_next_there() {
    // Two groups of RFC 2409 and RFC 3526, of 1024 and of 3072 bits, in the form of moduli(5).
    let file = std::env::temp_dir().join(format!("assay-moduli-{}", std::process::id()));
    std::fs::write(&file, include_str!("lab/moduli.txt")).unwrap();
    let config = vec![format!("ModuliFile {}", file.display())];
    let server = OpenSsh { config, ..OpenSsh::default() }.start(&site());
    let Some(server) = ready(server) else { return };
    let found = groups(&measured(&server));
    std::fs::remove_file(&file).unwrap();
    assert_eq!(found, [(1024, 2047, None), (1024, 8192, Some(3072)), (2048, 8192, Some(3072))]);
}

#[test]
fn a_server_that_gives_out_small_groups_is_told() {
    let Some(server) = ready(AsyncSsh.start(&site())) else { return };
    let found = groups(&measured(&server));
    assert_eq!(found, [(1024, 2047, Some(1024)), (1024, 8192, Some(1024)), (2048, 8192, Some(2048))]);
}

#[test]
fn dropbear_has_no_group_exchange_and_is_asked_for_no_size() {
    let Some(server) = ready(Dropbear::default().start(&site())) else { return };
    let reading = measured(&server);
    assert_eq!(groups(&reading), []);
    assert!(reading.facts.iter().any(|fact| matches!(fact, Fact::SshOffer { .. })));
}
