//! `assay import`: its arguments.

use std::path::PathBuf;

use clap::Args;
use model::Period;

use super::period;

#[derive(Debug, Args)]
#[command(override_usage = "assay import [OPTIONS] [FOLDER] <FILE>...\n       assay import --formats")]
pub(crate) struct Import {
    /// The files to read, and before them the dossier folder where it is not this one.
    #[arg(value_name = "FILE", required_unless_present = "formats")]
    pub(crate) paths: Vec<PathBuf>,
    /// The format: told by how a file begins when left out.
    #[arg(long = "as", value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// The target that was measured: `dut`, or the id of an associated service.
    #[arg(long, value_name = "NAME", default_value = "dut")]
    pub(crate) target: String,
    /// From where in the network the tool measured; the bench's place when left out.
    #[arg(long, value_name = "NAME")]
    pub(crate) place: Option<String>,
    /// When it measured, for files that do not say: `2026-01-31T12:00:00Z`, or two times with a slash between.
    #[arg(long, value_name = "WHEN", value_parser = period)]
    pub(crate) at: Option<Period>,
    /// List the formats and stop.
    #[arg(long)]
    pub(crate) formats: bool,
}
