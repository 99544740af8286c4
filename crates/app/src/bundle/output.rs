//! The file that a bundle is written to: whole under its name, or not at all; and never over another.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// Something is there already.
    #[error("write {}: it is already there\n\nhint: choose another name; nothing is overwritten", .0.display())]
    Exists(PathBuf),
    /// The system refused.
    #[error("write {}", at.display())]
    Write {
        /// The file.
        at: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Makes sure that nothing is there.
pub(super) fn is_free(at: &Path) -> Result<(), OutputError> {
    match fs::symlink_metadata(at) {
        Ok(_) => Err(OutputError::Exists(at.to_owned())),
        Err(_) => Ok(()),
    }
}

/// Writes a file beside `at`, and gives it that name when it is whole and on the disk. Returns its length too.
pub(super) fn write<T, E: From<OutputError>>(
    at: &Path,
    content: impl FnOnce(&mut BufWriter<File>) -> Result<T, E>,
) -> Result<(u64, T), E> {
    let failed = |source| OutputError::Write { at: at.to_owned(), source };
    let name = at.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // Process numbers come again, and a killed process leaves its file.
    let mut number = [0; 4];
    getrandom::fill(&mut number).map_err(|e| failed(io::Error::other(e)))?;
    let beside = Unfinished(at.with_file_name(format!(".{name}.{:08x}", u32::from_le_bytes(number))));
    let file = File::options().write(true).create_new(true).open(&beside.0).map_err(failed)?;
    let mut writer = BufWriter::new(file);
    let value = content(&mut writer)?;
    let file = writer.into_inner().map_err(|e| failed(e.into_error()))?;
    file.sync_all().map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    name_it(&beside.0, at)?;
    let parent = at.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent).and_then(|folder| folder.sync_all()).map_err(failed)?;
    Ok((length, value))
}

fn name_it(beside: &Path, at: &Path) -> Result<(), OutputError> {
    let failed = |source| OutputError::Write { at: at.to_owned(), source };
    match renameat_with(CWD, beside, CWD, at, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        Err(Errno::EXIST) => Err(OutputError::Exists(at.to_owned())),
        // A file system that cannot do both at once.
        Err(Errno::INVAL | Errno::NOSYS) => {
            is_free(at)?;
            fs::rename(beside, at).map_err(failed)
        }
        Err(error) => Err(failed(error.into())),
    }
}

/// Removed when it was not given its name.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
