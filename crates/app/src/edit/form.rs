//! A form: groups of fields, each with its value, the mark of that value, and the linter's notes on it.

use std::ops::Range;

use dossier::Note;
use model::Digest;
use toml_edit::{Item, Value};

use super::lines::normal;
use super::source::{Anchor, Found, Source};
use super::splice::{Order, Said};
use super::{EditError, Opened};

/// A list without items, which says that there is none; nothing typed says nothing.
const NONE: &str = "[]";

/// How a field is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// One line.
    Line,
    /// A text of any length.
    Prose,
    /// A list, one item a line.
    Lines,
    /// A day, `2026-01-31`.
    Day,
    /// A whole number, from the first to the second.
    Number(i64, i64),
    /// One of these: value and word. The first says nothing.
    Choice(Vec<(String, String)>),
    /// As a choice, for `true` and `false`.
    Whether(Vec<(String, String)>),
    /// Keys and values as TOML.
    Block,
}

/// A note of the linter with the line it is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// The note.
    pub note: Note,
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
}

/// A field.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name in the form.
    pub name: String,
    /// Its name for a reader.
    pub label: String,
    /// What belongs in it.
    pub help: String,
    /// How it is filled in.
    pub kind: Kind,
    /// Whether it has a say only in some cases, and may stand aside.
    pub aside: bool,
    /// Its value.
    pub value: String,
    /// The mark of the value that the form is made from.
    pub mark: String,
    /// The linter's notes on it.
    pub notes: Vec<Noted>,
    /// File and line of the value, where it is written.
    pub at: Option<(String, usize)>,
    /// Why the form does not change it, if it does not.
    pub locked: Option<String>,
    /// What somebody else made of it meanwhile.
    pub now: Option<String>,
    /// What is wrong with what was typed.
    pub wrong: Option<String>,
    pub(super) target: Target,
}

/// Where a field is written.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) path: String,
    pub(super) anchor: Anchor,
    pub(super) key: String,
}

impl Target {
    /// Whether it is the name by which its table is found.
    pub(super) fn is_name(&self) -> bool {
        match &self.anchor {
            Anchor::One(_) => false,
            Anchor::Row { key, .. } => self.key == *key,
            Anchor::Entry { .. } => self.key.eq_ignore_ascii_case("ID"),
        }
    }
}

/// Fields that are about one thing.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// What it is about: a provision, an entry.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// What is asked, one paragraph each.
    pub about: Vec<String>,
    /// Its status in Table B.1, where it has one.
    pub status: String,
    /// The linter's notes on the whole of it.
    pub notes: Vec<Noted>,
    /// The fields.
    pub fields: Vec<Field>,
    pub(super) first: Vec<(&'static str, Said)>,
}

/// A form.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// Its groups.
    pub groups: Vec<Group>,
    /// Names that a new id must not have.
    pub(super) taken: Vec<String>,
    pub(super) orders: Vec<(String, Order)>,
}

impl Form {
    /// Every field.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.groups.iter().flat_map(|group| &group.fields)
    }

    pub(super) fn order(&self, path: &str) -> Order {
        self.orders.iter().find(|(of, _)| of == path).map(|(_, order)| order.clone()).unwrap_or_default()
    }
}

impl Field {
    /// What a typed value says; the sentence says what is wrong with it.
    pub(super) fn said(&self, typed: &str) -> Result<Said, String> {
        let text = self.kind.normal(typed);
        if let Kind::Choice(words) | Kind::Whether(words) = &self.kind
            && !words.iter().any(|(value, _)| *value == text)
        {
            return Err(format!("`{text}` is none of the words that can be chosen."));
        }
        if text.trim().is_empty() {
            return Ok(Said::Nothing);
        }
        Ok(match self.kind {
            Kind::Lines if text.trim() == NONE => Said::List(Vec::new()),
            Kind::Lines => Said::List(items(&text)),
            Kind::Whether(_) => Said::Bool(text == "true"),
            Kind::Number(least, most) => Said::Number(number(text.trim(), least, most)?),
            Kind::Line | Kind::Day => Said::Text(text.trim().to_owned()),
            _ => Said::Text(text),
        })
    }

    /// The mark of a value.
    pub(super) fn mark_of(&self, value: &str) -> String {
        self.kind.mark(value)
    }
}

impl Kind {
    /// A value as a browser sends it back.
    fn normal(&self, value: &str) -> String {
        let value = normal(value);
        match self {
            Kind::Line | Kind::Day => value.replace('\n', ""),
            Kind::Number(..) => value.trim().to_owned(),
            Kind::Block => value.trim_end().to_owned(),
            _ => value,
        }
    }

    fn mark(&self, value: &str) -> String {
        let value = match self {
            Kind::Lines => items(value).join("\n"),
            kind => kind.normal(value),
        };
        Digest::of(value.as_bytes()).hex().get(..24).unwrap_or_default().to_owned()
    }
}

/// Whether a value that was sent is the one of a mark, whatever kind its field had.
pub(super) fn is_untouched(sent: &str, mark: &str) -> bool {
    let kinds = [Kind::Line, Kind::Prose, Kind::Lines, Kind::Block, Kind::Number(0, 0)];
    kinds.iter().any(|kind| kind.mark(sent) == mark)
}

fn number(text: &str, least: i64, most: i64) -> Result<i64, String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("`{text}` is no whole number: it takes digits alone, such as `90`."));
    }
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("`{text}` is out of range: it has to lie between {least} and {most}."))
}

fn items(text: &str) -> Vec<String> {
    normal(text).split('\n').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

/// What a field is to be, before it is known what stands in the file.
pub(super) struct Asked {
    pub(super) key: String,
    pub(super) label: String,
    pub(super) help: String,
    pub(super) kind: Kind,
    pub(super) aside: bool,
    pub(super) locked: Option<String>,
}

impl Asked {
    pub(super) fn new(key: &str, label: &str, help: impl Into<String>, kind: Kind) -> Self {
        Self { key: key.to_owned(), label: label.to_owned(), help: help.into(), kind, aside: false, locked: None }
    }

    /// The same, shown and not changed.
    pub(super) fn locked(self, why: &str) -> Self {
        Self { locked: Some(why.to_owned()), ..self }
    }
}

/// The words of a choice, after one that says nothing.
pub(super) fn words(unsaid: &str, all: &[(&str, &str)]) -> Vec<(String, String)> {
    let pair = |(value, word): &(&str, &str)| ((*value).to_owned(), (*word).to_owned());
    [("", unsaid)].iter().chain(all).map(pair).collect()
}

impl Opened {
    /// A group of fields of one table: their values, and the linter's notes shared out among them.
    pub(super) fn group(&self, path: &str, anchor: &Anchor, asked: Vec<Asked>) -> Result<Group, EditError> {
        let found = match self.source(path)? {
            Some((_, source)) => source.find(anchor)?,
            None => None,
        };
        self.group_of(path, anchor, found, asked)
    }

    /// The same of a table that was found.
    pub(super) fn group_of(
        &self,
        path: &str,
        anchor: &Anchor,
        found: Option<Found<'_>>,
        asked: Vec<Asked>,
    ) -> Result<Group, EditError> {
        let source = self.source(path)?;
        let mut notes = match (source, found) {
            (Some((file, source)), Some(found)) => self.notes_in(file, &source.extent(found)),
            _ => Vec::new(),
        };
        let mut group = Group::default();
        for asked in asked {
            let target = Target { path: path.to_owned(), anchor: anchor.clone(), key: asked.key.clone() };
            let here = source.zip(found).map(|((_, source), found)| (source, found));
            let mut field = field(asked, target, here);
            let range = here.and_then(|(source, found)| range(source, found, &field));
            if let Some((range, (_, source))) = range.zip(source) {
                field.at = Some((path.to_owned(), source.line(range.start)));
                let (on, rest) = notes.into_iter().partition(|(at, _)| range.contains(at));
                notes = rest;
                field.notes = on.into_iter().map(|(_, noted)| noted).collect();
            }
            group.fields.push(field);
        }
        group.notes = notes.into_iter().map(|(_, noted)| noted).collect();
        Ok(group)
    }

    /// The linter's notes on a part of a file, each with its first byte.
    pub(super) fn notes_in(&self, file: usize, range: &Range<usize>) -> Vec<(usize, Noted)> {
        let all = self.notes.iter().filter_map(|note| {
            let at = note.labels.first()?.0;
            let start = at.start as usize;
            let source = self.dossier.sources.get(file)?;
            let line = dossier::position(&self.dossier.sources, at).line as usize;
            let inside = usize::from(at.file) == file && range.contains(&start);
            inside.then(|| (start, Noted { note: note.clone(), path: source.path.clone(), line }))
        });
        all.collect()
    }

    /// The linter's notes on a file.
    pub fn notes_on(&self, path: &str) -> Vec<Noted> {
        let whole = 0..usize::MAX;
        self.file(path)
            .map(|file| self.notes_in(file, &whole))
            .unwrap_or_default()
            .into_iter()
            .map(|n| n.1)
            .collect()
    }
}

/// From where to where a field is written.
fn range(source: &Source, found: Found<'_>, field: &Field) -> Option<Range<usize>> {
    let key = &field.target.key;
    if field.kind == Kind::Block {
        let item = found.table.get(key)?;
        return match source.block(found, key) {
            Ok(block) => {
                let block = block?;
                let heading =
                    item.as_table().and_then(toml_edit::Table::span).map_or(block.start, |span| span.start);
                Some(heading..block.end)
            }
            Err(_) => item.span(),
        };
    }
    let pair = source.pair(found.table, source.written(found.table, key)?)?;
    Some(pair.start..pair.end.max(pair.start + 1))
}

fn field(asked: Asked, target: Target, here: Option<(&Source, Found<'_>)>) -> Field {
    let Asked { key, label, help, mut kind, aside, mut locked } = asked;
    let mut value = String::new();
    if let Some((source, found)) = here {
        if kind == Kind::Block {
            match source.block(found, &key) {
                Ok(Some(range)) => value = normal(&source.text[range]).trim_end().to_owned(),
                Ok(None) => {}
                Err(_) => locked = Some("It is written in a way that is changed as text.".to_owned()),
            }
        } else if let Some(item) = source.written(found.table, &key).and_then(|key| found.table.get(key)) {
            match shown(&mut kind, item) {
                Some(said) => value = said,
                None => {
                    locked = Some("It is written in a way that is changed as text.".to_owned());
                    value = item.span().and_then(|span| source.text.get(span)).unwrap_or_default().to_owned();
                }
            }
        }
    }
    let mark = kind.mark(&value);
    let name = match &target.anchor {
        Anchor::Row { list, id, .. } => format!("{list}.{id}.{key}"),
        Anchor::One(name) => format!("{name}.{key}"),
        Anchor::Entry { .. } => key,
    };
    Field {
        name,
        label,
        help,
        kind,
        aside,
        value,
        mark,
        notes: Vec::new(),
        at: None,
        locked,
        now: None,
        wrong: None,
        target,
    }
}

/// The value as a form shows it; nothing where a form cannot. A text of lines takes a field of lines.
fn shown(kind: &mut Kind, item: &Item) -> Option<String> {
    match (&mut *kind, item.as_value()?) {
        (Kind::Whether(_), Value::Boolean(value)) => Some(value.value().to_string()),
        (Kind::Number(..), Value::Integer(number)) => Some(number.value().to_string()),
        // No number, which the linter notes: it is mended where it stands.
        (Kind::Number(..), Value::String(text)) => {
            let text = text.value();
            (!text.contains(char::is_control) && text.trim() == text).then(|| text.clone())
        }
        (Kind::Line | Kind::Prose, Value::Boolean(value)) => {
            Some(if *value.value() { "Yes" } else { "No" }.to_owned())
        }
        (Kind::Prose | Kind::Lines, Value::Array(array)) => {
            let all: Vec<String> =
                array.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<_>>()?;
            let text = all.join("\n");
            *kind = Kind::Lines;
            if all.is_empty() {
                return Some(NONE.to_owned());
            }
            (items(&text) == all && text != NONE).then_some(text)
        }
        (Kind::Lines, Value::String(text)) => {
            *kind = Kind::Prose;
            Some(text.value().clone())
        }
        (Kind::Choice(words), Value::String(text)) => {
            if !words.iter().any(|(value, _)| value == text.value()) {
                words.push((text.value().clone(), text.value().clone()));
            }
            Some(text.value().clone())
        }
        (Kind::Line | Kind::Day, Value::String(text)) => {
            // A field of one line drops the end of a line.
            if text.value().contains(char::is_control) || text.value().trim() != text.value() {
                *kind = Kind::Prose;
            }
            Some(text.value().clone())
        }
        (Kind::Prose, Value::String(text)) => Some(text.value().clone()),
        _ => None,
    }
}
