//! Messages of a protocol of its own, as a supplier describes them part by part, and the ways in which one can be wrong.
//!
//! A description is a list of lines: `bytes 7e 01`, `length 2 little`, `number 1 level 0..100 = 50`, `text name ..32 = plug`,
//! `json = {"cmd":"get"}`, `tlv 07 name = 68 69`. A length counts the bytes behind it. Checksums and encryption are not
//! known: such a message can be described as bytes alone.

mod wrong;

pub use wrong::{Text, Wrong};

use serde_json::Value;

/// Parts of a message at most.
const MOST_PARTS: usize = 64;
/// Bytes of a line at most.
const MOST_LINE: usize = 4096;

/// A message, part by part.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Bytes(Vec<u8>),
    /// Bytes of the number, and whether the last one is the highest.
    Length(usize, bool),
    Number {
        size: usize,
        little: bool,
        name: String,
        least: Option<i64>,
        greatest: Option<i64>,
        value: i64,
    },
    Text {
        name: String,
        shortest: Option<usize>,
        longest: Option<usize>,
        value: String,
    },
    Json(Value),
    /// One byte of tag, one of length, the value.
    Tlv {
        tag: u8,
        name: String,
        value: Vec<u8>,
    },
}

impl Frame {
    /// Reads a description.
    ///
    /// # Errors
    /// The line that cannot be read, and why.
    pub fn read<S: AsRef<str>>(lines: &[S]) -> Result<Self, String> {
        if lines.is_empty() || lines.len() > MOST_PARTS {
            return Err(format!("a frame has 1 to {MOST_PARTS} parts"));
        }
        let part = |line: &S| {
            let line = line.as_ref().trim();
            let shown: String = line.chars().take(60).collect();
            if line.len() > MOST_LINE {
                return Err(format!("`{shown}` is longer than {MOST_LINE} bytes"));
            }
            part(line).ok_or_else(|| format!("`{shown}` is no part of a frame"))
        };
        let parts = lines.iter().map(part).collect::<Result<Vec<Part>, String>>()?;
        let frame = Self { parts };
        if frame.bytes().is_empty() { Err("the frame has no bytes".to_owned()) } else { Ok(frame) }
    }

    /// The message as it should be.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.with(usize::MAX, &[])
    }

    /// The message with other bytes for one part; lengths count what is there.
    fn with(&self, other: usize, bytes: &[u8]) -> Vec<u8> {
        let mut built: Vec<u8> = Vec::new();
        for (index, part) in self.parts.iter().enumerate().rev() {
            let own = if index == other { bytes.to_vec() } else { part.bytes(built.len()) };
            built.splice(0..0, own);
        }
        built
    }
}

impl Part {
    /// Its bytes, where so many follow.
    fn bytes(&self, behind: usize) -> Vec<u8> {
        match self {
            Part::Bytes(bytes) => bytes.clone(),
            Part::Length(size, little) => number(i64::try_from(behind).unwrap_or(i64::MAX), *size, *little),
            Part::Number { size, little, value, .. } => number(*value, *size, *little),
            Part::Text { value, .. } => value.clone().into_bytes(),
            Part::Json(value) => value.to_string().into_bytes(),
            Part::Tlv { tag, value, .. } => tlv(*tag, value.len(), value),
        }
    }
}

fn tlv(tag: u8, length: usize, value: &[u8]) -> Vec<u8> {
    [&[tag, u8::try_from(length).unwrap_or(u8::MAX)], value].concat()
}

/// The lowest bytes of a number.
fn number(value: i64, size: usize, little: bool) -> Vec<u8> {
    let all = value.to_be_bytes();
    let mut bytes = all[8 - size.clamp(1, 8)..].to_vec();
    if little {
        bytes.reverse();
    }
    bytes
}

fn part(line: &str) -> Option<Part> {
    let (head, value) = line.split_once('=').map_or((line, None), |(head, value)| (head, Some(value)));
    let value = value.map(|value| value.strip_prefix(' ').unwrap_or(value));
    let words: Vec<&str> = head.split_whitespace().collect();
    let size = |text: &str| text.parse::<usize>().ok().filter(|size| [1, 2, 4, 8].contains(size));
    match (words.split_first()?, value) {
        ((&"bytes", bytes), None) => Some(Part::Bytes(unhex(&bytes.concat())?)),
        ((&"length", [bytes]), None) => Some(Part::Length(size(bytes)?, false)),
        ((&"length", [bytes, "little"]), None) => Some(Part::Length(size(bytes)?, true)),
        ((&"number", [bytes, rest @ ..]), Some(value)) => {
            let (little, rest) = match rest {
                ["little", rest @ ..] => (true, rest),
                rest => (false, rest),
            };
            let (name, least, greatest) = named::<i64>(rest)?;
            let value = value.trim().parse().ok()?;
            Some(Part::Number { size: size(bytes)?, little, name, least, greatest, value })
        }
        ((&"text", rest), Some(value)) => {
            let (name, shortest, longest) = named::<usize>(rest)?;
            Some(Part::Text { name, shortest, longest, value: value.to_owned() })
        }
        ((&"json", []), Some(value)) => Some(Part::Json(serde_json::from_str(value).ok()?)),
        ((&"tlv", [tag, name]), Some(value)) => {
            let (tag, value) = (u8::from_str_radix(tag, 16).ok()?, unhex(&value.replace(' ', ""))?);
            (value.len() <= 255).then(|| Part::Tlv { tag, name: (*name).to_owned(), value })
        }
        _ => None,
    }
}

/// A name and, behind it, the ends of a range: `level 0..100`, `name ..32`.
fn named<T: std::str::FromStr>(words: &[&str]) -> Option<(String, Option<T>, Option<T>)> {
    let end = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
    match words {
        [name] => Some(((*name).to_owned(), None, None)),
        [name, range] => {
            let (least, greatest) = range.split_once("..")?;
            Some(((*name).to_owned(), end(least)?, end(greatest)?))
        }
        _ => None,
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_becomes_bytes_and_lengths_count_what_follows() {
        let lines =
            ["bytes 7e 01", "length 2", "number 2 little level 0..100 = 50", "tlv 07 name = 68 69", "bytes 0d0a"];
        let frame = Frame::read(&lines).unwrap();
        assert_eq!(frame.bytes(), b"\x7e\x01\x00\x08\x32\x00\x07\x02hi\r\n");
        assert_eq!(frame.with(3, b"abc"), b"\x7e\x01\x00\x07\x32\x00abc\r\n");
        let text = Frame::read(&["text cmd 1..8 = get a=b", "json = {\"a\":1}"]).unwrap();
        assert_eq!(text.bytes(), b"get a=b{\"a\":1}");
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for line in
            ["", "bytes 7", "bytes zz", "length 3", "number 1 level", "text", "json = {", "tlv 1ff a = 00", "x y"]
        {
            let told = Frame::read(&[line]).unwrap_err();
            assert!(told.contains(line) || told.contains("no bytes"), "{told}");
        }
        assert!(Frame::read::<&str>(&[]).is_err());
        assert!(Frame::read(&["bytes é"]).is_err());
    }
}
