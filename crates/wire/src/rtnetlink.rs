//! The kernel's own table of neighbours, asked for over its routing socket (rtnetlink(7)): which hardware address stands
//! behind which address on which interface.
//!
//! Integers are in the byte order of the machine. Rows without a hardware address, and rows of an address that did not
//! answer, are left out.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::Malformed;

const HEADER: usize = 16;
const NDMSG: usize = 12;
const RTM_NEWNEIGH: u16 = 28;
const RTM_GETNEIGH: u16 = 30;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const REQUEST_AND_DUMP: u16 = 0x301;
const NDA_DST: u16 = 1;
const NDA_LLADDR: u16 = 2;
/// Reachable, stale, delayed, probed or set by hand: the hardware address is known.
const KNOWN: u16 = 0x02 | 0x04 | 0x08 | 0x10 | 0x80;
/// Rows kept of one datagram.
const MOST: usize = 4096;

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Neighbour {
    /// Its address, IPv4 or IPv6.
    pub address: IpAddr,
    /// Its hardware address.
    pub hardware: [u8; 6],
    /// Index of the interface that leads to it.
    pub interface: u32,
}

/// Asks for the whole table of both versions of the Internet Protocol.
#[must_use]
pub fn neighbours_request() -> Vec<u8> {
    let length = (HEADER + NDMSG) as u32;
    let mut request = Vec::with_capacity(HEADER + NDMSG);
    request.extend(length.to_ne_bytes());
    request.extend(RTM_GETNEIGH.to_ne_bytes());
    request.extend(REQUEST_AND_DUMP.to_ne_bytes());
    request.extend(1u32.to_ne_bytes());
    request.extend([0; 4 + NDMSG]);
    request
}

/// Reads one datagram of the answer: its rows, and whether the table ends with it.
///
/// # Errors
/// [`Malformed`] where the kernel refused, or a message is cut off.
pub fn neighbours(datagram: &[u8]) -> Result<(Vec<Neighbour>, bool), Malformed> {
    let mut found = Vec::new();
    let mut rest = datagram;
    while !rest.is_empty() && found.len() < MOST {
        let length = rest.first_chunk::<4>().map(|l| u32::from_ne_bytes(*l) as usize);
        let (message, behind) = length
            .filter(|length| *length >= HEADER)
            .and_then(|length| Some((rest.get(..length)?, rest.get(length.next_multiple_of(4)..))))
            .ok_or(Malformed::Truncated("message of the kernel"))?;
        match u16_at(message, 4) {
            Some(RTM_NEWNEIGH) => found.extend(row(&message[HEADER..])),
            Some(NLMSG_DONE) => return Ok((found, true)),
            Some(NLMSG_ERROR) => return Err(Malformed::Invalid("the kernel's answer about neighbours")),
            _ => {}
        }
        rest = behind.unwrap_or_default();
    }
    Ok((found, false))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn row(body: &[u8]) -> Option<Neighbour> {
    let (head, mut attributes) = body.split_at_checked(NDMSG)?;
    let interface = u32::from_ne_bytes(head.get(4..8)?.try_into().ok()?);
    let (mut address, mut hardware) = (None, None);
    while let Some(length) = u16_at(attributes, 0).map(usize::from).filter(|length| *length >= 4) {
        let value = attributes.get(4..length)?;
        match u16_at(attributes, 2)? {
            NDA_DST => {
                address = match value.len() {
                    4 => Some(IpAddr::from(Ipv4Addr::from(<[u8; 4]>::try_from(value).ok()?))),
                    16 => Some(IpAddr::from(Ipv6Addr::from(<[u8; 16]>::try_from(value).ok()?))),
                    _ => None,
                };
            }
            NDA_LLADDR => hardware = <[u8; 6]>::try_from(value).ok(),
            _ => {}
        }
        attributes = attributes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    let hardware: [u8; 6] = hardware.filter(|octets| octets.iter().any(|octet| *octet != 0))?;
    (u16_at(head, 8)? & KNOWN != 0).then_some(Neighbour { address: address?, hardware, interface })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HARDWARE: [u8; 6] = [2, 0, 0x5e, 0, 0x53, 7];

    fn message(kind: u16, body: &[u8]) -> Vec<u8> {
        let mut message = ((HEADER + body.len()) as u32).to_ne_bytes().to_vec();
        message.extend(kind.to_ne_bytes());
        message.extend([0; 10]);
        message.extend(body);
        message
    }

    fn neighbour(address: &[u8], state: u16) -> Vec<u8> {
        let mut body = vec![10, 0, 0, 0];
        body.extend(3u32.to_ne_bytes());
        body.extend(state.to_ne_bytes());
        body.extend([0, 0]);
        for (kind, value) in [(NDA_DST, address), (NDA_LLADDR, &HARDWARE[..])] {
            body.extend((4 + value.len() as u16).to_ne_bytes());
            body.extend(kind.to_ne_bytes());
            body.extend(value);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        message(RTM_NEWNEIGH, &body)
    }

    #[test]
    fn rows_with_a_known_hardware_address_are_read_to_the_end_of_the_table() {
        let address: Ipv6Addr = "fe80::1234:5678:9abc:def0".parse().unwrap();
        let stale = neighbour(&address.octets(), 4);
        let failed = neighbour(&[192, 0, 2, 9], 0x20);
        let table = [neighbour(&[192, 0, 2, 7], 2), failed, stale].concat();
        let row = |address| Neighbour { address, hardware: HARDWARE, interface: 3 };
        let rows = vec![row([192, 0, 2, 7].into()), row(address.into())];
        assert_eq!(neighbours(&table), Ok((rows.clone(), false)));
        let whole = [table, message(NLMSG_DONE, &[0; 4])].concat();
        assert_eq!(neighbours(&whole), Ok((rows, true)));
        crate::hostile::survives(&whole, neighbours);
    }

    #[test]
    fn a_refusal_is_no_empty_table() {
        assert!(neighbours(&message(NLMSG_ERROR, &[0xff; 20])).is_err());
        assert_eq!(neighbours_request().len(), 28);
    }
}
