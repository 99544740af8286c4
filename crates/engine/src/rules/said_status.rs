//! The declared status of an interface, from the typed fact and from the words of the prose field.

use dossier::{Entry, FieldValue, Located, Status};

use crate::judgement::Judgement;

use super::said::missing;

/// The declared status of an interface: the typed fact, or the words of the prose field. A contradiction is an error.
pub(super) fn status(entry: &Entry, fact: Option<&Located<Status>>) -> Result<Located<Status>, Judgement> {
    let written =
        entry.field("Status").and_then(|f| Some(Located { value: status_word(&f.value)?, span: f.span }));
    let off = |status: Status| status != Status::Enabled;
    match (fact, written) {
        (Some(fact), Some(text)) if off(fact.value) != off(text.value) => Err(Judgement::fail(format!(
            "{} is declared enabled in one place and disabled in another",
            entry.id.value
        ))
        .declared(fact.span, format!("`status = \"{}\"`", fact.value))
        .declared(text.span, format!("`Status` says {}", text.value))),
        (Some(fact), _) => Ok(*fact),
        (None, Some(text)) => Ok(text),
        (None, None) => Err(missing(entry, "status")),
    }
}

fn status_word(value: &FieldValue) -> Option<Status> {
    let text = value.text().trim().trim_end_matches('.').to_lowercase().replace([' ', '_'], "-");
    match text.as_str() {
        "permanently-disabled" => Some(Status::DisabledPermanently),
        other => Status::ALL.iter().copied().find(|s| s.as_str() == other),
    }
}
