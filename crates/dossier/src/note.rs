//! What is wrong or thin in a dossier's text: values with places, collected, never thrown.

use std::fmt;

use serde::Serialize;

use crate::Span;

/// How much a note weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The text cannot mean what it should; what depends on it stays open or fails.
    Error,
    /// Something is missing or contradicts itself.
    Warning,
    /// Something a careful author would look at.
    Advice,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Advice => "advice",
        })
    }
}

/// One remark on a dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Stable kebab-case code; never reused.
    pub code: &'static str,
    /// Weight.
    pub severity: Severity,
    /// The general sentence: what should be the case.
    pub message: String,
    /// Where, and what is the matter there. The first is the primary place.
    pub labels: Vec<(Span, String)>,
    /// What follows for the assessment, one line each.
    pub consequences: Vec<String>,
    /// How to mend it.
    pub hint: Option<String>,
}

impl Note {
    /// A note at one place.
    pub fn new(
        code: &'static str,
        severity: Severity,
        message: impl Into<String>,
        at: Span,
        label: impl Into<String>,
    ) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            labels: vec![(at, label.into())],
            consequences: Vec::new(),
            hint: None,
        }
    }

    /// Adds the mend.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds what follows for the assessment.
    #[must_use]
    pub fn consequence(mut self, text: impl Into<String>) -> Self {
        self.consequences.push(text.into());
        self
    }

    /// Adds a second place.
    #[must_use]
    pub fn also(mut self, at: Span, label: impl Into<String>) -> Self {
        self.labels.push((at, label.into()));
        self
    }
}

/// The known word nearest to a slip, if one is near enough to suggest. Of equally near ones, the one with the same
/// letters: for `NA` it is `N/A`, not `N`.
pub fn nearest<'a>(slip: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = |word: &str| word.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let lower = slip.to_lowercase();
    known
        .into_iter()
        .map(|word| (word.to_lowercase(), word))
        .map(|(known, word)| {
            (strsim::damerau_levenshtein(&known, &lower), letters(&known) != letters(&lower), word)
        })
        .filter(|(distance, _, word)| *distance <= (word.chars().count() / 3).clamp(1, 3))
        .min_by_key(|(distance, differs, _)| (*distance, *differs))
        .map(|(_, _, word)| word)
}
