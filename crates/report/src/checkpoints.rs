//! Where a release stands on its way out, checkpoint by checkpoint, as plain data; and its writers.
//!
//! It holds what was decided elsewhere.

mod terminal;

use model::{Edition, Timestamp};
use serde_json::Value;

use crate::gate::{Condition, Met};
use crate::json::{document, schema};
use crate::presentation::told::{told, told_words};
use crate::presentation::{Prose, Visible, visible};
pub use terminal::terminal;

/// The name that the JSON document gives itself.
pub const DOCUMENT: &str = "assay-checkpoints";
/// The version of the document's form, raised whenever a reader of the last one could stumble.
pub const VERSION: u64 = 1;

told! {
    /// The checkpoints of one release.
    pub struct Checkpoints {
        /// The product's name as declared.
        pub product: String,
        /// Its model designation as declared.
        pub model: String,
        /// The release as declared.
        pub release: String,
        /// The edition.
        pub edition: Edition,
        /// The moment they are looked at.
        pub at: Timestamp,
        /// The rule set that judged.
        pub ruleset: u32,
        /// The program and its version.
        pub tool: String,
        /// The checkpoints in their order.
        pub checkpoints: Vec<Checkpoint>,
    }

    /// One checkpoint.
    pub struct Checkpoint {
        /// Its name.
        pub name: String,
        /// Where it stands.
        pub state: State,
        /// One sentence that says why.
        pub because: String,
        /// The role that signs it off; none where anybody may who is no author.
        pub role: Option<String>,
        /// The people who have that role.
        pub people: Vec<String>,
        /// Whether reviews sign it off, so that it takes no signature beside theirs.
        pub by_review: bool,
        /// What must hold, each with whether it does; `before` is that the checkpoint before it is reached.
        pub conditions: Vec<Condition>,
        /// Who signed it off for this release, the newest first.
        pub sign_offs: Vec<SignOff>,
    }

    /// A sign-off as it was recorded.
    pub struct SignOff {
        /// Position of its record.
        pub record: u64,
        /// When.
        pub at: Timestamp,
        /// Who.
        pub by: String,
        /// In which role.
        pub role: String,
        /// Why.
        pub reasons: Prose,
        /// Whether it stands.
        pub stands: bool,
        /// Why it does not stand; empty where it does.
        pub because: String,
    }
}

told_words! {
    /// Where a checkpoint stands.
    pub enum State {
        /// It is signed off, and nothing that the signature rests on changed.
        Reached = "reached",
        /// It was signed off, and what the signature rests on changed since.
        Outdated = "outdated",
        /// Everything holds; nobody has signed it off.
        Ready = "ready",
        /// Something does not hold.
        Waiting = "waiting",
    }
}

impl Checkpoint {
    /// The conditions that do not hold.
    pub fn unmet(&self) -> impl Iterator<Item = &Condition> {
        self.conditions.iter().filter(|condition| condition.met != Met::Yes)
    }
}

impl Checkpoints {
    /// The checkpoint of a name.
    pub fn named(&self, name: &str) -> Option<&Checkpoint> {
        self.checkpoints.iter().find(|checkpoint| checkpoint.name == name)
    }

    /// The first that is not reached: where the release stands.
    pub fn next(&self) -> Option<&Checkpoint> {
        self.checkpoints.iter().find(|checkpoint| checkpoint.state != State::Reached)
    }

    /// The same with every text in its visible form.
    pub fn visible(&self) -> Visible<Self> {
        visible(self)
    }
}

/// The checkpoints as a JSON document, version [`VERSION`].
pub fn json(told: &Checkpoints) -> Value {
    document(DOCUMENT, VERSION, &told.visible())
}

/// The JSON Schema (draft 2020-12) of the document.
pub fn json_schema() -> Value {
    schema::<Checkpoints>(DOCUMENT, VERSION, "Where one release of a product stands, checkpoint by checkpoint")
}
