//! `assay.toml`, `ics.toml` and `controls.toml`: the product, the supplier's answers, the controls.

use std::collections::BTreeMap;

use model::Method;
use toml::de::DeTable;

use crate::decode::{Decode, Reader, facts, words};
use crate::note::{Note, Severity};
use crate::source::{Located, Span};

words! {
    /// The supplier's answer to a provision (ICS column Support).
    Support {
        /// Supported.
        Yes = "Y",
        /// Not supported.
        No = "N",
        /// Not applicable.
        NotApplicable = "N/A",
    }
}

words! {
    /// When a result of an earlier release may stand for a later one.
    CarryWhen {
        /// Not at all: it is measured or decided on each release.
        Never = "never",
        /// While the firmware image is the same, byte for byte, and nothing else that the result rests on changed.
        SameImage = "same-image",
        /// While nothing that the result rests on changed.
        Unchanged = "unchanged",
    }
}

facts! {
    /// The product under assessment.
    Product in "`[product]`" {
        /// Trade name.
        name: String = "name",
        /// Model designation.
        model: String = "model",
        /// Supplier organization.
        manufacturer: String = "manufacturer",
        /// What the product is for.
        description: String = "description",
        /// Hardware revision.
        hardware: String = "hardware",
        /// Intended use and operating environment.
        intended_use: String = "intended-use",
    }
    /// A release of the product's software.
    Release in "a `[[release]]`" {
        /// Version designation.
        version: String = "version",
        /// Date of release, `2026-01-31`.
        date: String = "date",
        /// Digest of the firmware image, `sha256:…`.
        firmware: String = "firmware",
        /// What changed, for a reader.
        notes: String = "notes",
    }
    /// A service that belongs to the product but does not run on it.
    AssociatedService in "a `[[service]]`" {
        /// Name by which IXIT facts and the bench refer to it.
        id: String = "id",
        /// Name for a reader.
        name: String = "name",
        /// Who operates it.
        operator: String = "operator",
        /// What the product uses it for.
        purpose: String = "purpose",
        /// Addresses as URLs: `https://cloud.example`, `mqtts://cloud.example:8883`.
        endpoints: Vec<Located<String>> = "endpoints",
    }
    /// A person or a function in the organization.
    Person in "a `[[person]]`" {
        /// Name.
        name: String = "name",
        /// Role: `product security`, `firmware`, `test laboratory`.
        role: String = "role",
        /// How to reach them.
        contact: String = "contact",
    }
    /// Which role answers for a clause or a provision.
    Responsibility in "a `[[responsible]]`" {
        /// Clause (`5.3`) or provision (`5.3-13`).
        scope: String = "for",
        /// Role of a `[[person]]`.
        role: String = "role",
    }
    /// What the team has decided about the assessment.
    Policy in "`[policy]`" {
        /// Most guesses per hour that a network mechanism may allow before guessing counts as practicable.
        guesses_per_hour: u64 = "guesses-per-hour",
        /// Shortest time, in days, that exhausting half of the value space has to take.
        guessing_days: u32 = "guessing-days",
        /// How many source addresses somebody who guesses is taken to have, where a lockout is that of one; 10 when absent.
        guessing_sources: u32 = "guessing-sources",
        /// For how many days an observation stays current.
        observation_days: u32 = "observation-days",
        /// For how many days a statement stays current.
        statement_days: u32 = "statement-days",
        /// How many days a task may take that a mandatory provision waits for; 14 when absent.
        task_days_mandatory: u32 = "task-days-mandatory",
        /// How many days a task may take that only recommendations wait for; 30 when absent.
        task_days_recommended: u32 = "task-days-recommended",
        /// Reviews that a release needs before `assay gate` lets it through, by name; without the key one, `judged`.
        reviews: Vec<Located<String>> = "reviews",
        /// The weakest level of a measurement on which a pass may rest: `reproducible`, `measured` (the default), or
        /// `imported`, with which what another tool saw is enough where a criterion asks for nothing to be covered.
        pass_level: model::Level = "pass-level",
        /// Whether a review counts only when it is signed with a key of the role `reviewer`.
        reviewer_keys: bool = "reviewer-keys",
        /// Units on which a statement counts only once a second person has confirmed it: `all`, a method as `assay
        /// catalogue` tells it (`manual`), a clause, a provision, a case or a unit.
        two_persons: Vec<Located<String>> = "two-persons",
    }
    /// What may be carried from an earlier release, for the units of one method.
    Carry in "a `[[carry]]`" {
        /// The method, as `assay catalogue` tells it of a unit: `rule`, `probe`, `assisted`, `judgement`, `manual`.
        method: Method = "method",
        /// When a pass of an earlier release stands for this one.
        when: CarryWhen = "when",
        /// For how many days after it was measured or stated; 365 when left out.
        days: u32 = "days",
    }
    /// One row of the ICS.
    IcsRow in "a `[[provision]]` of the ICS" {
        /// Provision id.
        id: String = "id",
        /// Status as Table B.1 prints it; optional, checked when given.
        status: String = "status",
        /// The answer.
        support: Support = "support",
        /// How the provision is met, or why not, or why it does not apply (ICS column Detail).
        detail: String = "detail",
        /// For a recommendation that is not met: the rationale.
        justification: String = "justification",
        /// For a recommendation that is not met: what keeps the remaining risk down.
        compensating: String = "compensating",
        /// Date by which a justification is looked at again, `2026-01-31`.
        review: String = "review",
        /// The provision of another edition that the answer was given for, `5.3-4 of V2.1.1`, as long as nobody has
        /// confirmed it for this one; taking the line out confirms it.
        carried: String = "carried",
    }
    /// The control behind a provision.
    Control in "a `[[control]]`" {
        /// Provision id.
        provision: String = "provision",
        /// The design decision.
        design: String = "design",
        /// The pattern that implements it.
        pattern: String = "pattern",
        /// What has to hold for the control to be accepted, one criterion each.
        acceptance: Vec<Located<String>> = "acceptance",
        /// Documents that show it, as paths or URLs.
        documents: Vec<Located<String>> = "documents",
        /// Role that owns it.
        owner: String = "owner",
    }
}

impl Policy {
    /// The names of the reviews that a release needs.
    pub fn reviews(policy: Option<&Self>) -> Vec<&str> {
        match policy.and_then(|p| p.reviews.as_ref()) {
            Some(names) => names.value.iter().map(|name| name.value.trim()).collect(),
            None => vec!["judged"],
        }
    }

    /// How many days a task may take: where a mandatory provision waits for it, and where only recommendations do.
    pub fn task_days(policy: Option<&Self>) -> (u32, u32) {
        let days = |said: Option<&Located<u32>>, usual| said.map_or(usual, |days| days.value);
        (
            days(policy.and_then(|p| p.task_days_mandatory.as_ref()), 14),
            days(policy.and_then(|p| p.task_days_recommended.as_ref()), 30),
        )
    }
}

impl IcsRow {
    /// The provision of another edition that the answer was given for, while nobody has confirmed it for this one.
    pub fn unconfirmed(&self) -> Option<&Located<String>> {
        self.carried.as_ref().filter(|from| !from.value.trim().is_empty())
    }
}

/// The supplier's answers: which features and conditions hold, and one row per provision.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ics {
    /// Declared features by letter.
    pub features: BTreeMap<String, Located<bool>>,
    /// Declared conditions by number.
    pub conditions: BTreeMap<String, Located<bool>>,
    /// Rows in the order written.
    pub rows: Vec<Located<IcsRow>>,
}

impl Ics {
    /// The row of a provision.
    pub fn row(&self, provision: &str) -> Option<&Located<IcsRow>> {
        self.rows.iter().find(|row| row.id.as_ref().is_some_and(|id| id.value == provision))
    }
}

pub(crate) fn read_ics(document: &DeTable<'_>, reader: &mut Reader<'_>) -> Ics {
    reader.only(document, "ics.toml", &["features", "conditions", "provision"]);
    Ics {
        features: answers(document, "features", reader),
        conditions: answers(document, "conditions", reader),
        rows: rows(document, "provision", reader),
    }
}

/// Every `[[key]]` of a document, each with the place of its heading.
pub(crate) fn rows<T: Decode>(document: &DeTable<'_>, key: &str, reader: &mut Reader<'_>) -> Vec<Located<T>> {
    let Some(item) = document.get(key) else { return Vec::new() };
    let Some(list) = item.get_ref().as_array() else {
        let span = reader.span(item);
        reader.notes.push(
            Note::new("wrong-type", Severity::Error, "this has to be a list of tables", span, "not a list")
                .hint(format!("write `[[{key}]]` with two brackets")),
        );
        return Vec::new();
    };
    list.iter().filter_map(|one| Located::<T>::decode(one, reader)).collect()
}

/// A single `[key]` of a document.
pub(crate) fn one<T: Decode>(document: &DeTable<'_>, key: &str, reader: &mut Reader<'_>) -> Option<Located<T>> {
    reader.get(document, key)
}

fn answers(document: &DeTable<'_>, key: &str, reader: &mut Reader<'_>) -> BTreeMap<String, Located<bool>> {
    let Some(item) = document.get(key) else { return BTreeMap::new() };
    let Some(table) = item.get_ref().as_table() else {
        reader.wrong_type(item, "a table of `true` and `false`");
        return BTreeMap::new();
    };
    let mut found = BTreeMap::new();
    for (name, value) in table {
        let span: Span = reader.span(name);
        if let Some(value) = bool::decode(value, reader) {
            found.insert(name.get_ref().to_string(), Located { value, span });
        }
    }
    found
}
