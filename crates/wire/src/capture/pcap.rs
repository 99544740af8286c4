//! The classic file format (draft-ietf-opsawg-pcap): one head, then packets.

use super::{Frame, LinkType, MOST_PACKET, Order, Step, four};
use crate::Malformed;

/// Bytes of the file's head.
pub(super) const HEAD: usize = 24;
const PACKET_HEAD: usize = 16;

#[derive(Debug, Clone)]
pub(super) struct Pcap {
    order: Order,
    nanoseconds: bool,
    link: LinkType,
    /// Bytes between a packet's head and its data: the form of some old Linux systems.
    extra: usize,
}

/// Byte order, whether in nanoseconds, and extra bytes of each packet's head.
pub(super) fn known(magic: [u8; 4]) -> Result<(Order, bool, usize), Malformed> {
    Ok(match magic {
        [0xa1, 0xb2, 0xc3, 0xd4] => (Order::Big, false, 0),
        [0xd4, 0xc3, 0xb2, 0xa1] => (Order::Little, false, 0),
        [0xa1, 0xb2, 0x3c, 0x4d] => (Order::Big, true, 0),
        [0x4d, 0x3c, 0xb2, 0xa1] => (Order::Little, true, 0),
        [0xa1, 0xb2, 0xcd, 0x34] => (Order::Big, false, 8),
        [0x34, 0xcd, 0xb2, 0xa1] => (Order::Little, false, 8),
        _ => return Err(Malformed::Invalid("capture file head")),
    })
}

impl Pcap {
    pub(super) fn read(head: &[u8; HEAD]) -> Result<Self, Malformed> {
        let (order, nanoseconds, extra) = known(four(head, 0))?;
        // The upper bits tell the length of the frame check sequence.
        let link = LinkType(order.u32(four(head, 20)) & 0x0fff_ffff);
        Ok(Self { order, nanoseconds, link, extra })
    }

    pub(super) fn step<'a>(&mut self, bytes: &'a [u8]) -> Result<Step<'a>, Malformed> {
        let head = PACKET_HEAD + self.extra;
        if bytes.len() < head {
            return Ok(Step::More(head));
        }
        let field = |at| self.order.u32(four(bytes, at));
        let kept = field(8) as usize;
        if kept > MOST_PACKET {
            return Err(Malformed::TooLarge("captured packet"));
        }
        let whole = head + kept;
        let Some(data) = bytes.get(head..whole) else { return Ok(Step::More(whole)) };
        let fraction = u64::from(field(4)) * if self.nanoseconds { 1 } else { 1000 };
        let nanos = Some(u64::from(field(0)) * 1_000_000_000 + fraction);
        Ok(Step::Packet(Frame { nanos, link: self.link, wire_length: field(12), data, at: head }, whole))
    }
}
