#![forbid(unsafe_code)]
#![warn(clippy::disallowed_methods, clippy::disallowed_types)]
#![cfg_attr(test, allow(clippy::unwrap_used))]
//! Protocol bytes: what to send to a device and what its answer says.
//!
//! Sans-IO: no sockets, no clock, no randomness; the caller brings all three. Every reader is bounded,
//! and no input makes one panic. Nothing here judges what was read.

pub mod api;
pub mod base64;
pub mod capture;
pub mod coap;
pub mod dhcp;
pub mod discovery;
pub mod dns;
pub mod frame;
pub mod ftp;
#[cfg(test)]
mod hostile;
pub mod household;
pub mod hpack;
pub mod http;
pub mod mqtt;
pub mod ntp;
pub mod overheard;
pub mod packet;
pub mod pem;
pub mod quic;
mod reader;
pub mod replay;
pub mod rtnetlink;
pub mod rtsp;
pub mod service;
pub mod snmp;
pub mod soap;
pub mod ssdp;
pub mod ssh;
pub mod starttls;
pub mod tcp;
pub mod telnet;
pub mod text;
pub mod tftp;
pub mod timestamp;
pub mod tls;
pub mod x509;
pub mod xml;

pub use reader::Malformed;
