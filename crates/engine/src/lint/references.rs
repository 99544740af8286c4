//! Notes on references that lead nowhere: in prose fields and in typed facts.

use dossier::{
    AuthMechFacts, ComMechFacts, Entry, FieldValue, InpValFacts, Located, NetSecImplFacts, Note, PersDataFacts,
    SoftServFacts, TelDataFacts, UpdMechFacts, UserDecFacts, UserIntfFacts, nearest,
};

use super::look::{COMMUNICATION, INTERFACES, Look, listed, names};
use super::note;

/// Tables from which input can come.
const SOURCES: &[&str] = &["UserIntf", "LogIntf", "Intf"];

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    for table in &look.dossier.tables {
        for entry in &table.entries {
            prose(look, entry, notes);
            typed(look, entry, notes);
        }
    }
}

fn prose(look: &Look<'_>, entry: &Entry, notes: &mut Vec<Note>) {
    let Some(table) = look.catalogue.table_named(&entry.table) else { return };
    for field in table.fields.iter().filter(|f| !f.references.is_empty()) {
        let targets: Vec<&str> = field.references.iter().map(|t| t.name()).collect();
        let Some(value) = entry.field(&field.name) else { continue };
        match &value.value {
            FieldValue::List(list) => {
                for id in list {
                    lead(look, id, &targets, notes);
                }
            }
            FieldValue::Text(text) if !text.trim().is_empty() => {
                let mut known = look.entries(&targets).map(|e| e.id.value.as_str());
                if known.any(|id| names(text, id)) {
                    continue;
                }
                notes.push(
                    note(
                        "reference-as-text",
                        value.span,
                        format!("`{}` refers to entries of {}", field.name, targets.join(" or ")),
                        "names none of them",
                    )
                    .hint(format!("write a list of ids, such as `[\"{}-…\"]`; `[]` for none", targets[0])),
                );
            }
            FieldValue::Text(_) => {}
        }
    }
}

fn typed(look: &Look<'_>, entry: &Entry, notes: &mut Vec<Note>) {
    let mut all = |list: &[Located<String>], tables: &[&str]| {
        for id in list {
            lead(look, id, tables, notes);
        }
    };
    if let Some(f) = entry.facts::<AuthMechFacts>() {
        all(listed(&f.interface), INTERFACES);
        all(listed(&f.secured_by), COMMUNICATION);
    } else if let Some(f) = entry.facts::<UpdMechFacts>() {
        all(listed(&f.interface), INTERFACES);
    } else if let Some(f) = entry.facts::<NetSecImplFacts>() {
        all(listed(&f.interface), INTERFACES);
    } else if let Some(f) = entry.facts::<SoftServFacts>() {
        all(listed(&f.interface), INTERFACES);
    } else if let Some(f) = entry.facts::<UserIntfFacts>() {
        all(listed(&f.interface), INTERFACES);
    } else if let Some(f) = entry.facts::<UserDecFacts>() {
        all(listed(&f.mechanism), &["UpdMech"]);
    } else if let Some(f) = entry.facts::<InpValFacts>() {
        all(listed(&f.source), SOURCES);
    } else if let Some(f) = entry.facts::<ComMechFacts>() {
        // The value is located twice: as a fact and as a reference.
        f.service.iter().for_each(|s| service(look, &s.value, notes));
    } else if let Some(f) = entry.facts::<PersDataFacts>() {
        listed(&f.stored_by).iter().for_each(|s| service(look, s, notes));
    } else if let Some(f) = entry.facts::<TelDataFacts>() {
        listed(&f.sent_to).iter().for_each(|s| service(look, s, notes));
    }
}

/// Notes an id that is no entry of these tables.
fn lead(look: &Look<'_>, id: &Located<String>, tables: &[&str], notes: &mut Vec<Note>) {
    let known: Vec<&str> = look.entries(tables).map(|e| e.id.value.as_str()).collect();
    if known.contains(&id.value.as_str()) {
        return;
    }
    let here: Vec<&str> = tables.iter().copied().filter(|t| look.catalogue.table_named(t).is_some()).collect();
    let message = format!("`{}` is no entry of {}", id.value, here.join(" or "));
    let note = note("dangling-reference", id.span, message, "leads nowhere")
        .consequence("what a test unit reads through this reference stays open");
    let elsewhere = look
        .dossier
        .tables
        .iter()
        .flat_map(|t| &t.entries)
        .find(|e| e.id.value == id.value && !id.value.is_empty());
    notes.push(match (elsewhere, nearest(&id.value, known.iter().copied())) {
        (Some(entry), _) => note.also(entry.id.span, format!("an entry of {}", entry.table)),
        (None, Some(word)) => note.hint(format!("did you mean `{word}`?")),
        (None, None) if known.is_empty() => note.hint(format!("{} has no entry yet", here.join(" or "))),
        (None, None) => note.hint(format!("known: {}", known.join(", "))),
    });
}

/// Notes an id that is no associated service.
fn service(look: &Look<'_>, id: &Located<String>, notes: &mut Vec<Note>) {
    let known: Vec<&str> =
        look.dossier.services.iter().filter_map(|s| s.id.as_ref()).map(|id| id.value.as_str()).collect();
    if known.contains(&id.value.as_str()) {
        return;
    }
    let message = format!("assay.toml has no associated service `{}`", id.value);
    let note = note("unknown-service", id.span, message, "no such service");
    notes.push(match nearest(&id.value, known.iter().copied()) {
        Some(word) => note.hint(format!("did you mean `{word}`?")),
        None if known.is_empty() => note.hint(format!("add `[[service]]` with `id = \"{}\"`", id.value)),
        None => note.hint(format!("known: {}", known.join(", "))),
    });
}
