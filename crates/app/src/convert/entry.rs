//! One IXIT entry in the other edition: fields under their new names, references to where they lead now, facts kept.

use std::collections::BTreeMap;

use catalogue::{Bridge, Field, Table};
use model::Edition;
use toml_edit::{Item, Value};

use super::fields::{Gained, Gains, RESILIENCE};
use super::moves::Moves;
use super::report::{Left, Report};
use super::text::{self, Part, guide, kept};

/// Facts that name entries of other tables.
const REFERRING: [&str; 3] = ["interface", "secured-by", "source"];
/// Prose fields of V3.1.3 that say what a fact says in either edition.
const SAID_BY_FACT: [(&str, &str, &str); 2] = [("UserIntf", "Type", "interface"), ("InpVal", "Source", "source")];

/// What an entry is rewritten with.
pub(super) struct Rewriting<'a> {
    pub(super) bridge: &'a Bridge,
    pub(super) from: &'a Table,
    pub(super) to: &'a Table,
    pub(super) edition: Edition,
    pub(super) moves: &'a Moves,
    pub(super) names: &'a BTreeMap<String, String>,
    pub(super) gains: &'a Gains,
}

/// What becomes of a field.
enum Fate<'a> {
    /// It stays, under this name.
    Stays(&'a str),
    /// The table says it, or another entry does.
    Implied,
    /// A fact says it; where the fact is missing it is added.
    Fact(&'static str),
    /// It has no place.
    Left,
}

impl Rewriting<'_> {
    /// The entry under its new id.
    pub(super) fn entry(&self, part: &Part, old: &str, new: &str, report: &mut Report) -> Part {
        let mut table = toml_edit::Table::new();
        *table.decor_mut() = part.table.decor().clone();
        let mut notes = String::new();
        let mut to_facts: Vec<(&'static str, Item)> = Vec::new();
        for (name, item) in part.table.iter() {
            let mut item = item.clone();
            let Some(key) = part.table.key(name) else { continue };
            if name == "facts" {
                notes.push_str(&self.facts(&mut item));
                table.insert_formatted(key, item);
                continue;
            }
            if name.eq_ignore_ascii_case("ID") {
                item.as_value_mut().into_iter().for_each(|v| text::set(v, new));
                table.insert_formatted(key, item);
                continue;
            }
            match self.fate(name, &item, old) {
                Fate::Stays(new_name) => {
                    notes.push_str(&self.value(name, &mut item));
                    if new_name == name {
                        table.insert_formatted(key, item);
                    } else {
                        let renamed = toml_edit::Key::new(new_name).with_leaf_decor(key.leaf_decor().clone());
                        table.insert_formatted(&renamed, item);
                    }
                }
                Fate::Implied => {}
                Fate::Fact(fact) => {
                    let gone = self.references(&mut item, sources(self.edition, fact));
                    notes.push_str(&self.gone(name, &gone));
                    to_facts.push((fact, item));
                }
                Fate::Left => notes.push_str(&self.left(name, &item, old, report)),
            }
        }
        for (fact, item) in to_facts {
            notes.push_str(&self.to_fact(&mut table, fact, item, old, report));
        }
        notes.push_str(&self.gain(&mut table, new));
        Part { before: part.before.clone(), own: format!("{}{notes}", part.own), table }
    }

    fn fate<'n>(&'n self, name: &'n str, item: &Item, old: &str) -> Fate<'n> {
        let Some(field) = self.from.field(name) else { return Fate::Stays(name) };
        if let Some(new) = self.renamed(&field.name) {
            return Fate::Stays(new);
        }
        if self.to.field(name).is_some() {
            return Fate::Stays(name);
        }
        if name.eq_ignore_ascii_case(RESILIENCE) && self.gains.is_delivered(&self.from.name, old) {
            return Fate::Implied;
        }
        // An entry of 28-LogIntf is a logical interface by its table.
        let logical = |text: &str| text.to_lowercase().contains("logical");
        if self.to.name == "LogIntf" && name.eq_ignore_ascii_case("Type") && logical(&text::spoken(item)) {
            return Fate::Implied;
        }
        let by_fact =
            |(table, field, _): &&(&str, &str, &str)| self.from.name == *table && name.eq_ignore_ascii_case(field);
        match SAID_BY_FACT.iter().find(by_fact) {
            Some((_, _, fact)) if item.is_array() => Fate::Fact(fact),
            _ => Fate::Left,
        }
    }

    /// The name of a field under which the other edition has it in the same table.
    fn renamed(&self, name: &str) -> Option<&str> {
        let ends = self.bridge.fields.iter().map(|link| match self.edition {
            Edition::V3_1_3 => (&link.earlier, &link.later),
            Edition::V2_1_1 => (&link.later, &link.earlier),
        });
        let mut found = ends.filter(|(here, there)| {
            here.table == self.from.id.as_str() && there.table == self.to.id.as_str() && here.name == name
        });
        found.next().map(|(_, there)| there.name.as_str())
    }

    /// Rewrites the value of a field that stays; returns comments on what could not stay.
    fn value(&self, name: &str, item: &mut Item) -> String {
        let Some(field) = self.from.field(name) else { return String::new() };
        if !field.values.is_empty() {
            self.named_values(field, item);
        } else if !field.references.is_empty() && item.is_array() {
            let there = self.to.field(self.renamed(&field.name).unwrap_or(name));
            let wanted: Vec<&str> = there.iter().flat_map(|f| &f.references).map(|t| t.name()).collect();
            let gone = self.references(item, &wanted);
            return self.gone(name, &gone);
        }
        let mut table = toml_edit::Table::new();
        table.insert("value", item.clone());
        text::rename_words(&mut table, self.names);
        if let Some(renamed) = table.remove("value") {
            *item = renamed;
        }
        String::new()
    }

    /// Values that the pro forma names. In V2.1.1 an air interface is a physical one, too, and says so.
    fn named_values(&self, field: &Field, item: &mut Item) {
        let links = self.bridge.values.iter().filter(|l| match self.edition {
            Edition::V3_1_3 => l.earlier.table == self.from.id.as_str() && l.earlier.name == field.name,
            Edition::V2_1_1 => l.later.table == self.from.id.as_str() && l.later.name == field.name,
        });
        let pairs: BTreeMap<&str, &str> = links
            .filter_map(|l| {
                let (here, there) = match self.edition {
                    Edition::V3_1_3 => (&l.earlier, &l.later),
                    Edition::V2_1_1 => (&l.later, &l.earlier),
                };
                Some((here.value.as_deref()?, there.value.as_deref()?))
            })
            .collect();
        if pairs.is_empty() {
            return;
        }
        if let Some(text) = item.as_str().map(str::to_owned) {
            let new = pairs.get(text.trim());
            item.as_value_mut().zip(new).into_iter().for_each(|(v, new)| text::set(v, *new));
            return;
        }
        let Some(list) = item.as_array() else { return };
        let mut values: Vec<String> = Vec::new();
        for value in list.iter().filter_map(Value::as_str) {
            // An interface that is logical besides has an entry of its own for that.
            if value == "logical" && self.to.name == "PhyIntf" {
                continue;
            }
            let new = pairs.get(value).copied().unwrap_or(value);
            if new == "air" && !values.iter().any(|v| v == "physical") {
                values.push("physical".to_owned());
            }
            if !values.iter().any(|v| v == new) {
                values.push(new.to_owned());
            }
        }
        if values.iter().any(|v| v == "air interface") {
            values.retain(|v| v != "physical port");
        }
        *item = text::list(values);
    }

    /// Leads the ids of a list to where their entries are now; returns those that lead nowhere any more.
    ///
    /// `wanted` are the tables that the list may name; any when empty.
    fn references(&self, item: &mut Item, wanted: &[&str]) -> Vec<String> {
        let Some(list) = item.as_array_mut() else { return Vec::new() };
        let mut gone = Vec::new();
        let mut new: Vec<String> = Vec::new();
        let mut changed = false;
        for id in list.iter().filter_map(Value::as_str) {
            let found = self.lead(id, wanted);
            changed |= found != [id];
            if found.is_empty() {
                gone.push(id.to_owned());
            }
            new.extend(found);
        }
        if changed {
            let decor = list.decor().clone();
            *item = text::list(new);
            item.as_value_mut().into_iter().for_each(|v| *v.decor_mut() = decor.clone());
        }
        gone
    }

    /// Where an id leads; itself when no entry has it.
    fn lead(&self, id: &str, wanted: &[&str]) -> Vec<String> {
        let steps = self.moves.lead(id);
        if steps.is_empty() {
            return vec![id.to_owned()];
        }
        let places: Vec<_> = steps.iter().flat_map(|m| &m.to).collect();
        let fitting =
            places.iter().filter(|(table, _)| wanted.contains(&table.as_str())).map(|(_, id)| id.clone());
        let fitting: Vec<String> = fitting.collect();
        // Of two halves the logical one is what programs and people speak to.
        let last = places.last().filter(|_| wanted.is_empty()).map(|(_, id)| id.clone());
        fitting.into_iter().chain(last).collect()
    }

    fn facts(&self, item: &mut Item) -> String {
        let Some(facts) = item.as_table_like_mut() else { return String::new() };
        let mut notes = String::new();
        for (name, item) in facts.iter_mut() {
            if REFERRING.contains(&name.get()) {
                let gone = self.references(item, sources(self.edition, name.get()));
                notes.push_str(&self.gone(name.get(), &gone));
            }
        }
        notes
    }

    fn gone(&self, name: &str, gone: &[String]) -> String {
        if gone.is_empty() {
            return String::new();
        }
        kept(&format!("`{name}` named {}, which has no place there in V{}.", gone.join(", "), self.edition))
    }

    fn left(&self, name: &str, item: &Item, old: &str, report: &mut Report) -> String {
        let said = text::spoken(item);
        if said.trim().is_empty() {
            return String::new();
        }
        let what = format!("`{name}` has no place in {} of V{}", self.to.id, self.edition);
        report.left.push(Left { place: old.to_owned(), what: what.clone(), text: said.clone() });
        kept(&format!("{what}; V{} said: {said}", self.edition.other()))
    }

    /// A prose field of the newer edition becomes the fact that says the same.
    fn to_fact(
        &self,
        table: &mut toml_edit::Table,
        fact: &'static str,
        item: Item,
        old: &str,
        report: &mut Report,
    ) -> String {
        let facts = table.entry("facts").or_insert_with(|| {
            let mut facts = toml_edit::Table::new();
            facts.decor_mut().set_prefix("\n");
            Item::Table(facts)
        });
        let Some(facts) = facts.as_table_like_mut() else { return String::new() };
        let ids = |item: &Item| -> Vec<String> {
            item.as_array()
                .into_iter()
                .flat_map(|l| l.iter())
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        };
        match facts.get(fact) {
            None => {
                facts.insert(fact, item);
                String::new()
            }
            Some(known) if ids(known) == ids(&item) => String::new(),
            Some(_) => self.left(fact, &item, old, report),
        }
    }

    /// Fields that the edition asks for and that facts, references or other entries say.
    fn gain(&self, table: &mut toml_edit::Table, new: &str) -> String {
        let mut notes = Vec::new();
        let place = (self.to.name.clone(), new.to_owned());
        for (field, value) in self.gains.at(&place) {
            if !table.contains_key(field) {
                let item = match value {
                    Gained::Text(text) => toml_edit::value(text::renamed(&text, self.names)),
                    Gained::Ids(ids) => text::list(ids),
                };
                table.insert(field, item);
                notes.push(format!("`{field}`"));
            }
        }
        if self.from.name == "LogIntf" && self.to.name == "Intf" && !table.contains_key("Type") {
            table.insert("Type", text::list(["logical"]));
        }
        for (name, field, fact) in SAID_BY_FACT {
            let wants = self.to.name == name && self.to.field(field).is_some() && !table.contains_key(field);
            let said = table.get("facts").and_then(Item::as_table_like).and_then(|f| f.get(fact)).cloned();
            if let Some(said) = said.filter(|s| wants && s.is_array()) {
                table.insert(field, said);
                notes.push(format!("`{field}`"));
            }
        }
        match notes.is_empty() {
            true => String::new(),
            false => guide(&format!(
                "{} from what the facts and other entries of V{} say.",
                notes.join(" and "),
                self.edition.other()
            )),
        }
    }
}

/// The tables that a fact may name: input comes from what people or programs speak to.
fn sources(edition: Edition, fact: &str) -> &'static [&'static str] {
    match (fact, edition) {
        ("source", Edition::V3_1_3) => &["UserIntf", "LogIntf"],
        _ => &[],
    }
}
