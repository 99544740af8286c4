//! Measurements of a product: one question a file, asked through one narrow port.
//!
//! A probe is blind: it is told where to look and with what, never what the product claims. *Gather* touches the
//! world through [`Bench`] and returns a log; *interpret* is pure and turns that log into a [`model::Reading`], on
//! any machine, at any time. Nothing here knows a provision, a verdict or a dossier.
//!
//! A probe file reads: question, `CARD`, `Parameters`, `Log`, `gather`, `interpret`, tests. A new one takes a line
//! in `list.rs` and a page in `docs/reference/probes`; a test says so when either is missing.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod bytes;
mod card;
pub mod giveaway;
mod limits;
mod list;
mod live;
mod port;
mod replay;
mod scope;
#[cfg(test)]
mod scripted;
mod secret;
mod stand_in;
mod transcript;

pub mod auth;
pub mod coap;
pub mod dut;
pub mod http;
pub mod import;
pub mod mqtt;
pub mod net;
pub mod passwords;
pub mod raw;
pub mod tls;
pub mod traffic;
pub mod web;

pub use auth::defaults::is_well_known_secret;
pub use bytes::Bytes;
pub use card::{Card, Need};
pub use limits::Limits;
pub use list::{LIST, Listed, LogError, ParameterError, listed};
pub use live::{LiveBench, Progress, hardware_of};
pub use port::{
    Ask, Asked, Bench, Call, ConnectError, Datagram, DatagramAnswer, Ended, LinkId, Neighbourhood,
    NeighbourhoodError, Received, SecureError, SendError, SweepResult, TlsSession, TlsWish, port_ranges,
};
pub use replay::ReplayBench;
pub use scope::Scope;
pub use secret::Secret;
pub use stand_in::{Arrival, Face, Relayed, ServeError, Served, StandIn, StandInError, StoodDown};
pub use transcript::{Event, Happening, Transcript};
