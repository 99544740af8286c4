//! IXIT tables as declared: prose fields under the standard's names, and typed facts beside them.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::decode::{Decode, Item, Reader};
use crate::facts::Facts;
use crate::note::{Note, Severity};
use crate::source::{Located, Span};

/// The value of a prose field.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldValue {
    /// Text.
    Text(String),
    /// Ids of other entries, or a list of texts.
    List(Vec<Located<String>>),
}

impl FieldValue {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        match self {
            FieldValue::Text(text) => text.trim().is_empty(),
            FieldValue::List(list) => list.is_empty(),
        }
    }

    /// The value without places.
    pub fn written(&self) -> serde_json::Value {
        match self {
            FieldValue::Text(text) => text.as_str().into(),
            FieldValue::List(list) => list.iter().map(|l| l.value.as_str()).collect(),
        }
    }

    /// The text, or the list joined with commas.
    pub fn text(&self) -> String {
        match self {
            FieldValue::Text(text) => text.clone(),
            FieldValue::List(list) => list.iter().map(|l| l.value.as_str()).collect::<Vec<_>>().join(", "),
        }
    }
}

/// One entry of an IXIT table; for a table that does not repeat, its one set of statements.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Table name without its number: `AuthMech`.
    pub table: String,
    /// The entry's id; the table's name for a table that does not repeat.
    pub id: Located<String>,
    /// Prose fields in the order written: name as written, value. `ID` is among them.
    pub fields: Vec<(Located<String>, Located<FieldValue>)>,
    /// Typed facts.
    pub facts: Facts,
    /// The entry's heading.
    pub span: Span,
}

impl Entry {
    /// The prose field of this name, whatever the case of letters.
    pub fn field(&self, name: &str) -> Option<&Located<FieldValue>> {
        self.fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Everything the entry says, prose fields under their names in lower case and facts as `facts.…`, as it was written
    /// and without places: what two states of an entry are compared by.
    pub fn written(&self) -> std::collections::BTreeMap<String, serde_json::Value> {
        let fields = self.fields.iter().map(|(key, value)| (key.value.to_lowercase(), value.value.written()));
        let facts = self.facts.written().into_iter().map(|(key, value)| (format!("facts.{key}"), value));
        fields.chain(facts).collect()
    }

    /// The typed facts, if they are of this kind.
    pub fn facts<'a, T>(&'a self) -> Option<&'a T>
    where
        &'a T: TryFrom<&'a Facts>,
    {
        <&T>::try_from(&self.facts).ok()
    }
}

/// One IXIT table as declared, possibly over several files.
#[derive(Debug, Clone, PartialEq)]
pub struct IxitTable {
    /// Name without its number: `AuthMech`.
    pub name: String,
    /// Where it is first named.
    pub span: Span,
    /// Whether it was written as a list of entries.
    pub repeating: bool,
    /// Its entries in order.
    pub entries: Vec<Entry>,
}

/// Reads every table of an IXIT file into `tables`.
pub(crate) fn read(document: &DeTable<'_>, reader: &mut Reader<'_>, tables: &mut Vec<IxitTable>) {
    for (key, item) in document {
        let name = key.get_ref().split_once('-').map_or(key.get_ref().as_ref(), |(_, name)| name).to_owned();
        let span = reader.span(key);
        let mut entries = Vec::new();
        let repeating = item.get_ref().is_array();
        if let Some(list) = item.get_ref().as_array() {
            for one in list.iter() {
                entries.extend(entry(&name, one, None, reader));
            }
        } else if item.get_ref().is_table() {
            entries.extend(entry(&name, item, Some(span), reader));
        } else {
            reader.wrong_type(item, "an IXIT table: `[[AuthMech]]` or `[UserInfo]`");
            continue;
        }
        match tables.iter_mut().find(|t| t.name.eq_ignore_ascii_case(&name)) {
            Some(table) => table.entries.extend(entries),
            None => tables.push(IxitTable { name, span, repeating, entries }),
        }
    }
}

fn entry(table: &str, item: &Item<'_>, single: Option<Span>, reader: &mut Reader<'_>) -> Option<Entry> {
    let Some(content) = item.get_ref().as_table() else {
        reader.wrong_type(item, "an entry: a table of fields");
        return None;
    };
    let span = single.unwrap_or_else(|| reader.span(item));
    let mut fields = Vec::new();
    let mut facts = Facts::None;
    for (key, value) in content {
        let name = Located { value: key.get_ref().to_string(), span: reader.span(key) };
        if name.value == "facts" {
            facts = Facts::read(table, value, reader).unwrap_or(Facts::None);
        } else if let Some(value) = field(value, reader) {
            fields.push((name, value));
        }
    }
    let written = fields.iter().find(|(key, _)| key.eq_ignore_ascii_case("ID")).map(|(_, value)| value);
    let id = match written {
        Some(Located { value: FieldValue::Text(id), span }) => Located { value: id.clone(), span: *span },
        _ if single.is_some() => Located { value: table.to_owned(), span },
        _ => {
            reader.notes.push(
                Note::new(
                    "entry-without-id",
                    Severity::Error,
                    "an IXIT entry has an `ID`",
                    span,
                    "this one has none",
                )
                .hint(format!("add `ID = \"{table}-…\"`"))
                .consequence("nothing can refer to the entry, and no unit can be judged for it"),
            );
            return None;
        }
    };
    Some(Entry { table: table.to_owned(), id, fields, facts, span })
}

fn field(item: &Spanned<DeValue<'_>>, reader: &mut Reader<'_>) -> Option<Located<FieldValue>> {
    let span = reader.span(item);
    let value = match item.get_ref() {
        DeValue::String(text) => FieldValue::Text(text.to_string()),
        DeValue::Array(_) => FieldValue::List(Vec::<Located<String>>::decode(item, reader)?),
        DeValue::Boolean(yes) => FieldValue::Text(if *yes { "Yes" } else { "No" }.to_owned()),
        _ => {
            reader.wrong_type(item, "a text or a list of ids");
            return None;
        }
    };
    Some(Located { value, span })
}
