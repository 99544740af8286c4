//! Link layers: what stands before the IP header, and which protocol follows.

use crate::Malformed;
use crate::capture::LinkType;
use crate::reader::Reader;

pub(super) const IPV4: u16 = 0x0800;
pub(super) const IPV6: u16 = 0x86dd;
const MOST_TAGS: usize = 4;

/// The EtherType of what the frame carries, and its bytes.
#[inline]
pub(super) fn strip(link: LinkType, frame: &[u8]) -> Result<(u16, &[u8]), Malformed> {
    let mut reader = Reader::new(frame, "link header");
    let ether_type = match link {
        LinkType::ETHERNET => {
            reader.take(12)?;
            reader.u16()?
        }
        LinkType::LINUX_SLL => {
            reader.take(14)?;
            reader.u16()?
        }
        LinkType::LINUX_SLL2 => {
            let ether_type = reader.u16()?;
            reader.take(18)?;
            ether_type
        }
        LinkType::NULL | LinkType::LOOP => family(reader.array()?)?,
        LinkType::RAW | LinkType::RAW_BSD | LinkType::RAW_OPENBSD | LinkType::IPV4 | LinkType::IPV6 => {
            let first = reader.peek().first().ok_or(Malformed::Truncated("ip header"))?;
            match first >> 4 {
                4 => IPV4,
                6 => IPV6,
                _ => return Err(Malformed::Invalid("ip version")),
            }
        }
        LinkType::IEEE802_11 | LinkType::IEEE802_11_PRISM | LinkType::IEEE802_11_RADIOTAP => {
            return Err(Malformed::Invalid("link type: IEEE 802.11 frames are encrypted by the link"));
        }
        LinkType::IEEE802_15_4 => return Err(Malformed::Invalid("link type: IEEE 802.15.4")),
        _ => return Err(Malformed::Invalid("link type")),
    };
    tags(ether_type, reader)
}

/// Passes over VLAN tags (IEEE 802.1Q, 802.1ad), LLC/SNAP and a PPPoE session.
fn tags<'a>(mut ether_type: u16, mut reader: Reader<'a>) -> Result<(u16, &'a [u8]), Malformed> {
    for _ in 0..=MOST_TAGS {
        match ether_type {
            0x8100 | 0x88a8 | 0x9100 => {
                reader.u16()?;
                ether_type = reader.u16()?;
            }
            0x8864 => {
                reader.take(6)?;
                ether_type = match reader.u16()? {
                    0x0021 => IPV4,
                    0x0057 => IPV6,
                    other => return Ok((other, reader.rest())),
                };
            }
            // A length in place of a type: only SNAP can carry IP.
            0..=1500 if reader.peek().starts_with(&[0xaa, 0xaa, 3, 0, 0, 0]) => {
                reader.take(6)?;
                ether_type = reader.u16()?;
            }
            _ => return Ok((ether_type, reader.rest())),
        }
    }
    Err(Malformed::TooLarge("vlan tags"))
}

/// The address family of BSD systems, in the byte order of whichever machine captured.
fn family(bytes: [u8; 4]) -> Result<u16, Malformed> {
    let number = u32::from_be_bytes(bytes);
    match if number > 0xffff { number.swap_bytes() } else { number } {
        2 => Ok(IPV4),
        10 | 24 | 28 | 30 => Ok(IPV6),
        _ => Err(Malformed::Invalid("loopback address family")),
    }
}
