//! Saving a form: only what was changed is written, and nothing that somebody else wrote meanwhile is lost.

use std::collections::BTreeMap;
use std::path::Path;

use model::Timestamp;

use super::form::{Field, Form, Kind, is_untouched};
use super::source::{Anchor, Source};
use super::splice::{self, Comments, Said};
use super::{EditError, Opened, Subject, people};
use crate::files::{self, Change, FilesError};

/// How often a save is tried again when somebody else saves at the same moment.
const TRIES: usize = 5;

/// A form that was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// The fields that were written.
    pub fields: Vec<String>,
    /// What the form is about from now on: an entry may have another id.
    pub subject: Subject,
}

/// A form that was not saved: nothing of it was written, and it has what was typed.
#[derive(Debug)]
pub struct Refused {
    /// The form, where it can still be made.
    pub form: Option<Box<Form>>,
    /// Why.
    pub why: Why,
}

/// Why a form was not saved.
#[derive(Debug)]
pub enum Why {
    /// Somebody else changed the same fields meanwhile; they say what they are now.
    Conflict,
    /// Some fields cannot have what was typed; they say why.
    Invalid,
    /// The text cannot be changed that way.
    Edit(EditError),
    /// It could not be written or recorded.
    Files(FilesError),
}

impl Refused {
    fn edit(error: EditError) -> Self {
        Self { form: None, why: Why::Edit(error) }
    }

    fn files(error: FilesError) -> Self {
        Self { form: None, why: Why::Files(error) }
    }
}

/// Saves a form as it was typed: the value of each field under its name, and under `was:` and its name the mark of what it was
/// made from. The change is a record of this person's.
///
/// # Errors
/// [`Refused`]; then nothing was written.
pub fn save(
    folder: &Path,
    subject: &Subject,
    typed: &BTreeMap<String, String>,
    by: &str,
    at: Timestamp,
) -> Result<Saved, Refused> {
    let mut last = None;
    for _ in 0..TRIES {
        let opened = Opened::open(folder, at).map_err(Refused::files)?;
        let mut form = opened.form(subject).map_err(Refused::edit)?;
        let changed = match merge(&mut form, typed) {
            Ok(changed) => changed,
            // What was typed has no field any more.
            Err(Why::Edit(error)) => return Err(Refused::edit(error)),
            Err(why) => return Err(Refused { form: Some(Box::new(form)), why }),
        };
        let refuse = |form: Form, why| Refused { form: Some(Box::new(form)), why };
        let texts = match written(&opened, &form, &changed) {
            Ok(texts) => texts,
            Err(error) => return Err(refuse(form, Why::Edit(error))),
        };
        let changes: Vec<Change<'_>> = texts
            .iter()
            .filter(|text| text.before != text.after)
            .map(|text| Change { path: &text.path, before: &text.before, after: &text.after })
            .collect();
        if let Some(large) = changes.iter().find(|change| change.after.len() > files::LARGEST) {
            return Err(refuse(form, Why::Files(FilesError::Text { path: large.path.to_owned() })));
        }
        if !changes.is_empty() {
            match files::replace(folder, &changes, Some(by), at) {
                Ok(_) => {}
                Err(error @ FilesError::Changed { .. }) => {
                    last = Some(refuse(form, Why::Files(error)));
                    continue;
                }
                Err(error) => return Err(refuse(form, Why::Files(error))),
            }
        }
        let fields = changed.iter().map(|(field, _)| field.name.clone()).collect();
        return Ok(Saved { fields, subject: subject_after(subject, &changed) });
    }
    Err(last.unwrap_or_else(|| Refused::edit(EditError::Gone("the form".to_owned()))))
}

/// The fields that were changed, with what they are to say. The form has what was typed from here on.
pub(super) fn merge(form: &mut Form, typed: &BTreeMap<String, String>) -> Result<Vec<(Field, Said)>, Why> {
    if let Some(name) = lost(form, typed) {
        return Err(Why::Edit(EditError::Gone(format!("`{name}`"))));
    }
    let (mut changed, mut conflict, mut invalid) = (Vec::new(), false, false);
    let taken = form.taken.clone();
    for field in form.groups.iter_mut().flat_map(|group| &mut group.fields) {
        let Some(new) = typed.get(&field.name).filter(|_| field.locked.is_none()) else { continue };
        let was = typed.get(&format!("was:{}", field.name)).map_or("", String::as_str);
        let mine = field.mark_of(new);
        if mine == was || mine == field.mark {
            continue;
        }
        let theirs = std::mem::replace(&mut field.value, super::lines::normal(new));
        if field.mark != was {
            conflict = true;
            field.now = Some(theirs);
            continue;
        }
        match said(field, new, &taken) {
            Ok(said) => changed.push((field.clone(), said)),
            Err(wrong) => {
                invalid = true;
                field.wrong = Some(wrong);
            }
        }
    }
    match (conflict, invalid) {
        (true, _) => Err(Why::Conflict),
        (false, true) => Err(Why::Invalid),
        (false, false) => Ok(changed),
    }
}

/// A field that was changed and that the form does not have any more: its table was removed or has another name.
fn lost<'t>(form: &Form, typed: &'t BTreeMap<String, String>) -> Option<&'t str> {
    let sent = typed.iter().filter_map(|(name, mark)| Some((name.strip_prefix("was:")?, mark)));
    let there = |name: &str| form.fields().any(|field| field.name == name && field.locked.is_none());
    let changed = |name: &str, mark: &str| typed.get(name).is_some_and(|new| !is_untouched(new, mark));
    sent.filter(|(name, mark)| !there(name) && changed(name, mark)).map(|(name, _)| name).next()
}

fn said(field: &Field, typed: &str, taken: &[String]) -> Result<Said, String> {
    let said = field.said(typed)?;
    let is_set = matches!(&field.target.anchor, Anchor::Entry { id, table } if id == table);
    if field.target.is_name() && !is_set {
        let is_row = matches!(field.target.anchor, Anchor::Row { .. });
        match &said {
            Said::Nothing if is_row => return Err("Others refer to it by this, so it says something.".to_owned()),
            Said::Nothing => return Err("An entry has an ID.".to_owned()),
            Said::Text(new) if taken.contains(new) && is_row => {
                return Err("Another one has this. Where two share it, that is written as text.".to_owned());
            }
            Said::Text(new) if taken.contains(new) => return Err("Another entry has this ID.".to_owned()),
            _ => {}
        }
    }
    if field.kind == Kind::Block
        && let Said::Text(text) = &said
    {
        let read = Source::read("the facts", text).map_err(|error| match error {
            EditError::Syntax { line, why, .. } => format!("Line {line}: {why}"),
            other => other.to_string(),
        })?;
        let heading = read.document.iter().find(|(_, item)| !item.is_value() && !is_dotted(item));
        if let Some((key, _)) = heading {
            return Err(format!("A heading, `{key}`, has no place among the facts."));
        }
    }
    Ok(said)
}

fn is_dotted(item: &toml_edit::Item) -> bool {
    item.as_table().is_some_and(toml_edit::Table::is_dotted)
}

pub(super) struct Written {
    pub(super) path: String,
    pub(super) before: String,
    pub(super) after: String,
}

/// The files with every change.
pub(super) fn written(opened: &Opened, form: &Form, changed: &[(Field, Said)]) -> Result<Vec<Written>, EditError> {
    let mut texts: Vec<Written> = Vec::new();
    // An id is changed last: until then its entry is found under the old one.
    let last = changed.iter().filter(|(field, _)| field.target.is_name());
    for (field, said) in changed.iter().filter(|(field, _)| !field.target.is_name()).chain(last) {
        let target = &field.target;
        let order = form.order(&target.path);
        let at = match texts.iter().position(|text| text.path == target.path) {
            Some(at) => at,
            None => {
                let before =
                    opened.source(&target.path)?.map(|(_, source)| source.text.clone()).unwrap_or_default();
                let after = if before.is_empty() { order.skeleton.clone() } else { before.clone() };
                texts.push(Written { path: target.path.clone(), before, after });
                texts.len() - 1
            }
        };
        let first = form.groups.iter().find(|group| group.fields.iter().any(|f| f.name == field.name));
        let first = first.map(|group| group.first.clone()).unwrap_or_default();
        let first = match &target.anchor {
            Anchor::Row { key, id, .. } if first.is_empty() => vec![(*key, Said::Text(id.clone()))],
            _ => first,
        };
        let source = Source::read(&target.path, &texts[at].after)?;
        if *said == Said::Nothing && source.find(&target.anchor)?.is_none() {
            continue;
        }
        let there = splice::ensure(&source, &target.anchor, &first, &order)?;
        let source = Source::read(&target.path, &there)?;
        texts[at].after = match (&field.kind, said) {
            (Kind::Block, Said::Text(text)) => splice::set_block(&source, &target.anchor, &target.key, text)?,
            (Kind::Block, _) => splice::set_block(&source, &target.anchor, &target.key, "")?,
            // A responsibility of nobody is none.
            (_, Said::Nothing) if people::is_all_of_it(&source, target)? => {
                splice::remove(&source, &target.anchor, Comments::Stay)?
            }
            (_, said) => splice::set(&source, &target.anchor, &target.key, said, &order)?,
        };
    }
    Ok(texts)
}

fn subject_after(subject: &Subject, changed: &[(Field, Said)]) -> Subject {
    let new = changed.iter().find(|(field, _)| field.target.key.eq_ignore_ascii_case("ID"));
    match (subject, new) {
        (Subject::Entry { table, .. }, Some((_, Said::Text(id)))) => {
            Subject::Entry { table: table.clone(), id: id.clone() }
        }
        _ => subject.clone(),
    }
}
