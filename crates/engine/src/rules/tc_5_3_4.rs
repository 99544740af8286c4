//! Test group 5.3-4 of V2.1.1: where automation of updates can be configured, it is on by default.

use dossier::{Entry, UpdMechFacts};

use crate::judgement::{Gap, Judgement, Next};
use crate::rule::UnitRule;
use crate::view::View;

use super::said::{about, missing, missing_gap, references};
use super::{V2_1_1, declared};

pub(super) const RULES: &[UnitRule] = &[declared("5.3-4-1b", V2_1_1, automatic_by_default)];

fn automatic_by_default(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "SoftComp", |component| {
        let Some(ids) = references(component, "Update Mechanism") else {
            return missing(component, "Update Mechanism");
        };
        let mut gaps = Vec::new();
        let mut off = Vec::new();
        for id in &ids {
            let Some(mechanism) = view.dossier.entry("UpdMech", &id.value) else {
                gaps.push(Gap {
                    missing: format!("7-UpdMech does not hold {}", id.value),
                    next: Next::Declare {
                        place: "UpdMech".to_owned(),
                        entry: Some(id.value.clone()),
                        what: "the entry".to_owned(),
                    },
                });
                continue;
            };
            let facts = mechanism.facts::<UpdMechFacts>();
            let automatic = facts.and_then(|f| f.automatic.as_ref());
            let default = facts.and_then(|f| f.on_by_default.as_ref());
            match (automatic.map(|a| a.value), default.map(|d| d.value)) {
                (Some(true), Some(true)) => {
                    let span = default.map_or(mechanism.span, |d| d.span);
                    return Judgement::pass(format!("{} is automatic and on by default", mechanism.id.value))
                        .declared(id.span, format!("{} is covered by {}", component.id.value, id.value))
                        .declared(span, "`on-by-default = true`");
                }
                (None, _) => gaps.push(missing_gap(mechanism, "automatic")),
                (Some(true), None) => gaps.push(missing_gap(mechanism, "on-by-default")),
                _ => off.push((mechanism.span, format!("{} is not automatic by default", mechanism.id.value))),
            }
        }
        if let Some(first) = gaps.first() {
            let mut judgement = Judgement::open(first.missing.clone(), first.next.clone());
            judgement.gaps = gaps;
            return judgement;
        }
        let because = format!("no mechanism that covers {} is automatic by default", component.id.value);
        off.into_iter()
            .fold(Judgement::fail(because), |judgement, (span, text)| judgement.declared(span, text))
            .declared(component.span, format!("{} references {} mechanisms", component.id.value, ids.len()))
    })
}
