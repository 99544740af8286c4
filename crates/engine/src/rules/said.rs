//! Reading declarations: prose fields, references and typed facts of an entry, and what to say when one is missing.

use dossier::{Entry, FieldValue, Located};

use crate::judgement::{Gap, Judgement, Next};
use crate::view::View;

/// Judges an entry; a unit over a table that declares none is open.
pub(super) fn about<'a>(
    entry: Option<&'a Entry>,
    table: &str,
    judge: impl FnOnce(&'a Entry) -> Judgement,
) -> Judgement {
    match entry {
        Some(entry) => judge(entry),
        None => Judgement::open(
            format!("no entry of {table} is declared"),
            Next::Declare { place: table.to_owned(), entry: None, what: "an entry".to_owned() },
        ),
    }
}

/// The step that fills a field or fact of an entry.
pub(super) fn declare(entry: &Entry, what: &str) -> Next {
    Next::Declare { place: entry.table.clone(), entry: Some(entry.id.value.clone()), what: what.to_owned() }
}

/// Open, because an entry does not say something.
pub(super) fn missing(entry: &Entry, what: &str) -> Judgement {
    Judgement::open(format!("{} does not declare `{what}`", entry.id.value), declare(entry, what))
        .declared(entry.span, format!("{} as declared", entry.id.value))
}

/// The gap that [`missing`] leaves.
pub(super) fn missing_gap(entry: &Entry, what: &str) -> Gap {
    Gap { missing: format!("{} does not declare `{what}`", entry.id.value), next: declare(entry, what) }
}

/// A prose field that is there, whether or not it says anything.
pub(super) fn prose<'a>(entry: &'a Entry, name: &str) -> Option<&'a Located<FieldValue>> {
    entry.field(name)
}

/// Whether a prose text says that there is nothing: empty, `none`, `n/a`, a dash.
pub(super) fn says_nothing(value: &FieldValue) -> bool {
    let text = value.text().trim().trim_end_matches('.').to_lowercase();
    matches!(text.as_str(), "" | "-" | "–" | "none" | "no" | "n/a" | "not applicable" | "nothing")
}

/// A Yes or No field; nothing for any other text.
pub(super) fn yes_or_no(value: &FieldValue) -> Option<bool> {
    match value.text().trim().trim_end_matches('.').to_lowercase().as_str() {
        "yes" | "y" | "true" => Some(true),
        "no" | "n" | "false" => Some(false),
        _ => None,
    }
}

/// The ids that a reference field names; a text is split at commas. Nothing when the field is absent.
pub(super) fn references(entry: &Entry, field: &str) -> Option<Vec<Located<String>>> {
    let value = entry.field(field)?;
    if says_nothing(&value.value) {
        return Some(Vec::new());
    }
    Some(match &value.value {
        FieldValue::List(list) => list.clone(),
        FieldValue::Text(text) => text
            .split(',')
            .map(|id| Located { value: id.trim().to_owned(), span: value.span })
            .filter(|id| !id.value.is_empty())
            .collect(),
    })
}

/// A reference field that has to name at least one existing entry of a table.
pub(super) fn refers(view: &View<'_>, entry: &Entry, field: &str, table: &str) -> Judgement {
    let Some(ids) = references(entry, field) else { return missing(entry, field) };
    let Some(first) = ids.first() else {
        let span = entry.field(field).map_or(entry.span, |f| f.span);
        return Judgement::fail(format!("{} references no entry of {table}", entry.id.value))
            .declared(span, format!("`{field}` names none"));
    };
    let unknown = ids.iter().find(|id| view.dossier.entry(table, &id.value).is_none());
    match unknown {
        Some(id) => Judgement::open(
            format!("{} references {}, which {table} does not hold", entry.id.value, id.value),
            Next::Declare { place: table.to_owned(), entry: Some(id.value.clone()), what: "the entry".to_owned() },
        )
        .declared(id.span, format!("`{field}` names {}", id.value)),
        None => Judgement::pass(format!("{} references {}", entry.id.value, first.value))
            .declared(first.span, format!("`{field}` names {} of {table}", ids.len())),
    }
}

/// One declared yes or no that has to be yes.
pub(super) fn has_to_be(entry: &Entry, key: &str, fact: Option<&Located<bool>>, yes: &str, no: &str) -> Judgement {
    match fact {
        None => missing(entry, key),
        Some(fact) if fact.value => {
            Judgement::pass(format!("{}: {yes}", entry.id.value)).declared(fact.span, format!("`{key} = true`"))
        }
        Some(fact) => {
            Judgement::fail(format!("{}: {no}", entry.id.value)).declared(fact.span, format!("`{key} = false`"))
        }
    }
}

/// A declared fact by key, as far as it is given.
pub(super) type Switch<'a> = (&'static str, Option<&'a Located<bool>>);

/// Several declared yes or no of which one suffices; it fails only when all are declared no.
pub(super) fn one_has_to_be(entry: &Entry, facts: &[Switch<'_>], yes: &str, no: &str) -> Judgement {
    if let Some((key, Some(fact))) = facts.iter().find(|(_, fact)| fact.is_some_and(|f| f.value)) {
        return Judgement::pass(format!("{}: {yes}", entry.id.value))
            .declared(fact.span, format!("`{key} = true`"));
    }
    if let Some((key, _)) = facts.iter().find(|(_, fact)| fact.is_none()) {
        return missing(entry, key);
    }
    facts.iter().fold(Judgement::fail(format!("{}: {no}", entry.id.value)), |judgement, (key, fact)| {
        judgement.declared(fact.map_or(entry.span, |f| f.span), format!("`{key} = false`"))
    })
}

/// Several declared yes or no that all have to be yes; a declared no fails, whatever is missing.
pub(super) fn each_has_to_be(entry: &Entry, facts: &[Switch<'_>], yes: &str) -> Judgement {
    if let Some((key, Some(fact))) = facts.iter().find(|(_, fact)| fact.is_some_and(|f| !f.value)) {
        return has_to_be(entry, key, Some(fact), yes, &format!("`{key}` is declared false"));
    }
    if let Some((key, _)) = facts.iter().find(|(_, fact)| fact.is_none()) {
        return missing(entry, key);
    }
    facts.iter().fold(Judgement::pass(format!("{}: {yes}", entry.id.value)), |judgement, (key, fact)| {
        judgement.declared(fact.map_or(entry.span, |f| f.span), format!("`{key} = true`"))
    })
}
