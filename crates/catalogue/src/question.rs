//! The questions that auditors, customers and authorities ask about a provision, and what answers each. Our own words.

use model::{Edition, ProvisionId};
use serde::Deserialize;

use crate::load::{broken, built_in};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Somebody who checks the assessment.
    Auditor,
    /// Somebody who buys or runs the product.
    Customer,
    /// Market surveillance, or another public body.
    Authority,
}

impl Audience {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 3] = [Self::Auditor, Self::Customer, Self::Authority];

    /// The word as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auditor => "auditor",
            Self::Customer => "customer",
            Self::Authority => "authority",
        }
    }
}

/// What a question is answered from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The detail of the supplier's answer in the ICS.
    Answer,
    /// The design decision and the pattern of the control.
    Design,
    /// When the control counts as accepted.
    Criteria,
    /// The documents that show the control.
    Documents,
    /// Who answers for the provision.
    Owner,
    /// What every IXIT entry says in the fields that the tests of the provision read.
    Entries,
    /// One field of every entry of an IXIT table.
    Field {
        /// Name of the table, without its number.
        table: String,
        /// Name of the field.
        field: String,
    },
    /// What the conceptual units came to.
    Concept,
    /// What the functional units came to.
    Tests,
    /// What the provision came to.
    Verdict,
    /// What failed.
    Findings,
}

/// A question about a provision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Its name: `5.3-9.auditor.1`.
    pub id: String,
    /// The provision.
    pub provision: ProvisionId,
    /// Who asks.
    pub audience: Audience,
    /// The question.
    pub ask: String,
    /// What answers it, in the order in which it is told.
    pub from: Vec<Source>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    #[serde(default)]
    provision: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    editions: Vec<Edition>,
    #[serde(default)]
    auditor: Vec<Asked>,
    #[serde(default)]
    customer: Vec<Asked>,
    #[serde(default)]
    authority: Vec<Asked>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    ask: String,
    from: Vec<String>,
}

macro_rules! clauses {
    ($($clause:literal),*) => {
        [$(include_str!(concat!("../data/questions/clause-", $clause, ".toml"))),*]
    };
}

const TEXTS: [&str; 15] = clauses!(
    "5.0", "5.1", "5.2", "5.3", "5.4", "5.5", "5.6", "5.7", "5.8", "5.9", "5.10", "5.11", "5.12", "5.13", "6"
);

pub(crate) fn load(edition: Edition) -> Vec<Question> {
    let rows = TEXTS.iter().flat_map(|text| built_in::<Text>(text).provision);
    let mut questions: Vec<Question> =
        rows.filter(|row| row.editions.contains(&edition)).flat_map(|row| of(row, edition)).collect();
    questions.sort_by(|a, b| a.provision.cmp(&b.provision).then(a.audience.cmp(&b.audience)));
    questions
}

fn of(row: Row, edition: Edition) -> Vec<Question> {
    let provision = ProvisionId::new(edition, &row.id).unwrap_or_else(|error| broken(&error.to_string()));
    let each = [
        (Audience::Auditor, row.auditor),
        (Audience::Customer, row.customer),
        (Audience::Authority, row.authority),
    ];
    let asked = each.into_iter().flat_map(|(audience, asked)| {
        asked.into_iter().enumerate().map(move |(at, asked)| (audience, at + 1, asked))
    });
    asked
        .map(|(audience, number, asked)| Question {
            id: format!("{provision}.{}.{number}", audience.as_str()),
            provision: provision.clone(),
            audience,
            ask: asked.ask,
            from: asked.from.iter().map(|word| source(word)).collect(),
        })
        .collect()
}

fn source(word: &str) -> Source {
    match word {
        "answer" => Source::Answer,
        "design" => Source::Design,
        "criteria" => Source::Criteria,
        "documents" => Source::Documents,
        "owner" => Source::Owner,
        "entries" => Source::Entries,
        "concept" => Source::Concept,
        "tests" => Source::Tests,
        "verdict" => Source::Verdict,
        "findings" => Source::Findings,
        _ => match word.split_once('.') {
            Some((table, field)) => Source::Field { table: table.to_owned(), field: field.to_owned() },
            None => broken(&format!("a question is answered from `{word}`")),
        },
    }
}
