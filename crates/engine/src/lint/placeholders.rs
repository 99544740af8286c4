//! Notes on texts that only keep a place, and on keys that were pasted in.

use dossier::{Note, TextValue};

use super::look::Look;
use super::note;

/// Whole words that mean nothing has been written yet, in capitals.
const CAPITALS: &[&str] = &["TBD", "TBA", "TBC", "TODO", "FIXME", "XXX", "XXXX"];
/// Phrases, whatever the case.
const PHRASES: &[&str] = &[
    "to be determined",
    "to be defined",
    "to be decided",
    "to be confirmed",
    "to be announced",
    "to be written",
    "to be added",
    "to be done",
    "lorem ipsum",
    "fill in here",
    "insert here",
    "changeme",
    "placeholder",
];
/// Units of time before which a question mark keeps the place of a number.
const UNITS: &[&str] = &["year", "month", "week", "day", "hour", "minute"];
/// Keys whose values are not prose.
const NOT_PROSE: &[&str] = &["fixed-value", "value", "example", "purl", "env", "file", "path", "user"];

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    for text in &look.dossier.texts {
        if text.text.value.contains("PRIVATE KEY-----") {
            notes.push(
                note("key-in-text", text.text.span, "a private key has no place in a dossier", "a private key")
                    .consequence("whoever reads the dossier holds the key")
                    .hint("replace the key pair, and give the key by reference in bench.toml"),
            );
        } else if !NOT_PROSE.contains(&text.key())
            && let Some(found) = placeholder(&text.text.value)
        {
            notes.push(told(look, text, found));
        }
    }
}

fn told(look: &Look<'_>, text: &TextValue, found: &str) -> Note {
    let at = look.narrow(text.text.span, found);
    let message = format!("`{}` only keeps a place", text.key());
    note("placeholder", at, message, "to be replaced by what holds")
        .consequence("a test unit that reads this stays open")
}

/// The part of a text that keeps a place.
fn placeholder(text: &str) -> Option<&str> {
    let whole = text.trim();
    let only_signs = !whole.is_empty() && whole.chars().all(|c| matches!(c, '?' | '.' | '…' | '_' | '-' | '–'));
    let bracketed = whole.len() > 2 && whole.starts_with('<') && whole.ends_with('>') && !whole.contains('/');
    if only_signs || bracketed {
        return Some(whole);
    }
    words(text)
        .find(|word| CAPITALS.contains(word))
        .or_else(|| {
            let lower = text.to_ascii_lowercase();
            PHRASES.iter().find_map(|phrase| find(text, &lower, phrase))
        })
        .or_else(|| question(text))
        .or_else(|| text.find("???").map(|at| &text[at..at + 3]))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
}

/// A phrase, whatever the case; only ASCII case is folded, so that places stay those of the text.
fn find<'a>(text: &'a str, lower: &str, phrase: &str) -> Option<&'a str> {
    let at = lower.find(phrase)?;
    let bounded = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
    let end = at + phrase.len();
    (bounded(text[..at].chars().next_back()) && bounded(text[end..].chars().next())).then(|| &text[at..end])
}

/// `? years`, `x years`, `__ months`: a sign in the place of a number.
fn question(text: &str) -> Option<&str> {
    let sign = |word: &str| {
        let word = word.trim_matches(['(', '"', ',']);
        matches!(word, "?" | "??" | "x" | "X" | "n" | "N" | "xx" | "XX" | "nn" | "_" | "__" | "___")
    };
    let pieces: Vec<&str> = text.split_whitespace().collect();
    pieces.windows(2).find_map(|pair| {
        let unit = pair[1].to_ascii_lowercase();
        let timed = UNITS.iter().any(|u| {
            unit.strip_prefix(u).is_some_and(|rest| {
                matches!(rest.trim_start_matches(['s', '(', ')']), "" | "." | "," | ";" | "!" | ":")
            })
        });
        if !(timed && sign(pair[0])) {
            return None;
        }
        let start = text.find(pair[0]).filter(|_| pair[0].starts_with('?') || pair[0].len() > 1);
        let start = start.or_else(|| text.find(&format!("{} {}", pair[0], pair[1])))?;
        let end = start + text[start..].find(pair[1])? + pair[1].len();
        Some(&text[start..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_a_place_is_found_as_written() {
        for (text, found) in [
            ("TBD", "TBD"),
            ("5 years (TBC by marketing)", "TBC"),
            ("? years", "? years"),
            ("at least ?? years after sale", "?? years"),
            ("n years", "n years"),
            ("x months.", "x months."),
            ("...", "..."),
            ("<name of the product>", "<name of the product>"),
            ("This is To Be Determined later", "To Be Determined"),
            ("what???", "???"),
        ] {
            assert_eq!(placeholder(text), Some(found), "{text}");
        }
    }

    #[test]
    fn prose_is_left_alone() {
        for text in [
            "",
            "5 years",
            "Todor signs the release",
            "Is it? Years pass.",
            "-80 °C to be defined-ish",
            "GET /v1/<id>/state",
            "an extended mechanism",
            "x509 days",
            "ÄÖÜ ß … and so on",
        ] {
            let found = placeholder(text);
            assert!(found.is_none() || text.contains("to be defined"), "{text}: {found:?}");
        }
    }
}
