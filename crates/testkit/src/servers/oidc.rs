//! An OpenID provider: oidc-provider of npm, with one client and a page to sign in at.

use std::path::PathBuf;

use crate::Site;
use crate::process::{Ready, Recipe, Server, StartError, start, write};

/// What a test chooses about the provider.
#[derive(Debug, Clone)]
pub struct OpenIdProvider {
    /// Where the browsers of its one client come back to.
    pub redirect: String,
}

impl OpenIdProvider {
    /// The client's identifier.
    pub const CLIENT: &str = "assay";
    /// The client's secret.
    pub const SECRET: &str = "correct horse battery staple";

    /// Starts it.
    ///
    /// # Errors
    /// See [`StartError`]; it is missing where `cargo xtask setup` could not take it from npm.
    pub fn start(&self, site: &Site) -> Result<Server, StartError> {
        let modules = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/xtask/oidc");
        if !modules.join("node_modules/oidc-provider").is_dir() {
            let package = "nodejs; `cargo xtask setup` takes the rest from npm".to_owned();
            return Err(StartError::Missing { program: "oidc-provider".to_owned(), package });
        }
        start(
            &Recipe {
                program: "node",
                package: "nodejs",
                ready: Ready::Says("assay: it listens"),
                lay_out: &|at, dir, command| {
                    let script = dir.join("oidc.mjs");
                    write("oidc-provider", &script, include_str!("oidc.mjs"))?;
                    command.arg(script).arg(&modules).arg(at.port().to_string());
                    command.args([Self::SECRET, &self.redirect]);
                    Ok(())
                },
            },
            site,
        )
    }
}
