//! `assay audit-passwords`: its arguments.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct AuditPasswords {
    /// The batch: CSV, TSV or JSON lines, one unit a line, with a column for the value and others with public identifiers.
    pub(crate) file: PathBuf,
    /// The column with the value; `value`, `password`, `pin`, … when left out.
    #[arg(long, value_name = "NAME")]
    pub(crate) value: Option<String>,
    /// File of texts, one a line, that a generator is known or guessed to put before or behind an identifier.
    #[arg(long, value_name = "FILE")]
    pub(crate) salts: Option<PathBuf>,
    /// The entry of 1-AuthMech whose values they are, for a document that is imported.
    #[arg(long, value_name = "ID")]
    pub(crate) mechanism: Option<String>,
    /// One JSON document instead of lines; `assay import` takes it up as evidence.
    #[arg(long)]
    pub(crate) json: bool,
}
