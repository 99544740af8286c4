//! Editing a dossier in forms: single values of its files change, and everything else keeps its bytes.
//!
//! A form carries what it was made from, field by field. What somebody else changed meanwhile is kept where this form did not
//! touch it, and where both touched the same field nothing is written. It judges nothing: the notes beside a field are the
//! linter's.

mod controls;
mod entries;
mod form;
mod ics;
mod ixit;
pub mod lines;
mod list;
mod overview;
mod people;
mod product;
mod rows;
mod save;
mod saver;
mod source;
mod splice;
mod write;

use std::path::Path;

use catalogue::Catalogue;
use dossier::{Dossier, Note, SourceText};
use model::Timestamp;

use crate::files::{self, FilesError};

pub use controls::ControlRow;
pub use entries::{add, begin, entry_mark, remove, without};
pub use form::{Field, Form, Group, Kind, Noted};
pub use ics::ClauseRow;
pub use ixit::{EntryRow, TableRow};
pub use overview::{FileRow, Holds, Missing};
pub use people::{Place, add_person, add_responsible};
pub use product::add_service;
pub use save::{Refused, Saved, Why, save};
pub use saver::{Saver, saver};

use source::Source;

/// Why a form cannot be made or saved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// A file is no TOML.
    #[error("read {path}, line {line}: {why}\n\nhint: mend it as text")]
    Syntax {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        why: String,
    },
    /// The text is written in a way that a form does not change.
    #[error(
        "change {what} in {path}: it is written in a way that a form does not change\n\nhint: change it as text"
    )]
    Shape {
        /// The file.
        path: String,
        /// What.
        what: String,
    },
    /// Something is there twice.
    #[error("change {what} in {path}: it is there more than once\n\nhint: mend it as text")]
    Twice {
        /// The file.
        path: String,
        /// What.
        what: String,
    },
    /// What a form is about is not there any more.
    #[error("change {0}: it is not there any more\n\nhint: somebody removed or renamed it")]
    Gone(String),
    /// The edition or the dossier has no such thing.
    #[error("find {0}: there is no such thing in this edition")]
    Unknown(String),
    /// An entry with this id is there.
    #[error("add {0}: there is an entry with this ID\n\nhint: choose another one")]
    Taken(String),
    /// What is to be added is there.
    #[error("add {0}: it is there\n\nhint: change it where it stands")]
    Known(String),
    /// What is to be added has no name.
    #[error("add it: it has no {0}")]
    NoName(&'static str),
    /// An entry without id.
    #[error("add an entry: it has no ID")]
    NoId,
    /// An entry was changed since its removal was asked for.
    #[error("remove {0}: it was changed meanwhile\n\nhint: look at it again")]
    Changed(String),
}

impl EditError {
    fn syntax(path: &str, text: &str, error: &toml_edit::TomlError) -> Self {
        let at = error.span().map_or(0, |span| span.start.min(text.len()));
        let line = text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        EditError::Syntax { path: path.to_owned(), line, why: error.message().to_owned() }
    }
}

/// What is wrong with a text as TOML, and in which line; nothing where it is TOML.
pub fn syntax(path: &str, text: &str) -> Option<EditError> {
    Source::read(path, text).err()
}

/// What a form is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The product, its release under assessment, and what the team has decided.
    Product,
    /// People and functions, and who answers for what.
    People,
    /// The services that belong to the product.
    Services,
    /// The features and conditions of Table B.1.
    Features,
    /// The answers to the provisions of a clause.
    Clause(String),
    /// The control of a provision, and for a recommendation what its answer rests on.
    Control(String),
    /// The one set of statements of an IXIT table that does not repeat, by its name without number.
    Set(String),
    /// An entry of an IXIT table that repeats.
    Entry {
        /// The table's name without number.
        table: String,
        /// The entry's id.
        id: String,
    },
}

/// A dossier that is open for editing: its files, what they say, and the linter's notes.
#[derive(Debug)]
pub struct Opened {
    /// What the files say.
    pub dossier: Dossier,
    /// The linter's notes, those of the day included.
    pub notes: Vec<Note>,
    sources: Vec<Result<Source, EditError>>,
}

impl Opened {
    /// Opens the dossier in a folder.
    ///
    /// # Errors
    /// [`FilesError::Folder`].
    pub fn open(folder: &Path, at: Timestamp) -> Result<Self, FilesError> {
        Ok(Self::of(files::list(folder)?, at))
    }

    fn of(sources: Vec<SourceText>, at: Timestamp) -> Self {
        let (dossier, notes) = engine::lint::check_at(sources, at);
        let sources = dossier.sources.iter().map(|source| Source::read(&source.path, &source.text)).collect();
        Self { dossier, notes, sources }
    }

    /// The catalogue of the dossier's edition.
    pub fn catalogue(&self) -> &'static Catalogue {
        Catalogue::of(self.dossier.edition())
    }

    /// The form of something.
    ///
    /// # Errors
    /// [`EditError`].
    pub fn form(&self, subject: &Subject) -> Result<Form, EditError> {
        match subject {
            Subject::Product => self.product(),
            Subject::People => self.people(),
            Subject::Services => self.services(),
            Subject::Features => self.features(),
            Subject::Clause(clause) => self.clause(clause),
            Subject::Control(provision) => self.control(provision),
            Subject::Set(table) => self.set(table),
            Subject::Entry { table, id } => self.entry(table, id),
        }
    }

    /// The text of a file as a new dossier has it; empty where it has none.
    fn skeleton(&self, path: &str) -> String {
        let name =
            self.dossier.product.as_ref().and_then(|p| p.name.as_ref()).map_or("", |name| name.value.as_str());
        let files = engine::skeleton(self.dossier.edition(), name);
        files.into_iter().find(|file| file.path == path).map(|file| file.text).unwrap_or_default()
    }

    /// A file's place among the sources.
    fn file(&self, path: &str) -> Option<usize> {
        self.dossier.sources.iter().position(|source| source.path == path)
    }

    /// A file that could be read; `None` where the dossier has none.
    fn source(&self, path: &str) -> Result<Option<(usize, &Source)>, EditError> {
        let Some(file) = self.file(path) else { return Ok(None) };
        match self.sources.get(file) {
            Some(Ok(source)) => Ok(Some((file, source))),
            Some(Err(error)) => Err(error.clone()),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests;
