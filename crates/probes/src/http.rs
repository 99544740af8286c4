//! Probes that speak HTTP, and how they do.

pub mod exchange;
pub mod prompts;
