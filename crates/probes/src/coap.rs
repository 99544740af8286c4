//! Questions to CoAP servers.

pub mod input;
