//! Test group 5.4-3: a critical parameter that stands in source code says that it is hard-coded.

use dossier::{Entry, SecParamFacts};

use crate::judgement::Judgement;
use crate::rule::UnitRule;
use crate::view::View;

use super::said::about;
use super::tc_5_4_2::says_hard_coded;
use super::{BOTH, declared};

pub(super) const RULES: &[UnitRule] = &[declared("5.4-3-1a", BOTH, hard_coded_says_so)];

fn hard_coded_says_so(_: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "SecParam", |parameter| {
        let fact = parameter.facts::<SecParamFacts>().and_then(|f| f.in_source_code.as_ref());
        says_hard_coded(parameter, "in-source-code", fact)
    })
}
