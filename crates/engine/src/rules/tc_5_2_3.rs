//! Test group 5.2-3: vulnerabilities are monitored, identified and rectified. Only the confirmation is settled here.

use dossier::Entry;

use crate::judgement::Judgement;
use crate::rule::UnitRule;
use crate::view::View;

use super::{BOTH, confirmed::confirmed, declared};

pub(super) const RULES: &[UnitRule] = &[declared("5.2-3-1d", BOTH, confirmation)];

fn confirmation(view: &View<'_>, _: Option<&Entry>) -> Judgement {
    confirmed(view, "Confirmation of Vulnerability Monitoring")
}
