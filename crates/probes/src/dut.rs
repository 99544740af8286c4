//! Probes that tell which product stands at an address.

pub mod identity;
