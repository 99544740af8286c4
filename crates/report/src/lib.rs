//! Tells what an assessment came to: one presentation model, many writers.
//!
//! It never computes a verdict; it writes what the engine decided.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod notes;
pub mod presentation;

pub use presentation::Presentation;
