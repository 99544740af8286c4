//! CoAP requests and answers (RFC 7252), blockwise answers' option (RFC 7959), the link format (RFC 6690).
//!
//! Over UDP and without DTLS or observation.

pub mod wrong;

use crate::Malformed;
use crate::reader::Reader;

/// Option numbers.
pub mod option {
    /// A segment of the path.
    pub const URI_PATH: u16 = 11;
    /// The format of the payload; 40 is the link format.
    pub const CONTENT_FORMAT: u16 = 12;
    /// A piece of the query.
    pub const URI_QUERY: u16 = 15;
    /// Which block of the answer this is.
    pub const BLOCK2: u16 = 23;
}

/// Message types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// To be acknowledged.
    Confirmable,
    /// Not to be acknowledged.
    NonConfirmable,
    /// An acknowledgement, which may carry the answer.
    Acknowledgement,
    /// A reset: the message was not understood.
    Reset,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its type.
    pub kind: Kind,
    /// Class and detail, as in `2.05`.
    pub code: (u8, u8),
    /// Joins a message and its acknowledgement.
    pub id: u16,
    /// Joins request and answer, at most 8 bytes.
    pub token: Vec<u8>,
    /// Options by number, ascending.
    pub options: Vec<(u16, Vec<u8>)>,
    /// The payload.
    pub payload: Vec<u8>,
}

/// A confirmable GET of a path such as `/.well-known/core`.
#[must_use]
pub fn get(path: &str, id: u16, token: &[u8]) -> Message {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    Message {
        kind: Kind::Confirmable,
        code: (0, 1),
        id,
        token: token[..token.len().min(8)].to_vec(),
        options: segments.map(|segment| (option::URI_PATH, segment.as_bytes().to_vec())).collect(),
        payload: Vec::new(),
    }
}

impl Message {
    /// The code as written in the standard, such as `2.05`.
    #[must_use]
    pub fn code_text(&self) -> String {
        format!("{}.{:02}", self.code.0, self.code.1)
    }

    /// The number of an option's value; none if it is not there or above four bytes.
    #[must_use]
    pub fn option_number(&self, number: u16) -> Option<u32> {
        let (_, value) = self.options.iter().find(|(found, _)| *found == number)?;
        (value.len() <= 4).then(|| value.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
    }

    /// The block of a blockwise answer: its number, whether more follow, its size in bytes.
    #[must_use]
    pub fn block(&self) -> Option<(u32, bool, usize)> {
        let value = self.option_number(option::BLOCK2)?;
        Some((value >> 4, value & 8 != 0, 1 << ((value & 7) + 4)))
    }

    /// The bytes to send. Options must be in ascending order; longer values than 65 804 bytes are cut.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let token = &self.token[..self.token.len().min(8)];
        let kind = match self.kind {
            Kind::Confirmable => 0,
            Kind::NonConfirmable => 1,
            Kind::Acknowledgement => 2,
            Kind::Reset => 3,
        };
        let mut out = vec![0x40 | kind << 4 | token.len() as u8, self.code.0 << 5 | self.code.1 & 0x1f];
        out.extend(self.id.to_be_bytes());
        out.extend_from_slice(token);
        let mut last = 0;
        for (number, value) in &self.options {
            let value = &value[..value.len().min(65_804)];
            let (delta, delta_more) = nibble(usize::from(number.saturating_sub(last)));
            let (length, length_more) = nibble(value.len());
            out.push(delta << 4 | length);
            out.extend(delta_more);
            out.extend(length_more);
            out.extend_from_slice(value);
            last = *number;
        }
        if !self.payload.is_empty() {
            out.push(0xff);
            out.extend_from_slice(&self.payload);
        }
        out
    }

    /// Reads a datagram.
    ///
    /// # Errors
    /// When it is no CoAP message of version 1, or an option is cut.
    pub fn read(datagram: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(datagram, "coap message");
        let (first, code) = (reader.u8()?, reader.u8()?);
        if first >> 6 != 1 {
            return Err(Malformed::Invalid("coap version"));
        }
        let kind = match first >> 4 & 3 {
            0 => Kind::Confirmable,
            1 => Kind::NonConfirmable,
            2 => Kind::Acknowledgement,
            _ => Kind::Reset,
        };
        let token_length = usize::from(first & 0x0f);
        if token_length > 8 {
            return Err(Malformed::Invalid("coap token length"));
        }
        let id = reader.u16()?;
        let token = reader.take(token_length)?.to_vec();
        let (mut options, mut number) = (Vec::new(), 0_u16);
        while !reader.is_empty() {
            let head = reader.u8()?;
            if head == 0xff {
                break;
            }
            let delta = extended(&mut reader, head >> 4)?;
            number = number.checked_add(delta).ok_or(Malformed::Invalid("coap option number"))?;
            let length = extended(&mut reader, head & 0x0f)?;
            options.push((number, reader.take(usize::from(length))?.to_vec()));
        }
        Ok(Self { kind, code: (code >> 5, code & 0x1f), id, token, options, payload: reader.rest().to_vec() })
    }
}

fn nibble(value: usize) -> (u8, Vec<u8>) {
    match value {
        0..=12 => (value as u8, Vec::new()),
        13..=268 => (13, vec![(value - 13) as u8]),
        _ => (14, ((value - 269) as u16).to_be_bytes().to_vec()),
    }
}

fn extended(reader: &mut Reader<'_>, nibble: u8) -> Result<u16, Malformed> {
    match nibble {
        13 => Ok(u16::from(reader.u8()?) + 13),
        14 => reader.u16()?.checked_add(269).ok_or(Malformed::Invalid("coap option")),
        15 => Err(Malformed::Invalid("coap option")),
        small => Ok(u16::from(small)),
    }
}

/// A link of the link format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The path.
    pub target: String,
    /// Attributes in order, such as `rt` or `if`.
    pub attributes: Vec<(String, Option<String>)>,
}

/// Reads the link format, tolerantly; at most 1024 links.
#[must_use]
pub fn links(text: &str) -> Vec<Link> {
    let mut found = Vec::new();
    for item in split_unquoted(text, b',') {
        let mut parts = split_unquoted(item, b';').into_iter();
        let Some(target) = parts.next().and_then(|part| part.trim().strip_prefix('<')?.strip_suffix('>')) else {
            continue;
        };
        let attributes = parts.map(|part| match part.split_once('=') {
            Some((name, value)) => (name.trim().to_owned(), Some(value.trim().trim_matches('"').to_owned())),
            None => (part.trim().to_owned(), None),
        });
        found.push(Link { target: target.to_owned(), attributes: attributes.take(32).collect() });
        if found.len() == 1024 {
            break;
        }
    }
    found
}

fn split_unquoted(text: &str, separator: u8) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut in_target) = (Vec::new(), 0, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if !in_target => quoted = !quoted,
            b'<' if !quoted => in_target = true,
            b'>' if !quoted => in_target = false,
            _ if byte == separator && !quoted && !in_target => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_get_of_the_core_resource_has_the_bytes_of_the_standard() {
        let bytes = get("/.well-known/core", 0x7d34, &[]).to_bytes();
        assert_eq!(bytes, b"\x40\x01\x7d\x34\xbb.well-known\x04core");
    }

    #[test]
    fn an_answer_is_read_back() {
        let answer = Message {
            kind: Kind::Acknowledgement,
            code: (2, 5),
            id: 1,
            token: vec![7],
            options: vec![(12, vec![40]), (23, vec![0x0e]), (2048, vec![0; 300])],
            payload: b"</a>".to_vec(),
        };
        let read = Message::read(&answer.to_bytes()).unwrap();
        assert_eq!(read, answer);
        assert_eq!((read.code_text().as_str(), read.block()), ("2.05", Some((0, true, 1024))));
    }

    #[test]
    fn links_are_read_with_quoted_commas() {
        let found = links("</s/t,1>;rt=\"a,b\";obs,</x>");
        assert_eq!(found[0].target, "/s/t,1");
        assert_eq!(found[0].attributes, [("rt".into(), Some("a,b".into())), ("obs".into(), None)]);
        assert_eq!(found[1].target, "/x");
    }

    #[test]
    fn no_bytes_make_the_readers_panic() {
        crate::hostile::survives(&get("/a/b", 1, &[1]).to_bytes(), Message::read);
        crate::hostile::survives(b"</a>;rt=\"x\",</b>", |bytes| links(&String::from_utf8_lossy(bytes)));
    }
}
