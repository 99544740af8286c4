//! Facts that probes report. A fact says what was seen; whether that is right or wrong is a rule's business.
//!
//! Text from the product is bounded by the probe that read it and stays hostile: a writer sanitises it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::evidence::is_not;
use crate::{
    BatchAudit, ClearContent, ClientCertificate, ClientCheck, Conversation, CredentialChange, Digest, Endpoint,
    Guessing, Reconnection, SessionFacts, Timestamp,
};

/// Transport protocol of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// TCP (RFC 9293).
    Tcp,
    /// UDP (RFC 768).
    Udp,
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
        })
    }
}

/// What a port did when it was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PortState {
    /// Accepted a connection, or answered a datagram.
    Open,
    /// Refused.
    Closed,
    /// Said nothing.
    Silent,
}

/// How a peer asks for, or takes, a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthScheme {
    /// HTTP Basic (RFC 7617).
    HttpBasic,
    /// HTTP Digest (RFC 7616).
    HttpDigest,
    /// An HTML form with a password field.
    HttpForm,
    /// A JSON login request.
    HttpJson,
    /// A bearer token (RFC 6750) or an API key.
    HttpBearer,
    /// SSH password or keyboard-interactive (RFC 4252, RFC 4256).
    SshPassword,
    /// SSH public key (RFC 4252).
    SshPublicKey,
    /// A login prompt over Telnet (RFC 854) or another line protocol.
    TelnetLogin,
    /// FTP USER and PASS (RFC 959).
    Ftp,
    /// MQTT user name and password.
    Mqtt,
    /// RTSP Basic or Digest (RFC 7826).
    Rtsp,
    /// SNMP v1 or v2c community.
    SnmpCommunity,
    /// A TLS client certificate (RFC 8446).
    TlsClientCertificate,
}

impl AuthScheme {
    /// Whether the scheme takes a password, PIN or another memorised secret.
    pub fn takes_password(self) -> bool {
        !matches!(self, AuthScheme::HttpBearer | AuthScheme::SshPublicKey | AuthScheme::TlsClientCertificate)
    }

    /// The word as dossiers and reports write it.
    pub fn as_str(self) -> &'static str {
        match self {
            AuthScheme::HttpBasic => "http-basic",
            AuthScheme::HttpDigest => "http-digest",
            AuthScheme::HttpForm => "http-form",
            AuthScheme::HttpJson => "http-json",
            AuthScheme::HttpBearer => "http-bearer",
            AuthScheme::SshPassword => "ssh-password",
            AuthScheme::SshPublicKey => "ssh-public-key",
            AuthScheme::TelnetLogin => "telnet-login",
            AuthScheme::Ftp => "ftp",
            AuthScheme::Mqtt => "mqtt",
            AuthScheme::Rtsp => "rtsp",
            AuthScheme::SnmpCommunity => "snmp-community",
            AuthScheme::TlsClientCertificate => "tls-client-certificate",
        }
    }
}

impl fmt::Display for AuthScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A version of SSL or TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TlsVersion {
    /// SSL 2.0.
    #[serde(rename = "ssl-2.0")]
    Ssl2,
    /// SSL 3.0 (RFC 6101).
    #[serde(rename = "ssl-3.0")]
    Ssl3,
    /// TLS 1.0 (RFC 2246).
    #[serde(rename = "tls-1.0")]
    Tls10,
    /// TLS 1.1 (RFC 4346).
    #[serde(rename = "tls-1.1")]
    Tls11,
    /// TLS 1.2 (RFC 5246).
    #[serde(rename = "tls-1.2")]
    Tls12,
    /// TLS 1.3 (RFC 8446).
    #[serde(rename = "tls-1.3")]
    Tls13,
}

impl TlsVersion {
    /// Every version, oldest first.
    pub const ALL: [TlsVersion; 6] = [
        TlsVersion::Ssl2,
        TlsVersion::Ssl3,
        TlsVersion::Tls10,
        TlsVersion::Tls11,
        TlsVersion::Tls12,
        TlsVersion::Tls13,
    ];

    /// The word as dossiers and reports write it: `tls-1.2`.
    pub fn as_str(self) -> &'static str {
        match self {
            TlsVersion::Ssl2 => "ssl-2.0",
            TlsVersion::Ssl3 => "ssl-3.0",
            TlsVersion::Tls10 => "tls-1.0",
            TlsVersion::Tls11 => "tls-1.1",
            TlsVersion::Tls12 => "tls-1.2",
            TlsVersion::Tls13 => "tls-1.3",
        }
    }
}

impl fmt::Display for TlsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What speaks at an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceFacts {
    /// Where.
    pub endpoint: Endpoint,
    /// Lower-case protocol name: `http`, `ssh`, `telnet`, `mqtt`, `unknown`.
    pub protocol: String,
    /// Whether it speaks inside TLS.
    pub tls: bool,
    /// Product name it gives away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Version it gives away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What it said first, bounded.
    #[serde(default)]
    pub banner: String,
}

/// Which credential a request carried. Secrets are never in a fact: only a label and a salted commitment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Credential {
    /// None at all.
    None,
    /// A wrong one, made up for the attempt.
    Wrong,
    /// The one that the bench says is valid for the named mechanism.
    Valid,
    /// A valid one of a subject with fewer rights.
    LowPrivilege,
    /// The pre-installed value that the bench read from this unit's label.
    DeclaredDefault,
    /// A well-known default, by its public name: `admin/admin`.
    WellKnown(String),
    /// A session that was valid until its subject logged out.
    Expired,
    /// A valid session that was changed; how, in a word: `first-half`, `second-half`, `jwt-unsigned`, `jwt-no-signature`,
    /// `jwt-claims`, `role-taken-over`.
    Altered(String),
}

/// One answer to an HTTP request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpAnswer {
    /// Where.
    pub endpoint: Endpoint,
    /// Whether inside TLS.
    pub tls: bool,
    /// Request method.
    pub method: String,
    /// Request path.
    pub path: String,
    /// Status code.
    pub status: u16,
    /// Whether the answer is the content itself rather than a login page, a redirect or a refusal.
    pub content: bool,
    /// Where a redirect leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Digest of the body, or over a salt and that digest.
    pub body: Digest,
    /// Whether the digest is over a salt and the body's digest, so that it tells nothing by itself.
    #[serde(default, skip_serializing_if = "is_not")]
    pub salted: bool,
    /// Selected response headers, lower-case names, bounded values.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

/// Whether a login with a credential succeeded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginOutcome {
    /// Where.
    pub endpoint: Endpoint,
    /// How the credential was given.
    pub scheme: AuthScheme,
    /// Path of the login, for HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Which credential.
    pub credential: Credential,
    /// Whether it was accepted, proven by what an accepted login can do and a refused one cannot.
    pub accepted: bool,
    /// How that was told, one line.
    pub told_by: String,
}

/// Facts of one certificate in a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateFacts {
    /// Where it was presented.
    pub endpoint: Endpoint,
    /// Position in the chain; 0 is the leaf.
    pub index: u16,
    /// SHA-256 of the DER bytes.
    pub fingerprint: Digest,
    /// Subject as one line.
    pub subject: String,
    /// Issuer as one line.
    pub issuer: String,
    /// Subject alternative names.
    #[serde(default)]
    pub names: Vec<String>,
    /// Start of validity.
    pub not_before: Timestamp,
    /// End of validity.
    pub not_after: Timestamp,
    /// Key algorithm: `rsa`, `ec-p256`, `ed25519`.
    pub key: String,
    /// Key size in bits.
    pub key_bits: u32,
    /// Signature algorithm name.
    pub signature: String,
    /// Whether subject and issuer are the same name.
    pub self_issued: bool,
    /// Whether it may issue certificates.
    pub authority: bool,
}

/// Whether a subject could use a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Where.
    pub endpoint: Endpoint,
    /// The function as the plan names it: `GET /api/v1/config`.
    pub function: String,
    /// Which credential.
    pub credential: Credential,
    /// Whether the function was performed.
    pub granted: bool,
    /// Whether the answer tells neither that it was performed nor that the subject was turned away.
    #[serde(default, skip_serializing_if = "is_not")]
    pub unclear: bool,
    /// How that was told, one line: `401`, `200 with 312 bytes`.
    pub told_by: String,
    /// What named it, where it was found and not declared: `page`, `description`, `recording`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

/// A published page as an anonymous reader gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageFacts {
    /// The address as published.
    pub url: String,
    /// The address after redirects.
    pub final_url: String,
    /// Final status code.
    pub status: u16,
    /// Whether the content itself came without registration or login.
    pub free: bool,
    /// Title, bounded.
    #[serde(default)]
    pub title: String,
    /// Digest of the body, kept as an artefact.
    pub body: Digest,
    /// Each text looked for, and whether the page holds it.
    #[serde(default)]
    pub found: BTreeMap<String, bool>,
}

/// One thing seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "kebab-case")]
pub enum Fact {
    /// A port's answer. Closed ports are covered by [`crate::Coverage`], not listed.
    Port {
        /// Where.
        endpoint: Endpoint,
        /// What it did.
        state: PortState,
        /// Whether it answered in the same way while the product was off: then it is not the product's.
        #[serde(default)]
        background: bool,
    },
    /// What speaks at an endpoint.
    Service(ServiceFacts),
    /// Something at an endpoint asks for a credential.
    AuthPrompt {
        /// Where.
        endpoint: Endpoint,
        /// How it asks.
        scheme: AuthScheme,
        /// Path, for HTTP.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        path: Option<String>,
        /// What it calls itself, bounded.
        #[serde(default)]
        prompt: String,
    },
    /// Information given away without authentication.
    Disclosure {
        /// Where.
        endpoint: Endpoint,
        /// Which kind: `model`, `serial`, `mac`, `version`, `build`, `product`, `ssid`, `user-name`, `key`, `configuration`, `credential`.
        kind: String,
        /// What gave it away: a path, `banner`, `dns-sd`.
        source: String,
        /// The text, bounded; what is secret or personal in it is private, and withheld in a record.
        excerpt: String,
    },
    /// An HTTP answer.
    Http(HttpAnswer),
    /// A login attempt.
    Login(LoginOutcome),
    /// A bounded run of wrong guesses.
    Guessing(Guessing),
    /// Whether a TLS version is accepted.
    TlsVersion {
        /// Where.
        endpoint: Endpoint,
        /// Which.
        version: TlsVersion,
        /// Whether a ServerHello of that version came back.
        accepted: bool,
    },
    /// A cipher suite that was selected when offered.
    TlsSuite {
        /// Where.
        endpoint: Endpoint,
        /// In which version.
        version: TlsVersion,
        /// IANA value.
        id: u16,
        /// IANA name.
        name: String,
        /// Preference of the server, 0 first; none where it follows the client.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rank: Option<u16>,
    },
    /// Cipher suites that were offered, and never selected; only where another tool's output says so.
    TlsSuitesRefused {
        /// Where.
        endpoint: Endpoint,
        /// In which version, which was accepted with other suites.
        version: TlsVersion,
        /// IANA values, ascending.
        ids: Vec<u16>,
    },
    /// A key exchange group that was selected when offered.
    TlsGroup {
        /// Where.
        endpoint: Endpoint,
        /// In which version.
        version: TlsVersion,
        /// IANA name, or `ffdhe <bits>` for explicit parameters.
        name: String,
        /// Preference of the server, 0 first; none where it follows the client, or where that was not told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rank: Option<u16>,
    },
    /// A property of a TLS server beside its algorithms, or a signature scheme it signs with.
    TlsTrait {
        /// Where.
        endpoint: Endpoint,
        /// In which version.
        version: TlsVersion,
        /// Which: `signature`, `compression`, `secure-renegotiation`, …
        name: String,
        /// How it is: a scheme by its IANA name, `deflate`, `missing`, …
        value: String,
    },
    /// A host key that an SSH server showed; one whose signature was verified and is wrong is nobody's and not here.
    SshHostKey {
        /// Where.
        endpoint: Endpoint,
        /// Its kind: `ssh-rsa`, `ssh-ed25519`.
        algorithm: String,
        /// Its size in bits; 0 where it cannot be told.
        bits: u32,
        /// Its SHA-256 fingerprint as OpenSSH prints it.
        fingerprint: String,
    },
    /// What an SSH server did where a client asked for a Diffie-Hellman group of a size (RFC 4419).
    SshGroup {
        /// Where.
        endpoint: Endpoint,
        /// The size asked for, in bits; no smaller one was taken.
        asked: u32,
        /// The largest size that was taken, in bits.
        most: u32,
        /// The size of the modulus that it gave; none where it refused.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bits: Option<u32>,
    },
    /// A certificate.
    Certificate(CertificateFacts),
    /// SSH algorithm lists that the server offers (RFC 4253, 7.1).
    SshOffer {
        /// Where.
        endpoint: Endpoint,
        /// Key exchange, host key, encryption, MAC, compression: by list name.
        lists: BTreeMap<String, Vec<String>>,
    },
    /// A published page.
    Page(PageFacts),
    /// A function tried with a credential.
    Access(Access),
    /// What an audit of a batch of passwords found.
    BatchAudit(BatchAudit),
    /// How a mechanism holds its sessions.
    Session(SessionFacts),
    /// A credential was changed, and what became of the old and the new one.
    CredentialChange(CredentialChange),
    /// Unexpected input and what it did.
    Input {
        /// Where.
        endpoint: Endpoint,
        /// The input field or route.
        target: String,
        /// What was wrong with the input: `oversize`, `wrong-type`, `command-canary`.
        violation: String,
        /// `rejected`, `ignored`, `accepted` (taken beyond what is described), `error` (internals shown, 5xx, or a wrong
        /// value stored), `crash` (service lost), `effect` (the canary took effect), `unclear`.
        result: String,
        /// How that was told, one line.
        told_by: String,
        /// The smallest request that was found to do the same, for a finding.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reproduction: String,
    },
    /// A conversation in a capture.
    Conversation(Conversation),
    /// Something readable in a capture.
    ClearContent(ClearContent),
    /// How the product tried to come back to a peer that was away.
    Reconnection(Reconnection),
    /// What a client did with a server that was not the one it meant.
    ClientCheck(ClientCheck),
    /// Whether a client showed a certificate of its own where it was asked for one.
    ClientCertificate(ClientCertificate),
    /// A proof of the DUT's identity.
    Identity {
        /// How: `tls-certificate`, `http-text`, `mac`.
        means: String,
        /// What the bench expects, bounded.
        expected: String,
        /// What was seen, bounded.
        seen: String,
        /// Whether they agree.
        agrees: bool,
        /// The firmware's version, where this proof reads it; bounded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        firmware: Option<String>,
    },
}

impl Fact {
    /// The endpoint that the fact speaks of, if it speaks of one.
    pub fn endpoint(&self) -> Option<&Endpoint> {
        match self {
            Fact::Port { endpoint, .. }
            | Fact::AuthPrompt { endpoint, .. }
            | Fact::Disclosure { endpoint, .. }
            | Fact::TlsVersion { endpoint, .. }
            | Fact::TlsSuite { endpoint, .. }
            | Fact::TlsSuitesRefused { endpoint, .. }
            | Fact::TlsGroup { endpoint, .. }
            | Fact::TlsTrait { endpoint, .. }
            | Fact::SshHostKey { endpoint, .. }
            | Fact::SshOffer { endpoint, .. }
            | Fact::SshGroup { endpoint, .. }
            | Fact::Input { endpoint, .. } => Some(endpoint),
            Fact::Service(f) => Some(&f.endpoint),
            Fact::Http(f) => Some(&f.endpoint),
            Fact::Login(f) => Some(&f.endpoint),
            Fact::Guessing(f) => Some(&f.endpoint),
            Fact::Certificate(f) => Some(&f.endpoint),
            Fact::Access(f) => Some(&f.endpoint),
            Fact::Session(f) => Some(&f.endpoint),
            Fact::CredentialChange(f) => Some(&f.endpoint),
            Fact::Conversation(f) => Some(&f.server),
            Fact::ClearContent(f) => Some(&f.server),
            Fact::Reconnection(f) => Some(&f.server),
            Fact::ClientCheck(f) => Some(&f.endpoint),
            Fact::ClientCertificate(f) => Some(&f.endpoint),
            Fact::Page(_) | Fact::BatchAudit(_) | Fact::Identity { .. } => None,
        }
    }
}
