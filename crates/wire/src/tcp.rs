//! One direction of a TCP connection put together from captured segments (RFC 9293), in bounded memory.
//!
//! Out of order, sent again, overlapping, wrapped around, begun in the middle: bytes come out once and in order; of two
//! segments that differ in the same place, one comes out. What the capture lacks comes out as a gap, never as bytes. Checksums are not
//! compared, and windows are not kept.

use std::collections::BTreeMap;

/// Bytes held of one direction while a segment before them is missing.
pub const MOST_HELD: usize = 512 * 1024;
/// Segments held, so that many small ones are bounded too.
const MOST_SEGMENTS: usize = 1024;
/// Segments behind a hole that the receiver has acknowledged, before the hole is taken for lost to the capture.
const PATIENCE: usize = 8;

/// What comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// The next bytes.
    Bytes(&'a [u8]),
    /// This many bytes are not in the capture.
    Gap(u64),
}

/// A direction. Positions count bytes from the first one heard of, so that sequence numbers may wrap around.
#[derive(Debug, Clone, Default)]
pub struct Direction {
    /// Sequence number and position of the byte expected next.
    next: Option<(u32, u64)>,
    held: BTreeMap<u64, Vec<u8>>,
    held_bytes: usize,
}

impl Direction {
    /// The direction begins behind this SYN.
    pub fn begin(&mut self, sequence: u32) {
        if self.next.is_none() {
            self.next = Some((sequence.wrapping_add(1), 0));
        }
    }

    /// Whether bytes wait for a segment before them.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.held.is_empty()
    }

    /// Bytes held.
    #[must_use]
    pub fn held(&self) -> usize {
        self.held_bytes
    }

    /// Takes a segment: the number of its first byte of data, its data, and how many bytes of it the capture cut.
    #[inline]
    pub fn segment(&mut self, sequence: u32, data: &[u8], cut: usize, take: &mut dyn FnMut(Piece<'_>)) {
        if data.is_empty() && cut == 0 {
            return;
        }
        let (number, position) = *self.next.get_or_insert((sequence, 0));
        // The nearer way around the circle of numbers.
        let ahead = i64::from(sequence.wrapping_sub(number).cast_signed());
        if ahead > 0 {
            self.hold(position + ahead.unsigned_abs(), data, take);
            return;
        }
        let old = usize::try_from(-ahead).unwrap_or(usize::MAX);
        let whole = data.len() + cut;
        if old >= whole {
            return;
        }
        if let Some(new) = data.get(old..).filter(|new| !new.is_empty()) {
            take(Piece::Bytes(new));
        }
        self.advance((whole - old) as u64);
        if cut > 0 {
            take(Piece::Gap((whole - old.max(data.len())) as u64));
        }
        if !self.held.is_empty() {
            self.release(take);
        }
    }

    /// The other side has acknowledged everything before this number: a hole before it will not be filled any more.
    #[inline]
    pub fn acknowledged(&mut self, number: u32, take: &mut dyn FnMut(Piece<'_>)) {
        if self.held.len() < PATIENCE {
            return;
        }
        let Some((next, position)) = self.next else { return };
        let ahead = number.wrapping_sub(next).cast_signed();
        let first = self.held.first_key_value().map(|(at, _)| *at);
        if ahead > 0 && first.is_some_and(|at| at <= position + u64::from(ahead.unsigned_abs())) {
            self.give_up(take);
        }
    }

    /// Nothing more comes: what is held comes out, with its gaps.
    pub fn finish(&mut self, take: &mut dyn FnMut(Piece<'_>)) {
        while !self.held.is_empty() {
            self.give_up(take);
        }
    }

    fn hold(&mut self, position: u64, data: &[u8], take: &mut dyn FnMut(Piece<'_>)) {
        if data.is_empty() {
            return;
        }
        let known = self.held.get(&position).map_or(0, Vec::len);
        if data.len() > known {
            self.held_bytes += data.len() - known;
            self.held.insert(position, data.to_vec());
        }
        while self.held_bytes > MOST_HELD || self.held.len() > MOST_SEGMENTS {
            self.give_up(take);
        }
    }

    /// Passes over the hole before what is held first.
    fn give_up(&mut self, take: &mut dyn FnMut(Piece<'_>)) {
        let Some((_, position)) = self.next else { return };
        if let Some((&at, _)) = self.held.first_key_value()
            && at > position
        {
            take(Piece::Gap(at - position));
            self.advance(at - position);
        }
        self.release(take);
    }

    /// Gives what is held and follows on.
    fn release(&mut self, take: &mut dyn FnMut(Piece<'_>)) {
        while let Some(first) = self.held.first_entry() {
            let Some((_, position)) = self.next else { return };
            if *first.key() > position {
                return;
            }
            let (at, data) = first.remove_entry();
            self.held_bytes = self.held_bytes.saturating_sub(data.len());
            let old = usize::try_from(position - at).unwrap_or(usize::MAX);
            if let Some(new) = data.get(old..).filter(|new| !new.is_empty()) {
                take(Piece::Bytes(new));
                self.advance(new.len() as u64);
            }
        }
    }

    fn advance(&mut self, count: u64) {
        if let Some((number, position)) = &mut self.next {
            // Numbers are modulo 2^32.
            *number = number.wrapping_add((count & 0xffff_ffff) as u32);
            *position = position.saturating_add(count);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Feeds segments and gives what came out, a gap as `<n>`.
    fn heard(start: Option<u32>, segments: &[(u32, &[u8])]) -> String {
        let mut direction = Direction::default();
        if let Some(start) = start {
            direction.begin(start);
        }
        let mut out = String::new();
        let mut take = |piece: Piece<'_>| match piece {
            Piece::Bytes(bytes) => out.push_str(std::str::from_utf8(bytes).unwrap()),
            Piece::Gap(count) => out.push_str(&format!("<{count}>")),
        };
        for (sequence, data) in segments {
            direction.segment(*sequence, data, 0, &mut take);
        }
        direction.finish(&mut take);
        out
    }

    #[test]
    fn bytes_come_out_once_and_in_order() {
        assert_eq!(heard(Some(0), &[(1, b"ab"), (3, b"cd")]), "abcd");
        assert_eq!(heard(Some(0), &[(3, b"cd"), (5, b"ef"), (1, b"ab")]), "abcdef");
        assert_eq!(heard(Some(0), &[(1, b"abcd"), (1, b"abcd"), (3, b"XXef")]), "abcdef");
        assert_eq!(heard(Some(0), &[(4, b"de"), (3, b"cd"), (1, b"abc")]), "abcde");
    }

    #[test]
    fn numbers_wrap_around_and_a_beginning_in_the_middle_is_none_the_worse() {
        assert_eq!(heard(Some(u32::MAX - 2), &[(u32::MAX - 1, b"ab"), (0, b"cd"), (2, b"ef")]), "abcdef");
        assert_eq!(heard(None, &[(u32::MAX, b"a"), (1, b"c"), (0, b"b")]), "abc");
    }

    #[test]
    fn what_the_capture_lacks_is_a_gap_and_never_bytes() {
        assert_eq!(heard(Some(0), &[(1, b"ab"), (6, b"fg")]), "ab<3>fg");
        let mut direction = Direction::default();
        let mut out = Vec::new();
        let mut take = |piece: Piece<'_>| out.push(format!("{piece:?}"));
        direction.begin(9);
        direction.segment(10, b"ab", 3, &mut take);
        direction.segment(15, b"f", 0, &mut take);
        assert_eq!(out, ["Bytes([97, 98])", "Gap(3)", "Bytes([102])"]);
    }

    #[test]
    fn a_hole_that_the_receiver_has_acknowledged_is_not_waited_for() {
        let mut direction = Direction::default();
        let mut out = 0;
        direction.begin(0);
        for at in 0..10_u32 {
            direction.segment(101 + at * 4, b"data", 0, &mut |_| {});
        }
        assert!(direction.is_waiting());
        direction.acknowledged(50, &mut |_| out += 1);
        assert_eq!(out, 0, "not yet acknowledged as far as what is held");
        direction.acknowledged(141, &mut |_| out += 1);
        assert_eq!((out, direction.is_waiting()), (11, false));
    }

    #[test]
    fn what_is_held_is_bounded() {
        let mut direction = Direction::default();
        direction.begin(0);
        let mut gaps = 0;
        for at in 0..5000_u32 {
            direction.segment(1000 + at * 2000, &[7; 1000], 0, &mut |piece| {
                gaps += usize::from(matches!(piece, Piece::Gap(_)));
            });
            assert!(direction.held() <= MOST_HELD);
        }
        assert!(gaps > 4000);
    }

    proptest! {
        #[test]
        fn any_order_of_the_segments_of_a_text_gives_the_text(
            start in any::<u32>(), cuts in prop::collection::vec(1_usize..9, 1..40), seed in any::<u64>(),
        ) {
            let mut segments = Vec::new();
            let mut text = Vec::new();
            for cut in cuts {
                let at = text.len();
                text.extend((0..cut).map(|index| b'a' + ((at + index) % 26) as u8));
                segments.push((start.wrapping_add(1).wrapping_add(at as u32), at, text.len()));
            }
            let mut order: Vec<usize> = (0..segments.len()).chain(0..segments.len() / 2).collect();
            let mut state = seed | 1;
            for index in (1..order.len()).rev() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                order.swap(index, (state >> 33) as usize % (index + 1));
            }
            let shuffled: Vec<(u32, &[u8])> =
                order.into_iter().map(|index| { let (number, from, to) = segments[index]; (number, &text[from..to]) }).collect();
            prop_assert_eq!(heard(Some(start), &shuffled).into_bytes(), text);
        }

        #[test]
        fn no_segments_make_it_panic(
            segments in prop::collection::vec((any::<u32>(), prop::collection::vec(any::<u8>(), 0..20), 0_usize..99), 0..60),
        ) {
            let mut direction = Direction::default();
            for (number, data, cut) in segments {
                direction.segment(number, &data, cut, &mut |_| {});
                direction.acknowledged(number, &mut |_| {});
            }
            direction.finish(&mut |_| {});
        }
    }
}
