//! One handshake attempt: an offer, and how the server answered it. No key is ever agreed.

use std::time::Duration;

use model::{Endpoint, TlsVersion, Transport};
use serde::{Deserialize, Serialize};
use wire::starttls;
use wire::tls::{ClientHello, Ephemeral, FlightReader, Message, Version, extension, group_name, sslv2};

mod datagrams;

use crate::{Bench, Bytes, ConnectError, LinkId, Received, SendError};

/// What one attempt offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The only version offered.
    pub version: TlsVersion,
    /// Suites in order.
    pub suites: Vec<u16>,
    /// Groups in order; all of [`groups_of`] the version when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<u16>,
    /// With key shares, for servers of TLS 1.3 that do not ask for one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shares: bool,
    /// What is asked for beside that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extras: Vec<Extra>,
    /// Signature schemes in order; the usual ones when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<u16>,
}

/// Something an offer asks for beside version, suites and groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Extra {
    /// DEFLATE before no compression (RFC 3749).
    Compression,
    /// A session ticket (RFC 5077).
    Ticket,
    /// A stapled OCSP response (RFC 6066 section 8).
    Staple,
    /// Heartbeats (RFC 6520). None is ever sent.
    Heartbeat,
    /// Encrypt-then-MAC (RFC 7366).
    EncryptThenMac,
    /// The signal that a higher version was given up (RFC 7507).
    Fallback,
}

/// Every signature scheme that is asked for, the usual ones first; those of TLS 1.3 are up to the last of RSA-PSS.
pub(crate) const SIGNATURES: [u16; 22] = [
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401, 0x0501,
    0x0601, 0x0303, 0x0301, 0x0402, 0x0302, 0x0203, 0x0201, 0x0202, 0x0101,
];

/// Every group that is asked for in a version, the usual ones first.
pub(crate) fn groups_of(version: TlsVersion) -> &'static [u16] {
    match version {
        TlsVersion::Tls13 => &[29, 23, 24, 25, 30, 0x11ec, 0x11eb, 0x11ed, 256, 257, 258, 259, 260, 31, 32, 33],
        _ => &[29, 23, 24, 25, 30, 26, 27, 28, 22, 21, 19, 20, 18, 14, 13, 12, 11, 10, 9, 7, 6, 16, 17, 15],
    }
}

/// Key shares that nobody will use: any 32 bytes are a key of x25519 (RFC 7748), and the base point is one of P-256.
fn shares(random: [u8; 32]) -> Vec<(u16, Vec<u8>)> {
    const BASE_POINT: &str = "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296\
                              4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
    vec![(29, random.to_vec()), (23, hex::decode(BASE_POINT).unwrap_or_default())]
}

/// How the server answered an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It chose.
    Chosen(Choice),
    /// It refused with this alert.
    Alert(u8),
    /// It closed or reset the connection without a word.
    Closed,
    /// It said nothing in time.
    Silence,
    /// It said something that is not TLS.
    Unreadable(String),
    /// There was no connection.
    NotConnected(ConnectError),
    /// It would not turn to TLS, in its own words.
    NoTurn(String),
}

/// The protocol in which an endpoint is asked to turn to TLS first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StartTls {
    /// SMTP (RFC 3207).
    Smtp,
    /// IMAP (RFC 2595).
    Imap,
    /// POP3 (RFC 2595).
    Pop3,
    /// FTP (RFC 4217).
    Ftp,
}

/// Where the words before TLS led to.
pub(super) fn turn(link: LinkId, via: StartTls, bench: &mut dyn Bench) -> Result<(), Answer> {
    let mut talk = starttls::StartTls::new(match via {
        StartTls::Smtp => starttls::Protocol::Smtp,
        StartTls::Imap => starttls::Protocol::Imap,
        StartTls::Pop3 => starttls::Protocol::Pop3,
        StartTls::Ftp => starttls::Protocol::Ftp,
    });
    // A mail server may take its time before it greets.
    let wait = bench.wait() * 2;
    loop {
        let step = match bench.receive(link, 4096, wait) {
            Received::Data(bytes) => talk.feed(&bytes.0),
            Received::Silence => return Err(Answer::Silence),
            Received::Closed | Received::Reset => return Err(Answer::Closed),
        };
        match step {
            starttls::Step::Wait => {}
            starttls::Step::Ready => return Ok(()),
            starttls::Step::Refused(why) => return Err(Answer::NoTurn(why)),
            starttls::Step::Send(bytes) => match bench.send(link, &bytes) {
                Ok(()) => {}
                Err(SendError::Gone) => return Err(Answer::Closed),
                Err(SendError::Limit) => return Err(Answer::NotConnected(ConnectError::Limit)),
            },
        }
    }
}

/// What a server chose from an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The version.
    pub version: TlsVersion,
    /// The suite, or for SSL 2.0 the low 16 bits of the first cipher kind.
    pub suite: u16,
    /// The group, where one shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Its number, for a named group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_id: Option<u16>,
    /// The certificates shown in clear, leaf first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<Bytes>,
    /// What else its answer shows; only where more was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signs: Option<Signs>,
}

/// What an answer shows beside the choice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signs {
    /// Numbers of the extensions of the ServerHello.
    pub extensions: Vec<u16>,
    /// The compression method.
    pub compression: u8,
    /// Whether it gave a session id.
    pub session_id: bool,
    /// Whether the random bytes end as RFC 8446 section 4.1.3 asks of a server of TLS 1.3 that agrees an older version.
    pub sentinel: bool,
    /// Whether it asks for another hello.
    #[serde(default)]
    pub retry: bool,
    /// Whether an OCSP response was stapled.
    #[serde(default)]
    pub stapled: bool,
    /// The scheme that the ephemeral key is signed with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<u16>,
}

impl Signs {
    fn of(hello: &wire::tls::ServerHello) -> Self {
        Self {
            extensions: hello.extensions.clone(),
            compression: hello.compression,
            session_id: !hello.session_id.is_empty(),
            sentinel: hello.random.ends_with(b"DOWNGRD\x01") || hello.random.ends_with(b"DOWNGRD\x00"),
            retry: hello.is_retry,
            stapled: false,
            signature: None,
        }
    }
}

/// Makes one attempt. With `whole`, waits for the whole flight of the server; else only for its choice.
pub(crate) fn attempt(
    to: Endpoint,
    host: Option<&str>,
    via: Option<StartTls>,
    offer: &Offer,
    whole: bool,
    bench: &mut dyn Bench,
) -> Answer {
    let wait = bench.wait();
    let link = match bench.connect(to, wait) {
        Ok(link) => link,
        Err(error) => return Answer::NotConnected(error),
    };
    if let Some(Err(answer)) = via.map(|via| turn(link, via, bench)) {
        bench.close(link);
        return answer;
    }
    let mut random = [0; 32];
    bench.random(&mut random);
    let answer = if to.transport == Transport::Udp {
        datagrams::ask(link, host, offer, random, whole, bench)
    } else if offer.version == TlsVersion::Ssl2 {
        ssl2(link, random, wait, bench)
    } else {
        tls(link, host, offer, random, whole, wait, bench)
    };
    bench.close(link);
    answer
}

fn tls(
    link: LinkId,
    host: Option<&str>,
    offer: &Offer,
    random: [u8; 32],
    whole: bool,
    wait: Duration,
    bench: &mut dyn Bench,
) -> Answer {
    let hello = hello_of(host, offer, random);
    let more = asks_more(offer);
    match bench.send(link, &hello.to_bytes()) {
        Ok(()) => {}
        Err(SendError::Gone) => return Answer::Closed,
        Err(SendError::Limit) => return Answer::NotConnected(ConnectError::Limit),
    }
    let mut reader = FlightReader::new();
    let mut choice: Option<Choice> = None;
    let began = bench.elapsed_millis();
    loop {
        loop {
            match reader.next_message() {
                Ok(Some(message)) => {
                    if let Some(answer) = take(message, &mut choice, whole, more) {
                        return answer;
                    }
                }
                Ok(None) => break,
                Err(error) => return choice.map_or(Answer::Unreadable(error.to_string()), Answer::Chosen),
            }
        }
        let left = wait.saturating_sub(Duration::from_millis(bench.elapsed_millis() - began));
        match bench.receive(link, 16 * 1024, left) {
            Received::Data(bytes) => reader.feed(&bytes.0),
            // What was chosen before the silence stands: the choice is what was asked.
            Received::Silence => return choice.map_or(Answer::Silence, Answer::Chosen),
            Received::Closed | Received::Reset => return choice.map_or(Answer::Closed, Answer::Chosen),
        }
    }
}

/// The hello of an offer.
fn hello_of(host: Option<&str>, offer: &Offer, random: [u8; 32]) -> ClientHello {
    let mut hello = ClientHello::offering(wire_version(offer.version), &offer.suites, random, None);
    if offer.version > TlsVersion::Ssl3 {
        hello.server_name = host.filter(|h| h.parse::<std::net::IpAddr>().is_err()).map(str::to_owned);
        hello.groups = match &offer.groups[..] {
            [] => groups_of(offer.version).to_vec(),
            chosen => chosen.to_vec(),
        };
    }
    // No share at all: RFC 8446 section 4.2.8 lets the server name its group in a HelloRetryRequest.
    if offer.shares {
        hello.key_shares = shares(random);
        hello.key_shares.retain(|(group, _)| hello.groups.contains(group));
    }
    ask_more(&mut hello, offer);
    hello
}

/// Whether what the answer shows beside the choice is wanted.
fn asks_more(offer: &Offer) -> bool {
    !offer.extras.is_empty() || !offer.signatures.is_empty()
}

/// Takes a message of the server; the answer when nothing more is needed.
fn take(message: Message, choice: &mut Option<Choice>, whole: bool, more: bool) -> Option<Answer> {
    match message {
        Message::ServerHello(hello) => {
            let Some(version) = model_version(hello.version) else {
                return Some(Answer::Unreadable(format!("chose version {}", hello.version)));
            };
            let group_id = hello.key_share_group;
            let group = group_id.map(named_group);
            let signs = more.then(|| Signs::of(&hello));
            *choice = Some(Choice { version, suite: hello.suite, group, group_id, chain: Vec::new(), signs });
            (!whole || version == TlsVersion::Tls13).then(|| choice.take().map(Answer::Chosen)).flatten()
        }
        Message::Certificate(chain) => {
            if let Some(choice) = choice {
                choice.chain = chain.into_iter().map(Bytes).collect();
            }
            None
        }
        Message::ServerKeyExchange(exchange) => {
            if let Some(choice) = choice {
                (choice.group, choice.group_id) = match exchange.ephemeral {
                    Ephemeral::NamedCurve(id) => (Some(named_group(id)), Some(id)),
                    Ephemeral::FiniteField { bits, .. } => (Some(format!("ffdhe {bits}")), None),
                    Ephemeral::ExplicitCurve => (Some("explicit curve".to_owned()), None),
                    Ephemeral::ExportRsa { bits } => (Some(format!("export rsa {bits}")), None),
                    Ephemeral::NotRead => (None, None),
                };
                if let Some(signs) = &mut choice.signs {
                    signs.signature = exchange.signature_scheme;
                }
            }
            None
        }
        Message::Alert(alert) if alert.is_fatal => {
            Some(choice.take().map_or(Answer::Alert(alert.description), Answer::Chosen))
        }
        Message::ServerHelloDone | Message::Encrypted => choice.take().map(Answer::Chosen),
        Message::Other(CERTIFICATE_STATUS) => {
            if let Some(signs) = choice.as_mut().and_then(|choice| choice.signs.as_mut()) {
                signs.stapled = true;
            }
            None
        }
        Message::Alert(_) | Message::CertificateRequest(_) | Message::Other(_) => None,
    }
}

/// The handshake message that carries a stapled response.
const CERTIFICATE_STATUS: u8 = 22;
/// TLS_FALLBACK_SCSV.
const FALLBACK: u16 = 0x5600;

fn ask_more(hello: &mut ClientHello, offer: &Offer) {
    if !offer.signatures.is_empty() {
        hello.signature_algorithms.clone_from(&offer.signatures);
    }
    for extra in &offer.extras {
        match extra {
            Extra::Compression => hello.compression = vec![1, 0],
            Extra::Fallback => hello.suites.push(FALLBACK),
            // SSL 3.0 knows no extensions.
            _ if offer.version <= TlsVersion::Ssl3 => {}
            Extra::Ticket => hello.further_extensions.push((extension::SESSION_TICKET, Vec::new())),
            Extra::Staple => hello.further_extensions.push((extension::STATUS_REQUEST, vec![1, 0, 0, 0, 0])),
            Extra::Heartbeat => hello.further_extensions.push((extension::HEARTBEAT, vec![1])),
            Extra::EncryptThenMac => hello.further_extensions.push((extension::ENCRYPT_THEN_MAC, Vec::new())),
        }
    }
}

fn ssl2(link: LinkId, random: [u8; 32], wait: Duration, bench: &mut dyn Bench) -> Answer {
    let mut challenge = [0; 16];
    challenge.copy_from_slice(&random[..16]);
    match bench.send(link, &sslv2::client_hello(challenge)) {
        Ok(()) => {}
        Err(SendError::Gone) => return Answer::Closed,
        Err(SendError::Limit) => return Answer::NotConnected(ConnectError::Limit),
    }
    let mut received = Vec::new();
    loop {
        match bench.receive(link, 16 * 1024, wait) {
            Received::Data(bytes) => received.extend_from_slice(&bytes.0),
            Received::Silence => return Answer::Silence,
            Received::Closed | Received::Reset => return Answer::Closed,
        }
        match sslv2::read_server_hello(&received) {
            Ok(Some(hello)) => {
                let suite = hello.cipher_kinds.first().map_or(0, |kind| (kind & 0xffff) as u16);
                let chain = vec![Bytes(hello.certificate)];
                let version = TlsVersion::Ssl2;
                return Answer::Chosen(Choice { version, suite, group: None, group_id: None, chain, signs: None });
            }
            Ok(None) if received.len() < 64 * 1024 => {}
            Ok(None) => return Answer::Unreadable("an endless SERVER-HELLO".to_owned()),
            Err(error) => return not_ssl2(&received, &error),
        }
    }
}

/// What came in place of a SERVER-HELLO: an alert of TLS, an ERROR of SSL 2.0, or something else.
fn not_ssl2(received: &[u8], error: &wire::Malformed) -> Answer {
    match received {
        [21, 3, _, 0, 2, _, alert, ..] => Answer::Alert(*alert),
        // ERROR is message 0 in a record of three bytes: NO-CIPHER-ERROR and its like.
        [0x80, 3, 0, ..] => Answer::Alert(40),
        _ => Answer::Unreadable(error.to_string()),
    }
}

fn named_group(group: u16) -> String {
    group_name(group).map_or_else(|| format!("0x{group:04x}"), str::to_owned)
}

pub(crate) fn wire_version(version: TlsVersion) -> Version {
    match version {
        TlsVersion::Ssl2 => Version::SSL2,
        TlsVersion::Ssl3 => Version::SSL3,
        TlsVersion::Tls10 => Version::TLS10,
        TlsVersion::Tls11 => Version::TLS11,
        TlsVersion::Tls12 => Version::TLS12,
        TlsVersion::Tls13 => Version::TLS13,
    }
}

fn model_version(version: Version) -> Option<TlsVersion> {
    TlsVersion::ALL.into_iter().find(|v| wire_version(*v) == version)
}
