//! Puts IP fragments together, bounded in number, size and time.
//!
//! Fragments that overlap are refused with their whole packet, in IPv4 as RFC 5722 asks of IPv6: receivers read them in
//! different ways, so that nobody knows what the packet said. A fragment that came twice is no overlap. Of a packet that
//! never becomes whole, its front is handed over as far as it goes.

use std::collections::HashMap;
use std::net::IpAddr;

use super::{Content, Fragment, Packet, ip};
use crate::Malformed;

/// Packets in the making.
const MOST_PACKETS: usize = 256;
/// Fragments of one.
const MOST_PARTS: usize = 256;
/// Bytes of one.
const MOST_LENGTH: usize = 65_535;
/// Bytes of all.
const MOST_HELD: usize = 4 << 20;
/// Nanoseconds that a packet may take to become whole (RFC 8200 section 4.5).
const LONGEST: u64 = 60_000_000_000;

type Key = (IpAddr, IpAddr, u32, u8);

/// Packets whose fragments have come in part. `M` is what the caller knows of a packet.
#[derive(Debug, Default)]
pub struct Fragments<M> {
    making: HashMap<Key, Making<M>>,
    held: usize,
    /// Packets that were refused: their fragments overlap, or are too many.
    pub refused: u64,
    /// Packets of which fragments are missing.
    pub missing: u64,
}

#[derive(Debug)]
struct Making<M> {
    mark: M,
    protocol: u8,
    first: u64,
    last: u64,
    /// By offset; none once it is refused.
    parts: Option<Vec<(usize, Vec<u8>)>>,
    total: Option<usize>,
}

/// A packet that came in fragments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole<M> {
    /// The sender.
    pub source: IpAddr,
    /// The receiver.
    pub destination: IpAddr,
    /// What the caller knew of its first fragment.
    pub mark: M,
    /// When the last of them came, in nanoseconds.
    pub at: u64,
    /// Bytes that are missing at its end: at least 1 where some are.
    pub cut: usize,
    protocol: u8,
    bytes: Vec<u8>,
}

impl<M> Whole<M> {
    /// What it carries.
    ///
    /// # Errors
    /// As of [`super::read`].
    pub fn content(&self) -> Result<Content<'_>, Malformed> {
        ip::whole(self.source.is_ipv6(), self.protocol, &self.bytes)
    }
}

impl<M: Copy> Fragments<M> {
    /// Takes a fragment of a packet at a time in nanoseconds. What becomes whole, or is given up, is given to `out`.
    pub fn hear(
        &mut self,
        packet: &Packet<'_>,
        part: &Fragment<'_>,
        mark: M,
        at: u64,
        out: &mut dyn FnMut(Whole<M>),
    ) {
        // In IPv6 the number alone tells packets apart, and the protocol is that of the first fragment.
        let protocol = if packet.source.is_ipv6() { 0 } else { part.protocol };
        let key = (packet.source, packet.destination, part.id, protocol);
        if self.making.get(&key).is_some_and(|making| at.saturating_sub(making.first) > LONGEST) {
            self.give_up(key, out);
        }
        while self.making.len() >= MOST_PACKETS || self.held + part.payload.len() > MOST_HELD {
            let Some(oldest) = self.making.iter().min_by_key(|(key, m)| (m.last, **key)).map(|(key, _)| *key)
            else {
                break;
            };
            self.give_up(oldest, out);
        }
        let making = self.making.entry(key).or_insert_with(|| Making {
            mark,
            protocol: part.protocol,
            first: at,
            last: at,
            parts: Some(Vec::new()),
            total: None,
        });
        making.last = making.last.max(at);
        if part.offset == 0 {
            (making.protocol, making.mark) = (part.protocol, mark);
        }
        let before = making.held();
        if !making.take(part, packet.cut) && making.parts.take().is_some() {
            self.refused += 1;
        }
        let whole = making.is_whole();
        self.held = (self.held + making.held()).saturating_sub(before);
        if whole {
            self.hand_out(key, out);
        }
    }

    /// Nothing more comes.
    pub fn end(&mut self, out: &mut dyn FnMut(Whole<M>)) {
        let mut left: Vec<(u64, Key)> = self.making.iter().map(|(key, making)| (making.last, *key)).collect();
        left.sort_unstable();
        for (_, key) in left {
            self.give_up(key, out);
        }
    }

    fn give_up(&mut self, key: Key, out: &mut dyn FnMut(Whole<M>)) {
        if self.making.get(&key).is_some_and(|making| making.parts.is_some()) {
            self.missing += 1;
        }
        self.hand_out(key, out);
    }

    fn hand_out(&mut self, key: Key, out: &mut dyn FnMut(Whole<M>)) {
        let Some(making) = self.making.remove(&key) else { return };
        self.held = self.held.saturating_sub(making.held());
        let mut bytes = Vec::new();
        for (offset, part) in making.parts.into_iter().flatten() {
            if offset != bytes.len() {
                break;
            }
            bytes.extend_from_slice(&part);
        }
        if bytes.is_empty() {
            return;
        }
        let cut = making.total.map_or(1, |total| total.saturating_sub(bytes.len()));
        let (source, destination, ..) = key;
        let Making { mark, last: at, protocol, .. } = making;
        out(Whole { source, destination, mark, at, cut, protocol, bytes });
    }
}

impl<M> Making<M> {
    fn held(&self) -> usize {
        self.parts.iter().flatten().map(|(_, part)| part.len()).sum()
    }

    /// Takes a fragment; false where the packet has to be refused.
    fn take(&mut self, part: &Fragment<'_>, cut: usize) -> bool {
        let Some(parts) = &mut self.parts else { return false };
        let end = part.offset + part.payload.len();
        // All but the last are multiples of 8 bytes.
        if end + cut > MOST_LENGTH || part.more && !(part.payload.len() + cut).is_multiple_of(8) {
            return false;
        }
        if !part.more {
            if self.total.is_some_and(|total| total != end + cut) {
                return false;
            }
            self.total = Some(end + cut);
        }
        if part.payload.is_empty() {
            return true;
        }
        let at = parts.partition_point(|(offset, _)| *offset < part.offset);
        if parts.get(at).is_some_and(|(offset, known)| *offset == part.offset && known == part.payload) {
            return true;
        }
        let overlaps =
            at.checked_sub(1).is_some_and(|before| parts[before].0 + parts[before].1.len() > part.offset)
                || parts.get(at).is_some_and(|(offset, _)| *offset < end);
        if overlaps || parts.len() >= MOST_PARTS {
            return false;
        }
        parts.insert(at, (part.offset, part.payload.to_vec()));
        let reaches = parts.last().map_or(0, |(offset, part)| offset + part.len());
        self.total.is_none_or(|total| reaches <= total)
    }

    fn is_whole(&self) -> bool {
        let Some(total) = self.total else { return false };
        // They do not overlap, so that their sum tells.
        self.parts.is_some() && self.held() == total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const TO: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    fn datagram(length: usize) -> Vec<u8> {
        let mut out = vec![0, 7, 0, 53];
        out.extend(u16::try_from(8 + length).unwrap().to_be_bytes());
        out.extend([0, 0]);
        out.extend((0..length).map(|n| u8::try_from(n % 251).unwrap()));
        out
    }

    #[derive(Default)]
    struct Bench {
        fragments: Fragments<()>,
        at: u64,
        out: Vec<Whole<()>>,
    }

    impl Bench {
        fn part(&mut self, id: u32, offset: usize, more: bool, payload: &[u8]) {
            let part = Fragment { id, protocol: 17, offset, more, payload };
            let packet = Packet { source: FROM, destination: TO, content: Content::Fragment(part), cut: 0 };
            self.at += 1;
            self.fragments.hear(&packet, &part, (), self.at, &mut |whole| self.out.push(whole));
        }

        fn payloads(&self) -> Vec<Vec<u8>> {
            let payload = |whole: &Whole<()>| match whole.content() {
                Ok(Content::Udp { payload, .. }) => payload.to_vec(),
                other => panic!("{other:?}"),
            };
            self.out.iter().map(payload).collect()
        }
    }

    #[test]
    fn a_packet_is_whole_in_whatever_order_its_fragments_come() {
        let whole = datagram(3000);
        let pieces = [(0, true, 0..1480), (1480, true, 1480..2960), (2960, false, 2960..3008)];
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [2, 0, 1]] {
            let mut bench = Bench::default();
            for index in order.into_iter().chain([order[0]]).take(4) {
                let (offset, more, range) = pieces[index].clone();
                if bench.out.is_empty() {
                    bench.part(9, offset, more, &whole[range]);
                }
            }
            assert_eq!(bench.payloads(), [&whole[8..]], "{order:?}");
            assert_eq!((bench.fragments.held, bench.out[0].cut), (0, 0));
        }
    }

    #[test]
    fn packets_are_told_apart_by_their_number_and_a_fragment_may_come_twice() {
        let (one, other) = (datagram(40), datagram(48));
        let mut bench = Bench::default();
        bench.part(1, 0, true, &one[..24]);
        bench.part(2, 0, true, &other[..24]);
        bench.part(1, 0, true, &one[..24]);
        bench.part(2, 24, false, &other[24..]);
        bench.part(1, 24, false, &one[24..]);
        assert_eq!(bench.payloads(), [&other[8..], &one[8..]]);
        assert_eq!(bench.fragments.refused, 0);
    }

    #[test]
    fn fragments_that_overlap_are_refused_with_their_packet() {
        let whole = datagram(64);
        let mut twisted = whole.clone();
        twisted[20] ^= 1;
        // The same place with other bytes; a part of a place; two ends.
        for second in [(0, true, &twisted[..32]), (24, true, &whole[24..48]), (16, true, &whole[16..24])] {
            let mut bench = Bench::default();
            bench.part(1, 0, true, &whole[..32]);
            bench.part(1, second.0, second.1, second.2);
            bench.part(1, 32, false, &whole[32..]);
            bench.fragments.end(&mut |whole| panic!("{whole:?}"));
            assert_eq!((bench.fragments.refused, bench.fragments.missing), (1, 0));
        }
        let mut bench = Bench::default();
        bench.part(1, 64, false, &whole[64..]);
        bench.part(1, 56, false, &whole[56..]);
        bench.part(1, 64, true, &whole[64..72]);
        assert_eq!(bench.fragments.refused, 1);
    }

    #[test]
    fn the_front_of_a_packet_that_stays_unfinished_is_handed_over_as_cut() {
        let whole = datagram(64);
        let mut bench = Bench::default();
        bench.part(1, 0, true, &whole[..32]);
        bench.part(1, 64, false, &whole[64..]);
        let Bench { fragments, out, .. } = &mut bench;
        fragments.end(&mut |whole| out.push(whole));
        assert_eq!(bench.payloads(), [&whole[8..32]]);
        assert_eq!((bench.out[0].cut, bench.fragments.missing), (40, 1));
    }

    #[test]
    fn what_is_held_is_bounded_in_number_size_and_time() {
        let mut bench = Bench::default();
        for id in 0..300 {
            bench.part(id, 0, true, &datagram(60_000)[..59_992]);
            assert!(bench.fragments.held <= MOST_HELD && bench.fragments.making.len() <= MOST_PACKETS);
        }
        for number in 0..1000 {
            bench.part(9999, 16 * number, true, &[0; 8]);
        }
        assert_eq!(bench.fragments.refused, 1);
        bench.part(1, 65_528, true, &[0; 16]);
        assert_eq!(bench.fragments.refused, 2);
        let mut bench = Bench::default();
        let whole = datagram(40);
        bench.part(1, 0, true, &whole[..24]);
        bench.at += 2 * LONGEST;
        bench.part(1, 24, false, &whole[24..]);
        assert_eq!((bench.out.len(), bench.fragments.missing), (1, 1), "a number is used again");
    }
}
