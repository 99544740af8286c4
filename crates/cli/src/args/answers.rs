//! `assay answers`: its arguments.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct Answers {
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// Only what these ask.
    #[arg(long, value_enum)]
    pub(crate) audience: Option<AskedBy>,
    /// Only about this provision, or those of this clause: `5.3-9`, `5.3`.
    #[arg(long, value_name = "ID")]
    pub(crate) provision: Option<String>,
    /// How to print them.
    #[arg(long, value_enum, default_value_t = AnswersFormat::Md)]
    pub(crate) format: AnswersFormat,
    /// For this moment instead of now: `2026-01-31T12:00:00Z`.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AskedBy {
    /// Somebody who checks the assessment.
    Auditor,
    /// Somebody who buys or runs the product.
    Customer,
    /// Market surveillance, or another public body.
    Authority,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AnswersFormat {
    /// Markdown.
    Md,
    /// One HTML file.
    Html,
    /// One JSON document.
    Json,
    /// A table, one row a question (RFC 4180).
    Csv,
}
