//! Test group 5.0-1 (4-1 in V2.1.1): each recommendation that is not met or does not apply has a justification.
//!
//! It asks that one is recorded; whether it convinces is for a person.

use catalogue::Provision;
use dossier::{Entry, IcsRow, Located, Support};

use crate::judgement::{Gap, Ground, Judgement, Next};
use crate::rule::UnitRule;
use crate::view::View;

use super::{V2_1_1, V3_1_3, declared};

pub(super) const RULES: &[UnitRule] =
    &[declared("5.0-1-1a", V3_1_3, justified), declared("4-1-1a", V2_1_1, justified)];

fn justified(view: &View<'_>, _: Option<&Entry>) -> Judgement {
    let mut lacking = Vec::new();
    let mut given = Vec::new();
    let mut gaps = Vec::new();
    for provision in view.catalogue.provisions.iter().filter(|p| !p.is_mandatory()) {
        match view.dossier.answer(provision.id.as_str()) {
            Some(row) if row.unconfirmed().is_some() => gaps.push(gap(provision, "support, without `carried`")),
            Some(row) => match row.support.as_ref().map(|s| s.value) {
                Some(Support::Yes) => {}
                Some(answer) if is_justified(row) => given.push(told(row, provision, answer, "justified")),
                Some(answer) => lacking.push((provision, told(row, provision, answer, "no justification"))),
                None => gaps.push(gap(provision, "support")),
            },
            None => gaps.push(gap(provision, "the row")),
        }
    }
    if let Some((first, _)) = lacking.first() {
        let because = match lacking.len() {
            1 => format!("recommendation {} is not met or not applicable and has no justification", first.id),
            n => format!("{n} recommendations, {} the first, lack a justification", first.id),
        };
        return lacking.into_iter().fold(Judgement::fail(because), |j, (_, ground)| j.on(ground));
    }
    if let Some(first) = gaps.first() {
        let mut judgement = Judgement::open(first.missing.clone(), first.next.clone());
        judgement.gaps = gaps;
        return judgement;
    }
    let because = format!("each of {} recommendations not met or not applicable is justified", given.len());
    let recommendations = Ground::Rule("every recommendation of Table B.1 is answered in the ICS".to_owned());
    given.into_iter().fold(Judgement::pass(because).on(recommendations), Judgement::on)
}

fn is_justified(row: &IcsRow) -> bool {
    [&row.detail, &row.justification].into_iter().flatten().any(|text| !text.value.trim().is_empty())
}

fn told(row: &Located<IcsRow>, provision: &Provision, answer: Support, what: &str) -> Ground {
    Ground::Declared { span: row.span, text: format!("{} answered {answer}: {what}", provision.id) }
}

fn gap(provision: &Provision, what: &str) -> Gap {
    Gap {
        missing: format!("the ICS does not answer recommendation {}", provision.id),
        next: Next::Declare {
            place: "ics".to_owned(),
            entry: Some(provision.id.to_string()),
            what: what.to_owned(),
        },
    }
}
