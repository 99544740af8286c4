//! Both sides of a TLS connection as a listener hears them: hellos, certificates, and whether the handshake ended.

use super::{Guard, Listener, Side, Told};
use crate::tls::suites::CipherSuite;
use crate::tls::{ClientHello, ServerHello, Version, content_type};

/// Bytes of handshake messages kept of one side.
const MOST_HANDSHAKE: usize = 96 * 1024;
/// The least that a Finished of TLS 1.3 takes as a record: type, length, 32 bytes, content type and tag (RFC 8446
/// sections 4.4.4 and 5.2). An alert, which ends a handshake that failed, is shorter.
const LEAST_FINISHED: u16 = 53;

/// A connection.
#[derive(Debug)]
pub(super) struct Overheard {
    client: Half,
    server: Half,
    hello: bool,
    chosen: Option<(Version, u16)>,
    alpn: Option<String>,
    /// Whether the beginning was not heard.
    late: bool,
    gaps: bool,
}

#[derive(Debug, Default)]
struct Half {
    head: [u8; 5],
    in_head: usize,
    left: u16,
    /// Handshake bytes in clear; none once this side encrypts, or above the bound.
    handshake: Option<Vec<u8>>,
    changed: bool,
    finished: bool,
    /// A record of application data was heard.
    data: bool,
    /// Bytes that are no records.
    broken: bool,
    /// After a gap: the next bytes count only where they begin with a record.
    lost: bool,
}

impl Overheard {
    pub(super) fn new(late: bool) -> Self {
        let half = || Half { handshake: Some(Vec::new()), ..Half::default() };
        Self { client: half(), server: half(), hello: false, chosen: None, alpn: None, late, gaps: false }
    }

    pub(super) fn gap(&mut self, from: Side) {
        self.gaps = true;
        let half = self.half(from);
        half.lost = true;
        // A message with a hole in it is not read.
        half.handshake = None;
    }

    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    pub(super) fn hear(&mut self, from: Side, bytes: &[u8], listener: &mut dyn Listener) {
        let mut rest = bytes;
        let half = self.half(from);
        if half.lost {
            if !is_head(rest) {
                return;
            }
            (half.lost, half.in_head, half.left) = (false, 0, 0);
        }
        while !rest.is_empty() && !self.half(from).broken {
            let half = self.half(from);
            if half.left == 0 {
                let taken = rest.len().min(5 - half.in_head);
                half.head[half.in_head..half.in_head + taken].copy_from_slice(&rest[..taken]);
                half.in_head += taken;
                rest = &rest[taken..];
                if half.in_head == 5 {
                    half.in_head = 0;
                    if !is_head(&half.head) {
                        half.broken = true;
                        return;
                    }
                    half.left = u16::from_be_bytes([half.head[3], half.head[4]]);
                    self.record(from);
                }
                continue;
            }
            let taken = rest.len().min(usize::from(half.left));
            let (part, behind) = rest.split_at(taken);
            half.left -= u16::try_from(taken).unwrap_or(half.left);
            rest = behind;
            if half.head[0] == content_type::HANDSHAKE && half.handshake.is_some() {
                self.handshake(from, part, listener);
            }
        }
    }

    pub(super) fn held(&self) -> usize {
        [&self.client, &self.server].iter().filter_map(|half| half.handshake.as_ref()).map(Vec::capacity).sum()
    }

    /// The head of a record has come.
    fn record(&mut self, from: Side) {
        let is_13 = self.chosen.is_some_and(|(version, _)| version >= Version::TLS13);
        let is_chosen = self.chosen.is_some();
        let half = self.half(from);
        match half.head[0] {
            content_type::CHANGE_CIPHER_SPEC if !is_13 && is_chosen => {
                half.changed = true;
                half.handshake = None;
            }
            content_type::HANDSHAKE if half.changed && !is_13 => half.finished = true,
            content_type::APPLICATION_DATA => {
                if is_13 {
                    half.handshake = None;
                    half.changed = true;
                    half.finished |= from == Side::Server || half.left >= LEAST_FINISHED;
                }
                half.data = true;
            }
            _ => {}
        }
    }

    fn handshake(&mut self, from: Side, part: &[u8], listener: &mut dyn Listener) {
        let Some(buffer) = &mut self.half(from).handshake else { return };
        if buffer.len() + part.len() > MOST_HANDSHAKE {
            self.half(from).handshake = None;
            return;
        }
        buffer.extend_from_slice(part);
        loop {
            let Some(buffer) = &mut self.half(from).handshake else { return };
            let Some([kind, high, middle, low]) = buffer.first_chunk::<4>().copied() else { return };
            let length = u32::from_be_bytes([0, high, middle, low]) as usize;
            if buffer.len() < 4 + length {
                return;
            }
            let body: Vec<u8> = buffer.drain(..4 + length).skip(4).collect();
            self.message(from, kind, &body, listener);
        }
    }

    fn message(&mut self, from: Side, kind: u8, body: &[u8], listener: &mut dyn Listener) {
        match (from, kind) {
            (Side::Client, 1) => {
                if let Ok(hello) = ClientHello::read(body) {
                    self.hello = true;
                    if let Some(name) = &hello.server_name {
                        listener.name(name);
                    }
                }
            }
            (Side::Server, 2) => {
                let record = Version(u16::from_be_bytes([self.server.head[1], self.server.head[2]]));
                if let Ok(hello) = ServerHello::read(body, record)
                    && !hello.is_retry
                {
                    self.chosen = Some((hello.version, hello.suite));
                    self.alpn = hello.alpn.map(|name| crate::text::visible(&name, 32));
                }
            }
            (_, 11) => {
                if let Ok(chain) = crate::tls::certificates(body)
                    && !chain.is_empty()
                {
                    listener.certificates(from, &chain);
                }
            }
            _ => {}
        }
    }

    /// Whether the handshake was seen from its hellos to the last message of either side.
    fn has_ended(&self) -> bool {
        self.hello && self.chosen.is_some() && self.client.finished && self.server.finished
    }

    pub(super) fn tell(&self, told: &mut Told) {
        let is_null =
            self.chosen.is_some_and(|(_, suite)| CipherSuite::of(suite).is_some_and(CipherSuite::is_null));
        let heard_data = self.client.data || self.server.data;
        let is_13 = self.chosen.is_some_and(|(version, _)| version >= Version::TLS13);
        told.guard = match () {
            () if self.client.broken || self.server.broken => Guard::Unknown,
            () if self.has_ended() && is_null => Guard::Clear,
            () if self.has_ended() => Guard::Tls,
            // In TLS 1.3 the handshake itself comes as application data.
            () if heard_data && !(is_13 && self.hello && !self.gaps) => Guard::Unknown,
            () if self.late || self.gaps => Guard::Unknown,
            () => Guard::Unused,
        };
        told.handshake_open = self.hello && !self.has_ended() && !self.gaps;
        // What a side did not take in the end was not agreed on.
        if self.has_ended()
            && let Some((version, suite)) = self.chosen
        {
            (told.version, told.suite) = (Some(version), Some(suite));
        }
        told.alpn.clone_from(&self.alpn);
    }
}

fn is_head(bytes: &[u8]) -> bool {
    matches!(bytes, [20..=24, 3, 0..=4, high, _, ..] if *high <= 0x48)
}
