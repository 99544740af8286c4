//! What the system or the database said, as the error that tells the place and the mend.

use std::io::{Error, ErrorKind};
use std::path::Path;
use std::time::Duration;

use rusqlite::ErrorCode;

use crate::StoreError;

/// For something that was done with a file or folder.
pub(crate) fn failed(doing: &'static str, path: &Path) -> impl FnOnce(Error) -> StoreError {
    let path = path.to_owned();
    move |source| match source.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full { doing, path },
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => StoreError::ReadOnly { doing, path },
        _ => StoreError::File { doing, path, source },
    }
}

/// For something that was done with the database at a path.
pub(crate) fn database(
    doing: &'static str,
    path: &Path,
    waited: Duration,
) -> impl Fn(rusqlite::Error) -> StoreError + use<> {
    let path = path.to_owned();
    move |error| {
        let path = path.clone();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy) => StoreError::Busy { doing, waited },
            Some(ErrorCode::DiskFull) => StoreError::Full { doing, path },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => StoreError::ReadOnly { doing, path },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                StoreError::Damaged { doing, path, source: Box::new(error) }
            }
            _ => StoreError::Database { doing, source: Box::new(error) },
        }
    }
}
