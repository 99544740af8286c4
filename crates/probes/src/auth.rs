//! Probes that try credentials, and the doors they try them at.

pub mod change;
pub mod defaults;
pub mod door;
pub mod guessing;
mod line_door;
mod session;
pub mod sessions;
mod web_door;
