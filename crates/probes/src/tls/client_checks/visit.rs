//! One connection of the product: what it offered, what it was shown, what it did.

use std::time::Duration;

use ring::agreement::{ECDH_P256, EphemeralPrivateKey};
use ring::rand::SystemRandom;
use serde::{Deserialize, Serialize};
use wire::tls::old_server::{self, Answer, AnswerReader};
use wire::tls::server::Choice;
use wire::tls::{ClientHello, Version, alert_name, fatal_alert, parse_client_hello_record};

use super::forge::Chain;
use super::keys::Key;
use super::series::{Offer, Shown};
use crate::{Arrival, Bench, Bytes, Face, LinkId, Received, ServeError};

/// A connection, as the log keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Visit {
    /// The port it came to.
    pub(super) port: u16,
    /// Milliseconds since the bench was set up.
    pub(super) at: u64,
    /// What it offered, where it spoke TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) offer: Option<Offer>,
    /// What it was shown, where something was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) shown: Option<String>,
    /// What became of it.
    pub(super) came: Came,
    /// First application bytes.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub(super) data: Bytes,
    /// Application bytes that were heard.
    #[serde(default)]
    pub(super) octets: u64,
    /// The certificates that it showed; none where it was not asked, or did not get to the end of the handshake.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) client: Option<Vec<Bytes>>,
}

fn is_empty(bytes: &Bytes) -> bool {
    bytes.0.is_empty()
}

impl Visit {
    /// Whether it offered TLS.
    pub(super) fn offered(&self) -> bool {
        self.offer.is_some()
    }
}

/// What became of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Came {
    /// It said nothing.
    Wordless,
    /// It began in clear.
    InClear,
    /// What it began with is cut or cannot be read.
    Unreadable,
    /// It ended with this alert before the handshake was over.
    Alerted(String),
    /// It closed before the handshake was over.
    Closed,
    /// It neither went on nor closed before the handshake was over.
    Silent,
    /// The bench could not show it: why.
    NotShown(String),
    /// It went on with the key exchange of an old version.
    WentOn,
    /// It finished the handshake and sent application data.
    Sent,
    /// It finished the handshake and closed without application data.
    ClosedAfter,
    /// It finished the handshake and neither sent nor closed.
    SilentAfter,
    /// It was answered in clear and sent data in clear.
    WentOnInClear,
}

/// What the visit asks of the series.
pub(super) trait Lines {
    /// The next check for this offer, and how often it was shown before.
    fn choose(&mut self, port: u16, offer: &Offer) -> Option<(Shown, u32)>;
    /// What was prepared for a check of this offer.
    fn ready(&self, port: u16, shown: Shown, offer: &Offer) -> Option<&Ready>;
}

/// A chain, ready to be shown.
pub(super) struct Ready {
    pub(super) face: Face,
    pub(super) chain: Chain,
}

/// Bytes of application data that are kept.
const MOST_KEPT: usize = 512;
/// Bytes that are waited for once data comes.
const MOST_HEARD: usize = 8192;
/// The least time that a client is given for its next word.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Shows one connection what is next.
pub(super) fn attend(arrival: Arrival, lines: &mut dyn Lines, at: u64, bench: &mut dyn Bench) -> Visit {
    let mut visit = Visit {
        port: arrival.port,
        at,
        offer: None,
        shown: None,
        came: Came::Wordless,
        data: Bytes::default(),
        octets: 0,
        client: None,
    };
    let within = bench.wait().max(PATIENCE);
    let hello = match first_words(arrival.link, within, bench) {
        First::Hello(hello) => hello,
        First::Nothing => return visit,
        First::Unreadable => return Visit { came: Came::Unreadable, ..visit },
        First::Clear(data) => {
            visit.came = Came::InClear;
            return heard(visit, data, arrival.link, bench);
        }
    };
    let offer = Offer::of(&hello);
    let chosen = lines.choose(arrival.port, &offer);
    visit.offer = Some(offer.clone());
    let Some((shown, before)) = chosen else {
        visit.came = Came::NotShown("nothing is left to show at this port".to_owned());
        return visit;
    };
    visit.shown = Some(shown.as_str().to_owned());
    match (shown, lines.ready(arrival.port, shown, &offer)) {
        (Shown::Plain, _) => plain(visit, before, arrival.link, within, bench),
        (Shown::Old(version), Some(ready)) => {
            visit.came = match old(&hello, version, &ready.chain, bench) {
                Ok(flight) => old_answer(&flight, arrival.link, within, bench),
                Err(why) => Came::NotShown(why),
            };
            visit
        }
        (_, Some(ready)) => {
            // A certificate is asked for every second time, so that each is shown in both ways.
            let face = Face { asks: before % 2 == 1, ..ready.face.clone() };
            modern(visit, &face, arrival.link, within, bench)
        }
        (_, None) => {
            visit.came = Came::NotShown("it could not be prepared".to_owned());
            visit
        }
    }
}

enum First {
    Hello(Box<ClientHello>),
    Clear(Vec<u8>),
    Unreadable,
    Nothing,
}

/// What a client begins with.
fn first_words(link: LinkId, within: Duration, bench: &mut dyn Bench) -> First {
    let mut heard = Vec::new();
    loop {
        match bench.receive(link, 16 * 1024, within) {
            Received::Data(bytes) => heard.extend(bytes.0),
            _ if heard.is_empty() => return First::Nothing,
            _ => return if heard[0] == 22 { First::Unreadable } else { First::Clear(heard) },
        }
        // A handshake record of SSL 3 or TLS; SSL 2 begins otherwise, and no client of today sends it.
        let is_tls = heard[0] == 22 && heard.get(1).is_none_or(|major| *major == 3);
        if !is_tls {
            return First::Clear(heard);
        }
        match parse_client_hello_record(&heard) {
            Ok(Some(hello)) => return First::Hello(Box::new(hello)),
            Ok(None) if heard.len() < MOST_HEARD * 4 => {}
            _ => return First::Unreadable,
        }
    }
}

/// Keeps application data, with what follows at once.
fn heard(mut visit: Visit, first: Vec<u8>, link: LinkId, bench: &mut dyn Bench) -> Visit {
    let mut all = first;
    while all.len() < MOST_HEARD {
        match bench.receive(link, MOST_HEARD, Duration::from_millis(30)) {
            Received::Data(bytes) => all.extend(bytes.0),
            _ => break,
        }
    }
    visit.octets = all.len() as u64;
    visit.data = Bytes::bounded(&all, MOST_KEPT);
    visit
}

fn modern(mut visit: Visit, face: &Face, link: LinkId, within: Duration, bench: &mut dyn Bench) -> Visit {
    visit.came = match bench.serve(link, face, within) {
        Err(ServeError::Alerted(alert)) => Came::Alerted(alert),
        Err(ServeError::Gone) => Came::Closed,
        Err(ServeError::Silence) => Came::Silent,
        Err(ServeError::NotTls) => Came::Unreadable,
        Err(ServeError::Unfit(why)) => Came::NotShown(why),
        Ok(served) => {
            visit.client = face.asks.then_some(served.client);
            match bench.receive(link, MOST_HEARD, within) {
                Received::Data(bytes) => {
                    visit.came = Came::Sent;
                    return heard(visit, bytes.0, link, bench);
                }
                Received::Silence => Came::SilentAfter,
                Received::Closed | Received::Reset => Came::ClosedAfter,
            }
        }
    };
    visit
}

/// No TLS: an answer in clear, or, every second time, a refusal that may drive a client to its port in clear.
fn plain(mut visit: Visit, before: u32, link: LinkId, within: Duration, bench: &mut dyn Bench) -> Visit {
    const HANDSHAKE_FAILURE: u8 = 40;
    if before % 2 == 1 {
        bench.send(link, &fatal_alert(Version::TLS12, HANDSHAKE_FAILURE)).ok();
        visit.came = Came::Closed;
        return visit;
    }
    bench.send(link, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").ok();
    visit.came = match bench.receive(link, MOST_HEARD, within) {
        Received::Data(bytes) => match bytes.0.as_slice() {
            // Alert, version, length, level, description.
            [21, 3, _, 0, 2, _, description, ..] => Came::Alerted(named(*description)),
            [20..=24, 3, ..] => Came::Closed,
            _ => {
                visit.came = Came::WentOnInClear;
                return heard(visit, bytes.0, link, bench);
            }
        },
        Received::Silence => Came::Silent,
        Received::Closed | Received::Reset => Came::Closed,
    };
    visit
}

fn named(description: u8) -> String {
    alert_name(description).map_or_else(|| description.to_string(), str::to_owned)
}

/// The first flight of an old version for this offer, or why there is none.
fn old(hello: &ClientHello, version: Version, chain: &Chain, bench: &mut dyn Bench) -> Result<Vec<u8>, String> {
    let suite = match old_server::suite(hello, version) {
        Some(suite) => suite,
        // Whatever is chosen, an offer without a suite for the version cannot be agreed on.
        None if !old_server::could_agree(hello) => old_server::SUITES[4],
        None => return Err(format!("it offers no suite of {version} that fits an RSA certificate")),
    };
    let mut random = [0; 32];
    bench.random(&mut random);
    let choice = Choice { version, suite, random };
    if !old_server::is_ephemeral(suite) {
        return Ok(old_server::flight(hello, &choice, &chain.certificates, None));
    }
    let failed = |_| "a key cannot be made".to_owned();
    let key = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).map_err(failed)?;
    let parameters = old_server::ephemeral(key.compute_public_key().map_err(failed)?.as_ref());
    let Key::Rsa(signer) = &chain.key else { return Err("the key of the chain is no RSA key".to_owned()) };
    let signature = signer.md5_and_sha1(&old_server::to_be_signed(&hello.random, &random, &parameters))?;
    Ok(old_server::flight(hello, &choice, &chain.certificates, Some((&parameters, &signature))))
}

fn old_answer(flight: &[u8], link: LinkId, within: Duration, bench: &mut dyn Bench) -> Came {
    if bench.send(link, flight).is_err() {
        return Came::Closed;
    }
    let mut reader = AnswerReader::default();
    loop {
        match bench.receive(link, MOST_HEARD, within) {
            Received::Data(bytes) => reader.feed(&bytes.0),
            Received::Silence => return Came::Silent,
            Received::Closed | Received::Reset => return Came::Closed,
        }
        match reader.next_answer() {
            Ok(None) => {}
            Ok(Some(Answer::WentOn)) => return Came::WentOn,
            Ok(Some(Answer::Alerted(alert))) => return Came::Alerted(named(alert.description)),
            Err(_) => return Came::Unreadable,
        }
    }
}
