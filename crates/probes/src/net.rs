//! Probes on what a network address offers.

pub mod dialogue;
pub mod services;
pub mod tcp_ports;
