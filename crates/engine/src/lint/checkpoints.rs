//! Notes on checkpoints: rows that say nothing, and names that are there twice.

use std::collections::BTreeMap;

use dossier::{Holds, Note, Span};

use super::look::Look;
use super::note;

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for row in &look.dossier.checkpoints {
        let named = row.name.as_ref().filter(|name| !name.value.trim().is_empty());
        let says = row.holds.as_ref().is_some_and(|holds| !holds.value.is_empty());
        if named.is_none() || !says {
            let key = if named.is_none() { "name" } else { "holds" };
            let words: Vec<&str> = Holds::ALL.iter().map(|word| word.as_str()).collect();
            let message = "a `[[checkpoint]]` has a name and says what must hold";
            notes.push(
                note("checkpoint-incomplete", row.span, message, format!("no `{key}`"))
                    .hint(format!("what can be asked for: {}", words.join(", "))),
            );
        }
        if let Some(name) = named
            && let Some(first) = seen.insert(name.value.trim(), name.span)
        {
            notes.push(
                note("checkpoint-twice", name.span, "a checkpoint has a name of its own", "a second one")
                    .also(first, "the first")
                    .consequence("the first counts"),
            );
        }
    }
}
