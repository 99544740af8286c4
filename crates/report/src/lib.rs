//! Tells what an assessment came to: one presentation model, many writers.
//!
//! It never computes a verdict; it writes what the engine decided.
#![forbid(unsafe_code)]
#![warn(clippy::disallowed_methods, clippy::disallowed_types)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod answers;
mod causes;
pub mod checkpoints;
pub mod controls;
pub mod diff;
pub mod gate;
pub mod html;
mod json;
mod markdown;
pub mod notes;
pub mod presentation;
mod terminal;
pub mod words;

pub use answers::Answers;
pub use checkpoints::Checkpoints;
pub use controls::Controls;
pub use diff::Diff;
pub use gate::Gate;
pub use html::html;
pub use json::{DOCUMENT, VERSION, json, json_schema};
pub use markdown::markdown;
pub use presentation::Presentation;
pub use terminal::terminal;
