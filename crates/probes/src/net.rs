//! Probes on what a network address offers.

pub mod tcp_ports;
