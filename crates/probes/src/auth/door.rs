//! A place that takes a credential, and one knock at it.
//!
//! A knock says what the door did with the credential; what that means for the product is not its business.

use model::{AuthScheme, Endpoint, ShortfallKind};
use serde::{Deserialize, Serialize};

use super::{line_door, web_door};
use crate::http::exchange::Server;
use crate::{Bench, Secret};

/// A place that takes a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Door {
    /// Where.
    pub endpoint: Endpoint,
    /// Whether inside TLS.
    #[serde(default)]
    pub tls: bool,
    /// Host name for TLS and HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// How it takes a credential.
    pub scheme: AuthScheme,
    /// Path, for HTTP and RTSP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl Door {
    /// One name for the allowance of wrong credentials.
    pub fn name(&self) -> String {
        format!("{} {} {}", self.endpoint, self.scheme, self.path.as_deref().unwrap_or(""))
    }

    pub(super) fn server(&self) -> Server {
        Server { endpoint: self.endpoint, tls: self.tls, host: self.host.clone() }
    }

    pub(super) fn path_or_root(&self) -> &str {
        self.path.as_deref().filter(|p| p.starts_with('/')).unwrap_or("/")
    }
}

/// What a door did with a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Knock {
    /// Took it, shown by what a refused login cannot do.
    Accepted(String),
    /// Evaluated it and refused.
    Rejected(String),
    /// Did not evaluate it: locked or throttled.
    Blocked {
        /// How it said so.
        told_by: String,
        /// For how long it says, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        millis: Option<u64>,
    },
    /// Did something from which nothing can be told.
    Unclear(String),
    /// Did not answer.
    NoAnswer {
        /// Why.
        kind: ShortfallKind,
        /// One line.
        told_by: String,
    },
}

impl Knock {
    /// One line on how it was told.
    pub fn told_by(&self) -> &str {
        match self {
            Knock::Accepted(text) | Knock::Rejected(text) | Knock::Unclear(text) => text,
            Knock::Blocked { told_by, .. } | Knock::NoAnswer { told_by, .. } => told_by,
        }
    }
}

/// How a door answers a credential that is surely wrong; logins are told apart from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// What came of the wrong credential.
    pub knock: Knock,
    /// Status and shape of the answer, for HTTP.
    #[serde(default)]
    pub shape: String,
}

/// Tries a credential that nobody has, to know what a refusal looks like.
pub(super) fn control(door: &Door, user: &str, bench: &mut dyn Bench) -> Control {
    let wrong = wrong_secret(bench);
    match door.scheme {
        AuthScheme::HttpForm | AuthScheme::HttpJson => web_door::control(door, user, &wrong, bench),
        _ => Control { knock: knock(door, user, &wrong, None, bench), shape: String::new() },
    }
}

/// Tries one credential on connections of its own.
pub(super) fn knock(
    door: &Door,
    user: &str,
    secret: &Secret,
    control: Option<&Control>,
    bench: &mut dyn Bench,
) -> Knock {
    match door.scheme {
        AuthScheme::HttpBasic => web_door::basic(door, user, secret, bench),
        AuthScheme::HttpDigest => web_door::digest(door, user, secret, bench),
        AuthScheme::HttpForm | AuthScheme::HttpJson => web_door::submitted(door, user, secret, control, bench),
        AuthScheme::Rtsp => line_door::rtsp(door, user, secret, bench),
        AuthScheme::SshPassword => line_door::ssh(door, user, secret, bench),
        AuthScheme::TelnetLogin => line_door::telnet(door, user, secret, bench),
        AuthScheme::Ftp => line_door::ftp(door, user, secret, bench),
        AuthScheme::Mqtt => line_door::mqtt(door, user, secret, bench),
        AuthScheme::SnmpCommunity => line_door::snmp(door, secret, bench),
        AuthScheme::HttpBearer | AuthScheme::SshPublicKey | AuthScheme::TlsClientCertificate => Knock::NoAnswer {
            kind: ShortfallKind::Unsupported,
            told_by: format!("{} takes no password", door.scheme),
        },
    }
}

/// A password that nobody has: 96 random bits.
pub(super) fn wrong_secret(bench: &mut dyn Bench) -> Secret {
    let mut random = [0; 12];
    bench.random(&mut random);
    Secret::new(format!("not-{}", hex::encode(random)))
}
