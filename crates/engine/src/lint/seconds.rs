//! Notes on where the policy asks for a second person: words that name nothing in the edition.

use dossier::{Note, nearest};
use model::Method;

use super::look::Look;
use super::note;
use crate::second::scope;

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    let asked = look.dossier.policy.as_ref().and_then(|policy| policy.two_persons.as_ref());
    for word in asked.iter().flat_map(|asked| &asked.value) {
        if scope(look.catalogue, &word.value).is_some() {
            continue;
        }
        let message = format!("V{} has nothing that is called `{}`", look.catalogue.edition, word.value);
        let note = note("unknown-scope", word.span, message, "no such clause, provision, case, unit or method")
            .consequence("every statement counts only once a second person has confirmed it");
        let names = look.catalogue.units.iter().map(|unit| unit.id.as_str());
        let words = Method::ALL.into_iter().map(Method::as_str).chain(["all"]);
        notes.push(match nearest(&word.value, words.chain(names)) {
            Some(word) => note.hint(format!("did you mean `{word}`?")),
            None => note.hint("write `all`, `manual`, `assisted`, `judgement`, or an id such as 5.6 or 5.6-4-2a"),
        });
    }
}
