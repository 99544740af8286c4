//! What every family of notes looks at: the dossier beside the catalogue of its edition.

use catalogue::{Catalogue, Provision};
use dossier::{Dossier, Entry, Facts, FieldValue, InterfaceFacts, Located, Span, Status, Support};
use model::{Edition, Timestamp};

use crate::applies::{Applies, applies};
use crate::view::{Evidence, View};

/// Tables of interfaces in any edition.
pub(super) const INTERFACES: &[&str] = &["PhyIntf", "LogIntf", "Intf"];
/// Tables of communication mechanisms in any edition.
pub(super) const COMMUNICATION: &[&str] = &["SecComMech", "ComMech"];

static NO_EVIDENCE: Evidence = Evidence {
    observations: Vec::new(),
    statements: Vec::new(),
    confirmations: Vec::new(),
    releases: Vec::new(),
    assessments: Vec::new(),
};

/// The dossier beside the standard.
pub(super) struct Look<'a> {
    pub(super) dossier: &'a Dossier,
    pub(super) catalogue: &'static Catalogue,
    /// The catalogue of the other edition, to recognise its words.
    pub(super) other: &'static Catalogue,
}

impl<'a> Look<'a> {
    pub(super) fn new(dossier: &'a Dossier) -> Self {
        let edition = dossier.edition();
        let other = match edition {
            Edition::V2_1_1 => Edition::V3_1_3,
            Edition::V3_1_3 => Edition::V2_1_1,
        };
        Self { dossier, catalogue: Catalogue::of(edition), other: Catalogue::of(other) }
    }

    /// The view that rules have, with no evidence.
    pub(super) fn view(&self) -> View<'a> {
        View {
            catalogue: self.catalogue,
            dossier: self.dossier,
            evidence: &NO_EVIDENCE,
            at: Timestamp::from_seconds(0),
        }
    }

    pub(super) fn applies(&self, provision: &Provision) -> Applies {
        applies(&self.view(), provision)
    }

    pub(super) fn support(&self, provision: &str) -> Option<Support> {
        self.dossier.answer(provision)?.support.map(|s| s.value)
    }

    /// The entries of several tables.
    pub(super) fn entries(&self, tables: &[&str]) -> impl Iterator<Item = &'a Entry> + use<'a> {
        let found: Vec<&'a Entry> = tables.iter().flat_map(|t| self.dossier.entries(t)).collect();
        found.into_iter()
    }

    /// The entries of several tables that have facts of one kind.
    pub(super) fn with_facts<T>(&self, tables: &[&str]) -> Vec<(&'a Entry, &'a T)>
    where
        &'a T: TryFrom<&'a Facts>,
    {
        self.entries(tables).filter_map(|e| Some((e, e.facts::<T>()?))).collect()
    }

    /// The interface of this id with its facts.
    pub(super) fn interface(&self, id: &str) -> Option<(&'a Entry, &'a InterfaceFacts)> {
        self.with_facts::<InterfaceFacts>(INTERFACES).into_iter().find(|(e, _)| e.id.value == id)
    }

    /// A place for what concerns a whole file: its first byte, or the first byte of the dossier.
    pub(super) fn file(&self, path: &str) -> Span {
        let index = self.dossier.sources.iter().position(|s| s.path == path).unwrap_or(0);
        Span { file: u16::try_from(index).unwrap_or(0), start: 0, end: 0 }
    }

    /// Whether the dossier has a file of this path.
    pub(super) fn has_file(&self, path: &str) -> bool {
        self.dossier.sources.iter().any(|s| s.path == path)
    }

    /// The text as written at a place.
    pub(super) fn written(&self, span: Span) -> &'a str {
        self.dossier
            .sources
            .get(usize::from(span.file))
            .and_then(|s| s.text.get(span.start as usize..span.end as usize))
            .unwrap_or_default()
    }

    /// The part of a place where `part` stands literally; the whole place when it does not.
    pub(super) fn narrow(&self, span: Span, part: &str) -> Span {
        let Some(at) = self.written(span).find(part) else { return span };
        let start = span.start.saturating_add(u32::try_from(at).unwrap_or(0));
        Span { start, end: start.saturating_add(u32::try_from(part.len()).unwrap_or(0)), ..span }
    }
}

/// Whether a fact is declared true.
pub(super) fn yes(fact: &Option<Located<bool>>) -> bool {
    fact.is_some_and(|f| f.value)
}

/// Whether a fact is declared false.
pub(super) fn no(fact: &Option<Located<bool>>) -> bool {
    fact.is_some_and(|f| !f.value)
}

/// The items of a list of facts; none when it is not declared.
pub(super) fn listed<T>(fact: &Option<Located<Vec<T>>>) -> &[T] {
    fact.as_ref().map_or(&[], |l| l.value.as_slice())
}

/// Whether a status means that something is in use.
pub(super) fn is_on(status: &Option<Located<Status>>) -> bool {
    status.is_some_and(|s| s.value == Status::Enabled)
}

/// Whether a status means that something is not in use.
pub(super) fn is_off(status: &Option<Located<Status>>) -> bool {
    status.is_some_and(|s| s.value != Status::Enabled)
}

/// The prose of a field that says something, with its place.
pub(super) fn said(entry: &Entry, field: &str) -> Option<(String, Span)> {
    let value = entry.field(field)?;
    (!value.is_empty()).then(|| (value.text(), value.span))
}

/// Whether prose begins with a word, whatever the case.
pub(super) fn begins(text: &str, word: &str) -> bool {
    let text = text.trim_start();
    text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
        && text[word.len()..].chars().next().is_none_or(|c| !c.is_alphanumeric())
}

/// Whether prose denies: `No`, `None`, `not applicable`, `N/A`, `-`.
pub(super) fn denies(text: &str) -> bool {
    let text = text.trim().trim_end_matches('.');
    ["no", "none", "n/a", "-", "not applicable", "nothing"].iter().any(|w| text.eq_ignore_ascii_case(w))
        || begins(text, "none")
        || begins(text, "not applicable")
}

/// Whether a text contains an id as a word of its own.
pub(super) fn names(text: &str, id: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    !id.is_empty()
        && text.match_indices(id).any(|(at, _)| {
            !text[..at].chars().next_back().is_some_and(part)
                && !text[at + id.len()..].chars().next().is_some_and(part)
        })
}

/// The items of a reference field; none for prose.
pub(super) fn ids(entry: &Entry, field: &str) -> Vec<Located<String>> {
    match entry.field(field).map(|f| &f.value) {
        Some(FieldValue::List(list)) => list.clone(),
        _ => Vec::new(),
    }
}

/// At most `limit` words with commas, and how many more.
pub(super) fn few(words: &[String], limit: usize) -> String {
    let shown = words.iter().take(limit).cloned().collect::<Vec<_>>().join(", ");
    match words.len().saturating_sub(limit) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
