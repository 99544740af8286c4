//! JSON of other tools, broken off or broken in the middle: what is whole is read, and where it breaks is said.

use serde_json::Value;

/// The value of a text, or that of its longest beginning that is whole once what is open there is closed; and why it
/// broke off, if it did. None where nothing is whole.
pub(super) fn read(text: &[u8]) -> (Option<Value>, Option<String>) {
    let text = String::from_utf8_lossy(text);
    let text = &without_huge_numbers(text.trim_start_matches('\u{feff}'));
    let error = match serde_json::from_str(text) {
        Ok(value) => return (Some(value), None),
        Err(error) => error,
    };
    let end = offset(text, error.line(), error.column());
    let why = format!("line {}: {}", error.line(), if error.is_eof() { "the file ends there" } else { "no JSON" });
    let value = closed(&text[..end]).and_then(|text| serde_json::from_str(&text).ok());
    (value, Some(why))
}

/// The text with `null` in place of whole numbers that no 64-bit number comes near, such as the modulus of a key: a
/// parser would take the text for broken there.
fn without_huge_numbers(text: &str) -> String {
    const MOST_DIGITS: usize = 300;
    let (mut in_text, mut escaped) = (false, false);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if !in_text && digits > MOST_DIGITS {
            // A sign before it would have nothing to stand before.
            if out.ends_with('-') {
                out.pop();
            }
            out.push_str("null");
            rest = &rest[digits..];
            continue;
        }
        match character {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            _ => {}
        }
        let taken = if in_text || digits == 0 { character.len_utf8() } else { digits };
        out.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    out
}

/// The byte before which an error lies.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let mut end = (start + column).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    end
}

/// The text up to the last place where closing what is open makes it whole.
fn closed(text: &str) -> Option<String> {
    let mut open: Vec<char> = Vec::new();
    let mut safe: Option<(usize, Vec<char>)> = None;
    let (mut in_text, mut escaped) = (false, false);
    for (at, character) in text.char_indices() {
        if in_text {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match character {
            '"' => in_text = true,
            '{' | '[' => {
                open.push(if character == '{' { '}' } else { ']' });
                safe = Some((at + 1, open.clone()));
            }
            '}' | ']' => {
                if open.pop() != Some(character) {
                    break;
                }
                safe = Some((at + 1, open.clone()));
            }
            ',' => safe = Some((at, open.clone())),
            _ => {}
        }
        if open.len() > 100 {
            break;
        }
    }
    let (end, open) = safe?;
    Some(text[..end].chars().chain(open.into_iter().rev()).collect())
}

/// Every object without objects in it, wherever it stands, and how many pieces that began like one were none.
pub(super) fn flat_objects(text: &[u8]) -> (Vec<Value>, usize) {
    let text = String::from_utf8_lossy(text);
    let (mut whole, mut broken) = (Vec::new(), 0);
    for piece in text.split('{').skip(1) {
        // A brace may stand in a text: the first end at which the object is whole counts.
        let ends = piece.match_indices('}').map(|(at, _)| at).take(20);
        let read = ends.map(|at| serde_json::from_str(&format!("{{{}}}", &piece[..at])));
        match read.filter_map(Result::ok).next() {
            Some(value) => whole.push(value),
            None => broken += 1,
        }
    }
    (whole, broken)
}

/// A text member, trimmed; empty where there is none.
pub(super) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).map_or("", str::trim)
}

/// The elements of an array member.
pub(super) fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A port, written as a number or as a text.
pub(super) fn port(value: &Value, name: &str) -> Option<u16> {
    let member = value.get(name)?;
    member.as_u64().and_then(|port| u16::try_from(port).ok()).or_else(|| member.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_modulus_of_a_key_does_not_break_the_text() {
        let digits = "7".repeat(617);
        let text = format!("{{\"n\": {digits}, \"text\": \"{digits}\", \"e\": 65537, \"minus\": -{digits}}}");
        let (value, why) = read(text.as_bytes());
        let value = value.unwrap();
        assert_eq!((why, &value["n"], &value["minus"]), (None, &Value::Null, &Value::Null));
        assert_eq!((&value["e"], &value["text"]), (&Value::from(65537), &Value::from(digits)));
    }

    #[test]
    fn what_is_whole_of_a_broken_text_is_read_and_the_break_is_said() {
        assert_eq!(read(br#"{"a": [1, {"b": "}"}]}"#), (Some(json!({"a": [1, {"b": "}"}]})), None));
        let (value, why) = read(br#"{"a": [1, {"b": "x", "c": "y"#);
        assert_eq!((value, why.is_some()), (Some(json!({"a": [1, {"b": "x"}]})), true));
        let (value, why) = read(b"[{\"a\":1},\n{\"a\":2}\n oops");
        assert_eq!((value, why), (Some(json!([{"a": 1}, {"a": 2}])), Some("line 3: no JSON".to_owned())));
        assert_eq!(read(b"nmap").0, None);
    }

    #[test]
    fn objects_are_picked_out_of_a_text_that_is_no_json_as_a_whole() {
        let text = br#"[ {"id": "a", "finding": "x {y} z"}, {"id": "b" "finding"}, {"id": "c"} {"id": "d", "fi"#;
        let (whole, broken) = flat_objects(text);
        let ids: Vec<&str> = whole.iter().map(|value| super::text(value, "id")).collect();
        assert!(ids.contains(&"c") && !ids.contains(&"b") && !ids.contains(&"d"), "{ids:?}");
        assert!(broken >= 2);
    }
}
