//! HTTP/2 in clear (RFC 9113): heads and bodies, frame by frame.
//!
//! Heads are coded, so that nothing in them is found in the bytes on the wire: they are read here and handed over as lines.
//! A head that cannot be read leaves all heads behind it in its direction unread, which is counted.

use super::{Listener, Readable, Side, http, secrets};
use crate::hpack::Decoder;

/// What a client says first (RFC 9113 section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Bytes of a frame that is read whole.
const MOST_FRAME: usize = 64 * 1024;
/// Bytes of a head, as it is coded.
const MOST_BLOCK: usize = 128 * 1024;
/// Forms that are sent at a time, and bytes of one.
const MOST_FORMS: usize = 8;
const MOST_FORM: usize = 64 * 1024;

/// Types of frames (RFC 9113 section 6), and their flags.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const PUSH_PROMISE: u8 = 5;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const PADDED: u8 = 8;
const PRIORITY: u8 = 0x20;

/// A connection.
#[derive(Debug)]
pub(super) struct Overheard {
    client: Half,
    server: Half,
    coded: u32,
    unread: u32,
}

#[derive(Debug)]
struct Half {
    /// Bytes of the preface that were not heard yet.
    preface: &'static [u8],
    head: [u8; 9],
    in_head: usize,
    /// Bytes left of a frame.
    left: usize,
    /// Of a frame with data: the length of the padding at its end, once it is known.
    padding: Option<usize>,
    /// A frame that is read whole, so far.
    frame: Vec<u8>,
    /// A head, so far.
    block: Vec<u8>,
    /// None once a head could not be read.
    decoder: Option<Decoder>,
    /// Forms by their stream.
    forms: Vec<(u32, Vec<u8>)>,
    /// After a gap nobody knows where a frame begins.
    lost: bool,
}

impl Default for Overheard {
    fn default() -> Self {
        let half = |preface| Half {
            preface,
            head: [0; 9],
            in_head: 0,
            left: 0,
            padding: None,
            frame: Vec::new(),
            block: Vec::new(),
            decoder: Some(Decoder::default()),
            forms: Vec::new(),
            lost: false,
        };
        Self { client: half(PREFACE), server: half(&[]), coded: 0, unread: 0 }
    }
}

impl Half {
    fn kind(&self) -> u8 {
        self.head[3]
    }

    fn has(&self, flag: u8) -> bool {
        self.head[4] & flag != 0
    }

    fn stream(&self) -> u32 {
        u32::from_be_bytes([self.head[5] & 0x7f, self.head[6], self.head[7], self.head[8]])
    }

    fn held(&self) -> usize {
        let forms: usize = self.forms.iter().map(|(_, form)| form.len()).sum();
        self.frame.capacity() + self.block.capacity() + forms + self.decoder.as_ref().map_or(0, Decoder::held)
    }
}

impl Overheard {
    /// Bodies with a content coding.
    pub(super) fn coded(&self) -> u32 {
        self.coded
    }

    /// Heads that could not be read.
    pub(super) fn unread(&self) -> u32 {
        self.unread
    }

    pub(super) fn held(&self) -> usize {
        self.client.held() + self.server.held()
    }

    pub(super) fn gap(&mut self, from: Side) {
        let half = self.half(from);
        (half.lost, half.decoder) = (true, None);
        (half.frame, half.block, half.forms) = Default::default();
    }

    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    pub(super) fn hear(&mut self, from: Side, bytes: &[u8], listener: &mut dyn Listener) {
        let mut rest = bytes;
        while let Some(first) = rest.first() {
            let half = self.half(from);
            if half.lost {
                listener.readable(from, rest, Readable::Unknown);
                return;
            }
            if let Some((expected, behind)) = half.preface.split_first() {
                (half.preface, half.lost) = (behind, first != expected);
                rest = &rest[1..];
                continue;
            }
            if half.in_head < 9 {
                half.head[half.in_head] = *first;
                half.in_head += 1;
                rest = &rest[1..];
                if half.in_head == 9 {
                    half.left = u32::from_be_bytes([0, half.head[0], half.head[1], half.head[2]]) as usize;
                    half.padding = (!half.has(PADDED)).then_some(0);
                    half.lost = half.kind() != DATA && half.left > MOST_FRAME;
                }
            } else {
                let (part, behind) = rest.split_at(rest.len().min(half.left));
                half.left -= part.len();
                rest = behind;
                if half.kind() == DATA {
                    self.data(from, part, listener);
                } else if matches!(half.kind(), HEADERS | PUSH_PROMISE | CONTINUATION) {
                    half.frame.extend_from_slice(part);
                }
            }
            let half = self.half(from);
            if half.in_head == 9 && half.left == 0 && !half.lost {
                half.in_head = 0;
                self.frame(from, listener);
            }
        }
    }

    /// A part of the data of a frame, whose head says how much is behind it.
    fn data(&mut self, from: Side, part: &[u8], listener: &mut dyn Listener) {
        let half = self.half(from);
        let Some(padding) = half.padding else {
            // The first byte tells the padding.
            if let Some((first, behind)) = part.split_first() {
                half.padding = Some(usize::from(*first));
                self.data(from, behind, listener);
            }
            return;
        };
        // What is left of the frame behind this part is padding in the first place.
        let data = &part[..part.len().saturating_sub(padding.saturating_sub(half.left))];
        if data.is_empty() {
            return;
        }
        let stream = half.stream();
        if let Some((_, form)) = half.forms.iter_mut().find(|(of, _)| *of == stream) {
            form.extend_from_slice(&data[..data.len().min(MOST_FORM.saturating_sub(form.len()))]);
        }
        listener.readable(from, data, readable(from));
    }

    /// A frame is over.
    fn frame(&mut self, from: Side, listener: &mut dyn Listener) {
        let half = self.half(from);
        let (kind, stream) = (half.kind(), half.stream());
        if matches!(kind, HEADERS | PUSH_PROMISE | CONTINUATION) {
            let frame = std::mem::take(&mut half.frame);
            let block = block(kind, half.head[4], &frame);
            if half.block.len() + block.map_or(0, <[u8]>::len) > MOST_BLOCK || block.is_none() {
                (half.decoder, half.block) = (None, Vec::new());
            }
            if half.decoder.is_some() {
                half.block.extend_from_slice(block.unwrap_or_default());
            }
            if half.has(END_HEADERS) {
                self.fields(from, stream, listener);
            }
        }
        let half = self.half(from);
        if matches!(kind, DATA | HEADERS)
            && half.has(END_STREAM)
            && let Some(at) = half.forms.iter().position(|(of, _)| *of == stream)
        {
            let (_, form) = half.forms.remove(at);
            secrets::in_form(from, form.trim_ascii(), "form", listener);
        }
    }

    /// A head is over.
    fn fields(&mut self, from: Side, stream: u32, listener: &mut dyn Listener) {
        let half = self.half(from);
        let block = std::mem::take(&mut half.block);
        let mut fields: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        let mut keep = |name: &[u8], value: &[u8]| fields.push((name.to_vec(), value.to_vec()));
        if half.decoder.as_mut().is_none_or(|decoder| decoder.read(&block, &mut keep).is_err()) {
            half.decoder = None;
            self.unread += 1;
        }
        let mut lines = Vec::new();
        for (name, value) in &fields {
            match name.as_slice() {
                b":authority" | b"host" if from == Side::Client => {
                    listener.name(&crate::text::visible(http::host(value), 255));
                }
                b":path" => http::query(from, value, listener),
                b"content-type" if from == Side::Client => {
                    let half = self.half(from);
                    let is_form = value.to_ascii_lowercase().starts_with(b"application/x-www-form-urlencoded");
                    if is_form && half.forms.len() < MOST_FORMS {
                        half.forms.push((stream, Vec::new()));
                    }
                }
                b"content-encoding" if !value.eq_ignore_ascii_case(b"identity") => self.coded += 1,
                _ => http::field(from, name, value, listener),
            }
            lines.extend_from_slice(&[&name[..], b": ", value, b"\r\n"].concat());
        }
        if !lines.is_empty() {
            listener.readable(from, &lines, readable(from));
        }
    }
}

fn readable(from: Side) -> Readable {
    if from == Side::Client { Readable::Data } else { Readable::Page }
}

/// The part of a head in a frame: without padding, priority, and the stream that is promised.
fn block(kind: u8, flags: u8, frame: &[u8]) -> Option<&[u8]> {
    if kind == CONTINUATION {
        return Some(frame);
    }
    let (padding, rest) = if flags & PADDED == 0 {
        (0, frame)
    } else {
        let (first, rest) = frame.split_first()?;
        (usize::from(*first), rest)
    };
    let before = match kind {
        PUSH_PROMISE => 4,
        _ if flags & PRIORITY != 0 => 5,
        _ => 0,
    };
    rest.get(before..rest.len().checked_sub(padding)?)
}
