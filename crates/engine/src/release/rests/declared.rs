//! Parts from the dossier beside its IXIT tables, and from the catalogue.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use catalogue::{Case, Catalogue, Provision, Unit};
use dossier::{Dossier, IcsRow, Located};
use model::Edition;
use serde_json::{Value, json};

use crate::plan::Step;
use crate::release::part::{Part, PartKind};

/// What the catalogue asks in a unit: another wording may ask another thing.
pub(super) fn unit(catalogue: &Catalogue, step: &Step<'_>) -> Part {
    // The catalogue is a constant of the program, and so are these.
    static KNOWN: [OnceLock<BTreeMap<String, Part>>; 2] = [OnceLock::new(), OnceLock::new()];
    let known = KNOWN[usize::from(catalogue.edition == Edition::V3_1_3)].get_or_init(|| {
        let cases: BTreeMap<_, _> = catalogue.cases.iter().map(|c| (&c.id, c)).collect();
        let parts = catalogue
            .units
            .iter()
            .filter_map(|u| Some((u.id.to_string(), asked(catalogue, u, cases.get(&u.case)?))));
        parts.collect()
    });
    known.get(step.unit.id.as_str()).cloned().unwrap_or_else(|| asked(catalogue, step.unit, step.case))
}

fn asked(catalogue: &Catalogue, unit: &Unit, case: &Case) -> Part {
    let procedure = catalogue.procedure(&unit.id).map(|p| p.artefacts.clone()).unwrap_or_default();
    let reads: Vec<String> = unit.reads.iter().map(|(table, field)| format!("{table}.{field}")).collect();
    let mut part = Part::of_fields(
        PartKind::Unit,
        unit.id.as_str(),
        [
            ("edition", json!(catalogue.edition)),
            ("asks", json!([unit.summary, unit.which, unit.verb, unit.method.as_str()])),
            ("reads", json!([reads, unit.reads_other, unit.depends_on])),
            ("criteria", json!([case.verdict.pass_when, case.verdict.or_when])),
            ("artefacts", json!(procedure)),
        ],
    );
    part.fields.clear();
    part
}

/// What is declared about a provision, and what holds for every provision.
pub(super) fn provision(dossier: &Dossier, provision: &Provision) -> Vec<Part> {
    let mut parts = Vec::new();
    parts.extend(dossier.answer(provision.id.as_str()).and_then(answer));
    if let Some(control) = dossier.control(provision.id.as_str()) {
        let said = control.written().into_iter().filter(|(key, _)| *key != "owner");
        parts.push(Part::of_fields(PartKind::Control, provision.id.as_str(), said));
    }
    let word =
        |declared: Option<&Located<bool>>| declared.map_or_else(|| "unsaid".to_owned(), |d| d.value.to_string());
    for feature in &provision.features {
        parts.push(Part::of_word(PartKind::Feature, feature, word(dossier.ics.features.get(feature))));
    }
    for condition in &provision.conditions {
        parts.push(Part::of_word(PartKind::Condition, condition, word(dossier.ics.conditions.get(condition))));
    }
    let product = dossier.product.iter().flat_map(|p| p.written());
    let product = product.filter(|(key, _)| ["model", "hardware", "intended-use"].contains(key));
    parts.push(Part::of_fields(PartKind::Product, "product", product));
    // No verdict rests on who has to review it, and whether a second person is asked for is looked at anew for what is
    // carried.
    let reviews = |key: &str| matches!(key, "reviews" | "reviewer-keys" | "two-persons");
    let policy = dossier.policy.iter().flat_map(|p| p.written());
    let policy: Vec<(&str, Value)> = policy.filter(|(key, _)| !reviews(key)).collect();
    parts.push(Part::of_fields(PartKind::Validity, "policy", policy));
    parts
}

/// The supplier's answer to a provision. When it is looked at again changes nothing about it.
pub(super) fn answer(row: &Located<IcsRow>) -> Option<Part> {
    let said = row.written().into_iter().filter(|(key, _)| !["id", "status", "review"].contains(key));
    Some(Part::of_fields(PartKind::Answer, row.id.as_ref()?.value.as_str(), said))
}
