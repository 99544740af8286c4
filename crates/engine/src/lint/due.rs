//! Notes on dates that are past at a moment: until when a justification was to stand before somebody looks at it again.

use dossier::{Dossier, Note};
use model::Timestamp;

use super::note;

pub(super) fn check(dossier: &Dossier, at: Timestamp, notes: &mut Vec<Note>) {
    for row in &dossier.ics.rows {
        let (Some(id), Some(review)) = (&row.id, &row.review) else { continue };
        // What is no date has a note of its own.
        if Timestamp::parse(review.value.trim()).is_ok() && at.is_after_day(&review.value) {
            let message =
                format!("the answer to {} was to be looked at again by {}", id.value, review.value.trim());
            notes.push(
                note("review-past", review.span, message, "this day is over")
                    .consequence("the gate stays closed until somebody has looked at it")
                    .hint("read the justification, mend or confirm it, and set the next date"),
            );
        }
    }
}
