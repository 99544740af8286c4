//! Questions to message brokers.

pub mod input;
