//! Who saved a file of the dossier as it is now: for somebody whose own change met it.

use std::path::Path;

use model::{Digest, Timestamp};

use crate::records::{Records, RecordsError};

/// Who saved a file, and when that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saver {
    /// The person.
    pub person: String,
    /// When it was recorded.
    pub at: Timestamp,
}

/// Who saved a file that has this text now. None where that was done outside the workspace, or nobody recorded it. Records are
/// read and not verified: no verdict rests on it.
///
/// # Errors
/// [`RecordsError`] when the ledger cannot be read.
pub fn saver(folder: &Path, path: &str, text: &str) -> Result<Option<Saver>, RecordsError> {
    if !Records::exist(folder) {
        return Ok(None);
    }
    let found = Records::open(folder)?.saved_by(path, &Digest::of(text.as_bytes()))?;
    Ok(found.and_then(|(person, at)| Some(Saver { person, at: Timestamp::parse(&at).ok()? })))
}
