//! The camera stream (RFC 2326): described and played after Digest authentication (RFC 7616, SHA-256).
//!
//! One short burst of invented picture data stands for the video; only interleaved transport is offered.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::accounts::{REALM, Role};
use crate::digest::{hex, sha256_hex};
use crate::faults::Fault;
use crate::plug::{Denied, Plug};

const MAX_HEAD: usize = 4096;
const MAX_REQUESTS: usize = 50;
const IDLE: Duration = Duration::from_secs(10);
const METHODS: &str = "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN";

struct Request {
    method: String,
    uri: String,
    fields: Vec<(String, String)>,
}

impl Request {
    fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Serves one connection.
pub(crate) fn serve(plug: &Plug, mut stream: TcpStream) {
    let _ = stream.set_read_timeout(Some(IDLE));
    let _ = stream.set_write_timeout(Some(IDLE));
    let mut random = [0; 16];
    if getrandom::fill(&mut random).is_err() {
        return;
    }
    let nonce = hex(&random);
    let mut pending = Vec::new();
    let mut wrong_here = 0;
    for _ in 0..MAX_REQUESTS {
        let Some(request) = next_request(&mut stream, &mut pending) else {
            return;
        };
        let sequence = request.field("cseq").unwrap_or("0").replace(['\r', '\n'], "");
        let (status, extra) = respond(plug, &request, &nonce, &mut wrong_here, &stream);
        let answer = format!("RTSP/1.0 {status}\r\nCSeq: {sequence}\r\n{extra}");
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
        if request.method == "PLAY" && status.starts_with("200") && stream.write_all(&picture()).is_err() {
            return;
        }
    }
}

fn respond(
    plug: &Plug,
    request: &Request,
    nonce: &str,
    wrong_here: &mut u32,
    stream: &TcpStream,
) -> (&'static str, String) {
    let none = || "\r\n".to_owned();
    if request.method == "OPTIONS" {
        return ("200 OK", format!("Public: {METHODS}\r\n\r\n"));
    }
    if !["DESCRIBE", "SETUP", "PLAY", "TEARDOWN"].contains(&request.method.as_str()) {
        return ("405 Method Not Allowed", format!("Allow: {METHODS}\r\n\r\n"));
    }
    if !plug.has(Fault::RtspOpen) {
        match authenticate(plug, request, nonce, wrong_here, stream) {
            Ok(()) => {}
            Err(Denied::Wait(wait)) => {
                let seconds = Denied::seconds(wait);
                return ("503 Service Unavailable", format!("Retry-After: {seconds}\r\n\r\n"));
            }
            Err(Denied::Wrong) => {
                let challenge = format!(
                    "WWW-Authenticate: Digest realm=\"{REALM}\", nonce=\"{nonce}\", algorithm=SHA-256, qop=\"auth\"\r\n\r\n"
                );
                return ("401 Unauthorized", challenge);
            }
        }
    }
    match request.method.as_str() {
        "DESCRIBE" => {
            let body = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=camera\r\nt=0 0\r\nm=video 0 RTP/AVP 26\r\na=control:track1\r\n";
            let head = format!("Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n", body.len());
            ("200 OK", head + body)
        }
        "SETUP" if request.field("transport").is_some_and(|value| value.contains("RTP/AVP/TCP")) => {
            let session = &nonce[..12];
            ("200 OK", format!("Transport: RTP/AVP/TCP;interleaved=0-1\r\nSession: {session}\r\n\r\n"))
        }
        "SETUP" => ("461 Unsupported Transport", none()),
        _ => ("200 OK", none()),
    }
}

/// No credential is a challenge, not an attempt; a wrong one counts as a wrong login.
fn authenticate(
    plug: &Plug,
    request: &Request,
    nonce: &str,
    wrong_here: &mut u32,
    stream: &TcpStream,
) -> Result<(), Denied> {
    let credential = request.field("authorization").and_then(|value| value.strip_prefix("Digest "));
    let (Some(credential), Ok(source)) = (credential, stream.peer_addr()) else {
        return Err(Denied::Wrong);
    };
    let parts = parameters(credential);
    let part = |name: &str| parts.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value);
    if part("nonce") != nonce || part("uri") != request.uri {
        return Err(Denied::Wrong);
    }
    let user = part("username");
    let check = || {
        let (admin, _) = plug.credentials();
        let ha2 = sha256_hex(format!("{}:{}", request.method, request.uri).as_bytes());
        let middle = match part("qop") {
            "" => nonce.to_owned(),
            qop => format!("{nonce}:{}:{}:{qop}", part("nc"), part("cnonce")),
        };
        let expected = sha256_hex(format!("{}:{middle}:{ha2}", admin.digest_ha1()).as_bytes());
        // Both sides are hashed once more, so a comparison that ends early tells nothing.
        let same = sha256_hex(expected.as_bytes()) == sha256_hex(part("response").as_bytes());
        (user == admin.user() && same).then_some(Role::Admin)
    };
    let mut source = source.ip();
    if plug.has(Fault::LockoutPerDoor)
        && let std::net::IpAddr::V4(v4) = source
    {
        // A count of its own, under another way of writing the same address.
        source = v4.to_ipv6_mapped().into();
    }
    plug.attempt(source, wrong_here, user, check).map(|_| ())
}

/// The `key="value"` pairs of a credential.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((key, tail)) = rest.split_once('=') {
        let (value, tail) = match tail.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => tail.split_at(tail.find(',').unwrap_or(tail.len())),
        };
        out.push((key.trim().to_ascii_lowercase(), value.trim().to_owned()));
        rest = tail.trim_start_matches([',', ' ']);
        if out.len() >= 16 {
            break;
        }
    }
    out
}

fn next_request(stream: &mut TcpStream, pending: &mut Vec<u8>) -> Option<Request> {
    let end = loop {
        if let Some(at) = pending.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        let mut buffer = [0; 1024];
        let length = stream.read(&mut buffer).ok().filter(|length| *length > 0)?;
        pending.extend_from_slice(&buffer[..length]);
        if pending.len() > MAX_HEAD {
            return None;
        }
    };
    let head: Vec<u8> = pending.drain(..end + 4).collect();
    let text = String::from_utf8_lossy(&head);
    let mut lines = text.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, uri) = (first.next()?.to_owned(), first.next()?.to_owned());
    if first.next() != Some("RTSP/1.0") {
        return None;
    }
    let fields = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(key, value)| (key.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Some(Request { method, uri, fields })
}

/// One interleaved RTP packet (RFC 2326, 10.12) with an empty JPEG picture.
fn picture() -> Vec<u8> {
    let mut packet = vec![0x80, 0x9a, 0, 1, 0, 0, 0, 0, 0x4c, 0x50, 0x43, 0x31];
    packet.extend([0xff, 0xd8, 0xff, 0xd9]);
    let mut out = vec![b'$', 0];
    out.extend((packet.len() as u16).to_be_bytes());
    out.extend(packet);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_parameters_are_read_with_and_without_quotes() {
        let parts = parameters("username=\"admin\", nc=00000001, uri=\"rtsp://a,b/\", qop=auth");
        let expected = [("username", "admin"), ("nc", "00000001"), ("uri", "rtsp://a,b/"), ("qop", "auth")];
        let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(parts, expected);
    }
}
