//! Notes on what may be carried to a new release: rows that say nothing, or more than is done.

use std::collections::BTreeMap;

use dossier::{CarryWhen, Note, Span};
use model::Method;

use super::look::Look;
use super::note;

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    let mut seen: BTreeMap<Method, Span> = BTreeMap::new();
    for row in &look.dossier.carry {
        let (Some(method), Some(when)) = (&row.method, &row.when) else {
            let key = if row.method.is_none() { "method" } else { "when" };
            let message = "a `[[carry]]` says for which method and when";
            notes.push(
                note("carry-incomplete", row.span, message, format!("no `{key}`"))
                    .consequence("the row counts for nothing: the default holds"),
            );
            continue;
        };
        if let Some(first) = seen.insert(method.value, method.span) {
            notes.push(
                note("carry-twice", method.span, "a method has one `[[carry]]`", "a second one")
                    .also(first, "the first")
                    .consequence("the stricter of them holds"),
            );
        }
        let of_product = matches!(method.value, Method::Probe | Method::Assisted | Method::Manual);
        if of_product && when.value == CarryWhen::Unchanged {
            notes.push(
                note(
                    "carry-past-image",
                    when.span,
                    "what was measured on one firmware image says nothing about another",
                    format!("{} results are of the product", method.value),
                )
                .consequence("they are carried while the image is the same")
                .hint("write `when = \"same-image\"`"),
            );
        }
        let policy = look.dossier.policy.as_ref();
        let valid = match of_product {
            true => policy.and_then(|p| p.observation_days.as_ref()),
            false => policy.and_then(|p| p.statement_days.as_ref()),
        };
        if let (Some(days), Some(valid)) = (&row.days, valid)
            && when.value != CarryWhen::Never
            && days.value > valid.value
        {
            let message = "nothing is carried for longer than it counts at all";
            notes.push(
                note("carry-too-long", days.span, message, format!("more than {} days", valid.value))
                    .also(valid.span, "for how long it counts")
                    .consequence(format!("it is carried for {} days", valid.value)),
            );
        }
    }
}
