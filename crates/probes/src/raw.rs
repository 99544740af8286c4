//! Questions to services of a protocol of their own.

pub mod input;
