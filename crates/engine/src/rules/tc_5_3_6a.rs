//! Test group 5.3-6A: the user can switch automatic updates on and off and postpone them.

use dossier::{Entry, UpdMechFacts};

use crate::judgement::Judgement;
use crate::rule::UnitRule;
use crate::view::View;

use super::said::{about, each_has_to_be};
use super::tc_5_3_4b::identified;
use super::{V3_1_3, declared};

pub(super) const RULES: &[UnitRule] =
    &[declared("5.3-6A-1a", V3_1_3, identified), declared("5.3-6A-1b", V3_1_3, configurable)];

fn configurable(_: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "UpdMech", |mechanism| {
        let facts = mechanism.facts::<UpdMechFacts>();
        each_has_to_be(
            mechanism,
            &[
                ("user-can-enable", facts.and_then(|f| f.user_can_enable.as_ref())),
                ("user-can-disable", facts.and_then(|f| f.user_can_disable.as_ref())),
                ("user-can-postpone", facts.and_then(|f| f.user_can_postpone.as_ref())),
            ],
            "the user can enable, disable and postpone it",
        )
    })
}
