//! Holds the catalogue against the counts of the fact sheet (crates/catalogue/data/FACTS.md).
#![allow(clippy::unwrap_used)]

use catalogue::{Catalogue, Kind};
use model::{Confidence, Edition, Method};

struct Counts {
    provisions: usize,
    shall: usize,
    groups: usize,
    cases: usize,
    units: usize,
    conceptual_units: usize,
    tables: usize,
    fields: usize,
    by_method: [(Method, usize); 5],
    verdicts: [(Confidence, usize); 3],
    unsure_units: usize,
}

const NEW: Counts = Counts {
    provisions: 78,
    shall: 36,
    groups: 78,
    cases: 131,
    units: 258,
    conceptual_units: 140,
    tables: 29,
    fields: 140,
    by_method: [
        (Method::Rule, 30),
        (Method::Judgement, 110),
        (Method::Probe, 30),
        (Method::Assisted, 63),
        (Method::Manual, 25),
    ],
    verdicts: [(Confidence::High, 83), (Confidence::Medium, 44), (Confidence::Low, 4)],
    unsure_units: 3,
};

const OLD: Counts = Counts {
    provisions: 68,
    shall: 33,
    groups: 68,
    cases: 109,
    units: 226,
    conceptual_units: 124,
    tables: 29,
    fields: 127,
    by_method: [
        (Method::Rule, 28),
        (Method::Judgement, 96),
        (Method::Probe, 28),
        (Method::Assisted, 49),
        (Method::Manual, 25),
    ],
    verdicts: [(Confidence::High, 109), (Confidence::Medium, 0), (Confidence::Low, 0)],
    unsure_units: 0,
};

fn holds(edition: Edition, counts: &Counts) {
    let catalogue = Catalogue::of(edition);
    assert_eq!(catalogue.provisions.len(), counts.provisions);
    assert_eq!(catalogue.provisions.iter().filter(|p| p.is_mandatory()).count(), counts.shall);
    assert_eq!(catalogue.groups.len(), counts.groups);
    assert_eq!(catalogue.cases.len(), counts.cases);
    assert_eq!(catalogue.units.len(), counts.units);
    assert_eq!(catalogue.units.iter().filter(|u| u.kind == Kind::Conceptual).count(), counts.conceptual_units);
    assert_eq!(catalogue.tables.len(), counts.tables);
    assert_eq!(catalogue.tables.iter().map(|t| t.fields.len()).sum::<usize>(), counts.fields);
    for (method, count) in counts.by_method {
        assert_eq!(catalogue.units.iter().filter(|u| u.method == method).count(), count, "{method}");
    }
    for (confidence, count) in counts.verdicts {
        let have = catalogue.cases.iter().filter(|c| c.verdict.confidence == confidence).count();
        assert_eq!(have, count, "{confidence}");
    }
    let unsure = catalogue.units.iter().filter(|u| u.confidence != Confidence::High).count();
    assert_eq!(unsure, counts.unsure_units);
}

#[test]
fn v3_1_3_has_the_counts_of_the_fact_sheet() {
    holds(Edition::V3_1_3, &NEW);
}

#[test]
fn v2_1_1_has_the_counts_of_the_fact_sheet() {
    holds(Edition::V2_1_1, &OLD);
}

#[test]
fn every_unit_has_exactly_one_procedure() {
    for edition in Edition::ALL {
        let catalogue = Catalogue::of(edition);
        for unit in &catalogue.units {
            let count = catalogue.procedures().iter().filter(|p| p.unit == unit.id).count();
            assert_eq!(count, 1, "{edition} {}", unit.id);
        }
        assert_eq!(catalogue.procedures().len(), catalogue.units.len());
    }
}

#[test]
fn provisions_stand_in_natural_order_within_their_clause() {
    for edition in Edition::ALL {
        let catalogue = Catalogue::of(edition);
        for clause in &catalogue.clauses {
            let ids: Vec<_> =
                catalogue.provisions.iter().filter(|p| p.clause == clause.id).map(|p| p.id.clone()).collect();
            let mut sorted = ids.clone();
            sorted.sort();
            assert_eq!(ids, sorted);
        }
    }
}
