//! The mark that stands in a record's text in place of a withheld value: `⟦withheld: password, sha256:…⟧`.
//!
//! One form, so that a mark is told from every other text. What the value was, only its opening says.

use std::fmt;
use std::ops::Range;

use crate::Digest;

/// How every mark begins. Text from elsewhere that begins so is withheld itself, so every mark in a record is ours.
pub const MARK_BEGINS: &str = "⟦withheld:";
const ENDS: char = '⟧';
/// Characters of a kind.
const MOST_KIND: usize = 40;

/// A mark.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    kind: String,
    commitment: Digest,
}

impl Mark {
    /// A mark for a value of a kind. Other characters of the kind than lower-case letters, digits and `-` become `-`.
    pub fn new(kind: &str, commitment: Digest) -> Self {
        let plain = |c: char| if is_of_kind(c) { c } else { '-' };
        let kind: String = kind.chars().map(plain).take(MOST_KIND).collect();
        Self { kind: if kind.is_empty() { "-".to_owned() } else { kind }, commitment }
    }

    /// What kind of value is withheld: `password`, `user-name`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The digest over salt and value.
    pub fn commitment(&self) -> &Digest {
        &self.commitment
    }

    /// The mark that a text begins with, and its length in bytes.
    fn at_start(text: &str) -> Option<(usize, Self)> {
        let body = text.strip_prefix(MARK_BEGINS)?.strip_prefix(' ')?;
        let (body, _) = body.split_once(ENDS)?;
        let (kind, digest) = body.split_once(", ")?;
        let fits = (1..=MOST_KIND).contains(&kind.len()) && kind.chars().all(is_of_kind);
        let mark = Self { kind: kind.to_owned(), commitment: digest.parse().ok().filter(|_| fits)? };
        Some((mark.to_string().len(), mark))
    }
}

fn is_of_kind(character: char) -> bool {
    matches!(character, 'a'..='z' | '0'..='9' | '-')
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MARK_BEGINS} {}, {}{ENDS}", self.kind, self.commitment)
    }
}

/// Every mark in a text, with the bytes that it takes.
pub fn marks(text: &str) -> Vec<(Range<usize>, Mark)> {
    let starts = text.match_indices(MARK_BEGINS);
    starts
        .filter_map(|(at, _)| Mark::at_start(&text[at..]).map(|(length, mark)| (at..at + length, mark)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_in_a_text_and_reads_back() {
        let mark = Mark::new("wifi key", Digest::of(b"x"));
        assert_eq!(mark.kind(), "wifi-key");
        let text = format!("é {mark}{mark}.");
        let found = marks(&text);
        assert_eq!(found.len(), 2);
        assert_eq!(text[found[1].0.clone()], mark.to_string());
        assert_eq!(found[0].1, mark);
    }

    #[test]
    fn what_only_looks_like_a_mark_is_none() {
        let digest = Digest::of(b"x");
        for text in [
            "⟦withheld:".to_owned(),
            "⟦withheld: pin, sha256:00⟧".to_owned(),
            format!("⟦withheld: PIN, {digest}⟧"),
            format!("⟦withheld: , {digest}⟧"),
            format!("⟦withheld:pin, {digest}⟧"),
            format!("⟦withheld: pin,{digest}⟧"),
            format!("⟦withheld: pin, {digest}"),
            format!("⟦withheld: pin, {}⟧", digest.to_string().to_uppercase()),
        ] {
            assert!(marks(&text).is_empty(), "{text}");
        }
    }
}
