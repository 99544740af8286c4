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
    /// Your name, as it stands in the records you make; the name you are signed in to this machine with when left out.
    #[arg(long = "as", value_name = "NAME")]
    pub(crate) person: Option<String>,
}
