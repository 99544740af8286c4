//! The standard as data: both pairs of EN 303 645 and TS 103 701, and the bridge between them.
//!
//! It knows provisions, tests and IXIT tables. It knows no product and decides nothing about one.
#![forbid(unsafe_code)]
#![warn(clippy::disallowed_methods, clippy::disallowed_types)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod applies;
mod bridge;
mod load;
mod lookup;
mod procedure;
mod question;
mod rows;

pub use applies::{Applicability, Unmet};
pub use bridge::{AnswerLink, Bridge, BridgeStep, Holds, Place, PlaceLink, Settled};
pub use lookup::{Item, NotFound};
pub use procedure::Procedure;
pub use question::{Audience, Question, Source};
pub use rows::{
    Case, CaseVerdict, Clause, Condition, Document, Feature, Field, Group, Kind, Modal, Provision, Rule, Table,
    Unit,
};

use std::sync::OnceLock;

use model::{CaseId, Edition, GroupId, ProvisionId, TableId, UnitId};

/// Everything the catalogue holds of one edition, in the order the standard prints it.
#[derive(Debug)]
pub struct Catalogue {
    /// Which pair this is.
    pub edition: Edition,
    /// The requirements document.
    pub requirements: Document,
    /// The test specification.
    pub tests: Document,
    /// Numbered conditions of Table B.1.
    pub conditions: Vec<Condition>,
    /// Lettered features of Table B.1; none in V2.1.1.
    pub features: Vec<Feature>,
    /// Clauses that hold provisions.
    pub clauses: Vec<Clause>,
    /// Provisions.
    pub provisions: Vec<Provision>,
    /// IXIT tables with their fields.
    pub tables: Vec<Table>,
    /// Test groups.
    pub groups: Vec<Group>,
    /// Test cases.
    pub cases: Vec<Case>,
    /// Test units.
    pub units: Vec<Unit>,
}

impl Catalogue {
    /// The catalogue of an edition. Read from the built-in text once per process.
    ///
    /// # Panics
    /// Never for a built program: a test reads every edition.
    pub fn of(edition: Edition) -> &'static Catalogue {
        static OLD: OnceLock<Catalogue> = OnceLock::new();
        static NEW: OnceLock<Catalogue> = OnceLock::new();
        match edition {
            Edition::V2_1_1 => OLD.get_or_init(|| load::load(edition)),
            Edition::V3_1_3 => NEW.get_or_init(|| load::load(edition)),
        }
    }

    /// The provision of this id.
    pub fn provision(&self, id: &ProvisionId) -> Option<&Provision> {
        self.provisions.iter().find(|p| p.id == *id)
    }

    /// The provision that a text names.
    pub fn provision_named(&self, text: &str) -> Option<&Provision> {
        self.provisions.iter().find(|p| p.id.as_str() == text)
    }

    /// The clause of this number.
    pub fn clause(&self, id: &str) -> Option<&Clause> {
        self.clauses.iter().find(|c| c.id == id)
    }

    /// The group of this id.
    pub fn group(&self, id: &GroupId) -> Option<&Group> {
        self.groups.iter().find(|g| g.id == *id)
    }

    /// The group that tests a provision.
    pub fn group_of(&self, provision: &ProvisionId) -> Option<&Group> {
        self.groups.iter().find(|g| g.provision == *provision)
    }

    /// The case of this id.
    pub fn case(&self, id: &CaseId) -> Option<&Case> {
        self.cases.iter().find(|c| c.id == *id)
    }

    /// The cases of a group, in order.
    pub fn cases_of<'a>(&'a self, group: &'a GroupId) -> impl Iterator<Item = &'a Case> {
        self.cases.iter().filter(move |c| c.group == *group)
    }

    /// The unit of this id.
    pub fn unit(&self, id: &UnitId) -> Option<&Unit> {
        self.units.iter().find(|u| u.id == *id)
    }

    /// The unit that a text names.
    pub fn unit_named(&self, text: &str) -> Option<&Unit> {
        self.units.iter().find(|u| u.id.as_str() == text)
    }

    /// The units of a case, in order.
    pub fn units_of<'a>(&'a self, case: &'a CaseId) -> impl Iterator<Item = &'a Unit> {
        self.units.iter().filter(move |u| u.case == *case)
    }

    /// Guided procedures, one per unit. They are prose for people and are read only when asked for.
    pub fn procedures(&self) -> &'static [Procedure] {
        static OLD: OnceLock<Vec<Procedure>> = OnceLock::new();
        static NEW: OnceLock<Vec<Procedure>> = OnceLock::new();
        match self.edition {
            Edition::V2_1_1 => OLD.get_or_init(|| procedure::load(self.edition)),
            Edition::V3_1_3 => NEW.get_or_init(|| procedure::load(self.edition)),
        }
    }

    /// The procedure of a unit.
    pub fn procedure(&self, unit: &UnitId) -> Option<&'static Procedure> {
        self.procedures().iter().find(|p| p.unit == *unit)
    }

    /// The questions that are asked about the provisions, in their order. Read only when asked for.
    pub fn questions(&self) -> &'static [Question] {
        static OLD: OnceLock<Vec<Question>> = OnceLock::new();
        static NEW: OnceLock<Vec<Question>> = OnceLock::new();
        match self.edition {
            Edition::V2_1_1 => OLD.get_or_init(|| question::load(self.edition)),
            Edition::V3_1_3 => NEW.get_or_init(|| question::load(self.edition)),
        }
    }

    /// The IXIT table of this id.
    pub fn table(&self, id: &TableId) -> Option<&Table> {
        self.tables.iter().find(|t| t.id == *id)
    }

    /// The IXIT table of this name, with or without its number, whatever the case of letters.
    pub fn table_named(&self, text: &str) -> Option<&Table> {
        self.tables.iter().find(|t| t.id.as_str().eq_ignore_ascii_case(text) || t.name.eq_ignore_ascii_case(text))
    }

    /// The condition of this number.
    pub fn condition(&self, id: &str) -> Option<&Condition> {
        self.conditions.iter().find(|c| c.id == id)
    }

    /// The feature of this letter.
    pub fn feature(&self, id: &str) -> Option<&Feature> {
        self.features.iter().find(|f| f.id == id)
    }
}
