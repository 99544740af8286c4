//! SSH 2 (RFC 4253): the identification line and the algorithms a server offers; [`login`] and [`group_exchange`] go
//! further.

pub mod group_exchange;
pub mod login;

use crate::Malformed;
use crate::reader::Reader;

/// The identification line of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identification {
    /// The protocol version: `2.0`, or `1.99` where version 1 is spoken too.
    pub protocol: String,
    /// Software and its version, such as `dropbear_2022.83`.
    pub software: String,
    /// Comments behind it.
    pub comments: Option<String>,
    /// The line as received, without its end; the key exchange hashes it.
    pub line: Vec<u8>,
}

impl Identification {
    /// Reads the line and says how many bytes it took, lines before it included (RFC 4253 section 4.2); none while
    /// more are needed.
    ///
    /// # Errors
    /// When the bytes are no SSH, or the line does not come within 8 KiB.
    pub fn read(received: &[u8]) -> Result<Option<(Self, usize)>, Malformed> {
        let mut at = 0;
        while let Some(length) = received[at..].iter().position(|byte| *byte == b'\n') {
            let line = &received[at..at + length];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            at += length + 1;
            if line.starts_with(b"SSH-") {
                return Self::of_line(line).map(|identification| Some((identification, at)));
            }
            if at > 8 * 1024 {
                return Err(Malformed::TooLarge("ssh identification"));
            }
        }
        if received.len() - at > 255 && received[at..].starts_with(b"SSH-") || received.len() > 8 * 1024 {
            return Err(Malformed::TooLarge("ssh identification"));
        }
        Ok(None)
    }

    fn of_line(line: &[u8]) -> Result<Self, Malformed> {
        if line.len() > 253 {
            return Err(Malformed::TooLarge("ssh identification"));
        }
        let text = String::from_utf8_lossy(line);
        let mut parts = text.splitn(3, '-').skip(1);
        let (Some(protocol), Some(rest)) = (parts.next(), parts.next()) else {
            return Err(Malformed::Invalid("ssh identification"));
        };
        let (software, comments) = match rest.split_once(' ') {
            Some((software, comments)) => (software, Some(comments.to_owned())),
            None => (rest, None),
        };
        Ok(Self { protocol: protocol.to_owned(), software: software.to_owned(), comments, line: line.to_vec() })
    }
}

/// The algorithms one side offers (RFC 4253 section 7.1), each list in order of preference.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Algorithms {
    /// Key exchange.
    pub key_exchange: Vec<String>,
    /// Host keys.
    pub host_key: Vec<String>,
    /// Ciphers to the server.
    pub ciphers_to_server: Vec<String>,
    /// Ciphers to the client.
    pub ciphers_to_client: Vec<String>,
    /// MACs to the server.
    pub macs_to_server: Vec<String>,
    /// MACs to the client.
    pub macs_to_client: Vec<String>,
    /// Compression to the server.
    pub compression_to_server: Vec<String>,
    /// Compression to the client.
    pub compression_to_client: Vec<String>,
    /// Whether a guessed key exchange packet follows.
    pub first_follows: bool,
}

impl Algorithms {
    /// Reads the payload of a KEXINIT message, its type byte (20) included.
    ///
    /// # Errors
    /// When it is another message or cut.
    pub fn read(payload: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload, "ssh kexinit");
        if reader.u8()? != 20 {
            return Err(Malformed::Invalid("ssh kexinit"));
        }
        reader.take(16)?;
        let mut list = || -> Result<Vec<String>, Malformed> { Ok(names(reader.vec32()?)) };
        let mut algorithms = Self {
            key_exchange: list()?,
            host_key: list()?,
            ciphers_to_server: list()?,
            ciphers_to_client: list()?,
            macs_to_server: list()?,
            macs_to_client: list()?,
            compression_to_server: list()?,
            compression_to_client: list()?,
            first_follows: false,
        };
        list()?;
        list()?;
        algorithms.first_follows = reader.u8()? != 0;
        Ok(algorithms)
    }
}

/// A name list: comma-separated, at most 256 names.
fn names(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    text.split(',').filter(|name| !name.is_empty()).take(256).map(str::to_owned).collect()
}

/// The payload of the first plain packet in `received` (behind the identification), and how many bytes it took; none
/// while more are needed. The first packet of a server is its KEXINIT.
///
/// # Errors
/// When the length is not that of a packet (RFC 4253 section 6).
pub fn read_plain_packet(received: &[u8]) -> Result<Option<(&[u8], usize)>, Malformed> {
    let mut reader = Reader::new(received, "ssh packet");
    let Ok(length) = reader.u32() else { return Ok(None) };
    if !(2..=35_000).contains(&length) {
        return Err(Malformed::TooLarge("ssh packet"));
    }
    let Ok(body) = reader.take(length as usize) else { return Ok(None) };
    let payload = payload_of(body)?;
    Ok(Some((payload, 4 + body.len())))
}

/// A packet before there are keys (RFC 4253 section 6).
fn plain_packet(payload: &[u8]) -> Vec<u8> {
    // The padding, of at least 4 bytes, fills up to a multiple of 8.
    let padding = 4 + (8 - (4 + 1 + payload.len() + 4) % 8) % 8;
    let mut body = vec![u8::try_from(padding).unwrap_or(u8::MAX)];
    body.extend_from_slice(payload);
    body.resize(body.len() + padding, 0);
    let mut packet = Vec::new();
    crate::reader::put_vec(&mut packet, 4, &body);
    packet
}

/// Takes padding length and padding off.
fn payload_of(body: &[u8]) -> Result<&[u8], Malformed> {
    let (padding, rest) = body.split_first().ok_or(Malformed::Truncated("ssh packet"))?;
    let end = rest.len().checked_sub(usize::from(*padding)).ok_or(Malformed::Invalid("ssh padding"))?;
    Ok(&rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kexinit() -> Vec<u8> {
        let mut payload = vec![20];
        payload.extend([1; 16]);
        for list in
            ["curve25519-sha256,diffie-hellman-group1-sha1", "ssh-rsa", "a", "b", "c", "d", "none", "none", "", ""]
        {
            crate::reader::put_vec(&mut payload, 4, list.as_bytes());
        }
        payload.extend([0; 5]);
        let mut packet = Vec::new();
        let mut body = vec![4];
        body.extend(payload);
        body.extend([0; 4]);
        crate::reader::put_vec(&mut packet, 4, &body);
        packet
    }

    #[test]
    fn the_identification_is_found_behind_other_lines() {
        let bytes = b"hello\r\nSSH-1.99-dropbear_0.52 old box\r\nrest";
        let (read, used) = Identification::read(bytes).unwrap().unwrap();
        assert_eq!((read.protocol.as_str(), read.software.as_str()), ("1.99", "dropbear_0.52"));
        assert_eq!((read.comments.as_deref(), used), (Some("old box"), bytes.len() - 4));
    }

    #[test]
    fn the_offer_of_a_server_is_read() {
        let packet = kexinit();
        let (payload, used) = read_plain_packet(&packet).unwrap().unwrap();
        assert_eq!(used, packet.len());
        let read = Algorithms::read(payload).unwrap();
        assert_eq!(read.key_exchange, ["curve25519-sha256", "diffie-hellman-group1-sha1"]);
        assert_eq!((read.macs_to_client, read.first_follows), (vec!["d".to_owned()], false));
        assert_eq!(read_plain_packet(&packet[..20]), Ok(None));
    }

    #[test]
    fn no_bytes_make_the_readers_panic() {
        crate::hostile::survives(b"hello\r\nSSH-2.0-x y\r\n", Identification::read);
        crate::hostile::survives(&kexinit(), |bytes| {
            read_plain_packet(bytes).map(|found| found.map(|(payload, _)| Algorithms::read(payload)))
        });
        crate::hostile::survives(&kexinit()[5..], Algorithms::read);
    }
}
