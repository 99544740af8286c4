//! Short talks with services that show only after a few words who may use them: SSH, Telnet, FTP, RTSP, MQTT.
//!
//! No credential is tried: SSH is asked which methods it would take, FTP is given a user name and no password. Streams are
//! described, not played; a broker is asked for what it holds and for what passes by, and is given nothing.

mod groups;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use model::{AuthScheme, Endpoint};
use serde::{Deserialize, Serialize};
use wire::mqtt::Packet;
use wire::ssh::login::{Event, HostKey, Login, Randomness, Signature};
use wire::telnet::{Negotiator, Prompt, prompt};

pub use groups::GroupAsked;
pub(super) use groups::read as read_groups;

use crate::{Bench, Bytes, LinkId, Received, TlsWish};

/// Rounds of receiving in one talk.
const MOST_ROUNDS: usize = 24;
const MOST_BYTES: usize = 16 * 1024;
/// The user name that FTP is given; nobody has it.
const NOBODY: &str = "assay-nobody";

/// What a talk told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialogue {
    /// Where.
    pub endpoint: Endpoint,
    /// The protocol spoken: `ssh`, `telnet`, `ftp`, `rtsp`, `mqtt`.
    pub protocol: String,
    /// Text it showed, without negotiation.
    pub text: Bytes,
    /// How it asks for a credential.
    pub asks: Vec<AuthScheme>,
    /// Functions that were tried without a credential.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<Tried>,
    /// SSH algorithm lists, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub offers: BTreeMap<String, Vec<String>>,
    /// SSH host keys: kind, size in bits, fingerprint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub host_keys: Vec<(String, u32, String)>,
    /// What became of questions for SSH groups of a size, smallest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupAsked>,
}

/// A function that was tried without a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// The function: `DESCRIBE /`, `SUBSCRIBE #`.
    pub function: String,
    /// Whether it was performed.
    pub granted: bool,
    /// How that was told, one line.
    pub told_by: String,
}

/// Talks with an endpoint that was recognised; none for protocols without such a talk, or without a connection.
pub fn talk(bench: &mut dyn Bench, endpoint: Endpoint, tls: Option<&TlsWish>, protocol: &str) -> Option<Dialogue> {
    if !matches!(protocol, "ssh" | "telnet" | "ftp" | "rtsp" | "mqtt") {
        return None;
    }
    let mut dialogue = Dialogue {
        endpoint,
        protocol: protocol.to_owned(),
        text: Bytes::default(),
        asks: Vec::new(),
        tried: Vec::new(),
        offers: BTreeMap::new(),
        host_keys: Vec::new(),
        groups: Vec::new(),
    };
    let wait = bench.wait();
    let link = bench.connect(endpoint, wait).ok()?;
    if tls.is_none_or(|wish| bench.secure(link, wish).is_ok()) {
        match protocol {
            "ssh" => ssh(bench, link, &mut dialogue),
            "telnet" => telnet(bench, link, &mut dialogue),
            "ftp" => ftp(bench, link, &mut dialogue),
            "mqtt" => mqtt(bench, link, &mut dialogue),
            _ => rtsp(bench, link, &mut dialogue),
        }
    }
    bench.close(link);
    if protocol == "ssh" {
        further_host_keys(bench, endpoint, tls, &mut dialogue);
        groups::ask(bench, endpoint, tls, &mut dialogue);
    }
    dialogue.text.0.truncate(MOST_BYTES);
    Some(dialogue)
}

fn ssh(bench: &mut dyn Bench, link: LinkId, dialogue: &mut Dialogue) {
    let begun = |randomness| Login::new(NOBODY, randomness);
    log_in(bench, link, begun, &mut |event| match event {
        Event::Offered(offer) => {
            dialogue.offers = lists(&offer);
            true
        }
        Event::HostKey(key) => {
            keep(&key, dialogue);
            true
        }
        Event::Banner(text) => {
            dialogue.text.0.extend(text.into_bytes());
            true
        }
        Event::Methods(methods) => {
            dialogue.asks = methods.iter().filter_map(|method| scheme(method)).collect();
            dialogue.asks.dedup();
            false
        }
        other => goes_on(&other),
    });
}

/// Goes through a login until `each` has what it wants, or there is no more.
fn log_in(
    bench: &mut dyn Bench,
    link: LinkId,
    begun: impl FnOnce(Randomness) -> (Login, Vec<u8>),
    each: &mut dyn FnMut(Event) -> bool,
) {
    let mut randomness = Randomness { cookie: [0; 16], secret: [0; 32] };
    bench.random(&mut randomness.cookie);
    bench.random(&mut randomness.secret);
    let (mut login, mut send) = begun(randomness);
    for _ in 0..MOST_ROUNDS {
        if !send.is_empty() && bench.send(link, &send).is_err() {
            return;
        }
        // Some servers take their time after a refusal.
        let wait = bench.wait() * 2;
        let Received::Data(bytes) = bench.receive(link, MOST_BYTES, wait) else { return };
        let Ok(step) = login.feed(&bytes.0) else { return };
        send = step.send;
        if !step.events.into_iter().all(&mut *each) {
            return;
        }
    }
}

fn goes_on(event: &Event) -> bool {
    !matches!(event, Event::Accepted { .. } | Event::NothingInCommon(_) | Event::Disconnected(..))
}

/// Host keys whose size their name does not tell are asked for one by one; no user is named.
fn further_host_keys(bench: &mut dyn Bench, endpoint: Endpoint, tls: Option<&TlsWish>, dialogue: &mut Dialogue) {
    const KINDS: [(&str, &[&str]); 2] =
        [("ssh-rsa", &["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"]), ("ssh-dss", &["ssh-dss"])];
    for (kind, algorithms) in KINDS {
        let offered = dialogue
            .offers
            .get("host-key")
            .is_some_and(|names| names.iter().any(|name| algorithms.contains(&name.as_str())));
        if !offered || dialogue.host_keys.iter().any(|(known, ..)| known == kind) {
            continue;
        }
        let wait = bench.wait();
        let Ok(link) = bench.connect(endpoint, wait) else { continue };
        if tls.is_none_or(|wish| bench.secure(link, wish).is_ok()) {
            host_key(bench, link, algorithms, dialogue);
        }
        bench.close(link);
    }
}

fn host_key(bench: &mut dyn Bench, link: LinkId, algorithms: &'static [&'static str], dialogue: &mut Dialogue) {
    let begun = |randomness| Login::asking_for(NOBODY, randomness, algorithms);
    log_in(bench, link, begun, &mut |event| match event {
        Event::HostKey(key) => {
            keep(&key, dialogue);
            false
        }
        other => goes_on(&other),
    });
}

/// A key under a wrong signature is nobody's. Of kinds that cannot be verified here, the key is kept as it is shown.
fn keep(key: &HostKey, dialogue: &mut Dialogue) {
    if key.signature != Signature::Wrong {
        let bits = u32::try_from(key.bits).unwrap_or(u32::MAX);
        dialogue.host_keys.push((key.kind.clone(), bits, key.fingerprint.clone()));
    }
}

fn scheme(method: &str) -> Option<AuthScheme> {
    match method {
        "password" | "keyboard-interactive" => Some(AuthScheme::SshPassword),
        "publickey" => Some(AuthScheme::SshPublicKey),
        _ => None,
    }
}

fn lists(offer: &wire::ssh::Algorithms) -> BTreeMap<String, Vec<String>> {
    [
        ("key-exchange", &offer.key_exchange),
        ("host-key", &offer.host_key),
        ("encryption-to-server", &offer.ciphers_to_server),
        ("encryption-to-client", &offer.ciphers_to_client),
        ("mac-to-server", &offer.macs_to_server),
        ("mac-to-client", &offer.macs_to_client),
        ("compression-to-server", &offer.compression_to_server),
        ("compression-to-client", &offer.compression_to_client),
    ]
    .into_iter()
    .map(|(name, list)| (name.to_owned(), list.clone()))
    .collect()
}

fn telnet(bench: &mut dyn Bench, link: LinkId, dialogue: &mut Dialogue) {
    let mut negotiator = Negotiator::new();
    let mut nudged = false;
    for _ in 0..MOST_ROUNDS {
        let wait = bench.wait();
        match bench.receive(link, MOST_BYTES, wait) {
            Received::Data(bytes) => {
                let fed = negotiator.feed(&bytes.0);
                dialogue.text.0.extend(fed.text);
                if !fed.reply.is_empty() && bench.send(link, &fed.reply).is_err() {
                    return;
                }
            }
            // Some wait for a key before they ask.
            Received::Silence if !nudged => {
                nudged = true;
                if bench.send(link, b"\r\n").is_err() {
                    return;
                }
            }
            _ => return,
        }
        match prompt(&dialogue.text.0) {
            Some(Prompt::Username | Prompt::Password) => {
                dialogue.asks = vec![AuthScheme::TelnetLogin];
                return;
            }
            Some(Prompt::Shell) => return,
            None => {}
        }
        if dialogue.text.0.len() > MOST_BYTES {
            return;
        }
    }
}

fn ftp(bench: &mut dyn Bench, link: LinkId, dialogue: &mut Dialogue) {
    if reply(bench, link, dialogue).is_none() {
        return;
    }
    if bench.send(link, &wire::ftp::command("USER", NOBODY)).is_ok()
        && matches!(reply(bench, link, dialogue), Some(331 | 332 | 530))
    {
        dialogue.asks = vec![AuthScheme::Ftp];
    }
    bench.send(link, &wire::ftp::command("QUIT", "")).ok();
}

fn reply(bench: &mut dyn Bench, link: LinkId, dialogue: &mut Dialogue) -> Option<u16> {
    let mut heard = Vec::new();
    for _ in 0..MOST_ROUNDS {
        if let Some((reply, _)) = wire::ftp::Reply::read(&heard).ok()? {
            dialogue.text.0.extend(&heard);
            return Some(reply.code);
        }
        let wait: Duration = bench.wait() * 2;
        let Received::Data(bytes) = bench.receive(link, MOST_BYTES, wait) else { return None };
        heard.extend(bytes.0);
    }
    None
}

/// Where cameras keep their streams; the first one that answers is enough.
const STREAMS: [&str; 14] = [
    "/",
    "/live",
    "/stream1",
    "/stream",
    "/live.sdp",
    "/h264",
    "/11",
    "/onvif1",
    "/cam/realmonitor?channel=1&subtype=0",
    "/Streaming/Channels/101",
    "/live/ch00_0",
    "/ch0_0.h264",
    "/videoMain",
    "/axis-media/media.amp",
];

/// Asks for the description of one stream after the other, until one is there or a credential is asked for.
fn rtsp(bench: &mut dyn Bench, link: LinkId, dialogue: &mut Dialogue) {
    let host = match dialogue.endpoint.address {
        IpAddr::V4(address) => format!("{address}:{}", dialogue.endpoint.port),
        IpAddr::V6(address) => format!("[{address}]:{}", dialogue.endpoint.port),
    };
    for (sequence, path) in (1..).zip(STREAMS) {
        let request = wire::rtsp::describe(&format!("rtsp://{host}{path}"), sequence);
        if bench.send(link, &request.to_bytes()).is_err() {
            return;
        }
        let wait = bench.wait();
        let Received::Data(bytes) = bench.receive(link, MOST_BYTES, wait) else { return };
        let status = bytes.0.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<u16>().ok());
        let Some(status) = status.filter(|_| bytes.0.starts_with(b"RTSP/1.0 ")) else { return };
        let tried = |granted| Tried { function: format!("DESCRIBE {path}"), granted, told_by: status.to_string() };
        match status {
            200..=299 => dialogue.tried.push(tried(true)),
            401 => {
                dialogue.asks = vec![AuthScheme::Rtsp];
                dialogue.tried.push(tried(false));
            }
            403 => dialogue.tried.push(tried(false)),
            // Nothing there: the next one.
            400 | 404 | 415 | 451 | 454 | 500..=599 => {
                if dialogue.text.0.is_empty() {
                    dialogue.text = bytes;
                }
                continue;
            }
            _ => {}
        }
        dialogue.text = bytes;
        return;
    }
}

/// Messages of a broker that are kept.
const MOST_MESSAGES: usize = 64;

/// Subscribes to what a broker tells of itself and to everything else, and reads for a moment.
fn mqtt(bench: &mut dyn Bench, link: LinkId, dialogue: &mut Dialogue) {
    let version = wire::mqtt::Version::V311;
    let mut name = [0; 4];
    bench.random(&mut name);
    let connect = wire::mqtt::connect(version, &format!("assay-{}", hex::encode(name)), None, 30);
    if bench.send(link, &connect).is_err() {
        return;
    }
    let mut heard = Vec::new();
    let Some(Packet::ConnAck { code, .. }) = packet(bench, link, &mut heard) else { return };
    if code != 0 {
        return;
    }
    const FILTERS: [&str; 2] = ["$SYS/#", "#"];
    if bench.send(link, &wire::mqtt::subscribe(version, 1, &FILTERS)).is_err() {
        return;
    }
    let mut messages = 0;
    let mut codes = Vec::new();
    while messages < MOST_MESSAGES && dialogue.text.0.len() < MOST_BYTES {
        match packet(bench, link, &mut heard) {
            Some(Packet::SubAck { codes: given, .. }) => codes = given,
            Some(Packet::Publish { topic, payload, .. }) => {
                messages += 1;
                let payload = wire::text::visible(&payload, 400);
                dialogue
                    .text
                    .0
                    .extend(format!("{}={payload}\n", wire::text::visible_str(&topic, 200)).into_bytes());
            }
            Some(_) => {}
            None => break,
        }
    }
    for (filter, code) in FILTERS.iter().zip(codes) {
        let told_by = format!("the subscription was answered with {code}; {messages} messages came");
        let function = format!("SUBSCRIBE {filter}");
        dialogue.tried.push(Tried { function, granted: code < 0x80, told_by });
    }
    bench.send(link, &wire::mqtt::disconnect()).ok();
}

/// The next packet of a broker; none when it falls silent, leaves, or speaks no MQTT.
fn packet(bench: &mut dyn Bench, link: LinkId, heard: &mut Vec<u8>) -> Option<Packet> {
    for _ in 0..MOST_ROUNDS {
        if let Some((packet, used)) = wire::mqtt::read(heard, wire::mqtt::Version::V311).ok()? {
            heard.drain(..used);
            return Some(packet);
        }
        let wait = bench.wait();
        let Received::Data(bytes) = bench.receive(link, MOST_BYTES, wait) else { return None };
        heard.extend(bytes.0);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::ScriptedBench;

    fn at(port: u16) -> Endpoint {
        Endpoint::tcp("192.0.2.7".parse().unwrap(), port)
    }

    #[test]
    fn a_telnet_prompt_behind_negotiation_is_seen() {
        let mut bench = ScriptedBench::refusing().answering(23, |heard| match heard {
            b"" => Some(b"\xff\xfd\x18".to_vec()),
            b"\xff\xfc\x18" => Some(b"BusyBox v1.19\r\nplug login: ".to_vec()),
            _ => None,
        });
        let dialogue = talk(&mut bench, at(23), None, "telnet").unwrap();
        assert_eq!(dialogue.asks, [AuthScheme::TelnetLogin]);
        assert!(dialogue.text.text().starts_with("BusyBox"));
    }

    #[test]
    fn a_telnet_shell_without_login_asks_for_nothing() {
        let mut bench = ScriptedBench::refusing().answering(23, |_| Some(b"# ".to_vec()));
        assert_eq!(talk(&mut bench, at(23), None, "telnet").unwrap().asks, []);
    }

    #[test]
    fn ftp_that_wants_a_password_asks_for_a_credential() {
        let mut bench = ScriptedBench::refusing().answering(21, |heard| match heard {
            b"" => Some(b"220 ready\r\n".to_vec()),
            heard if heard.starts_with(b"USER") => Some(b"331 Password please\r\n".to_vec()),
            _ => None,
        });
        assert_eq!(talk(&mut bench, at(21), None, "ftp").unwrap().asks, [AuthScheme::Ftp]);
    }

    #[test]
    fn rtsp_that_answers_401_asks_for_a_credential() {
        let mut bench = ScriptedBench::refusing()
            .answering(554, |heard| (!heard.is_empty()).then(|| b"RTSP/1.0 401 Unauthorized\r\n\r\n".to_vec()));
        let dialogue = talk(&mut bench, at(554), None, "rtsp").unwrap();
        assert_eq!(dialogue.asks, [AuthScheme::Rtsp]);
        let tried: Vec<_> = dialogue.tried.iter().map(|one| (one.function.as_str(), one.granted)).collect();
        assert_eq!(tried, [("DESCRIBE /", false)]);
    }

    #[test]
    fn streams_are_tried_one_by_one_until_one_is_described() {
        let mut bench = ScriptedBench::refusing().answering(554, |heard| match heard {
            b"" => None,
            heard if heard.windows(8).any(|part| part == b"/stream1") => {
                Some(b"RTSP/1.0 200 OK\r\n\r\nv=0\r\n".to_vec())
            }
            _ => Some(b"RTSP/1.0 404 Not Found\r\n\r\n".to_vec()),
        });
        let dialogue = talk(&mut bench, at(554), None, "rtsp").unwrap();
        let tried: Vec<_> = dialogue.tried.iter().map(|one| (one.function.as_str(), one.granted)).collect();
        assert_eq!(tried, [("DESCRIBE /stream1", true)]);
    }
}
