//! `assay serve`: its arguments.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// A dossier folder, or a folder of dossier folders.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// The port on this machine; a free one when left out.
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Open it for a team, each with an account: `assay people invite` makes the first.
    #[arg(long, requires = "url")]
    pub(crate) team: bool,
    /// The address that the workspace has in browsers: `https://assay.example.org`. A reverse proxy in front speaks TLS.
    #[arg(long, value_name = "URL", requires = "team")]
    pub(crate) url: Option<String>,
    /// The address of this machine to listen at, for the reverse proxy.
    #[arg(long, value_name = "ADDRESS", requires = "team", default_value = "127.0.0.1")]
    pub(crate) listen: std::net::IpAddr,
    /// The address of a reverse proxy whose `X-Forwarded-For` is believed; may be repeated.
    #[arg(long, value_name = "ADDRESS", requires = "team")]
    pub(crate) proxy: Vec<std::net::IpAddr>,
    /// The file that names an OpenID Connect provider at which people may sign in instead of with a password.
    #[arg(long, value_name = "FILE", requires = "team")]
    pub(crate) oidc: Option<PathBuf>,
    /// Print a token for programs as well, good until it ends; a team makes its tokens in the browser.
    #[arg(long, conflicts_with = "team")]
    pub(crate) token: bool,
    /// The PostgreSQL database that holds the ledgers; those that are not begun yet are begun there.
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,
    /// Your name, as it stands in the records you make; the name you are signed in to this machine with when left out.
    #[arg(long = "as", value_name = "NAME")]
    pub(crate) person: Option<String>,
}
