//! Judges: from the standard, a dossier and recorded evidence to outcomes with grounds and gaps.
//!
//! A pure function: no IO, no clock, no randomness. Same input and rule set, same verdicts, on any machine.
#![forbid(unsafe_code)]
#![warn(clippy::disallowed_methods, clippy::disallowed_types)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod answer;
mod applies;
mod assessment;
pub mod bridge;
mod claims;
mod coverage;
mod crypto_policy;
mod current;
mod fold;
mod gaps;
mod judge;
mod judgement;
pub mod lint;
mod looked;
pub mod mud;
mod plan;
mod policy;
mod reading;
mod release;
mod rule;
mod rules;
mod schema;
mod scope;
mod second;
mod skeleton;
mod stated;
mod surface;
mod view;

pub use answer::Standing;
pub use applies::{Applies, Reason, applies};
pub use assessment::{
    About, Assessment, Basis, CaseResult, Finding, GroupResult, InstanceResult, Overall, ProvisionResult, RULESET,
    UnitResult,
};
pub use claims::{Claim, Leg};
pub use coverage::{CoverageFigure, REFUTES_ONLY, coverage};
pub use crypto_policy::{BUILT_IN_POLICY, PolicyUsed};
pub use fold::{all, any};
pub use gaps::RankedGap;
pub use judge::judge;
pub use judgement::{Gap, Ground, InstanceId, Judgement, Next};
pub use looked::{Looked, looked};
pub use plan::{PlannedInstance, Settle, plan, probe_card};
pub use release::{
    Carried, CarryRule, Currency, DEFAULT_DAYS, Earlier, EarlierInstance, Part, PartKind, carry_rules, changed,
};
pub use rule::{InScope, JudgeFn, UnitRule};
pub use rules::{Compared, Flow, Unmet, flows, ruled, rules, unmet};
pub use schema::{FileSchema, schemas};
pub use scope::{Ranged, in_scope, person_decides, ranges};
pub use second::wants_second;
pub use skeleton::{blank_row, comment, skeleton};
pub use stated::required_artefacts;
pub use surface::{Measured, Surface, SurfaceChange};
pub use view::{Evidence, Recorded, TableKind, View, is_port};
