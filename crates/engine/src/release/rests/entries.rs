//! IXIT entries and associated services as parts, and which of them an entry leads to.
//!
//! An entry leads to whatever its texts name by id, in a list or in prose, and so on from there. A word that happens to
//! be the id of something leads there too.

use std::collections::{BTreeMap, BTreeSet};

use dossier::Dossier;
use serde_json::Value;

use super::Parts;
use crate::release::part::{Part, PartKind};

/// Entries and services with what each leads to.
#[derive(Debug)]
pub(super) struct Entries<'a> {
    /// By table and id.
    named: BTreeMap<(String, &'a str), Vec<u32>>,
    tables: BTreeMap<String, Vec<u32>>,
    /// By place: the texts, and the places that they lead to, directly and further.
    texts: Vec<Vec<String>>,
    reach: Vec<Vec<u32>>,
}

impl<'a> Entries<'a> {
    pub(super) fn of(dossier: &'a Dossier, parts: &mut Parts) -> Self {
        let mut all =
            Self { named: BTreeMap::new(), tables: BTreeMap::new(), texts: Vec::new(), reach: Vec::new() };
        let mut ids: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for entry in dossier.tables.iter().flat_map(|t| &t.entries) {
            let table = entry.table.to_lowercase();
            let written = entry.written();
            let texts = texts(written.values());
            let id = entry.id.value.as_str();
            // Two entries of one id are one part with both states: a change of either is a change.
            let known = all.named.get(&(table.clone(), id)).map_or(0, Vec::len);
            let name = if known == 0 { id.to_owned() } else { format!("{id} ({})", known + 1) };
            let mut part = Part::of_fields(PartKind::Entry, name, written);
            part.table = Some(entry.table.clone());
            let place = all.push(parts.place(part), texts);
            all.named.entry((table.clone(), id)).or_default().push(place);
            all.tables.entry(table).or_default().push(place);
            ids.entry(id).or_default().push(place);
        }
        for service in &dossier.services {
            let Some(id) = service.id.as_ref().map(|id| id.value.as_str()) else { continue };
            let texts = texts(service.written().values());
            let place = all.push(parts.place(Part::of_fields(PartKind::Service, id, service.written())), texts);
            ids.entry(id).or_default().push(place);
        }
        all.lead(&ids);
        all
    }

    /// Entries and services stand first in the list, so that a place is an index here as well.
    fn push(&mut self, place: u32, texts: Vec<String>) -> u32 {
        let at = place as usize;
        self.texts.resize_with(self.texts.len().max(at + 1), Vec::new);
        self.texts[at].extend(texts);
        place
    }

    fn lead(&mut self, ids: &BTreeMap<&str, Vec<u32>>) {
        let odd: Vec<(&str, &Vec<u32>)> =
            ids.iter().filter(|(id, _)| id.chars().any(|c| !is_word(c))).map(|(id, to)| (*id, to)).collect();
        let direct: Vec<BTreeSet<u32>> = self
            .texts
            .iter()
            .map(|texts| {
                let mut to = BTreeSet::new();
                for text in texts {
                    for word in std::iter::once(text.trim()).chain(text.split(|c| !is_word(c))) {
                        to.extend(ids.get(word.trim_matches('.')).into_iter().flatten());
                    }
                    to.extend(odd.iter().filter(|(id, _)| text.contains(id)).flat_map(|(_, to)| *to));
                }
                to
            })
            .collect();
        self.reach = (0..direct.len()).map(|from| further(from, &direct)).collect();
    }

    /// The entries of this table and id and everything they lead to.
    pub(super) fn reached(&self, table: &str, id: &str) -> Vec<u32> {
        let named = self.named.get(&(table.to_lowercase(), id)).map_or(&[][..], Vec::as_slice);
        named.iter().flat_map(|place| &self.reach[*place as usize]).copied().collect()
    }

    /// Every entry of a table and everything they lead to.
    pub(super) fn table(&self, name: &str) -> BTreeSet<u32> {
        let all = self.tables.get(&name.to_lowercase()).map_or(&[][..], Vec::as_slice);
        all.iter().flat_map(|place| &self.reach[*place as usize]).copied().collect()
    }

    /// The texts of a place.
    pub(super) fn texts(&self, place: u32) -> &[String] {
        self.texts.get(place as usize).map_or(&[], Vec::as_slice)
    }
}

fn further(from: usize, direct: &[BTreeSet<u32>]) -> Vec<u32> {
    let mut seen = BTreeSet::new();
    let mut next = vec![u32::try_from(from).unwrap_or(u32::MAX)];
    while let Some(at) = next.pop() {
        if seen.insert(at) {
            next.extend(direct.get(at as usize).into_iter().flatten());
        }
    }
    seen.into_iter().collect()
}

/// Whether a character is one of those that usual ids are made of.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// Every text in these values.
fn texts<'v>(values: impl Iterator<Item = &'v Value>) -> Vec<String> {
    let mut found = Vec::new();
    let mut left: Vec<&Value> = values.collect();
    while let Some(value) = left.pop() {
        match value {
            Value::String(text) => found.push(text.clone()),
            Value::Array(list) => left.extend(list),
            Value::Object(fields) => left.extend(fields.values()),
            _ => {}
        }
    }
    found
}
