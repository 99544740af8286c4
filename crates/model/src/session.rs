//! What logging in, logging out and changing a credential showed of a mechanism, beside the credential itself.
//!
//! Identifiers of sessions are secrets: a fact says their form, never one of them.

use serde::{Deserialize, Serialize};

use crate::evidence::is_not;
use crate::{AuthScheme, Endpoint};

/// How a mechanism holds the sessions that it opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionFacts {
    /// Where.
    pub endpoint: Endpoint,
    /// How the credential is given.
    pub scheme: AuthScheme,
    /// Path of the login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// How many sessions were opened, one after the other.
    pub sample: u32,
    /// What a session is shown by.
    pub carriers: Vec<SessionCarrier>,
    /// Whether a session was refused after its subject had logged out; none where that was not seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_on_logout: Option<bool>,
    /// How the end was told, one line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub told_by: String,
}

/// A cookie or a token by which a session is known again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionCarrier {
    /// Name of the cookie; `bearer` for a token.
    pub name: String,
    /// Whether it is a cookie; only a cookie has attributes.
    pub cookie: bool,
    /// `Secure` (RFC 6265, 4.1.2.5).
    #[serde(default, skip_serializing_if = "is_not")]
    pub secure: bool,
    /// `HttpOnly` (RFC 6265, 4.1.2.6).
    #[serde(default, skip_serializing_if = "is_not")]
    pub http_only: bool,
    /// `SameSite`, in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_site: Option<String>,
    /// The most bits that can differ from session to session, by length and signs of what was seen to differ. An upper
    /// bound: how they are drawn is not seen.
    pub bits_at_most: u32,
    /// What can be foretold of the next value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<SessionPattern>,
    /// Whether a request that shows this one alone is let in; none where no guarded request is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alone: Option<bool>,
}

/// What a sample of session identifiers has in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionPattern {
    /// The same value for every session.
    Constant,
    /// A value came twice.
    Repeated,
    /// Numbers that grow by small steps.
    Counted,
}

/// What came of changing a credential, at one place that takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialChange {
    /// Where.
    pub endpoint: Endpoint,
    /// How the credential is given there.
    pub scheme: AuthScheme,
    /// Path, for HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The request that changed it, which may belong to another mechanism with the same credential.
    pub request: String,
    /// What the product said to that request.
    pub answered: ChangeAnswer,
    /// Whether the new value was taken here; none where that was not seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_accepted: Option<bool>,
    /// Whether the old value was still taken here; none where that was not seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_accepted: Option<bool>,
    /// Whether another session of the same account had ended; none where there is none, or where it was not seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions_ended: Option<bool>,
    /// How that was told, one line.
    pub told_by: String,
}

/// What a product said to the request for a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeAnswer {
    /// That it was done.
    Done,
    /// That there is no such function.
    NotThere,
    /// That it is not done; the new value may not be to its liking.
    Refused,
}
