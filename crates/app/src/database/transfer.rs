//! Moving a ledger: copied and verified first, then closed where it was, and pointed to last.
//!
//! Whenever it is interrupted, the ledger is whole where it was or where it went, and nothing can be appended to the
//! other; moving it again goes on from there.

use std::fs::File;
use std::path::{Path, PathBuf};

use store::{SqliteDocuments, SqliteStore, Store, StoreError};

use super::{Database, DatabaseError, POINTER, sync};
use crate::key::KeyEnvironment;
use crate::records::{FOLDER, Records, RecordsError};
use crate::workspace::{Workspace, WorkspaceError};

/// Leaves that are copied at once.
const AT_ONCE: u64 = 64;

/// Why a ledger was not moved.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// The workspace.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// The records: above all, those that do not verify.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The place.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A store.
    #[error("move the ledger of {}", at.display())]
    Store {
        /// The dossier folder.
        at: PathBuf,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// Somebody else is at it.
    #[error("move the ledger of {}: another program moves it", .0.display())]
    Busy(PathBuf),
    /// A file cannot be used.
    #[error("move the ledger of {}", at.display())]
    File {
        /// The dossier folder.
        at: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// There is a ledger already, and not this one.
    #[error(
        "move the ledger of {}: another ledger lies in {place}\n\nhint: `--ledger NAME` gives this one another name there",
        at.display()
    )]
    Another {
        /// The dossier folder.
        at: PathBuf,
        /// Where it was to go.
        place: String,
    },
    /// The ledger goes on where it was to go, or where it was moved before.
    #[error(
        "move the ledger of {}: it goes on in {place}, with {there} records instead of {here}\n\nhint: {POINTER} in its \
         .assay was lost or put back: write it again", at.display()
    )]
    Ahead {
        /// The dossier folder.
        at: PathBuf,
        /// Where it goes on.
        place: String,
        /// Records there.
        there: u64,
        /// Records here.
        here: u64,
    },
    /// The copy is not the same.
    #[error(
        "move the ledger of {}: the copy in {place} has other {what}\n\nhint: `assay ledger rebuild` lists anew what is \
         kept here", at.display()
    )]
    Differs {
        /// The dossier folder.
        at: PathBuf,
        /// Where the copy is.
        place: String,
        /// What differs.
        what: &'static str,
    },
    /// Several ledgers cannot have one name.
    #[error("move the ledgers of {}: `--ledger` names one, and there are several", .0.display())]
    OneName(PathBuf),
    /// A ledger lies elsewhere than asked for.
    #[error(
        "open the ledger of {} in {url}: it lies in {lies}\n\nhint: `assay ledger move --to {url} --folder {}` moves it",
        at.display(), at.display()
    )]
    Elsewhere {
        /// The dossier folder.
        at: PathBuf,
        /// Where it was to be.
        url: String,
        /// Where it is.
        lies: String,
    },
}

/// Where ledgers are to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// Beside their dossiers.
    Folder,
    /// Into a PostgreSQL database.
    Database {
        /// Its URL, without a password.
        url: String,
        /// The ledger's name there; that of its folder when left out.
        ledger: Option<String>,
    },
}

/// What was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The dossier folder.
    pub folder: PathBuf,
    /// Where its ledger lies now.
    pub place: String,
    /// Records of the ledger.
    pub records: u64,
    /// Records that were copied for it now.
    pub copied: u64,
    /// Pieces of evidence that were copied for it now.
    pub evidence: usize,
    /// Checkpoints, equal in both places.
    pub checkpoints: usize,
    /// Documents beside the ledger.
    pub documents: usize,
    /// The root over all records.
    pub root: String,
}

/// Moves the ledger of a dossier folder, or every ledger of a workspace, with what is kept beside them.
///
/// # Errors
/// [`MoveError`]; the ledger that it names lies where it lay, those before it have moved.
pub fn move_ledgers(folder: &Path, to: &To) -> Result<Vec<Moved>, MoveError> {
    let ledgers = ledgers(folder)?;
    if ledgers.len() > 1 && matches!(to, To::Database { ledger: Some(_), .. }) {
        return Err(MoveError::OneName(folder.to_owned()));
    }
    ledgers
        .into_iter()
        .filter(|(at, name)| {
            Records::exist(at) || (name.is_empty() && at.join(FOLDER).join("workspace.sqlite").exists())
        })
        .map(|(at, name)| {
            let there = match to {
                To::Folder => None,
                To::Database { url, ledger } => {
                    let ledger = ledger.clone().unwrap_or_else(|| name_there(folder, &name));
                    Some(Database { url: url.clone(), ledger })
                }
            };
            move_one(&at, there)
        })
        .collect()
}

/// Has the ledgers of a workspace in this database: those that are not begun are begun there.
///
/// # Errors
/// [`MoveError::Elsewhere`] for a ledger that lies elsewhere; [`MoveError`].
pub fn settle(folder: &Path, url: &str) -> Result<(), MoveError> {
    for (at, name) in ledgers(folder)? {
        let inside = at.join(FOLDER);
        let here = Database::of(&inside)?;
        let elsewhere = |lies: String| MoveError::Elsewhere { at: at.clone(), url: url.to_owned(), lies };
        match here {
            Some(here) if here.url == url => {
                here.open().map_err(|source| MoveError::Store { at: at.clone(), source })?;
            }
            Some(here) => return Err(elsewhere(here.place())),
            None if Records::exist(&at) || inside.join("workspace.sqlite").exists() => {
                return Err(elsewhere(inside.display().to_string()));
            }
            None => {
                let there = Database { url: url.to_owned(), ledger: name_there(folder, &name) };
                let begun = there.create().and_then(|store| store.size());
                if begun.map_err(|source| MoveError::Store { at: at.clone(), source })? > 0 {
                    return Err(MoveError::Another { at, place: there.place() });
                }
                std::fs::create_dir_all(&inside).map_err(|source| MoveError::File { at, source })?;
                there.point(&inside)?;
            }
        }
    }
    Ok(())
}

/// The folders that may have a ledger, with the product's name; the workspace's own has none.
fn ledgers(folder: &Path) -> Result<Vec<(PathBuf, String)>, MoveError> {
    let workspace = Workspace::open(folder)?;
    let mut ledgers = Vec::new();
    for name in workspace.products()? {
        ledgers.push((workspace.folder(&name)?, name));
    }
    if !workspace.is_single() {
        ledgers.push((workspace.root().to_owned(), String::new()));
    }
    Ok(ledgers)
}

/// What a ledger is called in a database: as its product, and the workspace's own after the workspace's folder.
fn name_there(workspace: &Path, product: &str) -> String {
    if !product.is_empty() {
        return product.to_owned();
    }
    let root = workspace.canonicalize().unwrap_or_else(|_| workspace.to_owned());
    let name = root.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    format!("workspace {name}")
}

fn move_one(at: &Path, there: Option<Database>) -> Result<Moved, MoveError> {
    let folder = at.join(FOLDER);
    let stored = |source| MoveError::Store { at: at.to_owned(), source };
    let _turn = turn(at, &folder)?;
    let here = Database::of(&folder)?;
    let place = there.as_ref().map_or_else(|| folder.display().to_string(), Database::place);
    let mut source = Records::open(at)?;
    if here == there {
        reopen(at, &mut source, &folder)?;
        return told(at, place, source.store.as_ref(), 0, 0, 0).map_err(stored);
    }
    source.verify_whole()?;
    let mut target: Box<dyn Store> = match &there {
        Some(there) => there.create().map_err(stored)?,
        None => Box::new(SqliteStore::open(&folder).map_err(stored)?),
    };
    begins_with(at, &place, source.store.as_ref(), target.as_ref())?;
    let mut evidence = copy_evidence(at, &place, source.store.as_ref(), target.as_mut())?;
    let mut copied = copy_leaves(source.store.as_ref(), target.as_mut()).map_err(stored)?;
    let check = Records::over(at, KeyEnvironment::of_process(), target.another().map_err(stored)?);
    check.verify_whole()?;
    // What was recorded meanwhile goes along; from here on nobody can record until the ledger is there.
    loop {
        match source.store.move_away(target.size().map_err(stored)?, &place) {
            Err(StoreError::Moved { .. }) => {
                copied += copy_leaves(source.store.as_ref(), target.as_mut()).map_err(stored)?;
            }
            other => break other.map_err(stored)?,
        }
    }
    let finished = finish(at, &place, &mut source, target.as_mut(), &check)
        .and_then(|more| Ok((more, copy_documents(&folder, here.as_ref(), there.as_ref()).map_err(stored)?)))
        .and_then(|done| point(at, &folder, there.as_ref()).map(|()| done));
    let (more, documents) = match finished {
        Ok(done) => done,
        Err(error) => {
            source.store.move_back().map_err(stored)?;
            return Err(error);
        }
    };
    evidence += more;
    target.move_back().map_err(stored)?;
    told(at, place, target.as_ref(), copied, evidence, documents).map_err(stored)
}

/// The last of it, with the source closed: what was kept meanwhile, and that both are equal.
fn finish(
    at: &Path,
    place: &str,
    source: &mut Records,
    target: &mut dyn Store,
    check: &Records,
) -> Result<usize, MoveError> {
    let stored = |source| MoveError::Store { at: at.to_owned(), source };
    let more = copy_evidence(at, place, source.store.as_ref(), target)?;
    let differs = |what| MoveError::Differs { at: at.to_owned(), place: place.to_owned(), what };
    if source.store.head().map_err(stored)? != target.head().map_err(stored)? {
        return Err(differs("records"));
    }
    if source.store.checkpoints().map_err(stored)? != target.checkpoints().map_err(stored)? {
        return Err(differs("checkpoints"));
    }
    check.verify()?;
    Ok(more)
}

fn point(at: &Path, folder: &Path, there: Option<&Database>) -> Result<(), MoveError> {
    match there {
        Some(there) => Ok(there.point(folder)?),
        None => {
            let gone = std::fs::remove_file(folder.join(POINTER)).and_then(|()| sync(folder));
            gone.map_err(|source| MoveError::File { at: at.to_owned(), source })
        }
    }
}

/// One program moves a ledger at a time.
fn turn(at: &Path, folder: &Path) -> Result<File, MoveError> {
    let failed = |source| MoveError::File { at: at.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let lock = File::options().create(true).truncate(false).write(true).open(folder.join("move.lock"));
    let lock = lock.map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(std::fs::TryLockError::WouldBlock) => Err(MoveError::Busy(at.to_owned())),
        Err(std::fs::TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Opens a ledger again whose move was given up or ended without it, unless it goes on elsewhere.
fn reopen(at: &Path, records: &mut Records, folder: &Path) -> Result<(), MoveError> {
    let stored = |source| MoveError::Store { at: at.to_owned(), source };
    let Some(place) = records.store.moved_to().map_err(stored)? else { return Ok(()) };
    let other = match Database::of_place(&place) {
        Some(other) => match other.open() {
            Err(StoreError::NotThere { .. }) => None,
            opened => Some(opened.map_err(stored)?),
        },
        None if folder.join("ledger.sqlite").exists() => {
            Some(Box::new(SqliteStore::open(folder).map_err(stored)?) as Box<dyn Store>)
        }
        None => None,
    };
    let here = records.store.size().map_err(stored)?;
    let there = other.map_or(Ok(0), |other| other.size()).map_err(stored)?;
    if there > here {
        return Err(MoveError::Ahead { at: at.to_owned(), place, there, here });
    }
    records.store.move_back().map_err(stored)
}

/// Whether what lies at the target is nothing, or the beginning of this ledger.
fn begins_with(at: &Path, place: &str, source: &dyn Store, target: &dyn Store) -> Result<(), MoveError> {
    let stored = |source| MoveError::Store { at: at.to_owned(), source };
    let (here, there) = (source.size().map_err(stored)?, target.size().map_err(stored)?);
    let Some(last) = there.min(here).checked_sub(1) else {
        return match there {
            0 => Ok(()),
            _ => Err(MoveError::Another { at: at.to_owned(), place: place.to_owned() }),
        };
    };
    // Each record names the one before it, so the last one speaks for all.
    let body = |store: &dyn Store| store.leaf(last).map(|leaf| leaf.map(|leaf| leaf.body));
    if body(source).map_err(stored)? != body(target).map_err(stored)? {
        return Err(MoveError::Another { at: at.to_owned(), place: place.to_owned() });
    }
    if there > here {
        return Err(MoveError::Ahead { at: at.to_owned(), place: place.to_owned(), there, here });
    }
    Ok(())
}

fn copy_leaves(source: &dyn Store, target: &mut dyn Store) -> Result<u64, StoreError> {
    let (begin, end) = (target.size()?, source.size()?);
    let checkpoints = source.checkpoints()?;
    let mut from = begin;
    while from < end {
        let to = end.min(from + AT_ONCE);
        let bodies: Vec<Vec<u8>> = source.leaves(from..to)?.into_iter().map(|leaf| leaf.body).collect();
        let covers = |size: u64| size > from && size <= to;
        let over: Vec<_> = checkpoints.iter().filter(|checkpoint| covers(checkpoint.size)).cloned().collect();
        target.take_over(&bodies, &over)?;
        from = to;
    }
    Ok(end - begin)
}

fn copy_evidence(at: &Path, place: &str, source: &dyn Store, target: &mut dyn Store) -> Result<usize, MoveError> {
    let stored = |source| MoveError::Store { at: at.to_owned(), source };
    let there = target.blobs().map_err(stored)?;
    let mut copied = 0;
    for blob in source.blobs().map_err(stored)? {
        if there.binary_search_by_key(&blob.digest, |blob| blob.digest).is_ok() {
            continue;
        }
        let (_, mut bytes) = source.open_blob(&blob.digest).map_err(stored)?;
        if target.put_blob_from(&mut bytes).map_err(stored)? != blob.digest {
            return Err(MoveError::Differs { at: at.to_owned(), place: place.to_owned(), what: "evidence" });
        }
        copied += 1;
    }
    Ok(copied)
}

fn copy_documents(folder: &Path, here: Option<&Database>, there: Option<&Database>) -> Result<usize, StoreError> {
    let open = |place: Option<&Database>| match place {
        Some(database) => database.documents(),
        None => Ok(Box::new(SqliteDocuments::open(folder)?) as Box<dyn store::Documents>),
    };
    if here.is_none() && !folder.join("workspace.sqlite").exists() {
        return Ok(0);
    }
    let documents = open(here)?.everything()?;
    open(there)?.replace_everything(&documents)?;
    Ok(documents.len())
}

fn told(
    at: &Path,
    place: String,
    store: &dyn Store,
    copied: u64,
    evidence: usize,
    documents: usize,
) -> Result<Moved, StoreError> {
    let checkpoints = store.checkpoints()?.len();
    let root = store.another()?.head()?.root().to_string();
    let records = store.size()?;
    Ok(Moved { folder: at.to_owned(), place, records, copied, evidence, checkpoints, documents, root })
}
