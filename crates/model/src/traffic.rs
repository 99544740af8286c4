//! What the product's own traffic showed: conversations in a capture, what was readable in them, how it reconnects,
//! and what it did as the client of a server that a bench put in its way.
//!
//! A conversation says what was seen. That something was not seen is no fact: it proves nothing.

use serde::{Deserialize, Serialize};

use crate::{Digest, Endpoint, Timestamp, TlsVersion};

/// Which side opened a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Opened {
    /// The product did.
    ByProduct,
    /// The other side did.
    ByPeer,
    /// The capture does not show it: it began in the middle, or the protocol knows no opening.
    Unseen,
}

/// What keeps a conversation from being read on its way. Told by what was read, never by how random bytes look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protection {
    /// TLS records after a handshake that was seen to end (RFC 8446, RFC 5246).
    Tls,
    /// DTLS records after a handshake that was seen to end (RFC 9147, RFC 6347).
    Dtls,
    /// QUIC (RFC 9001).
    Quic,
    /// SSH after its key exchange (RFC 4253).
    Ssh,
    /// Nothing: a protocol known here was read in clear.
    Clear,
    /// Not told: no protocol known here, or not enough of it. Never to be taken for protected.
    Unknown,
}

impl Protection {
    /// Whether a known protocol was seen to protect the conversation.
    pub fn is_protected(self) -> bool {
        matches!(self, Protection::Tls | Protection::Dtls | Protection::Quic | Protection::Ssh)
    }
}

/// All packets in a capture between the product and one port of one peer, summed up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// The side that answers: the peer where the product opened it, the product where the peer did.
    pub server: Endpoint,
    /// Address of the side that asks.
    pub client: std::net::IpAddr,
    /// Whether the product is the side that answers.
    #[serde(default, skip_serializing_if = "crate::evidence::is_not")]
    pub product_serves: bool,
    /// Who opened it.
    pub opened: Opened,
    /// Host names that led to the peer, from DNS answers, server names in TLS, and Host fields; bounded.
    #[serde(default)]
    pub names: Vec<String>,
    /// Lower-case protocol name, told by content: `tls`, `http`, `mqtt`, `dns`, `ntp`, `unknown`.
    pub protocol: String,
    /// What protects it. Where parts differ, the weakest that was seen.
    pub protection: Protection,
    /// Versions that TLS or DTLS handshakes agreed on, each once, oldest first; DTLS by the TLS version it matches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<TlsVersion>,
    /// IANA numbers of cipher suites agreed on, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suites: Vec<u16>,
    /// Their IANA names, in the same order; `0x1A1A` for one without. Earlier records have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suite_names: Vec<String>,
    /// Application protocols that servers chose inside TLS (RFC 7301), each once; bounded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alpn: Vec<String>,
    /// Connections, or distinct source ports for datagrams; attempts that failed included.
    pub connections: u32,
    /// Connections that never carried anything: refused, unreachable, or without an answer.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failed: u32,
    /// Octets of payload from the product.
    pub sent: u64,
    /// Octets of payload to the product.
    pub received: u64,
    /// Time of the first packet.
    pub first: Timestamp,
    /// Time of the last packet.
    pub last: Timestamp,
    /// Whether bytes are missing from it: a gap in the capture, cut packets, a beginning that was not seen.
    #[serde(default, skip_serializing_if = "crate::evidence::is_not")]
    pub partial: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Something readable in traffic that should perhaps not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClearContent {
    /// The side that answers.
    pub server: Endpoint,
    /// Whether the product sent it.
    pub sent: bool,
    /// Which kind: `credential`, `token`, `personal-data`, `canary`, `key`.
    pub kind: String,
    /// The protocol it was read in.
    pub protocol: String,
    /// Where in it: `Authorization`, `CONNECT password`, the name of a declared pattern.
    pub place: String,
    /// The text, bounded; private in a record.
    pub excerpt: String,
    /// When.
    pub at: Timestamp,
}

/// How the product tried to come back while a peer of its was away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconnection {
    /// The peer that was away.
    pub server: Endpoint,
    /// Start of the first attempt that failed.
    pub since: Timestamp,
    /// Start of each attempt in milliseconds since then, the one that succeeded last; bounded. Packets sent again by
    /// the same attempt are none of their own.
    pub attempts: Vec<u64>,
    /// Attempts in all, the one that succeeded included.
    pub total: u32,
    /// Milliseconds from the first failed attempt to the one that succeeded; none where none was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_after: Option<u64>,
}

/// What a client did with a server that a bench put in the place of the one it was looking for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientCheck {
    /// The endpoint of the service that the client meant to reach; the bench stood in for it elsewhere.
    pub endpoint: Endpoint,
    /// What was wrong with what it was shown: `self-signed`, `unknown-authority`, `copied-names`, `wrong-host`,
    /// `expired`, `not-yet-valid`, `leaf-as-authority`, `weak-signature`, `weak-key`, `revoked`, `plain`, `ssl-3.0`,
    /// `tls-1.0`, `tls-1.1`, or `genuine` for the control with nothing wrong.
    pub shown: String,
    /// Whether the chain led to the authority that the operator says the product trusts, so that nothing else was wrong
    /// with it.
    #[serde(default, skip_serializing_if = "crate::evidence::is_not")]
    pub trusted: bool,
    /// What it did; the worst of all connections.
    pub did: ClientDid,
    /// Connections of this kind.
    pub connections: u32,
    /// The name it asked for, bounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_for: Option<String>,
    /// First application bytes it sent, visible and bounded; private in a record.
    #[serde(default)]
    pub excerpt: String,
    /// Octets of application data that were heard in all.
    #[serde(default)]
    pub octets: u64,
    /// How that was told, one line: the alert it sent, or how it closed.
    pub told_by: String,
    /// Digest of the certificates that were shown, one after the other, leaf first; none where none were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<Digest>,
}

/// Whether a client proved who it is, where a bench that stood in for its service asked for a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientCertificate {
    /// The endpoint of the service that the client meant to reach.
    pub endpoint: Endpoint,
    /// Connections in which it was asked and went on to the end of the handshake.
    pub asked: u32,
    /// In how many of them it showed a certificate and proved that it has the key.
    pub presented: u32,
    /// The certificates that it stands behind, each once; bounded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<crate::CertificateFacts>,
}

/// What a client did, the worse the later. That it never came is no fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientDid {
    /// It ended the handshake, or closed without application data after it.
    Refused,
    /// It neither went on nor ended before the time was over: not decided.
    Waited,
    /// It went on with a protocol version that is not to be used, so far as can be told without its data.
    Agreed,
    /// It sent application data.
    Sent,
    /// It sent application data in clear.
    SentInClear,
}
