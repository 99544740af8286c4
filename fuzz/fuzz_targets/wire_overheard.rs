//! What two others say, piece by piece: the first byte of a piece says who speaks and how long it is, or that bytes are
//! missing. The same bytes go through the putting together of TCP, and as datagrams.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::overheard::datagram::Exchange;
use wire::overheard::{Dialogue, Listener, Readable, Side};
use wire::tcp::{Direction, MOST_HELD, Piece};

struct Nobody;

impl Listener for Nobody {
    fn found(&mut self, _: Side, _: &'static str, _: &str, _: &[u8]) {}
    fn readable(&mut self, _: Side, bytes: &[u8], _: Readable) {
        for at in 0..bytes.len().min(64) {
            let _ = wire::overheard::named_secret(bytes, at);
        }
    }
    fn name(&mut self, _: &str) {}
    fn certificates(&mut self, _: Side, _: &[Vec<u8>]) {}
}

fuzz_target!(|bytes: &[u8]| {
    let Some((late, mut rest)) = bytes.split_first() else { return };
    let mut dialogue = if late & 1 == 0 { Dialogue::default() } else { Dialogue::joined_late() };
    let mut exchange = Exchange::default();
    let mut direction = Direction::default();
    let mut number = u32::from(*late) << 24;
    while let Some((head, behind)) = rest.split_first() {
        let side = if head & 1 == 0 { Side::Client } else { Side::Server };
        let (piece, after) = behind.split_at(usize::from(head >> 2).min(behind.len()));
        rest = after;
        if head & 2 != 0 && piece.is_empty() {
            dialogue.gap(side, &mut Nobody);
            number = number.wrapping_add(u32::from(*head) << 4);
            continue;
        }
        dialogue.hear(side, piece, &mut Nobody);
        exchange.hear(side, [5353, u16::from(*head)], piece, &mut Nobody);
        direction.segment(number, piece, usize::from(head & 2), &mut |piece| {
            if let Piece::Bytes(bytes) = piece {
                assert!(!bytes.is_empty());
            }
        });
        direction.acknowledged(number.wrapping_add(99), &mut |_| {});
        assert!(direction.held() <= MOST_HELD);
        number = number.wrapping_add(u32::try_from(piece.len()).unwrap_or(0)).wrapping_sub(u32::from(head & 4));
    }
    dialogue.end(&mut Nobody);
    direction.finish(&mut |_| {});
    let _ = (dialogue.told(), exchange.told(), dialogue.held());
});
