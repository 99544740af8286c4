//! MQTT 3.1.1 and 5.0 (OASIS standards): connect, subscribe, and read what a broker publishes.
//!
//! Only what a client needs to see whether a broker lets it in and what it then may read; nothing is published.

pub mod wrong;

use crate::Malformed;
use crate::reader::{Reader, put_vec};

const MOST_PACKET: usize = 1024 * 1024;

/// The protocol version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 3.1.1.
    V311,
    /// 5.0.
    V5,
}

/// A CONNECT packet with a clean session.
#[must_use]
pub fn connect(version: Version, client_id: &str, credentials: Option<(&str, &str)>, keep_alive: u16) -> Vec<u8> {
    let mut body = Vec::new();
    put_vec(&mut body, 2, b"MQTT");
    body.push(if version == Version::V5 { 5 } else { 4 });
    body.push(if credentials.is_some() { 0xc2 } else { 0x02 });
    body.extend(keep_alive.to_be_bytes());
    if version == Version::V5 {
        body.push(0);
    }
    put_vec(&mut body, 2, client_id.as_bytes());
    if let Some((username, password)) = credentials {
        put_vec(&mut body, 2, username.as_bytes());
        put_vec(&mut body, 2, password.as_bytes());
    }
    packet(0x10, &body)
}

/// A SUBSCRIBE packet for these topic filters at QoS 0; `id` is not 0.
#[must_use]
pub fn subscribe(version: Version, id: u16, filters: &[&str]) -> Vec<u8> {
    let mut body = id.to_be_bytes().to_vec();
    if version == Version::V5 {
        body.push(0);
    }
    for filter in filters {
        put_vec(&mut body, 2, filter.as_bytes());
        body.push(0);
    }
    packet(0x82, &body)
}

/// A PINGREQ packet.
#[must_use]
pub fn ping() -> Vec<u8> {
    packet(0xc0, &[])
}

/// A DISCONNECT packet.
#[must_use]
pub fn disconnect() -> Vec<u8> {
    packet(0xe0, &[])
}

fn packet(head: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![head];
    put_variable(&mut out, body.len());
    out.extend_from_slice(body);
    out
}

fn put_variable(out: &mut Vec<u8>, mut number: usize) {
    loop {
        let digit = (number & 0x7f) as u8;
        number >>= 7;
        out.push(if number == 0 { digit } else { digit | 0x80 });
        if number == 0 {
            return;
        }
    }
}

/// A packet of a broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet {
    /// The answer to CONNECT.
    ConnAck {
        /// Whether a session was kept.
        session_present: bool,
        /// 0 lets the client in; see [`connect_code_name`].
        code: u8,
    },
    /// The answer to SUBSCRIBE: one code a filter, 0x80 and above refuse.
    SubAck {
        /// The id of the SUBSCRIBE packet.
        id: u16,
        /// The codes.
        codes: Vec<u8>,
    },
    /// A published message.
    Publish {
        /// The topic.
        topic: String,
        /// The payload.
        payload: Vec<u8>,
        /// Quality of service, 0 to 2.
        qos: u8,
        /// Whether the broker had kept it.
        retained: bool,
    },
    /// The answer to a ping.
    PingResp,
    /// The broker ends the connection (5.0), with its reason.
    Disconnect(u8),
    /// Another packet, by its type.
    Other(u8),
}

/// Reads the first packet of `received` and says how many bytes it took; none while more are needed.
///
/// # Errors
/// When the bytes are no packet a broker sends, or it is above 1 MiB.
pub fn read(received: &[u8], version: Version) -> Result<Option<(Packet, usize)>, Malformed> {
    let mut reader = Reader::new(received, "mqtt packet");
    let Ok(head) = reader.u8() else { return Ok(None) };
    if matches!(head >> 4, 0 | 1 | 8 | 10 | 12) {
        return Err(Malformed::Invalid("mqtt packet type"));
    }
    let Some(length) = variable(&mut reader)? else { return Ok(None) };
    if length > MOST_PACKET {
        return Err(Malformed::TooLarge("mqtt packet"));
    }
    let Ok(body) = reader.take(length) else { return Ok(None) };
    let used = received.len() - reader.len();
    Ok(Some((read_body(head, body, version)?, used)))
}

fn read_body(head: u8, body: &[u8], version: Version) -> Result<Packet, Malformed> {
    let mut reader = Reader::new(body, "mqtt packet");
    Ok(match head >> 4 {
        2 => {
            let flags = reader.u8()?;
            if flags > 1 {
                return Err(Malformed::Invalid("mqtt connack"));
            }
            Packet::ConnAck { session_present: flags & 1 != 0, code: reader.u8()? }
        }
        3 => {
            let topic = String::from_utf8_lossy(reader.vec16()?).into_owned();
            let qos = head >> 1 & 3;
            if qos > 0 {
                reader.u16()?;
            }
            skip_properties(&mut reader, version)?;
            Packet::Publish { topic, payload: reader.rest().to_vec(), qos, retained: head & 1 != 0 }
        }
        9 => {
            let id = reader.u16()?;
            skip_properties(&mut reader, version)?;
            Packet::SubAck { id, codes: reader.rest().to_vec() }
        }
        13 => Packet::PingResp,
        14 => Packet::Disconnect(reader.u8().unwrap_or(0)),
        other => Packet::Other(other),
    })
}

fn skip_properties(reader: &mut Reader<'_>, version: Version) -> Result<(), Malformed> {
    if version == Version::V5 {
        let length = variable(reader)?.ok_or(Malformed::Truncated("mqtt properties"))?;
        reader.take(length)?;
    }
    Ok(())
}

fn variable(reader: &mut Reader<'_>) -> Result<Option<usize>, Malformed> {
    let mut number = 0;
    for shift in [0, 7, 14, 21] {
        let Ok(digit) = reader.u8() else { return Ok(None) };
        number |= usize::from(digit & 0x7f) << shift;
        if digit & 0x80 == 0 {
            return Ok(Some(number));
        }
    }
    Err(Malformed::Invalid("mqtt length"))
}

/// The CONNECT packet of a client, as far as a listener asks (clause 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connect<'a> {
    /// The client's id.
    pub client_id: &'a [u8],
    /// The user name.
    pub username: Option<&'a [u8]>,
    /// The password.
    pub password: Option<&'a [u8]>,
}

/// Whether a stream begins as a CONNECT packet does: its type, a length, the protocol's name.
#[must_use]
pub fn is_connect(bytes: &[u8]) -> bool {
    let mut reader = Reader::new(bytes, "mqtt connect");
    reader.u8() == Ok(0x10)
        && matches!(variable(&mut reader), Ok(Some(10..)))
        && matches!(reader.vec16(), Ok(b"MQTT" | b"MQIsdp"))
}

/// Reads the CONNECT packet at the front of `received`; none while more is needed.
///
/// # Errors
/// When the bytes are no CONNECT packet, or it is above 1 MiB.
pub fn read_connect(received: &[u8]) -> Result<Option<Connect<'_>>, Malformed> {
    const PART: &str = "mqtt connect";
    let mut reader = Reader::new(received, PART);
    let Ok(head) = reader.u8() else { return Ok(None) };
    if head != 0x10 {
        return Err(Malformed::Invalid(PART));
    }
    let Some(length) = variable(&mut reader)? else { return Ok(None) };
    if length > MOST_PACKET {
        return Err(Malformed::TooLarge(PART));
    }
    let Ok(body) = reader.take(length) else { return Ok(None) };
    let mut body = Reader::new(body, PART);
    body.vec16()?;
    let level = body.u8()?;
    let flags = body.u8()?;
    body.u16()?;
    let version = if level >= 5 { Version::V5 } else { Version::V311 };
    skip_properties(&mut body, version)?;
    let client_id = body.vec16()?;
    if flags & 4 != 0 {
        // The will: topic and message.
        skip_properties(&mut body, version)?;
        body.vec16()?;
        body.vec16()?;
    }
    let username = if flags & 0x80 != 0 { Some(body.vec16()?) } else { None };
    let password = if flags & 0x40 != 0 { Some(body.vec16()?) } else { None };
    Ok(Some(Connect { client_id, username, password }))
}

/// What a code of CONNACK means; none if not known here.
#[must_use]
pub fn connect_code_name(code: u8) -> Option<&'static str> {
    Some(match code {
        0x00 => "accepted",
        0x01 => "unacceptable protocol version",
        0x02 | 0x85 => "client identifier rejected",
        0x03 | 0x88 => "server unavailable",
        0x04 | 0x86 => "bad user name or password",
        0x05 | 0x87 => "not authorized",
        0x80 => "unspecified error",
        0x81 => "malformed packet",
        0x82 => "protocol error",
        0x83 => "implementation specific error",
        0x84 => "unsupported protocol version",
        0x89 => "server busy",
        0x8a => "banned",
        0x8c => "bad authentication method",
        0x95 => "packet too large",
        0x97 => "quota exceeded",
        0x9c => "use another server",
        0x9d => "server moved",
        0x9f => "connection rate exceeded",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connect_without_credentials_has_the_bytes_of_the_standard() {
        assert_eq!(connect(Version::V311, "a", None, 60), b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a");
    }

    #[test]
    fn credentials_set_their_flags() {
        let bytes = connect(Version::V5, "", Some(("u", "p")), 1);
        assert_eq!((bytes[8], bytes[9]), (5, 0xc2));
        assert!(bytes.ends_with(b"\x00\x01u\x00\x01p"));
    }

    #[test]
    fn the_answer_to_a_connect_is_read() {
        let refused = read(&[0x20, 2, 0, 5, 9], Version::V311).unwrap();
        assert_eq!(refused, Some((Packet::ConnAck { session_present: false, code: 5 }, 4)));
        assert_eq!(connect_code_name(5), Some("not authorized"));
        assert_eq!(read(&[0x20, 2, 0], Version::V311), Ok(None));
    }

    #[test]
    fn a_published_message_is_read_in_both_versions() {
        let expected = |payload: &[u8]| Packet::Publish {
            topic: "t".into(),
            payload: payload.to_vec(),
            qos: 1,
            retained: true,
        };
        let old = read(b"\x33\x07\x00\x01t\x00\x01hi", Version::V311).unwrap().unwrap();
        assert_eq!(old, (expected(b"hi"), 9));
        let new = read(b"\x33\x0a\x00\x01t\x00\x01\x02\x01\x00hi", Version::V5).unwrap().unwrap();
        assert_eq!(new.0, expected(b"hi"));
    }

    #[test]
    fn an_http_answer_is_no_broker() {
        let answer = read(b"HTTP/1.1 400 Bad Request\r\n\r\n", Version::V311);
        assert!(!matches!(answer, Ok(Some((Packet::ConnAck { .. }, _)))), "{answer:?}");
    }

    #[test]
    fn no_bytes_make_the_reader_panic() {
        for version in [Version::V311, Version::V5] {
            crate::hostile::survives(b"\x33\x0a\x00\x01t\x00\x01\x02\x01\x00hi", |bytes| read(bytes, version));
        }
    }
}
