//! AsyncSSH, a server of SSH in Python that gives out small Diffie-Hellman groups to whom asks for them.
//!
//! Nobody can log in.

use std::process::Command;

use crate::Site;
use crate::process::{Ready, Recipe, Server, StartError, start};

/// The system's interpreter, for which the package is installed.
const PYTHON: &str = "/usr/bin/python3";
const PROGRAM: &str = "\
import asyncio, asyncssh, sys
async def main():
    key = asyncssh.generate_private_key('ssh-ed25519')
    await asyncssh.listen(sys.argv[1], int(sys.argv[2]), server_host_keys=[key])
    await asyncio.Event().wait()
asyncio.run(main())
";

/// The server, as it is by itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct AsyncSsh;

impl AsyncSsh {
    /// Starts it.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(&self, site: &Site) -> Result<Server, StartError> {
        let package = "python3-asyncssh";
        let is_there = Command::new(PYTHON).args(["-c", "import asyncssh"]).output();
        if !is_there.is_ok_and(|ran| ran.status.success()) {
            return Err(StartError::Missing { program: "asyncssh".into(), package: package.into() });
        }
        start(
            &Recipe {
                program: PYTHON,
                package,
                ready: Ready::Tcp,
                lay_out: &|at, _, command| {
                    command.args(["-c", PROGRAM, &at.ip().to_string(), &at.port().to_string()]);
                    Ok(())
                },
            },
            site,
        )
    }
}
