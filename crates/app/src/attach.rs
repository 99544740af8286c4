//! Keeping a file as evidence by itself: what it is about, when it was true, who handed it over.

use std::path::{Path, PathBuf};

use catalogue::Catalogue;
use dossier::Dossier;
use model::{KeptArtefact, Level, Period, Place, Timestamp};

use crate::folder::{self, FolderError};
use crate::privacy::Privacy;
use crate::records::{Records, RecordsError};
use crate::state::KINDS;
use crate::{TOOL, circumstances};

/// Why a file was not kept.
#[derive(Debug, thiserror::Error)]
pub enum AttachError {
    /// The dossier.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The file cannot be read.
    #[error("attach {}", at.display())]
    Read {
        /// The file.
        at: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The kind is not known.
    #[error("attach a `{0}`: kinds are {list}", list = KINDS.join(", "))]
    Kind(String),
    /// Nobody is named.
    #[error("attach a file: name the person who hands it over\n\nhint: add `--by NAME`")]
    Nobody,
    /// It is about nothing that is there.
    #[error(
        "attach a file about `{0}`: it is no provision, test case, unit or declared entry\n\nhint: write for example \
         `5.2-1`, `5.1-2-1c`, `AuthMech-Web` or `5.1-2-1c@AuthMech-Web`"
    )]
    About(String),
    /// It shows a time that has not come.
    #[error("attach a file: {0} is not over yet\n\nhint: it shows what was true, not what will be")]
    Future(Period),
}

/// A file to be kept.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The file.
    pub file: PathBuf,
    /// Its kind, one of [`KINDS`].
    pub kind: String,
    /// What it is about; nothing when it is about the whole.
    pub about: Vec<String>,
    /// Name of the person who hands it over.
    pub person: String,
    /// Their role.
    pub role: String,
    /// When what it shows was true; the moment of keeping when left out.
    pub effective: Option<Period>,
    /// From where in the network it was taken.
    pub place: Option<String>,
    /// What the person says about it.
    pub remark: String,
    /// The private key to sign with instead of the workspace's; the ledger has to have entered it.
    pub key: Option<PathBuf>,
}

/// A file that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Position of its record.
    pub seq: u64,
    /// The record.
    pub record: KeptArtefact,
    /// Milliseconds by which the clock was behind the record before it, if it was.
    pub clock_behind: Option<i64>,
}

/// Keeps the file and records it.
///
/// # Errors
/// [`AttachError`]; then nothing was recorded.
pub fn attach(folder: &Path, draft: Draft, at: Timestamp) -> Result<Kept, AttachError> {
    let (dossier, _) = folder::load(folder)?;
    if !KINDS.contains(&draft.kind.as_str()) {
        return Err(AttachError::Kind(draft.kind));
    }
    if draft.person.trim().is_empty() {
        return Err(AttachError::Nobody);
    }
    let effective = draft.effective.unwrap_or(Period::moment(at));
    if effective.until > at {
        return Err(AttachError::Future(effective));
    }
    let about: Result<Vec<String>, AttachError> = draft.about.iter().map(|text| about(&dossier, text)).collect();
    let about = about?;
    let read = |source| AttachError::Read { at: draft.file.clone(), source };
    let bytes = std::fs::read(&draft.file).map_err(read)?;
    let mut records = Records::open(folder)?;
    let author = draft.key.as_deref().map(|file| records.author(file)).transpose()?;
    let (privacy, _) = Privacy::of_folder(&dossier, folder);
    records.withhold(privacy.and_attached(&draft.kind, &bytes));
    records.revision(&dossier.sources, at)?;
    if let Some(author) = author {
        records.sign_as(author);
    }
    let name = draft.file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let handed = Handed {
        kind: draft.kind,
        name,
        about,
        person: draft.person.trim().to_owned(),
        role: draft.role.trim().to_owned(),
        effective,
        place: draft.place,
        remark: draft.remark.trim().to_owned(),
    };
    Ok(keep(&mut records, &dossier, handed, &bytes, at)?)
}

/// A file that was handed over, with everything checked that can be.
#[derive(Debug)]
pub(crate) struct Handed {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) about: Vec<String>,
    pub(crate) person: String,
    pub(crate) role: String,
    pub(crate) effective: Period,
    pub(crate) place: Option<String>,
    pub(crate) remark: String,
}

/// Keeps the bytes of a file and records it.
pub(crate) fn keep(
    records: &mut Records,
    dossier: &Dossier,
    handed: Handed,
    bytes: &[u8],
    at: Timestamp,
) -> Result<Kept, RecordsError> {
    let artefact = records.artefact(&handed.kind, &handed.name, bytes)?;
    let record = KeptArtefact {
        level: Level::of_statement(std::slice::from_ref(&artefact)),
        artefact,
        about: handed.about,
        release: dossier.release_version().to_owned(),
        person: handed.person,
        role: handed.role,
        kept: at,
        effective: handed.effective,
        valid_until: circumstances::statement_valid_until(dossier, handed.effective.until),
        dut: circumstances::declared(dossier),
        place: handed.place.map(Place),
        remark: handed.remark,
        tool: TOOL.to_owned(),
        openings: None,
    };
    let seq = records.keep_artefact(&record, at)?;
    Ok(Kept { seq, record, clock_behind: records.clock_behind() })
}

/// What a file is about, in the spelling of the catalogue and the dossier.
pub(crate) fn about(dossier: &Dossier, text: &str) -> Result<String, AttachError> {
    let unknown = || AttachError::About(text.to_owned());
    let catalogue = Catalogue::of(dossier.edition());
    let entry = |id: &str| catalogue.tables.iter().any(|table| dossier.entry(&table.name, id).is_some());
    let text = text.trim();
    match text.split_once('@') {
        Some((unit, id)) => {
            let (unit, id) = (catalogue.unit_named(unit.trim()).ok_or_else(unknown)?, id.trim());
            if entry(id) { Ok(format!("{}@{id}", unit.id)) } else { Err(unknown()) }
        }
        None if entry(text) => Ok(text.to_owned()),
        None => {
            let provision = catalogue.provisions.iter().any(|p| p.id.as_str() == text);
            let case = catalogue.cases.iter().any(|c| c.id.as_str() == text);
            let known = provision || case || catalogue.unit_named(text).is_some();
            if known { Ok(text.to_owned()) } else { Err(unknown()) }
        }
    }
}
