//! Test group 5.3-8: security updates are timely. Only the confirmation is settled here.

use dossier::Entry;

use crate::judgement::Judgement;
use crate::rule::UnitRule;
use crate::view::View;

use super::{BOTH, confirmed::confirmed, declared};

pub(super) const RULES: &[UnitRule] = &[declared("5.3-8-1b", BOTH, confirmation)];

fn confirmation(view: &View<'_>, _: Option<&Entry>) -> Judgement {
    confirmed(view, "Confirmation of Update Procedures")
}
