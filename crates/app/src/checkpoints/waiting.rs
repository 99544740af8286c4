//! The checkpoints that wait for somebody: nothing else stands in their way.

use std::collections::BTreeSet;

use dossier::Holds;
use report::checkpoints::{Checkpoint, State};
use report::gate::Met;
use workflow::people::folded;

use super::{CheckpointsError, by_review, in_scene, kept, of, standing};
use crate::gate::reviewed::recorded;
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

/// The checkpoints of a product that wait for somebody.
///
/// # Errors
/// [`CheckpointsError`] when its ledger cannot be read.
pub fn waiting(snapshot: &Snapshot) -> Result<Vec<Waiting>, CheckpointsError> {
    in_scene(snapshot, |scene, records| {
        let told = of(scene, &mut kept(records))?;
        let mut waiting = Vec::new();
        for (asked, one) in scene.dossier.checkpoints().iter().zip(&told.checkpoints) {
            let review = by_review(asked);
            let waits = match review {
                false => one.state != State::Reached && one.unmet().next().is_none(),
                true => waits_for_review(one) && recorded(scene, Holds::Reviewed.as_str(), "")?.is_ok(),
            };
            if !waits {
                continue;
            }
            let mut not = standing::authors(scene, asked);
            if review {
                let signed = snapshot.reviews.iter().filter(|told| told.current);
                not.extend(signed.map(|told| folded(&told.review.body.person)));
            }
            let may = one.people.iter().map(|name| folded(name)).collect();
            waiting.push(Waiting { name: asked.name.clone(), review, may, not });
        }
        Ok(waiting)
    })
}

fn waits_for_review(one: &Checkpoint) -> bool {
    let mut unmet = one.conditions.iter().filter(|condition| condition.met != Met::Yes);
    one.state != State::Reached && unmet.all(|condition| condition.id == Holds::Reviewed.as_str())
}
