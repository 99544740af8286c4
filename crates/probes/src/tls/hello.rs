//! One handshake attempt: an offer, and how the server answered it. No key is ever agreed.

use std::time::Duration;

use model::{Endpoint, TlsVersion};
use serde::{Deserialize, Serialize};
use wire::tls::{ClientHello, Ephemeral, FlightReader, Message, Version, group_name, sslv2};

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
}

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
}

/// Makes one attempt. With `whole`, waits for the whole flight of the server; else only for its choice.
pub(crate) fn attempt(
    to: Endpoint,
    host: Option<&str>,
    offer: &Offer,
    whole: bool,
    bench: &mut dyn Bench,
) -> Answer {
    let wait = bench.wait();
    let link = match bench.connect(to, wait) {
        Ok(link) => link,
        Err(error) => return Answer::NotConnected(error),
    };
    let mut random = [0; 32];
    bench.random(&mut random);
    let answer = if offer.version == TlsVersion::Ssl2 {
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
                    if let Some(answer) = take(message, &mut choice, whole) {
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

/// Takes a message of the server; the answer when nothing more is needed.
fn take(message: Message, choice: &mut Option<Choice>, whole: bool) -> Option<Answer> {
    match message {
        Message::ServerHello(hello) => {
            let Some(version) = model_version(hello.version) else {
                return Some(Answer::Unreadable(format!("chose version {}", hello.version)));
            };
            let group_id = hello.key_share_group;
            let group = group_id.map(named_group);
            *choice = Some(Choice { version, suite: hello.suite, group, group_id, chain: Vec::new() });
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
            }
            None
        }
        Message::Alert(alert) if alert.is_fatal => {
            Some(choice.take().map_or(Answer::Alert(alert.description), Answer::Chosen))
        }
        Message::ServerHelloDone | Message::Encrypted => choice.take().map(Answer::Chosen),
        Message::Alert(_) | Message::CertificateRequest(_) | Message::Other(_) => None,
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
                return Answer::Chosen(Choice { version, suite, group: None, group_id: None, chain });
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
