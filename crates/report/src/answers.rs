//! Answers to the questions that auditors, customers and authorities ask, as plain data, each with what it rests on; and
//! their writers. Where nothing is there, the answer says so, and what would settle it.

mod csv;
mod html;
mod markdown;

use model::{Digest, Edition, Outcome, Timestamp};
use serde_json::Value;

use crate::json::{document, schema};
use crate::presentation::told::{Prose, told, told_words};
use crate::presentation::{Ledger, Place, Step, Visible, visible};
use crate::words;
pub use csv::csv;
pub use html::{body, html};
pub use markdown::markdown;

/// The name that the JSON document gives itself.
pub const DOCUMENT: &str = "assay-answers";
/// The version of the document's form, raised whenever a reader of the last one could stumble.
pub const VERSION: u64 = 1;

told! {
    /// A set of answers about one release of a product.
    pub struct Answers {
        /// The product's name as declared.
        pub product: String,
        /// Its model designation as declared.
        pub model: String,
        /// Who supplies it.
        pub supplier: String,
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
        /// The ledger that records are cited from; none where nothing is recorded.
        pub ledger: Option<Ledger>,
        /// Clause by clause, without those about which nothing is asked here.
        pub clauses: Vec<Clause>,
    }

    /// A clause and what is asked about its provisions.
    pub struct Clause {
        /// `5.3`.
        pub id: String,
        /// Heading.
        pub title: String,
        /// Its provisions in order.
        pub provisions: Vec<Asked>,
    }

    /// What is asked about one provision.
    pub struct Asked {
        /// `5.3-9`.
        pub id: String,
        /// Whether it is a shall.
        pub mandatory: bool,
        /// What it asks of the product, in our words.
        pub summary: String,
        /// Answer and tests together.
        pub outcome: Outcome,
        /// The questions, each answered.
        pub questions: Vec<Question>,
    }

    /// A question with its answer.
    pub struct Question {
        /// Its name: `5.3-9.auditor.1`.
        pub id: String,
        /// Who asks.
        pub audience: Audience,
        /// The question.
        pub ask: String,
        /// How far it is answered.
        pub state: State,
        /// What is there to say, each with what it rests on.
        pub said: Vec<Said>,
        /// What is not there, and what would settle it.
        pub open: Vec<Open>,
    }

    /// One thing that is there to say.
    pub struct Said {
        /// What kind of thing it is, a word or two.
        pub what: String,
        /// The words as declared, measured or stated, or the outcome of tests.
        pub text: Prose,
        /// What it rests on.
        pub cites: Vec<Cite>,
    }

    /// Something that an answer rests on.
    pub struct Cite {
        /// Who says so.
        pub source: Source,
        /// The place in the dossier, where it is declared.
        pub place: Option<Place>,
        /// Position of the record in the ledger, where it is recorded.
        pub record: Option<u64>,
        /// Digest of the record's bytes.
        pub digest: Option<Digest>,
        /// The person, or the probe with its target.
        pub by: String,
        /// When it was measured or stated.
        pub when: Option<Timestamp>,
        /// A fact that needs neither place nor record: what the standard says.
        pub fact: String,
    }

    /// Something that is not there.
    pub struct Open {
        /// What is missing, one line.
        pub missing: String,
        /// What would settle it.
        pub next: Option<Step>,
    }
}

told_words! {
    /// Who asks.
    pub enum Audience {
        /// Somebody who checks the assessment.
        Auditor = "auditor",
        /// Somebody who buys or runs the product.
        Customer = "customer",
        /// Market surveillance, or another public body.
        Authority = "authority",
    }

    /// How far a question is answered.
    pub enum State {
        /// Everything that it asks for is there.
        Answered = "answered",
        /// Something is there, and something is not.
        Partly = "partly answered",
        /// Nothing is there.
        Open = "open",
        /// The provision does not apply to the product, computed.
        NotApplicable = "does not apply",
        /// The product does not claim the recommendation.
        NotClaimed = "not claimed",
    }

    /// Who says so.
    pub enum Source {
        /// The supplier, in the dossier.
        Declared = "declared",
        /// A measurement.
        Observed = "observed",
        /// A named person.
        Stated = "stated",
        /// The standard, or a policy.
        Rule = "rule",
    }
}

impl Answers {
    fn visible(&self) -> Visible<Self> {
        visible(self)
    }

    /// Every question, in order.
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.clauses.iter().flat_map(|clause| &clause.provisions).flat_map(|asked| &asked.questions)
    }

    /// These answers without the questions that are not wanted.
    #[must_use]
    pub fn only(mut self, wanted: impl Fn(&Asked, &Question) -> bool) -> Self {
        for clause in &mut self.clauses {
            for asked in &mut clause.provisions {
                let questions = std::mem::take(&mut asked.questions);
                asked.questions = questions.into_iter().filter(|question| wanted(asked, question)).collect();
            }
            clause.provisions.retain(|asked| !asked.questions.is_empty());
        }
        self.clauses.retain(|clause| !clause.provisions.is_empty());
        self
    }

    /// How many questions are answered how far, in one line.
    pub fn counted(&self) -> String {
        let states = [State::Answered, State::Partly, State::Open, State::NotApplicable, State::NotClaimed];
        let count = |state| self.questions().filter(|question| question.state == state).count();
        let counts =
            states.into_iter().map(|state| (count(state), state.as_str())).filter(|(count, _)| *count > 0);
        let counts: Vec<String> = counts.map(|(count, state)| format!("{count} {state}")).collect();
        let questions = words::count(self.questions().count() as u64, "question");
        if counts.is_empty() { questions } else { format!("{questions}: {}", counts.join(", ")) }
    }

    /// Every record that an answer rests on: number, digest, by whom, when; in the order of the ledger, each once.
    fn records(&self) -> Vec<&Cite> {
        let mut cited: Vec<&Cite> =
            self.questions().flat_map(|q| &q.said).flat_map(|s| &s.cites).filter(|c| c.record.is_some()).collect();
        cited.sort_by_key(|cite| cite.record);
        cited.dedup_by_key(|cite| cite.record);
        cited
    }
}

impl Cite {
    /// One line that says where to look.
    pub fn words(&self) -> String {
        let when = self.when.map(|when| format!(" of {when}")).unwrap_or_default();
        match (&self.place, self.record) {
            (Some(place), _) => format!("declared in {}", place.position()),
            (None, Some(record)) => format!("record {record}{when}, {} by {}", self.source.as_str(), self.by),
            (None, None) => self.fact.clone(),
        }
    }
}

/// The answers as a JSON document, version [`VERSION`].
pub fn json(told: &Answers) -> Value {
    document(DOCUMENT, VERSION, &told.visible())
}

/// The JSON Schema (draft 2020-12) of the document.
pub fn json_schema() -> Value {
    schema::<Answers>(
        DOCUMENT,
        VERSION,
        "Answers to questions about one release of a product, with what they rest on",
    )
}
