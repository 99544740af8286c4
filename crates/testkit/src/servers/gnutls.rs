//! `gnutls-serv`: TLS and DTLS by another implementation than openssl's, with the priorities a test wants.
//!
//! It cannot be told an address: it listens at every one of this machine, and over UDP it answers from 127.0.0.1
//! whichever of them was asked.

use crate::Site;
use crate::certificate::Certificate;
use crate::process::{Ready, Recipe, Server, StartError, start};

/// What a test chooses about `gnutls-serv`.
#[derive(Debug, Clone, Default)]
pub struct GnuTlsServer {
    /// Whether it speaks DTLS over UDP.
    pub datagrams: bool,
    /// Versions, suites and groups in the writing of GnuTLS, such as `NORMAL:-VERS-TLS1.3`; its own when empty.
    pub priority: String,
    /// Its certificate.
    pub certificate: Certificate,
    /// Further arguments, for example `--noticket`.
    pub arguments: Vec<String>,
}

impl GnuTlsServer {
    /// Starts it.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(&self, site: &Site) -> Result<Server, StartError> {
        start(
            &Recipe {
                program: "gnutls-serv",
                package: "gnutls-bin",
                ready: if self.datagrams { Ready::Says("UDP Echo Server listening") } else { Ready::Tcp },
                lay_out: &|at, dir, command| {
                    let files = self.certificate.make(dir)?;
                    command.args(["--echo", "--disable-client-cert", "--port", &at.port().to_string()]);
                    command.arg("--x509keyfile").arg(files.key).arg("--x509certfile").arg(files.certificate);
                    if self.datagrams {
                        command.arg("--udp");
                    }
                    if !self.priority.is_empty() {
                        command.args(["--priority", &self.priority]);
                    }
                    command.args(&self.arguments);
                    Ok(())
                },
            },
            site,
        )
    }
}
