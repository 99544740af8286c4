//! What to send to a port that stays silent, most telling first. Every payload asks; none changes anything.

use super::ProbeKind;
use crate::{coap, dns, mqtt, ntp, snmp, ssdp, tftp, tls};

/// The transport a probe is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// Bytes to send to a silent port.
#[derive(Debug, Clone, Copy)]
pub struct ServiceProbe {
    /// Its name, such as `http-get`.
    pub name: &'static str,
    /// What [`super::identify`] is told about the answer.
    pub kind: ProbeKind,
    /// The transport.
    pub transport: Transport,
    /// Ports where the service is usual; elsewhere it may be tried after the others.
    pub typical_ports: &'static [u16],
    build: fn() -> Vec<u8>,
}

impl ServiceProbe {
    /// The bytes to send.
    #[must_use]
    pub fn payload(&self) -> Vec<u8> {
        (self.build)()
    }

    /// The probes for a port: those where it is usual first, then those that suit any TCP port.
    #[must_use]
    pub fn for_port(transport: Transport, port: u16) -> Vec<&'static Self> {
        let (mut usual, mut general) = (Vec::new(), Vec::new());
        for probe in PROBES.iter().filter(|probe| probe.transport == transport) {
            if probe.typical_ports.contains(&port) {
                usual.push(probe);
            } else if matches!(probe.kind, ProbeKind::Http | ProbeKind::Tls | ProbeKind::EmptyLines) {
                general.push(probe);
            }
        }
        usual.extend(general);
        usual
    }
}

const fn tcp(
    name: &'static str,
    kind: ProbeKind,
    typical_ports: &'static [u16],
    build: fn() -> Vec<u8>,
) -> ServiceProbe {
    ServiceProbe { name, kind, transport: Transport::Tcp, typical_ports, build }
}

const fn udp(
    name: &'static str,
    kind: ProbeKind,
    typical_ports: &'static [u16],
    build: fn() -> Vec<u8>,
) -> ServiceProbe {
    ServiceProbe { name, kind, transport: Transport::Udp, typical_ports, build }
}

/// Every probe.
pub const PROBES: &[ServiceProbe] = &[
    tcp("http-get", ProbeKind::Http, &[80, 81, 88, 8000, 8008, 8080, 8081, 8088, 8888, 9000, 49152], || {
        b"GET / HTTP/1.0\r\nUser-Agent: assay\r\nAccept: */*\r\n\r\n".to_vec()
    }),
    tcp("tls-hello", ProbeKind::Tls, &[443, 465, 636, 853, 990, 993, 995, 4443, 5061, 8443, 8883, 9443], || {
        let suites = tls::suites::offerable(tls::Version::TLS12);
        tls::ClientHello::offering(tls::Version::TLS12, &suites, [0x5a; 32], None).to_bytes()
    }),
    tcp("empty-lines", ProbeKind::EmptyLines, &[23, 2323], || b"\r\n\r\n".to_vec()),
    tcp("rtsp-options", ProbeKind::Rtsp, &[554, 5554, 7070, 8554], || {
        b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n".to_vec()
    }),
    tcp("mqtt-connect", ProbeKind::Mqtt, &[1883], || mqtt::connect(mqtt::Version::V311, "assay", None, 30)),
    tcp("rdp-request", ProbeKind::Rdp, &[3389], || {
        // TPKT, X.224 connection request, RDP negotiation request for TLS and CredSSP (MS-RDPBCGR 2.2.1.1).
        vec![3, 0, 0, 19, 14, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0]
    }),
    tcp("smb-negotiate", ProbeKind::Smb, &[139, 445], smb_negotiate),
    tcp("postgres-ssl", ProbeKind::Postgres, &[5432], || vec![0, 0, 0, 8, 4, 210, 22, 47]),
    tcp("redis-ping", ProbeKind::Redis, &[6379], || b"*1\r\n$4\r\nPING\r\n".to_vec()),
    tcp("memcached-version", ProbeKind::Memcached, &[11211], || b"version\r\n".to_vec()),
    tcp("modbus-identification", ProbeKind::Modbus, &[502], || {
        // Read device identification, basic category (MODBUS Application Protocol V1.1b3, 6.21).
        vec![0, 1, 0, 0, 0, 5, 1, 0x2b, 0x0e, 1, 0]
    }),
    tcp("amqp-head", ProbeKind::Amqp, &[5672], || b"AMQP\0\0\x09\x01".to_vec()),
    tcp("x11-setup", ProbeKind::X11, &[6000, 6001], || vec![b'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    tcp("adb-connect", ProbeKind::Adb, &[5555], adb_connect),
    tcp("socks5-greeting", ProbeKind::Socks5, &[1080], || vec![5, 1, 0]),
    tcp("xmpp-stream", ProbeKind::Xmpp, &[5222, 5269], || {
        b"<?xml version='1.0'?><stream:stream to='device.example' xmlns='jabber:client' \
          xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
            .to_vec()
    }),
    tcp("sip-options", ProbeKind::Sip, &[5060], || sip_options("TCP")),
    tcp("dns-version-tcp", ProbeKind::Dns, &[53], || dns::version_query(0x5a5a).to_tcp_bytes()),
    udp("dns-version", ProbeKind::Dns, &[53], || dns::version_query(0x5a5a).to_bytes()),
    udp("ntp-client", ProbeKind::Ntp, &[123], || ntp::client_request(4, 0x5a5a_5a5a_5a5a_5a5a).to_vec()),
    udp("snmp-get", ProbeKind::Snmp, &[161], || {
        snmp::request(snmp::Version::V2c, b"public", snmp::Operation::Get, 0x5a5a, &[snmp::SYS_DESCR])
    }),
    udp("ssdp-search", ProbeKind::Ssdp, &[1900], || ssdp::search("ssdp:all", 1)),
    udp("coap-core", ProbeKind::Coap, &[5683], || coap::get("/.well-known/core", 0x5a5a, &[0x5a]).to_bytes()),
    udp("tftp-read", ProbeKind::Tftp, &[69], || tftp::read_request("assay-no-such-file", false)),
    udp("sip-options-udp", ProbeKind::Sip, &[5060], || sip_options("UDP")),
];

fn smb_negotiate() -> Vec<u8> {
    // SMB1 NEGOTIATE that also offers SMB 2 (MS-SMB2 3.2.4.2.2.1).
    let mut dialects = Vec::new();
    for dialect in ["NT LM 0.12", "SMB 2.002", "SMB 2.???"] {
        dialects.push(2);
        dialects.extend_from_slice(dialect.as_bytes());
        dialects.push(0);
    }
    let mut message = b"\xffSMB\x72\0\0\0\0\x18\x01\xc8".to_vec();
    message.extend([0; 12]);
    message.extend([0xff, 0xff, 0, 0, 0, 0, 0, 0, 0]);
    message.extend((dialects.len() as u16).to_le_bytes());
    message.extend(dialects);
    let mut out = Vec::new();
    crate::reader::put_vec(&mut out, 4, &message);
    out
}

fn adb_connect() -> Vec<u8> {
    let payload = b"host::\0";
    let sum: u32 = payload.iter().map(|byte| u32::from(*byte)).sum();
    let command = u32::from_le_bytes(*b"CNXN");
    let mut out = Vec::new();
    for word in [command, 0x0100_0000, 4096, payload.len() as u32, sum, !command] {
        out.extend(word.to_le_bytes());
    }
    out.extend_from_slice(payload);
    out
}

fn sip_options(transport: &str) -> Vec<u8> {
    format!(
        "OPTIONS sip:device.invalid SIP/2.0\r\nVia: SIP/2.0/{transport} client.invalid;branch=z9hG4bK5a;rport\r\n\
         From: <sip:a@client.invalid>;tag=5a\r\nTo: <sip:device.invalid>\r\nCall-ID: 5a@client.invalid\r\n\
         CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )
    .into_bytes()
}
