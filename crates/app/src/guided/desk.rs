//! Where workings lie, and what becomes of them: opened, changed, closed as a statement, or given up.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use dossier::Dossier;
use model::{Artefact, Timestamp, folded_name};
use store::{Documents, StoreError};

use super::{Act, Clash, Guide, LARGEST, Missing, Sniffed, Working, is_kind, safe_name};
use crate::database::{self, DatabaseError};
use crate::folder::{self, FolderError};
use crate::records::{FOLDER, Records, RecordsError};
use crate::state::{KINDS, StateError, Stated};

/// The collection of the workings among a workspace's documents.
pub(super) const COLLECTION: &str = "workings";

/// Why a guided unit was not carried on.
#[derive(Debug, thiserror::Error)]
pub enum GuidedError {
    /// The dossier.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The unit, the entry, or the statement.
    #[error(transparent)]
    State(#[from] StateError),
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// What is kept beside the ledger.
    #[error("use the workings of the workspace")]
    Store(#[from] StoreError),
    /// Where it is kept.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// What is kept of the working does not read.
    #[error("read the working on {about}")]
    Unreadable {
        /// The unit instance.
        about: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The part was changed by somebody else meanwhile.
    #[error("carry on {about}: it was changed meanwhile")]
    Clash {
        /// The unit instance.
        about: String,
        /// Both texts.
        clash: Box<Clash>,
    },
    /// It was changed since the person looked at what they close.
    #[error("close {0}: it was changed meanwhile\n\nhint: look at it again, then close it")]
    Moved(String),
    /// It was begun for something that is no more under assessment.
    #[error("carry on {about}: it was begun {why}\n\nhint: give it up and begin anew")]
    Outgrown {
        /// The unit instance.
        about: String,
        /// On what it was begun.
        why: String,
    },
    /// Somebody is closing it.
    #[error("close {about}: {by} is closing it\n\nhint: look for their statement in a moment")]
    Closing {
        /// The unit instance.
        about: String,
        /// Who.
        by: String,
    },
    /// It was closed, and what was left of it is cleared away.
    #[error("close {about}: record {record} states it already")]
    Recorded {
        /// The unit instance.
        about: String,
        /// Position of the statement.
        record: u64,
    },
    /// Nothing was begun.
    #[error("close {0}: nothing was begun")]
    Nothing(String),
    /// Something is missing.
    #[error("close {about}: {} missing: {}", count(missing), told(missing))]
    Missing {
        /// The unit instance.
        about: String,
        /// What.
        missing: Vec<Missing>,
    },
    /// The file is none that can be kept as what it was handed over as.
    #[error("keep `{name}`: {why}")]
    File {
        /// Its name.
        name: String,
        /// What is wrong.
        why: String,
    },
    /// No criterion of the unit is called so.
    #[error("give a verdict on {about}: it has no criterion `{criterion}`")]
    Criterion {
        /// The unit instance.
        about: String,
        /// What was given.
        criterion: String,
    },
}

fn count(missing: &[Missing]) -> String {
    if missing.len() == 1 { "one thing is".to_owned() } else { format!("{} things are", missing.len()) }
}

fn told(missing: &[Missing]) -> String {
    missing.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// A working as it lies there.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The working.
    pub working: Working,
    pub(super) version: u64,
}

/// A file that somebody hands over.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Its kind: one of [`KINDS`].
    pub kind: String,
    /// The name it came with.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The step it belongs to, counted from 1.
    pub step: Option<usize>,
}

/// Who signs the statement.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Their name.
    pub person: String,
    /// Their role.
    pub role: String,
    /// The private key to sign with instead of the workspace's; the ledger has to have entered it.
    pub key: Option<PathBuf>,
}

/// What a working became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// The statement.
    pub stated: Stated,
}

/// A file of a working, as it was handed over.
#[derive(Debug, Clone)]
pub struct KeptFile {
    /// What is said of it.
    pub artefact: Artefact,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The workings of a workspace.
pub struct Desk {
    documents: Mutex<Box<dyn Documents>>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

impl Desk {
    /// The workings of the workspace in a folder.
    ///
    /// # Errors
    /// [`GuidedError::Store`] when what is kept beside the ledger cannot be used.
    pub fn open(root: &Path) -> Result<Self, GuidedError> {
        Ok(Self::with(database::documents(&root.join(FOLDER))?))
    }

    /// As [`Desk::open`], with what is kept beside the ledger elsewhere.
    pub fn with(documents: Box<dyn Documents>) -> Self {
        Self { documents: Mutex::new(documents) }
    }

    /// The working on a unit instance, if one was begun.
    ///
    /// # Errors
    /// [`GuidedError`] when it cannot be read.
    pub fn get(&self, product: &str, guide: &Guide) -> Result<Option<Opened>, GuidedError> {
        let Some(document) = self.documents().get(COLLECTION, &key(product, guide))? else { return Ok(None) };
        let about = guide.about();
        let working = serde_json::from_slice(&document.bytes);
        let working = working.map_err(|source| GuidedError::Unreadable { about, source })?;
        Ok(Some(Opened { working, version: document.version }))
    }

    /// Every working that a person began, with the name under which it lies, in the order of these.
    ///
    /// # Errors
    /// [`GuidedError`] when one cannot be read.
    pub fn begun_by(&self, person: &str) -> Result<Vec<(String, Working)>, GuidedError> {
        let mut found: Vec<(String, Working)> = Vec::new();
        for document in self.documents().list(COLLECTION)? {
            let working: Working = serde_json::from_slice(&document.bytes)
                .map_err(|source| GuidedError::Unreadable { about: document.key.clone(), source })?;
            let place = document.key.split('/').next().unwrap_or_default().to_owned();
            if folded_name(&working.by) == folded_name(person) {
                found.push((place, working));
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| model::natural_cmp(&a.1.unit, &b.1.unit)));
        Ok(found)
    }

    /// Every working on a product, in the order of units.
    ///
    /// # Errors
    /// [`GuidedError`] when one cannot be read.
    pub fn all(&self, product: &str) -> Result<Vec<Working>, GuidedError> {
        let begins = format!("{product}/");
        let mut found: Vec<Working> = Vec::new();
        for document in self.documents().list(COLLECTION)?.iter().filter(|d| d.key.starts_with(&begins)) {
            let working = serde_json::from_slice(&document.bytes);
            let about = document.key.clone();
            found.push(working.map_err(|source| GuidedError::Unreadable { about, source })?);
        }
        found.sort_by(|a, b| model::natural_cmp(&a.unit, &b.unit).then_with(|| a.entry.cmp(&b.entry)));
        Ok(found)
    }

    /// Does something to the working on a unit instance, which is begun if there is none. `seen` is the turn of the
    /// working that the person looked at.
    ///
    /// # Errors
    /// [`GuidedError::Clash`] when the same part was changed meanwhile; [`GuidedError`]. Then nothing changed.
    pub fn act(
        &self,
        product: &str,
        guide: &Guide,
        act: &Act,
        seen: u64,
        by: &str,
        at: Timestamp,
    ) -> Result<Working, GuidedError> {
        let about = guide.about();
        if let Act::Rule { criterion, .. } = act
            && !guide.criteria.iter().any(|known| known.text == *criterion)
        {
            return Err(GuidedError::Criterion { about, criterion: criterion.clone() });
        }
        loop {
            let opened = self.get(product, guide)?;
            let mut working = match &opened {
                Some(opened) => opened.working.clone(),
                None => Working::begin(guide, guide.unit.id.edition(), by, at),
            };
            fits(guide, &working)?;
            let changed = working.act(act.clone(), seen, by, at);
            let changed =
                changed.map_err(|clash| GuidedError::Clash { about: about.clone(), clash: Box::new(clash) })?;
            if !changed {
                return Ok(working);
            }
            let bytes = serde_json::to_vec(&working)
                .map_err(|source| GuidedError::Unreadable { about: about.clone(), source })?;
            let expected = opened.map(|opened| opened.version);
            let put = self.documents().put(COLLECTION, &key(product, guide), &bytes, expected);
            match put {
                Ok(_) => return Ok(working),
                // Somebody else was faster; what they did stays, and this is done to it.
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Keeps a file with the working on a unit instance, behind a salt in the product's own evidence.
    ///
    /// # Errors
    /// [`GuidedError::File`] when it is too large, empty, or by its content not of its kind; [`GuidedError`].
    pub fn attach(
        &self,
        product: &str,
        folder: &Path,
        guide: &Guide,
        upload: Upload,
        by: &str,
        at: Timestamp,
    ) -> Result<Working, GuidedError> {
        let name = safe_name(&upload.name);
        let content = Sniffed::of(&upload.bytes);
        let refuse = |why: String| Err(GuidedError::File { name: name.clone(), why });
        if upload.bytes.is_empty() {
            return refuse("it is empty".to_owned());
        }
        if upload.bytes.len() > LARGEST {
            return refuse(format!("a file has at most {} MiB", LARGEST / (1024 * 1024)));
        }
        if !KINDS.contains(&upload.kind.as_str()) {
            return Err(StateError::Kind(upload.kind).into());
        }
        if !is_kind(&upload.kind, content) {
            return refuse(format!("by its content it is {}, and no {}", content.as_str(), upload.kind));
        }
        if let Some(opened) = self.get(product, guide)? {
            fits(guide, &opened.working)?;
        }
        let artefact = Records::open(folder)?.artefact(&upload.kind, &name, &upload.bytes)?;
        let act = Act::Attach { artefact, step: upload.step };
        self.act(product, guide, &act, u64::MAX, by, at)
    }

    /// A file of the working on a unit instance, by its digest as text.
    ///
    /// # Errors
    /// [`GuidedError`] when it cannot be read.
    pub fn file(
        &self,
        product: &str,
        folder: &Path,
        guide: &Guide,
        digest: &str,
    ) -> Result<Option<KeptFile>, GuidedError> {
        let Some(opened) = self.get(product, guide)? else { return Ok(None) };
        let found = opened.working.files.into_iter().find(|f| f.artefact.digest.to_string() == digest);
        let Some(artefact) = found.map(|found| found.artefact) else { return Ok(None) };
        let bytes = Records::open(folder)?.read_evidence(&artefact.digest, artefact.salted)?;
        Ok(Some(KeptFile { artefact, bytes }))
    }

    /// Gives up the working on a unit instance. What was recorded stays; nothing of the draft does.
    ///
    /// # Errors
    /// [`GuidedError::Moved`] when it was changed since `seen`; [`GuidedError`].
    pub fn give_up(&self, product: &str, guide: &Guide, seen: u64) -> Result<(), GuidedError> {
        let Some(opened) = self.get(product, guide)? else { return Ok(()) };
        if opened.working.turn != seen {
            return Err(GuidedError::Moved(guide.about()));
        }
        match self.documents().delete(COLLECTION, &key(product, guide), opened.version) {
            Err(StoreError::Conflict { .. }) => Err(GuidedError::Moved(guide.about())),
            done => Ok(done?),
        }
    }

    pub(super) fn documents(&self) -> MutexGuard<'_, Box<dyn Documents>> {
        // Each use is one call, which the store keeps whole.
        self.documents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a working is one of what is under assessment now.
pub(super) fn fits(guide: &Guide, working: &Working) -> Result<(), GuidedError> {
    let why = if working.release != guide.release {
        format!("on release {}, and {} is under assessment", working.release, guide.release)
    } else if working.edition != guide.unit.id.edition() {
        format!("by edition {}", working.edition)
    } else if working.steps.len() != guide.procedure.steps.len() {
        "by another version of the procedure".to_owned()
    } else {
        return Ok(());
    };
    Err(GuidedError::Outgrown { about: guide.about(), why })
}

pub(super) fn key(product: &str, guide: &Guide) -> String {
    let (unit, entry) = (&guide.unit.id, guide.entry.as_deref().unwrap_or_default());
    format!("{product}/{unit}/{entry}")
}

/// The guide to a unit of the dossier in a folder, with the dossier.
///
/// # Errors
/// [`GuidedError`] when the dossier cannot be read, or has no such unit or entry.
pub fn guide_in(folder: &Path, unit: &str, entry: Option<&str>) -> Result<(Dossier, Guide), GuidedError> {
    let (dossier, _) = folder::load(folder)?;
    let guide = super::guide(&dossier, unit, entry)?;
    Ok((dossier, guide))
}
