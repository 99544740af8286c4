//! The long header of QUIC (RFC 9000 section 17.2, RFC 9369), and what Initial packets say, whose keys are public.
//!
//! Nothing else is decrypted.

mod initial;

use crate::Malformed;
use crate::reader::Reader;

#[cfg(test)]
pub(crate) use initial::seal;
pub use initial::{Initial, Keys, crypto, initial};

/// Version 1 (RFC 9000).
pub const V1: u32 = 1;
/// Version 2 (RFC 9369).
pub const V2: u32 = 0x6b33_43cf;

/// A long header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LongHeader {
    /// The version: 1, 0x6b3343cf for version 2, 0 for a negotiation.
    pub version: u32,
    /// Type of the packet: 0 Initial in version 1.
    pub kind: u8,
}

impl LongHeader {
    /// Whether the packet is one of the first of a connection.
    #[must_use]
    pub fn is_initial(self) -> bool {
        self.version != 0 && self.kind == u8::from(self.version == V2)
    }

    /// Whether the packet is of the handshake behind the first packets.
    #[must_use]
    pub fn is_handshake(self) -> bool {
        self.version != 0 && self.kind == if self.version == V2 { 3 } else { 2 }
    }
}

/// Reads the long header of a datagram.
///
/// # Errors
/// When it is cut, has a short header, or names a version that is not known.
pub fn read(datagram: &[u8]) -> Result<LongHeader, Malformed> {
    let mut reader = Reader::new(datagram, "quic long header");
    let first = reader.u8()?;
    let version = reader.u32()?;
    let known = matches!(version, 0 | V1 | V2) || version >> 8 == 0x00ff_0000;
    if first & 0x80 == 0 || !known || (version != 0 && first & 0x40 == 0) {
        return Err(Malformed::Invalid("quic long header"));
    }
    for _ in 0..2 {
        if reader.vec8()?.len() > 20 {
            return Err(Malformed::TooLarge("quic connection id"));
        }
    }
    // Version negotiation lists versions; others have a length or a token behind.
    if reader.is_empty() {
        return Err(Malformed::Truncated("quic long header"));
    }
    Ok(LongHeader { version, kind: first >> 4 & 3 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_initial_packet_is_recognised_and_a_random_one_is_not() {
        let initial = [0xc3, 0, 0, 0, 1, 4, 9, 9, 9, 9, 0, 0, 0x44, 0x9e];
        assert_eq!(read(&initial), Ok(LongHeader { version: 1, kind: 0 }));
        assert!(read(&[0xc3, 1, 2, 3, 4, 4, 9, 9, 9, 9, 0, 0]).is_err());
        assert!(read(&[0x43, 0, 0, 0, 1, 0, 0, 0]).is_err());
    }

    #[test]
    fn no_bytes_make_the_reader_panic() {
        crate::hostile::survives(&[0xc3, 0, 0, 0, 1, 4, 9, 9, 9, 9, 0, 0, 0x44], read);
    }
}
