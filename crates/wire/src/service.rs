//! Which protocol, product and version a service shows by its greeting or by its answer to a probe.
//!
//! Recognition by form, not by port number, and what is told is what the service claims: a banner can lie.
//! No finding is drawn from it here.

mod binary;
mod probes;
mod text_lines;

pub use probes::{PROBES, ServiceProbe, Transport};

use crate::text::visible;

/// What a service's bytes are the answer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeKind {
    /// Nothing: the service spoke first.
    Greeting,
    /// Empty lines.
    EmptyLines,
    /// An HTTP request.
    Http,
    /// A TLS ClientHello.
    Tls,
    /// An RTSP request.
    Rtsp,
    /// A SIP request.
    Sip,
    /// An MQTT CONNECT.
    Mqtt,
    /// An RDP connection request.
    Rdp,
    /// An SMB negotiation.
    Smb,
    /// A PostgreSQL SSLRequest.
    Postgres,
    /// A Redis PING.
    Redis,
    /// A memcached `version`.
    Memcached,
    /// A Modbus request for the device identification.
    Modbus,
    /// An AMQP protocol head.
    Amqp,
    /// An X11 connection setup.
    X11,
    /// An adb CNXN.
    Adb,
    /// A SOCKS 5 greeting.
    Socks5,
    /// A DNS question for the server's version.
    Dns,
    /// An XMPP stream head.
    Xmpp,
    /// An NTP question.
    Ntp,
    /// An SNMP GET with the community `public`.
    Snmp,
    /// An SSDP search.
    Ssdp,
    /// A CoAP GET of `/.well-known/core`.
    Coap,
    /// A TFTP read request.
    Tftp,
}

/// What was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identified {
    /// The protocol, lower case: `ssh`, `http`, `ftp`, `mqtt`, …
    pub protocol: &'static str,
    /// The product as the service names it, made fit to be shown.
    pub product: Option<String>,
    /// Its version as the service names it, made fit to be shown.
    pub version: Option<String>,
    /// The piece of the bytes it rests on, made fit to be shown.
    pub evidence: String,
}

impl Identified {
    fn new(protocol: &'static str, evidence: &[u8]) -> Self {
        Self { protocol, product: None, version: None, evidence: visible(evidence, 160) }
    }

    fn product(mut self, product: &str) -> Self {
        self.product = Some(visible(product.trim().as_bytes(), 80)).filter(|text| !text.is_empty());
        self
    }

    fn version(mut self, version: &str) -> Self {
        self.version = Some(visible(version.trim().as_bytes(), 60)).filter(|text| !text.is_empty());
        self
    }
}

/// Recognises a service by its first bytes; none when nothing known fits.
#[must_use]
pub fn identify(answer: &[u8], to: ProbeKind) -> Option<Identified> {
    let answer = &answer[..answer.len().min(64 * 1024)];
    if answer.is_empty() {
        return None;
    }
    // Forms that hold only as the answer to their own probe come first, free-standing ones after.
    binary::answer_to(answer, to)
        .or_else(|| text_lines::answer_to(answer, to))
        .or_else(|| text_lines::unprompted(answer))
        .or_else(|| binary::unprompted(answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(answer: &[u8], to: ProbeKind) -> String {
        match identify(answer, to) {
            None => "nothing".to_owned(),
            Some(found) => {
                let shown = |part: Option<String>| part.unwrap_or_else(|| "-".to_owned());
                format!("{} {} {}", found.protocol, shown(found.product), shown(found.version))
            }
        }
    }

    #[test]
    fn greetings_are_recognised() {
        let cases: &[(&[u8], &str)] = &[
            (b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n", "ssh OpenSSH 9.2p1"),
            (b"SSH-2.0-dropbear_2022.83\r\n", "ssh Dropbear 2022.83"),
            (b"SSH-2.0-ROSSSH\r\n", "ssh ROSSSH -"),
            (b"220 (vsFTPd 3.0.3)\r\n", "ftp vsFTPd 3.0.3"),
            (b"220 ProFTPD 1.3.5rc3 Server (Debian)\r\n", "ftp ProFTPD 1.3.5rc3"),
            (b"220 mail.example ESMTP Postfix (Debian/GNU)\r\n", "smtp Postfix -"),
            (b"220 ready\r\n", "ftp-or-smtp - -"),
            (b"+OK Dovecot ready.\r\n", "pop3 Dovecot -"),
            (b"* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n", "imap Dovecot -"),
            (b"\xff\xfd\x01\xff\xfd\x1f\r\nBusyBox v1.19.4\r\nlamp login: ", "telnet BusyBox 1.19.4"),
            (b"lamp login: ", "telnet - -"),
            (b"RFB 003.008\n", "vnc - 003.008"),
            (b"@RSYNCD: 31.0\n", "rsync - 31.0"),
            (b"J\0\0\0\x0a5.5.5-10.6.12-MariaDB-1\0abcd", "mysql MariaDB 5.5.5-10.6.12-MariaDB-1"),
            (b"J\0\0\0\x0a8.0.33\0abcd", "mysql MySQL 8.0.33"),
            (b"E\0\0\0\xffj\x04Host '192.0.2.1' is not allowed to connect to this MySQL server", "mysql - -"),
            (b"-ERR wrong number of arguments\r\n", "nothing"),
            (b"\x15\x03\x01\x00\x02\x02\x28", "tls - -"),
            (b"hello", "nothing"),
            (b"", "nothing"),
        ];
        for (answer, expected) in cases {
            assert_eq!(told(answer, ProbeKind::Greeting), *expected, "{}", answer.escape_ascii());
        }
    }

    #[test]
    fn answers_to_probes_are_recognised() {
        let smb2 = [b"\0\0\0\x50\xfeSMB".as_slice(), &[0; 60], &[65, 0, 1, 0, 0x02, 0x03]].concat();
        let modbus = b"\0\x01\0\0\0\x13\x01\x2b\x0e\x01\x01\0\0\x02\0\x04ACME\x02\x03v12";
        let cases: &[(&[u8], ProbeKind, &str)] = &[
            (b"HTTP/1.1 200 OK\r\nServer: lighttpd/1.4.35\r\n\r\n", ProbeKind::Http, "http lighttpd 1.4.35"),
            (b"HTTP/1.0 401 No\r\nServer: uc-httpd 1.0.0\r\n\r\n", ProbeKind::Http, "http uc-httpd 1.0.0"),
            (b"HTTP/1.1 404 Not Found\r\n\r\n", ProbeKind::Http, "http - -"),
            (b"RTSP/1.0 200 OK\r\nServer: Cam/2.1 (x)\r\n\r\n", ProbeKind::Rtsp, "rtsp Cam 2.1"),
            (b"SIP/2.0 200 OK\r\nUser-Agent: Phone 7.1\r\n\r\n", ProbeKind::Sip, "sip Phone 7.1"),
            (b"\x20\x02\x00\x05", ProbeKind::Mqtt, "mqtt - -"),
            (b"\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x02\0\x08\0\x01\0\0\0", ProbeKind::Rdp, "rdp - -"),
            (&smb2, ProbeKind::Smb, "smb - 3.0.2"),
            (b"\0\0\0\x20\xffSMBr", ProbeKind::Smb, "smb - 1"),
            (b"S", ProbeKind::Postgres, "postgresql - -"),
            (b"S", ProbeKind::Greeting, "nothing"),
            (b"+PONG\r\n", ProbeKind::Redis, "redis Redis -"),
            (b"-NOAUTH Authentication required.\r\n", ProbeKind::Redis, "redis Redis -"),
            (b"VERSION 1.6.18\r\n", ProbeKind::Memcached, "memcached memcached 1.6.18"),
            (modbus, ProbeKind::Modbus, "modbus ACME v12"),
            (b"AMQP\0\0\x09\x01", ProbeKind::Amqp, "amqp - 0.9.1"),
            (b"\0\x12\0\x0b\0\0\0\x05No protocol specified\n", ProbeKind::X11, "x11 - 11.0"),
            (b"AUTH\x01\0\0\0\0\0\0\0\x14\0\0\0\0\0\0\0\xbe\xaa\xab\xb7", ProbeKind::Adb, "adb - -"),
            (b"\x05\xff", ProbeKind::Socks5, "socks5 - -"),
            (b"<?xml version='1.0'?><stream:stream xmlns='jabber:client'>", ProbeKind::Xmpp, "xmpp - -"),
        ];
        for (answer, to, expected) in cases {
            assert_eq!(told(answer, *to), *expected, "{}", answer.escape_ascii());
        }
    }

    #[test]
    fn a_name_server_tells_its_version() {
        use crate::dns::{Data, Message, Record, flags, version_query};
        let mut answer = version_query(0x1234);
        answer.flags = flags::RESPONSE;
        let name = answer.questions[0].name.clone();
        answer.answers.push(Record { name, class: 3, ttl: 0, data: Data::Txt(vec![b"dnsmasq-2.80".to_vec()]) });
        let bytes = answer.to_bytes();
        assert_eq!(Message::read(&bytes).unwrap(), answer);
        assert_eq!(told(&bytes, ProbeKind::Dns), "dns dnsmasq 2.80");
    }

    #[test]
    fn what_is_told_is_fit_to_be_shown() {
        let found = identify(b"SSH-2.0-x\x1b[2J_1\r\n", ProbeKind::Greeting).unwrap();
        let all = format!("{found:?}{}", found.evidence);
        assert!(!all.contains('\x1b'), "{all}");
    }

    #[test]
    fn every_probe_has_bytes_and_a_name_of_its_own() {
        let mut names: Vec<_> = PROBES.iter().map(|probe| probe.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), PROBES.len());
        assert!(PROBES.iter().all(|probe| !probe.payload().is_empty()));
    }

    #[test]
    fn no_bytes_make_the_recognition_panic() {
        let kinds: Vec<_> = PROBES.iter().map(|probe| probe.kind).chain([ProbeKind::Greeting]).collect();
        let goods: [&[u8]; 5] = [
            b"HTTP/1.1 200 OK\r\nServer: a/1 b\r\n\r\n",
            b"\0\x01\0\0\0\x13\x01\x2b\x0e\x01\x01\0\0\x02\0\x04ACME\x02\x03v12",
            b"J\0\0\0\x0a8.0.33\0abcd",
            b"\x01\0\0\0\0\0\x30\0\x0a\0\x0a\0\x09\0\0\0\x10\x07productS\0\0\0\x08RabbitMQ",
            b"\0\x12\0\x0b\0\0\0\x05No protocol specified\n",
        ];
        for good in goods {
            crate::hostile::survives(good, |bytes| {
                kinds.iter().filter_map(|kind| identify(bytes, *kind)).collect::<Vec<_>>()
            });
        }
    }
}
