//! What is asked for, and what an answer hands over.

use std::fmt;

use model::{Period, Timestamp};
use serde::{Deserialize, Serialize};

use crate::TaskId;

/// What is needed, from whom and by when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// What kind of evidence: a kind of artefact, or `observation` for what a probe measures.
    pub kind: String,
    /// What it has to show.
    pub scope: String,
    /// For which time that has to have been true, where that matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// For what: unit instances (`5.1-2-1c@AuthMech-Web`), entries, provisions; none for the whole product.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<String>,
    /// When it is accepted, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub criterion: Vec<String>,
    /// From whom: a person, an organization.
    pub of: String,
    /// By when.
    pub due: Timestamp,
    /// The task that waits for it, where it was made from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskId>,
}

/// One piece of what an answer hands over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Evidence {
    /// A file that was kept.
    Upload {
        /// Position of its record.
        record: u64,
    },
    /// Something that is elsewhere: an address, the number of a document.
    Reference {
        /// Where.
        text: String,
    },
    /// What a probe measured.
    Observation {
        /// Position of its record.
        record: u64,
    },
}

/// The name of a request: `R-7`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(String);

impl RequestId {
    /// The name of the request with a number.
    pub fn of(number: u32) -> Self {
        Self(format!("R-{number}"))
    }

    /// A name that somebody typed; whether there is such a request is for [`crate::requests::Requests`] to say.
    pub fn from_text(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
