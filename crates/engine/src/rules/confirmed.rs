//! The confirmations of table 4-Conf: a Yes that the supplier organization gives, or does not.

use crate::judgement::{Judgement, Next};
use crate::view::View;

use super::said;

/// The confirmation of this name is given.
pub(super) fn confirmed(view: &View<'_>, field: &str) -> Judgement {
    let next = |entry: Option<String>| Next::Declare { place: "Conf".to_owned(), entry, what: field.to_owned() };
    let Some(entry) = view.entries("Conf").first() else {
        return Judgement::open(format!("table 4-Conf with `{field}` is not declared"), next(None));
    };
    let Some(value) = said::prose(entry, field) else { return said::missing(entry, field) };
    let text = format!("`{field}` says {}", value.value.text());
    match said::yes_or_no(&value.value) {
        Some(true) => Judgement::pass("the confirmation is given").declared(value.span, text),
        Some(false) => Judgement::fail("the confirmation is refused").declared(value.span, text),
        None => Judgement::open("the confirmation is neither Yes nor No", next(Some(entry.id.value.clone())))
            .declared(value.span, text),
    }
}
