//! Every text value of a dossier with its place, whatever it means. What the texts should say is not its business.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::source::{Located, Span};

/// One text value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextValue {
    /// Keys that lead to it, the outermost first; places in lists are left out.
    pub keys: Vec<String>,
    /// The text.
    pub text: Located<String>,
}

impl TextValue {
    /// The key it is the value of.
    pub fn key(&self) -> &str {
        self.keys.last().map_or("", String::as_str)
    }
}

/// Every text value of a file, in the order written.
pub(crate) fn of(file: u16, document: &DeTable<'_>) -> Vec<TextValue> {
    let mut found = Vec::new();
    table(file, document, &mut Vec::new(), &mut found);
    found.sort_by_key(|t| t.text.span);
    found
}

fn table(file: u16, content: &DeTable<'_>, keys: &mut Vec<String>, found: &mut Vec<TextValue>) {
    for (key, item) in content {
        keys.push(key.get_ref().to_string());
        value(file, item, keys, found);
        keys.pop();
    }
}

fn value(file: u16, item: &Spanned<DeValue<'_>>, keys: &mut Vec<String>, found: &mut Vec<TextValue>) {
    match item.get_ref() {
        DeValue::String(text) => found.push(TextValue {
            keys: keys.clone(),
            text: Located { value: text.to_string(), span: Span::new(file, item.span()) },
        }),
        DeValue::Array(list) => list.iter().for_each(|one| value(file, one, keys, found)),
        DeValue::Table(content) => table(file, content, keys, found),
        _ => {}
    }
}
