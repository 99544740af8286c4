//! `assay release`: its arguments.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct Release {
    #[command(subcommand)]
    pub(crate) command: ReleaseCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReleaseCommand {
    /// Enter a release into assay.toml and the ledger, with its image and its SBOM.
    Add(ReleaseAdd),
    /// List the releases: what is recorded of each, and whether it was assessed.
    List(ReleaseList),
    /// Show which results are current, carried over, stale or open, and what renews them.
    Status(ReleaseStatus),
}

#[derive(Debug, Args)]
pub(crate) struct ReleaseAdd {
    /// Version designation: `1.4.3`.
    pub(crate) version: String,
    /// Dossier folder.
    #[arg(long, default_value = ".")]
    pub(crate) folder: PathBuf,
    /// The firmware image. Its digest, size and name are recorded.
    #[arg(long, value_name = "IMAGE")]
    pub(crate) firmware: Option<PathBuf>,
    /// Keep the image itself as evidence.
    #[arg(long, requires = "firmware")]
    pub(crate) keep_image: bool,
    /// The SBOM: CycloneDX or SPDX in JSON. It is kept as evidence.
    #[arg(long, value_name = "FILE")]
    pub(crate) sbom: Option<PathBuf>,
    /// Date of release: `2026-01-31`.
    #[arg(long)]
    pub(crate) date: Option<String>,
    /// What changed, for a reader.
    #[arg(long)]
    pub(crate) notes: Option<String>,
    /// One JSON document instead of lines.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReleaseList {
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// One JSON document instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReleaseStatus {
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// Only instances that stand so.
    #[arg(long, value_enum)]
    pub(crate) only: Option<Stands>,
    /// For this moment instead of now: `2026-01-31T12:00:00Z`.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// One JSON document instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Stands {
    /// Decided on this release.
    Current,
    /// Carried over from an earlier one.
    Carried,
    /// To be measured or decided again.
    Stale,
    /// Never decided.
    Open,
}
