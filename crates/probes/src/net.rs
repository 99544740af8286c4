//! Probes on what a network address offers.

pub mod dialogue;
pub mod neighbours;
pub mod services;
pub mod tcp_ports;
mod udp_questions;
pub mod udp_services;
