//! Conversations built here, of every kind, and what a listener makes of them.

use super::*;
use crate::{quic, tls};

#[derive(Default)]
struct Heard(Vec<String>);

impl Listener for Heard {
    fn found(&mut self, from: Side, kind: &'static str, place: &str, text: &[u8]) {
        self.0.push(format!("{from:?} {kind} {place}: {}", String::from_utf8_lossy(text)));
    }

    fn readable(&mut self, _: Side, _: &[u8], _: Readable) {}

    fn name(&mut self, name: &str) {
        self.0.push(format!("name {name}"));
    }

    fn certificates(&mut self, from: Side, chain: &[Vec<u8>]) {
        self.0.push(format!("{from:?} {} certificates", chain.len()));
    }
}

use Side::{Client, Server};

/// Plays a conversation whole, and byte by byte: both have to come to the same.
fn play(late: bool, said: &[(Side, &[u8])]) -> (Told, Vec<String>) {
    let play = |size: usize| {
        let mut dialogue = if late { Dialogue::joined_late() } else { Dialogue::default() };
        let mut heard = Heard::default();
        for (side, bytes) in said {
            for piece in bytes.chunks(size) {
                dialogue.hear(*side, piece, &mut heard);
            }
        }
        dialogue.end(&mut heard);
        (dialogue.told(), heard.0)
    };
    let whole = play(usize::MAX);
    if !late {
        assert_eq!(whole, play(1), "in pieces");
    }
    whole
}

fn told(said: &[(Side, &[u8])]) -> (&'static str, Guard, Vec<String>) {
    let (told, heard) = play(false, said);
    (told.protocol, told.guard, heard)
}

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    tls::records(kind, Version::TLS12, body)
}

fn client_hello(version: Version) -> Vec<u8> {
    let mut hello = tls::ClientHello::offering(version, &[0x1301, 0xc02f], [1; 32], Some((29, vec![9; 32])));
    hello.server_name = Some("cloud.example".to_owned());
    hello.to_bytes()
}

/// ServerHello of TLS 1.3.
fn server_hello_13() -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.extend([0, 0x13, 0x01, 0, 0, 6, 0, 43, 0, 2, 3, 4]);
    record(22, &tls::handshake(2, &body))
}

fn server_flight_12(suite: u16) -> Vec<u8> {
    let choice = tls::server::Choice { version: Version::TLS12, suite, random: [5; 32] };
    tls::server::flight(&choice, &[vec![1; 9]])
}

#[test]
fn tls_counts_once_its_handshake_was_seen_to_end() {
    let (hello, flight) = (client_hello(Version::TLS12), server_flight_12(0x002f));
    let keys = [record(22, &[16, 0, 0, 0]), record(20, &[1]), record(22, &[9; 40])].concat();
    let finished = [record(20, &[1]), record(22, &[9; 40])].concat();
    let said: [(Side, &[u8]); 4] = [(Client, &hello), (Server, &flight), (Client, &keys), (Server, &finished)];
    let (all, heard) = play(false, &said);
    assert_eq!((all.protocol, all.guard), ("tls", Guard::Tls));
    assert_eq!((all.version, all.suite), (Some(Version::TLS12), Some(0x002f)));
    assert_eq!(heard, ["name cloud.example", "Server 1 certificates"]);
    assert_eq!(told(&said[..3]).1, Guard::Unused, "nothing was carried yet");
    assert!(play(false, &said[..3]).0.handshake_open);
}

#[test]
fn a_suite_without_a_cipher_guards_nothing() {
    let (hello, flight) = (client_hello(Version::TLS12), server_flight_12(0x0002));
    let finished = [record(20, &[1]), record(22, &[9; 40])].concat();
    let said: [(Side, &[u8]); 4] = [(Client, &hello), (Server, &flight), (Client, &finished), (Server, &finished)];
    assert_eq!(told(&said).1, Guard::Clear);
}

#[test]
fn a_handshake_of_tls_1_3_that_ends_in_an_alert_is_not_taken_for_one_that_succeeded() {
    let (hello, server) = (client_hello(Version::TLS13), [server_hello_13(), record(23, &[7; 900])].concat());
    let (alert, finished) = (record(23, &[7; 19]), record(23, &[7; 53]));
    let refused = play(false, &[(Client, &hello), (Server, &server), (Client, &alert)]).0;
    assert_eq!((refused.guard, refused.handshake_open), (Guard::Unused, true));
    assert_eq!((refused.version, refused.suite), (None, None), "nothing was agreed on");
    let agreed = play(false, &[(Client, &hello), (Server, &server), (Client, &finished)]).0;
    assert_eq!((agreed.guard, agreed.version), (Guard::Tls, Some(Version::TLS13)));
}

#[test]
fn records_without_a_handshake_are_tls_and_still_not_known_to_be_guarded() {
    let data = [record(23, &[7; 100]), record(23, &[8; 60])].concat();
    let (late, _) = play(true, &[(Client, &data), (Server, &data)]);
    assert_eq!((late.protocol, late.guard), ("tls", Guard::Unknown));
}

#[test]
fn random_bytes_are_unknown_whatever_they_look_like() {
    let noise: Vec<u8> = (0_u32..6000).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let (all, heard) = play(true, &[(Client, &noise), (Server, &noise)]);
    assert_eq!((all.protocol, all.guard, heard.len()), ("unknown", Guard::Unknown, 0));
}

#[test]
fn http_gives_away_credentials_tokens_and_forms() {
    let request = b"POST /login?access_token=t1&x=1 HTTP/1.1\r\nHost: plug.example:80\r\nAuthorization: Basic YW5uYTpzM2NyZXQ=\r\n\
        Cookie: sid=77\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 24\r\n\r\n\
        user=anna&password=a%20b";
    let chunked =
        b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=78\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nGET\r\n0\r\n\r\n";
    let next = b"GET / HTTP/1.1\r\nAuthorization: Digest username=\"anna\"\r\n\r\n";
    let coded = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd";
    let said: [(Side, &[u8]); 4] = [(Client, request), (Server, chunked), (Client, next), (Server, coded)];
    let (all, heard) = play(false, &said);
    assert_eq!((all.protocol, all.guard, all.coded), ("http", Guard::Clear, 1));
    assert_eq!(
        heard,
        [
            "name plug.example",
            "Client credential Authorization Basic: anna:s3cret",
            "Client token Cookie: sid=77",
            "Client token query access_token: t1",
            "Client credential form password: a b",
            "Server token Set-Cookie: sid=78",
            "Client credential Authorization Digest: username=\"anna\"",
        ]
    );
}

#[test]
fn what_a_page_says_is_no_head() {
    let page = b"HTTP/1.0 200 OK\r\n\r\nAuthorization: Basic YW5uYTpzM2NyZXQ=\r\n\r\n";
    assert_eq!(told(&[(Client, b"GET / HTTP/1.0\r\n\r\n"), (Server, page)]).2, Vec::<String>::new());
}

#[test]
fn logins_in_lines_are_read() {
    let ftp: [(Side, &[u8]); 4] = [
        (Server, b"220 (vsFTPd 3.0.5)\r\n"),
        (Client, b"USER anna\r\n"),
        (Server, b"331 ok\r\n"),
        (Client, b"PASS a b\r\n"),
    ];
    assert_eq!(
        told(&ftp),
        ("ftp", Guard::Clear, vec!["Client credential USER: anna".into(), "Client credential PASS: a b".into()])
    );
    let smtp: [(Side, &[u8]); 5] = [
        (Server, b"220 mail ESMTP\r\n"),
        (Client, b"EHLO x\r\nAUTH LOGIN\r\n"),
        (Server, b"334 x\r\n"),
        (Client, b"YW5uYQ==\r\n"),
        (Client, b"czNjcmV0\r\nAUTH PLAIN AGFubmEAczNjcmV0\r\n"),
    ];
    assert_eq!(
        told(&smtp).2,
        [
            "Client credential AUTH user name: anna",
            "Client credential AUTH password: s3cret",
            "Client credential AUTH PLAIN: :anna:s3cret"
        ]
    );
    let imap: [(Side, &[u8]); 2] = [(Server, b"* OK IMAP4rev1 ready\r\n"), (Client, b"a1 LOGIN anna s3cret\r\n")];
    assert_eq!(told(&imap).2, ["Client credential LOGIN: anna s3cret"]);
    let telnet: [(Side, &[u8]); 6] = [
        (Server, b"\xff\xfd\x18\xff\xfb\x01plug login: "),
        (Client, b"\xff\xfc\x18anna\r\n"),
        (Server, b"anna\r\nPassword: "),
        (Client, b"s3cret\r\0"),
        (Server, b"\r\n# "),
        (Client, b"ls\r\n"),
    ];
    assert_eq!(told(&telnet).2, ["Client credential login: anna", "Client credential password: s3cret"]);
}

#[test]
fn tls_behind_a_clear_greeting_guards_what_follows() {
    let (hello, server, finished) =
        (client_hello(Version::TLS13), [server_hello_13(), record(23, &[7; 900])].concat(), record(23, &[7; 53]));
    let said: [(Side, &[u8]); 6] = [
        (Server, b"220 mail ESMTP\r\n"),
        (Client, b"EHLO x\r\nSTARTTLS\r\n"),
        (Server, b"220 go ahead\r\n"),
        (Client, &hello),
        (Server, &server),
        (Client, &finished),
    ];
    let (protocol, guard, _) = told(&said);
    assert_eq!((protocol, guard), ("smtp", Guard::Tls));
    assert_eq!(told(&said[..3]).1, Guard::Clear);
}

#[test]
fn mqtt_gives_away_its_login_on_a_stream_and_inside_websocket() {
    let connect = crate::mqtt::connect(crate::mqtt::Version::V311, "plug-1", Some(("anna", "s3cret")), 30);
    let expected = ["Client credential CONNECT user name: anna", "Client credential CONNECT password: s3cret"];
    assert_eq!(told(&[(Client, &connect)]), ("mqtt", Guard::Clear, expected.map(str::to_owned).to_vec()));
    let masked: Vec<u8> = connect.iter().enumerate().map(|(at, byte)| byte ^ [1, 2, 3, 4][at % 4]).collect();
    let frame = [&[0x82, 0x80 | connect.len() as u8, 1, 2, 3, 4][..], &masked].concat();
    let switched = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x82\x02ab";
    let asked = b"GET /mqtt HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
    let (protocol, guard, heard) = told(&[(Client, asked), (Server, switched), (Client, b"\x81\x82\0\0\0\0hi")]);
    assert_eq!((protocol, guard), ("websocket", Guard::Clear));
    assert!(heard.is_empty());
    let switched = &switched[..switched.len() - 4];
    let (protocol, guard, heard) = told(&[(Client, asked), (Server, switched), (Client, &frame)]);
    assert_eq!((protocol, guard, heard), ("mqtt", Guard::Clear, expected.map(str::to_owned).to_vec()));
}

#[test]
fn ssh_counts_once_both_sides_have_new_keys() {
    let packet = |payload: &[u8]| {
        let mut body = vec![4];
        body.extend_from_slice(payload);
        body.extend([0; 4]);
        let mut out = Vec::new();
        crate::reader::put_vec(&mut out, 4, &body);
        out
    };
    let offer = |cipher: &str| {
        let mut payload = vec![20];
        payload.extend([1; 16]);
        for list in ["k", "h", cipher, cipher, "m", "m", "none", "none", "", ""] {
            crate::reader::put_vec(&mut payload, 4, list.as_bytes());
        }
        payload.extend([0; 5]);
        packet(&payload)
    };
    let side = |cipher: &str| [b"SSH-2.0-x\r\n".to_vec(), offer(cipher), packet(&[21]), vec![7; 90]].concat();
    let (safe, bare) = (side("aes"), side("none"));
    let last = safe.len() - 91;
    assert_eq!(told(&[(Server, &safe), (Client, &safe)]).1, Guard::Ssh);
    assert_eq!(told(&[(Server, &bare), (Client, &bare)]).1, Guard::Clear);
    assert_eq!(told(&[(Server, &safe), (Client, &safe[..last])]).1, Guard::Unused);
}

#[test]
fn who_serves_is_seen_from_what_is_said_where_the_beginning_is_missing() {
    let mut dialogue = Dialogue::joined_late();
    let mut heard = Heard::default();
    dialogue.hear(Server, b"GET / HTTP/1.1\r\nCookie: a=1\r\n\r\n", &mut heard);
    assert!(dialogue.is_swapped());
    assert_eq!((dialogue.told().protocol, heard.0[0].as_str()), ("http", "Client token Cookie: a=1"));
}

#[test]
fn a_gap_loses_no_more_than_it_hides() {
    let mut dialogue = Dialogue::default();
    let mut heard = Heard::default();
    dialogue.hear(Client, b"POST / HTTP/1.1\r\nContent-Length: 5000\r\n\r\nabc", &mut heard);
    dialogue.gap(Client, &mut heard);
    dialogue.hear(Client, b"password=x&Cookie: b=2\r\n", &mut heard);
    dialogue.hear(Client, b"GET / HTTP/1.1\r\nCookie: a=1\r\n\r\n", &mut heard);
    assert_eq!(heard.0, ["Client token Cookie: a=1"]);
    let mut secure = Dialogue::default();
    secure.hear(Client, &client_hello(Version::TLS13), &mut heard);
    secure.gap(Server, &mut heard);
    secure.hear(Server, &record(23, &[7; 900]), &mut heard);
    secure.hear(Client, &record(23, &[7; 90]), &mut heard);
    assert_eq!(secure.told().guard, Guard::Unknown, "the server's hello was not heard");
}

fn datagram(ports: [u16; 2], bytes: &[u8]) -> Option<(&'static str, Option<Side>)> {
    datagram::form(ports, bytes).map(|form| (form.protocol, form.from))
}

#[test]
fn datagrams_are_told_by_their_form() {
    let name = crate::dns::Name::parse("cloud.example").unwrap();
    let query = crate::dns::query(7, &name, 1);
    let mut answer = query.clone();
    answer.flags = crate::dns::flags::RESPONSE;
    let hello = {
        let body = [&[0xfe, 0xfd][..], &[1; 32], &[0, 0, 0, 2, 0xc0, 0x2b, 1, 0]].concat();
        let mut message = tls::handshake(1, &body);
        let length = message[1..4].to_vec();
        message.splice(4..4, [vec![0, 0, 0, 0, 0], length].concat());
        let mut out = vec![22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0];
        crate::reader::put_vec(&mut out, 2, &message);
        out
    };
    let cases: [(&[u8], _); 9] = [
        (&query.to_bytes(), Some(("dns", Some(Client)))),
        (&answer.to_bytes(), Some(("dns", Some(Server)))),
        (&crate::ntp::client_request(4, 9), Some(("ntp", Some(Client)))),
        (&crate::ssdp::search("ssdp:all", 1), Some(("ssdp", Some(Client)))),
        (&crate::coap::get("/.well-known/core", 1, &[]).to_bytes(), Some(("coap", Some(Client)))),
        (&crate::dhcp::discover(1, [2; 6]), Some(("dhcp", Some(Client)))),
        (&crate::tftp::read_request("a.bin", false), Some(("tftp", Some(Client)))),
        (&hello, Some(("dtls", Some(Client)))),
        (&[7; 48], None),
    ];
    for (bytes, expected) in cases {
        assert_eq!(datagram([40_000, 1234], bytes), expected, "{}", bytes.escape_ascii());
    }
    assert_eq!(datagram([5353, 5353], &query.to_bytes()).unwrap().0, "mdns");
}

#[test]
fn a_community_is_read_and_encrypted_snmp_is_not_taken_for_clear() {
    let mut exchange = datagram::Exchange::default();
    let mut heard = Heard::default();
    let get = crate::snmp::request(
        crate::snmp::Version::V2c,
        b"public",
        crate::snmp::Operation::Get,
        1,
        &[&[1, 3, 6, 1]],
    );
    exchange.hear(Client, [1, 161], &get, &mut heard);
    assert_eq!(
        (exchange.told().guard, heard.0.remove(0)),
        (Guard::Clear, "Client credential community: public".into())
    );
    let secret = b"\x30\x16\x02\x01\x03\x30\x0d\x02\x01\x01\x02\x02\x05\xdc\x04\x01\x03\x02\x01\x03\x04\x02ab";
    let mut exchange = datagram::Exchange::default();
    exchange.hear(Client, [1, 161], secret, &mut heard);
    assert_eq!((exchange.told().protocol, exchange.told().guard), ("snmp", Guard::Unknown));
}

#[test]
fn quic_counts_once_both_sides_are_past_their_first_packets() {
    let initial = [0xc3, 0, 0, 0, 1, 4, 9, 9, 9, 9, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8];
    let handshake = [0xe3, 0, 0, 0, 1, 4, 9, 9, 9, 9, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    let mut exchange = datagram::Exchange::default();
    let mut heard = Heard::default();
    for (side, bytes, guard) in [
        (Client, &initial[..], Guard::Unused),
        (Server, &initial, Guard::Unused),
        (Server, &handshake, Guard::Unknown),
        (Client, &handshake, Guard::Quic),
    ] {
        exchange.hear(side, [1, 443], bytes, &mut heard);
        assert_eq!(exchange.told().guard, guard);
    }
}

/// A frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags, 0, 0, 0, stream], body].concat()
}

/// A field of HPACK that is kept in the table: by the index of its name, or its name.
fn field(index: u8, name: &str, value: &str) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()][..], text.as_bytes()].concat();
    let name = if index == 0 { text(name) } else { Vec::new() };
    [&[0x40 | index][..], &name, &text(value)].concat()
}

/// A form that is sent with a token, over two frames of its head and two padded ones of its body.
fn http2_request() -> Vec<u8> {
    let head = [
        vec![0x83, 0x86],
        field(4, "", "/login?api_key=k-1"),
        field(1, "", "cloud.example:80"),
        field(31, "", "application/x-www-form-urlencoded"),
        field(23, "", "Bearer t-1"),
    ]
    .concat();
    let (front, behind) = head.split_at(30);
    // Three bytes of padding, a priority.
    let front = [&[3, 0, 0, 0, 0, 7][..], front, &[0; 3]].concat();
    [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        frame(4, 0, 0, &[0, 3, 0, 0, 0, 100]),
        frame(1, 0x28, 1, &front),
        frame(9, 4, 1, behind),
        frame(0, 8, 1, b"\x04user=anna&pass\0\0\0\0"),
        frame(0, 1, 1, b"word=hunter2"),
        // The fields once more, by their index alone: the newest is the first.
        frame(1, 5, 3, &[0x82, 0x86, 0xbe, 0xc0]),
    ]
    .concat()
}

#[test]
fn http2_in_clear_is_read_head_by_head_and_form_by_form() {
    let answer = [
        frame(4, 0, 0, b""),
        frame(4, 1, 0, b""),
        frame(1, 4, 1, &[&[0x88][..], &field(55, "", "sid=s-1"), &field(26, "", "gzip")].concat()),
        frame(0, 1, 1, b"not looked into"),
    ]
    .concat();
    let expected = [
        "Client token query api_key: k-1",
        "name cloud.example",
        "Client token Authorization Bearer: t-1",
        "Client credential form password: hunter2",
        "Client token Authorization Bearer: t-1",
        "name cloud.example",
        "Server token Set-Cookie: sid=s-1",
    ];
    let (request, prior) = (http2_request(), |answer: &[u8]| answer.to_vec());
    let (all, heard) = play(false, &[(Client, &request), (Server, &prior(&answer))]);
    assert_eq!((all.protocol, all.guard, all.coded, all.unread), ("http2", Guard::Clear, 1, 0));
    assert_eq!(heard, expected);
    // The same behind a request of HTTP/1 that asks for it.
    let ask = b"GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n";
    let agree = [b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", &frame(4, 0, 0, b"")[..]].concat();
    let (all, heard) = play(false, &[(Client, ask), (Server, &agree), (Client, &request), (Server, &answer)]);
    assert_eq!((all.protocol, all.guard, heard.len()), ("http2", Guard::Clear, 8));
}

#[test]
fn heads_behind_one_that_cannot_be_read_are_counted_and_a_gap_ends_reading() {
    let request = http2_request();
    let wrong = frame(1, 5, 5, &[0xff, 0xff, 0xff, 0xff, 0xff]);
    let again = frame(1, 5, 7, &[0x82, 0x86, 0xbe, 0xc0]);
    let (all, heard) = play(false, &[(Client, &request), (Client, &wrong), (Client, &again)]);
    assert_eq!((all.unread, heard.len()), (2, 6));
    let mut dialogue = Dialogue::default();
    let mut heard = Heard::default();
    dialogue.hear(Client, &request, &mut heard);
    dialogue.gap(Client, &mut heard);
    dialogue.hear(Client, &again, &mut heard);
    assert_eq!((dialogue.told().guard, heard.0.len()), (Guard::Clear, 6));
}

#[test]
fn the_name_and_the_suite_in_the_first_packets_of_quic_are_read() {
    let hello = client_hello(Version::TLS13);
    let hello = &hello[5..];
    let answer = &server_hello_13()[5..];
    let crypto = |offset: u8, part: &[u8]| {
        let length = u16::try_from(part.len()).unwrap() | 0x4000;
        [&[6, 0x40, offset][..], &length.to_be_bytes(), part].concat()
    };
    for version in [quic::V1, quic::V2] {
        let keys = quic::Keys::of(version, b"firstone").unwrap();
        let seal = |from_client, to: &[u8], frames: &[u8]| {
            quic::seal(&keys, from_client, version, (to, b"other"), frames)
        };
        // The hello comes in two packets, the second part first; the answer is the second packet of its datagram.
        let behind = seal(true, b"firstone", &[&[1, 0, 0][..], &crypto(60, &hello[60..])].concat());
        let front = seal(true, b"firstone", &crypto(0, &hello[..70]));
        let handshake =
            [if version == quic::V1 { 0xe0 } else { 0xf0 }, 0, 0, 0, 0, 4, 9, 9, 9, 9, 0, 8, 1, 2, 3, 4, 5];
        let mut handshake = [&handshake[..], &[0; 9]].concat();
        handshake[1..5].copy_from_slice(&version.to_be_bytes());
        let answer = [
            seal(false, b"other", &[2, 0, 0, 0, 0, 0, 0, 0]),
            seal(false, b"other", &crypto(0, answer)),
            handshake.clone(),
        ]
        .concat();
        let mut exchange = datagram::Exchange::default();
        let mut heard = Heard::default();
        for (side, bytes, guard) in [
            (Client, &behind, Guard::Unused),
            (Client, &front, Guard::Unused),
            (Server, &answer, Guard::Unknown),
            (Client, &handshake, Guard::Quic),
        ] {
            exchange.hear(side, [1, 443], bytes, &mut heard);
            assert_eq!(exchange.told().guard, guard, "{version:x}");
        }
        assert_eq!(heard.0, ["name cloud.example"]);
        let told = exchange.told();
        assert_eq!((told.version, told.suite), (Some(Version::TLS13), Some(0x1301)));
    }
}

#[test]
fn no_bytes_make_the_listener_panic() {
    let goods: [&[u8]; 7] = [
        &http2_request(),
        b"POST /a?b=1 HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n\x82\x83\x01\x02\x03\x04abc",
        b"\xff\xfd\x18login: a\r\n",
        &client_hello(Version::TLS13),
        &crate::mqtt::connect(crate::mqtt::Version::V5, "a", Some(("b", "c")), 3),
        b"220 ftp\r\nAUTH TLS\r\n234 ok\r\n\x16\x03\x01\x00\x05\x01\x00\x00\x01a",
    ];
    for good in goods {
        crate::hostile::survives(good, |bytes| {
            let mut heard = Heard::default();
            for late in [false, true] {
                let mut dialogue = if late { Dialogue::joined_late() } else { Dialogue::default() };
                for (index, piece) in bytes.chunks(bytes.len().div_ceil(3).max(1)).enumerate() {
                    let side = if index % 2 == 0 { Client } else { Server };
                    dialogue.hear(side, piece, &mut heard);
                    dialogue.hear(side.other(), piece, &mut heard);
                    if index == 1 {
                        dialogue.gap(side, &mut heard);
                    }
                }
                dialogue.end(&mut heard);
                let _ = dialogue.told();
            }
            let mut exchange = datagram::Exchange::default();
            exchange.hear(Client, [5353, 1], bytes, &mut heard);
            exchange.hear(Server, [546, 547], bytes, &mut heard);
            exchange.told()
        });
    }
}
