//! What happens to tasks, as the ledger keeps it.

use model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Subject, TaskId};

/// One thing that happened to one task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A gap had no task yet.
    Opened {
        /// What the task is about; its name follows from it.
        subject: Subject,
        /// By when it has to be done.
        due: Timestamp,
    },
    /// Its gap is gone.
    Closed {
        /// The task.
        task: TaskId,
        /// Position of the record that did it, where one did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<u64>,
    },
    /// Its gap is back: evidence went stale, or the product or the dossier changed.
    Reopened {
        /// The task.
        task: TaskId,
        /// By when it has to be done now.
        due: Timestamp,
    },
    /// A person has taken it, or was given it; nobody named gives it back to the role that answers for it.
    Assigned {
        /// The task.
        task: TaskId,
        /// Who does it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person: Option<String>,
        /// Who said so.
        by: String,
    },
    /// A person added one of their own.
    Added {
        /// Its number; the next that is free.
        number: u32,
        /// What is to be done.
        title: String,
        /// When it counts as done.
        criterion: String,
        /// By when.
        due: Timestamp,
        /// Who added it.
        by: String,
    },
    /// A person ended one that people added.
    Done {
        /// The task.
        task: TaskId,
        /// How it was done.
        how: String,
        /// Who says so.
        by: String,
    },
}

/// What happened at one moment: one record of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Events {
    /// When.
    pub at: Timestamp,
    /// The release that was looked at.
    pub release: String,
    /// What happened, in order.
    pub events: Vec<Event>,
}
