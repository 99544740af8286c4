//! tls.server-offer over UDP at real servers of DTLS: openssl, GnuTLS and libcoap.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use model::{Endpoint, Fact, Reading, ShortfallKind, TlsVersion};
use probes::tls::server_offer::{Parameters, gather, interpret};
use probes::{Limits, LiveBench, ReplayBench, Scope};
use testkit::certificate::{Certificate, Key};
use testkit::servers::{CoapServer, GnuTlsServer, OpenSslDatagramServer, SecureCoapServer};
use testkit::{Server, Site, ready};

fn offer_at(server: &Server, port: u16) -> Reading {
    let endpoint = Endpoint::udp(server.at().ip(), port);
    let limits = Limits { wait_millis: 600, ..Limits::default() };
    let mut bench = LiveBench::new(Scope::of([endpoint.address]), limits);
    let parameters = Parameters { endpoints: vec![endpoint], host: None, starttls: vec![] };
    let log = gather(&parameters, &mut bench);
    let mut again = ReplayBench::new(bench.transcript().clone());
    let replayed = gather(&parameters, &mut again);
    assert_eq!(again.diverged(), None);
    assert_eq!(replayed.attempts.len(), log.attempts.len());
    let reading = interpret(&log);
    assert_eq!(interpret(&serde_json::from_slice(&serde_json::to_vec(&log).unwrap()).unwrap()), reading);
    reading
}

fn offer_of(server: &Server) -> Reading {
    offer_at(server, server.port())
}

fn versions(reading: &Reading) -> Vec<(TlsVersion, bool)> {
    let version = |fact: &Fact| match fact {
        Fact::TlsVersion { version, accepted, .. } => Some((*version, *accepted)),
        _ => None,
    };
    reading.facts.iter().filter_map(version).collect()
}

fn names(reading: &Reading, pick: impl Fn(&Fact) -> Option<&String>) -> BTreeSet<&str> {
    reading.facts.iter().filter_map(|fact| pick(fact).map(String::as_str)).collect()
}

fn suites(reading: &Reading) -> BTreeSet<&str> {
    names(reading, |fact| match fact {
        Fact::TlsSuite { name, .. } => Some(name),
        _ => None,
    })
}

fn groups(reading: &Reading) -> BTreeSet<&str> {
    names(reading, |fact| match fact {
        Fact::TlsGroup { name, .. } => Some(name),
        _ => None,
    })
}

fn keys(reading: &Reading) -> Vec<u32> {
    let bits = |fact: &Fact| match fact {
        Fact::Certificate(certificate) => Some(certificate.key_bits),
        _ => None,
    };
    reading.facts.iter().filter_map(bits).collect()
}

use TlsVersion::{Tls11, Tls12};

#[test]
fn openssl_is_asked_with_its_cookie_for_versions_suites_groups_and_certificate() {
    let server = OpenSslDatagramServer {
        versions: "-dtls1_2",
        ciphers: "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-SHA:AES128-SHA:@SECLEVEL=0".into(),
        certificate: Certificate { key: Key::Rsa(2048), ..Certificate::default() },
    };
    let Some(server) = ready(server.start(&Site::loopback())) else { return };
    let reading = offer_of(&server);
    assert_eq!(versions(&reading), [(Tls11, false), (Tls12, true)], "{:?}", reading.shortfalls);
    assert_eq!(
        suites(&reading),
        [
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
            "TLS_RSA_WITH_AES_128_CBC_SHA"
        ]
        .into()
    );
    assert!(groups(&reading).contains("x25519") && groups(&reading).contains("secp256r1"), "{reading:?}");
    assert_eq!((keys(&reading), &reading.shortfalls[..]), (vec![2048], &[][..]));
}

#[test]
fn openssl_with_both_versions_accepts_both() {
    let server = OpenSslDatagramServer {
        versions: "-dtls",
        ciphers: "ECDHE:@SECLEVEL=0".into(),
        certificate: Certificate::default(),
    };
    let Some(server) = ready(server.start(&Site::loopback())) else { return };
    let reading = offer_of(&server);
    assert_eq!(versions(&reading), [(Tls11, true), (Tls12, true)], "{:?}", reading.shortfalls);
    assert!(suites(&reading).len() > 4, "{reading:?}");
}

#[test]
fn gnutls_drops_what_it_does_not_take_and_that_refuses_nothing() {
    let server = GnuTlsServer {
        datagrams: true,
        priority: "NORMAL:-VERS-ALL:+VERS-DTLS1.2".into(),
        certificate: Certificate { key: Key::Rsa(3072), ..Certificate::default() },
        arguments: vec![],
    };
    // It answers from the first address of the machine, not from the one that was asked.
    let Some(server) = ready(server.start(&Site::at([127, 0, 0, 1].into()))) else { return };
    let reading = offer_of(&server);
    assert_eq!(versions(&reading), [(Tls12, true)]);
    assert!(suites(&reading).contains("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"), "{reading:?}");
    assert_eq!(keys(&reading), [3072]);
    assert!(
        reading.shortfalls.iter().any(|s| s.kind == ShortfallKind::Silence && s.text.contains("tls-1.1: silence")),
        "{reading:?}"
    );
}

#[test]
fn coap_over_dtls_shows_its_certificate_or_that_it_has_none() {
    let with = SecureCoapServer { certificate: Some(Certificate::default()) };
    let Some(server) = ready(with.start(&Site::loopback())) else { return };
    let reading = offer_at(&server, server.port() + 1);
    assert!(versions(&reading).contains(&(Tls12, true)), "{reading:?}");
    assert_eq!(keys(&reading), [256]);
    let Some(server) = ready(SecureCoapServer::default().start(&Site::loopback())) else { return };
    let reading = offer_at(&server, server.port() + 1);
    assert!(versions(&reading).contains(&(Tls12, true)), "{reading:?}");
    assert!(suites(&reading).iter().all(|suite| suite.contains("PSK")) && keys(&reading).is_empty());
}

#[test]
fn a_server_without_dtls_and_a_closed_port_refuse_nothing() {
    let Some(server) = ready(CoapServer.start(&Site::loopback())) else { return };
    for port in [server.port(), server.port() + 1] {
        let reading = offer_at(&server, port);
        assert!(reading.facts.is_empty() && reading.shortfalls.len() == 1, "{reading:?}");
    }
}
