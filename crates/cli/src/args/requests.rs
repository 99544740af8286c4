//! `assay requests`: its arguments.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use model::Period;

use super::period;

#[derive(Debug, Args)]
pub(crate) struct Requests {
    #[command(subcommand)]
    pub(crate) command: RequestsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RequestsCommand {
    /// List what was asked for: from whom, by when, how it was answered and what was decided.
    List(RequestsList),
    /// Ask somebody for evidence.
    Ask(RequestsAsk),
    /// Answer a request, by files, by references, or by what a probe measured.
    Answer(RequestsAnswer),
    /// Accept the answer to a request.
    Accept(RequestsAccept),
    /// Return the answer to a request, with a reason.
    Return(RequestsEnd),
    /// Withdraw a request that is needed no longer.
    Withdraw(RequestsEnd),
    /// Give a request a new link; the one before opens nothing any more.
    Link(RequestsLink),
}

#[derive(Debug, Args)]
pub(crate) struct RequestsList {
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// Only those that a person or an organization was asked.
    #[arg(long = "of", value_name = "NAME")]
    pub(crate) of: Option<String>,
    /// Only those about a unit instance, an entry or a provision: `5.1-2-1c@AuthMech-Web`.
    #[arg(long, value_name = "WHAT")]
    pub(crate) about: Option<String>,
    /// Tell those that were accepted or withdrawn, too.
    #[arg(long)]
    pub(crate) ended: bool,
    /// One JSON document instead of text; every request is in it.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RequestsAsk {
    /// What the evidence has to show; of a task, what closes it.
    #[arg(required_unless_present = "task")]
    pub(crate) scope: Option<String>,
    /// From whom: a person, an organization.
    #[arg(long = "of", value_name = "NAME")]
    pub(crate) of: String,
    /// The kind of evidence: photo, screenshot, log, capture, document, value, report, sample, observation. `document`
    /// when left out, or what the task asks for.
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// What it is about: a provision, case, unit or entry, `5.1-2-1c@AuthMech-Web`; may be repeated.
    #[arg(long, value_name = "WHAT")]
    pub(crate) about: Vec<String>,
    /// When it is accepted; may be repeated.
    #[arg(long, value_name = "TEXT")]
    pub(crate) accept_when: Vec<String>,
    /// For which time it has to have been true: `2026-01-31`, or two days with a slash between.
    #[arg(long, value_name = "WHEN", value_parser = period)]
    pub(crate) period: Option<Period>,
    /// By when: `2026-12-24`; as long as a task may take when left out.
    #[arg(long, value_name = "DATE")]
    pub(crate) due: Option<String>,
    /// The task that waits for it; what is not said is filled in from it.
    #[arg(long, value_name = "TASK")]
    pub(crate) task: Option<String>,
    /// Make a link that answers it. It is told once.
    #[arg(long)]
    pub(crate) link: bool,
    /// Your name.
    #[arg(long)]
    pub(crate) by: String,
    /// Dossier folder.
    #[arg(long, default_value = ".")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RequestsAnswer {
    /// The request: `R-7`.
    pub(crate) request: String,
    /// A file to hand over; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Vec<PathBuf>,
    /// Where something is: an address, the number of a document; may be repeated.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reference: Vec<String>,
    /// Number of the record of what a probe measured; may be repeated.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) record: Vec<u64>,
    /// When what the files show was true, if not now.
    #[arg(long, value_name = "WHEN", value_parser = period)]
    pub(crate) effective: Option<Period>,
    /// What you say about it.
    #[arg(long, default_value = "")]
    pub(crate) remark: String,
    /// Your name.
    #[arg(long)]
    pub(crate) by: String,
    /// Your role, or the organization that you answer for.
    #[arg(long, default_value = "")]
    pub(crate) role: String,
    /// Dossier folder.
    #[arg(long, default_value = ".")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RequestsAccept {
    /// The request: `R-7`.
    pub(crate) request: String,
    /// What you say about it.
    #[arg(long, default_value = "")]
    pub(crate) remark: String,
    /// Your name.
    #[arg(long)]
    pub(crate) by: String,
    /// Dossier folder.
    #[arg(long, default_value = ".")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RequestsEnd {
    /// The request: `R-7`.
    pub(crate) request: String,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub(crate) because: String,
    /// Your name.
    #[arg(long)]
    pub(crate) by: String,
    /// Dossier folder.
    #[arg(long, default_value = ".")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RequestsLink {
    /// The request: `R-7`.
    pub(crate) request: String,
    /// Your name.
    #[arg(long)]
    pub(crate) by: String,
    /// Dossier folder.
    #[arg(long, default_value = ".")]
    pub(crate) folder: PathBuf,
}
