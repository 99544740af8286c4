//! Which protocol a stream speaks, told by the first bytes of both sides.

use super::Side;
use crate::service::{ProbeKind, identify};
use crate::{dns, mqtt};

/// How a conversation is read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Tls,
    Ssh,
    /// HTTP and what has its form, by name.
    Http(&'static str),
    Http2,
    /// A protocol of lines, by name.
    Lines(&'static str),
    Mqtt,
    /// Known and not looked into.
    Plain(&'static str),
    Unknown,
}

/// The protocol; none while it is not told. Without the beginning, forms hold that are too weak at one.
pub(super) fn tell(client: &[u8], server: &[u8], first: Option<Side>, late: bool) -> Option<Protocol> {
    if is_hello(client, 1) || (client.is_empty() || late) && is_hello(server, 2) {
        return Some(Protocol::Tls);
    }
    if client.starts_with(b"SSH-") || server.starts_with(b"SSH-") {
        return Some(Protocol::Ssh);
    }
    if let Some(protocol) = request(client).or_else(|| answer(server)) {
        return Some(protocol);
    }
    if mqtt::is_connect(client) || is_mqtt_exchange(client, server) {
        return Some(Protocol::Mqtt);
    }
    if client.starts_with(b"AMQP") {
        return Some(Protocol::Plain("amqp"));
    }
    if is_telnet(client) || is_telnet(server) {
        return Some(Protocol::Lines("telnet"));
    }
    if find_in(client, b"http://etherx.jabber.org/streams") {
        return Some(Protocol::Lines("xmpp"));
    }
    if is_smb(client) || is_smb(server) {
        return Some(Protocol::Plain("smb"));
    }
    if is_dns(client) || is_dns(server) {
        return Some(Protocol::Plain("dns"));
    }
    if client.starts_with(b"*") && is_redis(client) {
        return Some(Protocol::Lines("redis"));
    }
    if client.starts_with(b"CNXN") && client.len() >= 24 {
        return Some(Protocol::Plain("adb"));
    }
    if is_modbus(client) && is_modbus(server) && client[..2] == server[..2] {
        return Some(Protocol::Plain("modbus"));
    }
    if first == Some(Side::Server) && !late {
        return greeting(client, server);
    }
    (late && (are_records(client) || are_records(server))).then_some(Protocol::Tls)
}

/// A handshake record with this message in front.
fn is_hello(bytes: &[u8], message: u8) -> bool {
    matches!(bytes, [0x16, 3, 0..=4, high, _, kind, 0, ..] if *high <= 0x48 && *kind == message)
}

/// Records of TLS, one behind the other, to the end of what is there: at least two, or one that ends with it.
fn are_records(bytes: &[u8]) -> bool {
    let (mut rest, mut whole) = (bytes, 0);
    while let Some([20..=23, 3, 1..=4, high, low]) = rest.first_chunk::<5>() {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if length == 0 || length > (1 << 14) + 2048 {
            return false;
        }
        match rest.get(5 + length..) {
            Some([]) => return true,
            Some(behind) => rest = behind,
            None => return whole > 0,
        }
        whole += 1;
    }
    whole > 1 && rest.len() < 5
}

/// The request line of HTTP, RTSP or SIP.
fn request(bytes: &[u8]) -> Option<Protocol> {
    if bytes.starts_with(b"PRI * HTTP/2.0\r\n") {
        return Some(Protocol::Http2);
    }
    let line = bytes.get(..bytes.iter().take(3000).position(|byte| *byte == b'\n')?)?.trim_ascii_end();
    let mut words = line.split(|byte| *byte == b' ');
    let method = words.next()?;
    let is_method = (3..=16).contains(&method.len())
        && method.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'-' || *byte == b'_');
    if !is_method || words.next().is_none_or(<[u8]>::is_empty) {
        return None;
    }
    by_version(words.next_back()?)
}

/// The status line of HTTP, RTSP or SIP.
fn answer(bytes: &[u8]) -> Option<Protocol> {
    let mut words = bytes.get(..bytes.len().min(16))?.split(|byte| *byte == b' ');
    let version = words.next()?;
    let status = words.next()?;
    (status.len() >= 3 && status[..3].iter().all(u8::is_ascii_digit)).then(|| by_version(version)).flatten()
}

fn by_version(word: &[u8]) -> Option<Protocol> {
    match word {
        b"HTTP/1.1" | b"HTTP/1.0" => Some(Protocol::Http("http")),
        b"RTSP/1.0" | b"RTSP/2.0" => Some(Protocol::Http("rtsp")),
        b"SIP/2.0" => Some(Protocol::Http("sip")),
        _ => None,
    }
}

/// What a server says first.
fn greeting(client: &[u8], server: &[u8]) -> Option<Protocol> {
    let word = client.split(|byte| byte.is_ascii_whitespace()).next().unwrap_or_default().to_ascii_uppercase();
    let found = identify(server, ProbeKind::Greeting)?.protocol;
    Some(match found {
        "ftp-or-smtp" => match word.as_slice() {
            b"EHLO" | b"HELO" => Protocol::Lines("smtp"),
            b"USER" | b"AUTH" | b"FEAT" | b"SYST" | b"OPTS" => Protocol::Lines("ftp"),
            _ => return None,
        },
        // The greeting may name the wrong one of the two; the first command does not.
        "ftp" if matches!(word.as_slice(), b"EHLO" | b"HELO") => Protocol::Lines("smtp"),
        "smtp" if word.as_slice() == b"USER" => Protocol::Lines("ftp"),
        "ftp" | "smtp" | "imap" | "pop3" | "telnet" => Protocol::Lines(found),
        "vnc" | "rsync" | "mysql" | "adb" => Protocol::Plain(found),
        _ => return None,
    })
}

fn is_telnet(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xfb..=0xfe, option, ..] if *option < 64)
}

fn is_smb(bytes: &[u8]) -> bool {
    matches!(bytes, [0, _, _, _, 0xfe | 0xff, b'S', b'M', b'B', ..])
}

/// A message of DNS over TCP, from its length to its end.
fn is_dns(bytes: &[u8]) -> bool {
    let Some(([high, low], message)) = bytes.split_first_chunk::<2>() else { return false };
    usize::from(u16::from_be_bytes([*high, *low])) == message.len()
        && dns::Message::read(message).is_ok_and(|read| !read.questions.is_empty())
}

fn is_redis(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let count =
        lines.next().is_some_and(|line| line.len() > 2 && line[1..].trim_ascii().iter().all(u8::is_ascii_digit));
    count && lines.next().is_some_and(|line| line.starts_with(b"$"))
}

/// MODBUS/TCP: protocol 0, the length of what follows, a function.
fn is_modbus(bytes: &[u8]) -> bool {
    matches!(bytes, [_, _, 0, 0, high, low, _, function, ..]
        if usize::from(u16::from_be_bytes([*high, *low])) == bytes.len() - 6 && function & 0x7f <= 0x2b)
}

/// A ping and its answer and nothing else: MQTT that began before the capture.
fn is_mqtt_exchange(client: &[u8], server: &[u8]) -> bool {
    client.starts_with(&[0xc0, 0]) && server.starts_with(&[0xd0, 0])
}

fn find_in(bytes: &[u8], needle: &[u8]) -> bool {
    crate::reader::find(&bytes[..bytes.len().min(2048)], needle).is_some()
}
