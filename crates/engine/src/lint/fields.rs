//! Notes on IXIT tables and fields: what the edition does not have, shapes, ids, and values outside the pro forma.

use std::collections::BTreeMap;

use catalogue::{Catalogue, Field, Table};
use dossier::{Entry, Facts, FieldValue, IxitTable, Located, Note, Span, nearest};

use super::look::{Look, begins};
use super::note;

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    for written in &look.dossier.tables {
        let Some(table) = look.catalogue.table_named(&written.name) else {
            notes.push(unknown_table(look, written));
            continue;
        };
        heading(look, written, table, notes);
        for entry in &written.entries {
            fields(look, entry, table, notes);
        }
        ids(written, notes);
    }
}

fn unknown_table(look: &Look<'_>, written: &IxitTable) -> Note {
    let (name, edition) = (&written.name, look.catalogue.edition);
    let message = format!("the IXIT of V{edition} has no table `{name}`");
    let note = note("unknown-table", written.span, message, "no such table");
    if let Some(found) = look.other.table_named(name) {
        let here = look.catalogue.tables.iter().find(|t| t.number == found.number);
        let here = here.map(|t| format!("; number {} here is {}", t.number, t.id)).unwrap_or_default();
        return note.hint(format!("{} is a table of V{}{here}", found.id, look.other.edition));
    }
    match nearest(name, look.catalogue.tables.iter().map(|t| t.name.as_str())) {
        Some(word) => note.hint(format!("did you mean `{word}`?")),
        None => note.hint("`assay explain` lists the tables of the edition"),
    }
}

/// Number, case and shape of a table's heading.
fn heading(look: &Look<'_>, written: &IxitTable, table: &Table, notes: &mut Vec<Note>) {
    if written.name != table.name {
        notes.push(
            note(
                "table-spelling",
                written.span,
                format!("the table is written `{}`", table.name),
                "facts under this spelling are not read",
            )
            .hint(format!("write `{}`", table.name)),
        );
    }
    let key = look.written(written.span).trim_matches(['"', '\'']);
    if let Some((number, _)) = key.split_once('-')
        && number != table.number.to_string()
    {
        let message = format!("{} has the number {}", table.name, table.number);
        notes.push(
            note("table-number", written.span, message, "another number").hint(format!("write `{}`", table.id)),
        );
    }
    if written.repeating != table.repeating {
        let (wants, write) = if table.repeating {
            ("has an entry per thing", format!("[[{}]]", table.name))
        } else {
            ("is one set of statements", format!("[{}]", table.name))
        };
        let label = if table.repeating { "written as a single table" } else { "written as a list of entries" };
        notes.push(
            note("table-shape", written.span, format!("{} {wants}", table.id), label)
                .hint(format!("write `{write}`")),
        );
    }
}

fn ids(written: &IxitTable, notes: &mut Vec<Note>) {
    let mut first: BTreeMap<&str, Span> = BTreeMap::new();
    for entry in &written.entries {
        let id = &entry.id;
        if id.value.trim().is_empty() {
            let message = "an id says something";
            notes.push(
                note("empty-id", id.span, message, "empty").hint(format!("write `ID = \"{}-…\"`", entry.table)),
            );
        } else if let Some(earlier) = first.insert(&id.value, id.span) {
            notes.push(
                note(
                    "duplicate-id",
                    id.span,
                    format!("an id is unique within {}", written.name),
                    "used a second time",
                )
                .also(earlier, "first used here")
                .consequence("references lead to the first entry"),
            );
        }
    }
}

fn fields(look: &Look<'_>, entry: &Entry, table: &Table, notes: &mut Vec<Note>) {
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    for (name, value) in &entry.fields {
        if let Some(earlier) = seen.insert(name.value.to_lowercase(), name.span) {
            notes.push(
                note("duplicate-field", name.span, "a field stands once in an entry", "stands here again")
                    .also(earlier, "first here"),
            );
        }
        match table.field(&name.value) {
            Some(field) => values(field, value, notes),
            None if !table.repeating && name.value.eq_ignore_ascii_case("ID") => {}
            None => notes.push(unknown_field(look, name, table)),
        }
    }
}

fn unknown_field(look: &Look<'_>, name: &Located<String>, table: &Table) -> Note {
    let message = format!("{} of V{} has no field `{}`", table.id, look.catalogue.edition, name.value);
    let note = note("unknown-field", name.span, message, "nothing reads this");
    if Facts::keys(&table.name).contains(&name.value.as_str()) {
        return note.hint(format!("it is a fact: write it under `[{}.facts]`", table.name));
    }
    if let Some(near) = nearest(&name.value, table.fields.iter().map(|f| f.name.as_str())) {
        return note.hint(format!("did you mean `\"{near}\"`?"));
    }
    let has = |catalogue: &'static Catalogue| {
        catalogue.table_named(&table.name).and_then(|t| t.field(&name.value)).map(|_| catalogue.edition)
    };
    if let Some(edition) = has(look.other) {
        return note.hint(format!("it is a field of V{edition}"));
    }
    let elsewhere = look.catalogue.tables.iter().find(|t| t.field(&name.value).is_some());
    match elsewhere {
        Some(other) => note.hint(format!("it is a field of {}", other.id)),
        None => {
            let known: Vec<&str> = table.fields.iter().map(|f| f.name.as_str()).collect();
            note.hint(format!("its fields: {}", known.join(", ")))
        }
    }
}

/// The pro forma names values; a text may go on after one of them.
fn values(field: &Field, value: &Located<FieldValue>, notes: &mut Vec<Note>) {
    if field.values.is_empty() || value.is_empty() {
        return;
    }
    let given: Vec<(&str, Span)> = match &value.value {
        FieldValue::Text(text) => vec![(text.as_str(), value.span)],
        FieldValue::List(list) => list.iter().map(|l| (l.value.as_str(), l.span)).collect(),
    };
    for (text, at) in given {
        if field.values.iter().any(|v| begins(text, v)) {
            continue;
        }
        let message = format!("`{}` begins with one of: {}", field.name, field.values.join(", "));
        let note = note("unexpected-value", at, message, "begins otherwise");
        let words: Vec<&str> = text.split_whitespace().collect();
        let near = field.values.iter().find(|v| {
            let head = words.iter().take(v.split_whitespace().count()).copied().collect::<Vec<_>>().join(" ");
            nearest(head.trim_end_matches([',', ';', '.', ':']), [v.as_str()]).is_some()
        });
        notes.push(match near {
            Some(word) => note.hint(format!("did you mean `{word}`?")),
            None => note,
        });
    }
}
