//! What a rule returns for one unit instance: an outcome, what it rests on, and what would settle the rest.

use std::cmp::Ordering;
use std::fmt;

use dossier::Span;
use model::{Outcome, UnitId, natural_cmp};
use serde::Serialize;

/// One test unit applied to one IXIT entry, or once where the unit does not range over a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InstanceId {
    /// The unit.
    pub unit: UnitId,
    /// Table name (without number) and entry id.
    pub entry: Option<(String, String)>,
}

impl fmt::Display for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.entry {
            Some((_, id)) => f.pad(&format!("{} @ {id}", self.unit)),
            None => f.pad(self.unit.as_str()),
        }
    }
}

impl Ord for InstanceId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.unit.cmp(&other.unit).then_with(|| match (&self.entry, &other.entry) {
            (Some(a), Some(b)) => natural_cmp(&a.0, &b.0).then_with(|| natural_cmp(&a.1, &b.1)),
            (a, b) => a.cmp(b),
        })
    }
}

impl PartialOrd for InstanceId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Something a conclusion rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// A place in the dossier.
    Declared {
        /// Where.
        span: Span,
        /// What it says, one line.
        text: String,
    },
    /// A record of a measurement.
    Observed {
        /// Position in the ledger.
        seq: u64,
        /// The probe.
        probe: String,
        /// What it saw or covered, one line. Hostile text inside is bounded, not yet sanitised.
        text: String,
    },
    /// A record of a person's decision.
    Stated {
        /// Position in the ledger.
        seq: u64,
        /// The person and role.
        by: String,
        /// The verdict and reasoning, one line.
        text: String,
    },
    /// A fact of the standard or a stated policy.
    Rule(String),
}

/// The one next step that would close a gap.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Next {
    /// Fill in the dossier.
    Declare {
        /// Table name, or `ics`, `assay`.
        place: String,
        /// Entry id, where one is concerned.
        entry: Option<String>,
        /// The field or fact.
        what: String,
    },
    /// Run a probe against a target.
    Observe {
        /// Probe id.
        probe: String,
        /// `dut` or a service's id.
        target: String,
    },
    /// Let a named person decide.
    State {
        /// What they have to look at, one line.
        what: String,
    },
    /// Complete the bench file.
    Prepare {
        /// What is missing there.
        what: String,
    },
    /// Mend the product, then measure again.
    Mend {
        /// What is wrong, one line.
        what: String,
    },
}

/// What stands between here and a decided verdict.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Gap {
    /// What is missing, one line.
    pub missing: String,
    /// The next step.
    pub next: Next,
}

/// The result of one unit instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// What it came out as.
    pub outcome: Outcome,
    /// One sentence that says why.
    pub because: String,
    /// What it rests on.
    pub grounds: Vec<Ground>,
    /// What would settle it, when it is not settled.
    pub gaps: Vec<Gap>,
}

impl Judgement {
    /// A judgement without grounds or gaps yet.
    pub fn new(outcome: Outcome, because: impl Into<String>) -> Self {
        Self { outcome, because: because.into(), grounds: Vec::new(), gaps: Vec::new() }
    }

    /// The criterion holds.
    pub fn pass(because: impl Into<String>) -> Self {
        Self::new(Outcome::Pass, because)
    }

    /// The criterion is broken.
    pub fn fail(because: impl Into<String>) -> Self {
        Self::new(Outcome::Fail, because)
    }

    /// Looked at, not decided; what would decide it.
    pub fn inconclusive(because: impl Into<String>, next: Next) -> Self {
        Self::undecided(Outcome::Inconclusive, because.into(), next)
    }

    /// Not looked at yet; what would open it.
    pub fn open(missing: impl Into<String>, next: Next) -> Self {
        Self::undecided(Outcome::Open, missing.into(), next)
    }

    /// Does not apply, for this computed reason.
    pub fn not_applicable(because: impl Into<String>) -> Self {
        Self::new(Outcome::NotApplicable, because)
    }

    fn undecided(outcome: Outcome, because: String, next: Next) -> Self {
        let gap = Gap { missing: because.clone(), next };
        Self { outcome, because, grounds: Vec::new(), gaps: vec![gap] }
    }

    /// Adds a ground.
    #[must_use]
    pub fn on(mut self, ground: Ground) -> Self {
        self.grounds.push(ground);
        self
    }

    /// Adds a place in the dossier as a ground.
    #[must_use]
    pub fn declared(self, span: Span, text: impl Into<String>) -> Self {
        self.on(Ground::Declared { span, text: text.into() })
    }
}
