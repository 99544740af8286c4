//! Each special reading on its own, and the promises that hold for all of them.

use Outcome::{Fail, Inconclusive, NotApplicable, Open, Pass};
use catalogue::Catalogue;
use model::Edition;
use proptest::arbitrary::any;
use proptest::prelude::*;

use super::*;

fn case(edition: Edition, id: &str) -> &'static Case {
    Catalogue::of(edition).cases.iter().find(|c| c.id.as_str() == id).unwrap()
}

fn part<'a>(unit: &'a str, entry: &'a str, outcome: Outcome) -> Part<'a> {
    let identifies = IDENTIFY.iter().any(|(id, _)| *id == unit);
    Part { unit, entry: Some(entry), identifies, outcome }
}

#[test]
fn every_row_names_a_case_of_its_editions_and_every_doubtful_case_has_a_row() {
    for row in ROWS {
        for edition in Edition::ALL.into_iter().filter(|e| row.editions.has(*e)) {
            let _ = case(edition, row.case);
        }
    }
    for edition in Edition::ALL {
        for case in &Catalogue::of(edition).cases {
            if case.verdict.confidence == Confidence::Low {
                assert!(ROWS.iter().any(|r| r.case == case.id.as_str() && r.editions.has(edition)), "{}", case.id);
            }
        }
    }
}

#[test]
fn every_identifying_unit_exists() {
    for (unit, editions) in IDENTIFY {
        for edition in Edition::ALL.into_iter().filter(|e| editions.has(*e)) {
            assert!(Catalogue::of(edition).unit_named(unit).is_some(), "{unit}");
        }
    }
}

#[test]
fn one_secure_update_mechanism_suffices_and_the_other_reading_is_told() {
    let parts = [
        part("5.3-2-2a", "UpdMech-OTA", Pass),
        part("5.3-2-2b", "UpdMech-OTA", Pass),
        part("5.3-2-2a", "UpdMech-USB", Pass),
        part("5.3-2-2b", "UpdMech-USB", Fail),
    ];
    let fold = fold_case(case(Edition::V2_1_1, "5.3-2-2"), &parts, &[]);
    assert_eq!((fold.outcome, fold.otherwise, fold.needs_person), (Pass, Some((Reading::Each, Fail)), true));
}

#[test]
fn half_of_two_mechanisms_is_not_one() {
    let parts = [
        part("5.3-2-2a", "UpdMech-OTA", Pass),
        part("5.3-2-2b", "UpdMech-OTA", Open),
        part("5.3-2-2a", "UpdMech-USB", Open),
        part("5.3-2-2b", "UpdMech-USB", Pass),
    ];
    assert_eq!(fold_case(case(Edition::V3_1_3, "5.3-2-2"), &parts, &[]).outcome, Open);
}

#[test]
fn an_identified_mechanism_alone_is_no_automatic_one() {
    let parts = [
        part("5.3-4B-1a", "UpdMech-USB", Pass),
        part("5.3-4B-1b", "UpdMech-USB", NotApplicable),
        part("5.3-4B-1a", "UpdMech-OTA", Pass),
        part("5.3-4B-1b", "UpdMech-OTA", Fail),
    ];
    let fold = fold_case(case(Edition::V3_1_3, "5.3-4B-1"), &parts, &[]);
    assert_eq!((fold.outcome, fold.otherwise), (Fail, None));
}

#[test]
fn each_component_needs_a_mechanism_that_checks() {
    let parts = [part("5.3-5-1a", "UpdMech-OTA", Pass), part("5.3-5-1a", "UpdMech-USB", Fail)];
    let of = |components: &[Vec<&str>]| fold_case(case(Edition::V3_1_3, "5.3-5-1"), &parts, components).outcome;
    assert_eq!(of(&[vec!["UpdMech-OTA", "UpdMech-USB"]]), Pass);
    assert_eq!(of(&[vec!["UpdMech-OTA"], vec!["UpdMech-USB"]]), Fail);
    assert_eq!(of(&[vec!["UpdMech-OTA"], vec!["UpdMech-Gone"]]), Open);
    assert_eq!(of(&[]), Fail);
}

#[test]
fn a_debug_interface_is_protected_or_disabled() {
    let of = |a, b, c, d| {
        let parts = [
            part("5.6-4A-1a", "PhyIntf-UART", a),
            part("5.6-4A-1b", "PhyIntf-UART", b),
            part("5.6-4A-1c", "PhyIntf-UART", c),
            part("5.6-4A-1d", "PhyIntf-UART", d),
        ];
        fold_case(case(Edition::V3_1_3, "5.6-4A-1"), &parts, &[])
    };
    assert_eq!(of(Pass, Fail, Fail, NotApplicable).outcome, Pass);
    assert_eq!(of(Fail, Pass, Pass, NotApplicable).outcome, Pass);
    assert_eq!(of(Fail, Pass, Fail, NotApplicable).outcome, Fail);
    assert_eq!(of(Open, Pass, Fail, NotApplicable).outcome, Open);
    assert_eq!(of(Fail, Pass, Inconclusive, NotApplicable).outcome, Inconclusive);
    assert!(of(Pass, Pass, Pass, NotApplicable).needs_person);
}

#[test]
fn a_case_without_any_instance_is_open() {
    for reading in READINGS {
        assert_eq!(read(reading, &[], &[]), Open, "{reading:?}");
    }
}

const READINGS: [Reading; 4] =
    [Reading::Each, Reading::OneEntry, Reading::OneMechanismPerComponent, Reading::ProtectedOrDisabled];
const UNITS: [&str; 4] = ["x-a", "x-b", "x-c", "x-d"];
const ENTRIES: [Option<&str>; 4] = [None, Some("E1"), Some("E2"), Some("E3")];

fn any_part() -> impl Strategy<Value = Part<'static>> {
    (0..UNITS.len(), 0..ENTRIES.len(), 0..Outcome::ALL.len(), any::<bool>()).prop_map(|(u, e, o, identifies)| {
        Part { unit: UNITS[u], entry: ENTRIES[e], identifies: identifies && u == 0, outcome: Outcome::ALL[o] }
    })
}

fn components() -> [Vec<Vec<&'static str>>; 3] {
    [vec![], vec![vec!["E1", "E2"], vec!["E2", "E3"]], vec![vec!["E1"], vec!["E9"]]]
}

proptest! {
    #[test]
    fn no_reading_turns_an_opened_instance_into_a_pass(
        parts in prop::collection::vec(any_part(), 1..10),
        at in any::<prop::sample::Index>(),
    ) {
        let mut opened = parts.clone();
        let at = at.index(opened.len());
        opened[at].outcome = Open;
        for reading in READINGS {
            for components in components() {
                if read(reading, &parts, &components) != Pass {
                    prop_assert_ne!(read(reading, &opened, &components), Pass, "{:?}", reading);
                }
            }
        }
    }

    #[test]
    fn no_reading_depends_on_the_order_of_instances(
        (parts, shuffled) in prop::collection::vec(any_part(), 0..10)
            .prop_flat_map(|v| (Just(v.clone()), Just(v).prop_shuffle()))
    ) {
        for reading in READINGS {
            for components in components() {
                prop_assert_eq!(read(reading, &parts, &components), read(reading, &shuffled, &components));
            }
        }
    }
}
