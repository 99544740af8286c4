//! Which IXIT entries a test unit concerns, decided from the typed facts of the entries.
//!
//! An entry is left out only for a declared reason. Where the deciding fact is missing the entry stays in, open.

mod quality;
mod which;

use catalogue::Unit;
use dossier::Entry;

use crate::judgement::{Gap, Next};
use crate::rule::InScope;
use crate::view::View;
use quality::Answer;
pub(crate) use quality::update_mechanisms;
pub(crate) use which::In;
use which::Which;

/// One thing a unit is applied to.
#[derive(Debug, Clone)]
pub struct Ranged<'a> {
    /// Table name without number; none for a unit that is judged once.
    pub table: Option<&'a str>,
    /// The entry; none for a unit that is judged once, and for a table without entries.
    pub entry: Option<&'a Entry>,
    /// Whether the unit concerns it.
    pub scope: InScope,
}

/// Everything a unit is applied to: each entry of its tables, or the product as a whole.
///
/// A unit whose tables have no entry at all yields one item without entry that asks for the declaration.
pub fn ranges<'a>(view: &View<'a>, unit: &'a Unit) -> Vec<Ranged<'a>> {
    let Some(first) = &unit.for_each else {
        return vec![Ranged { table: None, entry: None, scope: InScope::Yes }];
    };
    let mut all = Vec::new();
    for table in std::iter::once(first).chain(&unit.for_each_also) {
        for entry in view.entries(table.name()) {
            all.push(Ranged { table: Some(table.name()), entry: Some(entry), scope: in_scope(view, unit, entry) });
        }
    }
    if all.is_empty() {
        let gap = Gap {
            missing: format!("table {first} has no entry"),
            next: Next::Declare { place: first.name().to_owned(), entry: None, what: "entries".into() },
        };
        all.push(Ranged { table: Some(first.name()), entry: None, scope: InScope::Unknown(gap) });
    }
    all
}

/// What a person has to decide besides the unit itself, where no fact says which entries it concerns.
pub fn person_decides(unit: &Unit) -> Option<&'static str> {
    match which::which(unit) {
        Some(Which::Person(what)) => Some(what),
        _ => None,
    }
}

/// Whether a unit concerns an entry.
pub fn in_scope(view: &View<'_>, unit: &Unit, entry: &Entry) -> InScope {
    let Some(Which::All(qualities)) = which::which(unit) else {
        return InScope::Yes;
    };
    let mut unsaid = None;
    for quality in qualities {
        match quality.of(view, entry) {
            Answer::Yes => {}
            Answer::No => return InScope::No(format!("{} {}", entry.id.value, quality.lacks())),
            Answer::Unsaid { place, entry: at, what } => {
                unsaid.get_or_insert_with(|| Gap {
                    missing: format!(
                        "{what} is not declared, so it stays open whether unit {} concerns {}",
                        unit.id, entry.id.value
                    ),
                    next: Next::Declare { place, entry: at, what },
                });
            }
        }
    }
    unsaid.map_or(InScope::Yes, InScope::Unknown)
}

#[cfg(test)]
mod tests;
