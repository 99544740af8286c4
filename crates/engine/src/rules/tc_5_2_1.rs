//! Test group 5.2-1: the vulnerability disclosure policy is published for anybody. Its content is for a person.

use dossier::Entry;

use crate::judgement::Judgement;
use crate::rule::UnitRule;
use crate::view::View;

use super::probe_names::WEB_PAGE;
use super::published::{Asked, judge};
use super::{BOTH, measured};

pub(super) const RULES: &[UnitRule] = &[measured("5.2-1-2a", BOTH, policy_is_public, &[WEB_PAGE])];

fn policy_is_public(view: &View<'_>, _: Option<&Entry>) -> Judgement {
    judge(view, |f| f.disclosure_policy_url.as_ref(), "disclosure-policy-url", Asked::Unrestricted)
}
