//! What a listener can read of a conversation between two others: its protocol, told by content and not by port; what
//! protects it; and what is readable that should perhaps not be.
//!
//! Bytes come in order, of either side, as [`crate::tcp`] puts them together, or datagram by datagram. Nothing is
//! decrypted. What is not recognised stays unknown: that bytes look random protects nobody.

pub mod datagram;
mod dtls;
mod http;
mod http2;
mod lines;
mod mqtt;
mod quic;
mod secrets;
mod ssh;
mod tell;
mod tls;
mod websocket;

use crate::tls::Version;

pub use secrets::{Named, named_secret};

/// Characters of a text that is handed over.
const MOST_TEXT: usize = 512;
/// Bytes of either side that are kept while the protocol is not told.
const MOST_UNTOLD: usize = 4096;
/// How often a conversation may change its protocol, as by STARTTLS.
const MOST_CHANGES: u8 = 4;

/// Which side speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The side that asks.
    Client,
    /// The side that answers.
    Server,
}

impl Side {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// What keeps a conversation from being read on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Nothing was carried yet that could be read: no byte, or a handshake that did not end.
    Unused,
    /// Nothing guards it: a protocol known here, in clear.
    Clear,
    /// Not told. Never to be taken for guarded.
    Unknown,
    /// TLS after a handshake seen from its hellos to its end, with a cipher.
    Tls,
    /// DTLS, likewise.
    Dtls,
    /// QUIC after packets of its handshake from both sides.
    Quic,
    /// SSH after the key exchange of both sides.
    Ssh,
}

/// Where what is readable stands, which says what may be looked for in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readable {
    /// In a protocol known here, in what one side asks or publishes: values are what their names say.
    Data,
    /// In an answer of a web server: pages and scripts name passwords without holding one.
    Page,
    /// In bytes that nothing known here explains.
    Unknown,
}

/// Who hears what is found.
pub trait Listener {
    /// Something secret or telling, by its kind (`credential`, `token`) and its place in the protocol.
    fn found(&mut self, from: Side, kind: &'static str, place: &str, text: &[u8]);
    /// Bytes that anyone on the way can read, in order.
    fn readable(&mut self, from: Side, bytes: &[u8], what: Readable);
    /// A host name by which the client calls the server.
    fn name(&mut self, name: &str);
    /// Certificates that a side showed, leaf first, in DER.
    fn certificates(&mut self, from: Side, chain: &[Vec<u8>]);
}

/// What was told of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The protocol in lower case; `unknown`.
    pub protocol: &'static str,
    /// What guards it.
    pub guard: Guard,
    /// The version that TLS or DTLS agreed on.
    pub version: Option<Version>,
    /// The suite agreed on.
    pub suite: Option<u16>,
    /// The application protocol that the server chose inside TLS; only up to TLS 1.2.
    pub alpn: Option<String>,
    /// Whether a handshake began and is known not to have ended.
    pub handshake_open: bool,
    /// Bodies whose content coding is not read here.
    pub coded: u32,
    /// Heads of HTTP/2 that could not be read.
    pub unread: u32,
}

/// A conversation on a stream of bytes.
#[derive(Debug, Default)]
pub struct Dialogue {
    talk: Talk,
    /// The protocol that carried the one spoken now, as before STARTTLS.
    outer: Option<&'static str>,
    changes: u8,
    /// Whether the beginning was not heard: sides may be the wrong way round.
    late: bool,
    swapped: bool,
    /// Bytes are missing in what was heard.
    gaps: bool,
    coded: u32,
}

#[derive(Debug)]
enum Talk {
    /// Nothing told yet: what was said, in order.
    Untold(Vec<(Side, Vec<u8>)>, usize),
    Tls(Box<tls::Overheard>),
    Ssh(Box<ssh::Overheard>),
    Http(Box<http::Overheard>),
    Http2(Box<http2::Overheard>),
    Lines(Box<lines::Overheard>),
    Mqtt(Box<mqtt::Overheard>),
    WebSocket(Box<websocket::Overheard>),
    /// Known by its form, in clear, and not looked into.
    Plain(&'static str),
    Unknown,
}

impl Default for Talk {
    fn default() -> Self {
        Self::Untold(Vec::new(), 0)
    }
}

/// What a reader wants done after bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// Go on.
    Stay,
    /// From here on something else is spoken: TLS after STARTTLS, anything in a tunnel. With the bytes not read yet.
    Anew(&'static str, usize),
    /// From here on WebSocket is spoken. With the bytes not read yet.
    WebSocket(usize),
    /// From here on HTTP/2 is spoken (RFC 7540 section 3.2). With the bytes not read yet.
    Http2(usize),
}

impl Dialogue {
    /// A conversation whose beginning was not heard.
    #[must_use]
    pub fn joined_late() -> Self {
        Self { late: true, ..Self::default() }
    }

    /// Whether its content showed that who was taken for the client is the server.
    #[must_use]
    pub fn is_swapped(&self) -> bool {
        self.swapped
    }

    /// Hears the next bytes of a side.
    pub fn hear(&mut self, from: Side, bytes: &[u8], listener: &mut dyn Listener) {
        self.hear_as(if self.swapped { from.other() } else { from }, bytes, listener);
    }

    fn hear_as(&mut self, from: Side, bytes: &[u8], listener: &mut dyn Listener) {
        let turn = match &mut self.talk {
            Talk::Tls(talk) => {
                talk.hear(from, bytes, listener);
                return;
            }
            Talk::Ssh(talk) => {
                talk.hear(from, bytes);
                return;
            }
            Talk::Untold(said, length) => {
                match said.last_mut() {
                    Some((side, last)) if *side == from => last.extend_from_slice(bytes),
                    _ => said.push((from, bytes.to_vec())),
                }
                *length += bytes.len();
                self.try_to_tell(false, listener);
                return;
            }
            Talk::Http(talk) => {
                let what = if from == Side::Client { Readable::Data } else { Readable::Page };
                listener.readable(from, bytes, what);
                talk.hear(from, bytes, listener)
            }
            Talk::Lines(talk) => {
                listener.readable(from, bytes, Readable::Data);
                talk.hear(from, bytes, listener)
            }
            Talk::Mqtt(talk) => {
                listener.readable(from, bytes, Readable::Data);
                talk.hear(from, bytes, listener);
                Turn::Stay
            }
            Talk::WebSocket(talk) => {
                talk.hear(from, bytes, listener);
                return;
            }
            Talk::Http2(talk) => {
                talk.hear(from, bytes, listener);
                return;
            }
            Talk::Plain(_) => {
                listener.readable(from, bytes, Readable::Data);
                return;
            }
            Talk::Unknown => {
                listener.readable(from, bytes, Readable::Unknown);
                return;
            }
        };
        let left = match turn {
            Turn::Stay => return,
            Turn::Anew(outer, left) => {
                self.coded += self.talk.coded();
                self.outer = Some(outer);
                self.changes += 1;
                self.talk = if self.changes <= MOST_CHANGES { Talk::default() } else { Talk::Plain(outer) };
                left
            }
            Turn::WebSocket(left) => {
                self.coded += self.talk.coded();
                self.talk = Talk::WebSocket(Box::default());
                left
            }
            Turn::Http2(left) => {
                self.coded += self.talk.coded();
                self.talk = Talk::Http2(Box::default());
                left
            }
        };
        if let Some(rest) = bytes.get(bytes.len().saturating_sub(left)..).filter(|rest| !rest.is_empty()) {
            self.hear_as(from, rest, listener);
        }
    }

    /// Bytes of a side are missing here.
    pub fn gap(&mut self, from: Side, listener: &mut dyn Listener) {
        let from = if self.swapped { from.other() } else { from };
        self.gaps = true;
        match &mut self.talk {
            Talk::Untold(..) => self.try_to_tell(true, listener),
            Talk::Tls(talk) => talk.gap(from),
            Talk::Ssh(talk) => talk.gap(from),
            Talk::Http(talk) => talk.gap(from),
            Talk::Http2(talk) => talk.gap(from),
            Talk::Lines(talk) => talk.gap(from),
            Talk::Mqtt(talk) => talk.gap(from),
            Talk::WebSocket(talk) => talk.gap(from, listener),
            Talk::Plain(_) | Talk::Unknown => {}
        }
    }

    /// Nothing more comes.
    pub fn end(&mut self, listener: &mut dyn Listener) {
        if matches!(self.talk, Talk::Untold(..)) {
            self.try_to_tell(true, listener);
        }
    }

    fn try_to_tell(&mut self, last: bool, listener: &mut dyn Listener) {
        let Talk::Untold(said, length) = &mut self.talk else { return };
        let of = |side: Side| said.iter().find(|(who, _)| *who == side).map_or(&[][..], |(_, bytes)| bytes);
        let (client, server) = (of(Side::Client), of(Side::Server));
        let first = said.first().map(|(side, _)| *side);
        let late = self.late && self.changes == 0;
        let mut told = tell::tell(client, server, first, late);
        if told.is_none()
            && late
            && let Some(other) = tell::tell(server, client, first.map(Side::other), late)
        {
            told = Some(other);
            self.swapped = !self.swapped;
            for (side, _) in said.iter_mut() {
                *side = side.other();
            }
        }
        let told = match told {
            Some(told) => told,
            None if last && *length == 0 => return,
            None if last || *length > MOST_UNTOLD || said.len() > 16 => tell::Protocol::Unknown,
            None => return,
        };
        let said = std::mem::take(said);
        self.talk = match told {
            tell::Protocol::Tls => Talk::Tls(Box::new(tls::Overheard::new(self.late && self.changes == 0))),
            tell::Protocol::Ssh => Talk::Ssh(Box::default()),
            tell::Protocol::Http2 => Talk::Http2(Box::default()),
            tell::Protocol::Http(name) => Talk::Http(Box::new(http::Overheard::new(name))),
            tell::Protocol::Lines(name) => Talk::Lines(Box::new(lines::Overheard::new(name))),
            tell::Protocol::Mqtt => Talk::Mqtt(Box::default()),
            tell::Protocol::Plain(name) => Talk::Plain(name),
            tell::Protocol::Unknown => Talk::Unknown,
        };
        for (side, bytes) in said {
            self.hear_as(side, &bytes, listener);
        }
    }

    /// Bytes held while they are not whole.
    #[must_use]
    pub fn held(&self) -> usize {
        match &self.talk {
            Talk::Untold(_, length) => *length,
            Talk::Tls(talk) => talk.held(),
            Talk::Ssh(talk) => talk.held(),
            Talk::Http(talk) => talk.held(),
            Talk::Http2(talk) => talk.held(),
            Talk::Mqtt(talk) => talk.held(),
            Talk::WebSocket(talk) => talk.held(),
            // A line of either side at most.
            Talk::Lines(_) | Talk::Plain(_) | Talk::Unknown => 0,
        }
    }

    /// What is told so far.
    #[must_use]
    pub fn told(&self) -> Told {
        let mut told = Told {
            protocol: self.outer.unwrap_or("unknown"),
            guard: Guard::Unknown,
            version: None,
            suite: None,
            alpn: None,
            handshake_open: false,
            coded: self.coded + self.talk.coded(),
            unread: if let Talk::Http2(talk) = &self.talk { talk.unread() } else { 0 },
        };
        let protocol = match &self.talk {
            Talk::Untold(_, 0) if self.outer.is_none() => {
                told.guard = Guard::Unused;
                "unknown"
            }
            // Nothing came behind the word that changes the protocol: what was heard was in clear.
            Talk::Untold(_, 0) => {
                told.guard = Guard::Clear;
                return told;
            }
            Talk::Untold(..) | Talk::Unknown => return told,
            Talk::Tls(talk) => {
                talk.tell(&mut told);
                "tls"
            }
            Talk::Ssh(talk) => {
                told.guard = talk.guard();
                told.handshake_open = told.guard == Guard::Unused;
                "ssh"
            }
            Talk::Http(talk) => {
                told.guard = Guard::Clear;
                talk.name()
            }
            Talk::Http2(_) => {
                told.guard = Guard::Clear;
                "http2"
            }
            Talk::Lines(talk) => {
                told.guard = Guard::Clear;
                talk.name()
            }
            Talk::Mqtt(_) => {
                told.guard = Guard::Clear;
                "mqtt"
            }
            Talk::WebSocket(talk) => {
                let inner = talk.told();
                told.guard = if inner.guard == Guard::Unused { Guard::Clear } else { inner.guard };
                told.coded += inner.coded;
                told.unread += inner.unread;
                told.protocol = if inner.protocol == "mqtt" { "mqtt" } else { "websocket" };
                return Told {
                    guard: if told.guard == Guard::Unknown { Guard::Clear } else { told.guard },
                    ..told
                };
            }
            Talk::Plain(name) => {
                told.guard = Guard::Clear;
                name
            }
        };
        if self.outer.is_none() {
            told.protocol = protocol;
        }
        told
    }
}

impl Talk {
    fn coded(&self) -> u32 {
        match self {
            Self::Http(talk) => talk.coded(),
            Self::Http2(talk) => talk.coded(),
            _ => 0,
        }
    }
}

/// A text as it is handed over: bounded.
fn bounded(text: &[u8]) -> &[u8] {
    &text[..text.len().min(MOST_TEXT)]
}

#[cfg(test)]
mod tests;
