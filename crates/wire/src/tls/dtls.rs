//! DTLS 1.0 and 1.2 as a client that asks (RFC 4347, RFC 6347): the hello with its cookie, and the answer put together
//! from fragments that come in any order, twice, or not at all.
//!
//! Versions are told as those of TLS that they match: DTLS 1.0 is TLS 1.1, DTLS 1.2 is TLS 1.2. DTLS 1.3 is not read.

use std::collections::{BTreeMap, VecDeque};

use super::flight::{MOST_HANDSHAKE, message};
use super::{Alert, ClientHello, Message, Version, content_type};
use crate::Malformed;
use crate::reader::{Reader, put_vec};

/// DTLS 1.0 on the wire.
const DTLS10: u16 = 0xfeff;
/// DTLS 1.2 on the wire.
const DTLS12: u16 = 0xfefd;
/// Messages that are kept while one before them is missing.
const MOST_WAITING: u16 = 32;
const CLIENT_HELLO: u8 = 1;
const HELLO_VERIFY_REQUEST: u8 = 3;
/// What a server may begin with: ServerHello or HelloVerifyRequest.
const FIRST: [u8; 2] = [2, HELLO_VERIFY_REQUEST];

/// The number on the wire of the DTLS version that matches a version of TLS; none where there is none.
#[must_use]
pub fn wire_version(version: Version) -> Option<u16> {
    match version {
        Version::TLS11 => Some(DTLS10),
        Version::TLS12 => Some(DTLS12),
        _ => None,
    }
}

fn version(number: u16) -> Version {
    match number {
        DTLS10 => Version::TLS11,
        DTLS12 => Version::TLS12,
        other => Version(other),
    }
}

/// A record of epoch 0.
fn record(kind: u8, version: u16, number: u64, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![kind];
    out.extend_from_slice(&version.to_be_bytes());
    out.extend_from_slice(&number.to_be_bytes());
    put_vec(&mut out, 2, payload);
    out
}

/// The datagram that offers `hello`, whose version is the one of TLS that matches. `cookie` is empty the first time and
/// what the server asked for the second; `number` counts the hellos from 0.
#[must_use]
pub fn client_hello(hello: &ClientHello, cookie: &[u8], number: u16) -> Vec<u8> {
    let plain = hello.body();
    let mut body = wire_version(hello.version).unwrap_or(DTLS12).to_be_bytes().to_vec();
    // Version, random, session id; then the cookie, which TLS does not have (RFC 6347, 4.2.1).
    let cut = 2 + 32 + 1 + hello.session_id.len().min(32);
    body.extend_from_slice(&plain[2..cut]);
    put_vec(&mut body, 1, cookie);
    body.extend_from_slice(&plain[cut..]);
    let length = (body.len() as u32).to_be_bytes();
    let mut out = vec![CLIENT_HELLO];
    out.extend_from_slice(&length[1..]);
    out.extend_from_slice(&number.to_be_bytes());
    out.extend_from_slice(&[0; 3]);
    out.extend_from_slice(&length[1..]);
    out.extend_from_slice(&body);
    record(content_type::HANDSHAKE, DTLS10, u64::from(number), &out)
}

/// A fatal alert in clear, so that the server gives the handshake up at once: in the version it chose, since it drops
/// records of another; `number` is above that of the hellos.
#[must_use]
pub fn fatal_alert(chosen: Version, description: u8, number: u16) -> Vec<u8> {
    record(content_type::ALERT, wire_version(chosen).unwrap_or(DTLS12), u64::from(number), &[2, description])
}

/// What the server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// It wants the hello again with this cookie (HelloVerifyRequest).
    Cookie(Vec<u8>),
    /// A message as in TLS.
    Message(Message),
}

/// Puts the answer of a server together, datagram by datagram.
#[derive(Debug, Clone, Default)]
pub struct FlightReader {
    parts: BTreeMap<u16, Part>,
    next: Option<u16>,
    ready: VecDeque<Heard>,
    chosen: Option<(Version, u16)>,
    encrypted: bool,
}

/// A handshake message of which not all may have come.
#[derive(Debug, Clone)]
struct Part {
    kind: u8,
    bytes: Vec<u8>,
    came: Vec<(usize, usize)>,
}

impl Part {
    /// Whether every byte has come.
    fn is_whole(&self) -> bool {
        let mut until = 0;
        for (from, to) in &self.came {
            if *from > until {
                return false;
            }
            until = until.max(*to);
        }
        until == self.bytes.len()
    }
}

impl FlightReader {
    /// A reader at the start of a handshake.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a datagram.
    ///
    /// # Errors
    /// When it holds no DTLS records, or a message above a bound.
    pub fn feed(&mut self, datagram: &[u8]) -> Result<(), Malformed> {
        let mut reader = Reader::new(datagram, "dtls record");
        while !reader.is_empty() && !self.encrypted {
            let (kind, major) = (reader.u8()?, reader.u8()?);
            if !(20..=24).contains(&kind) || major != 0xfe {
                return Err(Malformed::Invalid("dtls record head"));
            }
            reader.u8()?;
            let epoch = reader.u16()?;
            reader.take(6)?;
            let payload = reader.vec16()?;
            match kind {
                _ if epoch > 0 => self.ends_in_clear(),
                content_type::HANDSHAKE => self.fragments(payload)?,
                content_type::ALERT => {
                    if let [level, description] = payload {
                        let alert = Alert { is_fatal: *level == 2, description: *description };
                        self.ready.push_back(Heard::Message(Message::Alert(alert)));
                    }
                }
                _ => self.ends_in_clear(),
            }
        }
        self.collect()
    }

    /// What came next and is whole.
    pub fn next_heard(&mut self) -> Option<Heard> {
        self.ready.pop_front()
    }

    fn ends_in_clear(&mut self) {
        self.encrypted = true;
        self.ready.push_back(Heard::Message(Message::Encrypted));
    }

    fn fragments(&mut self, payload: &[u8]) -> Result<(), Malformed> {
        let mut reader = Reader::new(payload, "dtls handshake");
        while !reader.is_empty() {
            let kind = reader.u8()?;
            let (length, number) = (reader.u24()? as usize, reader.u16()?);
            let (from, size) = (reader.u24()? as usize, reader.u24()? as usize);
            let bytes = reader.take(size)?;
            if length > MOST_HANDSHAKE {
                return Err(Malformed::TooLarge("dtls handshake"));
            }
            if from + size > length {
                return Err(Malformed::Invalid("dtls fragment"));
            }
            let first = self.next.unwrap_or(0);
            if number < first || number - first > MOST_WAITING {
                continue;
            }
            let part = self.parts.entry(number).or_insert_with(|| Part {
                kind,
                bytes: vec![0; length],
                came: Vec::new(),
            });
            // A second fragment that says otherwise of the same message is none of it.
            if part.kind == kind && part.bytes.len() == length && part.came.len() < 1024 {
                part.bytes[from..from + size].copy_from_slice(bytes);
                part.came.push((from, from + size));
                part.came.sort_unstable();
            }
        }
        Ok(())
    }

    /// Moves what is whole and next in turn.
    fn collect(&mut self) -> Result<(), Malformed> {
        loop {
            // Servers count on from the HelloVerifyRequest or begin anew after it: the first message says which.
            let number = match self.next {
                Some(next) => next,
                None => match self.parts.iter().find(|(_, part)| FIRST.contains(&part.kind)) {
                    Some((first, _)) => *first,
                    None => return Ok(()),
                },
            };
            let Some(part) = self.parts.get(&number).filter(|part| part.is_whole()) else { return Ok(()) };
            let (kind, bytes) = (part.kind, part.bytes.clone());
            self.parts.remove(&number);
            if kind == HELLO_VERIFY_REQUEST {
                let mut reader = Reader::new(&bytes, "dtls hello verify request");
                reader.u16()?;
                self.ready.push_back(Heard::Cookie(reader.vec8()?.to_vec()));
                continue;
            }
            self.next = Some(number.saturating_add(1));
            let (of, suite) = self.chosen.unwrap_or((Version::TLS12, 0));
            let mut found = message(kind, &bytes, of, suite)?;
            if let Message::ServerHello(hello) = &mut found {
                hello.version = version(hello.version.0);
                self.chosen = Some((hello.version, hello.suite));
            }
            self.ready.push_back(Heard::Message(found));
        }
    }
}

/// Reads a hello out of a datagram as a test peer does: the offer, its cookie and its number.
///
/// # Errors
/// When the datagram is no ClientHello in one piece.
pub fn parse_client_hello(datagram: &[u8]) -> Result<(ClientHello, Vec<u8>, u16), Malformed> {
    let mut record = Reader::new(datagram, "dtls client hello");
    record.take(11)?;
    let mut reader = Reader::new(record.vec16()?, "dtls client hello");
    if reader.u8()? != CLIENT_HELLO {
        return Err(Malformed::Invalid("dtls client hello"));
    }
    reader.u24()?;
    let number = reader.u16()?;
    reader.take(6)?;
    let body = reader.rest();
    let mut reader = Reader::new(body, "dtls client hello");
    let of = version(reader.u16()?);
    reader.take(32)?;
    let session = reader.vec8()?.len();
    let cookie = reader.vec8()?.to_vec();
    let mut plain = of.0.to_be_bytes().to_vec();
    plain.extend_from_slice(&body[2..35 + session]);
    plain.extend_from_slice(reader.rest());
    Ok((ClientHello::read(&plain)?, cookie, number))
}

#[cfg(test)]
mod tests {
    use super::super::server;
    use super::*;

    fn offer() -> ClientHello {
        ClientHello::offering(Version::TLS12, &[0xc02b, 0xc0ae], [7; 32], None)
    }

    /// A fragment of a message in a record of its own.
    fn fragment(kind: u8, number: u16, body: &[u8], from: usize, to: usize) -> Vec<u8> {
        let mut out = vec![kind];
        out.extend_from_slice(&(body.len() as u32).to_be_bytes()[1..]);
        out.extend_from_slice(&number.to_be_bytes());
        out.extend_from_slice(&(from as u32).to_be_bytes()[1..]);
        out.extend_from_slice(&((to - from) as u32).to_be_bytes()[1..]);
        out.extend_from_slice(&body[from..to]);
        record(content_type::HANDSHAKE, DTLS12, u64::from(number), &out)
    }

    /// ServerHello, Certificate and ServerHelloDone, as bodies.
    fn bodies() -> [(u8, Vec<u8>); 3] {
        let choice = server::Choice { version: Version::TLS12, suite: 0xc02b, random: [5; 32] };
        let mut hello = server::flight(&choice, &[])[9..].to_vec();
        hello.truncate(2 + 32 + 1 + 2 + 1);
        hello[..2].copy_from_slice(&DTLS12.to_be_bytes());
        let mut list = Vec::new();
        put_vec(&mut list, 3, &[9; 700]);
        let mut certificate = Vec::new();
        put_vec(&mut certificate, 3, &list);
        [(2, hello), (11, certificate), (14, Vec::new())]
    }

    fn heard(datagrams: &[Vec<u8>]) -> Vec<Heard> {
        let mut reader = FlightReader::new();
        for datagram in datagrams {
            reader.feed(datagram).unwrap();
        }
        std::iter::from_fn(|| reader.next_heard()).collect()
    }

    #[test]
    fn a_hello_with_its_cookie_is_read_back() {
        for (cookie, number) in [(&b""[..], 0), (&b"biscuit"[..], 1)] {
            let datagram = client_hello(&offer(), cookie, number);
            assert_eq!(parse_client_hello(&datagram), Ok((offer(), cookie.to_vec(), number)));
        }
        crate::hostile::survives(&client_hello(&offer(), b"biscuit", 1), parse_client_hello);
    }

    #[test]
    fn a_cookie_is_asked_for() {
        let datagram = fragment(HELLO_VERIFY_REQUEST, 0, &[0xfe, 0xff, 3, 1, 2, 3], 0, 6);
        assert_eq!(heard(&[datagram]), [Heard::Cookie(vec![1, 2, 3])]);
    }

    #[test]
    fn fragments_in_any_order_and_twice_are_one_flight() {
        let [(hello, a), (certificate, b), (done, c)] = bodies();
        let datagrams = [
            fragment(certificate, 2, &b, 300, b.len()),
            fragment(done, 3, &c, 0, 0),
            fragment(hello, 1, &a, 0, a.len()),
            fragment(certificate, 2, &b, 0, 400),
            fragment(certificate, 2, &b, 0, 400),
        ];
        let found = heard(&datagrams);
        let [Heard::Message(Message::ServerHello(hello)), Heard::Message(Message::Certificate(chain)), last] =
            &found[..]
        else {
            panic!("{found:?}");
        };
        assert_eq!((hello.version, hello.suite), (Version::TLS12, 0xc02b));
        assert_eq!((chain[0].len(), last), (700, &Heard::Message(Message::ServerHelloDone)));
    }

    #[test]
    fn an_alert_and_the_start_of_encryption_are_told() {
        let alert = Heard::Message(Message::Alert(Alert { is_fatal: true, description: 70 }));
        assert_eq!(heard(&[fatal_alert(Version::TLS12, 70, 0)]), [alert]);
        let mut encrypted = record(content_type::HANDSHAKE, DTLS12, 1, &[1; 40]);
        encrypted[4] = 1;
        assert_eq!(heard(&[encrypted]), [Heard::Message(Message::Encrypted)]);
    }

    #[test]
    fn no_bytes_make_the_reader_panic() {
        let mut all = Vec::new();
        for (number, (kind, body)) in (1..).zip(bodies()) {
            all.extend(fragment(kind, number, &body[..body.len().min(60)], 0, body.len().min(60)));
        }
        crate::hostile::survives(&all, |bytes| {
            let mut reader = FlightReader::new();
            let fed = reader.feed(bytes);
            (fed, std::iter::from_fn(|| reader.next_heard()).count())
        });
        assert!(FlightReader::new().feed(b"\x60\x45\x00\x01").is_err());
    }
}
