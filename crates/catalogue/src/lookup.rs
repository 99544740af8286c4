//! Finds whatever an id names, and says what is near when it names nothing.

use crate::{Case, Catalogue, Clause, Condition, Feature, Field, Group, Provision, Table, Unit};

/// Something the catalogue can explain.
#[derive(Debug, Clone, Copy)]
pub enum Item<'a> {
    /// A clause: `5.3`.
    Clause(&'a Clause),
    /// A provision with its test group: `5.3-9`.
    Provision(&'a Provision, &'a Group),
    /// A test case: `5.3-9-1`.
    Case(&'a Case),
    /// A test unit: `5.3-9-1c`.
    Unit(&'a Unit),
    /// An IXIT table: `1-AuthMech` or `AuthMech`.
    Table(&'a Table),
    /// A field of an IXIT table: `AuthMech.Description`.
    Field(&'a Table, &'a Field),
    /// A condition: `condition 14`.
    Condition(&'a Condition),
    /// A feature: `feature e`.
    Feature(&'a Feature),
}

/// Nothing of that name, and what is nearest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{citation} has no `{text}`")]
pub struct NotFound {
    /// What was asked for.
    pub text: String,
    /// Which edition was asked.
    pub citation: &'static str,
    /// Names near it, the nearest first, at most three.
    pub near: Vec<String>,
}

impl Catalogue {
    /// Whatever `text` names in this edition.
    ///
    /// # Errors
    /// [`NotFound`] with the nearest names.
    pub fn find(&self, text: &str) -> Result<Item<'_>, NotFound> {
        let text = text.trim();
        let named = |id: &str| id.eq_ignore_ascii_case(text);
        if let Some(c) = self.clauses.iter().find(|c| named(&c.id)) {
            return Ok(Item::Clause(c));
        }
        if let Some(p) = self.provisions.iter().find(|p| named(p.id.as_str()))
            && let Some(group) = self.group_of(&p.id)
        {
            return Ok(Item::Provision(p, group));
        }
        if let Some(case) = self.cases.iter().find(|c| named(c.id.as_str())) {
            return Ok(Item::Case(case));
        }
        if let Some(unit) = self.units.iter().find(|u| named(u.id.as_str())) {
            return Ok(Item::Unit(unit));
        }
        if let Some(table) = self.table_named(text) {
            return Ok(Item::Table(table));
        }
        if let Some((table, field)) = text.split_once('.')
            && let Some(table) = self.table_named(table)
            && let Some(field) = table.field(field)
        {
            return Ok(Item::Field(table, field));
        }
        if let Some(id) = text.strip_prefix("condition ")
            && let Some(condition) = self.condition(id)
        {
            return Ok(Item::Condition(condition));
        }
        if let Some(id) = text.strip_prefix("feature ")
            && let Some(feature) = self.feature(id)
        {
            return Ok(Item::Feature(feature));
        }
        Err(NotFound { text: text.to_owned(), citation: self.edition.citation(), near: self.near(text) })
    }

    fn near(&self, text: &str) -> Vec<String> {
        let lower = text.to_lowercase();
        let names = self
            .provisions
            .iter()
            .map(|p| p.id.as_str())
            .chain(self.cases.iter().map(|c| c.id.as_str()))
            .chain(self.units.iter().map(|u| u.id.as_str()))
            .chain(self.tables.iter().flat_map(|t| [t.id.as_str(), t.name.as_str()]));
        let mut scored: Vec<(usize, &str)> = names
            .map(|name| (strsim::damerau_levenshtein(&name.to_lowercase(), &lower), name))
            .filter(|(distance, _)| *distance <= 2)
            .collect();
        scored.sort();
        scored.into_iter().take(3).map(|(_, name)| name.to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use model::Edition;

    use super::*;

    #[test]
    fn every_id_is_found_as_what_it_is() {
        for edition in Edition::ALL {
            let catalogue = Catalogue::of(edition);
            for unit in &catalogue.units {
                assert!(matches!(catalogue.find(unit.id.as_str()), Ok(Item::Unit(u)) if u.id == unit.id));
            }
            for case in &catalogue.cases {
                assert!(matches!(catalogue.find(case.id.as_str()), Ok(Item::Case(c)) if c.id == case.id));
            }
            for provision in &catalogue.provisions {
                let found = catalogue.find(provision.id.as_str());
                assert!(matches!(found, Ok(Item::Provision(p, _)) if p.id == provision.id));
            }
            for table in &catalogue.tables {
                assert!(matches!(catalogue.find(&table.name), Ok(Item::Table(t)) if t.id == table.id));
                for field in &table.fields {
                    let name = format!("{}.{}", table.id, field.name);
                    assert!(matches!(catalogue.find(&name), Ok(Item::Field(_, f)) if f.name == field.name));
                }
            }
        }
    }

    #[test]
    fn a_slip_gets_the_nearest_name() {
        let error = Catalogue::of(Edition::V3_1_3).find("AuthMec").unwrap_err();
        assert_eq!(error.near.first().map(String::as_str), Some("AuthMech"));
    }
}
