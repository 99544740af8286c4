//! A product on addresses of its own, and the clients that look at it.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use device::{Config, Device, FaultSet, Running, ports};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use wire::tls::{ClientHello, Ephemeral, FlightReader, Message, ServerHello, Version};

use crate::talk::{Answer, Talk};

/// Addresses used so far; each product gets two of its own, apart from those of other test processes.
static NEXT: AtomicU32 = AtomicU32::new(0);

pub(crate) struct Bench {
    pub(crate) running: Running,
    pub(crate) device: IpAddr,
    pub(crate) cloud: IpAddr,
    tls: Arc<ClientConfig>,
}

/// What a server answered to an old hello.
#[derive(Debug)]
pub(crate) struct Flight {
    pub(crate) hello: ServerHello,
    pub(crate) signature: String,
    pub(crate) prime_bits: Option<usize>,
    pub(crate) version: Version,
    pub(crate) suite: u16,
    pub(crate) key_bits: Option<usize>,
    pub(crate) complete: bool,
}

pub(crate) fn addresses() -> [IpAddr; 2] {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let region = 100 + (std::process::id() % 100) as u8;
    let address = |last| IpAddr::V4(Ipv4Addr::new(127, region, number as u8, last));
    [address(1), address(2)]
}

impl Bench {
    pub(crate) fn start(faults: &str) -> Self {
        let faults = FaultSet::parse(faults).unwrap();
        let [device, cloud] = addresses();
        let running = Device::start(Config { address: device, cloud, faults, seed: 42 }).unwrap();
        let tls = trusting(running.ca_pem());
        Self { running, device, cloud, tls }
    }

    pub(crate) fn at(&self, port: u16) -> SocketAddr {
        SocketAddr::new(self.device, port)
    }

    pub(crate) fn cloud_at(&self, port: u16) -> SocketAddr {
        SocketAddr::new(self.cloud, port)
    }

    /// A connection to the web service of the device.
    pub(crate) fn web(&self) -> Talk {
        Talk::secure(self.at(ports::HTTPS), &self.tls).unwrap()
    }

    pub(crate) fn web_if_trusted(&self) -> Option<Talk> {
        Talk::secure(self.at(ports::HTTPS), &self.tls)
    }

    pub(crate) fn get(&self, target: &str) -> Answer {
        self.web().send("GET", target, &[], "").unwrap()
    }

    pub(crate) fn cloud_get(&self, target: &str) -> Answer {
        Talk::secure(self.cloud_at(ports::CLOUD_HTTPS), &self.tls).unwrap().send("GET", target, &[], "").unwrap()
    }

    pub(crate) fn plain_get(&self, target: &str) -> Answer {
        Talk::plain(self.at(ports::HTTP)).send("GET", target, &[], "").unwrap()
    }

    /// A JSON request without a session.
    pub(crate) fn json(&self, method: &str, target: &str, body: &str) -> Answer {
        self.web().send(method, target, &[("Content-Type", "application/json")], body).unwrap()
    }

    /// A JSON request with a session.
    pub(crate) fn with(&self, token: &str, method: &str, target: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        let fields = [("Content-Type", "application/json"), ("Authorization", bearer.as_str())];
        self.web().send(method, target, &fields, body).unwrap()
    }

    pub(crate) fn login(&self, user: &str, password: &str) -> Answer {
        self.json("POST", "/api/v1/login", &credentials(user, password))
    }

    pub(crate) fn admin(&self) -> String {
        let label = self.running.label();
        token(&self.login(label.admin_user, &label.admin_password))
    }

    pub(crate) fn guest(&self) -> String {
        let label = self.running.label();
        token(&self.login(label.guest_user, &label.guest_password))
    }

    pub(crate) fn udp(&self, port: u16, datagram: &[u8]) -> Option<Vec<u8>> {
        let socket = UdpSocket::bind((self.device, 0)).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(400))).unwrap();
        socket.send_to(datagram, self.at(port)).unwrap();
        let mut buffer = [0; 2048];
        socket.recv(&mut buffer).ok().map(|length| buffer[..length].to_vec())
    }

    /// Sends lines to a TCP port and returns what came back; `None` when nothing listens there.
    pub(crate) fn lines(&self, port: u16, lines: &[&str]) -> Option<String> {
        let mut stream = TcpStream::connect(self.at(port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_millis(150))).unwrap();
        let mut out = Vec::new();
        receive(&mut stream, &mut out);
        for line in lines {
            stream.write_all(format!("{line}\r\n").as_bytes()).unwrap();
            receive(&mut stream, &mut out);
        }
        Some(String::from_utf8_lossy(&out).into_owned())
    }

    /// The first flight a server answers to a hello of exactly this version.
    pub(crate) fn hello(&self, to: SocketAddr, version: Version, suites: &[u16]) -> Option<Flight> {
        self.hello_of(to, &ClientHello::offering(version, suites, [7; 32], None))
    }

    /// The first flight a server answers to this hello.
    pub(crate) fn hello_of(&self, to: SocketAddr, hello: &ClientHello) -> Option<Flight> {
        let mut stream = TcpStream::connect(to).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        stream.write_all(&hello.to_bytes()).unwrap();
        let mut reader = FlightReader::new();
        let mut flight = None;
        let mut buffer = [0; 4096];
        loop {
            while let Some(message) = reader.next_message().unwrap() {
                match (message, &mut flight) {
                    (Message::ServerHello(hello), _) => {
                        flight = Some(Flight {
                            version: hello.version,
                            suite: hello.suite,
                            key_bits: None,
                            complete: false,
                            signature: String::new(),
                            prime_bits: None,
                            hello,
                        });
                    }
                    (Message::Certificate(chain), Some(flight)) => {
                        let certificate = wire::tls::certificate::read(&chain[0]).unwrap();
                        flight.key_bits = Some(certificate.key_bits);
                        flight.signature = certificate.signature_algorithm;
                    }
                    (Message::ServerKeyExchange(exchange), Some(flight)) => {
                        if let Ephemeral::FiniteField { bits, .. } = exchange.ephemeral {
                            flight.prime_bits = Some(bits);
                        }
                    }
                    (Message::ServerHelloDone, Some(flight)) => flight.complete = true,
                    (Message::Alert(_), _) => return flight,
                    _ => {}
                }
            }
            if flight.as_ref().is_some_and(|flight| flight.complete) {
                return flight;
            }
            match stream.read(&mut buffer) {
                Ok(length) if length > 0 => reader.feed(&buffer[..length]),
                _ => return flight,
            }
        }
    }

    /// The stream inside TLS to the broker of the associated service, without a client certificate.
    pub(crate) fn broker_answer(&self, packets: &[Vec<u8>]) -> Vec<u8> {
        let to = self.cloud_at(ports::CLOUD_MQTT);
        let name = rustls::pki_types::ServerName::IpAddress(IpAddr::into(to.ip()));
        let connection = rustls::ClientConnection::new(Arc::clone(&self.tls), name).unwrap();
        let stream = TcpStream::connect(to).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(1500))).unwrap();
        let mut stream = rustls::StreamOwned::new(connection, stream);
        let mut out = Vec::new();
        for packet in packets {
            // A broker that refused has closed already; what it said before stays in `out`.
            if stream.write_all(packet).is_err() {
                break;
            }
            receive(&mut stream, &mut out);
        }
        out
    }
}

pub(crate) fn credentials(user: &str, password: &str) -> String {
    serde_json::json!({ "username": user, "password": password }).to_string()
}

pub(crate) fn token(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["token"].as_str().unwrap().to_owned()
}

/// Reads until silence, end, or three seconds of talk.
fn receive(stream: &mut impl Read, out: &mut Vec<u8>) {
    let deadline = Instant::now() + Duration::from_secs(3);
    let mut buffer = [0; 4096];
    while Instant::now() < deadline
        && let Ok(length) = stream.read(&mut buffer)
    {
        if length == 0 {
            return;
        }
        out.extend_from_slice(&buffer[..length]);
    }
}

/// A client that trusts the authority of the product alone.
fn trusting(pem: &str) -> Arc<ClientConfig> {
    use rustls::pki_types::pem::PemObject;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}
