//! TLS 1.2 and 1.3 as a client that takes any certificate and remembers what it was shown.
//!
//! Trust is no question here, so neither chain nor signature is checked: a device with a broken certificate must be
//! measurable too. Versions below 1.2 are asked about with `wire::tls`.

use std::io::{ErrorKind, Write as _};
use std::net::{IpAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, HandshakeKind, ProtocolVersion, SignatureScheme,
    SupportedProtocolVersion,
};

use crate::Bytes;
use crate::port::{SecureError, TlsSession, TlsWish};

/// Certificates kept of a chain.
const MOST_CERTIFICATES: usize = 16;

/// Whether the peer asked for a client certificate.
#[derive(Debug, Default)]
pub(super) struct Asked(AtomicBool);

impl ResolvesClientCert for Asked {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<rustls::sign::CertifiedKey>> {
        self.0.store(true, Ordering::Relaxed);
        None
    }

    fn has_certs(&self) -> bool {
        true
    }
}

#[derive(Debug)]
struct TakesAny;

impl ServerCertVerifier for TakesAny {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![
            SignatureScheme::ECDSA_NISTP256_SHA256,
            SignatureScheme::ECDSA_NISTP384_SHA384,
            SignatureScheme::ECDSA_NISTP521_SHA512,
            SignatureScheme::ED25519,
            SignatureScheme::ED448,
            SignatureScheme::RSA_PSS_SHA256,
            SignatureScheme::RSA_PSS_SHA384,
            SignatureScheme::RSA_PSS_SHA512,
            SignatureScheme::RSA_PKCS1_SHA256,
            SignatureScheme::RSA_PKCS1_SHA384,
            SignatureScheme::RSA_PKCS1_SHA512,
            SignatureScheme::ECDSA_SHA1_Legacy,
            SignatureScheme::RSA_PKCS1_SHA1,
        ]
    }
}

/// Clients whose sessions are kept: a session is taken up only by the very client that began it.
#[derive(Default)]
pub(super) struct Kept(Vec<(TlsWish, IpAddr, Client)>);

/// How a handshake is made, and the note whether the peer asks for a certificate.
#[derive(Clone)]
pub(super) struct Client {
    config: Arc<ClientConfig>,
    pub(super) asked: Arc<Asked>,
}

impl Kept {
    /// The client of an earlier handshake of this wish with this peer, or a new one.
    pub(super) fn client(&mut self, wish: &TlsWish, peer: IpAddr) -> Result<Client, SecureError> {
        if !wish.resumes {
            return Client::of(wish);
        }
        let kept = self.0.iter().find(|(of, with, _)| of == wish && *with == peer);
        if let Some((.., client)) = kept {
            return Ok(client.clone());
        }
        let client = Client::of(wish)?;
        self.0.push((wish.clone(), peer, client.clone()));
        Ok(client)
    }
}

fn refused(error: &dyn std::fmt::Display) -> SecureError {
    SecureError::Refused(error.to_string())
}

impl Client {
    fn of(wish: &TlsWish) -> Result<Self, SecureError> {
        let versions: Vec<&SupportedProtocolVersion> = rustls::ALL_VERSIONS
            .iter()
            .copied()
            .filter(|version| match version.version {
                ProtocolVersion::TLSv1_3 => !wish.only_tls12,
                _ => !wish.only_tls13,
            })
            .collect();
        let asked = Arc::new(Asked::default());
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&versions)
            .map_err(|error| refused(&error))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(TakesAny))
            .with_client_cert_resolver(Arc::clone(&asked) as Arc<dyn ResolvesClientCert>);
        config.enable_sni = wish.sni.is_some();
        config.enable_early_data = wish.resumes;
        config.alpn_protocols = wish.alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        Ok(Self { config: Arc::new(config), asked })
    }

    /// A connection that is about to begin.
    pub(super) fn begin(&self, wish: &TlsWish, peer: IpAddr) -> Result<ClientConnection, SecureError> {
        let name = match &wish.sni {
            Some(name) => ServerName::try_from(name.clone()).map_err(|error| refused(&error))?,
            None => ServerName::IpAddress(peer.into()),
        };
        ClientConnection::new(Arc::clone(&self.config), name).map_err(|error| refused(&error))
    }
}

/// Drives the handshake to its end.
pub(super) fn handshake(
    connection: &mut ClientConnection,
    stream: &mut TcpStream,
    until: Instant,
) -> Result<(), SecureError> {
    loop {
        while connection.wants_write() {
            connection.write_tls(stream).map_err(|_| SecureError::Gone)?;
        }
        if !connection.is_handshaking() {
            return stream.flush().map_err(|_| SecureError::Gone);
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(SecureError::Silence);
        }
        stream.set_read_timeout(Some(left.max(Duration::from_millis(1)))).map_err(|_| SecureError::Gone)?;
        match connection.read_tls(stream) {
            Ok(0) => return Err(SecureError::Gone),
            Ok(_) => {
                if let Err(error) = connection.process_new_packets() {
                    while connection.wants_write() && connection.write_tls(stream).is_ok_and(|sent| sent > 0) {}
                    return Err(match error {
                        Error::InvalidMessage(_) => SecureError::NotTls,
                        other => SecureError::Refused(other.to_string()),
                    });
                }
            }
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => return Err(SecureError::Silence),
                ErrorKind::Interrupted => {}
                _ => return Err(SecureError::Gone),
            },
        }
    }
}

/// What the finished handshake showed.
pub(super) fn session(
    connection: &ClientConnection,
    asked: &Asked,
    early: bool,
) -> Result<TlsSession, SecureError> {
    let version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_2) => model::TlsVersion::Tls12,
        Some(ProtocolVersion::TLSv1_3) => model::TlsVersion::Tls13,
        other => return Err(SecureError::Refused(format!("unknown version {other:?}"))),
    };
    let chain = connection.peer_certificates().unwrap_or_default();
    Ok(TlsSession {
        version,
        suite: connection.negotiated_cipher_suite().map_or(0, |suite| u16::from(suite.suite())),
        alpn: connection.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned()),
        chain: chain.iter().take(MOST_CERTIFICATES).map(|der| Bytes::from(der.as_ref())).collect(),
        asks_client_certificate: asked.0.load(Ordering::Relaxed),
        resumed: connection.handshake_kind() == Some(HandshakeKind::Resumed),
        early_data: early.then(|| connection.is_early_data_accepted()),
    })
}
