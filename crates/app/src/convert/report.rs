//! What a conversion did, as plain data: for a reader and for a script.

use engine::bridge::{Fate, MovedObservation, MovedStatement};
use model::Edition;
use serde::Serialize;

/// What became of the answer to a provision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It stands as it was given.
    Copied,
    /// It stands as it was given for this edition before a conversion.
    Returned,
    /// It stands, marked, and counts as none until the supplier confirms it.
    ToConfirm,
    /// It does not stand: the parts were answered differently, or the answer is none for this provision.
    NotCarried,
    /// There was none.
    Unanswered,
}

impl Answer {
    /// The words as tables print them.
    pub fn as_str(self) -> &'static str {
        match self {
            Answer::Copied => "copied",
            Answer::Returned => "as it was given for this edition",
            Answer::ToConfirm => "to be confirmed",
            Answer::NotCarried => "to be given anew",
            Answer::Unanswered => "not answered",
        }
    }
}

/// One step between the editions, with what became of the answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProvisionLine {
    /// Provisions of the edition that is left.
    pub from: Vec<String>,
    /// Provisions of the edition that is entered.
    pub to: Vec<String>,
    /// What became of them.
    pub fate: Fate,
    /// The catalogue's word for the difference, from the older to the newer edition.
    pub change: String,
    /// What became of the answer, per provision in `to`.
    pub answers: Vec<Answer>,
    /// What each provision in `to` asks, in our words.
    pub asks: Vec<String>,
}

/// A feature or condition of the edition that is entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Derived {
    /// Letter or number.
    pub name: String,
    /// What the declared ones settle; none when nothing does, and then it is not declared.
    pub value: Option<bool>,
    /// The features and conditions it follows from.
    pub from: Vec<String>,
    /// What the entries show about one that is not settled.
    pub shown: Option<(bool, String)>,
}

/// An IXIT entry and where it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntryLine {
    /// Its table, without number.
    pub table: String,
    /// Its id.
    pub id: String,
    /// Where it went: table and id; none when it has no place.
    pub to: Vec<(String, String)>,
    /// Why, where that is not plain.
    pub because: Option<String>,
}

/// Something that has no place in the edition that is entered. It stays in the new folder as a comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Left {
    /// Where it stood: `ics`, `controls`, `assay`, or the entry.
    pub place: String,
    /// What it is.
    pub what: String,
    /// What it said.
    pub text: String,
}

/// A field that the edition that is entered asks for and the other did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// The table.
    pub table: String,
    /// The field.
    pub field: String,
    /// How many entries do not say it.
    pub entries: usize,
}

/// What `assay check` says about the new folder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Pieces of advice.
    pub advice: usize,
}

/// What a conversion did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The edition that was left.
    pub from: Edition,
    /// The edition that was entered.
    pub to: Edition,
    /// Each provision of either edition, exactly once.
    pub provisions: Vec<ProvisionLine>,
    /// Each feature and condition of the edition that was entered.
    pub answers: Vec<Derived>,
    /// Each IXIT entry of the dossier.
    pub entries: Vec<EntryLine>,
    /// What has no place.
    pub left: Vec<Left>,
    /// What is asked besides.
    pub asked: Vec<Asked>,
    /// Recorded observations: each carries.
    pub observations: Vec<MovedObservation>,
    /// Recorded statements, with what a person could confirm.
    pub statements: Vec<MovedStatement>,
    /// How many observations were imported into the new folder's ledger.
    pub imported: usize,
    /// The notes on the new folder.
    pub checked: Checked,
}

impl Report {
    /// A report in which nothing has happened yet.
    pub(super) fn new(to: Edition) -> Self {
        Self {
            from: to.other(),
            to,
            provisions: Vec::new(),
            answers: Vec::new(),
            entries: Vec::new(),
            left: Vec::new(),
            asked: Vec::new(),
            observations: Vec::new(),
            statements: Vec::new(),
            imported: 0,
            checked: Checked::default(),
        }
    }

    /// How many provisions of the edition that was entered have an answer of a kind.
    pub fn count(&self, answer: Answer) -> usize {
        self.provisions.iter().flat_map(|p| &p.answers).filter(|a| **a == answer).count()
    }
}
