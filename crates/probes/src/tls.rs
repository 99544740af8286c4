//! Probes that ask what a TLS endpoint offers.

mod asking;
pub(crate) mod certificate;
mod hello;
pub mod server_offer;
