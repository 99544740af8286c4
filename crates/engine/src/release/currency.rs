//! Where a unit instance stands with respect to the release under assessment.

use serde::Serialize;

/// Where a result comes from that was carried over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Carried {
    /// The release whose records show it.
    pub from: String,
    /// Position of the assessment of that release in the ledger.
    pub assessment: u64,
    /// Positions of the records that show it.
    pub records: Vec<u64>,
    /// The policy that allows it, one line.
    pub policy: String,
}

/// Whether a result is one of this release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Currency {
    /// Decided, on this release's declarations and records.
    Current,
    /// Passed in an earlier release, and what it rests on did not change.
    Carried(Carried),
    /// Decided in an earlier release, or on evidence that is too old by now: to be measured or decided again.
    Stale {
        /// One sentence that says why.
        because: String,
    },
    /// Not decided, in this release and in those before it.
    Open,
    /// Does not concern the product.
    NotApplicable,
}

impl Currency {
    /// The word as tables print it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Currency::Current => "current",
            Currency::Carried(_) => "carried over",
            Currency::Stale { .. } => "stale",
            Currency::Open => "open",
            Currency::NotApplicable => "not applicable",
        }
    }

    /// Whether something has to be measured or decided for this release.
    pub fn is_due(&self) -> bool {
        matches!(self, Currency::Stale { .. } | Currency::Open)
    }
}
