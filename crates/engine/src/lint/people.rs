//! Notes on who answers for what: scopes that do not exist, roles that nobody has.

use dossier::{Located, Note, nearest};

use super::answers::unknown_provision;
use super::look::Look;
use super::note;

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    for person in &look.dossier.people {
        if person.role.is_none() {
            let message = "a person of a dossier has a role";
            notes.push(
                note("person-without-role", person.span, message, "this one has no `role`")
                    .consequence("nothing can be assigned to them"),
            );
        }
    }
    for row in &look.dossier.responsible {
        match &row.scope {
            Some(scope) if look.catalogue.clause(&scope.value).is_none() => {
                if look.catalogue.provision_named(&scope.value).is_none() {
                    notes.push(unknown_scope(look, scope));
                }
            }
            Some(_) => {}
            None => notes.push(incomplete(row.span, "for")),
        }
        match &row.role {
            Some(role) => known_role(look, role, notes),
            None => notes.push(incomplete(row.span, "role")),
        }
    }
    for control in &look.dossier.controls {
        if let Some(owner) = &control.owner {
            known_role(look, owner, notes);
        }
    }
    for role in look.dossier.checkpoints.iter().filter_map(|checkpoint| checkpoint.role.as_ref()) {
        known_role(look, role, notes);
    }
}

fn incomplete(at: dossier::Span, key: &str) -> Note {
    let message = "a responsibility says for what it is and which role has it";
    note("responsibility-incomplete", at, message, format!("no `{key}`"))
}

fn unknown_scope(look: &Look<'_>, scope: &Located<String>) -> Note {
    if scope.value.contains('-') {
        return unknown_provision(look, scope);
    }
    let message = format!("EN 303 645 V{} has no clause `{}`", look.catalogue.edition, scope.value);
    let note = note("unknown-clause", scope.span, message, "no such clause");
    match nearest(&scope.value, look.catalogue.clauses.iter().map(|c| c.id.as_str())) {
        Some(word) => note.hint(format!("did you mean `{word}`?")),
        None => note.hint("clauses have the form 5.3"),
    }
}

fn known_role(look: &Look<'_>, role: &Located<String>, notes: &mut Vec<Note>) {
    let known: Vec<&str> =
        look.dossier.people.iter().filter_map(|p| p.role.as_ref()).map(|r| r.value.as_str()).collect();
    if known.iter().any(|k| k.eq_ignore_ascii_case(&role.value)) {
        return;
    }
    let message = format!("no `[[person]]` has the role `{}`", role.value);
    let note = note("unknown-role", role.span, message, "nobody has it");
    notes.push(match nearest(&role.value, known.iter().copied()) {
        Some(word) => note.hint(format!("did you mean `{word}`?")),
        None => note.hint(format!("add `[[person]]` with `role = \"{}\"` to assay.toml", role.value)),
    });
}
