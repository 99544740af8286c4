//! Packets of MQTT 3.1.1 that are wrong in one way, to be sent to a broker.
//!
//! None is retained, and none has a payload that means something; topics begin with `assay/`.

use super::{Version, connect, packet};
use crate::reader::put_vec;

/// A wrong packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Which packet it would be: `CONNECT`.
    pub packet: &'static str,
    /// What is wrong, by its class: `malformed`, `out-of-order`.
    pub violation: &'static str,
    /// What is wrong, in words.
    pub shown: &'static str,
    /// Whether it is sent on a connection that was not opened with CONNECT yet.
    pub first: bool,
    /// Whether the standard lets a broker take it: then nothing follows from that it does.
    pub allowed: bool,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Bytes of a payload that is larger than a small device should keep.
const LARGE: usize = 256 * 1024;

fn publish(flags: u8, topic: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    put_vec(&mut body, 2, topic);
    if flags & 0x06 != 0 {
        body.extend([0, 7]);
    }
    body.extend_from_slice(payload);
    packet(0x30 | flags, &body)
}

fn subscribe(head: u8, id: u16, filter: &[u8], qos: u8) -> Vec<u8> {
    let mut body = id.to_be_bytes().to_vec();
    put_vec(&mut body, 2, filter);
    body.push(qos);
    packet(head, &body)
}

fn greeting(name: &[u8], version: u8, flags: u8, client: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    put_vec(&mut body, 2, name);
    body.extend([version, flags, 0, 30]);
    put_vec(&mut body, 2, client);
    packet(0x10, &body)
}

/// Every wrong packet; `name` is a client identifier and part of each topic, of letters and digits.
#[must_use]
pub fn all(name: &str) -> Vec<Wrong> {
    let topic = format!("assay/{name}");
    let with = |tail: &[u8]| [topic.as_bytes(), tail].concat();
    let long = [b"assay/".as_slice(), &[b'a'; 65_529]].concat();
    let hello = connect(Version::V311, name, None, 30);
    let mut cut = hello.clone();
    if let Some(length) = cut.get_mut(1) {
        *length = 200;
    }
    let mut found = Vec::new();
    let mut add = |first: bool, packet, violation, shown, bytes: Vec<u8>| {
        found.push(Wrong { packet, violation, shown, first, allowed: false, bytes });
    };
    add(true, "PUBLISH", "out-of-order", "before CONNECT", publish(0, topic.as_bytes(), b"x"));
    add(true, "SUBSCRIBE", "out-of-order", "before CONNECT", subscribe(0x82, 7, topic.as_bytes(), 0));
    add(true, "PINGREQ", "out-of-order", "before CONNECT", super::ping());
    add(true, "CONNECT", "wrong-version", "protocol name MQXX", greeting(b"MQXX", 4, 2, name.as_bytes()));
    add(true, "CONNECT", "wrong-version", "protocol level 99", greeting(b"MQTT", 99, 2, name.as_bytes()));
    add(true, "CONNECT", "reserved", "the reserved flag is set", greeting(b"MQTT", 4, 3, name.as_bytes()));
    add(true, "CONNECT", "out-of-range", "a last will of quality 3", greeting(b"MQTT", 4, 0x1e, name.as_bytes()));
    add(true, "CONNECT", "invalid-text", "client identifier c0 af ff", greeting(b"MQTT", 4, 2, b"a\xc0\xaf\xff"));
    add(
        true,
        "CONNECT",
        "missing",
        "a user name is announced and left out",
        greeting(b"MQTT", 4, 0x82, name.as_bytes()),
    );
    add(true, "CONNECT", "wrong-length", "shorter than it says", cut);
    add(true, "CONNECT", "wrong-length", "a length of five bytes", vec![0x10, 0xff, 0xff, 0xff, 0xff, 0x7f]);
    add(true, "CONNECT", "malformed", "a request of HTTP", b"GET / HTTP/1.1\r\n\r\n".to_vec());
    add(false, "CONNECT", "repeated", "a second time", hello);
    add(false, "CONNACK", "out-of-order", "sent by a client", vec![0x20, 2, 0, 0]);
    add(false, "type 0", "reserved", "a packet type that is reserved", vec![0, 0]);
    add(false, "type 15", "reserved", "a packet type that is reserved", vec![0xf0, 0]);
    add(false, "PUBLISH", "wrong-topic", "a topic with #", publish(0, &with(b"/#"), b"x"));
    add(false, "PUBLISH", "wrong-topic", "a topic with +", publish(0, &with(b"/+/x"), b"x"));
    add(false, "PUBLISH", "empty", "an empty topic", publish(0, b"", b"x"));
    add(false, "PUBLISH", "control-characters", "a topic with NUL", publish(0, &with(b"\0"), b"x"));
    add(false, "PUBLISH", "invalid-text", "a topic with c0 af ff", publish(0, &with(b"\xc0\xaf\xff"), b"x"));
    add(
        false,
        "PUBLISH",
        "invalid-text",
        "a topic with a lone surrogate",
        publish(0, &with(b"\xed\xa0\x80"), b"x"),
    );
    add(false, "PUBLISH", "out-of-range", "quality 3", publish(0x06, topic.as_bytes(), b"x"));
    add(false, "PUBLISH", "wrong-length", "a topic longer than the packet", packet(0x30, b"\xff\xffassay"));
    add(false, "PUBLISH", "wrong-length", "a length of five bytes", vec![0x30, 0xff, 0xff, 0xff, 0xff, 0x7f]);
    add(false, "SUBSCRIBE", "reserved", "reserved bits of 0", subscribe(0x80, 7, topic.as_bytes(), 0));
    add(false, "SUBSCRIBE", "out-of-range", "packet identifier 0", subscribe(0x82, 0, topic.as_bytes(), 0));
    add(false, "SUBSCRIBE", "out-of-range", "quality 3", subscribe(0x82, 7, topic.as_bytes(), 3));
    add(false, "SUBSCRIBE", "wrong-topic", "# before the end", subscribe(0x82, 7, &with(b"/#/x"), 0));
    add(false, "SUBSCRIBE", "wrong-topic", "+ beside other characters", subscribe(0x82, 7, &with(b"+"), 0));
    add(false, "SUBSCRIBE", "missing", "no filter", packet(0x82, &[0, 7]));
    add(false, "SUBSCRIBE", "invalid-text", "a filter with c0 af ff", subscribe(0x82, 7, b"a\xc0\xaf\xff", 0));
    add(false, "UNSUBSCRIBE", "reserved", "reserved bits of 0", packet(0xa0, b"\0\x07\0\x01a"));
    add(false, "PUBREL", "reserved", "reserved bits of 0", vec![0x60, 2, 0, 7]);
    let mut allow = |packet, violation, shown, bytes: Vec<u8>| {
        found.push(Wrong { packet, violation, shown, first: false, allowed: true, bytes });
    };
    allow("PUBACK", "out-of-order", "for nothing", vec![0x40, 2, 0, 99]);
    allow("PUBREL", "out-of-order", "for nothing", vec![0x62, 2, 0, 99]);
    allow("PUBLISH", "oversize", "a topic of 65 535 bytes", publish(0, &long, b"x"));
    allow("PUBLISH", "oversize", "a payload of 256 KiB", publish(0, topic.as_bytes(), &vec![b'a'; LARGE]));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_retained_and_every_class_is_there() {
        let all = all("assay7");
        assert!(all.len() > 35);
        for one in &all {
            let is_publish = one.bytes[0] >> 4 == 3;
            assert!(!is_publish || one.bytes[0] & 1 == 0, "{}", one.shown);
        }
        assert_eq!(greeting(b"MQTT", 4, 2, b"x"), connect(Version::V311, "x", None, 30));
    }
}
