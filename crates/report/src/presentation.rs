//! The one input of every writer: an assessment as plain data, every string ready to be written.
//!
//! It holds what others decided and decides nothing. Texts in it may come from a device: writers only ever see the
//! [`Visible`] form, in which no character can move a cursor, turn a line round or hide.

mod evidence;
mod ground;
mod head;
mod provision;
pub mod told;

pub use evidence::{
    Exit, File, Finding, Flow, Gap, Looked, Missed, Person, Record, RecordKind, Review, Tried, Unmet, Written,
};
pub use ground::{Declared, Ground, Observed, Place, Ruled, Stated, Step, Verb};
pub use head::{Counts, CryptoPolicy, Document, Figures, Head, Ledger, Tally, Total};
pub use provision::{
    Answer, Applies, Basis, Carried, Case, Clause, Control, Currency, Instance, Leg, Otherwise, Provision, Unit,
};
pub use told::Prose;

use told::{Form, Told, told};

/// Characters of a text of one line that a report shows at most.
const LINE: usize = 2_000;
/// Characters of a text of several lines that a report shows at most.
const PROSE: usize = 20_000;

told! {
    /// Everything that a report tells.
    pub struct Presentation {
        /// What was assessed, against what, when.
        pub head: Head,
        /// The verdict over the mandatory provisions.
        pub mandatory: Total,
        /// The verdict over the recommendations that are claimed.
        pub recommended: Total,
        /// What the verdicts rest on, in numbers.
        pub figures: Figures,
        /// What the report does not claim, one sentence each.
        pub limits: Vec<String>,
        /// Clauses in order.
        pub clauses: Vec<Clause>,
        /// What failed, mandatory first.
        pub findings: Vec<Finding>,
        /// What is in the way, what blocks most first.
        pub gaps: Vec<Gap>,
        /// What was looked at.
        pub looked: Vec<Looked>,
        /// What is declared and no measurement met; empty while nothing was measured.
        pub unmet: Vec<Unmet>,
        /// Captured traffic against the declared communication; empty where no capture is recorded.
        pub traffic: Vec<Flow>,
        /// Each function that was tried, and as whom; empty where none was.
        pub access: Vec<Tried>,
        /// The records that the report rests on, in ledger order.
        pub records: Vec<Record>,
        /// Whose statements were used.
        pub people: Vec<Person>,
        /// What reviewers decided about recorded assessments of this release, in ledger order.
        pub reviews: Vec<Review>,
        /// Files written beside this one.
        pub written: Vec<Written>,
        /// What the program's exit code means.
        pub exit: Exit,
    }
}

impl Presentation {
    /// Every provision, in order.
    pub fn provisions(&self) -> impl Iterator<Item = &Provision> {
        self.clauses.iter().flat_map(|c| &c.provisions)
    }

    /// The form that writers write: bounded, and with everything invisible made visible.
    #[must_use]
    pub fn visible(&self) -> Visible {
        visible(self)
    }
}

/// A presentation whose texts have all been made visible.
#[derive(Debug, Clone, PartialEq)]
pub struct Visible<T = Presentation>(T);

/// The form that writers write.
pub fn visible<T: Told + Clone>(told: &T) -> Visible<T> {
    let mut told = told.clone();
    told.texts(&mut |text, form| {
        *text = match form {
            Form::Line => wire::text::visible_str(text, LINE),
            Form::Prose => wire::text::visible_lines(text.as_bytes(), PROSE),
        };
    });
    Visible(told)
}

impl<T> std::ops::Deref for Visible<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
