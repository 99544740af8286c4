//! Text that came from a device, made fit for a terminal or a page.
//!
//! Bounded, and every character that could move a cursor, reorder a line or hide text becomes visible.
//! It does not escape HTML; a page writer does that as for any other text.

/// Reads bytes as UTF-8 and shows them on one line of at most `limit` characters.
///
/// Bytes that are no UTF-8 become `\xNN`, control characters `\x1b` (line ends and tabs `\n`, `\r`, `\t`),
/// invisible and direction-changing characters `\u{202e}`. A cut is marked with `…`.
#[must_use]
pub fn visible(bytes: &[u8], limit: usize) -> String {
    render(bytes, limit, false)
}

/// Like [`visible`], but line feeds stay line feeds and a carriage return before one is dropped.
#[must_use]
pub fn visible_lines(bytes: &[u8], limit: usize) -> String {
    render(bytes, limit, true)
}

/// Like [`visible`], for text that is already a string.
#[must_use]
pub fn visible_str(text: &str, limit: usize) -> String {
    visible(text.as_bytes(), limit)
}

fn render(bytes: &[u8], limit: usize, keep_lines: bool) -> String {
    // Four bytes a character is the most that can be shown; the rest need not be looked at.
    let looked_at = &bytes[..bytes.len().min(limit.saturating_mul(4).saturating_add(8))];
    let mut out = Text { shown: String::new(), room: limit, cut: false };
    for chunk in looked_at.utf8_chunks() {
        let mut characters = chunk.valid().chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '\n' if keep_lines => out.push("\n"),
                '\r' if keep_lines && characters.peek() == Some(&'\n') => {}
                _ => out.character(character),
            }
        }
        for byte in chunk.invalid() {
            out.push(&format!("\\x{byte:02x}"));
        }
        if out.cut {
            break;
        }
    }
    if looked_at.len() < bytes.len() {
        out.cut = true;
    }
    if out.cut {
        out.shown.push('…');
    }
    out.shown
}

struct Text {
    shown: String,
    room: usize,
    cut: bool,
}

impl Text {
    fn push(&mut self, piece: &str) {
        let length = piece.chars().count();
        if self.cut || length > self.room {
            self.cut = true;
            return;
        }
        self.room -= length;
        self.shown.push_str(piece);
    }

    fn character(&mut self, character: char) {
        match character {
            '\n' => self.push("\\n"),
            '\r' => self.push("\\r"),
            '\t' => self.push("\\t"),
            _ if u32::from(character) < 0x20 || character == '\x7f' => {
                self.push(&format!("\\x{:02x}", u32::from(character)));
            }
            _ if is_deceptive(character) => self.push(&format!("\\u{{{:x}}}", u32::from(character))),
            _ => self.push(character.encode_utf8(&mut [0; 4])),
        }
    }
}

/// C1 controls, bidirectional controls, zero-width and other invisible characters, tags, separators, private use.
fn is_deceptive(character: char) -> bool {
    matches!(character,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        | '\u{f0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_escape_sequence_is_shown_and_not_obeyed() {
        assert_eq!(visible(b"\x1b[2Jhello\r\n", 80), "\\x1b[2Jhello\\r\\n");
    }

    #[test]
    fn a_direction_override_is_shown() {
        assert_eq!(visible_str("a\u{202e}b", 80), "a\\u{202e}b");
    }

    #[test]
    fn bytes_that_are_no_utf8_are_shown_as_bytes() {
        assert_eq!(visible(b"ok\xff\xc3", 80), "ok\\xff\\xc3");
    }

    #[test]
    fn a_cut_is_marked_and_an_exact_fit_is_not() {
        assert_eq!(visible(b"abcdef", 3), "abc…");
        assert_eq!(visible(b"abc", 3), "abc");
        assert_eq!(visible("éééé".as_bytes(), 4), "éééé");
    }

    #[test]
    fn lines_can_be_kept() {
        assert_eq!(visible_lines(b"a\r\nb\rc", 80), "a\nb\\rc");
    }

    proptest! {
        #[test]
        fn no_control_character_passes_and_the_bound_holds(
            bytes in prop::collection::vec(any::<u8>(), 0..300), limit in 0_usize..64,
        ) {
            let shown = visible(&bytes, limit);
            prop_assert!(shown.chars().all(|c| !c.is_control() && !is_deceptive(c)));
            prop_assert!(shown.chars().count() <= limit + 1);
        }
    }
}
