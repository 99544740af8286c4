//! `assay mud`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["url", "compare"])))]
pub(crate) struct Mud {
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// Write the description to stdout; it will be fetched from this address, which begins with `https://`.
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Compare this description with the dossier and with what captures showed.
    #[arg(long, value_name = "FILE")]
    pub(crate) compare: Option<PathBuf>,
}
