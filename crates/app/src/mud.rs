//! Manufacturer Usage Descriptions (RFC 8520): written from a dossier, and held against it and against captures.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use catalogue::Catalogue;
use engine::{View, mud};

use crate::folder::{self, FolderError};
use crate::now;
use crate::records::{Records, RecordsError};

/// Octets of a file that is opened.
const MOST_OCTETS: u64 = 1 << 20;
/// Characters of a line that is told.
const LINE: usize = 400;

/// Why nothing was written or compared.
#[derive(Debug, thiserror::Error)]
pub enum DescribeError {
    /// The dossier.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The description.
    #[error(transparent)]
    Mud(#[from] mud::MudError),
    /// The file.
    #[error("read {}", at.display())]
    Read {
        /// Which.
        at: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// What differs, a line each, texts made visible.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    /// How many ways are in both.
    pub both: usize,
    /// Declared, and the description would not let it through.
    pub declared_only: Vec<String>,
    /// Let through, and not declared.
    pub described_only: Vec<String>,
    /// Seen in captures, and not let through.
    pub seen_beyond: Vec<String>,
    /// Declarations to look through, as TOML.
    pub proposal: String,
}

/// The description of a dossier's product, as the text of its file.
///
/// # Errors
/// [`DescribeError`] says what is missing.
pub fn write(folder: &Path, url: &str) -> Result<String, DescribeError> {
    let (dossier, _) = folder::load(folder)?;
    let evidence = engine::Evidence::default();
    let view =
        View { catalogue: Catalogue::of(dossier.edition()), dossier: &dossier, evidence: &evidence, at: now() };
    let written = mud::write(&view, url, view.at)?;
    Ok(format!("{written:#}\n"))
}

/// Holds a description against a dossier and what captures showed.
///
/// # Errors
/// [`DescribeError`]; then nothing was compared.
pub fn compare(folder: &Path, file: &Path) -> Result<Differences, DescribeError> {
    use std::io::Read as _;
    let failed = |source| DescribeError::Read { at: file.to_owned(), source };
    let mut text = String::new();
    let opened = std::fs::File::open(file).map_err(failed)?;
    opened.take(MOST_OCTETS + 1).read_to_string(&mut text).map_err(failed)?;
    let described = mud::read(&text)?;
    let (dossier, _) = folder::load(folder)?;
    let evidence = match Records::exist(folder) {
        true => Records::open_sound(folder)?.evidence()?,
        false => Arc::default(),
    };
    let view =
        View { catalogue: Catalogue::of(dossier.edition()), dossier: &dossier, evidence: &evidence, at: now() };
    let compared = mud::compare(&view, &described);
    let lines = |ways: &[mud::Way]| ways.iter().map(|w| wire::text::visible_str(&w.to_string(), LINE)).collect();
    Ok(Differences {
        both: compared.both.len(),
        declared_only: lines(&compared.declared_only),
        described_only: lines(&compared.described_only),
        seen_beyond: lines(&compared.seen_beyond),
        proposal: mud::proposal(&compared),
    })
}
