//! Which protocol datagrams speak, and what is readable in them.

use super::{Dialogue, Guard, Listener, Readable, Side, Told, bounded, dtls, http, quic as quic_talk, tell};
use crate::reader::{Reader, find};
use crate::{coap, dhcp, dns, quic, snmp, ssdp};

/// Datagrams between two ports.
#[derive(Debug, Default)]
pub struct Exchange {
    talk: Talk,
    /// Whether both sides spoke.
    unknown: bool,
}

#[derive(Debug, Default)]
enum Talk {
    #[default]
    Untold,
    Dtls(Box<dtls::Overheard>),
    Quic(Box<quic_talk::Overheard>),
    /// A protocol in clear, or one that is not told to be.
    Plain(&'static str, Guard),
}

/// What a datagram is by its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// The protocol.
    pub protocol: &'static str,
    /// Who sends such a one, where its form says so.
    pub from: Option<Side>,
}

/// Tells a datagram by its form; ports only choose between forms that are the same (DNS and its multicast kin).
#[must_use]
pub fn form(ports: [u16; 2], bytes: &[u8]) -> Option<Form> {
    let asks = |protocol| Some(Form { protocol, from: Some(Side::Client) });
    let answers = |protocol| Some(Form { protocol, from: Some(Side::Server) });
    let either = |protocol| Some(Form { protocol, from: None });
    let is = |start: &[u8]| bytes.starts_with(start);
    if dtls::is_dtls(bytes) {
        return match (bytes[0], bytes.get(13)) {
            (22, Some(1)) => asks("dtls"),
            (22, Some(2 | 3)) => answers("dtls"),
            _ => either("dtls"),
        };
    }
    if let Ok(head) = quic::read(bytes)
        && head.version != 0
        && bytes.len() >= 21
    {
        return either("quic");
    }
    if let Ok(message) = dns::Message::read(bytes)
        && !(message.questions.is_empty() && message.answers.is_empty())
        && message.flags >> 11 & 0x0f <= 5
    {
        let protocol = match ports {
            _ if ports.contains(&5353) => "mdns",
            _ if ports.contains(&5355) => "llmnr",
            _ if ports.contains(&137) => "netbios",
            _ => "dns",
        };
        return if message.is_response() { answers(protocol) } else { asks(protocol) };
    }
    if let Ok(message) = dhcp::Message::read(bytes) {
        return if message.from_server { answers("dhcp") } else { asks("dhcp") };
    }
    if let Some(found) = ntp(bytes) {
        return Some(found);
    }
    if let Ok(message) = snmp::read(bytes) {
        return if message.is_response { answers("snmp") } else { asks("snmp") };
    }
    if snmp_v3(bytes).is_some() {
        return either("snmp");
    }
    if let Ok(announcement) = ssdp::Announcement::read(bytes)
        && announcement.target().is_some()
    {
        return match announcement.kind {
            ssdp::Kind::Response => answers("ssdp"),
            ssdp::Kind::Search => asks("ssdp"),
            ssdp::Kind::Notify => either("ssdp"),
        };
    }
    if is_tftp_request(bytes) {
        return asks("tftp");
    }
    if matches!(bytes.get(4..8), Some([0x21, 0x12, 0xa4, 0x42]))
        && bytes[0] & 0xc0 == 0
        && usize::from(u16::from_be_bytes([bytes[2], bytes[3]])) + 20 == bytes.len()
    {
        return if bytes[0] & 1 == 0 { asks("stun") } else { answers("stun") };
    }
    if let Some(found) = coap_form(bytes) {
        return Some(found);
    }
    if let Some(tell::Protocol::Http("sip")) = tell::tell(bytes, bytes, None, false) {
        return if is(b"SIP/2.0 ") { answers("sip") } else { asks("sip") };
    }
    if is(b"<?xml") && find(&bytes[..bytes.len().min(2048)], b"/ws/2005/04/discovery").is_some() {
        return either("ws-discovery");
    }
    if matches!(bytes, [1, 0, 0, 0, ..] if bytes.len() == 148) {
        return asks("wireguard");
    }
    if dhcp_v6(ports, bytes) {
        return if matches!(bytes[0], 2 | 7 | 10) { answers("dhcpv6") } else { asks("dhcpv6") };
    }
    if is(b"<") && is_syslog(bytes) {
        return asks("syslog");
    }
    None
}

impl Exchange {
    /// Hears a datagram of a side.
    pub fn hear(&mut self, from: Side, ports: [u16; 2], bytes: &[u8], listener: &mut dyn Listener) {
        if matches!(self.talk, Talk::Untold)
            && let Some(found) = form(ports, bytes)
        {
            self.talk = match found.protocol {
                "dtls" => Talk::Dtls(Box::default()),
                "quic" => Talk::Quic(Box::default()),
                "snmp" => {
                    Talk::Plain("snmp", if snmp_v3(bytes) == Some(true) { Guard::Unknown } else { Guard::Clear })
                }
                "wireguard" => Talk::Plain("wireguard", Guard::Unknown),
                other => Talk::Plain(other, Guard::Clear),
            };
        }
        match &mut self.talk {
            Talk::Dtls(talk)
                if dtls::is_dtls(bytes) || bytes.first().is_some_and(|first| first & 0xe0 == 0x20) =>
            {
                talk.hear(from, bytes, listener);
            }
            Talk::Quic(talk) => talk.hear(from, bytes, listener),
            Talk::Plain(name, guard) => {
                let what = if *guard == Guard::Clear { Readable::Data } else { Readable::Unknown };
                listener.readable(from, bytes, what);
                match *name {
                    "snmp" => community(from, bytes, listener),
                    "ssdp" | "sip" => {
                        let name = if *name == "sip" { "sip" } else { "http" };
                        http::Overheard::new(name).hear(from, bytes, listener);
                    }
                    _ => {}
                }
            }
            Talk::Dtls(_) | Talk::Untold => {
                self.unknown = true;
                listener.readable(from, bytes, Readable::Unknown);
            }
        }
    }

    /// What is told so far.
    #[must_use]
    pub fn told(&self) -> Told {
        let mut told = Dialogue::default().told();
        (told.protocol, told.guard) = match &self.talk {
            Talk::Untold => ("unknown", if self.unknown { Guard::Unknown } else { Guard::Unused }),
            Talk::Dtls(talk) => {
                if let Some((version, suite)) = talk.chosen() {
                    (told.version, told.suite) = (Some(version), Some(suite));
                }
                told.handshake_open = talk.guard() == Guard::Unused;
                ("dtls", if self.unknown { Guard::Unknown } else { talk.guard() })
            }
            Talk::Quic(talk) => {
                talk.tell(&mut told);
                ("quic", told.guard)
            }
            Talk::Plain(name, guard) => (*name, if self.unknown { Guard::Unknown } else { *guard }),
        };
        told
    }
}

fn ntp(bytes: &[u8]) -> Option<Form> {
    // The plain packet, or with a key id and a digest of MD5 or SHA-1 (RFC 5905 section 7.3).
    if !matches!(bytes.len(), 48 | 68 | 72) {
        return None;
    }
    let (version, mode, stratum) = (bytes[0] >> 3 & 7, bytes[0] & 7, bytes[1]);
    // Root delay and dispersion are seconds in 16.16; what is above a minute is no clock.
    let sane = bytes[4] == 0 && bytes[5] < 60 && bytes[8] == 0 && bytes[9] < 60;
    if !(1..=4).contains(&version) || stratum > 16 || !sane {
        return None;
    }
    let from = match mode {
        3 => Some(Side::Client),
        4 | 5 => Some(Side::Server),
        1 | 2 => None,
        _ => return None,
    };
    Some(Form { protocol: "ntp", from })
}

/// Whether a message of SNMP version 3 is encrypted (RFC 3412 section 6.4); none where it is no such message.
fn snmp_v3(bytes: &[u8]) -> Option<bool> {
    let mut reader = Reader::new(bytes, "snmp v3");
    let mut element = |tag: u8| -> Option<&[u8]> {
        if reader.u8().ok()? != tag {
            return None;
        }
        let length = match reader.u8().ok()? {
            short @ 0..=0x7f => usize::from(short),
            0x81 => usize::from(reader.u8().ok()?),
            0x82 => usize::from(reader.u16().ok()?),
            _ => return None,
        };
        // The outer sequence is entered, not taken.
        if tag == 0x30 && length == reader.len() { Some(&[]) } else { reader.take(length).ok() }
    };
    element(0x30)?;
    if element(2)? != [3] {
        return None;
    }
    let mut head = Reader::new(element(0x30)?, "snmp v3 head");
    for _ in 0..2 {
        head.u8().ok()?;
        head.vec8().ok()?;
    }
    match (head.u8().ok()?, head.vec8().ok()?) {
        (4, [flags]) => Some(flags & 2 != 0),
        _ => None,
    }
}

fn community(from: Side, bytes: &[u8], listener: &mut dyn Listener) {
    if let Ok(message) = snmp::read(bytes) {
        listener.found(from, "credential", "community", bounded(&message.community));
    }
}

/// A request that names a resource in letters; an answer alone has too little form.
fn coap_form(bytes: &[u8]) -> Option<Form> {
    let message = coap::Message::read(bytes).ok()?;
    let (class, detail) = message.code;
    let path = message.options.iter().find(|(number, _)| *number == 11).map(|(_, value)| value);
    let is_path = path.is_some_and(|path| !path.is_empty() && path.iter().all(u8::is_ascii_graphic));
    let is_request = class == 0 && (1..=7).contains(&detail) && is_path;
    is_request.then_some(Form { protocol: "coap", from: Some(Side::Client) })
}

fn is_tftp_request(bytes: &[u8]) -> bool {
    let Some(rest) = bytes.strip_prefix(&[0, 1]).or_else(|| bytes.strip_prefix(&[0, 2])) else { return false };
    let mut parts = rest.split(|byte| *byte == 0);
    let is_name =
        parts.next().is_some_and(|name| !name.is_empty() && name.iter().all(|byte| (32..127).contains(byte)));
    is_name
        && parts
            .next()
            .is_some_and(|mode| mode.eq_ignore_ascii_case(b"octet") || mode.eq_ignore_ascii_case(b"netascii"))
}

/// A message of DHCPv6 (RFC 8415 section 8), options to its end; the form is weak, so that the ports have to fit.
fn dhcp_v6(ports: [u16; 2], bytes: &[u8]) -> bool {
    if !(ports.contains(&546) && ports.contains(&547) && matches!(bytes.first(), Some(1..=11))) {
        return false;
    }
    let mut reader = Reader::new(bytes.get(4..).unwrap_or_default(), "dhcpv6");
    while !reader.is_empty() {
        if reader.u16().is_err() || reader.vec16().is_err() {
            return false;
        }
    }
    true
}

/// `<34>` and text (RFC 3164, RFC 5424).
fn is_syslog(bytes: &[u8]) -> bool {
    let Some(end) = bytes.iter().take(5).position(|byte| *byte == b'>') else { return false };
    end > 1
        && bytes[1..end].iter().all(u8::is_ascii_digit)
        && bytes[end..].iter().all(|byte| !byte.is_ascii_control() || byte.is_ascii_whitespace())
}
