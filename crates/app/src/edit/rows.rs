//! What the forms of `assay.toml` share: fields as the dossier declares its keys, and rows told apart by what they say.

use dossier::schema;
use serde_json::Value;
use toml_edit::Item;

use super::form::{Asked, Group, Kind, words};
use super::source::{Anchor, Found, Source};
use super::splice::Order;
use super::{EditError, Opened};

pub(super) const FILE: &str = "assay.toml";
/// Why a row has no fields.
const NOT_ALONE: &str = "Nothing of its own tells this row from another, so it is changed as text.";
/// Keys whose texts may be long.
const LONG: [&str; 4] = ["description", "intended-use", "notes", "purpose"];

/// The fields of a table or of a row, one for each key that the dossier declares, in that order.
pub(super) fn declared(table: &str, keys: &[&str]) -> Vec<Asked> {
    let schema = schema::assay(&[]);
    let inside = [format!("/properties/{table}/properties"), format!("/properties/{table}/items/properties")];
    let all = inside.iter().find_map(|inside| schema.pointer(inside));
    keys.iter().filter_map(|key| Some(asked(key, all?.get(key)?))).collect()
}

fn asked(key: &str, schema: &Value) -> Asked {
    let about = |name: &str| schema.get(name).and_then(Value::as_str).unwrap_or_default();
    let number = |name: &str, usual: i64| schema.get(name).map_or(usual, |n| n.as_i64().unwrap_or(usual));
    let kind = match (about("type"), schema.get("enum").and_then(Value::as_array)) {
        (_, Some(all)) => {
            let all: Vec<(&str, &str)> = all.iter().filter_map(Value::as_str).map(|word| (word, word)).collect();
            Kind::Choice(words("not said", &all))
        }
        ("boolean", _) => Kind::Whether(words("not said", &[("true", "yes"), ("false", "no")])),
        ("integer", _) => Kind::Number(number("minimum", i64::MIN), number("maximum", i64::MAX)),
        ("array", _) => Kind::Lines,
        _ if key == "date" => Kind::Day,
        _ if LONG.contains(&key) => Kind::Prose,
        _ => Kind::Line,
    };
    let mut label = key.replace('-', " ");
    if let Some(first) = label.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let mut help = about("description").to_owned();
    if help.trim_end_matches('.') == label {
        help.clear();
    }
    if kind == Kind::Lines {
        help.push_str(" One a line.");
    }
    Asked::new(key, &label, help, kind)
}

/// A row, and by what it is found again: nothing where nothing of its own tells it from the others.
pub(super) struct Row<'d> {
    pub(super) found: Found<'d>,
    pub(super) anchor: Option<Anchor>,
}

impl Row<'_> {
    /// What a key of it says.
    pub(super) fn says(&self, key: &str) -> &str {
        self.found.table.get(key).and_then(Item::as_str).unwrap_or_default()
    }
}

impl Opened {
    /// The rows of a list. Each is named by the first of these keys whose value no other row has.
    pub(super) fn rows(&self, list: &'static str, keys: &[&'static str]) -> Result<Vec<Row<'_>>, EditError> {
        let Some((_, source)) = self.source(FILE)? else { return Ok(Vec::new()) };
        let all = source.rows(list)?;
        let anchor = |row: &Found<'_>| keys.iter().find_map(|key| alone(list, key, row, &all, keys));
        Ok(all.iter().map(|row| Row { found: *row, anchor: anchor(row) }).collect())
    }

    /// The fields of a row; they are locked where the row cannot be found again.
    pub(super) fn row_of(&self, list: &'static str, row: &Row<'_>, asked: Vec<Asked>) -> Result<Group, EditError> {
        let nameless = || Anchor::Row { list, key: "", id: String::new() };
        let (anchor, asked) = match &row.anchor {
            Some(anchor) => (anchor.clone(), asked),
            None => (nameless(), asked.into_iter().map(|one| one.locked(NOT_ALONE)).collect()),
        };
        self.group_of(FILE, &anchor, Some(row.found), asked)
    }

    /// Where new keys and rows of `assay.toml` stand.
    pub(super) fn assay_order(&self, first: &[&'static str], keys: &[&'static str]) -> Order {
        let catalogue = self.catalogue();
        let places = catalogue.clauses.iter().flat_map(|clause| {
            let inside = catalogue.provisions.iter().filter(|provision| provision.clause == clause.id);
            std::iter::once(clause.id.clone()).chain(inside.map(|provision| provision.id.to_string()))
        });
        Order {
            keys: first.iter().chain(keys).map(|key| (*key).to_owned()).collect(),
            rows: places.collect(),
            skeleton: self.skeleton(FILE),
            behind: &["policy"],
        }
    }
}

fn alone(
    list: &'static str,
    key: &'static str,
    row: &Found<'_>,
    all: &[Found<'_>],
    keys: &[&'static str],
) -> Option<Anchor> {
    let id = row.table.get(key).and_then(Item::as_str)?;
    let says = |other: &&Found<'_>, key: &str| other.table.get(key).and_then(Item::as_str) == Some(id);
    // A value of another key would give two fields one name.
    let is_alone = all.iter().filter(|other| keys.iter().any(|key| says(other, key))).count() == 1;
    (is_alone && !id.contains(char::is_control)).then(|| Anchor::Row { list, key, id: id.to_owned() })
}

/// The text of `assay.toml`, or of the one that a new dossier has.
pub(super) fn text(opened: &Opened) -> Result<(String, Source), EditError> {
    let before = opened.source(FILE)?.map(|(_, source)| source.text.clone()).unwrap_or_default();
    let start = if before.is_empty() { opened.skeleton(FILE) } else { before.clone() };
    Ok((before, Source::read(FILE, &start)?))
}
