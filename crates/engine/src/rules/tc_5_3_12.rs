//! Test group 5.3-12: the user is told when an update disrupts basic functioning.
//!
//! V2.1.1 asks for the notice on the device itself. Updates that never disrupt need none, in both editions.

use dossier::{DisruptionNotice, Entry, UpdMechFacts};
use model::Edition;

use crate::judgement::Judgement;
use crate::rule::UnitRule;
use crate::view::View;

use super::said::{about, missing};
use super::{BOTH, declared};

pub(super) const RULES: &[UnitRule] = &[declared("5.3-12-1a", BOTH, told_of_disruption)];

fn told_of_disruption(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "UpdMech", |mechanism| {
        let notice = mechanism.facts::<UpdMechFacts>().and_then(|f| f.disruption_notice.as_ref());
        let Some(notice) = notice else { return missing(mechanism, "disruption-notice") };
        let judgement = match (notice.value, view.catalogue.edition) {
            (DisruptionNotice::NeverDisrupts, _) => Judgement::pass("updates never disrupt basic functioning"),
            (DisruptionNotice::OnDevice, _) => Judgement::pass("the device itself tells of disruption"),
            (DisruptionNotice::OffDevice, Edition::V3_1_3) => Judgement::pass("the user is told of disruption"),
            (DisruptionNotice::OffDevice, Edition::V2_1_1) => {
                Judgement::fail("the notice of disruption does not come from the device itself")
            }
            (DisruptionNotice::None, _) => Judgement::fail("the user is not told of disruptive updates"),
        };
        judgement.declared(notice.span, format!("`disruption-notice = \"{}\"`", notice.value))
    })
}
