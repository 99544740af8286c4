//! `assay guide`: its arguments.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Guide {
    /// Dossier folder.
    pub(crate) folder: PathBuf,
    /// Test unit, for example `5.6-1-2b`; without it, what waits for a person is listed.
    pub(crate) unit: Option<String>,
    /// IXIT entry, for units that are judged per entry.
    pub(crate) entry: Option<String>,
}
