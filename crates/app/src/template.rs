//! Templates: who answers, policy, checkpoints, controls and requests for evidence of one product, applied to the next.
//!
//! Nothing that the next product says otherwise is overwritten unless that is asked for, and nothing of it is removed;
//! its comments and its order stay.

mod apply;
mod asks;
mod save;

use std::path::{Path, PathBuf};

use model::{Digest, Edition, Timestamp};

use crate::files::{self, Change, FilesError};
use crate::folder::{self, FolderError};
use crate::requests::{self, Ask, RequestsError};
pub use save::save;

/// The version of a template's form.
pub const VERSION: i64 = 1;

/// The parts of a template: the file that a table stands in, the table, and the key that tells a row from its neighbours;
/// a table without such a key is there once.
pub(crate) const PARTS: [(&str, &str, &str); 6] = [
    ("assay.toml", "person", "role"),
    ("assay.toml", "responsible", "for"),
    ("assay.toml", "policy", ""),
    ("assay.toml", "carry", "method"),
    ("assay.toml", "checkpoint", "name"),
    ("controls.toml", "control", "provision"),
];

/// Why a template was not saved, compared or applied.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The dossier.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The dossier cannot be written, or what was written not recorded.
    #[error(transparent)]
    Write(FilesError),
    /// A file is no TOML.
    #[error("read {file}: {why}")]
    Toml {
        /// The file.
        file: String,
        /// Why.
        why: String,
    },
    /// The file is no template that this program reads.
    #[error("read the template: {0}\n\nhint: `assay template save FOLDER` writes one")]
    NoTemplate(String),
    /// A table is written in a form that nothing is added to.
    #[error(
        "apply the template: {file} writes `{table}` in one line\n\nhint: write `[[{table}]]`, a table for each"
    )]
    Form {
        /// The file.
        file: String,
        /// The table.
        table: String,
    },
    /// With it the dossier would have an error that it has not now.
    #[error("apply the template: {file} would have an error then: {why}")]
    Errors {
        /// The file.
        file: String,
        /// The first of them.
        why: String,
    },
    /// The requests for evidence cannot be read.
    #[error(transparent)]
    Requests(Box<RequestsError>),
    /// The files were written, and what the template asks for was not asked.
    #[error(
        "ask for evidence as the template does; the files of the dossier were written\n\nhint: apply it again"
    )]
    Asking(#[source] Box<RequestsError>),
    /// Requests are made by somebody.
    #[error("ask for evidence as the template does: nobody asks\n\nhint: `--by` says who you are")]
    By,
    /// A file changed between comparing and writing.
    #[error("write {}: it was changed meanwhile\n\nhint: compare again", .0.display())]
    Changed(PathBuf),
}

/// What becomes of one thing of a template, or of the dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Becomes {
    /// The dossier has not got it: it is added.
    Added,
    /// The dossier says otherwise, and keeps what it says.
    Kept,
    /// The dossier says otherwise, and takes what the template says.
    Replaced,
    /// The template has it, and this dossier cannot: its edition has no such provision.
    LeftOut,
    /// The dossier has it, and the template has not.
    OnlyHere,
    /// Both say the same.
    Same,
}

impl Becomes {
    /// The word for a reader.
    pub fn as_str(self) -> &'static str {
        match self {
            Becomes::Added => "added",
            Becomes::Kept => "differs, kept",
            Becomes::Replaced => "differs, replaced",
            Becomes::LeftOut => "left out",
            Becomes::OnlyHere => "only here",
            Becomes::Same => "the same",
        }
    }
}

/// One thing that was compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The file.
    pub file: &'static str,
    /// The table: `responsible`.
    pub table: &'static str,
    /// Which of its rows: `5.3`; empty where the table has but one.
    pub row: String,
    /// The key; empty for a row as a whole.
    pub key: String,
    /// What becomes of it.
    pub becomes: Becomes,
    /// What the dossier says, as it is written; empty where it says nothing.
    pub here: String,
    /// What the template says, or why it is left out.
    pub template: String,
}

/// A template held against a dossier.
#[derive(Debug, Clone)]
pub struct Compared {
    /// Name and release of the product that it was saved of.
    pub from: String,
    /// Everything that was compared, in the order of the files.
    pub lines: Vec<Line>,
    /// The files that change: path, text now, text then.
    pub files: Vec<(&'static str, String, String)>,
    /// What is to be asked for.
    pub asks: Vec<Ask>,
}

impl Compared {
    /// Whether the product has all of it.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.asks.is_empty()
    }

    /// How many things become this.
    pub fn count(&self, becomes: Becomes) -> usize {
        self.lines.iter().filter(|line| line.becomes == becomes).count()
    }

    /// What it comes to: another comparison of the same texts has the same.
    pub fn digest(&self) -> Digest {
        let mut bytes = Vec::new();
        for (path, before, after) in &self.files {
            for part in [path, before.as_str(), after.as_str()] {
                bytes.extend_from_slice(format!("{}:", part.len()).as_bytes());
                bytes.extend_from_slice(part.as_bytes());
            }
        }
        // By when something is to be answered follows from the moment of asking.
        for ask in &self.asks {
            let ask = Ask { due: Timestamp::from_millis(0), ..ask.clone() };
            bytes.extend_from_slice(format!("{ask:?}").as_bytes());
        }
        Digest::of(&bytes)
    }
}

/// Holds a template against the dossier in a folder; writes nothing. Where `overwrite` is set, the template is right where
/// the two differ. Where `asking` is not set, the requests of a template are left out.
///
/// # Errors
/// [`TemplateError`].
pub fn compare(
    template: &str,
    folder: &Path,
    overwrite: bool,
    asking: bool,
    at: Timestamp,
) -> Result<Compared, TemplateError> {
    let mut sources = folder::sources(folder)?;
    let mut compared = apply::compare(template, &sources, overwrite)?;
    let template = parsed("the template", template)?;
    if !asking || template.get(asks::TABLE).is_none() {
        return Ok(compared);
    }
    // Who has a role, the template may have said.
    for (path, _, after) in &compared.files {
        match sources.iter_mut().find(|source| source.path == *path) {
            Some(source) => source.text.clone_from(after),
            None => sources.push(dossier::SourceText { path: (*path).to_owned(), text: after.clone() }),
        }
    }
    let (dossier, _) = dossier::read(sources);
    let listed = requests::list(folder, at).map_err(|e| TemplateError::Requests(Box::new(e)))?;
    let same_edition = edition_of(&template) == dossier.edition();
    compared.asks = asks::compare(&template, same_edition, &dossier, &listed, &mut compared.lines)?;
    Ok(compared)
}

/// Writes what a comparison came to, and records the state of the dossier: by the person who is named, or, where nobody is,
/// if the workspace has a ledger. Then asks for what is to be asked for, by that person, with a link each where there are
/// to be `links`.
///
/// # Errors
/// [`TemplateError`]; then no file was changed, or, where it says so, only nothing was asked.
pub fn write(
    compared: &Compared,
    folder: &Path,
    by: Option<&str>,
    links: bool,
    at: Timestamp,
) -> Result<Option<requests::Asked>, TemplateError> {
    let asks = match (compared.asks.as_slice(), by) {
        ([], _) => None,
        (_, None) => return Err(TemplateError::By),
        (asks, Some(by)) => Some((asks, by)),
    };
    if !compared.files.is_empty() {
        let changes: Vec<Change<'_>> =
            compared.files.iter().map(|(path, before, after)| Change { path, before, after }).collect();
        files::replace(folder, &changes, by, at).map_err(|error| match error {
            FilesError::Changed { path, .. } => TemplateError::Changed(folder.join(path)),
            other => TemplateError::Write(other),
        })?;
    }
    let Some((asks, by)) = asks else { return Ok(None) };
    let asked = requests::ask(folder, asks, links, by, at);
    asked.map(Some).map_err(|e| match compared.files.is_empty() {
        true => TemplateError::Requests(Box::new(e)),
        false => TemplateError::Asking(Box::new(e)),
    })
}

fn parsed(file: &str, text: &str) -> Result<toml_edit::DocumentMut, TemplateError> {
    text.parse().map_err(|error: toml_edit::TomlError| TemplateError::Toml {
        file: file.to_owned(),
        why: error.message().to_owned(),
    })
}

fn edition_of(document: &toml_edit::DocumentMut) -> Edition {
    let named = document.get("edition").and_then(|item| item.as_str());
    named.and_then(|text| text.parse().ok()).unwrap_or_default()
}
