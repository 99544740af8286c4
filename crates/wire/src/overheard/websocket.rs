//! The frames of WebSocket (RFC 6455) behind its handshake; what they carry is heard as a conversation of its own.

use super::{Dialogue, Listener, Side, Told};

/// A connection.
#[derive(Debug, Default)]
pub(super) struct Overheard {
    client: Half,
    server: Half,
    inner: Box<Dialogue>,
}

#[derive(Debug, Default)]
struct Half {
    head: Vec<u8>,
    left: u64,
    mask: Option<[u8; 4]>,
    /// Position in the mask.
    turn: usize,
    lost: bool,
}

impl Overheard {
    pub(super) fn told(&self) -> Told {
        self.inner.told()
    }

    pub(super) fn held(&self) -> usize {
        self.inner.held()
    }

    pub(super) fn gap(&mut self, from: Side, listener: &mut dyn Listener) {
        let half = if from == Side::Client { &mut self.client } else { &mut self.server };
        half.lost = true;
        self.inner.gap(from, listener);
    }

    pub(super) fn hear(&mut self, from: Side, bytes: &[u8], listener: &mut dyn Listener) {
        let half = if from == Side::Client { &mut self.client } else { &mut self.server };
        let mut rest = bytes;
        while !half.lost && !rest.is_empty() {
            if half.left == 0 {
                half.head.push(rest[0]);
                rest = &rest[1..];
                half.take_head();
                continue;
            }
            let taken = rest.len().min(usize::try_from(half.left).unwrap_or(usize::MAX));
            let (part, behind) = rest.split_at(taken);
            rest = behind;
            half.left -= taken as u64;
            match half.mask {
                None => self.inner.hear(from, part, listener),
                Some(mask) => {
                    let turn = half.turn;
                    let plain: Vec<u8> =
                        part.iter().enumerate().map(|(at, byte)| byte ^ mask[(turn + at) % 4]).collect();
                    half.turn = (turn + taken) % 4;
                    self.inner.hear(from, &plain, listener);
                }
            }
        }
    }
}

impl Half {
    /// Reads the head once it is whole.
    fn take_head(&mut self) {
        let [_, second, ..] = self.head[..] else { return };
        let extended = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let masked = second & 0x80 != 0;
        let whole = 2 + extended + if masked { 4 } else { 0 };
        if self.head.len() < whole {
            return;
        }
        let number = self.head[2..2 + extended].iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        self.left = if extended == 0 { u64::from(second & 0x7f) } else { number };
        self.mask = masked.then(|| self.head[2 + extended..].first_chunk::<4>().copied()).flatten();
        self.turn = 0;
        // Reserved bits that are set without an extension: these are no frames; compressed ones are not read.
        self.lost = self.head[0] & 0x70 != 0;
        self.head.clear();
    }
}
