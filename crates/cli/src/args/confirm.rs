//! `assay confirm`: its arguments.

use std::path::PathBuf;

use clap::Args;

use super::review::Decision;

#[derive(Debug, Args)]
pub(crate) struct Confirm {
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// Number of the statement; without it, the statements that wait for a second person are listed.
    #[arg(long, value_name = "N", requires_all = ["by", "because"])]
    pub(crate) record: Option<u64>,
    /// What you decide.
    #[arg(long, value_enum, default_value = "approve")]
    pub(crate) decision: Decision,
    /// Why, in your words.
    #[arg(long, requires = "record")]
    pub(crate) because: Option<String>,
    /// Your name.
    #[arg(long, requires = "record")]
    pub(crate) by: Option<String>,
    /// Your role.
    #[arg(long, default_value = "test laboratory")]
    pub(crate) role: String,
    /// Sign with the key in this file, which `assay key add` has entered, instead of the workspace's.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}
