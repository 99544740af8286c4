//! Probes that speak HTTP, and how they do.

mod answer;
pub mod exchange;
mod exposed;
pub mod prompts;
mod routes;
pub mod surface;
