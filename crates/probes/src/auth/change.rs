//! Whether changing a credential works: the new value opens, the old one does not any more, other sessions end.
//!
//! The credential is changed to a random value, and changed back. While the random value holds, the bench keeps it where
//! the operator finds it, so that a run that breaks off locks nobody out; without such a place nothing is changed.

mod reading;
mod run;

use model::{Reading, ShortfallKind, Touches};
use serde::{Deserialize, Serialize};

use super::door::{Control, Door, Knock};
use super::sessions::Guarded;
use crate::http::access::Login;
use crate::http::answer::Answer;
use crate::{Bench, Card, Need};

/// The card.
pub const CARD: Card = Card {
    id: "auth.change",
    revision: 1,
    asks: "When a credential is changed, does the new value open, is the old one refused, do other sessions end?",
    yields: &["credential-change"],
    touches: Touches::Destructive,
    needs: &[Need::Endpoints, Need::Requests, Need::Accounts],
};

/// What to change.
#[derive(Debug, Clone, Deserialize)]
pub struct Parameters {
    /// The credentials, each once.
    pub changes: Vec<Target>,
}

/// A credential that a request changes.
#[derive(Debug, Clone, Deserialize)]
pub struct Target {
    /// Who changes it, with the present value.
    pub login: Login,
    /// The request: `POST /api/v1/password`.
    pub request: String,
    /// Its body, with `{user}`, `{old}` and `{new}` in place of the values.
    pub body: String,
    /// A page that tells a session from none.
    #[serde(default)]
    pub guarded: Option<Guarded>,
    /// Other doors that take the same credential.
    #[serde(default)]
    pub also: Vec<Login>,
}

/// What came back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Log {
    /// One part per credential.
    pub changes: Vec<ChangeLog>,
}

/// Why something was not seen.
pub type Why = (ShortfallKind, String);

/// What became of one credential.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChangeLog {
    /// The door of its login.
    pub door: Door,
    /// The request.
    pub request: String,
    /// Why nothing was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_begun: Option<Why>,
    /// What was said to the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<Result<Answer, Why>>,
    /// Each door, its own one first.
    #[serde(default)]
    pub places: Vec<PlaceLog>,
    /// What the guarded page said to another session before and behind the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Result<(Answer, Answer), Why>>,
    /// Whether everything is as before, or why that is not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored: Option<Result<(), String>>,
}

/// What one door did with both values, after the change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PlaceLog {
    /// Which.
    pub door: Door,
    /// How it answers a surely wrong value.
    pub control: Control,
    /// What it did with the new one.
    pub new: Knock,
    /// What it did with the old one.
    pub old: Knock,
}

/// Changes each credential and changes it back.
pub fn gather(parameters: &Parameters, bench: &mut dyn Bench) -> Log {
    let of = parameters.changes.len() as u64;
    let mut changes = Vec::new();
    for (index, target) in parameters.changes.iter().enumerate() {
        bench.progress(index as u64, of);
        changes.push(run::change(target, bench));
    }
    Log { changes }
}

/// Reads a log.
pub fn interpret(log: &Log) -> Reading {
    reading::of(log)
}

#[cfg(test)]
mod tests;
