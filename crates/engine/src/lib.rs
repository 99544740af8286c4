//! Judges: from the standard, a dossier and recorded evidence to outcomes with grounds and gaps.
//!
//! A pure function: no IO, no clock, no randomness. Same input and rule set, same verdicts, on any machine.
#![forbid(unsafe_code)]
#![warn(clippy::disallowed_methods, clippy::disallowed_types)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod applies;
mod judgement;
mod rule;
mod rules;
mod scope;
mod view;

pub use applies::{Applies, Reason, applies};
pub use judgement::{Gap, Ground, InstanceId, Judgement, Next};
pub use rule::{InScope, JudgeFn, UnitRule};
pub use rules::rules;
pub use scope::{Ranged, in_scope, ranges};
pub use view::{Evidence, Recorded, TableKind, View, is_port};
