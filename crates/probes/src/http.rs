//! Probes that speak HTTP, and how they do.

pub mod access;
pub mod answer;
pub mod exchange;
mod exposed;
pub mod input;
pub mod prompts;
mod routes;
pub(crate) mod session;
mod state;
pub mod surface;
