//! `assay attach`: its arguments.

use std::path::PathBuf;

use clap::Args;
use model::Period;

use super::period;

#[derive(Debug, Args)]
pub(crate) struct Attach {
    /// The file to keep.
    pub(crate) file: PathBuf,
    /// Dossier folder.
    #[arg(long, default_value = ".")]
    pub(crate) folder: PathBuf,
    /// Its kind: photo, screenshot, log, capture, document, value, report, sample.
    #[arg(long)]
    pub(crate) kind: String,
    /// What it is about: a provision, case, unit or entry, `5.1-2-1c@AuthMech-Web`; may be repeated.
    #[arg(long, value_name = "WHAT")]
    pub(crate) about: Vec<String>,
    /// Your name.
    #[arg(long)]
    pub(crate) by: String,
    /// Your role.
    #[arg(long, default_value = "test laboratory")]
    pub(crate) role: String,
    /// When what it shows was true, if not now: `2026-01-31`, a time, or two with a slash between. A day is its first
    /// moment.
    #[arg(long, value_name = "WHEN", value_parser = period)]
    pub(crate) effective: Option<Period>,
    /// From where in the network it was taken: `lan`, `wan`.
    #[arg(long)]
    pub(crate) place: Option<String>,
    /// What you say about it.
    #[arg(long, default_value = "")]
    pub(crate) remark: String,
    /// Sign with the key in this file, which `assay key add` has entered, instead of the workspace's.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}
