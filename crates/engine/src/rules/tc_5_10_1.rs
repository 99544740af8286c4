//! Test group 5.10-1: telemetry data is examined for security anomalies. How well is for a person.

use dossier::{Entry, TelDataFacts};

use crate::judgement::{Judgement, Next};
use crate::rule::UnitRule;
use crate::view::View;

use super::said::{missing_gap, prose, says_nothing};
use super::{BOTH, declared};

pub(super) const RULES: &[UnitRule] = &[declared("5.10-1-1a", BOTH, something_is_examined)];

fn something_is_examined(view: &View<'_>, _: Option<&Entry>) -> Judgement {
    let entries = view.entries("TelData");
    let mut refused = Vec::new();
    let mut gaps = Vec::new();
    for data in entries {
        let id = &data.id.value;
        let examined = data.facts::<TelDataFacts>().and_then(|f| f.examined.as_ref());
        let text = prose(data, "Security Examination");
        match (examined.map(|e| e.value), text.map(|t| !says_nothing(&t.value))) {
            (Some(false), _) => refused.push((examined.map_or(data.span, |e| e.span), id)),
            (_, Some(true)) => {
                let span = text.map_or(data.span, |t| t.span);
                return Judgement::pass(format!("an examination of {id} for security anomalies is given"))
                    .declared(span, format!("`Security Examination` of {id}"));
            }
            (None, Some(false)) => refused.push((text.map_or(data.span, |t| t.span), id)),
            (_, _) => gaps.push(missing_gap(data, "Security Examination")),
        }
    }
    if let Some(first) = gaps.first() {
        let mut judgement = Judgement::open(first.missing.clone(), first.next.clone());
        judgement.gaps = gaps;
        return judgement;
    }
    if refused.is_empty() {
        return Judgement::open(
            "no entry of 24-TelData is declared",
            Next::Declare { place: "TelData".to_owned(), entry: None, what: "an entry".to_owned() },
        );
    }
    refused
        .into_iter()
        .fold(Judgement::fail("no telemetry data is examined for security anomalies"), |judgement, (span, id)| {
            judgement.declared(span, format!("{id} is not examined"))
        })
}
