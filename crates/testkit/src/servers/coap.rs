//! The example server of libcoap, without and with DTLS.
//!
//! It has a page at `/`, a clock at `/time` and `/.well-known/core`; it keeps nothing.

use crate::Site;
use crate::certificate::Certificate;
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

/// `coap-server` that speaks DTLS too, at the port after its own: with a certificate, or with a shared key alone.
#[derive(Debug, Clone, Default)]
pub struct SecureCoapServer {
    /// Its certificate; without one it shares the key `secret` with everybody.
    pub certificate: Option<Certificate>,
}

impl SecureCoapServer {
    /// Starts it.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(&self, site: &Site) -> Result<Server, StartError> {
        start(
            &Recipe {
                program: "coap-server-openssl",
                package: "libcoap3-bin",
                ready: Ready::Udp(b"\x40\x01\x7d\x34\xbb.well-known\x04core".to_vec()),
                lay_out: &|at, dir, command| {
                    command.args(["-A", &at.ip().to_string(), "-p", &at.port().to_string(), "-v", "1"]);
                    match &self.certificate {
                        Some(certificate) => {
                            let files = certificate.make(dir)?;
                            command.arg("-n").arg("-c").arg(files.certificate).arg("-j").arg(files.key);
                        }
                        None => {
                            command.args(["-k", "secret"]);
                        }
                    }
                    Ok(())
                },
            },
            site,
        )
    }
}
