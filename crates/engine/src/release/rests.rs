//! What the verdict on each unit instance rests on, as places in one list of parts.
//!
//! Computed, not traced: the catalogue says which tables a unit reads, the entry says which others it refers to, and
//! where either is unsure more is taken in. Too much makes a result stale that is not; too little would let a change
//! pass unseen. Records are not among the parts: those of another release are never the same.

mod declared;
mod entries;
mod released;

use std::collections::{BTreeMap, BTreeSet};

use model::{Confidence, ProvisionId, TableId, UnitId};

use super::part::{Part, PartKind};
use crate::assessment::RULESET;
use crate::plan::Step;
use crate::view::View;
use entries::Entries;
use released::Released;

/// A list of parts in which each stands once.
#[derive(Debug, Default)]
struct Parts {
    all: Vec<Part>,
    places: BTreeMap<(PartKind, Option<String>, String), u32>,
}

impl Parts {
    fn place(&mut self, part: Part) -> u32 {
        let key = (part.kind, part.table.clone(), part.name.clone());
        let next = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        *self.places.entry(key).or_insert_with(|| {
            self.all.push(part);
            next
        })
    }
}

/// What every instance of a dossier rests on.
pub(crate) struct Rests<'a> {
    view: View<'a>,
    parts: Parts,
    entries: Entries<'a>,
    released: Released,
    units: BTreeMap<&'a UnitId, Vec<u32>>,
    provisions: BTreeMap<&'a ProvisionId, Vec<u32>>,
}

impl<'a> Rests<'a> {
    pub(crate) fn of(view: &View<'a>) -> Self {
        let mut parts = Parts::default();
        let entries = Entries::of(view.dossier, &mut parts);
        let released = Released::of(view, &mut parts);
        Self { view: *view, parts, entries, released, units: BTreeMap::new(), provisions: BTreeMap::new() }
    }

    /// Places of what the instance of a unit rests on, for the entry with this table and id.
    pub(crate) fn on(&mut self, step: &Step<'a>, entry: Option<(&str, &str)>) -> Vec<u32> {
        let mut on: BTreeSet<u32> = self.unit(step).into_iter().collect();
        if let Some((table, id)) = entry {
            on.extend(self.entries.reached(table, id));
        }
        if step.unit.kind == catalogue::Kind::Functional {
            on.extend(self.released.all());
        } else {
            on.extend(self.released.named(&self.entries, &on));
        }
        on.into_iter().collect()
    }

    /// The parts, once every instance has been asked for.
    pub(crate) fn into_parts(self) -> Vec<Part> {
        self.parts.all
    }

    /// The parts so far.
    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts.all
    }

    /// What every instance of a unit rests on, whichever entry it is for.
    fn unit(&mut self, step: &Step<'a>) -> Vec<u32> {
        if let Some(known) = self.units.get(&step.unit.id) {
            return known.clone();
        }
        let mut on = self.provision(step);
        on.push(self.parts.place(declared::unit(self.view.catalogue, step)));
        if let Some(rule) = step.rule {
            on.push(self.parts.place(Part::of_word(PartKind::Rule, rule.unit, RULESET.to_string())));
            for probe in rule.probes {
                let revision =
                    crate::plan::probe_card(probe).map_or_else(String::new, |(_, revision)| revision.to_string());
                on.push(self.parts.place(Part::of_word(PartKind::Probe, *probe, revision)));
            }
        }
        for table in self.whole_tables(step) {
            on.extend(self.entries.table(table.name()));
            if table.name() == "SoftComp" {
                on.extend(self.released.listed());
            }
        }
        if step.unit.reads_other.iter().any(|read| read.starts_with("ICS.")) {
            for row in &self.view.dossier.ics.rows {
                on.extend(declared::answer(row).map(|part| self.parts.place(part)));
            }
        }
        on.sort_unstable();
        on.dedup();
        self.units.insert(&step.unit.id, on.clone());
        on
    }

    fn provision(&mut self, step: &Step<'a>) -> Vec<u32> {
        let id = &step.provision.id;
        if !self.provisions.contains_key(id) {
            let parts = declared::provision(self.view.dossier, step.provision);
            let places = parts.into_iter().map(|part| self.parts.place(part)).collect();
            self.provisions.insert(id, places);
        }
        self.provisions[id].clone()
    }

    /// The tables that a unit reads as a whole: all that it or a unit it builds on reads, but those it goes through entry
    /// by entry. Where the catalogue is not sure, those of its group as well.
    fn whole_tables(&self, step: &Step<'a>) -> BTreeSet<&'a TableId> {
        let catalogue = self.view.catalogue;
        let mut wanted = BTreeSet::new();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut units = vec![step.unit];
        while let Some(unit) = units.pop() {
            if !seen.insert(unit.id.as_str()) {
                continue;
            }
            wanted.extend(unit.reads.iter().map(|(table, _)| table));
            wanted.extend(unit.for_each.iter().chain(&unit.for_each_also));
            for on in &unit.depends_on {
                let named = |u: &&catalogue::Unit| u.id.as_str() == on || u.case.as_str() == on;
                units.extend(catalogue.units.iter().filter(named));
            }
            let everything = unit.reads_other.iter().any(|read| read == "IXIT:all other tables");
            let document = unit.reads_other.iter().any(|read| read.starts_with("document:"));
            let tables = catalogue.tables.iter().map(|t| &t.id);
            wanted.extend(tables.filter(|t| everything || (document && t.name() == "UserInfo")));
        }
        if step.unit.confidence != Confidence::High {
            wanted.extend(catalogue.group(&step.case.group).into_iter().flat_map(|g| &g.tables));
        }
        let own: Vec<&TableId> = step.unit.for_each.iter().chain(&step.unit.for_each_also).collect();
        wanted.retain(|table| !own.contains(table));
        wanted
    }
}
