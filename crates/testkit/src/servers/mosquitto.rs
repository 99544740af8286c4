//! Mosquitto, an MQTT broker, open to everybody or with a password file.
//!
//! It keeps nothing on disk, and speaks TLS only where a certificate is given.

use std::process::Command;

use crate::Site;
use crate::certificate::Certificate;
use crate::process::{Ready, Recipe, Server, StartError, run, start, write};

/// What a test chooses about `mosquitto`.
#[derive(Debug, Clone, Default)]
pub struct Mosquitto {
    /// User and password that may connect; none, and everybody may.
    pub login: Option<(String, String)>,
    /// The certificate with which it speaks TLS; without one it does not.
    pub tls: Option<Certificate>,
}

impl Mosquitto {
    /// Starts it.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(&self, site: &Site) -> Result<Server, StartError> {
        start(
            &Recipe {
                program: "mosquitto",
                package: "mosquitto",
                ready: Ready::Tcp,
                lay_out: &|at, dir, command| {
                    let mut text = format!("listener {} {}\npersistence false\n", at.port(), at.ip());
                    if let Some(certificate) = &self.tls {
                        let files = certificate.make(dir)?;
                        let (key, certificate) = (files.key.display(), files.certificate.display());
                        text.push_str(&format!("keyfile {key}\ncertfile {certificate}\n"));
                    }
                    if rustix::process::geteuid().is_root() {
                        text.push_str("user root\n");
                    }
                    match &self.login {
                        None => text.push_str("allow_anonymous true\n"),
                        Some((user, password)) => {
                            let users = dir.join("users");
                            let mut add = Command::new("mosquitto_passwd");
                            add.args(["-c", "-b"]).arg(&users).args([user, password]);
                            run("mosquitto_passwd", "mosquitto", &mut add)?;
                            text.push_str("allow_anonymous false\n");
                            text.push_str(&format!("password_file {}\n", users.display()));
                        }
                    }
                    let config = dir.join("mosquitto.conf");
                    write("mosquitto", &config, &text)?;
                    command.arg("-c").arg(&config);
                    Ok(())
                },
            },
            site,
        )
    }
}
