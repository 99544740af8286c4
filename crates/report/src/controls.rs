//! Controls as plain data: per provision what was decided, how it is built, how it is tested and what shows it; and
//! for every recommendation why it is as it is. And its writers.

mod html;
mod markdown;

use model::{Digest, Edition, Outcome, Timestamp};
use serde_json::Value;

use crate::json::{document, schema};
use crate::presentation::told::{Prose, told, told_words};
use crate::presentation::{Answer, Control, Currency, RecordKind, Step, Visible, visible};
pub use html::{body, html};
pub use markdown::markdown;

/// The name that the JSON document gives itself.
pub const DOCUMENT: &str = "assay-controls";
/// The version of the document's form, raised whenever a reader of the last one could stumble.
pub const VERSION: u64 = 1;

told! {
    /// The controls of one release of a product.
    pub struct Controls {
        /// The product's name as declared.
        pub product: String,
        /// Its model designation as declared.
        pub model: String,
        /// The release as declared.
        pub release: String,
        /// The edition.
        pub edition: Edition,
        /// The moment it is told for.
        pub at: Timestamp,
        /// The rule set that judged.
        pub ruleset: u32,
        /// The program and its version.
        pub tool: String,
        /// Provisions that are claimed and have a control.
        pub designed: u64,
        /// Provisions that are claimed and have none.
        pub undesigned: u64,
        /// Recommendations that lack something: a reason, what keeps the risk down, a day to come.
        pub lacking: u64,
        /// Clause by clause, without those that have no provision told here.
        pub clauses: Vec<Clause>,
    }

    /// A clause and the controls of its provisions.
    pub struct Clause {
        /// `5.3`.
        pub id: String,
        /// Heading.
        pub title: String,
        /// Its provisions in order.
        pub provisions: Vec<Sheet>,
    }

    /// One provision on one page.
    pub struct Sheet {
        /// `5.3-9`.
        pub id: String,
        /// Whether it is a shall.
        pub mandatory: bool,
        /// Status as Table B.1 prints it.
        pub status: String,
        /// What it asks, in our words.
        pub summary: String,
        /// Where to look up the standard's own words: document, version and clause.
        pub look_up: Vec<String>,
        /// Answer and tests together.
        pub outcome: Outcome,
        /// One sentence that says why.
        pub because: String,
        /// The supplier's answer.
        pub answer: Answer,
        /// The control, where one is designed.
        pub control: Option<Control>,
        /// For a recommendation: what becomes of it, and why that is in order.
        pub should: Option<Should>,
        /// Every unit instance, and what settles it.
        pub test_plan: Vec<Test>,
        /// What is recorded about it, release by release, the one under assessment first.
        pub evidence: Vec<OfRelease>,
        /// What this page lacks of the control itself.
        pub lacks: Vec<Step>,
    }

    /// What becomes of a recommendation.
    pub struct Should {
        /// Whether it is implemented, justified, or neither.
        pub state: ShouldState,
        /// Why it is not met, in the supplier's words.
        pub rationale: Prose,
        /// What keeps the remaining risk down.
        pub compensating: Prose,
        /// The day by which it is looked at again; empty when none is set.
        pub review: String,
        /// Whether that day is over.
        pub overdue: bool,
        /// What is missing, one line each.
        pub lacks: Vec<String>,
    }

    /// One unit instance of the test plan.
    pub struct Test {
        /// The unit: `5.3-9-1c`.
        pub unit: String,
        /// The entry; empty for a unit that is judged once.
        pub entry: String,
        /// What the unit checks, in our words.
        pub summary: String,
        /// What settles it, the usual way first; empty where nothing has to.
        pub settled_by: Vec<Settled>,
        /// How far that reaches into the product.
        pub touches: String,
        /// Its outcome now.
        pub outcome: Outcome,
        /// One sentence that says why.
        pub because: String,
        /// Whether it is a result of this release.
        pub currency: Currency,
        /// What has to be declared or prepared before.
        pub missing: Vec<String>,
    }

    /// One way to settle a unit instance.
    pub struct Settled {
        /// By what.
        pub how: How,
        /// The probe with its target, or who.
        pub by: String,
        /// The command that does it; empty where none does.
        pub command: String,
    }

    /// What is recorded of one release.
    pub struct OfRelease {
        /// The release.
        pub release: String,
        /// Whether it is the one under assessment.
        pub current: bool,
        /// The records, in the order of the ledger.
        pub records: Vec<Proof>,
    }

    /// A record as evidence for a provision.
    pub struct Proof {
        /// Position in the ledger.
        pub record: u64,
        /// Digest of its bytes.
        pub digest: Digest,
        /// What kind of record it is.
        pub kind: RecordKind,
        /// What it is of: the probe with its target, the unit instance, the file.
        pub of: String,
        /// The person or the program.
        pub by: String,
        /// When the measurement ended, or the person said it.
        pub when: Timestamp,
        /// Whether a verdict of this release rests on it.
        pub standing: ProofStanding,
        /// One line that says why.
        pub because: String,
        /// The unit instances of the provision that rest on it.
        pub settles: Vec<String>,
    }
}

told_words! {
    /// What becomes of a recommendation.
    pub enum ShouldState {
        /// Claimed, and its tests pass.
        Implemented = "implemented",
        /// Claimed, and not shown.
        Claimed = "claimed, not shown",
        /// Not claimed, with a reason, what keeps the risk down, and a day to come.
        Justified = "justified",
        /// Neither.
        Lacking = "neither implemented nor justified",
        /// It does not apply, computed.
        NotApplicable = "does not apply",
    }

    /// By what a unit instance is settled.
    pub enum How {
        /// A rule, from the declarations alone.
        Rule = "rule",
        /// A probe, judged by a rule.
        Probe = "probe",
        /// A named person at the product, by the guided procedure.
        Procedure = "procedure",
        /// A named person who reads what is declared and documented.
        Reading = "reading",
    }

    /// Whether a verdict rests on a record.
    pub enum ProofStanding {
        /// One of this release does.
        Current = "current",
        /// One of this release does, carried over.
        Carried = "carried over",
        /// It is of another release, or too old.
        Stale = "stale",
        /// None does.
        Unused = "not decisive",
    }
}

impl Controls {
    fn visible(&self) -> Visible<Self> {
        visible(self)
    }

    /// Every sheet, in order.
    pub fn sheets(&self) -> impl Iterator<Item = &Sheet> {
        self.clauses.iter().flat_map(|clause| &clause.provisions)
    }

    /// These controls without the provisions that are not wanted; the numbers stay those of the product.
    #[must_use]
    pub fn only(mut self, wanted: impl Fn(&Sheet) -> bool) -> Self {
        for clause in &mut self.clauses {
            clause.provisions.retain(&wanted);
        }
        self.clauses.retain(|clause| !clause.provisions.is_empty());
        self
    }

    /// The numbers in one line.
    pub fn counted(&self) -> String {
        format!(
            "{} claimed provisions have a control, {} have none; {} recommendations lack something",
            self.designed, self.undesigned, self.lacking
        )
    }
}

/// The controls as a JSON document, version [`VERSION`].
pub fn json(told: &Controls) -> Value {
    document(DOCUMENT, VERSION, &told.visible())
}

/// The JSON Schema (draft 2020-12) of the document.
pub fn json_schema() -> Value {
    schema::<Controls>(DOCUMENT, VERSION, "The controls of one release of a product, provision by provision")
}
