//! The form of an IXIT entry: the fields of the catalogue, and the typed facts as a block of TOML.

use catalogue::{Field, Table};
use dossier::Facts;

use super::form::{Asked, Form, Group, Kind};
use super::ics::weights;
use super::source::{Anchor, Source, id_of, named};
use super::splice::Order;
use super::{EditError, Opened};

/// An entry of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// Its id; the table's name for a table that does not repeat.
    pub id: String,
    /// How its first text begins.
    pub about: String,
    /// The file and the line.
    pub at: (String, usize),
    /// The linter's notes on it, by weight.
    pub notes: [usize; 3],
}

/// A table and its entries.
#[derive(Debug, Clone)]
pub struct TableRow {
    /// The table in the catalogue.
    pub table: &'static Table,
    /// Its entries.
    pub entries: Vec<EntryRow>,
    /// The file that a new entry goes to.
    pub path: String,
}

impl Opened {
    /// A table of the edition, and its entries as they are declared.
    ///
    /// # Errors
    /// [`EditError::Unknown`].
    pub fn table(&self, name: &str) -> Result<TableRow, EditError> {
        let table = self.known(name)?;
        let entries: Vec<EntryRow> =
            self.dossier.entries(&table.name).iter().map(|entry| self.row(entry)).collect();
        let own = format!("ixit/{}.toml", table.id);
        let path = entries.last().map_or(own, |entry| entry.at.0.clone());
        Ok(TableRow { table, entries, path })
    }

    pub(super) fn known(&self, name: &str) -> Result<&'static Table, EditError> {
        self.catalogue().table_named(name).ok_or_else(|| EditError::Unknown(format!("table {name}")))
    }

    fn row(&self, entry: &dossier::Entry) -> EntryRow {
        let at = dossier::position(&self.dossier.sources, entry.span);
        let about = entry.fields.iter().find(|(key, _)| !key.eq_ignore_ascii_case("ID"));
        let about: String = about.map(|(_, value)| value.text()).unwrap_or_default();
        let short: String = about.chars().take(120).collect();
        let anchor = Anchor::Entry { table: entry.table.clone(), id: entry.id.value.clone() };
        EntryRow {
            id: entry.id.value.clone(),
            about: if short.len() < about.len() { format!("{short}…") } else { short },
            notes: weights(self.notes_of(&at.path, &anchor)),
            at: (at.path, at.line as usize),
        }
    }

    /// The file that an entry stands in. Where there is none yet: the one it goes to.
    pub(super) fn file_of(&self, table: &str, id: &str) -> Result<Option<String>, EditError> {
        let mut all = self.dossier.entries(table).iter().filter(|entry| entry.id.value == id);
        let first = all.next().map(|entry| dossier::position(&self.dossier.sources, entry.span).path);
        match (first, all.next()) {
            (Some(path), Some(_)) => Err(EditError::Twice { path, what: format!("`{id}` in {table}") }),
            (path, _) => Ok(path),
        }
    }

    /// The one set of statements of a table.
    pub(super) fn set(&self, table: &str) -> Result<Form, EditError> {
        let table = self.known(table)?;
        let entry = self.dossier.entries(&table.name).first();
        self.entry(&table.name, entry.map_or(table.name.as_str(), |entry| entry.id.value.as_str()))
    }

    pub(super) fn entry(&self, table: &str, id: &str) -> Result<Form, EditError> {
        let table = self.known(table)?;
        let path = match self.file_of(&table.name, id)? {
            Some(path) => path,
            None if !table.repeating && id == table.name => format!("ixit/{}.toml", table.id),
            None => return Err(EditError::Gone(format!("`{id}` in {}", table.id))),
        };
        let anchor = Anchor::Entry { table: table.name.clone(), id: id.to_owned() };
        let mut asked: Vec<Asked> =
            table.fields.iter().filter(|field| asks(table, field)).map(asked_for).collect();
        asked.extend(self.unlisted(&path, &anchor, table));
        if !Facts::keys(&table.name).is_empty() {
            let help = "Keys and values as TOML; each lets a program act on the entry, and all are optional.";
            asked.push(Asked::new("facts", "Facts", help, Kind::Block));
        }
        let group = self.group(&path, &anchor, asked)?;
        let groups = vec![Group {
            id: id.to_owned(),
            title: id.to_owned(),
            about: if table.repeating { vec![table.summary.clone()] } else { Vec::new() },
            ..group
        }];
        let others = self.dossier.entries(&table.name).iter().map(|entry| entry.id.value.clone());
        let order = Order {
            keys: table.fields.iter().map(|field| field.name.clone()).collect(),
            rows: Vec::new(),
            skeleton: self.skeleton(&path),
            ..Order::default()
        };
        Ok(Form { groups, taken: others.filter(|other| other != id).collect(), orders: vec![(path, order)] })
    }

    /// Keys of an entry that the catalogue's table does not have.
    fn unlisted(&self, path: &str, anchor: &Anchor, table: &Table) -> Vec<Asked> {
        let Ok(Some((_, source))) = self.source(path) else { return Vec::new() };
        let Ok(Some(found)) = source.find(anchor) else { return Vec::new() };
        let keys = found.table.iter().filter(|(_, item)| item.is_value()).map(|(key, _)| key);
        let unlisted =
            keys.filter(|key| *key != "facts" && table.field(key).is_none() && !key.eq_ignore_ascii_case("ID"));
        let asked =
            |key| Asked::new(key, key, "The table has no such field. Empty it to take it out.", Kind::Prose);
        unlisted.map(asked).collect()
    }

    /// The text of an entry as it is written, with the comments right above it.
    ///
    /// # Errors
    /// [`EditError`].
    pub fn entry_text(&self, table: &str, id: &str) -> Result<(String, String), EditError> {
        let table = self.known(table)?;
        let gone = || EditError::Gone(format!("`{id}` in {}", table.id));
        let path = self.file_of(&table.name, id)?.ok_or_else(gone)?;
        let (_, source) = self.source(&path)?.ok_or_else(gone)?;
        let anchor = Anchor::Entry { table: table.name.clone(), id: id.to_owned() };
        let found = source.find(&anchor)?.ok_or_else(gone)?;
        Ok((path, source.text[source.extent(found)].to_owned()))
    }
}

/// The one set of statements of a table that does not repeat has no id to fill in.
fn asks(table: &Table, field: &Field) -> bool {
    table.repeating || !field.name.eq_ignore_ascii_case("ID")
}

fn asked_for(field: &Field) -> Asked {
    let mut help = field.summary.clone();
    if let Some(when) = &field.applies_when {
        help.push_str(&format!(" To be filled when {when}."));
    }
    if !field.values.is_empty() {
        help.push_str(&format!(" Begins with: {}.", field.values.join(", ")));
    }
    let references: Vec<&str> = field.references.iter().map(|table| table.as_str()).collect();
    if !references.is_empty() {
        help.push_str(&format!(
            " IDs of entries of {}, one a line; `[]` says that there is none.",
            references.join(" or ")
        ));
    }
    let kind = match field.name.eq_ignore_ascii_case("ID") {
        true => Kind::Line,
        false if references.is_empty() => Kind::Prose,
        false => Kind::Lines,
    };
    Asked::new(&field.name, &field.name, help, kind)
}

/// Whether a file has entries of a table.
pub(super) fn has(source: &Source, table: &str) -> bool {
    source.document.iter().any(|(key, item)| {
        named(key, table) && !item.as_table().is_some_and(|one| one.is_empty() && id_of(one).is_none())
    })
}
