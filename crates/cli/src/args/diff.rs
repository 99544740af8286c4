//! `assay diff`: its arguments.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// Version of the release before.
    pub(crate) old: String,
    /// Version of the release after.
    pub(crate) new: String,
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// One JSON document instead of lines.
    #[arg(long, conflicts_with = "markdown")]
    pub(crate) json: bool,
    /// Markdown instead of lines.
    #[arg(long)]
    pub(crate) markdown: bool,
}
