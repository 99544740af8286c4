//! One handshake attempt: an offer, and how the server answered it. No key is ever agreed.

use std::time::Duration;

use model::{Endpoint, TlsVersion};
use serde::{Deserialize, Serialize};
use wire::tls::{ClientHello, Ephemeral, FlightReader, Message, Version, extension, group_name, sslv2};

use crate::{Bench, Bytes, ConnectError, LinkId, Received};

/// What one attempt offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The only version offered.
    pub version: TlsVersion,
    /// Suites in order.
    pub suites: Vec<u16>,
    /// Groups in order; the usual ones when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<u16>,
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
        if !offer.groups.is_empty() {
            hello.groups.clone_from(&offer.groups);
        }
    }
    if offer.version == TlsVersion::Tls13 {
        // No share at all: RFC 8446 section 4.2.8 lets the server name its group in a HelloRetryRequest.
        hello.key_shares = Vec::new();
        hello.further_extensions.push((extension::KEY_SHARE, vec![0, 0]));
    }
    if bench.send(link, &hello.to_bytes()).is_err() {
        return Answer::Closed;
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
            let group = group_id.map(named);
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
                    Ephemeral::NamedCurve(id) => (Some(named(id)), Some(id)),
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
    if bench.send(link, &sslv2::client_hello(challenge)).is_err() {
        return Answer::Closed;
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
            // An alert record or anything else that is no SERVER-HELLO refuses SSL 2.0.
            Ok(None) | Err(_) => return Answer::Closed,
        }
    }
}

fn named(group: u16) -> String {
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
