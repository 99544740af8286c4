//! Notes on declarations that cannot both hold: prose against facts, and one table against another.
//!
//! Each check tells what disagrees; which side is right only the author knows.

mod authentication;
mod data;
mod information;
mod interfaces;
mod parameters;
mod prose;
mod updates;

use dossier::Note;

use super::look::Look;

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    for family in [
        prose::check,
        authentication::check,
        updates::check,
        parameters::check,
        interfaces::check,
        data::check,
        information::check,
    ] {
        family(look, notes);
    }
}
