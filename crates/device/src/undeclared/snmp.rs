//! An SNMPv1/v2c agent (RFC 1157, RFC 3416) that knows two values of the system group and the community public.

use crate::label::FIRMWARE;

const SYS_DESCR: &[u8] = &[0x2b, 6, 1, 2, 1, 1, 1, 0];
const SYS_NAME: &[u8] = &[0x2b, 6, 1, 2, 1, 1, 5, 0];
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const GET: u8 = 0xa0;
const GET_NEXT: u8 = 0xa1;
const RESPONSE: u8 = 0xa2;
const NO_SUCH_NAME: u8 = 2;

/// The answer to one datagram; `None` when it is not a request with the community public.
pub(crate) fn answer(datagram: &[u8]) -> Option<Vec<u8>> {
    let (SEQUENCE, mut message, _) = element(datagram)? else {
        return None;
    };
    let version = expect(&mut message, INTEGER)?;
    if expect(&mut message, OCTETS)? != b"public" {
        return None;
    }
    let (kind @ (GET | GET_NEXT), mut pdu, _) = element(message)? else {
        return None;
    };
    let id = expect(&mut pdu, INTEGER)?;
    expect(&mut pdu, INTEGER)?;
    expect(&mut pdu, INTEGER)?;
    let mut bindings = expect(&mut pdu, SEQUENCE)?;
    let mut binding = expect(&mut bindings, SEQUENCE)?;
    let asked = expect(&mut binding, OID)?;

    let (oid, value, error) = match lookup(asked, kind == GET_NEXT) {
        Some((oid, text)) => (oid, tlv(OCTETS, text.as_bytes()), 0),
        None => (asked, vec![5, 0], NO_SUCH_NAME),
    };
    let binding = tlv(SEQUENCE, &[tlv(OID, oid), value].concat());
    let status = tlv(INTEGER, &[error]);
    let index = tlv(INTEGER, &[u8::from(error != 0)]);
    let pdu = [tlv(INTEGER, id), status, index, tlv(SEQUENCE, &binding)].concat();
    let message = [tlv(INTEGER, version), tlv(OCTETS, b"public"), tlv(RESPONSE, &pdu)].concat();
    Some(tlv(SEQUENCE, &message))
}

fn lookup(asked: &[u8], next: bool) -> Option<(&'static [u8], String)> {
    let values = [
        (SYS_DESCR, format!("Lumen LPC-1 firmware {FIRMWARE} Linux 3.10.14")),
        (SYS_NAME, "lumen-plug".to_owned()),
    ];
    values.into_iter().find(|(oid, _)| if next { *oid > asked } else { *oid == asked })
}

fn expect<'a>(rest: &mut &'a [u8], wanted: u8) -> Option<&'a [u8]> {
    let (tag, value, tail) = element(rest)?;
    *rest = tail;
    (tag == wanted).then_some(value)
}

/// Tag, value and rest of the first BER element; lengths of one or two bytes.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (head, rest) = bytes.split_at_checked(2)?;
    let (length, rest) = match head[1] {
        short @ 0..=0x7f => (usize::from(short), rest),
        0x81 => (usize::from(*rest.first()?), &rest[1..]),
        0x82 => {
            let (length, rest) = rest.split_at_checked(2)?;
            (usize::from(u16::from_be_bytes([length[0], length[1]])), rest)
        }
        _ => return None,
    };
    let (value, rest) = rest.split_at_checked(length)?;
    Some((head[0], value, rest))
}

fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match value.len() {
        short @ 0..=0x7f => out.push(short as u8),
        long => {
            out.push(0x82);
            out.extend((long as u16).to_be_bytes());
        }
    }
    out.extend(value);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(community: &[u8], kind: u8, oid: &[u8]) -> Vec<u8> {
        let binding = tlv(SEQUENCE, &[tlv(OID, oid), vec![5, 0]].concat());
        let zero = || tlv(INTEGER, &[0]);
        let pdu = [tlv(INTEGER, &[7]), zero(), zero(), tlv(SEQUENCE, &binding)].concat();
        tlv(SEQUENCE, &[tlv(INTEGER, &[1]), tlv(OCTETS, community), tlv(kind, &pdu)].concat())
    }

    #[test]
    fn only_the_community_public_is_answered() {
        let reply = answer(&get(b"public", GET, SYS_DESCR)).unwrap();
        assert!(String::from_utf8_lossy(&reply).contains("Lumen LPC-1 firmware"));
        assert!(answer(&get(b"private", GET, SYS_DESCR)).is_none());
        let next = answer(&get(b"public", GET_NEXT, SYS_DESCR)).unwrap();
        assert!(String::from_utf8_lossy(&next).contains("lumen-plug"));
    }

    #[test]
    fn cut_requests_do_not_panic() {
        let whole = get(b"public", GET, SYS_NAME);
        for length in 0..whole.len() {
            assert!(answer(&whole[..length]).is_none());
        }
    }
}
