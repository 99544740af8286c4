//! SNMP v1 and v2c: GET and GETNEXT with a community (RFC 1157, RFC 3416), in the BER that needs.
//!
//! SNMP v3 is not spoken; a message of v3 is recognised by its version only.

use crate::Malformed;
use crate::reader::Reader;

/// The object `sysDescr.0`.
pub const SYS_DESCR: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 1, 0];
/// The object `sysObjectID.0`.
pub const SYS_OBJECT_ID: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 2, 0];
/// The object `sysContact.0`.
pub const SYS_CONTACT: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 4, 0];
/// The object `sysLocation.0`.
pub const SYS_LOCATION: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 6, 0];
/// The column `ifDescr` (RFC 2863): the name of each interface.
pub const IF_DESCR: &[u32] = &[1, 3, 6, 1, 2, 1, 2, 2, 1, 2];
/// The column `ifPhysAddress` (RFC 2863): the hardware address of each interface.
pub const IF_PHYS_ADDRESS: &[u32] = &[1, 3, 6, 1, 2, 1, 2, 2, 1, 6];
/// The column `entPhysicalSerialNum` (RFC 6933).
pub const SERIAL_NUMBER: &[u32] = &[1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 11];
/// The object `sysName.0`.
pub const SYS_NAME: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 5, 0];
/// The root of the internet's objects, from which a walk starts.
pub const ROOT: &[u32] = &[1, 3, 6, 1];

/// The version of a community message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// SNMP v1.
    V1,
    /// SNMP v2c.
    V2c,
}

/// What is asked of the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// The values of these objects.
    Get,
    /// The objects that follow these.
    GetNext,
}

/// A request for these objects.
#[must_use]
pub fn request(version: Version, community: &[u8], operation: Operation, id: i32, objects: &[&[u32]]) -> Vec<u8> {
    let bindings: Vec<u8> =
        objects.iter().flat_map(|object| tlv(0x30, &[&tlv(6, &[&oid(object)]), &[5, 0]])).collect();
    let tag = match operation {
        Operation::Get => 0xa0,
        Operation::GetNext => 0xa1,
    };
    let pdu = tlv(tag, &[&tlv(2, &[&id.to_be_bytes()]), &[2, 1, 0], &[2, 1, 0], &tlv(0x30, &[&bindings])]);
    let number = u8::from(version == Version::V2c);
    tlv(0x30, &[&[2, 1, number], &tlv(4, &[community]), &pdu])
}

fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut out = vec![tag];
    match content.len() {
        short @ 0..=127 => out.push(short as u8),
        long => {
            out.push(0x82);
            out.extend((long.min(0xffff) as u16).to_be_bytes());
        }
    }
    out.extend(content);
    out
}

fn oid(numbers: &[u32]) -> Vec<u8> {
    let first = numbers.first().copied().unwrap_or(0).min(2) * 40;
    let joined = first.saturating_add(numbers.get(1).copied().unwrap_or(0));
    let mut out = Vec::new();
    for number in std::iter::once(joined).chain(numbers.iter().skip(2).copied()) {
        for shift in [28, 21, 14, 7] {
            if number >> shift != 0 {
                out.push(0x80 | (number >> shift & 0x7f) as u8);
            }
        }
        out.push((number & 0x7f) as u8);
    }
    out
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A signed number.
    Integer(i64),
    /// A counter, gauge or time in hundredths of a second.
    Unsigned(u64),
    /// Bytes, often text.
    Text(Vec<u8>),
    /// An object identifier.
    Object(Vec<u32>),
    /// An IPv4 address.
    Address(std::net::Ipv4Addr),
    /// No value.
    Null,
    /// v2c: there is no such object, or the walk is over.
    Missing,
    /// Another type, by its tag.
    Other(u8),
}

/// An answer of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// 0 for v1, 1 for v2c.
    pub version: i64,
    /// The community, as given back.
    pub community: Vec<u8>,
    /// Whether it is an answer and not another kind of message.
    pub is_response: bool,
    /// The request's id.
    pub id: i64,
    /// 0 for no error, 2 for no such name.
    pub error: i64,
    /// Objects and their values.
    pub bindings: Vec<(Vec<u32>, Value)>,
}

/// Reads a datagram.
///
/// # Errors
/// When it is no community message; `Invalid("snmp version 3")` for a message of v3.
pub fn read(datagram: &[u8]) -> Result<Response, Malformed> {
    let mut message = Reader::new(expect(&mut Reader::new(datagram, "snmp message"), 0x30)?, "snmp message");
    let version = integer(expect(&mut message, 2)?)?;
    if version == 3 {
        return Err(Malformed::Invalid("snmp version 3"));
    }
    let community = expect(&mut message, 4)?.to_vec();
    let (tag, content) = element(&mut message)?;
    if !(0xa0..=0xa8).contains(&tag) || tag == 0xa4 {
        return Err(Malformed::Invalid("snmp pdu"));
    }
    let mut pdu = Reader::new(content, "snmp pdu");
    let id = integer(expect(&mut pdu, 2)?)?;
    let error = integer(expect(&mut pdu, 2)?)?;
    expect(&mut pdu, 2)?;
    let mut list = Reader::new(expect(&mut pdu, 0x30)?, "snmp bindings");
    let mut bindings = Vec::new();
    while !list.is_empty() {
        let mut binding = Reader::new(expect(&mut list, 0x30)?, "snmp binding");
        let object = read_oid(expect(&mut binding, 6)?)?;
        let (tag, content) = element(&mut binding)?;
        bindings.push((object, value(tag, content)?));
    }
    Ok(Response { version, community, is_response: tag == 0xa2, id, error, bindings })
}

fn value(tag: u8, content: &[u8]) -> Result<Value, Malformed> {
    Ok(match tag {
        2 => Value::Integer(integer(content)?),
        4 => Value::Text(content.to_vec()),
        5 => Value::Null,
        6 => Value::Object(read_oid(content)?),
        0x40 => match <[u8; 4]>::try_from(content) {
            Ok(octets) => Value::Address(octets.into()),
            Err(_) => Value::Other(tag),
        },
        0x41..=0x43 | 0x46 if content.len() <= 9 => {
            Value::Unsigned(content.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
        }
        0x80..=0x82 => Value::Missing,
        _ => Value::Other(tag),
    })
}

fn expect<'a>(reader: &mut Reader<'a>, wanted: u8) -> Result<&'a [u8], Malformed> {
    match element(reader)? {
        (tag, content) if tag == wanted => Ok(content),
        _ => Err(Malformed::Invalid("snmp element")),
    }
}

fn element<'a>(reader: &mut Reader<'a>) -> Result<(u8, &'a [u8]), Malformed> {
    let tag = reader.u8()?;
    let length = match reader.u8()? {
        short @ 0..=0x7f => usize::from(short),
        long @ 0x81..=0x84 => {
            let digits = reader.take(usize::from(long & 0x7f))?;
            digits.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
        }
        _ => return Err(Malformed::Invalid("ber length")),
    };
    Ok((tag, reader.take(length)?))
}

fn integer(content: &[u8]) -> Result<i64, Malformed> {
    if content.is_empty() || content.len() > 8 {
        return Err(Malformed::Invalid("ber integer"));
    }
    let start = if content[0] & 0x80 == 0 { 0 } else { -1 };
    Ok(content.iter().fold(start, |sum: i64, byte| sum << 8 | i64::from(*byte)))
}

fn read_oid(content: &[u8]) -> Result<Vec<u32>, Malformed> {
    let (mut numbers, mut number) = (Vec::new(), 0_u64);
    for byte in content {
        number = number << 7 | u64::from(byte & 0x7f);
        if number > u64::from(u32::MAX) {
            return Err(Malformed::TooLarge("object identifier"));
        }
        if byte & 0x80 == 0 {
            let number_read = number as u32;
            if numbers.is_empty() {
                let first = (number_read / 40).min(2);
                numbers.extend([first, number_read - first * 40]);
            } else {
                numbers.push(number_read);
            }
            number = 0;
        }
        if numbers.len() > 128 {
            return Err(Malformed::TooLarge("object identifier"));
        }
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Vec<u8> {
        let bindings = [
            tlv(0x30, &[&tlv(6, &[&oid(SYS_DESCR)]), &tlv(4, &[b"Linux lamp"])]),
            tlv(0x30, &[&tlv(6, &[&oid(&[1, 3, 6, 1, 4, 1, 70_000, 0])]), &tlv(0x43, &[&[1, 0]])]),
        ]
        .concat();
        let pdu = tlv(0xa2, &[&[2, 2, 0x12, 0x34], &[2, 1, 0], &[2, 1, 0], &tlv(0x30, &[&bindings])]);
        tlv(0x30, &[&[2, 1, 1], &tlv(4, &[b"public"]), &pdu])
    }

    #[test]
    fn a_get_has_the_bytes_of_the_standard() {
        let bytes = request(Version::V2c, b"public", Operation::Get, 1, &[SYS_DESCR]);
        let expected = "302902010104067075626c6963a01c020400000001020100020100300e300c06082b060102010101000500";
        assert_eq!(hex::encode(bytes), expected);
    }

    #[test]
    fn an_answer_is_read() {
        let read = read(&answer()).unwrap();
        assert!(read.is_response);
        assert_eq!((read.id, read.error, read.community.as_slice()), (0x1234, 0, b"public".as_slice()));
        assert_eq!(read.bindings[0], (SYS_DESCR.to_vec(), Value::Text(b"Linux lamp".to_vec())));
        assert_eq!(read.bindings[1], (vec![1, 3, 6, 1, 4, 1, 70_000, 0], Value::Unsigned(256)));
    }

    #[test]
    fn a_request_is_not_taken_for_an_answer() {
        let bytes = request(Version::V1, b"x", Operation::GetNext, -2, &[ROOT]);
        let read = read(&bytes).unwrap();
        assert!(!read.is_response);
        assert_eq!(read.id, -2);
    }

    #[test]
    fn no_bytes_make_the_reader_panic() {
        crate::hostile::survives(&answer(), read);
    }
}
