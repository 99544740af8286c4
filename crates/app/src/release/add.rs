//! Entering a release: image and SBOM are read first, then `assay.toml` and the ledger are written.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use dossier::sbom::{Sbom, SbomError};
use dossier::{Dossier, Severity, SourceText};
use model::{Artefact, DigestStream, Image, Release, Timestamp};

use super::declare;
use super::sbom::{Differing, compare};
use crate::folder::{self, FolderError};
use crate::records::{Records, RecordsError};

/// Largest image that is kept when asked to, in bytes. A larger one is kept by digest alone.
const LARGEST_KEPT: u64 = 512 * 1024 * 1024;
/// Bytes of an image that are read at once.
const PIECE: usize = 1024 * 1024;

/// Why a release was not entered.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// The dossier.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// `assay.toml` has errors.
    #[error("add a release: assay.toml has errors, the first: {0}\n\nhint: `assay check` shows the place")]
    Errors(String),
    /// The version says nothing.
    #[error("add a release: its version is empty")]
    Empty,
    /// The version is there.
    #[error("add release {0}: it is already recorded\n\nhint: `assay release list` shows the releases")]
    Exists(String),
    /// The version, or its date, is before that of the newest release.
    #[error(
        "add release {version}: {why}\n\nhint: releases are entered in their order, and the last one is assessed"
    )]
    NotLater {
        /// The version.
        version: String,
        /// What it is not later than.
        why: String,
    },
    /// What is declared of the release is not what was given.
    #[error("add release {version}: assay.toml declares another {what} than the one given")]
    Disagrees {
        /// The version.
        version: String,
        /// The key.
        what: &'static str,
    },
    /// The date is none.
    #[error("add a release: `{0}` is no date\n\nhint: write `2026-01-31`")]
    Date(String),
    /// `release` in `assay.toml` has a form that nothing can be added to.
    #[error(
        "add a release: assay.toml writes its releases in a form that nothing is added to\n\nhint: write `[[release]]`, a table for each"
    )]
    Form,
    /// A file cannot be read.
    #[error("read {}", at.display())]
    Read {
        /// Which.
        at: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The SBOM does not read.
    #[error("read the SBOM {}", at.display())]
    Sbom {
        /// The file.
        at: PathBuf,
        /// Why.
        #[source]
        source: SbomError,
    },
    /// The image is too large to be kept.
    #[error("keep {}: at most 512 MiB are kept\n\nhint: leave out `--keep-image`; its digest and size are recorded", .0.display())]
    TooLarge(PathBuf),
}

/// A release to be entered.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Version designation.
    pub version: String,
    /// The firmware image.
    pub firmware: Option<PathBuf>,
    /// Whether the image itself is kept as evidence.
    pub keep_image: bool,
    /// The SBOM.
    pub sbom: Option<PathBuf>,
    /// Date of release, `2026-01-31`.
    pub date: Option<String>,
    /// What changed.
    pub notes: Option<String>,
}

/// A release that was entered.
#[derive(Debug, Clone, PartialEq)]
pub struct Added {
    /// Position of its record.
    pub seq: u64,
    /// The record.
    pub release: Release,
    /// Whether `assay.toml` named it already.
    pub was_declared: bool,
    /// Form of the SBOM, and how many of its components have no name.
    pub sbom: Option<(String, usize)>,
    /// Where the SBOM and 6-SoftComp disagree.
    pub differs: Vec<Differing>,
    /// Milliseconds by which the clock was behind the record before it, if it was.
    pub clock_behind: Option<i64>,
}

/// Enters a release into `assay.toml` and the ledger.
///
/// A version that `assay.toml` names last and the ledger does not hold yet is recorded, and what it lacks is filled in.
///
/// # Errors
/// [`ReleaseError`]; then neither was changed.
pub fn add(folder: &Path, draft: Draft, at: Timestamp) -> Result<Added, ReleaseError> {
    let (dossier, notes) = folder::load(folder)?;
    refuse_errors(&dossier, &notes)?;
    let version = draft.version.trim().to_owned();
    if version.is_empty() {
        return Err(ReleaseError::Empty);
    }
    if let Some(date) = draft.date.as_ref().filter(|d| d.len() != 10 || Timestamp::parse(d).is_err()) {
        return Err(ReleaseError::Date(date.clone()));
    }
    let sbom = draft.sbom.as_deref().map(read_sbom).transpose()?;
    let firmware = draft.firmware.as_deref().map(|path| image(path, draft.keep_image)).transpose()?;
    let mut records = Records::open(folder)?;
    let evidence = records.evidence()?;
    if evidence.releases.iter().any(|r| r.body.version == version) {
        return Err(ReleaseError::Exists(version));
    }
    let row = declare::Row {
        version: &version,
        date: draft.date.as_deref(),
        firmware: firmware.as_ref().map(|(image, _)| image.digest.to_string()),
        notes: draft.notes.as_deref(),
    };
    let was_declared = declare::check(&dossier, &row)?;
    let at_file = folder.join("assay.toml");
    let before =
        dossier.sources.iter().find(|s| s.path == "assay.toml").map(|s| s.text.clone()).unwrap_or_default();
    let after = declare::written(&before, &row, was_declared)?;
    let mut sources = dossier.sources.clone();
    for source in sources.iter_mut().filter(|s| s.path == "assay.toml") {
        source.text.clone_from(&after);
    }
    let (dossier, notes) = engine::lint::check(sources.clone());
    refuse_errors(&dossier, &notes)?;
    if after != before {
        folder::write(&at_file, &after)?;
    }
    let release = release(&dossier, &draft, version);
    let recorded = recorded(&mut records, &sources, release, &draft, firmware, sbom.as_ref(), at);
    let (seq, release) = match recorded {
        Ok(recorded) => recorded,
        Err(error) => {
            // Declared and not recorded would be half a release.
            if after != before {
                folder::write(&at_file, &before)?;
            }
            return Err(error);
        }
    };
    let differs = sbom.as_ref().map_or_else(Vec::new, |(sbom, _)| compare(&dossier, &sbom.components));
    let sbom = sbom.map(|(sbom, _)| (sbom.form, sbom.unnamed));
    Ok(Added { seq, release, was_declared, sbom, differs, clock_behind: records.clock_behind() })
}

fn refuse_errors(dossier: &Dossier, notes: &[dossier::Note]) -> Result<(), ReleaseError> {
    let file = dossier.sources.iter().position(|s| s.path == "assay.toml");
    let here = |n: &&dossier::Note| n.labels.first().is_some_and(|(at, _)| Some(usize::from(at.file)) == file);
    match notes.iter().filter(|n| n.severity == Severity::Error).find(here) {
        None => Ok(()),
        Some(note) => Err(ReleaseError::Errors(note.message.clone())),
    }
}

/// The record as far as the dossier and the draft fill it.
fn release(dossier: &Dossier, draft: &Draft, version: String) -> Release {
    let declared = dossier.release();
    let text = |t: Option<&dossier::Located<String>>| t.map(|t| t.value.clone()).filter(|t| !t.trim().is_empty());
    let follows = dossier.releases.iter().rev().filter_map(|r| text(r.version.as_ref())).find(|v| *v != version);
    Release {
        follows,
        date: draft.date.clone().or_else(|| text(declared.and_then(|r| r.date.as_ref()))),
        notes: draft.notes.clone().or_else(|| text(declared.and_then(|r| r.notes.as_ref()))),
        version,
        dossier: 0,
        firmware: None,
        sbom: None,
        components: Vec::new(),
    }
}

fn recorded(
    records: &mut Records,
    sources: &[SourceText],
    mut release: Release,
    draft: &Draft,
    firmware: Option<(Image, Option<Vec<u8>>)>,
    sbom: Option<&(Sbom, Vec<u8>)>,
    at: Timestamp,
) -> Result<(u64, Release), ReleaseError> {
    if let Some((mut image, bytes)) = firmware {
        let kept: Option<Artefact> = match bytes {
            Some(bytes) => Some(records.artefact("firmware", &image.name, &bytes)?),
            None => None,
        };
        image.kept = kept;
        release.firmware = Some(image);
    }
    if let Some((sbom, bytes)) = sbom {
        let name = draft.sbom.as_deref().map(file_name).unwrap_or_default();
        release.sbom = Some(records.artefact("sbom", &name, bytes)?);
        release.components.clone_from(&sbom.components);
    }
    records.revision(sources, at)?;
    release.dossier = records.revision_in_force()?;
    let seq = records.release(&release, at)?;
    Ok((seq, release))
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

fn read_sbom(path: &Path) -> Result<(Sbom, Vec<u8>), ReleaseError> {
    let read = |source| ReleaseError::Read { at: path.to_owned(), source };
    let file = File::open(path).map_err(read)?;
    let mut bytes = Vec::new();
    // One byte more than is read tells that it is too large.
    file.take(dossier::sbom::LARGEST as u64 + 1).read_to_end(&mut bytes).map_err(read)?;
    let sbom = dossier::sbom::read(&bytes).map_err(|source| ReleaseError::Sbom { at: path.to_owned(), source })?;
    Ok((sbom, bytes))
}

/// The image by digest and size, read piece by piece, and its bytes where they are to be kept.
fn image(path: &Path, keep: bool) -> Result<(Image, Option<Vec<u8>>), ReleaseError> {
    let read = |source| ReleaseError::Read { at: path.to_owned(), source };
    let mut file = File::open(path).map_err(read)?;
    if keep && file.metadata().map_err(read)?.len() > LARGEST_KEPT {
        return Err(ReleaseError::TooLarge(path.to_owned()));
    }
    let mut digest = DigestStream::new();
    let mut piece = vec![0; PIECE];
    let (mut size, mut kept) = (0_u64, keep.then(Vec::new));
    loop {
        let count = file.read(&mut piece).map_err(read)?;
        if count == 0 {
            break;
        }
        digest.update(&piece[..count]);
        size += count as u64;
        if let Some(kept) = &mut kept {
            kept.extend_from_slice(&piece[..count]);
        }
    }
    Ok((Image { digest: digest.finish(), size, name: file_name(path), kept: None }, kept))
}
