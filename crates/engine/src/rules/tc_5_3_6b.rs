//! Test group 5.3-6B: the user can switch update notifications on and off.

use dossier::{Entry, UpdMechFacts};

use crate::judgement::Judgement;
use crate::rule::UnitRule;
use crate::view::View;

use super::said::{about, each_has_to_be};
use super::{V3_1_3, declared};

pub(super) const RULES: &[UnitRule] = &[declared("5.3-6B-1a", V3_1_3, configurable)];

fn configurable(_: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "UpdMech", |mechanism| {
        let facts = mechanism.facts::<UpdMechFacts>();
        each_has_to_be(
            mechanism,
            &[
                ("notification-can-enable", facts.and_then(|f| f.notification_can_enable.as_ref())),
                ("notification-can-disable", facts.and_then(|f| f.notification_can_disable.as_ref())),
            ],
            "the user can switch notifications on and off",
        )
    })
}
