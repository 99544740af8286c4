//! Reading and building MQTT 3.1.1 control packets.

use std::io::{self, Read};

/// Largest packet that is read.
const MAX_PACKET: usize = 16 * 1024;

pub(crate) const CONNECT: u8 = 1;
pub(crate) const CONNACK: u8 = 2;
pub(crate) const PUBLISH: u8 = 3;
pub(crate) const SUBSCRIBE: u8 = 8;
pub(crate) const UNSUBSCRIBE: u8 = 10;
pub(crate) const PINGREQ: u8 = 12;
pub(crate) const DISCONNECT: u8 = 14;

/// A whole control packet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Packet {
    /// Control packet type.
    pub(crate) kind: u8,
    /// The low four bits of the first byte.
    pub(crate) flags: u8,
    /// Variable header and payload.
    pub(crate) body: Vec<u8>,
}

/// Splits the first whole packet off `pending`; `Ok(None)` when more bytes are needed.
pub(crate) fn split(pending: &mut Vec<u8>) -> io::Result<Option<Packet>> {
    let Some(first) = pending.first().copied() else {
        return Ok(None);
    };
    let mut length = 0;
    for index in 0..4 {
        let Some(byte) = pending.get(1 + index).copied() else {
            return Ok(None);
        };
        length |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let start = 2 + index;
            if length > MAX_PACKET {
                break;
            }
            if pending.len() < start + length {
                return Ok(None);
            }
            let body = pending[start..start + length].to_vec();
            pending.drain(..start + length);
            return Ok(Some(Packet { kind: first >> 4, flags: first & 15, body }));
        }
    }
    Err(io::Error::from(io::ErrorKind::InvalidData))
}

/// Reads until a whole packet is there; ends with the errors of the stream, time-outs included.
pub(crate) fn read(stream: &mut impl Read, pending: &mut Vec<u8>) -> io::Result<Packet> {
    loop {
        if let Some(packet) = split(pending)? {
            return Ok(packet);
        }
        let mut buffer = [0; 2048];
        match stream.read(&mut buffer)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            length => pending.extend_from_slice(&buffer[..length]),
        }
    }
}

/// A packet as bytes.
pub(crate) fn build(kind: u8, flags: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![kind << 4 | flags];
    let mut length = body.len();
    loop {
        let byte = (length & 0x7f) as u8;
        length >>= 7;
        out.push(if length > 0 { byte | 0x80 } else { byte });
        if length == 0 {
            break;
        }
    }
    out.extend(body);
    out
}

/// CONNECT with a clean session and no credentials.
pub(crate) fn connect(client: &str, keep_alive: u16) -> Vec<u8> {
    let mut body = text("MQTT");
    body.extend([4, 2]);
    body.extend(keep_alive.to_be_bytes());
    body.extend(text(client));
    build(CONNECT, 0, &body)
}

/// CONNECT with a clean session, a user name and a password.
pub(crate) fn connect_as(client: &str, keep_alive: u16, user: &str, password: &str) -> Vec<u8> {
    let mut body = text("MQTT");
    body.extend([4, 0xc2]);
    body.extend(keep_alive.to_be_bytes());
    body.extend([text(client), text(user), text(password)].concat());
    build(CONNECT, 0, &body)
}

/// PUBLISH with QoS 0.
pub(crate) fn publish(topic: &str, payload: &[u8]) -> Vec<u8> {
    let mut body = text(topic);
    body.extend(payload);
    build(PUBLISH, 0, &body)
}

/// A length-prefixed text.
pub(crate) fn text(text: &str) -> Vec<u8> {
    let mut out = (text.len() as u16).to_be_bytes().to_vec();
    out.extend(text.as_bytes());
    out
}

/// Takes a length-prefixed text from the front.
pub(crate) fn take_text(rest: &mut &[u8]) -> Option<String> {
    let (length, tail) = rest.split_at_checked(2)?;
    let (value, tail) = tail.split_at_checked(usize::from(u16::from_be_bytes([length[0], length[1]])))?;
    *rest = tail;
    String::from_utf8(value.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_read_back_at_every_length_class() {
        for length in [0, 127, 128, 2000] {
            let mut bytes = build(PUBLISH, 1, &vec![7; length]);
            bytes.push(0xc0);
            let packet = split(&mut bytes).unwrap().unwrap();
            assert_eq!((packet.kind, packet.flags, packet.body.len()), (PUBLISH, 1, length));
            assert_eq!(bytes, [0xc0]);
        }
    }

    #[test]
    fn incomplete_and_oversized_packets_are_told_apart() {
        assert_eq!(split(&mut vec![0x30, 5, 1]).unwrap(), None);
        assert!(split(&mut vec![0x30, 0xff, 0xff, 0xff, 0x7f]).is_err());
        assert!(split(&mut vec![0x30, 0xff, 0xff, 0xff, 0xff]).is_err());
    }
}
