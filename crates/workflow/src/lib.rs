//! What a team does about what is missing: tasks that open and close with the gaps they stand for, evidence that is asked
//! for; and who may do what.
//!
//! Pure state machines over events: no IO, no clock. Events are what the ledger keeps; a state is always derived from them.
#![forbid(unsafe_code)]
#![warn(clippy::disallowed_methods, clippy::disallowed_types)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod autopilot;
mod due;
mod event;
mod owner;
pub mod people;
pub mod requests;
mod sign_off;
mod subject;
mod task;

pub use autopilot::{Need, follow};
pub use due::Due;
pub use event::{Event, Events};
pub use owner::{Owner, Responsible, owner};
pub use sign_off::{CheckpointEvent, CheckpointEvents, NoSignOff, SignOff, SignOffs};
pub use subject::{Subject, TaskId};
pub use task::{Closed, Refused, Task, Tasks, Turn};
