//! What the tests of the other rooms stand on: real servers, network namespaces and scripted devices.
//!
//! Everything lives on loopback or in a namespace the test made itself, and goes away with the value that
//! holds it. It does not decide what a test expects, and no production code may depend on it: tidy allows
//! the crate under `[dev-dependencies]` alone.
//!
//! ```no_run
//! use testkit::{Site, ready, servers::OpenSsh};
//!
//! let Some(server) = ready(OpenSsh::default().start(&Site::loopback())) else {
//!     return; // said aloud, and counted as skipped by `cargo xtask test`
//! };
//! assert!(server.port() > 0);
//! ```
#![forbid(unsafe_code)]

pub mod account;
pub mod certificate;
pub mod netns;
pub mod player;
mod process;
mod readiness;
pub mod scenario;
pub mod servers;
mod site;

pub use process::{Server, StartError};
pub use readiness::ready;
pub use site::Site;
