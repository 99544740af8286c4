//! Measuring a product: what may be sent, in which order, and the record of every step, the ones not taken included.
//!
//! Reads come before writes over the whole plan, and nothing above passive is sent before the DUT's identity is shown.

mod due;
mod interception;
mod resume;
mod run;
mod setup;
mod steps;

pub use due::{Due, Elsewhere, StepName, due};
pub use resume::{AloneError, NotResumable, Unfinished};
pub use run::{Event, ObserveError, Outcome, Selection, observe, resume, unfinished};
pub use setup::{Authorised, Credential, Setup, SetupError, Standpoint};
pub(crate) use setup::{before_setup, bench_place, secrets_at_hand};
pub use steps::{PlannedStep, planned};
