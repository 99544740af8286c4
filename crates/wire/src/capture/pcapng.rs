//! The block format (draft-ietf-opsawg-pcapng): sections with a byte order of their own, interfaces with a link type
//! and a clock of their own.

use super::{Frame, LinkType, MOST_PACKET, Order, Step, four};
use crate::Malformed;

/// The type of a section's head, the same in either byte order.
pub(super) const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
const INTERFACE: u32 = 1;
const OLD_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
const MOST_INTERFACES: usize = 4096;

#[derive(Debug, Clone, Default)]
pub(super) struct Pcapng {
    order: Option<Order>,
    interfaces: Vec<Interface>,
}

#[derive(Debug, Clone, Copy)]
struct Interface {
    link: LinkType,
    /// Most bytes kept of a packet; 0 for all.
    most: u32,
    /// Nanoseconds since 1970 of a count of this interface's units.
    clock: Clock,
}

#[derive(Debug, Clone, Copy)]
struct Clock {
    /// Units a second.
    units: u64,
    /// Seconds to add.
    offset: i64,
}

impl Clock {
    fn nanos(self, count: u64) -> u64 {
        let units = u128::from(self.units.max(1));
        let nanos = i128::try_from(u128::from(count) * 1_000_000_000 / units).unwrap_or(i128::MAX);
        let shifted = nanos.saturating_add(i128::from(self.offset) * 1_000_000_000);
        u64::try_from(shifted.max(0)).unwrap_or(u64::MAX)
    }
}

impl Pcapng {
    pub(super) fn step<'a>(&mut self, bytes: &'a [u8]) -> Result<Step<'a>, Malformed> {
        if bytes.len() < 12 {
            return Ok(Step::More(12));
        }
        if four(bytes, 0) == SECTION {
            self.order = Some(match four(bytes, 8) {
                [0x1a, 0x2b, 0x3c, 0x4d] => Order::Big,
                [0x4d, 0x3c, 0x2b, 0x1a] => Order::Little,
                _ => return Err(Malformed::Invalid("pcapng byte order")),
            });
            self.interfaces.clear();
        }
        let order = self.order.ok_or(Malformed::Invalid("pcapng section"))?;
        let field = |at| order.u32(four(bytes, at));
        let whole = field(4) as usize;
        if whole < 12 || !whole.is_multiple_of(4) {
            return Err(Malformed::Invalid("pcapng block length"));
        }
        let kind = if four(bytes, 0) == SECTION { 0 } else { field(0) };
        if !matches!(kind, INTERFACE | OLD_PACKET | SIMPLE_PACKET | ENHANCED_PACKET) {
            return Ok(Step::Skip(whole));
        }
        if whole > MOST_PACKET + 4096 {
            return Err(Malformed::TooLarge("pcapng block"));
        }
        let Some(block) = bytes.get(..whole) else { return Ok(Step::More(whole)) };
        // The length stands at either end, for readers that go backwards.
        if four(block, whole - 4) != four(block, 4) {
            return Err(Malformed::Invalid("pcapng block length"));
        }
        let body = &block[8..whole - 4];
        match kind {
            INTERFACE => {
                if self.interfaces.len() == MOST_INTERFACES {
                    return Err(Malformed::TooLarge("pcapng interfaces"));
                }
                self.interfaces.push(interface(order, body)?);
                Ok(Step::Skip(whole))
            }
            SIMPLE_PACKET => self.simple(order, body, whole),
            _ => self.packet(order, kind, body, whole),
        }
    }

    fn packet<'a>(&self, order: Order, kind: u32, body: &'a [u8], whole: usize) -> Result<Step<'a>, Malformed> {
        if body.len() < 20 {
            return Err(Malformed::Truncated("pcapng packet"));
        }
        let field = |at| order.u32(four(body, at));
        let number = match kind {
            OLD_PACKET => usize::from(order.u16([body[0], body[1]])),
            _ => field(0) as usize,
        };
        let interface = self.interfaces.get(number).ok_or(Malformed::Invalid("pcapng interface"))?;
        let count = u64::from(field(4)) << 32 | u64::from(field(8));
        let data = body.get(20..20 + field(12) as usize).ok_or(Malformed::Truncated("pcapng packet"))?;
        let nanos = Some(interface.clock.nanos(count));
        Ok(Step::Packet(Frame { nanos, link: interface.link, wire_length: field(16), data, at: 28 }, whole))
    }

    fn simple<'a>(&self, order: Order, body: &'a [u8], whole: usize) -> Result<Step<'a>, Malformed> {
        if body.len() < 4 {
            return Err(Malformed::Truncated("pcapng packet"));
        }
        let interface = self.interfaces.first().ok_or(Malformed::Invalid("pcapng interface"))?;
        let wire_length = order.u32(four(body, 0));
        let most = if interface.most == 0 { u32::MAX } else { interface.most };
        let kept = (wire_length.min(most) as usize).min(body.len() - 4);
        let data = &body[4..4 + kept];
        Ok(Step::Packet(Frame { nanos: None, link: interface.link, wire_length, data, at: 12 }, whole))
    }
}

fn interface(order: Order, body: &[u8]) -> Result<Interface, Malformed> {
    if body.len() < 8 {
        return Err(Malformed::Truncated("pcapng interface"));
    }
    let link = LinkType(u32::from(order.u16([body[0], body[1]])));
    let mut clock = Clock { units: 1_000_000, offset: 0 };
    let mut rest = &body[8..];
    while let Some(head) = rest.first_chunk::<4>() {
        let (code, length) = (order.u16([head[0], head[1]]), usize::from(order.u16([head[2], head[3]])));
        let Some(value) = rest.get(4..4 + length) else { break };
        match (code, value) {
            (0, _) => break,
            (9, [resolution, ..]) => {
                let exponent = u32::from(resolution & 0x7f);
                let base: u64 = if resolution & 0x80 == 0 { 10 } else { 2 };
                clock.units = base.checked_pow(exponent).ok_or(Malformed::Invalid("pcapng time resolution"))?;
            }
            (14, value) => {
                if let Some(bytes) = value.first_chunk::<8>() {
                    let whole =
                        if order == Order::Big { i64::from_be_bytes(*bytes) } else { i64::from_le_bytes(*bytes) };
                    clock.offset = whole;
                }
            }
            _ => {}
        }
        rest = rest.get(4 + length.next_multiple_of(4)..).unwrap_or_default();
    }
    Ok(Interface { link, most: order.u32(four(body, 4)), clock })
}
