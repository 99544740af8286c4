//! Test group 5.3-14: the reason for missing updates and the replacement plan are published for anybody.
//!
//! Both publications have to hold; what they say is for a person.

use dossier::Entry;

use crate::judgement::{Judgement, Next};
use crate::rule::UnitRule;
use crate::view::View;

use super::probe_names::WEB_PAGE;
use super::published::{Asked, judge};
use super::together::together;
use super::{BOTH, measured};

pub(super) const RULES: &[UnitRule] = &[
    measured("5.3-14-2a", BOTH, are_where_described, &[WEB_PAGE]),
    measured("5.3-14-2b", BOTH, are_unrestricted, &[WEB_PAGE]),
];

fn are_where_described(view: &View<'_>, _: Option<&Entry>) -> Judgement {
    both(view, Asked::Reachable)
}

fn are_unrestricted(view: &View<'_>, _: Option<&Entry>) -> Judgement {
    both(view, Asked::Unrestricted)
}

fn both(view: &View<'_>, asked: Asked) -> Judgement {
    let reason = judge(view, |f| f.non_updatable_url.as_ref(), "non-updatable-url", asked);
    let replacement = judge(view, |f| f.replacement_url.as_ref(), "replacement-url", asked);
    let next = Next::Declare { place: "UserInfo".to_owned(), entry: None, what: "non-updatable-url".to_owned() };
    together(vec![reason, replacement], "no publication is declared", next)
}
