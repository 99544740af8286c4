//! Test group 5.4-4: critical parameters for update checks or associated services say so where their generation
//! is described.
//!
//! Unit b, which judges the generation itself, is for a person.

use dossier::{Entry, ParameterUse, SecParamFacts};

use crate::judgement::Judgement;
use crate::rule::UnitRule;
use crate::view::View;

use super::said::{about, missing, prose, says_nothing};
use super::{BOTH, declared};

pub(super) const RULES: &[UnitRule] = &[declared("5.4-4-1a", BOTH, generation_is_described)];

fn generation_is_described(_: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "SecParam", |parameter| {
        let id = &parameter.id.value;
        let Some(uses) = parameter.facts::<SecParamFacts>().and_then(|f| f.used_for.as_ref()) else {
            return missing(parameter, "used-for");
        };
        let concerned = [ParameterUse::UpdateCheck, ParameterUse::ServiceCommunication];
        let Some(purpose) = uses.iter().find(|u| concerned.contains(u)) else {
            return Judgement::not_applicable(format!(
                "{id} serves neither update checks nor communication with associated services"
            ))
            .declared(uses.span, "`used-for`");
        };
        let Some(generation) = prose(parameter, "Generation Mechanism") else {
            return missing(parameter, "Generation Mechanism");
        };
        let judgement = if says_nothing(&generation.value) {
            Judgement::fail(format!("{id} is used for {purpose}, and no generation mechanism is described for it"))
        } else {
            Judgement::pass(format!("{id} is used for {purpose}, and its generation is described"))
        };
        judgement
            .declared(uses.span, format!("used for {purpose}"))
            .declared(generation.span, "`Generation Mechanism`")
    })
}
