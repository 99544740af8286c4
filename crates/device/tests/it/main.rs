//! The product as a client on the network meets it: every service in the good profile, and every fault.

#![allow(clippy::unwrap_used, missing_docs)]

mod bench;
mod control;
mod faults;
mod good_profile;
mod impostor;
mod observe;
mod observe_input;
mod talk;
