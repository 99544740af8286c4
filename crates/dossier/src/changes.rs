//! What is declared otherwise in one state of a dossier than in another: value by value, wherever it stands.
//!
//! It compares values, not texts: order, remarks and the file that a table stands in are no change. `bench.toml` is left
//! out, for it is no part of what is declared.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use crate::source::SourceText;

/// One value that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredChange {
    /// The file it stands in now, or stood in.
    pub file: String,
    /// The table: `LogIntf`, `provision`, `policy`; empty for what stands in none.
    pub table: String,
    /// The entry of the table, by its `ID` or whatever tells it from its neighbours; empty where there is but one.
    pub entry: String,
    /// The field; `facts.port` for a fact. Empty when the file as a whole cannot be compared.
    pub field: String,
    /// The value before; none when it was not declared.
    pub old: Option<String>,
    /// The value now; none when it is not declared any more.
    pub new: Option<String>,
}

/// Every value that differs between two states, in the order of table, entry and field.
pub fn declared_changes(old: &[SourceText], new: &[SourceText]) -> Vec<DeclaredChange> {
    let (mut before, now) = (values(old), values(new));
    let mut changes = Vec::new();
    let mut change = |(table, entry, field): Key, file: String, old: Option<String>, new: Option<String>| {
        if old != new {
            changes.push(DeclaredChange { file, table, entry, field, old, new });
        }
    };
    for (key, (file, value)) in now {
        let old = before.remove(&key).map(|(_, value)| value);
        change(key, file, old, Some(value));
    }
    for (key, (file, value)) in before {
        change(key, file, Some(value), None);
    }
    changes.sort_by(|a, b| (&a.table, &a.entry, &a.field).cmp(&(&b.table, &b.entry, &b.field)));
    changes
}

/// Table, entry, field.
type Key = (String, String, String);
type Values = BTreeMap<Key, (String, String)>;

/// Keys that tell an entry from its neighbours, the first that it has.
const NAMES: [&str; 8] = ["ID", "id", "version", "provision", "for", "method", "role", "name"];

fn values(sources: &[SourceText]) -> Values {
    let mut values = Values::new();
    for source in sources.iter().filter(|source| source.path != "bench.toml") {
        match DeTable::parse(&source.text) {
            Ok(document) => file(&source.path, document.get_ref(), &mut values),
            Err(_) => {
                // Compared as a whole, so that no change in it goes unnoticed.
                let key = (source.path.clone(), String::new(), String::new());
                values.insert(key, (source.path.clone(), format!("no TOML: {}", source.text.trim())));
            }
        }
    }
    values
}

fn file(path: &str, document: &DeTable<'_>, values: &mut Values) {
    for (key, item) in document {
        let table = key.get_ref().to_string();
        match item.get_ref() {
            DeValue::Table(content) => entry(path, &table, "", content, values),
            DeValue::Array(list) if list.iter().any(|one| one.get_ref().is_table()) => {
                let mut met: BTreeMap<String, usize> = BTreeMap::new();
                for content in list.iter().filter_map(|one| one.get_ref().as_table()) {
                    let name = name(content);
                    let times = met.entry(name.clone()).or_default();
                    *times += 1;
                    let name = if *times > 1 { format!("{name} #{times}") } else { name };
                    entry(path, &table, &name, content, values);
                }
            }
            other => {
                let key = (String::new(), String::new(), table);
                values.insert(key, (path.to_owned(), text(other)));
            }
        }
    }
}

fn name(content: &DeTable<'_>) -> String {
    let named = NAMES.iter().find_map(|wanted| {
        let (_, value) = content.iter().find(|(key, _)| key.get_ref() == wanted)?;
        value.get_ref().as_str().map(str::to_owned)
    });
    named.unwrap_or_else(|| "unnamed".to_owned())
}

fn entry(path: &str, table: &str, entry: &str, content: &DeTable<'_>, values: &mut Values) {
    fields("", content, &mut |field, value| {
        values.insert((table.to_owned(), entry.to_owned(), field), (path.to_owned(), value));
    });
}

fn fields(prefix: &str, content: &DeTable<'_>, each: &mut dyn FnMut(String, String)) {
    for (key, item) in content {
        let field = format!("{prefix}{}", key.get_ref());
        match item.get_ref() {
            DeValue::Table(content) => fields(&format!("{field}."), content, each),
            other => each(field, text(other)),
        }
    }
}

fn text(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(list) => list.iter().map(|one| text(one.get_ref())).collect::<Vec<_>>().join(", "),
        DeValue::Table(content) => {
            let mut all = Vec::new();
            fields("", content, &mut |field, value| all.push(format!("{field} = {value}")));
            all.join("; ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> SourceText {
        SourceText { path: path.into(), text: text.into() }
    }

    fn changes(old: &str, new: &str) -> Vec<String> {
        let one = |change: DeclaredChange| {
            let of = |value: Option<String>| value.unwrap_or_else(|| "–".into());
            format!("{}/{}/{}: {} → {}", change.table, change.entry, change.field, of(change.old), of(change.new))
        };
        declared_changes(&[source("a.toml", old)], &[source("a.toml", new)]).into_iter().map(one).collect()
    }

    #[test]
    fn a_changed_fact_a_new_entry_and_one_that_is_gone_are_told_by_name() {
        let old =
            "[[LogIntf]]\nID = \"A\"\n[LogIntf.facts]\nport = 80\n[[LogIntf]]\nID = \"B\"\n[policy]\nx = [1, 2]\n";
        let new = "[policy]\nx = [1, 3]\n[[LogIntf]]\nID = \"C\"\n[[LogIntf]]\nID = \"A\"\nfacts.port = 81\n";
        assert_eq!(
            changes(old, new),
            [
                "LogIntf/A/facts.port: 80 → 81",
                "LogIntf/B/ID: B → –",
                "LogIntf/C/ID: – → C",
                "policy//x: 1, 2 → 1, 3"
            ]
        );
    }

    #[test]
    fn order_remarks_and_the_file_are_no_change_and_the_bench_is_no_declaration() {
        let (one, two) = ("[[A]]\nID = \"1\"\n", "[[B]]\nID = \"2\"\n");
        let old = [source("a.toml", one), source("b.toml", two), source("bench.toml", "a = 1")];
        let new = [source("c.toml", &format!("# a remark\n{two}{one}")), source("bench.toml", "a = 2")];
        assert!(declared_changes(&old, &new).is_empty());
    }

    #[test]
    fn entries_of_one_name_and_a_file_that_does_not_read_are_still_compared() {
        let twice = "[[person]]\nrole = \"r\"\ncontact = \"a\"\n[[person]]\nrole = \"r\"\ncontact = \"b\"\n";
        assert_eq!(changes(twice, &twice.replace("\"b\"", "\"c\"")), ["person/r #2/contact: b → c"]);
        assert_eq!(changes("x = ", "x = "), Vec::<String>::new());
        assert_eq!(changes("x = ", "x = 1").len(), 2);
    }
}
