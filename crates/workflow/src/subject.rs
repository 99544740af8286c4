//! What a task is about, which is what makes it the same task tomorrow.

use std::fmt;

use model::Digest;
use serde::{Deserialize, Serialize};

/// What a task is about. The same step for the same thing is the same task, in whatever words it is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Subject {
    /// Mend what failed at a unit instance.
    Mend {
        /// The unit: `5.1-5-2b`.
        unit: String,
        /// The IXIT entry, where the unit ranges over a table.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        entry: Option<String>,
    },
    /// Implement a provision that was answered N, or justify that it is not.
    Answer {
        /// The provision: `5.3-13`.
        provision: String,
    },
    /// Fill in the dossier.
    Declare {
        /// Name of the table, or `ics`, `assay`, `controls`.
        place: String,
        /// The IXIT entry, where one is concerned.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        entry: Option<String>,
        /// The field or fact.
        what: String,
    },
    /// Run a probe against a target.
    Measure {
        /// The probe: `net.tcp-ports`.
        probe: String,
        /// `dut`, or the id of a service.
        target: String,
    },
    /// Let a named person decide a unit instance.
    Decide {
        /// The unit.
        unit: String,
        /// The IXIT entry, where the unit ranges over a table.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        entry: Option<String>,
    },
    /// Complete the bench.
    Prepare {
        /// What is missing there.
        what: String,
    },
    /// What a person added.
    Own {
        /// Its number among those of the workspace, from 1.
        number: u32,
    },
}

/// The name of a task, short enough to say: `T-384acf40ab`; what a person added is `T-7`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskId(String);

impl Subject {
    /// The name of the task about this.
    pub fn id(&self) -> TaskId {
        if let Subject::Own { number } = self {
            return TaskId(format!("T-{number}"));
        }
        // Every part with its length before it, so that no two subjects read alike.
        let mut bytes = Vec::new();
        for part in self.parts() {
            bytes.extend_from_slice(format!("{}:", part.len()).as_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        let hex = Digest::of(&bytes).to_string();
        let hex = hex.rsplit(':').next().unwrap_or_default();
        TaskId(format!("T-{}", hex.get(..10).unwrap_or(hex)))
    }

    fn parts(&self) -> Vec<&str> {
        // An entry that is missing is not an empty one.
        fn entry(entry: Option<&String>) -> [&str; 2] {
            entry.map_or(["", ""], |id| ["@", id.as_str()])
        }
        match self {
            Subject::Mend { unit, entry: at } => [&["mend", unit.as_str()][..], &entry(at.as_ref())].concat(),
            Subject::Answer { provision } => vec!["answer", provision],
            Subject::Declare { place, entry: at, what } => {
                [&["declare", place.as_str(), what.as_str()][..], &entry(at.as_ref())].concat()
            }
            Subject::Measure { probe, target } => vec!["measure", probe, target],
            Subject::Decide { unit, entry: at } => [&["decide", unit.as_str()][..], &entry(at.as_ref())].concat(),
            Subject::Prepare { what } => vec!["prepare", what],
            Subject::Own { .. } => vec!["own"],
        }
    }
}

impl TaskId {
    /// A name that somebody typed; whether there is such a task is for [`crate::Tasks`] to say.
    pub fn from_text(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declare(entry: Option<&str>, what: &str) -> Subject {
        Subject::Declare { place: "AuthMech".into(), entry: entry.map(Into::into), what: what.into() }
    }

    #[test]
    fn a_subject_has_one_name_for_ever() {
        let subject = Subject::Decide { unit: "5.1-4-1a".into(), entry: Some("AuthMech-Web".into()) };
        assert_eq!(subject.id(), subject.clone().id());
        // Recorded tasks are found again by this name: it must never change.
        assert_eq!(subject.id().as_str(), "T-384acf40ab");
        assert_eq!(Subject::Own { number: 7 }.id().as_str(), "T-7");
    }

    #[test]
    fn subjects_that_only_look_alike_have_names_of_their_own() {
        let alike = [
            declare(None, "scheme"),
            declare(Some(""), "scheme"),
            declare(Some("scheme"), ""),
            declare(Some("a"), "bc"),
            declare(Some("ab"), "c"),
            Subject::Mend { unit: "5.1-4-1a".into(), entry: None },
            Subject::Decide { unit: "5.1-4-1a".into(), entry: None },
        ];
        for (at, one) in alike.iter().enumerate() {
            assert!(alike[..at].iter().all(|other| other.id() != one.id()), "{one:?}");
        }
    }

    #[test]
    fn what_was_recorded_once_reads() {
        let text = r#"{"do":"measure","probe":"net.tcp-ports","target":"dut"}"#;
        let subject: Subject = serde_json::from_str(text).unwrap();
        assert_eq!(subject, Subject::Measure { probe: "net.tcp-ports".into(), target: "dut".into() });
        assert_eq!(serde_json::to_string(&subject).unwrap(), text);
    }
}
