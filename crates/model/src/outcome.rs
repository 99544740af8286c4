//! What a unit instance, a case, a group or a provision can come out as.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The result of a unit instance and of everything folded from unit instances.
///
/// Invariant: nothing turns [`Outcome::Open`] or [`Outcome::Inconclusive`] into [`Outcome::Pass`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The criterion holds, on evidence.
    Pass,
    /// The criterion is broken, on evidence.
    Fail,
    /// Looked at, and what was seen does not decide it.
    Inconclusive,
    /// Not looked at yet.
    Open,
    /// Does not apply to this product, for a reason computed from the declared features and conditions.
    NotApplicable,
}

impl Outcome {
    /// Every outcome, in the order reports list them.
    pub const ALL: [Outcome; 5] =
        [Outcome::Fail, Outcome::Inconclusive, Outcome::Open, Outcome::Pass, Outcome::NotApplicable];

    /// The word as tables print it.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Pass => "pass",
            Outcome::Fail => "fail",
            Outcome::Inconclusive => "inconclusive",
            Outcome::Open => "open",
            Outcome::NotApplicable => "not applicable",
        }
    }

    /// Whether the outcome settles the question.
    pub fn is_decided(self) -> bool {
        matches!(self, Outcome::Pass | Outcome::Fail | Outcome::NotApplicable)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How sure the catalogue is that a fact stands so in the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Derived where the reading decides the verdict; treat as needing a person's decision.
    Low,
    /// Derived from the units of the edition.
    Medium,
    /// Read in the text of the edition, or unchanged from one that was read.
    High,
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        })
    }
}

/// Who or what can settle a unit. Our judgement, not a fact of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Code, from the declarations alone.
    Rule,
    /// A person, from documents.
    Judgement,
    /// A measurement, judged by code.
    Probe,
    /// A person, helped by measurements.
    Assisted,
    /// A person at the bench.
    Manual,
}

impl Method {
    /// Every method, the most automatic first.
    pub const ALL: [Method; 5] =
        [Method::Rule, Method::Probe, Method::Assisted, Method::Judgement, Method::Manual];

    /// The word as tables print it.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Rule => "rule",
            Method::Judgement => "judgement",
            Method::Probe => "probe",
            Method::Assisted => "assisted",
            Method::Manual => "manual",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
