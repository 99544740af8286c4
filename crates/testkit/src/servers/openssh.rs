//! OpenSSH's `sshd` with a host key and a configuration of its own.
//!
//! Root alone can let an [`Account`] log in. It does not read the machine's own configuration.

use std::process::Command;

use crate::Site;
use crate::account::Account;
use crate::process::{Ready, Recipe, Server, StartError, run, start, write};

/// What a test chooses about `sshd`.
#[derive(Debug, Default)]
pub struct OpenSsh {
    /// An account that may log in with its password; none, and password authentication is off.
    pub password_login: Option<Account>,
    /// Further lines of `sshd_config`, for example `Ciphers aes128-cbc`.
    pub config: Vec<String>,
    /// The size of a further host key on RSA, if it is to have one.
    pub rsa_bits: Option<u32>,
}

impl OpenSsh {
    /// Starts it.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(self, site: &Site) -> Result<Server, StartError> {
        let server = start(
            &Recipe {
                program: "sshd",
                package: "openssh-server",
                ready: Ready::Tcp,
                lay_out: &|at, dir, command| {
                    let key = dir.join("host_key");
                    let mut keygen = Command::new("ssh-keygen");
                    keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key);
                    run("ssh-keygen", "openssh-client", &mut keygen)?;
                    let mut keys = key.to_string_lossy().into_owned();
                    if let Some(bits) = self.rsa_bits {
                        let rsa = dir.join("rsa_key");
                        let mut keygen = Command::new("ssh-keygen");
                        keygen.args(["-q", "-t", "rsa", "-b", &bits.to_string(), "-N", "", "-f"]).arg(&rsa);
                        run("ssh-keygen", "openssh-client", &mut keygen)?;
                        keys.push_str(&format!("\nHostKey {}", rsa.display()));
                    }
                    let config = dir.join("sshd_config");
                    write("sshd", &config, &self.config_text(&keys))?;
                    // The directory of the unprivileged child is made by the service's start script otherwise.
                    if rustix::process::geteuid().is_root() {
                        std::fs::create_dir_all("/run/sshd")
                            .map_err(|source| StartError::Prepare { program: "sshd".into(), source })?;
                    }
                    command.args(["-D", "-e", "-f"]).arg(&config);
                    command.args(["-o", &format!("ListenAddress={at}")]);
                    Ok(())
                },
            },
            site,
        )?;
        Ok(match self.password_login {
            Some(account) => server.keeping(Box::new(account)),
            None => server,
        })
    }

    fn config_text(&self, host_key: &str) -> String {
        let passwords = if self.password_login.is_some() { "yes" } else { "no" };
        // The first value of a key counts, so what the test chooses stands before our own.
        let mut text = self.config.join("\n");
        text.push_str(&format!(
            "\nHostKey {host_key}\nPidFile none\nUsePAM no\nStrictModes no\nUseDNS no\n\
             KbdInteractiveAuthentication no\nPermitRootLogin no\nPasswordAuthentication {passwords}\n"
        ));
        text
    }
}
