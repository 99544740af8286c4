//! A batch from CSV, TSV or JSON lines: one unit a row, a value and its public identifiers.
//!
//! What does not read is an error with its place: half a batch would pass for a whole one.

use serde_json::Value;

/// Bytes of a file at most.
pub const MOST_BYTES: u64 = 1 << 30;
/// Rows at most.
const MOST_ROWS: usize = 10_000_000;
/// Columns at most.
const MOST_COLUMNS: usize = 64;
/// Bytes of one field at most.
const LONGEST: usize = 4096;
/// Names of the column with the value, where none is named.
const VALUE: [&str; 9] = ["value", "password", "passwort", "passphrase", "pin", "psk", "secret", "key", "code"];

/// A batch.
pub struct Batch {
    /// Names of the columns with identifiers.
    pub identifiers: Vec<String>,
    /// The units.
    pub rows: Vec<Row>,
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Batch({} rows)", self.rows.len())
    }
}

/// One unit.
pub struct Row {
    /// Its value.
    pub value: String,
    /// Its identifiers, in the order of their columns.
    pub identifiers: Vec<String>,
}

/// Why a batch does not read. No text of the batch is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// It is no text.
    #[error("read the batch: byte {0} is no UTF-8\n\nhint: save the file as UTF-8")]
    NotText(usize),
    /// No column holds the value.
    #[error(
        "read the batch: no column holds the value\n\nhint: name it `value` or `password` in the first line, or name its \
         column with `--value`; the first line has {0} columns"
    )]
    NoValue(usize),
    /// A row is not like the first line.
    #[error("read the batch: line {line} {why}\n\nhint: {hint}")]
    Row {
        /// Its line.
        line: u64,
        /// What is wrong.
        why: String,
        /// The mend.
        hint: &'static str,
    },
    /// It is larger than what is read.
    #[error("read the batch: it has more than {0}")]
    TooLarge(String),
    /// It has no unit.
    #[error("read the batch: it holds no unit\n\nhint: one line of names, then one line a unit")]
    Empty,
}

/// Reads a batch. `value` names the column with the value.
///
/// # Errors
/// [`BatchError`] for the first line that does not read.
pub fn read(bytes: &[u8], value: Option<&str>) -> Result<Batch, BatchError> {
    let text = std::str::from_utf8(bytes).map_err(|error| BatchError::NotText(error.valid_up_to()))?;
    let text = text.trim_start_matches('\u{feff}');
    let batch = match text.trim_start().starts_with('{') {
        true => json_lines(text, value),
        false => separated(text, value),
    }?;
    if batch.rows.is_empty() { Err(BatchError::Empty) } else { Ok(batch) }
}

fn is_value(name: &str, wanted: Option<&str>) -> bool {
    match wanted {
        Some(wanted) => name.eq_ignore_ascii_case(wanted),
        None => VALUE.iter().any(|known| known.eq_ignore_ascii_case(name)),
    }
}

fn separated(text: &str, wanted: Option<&str>) -> Result<Batch, BatchError> {
    let first = text.lines().next().unwrap_or_default();
    let count = |mark: char| first.matches(mark).count();
    let mark = [b'\t', b';', b','].into_iter().max_by_key(|mark| count(char::from(*mark))).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().delimiter(mark).trim(csv::Trim::All).from_reader(text.as_bytes());
    let head = reader.headers().map_err(|error| wrong(&error))?.clone();
    if head.len() > MOST_COLUMNS {
        return Err(BatchError::TooLarge(format!("{MOST_COLUMNS} columns")));
    }
    let at = head.iter().position(|name| is_value(name, wanted)).ok_or(BatchError::NoValue(head.len()))?;
    let apart = |record: &csv::StringRecord| {
        let others = record.iter().enumerate().filter(|(column, _)| *column != at);
        others.map(|(_, text)| text.to_owned()).collect::<Vec<String>>()
    };
    let names = apart(&head).iter().map(|name| wire::text::visible_str(name, 40)).collect();
    let mut batch = Batch { identifiers: names, rows: Vec::new() };
    for record in reader.records() {
        let record = record.map_err(|error| wrong(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let value = record.get(at).unwrap_or_default();
        batch.take(line, value, apart(&record))?;
    }
    Ok(batch)
}

/// The error of a reader that may quote the line, without what it quotes.
fn wrong(error: &csv::Error) -> BatchError {
    let line = error.position().map_or(1, csv::Position::line);
    let (why, hint) = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => (
            format!("has {len} fields, and the first line {expected_len}"),
            "put quotes around a field with a separator or a line end in it",
        ),
        _ => ("does not read".to_owned(), "save it as CSV with one line a unit"),
    };
    BatchError::Row { line, why, hint }
}

fn json_lines(text: &str, wanted: Option<&str>) -> Result<Batch, BatchError> {
    let mut batch = Batch { identifiers: Vec::new(), rows: Vec::new() };
    let mut value_at: Option<String> = None;
    for (line, written) in (1..).zip(text.lines()).filter(|(_, written)| !written.trim().is_empty()) {
        let bad = |why: &str, hint| BatchError::Row { line, why: why.to_owned(), hint };
        let read: Result<serde_json::Map<String, Value>, _> = serde_json::from_str(written);
        let object = read.map_err(|_| bad("is no JSON object", "write one object a line, as JSON lines do"))?;
        if value_at.is_none() {
            let found = object.keys().find(|name| is_value(name, wanted)).cloned();
            value_at = Some(found.ok_or(BatchError::NoValue(object.len()))?);
            let others = object.keys().filter(|name| Some(*name) != value_at.as_ref());
            batch.identifiers = others.take(MOST_COLUMNS).cloned().collect();
        }
        let text = |name: &str| match object.get(name) {
            Some(Value::String(text)) => Ok(text.trim().to_owned()),
            Some(Value::Number(number)) => Ok(number.to_string()),
            _ => Err(bad(
                "lacks a member of the first line, or holds no text there",
                "give each unit the same members",
            )),
        };
        let value = text(value_at.as_deref().unwrap_or_default())?;
        let identifiers: Result<Vec<String>, BatchError> =
            batch.identifiers.iter().map(|name| text(name)).collect();
        batch.take(line, &value, identifiers?)?;
    }
    batch.identifiers.iter_mut().for_each(|name| *name = wire::text::visible_str(name, 40));
    Ok(batch)
}

impl Batch {
    fn take(&mut self, line: u64, value: &str, identifiers: Vec<String>) -> Result<(), BatchError> {
        let bad = |why: &str, hint| Err(BatchError::Row { line, why: why.to_owned(), hint });
        if value.is_empty() {
            return bad("has no value", "leave out units without one, and say how many there were");
        }
        if value.len() > LONGEST || identifiers.iter().any(|text| text.len() > LONGEST) {
            return bad("has a field of more than 4096 bytes", "look for a quote that is not closed");
        }
        if self.rows.len() == MOST_ROWS {
            return Err(BatchError::TooLarge(format!("{MOST_ROWS} units")));
        }
        self.rows.push(Row { value: value.to_owned(), identifiers });
        Ok(())
    }
}
