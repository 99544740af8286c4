//! The unit instances that wait for a person at the desk or at the bench.

use catalogue::{Catalogue, Kind, Procedure};
use dossier::Dossier;
use engine::{Assessment, Evidence, Next};
use model::{Method, Outcome, Timestamp};

use super::Working;
use crate::replay;

/// A unit instance that waits for a person.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// The unit.
    pub unit: String,
    /// The IXIT entry, for a unit that ranges over a table.
    pub entry: Option<String>,
    /// What the unit checks, in our words.
    pub summary: String,
    /// Who or what the catalogue expects to settle it.
    pub method: Method,
    /// Whether it exercises the product; otherwise it reads documents.
    pub functional: bool,
    /// Its procedure.
    pub procedure: &'static Procedure,
    /// How it stands.
    pub outcome: Outcome,
    /// Why.
    pub because: String,
    /// How many steps of a working are done, of how many; none where nothing was begun.
    pub begun: Option<(usize, usize)>,
}

/// Everything that a person could decide now, in the order of the standard: what is undecided and asks for a statement,
/// and what was begun.
pub fn waiting(dossier: &Dossier, assessment: &Assessment, workings: &[Working]) -> Vec<Waiting> {
    let catalogue = Catalogue::of(dossier.edition());
    let mut found = Vec::new();
    for instance in &assessment.instances {
        let entry = instance.id.entry.as_ref().map(|(_, id)| id.clone());
        let working = workings.iter().find(|working| {
            working.unit == instance.id.unit.as_str()
                && working.entry == entry
                && working.release == assessment.release
        });
        let undecided = matches!(instance.judgement.outcome, Outcome::Open | Outcome::Inconclusive);
        let asks = instance.judgement.gaps.iter().any(|gap| matches!(gap.next, Next::State { .. }));
        if working.is_none() && !(undecided && asks) {
            continue;
        }
        let (Some(unit), Some(procedure)) =
            (catalogue.unit(&instance.id.unit), catalogue.procedure(&instance.id.unit))
        else {
            continue;
        };
        found.push(Waiting {
            unit: instance.id.unit.to_string(),
            entry,
            summary: unit.summary.clone(),
            method: instance.method,
            functional: unit.kind == Kind::Functional,
            procedure,
            outcome: instance.judgement.outcome,
            because: instance.judgement.because.clone(),
            begun: working.map(|working| (working.done(), working.steps.len())),
        });
    }
    found
}

/// As [`waiting`], for somebody who sees nothing that others found or decided: by what is declared alone.
pub fn waiting_blind(dossier: &Dossier, workings: &[Working], at: Timestamp) -> Vec<Waiting> {
    waiting(dossier, &replay::judge(dossier, &Evidence::default(), at), workings)
}
