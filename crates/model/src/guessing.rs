//! What a bounded run of wrong guesses at a login showed, guess by guess.
//!
//! Whether that meets what is declared is a rule's business; the times are kept so that it can be weighed.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{AuthScheme, Endpoint};

/// How a mechanism behaved under a bounded run of wrong guesses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guessing {
    /// Where.
    pub endpoint: Endpoint,
    /// How credentials were given.
    pub scheme: AuthScheme,
    /// Path of the login, for HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Wrong attempts that were evaluated by the mechanism (answered as wrong, not as locked).
    pub evaluated: u32,
    /// Attempts made in all.
    pub attempts: u32,
    /// Duration of the run in milliseconds.
    pub millis: u64,
    /// After how many wrong attempts it stopped evaluating (locked, throttled, disconnected for good); none if it never did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_after: Option<u32>,
    /// For how long it says, or was seen, to stay blocked, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_millis: Option<u64>,
    /// Sessions in which guesses were given at the same time, at most; 1 for a run of one after the other.
    pub parallel: u32,
    /// Evaluated guesses per hour, rounded up; an upper bound where the run ended blocked. Opening the sessions counts.
    pub guesses_per_hour: u64,
    /// How the block showed, one line.
    #[serde(default)]
    pub told_by: String,
    /// Whom a block met; none where nothing showed it. A count for each connection alone shows as no block at all: every
    /// guess has a connection of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block_reaches: Option<Reach>,
    /// Whether another account of the same login was let in between the guesses.
    #[serde(default, skip_serializing_if = "is_no")]
    pub around_another_login: bool,
    /// What other doors for the same credential did while this one was blocked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub across: Vec<Across>,
    /// What came of a second source address of the bench while the first one was blocked; none where that was not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<Elsewhere>,
    /// Every credential given, in the order in which they were begun; empty in records that kept no times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tries: Vec<Tried>,
}

/// One credential given at a login during a run of guesses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// When it was begun, in milliseconds since the measurement of this login began.
    pub began: u64,
    /// When it had been answered, likewise. It was evaluated, if it was, between the two.
    pub ended: u64,
    /// In which of several sessions, counted from 1, that were open at the same time; 0 for one after the other.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub session: u32,
    /// Whether it was the right credential; all others are values that nobody has.
    #[serde(default, skip_serializing_if = "is_no")]
    pub right: bool,
    /// Whether it was for another account; it is no guess at the one that is measured.
    #[serde(default, skip_serializing_if = "is_no")]
    pub other_account: bool,
    /// Whether it claimed to come from another address, by a header of proxies that nobody vouches for.
    #[serde(default, skip_serializing_if = "is_no")]
    pub forwarded: bool,
    /// Whether it came from a second address of the bench.
    #[serde(default, skip_serializing_if = "is_no")]
    pub second_source: bool,
    /// What the login did.
    pub did: Did,
    /// For how long it said to stay blocked from then on, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_millis: Option<u64>,
}

/// Another door, at which a wrong credential was tried while the one that is measured was blocked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Across {
    /// Where.
    pub endpoint: Endpoint,
    /// How the credential is given there.
    pub scheme: AuthScheme,
    /// Whether it was evaluated there; otherwise that door was blocked as well.
    pub evaluated: bool,
    /// How that was told, one line.
    pub told_by: String,
}

/// Credentials for the same account from a second source address, while the first one was blocked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elsewhere {
    /// The second address.
    pub source: IpAddr,
    /// Whether they were evaluated: then the block is that of one source; otherwise it met the second one as well.
    pub evaluated: bool,
    /// How that was told, one line.
    pub told_by: String,
}

/// Whom a block meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// The account: a credential for another one was evaluated meanwhile.
    Account,
    /// More than the account: one for another account was blocked as well, from the same address.
    Wider,
}

/// What a login did with a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Did {
    /// Took it.
    LetIn,
    /// Answered that it is wrong. A login that blocks without a word does the same.
    Refused,
    /// Said that it does not evaluate now.
    Blocked,
    /// Refused or ended the connection, after it had answered before.
    Closed,
    /// Nothing that can be told.
    Nothing,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_no(value: &bool) -> bool {
    !value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(value: &u32) -> bool {
    *value == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_kept_no_times_still_reads() {
        let kept = r#"{"endpoint":{"address":"192.0.2.7","transport":"tcp","port":80},"scheme":"http-json",
            "evaluated":6,"attempts":8,"millis":3256,"parallel":1,"guesses_per_hour":1200}"#;
        let run: Guessing = serde_json::from_str(kept).unwrap();
        assert_eq!((run.evaluated, run.tries), (6, Vec::new()));
    }

    #[test]
    fn a_try_is_written_in_a_few_words_and_reads_back() {
        let tried = Tried {
            began: 3,
            ended: 5,
            session: 0,
            right: false,
            other_account: false,
            forwarded: false,
            second_source: false,
            did: Did::Blocked,
            blocked_millis: Some(2000),
        };
        let text = serde_json::to_string(&tried).unwrap();
        assert_eq!(text, r#"{"began":3,"ended":5,"did":"blocked","blocked_millis":2000}"#);
        assert_eq!(serde_json::from_str::<Tried>(&text).unwrap(), tried);
    }
}
