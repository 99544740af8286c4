//! Dropbear, the SSH server of many small devices.
//!
//! It asks the system for accounts, see [`Account`]. It does not read the machine's own keys.

use std::process::Command;

use crate::Site;
use crate::account::Account;
use crate::process::{Ready, Recipe, Server, StartError, run, start};

/// What a test chooses about `dropbear`.
#[derive(Debug, Default)]
pub struct Dropbear {
    /// An account that may log in with its password; none, and password authentication is off.
    pub password_login: Option<Account>,
}

impl Dropbear {
    /// Starts it.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(self, site: &Site) -> Result<Server, StartError> {
        let server = start(
            &Recipe {
                program: "dropbear",
                package: "dropbear-bin",
                ready: Ready::Tcp,
                lay_out: &|at, dir, command| {
                    let key = dir.join("host_key");
                    let mut keygen = Command::new("dropbearkey");
                    keygen.args(["-t", "ed25519", "-f"]).arg(&key);
                    run("dropbearkey", "dropbear-bin", &mut keygen)?;
                    command.args(["-F", "-E", "-m", "-r"]).arg(&key);
                    command.args(["-p", &at.to_string()]);
                    command.arg("-P").arg(dir.join("pid"));
                    if self.password_login.is_none() {
                        command.arg("-s");
                    }
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
}
