//! `openssl s_server`: TLS with exactly the versions and ciphers a test wants, old ones too.
//!
//! It answers a GET with a status page. SSL 2 and 3 are not built into Debian's openssl, so it cannot offer them.

use crate::Site;
use crate::certificate::Certificate;
use crate::process::{Ready, Recipe, Server, StartError, start};

/// A TLS version that openssl can still offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsVersion {
    /// TLS 1.0, RFC 2246.
    V1_0,
    /// TLS 1.1, RFC 4346.
    V1_1,
    /// TLS 1.2, RFC 5246.
    V1_2,
    /// TLS 1.3, RFC 8446.
    V1_3,
}

impl TlsVersion {
    const ALL: [(Self, &'static str); 4] = [
        (Self::V1_0, "-no_tls1"),
        (Self::V1_1, "-no_tls1_1"),
        (Self::V1_2, "-no_tls1_2"),
        (Self::V1_3, "-no_tls1_3"),
    ];
}

/// What a test chooses about `openssl s_server`.
#[derive(Debug, Clone)]
pub struct OpenSslServer {
    /// The versions it accepts.
    pub versions: Vec<TlsVersion>,
    /// The cipher list up to TLS 1.2, in openssl's writing.
    pub ciphers: String,
    /// Its certificate.
    pub certificate: Certificate,
    /// Further arguments of `s_server`, for example `-Verify 1`.
    pub arguments: Vec<String>,
}

impl Default for OpenSslServer {
    /// TLS 1.2 and 1.3 with openssl's default ciphers.
    fn default() -> Self {
        Self {
            versions: vec![TlsVersion::V1_2, TlsVersion::V1_3],
            ciphers: "DEFAULT".into(),
            certificate: Certificate::default(),
            arguments: Vec::new(),
        }
    }
}

impl OpenSslServer {
    /// Old versions and weak ciphers together, as found on devices of ten years ago.
    #[must_use]
    pub fn outdated() -> Self {
        Self {
            versions: vec![TlsVersion::V1_0, TlsVersion::V1_1],
            ciphers: "ALL:@SECLEVEL=0".into(),
            ..Self::default()
        }
    }

    /// Starts it.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(&self, site: &Site) -> Result<Server, StartError> {
        start(
            &Recipe {
                program: "openssl",
                package: "openssl",
                ready: Ready::Tcp,
                lay_out: &|at, dir, command| {
                    let files = self.certificate.make(dir)?;
                    // The system's settings would forbid what an old device still does.
                    command.env("OPENSSL_CONF", "/dev/null");
                    command.args(["s_server", "-www", "-quiet", "-accept", &at.to_string()]);
                    command.arg("-key").arg(files.key);
                    command.arg("-cert").arg(files.certificate);
                    command.args(["-cipher", &self.ciphers]);
                    for (version, without) in TlsVersion::ALL {
                        if !self.versions.contains(&version) {
                            command.arg(without);
                        }
                    }
                    command.args(&self.arguments);
                    Ok(())
                },
            },
            site,
        )
    }
}

/// `openssl s_server` over UDP: DTLS, with a cookie before anything else.
#[derive(Debug, Clone)]
pub struct OpenSslDatagramServer {
    /// The versions: `-dtls` for both, `-dtls1`, `-dtls1_2`.
    pub versions: &'static str,
    /// The cipher list in openssl's writing.
    pub ciphers: String,
    /// Its certificate.
    pub certificate: Certificate,
}

impl OpenSslDatagramServer {
    /// Starts it.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(&self, site: &Site) -> Result<Server, StartError> {
        // A hello of DTLS 1.0 with one suite; it is answered with a cookie, which nobody gives back.
        let mut hello = b"\x16\xfe\xff\0\0\0\0\0\0\0\0\0\x36\x01\0\0\x2a\0\0\0\0\0\0\0\0\x2a\xfe\xfd".to_vec();
        hello.extend([7; 32]);
        hello.extend(b"\0\0\0\x02\xc0\x2f\x01\0");
        start(
            &Recipe {
                program: "openssl",
                package: "openssl",
                ready: Ready::Udp(hello),
                lay_out: &|at, dir, command| {
                    let files = self.certificate.make(dir)?;
                    command.env("OPENSSL_CONF", "/dev/null");
                    command.args(["s_server", "-quiet", "-listen", self.versions, "-accept", &at.to_string()]);
                    command.arg("-key").arg(files.key);
                    command.arg("-cert").arg(files.certificate);
                    command.args(["-cipher", &self.ciphers]);
                    Ok(())
                },
            },
            site,
        )
    }
}
