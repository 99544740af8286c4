//! `assay template`: its arguments.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct Template {
    #[command(subcommand)]
    pub(crate) command: TemplateCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TemplateCommand {
    /// Print who answers, policy, checkpoints, controls and requests of a product, for the next one.
    Save(TemplateSave),
    /// Tell what differs between a template and a dossier; with `--write`, add to the dossier what it lacks.
    Apply(TemplateApply),
}

#[derive(Debug, Args)]
pub(crate) struct TemplateSave {
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct TemplateApply {
    /// The template: what `assay template save` printed.
    pub(crate) template: PathBuf,
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// Write it; without this, it is only told.
    #[arg(long)]
    pub(crate) write: bool,
    /// Take what the template says where the two differ; without this, the dossier keeps what it says.
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Your name: whoever asks, where the template asks for evidence.
    #[arg(long)]
    pub(crate) by: Option<String>,
    /// Make a link for each request, that answers it. It is told once.
    #[arg(long)]
    pub(crate) links: bool,
}
