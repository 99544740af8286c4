//! Whether a release may go out, condition by condition, as plain data; and its writers.
//!
//! It holds what was decided elsewhere. A condition that was not looked at is not met.

mod junit;
mod terminal;

use model::{Edition, Outcome, Timestamp};
use serde_json::Value;

use crate::json::{document, schema};
use crate::presentation::told::{told, told_words};
use crate::presentation::{Exit, Step, Visible, visible};
pub use junit::junit;
pub(crate) use terminal::condition;
pub use terminal::terminal;

/// The name that the JSON document gives itself.
pub const DOCUMENT: &str = "assay-gate";
/// The version of the document's form, raised whenever a reader of the last one could stumble.
pub const VERSION: u64 = 1;

told! {
    /// The gate: one release, its conditions, and what they mean for each provision.
    pub struct Gate {
        /// The product's name as declared.
        pub product: String,
        /// Its model designation as declared.
        pub model: String,
        /// The release as declared.
        pub release: String,
        /// The edition.
        pub edition: Edition,
        /// The moment it is looked at.
        pub at: Timestamp,
        /// The rule set that judged.
        pub ruleset: u32,
        /// The program and its version.
        pub tool: String,
        /// Whether the release passes: every condition is met.
        pub passes: bool,
        /// The conditions, in the order in which they are looked at.
        pub conditions: Vec<Condition>,
        /// The provisions, clause by clause; empty when nothing could be judged.
        pub clauses: Vec<Clause>,
        /// What the program's exit code means.
        pub exit: Exit,
    }

    /// One condition.
    pub struct Condition {
        /// `ledger`, `dossier`, `mandatory`, `recommended`, `should`, `current`, `unexpired`, `reviewed`.
        pub id: String,
        /// What it asks, one sentence.
        pub asks: String,
        /// Whether it is met.
        pub met: Met,
        /// One sentence that says why.
        pub because: String,
        /// What stands against it, one each.
        pub against: Vec<Against>,
    }

    /// Something that stands against a condition.
    pub struct Against {
        /// What: a provision, a unit instance, a place in the dossier, a review, a key.
        pub about: String,
        /// The provision concerned; none when it concerns no single one.
        pub provision: Option<String>,
        /// One sentence that says why.
        pub because: String,
        /// What to do about it.
        pub next: Option<Step>,
    }

    /// A clause and its provisions.
    pub struct Clause {
        /// `5.3`.
        pub id: String,
        /// Heading.
        pub title: String,
        /// Its provisions in order.
        pub provisions: Vec<Provision>,
    }

    /// A provision, as far as the gate is concerned.
    pub struct Provision {
        /// `5.3-9`.
        pub id: String,
        /// Whether it is a shall.
        pub mandatory: bool,
        /// What it asks, in our words.
        pub summary: String,
        /// Its outcome.
        pub outcome: Outcome,
        /// Where the supplier's answer puts it: `claimed`, `not claimed` …
        pub standing: String,
        /// One sentence that says why.
        pub because: String,
        /// Conditions that it stands against, by their ids.
        pub against: Vec<String>,
    }
}

told_words! {
    /// Whether a condition is met.
    pub enum Met {
        /// It is.
        Yes = "met",
        /// It is not.
        No = "not met",
        /// It was not looked at, because one before it was not met.
        Unknown = "not looked at",
    }
}

impl Gate {
    /// The conditions that are not met, those that were not looked at included.
    pub fn unmet(&self) -> impl Iterator<Item = &Condition> {
        self.conditions.iter().filter(|condition| condition.met != Met::Yes)
    }

    fn visible(&self) -> Visible<Self> {
        visible(self)
    }
}

/// The gate as a JSON document, version [`VERSION`].
pub fn json(told: &Gate) -> Value {
    document(DOCUMENT, VERSION, &told.visible())
}

/// The JSON Schema (draft 2020-12) of the document.
pub fn json_schema() -> Value {
    schema::<Gate>(DOCUMENT, VERSION, "Whether one release of a product may go out, condition by condition")
}
