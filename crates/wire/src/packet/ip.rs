//! IPv4 (RFC 791), IPv6 with extension headers (RFC 8200), TCP (RFC 9293), UDP (RFC 768), ICMP (RFC 792, 4443).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Content, Fragment, Packet, Segment};
use crate::Malformed;
use crate::reader::Reader;

const MOST_EXTENSIONS: usize = 8;

/// Protocol of a quoted packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

#[inline]
pub(super) fn v4(bytes: &[u8]) -> Result<Packet<'_>, Malformed> {
    let head = bytes.first_chunk::<20>().ok_or(Malformed::Truncated("ipv4 header"))?;
    let length = usize::from(head[0] & 0x0f) * 4;
    let total = usize::from(u16::from_be_bytes([head[2], head[3]]));
    if head[0] >> 4 != 4 || length < 20 {
        return Err(Malformed::Invalid("ipv4 header"));
    }
    // Segmentation offload leaves 0 where the length does not fit; the frame tells it then.
    let total = if total == 0 { bytes.len() } else { total };
    if total < length || bytes.len() < length {
        return Err(Malformed::Truncated("ipv4 header"));
    }
    let fragment = u16::from_be_bytes([head[6], head[7]]);
    let address = |at: usize| IpAddr::V4(Ipv4Addr::new(head[at], head[at + 1], head[at + 2], head[at + 3]));
    let (payload, cut) = within(bytes, length, total);
    let content = if fragment & 0x3fff == 0 {
        content(head[9], payload)?
    } else {
        Content::Fragment(Fragment {
            id: u32::from(u16::from_be_bytes([head[4], head[5]])),
            protocol: head[9],
            offset: usize::from(fragment & 0x1fff) * 8,
            more: fragment & 0x2000 != 0,
            payload,
        })
    };
    Ok(Packet { source: address(12), destination: address(16), content, cut })
}

pub(super) fn v6(bytes: &[u8]) -> Result<Packet<'_>, Malformed> {
    let mut reader = Reader::new(bytes, "ipv6 header");
    if reader.u8()? >> 4 != 6 {
        return Err(Malformed::Invalid("ipv6 header"));
    }
    reader.take(3)?;
    let stated = usize::from(reader.u16()?);
    let next = reader.u8()?;
    reader.u8()?;
    let source = IpAddr::V6(Ipv6Addr::from(reader.array::<16>()?));
    let destination = IpAddr::V6(Ipv6Addr::from(reader.array::<16>()?));
    let total = if stated == 0 { bytes.len() } else { 40 + stated };
    let (payload, cut) = within(bytes, 40, total);
    Ok(Packet { source, destination, content: chain(next, payload)?, cut })
}

/// Goes along the extension headers of IPv6 to what is carried, or to a fragment of it.
fn chain(mut next: u8, bytes: &[u8]) -> Result<Content<'_>, Malformed> {
    let mut reader = Reader::new(bytes, "ipv6 extension header");
    for _ in 0..MOST_EXTENSIONS {
        match next {
            // Hop-by-hop options, routing, destination options, mobility, host identity, shim6.
            0 | 43 | 60 | 135 | 139 | 140 => {
                next = reader.u8()?;
                let length = usize::from(reader.u8()?);
                reader.take(6 + 8 * length)?;
            }
            44 => {
                next = reader.u8()?;
                reader.u8()?;
                let (fragment, id) = (reader.u16()?, reader.u32()?);
                // One that is alone is whole (RFC 6946).
                if fragment & 0xfff9 != 0 {
                    let (offset, more) = (usize::from(fragment & 0xfff8), fragment & 1 != 0);
                    let payload = reader.rest();
                    return Ok(Content::Fragment(Fragment { id, protocol: next, offset, more, payload }));
                }
            }
            51 => {
                next = reader.u8()?;
                let length = usize::from(reader.u8()?);
                reader.take((length + 2) * 4 - 2)?;
            }
            _ => return content(next, reader.rest()),
        }
    }
    Err(Malformed::TooLarge("ipv6 extension headers"))
}

/// What a packet carries that came in fragments.
pub(super) fn whole(is_v6: bool, protocol: u8, bytes: &[u8]) -> Result<Content<'_>, Malformed> {
    match if is_v6 { chain(protocol, bytes)? } else { content(protocol, bytes)? } {
        Content::Fragment(_) => Err(Malformed::Invalid("fragment of a fragment")),
        content => Ok(content),
    }
}

/// The bytes behind a header as far as they were kept, and how many were not.
#[inline]
fn within(bytes: &[u8], head: usize, total: usize) -> (&[u8], usize) {
    let end = total.min(bytes.len());
    (bytes.get(head..end).unwrap_or_default(), total.saturating_sub(bytes.len()))
}

#[inline]
fn content(protocol: u8, bytes: &[u8]) -> Result<Content<'_>, Malformed> {
    match protocol {
        6 => tcp(bytes),
        17 => udp(bytes),
        1 | 58 => icmp(protocol, bytes),
        other => Ok(Content::Other(other)),
    }
}

#[inline]
fn tcp(bytes: &[u8]) -> Result<Content<'_>, Malformed> {
    let head = bytes.first_chunk::<20>().ok_or(Malformed::Truncated("tcp header"))?;
    let length = usize::from(head[12] >> 4) * 4;
    if length < 20 {
        return Err(Malformed::Invalid("tcp header length"));
    }
    let payload = bytes.get(length..).ok_or(Malformed::Truncated("tcp options"))?;
    Ok(Content::Tcp(Segment {
        source: u16::from_be_bytes([head[0], head[1]]),
        destination: u16::from_be_bytes([head[2], head[3]]),
        sequence: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
        acknowledgement: u32::from_be_bytes([head[8], head[9], head[10], head[11]]),
        flags: head[13],
        payload,
    }))
}

fn udp(bytes: &[u8]) -> Result<Content<'_>, Malformed> {
    let mut reader = Reader::new(bytes, "udp header");
    let (source, destination, length) = (reader.u16()?, reader.u16()?, usize::from(reader.u16()?));
    reader.u16()?;
    let rest = reader.rest();
    let payload = if length >= 8 { &rest[..rest.len().min(length - 8)] } else { rest };
    Ok(Content::Udp { source, destination, payload })
}

fn icmp(protocol: u8, bytes: &[u8]) -> Result<Content<'_>, Malformed> {
    let mut reader = Reader::new(bytes, "icmp header");
    let (kind, code) = (reader.u8()?, reader.u8()?);
    let is_error = if protocol == 1 { matches!(kind, 3 | 11 | 12) } else { kind < 128 };
    reader.take(6)?;
    Ok(Content::Icmp { kind, code, about: if is_error { reader.rest() } else { &[] } })
}

pub(super) fn quoted(about: &[u8]) -> Option<(IpAddr, IpAddr, Protocol, u16, u16)> {
    let (source, destination, protocol, rest): (IpAddr, IpAddr, u8, &[u8]) = match about.first()? >> 4 {
        4 => {
            let head = about.first_chunk::<20>()?;
            let address = |at: usize| IpAddr::from([head[at], head[at + 1], head[at + 2], head[at + 3]]);
            (address(12), address(16), head[9], about.get(usize::from(head[0] & 0x0f) * 4..)?)
        }
        6 => {
            let address = |at: usize| about.get(at..)?.first_chunk::<16>().map(|bytes| IpAddr::from(*bytes));
            (address(8)?, address(24)?, *about.get(6)?, about.get(40..)?)
        }
        _ => return None,
    };
    let protocol = match protocol {
        6 => Protocol::Tcp,
        17 => Protocol::Udp,
        _ => return None,
    };
    let ports = rest.first_chunk::<4>()?;
    let port = |at: usize| u16::from_be_bytes([ports[at], ports[at + 1]]);
    Some((source, destination, protocol, port(0), port(2)))
}
