//! Whether a client may start another handshake, at real servers.
#![allow(clippy::unwrap_used)]

mod lab;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use lab::endpoints::{openssl, rsa};
use model::{Endpoint, Fact, Reading, ShortfallKind};
use probes::tls::renegotiation::Answer;
use probes::tls::server_offer::{Log, Parameters, gather, interpret};
use probes::{Limits, LiveBench, Scope};
use testkit::certificate::Certificate;
use testkit::servers::{GnuTlsServer, Mosquitto, Nginx, NginxTls, OpenSslServer, TlsVersion as V};
use testkit::{Server, Site, StartError, ready};

fn asked(to: Endpoint) -> (Log, Reading) {
    let limits = Limits { wait_millis: 1500, ..Limits::default() };
    let mut bench = LiveBench::new(Scope::of([to.address]), limits);
    let parameters = Parameters { endpoints: vec![to], host: Some("device.example".to_owned()), starttls: vec![] };
    let log = gather(&parameters, &mut bench);
    let reading = interpret(&log);
    let kept = serde_json::to_vec(&log).unwrap();
    assert_eq!(interpret(&serde_json::from_slice(&kept).unwrap()), reading);
    (log, reading)
}

fn told(reading: &Reading) -> Option<&str> {
    reading.facts.iter().find_map(|fact| match fact {
        Fact::TlsTrait { name, value, .. } if name == "client-renegotiation" => Some(value.as_str()),
        _ => None,
    })
}

/// What is told of a server; none where it is not installed.
fn of(server: Result<Server, StartError>) -> Option<(Log, Reading)> {
    let server = ready(server)?;
    Some(asked(Endpoint::tcp(server.at().ip(), server.port())))
}

fn of_openssl(ciphers: &str, certificate: Certificate, arguments: &[&str]) -> Option<(Log, Reading)> {
    of(openssl(&[V::V1_2], ciphers, certificate, arguments).start(&Site::loopback()))
}

#[test]
fn openssl_does_as_it_is_told() {
    let (rsa, ecdsa) = (|| rsa(2048, "sha256"), Certificate::default);
    for (ciphers, certificate, arguments, expected) in [
        ("ECDHE+AESGCM", rsa(), &["-client_renegotiation"][..], "secure"),
        ("ECDHE-ECDSA-AES128-GCM-SHA256", ecdsa(), &["-client_renegotiation", "-curves", "P-256"], "secure"),
        ("ECDHE-RSA-AES256-GCM-SHA384", rsa(), &["-client_renegotiation", "-curves", "X25519"], "secure"),
        // It wants a certificate of the client, and goes on without.
        ("ECDHE+AESGCM", rsa(), &["-client_renegotiation", "-verify", "1"], "secure"),
        ("ECDHE+AESGCM", rsa(), &[], "refused"),
        ("ECDHE+AESGCM", ecdsa(), &["-no_renegotiation"], "refused"),
    ] {
        let Some((log, reading)) = of_openssl(ciphers, certificate, arguments) else { return };
        let tries = &log.renegotiation;
        assert_eq!(told(&reading), Some(expected), "{ciphers} {arguments:?}: {tries:?}");
        let answer = if expected == "secure" { Answer::Completed } else { Answer::Alert(100) };
        assert_eq!((tries.len(), &tries[0].1.answer), (1, &answer), "{ciphers} {arguments:?}");
        assert_eq!(reading.shortfalls, []);
    }
}

#[test]
fn what_cannot_be_asked_is_not_told() {
    // It ends the first handshake where a client shows no certificate.
    let arguments = ["-client_renegotiation", "-Verify", "1"];
    let Some((log, reading)) = of_openssl("ECDHE+AESGCM", rsa(2048, "sha256"), &arguments) else { return };
    assert_eq!(told(&reading), None);
    assert!(matches!(log.renegotiation[0].1.answer, Answer::NotAsked(_)), "{:?}", log.renegotiation);
    let short = &reading.shortfalls[0];
    assert_eq!((short.kind, &*short.of), (ShortfallKind::Missing, "client-renegotiation"));
    // Neither suite nor version is spoken.
    let chacha = of_openssl("ECDHE+CHACHA20", rsa(2048, "sha256"), &[]).unwrap();
    let newer = of(openssl(&[V::V1_3], "DEFAULT", Certificate::default(), &[]).start(&Site::loopback())).unwrap();
    for (log, reading) in [chacha, newer] {
        assert!(log.renegotiation.is_empty() && told(&reading).is_none());
    }
}

#[test]
fn servers_that_products_run_refuse_it() {
    let tls = NginxTls { certificate: rsa(2048, "sha256"), protocols: None, ciphers: None };
    let nginx = Nginx { tls: Some(tls), ..Nginx::default() }.start(&Site::loopback());
    let mosquitto = Mosquitto { login: None, tls: Some(rsa(2048, "sha256")) }.start(&Site::loopback());
    for server in [nginx, mosquitto] {
        let Some((log, reading)) = of(server) else { continue };
        assert_eq!(told(&reading), Some("refused"), "{:?}", log.renegotiation);
    }
}

#[test]
fn gnutls_renegotiates_and_insecurely_where_it_may() {
    for (priority, expected) in
        [("NORMAL", "secure"), ("NORMAL:-VERS-ALL:+VERS-TLS1.2:%DISABLE_SAFE_RENEGOTIATION", "insecure")]
    {
        let (priority, certificate) = (priority.to_owned(), rsa(2048, "sha256"));
        let server = GnuTlsServer { priority, certificate, ..GnuTlsServer::default() };
        let Some((log, reading)) = of(server.start(&Site::loopback())) else { return };
        assert_eq!(told(&reading), Some(expected), "{:?}", log.renegotiation);
    }
}

/// Passes everything on to a server, except what a client says after so many records: that meets silence, or a close.
fn deaf_after(records: usize, server: std::net::SocketAddr, closes: bool) -> Endpoint {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            std::thread::spawn(move || {
                let mut to = TcpStream::connect(server).unwrap();
                let (mut from, mut back) = (to.try_clone().unwrap(), client.try_clone().unwrap());
                std::thread::spawn(move || std::io::copy(&mut from, &mut back));
                let mut passed = 0;
                let mut head = [0; 5];
                while client.read_exact(&mut head).is_ok() {
                    let mut rest = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
                    if client.read_exact(&mut rest).is_err() {
                        break;
                    }
                    passed += 1;
                    if passed <= records {
                        let _ = to.write_all(&head).and_then(|()| to.write_all(&rest));
                    } else if closes {
                        break;
                    }
                }
                let _ = client.shutdown(std::net::Shutdown::Both);
                let _ = to.shutdown(std::net::Shutdown::Both);
            });
        }
    });
    Endpoint::tcp(at.ip(), at.port())
}

#[test]
fn silence_leaves_it_open_and_a_close_each_time_refuses_it() {
    let server: OpenSslServer =
        openssl(&[V::V1_2], "ECDHE+AESGCM", rsa(2048, "sha256"), &["-client_renegotiation"]);
    let Some(server) = ready(server.start(&Site::loopback())) else { return };
    // A hello, a key, the change and the proof are the client's part of a first handshake.
    let (log, reading) = asked(deaf_after(4, server.at(), false));
    assert_eq!((told(&reading), log.renegotiation.len()), (None, 2), "{:?}", log.renegotiation);
    assert_eq!(log.renegotiation[1].1.answer, Answer::Silence);
    assert!(
        reading.shortfalls.iter().any(|short| &*short.of == "client-renegotiation"),
        "{:?}",
        reading.shortfalls
    );
    let (log, reading) = asked(deaf_after(4, server.at(), true));
    assert_eq!(told(&reading), Some("refused"), "{:?}", log.renegotiation);
    assert_eq!(log.renegotiation.len(), 2);
}
