//! Somebody who stands in the place of the associated service: what the device tells them.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use device::ports;
use rustls::crypto::ring::{default_provider, sign::any_ecdsa_type};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SigningKey, SingleCertAndKey};
use rustls::{ServerConfig, ServerConnection, SignatureScheme, StreamOwned};
use wire::tls::certificate::AlternativeName;
use wire::tls::old_server::{self, Answer, AnswerReader};
use wire::tls::server::Choice;
use wire::tls::{Version, fatal_alert, parse_client_hello_record};
use wire::x509::{self, Algorithm, Draft, outline};

use crate::bench::Bench;

const HOST: &str = "cloud.lumen.invalid";
const DAY: i64 = 86_400;

/// What the impostor shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shows {
    /// A certificate that signed itself, for another name, and has expired: only who looks at nothing takes it.
    Worthless,
    UnknownAuthority,
    WrongHost,
    Expired,
    LeafAsAuthority,
    /// The first flight of TLS 1.1.
    OldVersion,
    /// A refusal to speak TLS; it listens beside, in clear.
    Refusal,
}

/// Whether the device goes so far as to tell the impostor something at this port.
pub(crate) fn is_told(bench: &Bench, port: u16, shows: Shows) -> bool {
    let IpAddr::V4(cloud) = bench.cloud else { panic!("the service has an IPv4 address") };
    let [a, b, c, _] = cloud.octets();
    let own = Ipv4Addr::new(a, b, c, 3);
    let names = UdpSocket::bind((own, 0)).unwrap();
    let listener = TcpListener::bind((own, port)).unwrap();
    let beside = TcpListener::bind((own, ports::CLOUD_MQTT_PLAIN)).unwrap();
    let over = AtomicBool::new(false);
    bench.running.set_name_server(Some(names.local_addr().unwrap()));
    bench.running.set_restarting(true);
    std::thread::scope(|scope| {
        scope.spawn(|| answer_names(&names, own, &over));
        if port == ports::CLOUD_HTTPS {
            scope.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    bench.running.look_for_update();
                }
            });
        }
        listener.set_nonblocking(true).unwrap();
        beside.set_nonblocking(true).unwrap();
        // Also when the look ends in a panic: whoever waits for the end would wait for ever.
        let _over = Over(&over);
        listen(bench, &listener, &beside, shows)
    })
}

/// Says that it is over when it is dropped.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn listen(bench: &Bench, listener: &TcpListener, beside: &TcpListener, shows: Shows) -> bool {
    let until = Instant::now() + Duration::from_secs(20);
    let mut met = 0;
    while met < 4 && Instant::now() < until {
        if let Ok((mut stream, _)) = beside.accept() {
            stream.set_nonblocking(false).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
            return stream.read(&mut [0; 64]).is_ok_and(|count| count > 0);
        }
        if let Ok((stream, _)) = listener.accept() {
            stream.set_nonblocking(false).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
            met += 1;
            if meet(bench, stream, shows) {
                return true;
            }
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(met > 0, "the device did not come: {:?}", bench.running.faults());
    false
}

fn meet(bench: &Bench, mut stream: TcpStream, shows: Shows) -> bool {
    match shows {
        Shows::Refusal => {
            let _ = stream.read(&mut [0; 4096]);
            stream.write_all(&fatal_alert(Version::TLS12, 40)).ok();
            false
        }
        Shows::OldVersion => goes_on(bench, stream),
        _ => {
            let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_cert_resolver(Arc::new(SingleCertAndKey::from(chain(bench, shows))));
            let connection = ServerConnection::new(Arc::new(config)).unwrap();
            let mut secured = StreamOwned::new(connection, stream);
            secured.read(&mut [0; 64]).is_ok_and(|count| count > 0)
        }
    }
}

/// Whether it answers the flight of an old version with its key exchange.
fn goes_on(bench: &Bench, mut stream: TcpStream) -> bool {
    let mut heard = Vec::new();
    let hello = loop {
        let mut buffer = [0; 4096];
        let Ok(count @ 1..) = stream.read(&mut buffer) else { return false };
        heard.extend_from_slice(&buffer[..count]);
        if let Ok(Some(hello)) = parse_client_hello_record(&heard) {
            break hello;
        }
    };
    let version = hello.version.min(Version::TLS11);
    let choice = Choice { version, suite: old_server::suite(&hello, version).unwrap_or(0x2f), random: [7; 32] };
    let shown = chain(bench, Shows::WrongHost);
    let certificates: Vec<Vec<u8>> = shown.cert.iter().map(|der| der.to_vec()).collect();
    stream.write_all(&old_server::flight(&hello, &choice, &certificates, None)).unwrap();
    let mut reader = AnswerReader::default();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        reader.feed(&buffer[..count]);
        match reader.next_answer() {
            Ok(Some(Answer::WentOn)) => return true,
            Ok(None) => {}
            _ => return false,
        }
    }
    false
}

fn chain(bench: &Bench, shows: Shows) -> CertifiedKey {
    let maker = CertificateDer::from_pem_slice(bench.running.ca_pem().as_bytes()).unwrap();
    let maker = outline(&maker).unwrap();
    let maker_key = PrivateKeyDer::from_pem_slice(bench.running.ca_key_pem().as_bytes()).unwrap();
    let maker_key = any_ecdsa_type(&maker_key).unwrap();
    let own = || any_ecdsa_type(&PrivateKeyDer::Pkcs8(rcgen_key().into())).unwrap();
    let (key, other) = (own(), own());
    let unknown = x509::name("Nobody", "authority");
    let name = |host: &str| x509::name("Impostor", host);
    let leaf = |host: &str, days: [i64; 2]| draft(host, &key, days);
    let valid = [-1, 1];
    let certificates = match shows {
        Shows::Worthless => vec![issue(leaf("another.invalid", [-9, -8]), &name("another.invalid"), &key)],
        Shows::UnknownAuthority => vec![issue(leaf(HOST, valid), &unknown, &other)],
        Shows::Expired => vec![issue(leaf(HOST, [-9, -8]), &maker.subject, &maker_key)],
        Shows::LeafAsAuthority => {
            let above = issue(draft(HOST, &other, valid), &maker.subject, &maker_key);
            vec![issue(leaf(HOST, valid), &name(HOST), &other), above]
        }
        _ => vec![issue(leaf("another.invalid", valid), &maker.subject, &maker_key)],
    };
    CertifiedKey::new(certificates.into_iter().map(CertificateDer::from).collect(), key)
}

fn rcgen_key() -> Vec<u8> {
    rcgen::KeyPair::generate().unwrap().serialize_der()
}

fn draft(host: &str, key: &Arc<dyn SigningKey>, days: [i64; 2]) -> Draft {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
    Draft {
        serial: vec![7],
        issuer: Vec::new(),
        subject: x509::name("Impostor", host),
        not_before: now + days[0] * DAY,
        not_after: now + days[1] * DAY,
        key: key.public_key().unwrap().to_vec(),
        names: vec![AlternativeName::Dns(host.to_owned())],
        authority: false,
        key_id: vec![1; 20],
        issuer_key_id: None,
    }
}

fn issue(mut draft: Draft, issuer: &[u8], key: &Arc<dyn SigningKey>) -> Vec<u8> {
    draft.issuer = issuer.to_vec();
    let algorithm = Algorithm::EcdsaSha256;
    let signed = draft.to_be_signed(algorithm);
    let signer = key.choose_scheme(&[SignatureScheme::ECDSA_NISTP256_SHA256]).unwrap();
    x509::sealed(&signed, algorithm, &signer.sign(&signed).unwrap())
}

fn answer_names(socket: &UdpSocket, own: Ipv4Addr, over: &AtomicBool) {
    socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let mut buffer = [0; 512];
    while !over.load(Ordering::SeqCst) {
        let Ok((count, from)) = socket.recv_from(&mut buffer) else { continue };
        let Ok(question) = wire::dns::Message::read(&buffer[..count]) else { continue };
        if let Some(reply) = wire::dns::answer(&question, &|_| Some(own.into())) {
            socket.send_to(&reply.to_bytes(), from).unwrap();
        }
    }
}
