//! One request, read from a stream within bounds.

use std::io::{ErrorKind, Read};
use std::time::{Duration, Instant};

/// Largest head (request line and header fields).
const MAX_HEAD: usize = 8 * 1024;
/// Largest body that is kept.
const MAX_BODY: usize = 64 * 1024;
/// Time a request may take from its first byte.
const REQUEST_TIME: Duration = Duration::from_secs(8);

/// A request.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path as sent, without the query.
    pub(crate) path: String,
    /// The query, decoded.
    pub(crate) query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    pub(crate) body: Body,
    /// The client asked to keep the connection.
    pub(crate) keep: bool,
}

/// The body of a request.
#[derive(Debug)]
pub(crate) enum Body {
    Whole(Vec<u8>),
    /// Announced larger than the server keeps, and not read.
    TooLarge,
}

/// Why no request could be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// The peer closed or stayed silent between requests: nothing to say.
    Gone,
    /// An answer with this status, then the end of the connection.
    Status(u16),
}

impl Request {
    /// Value of a header field; the name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Value of a query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first media type, in lower case and without parameters.
    pub(crate) fn content_type(&self) -> String {
        let value = self.header("content-type").unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// Reads the next request; `pending` holds what was read beyond the previous one.
    pub(super) fn read(stream: &mut impl Read, pending: &mut Vec<u8>) -> Result<Self, Broken> {
        let deadline = Instant::now() + REQUEST_TIME;
        let (mut request, head) = loop {
            if let Some(parsed) = parse(pending)? {
                break parsed;
            }
            if pending.len() >= MAX_HEAD {
                return Err(Broken::Status(431));
            }
            more(stream, pending, deadline)?;
        };
        pending.drain(..head);
        if request.header("transfer-encoding").is_some() {
            return Err(Broken::Status(501));
        }
        let length = match request.header("content-length") {
            None => 0,
            Some(text) => text.parse::<usize>().map_err(|_| Broken::Status(400))?,
        };
        if length > MAX_BODY {
            request.body = Body::TooLarge;
            request.keep = false;
            return Ok(request);
        }
        while pending.len() < length {
            more(stream, pending, deadline)?;
        }
        request.body = Body::Whole(pending.drain(..length).collect());
        Ok(request)
    }
}

fn more(stream: &mut impl Read, pending: &mut Vec<u8>, deadline: Instant) -> Result<(), Broken> {
    let late = if pending.is_empty() { Broken::Gone } else { Broken::Status(408) };
    if Instant::now() >= deadline {
        return Err(late);
    }
    let mut buffer = [0; 4096];
    match stream.read(&mut buffer) {
        Ok(0) => Err(Broken::Gone),
        Ok(length) => {
            pending.extend_from_slice(&buffer[..length]);
            Ok(())
        }
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Err(late),
        Err(_) => Err(Broken::Gone),
    }
}

fn parse(bytes: &[u8]) -> Result<Option<(Request, usize)>, Broken> {
    let mut fields = [httparse::EMPTY_HEADER; 48];
    let mut parsed = httparse::Request::new(&mut fields);
    let head = match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(Broken::Status(431)),
        Err(_) => return Err(Broken::Status(400)),
    };
    let target = parsed.path.unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers: Vec<(String, String)> = parsed
        .headers
        .iter()
        .map(|field| {
            let value = String::from_utf8_lossy(field.value).trim().to_owned();
            (field.name.to_ascii_lowercase(), value)
        })
        .collect();
    let close = headers.iter().any(|(name, value)| name == "connection" && value.eq_ignore_ascii_case("close"));
    let request = Request {
        method: parsed.method.unwrap_or_default().to_owned(),
        path: path.to_owned(),
        query: form(query.as_bytes()),
        headers,
        body: Body::Whole(Vec::new()),
        keep: parsed.version == Some(1) && !close,
    };
    Ok(Some((request, head)))
}

/// Decodes `a=b&c=d` (application/x-www-form-urlencoded), at most 32 pairs.
pub(crate) fn form(bytes: &[u8]) -> Vec<(String, String)> {
    bytes
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .take(32)
        .map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            (decode(&pair[..at]), decode(pair.get(at + 1..).unwrap_or_default()))
        })
        .collect()
}

/// A path with its escapes decoded.
pub(crate) fn decoded(path: &str) -> String {
    decode(path.as_bytes())
}

fn decode(bytes: &[u8]) -> String {
    let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 2;
            }
            (b'+', ..) => out.push(b' '),
            (byte, ..) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Result<Request, Broken> {
        Request::read(&mut &*text, &mut Vec::new())
    }

    #[test]
    fn a_request_with_a_body_is_read_and_the_rest_is_kept() {
        let mut pending = Vec::new();
        let mut text = b"PUT /a?x=1%2f2&y HTTP/1.1\r\nContent-Length: 2\r\n\r\nokGET".as_slice();
        let request = Request::read(&mut text, &mut pending).unwrap();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("PUT", "/a"));
        assert_eq!(request.parameter("x"), Some("1/2"));
        assert!(matches!(request.body, Body::Whole(body) if body == b"ok"));
        assert_eq!(pending, b"GET");
    }

    #[test]
    fn sizes_are_bounded() {
        let long = [b"GET /".as_slice(), &[b'a'; MAX_HEAD]].concat();
        assert_eq!(read(&long).unwrap_err(), Broken::Status(431));
        let large = read(b"POST / HTTP/1.1\r\nContent-Length: 999999\r\n\r\n").unwrap();
        assert!(matches!(large.body, Body::TooLarge));
        let chunked = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(read(chunked).unwrap_err(), Broken::Status(501));
        assert_eq!(read(b"nonsense\r\n\r\n").unwrap_err(), Broken::Status(400));
    }
}
