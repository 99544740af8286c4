//! The rows of the catalogue: one type per kind of thing the standard numbers.

use model::{CaseId, Confidence, GroupId, Method, ProvisionId, TableId, UnitId};
use serde::Deserialize;

/// A document of a pair.
#[derive(Debug, Clone, Deserialize)]
pub struct Document {
    /// `EN 303 645` or `TS 103 701`.
    pub id: String,
    /// `V3.1.3`.
    pub version: String,
    /// Year and month of publication.
    pub published: String,
    /// Title.
    pub title: String,
    /// Where ETSI publishes it.
    pub url: String,
}

/// A numbered condition of Table B.1.
#[derive(Debug, Clone, Deserialize)]
pub struct Condition {
    /// Its number.
    pub id: String,
    /// When it holds, in our words.
    pub summary: String,
}

/// A lettered feature of Table B.1.
#[derive(Debug, Clone, Deserialize)]
pub struct Feature {
    /// Its letter or letters.
    pub id: String,
    /// When it is present, in our words.
    pub summary: String,
}

/// A clause that holds provisions: one test scenario (TSO) of the test specification.
#[derive(Debug, Clone, Deserialize)]
pub struct Clause {
    /// `5.3`.
    pub id: String,
    /// Heading.
    pub title: String,
}

/// The modal verb of a provision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Modal {
    /// A mandatory provision (M).
    Shall,
    /// A recommendation (R).
    Should,
}

/// How several conditions and features of one provision combine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    /// Each has to hold.
    All,
    /// One suffices.
    Any,
}

/// A provision of EN 303 645.
#[derive(Debug, Clone)]
pub struct Provision {
    /// Its id.
    pub id: ProvisionId,
    /// The clause it stands in.
    pub clause: String,
    /// Shall or should.
    pub modal: Modal,
    /// Status as Table B.1 prints it: `M C F (14, e)`.
    pub status: String,
    /// Condition numbers.
    pub conditions: Vec<String>,
    /// Feature letters.
    pub features: Vec<String>,
    /// How conditions and features combine.
    pub rule: Rule,
    /// What it asks, in our words.
    pub summary: String,
    /// The provision of V2.1.1 it comes from; empty when new, and always in V2.1.1.
    pub earlier: Option<String>,
    /// How it differs from the earlier one.
    pub change: Option<String>,
    /// A remark on the fact.
    pub note: Option<String>,
}

impl Provision {
    /// Whether the provision is a shall.
    pub fn is_mandatory(&self) -> bool {
        self.modal == Modal::Shall
    }

    /// Whether it binds every product, without condition or feature.
    pub fn is_unconditional(&self) -> bool {
        self.conditions.is_empty() && self.features.is_empty()
    }
}

/// A field of an IXIT table.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name as the pro forma prints it.
    pub name: String,
    /// What belongs in it, in our words.
    pub summary: String,
    /// Units that read it.
    pub required_by: Vec<UnitId>,
    /// Tables it refers to.
    pub references: Vec<TableId>,
    /// Values the pro forma names.
    pub values: Vec<String>,
    /// When the field has to be filled, where not always.
    pub applies_when: Option<String>,
    /// How sure the fact is.
    pub confidence: Confidence,
    /// A remark on the fact.
    pub note: Option<String>,
}

/// An IXIT table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its id: `1-AuthMech`.
    pub id: TableId,
    /// Its number.
    pub number: u32,
    /// Its name: `AuthMech`.
    pub name: String,
    /// Its heading.
    pub title: String,
    /// Whether it has an entry per thing; otherwise it is one set of statements.
    pub repeating: bool,
    /// Usual beginning of an entry's id.
    pub entry_prefix: String,
    /// What it lists, in our words.
    pub summary: String,
    /// Its fields in order.
    pub fields: Vec<Field>,
}

impl Table {
    /// The field of this name, whatever the case of letters.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name.eq_ignore_ascii_case(name))
    }
}

/// A test group: the tests of one provision.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// The provision it tests.
    pub provision: ProvisionId,
    /// The clause (TSO) it belongs to.
    pub clause: String,
    /// The clause of the test specification to look up; unknown for one group of V1.1.1.
    pub ts_clause: Option<String>,
    /// The IXIT tables it reads.
    pub tables: Vec<TableId>,
}

/// Whether a test reads documents or exercises the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Kind {
    /// The design as documented, against the provision.
    #[serde(rename = "conceptual")]
    Conceptual,
    /// The product, against its documentation.
    #[serde(rename = "functional")]
    Functional,
    /// A case with units of both kinds.
    #[serde(rename = "conceptual/functional")]
    Mixed,
}

impl Kind {
    /// The word as the test specification prints it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Conceptual => "conceptual",
            Kind::Functional => "functional",
            Kind::Mixed => "conceptual/functional",
        }
    }
}

/// When a case passes.
#[derive(Debug, Clone)]
pub struct CaseVerdict {
    /// Criteria that all have to hold.
    pub pass_when: Vec<String>,
    /// Criteria of which one suffices instead of all of `pass_when`.
    pub or_when: Vec<String>,
    /// How sure the criteria are.
    pub confidence: Confidence,
    /// A remark on the fact.
    pub note: Option<String>,
}

/// A test case.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// Its group.
    pub group: GroupId,
    /// Conceptual or functional.
    pub kind: Kind,
    /// What it is for, in our words.
    pub purpose: String,
    /// When it passes.
    pub verdict: CaseVerdict,
}

/// A test unit: one lettered step of a case.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// Its case.
    pub case: CaseId,
    /// What it checks, in our words.
    pub summary: String,
    /// The table whose entries it is applied to; none when it is judged once.
    pub for_each: Option<TableId>,
    /// Further tables whose entries it is applied to.
    pub for_each_also: Vec<TableId>,
    /// Which entries it concerns, in our words; empty for all.
    pub which: String,
    /// Fields it reads: table and field name.
    pub reads: Vec<(TableId, String)>,
    /// What else it reads: ICS columns, documents.
    pub reads_other: Vec<String>,
    /// Who or what can settle it. Our judgement.
    pub method: Method,
    /// What helps to settle it. Our judgement.
    pub tools: String,
    /// The kind of activity the unit asks for: assess, check, apply …
    pub verb: String,
    /// Units or cases it builds on.
    pub depends_on: Vec<String>,
    /// Whether it reads documents or exercises the product.
    pub kind: Kind,
    /// How sure the fact is.
    pub confidence: Confidence,
    /// A remark on the fact.
    pub note: Option<String>,
}
