//! Test group 5.3-13: the support period is published, and nothing stands before the publication.
//!
//! What it says about the period is for a person.

use dossier::{Entry, Located, UserInfoFacts};

use crate::judgement::Judgement;
use crate::rule::UnitRule;
use crate::view::View;

use super::probe_names::WEB_PAGE;
use super::published::{Asked, judge};
use super::{BOTH, measured};

pub(super) const RULES: &[UnitRule] = &[
    measured("5.3-13-2a", BOTH, is_where_described, &[WEB_PAGE]),
    measured("5.3-13-2b", BOTH, is_unrestricted, &[WEB_PAGE]),
];

fn is_where_described(view: &View<'_>, _: Option<&Entry>) -> Judgement {
    judge(view, address, "support-period-url", Asked::Reachable)
}

fn is_unrestricted(view: &View<'_>, _: Option<&Entry>) -> Judgement {
    judge(view, address, "support-period-url", Asked::Unrestricted)
}

fn address(facts: &UserInfoFacts) -> Option<&Located<String>> {
    facts.support_period_url.as_ref()
}
