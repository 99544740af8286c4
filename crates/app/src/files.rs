//! The files of a dossier, read and saved whole: a save names the text that it was made from, and is a record.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use dossier::{Note, SourceText};
use model::{Digest, Timestamp};

use crate::folder::{self, FolderError};
use crate::records::{Records, RecordsError};

/// Characters of a file at most.
pub(crate) const LARGEST: usize = 1024 * 1024;

/// Saves of this program, one after another.
static SAVING: Mutex<()> = Mutex::new(());

/// Why a file was not saved.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The dossier.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// It is no file of the dossier.
    #[error("find the file `{0}`: the dossier has no such file")]
    NoFile(String),
    /// Somebody else saved it meanwhile.
    #[error("save {path}: it was changed meanwhile\n\nhint: read it again, and bring both texts together")]
    Changed {
        /// The file.
        path: String,
        /// Its text now.
        now: String,
    },
    /// The text is none.
    #[error("save {path}: it is larger than {LARGEST} bytes, or has a byte of value 0")]
    Text {
        /// The file.
        path: String,
    },
    /// The text is no TOML.
    #[error("save {path}: {why}")]
    Syntax {
        /// The file.
        path: String,
        /// What is wrong, and where.
        why: String,
    },
}

/// The files of a dossier folder, in the order a reader expects.
///
/// # Errors
/// [`FilesError::Folder`].
pub fn list(folder: &Path) -> Result<Vec<SourceText>, FilesError> {
    Ok(folder::sources(folder)?)
}

/// One file.
///
/// # Errors
/// [`FilesError::NoFile`].
pub fn read(folder: &Path, path: &str) -> Result<SourceText, FilesError> {
    let found = list(folder)?.into_iter().find(|source| source.path == path);
    found.ok_or_else(|| FilesError::NoFile(path.to_owned()))
}

/// Saves a file that is there, where its text still has the digest that the change was made from, and records the dossier
/// as it is then, by whom. Returns the linter's notes.
///
/// # Errors
/// [`FilesError`]; then the file is as it was.
pub fn save(
    folder: &Path,
    path: &str,
    (seen, text): (&str, &str),
    by: &str,
    at: Timestamp,
) -> Result<Vec<Note>, FilesError> {
    let source = read(folder, path)?;
    if Digest::of(source.text.as_bytes()).hex() != seen {
        return Err(FilesError::Changed { path: path.to_owned(), now: source.text });
    }
    if text.len() > LARGEST || text.contains('\0') {
        return Err(FilesError::Text { path: path.to_owned() });
    }
    if let Err(error) = text.parse::<toml_edit::DocumentMut>() {
        return Err(FilesError::Syntax { path: path.to_owned(), why: error.to_string() });
    }
    let change = Change { path, before: &source.text, after: text };
    let sources = replace(folder, &[change], Some(by), at)?;
    Ok(engine::lint::check(sources).1)
}

/// A file of a dossier as it is to be written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change<'a> {
    /// Its path inside the dossier folder.
    pub(crate) path: &'a str,
    /// The text that the change was made from; empty for a file that is not there.
    pub(crate) before: &'a str,
    /// Its text from now on.
    pub(crate) after: &'a str,
}

/// Writes changed files and records the dossier as it is then: all of it, or nothing. What nobody is named for is recorded
/// only where the folder has a ledger.
///
/// # Errors
/// [`FilesError`]; then every file is as it was.
pub(crate) fn replace(
    folder: &Path,
    changes: &[Change<'_>],
    by: Option<&str>,
    at: Timestamp,
) -> Result<Vec<SourceText>, FilesError> {
    let _one = SAVING.lock().unwrap_or_else(PoisonError::into_inner);
    // What cannot be recorded is not written: a ledger that is not sound says so first.
    let mut records = match by.is_some() || Records::exist(folder) {
        true => Some(Records::open_sound(folder)?),
        false => None,
    };
    let mut former = Vec::new();
    for change in changes {
        let file = folder.join(change.path);
        let now = text_of(&file)?;
        if now.as_deref().unwrap_or_default() != change.before {
            return Err(FilesError::Changed { path: change.path.to_owned(), now: now.unwrap_or_default() });
        }
        former.push((file, now));
    }
    if let Some(records) = records.as_mut().filter(|_| by.is_some()) {
        // What somebody changed outside is not to be this person's.
        records.revision(&folder::sources(folder)?, at)?;
    }
    let written = changes.iter().try_for_each(|change| folder::write(&folder.join(change.path), change.after));
    let recorded = written.map_err(FilesError::from).and_then(|()| {
        let sources = folder::sources(folder)?;
        if let Some(records) = &mut records {
            records.revision_by(&sources, by, at)?;
        }
        Ok(sources)
    });
    if recorded.is_err() {
        // Half a change would be neither the one nor the other, and a save that is no record is none.
        let restored: Vec<_> = former.iter().map(|(file, text)| restore(file, text.as_deref())).collect();
        restored.into_iter().collect::<Result<(), _>>()?;
    }
    recorded
}

fn text_of(file: &Path) -> Result<Option<String>, FolderError> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(FolderError::Read { at: file.to_owned(), source }),
    }
}

fn restore(file: &Path, before: Option<&str>) -> Result<(), FolderError> {
    if let Some(before) = before {
        return folder::write(file, before);
    }
    match std::fs::remove_file(file) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(FolderError::Write { at: file.to_owned(), source })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_written_whole_leaves_every_file_as_it_was_even_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        std::fs::write(at("assay.toml"), "").unwrap();
        // In the way of the second one.
        std::fs::write(at("ixit"), "no folder").unwrap();
        let change = |path, after| Change { path, before: "", after };
        let changes = [
            change("assay.toml", "edition = 1\n"),
            change("ics.toml", "# new\n"),
            change("ixit/1.toml", "a = 1\n"),
        ];
        assert!(replace(folder.path(), &changes[..2], None, Timestamp::from_millis(0)).is_ok());
        std::fs::write(at("assay.toml"), "").unwrap();
        std::fs::remove_file(at("ics.toml")).unwrap();
        assert!(replace(folder.path(), &changes, None, Timestamp::from_millis(0)).is_err());
        assert_eq!(std::fs::read_to_string(at("assay.toml")).unwrap(), "");
        assert!(!at("ics.toml").exists() && at("ixit").is_file());
    }
}
