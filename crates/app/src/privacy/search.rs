//! The gate for bytes of any length: what streams through is searched in windows, so that a capture of gigabytes takes as
//! much memory as a small one.
//!
//! A file that fits one window is looked at as a whole, as every other file is. Windows overlap by more than any form of a
//! secret takes, escapes included; what lies at the edge of one lies inside another.

use std::ops::Range;

use super::gate::{Forms, Gate, Leak, unescaped};
use super::traces::is_alone;

/// Bytes of a window.
const WINDOW: usize = 4 << 20;
/// Bytes that one byte of a secret takes at most, escaped in the longest way that is undone.
const ESCAPED: usize = 12;

/// A search of one file as it passes.
pub struct Search<'g> {
    gate: &'g Gate,
    path: String,
    window: usize,
    overlap: usize,
    held: Vec<u8>,
    is_first: bool,
    /// Made once a file is longer than a window.
    forms: Option<Result<Forms, String>>,
    found: Option<String>,
}

impl<'g> Search<'g> {
    /// For the file at this path.
    pub fn new(gate: &'g Gate, path: &str) -> Self {
        Self::in_windows(gate, path, WINDOW)
    }

    fn in_windows(gate: &'g Gate, path: &str, window: usize) -> Self {
        let overlap = gate.longest_form() * ESCAPED + 64;
        let window = window.max(4 * overlap);
        Self {
            gate,
            path: path.to_owned(),
            window,
            overlap,
            held: Vec::new(),
            is_first: true,
            forms: None,
            found: None,
        }
    }

    /// Takes the next bytes of the file.
    pub fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && !self.gate.is_empty() && self.found.is_none() {
            // One byte more than a window shows that the file does not end with it.
            let room = self.window + 1 - self.held.len();
            let (now, rest) = bytes.split_at(room.min(bytes.len()));
            self.held.extend_from_slice(now);
            bytes = rest;
            if self.held.len() > self.window {
                self.look(false);
                self.held.drain(..self.held.len() - self.overlap);
                self.is_first = false;
            }
        }
    }

    /// The first secret in the file, if there is one.
    pub fn finish(mut self) -> Option<Leak> {
        if self.is_first && self.found.is_none() {
            return self.gate.leak(&self.path, &self.held);
        }
        if self.found.is_none() {
            self.look(true);
        }
        self.found.map(|what| Leak { place: self.path, what })
    }

    fn look(&mut self, is_last: bool) {
        let forms = match self.forms.get_or_insert_with(|| self.gate.forms()) {
            Ok(forms) => forms,
            // What cannot be searched for must not pass.
            Err(why) => {
                self.found = Some(format!("a secret, perhaps: the search cannot be made: {why}"));
                return;
            }
        };
        let (is_first, gate) = (self.is_first, self.gate);
        let seek = |view: &[u8]| seek(view, forms, is_first, is_last).map(|owner| gate.named(owner));
        self.found = seek(&self.held).or_else(|| {
            let text = whole_characters(&self.held, is_first, is_last)?;
            let views = [without_json(text), unescaped(text), text.replace('\\', "")];
            views.iter().find_map(|view| seek(view.as_bytes()))
        });
    }
}

/// Whose form stands in a view; one that counts alone does so where both its neighbours are seen.
fn seek(view: &[u8], (forms, owners): &Forms, is_first: bool, is_last: bool) -> Option<usize> {
    let at_edge = |at: &Range<usize>| (at.start == 0 && !is_first) || (at.end == view.len() && !is_last);
    forms.find_overlapping_iter(view).find_map(|found| {
        let (owner, alone) = owners.get(found.pattern().as_usize())?;
        let counts = !alone || (!at_edge(&found.range()) && is_alone(view, &found.range()));
        counts.then_some(*owner)
    })
}

/// The text of a window, without characters that its edges cut; none where it is no text.
fn whole_characters(bytes: &[u8], is_first: bool, is_last: bool) -> Option<&str> {
    let cut = bytes.iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count();
    let bytes = if is_first { bytes } else { bytes.get(cut..)? };
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if !is_last && error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()
        }
        Err(_) => None,
    }
}

/// A text without the escapes of JSON (RFC 8259, 7).
fn without_json(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    let mut units: Vec<u16> = Vec::new();
    while let Some((before, behind)) = rest.split_once('\\') {
        settle(&mut units, &mut out, !before.is_empty());
        out.push_str(before);
        let unit = behind.strip_prefix('u').and_then(|digits| digits.get(..4));
        if let Some(unit) = unit.and_then(|digits| u16::from_str_radix(digits, 16).ok()) {
            units.push(unit);
            rest = &behind[5..];
            continue;
        }
        settle(&mut units, &mut out, true);
        let escaped = behind.chars().next();
        match escaped {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some(other) => out.push(other),
            None => {}
        }
        rest = &behind[escaped.map_or(0, char::len_utf8)..];
    }
    settle(&mut units, &mut out, true);
    out.push_str(rest);
    out
}

/// Writes units that stood beside each other, so that two halves of a character become one.
fn settle(units: &mut Vec<u16>, out: &mut String, now: bool) {
    if now {
        out.extend(char::decode_utf16(units.drain(..)).map(|unit| unit.unwrap_or('\u{fffd}')));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::{Privacy, traces};

    const SECRET: &str = "p'a_ss<wörd😀7";

    fn gate() -> Gate {
        let secret = |value: &str| ("password".to_owned(), value.to_owned());
        Gate::of(&Privacy::new([secret(SECRET), secret("k3ys")], String::new()))
    }

    fn search(bytes: &[u8], window: usize, piece: usize) -> Option<Leak> {
        let gate = gate();
        let mut search = Search::in_windows(&gate, "blobs/a", window);
        bytes.chunks(piece).for_each(|piece| search.feed(piece));
        search.finish()
    }

    /// Longer than some windows, with something at every place of one.
    fn at(place: usize, text: &[u8]) -> Vec<u8> {
        let mut bytes = vec![b'.'; 40_000];
        bytes.splice(place..place + text.len(), text.iter().copied());
        bytes
    }

    #[test]
    fn every_form_is_found_wherever_a_window_cuts_it() {
        let mut forms: Vec<Vec<u8>> = traces(SECRET).iter().map(|trace| trace.form().to_vec()).collect();
        let units: Vec<String> = SECRET.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        forms.push(units.concat().into());
        forms.push(SECRET.chars().map(|c| format!("&#x{:x};", u32::from(c))).collect::<String>().into());
        forms.push(SECRET.chars().map(|c| format!("\\{c}")).collect::<String>().into());
        let window = Search::in_windows(&gate(), "", 0).window;
        assert!(window < 20_000, "{window}");
        for form in &forms {
            let cut = window - form.len();
            for place in [0, cut - 1, cut, cut + 1, cut + form.len() / 2, window - 1, window, window + 1, 39_000] {
                assert!(search(&at(place, form), 0, 977).is_some(), "{} at {place}", form.escape_ascii());
            }
        }
        assert_eq!(search(&at(100, b"nothing"), 0, 977), None);
    }

    #[test]
    fn a_short_secret_counts_alone_and_is_not_alone_because_a_window_ends_in_it() {
        let window = Search::in_windows(&gate(), "", 0).window;
        for place in window - 7..window + 2 {
            assert!(search(&at(place, b"-k3ys-"), 0, 64).is_some(), "{place}");
            assert_eq!(search(&at(place, b"-k3ystone-"), 0, 64), None, "{place}");
            assert_eq!(search(&at(place, b"-xk3ys-"), 0, 64), None, "{place}");
        }
        let mut ends = at(10, b"");
        ends.extend(b"-k3ys");
        assert!(search(&ends, 0, 64).is_some());
    }

    #[test]
    fn what_is_held_stays_within_two_windows_and_a_small_file_is_looked_at_as_a_whole() {
        let gate = gate();
        let mut search = Search::in_windows(&gate, "blobs/a", 1 << 16);
        for _ in 0..200 {
            search.feed(&[0xff; 64 << 10]);
            assert!(search.held.len() <= search.window + 1 && search.held.capacity() <= 2 * search.window + 2);
        }
        assert_eq!(search.finish(), None);
        let small = br#"{"a":["p'a_ss\u003cw\u00f6rd\ud83d\ude007"]}"#;
        assert_eq!(self::search(small, WINDOW, 7).map(|leak| leak.place).as_deref(), Some("blobs/a"));
    }
}
