//! Comments, keys and values in TOML, and the facts of a table as commented lines.

use dossier::Facts;
use serde_json::Value;

const WIDTH: usize = 115;

/// A text as comment lines of a TOML file, broken between words.
pub fn comment(text: &str) -> String {
    let mut lines = String::new();
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push_str(&line);
            lines.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    lines.push_str(&line);
    lines.push('\n');
    lines
}

/// A TOML basic string (TOML 1.0, String).
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A TOML key, quoted where it has to be.
pub(super) fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if bare { name.to_owned() } else { quoted(name) }
}

/// The facts that a table's entries may have, as commented lines; nothing for a table without facts.
pub(super) fn facts(table: &str) -> String {
    let Some(schema) = Facts::schema(table) else { return String::new() };
    let mut text = format!("#\n# Facts let a program act on the entry; all are optional.\n# [{table}.facts]\n");
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let about = property.get("description").and_then(Value::as_str).unwrap_or_default();
        text.push_str(&comment(&format!("{about}{}", words(property))));
        text.push_str(&format!("# {name} = {}\n", example(property)));
    }
    text
}

/// The words that a fact allows.
fn words(property: &Value) -> String {
    let list = property.get("enum").or_else(|| property.pointer("/items/enum"));
    let words: Vec<&str> =
        list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    if words.is_empty() { String::new() } else { format!(" One of {}.", words.join(", ")) }
}

fn example(property: &Value) -> String {
    let kind = property.get("type").and_then(Value::as_str).unwrap_or_default();
    let first = property.get("enum").and_then(|e| e.get(0)).and_then(Value::as_str);
    match (kind, first) {
        (_, Some(word)) => quoted(word),
        ("array", _) => "[]".to_owned(),
        ("boolean", _) => "false".to_owned(),
        ("integer", _) => "0".to_owned(),
        _ => "\"\"".to_owned(),
    }
}
