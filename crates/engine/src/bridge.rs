//! What becomes of the provisions, test units and evidence of a dossier that is told in the other edition.
//!
//! It rewrites no text: what stands where in the files is the use case's business. It confirms nothing for anybody.

mod evidence;
mod units;

pub use evidence::{MovedObservation, MovedStatement, Moves, observations, statements};
pub use units::{Counterpart, counterparts};

use catalogue::{Bridge, BridgeStep, Catalogue};
use dossier::Dossier;
use model::{Edition, ProvisionId};
use serde::Serialize;

/// What became of a provision on the way to the other edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It asks the same under the same number; its status may be written in another way.
    Unchanged,
    /// It asks the same under another number.
    Renamed,
    /// Several provisions ask for its parts.
    Split,
    /// One provision asks for what several did.
    Merged,
    /// It asks for more, for less or for something else.
    Changed,
    /// The other edition did not ask for it.
    New,
    /// The other edition does not ask for it.
    Dropped,
}

impl Fate {
    /// Every fate, in the order reports list them.
    pub const ALL: [Fate; 7] =
        [Fate::Unchanged, Fate::Renamed, Fate::Changed, Fate::Split, Fate::Merged, Fate::New, Fate::Dropped];

    /// The word as tables print it.
    pub fn as_str(self) -> &'static str {
        match self {
            Fate::Unchanged => "unchanged",
            Fate::Renamed => "renamed",
            Fate::Split => "split",
            Fate::Merged => "merged",
            Fate::Changed => "changed",
            Fate::New => "new",
            Fate::Dropped => "dropped",
        }
    }

    /// Whether an answer that was given before has to be confirmed by the supplier.
    pub fn needs_confirmation(self) -> bool {
        matches!(self, Fate::Split | Fate::Merged | Fate::Changed)
    }
}

/// One step of the way: provisions of the one edition beside those of the other.
///
/// Over all steps each provision of either edition stands exactly once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvisionStep {
    /// Provisions of the edition that is left; none for a new one.
    pub from: Vec<ProvisionId>,
    /// Provisions of the edition that is entered; none for one that is dropped.
    pub to: Vec<ProvisionId>,
    /// What became of them.
    pub fate: Fate,
    /// The catalogue's word for the difference, from the older to the newer edition: `extended`, `narrowed` …
    pub change: String,
}

/// The steps from the other edition to this one, in the order of this one; what is dropped comes last.
pub fn provision_steps(to: Edition) -> Vec<ProvisionStep> {
    let bridge = Bridge::built_in();
    match to {
        Edition::V3_1_3 => forward(bridge),
        Edition::V2_1_1 => backward(bridge),
    }
}

fn forward(bridge: &Bridge) -> Vec<ProvisionStep> {
    let mut steps: Vec<ProvisionStep> = Vec::new();
    for step in &bridge.steps {
        let Some(earlier) = &step.earlier else {
            steps.push(one(Vec::new(), vec![step.later.clone()], Fate::New, step));
            continue;
        };
        if let Some(known) = steps.iter_mut().find(|s| s.from.contains(earlier)) {
            known.to.push(step.later.clone());
            known.fate = Fate::Split;
            continue;
        }
        steps.push(one(vec![earlier.clone()], vec![step.later.clone()], fate(step), step));
    }
    steps.extend(dropped(Edition::V2_1_1, &steps));
    steps
}

fn backward(bridge: &Bridge) -> Vec<ProvisionStep> {
    let mut steps: Vec<ProvisionStep> = Vec::new();
    for provision in &Catalogue::of(Edition::V2_1_1).provisions {
        let successors = bridge.successors(&provision.id);
        let from: Vec<ProvisionId> = successors.iter().map(|s| s.later.clone()).collect();
        let fate = match successors.as_slice() {
            [] => Fate::New,
            [one] => fate(one),
            _ => Fate::Merged,
        };
        let change = successors.first().map(|s| s.change.clone()).unwrap_or_default();
        steps.push(ProvisionStep { from, to: vec![provision.id.clone()], fate, change });
    }
    steps.extend(dropped(Edition::V3_1_3, &steps));
    steps
}

fn one(from: Vec<ProvisionId>, to: Vec<ProvisionId>, fate: Fate, step: &BridgeStep) -> ProvisionStep {
    ProvisionStep { from, to, fate, change: step.change.clone() }
}

/// What the catalogue's word for a pair of provisions comes to; a word that is not known counts as a change.
fn fate(step: &BridgeStep) -> Fate {
    match step.change.as_str() {
        "same" => Fate::Unchanged,
        "renumbered" => Fate::Renamed,
        _ => Fate::Changed,
    }
}

fn dropped(left: Edition, steps: &[ProvisionStep]) -> Vec<ProvisionStep> {
    let gone = Catalogue::of(left).provisions.iter().filter(|p| !steps.iter().any(|s| s.from.contains(&p.id)));
    gone.map(|p| ProvisionStep {
        from: vec![p.id.clone()],
        to: Vec::new(),
        fate: Fate::Dropped,
        change: p.change.clone().unwrap_or_default(),
    })
    .collect()
}

/// What the typed facts of a dossier show with certainty about features and conditions of its own edition that are not
/// declared: name, value and what shows it. A suggestion for the supplier, never a declaration.
pub fn shown(dossier: &Dossier) -> Vec<(String, bool, String)> {
    crate::lint::shown(dossier)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn of(to: Edition, id: &str) -> ProvisionStep {
        let named = |ids: &[ProvisionId]| ids.iter().any(|p| p.as_str() == id);
        provision_steps(to).into_iter().find(|s| named(&s.from) || named(&s.to)).unwrap()
    }

    #[test]
    fn each_provision_of_either_edition_stands_in_exactly_one_step() {
        for to in Edition::ALL {
            let mut counted: BTreeMap<ProvisionId, usize> = BTreeMap::new();
            for step in provision_steps(to) {
                for id in step.from.into_iter().chain(step.to) {
                    *counted.entry(id).or_default() += 1;
                }
            }
            let all: Vec<&ProvisionId> =
                Edition::ALL.iter().flat_map(|e| &Catalogue::of(*e).provisions).map(|p| &p.id).collect();
            assert_eq!(counted.len(), all.len());
            assert!(all.iter().all(|id| counted.get(id) == Some(&1)), "{counted:?}");
        }
    }

    #[test]
    fn every_pair_of_the_catalogue_appears_in_a_step_of_both_directions() {
        for step in &Bridge::built_in().steps {
            let Some(earlier) = &step.earlier else { continue };
            for to in Edition::ALL {
                let ids = |ids: &[ProvisionId]| ids.contains(earlier) || ids.contains(&step.later);
                let found: Vec<_> =
                    provision_steps(to).into_iter().filter(|s| ids(&s.from) || ids(&s.to)).collect();
                assert_eq!(found.len(), 1, "{earlier} and {}", step.later);
                assert!(ids(&found[0].from) && ids(&found[0].to), "{:?}", found[0]);
            }
        }
    }

    #[test]
    fn what_is_split_on_the_way_there_is_merged_on_the_way_back() {
        let there = of(Edition::V3_1_3, "5.3-4");
        assert_eq!((there.fate, there.to.len()), (Fate::Split, 2));
        let back = of(Edition::V2_1_1, "5.3-4");
        assert_eq!((back.fate, back.from.len()), (Fate::Merged, 2));
        assert_eq!(of(Edition::V3_1_3, "6-6").fate, Fate::New);
        assert_eq!(of(Edition::V2_1_1, "6-6").fate, Fate::Dropped);
        assert_eq!(of(Edition::V3_1_3, "4-1").fate, Fate::Renamed);
    }

    #[test]
    fn only_what_asks_the_same_needs_no_confirmation() {
        for step in provision_steps(Edition::V3_1_3) {
            let same = matches!(step.change.as_str(), "same" | "renumbered");
            let answered = !step.from.is_empty() && !step.to.is_empty();
            assert_eq!(step.fate.needs_confirmation(), answered && !same, "{step:?}");
        }
    }
}
