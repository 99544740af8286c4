//! Probes that ask what a TLS endpoint offers, and what a TLS client accepts.

mod asking;
pub(crate) mod certificate;
pub mod client_checks;
pub(crate) mod hello;
mod preference;
pub mod renegotiation;
pub mod server_offer;
mod traits;
