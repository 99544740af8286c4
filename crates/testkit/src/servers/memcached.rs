//! `memcached`: a protocol in lines of text, over TCP and UDP.

use crate::Site;
use crate::process::{Ready, Recipe, Server, StartError, start};

/// `memcached` with four megabytes and nothing in them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Memcached;

impl Memcached {
    /// Starts it.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(&self, site: &Site) -> Result<Server, StartError> {
        start(
            &Recipe {
                program: "memcached",
                package: "memcached",
                ready: Ready::Tcp,
                lay_out: &|at, _, command| {
                    let (host, port) = (at.ip().to_string(), at.port().to_string());
                    command.args(["-l", &host, "-p", &port, "-U", "0", "-m", "4", "-u", "root"]);
                    Ok(())
                },
            },
            site,
        )
    }
}
