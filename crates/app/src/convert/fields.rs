//! What of an IXIT entry is said in another table in the other edition: the resilience of communication, and the
//! interface it runs over.
//!
//! Only what typed facts and references tie together is moved; everything else waits for the supplier.

use std::collections::{BTreeMap, BTreeSet};

use dossier::{ComMechFacts, Dossier, Entry, InterfaceFacts};
use model::Edition;

use super::moves::{Moves, Place};

/// The field that 11-ComMech has in V2.1.1 and 28-LogIntf in V3.1.3.
pub(super) const RESILIENCE: &str = "Resilience Measures";
/// The field of 11-SecComMech that names the logical interface.
pub(super) const INTERFACE: &str = "Interface";

/// A field that an entry gains from another entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Gained {
    /// A text.
    Text(String),
    /// Ids of entries.
    Ids(Vec<String>),
}

/// Per field, which entries it comes from and what each says.
type Fields = BTreeMap<&'static str, Vec<(String, Gained)>>;

/// What entries gain from others, and whose resilience found a place.
#[derive(Debug, Clone, Default)]
pub(super) struct Gains {
    /// Per place in the other edition.
    to: BTreeMap<Place, Fields>,
    delivered: BTreeSet<Place>,
}

impl Gains {
    /// What moves between the tables of a dossier.
    pub(super) fn of(dossier: &Dossier, moves: &Moves, to: Edition) -> Self {
        let mut gains = Self::default();
        match to {
            Edition::V3_1_3 => gains.fill_interfaces(dossier, moves),
            Edition::V2_1_1 => gains.fill_communication(dossier, moves),
        }
        gains
    }

    /// Whether the resilience of an entry stands elsewhere now.
    pub(super) fn is_delivered(&self, table: &str, id: &str) -> bool {
        self.delivered.contains(&(table.to_owned(), id.to_owned()))
    }

    /// What an entry of the other edition gains: field and value. Several texts name where each comes from.
    pub(super) fn at(&self, place: &Place) -> Vec<(&'static str, Gained)> {
        let fields = self.to.get(place).into_iter().flatten();
        fields.map(|(field, values)| (*field, together(values))).collect()
    }

    fn fill_interfaces(&mut self, dossier: &Dossier, moves: &Moves) {
        for mechanism in dossier.entries("ComMech") {
            let Some(interface) = endpoint(dossier, mechanism) else { continue };
            let place = moves.of_entry("Intf", &interface.id.value).into_iter().flat_map(|m| &m.to);
            let Some(place) = place.into_iter().find(|(table, _)| table == "LogIntf") else { continue };
            let own = moves.of_entry("ComMech", &mechanism.id.value);
            if let Some(own) = own.and_then(|m| m.to.first()) {
                self.add(own.clone(), INTERFACE, &mechanism.id.value, Gained::Ids(vec![place.1.clone()]));
            }
            if let Some(text) = said(mechanism, RESILIENCE) {
                self.add(place.clone(), RESILIENCE, &mechanism.id.value, Gained::Text(text));
                self.delivered.insert(("ComMech".to_owned(), mechanism.id.value.clone()));
            }
        }
    }

    fn fill_communication(&mut self, dossier: &Dossier, moves: &Moves) {
        for interface in dossier.entries("LogIntf") {
            let Some(text) = said(interface, RESILIENCE) else { continue };
            let id = &interface.id.value;
            let name = moves.of_entry("LogIntf", id).and_then(|m| m.to.first()).map_or(id, |(_, id)| id);
            for mechanism in dossier.entries("SecComMech").iter().filter(|m| names(m, id)) {
                let place = moves.of_entry("SecComMech", &mechanism.id.value).and_then(|m| m.to.first());
                let Some(place) = place else { continue };
                self.add(place.clone(), RESILIENCE, name, Gained::Text(text.clone()));
                self.delivered.insert(("LogIntf".to_owned(), id.clone()));
            }
        }
    }

    fn add(&mut self, place: Place, field: &'static str, from: &str, value: Gained) {
        self.to.entry(place).or_default().entry(field).or_default().push((from.to_owned(), value));
    }
}

fn together(values: &[(String, Gained)]) -> Gained {
    if let [(_, only)] = values {
        return only.clone();
    }
    let ids: Vec<String> = values
        .iter()
        .flat_map(|(_, v)| match v {
            Gained::Ids(ids) => ids.clone(),
            Gained::Text(_) => Vec::new(),
        })
        .collect();
    if !ids.is_empty() {
        return Gained::Ids(ids);
    }
    let texts = values.iter().filter_map(|(from, v)| match v {
        Gained::Text(text) => Some(format!("{from}: {text}")),
        Gained::Ids(_) => None,
    });
    Gained::Text(texts.collect::<Vec<_>>().join(" "))
}

/// The one interface of the product with the endpoint of a mechanism; none when its partner has the endpoint.
fn endpoint<'a>(dossier: &'a Dossier, mechanism: &Entry) -> Option<&'a Entry> {
    let facts = mechanism.facts::<ComMechFacts>().filter(|f| f.service.is_none())?;
    let at = (facts.transport?.value, facts.port?.value);
    let same = |entry: &&Entry| {
        entry
            .facts::<InterfaceFacts>()
            .and_then(|f| Some((f.transport?.value, f.port?.value)))
            .is_some_and(|there| there == at)
    };
    let mut found = dossier.entries("Intf").iter().filter(same);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn said(entry: &Entry, field: &str) -> Option<String> {
    Some(entry.field(field)?.value.text()).filter(|t| !t.trim().is_empty())
}

fn names(mechanism: &Entry, interface: &str) -> bool {
    match mechanism.field(INTERFACE).map(|f| &f.value) {
        Some(dossier::FieldValue::List(list)) => list.iter().any(|id| id.value == interface),
        _ => false,
    }
}
