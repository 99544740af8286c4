//! The files of a dossier, read and saved whole: a save names the text that it was made from, and is a record.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use dossier::{Note, SourceText};
use model::{Digest, Timestamp};

use crate::folder::{self, FolderError};
use crate::records::{Records, RecordsError};

/// Characters of a file at most.
const LARGEST: usize = 1024 * 1024;

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
/// as it is then. Returns the linter's notes.
///
/// # Errors
/// [`FilesError`]; then the file is as it was.
pub fn save(
    folder: &Path,
    path: &str,
    (seen, text): (&str, &str),
    at: Timestamp,
) -> Result<Vec<Note>, FilesError> {
    let _one = SAVING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut sources = folder::sources(folder)?;
    let Some(source) = sources.iter_mut().find(|source| source.path == path) else {
        return Err(FilesError::NoFile(path.to_owned()));
    };
    if Digest::of(source.text.as_bytes()).hex() != seen {
        return Err(FilesError::Changed { path: path.to_owned(), now: source.text.clone() });
    }
    if text.len() > LARGEST || text.contains('\0') {
        return Err(FilesError::Text { path: path.to_owned() });
    }
    if let Err(error) = text.parse::<toml_edit::DocumentMut>() {
        return Err(FilesError::Syntax { path: path.to_owned(), why: error.to_string() });
    }
    let before = std::mem::replace(&mut source.text, text.to_owned());
    folder::write(&folder.join(path), text)?;
    let recorded = Records::open(folder).and_then(|mut records| records.revision(&sources, at));
    if let Err(error) = recorded {
        // A save that is no record is none.
        folder::write(&folder.join(path), &before)?;
        return Err(error.into());
    }
    Ok(engine::lint::check(sources).1)
}
