//! `assay controls`: its arguments.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct Controls {
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// Only this provision, or those of this clause: `5.3-9`, `5.3`.
    pub(crate) provision: Option<String>,
    /// How to print them.
    #[arg(long, value_enum, default_value_t = SheetFormat::Md)]
    pub(crate) format: SheetFormat,
    /// For this moment instead of now: `2026-01-31T12:00:00Z`.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SheetFormat {
    /// Markdown.
    Md,
    /// One HTML file.
    Html,
    /// One JSON document.
    Json,
}
