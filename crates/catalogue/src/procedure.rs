//! The guided procedure of each test unit: our own instructions for a person at the desk or at the bench.

use model::{Edition, UnitId};
use serde::Deserialize;

use crate::load::built_in;

/// How a person carries out a unit.
#[derive(Debug, Clone)]
pub struct Procedure {
    /// The unit.
    pub unit: UnitId,
    /// What to have ready.
    pub prepare: Vec<String>,
    /// What to do, in order.
    pub steps: Vec<String>,
    /// What to keep as evidence.
    pub record: Vec<String>,
    /// What makes the unit pass, and what makes it fail.
    pub decide: String,
    /// Kinds of artefact without which a functional unit is not proven.
    pub artefacts: Vec<String>,
    /// Steps whose duration matters.
    pub timers: Vec<Timer>,
}

/// What is timed in a step of a procedure.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Timer {
    /// The step, counted from 1.
    pub step: usize,
    /// What is timed, in our words.
    pub what: String,
    /// For how many seconds at least, where the procedure says so.
    pub least: Option<u32>,
}

impl Procedure {
    /// What is timed in a step, counted from 1.
    pub fn timer(&self, step: usize) -> Option<&Timer> {
        self.timers.iter().find(|timer| timer.step == step)
    }
}

#[derive(Deserialize)]
struct Text {
    #[serde(default)]
    procedure: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    unit: String,
    editions: Vec<Edition>,
    prepare: Vec<String>,
    steps: Vec<String>,
    record: Vec<String>,
    decide: String,
    artefacts: Vec<String>,
    #[serde(default)]
    timers: Vec<Timer>,
}

macro_rules! clauses {
    ($($clause:literal),*) => {
        [$(include_str!(concat!("../data/procedures/clause-", $clause, ".toml"))),*]
    };
}

const TEXTS: [&str; 16] = clauses!(
    "4", "5.0", "5.1", "5.2", "5.3", "5.4", "5.5", "5.6", "5.7", "5.8", "5.9", "5.10", "5.11", "5.12", "5.13", "6"
);

pub(crate) fn load(edition: Edition) -> Vec<Procedure> {
    let rows = TEXTS.iter().flat_map(|text| built_in::<Text>(text).procedure);
    rows.filter(|row| row.editions.contains(&edition))
        .filter_map(|row| {
            Some(Procedure {
                unit: UnitId::new(edition, &row.unit).ok()?,
                prepare: row.prepare,
                steps: row.steps,
                record: row.record,
                decide: row.decide,
                artefacts: row.artefacts,
                timers: row.timers,
            })
        })
        .collect()
}
