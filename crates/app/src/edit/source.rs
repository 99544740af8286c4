//! A dossier file as text with the places of its tables, keys and values.

use std::ops::Range;

use toml_edit::{Document, Item, Table, Value};

use super::EditError;

/// A table of a dossier file, by what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Anchor {
    /// `[features]`, `[conditions]`, `[product]`.
    One(&'static str),
    /// `[[provision]]` with this id, `[[control]]` of this provision, `[[person]]` of this role.
    Row {
        /// The list.
        list: &'static str,
        /// The key that names the row.
        key: &'static str,
        /// Its name.
        id: String,
    },
    /// An entry of an IXIT table.
    Entry {
        /// The table's name without number.
        table: String,
        /// The entry's id; the table's name for one that does not repeat.
        id: String,
    },
}

impl std::fmt::Display for Anchor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Anchor::One(name) => write!(f, "[{name}]"),
            Anchor::Row { list, id, .. } => write!(f, "[[{list}]] of {id}"),
            Anchor::Entry { table, id } if table == id => write!(f, "[{table}]"),
            Anchor::Entry { table, id } => write!(f, "[[{table}]] {id}"),
        }
    }
}

/// A file that could be read as TOML.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) path: String,
    pub(super) text: String,
    pub(super) document: Document<String>,
}

/// A table that was found.
#[derive(Clone, Copy)]
pub(super) struct Found<'d> {
    pub(super) table: &'d Table,
    /// Its heading, brackets included.
    pub(super) heading: &'d str,
}

impl Source {
    pub(super) fn read(path: &str, text: &str) -> Result<Self, EditError> {
        let document = Document::parse(text.to_owned()).map_err(|error| EditError::syntax(path, text, &error))?;
        Ok(Self { path: path.to_owned(), text: text.to_owned(), document })
    }

    fn shape(&self, anchor: &Anchor) -> EditError {
        EditError::Shape { path: self.path.clone(), what: anchor.to_string() }
    }

    /// The one table of an anchor; `None` where there is none.
    pub(super) fn find(&self, anchor: &Anchor) -> Result<Option<Found<'_>>, EditError> {
        let mut tables: Vec<&Table> = Vec::new();
        for (key, item) in self.document.as_table() {
            match (anchor, item) {
                (Anchor::One(name), Item::Table(table)) if key == *name => tables.push(table),
                (Anchor::Row { list, key: naming, id }, Item::ArrayOfTables(rows)) if key == *list => {
                    tables.extend(rows.iter().filter(|row| row.get(naming).and_then(Item::as_str) == Some(id)));
                }
                (Anchor::Entry { table, id }, item) if named(key, table) => match item {
                    Item::ArrayOfTables(rows) => {
                        tables.extend(rows.iter().filter(|row| id_of(row) == Some(id)));
                    }
                    Item::Table(one) if id_of(one).unwrap_or(table) == id => tables.push(one),
                    Item::Value(Value::Array(_) | Value::InlineTable(_)) => return Err(self.shape(anchor)),
                    _ => {}
                },
                (Anchor::One(name), _) if key == *name => return Err(self.shape(anchor)),
                (Anchor::Row { list, .. }, _) if key == *list => return Err(self.shape(anchor)),
                _ => {}
            }
        }
        if tables.len() > 1 {
            return Err(EditError::Twice { path: self.path.clone(), what: anchor.to_string() });
        }
        let Some(table) = tables.pop() else { return Ok(None) };
        let heading = table.span().and_then(|span| self.text.get(span)).filter(|heading| heading.starts_with('['));
        match heading {
            Some(heading) if !table.is_dotted() => Ok(Some(Found { table, heading })),
            _ => Err(self.shape(anchor)),
        }
    }

    /// The rows of a list, in the order written.
    pub(super) fn rows(&self, list: &str) -> Result<Vec<Found<'_>>, EditError> {
        let shape = || EditError::Shape { path: self.path.clone(), what: format!("[[{list}]]") };
        match self.document.get(list) {
            None => Ok(Vec::new()),
            Some(Item::ArrayOfTables(rows)) => {
                let heading =
                    |table: &Table| table.span().and_then(|span| self.text.get(span)).unwrap_or_default();
                Ok(rows.iter().map(|table| Found { table, heading: heading(table) }).collect())
            }
            Some(_) => Err(shape()),
        }
    }

    /// From which byte to which a table goes: its own comments, its heading, what stands in it.
    pub(super) fn extent(&self, found: Found<'_>) -> Range<usize> {
        self.own_start(self.heading(found).start)..self.end(last(found.table))
    }

    pub(super) fn heading(&self, found: Found<'_>) -> Range<usize> {
        found.table.span().unwrap_or_default()
    }

    /// From which byte to which a key with its value goes.
    pub(super) fn pair(&self, table: &Table, key: &str) -> Option<Range<usize>> {
        let (key, item) = table.get_key_value(key)?;
        let value = item.as_value()?.span()?;
        Some(key.span().map_or(value.start, |span| span.start)..value.end)
    }

    /// The key of a table that is written this way, whatever the case of letters.
    pub(super) fn written<'d>(&self, table: &'d Table, key: &str) -> Option<&'d str> {
        table.iter().map(|(written, _)| written).find(|written| written.eq_ignore_ascii_case(key))
    }

    /// The beginning of the line of a byte.
    pub(super) fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |n| n + 1)
    }

    /// One past the end of the line of a byte.
    pub(super) fn line_end(&self, at: usize) -> usize {
        self.text[at..].find('\n').map_or(self.text.len(), |n| at + n + 1)
    }

    /// The number of the line of a byte, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.text[..at].matches('\n').count() + 1
    }

    /// A heading with the comments right above it.
    pub(super) fn own_start(&self, heading: usize) -> usize {
        let mut start = self.line_start(heading);
        while start > 0 {
            let above = self.line_start(start - 1);
            if !self.text[above..start].trim_start().starts_with('#') {
                break;
            }
            start = above;
        }
        start
    }

    /// The end of what ends at a byte: its line, and comments right below unless they are those of a next heading.
    fn end(&self, last: usize) -> usize {
        let end = self.line_end(last);
        let mut below = end;
        while self.text[below..].trim_start_matches([' ', '\t']).starts_with('#') {
            below = self.line_end(below);
        }
        if self.text[below..].trim_start_matches([' ', '\t']).starts_with('[') { end } else { below }
    }

    /// The text between the heading `[….facts]` of an entry and the end of what stands in it; `None` where there is none.
    pub(super) fn block(&self, found: Found<'_>, name: &str) -> Result<Option<Range<usize>>, EditError> {
        let Some(item) = found.table.get(name) else { return Ok(None) };
        let shape = || EditError::Shape { path: self.path.clone(), what: format!("`{name}`") };
        let table = item.as_table().filter(|table| !table.is_dotted()).ok_or_else(shape)?;
        let heading = table.span().filter(|span| !span.is_empty()).ok_or_else(shape)?;
        Ok(Some(self.line_end(heading.end)..self.end(last(table)).max(self.line_end(heading.end))))
    }
}

/// Whether a key of an IXIT file is this table: `AuthMech` or `1-AuthMech`.
pub(super) fn named(key: &str, table: &str) -> bool {
    key.split_once('-').map_or(key, |(_, name)| name).eq_ignore_ascii_case(table)
}

/// The id of an entry.
pub(super) fn id_of(entry: &Table) -> Option<&str> {
    entry.iter().find(|(key, _)| key.eq_ignore_ascii_case("ID")).and_then(|(_, item)| item.as_str())
}

/// The last byte of a table with what stands below it.
fn last(table: &Table) -> usize {
    let own = table.span().map_or(0, |span| span.end);
    let of = |item: &Item| match item {
        Item::Value(value) => value.span().map_or(0, |span| span.end),
        Item::Table(table) => last(table),
        Item::ArrayOfTables(tables) => tables.iter().map(last).max().unwrap_or(0),
        Item::None => 0,
    };
    table.iter().map(|(_, item)| of(item)).max().unwrap_or(0).max(own)
}
