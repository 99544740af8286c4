//! Entries that are added and removed, and files that are begun.

use std::path::Path;

use dossier::Note;
use model::{Digest, Timestamp};

use super::form::Noted;
use super::save::{Refused, Why};
use super::source::{Anchor, Source};
use super::splice::{self, Comments, Order, Said};
use super::{EditError, Opened, rows};
use crate::files::{self, Change, FilesError};

/// Adds an entry to an IXIT table, with nothing but its id.
///
/// # Errors
/// [`Refused`]; then nothing was written.
pub fn add(folder: &Path, table: &str, id: &str, by: &str, at: Timestamp) -> Result<(), Refused> {
    change(folder, by, at, |opened| {
        let id = id.trim();
        if id.is_empty() {
            return Err(EditError::NoId);
        }
        let row = opened.table(table)?;
        // The table's own name is the id of a table that does not repeat.
        if row.entries.iter().any(|entry| entry.id == id) || id == row.table.name {
            return Err(EditError::Taken(id.to_owned()));
        }
        let before = opened.source(&row.path)?.map(|(_, source)| source.text.clone()).unwrap_or_default();
        let start = if before.is_empty() { opened.skeleton(&row.path) } else { before.clone() };
        let source = Source::read(&row.path, &start)?;
        let anchor = Anchor::Entry { table: row.table.name.clone(), id: id.to_owned() };
        let first = [("ID", Said::Text(id.to_owned()))];
        let after = splice::ensure(&source, &anchor, &first, &Order::default())?;
        Ok((row.path, before, after))
    })
}

/// The mark of an entry as it is written, which its removal has to name.
///
/// # Errors
/// [`EditError`].
pub fn entry_mark(opened: &Opened, table: &str, id: &str) -> Result<String, EditError> {
    Ok(Digest::of(opened.entry_text(table, id)?.1.as_bytes()).hex())
}

/// What the linter says of the dossier without an entry, and does not say of it now: what refers to the entry, and what lacks it.
///
/// # Errors
/// [`EditError`].
pub fn without(opened: &Opened, table: &str, id: &str, at: Timestamp) -> Result<Vec<Noted>, EditError> {
    let (path, _, after) = removed(opened, table, id)?;
    let mut sources = opened.dossier.sources.clone();
    for source in sources.iter_mut().filter(|source| source.path == path) {
        source.text.clone_from(&after);
    }
    let then = Opened::of(sources, at);
    let same =
        |note: &Note| (note.code, note.message.clone(), note.labels.first().map(|(_, label)| label.clone()));
    let mut now: Vec<_> = opened.notes.iter().map(same).collect();
    let paths = then.dossier.sources.iter().map(|source| source.path.as_str());
    let mut all: Vec<Noted> = paths.flat_map(|path| then.notes_on(path)).collect();
    // As often as it is said now.
    all.retain(|noted| match now.iter().position(|known| *known == same(&noted.note)) {
        Some(at) => {
            now.swap_remove(at);
            false
        }
        None => true,
    });
    Ok(all)
}

/// The file of an entry, its text, and that without the entry.
fn removed(opened: &Opened, table: &str, id: &str) -> Result<(String, String, String), EditError> {
    let gone = || EditError::Gone(id.to_owned());
    let table = opened.known(table)?;
    let path = opened.file_of(&table.name, id)?.ok_or_else(gone)?;
    let (_, source) = opened.source(&path)?.ok_or_else(gone)?;
    let anchor = Anchor::Entry { table: table.name.clone(), id: id.to_owned() };
    let after = splice::remove(source, &anchor, Comments::Go)?;
    Ok((path, source.text.clone(), after))
}

/// Removes an entry of an IXIT table, if it is the one with this mark.
///
/// # Errors
/// [`Refused`]; then nothing was written.
pub fn remove(
    folder: &Path,
    (table, id): (&str, &str),
    mark: &str,
    by: &str,
    at: Timestamp,
) -> Result<(), Refused> {
    change(folder, by, at, |opened| {
        if entry_mark(opened, table, id)? != mark {
            return Err(EditError::Changed(id.to_owned()));
        }
        removed(opened, table, id)
    })
}

/// Begins a file that the dossier does not have, as `assay new` writes it.
///
/// # Errors
/// [`Refused`]; then nothing was written.
pub fn begin(folder: &Path, path: &str, by: &str, at: Timestamp) -> Result<(), Refused> {
    change(folder, by, at, |opened| {
        let text = opened.skeleton(path);
        if text.is_empty() {
            return Err(EditError::Unknown(format!("the file `{path}`")));
        }
        match opened.file(path) {
            Some(_) => Err(EditError::Taken(format!("the file `{path}`"))),
            None => Ok((path.to_owned(), String::new(), text)),
        }
    })
}

/// The text of `assay.toml` with a row more, which has this name and these values.
pub(super) fn add_row(
    opened: &Opened,
    (list, key, id): (&'static str, &'static str, &str),
    more: &[(&'static str, Said)],
) -> Result<(String, String, String), EditError> {
    let id = id.trim();
    if id.is_empty() {
        return Err(EditError::NoName(key));
    }
    let (before, source) = rows::text(opened)?;
    let anchor = Anchor::Row { list, key, id: id.to_owned() };
    let mut first = vec![(key, Said::Text(id.to_owned()))];
    first.extend(more.iter().cloned());
    let after = splice::ensure(&source, &anchor, &first, &opened.assay_order(&[], &[]))?;
    Ok((rows::FILE.to_owned(), before, after))
}

pub(super) fn change(
    folder: &Path,
    by: &str,
    at: Timestamp,
    made: impl FnOnce(&Opened) -> Result<(String, String, String), EditError>,
) -> Result<(), Refused> {
    let files = |error| Refused { form: None, why: Why::Files(error) };
    let opened = Opened::open(folder, at).map_err(files)?;
    let (path, before, after) = made(&opened).map_err(|error| Refused { form: None, why: Why::Edit(error) })?;
    if after.len() > files::LARGEST {
        return Err(files(FilesError::Text { path }));
    }
    let change = Change { path: &path, before: &before, after: &after };
    files::replace(folder, &[change], Some(by), at).map(|_| ()).map_err(files)
}
