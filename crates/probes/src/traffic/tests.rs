//! Captures built here, packet by packet, and what is read in them.

use std::net::{IpAddr, Ipv4Addr};

use model::{
    ClearContent, Conversation, Fact, Opened, Protection, Reconnection, ShortfallKind, TlsVersion, in_clear,
};
use wire::packet::tcp_flag::{ACK, FIN, RST, SYN};
use wire::tls;

use super::capture::{Canary, CaptureError, Heard, Parameters, Pattern, is_capture, read};

const PRODUCT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);
const CLOUD: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 1);
const NAME_SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const PHONE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 9);

type Socket = (Ipv4Addr, u16);

/// A capture on raw IP, growing.
struct File {
    bytes: Vec<u8>,
    millis: u64,
}

impl File {
    fn new() -> Self {
        let mut bytes = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0];
        bytes.extend([0; 8]);
        bytes.extend([0, 0, 4, 0, 101, 0, 0, 0]);
        Self { bytes, millis: 1_790_000_000_000 }
    }

    fn wait(&mut self, millis: u64) {
        self.millis += millis;
    }

    fn packet(&mut self, protocol: u8, from: Ipv4Addr, to: Ipv4Addr, body: &[u8]) {
        let mut packet = vec![0x45, 0];
        packet.extend(u16::try_from(20 + body.len()).unwrap().to_be_bytes());
        packet.extend([0, 0, 0, 0, 64, protocol, 0, 0]);
        packet.extend(from.octets());
        packet.extend(to.octets());
        packet.extend_from_slice(body);
        let length = u32::try_from(packet.len()).unwrap().to_le_bytes();
        self.bytes.extend(u32::try_from(self.millis / 1000).unwrap().to_le_bytes());
        self.bytes.extend(u32::try_from(self.millis % 1000 * 1000).unwrap().to_le_bytes());
        self.bytes.extend(length);
        self.bytes.extend(length);
        self.bytes.extend(packet);
        self.millis += 1;
    }

    /// A UDP datagram in fragments of this many bytes.
    fn fragments(&mut self, from: Socket, to: Socket, payload: &[u8], size: usize) {
        let mut body = [from.1.to_be_bytes(), to.1.to_be_bytes()].concat();
        body.extend(u16::try_from(8 + payload.len()).unwrap().to_be_bytes());
        body.extend([0, 0]);
        body.extend_from_slice(payload);
        let last = (body.len() - 1) / size;
        for (number, part) in body.chunks(size).enumerate() {
            let start = self.bytes.len();
            self.packet(17, from.0, to.0, part);
            let field = (number * size / 8) | if number == last { 0 } else { 0x2000 };
            let at = start + 16 + 6;
            self.bytes[at..at + 2].copy_from_slice(&u16::try_from(field).unwrap().to_be_bytes());
        }
    }

    fn udp(&mut self, from: Socket, to: Socket, payload: &[u8]) {
        let mut body = [from.1.to_be_bytes(), to.1.to_be_bytes()].concat();
        body.extend(u16::try_from(8 + payload.len()).unwrap().to_be_bytes());
        body.extend([0, 0]);
        body.extend_from_slice(payload);
        self.packet(17, from.0, to.0, &body);
    }

    fn tcp(&mut self, from: Socket, to: Socket, numbers: (u32, u32), flags: u8, payload: &[u8]) {
        let mut body = [from.1.to_be_bytes(), to.1.to_be_bytes()].concat();
        body.extend(numbers.0.to_be_bytes());
        body.extend(numbers.1.to_be_bytes());
        body.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        body.extend_from_slice(payload);
        self.packet(6, from.0, to.0, &body);
    }

    /// A whole connection: what is said, side by side, from the opening to the end.
    fn connection(&mut self, client: Socket, server: Socket, said: &[(bool, &[u8])]) {
        let mut numbers = (1000, 5000);
        self.tcp(client, server, (numbers.0, 0), SYN, b"");
        self.tcp(server, client, (numbers.1, numbers.0 + 1), SYN | ACK, b"");
        numbers = (numbers.0 + 1, numbers.1 + 1);
        self.tcp(client, server, numbers, ACK, b"");
        for (by_client, bytes) in said {
            for piece in bytes.chunks(1400) {
                let length = u32::try_from(piece.len()).unwrap();
                if *by_client {
                    self.tcp(client, server, numbers, ACK, piece);
                    numbers.0 += length;
                } else {
                    self.tcp(server, client, (numbers.1, numbers.0), ACK, piece);
                    numbers.1 += length;
                }
            }
        }
        self.tcp(client, server, numbers, FIN | ACK, b"");
        self.tcp(server, client, (numbers.1, numbers.0 + 1), FIN | ACK, b"");
    }

    fn read(&self) -> Heard {
        self.read_with(&of_product())
    }

    fn read_with(&self, parameters: &Parameters) -> Heard {
        read(parameters, &mut &self.bytes[..]).unwrap()
    }
}

fn of_product() -> Parameters {
    Parameters { address: Some(PRODUCT.into()), ..Parameters::default() }
}

fn conversations(heard: &Heard) -> Vec<&Conversation> {
    heard
        .reading
        .facts
        .iter()
        .filter_map(|fact| if let Fact::Conversation(one) = fact { Some(one) } else { None })
        .collect()
}

fn contents(heard: &Heard) -> Vec<String> {
    let of = |fact: &Fact| match fact {
        Fact::ClearContent(ClearContent { sent, kind, protocol, place, excerpt, .. }) => {
            assert!(model::pieces(excerpt).iter().all(|piece| matches!(piece, model::Piece::Private(..))));
            Some(format!(
                "{} {kind} {protocol} {place}: {}",
                if *sent { "sent" } else { "got" },
                in_clear(excerpt)
            ))
        }
        _ => None,
    };
    heard.reading.facts.iter().filter_map(of).collect()
}

fn outages(heard: &Heard) -> Vec<&Reconnection> {
    heard
        .reading
        .facts
        .iter()
        .filter_map(|fact| if let Fact::Reconnection(one) = fact { Some(one) } else { None })
        .collect()
}

fn short(heard: &Heard) -> String {
    heard.reading.shortfalls.iter().map(|short| short.text.as_str()).collect::<Vec<_>>().join("\n")
}

fn dns_answer(name: &str, address: Ipv4Addr) -> (Vec<u8>, Vec<u8>) {
    let name = wire::dns::Name::parse(name).unwrap();
    let query = wire::dns::query(7, &name, 1);
    let mut answer = query.clone();
    answer.flags = 0x8180;
    answer.answers.push(wire::dns::Record { name, class: 1, ttl: 60, data: wire::dns::Data::A(address) });
    (query.to_bytes(), answer.to_bytes())
}

fn tls_13() -> [Vec<u8>; 3] {
    let mut hello = tls::ClientHello::offering(tls::Version::TLS13, &[0x1301], [1; 32], Some((29, vec![9; 32])));
    hello.server_name = Some("mqtt.vendor.example".to_owned());
    let mut server = vec![3, 3];
    server.extend([7; 32]);
    server.extend([0, 0x13, 0x01, 0, 0, 6, 0, 43, 0, 2, 3, 4]);
    let record = |kind, body: &[u8]| tls::records(kind, tls::Version::TLS12, body);
    let message = [&[2, 0, 0, u8::try_from(server.len()).unwrap()][..], &server].concat();
    [hello.to_bytes(), [record(22, &message), record(23, &[5; 900])].concat(), record(23, &[6; 200])]
}

#[test]
fn a_name_leads_to_the_conversation_that_it_was_asked_for() {
    let mut file = File::new();
    let (query, answer) = dns_answer("cloud.vendor.example", CLOUD);
    file.udp((PRODUCT, 40_000), (NAME_SERVER, 53), &query);
    file.udp((NAME_SERVER, 53), (PRODUCT, 40_000), &answer);
    let [hello, server, data] = tls_13();
    file.connection((PRODUCT, 50_000), (CLOUD, 8883), &[(true, &hello), (false, &server), (true, &data)]);
    let heard = file.read();
    let all = conversations(&heard);
    let [names, cloud] = all[..] else { panic!("{all:?}") };
    assert_eq!((cloud.server.port, cloud.opened, cloud.product_serves), (8883, Opened::ByProduct, false));
    assert_eq!(cloud.names, ["mqtt.vendor.example", "cloud.vendor.example"]);
    assert_eq!(
        (cloud.protocol.as_str(), cloud.protection, &cloud.versions[..]),
        ("tls", Protection::Tls, &[TlsVersion::Tls13][..])
    );
    assert_eq!((cloud.suites.as_slice(), cloud.connections, cloud.partial), (&[0x1301][..], 1, false));
    assert_eq!((cloud.sent, cloud.received), ((hello.len() + data.len()) as u64, server.len() as u64));
    assert_eq!(
        (names.protocol.as_str(), names.protection, names.opened),
        ("dns", Protection::Clear, Opened::ByProduct)
    );
    assert!(heard.reading.shortfalls.is_empty(), "{}", short(&heard));
    assert!(heard.reading.coverage[0].text.starts_with("10 of 10 packets"), "{}", heard.reading.coverage[0].text);
}

#[test]
fn a_capture_without_the_product_shows_nothing_and_says_so() {
    let mut file = File::new();
    file.connection((PHONE, 50_000), (CLOUD, 80), &[(true, b"GET / HTTP/1.1\r\nCookie: a=1\r\n\r\n")]);
    let heard = file.read();
    assert!(heard.reading.facts.is_empty() && heard.reading.coverage.is_empty() && !heard.of_product);
    assert_eq!(heard.reading.shortfalls[0].kind, ShortfallKind::Missing);
    assert_eq!(heard.elsewhere, [PHONE.to_string(), CLOUD.to_string()]);
    let both = Parameters { also: vec![PHONE.into()], ..of_product() };
    let heard = file.read_with(&both);
    assert!(short(&heard).contains("no packet of 192.0.2.7"), "{}", short(&heard));
    assert_eq!(conversations(&heard).len(), 1);
}

#[test]
fn what_names_itself_a_secret_and_what_the_caller_names_is_found_across_segments() {
    let mut file = File::new();
    let connect = wire::mqtt::connect(wire::mqtt::Version::V311, "plug", Some(("anna", "s3cret")), 30);
    let body = format!(
        "{}{}",
        "x".repeat(1390),
        r#"{"wifi_password":"hunter2hunter","mail":"anna@home.example","k":"-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE"}"#
    );
    let publish = [&[0x30, 0xff, 0x0a, 0, 1][..], b"t", body.as_bytes()].concat();
    file.connection(
        (PRODUCT, 50_000),
        (CLOUD, 1883),
        &[(true, &connect), (false, &[0x20, 2, 0, 0]), (true, &publish)],
    );
    let parameters = Parameters {
        patterns: vec![Pattern {
            name: "e-mail".into(),
            regex: r"[a-z]+@[a-z.]+\.example".into(),
            kind: "personal-data".into(),
        }],
        canaries: vec![Canary { name: "wifi".into(), value: "hunter2hunter".into(), kind: "canary".into() }],
        ..of_product()
    };
    let heard = file.read_with(&parameters);
    let mut found = contents(&heard);
    found.sort();
    assert_eq!(
        found,
        [
            "sent canary mqtt wifi: hunter2hunter",
            "sent credential mqtt CONNECT password: s3cret",
            "sent credential mqtt CONNECT user name: anna",
            "sent credential mqtt wifi_password: hunter2hunter",
            "sent key mqtt private key in PEM: -----BEGIN EC PRIVATE KEY-----\\nMHcCAQEE\"}",
            "sent personal-data mqtt e-mail: anna@home.example",
        ]
    );
}

#[test]
fn a_canary_is_known_again_in_other_clothes() {
    let value = "serial number 0042";
    let canaries = vec![Canary { name: "serial".into(), value: value.into(), kind: "canary".into() }];
    let parameters = Parameters { canaries, ..of_product() };
    let base64 = wire::base64::encode(format!("id={value};x").as_bytes());
    for text in [
        value.to_owned(),
        "serial%20number%200042".into(),
        hex::encode(value),
        base64,
        "serial+number+0042".into(),
    ] {
        let mut file = File::new();
        let request = format!("POST /t HTTP/1.1\r\nContent-Length: {}\r\n\r\n{text}", text.len());
        file.connection((PRODUCT, 50_000), (CLOUD, 80), &[(true, request.as_bytes())]);
        assert_eq!(contents(&file.read_with(&parameters)).len(), 1, "{text}");
    }
}

#[test]
fn nothing_is_found_inside_tls_and_little_by_chance_in_what_is_not_known() {
    let [hello, server, _] = tls_13();
    let inside =
        tls::records(23, tls::Version::TLS12, format!("{:200}", r#"{"password":"hunter2"} 1234"#).as_bytes());
    let mut file = File::new();
    file.connection((PRODUCT, 50_000), (CLOUD, 443), &[(true, &hello), (false, &server), (true, &inside)]);
    let noise = [&[1, 2, 3, 4, 200, 201][..], b"1234", &[7; 5000]].concat();
    file.connection((PRODUCT, 50_001), (CLOUD, 444), &[(true, &noise)]);
    let patterns = vec![Pattern { name: "pin".into(), regex: "[0-9]{4}".into(), kind: "personal-data".into() }];
    let heard = file.read_with(&Parameters { patterns, ..of_product() });
    assert!(contents(&heard).is_empty(), "{:?}", contents(&heard));
    assert_eq!(conversations(&heard)[1].protection, Protection::Unknown);
}

#[test]
fn a_page_that_draws_a_login_holds_no_password() {
    let page = br#"<script>var t = {"password":"Passwort","token":"Zeichen"}</script>"#;
    let answer = [format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", page.len()).as_bytes(), page].concat();
    let mut file = File::new();
    let asked = b"GET / HTTP/1.1\r\nHost: plug\r\n\r\n";
    file.connection((PHONE, 50_000), (PRODUCT, 80), &[(true, asked), (false, &answer)]);
    let heard = file.read();
    assert!(contents(&heard).is_empty(), "{:?}", contents(&heard));
    let one = conversations(&heard)[0];
    assert_eq!((one.product_serves, one.opened, one.protection), (true, Opened::ByPeer, Protection::Clear));
    assert_eq!((one.client, one.received), (IpAddr::V4(PHONE), asked.len() as u64));
}

#[test]
fn the_weakest_connection_speaks_for_all_of_them() {
    let [hello, server, data] = tls_13();
    let whole: [(bool, &[u8]); 3] = [(true, &hello), (false, &server), (true, &data)];
    let mut file = File::new();
    file.connection((PRODUCT, 50_000), (CLOUD, 443), &whole);
    // A handshake that the product ended: nothing was carried, and nothing is weaker for it.
    let alert = tls::records(23, tls::Version::TLS12, &[7; 19]);
    file.connection((PRODUCT, 50_001), (CLOUD, 443), &[(true, &hello), (false, &server), (true, &alert)]);
    let heard = file.read();
    assert_eq!((conversations(&heard)[0].protection, conversations(&heard)[0].connections), (Protection::Tls, 2));
    file.connection((PRODUCT, 50_002), (CLOUD, 443), &[(true, b"GET / HTTP/1.1\r\n\r\n")]);
    assert_eq!(conversations(&file.read())[0].protection, Protection::Clear);
}

#[test]
fn records_of_a_connection_that_began_before_the_capture_are_not_taken_for_protected() {
    let mut file = File::new();
    let data = tls::records(23, tls::Version::TLS12, &[7; 300]);
    file.tcp((PRODUCT, 50_000), (CLOUD, 8883), (77, 99), ACK, &data);
    file.tcp((CLOUD, 8883), (PRODUCT, 50_000), (99, 77 + 305), ACK, &data);
    let heard = file.read();
    let one = conversations(&heard)[0];
    assert_eq!((one.protocol.as_str(), one.protection, one.partial), ("tls", Protection::Unknown, true));
    assert_eq!((one.opened, one.server.port), (Opened::Unseen, 8883));
    assert!(short(&heard).contains("1 connections lack bytes"), "{}", short(&heard));
}

#[test]
fn a_connection_whose_opening_is_missing_has_the_server_that_others_showed() {
    let mut file = File::new();
    let (server, own) = ((CLOUD, 48_883), (PRODUCT, 36_509));
    file.connection((PRODUCT, 51_000), server, &[(true, b"\x10\x01 not known"), (false, b"\x20\x02 nor this")]);
    // The lower of both ports is the product's own.
    file.tcp(own, server, (7000, 9000), ACK, b"\x30\x05 unknown");
    file.tcp(server, own, (9000, 7010), ACK, b"\x40\x02 unknown");
    let heard = file.read();
    assert!(conversations(&heard).iter().all(|c| c.server.port == 48_883 && !c.product_serves), "{heard:?}");
    // Alone it cannot be known, and the lower port is taken for the server's.
    let mut alone = File::new();
    alone.tcp(own, server, (7000, 9000), ACK, b"\x30\x05 unknown");
    alone.tcp(server, own, (9000, 7010), ACK, b"\x40\x02 unknown");
    assert_eq!(conversations(&alone.read())[0].server.port, 36_509);
}

#[test]
fn an_outage_is_told_with_its_attempts() {
    let mut file = File::new();
    let (query, answer) = dns_answer("cloud.example", CLOUD);
    file.udp((PRODUCT, 40_000), (NAME_SERVER, 53), &query);
    file.udp((NAME_SERVER, 53), (PRODUCT, 40_000), &answer);
    let mut times = Vec::new();
    for (port, wait) in [(50_000, 1000), (50_001, 2000), (50_002, 4000)] {
        times.push(file.millis);
        file.tcp((PRODUCT, port), (CLOUD, 1883), (1, 0), SYN, b"");
        if port == 50_001 {
            // The same attempt, sent again; no answer at all.
            file.wait(1000);
            file.tcp((PRODUCT, port), (CLOUD, 1883), (1, 0), SYN, b"");
        } else {
            file.tcp((CLOUD, 1883), (PRODUCT, port), (0, 2), RST | ACK, b"");
        }
        file.wait(wait);
    }
    times.push(file.millis);
    let connect = wire::mqtt::connect(wire::mqtt::Version::V311, "plug", None, 30);
    file.connection((PRODUCT, 50_003), (CLOUD, 1883), &[(true, &connect), (false, &[0x20, 2, 0, 0])]);
    let heard = file.read();
    let [outage] = outages(&heard)[..] else { panic!("{:?}", outages(&heard)) };
    assert_eq!((outage.total, outage.since.millis()), (4, i64::try_from(times[0]).unwrap()));
    let expected: Vec<u64> = times.iter().map(|at| at - times[0]).collect();
    assert_eq!((&outage.attempts, outage.back_after), (&expected, expected.last().copied()));
    let one = conversations(&heard)[1];
    assert_eq!((one.connections, one.failed, one.protection), (4, 3, Protection::Clear));
}

#[test]
fn a_scan_of_the_product_is_counted_and_is_no_conversation() {
    let mut file = File::new();
    for port in 1..=300 {
        file.tcp((PHONE, 40_000), (PRODUCT, port), (1, 0), SYN, b"");
        file.tcp((PRODUCT, port), (PHONE, 40_000), (0, 2), RST | ACK, b"");
        file.udp((PHONE, 40_000), (PRODUCT, port), b"?");
    }
    let heard = file.read();
    assert!(heard.reading.facts.is_empty(), "{:?}", heard.reading.facts);
    assert!(heard.reading.coverage[0].text.ends_with("600 attempts of others that it refused or left unanswered"));
}

#[test]
fn bytes_that_are_missing_are_said() {
    let mut file = File::new();
    file.connection((PRODUCT, 50_000), (CLOUD, 80), &[(true, b"GET / HTTP/1.1\r\n\r\n")]);
    // A segment far ahead, with what is before it never heard.
    file.tcp((CLOUD, 80), (PRODUCT, 50_000), (5001 + 900, 1019), ACK, b"Cookie: a=1\r\n");
    let mut fragment = vec![0x45, 0, 0, 28, 0, 0, 0, 5, 64, 17, 0, 0];
    fragment.extend(PRODUCT.octets());
    fragment.extend(CLOUD.octets());
    fragment.extend([0; 8]);
    let length = 28_u32.to_le_bytes();
    file.bytes.extend([[0; 4], [0; 4], length, length].concat());
    file.bytes.extend(&fragment);
    let said = short(&file.read());
    assert!(
        said.contains("1 connections lack bytes") && said.contains("1 packets of the product came in fragments"),
        "{said}"
    );
    file.bytes.truncate(file.bytes.len() - 5);
    assert!(short(&file.read()).contains("breaks off inside a packet"));
    file.bytes.truncate(file.bytes.len() - 39);
    file.bytes.extend([0xff; 40]);
    assert!(short(&file.read()).contains("cannot be read"));
}

#[test]
fn what_comes_in_fragments_is_read_as_one() {
    let notify = |cookie: &str| {
        format!(
            "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\nUSN: uuid:1\r\n\
             LOCATION: http://192.0.2.7/\r\nX-Long: {}\r\nAuthorization: Bearer {cookie}\r\n\r\n",
            "x".repeat(1600)
        )
    };
    let group = Ipv4Addr::new(239, 255, 255, 250);
    let mut file = File::new();
    file.fragments((PRODUCT, 1900), (group, 1900), notify("abc-123").as_bytes(), 1480);
    let heard = file.read();
    assert_eq!(contents(&heard), ["sent token ssdp Authorization Bearer: abc-123"]);
    assert_eq!((conversations(&heard)[0].partial, short(&heard)), (false, String::new()));
    // Without its second half, it is told as far as it goes.
    let mut file = File::new();
    file.fragments((PRODUCT, 1900), (group, 1900), notify("abc-123").as_bytes(), 1480);
    let second = file.bytes.len() - (16 + 20 + (8 + notify("abc-123").len() - 1480));
    file.bytes.truncate(second);
    let heard = file.read();
    assert_eq!((conversations(&heard)[0].protocol.as_str(), conversations(&heard)[0].partial), ("ssdp", true));
    assert!(short(&heard).contains("1 packets of the product came in fragments of which some are missing"));
}

#[test]
fn the_product_is_known_by_its_hardware_address_too() {
    let mut file = File::new();
    file.bytes[20] = 1;
    let (query, _) = dns_answer("a.example", CLOUD);
    let mac = [2, 0, 0x5e, 0, 0, 7];
    let mut inner = File::new();
    inner.udp((PRODUCT, 40_000), (NAME_SERVER, 53), &query);
    let packet = &inner.bytes[24 + 16..];
    let frame = [&[2, 0, 0x5e, 0, 0, 1][..], &mac, &[8, 0], packet].concat();
    let length = u32::try_from(frame.len()).unwrap().to_le_bytes();
    file.bytes.extend([[0; 4], [0; 4], length, length].concat());
    file.bytes.extend(frame);
    let by_mac = Parameters { macs: vec!["02:00:5e:00:00:07".into()], ..Parameters::default() };
    let heard = file.read_with(&by_mac);
    assert_eq!(conversations(&heard)[0].client, IpAddr::V4(PRODUCT));
    assert!(heard.of_product);
}

#[test]
fn what_is_no_capture_and_whose_product_is_nobody_is_refused() {
    let mut nothing: &[u8] = b"hello, I am no capture at all";
    assert!(matches!(read(&of_product(), &mut nothing), Err(CaptureError::NoCapture(_))));
    assert!(matches!(read(&Parameters::default(), &mut &File::new().bytes[..]), Err(CaptureError::Parameter(_))));
    let bad = |regex: &str| Parameters {
        patterns: vec![Pattern { name: "x".into(), regex: regex.into(), kind: "k".into() }],
        ..of_product()
    };
    for regex in ["(", "a*", "(a{1000}){1000}"] {
        assert!(
            matches!(read(&bad(regex), &mut &File::new().bytes[..]), Err(CaptureError::Parameter(_))),
            "{regex}"
        );
    }
    assert!(is_capture(&File::new().bytes) && !is_capture(b"hello, I am no capture") && !is_capture(b""));
    let empty = File::new().read();
    assert!(!empty.of_product && empty.reading.coverage.is_empty());
}
