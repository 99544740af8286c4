//! How the units of a case come together into its verdict, where it is not simply each unit for each entry.
//!
//! Data first: a row per case that reads otherwise, with the other reading where the print leaves a doubt.

use std::collections::BTreeMap;

use catalogue::Case;
use model::{Confidence, Outcome};

use crate::fold::{all, any};
use crate::scope::In;

/// What a case asks of its unit instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Each unit holds for each entry.
    Each,
    /// All units hold for at least one entry.
    OneEntry,
    /// Each software component that can be updated has at least one mechanism for which all units hold.
    OneMechanismPerComponent,
    /// Each debug interface is protected (unit a), or can be disabled and is (units b, c and d).
    ProtectedOrDisabled,
}

impl Reading {
    /// The reading as a sentence.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Reading::Each => "each entry has to meet every unit",
            Reading::OneEntry => "one entry that meets every unit suffices",
            Reading::OneMechanismPerComponent => {
                "each component that can be updated needs one mechanism that meets every unit"
            }
            Reading::ProtectedOrDisabled => "each debug interface has to be protected, or disabled",
        }
    }
}

/// A case that does not read [`Reading::Each`], or not surely.
struct Row {
    case: &'static str,
    editions: In,
    reading: Reading,
    /// The reading that the print may mean instead.
    otherwise: Option<Reading>,
}

const fn row(case: &'static str, editions: In, reading: Reading, otherwise: Option<Reading>) -> Row {
    Row { case, editions, reading, otherwise }
}

const ROWS: &[Row] = &[
    // The device has to have one secure mechanism; that each component has one is asked by 5.3-1.
    row("5.3-2-1", In::Both, Reading::OneEntry, None),
    // The printed words allow both; the objective of the group and case 5.3-2-1 ask for one.
    row("5.3-2-2", In::Both, Reading::OneEntry, Some(Reading::Each)),
    row("5.3-4A-1", In::Newer, Reading::OneEntry, Some(Reading::Each)),
    row("5.3-4A-2", In::Newer, Reading::OneEntry, Some(Reading::Each)),
    // The provision asks for one automatic mechanism, the derived criteria for each.
    row("5.3-4B-1", In::Newer, Reading::Each, Some(Reading::OneEntry)),
    row("5.3-5-1", In::Newer, Reading::OneMechanismPerComponent, Some(Reading::Each)),
    row("5.6-4A-1", In::Newer, Reading::ProtectedOrDisabled, Some(Reading::Each)),
];

/// Units that only find out which entries later units concern: no criterion rests on them.
const IDENTIFY: &[(&str, In)] = &[("5.3-4B-1a", In::Newer), ("5.3-6A-1a", In::Newer), ("5.3-6-1a", In::Older)];

/// Whether a unit carries no criterion of its own: it identifies entries, or prepares what a later unit looks at.
///
/// Such a unit never fails; where it could not be carried out it is inconclusive.
pub(crate) fn is_without_criterion(unit: &catalogue::Unit) -> bool {
    identifies(unit) || matches!(unit.verb.as_str(), "create" | "set up" | "devise")
}

fn identifies(unit: &catalogue::Unit) -> bool {
    IDENTIFY.iter().any(|(id, editions)| *id == unit.id.as_str() && editions.has(unit.id.edition()))
}

/// One unit instance of a case, as far as folding looks at it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'a> {
    /// The unit's id.
    pub(crate) unit: &'a str,
    /// Entry id; none for units judged once and for tables without entries.
    pub(crate) entry: Option<&'a str>,
    /// Whether the unit only identifies entries.
    pub(crate) identifies: bool,
    /// What it came out as.
    pub(crate) outcome: Outcome,
}

impl<'a> Part<'a> {
    pub(crate) fn new(unit: &'a catalogue::Unit, entry: Option<&'a str>, outcome: Outcome) -> Self {
        Part { unit: unit.id.as_str(), entry, identifies: identifies(unit), outcome }
    }
}

/// What a case comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CaseFold {
    /// Under the reading that is used.
    pub(crate) outcome: Outcome,
    /// The reading that is used.
    pub(crate) reading: Reading,
    /// The other reading and what it gives, where the two differ.
    pub(crate) otherwise: Option<(Reading, Outcome)>,
    /// Whether a person has to confirm the verdict: the criteria are of low confidence, or the readings differ.
    pub(crate) needs_person: bool,
}

/// Folds the instances of a case. `components` are the mechanisms of each component that can be updated.
pub(crate) fn fold_case(case: &Case, parts: &[Part<'_>], components: &[Vec<&str>]) -> CaseFold {
    let row = ROWS.iter().find(|r| r.case == case.id.as_str() && r.editions.has(case.id.edition()));
    let reading = row.map_or(Reading::Each, |r| r.reading);
    let outcome = read(reading, parts, components);
    let otherwise = row
        .and_then(|r| r.otherwise)
        .map(|other| (other, read(other, parts, components)))
        .filter(|(_, other)| *other != outcome);
    let needs_person = case.verdict.confidence == Confidence::Low || otherwise.is_some();
    CaseFold { outcome, reading, otherwise, needs_person }
}

/// Folds the instances of one unit with the quantifier of its case.
pub(crate) fn fold_unit(case: &Case, outcomes: impl IntoIterator<Item = Outcome>) -> Outcome {
    let row = ROWS.iter().find(|r| r.case == case.id.as_str() && r.editions.has(case.id.edition()));
    match row.map(|r| r.reading) {
        Some(Reading::OneEntry) => any(outcomes),
        _ => all(outcomes),
    }
}

fn read(reading: Reading, parts: &[Part<'_>], components: &[Vec<&str>]) -> Outcome {
    match reading {
        Reading::Each => all(parts.iter().map(|p| p.outcome)),
        Reading::OneEntry => over_entries(parts, |entries| any(entries.values().copied())),
        Reading::OneMechanismPerComponent => over_entries(parts, |entries| {
            if components.is_empty() {
                return all(entries.values().copied());
            }
            // A mechanism that the table lacks is open: any() of nothing.
            all(components.iter().map(|ids| any(ids.iter().filter_map(|id| entries.get(id).copied()))))
        }),
        Reading::ProtectedOrDisabled => {
            let mut interfaces: BTreeMap<Option<&str>, (Vec<Outcome>, Vec<Outcome>)> = BTreeMap::new();
            for part in parts {
                let (protected, disabled) = interfaces.entry(part.entry).or_default();
                if part.unit.ends_with('a') { protected } else { disabled }.push(part.outcome);
            }
            all(interfaces.into_values().map(|(protected, disabled)| any([all(protected), all(disabled)])))
        }
    }
}

/// Folds the units of each entry together and hands the entries to a quantifier; units without entry hold besides.
fn over_entries(parts: &[Part<'_>], quantify: impl Fn(&BTreeMap<&str, Outcome>) -> Outcome) -> Outcome {
    let mut by_entry: BTreeMap<&str, Vec<Outcome>> = BTreeMap::new();
    let mut besides = Vec::new();
    for part in parts.iter().filter(|p| !p.identifies) {
        match part.entry {
            Some(entry) => by_entry.entry(entry).or_default().push(part.outcome),
            None => besides.push(part.outcome),
        }
    }
    let entries: BTreeMap<&str, Outcome> = by_entry.into_iter().map(|(id, units)| (id, all(units))).collect();
    if !entries.is_empty() || besides.is_empty() {
        besides.push(quantify(&entries));
    }
    all(besides)
}

#[cfg(test)]
mod tests;
