//! Clause by clause: what each provision asks, what the supplier answers, what the tests came to.

use model::{Confidence, Method, Outcome};

use super::ground::{Ground, Place, Step};
use super::told::{Prose, told, told_words};

told! {
    /// A clause and its provisions.
    pub struct Clause {
        /// `5.3`.
        pub id: String,
        /// Heading.
        pub title: String,
        /// Its provisions in order.
        pub provisions: Vec<Provision>,
    }

    /// A provision with everything that is said about it.
    pub struct Provision {
        /// `5.3-9`.
        pub id: String,
        /// Whether it is a shall.
        pub mandatory: bool,
        /// Status as Table B.1 prints it: `M C F (14, e)`.
        pub status: String,
        /// What it asks, in our words.
        pub summary: String,
        /// Answer and tests together.
        pub outcome: Outcome,
        /// One sentence that says why.
        pub because: String,
        /// Whether it applies, computed from what is declared.
        pub applies: Applies,
        /// Why it does or does not apply, one line each.
        pub applies_because: Vec<Ground>,
        /// The supplier's answer.
        pub answer: Answer,
        /// The control, where one is designed.
        pub control: Option<Control>,
        /// The control exists: declared, designed, documented.
        pub exists: Leg,
        /// It works: its functional units hold.
        pub works: Leg,
        /// It is proven: every result rests on a record of this release.
        pub proven: Leg,
        /// What the answer rests on.
        pub grounds: Vec<Ground>,
        /// The next steps of the provision itself, beside those of its unit instances.
        pub next: Vec<Step>,
        /// Its test cases in order.
        pub cases: Vec<Case>,
    }

    /// The supplier's answer in the ICS.
    pub struct Answer {
        /// `Y`, `N`, `N/A`; empty when there is none.
        pub support: String,
        /// What it amounts to: `claimed`, `not supported`, `not claimed`, `not answered` …
        pub standing: String,
        /// How the provision is met, or why not.
        pub detail: Prose,
        /// Why a recommendation is not met.
        pub justification: Prose,
        /// What keeps the remaining risk down.
        pub compensating: Prose,
        /// When the justification is looked at again; empty when no date is set.
        pub review: String,
        /// Where the answer stands.
        pub at: Option<Place>,
    }

    /// The control that the supplier designed for the provision.
    pub struct Control {
        /// The design decision.
        pub design: Prose,
        /// The implementation pattern.
        pub pattern: Prose,
        /// Acceptance criteria, one each.
        pub criteria: Vec<String>,
        /// Documents that show it, as paths or URLs.
        pub documents: Vec<String>,
        /// Role that owns it; empty when none is named.
        pub owner: String,
        /// Where it is written.
        pub at: Option<Place>,
    }

    /// One leg of the claim.
    pub struct Leg {
        /// Whether it stands.
        pub outcome: Outcome,
        /// One sentence that says why.
        pub because: String,
    }

    /// A test case.
    pub struct Case {
        /// `5.3-9-1`.
        pub id: String,
        /// `conceptual`, `functional` or both.
        pub kind: String,
        /// What it is for, in our words.
        pub purpose: String,
        /// Its verdict.
        pub outcome: Outcome,
        /// When it passes: criteria that all have to hold, in our words.
        pub pass_when: Vec<String>,
        /// Criteria of which one suffices instead.
        pub or_when: Vec<String>,
        /// How sure the catalogue is of the criteria.
        pub confidence: Confidence,
        /// How its unit instances were read together.
        pub reading: String,
        /// The other reading, where the print leaves both and they differ.
        pub otherwise: Option<Otherwise>,
        /// Whether a person has to confirm the verdict.
        pub needs_person: bool,
        /// Its units in order.
        pub units: Vec<Unit>,
    }

    /// Another reading of a case.
    pub struct Otherwise {
        /// The reading.
        pub reading: String,
        /// The verdict under it.
        pub outcome: Outcome,
    }

    /// A test unit.
    pub struct Unit {
        /// `5.3-9-1c`.
        pub id: String,
        /// What it checks, in our words.
        pub summary: String,
        /// Who or what can settle it.
        pub method: Method,
        /// What it comes to over its entries.
        pub outcome: Outcome,
        /// One for each IXIT entry it concerns, or one.
        pub instances: Vec<Instance>,
    }

    /// A unit applied to one IXIT entry.
    pub struct Instance {
        /// `5.3-9-1c @ UpdMech-OTA`.
        pub id: String,
        /// The entry; empty for a unit that is judged once.
        pub entry: String,
        /// Its outcome.
        pub outcome: Outcome,
        /// One sentence that says why.
        pub because: String,
        /// What decided it.
        pub basis: Basis,
        /// Whether it is a result of this release.
        pub currency: Currency,
        /// Why it has to be measured or decided again, where it is stale; empty otherwise.
        pub stale_because: String,
        /// Where it was carried from, if it was.
        pub carried: Option<Carried>,
        /// What it rests on.
        pub grounds: Vec<Ground>,
        /// The next steps, when it is not settled.
        pub next: Vec<Step>,
    }
}

told! {
    /// Where a result comes from that was carried over.
    pub struct Carried {
        /// The release whose records show it.
        pub from: String,
        /// Number of the assessment of that release in the ledger.
        pub assessment: u64,
        /// Numbers of the records that show it.
        pub records: Vec<u64>,
        /// The policy that allows it.
        pub policy: String,
    }
}

told_words! {
    /// Whether a provision applies.
    pub enum Applies {
        /// It does.
        Yes = "yes",
        /// It does not.
        No = "no",
        /// It is not declared; until it is, the provision counts as applying.
        Unknown = "unknown",
    }

    /// What a unit instance was decided by.
    pub enum Basis {
        /// Computed applicability, or a declared fact that leaves the entry out.
        Computed = "computed",
        /// A rule on the declarations.
        Rule = "rule",
        /// A measurement, judged by a rule.
        Probe = "probe",
        /// A person's statement.
        Person = "person",
        /// A pass of an earlier release that stands for this one.
        Carried = "earlier-release",
        /// Nothing yet.
        Nothing = "nothing",
    }

    /// Whether a result is one of the release under assessment.
    pub enum Currency {
        /// Decided, on this release's declarations and records.
        Current = "current",
        /// Passed in an earlier release, and what it rests on did not change.
        Carried = "carried-over",
        /// Decided in an earlier release, or on evidence that is too old by now.
        Stale = "stale",
        /// Not decided, in this release and in those before it.
        Open = "open",
        /// Does not concern the product.
        NotApplicable = "not-applicable",
    }
}
