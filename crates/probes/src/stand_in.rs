//! The listening half of the bench: standing in for a service that the product looks for, at an address of the bench's
//! own that the operator has set apart for it.
//!
//! Names are answered, connections are taken, and what each is shown is the probe's choice. Nothing is forwarded, except
//! a connection that a probe relays to the real service on purpose.

use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Bytes;
use crate::port::LinkId;

/// Where to stand in, and for what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandIn {
    /// The bench's own address; names are answered with it.
    pub address: IpAddr,
    /// TCP ports to take connections at.
    pub ports: Vec<u16>,
    /// UDP port to answer names at; none to answer none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names_port: Option<u16>,
    /// The names that are answered; every other one does not exist.
    #[serde(default)]
    pub names: Vec<String>,
    /// Addresses whose connections are taken; others are closed and counted.
    pub clients: Vec<IpAddr>,
}

/// Why the bench does not stand in. Nothing listens then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum StandInError {
    /// The operator has not set this address apart.
    #[error("not authorised")]
    NotAuthorised,
    /// The machine does not let it listen there.
    #[error("{0}")]
    Unequipped(String),
}

/// A connection that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// The connection.
    pub link: LinkId,
    /// From where.
    pub from: IpAddr,
    /// To which port.
    pub port: u16,
}

/// What a server shows and proves: certificates, the key of the first, and a stapled answer.
#[derive(Debug, Clone)]
pub struct Face {
    /// A word for it in the record.
    pub shown: String,
    /// Certificates with their key.
    pub certified: Arc<rustls::sign::CertifiedKey>,
    /// Whether the client is asked for a certificate of its own; it may go on without.
    pub asks: bool,
}

/// A TLS handshake that a client finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// The version agreed.
    pub version: model::TlsVersion,
    /// IANA number of the cipher suite agreed.
    pub suite: u16,
    /// The certificates that the client showed when it was asked, its own first; it has proven that it has the key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub client: Vec<Bytes>,
}

/// How a TLS handshake with a client ended before its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum ServeError {
    /// The client sent this alert.
    #[error("the client sent the alert {0}")]
    Alerted(String),
    /// The client closed or reset without an alert.
    #[error("the client closed")]
    Gone,
    /// The client neither went on nor closed.
    #[error("silent")]
    Silence,
    /// The client offered nothing that the bench can take part in; it saw no certificate.
    #[error("no common ground: {0}")]
    Unfit(String),
    /// What came is not TLS.
    #[error("the client does not speak TLS")]
    NotTls,
}

/// What went through a relay, the first bytes of each way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relayed {
    /// Why the other end was not reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_connected: Option<crate::ConnectError>,
    /// From the client.
    pub up: Bytes,
    /// To the client.
    pub down: Bytes,
}

/// What happened beside the connections that were taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoodDown {
    /// Names that were asked for, how often, and whether they were answered; bounded.
    pub names: Vec<(String, u32, bool)>,
    /// Connections from addresses that are not the product's.
    pub strangers: u32,
}
