//! What an audit of a manufacturing batch of passwords found, without any value of it.

use serde::{Deserialize, Serialize};

use crate::Digest;

/// An audit of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchAudit {
    /// The entry of 1-AuthMech whose values they are, as the person who audited says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mechanism: Option<String>,
    /// SHA-256 of the file with the batch, which is kept nowhere.
    pub batch: Digest,
    /// Units in it.
    pub units: u64,
    /// Shortest value, in characters.
    pub shortest: u32,
    /// Different characters in all values together.
    pub alphabet: u32,
    /// What is no chance.
    #[serde(default)]
    pub findings: Vec<BatchFinding>,
}

/// One thing in a batch that is no chance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchFinding {
    /// Which kind: `duplicate`, `counter`, `word`, `derivation`, `bias`.
    pub kind: String,
    /// What it is, one line without a value of the batch.
    pub text: String,
    /// How many units it explains.
    pub count: u64,
}
