//! Single changes of a dossier file as text: whatever is not changed keeps its bytes, line ends, comments and order included.
//!
//! After each change the file is read again and held against what it said before; a change that would say anything else than
//! it should is refused.

use std::collections::BTreeMap;
use std::ops::Range;

use toml_edit::{Item, Table, Value};

use super::EditError;
use super::lines::line_end;
use super::source::{Anchor, Found, Source, named};
use super::{list, write};

/// What a key is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    Nothing,
    Text(String),
    List(Vec<String>),
    Bool(bool),
    Number(i64),
}

/// What becomes of the comments right above a table that is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comments {
    Go,
    Stay,
}

/// Where new keys and rows stand.
#[derive(Debug, Clone, Default)]
pub(super) struct Order {
    /// The keys of a table.
    pub(super) keys: Vec<String>,
    /// The names of its rows.
    pub(super) rows: Vec<String>,
    /// The file as a new dossier has it: a commented line of it is filled in where it stands.
    pub(super) skeleton: String,
    /// Tables that stand at the end of the file, and not before every other.
    pub(super) behind: &'static [&'static str],
}

/// Sets a key of a table that is there.
pub(super) fn set(
    source: &Source,
    at: &Anchor,
    key: &str,
    said: &Said,
    order: &Order,
) -> Result<String, EditError> {
    let found = source.find(at)?.ok_or_else(|| EditError::Gone(at.to_string()))?;
    let text = source.text.as_str();
    let written = source.written(found.table, key);
    let after = match written.and_then(|written| found.table.get(written)) {
        Some(Item::Value(value)) => {
            let span = value.span().ok_or_else(|| shape(source, at))?;
            match said {
                Said::Nothing => {
                    let pair = source.pair(found.table, written.unwrap_or(key)).unwrap_or(span);
                    let (start, end) = (source.line_start(pair.start), source.line_end(pair.end));
                    if !text[start..pair.start].trim().is_empty() {
                        return Err(shape(source, at));
                    }
                    joined(text, start..end, "")
                }
                said => {
                    let new = over(text, value, &text[span.clone()], said).ok_or_else(|| shape(source, at))?;
                    joined(text, span, &new)
                }
            }
        }
        Some(_) => return Err(shape(source, at)),
        None if *said == Said::Nothing => return Ok(text.to_owned()),
        None => {
            let end = line_end(text);
            let (place, until) = new_line(source, found, key, order);
            let before = if place > 0 && !text[..place].ends_with('\n') { end } else { "" };
            let line = format!("{before}{} = {}{end}", write::key(key), fresh(said, end));
            joined(text, place..until, &line)
        }
    };
    checked(source, at, &after, key, said)
}

fn shape(source: &Source, at: &Anchor) -> EditError {
    EditError::Shape { path: source.path.clone(), what: at.to_string() }
}

fn joined(text: &str, range: Range<usize>, new: &str) -> String {
    format!("{}{new}{}", &text[..range.start], &text[range.end..])
}

fn over(whole: &str, value: &Value, former: &str, said: &Said) -> Option<String> {
    Some(match (said, value) {
        (Said::Text(text), _) => write::text(text, former, line_end(whole)),
        (Said::List(items), Value::Array(array)) => list::changed(whole, array, items)?,
        (said, _) => fresh(said, line_end(whole)),
    })
}

fn fresh(said: &Said, end: &str) -> String {
    match said {
        Said::Nothing => String::new(),
        Said::Text(text) => write::text(text, "", end),
        Said::List(items) => write::list(items, end),
        Said::Bool(value) => value.to_string(),
        Said::Number(number) => number.to_string(),
    }
}

/// Where the line of a new key goes: a commented line of the skeleton that it takes the place of, or between its neighbours.
fn new_line(source: &Source, found: Found<'_>, key: &str, order: &Order) -> (usize, usize) {
    let heading = source.heading(found);
    let body = source.line_end(heading.end)..own_end(source, found);
    let sign = format!("# {} = ", write::key(key));
    let mut at = body.start;
    while at < body.end {
        let end = source.line_end(at);
        let line = source.text[at..end].trim_end();
        if line.starts_with(&sign) && order.skeleton.lines().any(|known| known == line) {
            return (at, end);
        }
        at = end;
    }
    let rank = |key: &str| order.keys.iter().position(|known| known.eq_ignore_ascii_case(key));
    let own = rank(key).unwrap_or(usize::MAX);
    let pairs = found.table.iter().filter_map(|(key, _)| Some((rank(key), source.pair(found.table, key)?)));
    let before = pairs.filter(|(rank, _)| rank.is_none_or(|rank| rank < own)).map(|(_, pair)| pair.end).max();
    let place = before.map_or(body.start, |end| source.line_end(end));
    (place, place)
}

/// The end of what stands in a table before the tables below it.
fn own_end(source: &Source, found: Found<'_>) -> usize {
    let below = found.table.iter().filter_map(|(_, item)| item.as_table()).filter(|table| !table.is_dotted());
    let first = below
        .filter_map(Table::span)
        .filter(|span| !span.is_empty())
        .map(|span| source.line_start(span.start))
        .min();
    first.unwrap_or(usize::MAX).min(source.extent(found).end)
}

/// The file with a table that an anchor finds; unchanged where there is one.
pub(super) fn ensure(
    source: &Source,
    at: &Anchor,
    first: &[(&str, Said)],
    order: &Order,
) -> Result<String, EditError> {
    if source.find(at)?.is_some() {
        return Ok(source.text.clone());
    }
    let (text, end) = (source.text.as_str(), line_end(&source.text));
    if let Some(after) = filled_in(source, at, order)? {
        return Ok(after);
    }
    let (heading, place) = match at {
        Anchor::One(name) if order.behind.contains(name) => (format!("[{name}]"), text.len()),
        Anchor::One(name) => (format!("[{name}]"), first_heading(source)),
        Anchor::Row { list, key, id } => (format!("[[{list}]]"), row_place(source, list, key, id, order)),
        Anchor::Entry { table, id } if table == id => (format!("[{table}]"), text.len()),
        Anchor::Entry { table, .. } => {
            let name = source.document.iter().map(|(key, _)| key).find(|key| named(key, table)).unwrap_or(table);
            (format!("[[{}]]", write::key(name)), last_entry(source, table))
        }
    };
    let lines: String =
        first.iter().map(|(key, said)| format!("{} = {}{end}", write::key(key), fresh(said, end))).collect();
    let before = &text[..place];
    let gap = match before {
        "" => "".to_owned(),
        before if before.ends_with('\n') => end.to_owned(),
        _ => end.repeat(2),
    };
    let behind = if matches!(at, Anchor::One(_)) && place < text.len() { end } else { "" };
    let gap = if matches!(at, Anchor::One(_)) && before.ends_with(&end.repeat(2)) { String::new() } else { gap };
    let after = format!("{before}{gap}{heading}{end}{lines}{behind}{}", &text[place..]);
    if is_new_alone(source, at, &after)? { Ok(after) } else { Err(shape(source, at)) }
}

/// Whether a text has one table more, and says the same otherwise.
fn is_new_alone(source: &Source, at: &Anchor, after: &str) -> Result<bool, EditError> {
    let read = Source::read(&source.path, after)?;
    let Some(new) = read.find(at)? else { return Ok(false) };
    let rest = plain(read.document.as_table(), Some((new.table, None)));
    Ok(rest == plain(source.document.as_table(), None))
}

/// The file with the heading of a table where the skeleton has it as a comment, if it still stands there.
fn filled_in(source: &Source, at: &Anchor, order: &Order) -> Result<Option<String>, EditError> {
    let Anchor::One(name) = at else { return Ok(None) };
    let Some(line) = commented(source, &format!("# [{name}]"), order) else { return Ok(None) };
    let after = joined(&source.text, line.start..line.start + 2, "");
    Ok(is_new_alone(source, at, &after)?.then_some(after))
}

/// The line of a heading that the skeleton has as a comment, and the file too.
fn commented(source: &Source, heading: &str, order: &Order) -> Option<Range<usize>> {
    if !order.skeleton.lines().any(|line| line == heading) {
        return None;
    }
    let mut at = 0;
    while at < source.text.len() {
        let end = source.line_end(at);
        if source.text[at..end].trim_end() == heading {
            return Some(at..end);
        }
        at = end;
    }
    None
}

/// Behind the commented example of a row that the skeleton has; at the end of the file where that is gone, or where keys
/// would come into another table.
fn first_row(source: &Source, list: &str, order: &Order) -> usize {
    let text = source.text.as_str();
    let Some(line) = commented(source, &format!("# [[{list}]]"), order) else { return text.len() };
    let mut end = line.end;
    while text[end..].starts_with('#') {
        end = source.line_end(end);
    }
    let next = text[end..].lines().map(str::trim_start).find(|line| !line.is_empty() && !line.starts_with('#'));
    if next.is_none_or(|line| line.starts_with('[')) { end } else { text.len() }
}

fn first_heading(source: &Source) -> usize {
    let spans = source.document.iter().filter_map(|(_, item)| match item {
        Item::Table(table) => table.span(),
        Item::ArrayOfTables(rows) => rows.iter().next().and_then(Table::span),
        _ => None,
    });
    spans
        .filter(|span| !span.is_empty())
        .map(|span| source.own_start(span.start))
        .min()
        .unwrap_or(source.text.len())
}

/// Behind the last row that comes before this one in the order of the standard; before every other where there is none.
fn row_place(source: &Source, list: &str, key: &str, id: &str, order: &Order) -> usize {
    let rank = |id: &str| order.rows.iter().position(|known| known == id);
    let own = rank(id).unwrap_or(usize::MAX);
    let rows = source.document.get(list).and_then(Item::as_array_of_tables);
    let rows = || rows.into_iter().flat_map(|rows| rows.iter());
    let extent = |table| source.extent(Found { table, heading: "" });
    let before =
        rows().filter(|row| row.get(key).and_then(Item::as_str).and_then(rank).is_none_or(|rank| rank < own));
    let before = before.map(|row| extent(row).end).max();
    let first = rows().map(|row| extent(row).start).min();
    match (before, first) {
        (Some(end), _) => end,
        // An empty line stands before each row.
        (None, Some(start)) if source.text[..start].ends_with("\n\n") => start - 1,
        (None, Some(start)) if source.text[..start].ends_with("\r\n\r\n") => start - 2,
        (None, Some(start)) => start,
        (None, None) => first_row(source, list, order),
    }
}

fn last_entry(source: &Source, table: &str) -> usize {
    let lists =
        source.document.iter().filter(|(key, _)| named(key, table)).filter_map(|(_, i)| i.as_array_of_tables());
    let extents =
        lists.flat_map(|rows| rows.iter()).map(|row| source.extent(Found { table: row, heading: "" }).end);
    extents.max().unwrap_or(source.text.len())
}

/// The file without a table and the empty line before it.
pub(super) fn remove(source: &Source, at: &Anchor, comments: Comments) -> Result<String, EditError> {
    let found = source.find(at)?.ok_or_else(|| EditError::Gone(at.to_string()))?;
    let (text, mut extent) = (source.text.as_str(), source.extent(found));
    if comments == Comments::Stay {
        extent.start = source.line_start(source.heading(found).start);
    }
    let above = source.line_start(extent.start.saturating_sub(1));
    if extent.start > 0 && text[above..extent.start].trim().is_empty() {
        extent.start = above;
    } else if text[extent.end..].lines().next().is_some_and(|line| line.trim().is_empty()) {
        extent.end = source.line_end(extent.end);
    }
    let after = joined(text, extent, "");
    let said = plain(source.document.as_table(), Some((found.table, None)));
    let read = Source::read(&source.path, &after)?;
    if plain(read.document.as_table(), None) != said {
        return Err(shape(source, at));
    }
    Ok(after)
}

/// The file with other keys in a table below an entry: `[AuthMech.facts]`.
pub(super) fn set_block(source: &Source, at: &Anchor, name: &str, typed: &str) -> Result<String, EditError> {
    let found = source.find(at)?.ok_or_else(|| EditError::Gone(at.to_string()))?;
    let (text, end) = (source.text.as_str(), line_end(&source.text));
    let block = typed.trim_end_matches(['\n', ' ', '\t']);
    let lines: String = block.split('\n').map(|line| format!("{line}{end}")).collect();
    let after = match (source.block(found, name)?, block.is_empty()) {
        (None, true) => text.to_owned(),
        (Some(range), true) => {
            let heading = source.line_start(range.start.saturating_sub(1));
            let above = source.line_start(heading.saturating_sub(1));
            let start = if text[above..heading].trim().is_empty() { above } else { heading };
            joined(text, start..range.end, "")
        }
        (Some(range), false) => {
            let missing = if text[..range.start].ends_with('\n') { "" } else { end };
            let mut new =
                format!("{missing}{}", super::lines::as_in(&text[range.clone()], &lines.replace("\r\n", "\n")));
            if !text[range.clone()].contains('\n') {
                new = format!("{missing}{lines}");
            }
            joined(text, range, &new)
        }
        (None, false) => {
            let place = source.extent(found).end;
            let gap = if text[..place].ends_with('\n') { end.to_owned() } else { end.repeat(2) };
            let heading = found.heading.trim_matches(['[', ']']);
            joined(text, place..place, &format!("{gap}[{heading}.{name}]{end}{lines}"))
        }
    };
    let read = Source::read(&source.path, &after)?;
    let now = read.find(at)?.ok_or_else(|| shape(source, at))?;
    let wanted = Source::read(&source.path, block)?;
    let is = now.table.get(name).and_then(Item::as_table).map(|table| plain(table, None));
    let as_wanted = match is {
        Some(is) => is == plain(wanted.document.as_table(), None),
        None => block.is_empty(),
    };
    let rest =
        |source: &Source, found: Found<'_>| plain(source.document.as_table(), Some((found.table, Some(name))));
    if !as_wanted || rest(&read, now) != rest(source, found) {
        return Err(shape(source, at));
    }
    Ok(after)
}

/// The new text, if it says what it should and nothing else differently.
fn checked(source: &Source, at: &Anchor, after: &str, key: &str, said: &Said) -> Result<String, EditError> {
    let read = Source::read(&source.path, after)?;
    // An id that is changed is found under the new one.
    let at_now = match (at, said) {
        (Anchor::Entry { table, .. }, Said::Text(id)) if key.eq_ignore_ascii_case("ID") => {
            Anchor::Entry { table: table.clone(), id: id.clone() }
        }
        (Anchor::Row { list, key: naming, .. }, Said::Text(id)) if key == *naming => {
            Anchor::Row { list, key: naming, id: id.clone() }
        }
        _ => at.clone(),
    };
    let (Some(before), Some(now)) = (source.find(at)?, read.find(&at_now)?) else { return Err(shape(source, at)) };
    let item = read.written(now.table, key).and_then(|key| now.table.get(key)).and_then(Item::as_value);
    let right = match (said, item) {
        (Said::Nothing, None) => true,
        (Said::Text(text), Some(value)) => value.as_str() == Some(text),
        (Said::Bool(wanted), Some(value)) => value.as_bool() == Some(*wanted),
        (Said::Number(wanted), Some(value)) => value.as_integer() == Some(*wanted),
        (Said::List(items), Some(Value::Array(array))) => {
            array.iter().map(Value::as_str).eq(items.iter().map(|item| Some(item.as_str())))
        }
        _ => false,
    };
    let rest = |source: &Source, found: Found<'_>| {
        plain(source.document.as_table(), Some((found.table, source.written(found.table, key).or(Some(key)))))
    };
    if !right || rest(&read, now) != rest(source, before) {
        return Err(shape(source, at));
    }
    Ok(after.to_owned())
}

/// What a document says, without how it is written.
#[derive(Debug, PartialEq)]
enum Plain {
    One(String),
    List(Vec<Plain>),
    Table(BTreeMap<String, Plain>),
}

/// A table without one key of a table in it, or without that table.
fn plain(table: &Table, without: Option<(&Table, Option<&str>)>) -> Plain {
    let mut all = BTreeMap::new();
    for (key, item) in table {
        if without.is_some_and(|(of, name)| std::ptr::eq(of, table) && name == Some(key)) {
            continue;
        }
        let said = match item {
            Item::None => continue,
            Item::Value(value) => plain_value(value),
            Item::Table(inner) if is_left_out(inner, without) => continue,
            Item::Table(inner) => plain(inner, without),
            Item::ArrayOfTables(rows) => {
                let rows: Vec<Plain> =
                    rows.iter().filter(|row| !is_left_out(row, without)).map(|row| plain(row, without)).collect();
                if rows.is_empty() {
                    continue;
                }
                Plain::List(rows)
            }
        };
        all.insert(key.to_owned(), said);
    }
    Plain::Table(all)
}

fn is_left_out(table: &Table, without: Option<(&Table, Option<&str>)>) -> bool {
    without.is_some_and(|(of, name)| name.is_none() && std::ptr::eq(of, table))
}

fn plain_value(value: &Value) -> Plain {
    match value {
        Value::String(text) => Plain::One(format!("text {}", text.value())),
        Value::Integer(number) => Plain::One(format!("number {}", number.value())),
        Value::Float(number) => Plain::One(format!("float {}", number.value().to_bits())),
        Value::Boolean(value) => Plain::One(value.value().to_string()),
        Value::Datetime(at) => Plain::One(at.value().to_string()),
        Value::Array(list) => Plain::List(list.iter().map(plain_value).collect()),
        Value::InlineTable(table) => {
            Plain::Table(table.iter().map(|(key, value)| (key.to_owned(), plain_value(value))).collect())
        }
    }
}

#[cfg(test)]
mod tests;
