//! The lock file of a ledger's folder: for what the database's own locks do not cover.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::StoreError;
use crate::failure::failed;

/// A lock that lasts as long as the value, and that the system lets go when the process ends.
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits until nobody else holds the lock.
    pub(crate) fn exclusive(folder: &Path) -> Result<Self, StoreError> {
        let (path, file) = open(folder)?;
        file.lock().map_err(failed("lock", &path))?;
        Ok(Self { _file: file })
    }

    /// Waits until nobody holds the lock exclusively.
    pub(crate) fn shared(folder: &Path) -> Result<Self, StoreError> {
        let (path, file) = open(folder)?;
        file.lock_shared().map_err(failed("lock", &path))?;
        Ok(Self { _file: file })
    }
}

fn open(folder: &Path) -> Result<(PathBuf, File), StoreError> {
    let path = folder.join("lock");
    let file =
        File::options().create(true).truncate(false).write(true).open(&path).map_err(failed("open", &path))?;
    Ok((path, file))
}
