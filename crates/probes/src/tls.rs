//! Probes that ask what a TLS endpoint offers.

mod certificate;
mod hello;
pub mod server_offer;
