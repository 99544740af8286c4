//! The checkpoint that waits for somebody: nothing else stands in its way.

use std::collections::BTreeSet;

use dossier::Holds;
use report::checkpoints::{Checkpoint, State};
use report::gate::Met;
use workflow::people::folded;

use super::{CheckpointsError, by_review, kept, one, sign_offs, standing};
use crate::gate::{in_scene, reviewed::recorded};
use crate::workspace::Snapshot;

/// A checkpoint that waits for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its name.
    pub name: String,
    /// Whether a review is what it waits for; else a sign-off.
    pub review: bool,
    /// Those who may, where the checkpoint says so; else anybody.
    may: BTreeSet<String>,
    /// Those who may not: they had a part in it, or have reviewed it already.
    not: BTreeSet<String>,
}

impl Waiting {
    /// Whether it waits for a person.
    pub fn is_for(&self, person: &str) -> bool {
        let name = folded(person);
        (self.may.is_empty() || self.may.contains(&name)) && !self.not.contains(&name)
    }
}

/// The checkpoint of a product that waits for somebody, if one does: the first that is not reached, once nothing else is
/// missing. Those behind it wait for it, and are not looked at.
///
/// # Errors
/// [`CheckpointsError`] when its ledger cannot be read.
pub fn waiting(snapshot: &Snapshot) -> Result<Option<Waiting>, CheckpointsError> {
    in_scene(snapshot, |scene, records| {
        let (signed, mut texts) = (sign_offs(scene.history)?, kept(records));
        let mut before: Option<Checkpoint> = None;
        for asked in scene.dossier.checkpoints() {
            let next = one(scene, &mut texts, &signed, &asked, before.as_ref())?;
            if next.state == State::Reached {
                before = Some(next);
                continue;
            }
            let review = by_review(&asked);
            let waits = match review {
                false => next.unmet().next().is_none(),
                true => waits_for_review(&next) && recorded(scene, Holds::Reviewed.as_str(), "")?.is_ok(),
            };
            let mut not = standing::authors(scene, &asked);
            if review {
                let signed = snapshot.reviews.iter().filter(|told| told.current);
                not.extend(signed.map(|told| folded(&told.review.body.person)));
            }
            let may = next.people.iter().map(|name| folded(name)).collect();
            return Ok(waits.then_some(Waiting { name: asked.name, review, may, not }));
        }
        Ok(None)
    })
}

fn waits_for_review(next: &Checkpoint) -> bool {
    let mut unmet = next.conditions.iter().filter(|condition| condition.met != Met::Yes);
    unmet.all(|condition| condition.id == Holds::Reviewed.as_str())
}
