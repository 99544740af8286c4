//! Notes on what test units read and do not find: tables without entries, entries with empty fields.

use std::collections::{BTreeMap, BTreeSet};

use catalogue::{Field, Provision, Table, Unit};
use dossier::{
    AuthMechFacts, Entry, Factor, InterfaceFacts, InterfaceKind, Note, Origin, ParameterClass, ParameterUse,
    PersDataFacts, SecParamFacts, SoftServFacts, Support,
};
use model::{Edition, TableId};

use super::look::{Look, few, is_on, listed, said};
use super::{look, note};
use crate::applies::Applies;
use crate::rule::InScope;
use crate::scope::in_scope;

/// The tables a unit is applied to or reads.
fn tables(unit: &Unit) -> BTreeSet<&TableId> {
    unit.for_each.iter().chain(&unit.for_each_also).chain(unit.reads.iter().map(|(table, _)| table)).collect()
}

/// Provisions that are answered Y and apply, with their units.
fn claimed<'a>(look: &Look<'a>) -> Vec<(&'static Provision, Vec<&'static Unit>)> {
    let catalogue = look.catalogue;
    let met = |p: &&Provision| {
        look.support(p.id.as_str()) == Some(Support::Yes) && !matches!(look.applies(p), Applies::No(_))
    };
    let units = |p: &Provision| {
        let group = catalogue.group_of(&p.id);
        let cases = group.into_iter().flat_map(|g| catalogue.cases_of(&g.id));
        cases.flat_map(|c| catalogue.units_of(&c.id)).collect()
    };
    catalogue.provisions.iter().filter(met).map(|p| (p, units(p))).collect()
}

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    let claimed = claimed(look);
    let mut absent: BTreeMap<&TableId, Vec<(&Provision, &Unit)>> = BTreeMap::new();
    let mut wanted: BTreeMap<&TableId, Vec<&Unit>> = BTreeMap::new();
    for (provision, units) in &claimed {
        for unit in units {
            for table in tables(unit) {
                if look.dossier.entries(table.name()).is_empty() {
                    absent.entry(table).or_default().push((provision, unit));
                } else {
                    wanted.entry(table).or_default().push(unit);
                }
            }
        }
    }
    for (table, readers) in absent {
        missing_table(look, table, &readers, notes);
    }
    for (table, units) in wanted {
        let Some(table) = look.catalogue.table(table) else { continue };
        for entry in look.dossier.entries(&table.name) {
            missing_fields(look, table, entry, &units, notes);
        }
    }
}

fn missing_table(look: &Look<'_>, table: &TableId, readers: &[(&Provision, &Unit)], notes: &mut Vec<Note>) {
    let Some((provision, _)) = readers.first() else { return };
    let Some(at) = look.dossier.answer(provision.id.as_str()).and_then(|r| r.support).map(|s| s.span) else {
        return;
    };
    let units: Vec<String> = readers.iter().map(|(_, u)| u.id.to_string()).collect();
    let repeating = look.catalogue.table(table).is_some_and(|t| t.repeating);
    let head = if repeating { format!("[[{}]]", table.name()) } else { format!("[{}]", table.name()) };
    notes.push(
        note(
            "missing-table",
            at,
            format!("{table} is read by the tests of what is answered Y, and has no entry"),
            format!("{} is answered Y", provision.id),
        )
        .consequence(format!("open: {}", few(&units, 6)))
        .hint(format!("write `{head}` in ixit/{table}.toml")),
    );
}

fn missing_fields(look: &Look<'_>, table: &Table, entry: &Entry, units: &[&Unit], notes: &mut Vec<Note>) {
    let mut lacking: Vec<(&Field, Vec<String>)> = Vec::new();
    for field in table.fields.iter().filter(|f| f.name != "ID") {
        if stated(entry, field) || !due(look, field, entry) {
            continue;
        }
        let readers: Vec<String> = units
            .iter()
            .filter(|u| u.reads.iter().any(|(t, f)| *t == table.id && field.name.eq_ignore_ascii_case(f)))
            .filter(|u| concerns(look, u, table, entry))
            .map(|u| u.id.to_string())
            .collect();
        if !readers.is_empty() {
            lacking.push((field, readers));
        }
    }
    let names: Vec<String> = lacking.iter().map(|(f, _)| format!("`{}`", f.name)).collect();
    let Some((first, _)) = lacking.first() else { return };
    let mut note = note(
        "missing-field",
        entry.span,
        format!("`{}` says nothing in {}", entry.id.value, few(&names, 8)),
        if lacking.len() == 1 { "a field that tests read" } else { "fields that tests read" },
    );
    for (field, readers) in lacking.iter().take(6) {
        note = note.consequence(format!("`{}` is read by {}", field.name, few(readers, 4)));
    }
    notes.push(note.hint(format!("add `\"{}\" = \"…\"`: {}", first.name, first.summary)));
}

/// Whether the field says something; an empty list of references says that there are none.
fn stated(entry: &Entry, field: &Field) -> bool {
    entry.field(&field.name).is_some_and(|value| {
        !value.is_empty() || (!field.references.is_empty() && matches!(value.value, dossier::FieldValue::List(_)))
    })
}

fn concerns(look: &Look<'_>, unit: &Unit, table: &Table, entry: &Entry) -> bool {
    let ranges = unit.for_each.iter().chain(&unit.for_each_also).any(|t| *t == table.id);
    !ranges || !matches!(in_scope(&look.view(), unit, entry), InScope::No(_))
}

/// Whether a field that is not always filled has to be filled here. Where the facts leave it open, it does not.
fn due(look: &Look<'_>, field: &Field, entry: &Entry) -> bool {
    let Some(when) = field.applies_when.as_deref() else { return true };
    let auth = entry.facts::<AuthMechFacts>();
    let parameter = entry.facts::<SecParamFacts>();
    let service = entry.facts::<SoftServFacts>();
    let interface = entry.facts::<InterfaceFacts>();
    let data = entry.facts::<PersDataFacts>();
    let networked = || {
        auth.is_some_and(|f| look::yes(&f.network))
            || service.is_some_and(|f| look::yes(&f.network))
            || interface.is_some_and(|f| look::yes(&f.network))
    };
    let critical = || {
        parameter.is_some_and(|f| f.class.is_some_and(|c| c.value == ParameterClass::Critical))
            || said(entry, "Type").is_some_and(|(text, _)| look::begins(&text, "critical"))
    };
    let declared = |newer: &str, older: &str| {
        let ics = &look.dossier.ics;
        let condition = |id: &str| ics.conditions.get(id).is_some_and(|c| c.value);
        match look.catalogue.edition {
            Edition::V3_1_3 => ics.features.get(newer).map_or_else(|| condition(newer), |f| f.value),
            Edition::V2_1_1 => condition(older),
        }
    };
    match when {
        "passwords that are not user-defined are used" => auth.is_some_and(|f| {
            listed(&f.factors).iter().any(|x| matches!(x, Factor::Password | Factor::Pin))
                && f.origin.is_some_and(|o| matches!(o.value, Origin::PerDevice | Origin::Universal))
        }),
        "Type is critical" => critical(),
        "Type is critical and it is used to check updates or to protect communication with associated services" => {
            let uses = [ParameterUse::UpdateCheck, ParameterUse::ServiceCommunication];
            critical() && parameter.is_some_and(|f| listed(&f.used_for).iter().any(|u| uses.contains(u)))
        }
        "the parameter is communicated" => parameter.is_some_and(|f| look::yes(&f.communicated)),
        "the data is communicated" => data.is_some_and(|f| look::yes(&f.to_service)),
        "processing rests on consent" => data.is_some_and(|f| look::yes(&f.consent)),
        "Status is enabled" => {
            service.is_some_and(|f| is_on(&f.status))
                || said(entry, "Status").is_some_and(|(text, _)| look::begins(&text, "enabled"))
        }
        "the service allows user access over a network interface" => service
            .is_some_and(|f| look::yes(&f.network) && look::yes(&f.configures) && !look::yes(&f.relied_upon)),
        // The missing means against guessing has a note of its own.
        "the mechanism is directly addressable over a network interface" => false,
        "the device cannot be updated" => declared("3", "3"),
        "telemetry data is collected" => declared("w", "6"),
        "physical interface" => interface
            .is_some_and(|f| f.kind.is_some_and(|k| matches!(k.value, InterfaceKind::Port | InterfaceKind::Air))),
        _ if when.contains("network interface") => networked(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalogue::Catalogue;

    #[test]
    fn every_reservation_of_the_catalogue_is_one_that_due_decides() {
        let decided = [
            "Status is enabled",
            "Type is critical",
            "Type is critical and it is used to check updates or to protect communication with associated services",
            "accessible through a network interface",
            "can communicate over a network interface",
            "network interface",
            "passwords that are not user-defined are used",
            "physical interface",
            "processing rests on consent",
            "telemetry data is collected",
            "the data is communicated",
            "the device cannot be updated",
            "the mechanism is directly addressable over a network interface",
            "the parameter is communicated",
            "the service allows user access over a network interface",
            "the service is accessible over a network interface",
        ];
        let found: BTreeSet<&str> = Edition::ALL
            .into_iter()
            .flat_map(|e| &Catalogue::of(e).tables)
            .flat_map(|t| &t.fields)
            .filter_map(|f| f.applies_when.as_deref())
            .collect();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), decided);
    }
}
