//! Test group 5.8-3: the documentation of sensing capabilities is where it is said to be.
//!
//! Whether it is understandable and complete is for a person.

use dossier::Entry;

use crate::judgement::Judgement;
use crate::rule::UnitRule;
use crate::view::View;

use super::probe_names::WEB_PAGE;
use super::published::{Asked, judge};
use super::{BOTH, measured};

pub(super) const RULES: &[UnitRule] = &[measured("5.8-3-1a", BOTH, is_accessible, &[WEB_PAGE])];

fn is_accessible(view: &View<'_>, _: Option<&Entry>) -> Judgement {
    judge(view, |f| f.sensors_url.as_ref(), "sensors-url", Asked::Unrestricted)
}
