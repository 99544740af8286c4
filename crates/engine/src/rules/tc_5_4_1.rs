//! Test group 5.4-1: guarantees of stored security parameters cover what their type needs.
//!
//! Confidentiality and integrity for critical parameters, integrity for public ones. Whether the protection
//! scheme delivers them is for a person.

use dossier::{Entry, Guarantee, Located, ParameterClass, SecParamFacts};

use crate::judgement::Judgement;
use crate::rule::UnitRule;
use crate::view::View;

use super::said::{about, missing, prose};
use super::{BOTH, declared};

pub(super) const RULES: &[UnitRule] = &[declared("5.4-1-1b", BOTH, guarantees_cover_the_type)];

fn guarantees_cover_the_type(_: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "SecParam", |parameter| {
        let class = match class(parameter) {
            Ok(class) => class,
            Err(judgement) => return judgement,
        };
        let Some(given) = parameter.facts::<SecParamFacts>().and_then(|f| f.guarantees.as_ref()) else {
            return missing(parameter, "guarantees");
        };
        let needed: &[Guarantee] = match class.value {
            ParameterClass::Critical => &[Guarantee::Integrity, Guarantee::Confidentiality],
            ParameterClass::Public => &[Guarantee::Integrity],
        };
        let id = &parameter.id.value;
        let judgement = match needed.iter().find(|g| !given.contains(g)) {
            Some(lacking) => Judgement::fail(format!("{id} is {} and lacks {lacking}", class.value)),
            None => Judgement::pass(format!("the guarantees of {id} cover what a {} one needs", class.value)),
        };
        let listed: Vec<&str> = given.iter().map(|g| g.as_str()).collect();
        judgement
            .declared(class.span, format!("{id} is {}", class.value))
            .declared(given.span, format!("guarantees: {}", listed.join(", ")))
    })
}

/// The class of a parameter: the typed fact, or the field Type. A contradiction between the two fails.
pub(super) fn class(parameter: &Entry) -> Result<Located<ParameterClass>, Judgement> {
    let fact = parameter.facts::<SecParamFacts>().and_then(|f| f.class.as_ref());
    let field = prose(parameter, "Type").and_then(|f| {
        let text = f.value.text().trim().to_lowercase();
        let value = ParameterClass::ALL.iter().copied().find(|c| c.as_str() == text)?;
        Some(Located { value, span: f.span })
    });
    match (fact, field) {
        (Some(fact), Some(field)) if fact.value != field.value => {
            Err(Judgement::fail(format!("{} is declared both critical and public", parameter.id.value))
                .declared(fact.span, format!("`class = \"{}\"`", fact.value))
                .declared(field.span, format!("`Type` says {}", field.value)))
        }
        (Some(class), _) => Ok(*class),
        (None, Some(class)) => Ok(class),
        (None, None) => Err(missing(parameter, "class")),
    }
}
