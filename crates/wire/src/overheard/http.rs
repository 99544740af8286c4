//! HTTP/1 and what has its form (RTSP, SIP): credentials and tokens in heads, forms and addresses, body by body so that
//! no body is taken for a head.

use std::collections::VecDeque;

use super::{Listener, Side, Turn, bounded, secrets};
use crate::base64;

const MOST_HEAD: usize = 32 * 1024;
const MOST_FORM: usize = 64 * 1024;
const MOST_OPEN: usize = 64;

/// A connection.
#[derive(Debug)]
pub(super) struct Overheard {
    name: &'static str,
    client: Half,
    server: Half,
    /// Methods of the requests not answered yet, as far as they change how an answer is read.
    asked: VecDeque<Asked>,
    coded: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Plain,
    Head,
    Connect,
}

#[derive(Debug)]
enum Half {
    /// The lines of a head so far.
    Head(Vec<u8>),
    /// Bytes left of a body, and what is kept of it.
    Body(u64, Option<Vec<u8>>),
    /// A line that tells the length of a chunk.
    ChunkHead(Vec<u8>, Option<Vec<u8>>),
    /// Bytes left of a chunk with the line end behind it.
    Chunk(u64, Option<Vec<u8>>),
    /// A body to the end of the connection.
    Rest,
    /// After a gap: up to what looks like a head nothing is read.
    Lost,
}

impl Overheard {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, client: Half::head(), server: Half::head(), asked: VecDeque::new(), coded: 0 }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Bodies with a content coding.
    pub(super) fn coded(&self) -> u32 {
        self.coded
    }

    pub(super) fn held(&self) -> usize {
        let half = |half: &Half| match half {
            Half::Head(bytes) => bytes.capacity(),
            Half::Body(_, kept) | Half::ChunkHead(_, kept) | Half::Chunk(_, kept) => {
                kept.as_ref().map_or(0, Vec::capacity)
            }
            Half::Rest | Half::Lost => 0,
        };
        half(&self.client) + half(&self.server)
    }

    pub(super) fn gap(&mut self, from: Side) {
        *self.half(from) = Half::Lost;
        self.asked.clear();
    }

    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    pub(super) fn hear(&mut self, from: Side, bytes: &[u8], listener: &mut dyn Listener) -> Turn {
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.half(from) {
                Half::Rest => return Turn::Stay,
                Half::Lost => {
                    if !looks_like_head(rest) {
                        return Turn::Stay;
                    }
                    *self.half(from) = Half::head();
                }
                Half::Head(head) => {
                    let Some(at) = rest.iter().position(|byte| *byte == b'\n') else {
                        head.extend_from_slice(rest);
                        if head.len() > MOST_HEAD {
                            *self.half(from) = Half::Lost;
                        }
                        return Turn::Stay;
                    };
                    head.extend_from_slice(&rest[..=at]);
                    rest = &rest[at + 1..];
                    let is_over = head.ends_with(b"\n\r\n") || head.ends_with(b"\n\n");
                    if head.len() > MOST_HEAD {
                        *self.half(from) = Half::Lost;
                    } else if is_over {
                        let head = std::mem::take(head);
                        let (next, turn) = self.head(from, &head, listener);
                        *self.half(from) = next;
                        self.settle(from, listener);
                        match turn {
                            Turn::Stay => {}
                            Turn::Anew(name, _) => return Turn::Anew(name, rest.len()),
                            Turn::WebSocket(_) => return Turn::WebSocket(rest.len()),
                            Turn::Http2(_) => return Turn::Http2(rest.len()),
                        }
                    } else if matches!(head[..], [b'\r', b'\n'] | [b'\n']) {
                        // Empty lines before a head are passed over.
                        head.clear();
                    }
                }
                Half::Body(left, kept) | Half::Chunk(left, kept) => {
                    let taken = rest.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                    keep(kept, &rest[..taken]);
                    *left -= taken as u64;
                    rest = &rest[taken..];
                    self.settle(from, listener);
                }
                Half::ChunkHead(line, kept) => {
                    let byte = rest[0];
                    rest = &rest[1..];
                    if byte != b'\n' {
                        line.push(byte);
                        if line.len() > 256 {
                            *self.half(from) = Half::Lost;
                        }
                        continue;
                    }
                    let text = String::from_utf8_lossy(line).into_owned();
                    let digits = text.split(';').next().unwrap_or_default().trim();
                    let kept = kept.take();
                    *self.half(from) = match u64::from_str_radix(digits, 16) {
                        // The trailer has the form of a head: it ends with an empty line.
                        Ok(0) => {
                            form(from, kept, listener);
                            Half::ChunkHead(Vec::new(), None)
                        }
                        Ok(length) if length < 1 << 40 => Half::Chunk(length + 2, kept),
                        _ if digits.is_empty() => Half::head(),
                        _ if text.contains(':') => Half::ChunkHead(Vec::new(), None),
                        _ => Half::Lost,
                    };
                }
            }
        }
        Turn::Stay
    }

    /// Goes on where a body or a chunk is over.
    fn settle(&mut self, from: Side, listener: &mut dyn Listener) {
        let half = self.half(from);
        match half {
            Half::Body(0, kept) => {
                let kept = kept.take();
                *half = Half::head();
                form(from, kept, listener);
            }
            Half::Chunk(0, kept) => {
                let kept = kept.take();
                *half = Half::ChunkHead(Vec::new(), kept);
            }
            _ => {}
        }
    }

    /// Reads a whole head; what follows it.
    fn head(&mut self, from: Side, head: &[u8], listener: &mut dyn Listener) -> (Half, Turn) {
        let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
        let first = lines.next().unwrap_or_default();
        let mut length = None;
        let (mut chunked, mut is_form, mut upgrade) = (false, false, String::new());
        for line in lines.take(256) {
            let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
            let (name, value) = (line[..colon].to_ascii_lowercase(), line[colon + 1..].trim_ascii());
            let text = || String::from_utf8_lossy(value).to_ascii_lowercase();
            match name.as_slice() {
                b"content-length" => length = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()),
                b"transfer-encoding" => chunked = text().contains("chunked"),
                b"content-type" => is_form = text().contains("x-www-form-urlencoded"),
                b"content-encoding" if !matches!(text().as_str(), "identity" | "") => self.coded += 1,
                b"upgrade" => upgrade = text(),
                b"host" if from == Side::Client => listener.name(&crate::text::visible(host(value), 255)),
                _ => field(from, &name, value, listener),
            }
        }
        let mut words = first.split(|byte| *byte == b' ');
        let kept = is_form.then(Vec::new);
        let body = |otherwise: Half| match (chunked, length) {
            (true, _) => Half::ChunkHead(Vec::new(), kept.clone()),
            (false, Some(0)) => Half::head(),
            (false, Some(length)) => Half::Body(length, kept.clone()),
            (false, None) => otherwise,
        };
        let is_answer = from == Side::Server
            && (first.starts_with(b"HTTP/") || first.starts_with(b"RTSP/") || first.starts_with(b"SIP/"));
        if !is_answer {
            let method = words.next().unwrap_or_default();
            let target = words.next().unwrap_or_default();
            query(from, target, listener);
            if from == Side::Client {
                if self.asked.len() == MOST_OPEN {
                    self.asked.pop_front();
                }
                self.asked.push_back(match method {
                    b"HEAD" => Asked::Head,
                    b"CONNECT" => Asked::Connect,
                    _ => Asked::Plain,
                });
            }
            return (body(Half::head()), Turn::Stay);
        }
        let status = words.nth(1).unwrap_or_default();
        if status.starts_with(b"1") && status != b"101" {
            return (Half::head(), Turn::Stay);
        }
        let asked = self.asked.pop_front();
        match (status, asked) {
            (b"101", _) if upgrade.contains("websocket") => (Half::Rest, Turn::WebSocket(0)),
            (b"101", _) if upgrade.contains("h2c") => (Half::Rest, Turn::Http2(0)),
            (b"101", _) => (Half::Rest, Turn::Stay),
            (_, Some(Asked::Connect)) if status.starts_with(b"2") => (Half::head(), Turn::Anew(self.name, 0)),
            (b"204" | b"304", _) | (_, Some(Asked::Head)) => (Half::head(), Turn::Stay),
            // Without a length an answer of HTTP lasts to the end of the connection; RTSP and SIP have no such one.
            _ => (body(if self.name == "http" { Half::Rest } else { Half::head() }), Turn::Stay),
        }
    }
}

impl Half {
    fn head() -> Self {
        Self::Head(Vec::new())
    }
}

fn keep(kept: &mut Option<Vec<u8>>, part: &[u8]) {
    if let Some(kept) = kept {
        let room = MOST_FORM.saturating_sub(kept.len());
        kept.extend_from_slice(&part[..part.len().min(room)]);
    }
}

fn form(from: Side, kept: Option<Vec<u8>>, listener: &mut dyn Listener) {
    if let Some(kept) = kept {
        secrets::in_form(from, kept.trim_ascii(), "form", listener);
    }
}

/// Hands over what the query of an address names secret.
pub(super) fn query(from: Side, target: &[u8], listener: &mut dyn Listener) {
    if let Some(at) = target.iter().position(|byte| *byte == b'?') {
        let query = target[at + 1..].split(|byte| *byte == b'#').next().unwrap_or_default();
        secrets::in_form(from, query, "query", listener);
    }
}

/// Hands over what a header field carries that lets somebody in.
pub(super) fn field(from: Side, name: &[u8], value: &[u8], listener: &mut dyn Listener) {
    match name {
        b"authorization" | b"proxy-authorization" => {
            let at = value.iter().position(|byte| *byte == b' ').unwrap_or(value.len());
            let (scheme, rest) = (value[..at].to_ascii_lowercase(), value[at..].trim_ascii());
            match scheme.as_slice() {
                b"basic" => {
                    let plain = base64::decode(rest).unwrap_or_else(|| rest.to_vec());
                    listener.found(from, "credential", "Authorization Basic", bounded(&plain));
                }
                b"digest" => listener.found(from, "credential", "Authorization Digest", bounded(rest)),
                b"bearer" => listener.found(from, "token", "Authorization Bearer", bounded(rest)),
                _ => listener.found(from, "token", "Authorization", bounded(value)),
            }
        }
        b"cookie" => listener.found(from, "token", "Cookie", bounded(value)),
        b"set-cookie" => listener.found(from, "token", "Set-Cookie", bounded(value)),
        b"x-api-key" | b"x-auth-token" | b"x-access-token" | b"api-key" | b"x-amz-security-token" => {
            listener.found(from, "token", &String::from_utf8_lossy(name), bounded(value));
        }
        _ => {}
    }
}

/// A host without its port.
pub(super) fn host(value: &[u8]) -> &[u8] {
    match value.iter().rposition(|byte| *byte == b':') {
        Some(at) if !value.ends_with(b"]") => &value[..at],
        _ => value,
    }
}

/// Whether bytes begin as a request or an answer does.
fn looks_like_head(bytes: &[u8]) -> bool {
    if [&b"HTTP/1."[..], b"RTSP/", b"SIP/2.0 "].iter().any(|start| bytes.starts_with(start)) {
        return true;
    }
    let line = &bytes[..bytes.iter().take(3000).position(|byte| *byte == b'\n').unwrap_or(0)];
    let line = line.trim_ascii_end();
    line.first().is_some_and(u8::is_ascii_uppercase)
        && [&b" HTTP/1.1"[..], b" HTTP/1.0", b" RTSP/1.0", b" SIP/2.0"].iter().any(|end| line.ends_with(end))
}
