//! How a door behaves under a bounded run of wrong guesses, one after the other and side by side: speed, lockout, delay.
//!
//! Every guess is a random value nobody has. How long guessing a real value would take follows from these facts and
//! the declared value space, and is not computed here; nor is whether a lockout comes as early as declared.

mod around;
mod elsewhere;
mod reading;
mod run;
mod side_by_side;
mod side_reading;

use std::net::IpAddr;

use model::{Reading, Touches};
use serde::{Deserialize, Serialize};

use super::door::{Control, Door, Knock};
use crate::{Bench, Card, Need, Secret};

/// The card.
pub const CARD: Card = Card {
    id: "auth.guessing",
    revision: 5,
    asks: "After how many wrong guesses, and for how long, does this door stop evaluating, also over several sessions at once?",
    yields: &["guessing"],
    touches: Touches::Intrusive,
    needs: &[Need::Endpoints, Need::Accounts],
};

/// Where to guess, and how much.
#[derive(Debug, Clone, Deserialize)]
pub struct Parameters {
    /// The doors.
    pub doors: Vec<Target>,
    /// Wrong guesses per door in all; the operator's allowance may end the run earlier.
    #[serde(default = "twelve")]
    pub guesses: u32,
    /// Sessions that may be open at the same time; below 2 nothing is tried side by side.
    #[serde(default = "one")]
    pub parallel: u32,
    /// How long to wait, in seconds, for a block to end, so that its end is shown.
    #[serde(default)]
    pub recover_seconds: u32,
    /// Another address of this machine, to see whether a block meets who comes from there.
    #[serde(default)]
    pub second_source: Option<IpAddr>,
}

fn twelve() -> u32 {
    12
}

fn one() -> u32 {
    1
}

/// A door and whom to guess for.
#[derive(Debug, Clone, Deserialize)]
pub struct Target {
    /// The door.
    pub door: Door,
    /// A user that exists.
    pub user: String,
    /// A right secret, to show that the door opens at first, and whether it does at the end.
    #[serde(default)]
    pub secret: Option<Secret>,
    /// Another account of the same login, with a right secret.
    #[serde(default)]
    pub other: Option<Other>,
    /// Other doors that take the same credential.
    #[serde(default)]
    pub doors: Vec<Door>,
}

/// Another account.
#[derive(Debug, Clone, Deserialize)]
pub struct Other {
    /// Its name.
    pub user: String,
    /// Its secret.
    pub secret: Secret,
}

/// What came back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Log {
    /// One part per door.
    pub doors: Vec<DoorLog>,
}

/// What happened at one door. Every time is in milliseconds since the measurement of the door began.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DoorLog {
    /// Which.
    pub door: Door,
    /// Where the door was blocked at first: what was given until that block had ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Before>,
    /// How it answers a surely wrong credential; the first guess.
    pub control: Control,
    /// What came of the right secret before the guesses below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened: Option<Knock>,
    /// Each further guess: when it was answered, and what the door did.
    pub guesses: Vec<(u64, Knock)>,
    /// What came of a credential for another account while the door was blocked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<Timed>,
    /// What came of a credential that claimed another source, likewise; none in logs before revision 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forwarded: Option<Timed>,
    /// What came of a wrong credential at other doors for the same one, likewise, each beside what came of one before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub across: Vec<AcrossLog>,
    /// What came of credentials from a second source address, likewise; none where nothing blocked, and in logs before
    /// revision 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<Elsewhere>,
    /// How long the run took.
    pub millis: u64,
    /// The right secret right after the last guess, where that looked evaluated and the right secret is refused as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shut: Option<Timed>,
    /// What came of the right secret at the end, and after how long a wait in milliseconds: none where nothing showed
    /// a block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovered: Option<(u64, Knock)>,
    /// When each credential above was begun and answered; none in logs of revision 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spans: Option<Spans>,
    /// The guesses side by side, after all of the above; none in logs before revision 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub together: Option<Together>,
    /// Guesses with a login of another account in between, after all of the above; none in logs before revision 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub around: Option<Around>,
}

/// Another door while the one that is measured was blocked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AcrossLog {
    /// Which.
    pub door: Door,
    /// What it did with a wrong credential.
    pub timed: Timed,
}

/// Credentials from a second source address while the first one was blocked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Elsewhere {
    /// Why there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed: Option<Missed>,
    /// The address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<IpAddr>,
    /// A wrong one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wrong: Option<Timed>,
    /// The right one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<Timed>,
    /// A wrong one from the first address behind them, where the block did not say its length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Timed>,
}

/// Guesses with a login of another account in between.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Around {
    /// Why there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed: Option<Missed>,
    /// Wrong ones before it: one less than led to a block at first.
    pub before: Vec<Timed>,
    /// The login of the other account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<Timed>,
    /// Wrong ones behind it.
    pub after: Vec<Timed>,
    /// As [`DoorLog::recovered`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovered: Option<(u64, Timed)>,
}

/// From when until when something took, in milliseconds.
pub type Span = (u64, u64);

/// When the credentials of a [`DoorLog`] were begun and answered.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Spans {
    /// The control.
    pub control: Span,
    /// The right secret at the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened: Option<Span>,
    /// Each guess after the control.
    pub guesses: Vec<Span>,
    /// The right secret at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovered: Option<Span>,
}

/// A credential's time and what came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Timed {
    /// When it was begun and answered.
    pub span: Span,
    /// What the door did.
    pub knock: Knock,
}

/// A credential given before the control.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Before {
    /// Whether it was the right one.
    #[serde(default)]
    pub right: bool,
    /// When, and what came of it.
    pub timed: Timed,
}

/// Guesses over several sessions at the same time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Together {
    /// Round by round, without the right credential in between.
    pub rounds: Vec<Round>,
    /// Why there is no round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed: Option<Missed>,
    /// As [`DoorLog::shut`], after the last round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shut: Option<Timed>,
    /// As [`DoorLog::recovered`], after the last round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovered: Option<(u64, Timed)>,
}

/// Sessions that were opened first, then given a credential each, and then heard.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Round {
    /// From the first connection to the last answer.
    pub span: Span,
    /// The guesses, in the order in which they were given.
    pub given: Vec<Given>,
    /// Sessions that the door did not take beside the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_opened: Vec<Knock>,
}

/// A guess in one of several sessions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Given {
    /// Which session, counted from 1 over all rounds.
    pub session: u32,
    /// From just before the credential was sent until its answer was read, and what came of it.
    pub timed: Timed,
}

/// Why something was not measured.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Missed {
    /// The kind.
    pub kind: model::ShortfallKind,
    /// One line.
    pub told_by: String,
}

/// Guesses at each door until it blocks or the run is over.
pub fn gather(parameters: &Parameters, bench: &mut dyn Bench) -> Log {
    let of = parameters.doors.len() as u64;
    let mut doors = Vec::new();
    for (index, target) in parameters.doors.iter().enumerate() {
        bench.progress(index as u64, of);
        doors.push(run::at_door(target, parameters, bench));
    }
    Log { doors }
}

/// Reads a log.
pub fn interpret(log: &Log) -> Reading {
    reading::of(log)
}

#[cfg(test)]
mod tests;
