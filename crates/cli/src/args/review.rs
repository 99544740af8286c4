//! `assay review`: its arguments.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct Review {
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// What you decide.
    #[arg(long, value_enum)]
    pub(crate) decision: Decision,
    /// Why, in your words.
    #[arg(long)]
    pub(crate) because: String,
    /// Your name.
    #[arg(long)]
    pub(crate) by: String,
    /// Your role.
    #[arg(long, default_value = "reviewer")]
    pub(crate) role: String,
    /// Which review of `[policy] reviews` this is; the first when left out.
    #[arg(long, value_name = "NAME")]
    pub(crate) checkpoint: Option<String>,
    /// Number of the recorded assessment; the newest of the release when left out.
    #[arg(long, value_name = "N")]
    pub(crate) record: Option<u64>,
    /// Sign with the key in this file, which `assay key add` has entered, instead of the workspace's.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Decision {
    /// You stand by the assessment.
    Approve,
    /// It goes back to those who made it.
    Return,
}
