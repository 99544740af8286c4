//! `assay tasks`: its arguments.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct Tasks {
    #[command(subcommand)]
    pub(crate) command: TasksCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TasksCommand {
    /// List what is to be done: by whom, by when, when it counts as done, and what closes it. Records nothing.
    List(TasksList),
    /// Record which tasks opened, closed and opened again since the last time.
    Record(TasksRecord),
    /// Add a task of your own.
    Add(TasksAdd),
    /// Give a task to a person, or, without `--to`, back to the role that answers for it.
    Assign(TasksAssign),
    /// End a task that a person added. All others end when what they wait for is there.
    Done(TasksDone),
}

#[derive(Debug, Args)]
pub(crate) struct TasksList {
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// Only those of a role, or of a person, by name.
    #[arg(long = "of", value_name = "NAME")]
    pub(crate) of: Option<String>,
    /// Only those that a clause or a provision waits for: `5.3`, `5.3-13`.
    #[arg(long, value_name = "ID")]
    pub(crate) only: Option<String>,
    /// How many are told in full; 0 tells all.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) most: usize,
    /// Tell closed ones, too.
    #[arg(long)]
    pub(crate) closed: bool,
    /// One JSON document instead of text; every task is in it.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TasksRecord {
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct TasksAdd {
    /// What is to be done, one line.
    pub(crate) title: String,
    /// When it counts as done.
    #[arg(long, value_name = "TEXT")]
    pub(crate) done_when: String,
    /// Your name.
    #[arg(long)]
    pub(crate) by: String,
    /// By when: `2026-12-24`; in two weeks when left out.
    #[arg(long, value_name = "DATE")]
    pub(crate) due: Option<String>,
    /// Dossier folder.
    #[arg(long, default_value = ".")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct TasksAssign {
    /// The task: `T-384acf40ab`.
    pub(crate) task: String,
    /// Who is to do it.
    #[arg(long, value_name = "NAME")]
    pub(crate) to: Option<String>,
    /// Your name.
    #[arg(long)]
    pub(crate) by: String,
    /// Dossier folder.
    #[arg(long, default_value = ".")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct TasksDone {
    /// The task: `T-7`.
    pub(crate) task: String,
    /// How it was done.
    #[arg(long, value_name = "TEXT")]
    pub(crate) because: String,
    /// Your name.
    #[arg(long)]
    pub(crate) by: String,
    /// Dossier folder.
    #[arg(long, default_value = ".")]
    pub(crate) folder: PathBuf,
}
