//! A captured frame down to the payload of TCP or UDP: link layer, IPv4 and IPv6, ports and flags.
//!
//! Checksums are not compared, since captures on the sending host lack them. Fragments are put together by [`Fragments`].
//! IEEE 802.11 frames are refused: what they carry is encrypted by the link.

mod fragments;
mod ip;
mod link;

use std::net::IpAddr;

use crate::Malformed;
use crate::capture::LinkType;

pub use fragments::{Fragments, Whole};
pub use ip::Protocol;

/// Bits of the TCP flags byte (RFC 9293 section 3.1).
pub mod tcp_flag {
    /// No more data from the sender.
    pub const FIN: u8 = 0x01;
    /// Opens a connection.
    pub const SYN: u8 = 0x02;
    /// Resets a connection.
    pub const RST: u8 = 0x04;
    /// The acknowledgement number counts.
    pub const ACK: u8 = 0x10;
}

/// What a frame carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// The sender.
    pub source: IpAddr,
    /// The receiver.
    pub destination: IpAddr,
    /// What stands behind the IP header.
    pub content: Content<'a>,
    /// Bytes of the content that the sender put on the wire and the capture did not keep.
    pub cut: usize,
}

/// What stands behind the IP header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content<'a> {
    /// A TCP segment.
    Tcp(Segment<'a>),
    /// A UDP datagram.
    Udp {
        /// Port of the sender.
        source: u16,
        /// Port of the receiver.
        destination: u16,
        /// Its data.
        payload: &'a [u8],
    },
    /// An ICMP or ICMPv6 message, by type and code.
    Icmp {
        /// The type.
        kind: u8,
        /// The code.
        code: u8,
        /// For an error, the front of the packet it is about.
        about: &'a [u8],
    },
    /// A part of a packet.
    Fragment(Fragment<'a>),
    /// Another protocol, by its number (IANA registry "Protocol Numbers").
    Other(u8),
}

/// A fragment of an IP packet (RFC 791 section 3.2, RFC 8200 section 4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fragment<'a> {
    /// The number that its packet's fragments share between two addresses.
    pub id: u32,
    /// What the packet carries, or its next extension header.
    pub protocol: u8,
    /// Where it stands in the packet, in bytes.
    pub offset: usize,
    /// Whether others stand behind it.
    pub more: bool,
    /// Its part.
    pub payload: &'a [u8],
}

/// A TCP segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment<'a> {
    /// Port of the sender.
    pub source: u16,
    /// Port of the receiver.
    pub destination: u16,
    /// Number of its first byte.
    pub sequence: u32,
    /// Number of the byte expected next from the other side.
    pub acknowledgement: u32,
    /// See [`tcp_flag`].
    pub flags: u8,
    /// Its data.
    pub payload: &'a [u8],
}

/// A frame that is no IP packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parsed<'a> {
    /// An IP packet.
    Ip(Packet<'a>),
    /// Another protocol of the link, by its EtherType: ARP is 0x0806.
    NotIp(u16),
}

/// Reads a frame.
///
/// # Errors
/// When the link type is not read here ([`Malformed::Invalid`] names it) or a header is cut or contradicts itself.
pub fn read(link: LinkType, frame: &[u8]) -> Result<Parsed<'_>, Malformed> {
    let (ether_type, packet) = link::strip(link, frame)?;
    match ether_type {
        link::IPV4 => ip::v4(packet).map(Parsed::Ip),
        link::IPV6 => ip::v6(packet).map(Parsed::Ip),
        other => Ok(Parsed::NotIp(other)),
    }
}

/// The hardware addresses of a frame: of the sender and of the receiver, where its link has them.
#[must_use]
pub fn hardware(link: LinkType, frame: &[u8]) -> (Option<[u8; 6]>, Option<[u8; 6]>) {
    let at = |at: usize| frame.get(at..).and_then(|rest| rest.first_chunk::<6>()).copied();
    let number = |at: usize| frame.get(at..at + 2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    match link {
        LinkType::ETHERNET => (at(6), at(0)),
        // Cooked captures keep the sender alone, behind its length.
        LinkType::LINUX_SLL if number(4) == Some(6) => (at(6), None),
        LinkType::LINUX_SLL2 if frame.get(11) == Some(&6) => (at(12), None),
        _ => (None, None),
    }
}

/// Reads the front of an IP packet quoted in an ICMP error: addresses and, where they are there, ports.
#[must_use]
pub fn quoted(about: &[u8]) -> Option<(IpAddr, IpAddr, Protocol, u16, u16)> {
    ip::quoted(about)
}

#[cfg(test)]
mod tests;
