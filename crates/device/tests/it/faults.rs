//! Every fault shows on a product that has it, and on no product that does not.

use std::sync::Mutex;

use device::{Fault, faults};

use crate::bench::Bench;
use crate::observe::{is_quick, shows};

#[test]
fn every_fault_shows_when_it_is_there_and_not_otherwise() {
    let wrong = for_every_fault(|fault| {
        let good = shows(fault, &Bench::start(""));
        let bad = shows(fault, &Bench::start(fault.name()));
        ((good, bad) != (false, true)).then(|| format!("{}: {good}, {bad}", fault.name()))
    });
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_fault_brings_no_other_fault_with_it() {
    assert!(Fault::all().filter(|fault| is_quick(*fault)).count() >= 35);
    let wrong = for_every_fault(|fault| {
        // A product whose certificate has expired cannot be looked at by a client that verifies.
        if fault == Fault::TlsExpiredCert {
            return None;
        }
        let bench = Bench::start(fault.name());
        let others = Fault::all().filter(|other| *other != fault && is_quick(*other));
        let shown: Vec<_> = others.filter(|other| shows(*other, &bench)).map(Fault::name).collect();
        (!shown.is_empty()).then(|| format!("{} shows also {shown:?}", fault.name()))
    });
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn there_are_enough_faults_and_each_names_a_provision_of_both_editions() {
    assert!(faults::CARDS.len() >= 34);
    let is_id = |id: &str| id.starts_with("5.") && id.contains('-') || id.starts_with("6-");
    for card in faults::CARDS {
        assert!(is_id(card.clause) && is_id(card.clause_v3), "{}", card.name);
        assert!(!card.touches.is_empty());
    }
}

/// Collects what `look` has to say about each fault, many at a time: most of an observation is waiting for a silence.
fn for_every_fault(look: impl Fn(Fault) -> Option<String> + Sync) -> Vec<String> {
    let left = Mutex::new(Fault::all().collect::<Vec<_>>());
    let said = Mutex::new(Vec::new());
    let next = || left.lock().unwrap().pop();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some(fault) = next() {
                    if let Some(word) = look(fault) {
                        said.lock().unwrap().push(word);
                    }
                }
            });
        }
    });
    said.into_inner().unwrap()
}
