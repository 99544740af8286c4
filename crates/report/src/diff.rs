//! What differs between two releases, as plain data; and its writers.

mod markdown;
mod terminal;

use model::Timestamp;
use serde_json::Value;

use crate::json::{document, schema};
use crate::presentation::told::{told, told_words};
use crate::presentation::{Step, Visible, visible};
pub use markdown::markdown;
pub use terminal::terminal;

/// The name that the JSON document gives itself.
pub const DOCUMENT: &str = "assay-diff";
/// The version of the document's form, raised whenever a reader of the last one could stumble.
pub const VERSION: u64 = 1;

told! {
    /// Two releases of a product, and what differs.
    pub struct Diff {
        /// The product's name as declared for the later one.
        pub product: String,
        /// The release before.
        pub old: Side,
        /// The release after.
        pub new: Side,
        /// What is declared otherwise, in the order of table, entry and field.
        pub declarations: Vec<Declaration>,
        /// What was seen otherwise, by measurements that both releases have.
        pub surface: Vec<Seen>,
        /// Measurements that one of the releases has not: nothing is said about what they would have seen there.
        pub unmeasured: Vec<String>,
        /// Where the components come from.
        pub components_from: ComponentsFrom,
        /// Components that were added, removed, or have another version.
        pub components: Vec<Component>,
        /// Unit instances that came out otherwise, in the order of the standard.
        pub verdicts: Vec<Verdict>,
        /// What has to be measured or decided again for the later release.
        pub retest: Vec<Retest>,
        /// How many unit instances of the later release were never decided, beside those.
        pub open: u64,
    }

    /// One of the two releases.
    pub struct Side {
        /// Its version.
        pub release: String,
        /// Position of its newest recorded assessment; none where it was judged for this comparison.
        pub record: Option<u64>,
        /// The moment its verdicts are for.
        pub at: Timestamp,
        /// The rule set that gave them.
        pub ruleset: u32,
    }

    /// A declared value that differs.
    pub struct Declaration {
        /// The file.
        pub file: String,
        /// The table; empty for what stands in none.
        pub table: String,
        /// The entry; empty where the table has but one.
        pub entry: String,
        /// The field.
        pub field: String,
        /// The value before.
        pub old: Option<String>,
        /// The value after.
        pub new: Option<String>,
    }

    /// Something that was seen otherwise.
    pub struct Seen {
        /// The target: `dut`, or an associated service.
        pub target: String,
        /// The probe.
        pub probe: String,
        /// From where it measured.
        pub place: String,
        /// What was looked at: `port 23/tcp`.
        pub of: String,
        /// What was seen before; none when it was not there.
        pub old: Option<String>,
        /// What was seen after; none when it is not there.
        pub new: Option<String>,
    }

    /// A component that differs.
    pub struct Component {
        /// Its name.
        pub name: String,
        /// The version before; none when it was not there.
        pub old: Option<String>,
        /// The version after; none when it is not there.
        pub new: Option<String>,
    }

    /// A unit instance that came out otherwise.
    pub struct Verdict {
        /// `5.6-1-2c @ LogIntf-HTTP`.
        pub instance: String,
        /// The outcome before; none where it was no part of the assessment.
        pub old: Option<String>,
        /// The outcome after; none where it is no part of the assessment.
        pub new: Option<String>,
        /// Why it is what it is.
        pub because: String,
    }

    /// A result to be renewed.
    pub struct Retest {
        /// The unit instance.
        pub instance: String,
        /// The provision it tests.
        pub provision: String,
        /// Why it is stale.
        pub because: String,
        /// The cheapest step that renews it.
        pub next: Option<Step>,
    }
}

told_words! {
    /// Where the components that are compared come from.
    pub enum ComponentsFrom {
        /// The SBOMs of both releases.
        Sbom = "sbom",
        /// The IXIT table 6-SoftComp of both, because a release has no SBOM.
        SoftComp = "6-SoftComp",
    }
}

/// The comparison as a JSON document, version [`VERSION`].
pub fn json(told: &Diff) -> Value {
    document(DOCUMENT, VERSION, &told.visible())
}

/// The JSON Schema (draft 2020-12) of the document.
pub fn json_schema() -> Value {
    schema::<Diff>(DOCUMENT, VERSION, "What differs between two releases of a product")
}

impl Diff {
    /// The same with every text in its visible form.
    pub fn visible(&self) -> Visible<Self> {
        visible(self)
    }
}

impl Side {
    fn words(&self) -> String {
        match self.record {
            Some(record) => format!("as recorded in {record}, for {}, by rule set {}", self.at, self.ruleset),
            None => format!("as judged for {}, by rule set {}", self.at, self.ruleset),
        }
    }
}

impl Declaration {
    /// Table, entry and field as a place.
    pub fn place(&self) -> String {
        let parts = [&self.table, &self.entry, &self.field].into_iter().filter(|part| !part.is_empty());
        parts.map(String::as_str).collect::<Vec<_>>().join(" / ")
    }
}

/// A value, or that there is none.
fn or_none(value: Option<&String>) -> &str {
    value.map_or("–", String::as_str)
}
