//! The texts a dossier is read from, and places in them.

use std::fmt;

/// One file of a dossier: its path inside the folder, with `/`, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText {
    /// Path inside the dossier folder: `ixit/1-AuthMech.toml`.
    pub path: String,
    /// Whole text.
    pub text: String,
}

/// A place in a dossier: which file, and from which byte to which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize)]
pub struct Span {
    /// Index into the dossier's sources.
    pub file: u16,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    pub(crate) fn new(file: u16, range: std::ops::Range<usize>) -> Self {
        let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { file, start: clip(range.start), end: clip(range.end.max(range.start)) }
    }
}

/// A place as a person reads it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Position {
    /// Path inside the dossier folder.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path, self.line, self.column)
    }
}

/// Where a span begins, for a person.
pub fn position(sources: &[SourceText], span: Span) -> Position {
    let Some(source) = sources.get(usize::from(span.file)) else {
        return Position { path: String::new(), line: 1, column: 1 };
    };
    let mut at = (span.start as usize).min(source.text.len());
    while !source.text.is_char_boundary(at) {
        at -= 1;
    }
    let before = &source.text[..at];
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Position {
        path: source.path.clone(),
        line: count(before.matches('\n').count() + 1),
        column: count(before[line_start..].chars().count() + 1),
    }
}

/// A value and where it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

impl<T> std::ops::Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
