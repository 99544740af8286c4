//! Test group 5.3-4B: consent given in initialization switches an automatic update mechanism on.

use dossier::{Entry, Trigger, UpdMechFacts, UserDecFacts};

use crate::judgement::{Judgement, Next};
use crate::rule::UnitRule;
use crate::view::View;

use super::said::{about, has_to_be, missing, missing_gap};
use super::{V3_1_3, declared};

pub(super) const RULES: &[UnitRule] = &[
    declared("5.3-4B-1a", V3_1_3, identified),
    declared("5.3-4B-1b", V3_1_3, consent_is_asked),
    declared("5.3-4B-1c", V3_1_3, consent_enables),
];

/// Identification, not assessment: either answer passes, and only a missing one leaves it open.
pub(super) fn identified(_: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "UpdMech", |mechanism| {
        match mechanism.facts::<UpdMechFacts>().and_then(|f| f.automatic.as_ref()) {
            None => missing(mechanism, "automatic"),
            Some(automatic) => {
                let kind = if automatic.value { "automatic" } else { "not automatic" };
                Judgement::pass(format!("{} is identified as {kind}", mechanism.id.value))
                    .declared(automatic.span, format!("`automatic = {}`", automatic.value))
            }
        }
    })
}

fn consent_is_asked(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "UpdMech", |mechanism| {
        let decisions = view.entries("UserDec");
        if decisions.is_empty() {
            return Judgement::open(
                "no entry of 26-UserDec is declared",
                Next::Declare { place: "UserDec".to_owned(), entry: None, what: "mechanism".to_owned() },
            );
        }
        let mut gaps = Vec::new();
        let mut elsewhere = Vec::new();
        for decision in decisions {
            let facts = decision.facts::<UserDecFacts>();
            let Some(named) = facts.and_then(|f| f.mechanism.as_ref()) else {
                gaps.push(missing_gap(decision, "mechanism"));
                continue;
            };
            let Some(id) = named.iter().find(|m| m.value == mechanism.id.value) else { continue };
            match facts.and_then(|f| f.triggered_by.as_ref()) {
                Some(triggers) if triggers.contains(&Trigger::Initialization) => {
                    return Judgement::pass(format!("{} asks for consent in initialization", decision.id.value))
                        .declared(id.span, format!("{} decides on {}", decision.id.value, mechanism.id.value))
                        .declared(triggers.span, "`triggered-by` names initialization");
                }
                Some(triggers) => elsewhere.push((triggers.span, decision)),
                None => gaps.push(missing_gap(decision, "triggered-by")),
            }
        }
        if let Some(first) = gaps.first() {
            let mut judgement = Judgement::open(first.missing.clone(), first.next.clone());
            judgement.gaps = gaps;
            return judgement;
        }
        let because = format!("no decision in initialization asks for consent to {}", mechanism.id.value);
        elsewhere.into_iter().fold(
            Judgement::fail(because).declared(mechanism.span, format!("{} is automatic", mechanism.id.value)),
            |judgement, (span, decision)| {
                judgement.declared(span, format!("{} comes up at another time", decision.id.value))
            },
        )
    })
}

fn consent_enables(_: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "UpdMech", |mechanism| {
        let fact = mechanism.facts::<UpdMechFacts>().and_then(|f| f.consent_enables.as_ref());
        has_to_be(mechanism, "consent-enables", fact, "consent enables it", "consent does not enable it")
    })
}
