//! The demonstration product "Lumen Plug Cam": a smart plug with a camera, and its associated service.
//!
//! It runs in this process on two loopback addresses, behaves well by default, and shows any of the weaknesses in
//! [`faults`] when asked to. It judges nothing, stores nothing, and is no example of how to build a product: all
//! services are as small as a demonstration allows.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod accounts;
mod certificates;
mod cloud;
mod crew;
mod digest;
mod fault_set;
pub mod faults;
mod gate;
mod http;
mod label;
mod mqtt;
mod p256;
mod plug;
pub mod ports;
mod running;
mod services;
mod sessions;
mod settings;
mod start;
mod tls;
mod undeclared;
mod uplink;
mod web;

pub use certificates::CertificateError;
pub use cloud::Offer;
pub use fault_set::{FaultSet, UnknownFault};
pub use faults::Fault;
pub use label::Label;
pub use ports::{Listening, Transport};
pub use running::Running;
pub use settings::{Snapshot, UserRecord};
pub use start::{Config, Device, StartError};
