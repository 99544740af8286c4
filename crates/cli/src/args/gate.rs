//! `assay gate`: its arguments.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Gate {
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// The release that is to go out: refuses to look when the dossier is about another.
    #[arg(long, value_name = "VERSION")]
    pub(crate) release: Option<String>,
    /// Ask for one condition more: that this checkpoint is reached.
    #[arg(long, value_name = "NAME")]
    pub(crate) checkpoint: Option<String>,
    /// One JSON document instead of lines.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write JUnit XML: a suite for the conditions and one for each clause.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
}
