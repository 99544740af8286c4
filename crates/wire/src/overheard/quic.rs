//! Both sides of a QUIC connection as a listener hears them: the hellos in its first packets, and whether both sides went on.

use super::{Guard, Listener, Side, Told};
use crate::quic::{Keys, crypto, initial, read};
use crate::tls::{ClientHello, ServerHello, Version};

/// Bytes of a hello: of the client, of the server.
const MOST_HELLO: [usize; 2] = [4096, 2048];
/// Parts of a hello.
const MOST_PARTS: usize = 64;
/// Packets of a side that are opened: hellos are in the first ones.
const MOST_OPENED: u8 = 12;

/// A connection.
#[derive(Debug, Default)]
pub(super) struct Overheard {
    halves: [Half; 2],
    keys: Option<Keys>,
    chosen: Option<(Version, u16)>,
}

#[derive(Debug, Default)]
struct Half {
    /// Whether an Initial packet came, and one of the handshake behind it or a short header.
    initial: bool,
    beyond: bool,
    opened: u8,
    /// Parts of the hello by their place.
    parts: Vec<(usize, Vec<u8>)>,
    /// Whether nothing more is looked for.
    done: bool,
}

impl Overheard {
    pub(super) fn hear(&mut self, from: Side, datagram: &[u8], listener: &mut dyn Listener) {
        let side = usize::from(from == Side::Server);
        let mut rest = datagram;
        // A datagram may carry more than one packet.
        for _ in 0..4 {
            let Some(first) = rest.first() else { return };
            match read(rest) {
                Ok(head) if head.is_initial() => {
                    self.halves[side].initial = true;
                    let Ok((packet, behind)) = initial(rest) else { return };
                    if !self.halves[side].done {
                        self.open(side, &packet, listener);
                    }
                    rest = behind;
                }
                Ok(head) => {
                    self.halves[side].beyond |= head.is_handshake();
                    return;
                }
                Err(_) => {
                    self.halves[side].beyond |= first & 0xc0 == 0x40;
                    return;
                }
            }
        }
    }

    fn open(&mut self, side: usize, packet: &crate::quic::Initial<'_>, listener: &mut dyn Listener) {
        let is_client = side == 0;
        let half = &mut self.halves[side];
        half.opened += 1;
        half.done = half.opened >= MOST_OPENED;
        let opened = self.keys.as_ref().and_then(|keys| keys.open(packet, is_client));
        // The keys follow from the client's first packet, and anew from the first after a Retry.
        let frames = match opened {
            None if is_client => {
                let keys = Keys::of(packet.version, packet.destination);
                let frames = keys.as_ref().and_then(|keys| keys.open(packet, true));
                if frames.is_some() {
                    self.keys = keys;
                }
                frames
            }
            opened => opened,
        };
        let Some(frames) = frames else { return };
        crypto(&frames, &mut |offset, bytes| half.keep(offset, bytes, MOST_HELLO[side]));
        let Some(hello) = half.hello() else { return };
        (half.done, half.parts) = (true, Vec::new());
        match hello.split_first_chunk::<4>() {
            Some(([1, ..], body)) if is_client => {
                if let Ok(hello) = ClientHello::read(body)
                    && let Some(name) = &hello.server_name
                {
                    listener.name(name);
                }
            }
            Some(([2, ..], body)) if !is_client => {
                // A request to try again names the suite already (RFC 8446 section 4.1.4).
                if let Ok(hello) = ServerHello::read(body, Version::TLS12) {
                    self.chosen = Some((hello.version, hello.suite));
                }
            }
            _ => {}
        }
        if self.halves.iter().all(|half| half.done) {
            self.keys = None;
        }
    }

    pub(super) fn tell(&self, told: &mut Told) {
        let [client, server] = &self.halves;
        told.guard = match (client.initial && server.initial, client.beyond && server.beyond) {
            (true, true) => Guard::Quic,
            _ if !client.beyond && !server.beyond => Guard::Unused,
            _ => Guard::Unknown,
        };
        if told.guard == Guard::Quic
            && let Some((version, suite)) = self.chosen
        {
            (told.version, told.suite) = (Some(version), Some(suite));
        }
    }
}

impl Half {
    fn keep(&mut self, offset: usize, bytes: &[u8], most: usize) {
        if offset.saturating_add(bytes.len()) > most || self.parts.len() >= MOST_PARTS {
            self.done = true;
        } else if !bytes.is_empty() && !self.parts.iter().any(|(at, part)| *at == offset && part == bytes) {
            self.parts.push((offset, bytes.to_vec()));
            self.parts.sort_by_key(|(at, _)| *at);
        }
    }

    /// The first message, once it is whole.
    fn hello(&self) -> Option<Vec<u8>> {
        let mut bytes: Vec<u8> = Vec::new();
        for (at, part) in &self.parts {
            // A part may stand over what is known.
            let known = bytes.len().checked_sub(*at)?;
            bytes.extend_from_slice(part.get(known..).unwrap_or_default());
        }
        let [_, high, middle, low] = *bytes.first_chunk::<4>()?;
        let length = 4 + u32::from_be_bytes([0, high, middle, low]) as usize;
        bytes.get(..length).map(<[u8]>::to_vec)
    }
}
