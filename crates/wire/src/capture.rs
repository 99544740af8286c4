//! Capture files packet by packet: pcap (microseconds and nanoseconds) and pcapng, in either byte order.
//!
//! The caller holds the bytes, so that a file of any size takes the memory of one packet. What a packet holds is
//! [`crate::packet`]'s question; comments, name tables and statistics of a file are passed over.

mod pcap;
mod pcapng;

use crate::Malformed;

/// The largest packet or block header that is read into memory, in bytes.
pub const MOST_PACKET: usize = 1024 * 1024;

/// The link layer that a packet begins with, by its number in the registry of tcpdump.org.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkType(pub u32);

impl LinkType {
    /// BSD loopback: four bytes of address family in the byte order of the machine.
    pub const NULL: Self = Self(0);
    /// Ethernet.
    pub const ETHERNET: Self = Self(1);
    /// Raw IP, version by its first digit; the older number on some systems.
    pub const RAW_BSD: Self = Self(12);
    /// Raw IP, version by its first digit; the older number on OpenBSD.
    pub const RAW_OPENBSD: Self = Self(14);
    /// Raw IP, version by its first digit.
    pub const RAW: Self = Self(101);
    /// IEEE 802.11 without radio header.
    pub const IEEE802_11: Self = Self(105);
    /// OpenBSD loopback: four bytes of address family, big-endian.
    pub const LOOP: Self = Self(108);
    /// Linux "cooked" capture.
    pub const LINUX_SLL: Self = Self(113);
    /// IEEE 802.11 behind a Prism header.
    pub const IEEE802_11_PRISM: Self = Self(119);
    /// IEEE 802.11 behind a radiotap header.
    pub const IEEE802_11_RADIOTAP: Self = Self(127);
    /// IEEE 802.15.4 with frame check sequence.
    pub const IEEE802_15_4: Self = Self(195);
    /// Raw IPv4.
    pub const IPV4: Self = Self(228);
    /// Raw IPv6.
    pub const IPV6: Self = Self(229);
    /// Linux "cooked" capture, version 2.
    pub const LINUX_SLL2: Self = Self(276);

    /// The name of a link type known here.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::NULL | Self::LOOP => "loopback",
            Self::ETHERNET => "Ethernet",
            Self::RAW | Self::RAW_BSD | Self::RAW_OPENBSD => "raw IP",
            Self::IEEE802_11 | Self::IEEE802_11_PRISM | Self::IEEE802_11_RADIOTAP => "IEEE 802.11",
            Self::LINUX_SLL => "Linux cooked",
            Self::LINUX_SLL2 => "Linux cooked v2",
            Self::IEEE802_15_4 => "IEEE 802.15.4",
            Self::IPV4 => "IPv4",
            Self::IPV6 => "IPv6",
            _ => return None,
        })
    }
}

impl std::fmt::Display for LinkType {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.name() {
            Some(name) => formatter.write_str(name),
            None => write!(formatter, "link type {}", self.0),
        }
    }
}

/// A packet as the file holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// When it was captured, in nanoseconds since 1970; none where the file does not say.
    pub nanos: Option<u64>,
    /// Its link layer.
    pub link: LinkType,
    /// Its length on the wire; larger than `data` where the capture cut it.
    pub wire_length: u32,
    /// The bytes kept.
    pub data: &'a [u8],
    /// Where `data` begins within the bytes consumed with it.
    pub at: usize,
}

/// What the front of the bytes is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// A packet; drop this many bytes.
    Packet(Frame<'a>, usize),
    /// Nothing of interest; drop this many bytes, which may be more than there are.
    Skip(usize),
    /// More is needed: this many bytes in all.
    More(usize),
}

/// Reads a capture file from its front.
#[derive(Debug, Clone, Default)]
pub struct CaptureReader {
    format: Format,
}

#[derive(Debug, Clone, Default)]
enum Format {
    #[default]
    Unknown,
    Pcap(pcap::Pcap),
    Pcapng(pcapng::Pcapng),
}

impl CaptureReader {
    /// A reader at the start of a file.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at the bytes not yet dropped. An end of file inside a packet shows as [`Step::More`].
    ///
    /// # Errors
    /// When the bytes are no capture file, or a packet is larger than [`MOST_PACKET`]; nothing behind can be read.
    pub fn step<'a>(&mut self, bytes: &'a [u8]) -> Result<Step<'a>, Malformed> {
        match &mut self.format {
            Format::Pcap(pcap) => pcap.step(bytes),
            Format::Pcapng(pcapng) => pcapng.step(bytes),
            Format::Unknown => {
                let Some(magic) = bytes.first_chunk::<4>() else { return Ok(Step::More(4)) };
                if *magic == pcapng::SECTION {
                    self.format = Format::Pcapng(pcapng::Pcapng::default());
                    return self.step(bytes);
                }
                let Some(head) = bytes.first_chunk::<{ pcap::HEAD }>() else {
                    pcap::known(*magic)?;
                    return Ok(Step::More(pcap::HEAD));
                };
                self.format = Format::Pcap(pcap::Pcap::read(head)?);
                Ok(Step::Skip(pcap::HEAD))
            }
        }
    }
}

/// Byte order of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Big,
    Little,
}

impl Order {
    fn u16(self, bytes: [u8; 2]) -> u16 {
        if self == Self::Big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }

    fn u32(self, bytes: [u8; 4]) -> u32 {
        if self == Self::Big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }
}

/// Four bytes at a position; zeros behind the end, which callers have excluded.
fn four(bytes: &[u8], at: usize) -> [u8; 4] {
    bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
