//! A dossier folder on disk: which files belong to it, and writing a new one without overwriting anything.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use dossier::{Dossier, Note, SourceText};
use model::Timestamp;

/// Largest dossier file that is read, in bytes.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Files outside `ixit`, in the order a reader expects.
const FIRST: [&str; 5] = ["assay.toml", "ics.toml", "controls.toml", "bench.toml", dossier::CRYPTO_POLICY];

/// Why a dossier folder could not be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The folder or a file in it cannot be read.
    #[error("read {}", at.display())]
    Read {
        /// Which.
        at: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The folder holds no `assay.toml`.
    #[error("find a dossier in {}: it has no assay.toml\n\nhint: `assay new {}` writes a skeleton", .0.display(), .0.display())]
    NoDossier(PathBuf),
    /// A file is larger than a dossier file can be.
    #[error("read {}: a dossier file has at most 4 MiB", .0.display())]
    TooLarge(PathBuf),
    /// A file is not UTF-8.
    #[error("read {}: it is not UTF-8 text", .0.display())]
    NotText(PathBuf),
    /// A new file would overwrite something.
    #[error("write {}: it is already there\n\nhint: choose another folder; nothing is overwritten", .0.display())]
    Exists(PathBuf),
    /// A file cannot be written.
    #[error("write {}", at.display())]
    Write {
        /// Which.
        at: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Reads and checks the dossier in a folder: values, and the linter's notes sorted by place.
///
/// # Errors
/// [`FolderError`] when the folder cannot be read at all; what is wrong inside the files becomes notes.
pub fn load(folder: &Path) -> Result<(Dossier, Vec<Note>), FolderError> {
    Ok(engine::lint::check(sources(folder)?))
}

/// As [`load`], with the notes that only a moment gives: dates that are past by then.
///
/// # Errors
/// As [`load`].
pub fn load_at(folder: &Path, at: Timestamp) -> Result<(Dossier, Vec<Note>), FolderError> {
    Ok(engine::lint::check_at(sources(folder)?, at))
}

/// The texts of a dossier folder, in the order a reader expects.
///
/// # Errors
/// [`FolderError`] when the folder holds no dossier or a file cannot be read.
pub fn sources(folder: &Path) -> Result<Vec<SourceText>, FolderError> {
    if !folder.join("assay.toml").is_file() {
        return Err(FolderError::NoDossier(folder.to_owned()));
    }
    let mut paths: Vec<String> =
        FIRST.iter().filter(|name| folder.join(name).is_file()).map(|name| (*name).to_owned()).collect();
    let ixit = folder.join("ixit");
    if ixit.is_dir() {
        let entries = fs::read_dir(&ixit).map_err(|source| FolderError::Read { at: ixit.clone(), source })?;
        for entry in entries {
            let entry = entry.map_err(|source| FolderError::Read { at: ixit.clone(), source })?;
            if let Some(name) = entry.file_name().to_str().filter(|n| n.ends_with(".toml")) {
                paths.push(format!("ixit/{name}"));
            }
        }
    }
    in_order(paths).into_iter().map(|path| source(folder, path)).collect()
}

/// Paths of a dossier in the order in which they are read; places in the texts count files in this order.
pub fn in_order(mut paths: Vec<String>) -> Vec<String> {
    let rank = |path: &str| FIRST.iter().position(|name| *name == path).unwrap_or(FIRST.len());
    paths.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| model::natural_cmp(a, b)).then_with(|| a.cmp(b)));
    paths
}

fn source(folder: &Path, path: String) -> Result<SourceText, FolderError> {
    let at = folder.join(&path);
    let read = |source| FolderError::Read { at: at.clone(), source };
    if fs::metadata(&at).map_err(read)?.len() > LARGEST {
        return Err(FolderError::TooLarge(at));
    }
    let text = String::from_utf8(fs::read(&at).map_err(read)?).map_err(|_| FolderError::NotText(at.clone()))?;
    Ok(SourceText { path, text })
}

/// Writes a new dossier folder.
///
/// # Errors
/// [`FolderError::Exists`] when any file is already there; then nothing is written.
pub fn create(folder: &Path, sources: &[SourceText]) -> Result<(), FolderError> {
    for source in sources {
        let at = folder.join(&source.path);
        if at.exists() {
            return Err(FolderError::Exists(at));
        }
    }
    for source in sources {
        let at = folder.join(&source.path);
        let write = |source| FolderError::Write { at: at.clone(), source };
        if let Some(parent) = at.parent() {
            fs::create_dir_all(parent).map_err(write)?;
        }
        let mut file = fs::File::options().write(true).create_new(true).open(&at).map_err(write)?;
        file.write_all(source.text.as_bytes()).map_err(write)?;
    }
    Ok(())
}

/// Writes a file that belongs to the program (a report, a schema): whole, or not at all.
///
/// # Errors
/// [`FolderError::Write`].
pub fn write(at: &Path, text: &str) -> Result<(), FolderError> {
    let failed = |source| FolderError::Write { at: at.to_owned(), source };
    let parent = at.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(failed)?;
    let name = at.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = parent.join(format!(".{name}.{}", std::process::id()));
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, at));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written.map_err(failed)
}
