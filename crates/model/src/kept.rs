//! A file that a named person kept as evidence by itself, with everything an auditor asks about it.

use serde::{Deserialize, Serialize};

use crate::{Artefact, Digest, DutIdentity, Level, Period, Place, Timestamp};

/// The record of a file kept as evidence by itself. It settles nothing: a statement that cites it may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptArtefact {
    /// The file.
    #[serde(flatten)]
    pub artefact: Artefact,
    /// What it is about: unit instances (`5.2-1-1a@UserInfo`), entries, provisions; none when it is about the whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<String>,
    /// The release it speaks of.
    pub release: String,
    /// Name of the person who kept it.
    pub person: String,
    /// In which role.
    pub role: String,
    /// When it was handed over.
    pub kept: Timestamp,
    /// When what it shows was true.
    pub effective: Period,
    /// How far it can be checked without trusting the person.
    pub level: Level,
    /// Until when the policy in force then lets it count; none when the policy sets no age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    /// Which product it shows, as far as the dossier and the bench say.
    pub dut: DutIdentity,
    /// From where in the network it was taken, where that matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What the person says about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub remark: String,
    /// The version of the program that recorded it.
    pub tool: String,
    /// The private blob that opens what the texts of this record withhold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub openings: Option<Digest>,
}
