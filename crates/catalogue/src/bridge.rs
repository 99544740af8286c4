//! How the provisions, answers and IXIT pro forma of V2.1.1 became those of V3.1.3.
//!
//! It says what corresponds to what; what a dossier loses or needs on the way is the engine's business.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use model::{Edition, ProvisionId, TableId};
use serde::Deserialize;

use crate::Catalogue;
use crate::load::built_in;

/// What became of one provision between the editions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BridgeStep {
    /// The provision in V2.1.1; none for a new one.
    pub earlier: Option<ProvisionId>,
    /// The provision in V3.1.3.
    pub later: ProvisionId,
    /// `same`, `reworded`, `extended`, `narrowed`, `changed`, `split`, `new` or `renumbered`.
    pub change: String,
}

/// How a condition of V2.1.1 binds features and conditions of V3.1.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Holds {
    /// The earlier holds exactly when one of the later does.
    Both,
    /// The earlier cannot hold unless each of the later does.
    Forth,
    /// None of the later can hold unless the earlier does.
    Back,
}

/// A condition of V2.1.1 (a number) beside features (letters) and conditions (numbers) of V3.1.3.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AnswerLink {
    /// The condition of V2.1.1.
    pub earlier: String,
    /// Features and conditions of V3.1.3.
    pub later: Vec<String>,
    /// How they bind each other.
    pub holds: Holds,
    /// Why they are not the same, where they are not.
    pub why: Option<String>,
}

/// A field of an IXIT table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Place {
    /// The table: `10-SecParam`.
    pub table: String,
    /// The field.
    pub name: String,
    /// One of the values that the pro forma names for it.
    pub value: Option<String>,
}

/// A field, or a value of one, that the editions write differently.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PlaceLink {
    /// In V2.1.1.
    pub earlier: Place,
    /// In V3.1.3.
    pub later: Place,
}

#[derive(Deserialize)]
struct BridgeText {
    answer: Vec<AnswerLink>,
    table: Vec<TableLink>,
    field: Vec<PlaceLink>,
    value: Vec<PlaceLink>,
}

#[derive(Debug, Clone, Deserialize)]
struct TableLink {
    earlier: String,
    later: Vec<String>,
}

/// The way between the two editions, in the order of V3.1.3.
#[derive(Debug, Clone)]
pub struct Bridge {
    /// One step per provision of V3.1.3.
    pub steps: Vec<BridgeStep>,
    /// How declared conditions and features bind each other.
    pub answers: Vec<AnswerLink>,
    /// Fields under another name or in another table.
    pub fields: Vec<PlaceLink>,
    /// Values that the pro forma names differently.
    pub values: Vec<PlaceLink>,
    tables: Vec<TableLink>,
}

impl Bridge {
    /// The bridge, from the catalogue of V3.1.3 and the built-in correspondences. Built once per process.
    ///
    /// # Panics
    /// Never for a built program: a test reads it.
    pub fn built_in() -> &'static Self {
        static BUILT: OnceLock<Bridge> = OnceLock::new();
        BUILT.get_or_init(Self::build)
    }

    fn build() -> Self {
        let old = Catalogue::of(Edition::V2_1_1);
        let steps = Catalogue::of(Edition::V3_1_3).provisions.iter().map(|p| BridgeStep {
            earlier: p.earlier.as_deref().and_then(|id| old.provision_named(id)).map(|e| e.id.clone()),
            later: p.id.clone(),
            change: p.change.clone().unwrap_or_default(),
        });
        let text: BridgeText = built_in(include_str!("../data/bridge.toml"));
        Self {
            steps: steps.collect(),
            answers: text.answer,
            fields: text.field,
            values: text.value,
            tables: text.table,
        }
    }

    /// The successors of a provision of V2.1.1.
    pub fn successors(&self, earlier: &ProvisionId) -> Vec<&BridgeStep> {
        self.steps.iter().filter(|s| s.earlier.as_ref() == Some(earlier)).collect()
    }

    /// The step that leads to a provision of V3.1.3.
    pub fn origin(&self, later: &ProvisionId) -> Option<&BridgeStep> {
        self.steps.iter().find(|s| s.later == *later)
    }

    /// The tables of the other edition that take the entries of a table; none when nothing does.
    pub fn tables(&self, table: &TableId) -> Vec<TableId> {
        let there = Catalogue::of(table.edition().other());
        let named = |id: &String| there.tables.iter().find(|t| t.id.as_str() == id).map(|t| t.id.clone());
        let listed: Vec<&TableLink> = match table.edition() {
            Edition::V2_1_1 => self.tables.iter().filter(|l| l.earlier == table.as_str()).collect(),
            Edition::V3_1_3 => {
                self.tables.iter().filter(|l| l.later.iter().any(|t| t == table.as_str())).collect()
            }
        };
        if !listed.is_empty() {
            return match table.edition() {
                Edition::V2_1_1 => listed.iter().flat_map(|l| &l.later).filter_map(named).collect(),
                Edition::V3_1_3 => listed.iter().filter_map(|l| named(&l.earlier)).collect(),
            };
        }
        let number = Catalogue::of(table.edition()).table(table).map(|t| t.number);
        there.tables.iter().filter(|t| Some(t.number) == number).map(|t| t.id.clone()).collect()
    }

    /// What the declared answers of one edition settle in the other: value per name, and the names it follows from.
    ///
    /// A name that two answers settle differently is left out, as is one that nothing settles.
    pub fn settled(&self, to: Edition, declared: &BTreeMap<String, bool>) -> BTreeMap<String, Settled> {
        let mut found: BTreeMap<String, Vec<(bool, Vec<String>)>> = BTreeMap::new();
        for link in &self.answers {
            match to {
                Edition::V3_1_3 => link.forth(declared, &mut found),
                Edition::V2_1_1 => link.back(declared, &mut found),
            }
        }
        let agree = |all: Vec<(bool, Vec<String>)>| {
            let value = all.first()?.0;
            let same = all.iter().all(|(v, _)| *v == value);
            let mut from: Vec<String> = all.into_iter().flat_map(|(_, from)| from).collect();
            from.dedup();
            same.then_some(Settled { value, from })
        };
        found.into_iter().filter_map(|(name, all)| Some((name, agree(all)?))).collect()
    }
}

/// An answer that follows from answers of the other edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The answer.
    pub value: bool,
    /// The features and conditions of the other edition that it follows from.
    pub from: Vec<String>,
}

impl AnswerLink {
    fn forth(&self, declared: &BTreeMap<String, bool>, found: &mut BTreeMap<String, Vec<(bool, Vec<String>)>>) {
        let Some(earlier) = declared.get(&self.earlier) else { return };
        let value = match (self.holds, earlier) {
            (Holds::Both, true) if self.later.len() == 1 => true,
            (Holds::Forth, true) => true,
            (Holds::Both | Holds::Back, false) => false,
            _ => return,
        };
        for name in &self.later {
            found.entry(name.clone()).or_default().push((value, vec![self.earlier.clone()]));
        }
    }

    fn back(&self, declared: &BTreeMap<String, bool>, found: &mut BTreeMap<String, Vec<(bool, Vec<String>)>>) {
        let said = |value| -> Vec<String> {
            self.later.iter().filter(|name| declared.get(*name) == Some(&value)).cloned().collect()
        };
        let (yes, no) = (said(true), said(false));
        let value = match self.holds {
            Holds::Both | Holds::Back if !yes.is_empty() => (true, yes),
            Holds::Both if no.len() == self.later.len() => (false, no),
            Holds::Forth if !no.is_empty() => (false, no),
            _ => return,
        };
        found.entry(self.earlier.clone()).or_default().push(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provision_of_the_older_edition_has_a_successor() {
        let bridge = Bridge::built_in();
        for provision in &Catalogue::of(Edition::V2_1_1).provisions {
            assert!(!bridge.successors(&provision.id).is_empty(), "{}", provision.id);
        }
    }

    #[test]
    fn only_new_provisions_have_no_origin() {
        for step in &Bridge::built_in().steps {
            assert_eq!(step.earlier.is_none(), step.change == "new", "{}", step.later);
        }
    }

    #[test]
    fn a_split_provision_leads_to_both_halves() {
        let old = Catalogue::of(Edition::V2_1_1).provision_named("5.3-15").unwrap();
        let bridge = Bridge::built_in();
        let later: Vec<&str> = bridge.successors(&old.id).iter().map(|s| s.later.as_str()).collect();
        assert_eq!(later, ["5.3-15A", "5.3-15B"]);
    }

    #[test]
    fn every_correspondence_names_what_the_catalogues_hold() {
        let bridge = Bridge::built_in();
        let (old, new) = (Catalogue::of(Edition::V2_1_1), Catalogue::of(Edition::V3_1_3));
        let known = |c: &Catalogue, name: &str| c.condition(name).is_some() || c.feature(name).is_some();
        for link in &bridge.answers {
            assert!(known(old, &link.earlier), "{link:?}");
            assert!(!link.later.is_empty() && link.later.iter().all(|n| known(new, n)), "{link:?}");
        }
        let placed = |c: &Catalogue, place: &Place| {
            let field = c.table_named(&place.table).and_then(|t| t.field(&place.name));
            field.is_some_and(|f| place.value.as_ref().is_none_or(|v| f.values.contains(v)))
        };
        for link in bridge.fields.iter().chain(&bridge.values) {
            assert!(placed(old, &link.earlier) && placed(new, &link.later), "{link:?}");
        }
        for link in &bridge.tables {
            assert!(old.table_named(&link.earlier).is_some(), "{link:?}");
            assert!(link.later.iter().all(|t| new.table_named(t).is_some()), "{link:?}");
        }
    }

    #[test]
    fn a_table_leads_to_its_number_unless_its_entries_go_elsewhere() {
        let bridge = Bridge::built_in();
        let leads = |edition, name: &str| -> Vec<String> {
            let table = Catalogue::of(edition).table_named(name).unwrap();
            bridge.tables(&table.id).iter().map(ToString::to_string).collect()
        };
        assert_eq!(leads(Edition::V2_1_1, "ComMech"), ["11-SecComMech"]);
        assert_eq!(leads(Edition::V2_1_1, "Intf"), ["15-PhyIntf", "28-LogIntf"]);
        assert_eq!(leads(Edition::V2_1_1, "ExtAPI"), Vec::<String>::new());
        assert_eq!(leads(Edition::V3_1_3, "LogIntf"), ["15-Intf"]);
        assert_eq!(leads(Edition::V3_1_3, "PersData"), ["21-PersData"]);
    }

    fn settled(to: Edition, declared: &[(&str, bool)]) -> Vec<(String, bool)> {
        let declared = declared.iter().map(|(n, v)| ((*n).to_owned(), *v)).collect();
        Bridge::built_in().settled(to, &declared).into_iter().map(|(n, s)| (n, s.value)).collect()
    }

    #[test]
    fn an_answer_settles_only_what_follows_from_it() {
        let new = Edition::V3_1_3;
        assert_eq!(settled(new, &[("8", true)]), [("d".to_owned(), true)]);
        assert_eq!(settled(new, &[("9", true)]), []);
        assert_eq!(settled(new, &[("9", false)]), [("h".to_owned(), false), ("i".to_owned(), false)]);
        assert_eq!(settled(new, &[("2", true), ("5", false), ("13", false)]), []);
        assert_eq!(settled(new, &[("5", true)]), [("14".to_owned(), true), ("15".to_owned(), true)]);
        let old = Edition::V2_1_1;
        assert_eq!(settled(old, &[("h", false), ("i", true)]), [("9".to_owned(), true)]);
        assert_eq!(settled(old, &[("h", false)]), []);
        assert_eq!(settled(old, &[("q", true), ("r", false)]), [("13".to_owned(), false)]);
    }

    #[test]
    fn answers_that_settle_one_name_differently_settle_nothing() {
        assert_eq!(settled(Edition::V2_1_1, &[("12", true), ("g", false)]), []);
        assert_eq!(settled(Edition::V2_1_1, &[("12", true), ("g", true)]), [("12".to_owned(), true)]);
    }
}
