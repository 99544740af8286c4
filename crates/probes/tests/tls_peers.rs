//! tls.server-offer beside sslscan, at servers that are set up in many ways: what sslscan finds, the probe finds.
#![allow(clippy::unwrap_used)]

mod lab;

use std::process::Command;

use lab::endpoints::{openssl, rsa};
use lab::told::{Found, told};
use model::{Endpoint, Fact, Reading, TlsVersion};
use probes::tls::server_offer::{Parameters, gather, interpret};
use probes::{Limits, LiveBench, Scope};
use testkit::certificate::Certificate;
use testkit::servers::{Nginx, NginxTls, TlsVersion as V};
use testkit::{Server, Site, ready};
use wire::tls::suites::CipherSuite;

fn ours(to: Endpoint) -> Reading {
    let mut bench = LiveBench::new(Scope::of([to.address]), Limits { wait_millis: 600, ..Limits::default() });
    interpret(&gather(&Parameters { endpoints: vec![to], host: None, starttls: vec![] }, &mut bench))
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

/// `TLSv1.2` is `tls-1.2`.
fn version(text: &str) -> String {
    text.replace("TLSv", "tls-").replace("SSLv", "ssl-")
}

/// What sslscan tells and a provision may rest on; none where it is not installed.
fn theirs(server: &Server) -> Option<Found> {
    let target = server.at().to_string();
    let output = Command::new("sslscan")
        .args(["--no-colour", "--no-heartbleed", "--show-cipher-ids", "--show-sigs", "--xml=-"])
        .arg(target)
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut found = Found::new();
    let enabled = |tag: &str, name: &str| attribute(tag, name) == Some("1");
    for tag in text.lines().map(str::trim) {
        if tag.starts_with("<cipher ") {
            let (Some(of), Some(id)) = (attribute(tag, "sslversion"), attribute(tag, "id")) else { continue };
            found.insert(format!("version {}", version(of)));
            let id = u16::from_str_radix(id.trim_start_matches("0x"), 16).unwrap();
            found.insert(format!("suite {} {id:04x}", version(of)));
        } else if tag.starts_with("<compression ") {
            found.insert(format!("compression {}", if enabled(tag, "supported") { "deflate" } else { "none" }));
        } else if tag.starts_with("<renegotiation ") {
            let is_secure = enabled(tag, "secure");
            found.extend(is_secure.then(|| "secure-renegotiation supported".to_owned()));
        } else if tag.starts_with("<fallback ") {
            found.extend(enabled(tag, "supported").then(|| "fallback-signal honoured".to_owned()));
        } else if tag.starts_with("<connection-signature-algorithm ") {
            // ANY is its word for a server of versions that name no scheme.
            let name = attribute(tag, "name").filter(|name| *name != "ANY");
            found.extend(name.map(|name| format!("signature {name}")));
        } else if tag.starts_with("<pk ") && attribute(tag, "type") == Some("RSA") {
            // Of other keys it tells the strength and not the size.
            found.extend(attribute(tag, "bits").map(|bits| format!("key {bits}")));
        } else if let Some(name) = tag.strip_prefix("<signature-algorithm>") {
            found.extend(name.split('<').next().map(|name| format!("signed {}", name.to_lowercase())));
        }
    }
    Some(found)
}

#[test]
fn what_sslscan_finds_is_found_at_servers_of_many_kinds() {
    use V::{V1_0, V1_1, V1_2, V1_3};
    let all = [V1_0, V1_1, V1_2, V1_3];
    let old = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";
    let servers = [
        ("default", openssl(&[V1_2, V1_3], "DEFAULT", Certificate::default(), &[])),
        ("everything", openssl(&all, old, rsa(2048, "sha256"), &[])),
        ("1.0 and 1.1", openssl(&[V1_0, V1_1], old, rsa(1024, "sha1"), &[])),
        ("1.2 alone", openssl(&[V1_2], "ECDHE+AESGCM", rsa(2048, "sha256"), &[])),
        ("1.3 alone", openssl(&[V1_3], "DEFAULT", Certificate::default(), &[])),
        ("static rsa", openssl(&[V1_2], "kRSA:@SECLEVEL=0", rsa(2048, "sha256"), &[])),
        ("dhe", openssl(&[V1_2], "DHE:@SECLEVEL=0", rsa(2048, "sha256"), &[])),
        ("no encryption", openssl(&[V1_2], "eNULL:aNULL:@SECLEVEL=0", rsa(2048, "sha256"), &[])),
        ("cbc alone", openssl(&[V1_0, V1_2], "AES128-SHA:AES256-SHA:@SECLEVEL=0", rsa(2048, "sha1"), &[])),
        ("own order", openssl(&[V1_1, V1_2], old, rsa(3072, "sha384"), &["-serverpref"])),
        ("one group", openssl(&[V1_2, V1_3], "ECDHE", Certificate::default(), &["-curves", "P-256"])),
        ("asks a certificate", openssl(&[V1_2], "DEFAULT", Certificate::default(), &["-Verify", "1"])),
        ("no tickets", openssl(&[V1_1, V1_2], old, rsa(2048, "sha256"), &["-no_ticket"])),
    ];
    let (mut wrong, mut compared) = (Vec::new(), 0);
    let mut compare = |name: &str, server: &Server| {
        // It tells nothing of some servers, such as those that insist on a client certificate.
        let Some(theirs) = theirs(server).filter(|found| found.iter().any(|one| one.starts_with("suite "))) else {
            return;
        };
        compared += 1;
        let reading = ours(Endpoint::tcp(server.at().ip(), server.port()));
        let ours = told(&reading);
        // Where no suite signs anything, sslscan tells the schemes that the server does not mind; nothing is signed then.
        let signs = |fact: &Fact| match fact {
            Fact::TlsSuite { version, id, .. } => {
                *version == TlsVersion::Tls13 || CipherSuite::of(*id).is_some_and(CipherSuite::is_signed)
            }
            _ => false,
        };
        let signs_nothing = !reading.facts.iter().any(signs);
        let is_compared = |found: &&String| !(signs_nothing && found.starts_with("signature "));
        let missed: Vec<&String> = theirs.difference(&ours).filter(is_compared).collect();
        if !missed.is_empty() || !reading.shortfalls.is_empty() {
            wrong.push(format!("{name}: missed {missed:?}; {:?}", reading.shortfalls));
        }
    };
    for (name, server) in servers {
        let Some(server) = ready(server.start(&Site::loopback())) else { return };
        compare(name, &server);
    }
    let tls = NginxTls { certificate: rsa(2048, "sha256"), protocols: None, ciphers: None };
    let Some(server) = ready(Nginx { tls: Some(tls), ..Nginx::default() }.start(&Site::loopback())) else {
        return;
    };
    compare("nginx", &server);
    if Command::new("sslscan").arg("--version").output().is_err() {
        return;
    }
    assert!(compared >= 12, "only {compared} servers were compared");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
