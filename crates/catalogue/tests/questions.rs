//! The questions are complete, well formed and true to the tables of each edition. Whether they are good is not checked.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use catalogue::{Audience, Catalogue, Source};
use model::Edition;

const MOST_WORDS: usize = 32;

#[test]
fn every_audience_asks_about_every_provision_and_every_name_is_its_own() {
    for edition in Edition::ALL {
        let catalogue = Catalogue::of(edition);
        let asked: BTreeSet<_> = catalogue.questions().iter().map(|q| (&q.provision, q.audience)).collect();
        for provision in &catalogue.provisions {
            for audience in Audience::ALL {
                assert!(asked.contains(&(&provision.id, audience)), "{edition} {} {audience:?}", provision.id);
            }
        }
        let named: BTreeSet<_> = catalogue.questions().iter().map(|q| &q.id).collect();
        assert_eq!(named.len(), catalogue.questions().len());
    }
}

#[test]
fn what_answers_a_question_is_there_in_the_edition_and_read_by_the_tests_of_its_provision() {
    for edition in Edition::ALL {
        let catalogue = Catalogue::of(edition);
        for question in catalogue.questions() {
            let group = catalogue.group_of(&question.provision).unwrap_or_else(|| panic!("{}", question.id));
            assert!(!question.from.is_empty(), "{}", question.id);
            for source in &question.from {
                match source {
                    Source::Field { table, field } => {
                        let found = catalogue.table_named(table);
                        let found = found.unwrap_or_else(|| panic!("{edition} {}: no table {table}", question.id));
                        assert!(found.field(field).is_some(), "{edition} {}: {table} has no {field}", question.id);
                        assert!(group.tables.contains(&found.id), "{edition} {}: {table}", question.id);
                    }
                    Source::Entries => assert!(!group.tables.is_empty(), "{edition} {}", question.id),
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn what_the_units_of_a_provision_show_is_asked_for_by_somebody() {
    for edition in Edition::ALL {
        let catalogue = Catalogue::of(edition);
        for provision in &catalogue.provisions {
            let of = catalogue.questions().iter().filter(|q| q.provision == provision.id);
            let sources: Vec<&Source> = of.flat_map(|q| &q.from).collect();
            let group = catalogue.group_of(&provision.id).unwrap();
            let units = || catalogue.cases_of(&group.id).flat_map(|case| catalogue.units_of(&case.id));
            let functional = units().any(|unit| unit.kind == catalogue::Kind::Functional);
            assert_eq!(functional, sources.contains(&&Source::Tests), "{edition} {}: its tests", provision.id);
            assert!(sources.contains(&&Source::Concept), "{edition} {}: its concept", provision.id);
            assert!(sources.contains(&&Source::Verdict), "{edition} {}: its verdict", provision.id);
        }
    }
}

#[test]
fn a_question_is_one_short_sentence_that_asks() {
    let mut asked = BTreeSet::new();
    for question in Catalogue::of(Edition::V3_1_3).questions() {
        let words = question.ask.split_whitespace().count();
        assert!((4..=MOST_WORDS).contains(&words), "{}: {words} words", question.id);
        let begins = question.ask.chars().next().unwrap();
        assert!(question.ask.ends_with('?') && begins.is_uppercase(), "{}", question.id);
        assert!(question.ask.matches('?').count() == 1, "{}", question.id);
        assert!(!question.ask.to_lowercase().contains("shall "), "{}: the words of the standard", question.id);
        asked.insert(&question.provision);
    }
    assert_eq!(asked.len(), 78);
}
