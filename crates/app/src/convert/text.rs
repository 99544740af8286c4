//! TOML as text: comments with the part they belong to, parts as files, words in prose.

use std::collections::BTreeMap;

use dossier::SourceText;
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Key, Table, Value};

use super::ConvertError;

/// The beginning of comment lines that a conversion writes as guidance; the next conversion leaves them out.
const GUIDE: &str = "#: ";

/// Reads a dossier file for rewriting.
pub(super) fn document(source: &SourceText) -> Result<DocumentMut, ConvertError> {
    source.text.parse().map_err(|error: toml_edit::TomlError| ConvertError::NotToml {
        path: source.path.clone(),
        source: Box::new(error),
    })
}

/// A table or an element of a list of tables, taken out of its file with the comments around its heading.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    /// Comments before an empty line: they belong to what stood before.
    pub(super) before: String,
    /// Comments right above the heading.
    pub(super) own: String,
    /// The table; its heading is written anew.
    pub(super) table: Table,
}

/// Every `[[name]]` of a document, or its one `[name]`.
pub(super) fn parts(document: &DocumentMut, name: &str) -> Vec<Part> {
    let Some((key, item)) = document.get_key_value(name) else { return Vec::new() };
    let tables: Vec<Table> = match item {
        Item::ArrayOfTables(list) => list.iter().cloned().collect(),
        Item::Table(table) => vec![table.clone()],
        Item::Value(Value::Array(list)) => {
            list.iter().filter_map(|v| v.as_inline_table()).map(|t| t.clone().into_table()).collect()
        }
        Item::Value(Value::InlineTable(table)) => vec![table.clone().into_table()],
        _ => Vec::new(),
    };
    let inline = item.is_value().then(|| raw(key.leaf_decor().prefix()));
    let lead = |table: &Table, first: bool| match (&inline, first) {
        (Some(lead), true) => lead.clone(),
        (Some(_), false) => String::new(),
        (None, _) => raw(table.decor().prefix()),
    };
    let part = |(index, mut table): (usize, Table)| {
        let (before, own) = split(&lead(&table, index == 0));
        unplace(&mut table);
        Part { before, own, table }
    };
    tables.into_iter().enumerate().map(part).collect()
}

/// The comments at the end of a document, after its last value.
pub(super) fn trailing(document: &DocumentMut) -> String {
    without_guides(document.trailing().as_str().unwrap_or_default())
}

/// A comment of a key, whatever surrounds it, as comment lines.
pub(super) fn comments_of(key: &Key, item: &Item) -> String {
    let mut lines = without_guides(&raw(key.leaf_decor().prefix()));
    let suffix = item.as_value().map(|v| raw(v.decor().suffix())).unwrap_or_default();
    if let Some(comment) = Some(suffix.trim()).filter(|s| s.starts_with('#') && !s.starts_with(GUIDE.trim())) {
        lines.push_str(comment);
        lines.push('\n');
    }
    lines.lines().filter(|l| !l.trim().is_empty()).map(|l| format!("{}\n", l.trim())).collect()
}

fn raw(text: Option<&toml_edit::RawString>) -> String {
    text.and_then(|r| r.as_str()).unwrap_or_default().to_owned()
}

/// What stands above a heading: comments of what came before, and the ones right above.
fn split(lead: &str) -> (String, String) {
    let lead = without_guides(lead);
    let lines: Vec<&str> = lead.lines().collect();
    let Some(gap) = lines.iter().rposition(|l| l.trim().is_empty()) else {
        return (String::new(), joined(&lines));
    };
    (joined(&lines[..gap]), joined(&lines[gap + 1..]))
}

fn joined(lines: &[&str]) -> String {
    let text: String = lines.iter().map(|l| format!("{}\n", l.trim_end())).collect();
    if text.trim().is_empty() { String::new() } else { text.trim_end().to_owned() + "\n" }
}

/// Comments without the guidance that an earlier conversion wrote.
pub(super) fn without_guides(text: &str) -> String {
    text.lines().filter(|l| !l.trim_start().starts_with(GUIDE.trim())).map(|l| format!("{l}\n")).collect()
}

/// A sentence as guidance: comment lines that the next conversion leaves out.
pub(super) fn guide(text: &str) -> String {
    engine::comment(text).lines().map(|l| format!("{GUIDE}{}\n", l.trim_start_matches('#').trim_start())).collect()
}

/// A sentence as a comment that stays.
pub(super) fn kept(text: &str) -> String {
    engine::comment(text)
}

/// Forgets where tables stood in their old file, so that they are written in the order they are given.
fn unplace(table: &mut Table) {
    table.set_position(None);
    for (_, item) in table.iter_mut() {
        if let Item::Table(inner) = item {
            unplace(inner);
        }
    }
}

/// Writes a part under a heading: `[[name]]`, or `[name]` for a table that is one set of statements.
pub(super) fn written(name: &str, repeating: bool, part: &Part) -> String {
    let mut table = part.table.clone();
    unplace(&mut table);
    table.decor_mut().set_prefix("");
    table.set_implicit(false);
    let mut document = DocumentMut::new();
    if repeating {
        let mut list = ArrayOfTables::new();
        list.push(table);
        document.insert(name, Item::ArrayOfTables(list));
    } else {
        document.insert(name, Item::Table(table));
    }
    format!("{}{}", part.own, document)
}

/// Replaces a text and keeps the space and comments around it.
pub(super) fn set(value: &mut Value, text: impl Into<String>) {
    if value.as_str().is_some() {
        let decor = value.decor().clone();
        *value = Value::from(text.into());
        *value.decor_mut() = decor;
    }
}

/// Replaces a text under a key, or adds it.
pub(super) fn put(table: &mut Table, key: &str, text: &str) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(value) => set(value, text),
        None => {
            table.insert(key, toml_edit::value(text));
        }
    }
}

/// A list of texts in one line.
pub(super) fn list<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> Item {
    let mut array = Array::new();
    items.into_iter().for_each(|i| array.push(i.as_ref()));
    toml_edit::value(array)
}

/// The text under a key.
pub(super) fn text<'a>(table: &'a Table, key: &str) -> Option<&'a str> {
    table.get(key).and_then(Item::as_str)
}

/// A value in one line for a comment: a text without its quotes, anything else as written.
pub(super) fn spoken(item: &Item) -> String {
    match item {
        Item::Value(value) => match value.as_str() {
            Some(text) => text.to_owned(),
            None => value.clone().decorated("", "").to_string().split_whitespace().collect::<Vec<_>>().join(" "),
        },
        Item::Table(table) => {
            let pairs = table.iter().map(|(key, item)| format!("{key} = {}", quoted(item)));
            pairs.collect::<Vec<_>>().join("; ")
        }
        _ => String::new(),
    }
}

fn quoted(item: &Item) -> String {
    item.as_value().map_or_else(String::new, |v| {
        v.clone().decorated("", "").to_string().split_whitespace().collect::<Vec<_>>().join(" ")
    })
}

/// Puts new names of entries into every text of a table, as whole words.
pub(super) fn rename_words(table: &mut Table, names: &BTreeMap<String, String>) {
    for (_, item) in table.iter_mut() {
        match item {
            Item::Value(value) => rename_value(value, names),
            Item::Table(inner) => rename_words(inner, names),
            Item::ArrayOfTables(list) => list.iter_mut().for_each(|t| rename_words(t, names)),
            Item::None => {}
        }
    }
}

fn rename_value(value: &mut Value, names: &BTreeMap<String, String>) {
    match value {
        Value::String(text) => {
            let new = renamed(text.value(), names);
            if new != *text.value() {
                set(value, new);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|v| rename_value(v, names)),
        Value::InlineTable(table) => table.iter_mut().for_each(|(_, v)| rename_value(v, names)),
        _ => {}
    }
}

/// A text with new names of entries as whole words; `Intf-Web` in `LogIntf-Web` is no word.
pub(super) fn renamed(text: &str, names: &BTreeMap<String, String>) -> String {
    let part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let word = rest.find(|c| !part(c)).unwrap_or(rest.len());
        let (head, tail) = rest.split_at(word);
        out.push_str(names.get(head).map_or(head, String::as_str));
        let gap = tail.find(part).unwrap_or(tail.len());
        let (space, next) = tail.split_at(gap);
        out.push_str(space);
        rest = next;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_replaced_as_whole_words_alone() {
        let names = BTreeMap::from([("Intf-Web".to_owned(), "LogIntf-Web".to_owned())]);
        assert_eq!(renamed("over Intf-Web, (Intf-Web).", &names), "over LogIntf-Web, (LogIntf-Web).");
        assert_eq!(renamed("LogIntf-Web Intf-Web2 Intf", &names), "LogIntf-Web Intf-Web2 Intf");
        assert_eq!(renamed("é Intf-Web ü", &names), "é LogIntf-Web ü");
    }

    #[test]
    fn a_comment_above_an_empty_line_belongs_to_what_stood_before() {
        let text = "# head of the file\n\n# of one\n[[x]]\na = 1 # said\n# about nothing\n\n# of two\n[[x]]\na = 2\n# end\n";
        let document: DocumentMut = text.parse().unwrap();
        let parts = parts(&document, "x");
        assert_eq!(parts[0].before, "# head of the file\n");
        assert_eq!(parts[0].own, "# of one\n");
        assert_eq!(parts[1].before, "# about nothing\n");
        assert_eq!(written("y", true, &parts[1]), "# of two\n[[y]]\na = 2\n");
        assert_eq!(written("y", true, &parts[0]), "# of one\n[[y]]\na = 1 # said\n");
        assert_eq!(trailing(&document), "# end\n");
    }

    #[test]
    fn guidance_of_one_conversion_is_left_out_by_the_next() {
        let text = format!("{}[[x]]\n", guide("what the other edition asks"));
        let document: DocumentMut = text.parse().unwrap();
        assert_eq!(parts(&document, "x")[0].own, "");
    }
}
