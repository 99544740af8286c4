//! TLS 1.2 and 1.3 as a server with a given face, and a relay that passes bytes on unread.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, ProtocolVersion, ServerConfig, ServerConnection,
    SignatureScheme,
};

use crate::Bytes;
use crate::stand_in::{Face, Relayed, ServeError, Served};

/// Bytes kept of each way of a relay.
const MOST_RELAYED: usize = 16 * 1024;

/// Certificates of a client that are kept, and bytes of each.
const MOST_CERTIFICATES: usize = 4;
const MOST_CERTIFICATE: usize = 16 * 1024;

/// Shows the same to everybody, whatever name is asked for.
#[derive(Debug)]
struct Shows(Arc<CertifiedKey>);

impl ResolvesServerCert for Shows {
    fn resolve(&self, _: rustls::server::ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

/// Asks for a certificate, or does not. Takes any, or none, and holds the client to the key of the one it shows.
#[derive(Debug)]
struct Asks(bool);

impl ClientCertVerifier for Asks {
    fn offer_client_auth(&self) -> bool {
        self.0
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        of: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, of, signed, &ring::default_provider().signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        of: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, of, signed, &ring::default_provider().signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

/// A server that resumes nothing, so that every connection sees the certificates.
pub(super) fn server(face: &Face) -> Result<ServerConnection, ServeError> {
    let unfit = |error: Error| ServeError::Unfit(error.to_string());
    // Whom the client trusts is looked at, not whom it is trusted by: any certificate will do, with its key.
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unfit)?
        .with_client_cert_verifier(Arc::new(Asks(face.asks)))
        .with_cert_resolver(Arc::new(Shows(Arc::clone(&face.certified))));
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    ServerConnection::new(Arc::new(config)).map_err(unfit)
}

/// Drives the handshake to its end; `heard` is what was read from the client before.
pub(super) fn handshake(
    connection: &mut ServerConnection,
    stream: &mut TcpStream,
    heard: &[u8],
    until: Instant,
) -> Result<Served, ServeError> {
    let mut heard = heard;
    loop {
        while connection.wants_write() {
            connection.write_tls(stream).map_err(|_| ServeError::Gone)?;
        }
        if !connection.is_handshaking() {
            return served(connection);
        }
        let read = if heard.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ServeError::Silence);
            }
            stream.set_read_timeout(Some(left.max(Duration::from_millis(1)))).map_err(|_| ServeError::Gone)?;
            connection.read_tls(stream)
        } else {
            connection.read_tls(&mut heard)
        };
        match read {
            Ok(0) => return Err(ServeError::Gone),
            Ok(_) => {
                if let Err(error) = connection.process_new_packets() {
                    while connection.wants_write() && connection.write_tls(stream).is_ok_and(|sent| sent > 0) {}
                    return Err(reason(error));
                }
            }
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => return Err(ServeError::Silence),
                ErrorKind::Interrupted => {}
                _ => return Err(ServeError::Gone),
            },
        }
    }
}

fn served(connection: &ServerConnection) -> Result<Served, ServeError> {
    let version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_2) => model::TlsVersion::Tls12,
        Some(ProtocolVersion::TLSv1_3) => model::TlsVersion::Tls13,
        other => return Err(ServeError::Unfit(format!("unknown version {other:?}"))),
    };
    let suite = connection.negotiated_cipher_suite().map_or(0, |suite| u16::from(suite.suite()));
    let shown = connection.peer_certificates().unwrap_or_default().iter().take(MOST_CERTIFICATES);
    let client = shown.map(|der| Bytes::bounded(der, MOST_CERTIFICATE)).collect();
    Ok(Served { version, suite, client })
}

fn reason(error: Error) -> ServeError {
    match error {
        Error::AlertReceived(alert) => {
            let number = u8::from(alert);
            ServeError::Alerted(wire::tls::alert_name(number).map_or_else(|| number.to_string(), str::to_owned))
        }
        Error::InvalidMessage(_) => ServeError::NotTls,
        other => ServeError::Unfit(other.to_string()),
    }
}

/// Passes bytes between two connections until one closes or the time is over.
pub(super) fn relay(client: &mut TcpStream, service: &mut TcpStream, heard: &[u8], until: Instant) -> Relayed {
    let mut relayed = Relayed { up: Bytes::bounded(heard, MOST_RELAYED), ..Relayed::default() };
    let ready = client.set_nonblocking(true).and_then(|()| service.set_nonblocking(true));
    if ready.is_err() || write(service, heard, until).is_err() {
        return relayed;
    }
    while Instant::now() < until {
        let went = pass(client, service, &mut relayed.up, until);
        let came = pass(service, client, &mut relayed.down, until);
        match (went, came) {
            (Err(()), _) | (_, Err(())) => break,
            (Ok(false), Ok(false)) => std::thread::sleep(Duration::from_millis(2)),
            _ => {}
        }
    }
    relayed
}

/// Passes what is there on; whether there was something, or that the way is closed.
fn pass(from: &mut TcpStream, to: &mut TcpStream, kept: &mut Bytes, until: Instant) -> Result<bool, ()> {
    let mut buffer = [0; 8192];
    match from.read(&mut buffer) {
        Ok(0) => Err(()),
        Ok(count) => {
            let room = MOST_RELAYED.saturating_sub(kept.0.len());
            kept.0.extend_from_slice(&buffer[..count.min(room)]);
            write(to, &buffer[..count], until).map(|()| true)
        }
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(false),
        Err(_) => Err(()),
    }
}

fn write(to: &mut TcpStream, mut bytes: &[u8], until: Instant) -> Result<(), ()> {
    while !bytes.is_empty() {
        match to.write(bytes) {
            Ok(0) => return Err(()),
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == ErrorKind::WouldBlock && Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(2));
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return Err(()),
        }
    }
    Ok(())
}
