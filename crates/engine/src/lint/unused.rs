//! Notes on what nothing else in the dossier mentions: entries, tables, services, host names.

use dossier::{AuthMechFacts, Entry, InterfaceFacts, Note, Span};

use super::look::{COMMUNICATION, Look, is_off, listed, names, no};
use super::note;

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    for entry in look.entries(&["UpdMech"]) {
        entry_unused(look, entry, "no software component names it as its update mechanism", notes);
    }
    for entry in look.entries(COMMUNICATION) {
        entry_unused(look, entry, "no parameter, data or mechanism is sent over it", notes);
    }
    for entry in look.entries(&["AuthMech"]) {
        let guards = entry
            .facts::<AuthMechFacts>()
            .is_some_and(|f| !listed(&f.interface).is_empty() || !listed(&f.secured_by).is_empty());
        if !guards {
            entry_unused(look, entry, "it guards no service and no interface", notes);
        }
    }
    for entry in look.entries(&["PhyIntf", "LogIntf"]) {
        let idle = entry.facts::<InterfaceFacts>().is_none_or(|f| is_off(&f.status) || no(&f.network));
        if !idle {
            entry_unused(look, entry, "it is enabled, and no service, mechanism or interface uses it", notes);
        }
    }
    for table in look.dossier.tables.iter().filter(|t| t.entries.is_empty()) {
        if look.catalogue.table_named(&table.name).is_some() {
            let message = format!("{} has no entry that could be read", table.name);
            notes.push(note("empty-table", table.span, message, "empty").hint("leave the table out, or fill it"));
        }
    }
    services(look, notes);
    hosts(look, notes);
}

fn entry_unused(look: &Look<'_>, entry: &Entry, why: &str, notes: &mut Vec<Note>) {
    let own: Vec<Span> = entry.fields.iter().map(|(_, value)| value.span).collect();
    if mentioned(look, &entry.id.value, &own) {
        return;
    }
    let message = format!("nothing refers to `{}`", entry.id.value);
    notes.push(note("unused-entry", entry.id.span, message, why).hint("refer to it, or remove it"));
}

/// Whether a text other than the own ones names the id.
fn mentioned(look: &Look<'_>, id: &str, own: &[Span]) -> bool {
    look.dossier.texts.iter().any(|t| !own.contains(&t.text.span) && names(&t.text.value, id))
}

fn services(look: &Look<'_>, notes: &mut Vec<Note>) {
    for service in &look.dossier.services {
        let Some(id) = &service.id else { continue };
        let fields = [&service.id, &service.name, &service.operator, &service.purpose];
        let own: Vec<Span> = fields.into_iter().flatten().map(|t| t.span).collect();
        if !mentioned(look, &id.value, &own) {
            notes.push(
                note(
                    "unused-service",
                    id.span,
                    format!("nothing refers to the associated service `{}`", id.value),
                    "no communication mechanism, data or target names it",
                )
                .hint(format!(
                    "name it, for example with `service = \"{}\"` in the facts of a mechanism",
                    id.value
                )),
            );
        }
    }
}

/// Host names that the bench resolves and no URL has.
fn hosts(look: &Look<'_>, notes: &mut Vec<Note>) {
    let Some(bench) = &look.dossier.bench else { return };
    for (host, address) in &bench.resolve {
        if !look.dossier.texts.iter().any(|t| t.text.span != address.span && t.text.value.contains(host.as_str()))
        {
            let message = format!("no URL of the dossier has the host `{host}`");
            notes.push(note("unused-host", address.span, message, "resolved for nothing"));
        }
    }
}
