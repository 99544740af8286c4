//! The example server of libcoap, without DTLS.
//!
//! It has a page at `/`, a clock at `/time` and `/.well-known/core`; it keeps nothing.

use crate::Site;
use crate::process::{Ready, Recipe, Server, StartError, start};

/// `coap-server`, as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct CoapServer;

impl CoapServer {
    /// Starts it.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(&self, site: &Site) -> Result<Server, StartError> {
        start(
            &Recipe {
                program: "coap-server-notls",
                package: "libcoap3-bin",
                // A confirmable GET of /.well-known/core.
                ready: Ready::Udp(b"\x40\x01\x7d\x34\xbb.well-known\x04core".to_vec()),
                lay_out: &|at, _, command| {
                    command.args(["-A", &at.ip().to_string(), "-p", &at.port().to_string(), "-v", "1"]);
                    Ok(())
                },
            },
            site,
        )
    }
}
