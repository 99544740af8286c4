//! tls.server-offer at the demonstration device: each weakness shows as a fact, and none without its fault.
#![allow(clippy::unwrap_used)]

mod lab;

use device::ports;
use model::{CertificateFacts, Endpoint, Fact, Reading, TlsVersion};
use probes::tls::server_offer::{Parameters, gather, interpret};
use probes::{Limits, LiveBench, Scope};
use wire::tls::suites::CipherSuite;

fn offer(faults: &str) -> Reading {
    let running = lab::device(faults);
    let https = running.ports().iter().find(|one| one.service == "https").unwrap().at;
    assert_eq!(https.port(), ports::HTTPS);
    let to = Endpoint::tcp(https.ip(), https.port());
    let mut bench = LiveBench::new(Scope::of([to.address]), Limits { wait_millis: 1000, ..Limits::default() });
    interpret(&gather(&Parameters { endpoints: vec![to], host: None, starttls: vec![] }, &mut bench))
}

fn accepted(reading: &Reading) -> Vec<TlsVersion> {
    let version = |f: &Fact| match f {
        Fact::TlsVersion { version, accepted: true, .. } => Some(*version),
        _ => None,
    };
    reading.facts.iter().filter_map(version).collect()
}

fn suites(reading: &Reading) -> Vec<&'static CipherSuite> {
    let id = |f: &Fact| match f {
        Fact::TlsSuite { id, .. } => CipherSuite::of(*id),
        _ => None,
    };
    reading.facts.iter().filter_map(id).collect()
}

fn certificates(reading: &Reading) -> Vec<&CertificateFacts> {
    reading.facts.iter().filter_map(|f| if let Fact::Certificate(c) = f { Some(c) } else { None }).collect()
}

fn is_weak(suite: &CipherSuite) -> bool {
    suite.is_null() || suite.is_export() || suite.is_anonymous() || suite.cipher == "RC4"
}

#[test]
fn the_good_profile_offers_nothing_weak_and_leaves_no_version_open() {
    let reading = offer("");
    assert_eq!(accepted(&reading), [TlsVersion::Tls12, TlsVersion::Tls13]);
    assert_eq!(reading.shortfalls, [], "{:?}", reading.shortfalls);
    let versions = reading.facts.iter().filter(|f| matches!(f, Fact::TlsVersion { .. })).count();
    assert_eq!(versions, 6);
    assert!(!suites(&reading).iter().any(|s| is_weak(s)));
    assert!(certificates(&reading).iter().all(|c| !(c.key == "rsa" && c.key_bits < 2048)));
}

#[test]
fn each_old_version_shows_with_its_fault() {
    for (fault, version) in
        [("tls-1.0", TlsVersion::Tls10), ("tls-1.1", TlsVersion::Tls11), ("tls-sslv3", TlsVersion::Ssl3)]
    {
        let reading = offer(fault);
        assert!(accepted(&reading).contains(&version), "{fault}: {:?}", reading.shortfalls);
        assert_eq!(accepted(&reading).len(), 3, "{fault}: {:?}", accepted(&reading));
    }
}

#[test]
fn each_weak_suite_shows_with_its_fault() {
    type IsIt = fn(&CipherSuite) -> bool;
    let kinds: [(&str, IsIt); 4] = [
        ("tls-rc4", |s| s.cipher == "RC4"),
        ("tls-null", CipherSuite::is_null),
        ("tls-export", CipherSuite::is_export),
        ("tls-anon", CipherSuite::is_anonymous),
    ];
    for (fault, is_it) in kinds {
        let reading = offer(fault);
        let weak: Vec<_> = suites(&reading).into_iter().filter(|s| is_weak(s)).collect();
        assert!(!weak.is_empty() && weak.iter().all(|s| is_it(s)), "{fault}: {weak:?} {:?}", reading.shortfalls);
    }
}

#[test]
fn a_weak_key_shows_beside_the_good_one_and_an_expired_certificate_shows() {
    let reading = offer("tls-weak-key");
    let bits: Vec<_> = certificates(&reading).iter().map(|c| (c.key.as_str(), c.key_bits)).collect();
    assert!(bits.contains(&("rsa", 1024)), "{bits:?}");
    assert!(bits.iter().any(|(key, bits)| *key != "rsa" && *bits >= 256), "{bits:?}");
    let expired = offer("tls-expired-cert");
    let until = certificates(&expired).iter().map(|c| c.not_after).min().unwrap();
    assert!(until < model::Timestamp::from_seconds(1_710_000_000), "{until:?}");
}
