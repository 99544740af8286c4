//! What the team has decided about evidence, and what holds where it says nothing.

use dossier::Dossier;
use model::Level;

/// The weakest level of a measurement on which a pass may rest: what another tool says finds faults and contradicts, and
/// passes nothing, unless the team decides otherwise.
pub(crate) fn pass_level(dossier: &Dossier) -> Level {
    let decided = dossier.policy.as_ref().and_then(|policy| policy.pass_level.as_ref());
    decided.map_or(Level::Measured, |level| level.value)
}
