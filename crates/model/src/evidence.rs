//! What a probe leaves behind: a reading, and the observation it becomes once the use case has stamped it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Digest, Endpoint, Fact, Place, Timestamp};

/// How far a measurement reaches into the product. Ordered: each step includes the harm of those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Touches {
    /// Reads what is already kept: files, captures, another tool's output.
    Nothing,
    /// Listens, or reads a public page that is no part of the product.
    Passive,
    /// Sends well-formed requests that change nothing.
    Active,
    /// Tries credentials or malformed input; may trip a lockout or an error path.
    Intrusive,
    /// May change or break state that has to be restored by hand.
    Destructive,
}

impl Touches {
    /// The word as a bench file and a plan write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Touches::Nothing => "nothing",
            Touches::Passive => "passive",
            Touches::Active => "active",
            Touches::Intrusive => "intrusive",
            Touches::Destructive => "destructive",
        }
    }
}

impl fmt::Display for Touches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a probe looked at, whether or not it found anything there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// What was looked for, in the probe's own vocabulary: `tcp-ports`, `udp-services`, `http-routes`.
    pub of: String,
    /// The endpoint, where the coverage is of one endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
    /// Inclusive port ranges, where ports were looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<(u16, u16)>,
    /// One line for a reader: `tcp 1-65535 at 192.0.2.7 from lan`.
    pub text: String,
}

impl Coverage {
    /// Whether a port lies in the ranges looked at.
    pub fn has_port(&self, port: u16) -> bool {
        self.ports.iter().any(|(low, high)| (*low..=*high).contains(&port))
    }
}

/// Why something that should have been looked at was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShortfallKind {
    /// No answer within the time allowed.
    Silence,
    /// The peer closed or refused where an answer was needed.
    Refused,
    /// An answer came that could not be read.
    Unreadable,
    /// A limit of the operator stopped the measurement.
    Limit,
    /// The bench lacks something: a privilege, an address, a credential, consent.
    Missing,
    /// The probe does not know how to look there.
    Unsupported,
    /// Changed state could not be shown to be restored.
    NotRestored,
}

/// Something that should have been looked at and was not. Part of the record, never silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortfall {
    /// Why.
    pub kind: ShortfallKind,
    /// What was to be looked at, in the vocabulary of [`Coverage::of`].
    pub of: String,
    /// The endpoint concerned, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
    /// One line for a reader.
    pub text: String,
}

/// What a probe's `interpret` returns: always three parts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// What was seen.
    pub facts: Vec<Fact>,
    /// What was looked at.
    pub coverage: Vec<Coverage>,
    /// What should have been looked at and was not.
    pub shortfalls: Vec<Shortfall>,
}

/// Which probe ran, with what, and from where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeRun {
    /// The probe's id: `net.tcp-ports`.
    pub probe: String,
    /// The probe's revision.
    pub revision: u32,
    /// Parameters as the operator's plan gave them, as JSON text values.
    #[serde(default)]
    pub parameters: std::collections::BTreeMap<String, String>,
    /// The target's name in the bench file: `dut`, or the id of an associated service.
    pub target: String,
    /// From where it was measured.
    pub place: Place,
}

/// Which product was in front of the bench.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DutIdentity {
    /// Model designation as declared.
    pub model: String,
    /// Release under assessment as declared.
    pub release: String,
    /// How the identity was proven, one line each; empty when it was not.
    #[serde(default)]
    pub proofs: Vec<String>,
}

/// A reading with everything an auditor asks about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Which probe, with what, from where.
    pub run: ProbeRun,
    /// Which product.
    pub dut: DutIdentity,
    /// When the measurement began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// The version of the program that measured.
    pub tool: String,
    /// The raw material that `interpret` read, by digest, so that anyone can read it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<Digest>,
    /// What was seen, looked at and missed.
    pub reading: Reading,
}

/// A file kept as evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artefact {
    /// Digest of its bytes.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// Its kind: photo, screenshot, log, capture, document, value, report, sample.
    pub kind: String,
    /// The name it came with; hostile text, shown only after sanitising.
    pub name: String,
}
