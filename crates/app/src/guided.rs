//! Guided units: a person at the bench goes through the procedure of a unit, and what they note becomes a statement.
//!
//! A working is a draft and no evidence: it lies beside the ledger, changes part by part, and survives a phone that loses
//! the network. Closing it states a verdict, and is refused while something is missing that the unit asks for.

mod close;
mod desk;
mod sniff;
mod waiting;
mod working;

use catalogue::{Case, Catalogue, Procedure, Unit};
use dossier::Dossier;

pub use desk::{Closed, Desk, GuidedError, KeptFile, Opened, Signed, Upload, guide_in};
pub use sniff::{LARGEST, Sniffed, is_kind, safe_name};
pub use waiting::{Waiting, waiting, waiting_blind};
pub use working::{Act, Attached, Clash, Closing, Missing, Part, Ruling, StepWork, Timed, Working};

use crate::state::{self, StateError};

/// Everything that a person needs to carry out one unit instance.
#[derive(Debug, Clone)]
pub struct Guide {
    /// The unit.
    pub unit: &'static Unit,
    /// Its case.
    pub case: &'static Case,
    /// The procedure.
    pub procedure: &'static Procedure,
    /// The IXIT entry, for a unit that ranges over a table.
    pub entry: Option<String>,
    /// The release under assessment.
    pub release: String,
    /// What a verdict is wanted on, in the catalogue's words.
    pub criteria: Vec<Criterion>,
    /// What the person decides on the way, where the unit leaves something to them.
    pub also: Option<&'static str>,
    /// Kinds of artefact without which it cannot be closed.
    pub artefacts: &'static [String],
    /// Whether the policy asks for a second person.
    pub two_persons: bool,
}

/// Something that a verdict is wanted on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Criterion {
    /// In the catalogue's words.
    pub text: String,
    /// Whether it may be left out: the other criterion of a case, which one states only where it holds.
    pub optional: bool,
}

/// The guide to a unit, for an entry where the unit ranges over a table.
///
/// # Errors
/// [`StateError`] when the edition has no such unit, or the dossier no such entry.
pub fn guide(dossier: &Dossier, unit: &str, entry: Option<&str>) -> Result<Guide, StateError> {
    let catalogue = Catalogue::of(dossier.edition());
    let unit = catalogue.unit_named(unit).ok_or_else(|| state::unknown(catalogue, unit))?;
    let entry = state::entry(dossier, catalogue, unit, entry.map(str::to_owned))?;
    let missing = |what| StateError::Unit(format!("the catalogue has no {what} of unit {}", unit.id));
    let procedure = catalogue.procedure(&unit.id).ok_or_else(|| missing("procedure"))?;
    let case = catalogue.case(&unit.case).ok_or_else(|| missing("case"))?;
    let mut criteria = vec![Criterion { text: unit.summary.clone(), optional: false }];
    criteria.extend(case.verdict.or_when.iter().map(|text| Criterion { text: text.clone(), optional: true }));
    Ok(Guide {
        unit,
        case,
        procedure,
        entry,
        release: dossier.release_version().to_owned(),
        criteria,
        also: engine::person_decides(unit),
        artefacts: engine::required_artefacts(catalogue, unit),
        two_persons: engine::wants_second(dossier, catalogue, unit),
    })
}

impl Guide {
    /// The unit and its entry as records and pages write them: `5.6-4-2a @ PhyIntf-Uart`.
    pub fn about(&self) -> String {
        match &self.entry {
            Some(entry) => format!("{} @ {entry}", self.unit.id),
            None => self.unit.id.to_string(),
        }
    }
}
