//! Test group 5.5-3: components with cryptography can be updated, and the side effects are considered.

use dossier::{Entry, SoftCompFacts};

use crate::judgement::Judgement;
use crate::rule::UnitRule;
use crate::view::View;

use super::said::{about, has_to_be, refers};
use super::{BOTH, declared};

pub(super) const RULES: &[UnitRule] =
    &[declared("5.5-3-1a", BOTH, is_updatable), declared("5.5-3-1b", BOTH, side_effects)];

fn is_updatable(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "SoftComp", |component| {
        let judgement = refers(view, component, "Update Mechanism", "UpdMech");
        let updatable = component.facts::<SoftCompFacts>().and_then(|f| f.updatable.as_ref());
        match updatable {
            Some(fact) if !fact.value && judgement.outcome == model::Outcome::Pass => {
                judgement.grounds.into_iter().fold(
                    Judgement::fail(format!(
                        "{} references an update mechanism and is declared not updatable",
                        component.id.value
                    ))
                    .declared(fact.span, "`updatable = false`"),
                    Judgement::on,
                )
            }
            _ => judgement,
        }
    })
}

fn side_effects(_: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "SoftComp", |component| {
        let fact = component.facts::<SoftCompFacts>().and_then(|f| f.side_effects_considered.as_ref());
        let (yes, no) = ("side effects are considered", "side effects are not considered");
        has_to_be(component, "side-effects-considered", fact, yes, no)
    })
}
