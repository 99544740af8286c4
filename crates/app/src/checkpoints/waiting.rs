//! The checkpoints that a person can move on: nothing else stands in their way, and the person had no part in them.

use dossier::Holds;
use report::checkpoints::State;
use report::gate::Met;
use workflow::people::folded;

use super::{CheckpointsError, by_review, in_scene, kept, of, standing};
use crate::gate::reviewed::recorded;
use crate::workspace::Snapshot;

/// A checkpoint that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its name.
    pub name: String,
    /// Whether a review is what it waits for; else a sign-off.
    pub review: bool,
}

/// The checkpoints of a product that wait for a person.
///
/// # Errors
/// [`CheckpointsError`] when its ledger cannot be read.
pub fn waiting_for(snapshot: &Snapshot, person: &str) -> Result<Vec<Waiting>, CheckpointsError> {
    in_scene(snapshot, |scene, records| {
        let told = of(scene, &mut kept(records))?;
        let mut waiting = Vec::new();
        for (asked, one) in scene.dossier.checkpoints().iter().zip(&told.checkpoints) {
            let is = |name: &String| folded(name) == folded(person);
            if !one.people.is_empty() && !one.people.iter().any(is) || standing::had_part(scene, asked, person) {
                continue;
            }
            let review = by_review(asked);
            let waits = match review {
                false => one.state == State::Ready || one.state == State::Outdated && one.unmet().next().is_none(),
                true => {
                    let word = Holds::Reviewed.as_str();
                    let mut unmet = one.conditions.iter().filter(|condition| condition.met != Met::Yes);
                    let only = one.state != State::Reached && unmet.all(|condition| condition.id == word);
                    let mut own = snapshot.reviews.iter().filter(|told| told.current);
                    only && !own.any(|told| is(&told.review.body.person)) && recorded(scene, word, "")?.is_ok()
                }
            };
            if waits {
                waiting.push(Waiting { name: asked.name.clone(), review });
            }
        }
        Ok(waiting)
    })
}
