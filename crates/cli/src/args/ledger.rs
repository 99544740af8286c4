//! `assay ledger`: its arguments.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct Ledger {
    #[command(subcommand)]
    pub(crate) command: LedgerCommand,
    /// Dossier folder.
    #[arg(long, global = true, default_value = ".")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Make every table again from the records, and verify the whole.
    Rebuild,
    /// Verify every record, and that the ledger extends checkpoints that were kept elsewhere.
    Verify(Verify),
    /// Print the signed checkpoint over the whole, to be kept elsewhere.
    Checkpoint,
    /// Print a proof as JSON: that a record is in the ledger, or that it begins with an earlier state of itself.
    Prove(Prove),
    /// Ask an authority to stamp the checkpoint (RFC 3161), take up its response, or write what verifies it.
    Timestamp(Timestamp),
    /// Move it into a PostgreSQL database, or back beside the dossier, with evidence and checkpoints.
    Move(Move),
    /// Show one record: who signed it, when it was recorded, what it says.
    Show(Show),
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// A checkpoint that was kept elsewhere; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) since: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Prove {
    /// Number of the record that is in the ledger.
    #[arg(required_unless_present = "from", conflicts_with = "from")]
    pub(crate) record: Option<u64>,
    /// Number of records of the earlier state that the ledger begins with.
    #[arg(long, value_name = "SIZE")]
    pub(crate) from: Option<u64>,
    /// Number of records of the state to prove it for; all when left out.
    #[arg(long, value_name = "SIZE")]
    pub(crate) size: Option<u64>,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Timestamp {
    /// Write the query for the present checkpoint to this file. Nothing is sent.
    #[arg(long, value_name = "FILE")]
    pub(crate) request: Option<PathBuf>,
    /// Take up the authority's response in this file, and record it.
    #[arg(long, value_name = "FILE")]
    pub(crate) response: Option<PathBuf>,
    /// Write each stamped checkpoint and its response into this folder, for `openssl ts -verify`.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) export: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Move {
    /// `postgres://user@host/database`, or `sqlite` for beside the dossier. A workspace moves all of its ledgers.
    #[arg(long, value_name = "URL|sqlite")]
    pub(crate) to: String,
    /// What the ledger is called in the database; as its folder when left out.
    #[arg(long, value_name = "NAME")]
    pub(crate) ledger: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Number of the record, as `assay records` lists it.
    pub(crate) record: u64,
    /// One JSON document.
    #[arg(long)]
    pub(crate) json: bool,
}
