//! Notes on how long tasks may take: what is mandatory does not wait longer than what is recommended.

use dossier::{Note, Policy};

use super::look::Look;
use super::note;

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    let Some(policy) = look.dossier.policy.as_ref().map(|p| &p.value) else { return };
    let Some(said) = policy.task_days_recommended.as_ref().or(policy.task_days_mandatory.as_ref()) else { return };
    let (mandatory, recommended) = Policy::task_days(Some(policy));
    if recommended < mandatory {
        let message = "what is mandatory is done before what is recommended";
        let label = format!("{recommended} days for recommendations, {mandatory} for the rest");
        notes.push(
            note("task-days-order", said.span, message, label)
                .consequence("tasks of recommendations are due before the others"),
        );
    }
}
