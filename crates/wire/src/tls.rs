//! TLS and SSL handshakes as bytes, from SSL 2.0 to TLS 1.3 (RFC 6101, 2246, 4346, 5246, 8446).
//!
//! Enough to ask which versions, suites and groups a peer accepts and which certificate it shows. A handshake stops where
//! encryption would start, so certificates of TLS 1.3 are out of reach here; [`whole`] alone goes on, in TLS 1.2.

pub mod certificate;
mod client_hello;
pub mod dtls;
mod flight;
mod groups;
mod key_exchange;
pub mod old_server;
pub mod server;
pub mod sslv2;
pub mod suites;
pub mod whole;

pub use client_hello::{ClientHello, extension};
pub(crate) use flight::certificates;
pub use flight::{
    Alert, CertificateRequest, FlightReader, Message, Record, RecordReader, ServerHello, alert_name,
    parse_client_hello_record,
};
pub use groups::{group_name, is_for_tls13, is_post_quantum_hybrid, signature_scheme_name};
pub use key_exchange::{Ephemeral, ServerKeyExchange};

/// A protocol version as it stands on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u16);

impl Version {
    /// SSL 2.0.
    pub const SSL2: Self = Self(0x0002);
    /// SSL 3.0.
    pub const SSL3: Self = Self(0x0300);
    /// TLS 1.0.
    pub const TLS10: Self = Self(0x0301);
    /// TLS 1.1.
    pub const TLS11: Self = Self(0x0302);
    /// TLS 1.2.
    pub const TLS12: Self = Self(0x0303);
    /// TLS 1.3.
    pub const TLS13: Self = Self(0x0304);
    /// Every version, oldest first.
    pub const ALL: [Self; 6] = [Self::SSL2, Self::SSL3, Self::TLS10, Self::TLS11, Self::TLS12, Self::TLS13];

    /// The usual name, such as `TLS 1.2`; none for a number that names no version.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::SSL2 => "SSL 2.0",
            Self::SSL3 => "SSL 3.0",
            Self::TLS10 => "TLS 1.0",
            Self::TLS11 => "TLS 1.1",
            Self::TLS12 => "TLS 1.2",
            Self::TLS13 => "TLS 1.3",
            _ => return None,
        })
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.name() {
            Some(name) => formatter.write_str(name),
            None => write!(formatter, "0x{:04x}", self.0),
        }
    }
}

/// What a record carries (RFC 8446 section 5.1).
pub mod content_type {
    /// ChangeCipherSpec.
    pub const CHANGE_CIPHER_SPEC: u8 = 20;
    /// Alert.
    pub const ALERT: u8 = 21;
    /// Handshake.
    pub const HANDSHAKE: u8 = 22;
    /// Application data, or anything encrypted in TLS 1.3.
    pub const APPLICATION_DATA: u8 = 23;
}

/// Wraps a payload in records of at most 2^14 bytes.
#[must_use]
pub fn records(content_type: u8, version: Version, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 5);
    for fragment in payload.chunks(1 << 14) {
        out.push(content_type);
        out.extend_from_slice(&version.0.to_be_bytes());
        crate::reader::put_vec(&mut out, 2, fragment);
    }
    out
}

/// A handshake message: type, three-byte length, body.
pub(crate) fn handshake(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![kind];
    crate::reader::put_vec(&mut out, 3, body);
    out
}

/// An alert of level fatal that ends a connection, such as `close_notify` (0) or `handshake_failure` (40).
#[must_use]
pub fn fatal_alert(version: Version, description: u8) -> Vec<u8> {
    records(content_type::ALERT, version, &[2, description])
}
