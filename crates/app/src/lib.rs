//! The use cases: the only place with order in time, clock, keys and progress.
//!
//! It parses no arguments and writes no page; it computes no verdict and knows no protocol.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod answers;
pub mod assess;
pub mod attach;
pub mod audit;
pub mod background;
mod broken;
pub mod bundle;
pub mod capture;
pub mod checkpoints;
mod circumstances;
pub mod confirm;
pub mod controls;
pub mod convert;
pub mod database;
pub mod demo;
pub mod diff;
pub mod edit;
pub mod evidence;
pub mod files;
pub mod folder;
pub mod gate;
pub mod guided;
pub mod history;
pub mod import;
pub mod inventory;
pub mod key;
pub mod keys;
pub mod log;
pub mod material;
pub mod measure;
pub mod mud;
pub mod observe;
pub mod outage;
pub mod people;
pub mod privacy;
pub mod rate;
pub mod records;
pub mod rejudge;
pub mod release;
pub mod replay;
pub mod requests;
pub mod review;
pub mod stamp;
pub mod state;
pub mod tasks;
pub mod tell;
pub mod template;
pub mod test_result;
pub mod unit_verdicts;
pub mod upload;
pub mod verdicts;
pub mod verify;
pub mod workspace;

pub use broken::is_broken_ledger;
pub use ledger::{Ended as KeyEnded, Holder, KeyId, KnownKey, Role as KeyRole};

pub use engine::{InScope, Looked, PlannedInstance, Recorded, Settle, coverage, skeleton};

/// The program and its version, as records and reports name it.
pub const TOOL: &str = concat!("assay ", env!("CARGO_PKG_VERSION"));

/// The present moment, from the clock of this machine.
pub fn now() -> model::Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    model::Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Writes the JSON Schemas of the dossier's files in an edition, and of what is told as JSON, into a folder.
///
/// # Errors
/// [`folder::FolderError`] when a file cannot be written.
pub fn write_schemas(
    at: &std::path::Path,
    edition: model::Edition,
) -> Result<Vec<std::path::PathBuf>, folder::FolderError> {
    let dossier = engine::schemas(edition).into_iter().map(|s| (s.name.to_owned(), s.schema));
    let reports = [
        ("assessment.schema.json".to_owned(), report::json_schema()),
        ("gate.schema.json".to_owned(), report::gate::json_schema()),
        ("diff.schema.json".to_owned(), report::diff::json_schema()),
        ("checkpoints.schema.json".to_owned(), report::checkpoints::json_schema()),
        ("control-sheets.schema.json".to_owned(), report::controls::json_schema()),
        ("answers.schema.json".to_owned(), report::answers::json_schema()),
    ];
    let mut written = Vec::new();
    for (name, schema) in dossier.chain(reports) {
        let path = at.join(name);
        debug_assert!(!written.contains(&path), "two schemas of one name");
        folder::write(&path, &format!("{schema:#}\n"))?;
        written.push(path);
    }
    Ok(written)
}
