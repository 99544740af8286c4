//! Answers multicast DNS questions that are sent to it directly (RFC 6762, 5.5; RFC 6763).
//!
//! Announces nothing by itself and asks nothing.

use std::net::IpAddr;

use crate::faults::Fault;
use crate::plug::Plug;
use crate::ports;

const SERVICE: &str = "_lumenplug._tcp.local";
const BROWSE: &str = "_services._dns-sd._udp.local";
const HOST: &str = "lumen-plug.local";
const PTR: u16 = 12;
const TXT: u16 = 16;
const SRV: u16 = 33;
const ANY: u16 = 255;
/// Questions answered in one message.
const MAX_QUESTIONS: usize = 8;
/// Seconds a record may be kept.
const TTL: u32 = 120;

/// The answer to one datagram; `None` when nothing is known.
pub(crate) fn answer(plug: &Plug, datagram: &[u8]) -> Option<Vec<u8>> {
    let (id, questions) = read_questions(datagram)?;
    let mut records = Vec::new();
    let mut count: u16 = 0;
    for (name, kind) in &questions {
        for (own_name, own_kind, data) in records_of(plug) {
            if name.eq_ignore_ascii_case(&own_name) && (*kind == own_kind || *kind == ANY) {
                records.extend(record(&own_name, own_kind, &data));
                count += 1;
            }
        }
    }
    if count == 0 {
        return None;
    }
    // Response, authoritative; the question is repeated for the unicast client (RFC 6762, 6.7).
    let mut out = id.to_be_bytes().to_vec();
    out.extend([0x84, 0x00]);
    out.extend((questions.len() as u16).to_be_bytes());
    out.extend(count.to_be_bytes());
    out.extend([0; 4]);
    for (name, kind) in &questions {
        out.extend(encode(name));
        out.extend(kind.to_be_bytes());
        out.extend([0, 1]);
    }
    out.extend(records);
    Some(out)
}

fn records_of(plug: &Plug) -> Vec<(String, u16, Vec<u8>)> {
    let instance = format!("Lumen Plug Cam.{SERVICE}");
    let mut service = vec![0, 0, 0, 0];
    service.extend(ports::HTTPS.to_be_bytes());
    service.extend(encode(HOST));
    let address = match plug.address {
        IpAddr::V4(address) => (1, address.octets().to_vec()),
        IpAddr::V6(address) => (28, address.octets().to_vec()),
    };
    vec![
        (BROWSE.to_owned(), PTR, encode(SERVICE)),
        (SERVICE.to_owned(), PTR, encode(&instance)),
        (instance.clone(), SRV, service),
        (instance, TXT, text(plug)),
        (HOST.to_owned(), address.0, address.1),
    ]
}

fn text(plug: &Plug) -> Vec<u8> {
    let mut pairs = vec!["path=/".to_owned()];
    if plug.has(Fault::MdnsLeaksSerial) {
        pairs.push(format!("serial={}", plug.label.serial));
        pairs.push(format!("mac={}", plug.label.mac));
        pairs.push(format!("fw={}", crate::label::FIRMWARE));
    }
    let mut out = Vec::new();
    for pair in pairs {
        out.push(pair.len() as u8);
        out.extend(pair.as_bytes());
    }
    out
}

fn record(name: &str, kind: u16, data: &[u8]) -> Vec<u8> {
    let mut out = encode(name);
    out.extend(kind.to_be_bytes());
    out.extend([0, 1]);
    out.extend(TTL.to_be_bytes());
    out.extend((data.len() as u16).to_be_bytes());
    out.extend(data);
    out
}

fn encode(name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for label in name.split('.').filter(|label| !label.is_empty()) {
        let label = &label.as_bytes()[..label.len().min(63)];
        out.push(label.len() as u8);
        out.extend(label);
    }
    out.push(0);
    out
}

/// The id and the questions (name, type); pointers do not occur in a first name and are refused.
fn read_questions(datagram: &[u8]) -> Option<(u16, Vec<(String, u16)>)> {
    let (head, mut rest) = datagram.split_at_checked(12)?;
    let is_response = head[2] & 0x80 != 0;
    let count = usize::from(u16::from_be_bytes([head[4], head[5]]));
    if is_response || count == 0 || count > MAX_QUESTIONS {
        return None;
    }
    let mut questions = Vec::with_capacity(count);
    for _ in 0..count {
        let mut labels = Vec::new();
        loop {
            let (length, tail) = rest.split_first()?;
            if *length == 0 {
                rest = tail;
                break;
            }
            if *length > 63 {
                return None;
            }
            let (label, tail) = tail.split_at_checked(usize::from(*length))?;
            labels.push(String::from_utf8_lossy(label).into_owned());
            rest = tail;
        }
        let (kind, tail) = rest.split_at_checked(4)?;
        questions.push((labels.join("."), u16::from_be_bytes([kind[0], kind[1]])));
        rest = tail;
    }
    Some((u16::from_be_bytes([head[0], head[1]]), questions))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_questions_are_not_read() {
        let mut question = vec![0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        question.extend(encode(SERVICE));
        question.extend([0, 12, 0, 1]);
        assert_eq!(read_questions(&question), Some((7, vec![(SERVICE.to_owned(), PTR)])));
        for length in 0..question.len() {
            assert_eq!(read_questions(&question[..length]), None);
        }
        question[12] = 0xc0;
        assert_eq!(read_questions(&question), None);
    }
}
