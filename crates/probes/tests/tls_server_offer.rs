//! tls.server-offer at real servers: what openssl was told to offer is what is seen.
#![allow(clippy::unwrap_used)]

mod lab;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use model::{Endpoint, Fact, Reading, ShortfallKind, TlsVersion};
use probes::tls::server_offer::{Parameters, StartTls, gather, interpret};
use probes::{Limits, LiveBench, Scope};
use testkit::certificate::{Certificate, Key};
use testkit::servers::{Dovecot, GnuTlsServer, Nginx, NginxTls, OpenSslServer, TlsVersion as V, Vsftpd};
use testkit::{Site, ready};

fn offer_of(to: Endpoint) -> Reading {
    offer_within(to, 400)
}

fn offer_within(to: Endpoint, wait_millis: u32) -> Reading {
    let limits = Limits { wait_millis, ..Limits::default() };
    let mut bench = LiveBench::new(Scope::of([to.address]), limits);
    let parameters = Parameters { endpoints: vec![to], host: Some("device.example".to_owned()), starttls: vec![] };
    let log = gather(&parameters, &mut bench);
    // What is read from the kept log is what is read at once.
    let kept = serde_json::to_vec(&log).unwrap();
    let reading = interpret(&log);
    assert_eq!(interpret(&serde_json::from_slice(&kept).unwrap()), reading);
    reading
}

fn at(server: &testkit::Server) -> Endpoint {
    Endpoint::tcp(server.at().ip(), server.port())
}

fn versions(reading: &Reading) -> Vec<TlsVersion> {
    let accepted = |f: &Fact| match f {
        Fact::TlsVersion { version, accepted: true, .. } => Some(*version),
        _ => None,
    };
    reading.facts.iter().filter_map(accepted).collect()
}

fn refused(reading: &Reading) -> Vec<TlsVersion> {
    let refused = |f: &Fact| match f {
        Fact::TlsVersion { version, accepted: false, .. } => Some(*version),
        _ => None,
    };
    reading.facts.iter().filter_map(refused).collect()
}

fn suites(reading: &Reading, of: TlsVersion) -> BTreeSet<String> {
    let name = |f: &Fact| match f {
        Fact::TlsSuite { version, name, .. } if *version == of => Some(name.clone()),
        _ => None,
    };
    reading.facts.iter().filter_map(name).collect()
}

fn groups(reading: &Reading, of: TlsVersion) -> BTreeSet<String> {
    let name = |f: &Fact| match f {
        Fact::TlsGroup { version, name, .. } if *version == of => Some(name.clone()),
        _ => None,
    };
    reading.facts.iter().filter_map(name).collect()
}

fn names<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

/// The suites that openssl itself says are in a list, by their numbers, without those of TLS 1.3.
fn openssl_list(list: &str, arguments: &[&str]) -> BTreeSet<u16> {
    let output = std::process::Command::new("openssl")
        .env("OPENSSL_CONF", "/dev/null")
        .args(["ciphers", "-V", "-s"])
        .args(arguments)
        .arg(list)
        .output()
        .unwrap();
    let number = |line: &str| {
        let (high, low) = line.split_whitespace().next()?.split_once(',')?;
        let hex = |text: &str| u16::from_str_radix(text.trim_start_matches("0x"), 16).ok();
        Some(hex(high)? << 8 | hex(low)?)
    };
    String::from_utf8(output.stdout).unwrap().lines().filter_map(number).filter(|n| n >> 8 != 0x13).collect()
}

fn numbers(reading: &Reading, of: TlsVersion) -> BTreeSet<u16> {
    let id = |f: &Fact| match f {
        Fact::TlsSuite { version, id, .. } if *version == of => Some(*id),
        _ => None,
    };
    reading.facts.iter().filter_map(id).collect()
}

#[test]
fn a_modern_server_offers_1_2_and_1_3_and_refuses_the_rest() {
    let Some(server) = ready(OpenSslServer::default().start(&Site::loopback())) else { return };
    let reading = offer_of(at(&server));
    assert_eq!(versions(&reading), [TlsVersion::Tls12, TlsVersion::Tls13], "{reading:?}");
    assert_eq!(refused(&reading), [TlsVersion::Ssl2, TlsVersion::Ssl3, TlsVersion::Tls10, TlsVersion::Tls11]);
    assert_eq!(reading.shortfalls, [], "{:?}", reading.shortfalls);
    assert_eq!(
        suites(&reading, TlsVersion::Tls13),
        names(["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"])
    );
    let all = ["x25519", "secp256r1", "secp384r1", "secp521r1", "x448"];
    assert!(
        groups(&reading, TlsVersion::Tls13).is_superset(&names(all)),
        "{:?}",
        groups(&reading, TlsVersion::Tls13)
    );
    // An EC certificate of P-256 is of use only while P-256 is offered, and still every group is found.
    assert_eq!(groups(&reading, TlsVersion::Tls12), names(all));
    let chain: Vec<_> =
        reading.facts.iter().filter_map(|f| if let Fact::Certificate(c) = f { Some(c) } else { None }).collect();
    assert_eq!(chain.len(), 1);
    assert!(chain[0].key.starts_with("ec") && chain[0].key_bits == 256 && chain[0].self_issued, "{chain:?}");
    assert_eq!(chain[0].names, ["device.example"]);
}

#[test]
fn all_suites_of_an_old_server_are_found_in_every_version() {
    let server = OpenSslServer {
        versions: vec![V::V1_0, V::V1_1, V::V1_2, V::V1_3],
        ciphers: "ALL:COMPLEMENTOFALL:@SECLEVEL=0".into(),
        certificate: Certificate { key: Key::Rsa(2048), ..Certificate::default() },
        arguments: vec![],
    };
    let Some(server) = ready(server.start(&Site::loopback())) else { return };
    let began = Instant::now();
    let reading = offer_of(at(&server));
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    use TlsVersion::{Ssl2, Ssl3, Tls10, Tls11, Tls12, Tls13};
    assert_eq!(versions(&reading), [Tls10, Tls11, Tls12, Tls13]);
    assert_eq!(refused(&reading), [Ssl2, Ssl3]);
    assert_eq!(reading.shortfalls, []);
    // The RSA certificate serves no ECDSA, and s_server holds no DSA key, pre-shared key or SRP verifier.
    let expected = |arguments: &[&str]| -> BTreeSet<u16> {
        let list = "ALL:COMPLEMENTOFALL:!aECDSA:!aDSS:!PSK:!SRP:@SECLEVEL=0";
        openssl_list(list, arguments)
    };
    let twelve = numbers(&reading, Tls12);
    assert!(expected(&["-tls1_2"]).len() > 50);
    assert_eq!(twelve, expected(&["-tls1_2"]));
    assert_eq!(numbers(&reading, Tls10), expected(&["-tls1"]));
    assert_eq!(numbers(&reading, Tls11), expected(&["-tls1_1"]));
    assert!(groups(&reading, Tls12).iter().any(|g| g.starts_with("ffdhe ")), "{:?}", groups(&reading, Tls12));
}

#[test]
fn a_server_of_1_0_and_1_1_with_one_group_is_seen_as_such() {
    let server = OpenSslServer {
        arguments: ["-curves", "P-384", "-serverpref"].map(str::to_owned).to_vec(),
        certificate: Certificate { key: Key::Rsa(1024), digest: "sha1".into(), ..Certificate::default() },
        ..OpenSslServer::outdated()
    };
    let Some(server) = ready(server.start(&Site::loopback())) else { return };
    let reading = offer_of(at(&server));
    assert_eq!(versions(&reading), [TlsVersion::Tls10, TlsVersion::Tls11]);
    assert!(refused(&reading).contains(&TlsVersion::Tls12) && refused(&reading).contains(&TlsVersion::Tls13));
    let elliptic: BTreeSet<_> =
        groups(&reading, TlsVersion::Tls11).into_iter().filter(|g| !g.starts_with("ffdhe ")).collect();
    assert_eq!(elliptic, names(["secp384r1"]));
    let Some(Fact::Certificate(leaf)) = reading.facts.iter().find(|f| matches!(f, Fact::Certificate(_))) else {
        panic!("no certificate: {reading:?}")
    };
    assert_eq!((leaf.key.as_str(), leaf.key_bits), ("rsa", 1024));
    assert!(leaf.signature.to_lowercase().contains("sha1"), "{}", leaf.signature);
}

#[test]
fn a_group_that_few_clients_offer_hides_no_version() {
    for (curve, version) in [("brainpoolP256r1", TlsVersion::Tls12), ("ffdhe3072", TlsVersion::Tls13)] {
        let server = OpenSslServer {
            versions: vec![if version == TlsVersion::Tls12 { V::V1_2 } else { V::V1_3 }],
            ciphers: "ECDHE".into(),
            certificate: Certificate { key: Key::Rsa(2048), ..Certificate::default() },
            arguments: ["-curves", curve].map(str::to_owned).to_vec(),
        };
        let Some(server) = ready(server.start(&Site::loopback())) else { return };
        let reading = offer_of(at(&server));
        assert_eq!(versions(&reading), [version], "{curve}: {reading:?}");
        assert_eq!(groups(&reading, version), names([curve]));
    }
}

#[test]
fn the_order_of_the_server_is_told_from_that_of_the_client() {
    let ranks = |reading: &Reading| -> Vec<(String, Option<u16>)> {
        let rank = |f: &Fact| match f {
            Fact::TlsSuite { version: TlsVersion::Tls12, name, rank, .. } => Some((name.clone(), *rank)),
            _ => None,
        };
        reading.facts.iter().filter_map(rank).collect()
    };
    let list = "AES256-SHA:AES128-SHA:ECDHE-RSA-AES128-SHA:CAMELLIA256-SHA256";
    let server = |own: bool| OpenSslServer {
        versions: vec![V::V1_2],
        ciphers: format!("{list}:@SECLEVEL=0"),
        certificate: Certificate { key: Key::Rsa(2048), ..Certificate::default() },
        arguments: own.then(|| "-serverpref".to_owned()).into_iter().collect(),
    };
    let Some(own) = ready(server(true).start(&Site::loopback())) else { return };
    let mut own = ranks(&offer_of(at(&own)));
    own.sort_by_key(|(_, rank)| *rank);
    let wanted = [
        "TLS_RSA_WITH_AES_256_CBC_SHA",
        "TLS_RSA_WITH_AES_128_CBC_SHA",
        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
        "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA256",
    ];
    assert_eq!(own.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), wanted);
    assert!(own.iter().all(|(_, rank)| rank.is_some()));
    let Some(clients) = ready(server(false).start(&Site::loopback())) else { return };
    let clients = ranks(&offer_of(at(&clients)));
    assert!(clients.len() == 4 && clients.iter().all(|(_, rank)| rank.is_none()), "{clients:?}");
}

/// Whose order of groups decides in a version, and the order as it is told.
fn group_order(reading: &Reading, of: TlsVersion) -> (Option<String>, Vec<String>) {
    let whose = reading.facts.iter().find_map(|f| match f {
        Fact::TlsTrait { version, name, value, .. } if *version == of && name == "group-order" => {
            Some(value.clone())
        }
        _ => None,
    });
    let ranked = |f: &Fact| match f {
        Fact::TlsGroup { version, name, rank: Some(rank), .. } if *version == of => Some((*rank, name.clone())),
        _ => None,
    };
    let mut order: Vec<(u16, String)> = reading.facts.iter().filter_map(ranked).collect();
    order.sort();
    assert!(order.iter().zip(0..).all(|((rank, _), place)| *rank == place), "{order:?}");
    (whose, order.into_iter().map(|(_, name)| name).collect())
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_order_of_groups_is_told_of_openssl() {
    let server = |own: bool, key| OpenSslServer {
        certificate: Certificate { key, ..Certificate::default() },
        arguments: own
            .then(|| "-serverpref".to_owned())
            .into_iter()
            .chain(["-groups".to_owned(), "P-384:X25519:P-256".to_owned()])
            .collect(),
        ..OpenSslServer::default()
    };
    let Some(own) = ready(server(true, Key::Rsa(2048)).start(&Site::loopback())) else { return };
    let own = offer_of(at(&own));
    let wanted = (Some("server".to_owned()), owned(&["secp384r1", "x25519", "secp256r1"]));
    assert_eq!(group_order(&own, TlsVersion::Tls12), wanted);
    assert_eq!(group_order(&own, TlsVersion::Tls13), wanted);
    let Some(clients) = ready(server(false, Key::Rsa(2048)).start(&Site::loopback())) else { return };
    let clients = offer_of(at(&clients));
    assert_eq!(group_order(&clients, TlsVersion::Tls12), (Some("client".to_owned()), vec![]));
    // Where it asks for a share, openssl goes by its own list whatever it is told.
    assert_eq!(group_order(&clients, TlsVersion::Tls13), wanted);
    assert!(groups(&clients, TlsVersion::Tls12).is_superset(&names(["secp384r1", "x25519", "secp256r1"])));
    let one = OpenSslServer { arguments: owned(&["-groups", "P-256"]), ..OpenSslServer::default() };
    let Some(one) = ready(one.start(&Site::loopback())) else { return };
    assert_eq!(group_order(&offer_of(at(&one)), TlsVersion::Tls12), (None, vec![]));
}

#[test]
fn the_order_of_groups_is_told_of_gnutls() {
    const GROUPS: &str = "-GROUP-ALL:+GROUP-SECP384R1:+GROUP-X25519:+GROUP-SECP256R1";
    let server = |own: &str| GnuTlsServer { priority: format!("NORMAL:{GROUPS}{own}"), ..GnuTlsServer::default() };
    for (own, whose, order) in
        [(":%SERVER_PRECEDENCE", "server", &["secp384r1", "x25519", "secp256r1"][..]), ("", "client", &[])]
    {
        let Some(server) = ready(server(own).start(&Site::loopback())) else { return };
        let reading = offer_of(at(&server));
        for version in [TlsVersion::Tls12, TlsVersion::Tls13] {
            assert_eq!(group_order(&reading, version), (Some(whose.to_owned()), owned(order)), "{own} {version}");
        }
    }
}

#[test]
fn old_versions_at_the_usual_security_level_are_refused_and_settled() {
    let tls = NginxTls {
        certificate: Certificate { key: Key::Rsa(2048), ..Certificate::default() },
        protocols: Some("TLSv1 TLSv1.1 TLSv1.2".into()),
        ciphers: None,
    };
    let nginx = Nginx { tls: Some(tls), ..Nginx::default() };
    let Some(server) = ready(nginx.start(&Site::loopback())) else { return };
    let reading = offer_of(at(&server));
    // What level the library was built with decides; with either answer every version is settled.
    assert!(versions(&reading).contains(&TlsVersion::Tls12));
    assert_eq!(versions(&reading).len() + refused(&reading).len(), 6, "{reading:?}");
    assert_eq!(reading.shortfalls, []);
}

#[test]
fn a_server_that_wants_a_client_certificate_still_shows_its_offer() {
    let server = OpenSslServer { arguments: vec!["-Verify".into(), "1".into()], ..OpenSslServer::default() };
    let Some(server) = ready(server.start(&Site::loopback())) else { return };
    let reading = offer_of(at(&server));
    assert_eq!(versions(&reading), [TlsVersion::Tls12, TlsVersion::Tls13]);
    assert!(reading.facts.iter().any(|f| matches!(f, Fact::Certificate(_))));
}

#[test]
fn an_endpoint_without_tls_is_a_shortfall_and_refuses_nothing() {
    for (device, kind) in [
        (lab::Serving::speaking("220 Device FTP ready\r\n"), ShortfallKind::Unreadable),
        (lab::Serving::silent(), ShortfallKind::Silence),
        (lab::Serving::closing(), ShortfallKind::Refused),
        (lab::Serving::resetting(), ShortfallKind::Refused),
    ] {
        let began = Instant::now();
        let reading = offer_within(device.at(), 150);
        assert!(reading.facts.is_empty() && reading.coverage.is_empty(), "{reading:?}");
        assert_eq!(reading.shortfalls.iter().map(|s| s.kind).collect::<Vec<_>>(), [kind]);
        assert!(began.elapsed() < Duration::from_secs(5), "{kind:?}: {:?}", began.elapsed());
    }
    let nobody = Endpoint::tcp(Site::loopback().ip(), 9);
    assert_eq!(offer_within(nobody, 150).shortfalls[0].kind, ShortfallKind::Refused);
}

#[test]
fn a_server_that_closes_in_place_of_an_alert_is_settled_by_asking_again() {
    let Some(server) = ready(OpenSslServer::default().start(&Site::loopback())) else { return };
    let relay = lab::Relay::to(server.at()).closing_on_alert();
    let reading = offer_of(relay.at());
    assert_eq!(versions(&reading), [TlsVersion::Tls12, TlsVersion::Tls13], "{reading:?}");
    assert_eq!(refused(&reading).len(), 4);
    assert_eq!(reading.shortfalls, []);
}

#[test]
fn a_server_that_goes_away_in_between_refuses_nothing_more() {
    let Some(server) = ready(OpenSslServer::default().start(&Site::loopback())) else { return };
    // Enough for TLS 1.3; then every connection is closed.
    let relay = lab::Relay::to(server.at()).for_connections(12);
    let reading = offer_of(relay.at());
    assert_eq!(versions(&reading), [TlsVersion::Tls13]);
    assert_eq!(refused(&reading), [], "{:?}", reading.shortfalls);
    assert!(reading.shortfalls.len() >= 4, "{:?}", reading.shortfalls);
}

#[test]
fn a_bad_moment_is_asked_about_again() {
    let Some(server) = ready(OpenSslServer::default().start(&Site::loopback())) else { return };
    let relay = lab::Relay::to(server.at()).dropping_every(5);
    let reading = offer_of(relay.at());
    let whole = offer_of(at(&server));
    let but_endpoint =
        |reading: &Reading| (versions(reading), refused(reading), numbers(reading, TlsVersion::Tls12));
    assert_eq!(but_endpoint(&reading), but_endpoint(&whole), "{:?}", reading.shortfalls);
}

#[test]
fn silence_in_place_of_a_refusal_is_a_shortfall_of_that_version() {
    let server =
        OpenSslServer { versions: vec![V::V1_2], ciphers: "ECDHE+AESGCM".into(), ..OpenSslServer::default() };
    let Some(server) = ready(server.start(&Site::loopback())) else { return };
    let relay = lab::Relay::to(server.at()).silent_on_alert();
    let began = Instant::now();
    let reading = offer_within(relay.at(), 150);
    assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
    assert_eq!(versions(&reading), [TlsVersion::Tls12]);
    assert_eq!(refused(&reading), []);
    assert!(reading.shortfalls.iter().all(|s| s.kind == ShortfallKind::Silence) && reading.shortfalls.len() == 6);
}

#[test]
fn a_spent_run_says_what_was_not_tried() {
    let Some(server) = ready(OpenSslServer::default().start(&Site::loopback())) else { return };
    let to = at(&server);
    let limits = Limits { per_second: Some(10), seconds: Some(1), ..Limits::default() };
    let mut bench = LiveBench::new(Scope::of([to.address]), limits);
    let reading =
        interpret(&gather(&Parameters { endpoints: vec![to], host: None, starttls: vec![] }, &mut bench));
    assert_eq!(refused(&reading), []);
    assert!(reading.shortfalls.iter().any(|s| s.kind == ShortfallKind::Limit), "{reading:?}");
}

/// Answers TLS 1.3 like a server that never asks for a key share: with one it is content, without it refuses.
fn wants_a_share(heard: &[u8]) -> Vec<u8> {
    let refusal = wire::tls::fatal_alert(wire::tls::Version::TLS12, 40);
    let Ok(Some(hello)) = wire::tls::parse_client_hello_record(heard) else { return refusal };
    let is_taken = hello.supported_versions.contains(&wire::tls::Version::TLS13)
        && hello.key_shares.iter().any(|(group, _)| *group == 29)
        && hello.suites.contains(&0x1301);
    if !is_taken {
        return refusal;
    }
    let mut body = [&[3, 3][..], &[7; 32], &[0], &[0x13, 0x01], &[0]].concat();
    let share = [&[0, 51, 0, 36, 0, 29, 0, 32][..], &[9; 32]].concat();
    let extensions = [&[0, 43, 0, 2, 3, 4][..], &share].concat();
    body.extend((extensions.len() as u16).to_be_bytes());
    body.extend(extensions);
    let message = [&[2, 0, 0, body.len() as u8][..], &body].concat();
    wire::tls::records(wire::tls::content_type::HANDSHAKE, wire::tls::Version::TLS12, &message)
}

#[test]
fn a_server_of_tls_1_3_that_never_asks_for_a_key_share_is_given_one() {
    let reading = offer_within(lab::Serving::answering(wants_a_share).at(), 300);
    assert_eq!(versions(&reading), [TlsVersion::Tls13], "{reading:?}");
    assert_eq!(suites(&reading, TlsVersion::Tls13), names(["TLS_AES_128_GCM_SHA256"]));
    assert_eq!(groups(&reading, TlsVersion::Tls13), names(["x25519"]));
    assert!(refused(&reading).contains(&TlsVersion::Tls12));
}

#[test]
fn a_server_that_still_speaks_ssl_2_is_seen_with_its_certificate() {
    const CERTIFICATE: &[u8] = include_bytes!("../../wire/tests/certificates/rsa-1024-sha1.der");
    let device = lab::Serving::answering(|heard| match heard.first() {
        Some(head) if head & 0x80 != 0 => wire::tls::sslv2::server_hello(CERTIFICATE, &[0x01_0080], [5; 16]),
        _ => wire::tls::fatal_alert(wire::tls::Version::TLS10, 40),
    });
    let reading = offer_within(device.at(), 300);
    assert_eq!(versions(&reading), [TlsVersion::Ssl2], "{reading:?}");
    assert_eq!(refused(&reading).len(), 5);
    let leaf = reading.facts.iter().find_map(|f| if let Fact::Certificate(leaf) = f { Some(leaf) } else { None });
    assert_eq!(leaf.map(|leaf| leaf.key_bits), Some(1024));
}

#[test]
fn a_server_that_resets_versions_it_does_not_know_is_settled() {
    let Some(server) = ready(OpenSslServer::default().start(&Site::loopback())) else { return };
    let relay = lab::Relay::to(server.at()).resetting_on_alert();
    let reading = offer_of(relay.at());
    assert_eq!(versions(&reading), [TlsVersion::Tls12, TlsVersion::Tls13]);
    assert_eq!((refused(&reading).len(), reading.shortfalls), (4, vec![]));
}

fn turning(server: &testkit::Server, via: StartTls) -> Reading {
    let to = at(server);
    let mut bench = LiveBench::new(Scope::of([to.address]), Limits { wait_millis: 800, ..Limits::default() });
    let parameters = Parameters { endpoints: vec![to], host: None, starttls: vec![(to, via)] };
    interpret(&gather(&parameters, &mut bench))
}

#[test]
fn mail_servers_show_their_offer_after_they_turned_to_tls() {
    for (protocol, via) in [("imap", StartTls::Imap), ("pop3", StartTls::Pop3), ("submission", StartTls::Smtp)] {
        let certificate = Certificate { key: Key::Rsa(2048), ..Certificate::default() };
        let dovecot = Dovecot { protocol, lowest: "TLSv1.2", certificate };
        let Some(server) = ready(dovecot.start(&Site::loopback())) else { return };
        let reading = turning(&server, via);
        assert_eq!(
            versions(&reading),
            [TlsVersion::Tls12, TlsVersion::Tls13],
            "{protocol}: {:?}",
            reading.shortfalls
        );
        assert_eq!(refused(&reading).len(), 4, "{protocol}: {:?}", reading.shortfalls);
        assert!(
            reading.facts.iter().any(|f| matches!(f, Fact::Certificate(c) if c.key_bits == 2048)),
            "{protocol}"
        );
    }
}

#[test]
fn ftp_turns_to_tls_where_it_has_a_certificate_and_says_where_it_does_not() {
    let with =
        Vsftpd { tls: Some(Certificate { key: Key::Rsa(2048), ..Certificate::default() }), ..Vsftpd::default() };
    let Some(server) = ready(with.start(&Site::loopback())) else { return };
    let reading = turning(&server, StartTls::Ftp);
    assert!(versions(&reading).contains(&TlsVersion::Tls12), "{:?}", reading.shortfalls);
    let Some(server) = ready(Vsftpd::default().start(&Site::loopback())) else { return };
    let reading = turning(&server, StartTls::Ftp);
    assert!(reading.facts.is_empty() && reading.shortfalls.is_empty(), "{reading:?}");
    assert!(reading.coverage[0].text.contains("does not turn to TLS"), "{:?}", reading.coverage);
}

#[test]
fn a_port_of_tls_alone_does_not_greet_and_refuses_no_version() {
    let Some(server) = ready(OpenSslServer::default().start(&Site::loopback())) else { return };
    let reading = turning(&server, StartTls::Smtp);
    assert!(reading.facts.is_empty(), "{reading:?}");
    assert_eq!(reading.shortfalls[0].kind, ShortfallKind::Silence);
}

fn traits(reading: &Reading) -> BTreeSet<String> {
    let one = |f: &Fact| match f {
        Fact::TlsTrait { name, value, version, .. } => Some(format!("{version} {name} {value}")),
        _ => None,
    };
    reading.facts.iter().filter_map(one).collect()
}

#[test]
fn what_a_server_shows_beside_its_choice_is_told() {
    let server = OpenSslServer {
        versions: vec![V::V1_1, V::V1_2, V::V1_3],
        ciphers: "ALL:@SECLEVEL=0".into(),
        certificate: Certificate { key: Key::Rsa(2048), ..Certificate::default() },
        arguments: vec![],
    };
    let Some(server) = ready(server.start(&Site::loopback())) else { return };
    let reading = offer_of(at(&server));
    let traits = traits(&reading);
    for expected in [
        "tls-1.2 compression none",
        "tls-1.2 secure-renegotiation supported",
        "tls-1.2 extended-master-secret supported",
        "tls-1.2 encrypt-then-mac supported",
        "tls-1.2 session-ticket offered",
        "tls-1.2 heartbeat none",
        "tls-1.2 ocsp-staple none",
        "tls-1.2 downgrade-sentinel present",
        "tls-1.2 fallback-signal honoured",
        "tls-1.2 signature rsa_pkcs1_sha1",
        "tls-1.2 signature rsa_pss_rsae_sha256",
        "tls-1.3 signature rsa_pss_rsae_sha512",
    ] {
        assert!(traits.contains(expected), "{expected} in {traits:#?}");
    }
    assert!(
        !traits.iter().any(|t| t.contains("md5") || t.starts_with("tls-1.3 signature rsa_pkcs1")),
        "{traits:#?}"
    );
    assert_eq!(reading.shortfalls, []);
}

#[test]
fn a_suite_that_the_server_chooses_and_cannot_serve_hides_no_other() {
    // Without parameters for it, dovecot fails over each suite with an ephemeral key of finite fields, which it prefers to
    // the older ones that it does serve.
    let certificate = Certificate { key: Key::Rsa(2048), ..Certificate::default() };
    let dovecot = Dovecot { protocol: "imap", lowest: "TLSv1.2", certificate };
    let Some(server) = ready(dovecot.start(&Site::loopback())) else { return };
    let to = at(&server);
    let mut bench = LiveBench::new(Scope::of([to.address]), Limits { wait_millis: 1500, ..Limits::default() });
    let parameters = Parameters { endpoints: vec![to], host: None, starttls: vec![(to, StartTls::Imap)] };
    let reading = interpret(&gather(&parameters, &mut bench));
    let found = suites(&reading, TlsVersion::Tls12);
    for hidden in ["TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"] {
        assert!(found.contains(hidden), "{hidden} in {found:?}; {:?}", reading.shortfalls);
    }
    assert!(!found.iter().any(|suite| suite.contains("_DHE_")), "{found:?}");
}

/// The traits of these names, with their versions.
fn session_traits(reading: &Reading) -> Vec<(TlsVersion, String)> {
    let session = |fact: &Fact| match fact {
        Fact::TlsTrait { name, value, version, .. } if matches!(name.as_str(), "resumption" | "early-data") => {
            Some((*version, format!("{name} {value}")))
        }
        _ => None,
    };
    reading.facts.iter().filter_map(session).collect()
}

#[test]
fn sessions_that_are_taken_up_again_and_early_data_are_told() {
    use TlsVersion::{Tls12, Tls13};
    let told = |expected: &[(TlsVersion, &str)]| -> Vec<(TlsVersion, String)> {
        expected.iter().map(|(version, says)| (*version, (*says).to_owned())).collect()
    };
    let Some(server) = ready(OpenSslServer::default().start(&Site::loopback())) else { return };
    let expected = told(&[(Tls13, "resumption taken"), (Tls13, "early-data none"), (Tls12, "resumption taken")]);
    assert_eq!(session_traits(&offer_of(at(&server))), expected);
    let arguments = ["-no_ticket", "-no_cache"].map(str::to_owned).to_vec();
    let without = OpenSslServer { versions: vec![V::V1_2], arguments, ..OpenSslServer::default() };
    let server = ready(without.start(&Site::loopback())).unwrap();
    assert_eq!(session_traits(&offer_of(at(&server))), told(&[(Tls12, "resumption refused")]));
    let arguments = ["--earlydata", "--maxearlydata=1024"].map(str::to_owned).to_vec();
    let Some(server) = ready(GnuTlsServer { arguments, ..GnuTlsServer::default() }.start(&Site::loopback()))
    else {
        return;
    };
    let expected =
        told(&[(Tls13, "resumption taken"), (Tls13, "early-data accepted"), (Tls12, "resumption taken")]);
    assert_eq!(session_traits(&offer_of(at(&server))), expected);
}
