//! Answers, fed as they arrive: by length, chunked, or to the end of the connection (RFC 9112 section 6).

use crate::Malformed;
use crate::reader::find;

/// How much of an answer is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of status line and headers; more is an error.
    pub head: usize,
    /// Bytes of body; an answer that has more is done early with `complete` false.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { head: 64 * 1024, body: 1024 * 1024 }
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Response {
    /// The digit behind `HTTP/1.`.
    pub minor_version: u8,
    /// The status code.
    pub status: u16,
    /// The reason phrase, hostile text.
    pub reason: String,
    /// Headers in the order received; values with bytes that are no UTF-8 are read lossily.
    pub headers: Vec<(String, String)>,
    /// The body after removing the chunked framing.
    pub body: Vec<u8>,
    /// Whether the body was received whole.
    pub complete: bool,
}

impl Response {
    /// The first header of this name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let is_named = |(found, _): &&(String, String)| found.eq_ignore_ascii_case(name);
        self.headers.iter().find(is_named).map(|(_, value)| value.as_str())
    }

    /// Every header of this name, in order.
    pub fn headers_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as text, read lossily.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// What a feed led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// The answer is not whole yet.
    NeedMore,
    /// The answer is whole, or as much of it as the limits keep.
    Done(Response),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Head,
    Length(usize),
    ChunkSize,
    ChunkData(usize),
    ChunkEnd,
    Trailer,
    ToClose,
}

/// Reads one answer. After `Done` or an error it is used up.
#[derive(Debug, Clone)]
pub struct ResponseReader {
    limits: Limits,
    to_head_request: bool,
    body_needs_length: bool,
    buffer: Vec<u8>,
    scanned: usize,
    framing: Framing,
    overflowed: bool,
    response: Response,
}

impl ResponseReader {
    /// A reader for the answer to a request with this method; an answer to HEAD has no body.
    #[must_use]
    pub fn new(method: &str, limits: Limits) -> Self {
        Self {
            limits,
            to_head_request: method.eq_ignore_ascii_case("HEAD"),
            body_needs_length: false,
            buffer: Vec::new(),
            scanned: 0,
            framing: Framing::Head,
            overflowed: false,
            response: Response::default(),
        }
    }

    /// For RTSP: an answer without a length has no body (RFC 2326 section 4.4).
    pub(crate) fn with_length_only(mut self) -> Self {
        self.body_needs_length = true;
        self
    }

    /// Takes the next bytes received.
    ///
    /// # Errors
    /// When the bytes are no HTTP/1 answer, or its head is larger than the limit.
    pub fn feed(&mut self, received: &[u8]) -> Result<Progress, Malformed> {
        self.buffer.extend_from_slice(received);
        loop {
            match self.framing {
                Framing::Head => {
                    let Some(end) = self.head_end()? else { return Ok(Progress::NeedMore) };
                    let head: Vec<u8> = self.buffer.drain(..end).collect();
                    self.scanned = 0;
                    self.response = parse_head(&head)?;
                    // Interim answers precede the final one (RFC 9110 section 15.2).
                    if (100..200).contains(&self.response.status) && self.response.status != 101 {
                        continue;
                    }
                    self.framing = self.framing_of_body()?;
                }
                Framing::Length(left) => {
                    let left = left - self.keep(left);
                    self.framing = Framing::Length(left);
                    return Ok(if left == 0 { self.done(true) } else { self.need_more() });
                }
                Framing::ToClose => {
                    self.keep(usize::MAX);
                    return Ok(self.need_more());
                }
                Framing::ChunkData(left) => {
                    let left = left - self.keep(left);
                    if left > 0 {
                        self.framing = Framing::ChunkData(left);
                        return Ok(self.need_more());
                    }
                    self.framing = Framing::ChunkEnd;
                }
                Framing::ChunkSize | Framing::ChunkEnd | Framing::Trailer => {
                    if self.overflowed {
                        return Ok(self.done(false));
                    }
                    let Some(line) = self.line()? else { return Ok(Progress::NeedMore) };
                    match (self.framing, line.is_empty()) {
                        (Framing::ChunkSize, _) => {
                            self.framing = match chunk_size(&line)? {
                                0 => Framing::Trailer,
                                size => Framing::ChunkData(size),
                            };
                        }
                        (Framing::ChunkEnd, true) => self.framing = Framing::ChunkSize,
                        (Framing::Trailer, true) => return Ok(self.done(true)),
                        (Framing::Trailer, false) => {}
                        _ => return Err(Malformed::Invalid("http chunk end")),
                    }
                }
            }
        }
    }

    /// The connection ended: what was received is the answer.
    ///
    /// # Errors
    /// When not even the head was received whole.
    pub fn finish(&mut self) -> Result<Response, Malformed> {
        let complete = match self.framing {
            Framing::Head => return Err(Malformed::Truncated("http head")),
            Framing::ToClose => !self.overflowed,
            Framing::Length(left) => left == 0,
            _ => false,
        };
        match self.done(complete) {
            Progress::Done(response) => Ok(response),
            Progress::NeedMore => Err(Malformed::Truncated("http body")),
        }
    }

    fn head_end(&mut self) -> Result<Option<usize>, Malformed> {
        let from = self.scanned.saturating_sub(3);
        let unscanned = &self.buffer[from..];
        let end = [find(unscanned, b"\n\r\n").map(|at| at + 3), find(unscanned, b"\n\n").map(|at| at + 2)]
            .into_iter()
            .flatten()
            .min()
            .map(|end| from + end);
        self.scanned = self.buffer.len();
        if end.unwrap_or(self.buffer.len()) > self.limits.head {
            return Err(Malformed::TooLarge("http head"));
        }
        // Bytes that cannot become a status line are refused at once, not waited upon.
        let start = &self.buffer[..self.buffer.len().min(5)];
        if !b"HTTP/".starts_with(start) && !b"RTSP/".starts_with(start) {
            return Err(Malformed::Invalid("http status line"));
        }
        Ok(end)
    }

    fn framing_of_body(&self) -> Result<Framing, Malformed> {
        let response = &self.response;
        if self.to_head_request || matches!(response.status, 101 | 204 | 304) {
            return Ok(Framing::Length(0));
        }
        let chunked = response
            .headers_named("transfer-encoding")
            .any(|value| value.to_ascii_lowercase().contains("chunked"));
        if chunked {
            return Ok(Framing::ChunkSize);
        }
        match response.header("content-length") {
            Some(length) => length
                .split(',')
                .next()
                .and_then(|first| first.trim().parse().ok())
                .map(Framing::Length)
                .ok_or(Malformed::Invalid("http content-length")),
            None if self.body_needs_length => Ok(Framing::Length(0)),
            None => Ok(Framing::ToClose),
        }
    }

    /// Moves up to `wanted` bytes into the body and says how many; what the limit does not keep counts as taken.
    fn keep(&mut self, wanted: usize) -> usize {
        let taken = wanted.min(self.buffer.len());
        let room = self.limits.body.saturating_sub(self.response.body.len());
        self.response.body.extend_from_slice(&self.buffer[..taken.min(room)]);
        self.buffer.drain(..taken);
        self.overflowed |= taken > room;
        taken
    }

    fn need_more(&mut self) -> Progress {
        if self.overflowed { self.done(false) } else { Progress::NeedMore }
    }

    fn done(&mut self, complete: bool) -> Progress {
        let complete = complete && !self.overflowed;
        Progress::Done(Response { complete, ..std::mem::take(&mut self.response) })
    }

    fn line(&mut self) -> Result<Option<Vec<u8>>, Malformed> {
        let Some(at) = self.buffer.iter().position(|byte| *byte == b'\n') else {
            return if self.buffer.len() > 8 * 1024 {
                Err(Malformed::TooLarge("http chunk line"))
            } else {
                Ok(None)
            };
        };
        let mut line: Vec<u8> = self.buffer.drain(..=at).collect();
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(Some(line))
    }
}

fn chunk_size(line: &[u8]) -> Result<usize, Malformed> {
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
    std::str::from_utf8(digits)
        .ok()
        .and_then(|digits| usize::from_str_radix(digits.trim(), 16).ok())
        .ok_or(Malformed::Invalid("http chunk size"))
}

/// Reads status line and headers of an HTTP/1 or RTSP answer; the body is left empty.
pub(crate) fn parse_head(head: &[u8]) -> Result<Response, Malformed> {
    let mut head = head.to_vec();
    if let Some(rest) = head.strip_prefix(b"RTSP/".as_slice()) {
        let minor = if rest.starts_with(b"1.0") { b'0' } else { b'1' };
        let after_version = find(&head, b" ").unwrap_or(head.len());
        let mut renamed = vec![b'H', b'T', b'T', b'P', b'/', b'1', b'.', minor];
        renamed.extend_from_slice(&head[after_version..]);
        head = renamed;
    }
    let mut slots = [httparse::EMPTY_HEADER; 128];
    let mut parsed = httparse::Response::new(&mut slots);
    let mut config = httparse::ParserConfig::default();
    config
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .allow_multiple_spaces_in_response_status_delimiters(true)
        .ignore_invalid_headers_in_responses(true);
    match config.parse_response(&mut parsed, &head) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) => return Err(Malformed::Truncated("http head")),
        Err(httparse::Error::TooManyHeaders) => return Err(Malformed::TooLarge("http headers")),
        Err(_) => return Err(Malformed::Invalid("http head")),
    }
    Ok(Response {
        minor_version: parsed.version.unwrap_or(0),
        status: parsed.code.unwrap_or(0),
        reason: parsed.reason.unwrap_or_default().to_owned(),
        headers: parsed
            .headers
            .iter()
            .map(|header| (header.name.to_owned(), String::from_utf8_lossy(header.value).trim().to_owned()))
            .collect(),
        body: Vec::new(),
        complete: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]], limits: Limits) -> Result<Response, Malformed> {
        let mut reader = ResponseReader::new("GET", limits);
        for piece in pieces {
            if let Progress::Done(response) = reader.feed(piece)? {
                return Ok(response);
            }
        }
        reader.finish()
    }

    const CHUNKED: &[u8] =
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\n6\r\n world\r\n0\r\nA: b\r\n\r\n";

    #[test]
    fn a_chunked_body_is_joined_however_it_arrives() {
        let bytewise: Vec<&[u8]> = CHUNKED.chunks(1).collect();
        for pieces in [vec![CHUNKED], bytewise] {
            let response = read(&pieces, Limits::default()).unwrap();
            assert_eq!((response.text().as_str(), response.complete), ("hello world", true));
        }
    }

    #[test]
    fn a_length_ends_the_body() {
        let bytes = b"HTTP/1.0 401 No\r\nContent-Length: 3\r\nServer: x\r\n\r\nabcdef";
        let response = read(&[bytes], Limits::default()).unwrap();
        assert_eq!((response.status, response.text().as_str()), (401, "abc"));
        assert_eq!(response.header("server"), Some("x"));
    }

    #[test]
    fn a_body_without_a_length_runs_to_the_end_of_the_connection() {
        let response = read(&[b"HTTP/1.1 200 OK\n\n", b"ab", b"c"], Limits::default()).unwrap();
        assert_eq!((response.text().as_str(), response.complete), ("abc", true));
    }

    #[test]
    fn a_body_cut_by_the_peer_is_not_complete() {
        let response = read(&[b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"], Limits::default()).unwrap();
        assert!(!response.complete);
    }

    #[test]
    fn a_body_above_the_limit_ends_early_and_says_so() {
        let limits = Limits { head: 200, body: 4 };
        let heads: [&[u8]; 3] = [
            b"HTTP/1.1 200 OK\r\n\r\nabcdefgh",
            b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nabcdefgh",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nabcdefgh\r\n0\r\n\r\n",
        ];
        for bytes in heads {
            let response = read(&[bytes], limits).unwrap();
            assert_eq!((response.text().as_str(), response.complete), ("abcd", false));
        }
    }

    #[test]
    fn a_head_above_the_limit_is_refused() {
        let limits = Limits { head: 30, body: 4 };
        let error = read(&[b"HTTP/1.1 200 OK\r\nA: bbbbbbbbbbbbbbbbbbbbbbbbbb"], limits);
        assert_eq!(error, Err(Malformed::TooLarge("http head")));
    }

    #[test]
    fn an_interim_answer_is_passed_over() {
        let bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\n\r\n";
        assert_eq!(read(&[bytes], Limits::default()).unwrap().status, 204);
    }

    #[test]
    fn a_banner_of_another_protocol_is_refused_at_once() {
        assert_eq!(read(&[b"SSH-2.0-x\r\n"], Limits::default()), Err(Malformed::Invalid("http status line")));
    }

    #[test]
    fn no_bytes_make_the_reader_panic() {
        crate::hostile::survives(CHUNKED, |bytes| read(&[bytes], Limits { head: 100, body: 8 }));
        crate::hostile::survives(CHUNKED, |bytes| read(&bytes.chunks(3).collect::<Vec<_>>(), Limits::default()));
    }
}
