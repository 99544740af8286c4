//! Hellos answered by a real TLS server of this machine, on loopback only.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use wire::tls::{ClientHello, Ephemeral, FlightReader, Message, Version, certificate, suites};

const WITHIN: Duration = Duration::from_secs(15);

struct Server {
    child: Child,
    port: u16,
    folder: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Server {
    /// An `openssl s_server` that still accepts old versions and small keys.
    fn start() -> Option<Self> {
        if !Path::new("/usr/bin/openssl").exists() {
            println!("skipped: no openssl on this machine");
            return None;
        }
        let folder = std::env::temp_dir().join(format!("tls-hello-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (key, cert) = (folder.join("key"), folder.join("cert"));
        let openssl = || {
            let mut command = Command::new("/usr/bin/openssl");
            command
                .env("OPENSSL_CONF", "/dev/null")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            command
        };
        let made = openssl()
            .args(["req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=device.example", "-keyout"])
            .arg(&key)
            .arg("-out")
            .arg(&cert)
            .status();
        assert!(made.unwrap().success());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = openssl()
            .args([
                "s_server",
                "-quiet",
                "-www",
                "-cipher",
                "ALL:@SECLEVEL=0",
                "-accept",
                &format!("127.0.0.1:{port}"),
            ])
            .arg("-key")
            .arg(&key)
            .arg("-cert")
            .arg(&cert)
            .spawn();
        Some(Self { child: child.unwrap(), port, folder })
    }

    fn answer(&self, hello: &ClientHello) -> Vec<Message> {
        let end = Instant::now() + WITHIN;
        let mut stream = loop {
            match TcpStream::connect(("127.0.0.1", self.port)) {
                Ok(stream) => break stream,
                Err(error) if Instant::now() > end => panic!("the server does not listen: {error}"),
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        };
        stream.set_read_timeout(Some(WITHIN)).unwrap();
        stream.write_all(&hello.to_bytes()).unwrap();
        let (mut reader, mut found, mut buffer) = (FlightReader::new(), Vec::new(), [0; 4096]);
        loop {
            let count = stream.read(&mut buffer).unwrap();
            assert!(count > 0, "the server ended the connection after {found:?}");
            reader.feed(&buffer[..count]);
            while let Some(message) = reader.next_message().unwrap() {
                let is_last = matches!(message, Message::ServerHelloDone | Message::Alert(_) | Message::Encrypted)
                    || matches!(&message, Message::ServerHello(hello) if hello.is_retry);
                found.push(message);
                if is_last {
                    return found;
                }
            }
        }
    }
}

fn offer(version: Version, suites: &[u16], share: Option<(u16, Vec<u8>)>) -> ClientHello {
    let mut hello = ClientHello::offering(version, suites, [0x5a; 32], share);
    hello.server_name = Some("device.example".to_owned());
    hello
}

#[test]
fn a_real_server_answers_every_version_it_speaks() {
    let Some(server) = Server::start() else { return };

    for version in [Version::TLS10, Version::TLS11, Version::TLS12] {
        let found = server.answer(&offer(version, &suites::offerable(version), None));
        let [Message::ServerHello(hello), Message::Certificate(chain), middle @ .., Message::ServerHelloDone] =
            &found[..]
        else {
            panic!("{version}: {found:?}");
        };
        assert_eq!(hello.version, version);
        let suite = hello.cipher_suite().unwrap();
        assert!(suite.is_for(version), "{suite:?}");
        assert_eq!(certificate::read(&chain[0]).unwrap().key_bits, 1024);
        // A key exchange message comes with ephemeral keys and only then.
        assert_eq!(middle.len(), usize::from(suite.is_forward_secret()), "{middle:?}");
    }

    let curve = server.answer(&offer(Version::TLS12, &[0xc02f], None));
    let exchange = curve.iter().find_map(|message| match message {
        Message::ServerKeyExchange(exchange) => Some(exchange),
        _ => None,
    });
    let exchange = exchange.expect("an ephemeral key");
    assert_eq!(exchange.ephemeral, Ephemeral::NamedCurve(29));
    assert!(exchange.signature_scheme.is_some());

    let anonymous = server.answer(&offer(Version::TLS12, &[0x0034], None));
    let [Message::ServerHello(_), Message::ServerKeyExchange(exchange), Message::ServerHelloDone] = &anonymous[..]
    else {
        panic!("{anonymous:?}");
    };
    assert!(matches!(exchange.ephemeral, Ephemeral::FiniteField { bits: 1024.., .. }), "{exchange:?}");
    assert_eq!(exchange.signature_scheme, None);

    let export = server.answer(&offer(Version::TLS10, &[0x0003], None));
    assert!(matches!(&export[..], [Message::Alert(alert)] if alert.is_fatal), "{export:?}");

    let share = Some((29, vec![9; 32]));
    let modern = server.answer(&offer(Version::TLS13, &suites::offerable(Version::TLS13), share));
    let Message::ServerHello(hello) = &modern[0] else { panic!("{modern:?}") };
    assert_eq!((hello.version, hello.key_share_group, hello.is_retry), (Version::TLS13, Some(29), false));
    assert_eq!(modern.last(), Some(&Message::Encrypted));

    let retried = server.answer(&offer(Version::TLS13, &[0x1301], None));
    let Message::ServerHello(hello) = &retried[0] else { panic!("{retried:?}") };
    assert!(hello.is_retry && hello.key_share_group.is_some());
}
