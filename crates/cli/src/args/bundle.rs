//! Arguments of `assay bundle` and `assay verify`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Bundle {
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// File to write. Nothing is overwritten.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Bundle the assessment that is this record, instead of the newest one of the current release.
    #[arg(long, value_name = "N")]
    pub(crate) record: Option<u64>,
    /// Leave out what is not for everybody: raw measurements, attached files, and what records withhold.
    #[arg(long)]
    pub(crate) redact: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The bundle.
    pub(crate) file: PathBuf,
    /// Public key that the log has to begin with, as PEM. Without it the bundle's own is taken, and that is said.
    #[arg(long, value_name = "PEM")]
    pub(crate) key: Option<PathBuf>,
    /// Checkpoint kept from an earlier day, which the log has to extend.
    #[arg(long, value_name = "CHECKPOINT")]
    pub(crate) since: Option<PathBuf>,
    /// One JSON document instead of lines.
    #[arg(long)]
    pub(crate) json: bool,
}
