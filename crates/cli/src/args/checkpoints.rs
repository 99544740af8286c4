//! `assay checkpoints`: its arguments.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct Checkpoints {
    #[command(subcommand)]
    pub(crate) command: Option<CheckpointsCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CheckpointsCommand {
    /// Show each checkpoint of the release: what holds, what does not and what mends it, who signed it off. The usual
    /// one, in this folder, when no other is named.
    Show(CheckpointsShow),
    /// Sign off a checkpoint; refused while something it asks for does not hold, and to whoever is an author of it.
    Sign(CheckpointsSign),
    /// Take back the sign-offs of a checkpoint.
    TakeBack(CheckpointsSign),
}

#[derive(Debug, Args)]
pub(crate) struct CheckpointsShow {
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// One JSON document instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CheckpointsSign {
    /// The checkpoint: `measured`.
    pub(crate) checkpoint: String,
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// Why, in your words.
    #[arg(long)]
    pub(crate) because: String,
    /// Your name.
    #[arg(long)]
    pub(crate) by: String,
    /// Your role; the one that the checkpoint asks for when left out.
    #[arg(long, default_value = "")]
    pub(crate) role: String,
    /// Sign with the key in this file, which `assay key add` has entered, instead of the workspace's.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}
