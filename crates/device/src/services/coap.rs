//! Provisioning over CoAP (RFC 7252): open while the plug is in factory default, refused with 4.01 once it is set up.
//!
//! Answers whole messages only: no block transfer, no observation, no retransmission.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::accounts::Role;
use crate::crew::lock;
use crate::faults::Fault;
use crate::plug::Plug;

const GET: u8 = 0x01;
const POST: u8 = 0x02;
const PUT: u8 = 0x03;
const CHANGED: u8 = 0x44;
const CONTENT: u8 = 0x45;
const BAD_REQUEST: u8 = 0x80;
const UNAUTHORIZED: u8 = 0x81;
const NOT_FOUND: u8 = 0x84;
const NOT_ALLOWED: u8 = 0x85;
const BAD_OPTION: u8 = 0x82;
const NOT_ACCEPTABLE: u8 = 0x86;
const INCOMPLETE: u8 = 0x88;
const URI_PATH: u32 = 11;
const ACCEPT: u32 = 17;
const BLOCK2: u32 = 23;
const BLOCK1: u32 = 27;

struct Message<'a> {
    confirmable: bool,
    code: u8,
    id: [u8; 2],
    token: &'a [u8],
    path: String,
    /// The options beside path and query: number and value.
    options: Vec<(u32, &'a [u8])>,
    payload: &'a [u8],
}

/// The answer to one datagram; `None` when it is not a CoAP request.
pub(crate) fn answer(plug: &Plug, datagram: &[u8], from: SocketAddr) -> Option<Vec<u8>> {
    if plug.has(Fault::CoapOversizeCrash) {
        if plug.is_sick() {
            return None;
        }
        if datagram.len() > 1024 {
            plug.fall_sick();
            return None;
        }
    }
    let message = read(datagram)?;
    if message.code == 0 || message.code >> 5 != 0 {
        return None;
    }
    let refused = message.options.iter().find_map(|option| refusal(plug, *option));
    let (code, payload) = match (message.code, message.path.as_str()) {
        _ if refused.is_some() => (refused.unwrap_or(BAD_OPTION), String::new()),
        (GET, ".well-known/core") => (CONTENT, resources(plug)),
        (GET, "about") if plug.has(Fault::CoapLeaksSerial) => {
            (CONTENT, json!({ "serial": plug.label.serial, "mac": plug.label.mac }).to_string())
        }
        (GET, "provision") => read_provision(plug),
        (POST | PUT, "provision") => (write_provision(plug, message.payload, from), String::new()),
        (_, ".well-known/core" | "provision") => (NOT_ALLOWED, String::new()),
        _ => (NOT_FOUND, String::new()),
    };
    let kind = if message.confirmable { 0x60 } else { 0x50 };
    let mut out = vec![kind | message.token.len() as u8, code];
    out.extend(message.id);
    out.extend(message.token);
    if !payload.is_empty() {
        out.push(0xff);
        out.extend(payload.as_bytes());
    }
    Some(out)
}

/// The code by which an option is refused: one that has to be understood and is not, a format that is not to be had,
/// a block of what fits in one.
fn refusal(plug: &Plug, (number, value): (u32, &[u8])) -> Option<u8> {
    let number_of = |value: &[u8]| value.iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    match number {
        // Host, port and query say nothing that the plug looks at.
        3 | 7 | 15 => None,
        ACCEPT => (![0, 40, 50].contains(&number_of(value))).then_some(NOT_ACCEPTABLE),
        BLOCK1 | BLOCK2 if value.len() <= 3 && number_of(value) & 7 != 7 && number_of(value) >> 3 == 0 => None,
        BLOCK1 if value.len() <= 3 && number_of(value) & 7 != 7 => Some(INCOMPLETE),
        BLOCK1 | BLOCK2 => Some(BAD_REQUEST),
        _ if number % 2 == 1 && !plug.has(Fault::CoapOptionPassed) => Some(BAD_OPTION),
        _ => None,
    }
}

fn resources(plug: &Plug) -> String {
    let about = if plug.has(Fault::CoapLeaksSerial) { ",</about>" } else { "" };
    format!("</provision>;rt=\"lumen.provision\"{about}")
}

fn read_provision(plug: &Plug) -> (u8, String) {
    let settings = lock(&plug.settings);
    if plug.has(Fault::CoapOpen) {
        let answer = json!({ "initialized": settings.initialized, "ssid": settings.configuration.wifi_ssid });
        return (CONTENT, answer.to_string());
    }
    if settings.initialized {
        (UNAUTHORIZED, String::new())
    } else {
        (CONTENT, json!({ "initialized": false }).to_string())
    }
}

fn write_provision(plug: &Plug, payload: &[u8], from: SocketAddr) -> u8 {
    let open = plug.has(Fault::CoapOpen);
    if lock(&plug.settings).initialized && !open {
        return UNAUTHORIZED;
    }
    let Ok(message) = serde_json::from_slice::<Value>(payload) else {
        return BAD_REQUEST;
    };
    let text = |field: &str| message.get(field).and_then(Value::as_str).unwrap_or_default();
    let (ssid, key) = (text("ssid"), text("key"));
    if !(1..=32).contains(&ssid.len()) || !(8..=63).contains(&key.len()) {
        return BAD_REQUEST;
    }
    if !open {
        // The password on the label proves that the user holds the plug.
        let role = plug.sign_in(from.ip(), &mut 0, plug.label.admin_user, text("password"));
        if role != Ok(Role::Admin) {
            return UNAUTHORIZED;
        }
    }
    let mut settings = lock(&plug.settings);
    settings.configuration.wifi_ssid = ssid.to_owned();
    settings.configuration.wifi_key = key.to_owned();
    settings.initialized = true;
    CHANGED
}

fn read(datagram: &[u8]) -> Option<Message<'_>> {
    let (head, rest) = datagram.split_at_checked(4)?;
    let kind = head[0] >> 4 & 3;
    let token_length = usize::from(head[0] & 15);
    if head[0] >> 6 != 1 || kind > 1 || token_length > 8 {
        return None;
    }
    let (token, mut rest) = rest.split_at_checked(token_length)?;
    let (mut path, mut options) = (Vec::new(), Vec::new());
    let mut number = 0;
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first == 0xff {
            // A marker with nothing behind it is a broken message (RFC 7252, 3).
            (!rest.is_empty()).then_some(())?;
            break;
        }
        number += extended(first >> 4, &mut rest)?;
        let length = extended(first & 15, &mut rest)? as usize;
        let (value, tail) = rest.split_at_checked(length)?;
        rest = tail;
        if number == URI_PATH {
            path.push(String::from_utf8_lossy(value).into_owned());
        } else {
            options.push((number, value));
        }
    }
    Some(Message {
        confirmable: kind == 0,
        code: head[1],
        id: [head[2], head[3]],
        token,
        path: path.join("/"),
        options,
        payload: rest,
    })
}

/// An option delta or length with its extension bytes (RFC 7252, 3.1).
fn extended(nibble: u8, rest: &mut &[u8]) -> Option<u32> {
    let bytes = match nibble {
        0..=12 => return Some(u32::from(nibble)),
        13 => 1,
        14 => 2,
        _ => return None,
    };
    let (value, tail) = rest.split_at_checked(bytes)?;
    *rest = tail;
    let value = value.iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte));
    Some(value + if bytes == 1 { 13 } else { 269 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_and_payload_of_a_request_are_read() {
        let mut bytes = vec![0x41, PUT, 0, 9, 0xaa, 0xb9];
        bytes.extend(b"provision\xff{}");
        let message = read(&bytes).unwrap();
        assert_eq!((message.path.as_str(), message.payload), ("provision", b"{}".as_slice()));
        assert_eq!((message.token, message.confirmable), ([0xaa].as_slice(), true));
        for length in 0..bytes.len() - 3 {
            assert!(read(&bytes[..length]).is_none_or(|message| message.path != "provision"));
        }
    }
}
