//! A place that takes a credential, and one knock at it.
//!
//! A knock says what the door did with the credential; what that means for the product is not its business.

use model::{AuthScheme, Endpoint, ShortfallKind};
use serde::{Deserialize, Serialize};

use super::{line_door, session, web_door};
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
    /// Let in without asking for a credential.
    Open(String),
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
            Knock::Open(text) | Knock::Accepted(text) | Knock::Rejected(text) | Knock::Unclear(text) => text,
            Knock::Blocked { told_by, .. } | Knock::NoAnswer { told_by, .. } => told_by,
        }
    }

    /// For how long it says to block, in milliseconds.
    pub(super) fn block_millis(&self) -> Option<u64> {
        match self {
            Knock::Blocked { millis, .. } => *millis,
            _ => None,
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

impl Control {
    /// Nothing was tried.
    pub(super) fn none() -> Self {
        Self { knock: Knock::Unclear("not tried".to_owned()), shape: String::new() }
    }

    pub(super) fn is_rejected(&self) -> bool {
        matches!(self.knock, Knock::Rejected(_))
    }

    /// A right credential was answered in another way: then this answer is the refusal.
    pub(super) fn is_now_told_apart(&mut self) {
        if let Knock::Unclear(told_by) = &self.knock {
            self.knock = Knock::Rejected(format!("{told_by}, unlike the right credential"));
        }
    }
}

/// A credential to try.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guess<'a> {
    pub(super) user: &'a str,
    pub(super) secret: &'a Secret,
    /// Whether the secret belongs to somebody and has to stay out of the record. What everybody knows, and what
    /// nobody has, may stand there.
    pub(super) hidden: bool,
    /// From whom it claims to come by way of a proxy, over HTTP alone.
    pub(super) forwarded: Option<&'a str>,
}

impl Guess<'_> {
    /// A request with the claim of having been forwarded, where the guess makes one (RFC 7239, and what came before it).
    pub(super) fn claim(&self, request: wire::http::Request) -> wire::http::Request {
        match self.forwarded {
            None => request,
            Some(from) => request
                .header("X-Forwarded-For", from)
                .header("X-Real-IP", from)
                .header("Forwarded", &format!("for={from}")),
        }
    }

    /// What an exchange has to hide: these values, or nothing.
    pub(super) fn hide<'v>(&self, values: &'v [&'v str]) -> &'v [&'v str] {
        if self.hidden { values } else { &[] }
    }
}

/// Tries a credential that nobody has, to know what a refusal looks like.
pub(super) fn control(door: &Door, user: &str, bench: &mut dyn Bench) -> Control {
    let wrong = wrong_secret(bench);
    let guess = Guess { user, secret: &wrong, hidden: false, forwarded: None };
    match door.scheme {
        AuthScheme::HttpForm | AuthScheme::HttpJson => web_door::control(door, guess, bench),
        AuthScheme::HttpBasic => {
            let knock = web_door::asks_for_basic(door, bench)
                .map_or_else(|knock| knock, |()| session::alone(door, guess, &Control::none(), bench));
            Control { knock, shape: String::new() }
        }
        _ => Control { knock: knock(door, guess, &Control::none(), bench), shape: String::new() },
    }
}

/// Tries one credential on connections of its own.
pub(super) fn knock(door: &Door, guess: Guess<'_>, control: &Control, bench: &mut dyn Bench) -> Knock {
    match door.scheme {
        AuthScheme::SnmpCommunity => {
            let silence =
                || Knock::NoAnswer { kind: ShortfallKind::Silence, told_by: "no answer in time".to_owned() };
            line_door::snmp::knock(door, &[guess], bench).pop().unwrap_or_else(silence)
        }
        _ => session::alone(door, guess, control, bench),
    }
}

/// As [`knock`], and takes an acceptance back that cannot be told from a block: where it shows only in the shape of a
/// page, a wrong credential has to be answered as before, right after it.
pub(super) fn proved_knock(door: &Door, guess: Guess<'_>, control: &Control, bench: &mut dyn Bench) -> Knock {
    let first = knock(door, guess, control, bench);
    let by_shape = matches!(door.scheme, AuthScheme::HttpForm | AuthScheme::HttpJson);
    if !by_shape || !matches!(first, Knock::Accepted(_)) {
        return first;
    }
    if !bench.attempt(&door.name()) {
        return Knock::Unclear(format!("{}; no attempt was left to verify it", first.told_by()));
    }
    let wrong = wrong_secret(bench);
    match knock(door, Guess { user: guess.user, secret: &wrong, hidden: false, forwarded: None }, control, bench) {
        Knock::Rejected(_) | Knock::Unclear(_) => first,
        other => Knock::Unclear(format!("{}; a wrong one then: {}", first.told_by(), other.told_by())),
    }
}

/// A password that nobody has: 96 random bits.
pub(super) fn wrong_secret(bench: &mut dyn Bench) -> Secret {
    let mut random = [0; 12];
    bench.random(&mut random);
    Secret::new(format!("not-{}", hex::encode(random)))
}
