//! Test group 5.4-2: a parameter used as hard-coded identity says so.
//!
//! A description that does not name it leaves the unit undecided: other words may mean the same.

use dossier::{Entry, Located, SecParamFacts};

use crate::judgement::Judgement;
use crate::rule::UnitRule;
use crate::view::View;

use super::said::{about, declare, missing, prose};
use super::{BOTH, declared};

pub(super) const RULES: &[UnitRule] = &[declared("5.4-2-1a", BOTH, identity_says_so)];

fn identity_says_so(_: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "SecParam", |parameter| {
        let fact = parameter.facts::<SecParamFacts>().and_then(|f| f.hard_coded_identity.as_ref());
        says_hard_coded(parameter, "hard-coded-identity", fact)
    })
}

/// A flag that says `hard-coded`, and a description that has to say the same.
pub(super) fn says_hard_coded(parameter: &Entry, key: &str, fact: Option<&Located<bool>>) -> Judgement {
    let id = &parameter.id.value;
    let Some(fact) = fact else { return missing(parameter, key) };
    let Some(description) = prose(parameter, "Description") else { return missing(parameter, "Description") };
    let named = names_hard_coded(&description.value.text());
    let judgement = match (fact.value, named) {
        (true, true) => Judgement::pass(format!("{id} is described as hard-coded")),
        (true, false) => Judgement::inconclusive(
            format!("{id} is hard-coded, and its description does not say so in these words"),
            declare(parameter, "Description"),
        ),
        (false, true) => Judgement::fail(format!("{id} is described as hard-coded, and declared not to be")),
        (false, false) => Judgement::not_applicable(format!("{id} is declared not to be hard-coded")),
    };
    judgement
        .declared(fact.span, format!("`{key} = {}`", fact.value))
        .declared(description.span, format!("the description of {id}"))
}

/// Whether a text speaks of something hard-coded, and not of its absence.
fn names_hard_coded(text: &str) -> bool {
    let text = text.to_lowercase().replace(['-', ' '], "");
    let denied = ["nothardcoded", "neverhardcoded", "nohardcoded", "nonhardcoded", "withouthardcoded"];
    text.contains("hardcoded") && !denied.iter().any(|d| text.contains(d))
}
