//! The linter's notes for a terminal, as JSON and as SARIF 2.1.0: three writers, one list.

mod human;
mod json;
mod sarif;

pub use human::human;
pub use json::json;
pub use sarif::sarif;

use dossier::{Note, Severity};

/// How many notes there are of each weight.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct NoteCounts {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Advice.
    pub advice: usize,
}

impl NoteCounts {
    /// Counts the notes.
    pub fn of(notes: &[Note]) -> Self {
        let count = |severity| notes.iter().filter(|n| n.severity == severity).count();
        Self {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            advice: count(Severity::Advice),
        }
    }
}

impl std::fmt::Display for NoteCounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
        write!(
            f,
            "{}, {}, {} of advice",
            plural(self.errors, "error"),
            plural(self.warnings, "warning"),
            plural(self.advice, "piece")
        )
    }
}
