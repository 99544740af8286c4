//! Parts of a text that are not for everybody, set apart where they are known to be so: by the probe that read them.
//!
//! A form for the way from the probe to the record alone. Before the record is signed each part is replaced by a mark
//! that commits to it; nothing with such a part in it is written or shown.

/// Characters for private use: a text made visible has none of them.
const BEGINS: char = '\u{f8f0}';
const DIVIDES: char = '\u{f8f1}';
const ENDS: char = '\u{f8f2}';

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// For everybody.
    Public(&'a str),
    /// Not for everybody: of this kind, with this text.
    Private(&'a str, &'a str),
}

/// Sets a text apart as private. The kind is a word such as `password` or `user-name`.
#[must_use]
pub fn private(kind: &str, text: &str) -> String {
    let plain = |text: &str| text.replace([BEGINS, DIVIDES, ENDS], "\u{fffd}");
    format!("{BEGINS}{}{DIVIDES}{}{ENDS}", plain(kind), plain(text))
}

/// The pieces of a text, in order.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(BEGINS) {
        let behind = &rest[at + BEGINS.len_utf8()..];
        let whole = behind.split_once(ENDS).and_then(|(part, after)| Some((part.split_once(DIVIDES)?, after)));
        let Some(((kind, private), after)) = whole else { break };
        if at > 0 {
            pieces.push(Piece::Public(&rest[..at]));
        }
        pieces.push(Piece::Private(kind, private));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Public(rest));
    }
    pieces
}

/// The text with its private parts in clear.
#[must_use]
pub fn in_clear(text: &str) -> String {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Public(text) | Piece::Private(_, text) => text,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_part_is_told_from_the_rest() {
        let text = format!("it is {}, {}", private("pin", "4711"), private("name", ""));
        let told = pieces(&text);
        assert_eq!(
            told,
            [
                Piece::Public("it is "),
                Piece::Private("pin", "4711"),
                Piece::Public(", "),
                Piece::Private("name", "")
            ]
        );
        assert_eq!(in_clear(&text), "it is 4711, ");
        assert_eq!(pieces(""), []);
    }

    #[test]
    fn a_text_cannot_end_its_own_part() {
        let nested = private("key", &private("pin", "a\u{f8f2}b"));
        assert_eq!(pieces(&nested).len(), 1);
        assert_eq!(pieces("a\u{f8f0}b"), [Piece::Public("a\u{f8f0}b")]);
    }
}
