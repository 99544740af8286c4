//! What happens to requests, as the ledger keeps it.

use model::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Ask, Evidence, RequestId};

/// One thing that happened to one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// Somebody asked.
    Asked {
        /// Its number; the next that is free.
        number: u32,
        /// For what.
        ask: Ask,
        /// Digest of the secret in its link, where it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        link: Option<Digest>,
        /// Who asked.
        by: String,
    },
    /// It has another link from now on, or none; an earlier one opens nothing any more.
    Linked {
        /// The request.
        request: RequestId,
        /// Digest of the secret in the new link.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        link: Option<Digest>,
        /// Who said so.
        by: String,
    },
    /// Somebody answered.
    Answered {
        /// The request.
        request: RequestId,
        /// What was handed over.
        with: Vec<Evidence>,
        /// What they say about it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        remark: String,
        /// Who answered.
        by: String,
        /// In which role or for which organization.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        role: String,
    },
    /// The answer is what was asked for.
    Accepted {
        /// The request.
        request: RequestId,
        /// Which answer, from 1: the last one, or somebody decided on what they had not seen.
        answer: usize,
        /// What is said about it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        remark: String,
        /// Who accepted it.
        by: String,
    },
    /// The answer is not what was asked for.
    Returned {
        /// The request.
        request: RequestId,
        /// Which answer, from 1.
        answer: usize,
        /// What is missing or wrong.
        because: String,
        /// Who returned it.
        by: String,
    },
    /// It is needed no longer.
    Withdrawn {
        /// The request.
        request: RequestId,
        /// Why.
        because: String,
        /// Who withdrew it.
        by: String,
    },
}

/// What happened at one moment: one record of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Events {
    /// When.
    pub at: Timestamp,
    /// The release under assessment then.
    pub release: String,
    /// What happened, in order.
    pub events: Vec<Event>,
}
