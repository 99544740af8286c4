//! Both sides of DTLS (RFC 6347, RFC 9147) as a listener hears them, datagram by datagram.

use super::{Guard, Listener, Side};
use crate::reader::Reader;
use crate::tls::suites::CipherSuite;
use crate::tls::{ServerHello, Version};

/// A connection.
#[derive(Debug, Default)]
pub(super) struct Overheard {
    hello: bool,
    chosen: Option<(Version, u16)>,
    /// Whether each side sent records under keys: client, server.
    keyed: [bool; 2],
    data: bool,
}

/// Whether a datagram is of DTLS, by the head of its first record, whole.
pub(super) fn is_dtls(datagram: &[u8]) -> bool {
    matches!(datagram, [20..=25, 0xfe, 0xfd | 0xff, ..])
        && Reader::new(datagram, "dtls").take(11).is_ok()
        && datagram
            .get(11..13)
            .is_some_and(|length| 13 + usize::from(u16::from_be_bytes([length[0], length[1]])) <= datagram.len())
}

impl Overheard {
    pub(super) fn hear(&mut self, from: Side, datagram: &[u8], listener: &mut dyn Listener) {
        let mut reader = Reader::new(datagram, "dtls record");
        while let Some(first) = reader.peek().first().copied() {
            let is_13 = self.chosen.is_some_and(|(version, _)| version == Version::TLS13);
            // The short head of DTLS 1.3 (RFC 9147 section 4): under keys.
            if first & 0xe0 == 0x20 {
                self.keyed[usize::from(from == Side::Server)] |= is_13;
                self.data |= !is_13;
                return;
            }
            let (Ok(kind), Ok(_), Ok(epoch), Ok(_)) = (reader.u8(), reader.u16(), reader.u16(), reader.take(6))
            else {
                return;
            };
            let Ok(body) = reader.vec16() else { return };
            match kind {
                // Finished, the last message of either side, is the first under keys; up to DTLS 1.2 of type 22.
                22 if epoch > 0 => self.keyed[usize::from(from == Side::Server)] |= self.chosen.is_some(),
                22 => self.messages(from, body, listener),
                23 => self.data = true,
                _ => {}
            }
        }
    }

    fn messages(&mut self, from: Side, body: &[u8], listener: &mut dyn Listener) {
        let mut reader = Reader::new(body, "dtls handshake");
        while !reader.is_empty() {
            let (Ok(kind), Ok(length), Ok(_)) = (reader.u8(), reader.u24(), reader.u16()) else { return };
            let (Ok(offset), Ok(part)) = (reader.u24(), reader.vec24()) else { return };
            // A message in pieces is not put together: only certificates are that long as a rule.
            if offset != 0 || part.len() != length as usize {
                continue;
            }
            match (from, kind) {
                (Side::Client, 1) => {
                    self.hello = true;
                    if let Some(name) = server_name(part) {
                        listener.name(&name);
                    }
                }
                (Side::Server, 2) => {
                    if let Ok(hello) = ServerHello::read(part, Version::TLS12)
                        && !hello.is_retry
                    {
                        self.chosen = Some((tls_version(hello.version), hello.suite));
                    }
                }
                (_, 11) => {
                    if let Ok(chain) = crate::tls::certificates(part)
                        && !chain.is_empty()
                    {
                        listener.certificates(from, &chain);
                    }
                }
                _ => {}
            }
        }
    }

    pub(super) fn guard(&self) -> Guard {
        let is_null =
            self.chosen.is_some_and(|(_, suite)| CipherSuite::of(suite).is_some_and(CipherSuite::is_null));
        match self.hello && self.chosen.is_some() && self.keyed == [true, true] {
            true if is_null => Guard::Clear,
            true => Guard::Dtls,
            false if self.data || !self.hello => Guard::Unknown,
            false => Guard::Unused,
        }
    }

    pub(super) fn chosen(&self) -> Option<(Version, u16)> {
        self.chosen.filter(|_| matches!(self.guard(), Guard::Dtls | Guard::Clear))
    }
}

/// DTLS counts downwards from 1.0: each version by the one of TLS that it matches.
fn tls_version(version: Version) -> Version {
    match version.0 {
        0xfeff => Version::TLS11,
        0xfefd => Version::TLS12,
        0xfefc => Version::TLS13,
        _ => version,
    }
}

/// The server name: a ClientHello of DTLS has a cookie behind the session id.
fn server_name(body: &[u8]) -> Option<String> {
    let mut reader = Reader::new(body, "dtls client hello");
    let fixed = reader.take(34).ok()?;
    let session = reader.vec8().ok()?;
    reader.vec8().ok()?;
    let mut plain = fixed.to_vec();
    crate::reader::put_vec(&mut plain, 1, session);
    plain.extend_from_slice(reader.rest());
    crate::tls::ClientHello::read(&plain).ok()?.server_name
}
