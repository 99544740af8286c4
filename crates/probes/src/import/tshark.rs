//! Conversations in packets that tshark decoded, from its JSON (`tshark -r FILE -T json`), read packet by packet.
//!
//! A capture itself tells more than tshark's reading of it: where there is one, import that. Here the protocol is the one
//! that tshark names, and TLS counts as protection only where both hellos and data behind them were seen.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::net::IpAddr;

use model::{
    ClearContent, Conversation, Endpoint, Fact, Opened, Period, Protection, ShortfallKind, Timestamp, TlsVersion,
    Touches, Transport, private,
};
use serde::Deserialize as _;
use serde::de::{DeserializeSeed, Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use wire::text::visible_str;

use super::about::Book;
use super::json::text;
use super::{About, ImportError, Imported, Importer};
use crate::{Card, Need};

/// The card.
pub const CARD: Card = Card {
    id: "import.tshark",
    revision: 1,
    asks: "Which conversations of the product did tshark decode, and what protected them?",
    yields: &["conversation", "clear-content"],
    touches: Touches::Nothing,
    needs: &[Need::File],
};

/// The importer.
pub const IMPORTER: Importer = Importer {
    card: &CARD,
    format: "tshark",
    reads: "JSON of tshark (`-T json`)",
    level: model::Level::Imported,
    per_address: false,
    sniff: |begins| {
        let text = String::from_utf8_lossy(begins);
        text.trim_start().starts_with('[') && ["\"_source\"", "\"layers\""].iter().all(|word| text.contains(word))
    },
    interpret,
};

const OF: &str = "traffic";
/// Conversations that are kept apart.
const MOST: usize = 10_000;
/// Readable things that are kept.
const MOST_CLEAR: usize = 1_000;
/// Protocols that are readable by whoever listens.
const CLEAR: [&str; 12] =
    ["coap", "dns", "ftp", "http", "imap", "mdns", "mqtt", "pop", "rtsp", "smtp", "snmp", "telnet"];
/// Fields that hold a credential in clear, with where it stands.
const CREDENTIALS: [(&str, &str, &str); 5] = [
    ("http", "http.authorization", "Authorization"),
    ("mqtt", "mqtt.passwd", "CONNECT password"),
    ("snmp", "snmp.community", "community"),
    ("pop", "pop.request.parameter", "parameter of a command"),
    ("rtsp", "rtsp.auth", "Authorization"),
];

fn interpret(file: &mut dyn Read, parameters: &Value) -> Result<Imported, ImportError> {
    let about = About::deserialize(parameters)?;
    let mut heard = Heard {
        ours: std::iter::once(about.address).chain(about.also.iter().copied()).collect(),
        ..Heard::default()
    };
    let buffered = std::io::BufReader::with_capacity(256 << 10, file);
    let mut reader = serde_json::Deserializer::from_reader(buffered);
    let broken = reader.deserialize_seq(Packets(&mut heard)).err();
    if heard.packets == 0 {
        let why = broken.map_or("it holds no packet".to_owned(), |error| error.to_string());
        return Err(ImportError::NotThis { format: IMPORTER.format, why });
    }
    let mut book = Book::new(&about);
    if let Some(error) = broken {
        let text = format!("the file breaks off after {} packets: line {}", heard.packets, error.line());
        book.short(ShortfallKind::Unreadable, OF, None, text);
    }
    if heard.of_others > 0 {
        let text = format!(
            "{} packets are of no address of the target, or of no address that tshark names",
            heard.of_others
        );
        book.short(ShortfallKind::Missing, "hosts", None, text);
    }
    if heard.left_out > 0 {
        let text = format!("{} packets of further conversations are left out", heard.left_out);
        book.short(ShortfallKind::Limit, OF, None, text);
    }
    let flows = std::mem::take(&mut heard.flows);
    let about_target = !flows.is_empty();
    for flow in flows.into_values() {
        book.fact(Fact::Conversation(flow.conversation(&heard.names)));
    }
    for clear in heard.clear {
        book.fact(Fact::ClearContent(clear));
    }
    let measured = heard.first.zip(heard.last).map(|(from, until)| Period { from, until });
    Ok(Imported { tool: Some("tshark".to_owned()), measured, about_target, ..book.finish() })
}

/// What was heard so far.
#[derive(Default)]
struct Heard {
    ours: Vec<IpAddr>,
    packets: u64,
    of_others: u64,
    left_out: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    flows: BTreeMap<(Endpoint, IpAddr), Flow>,
    names: BTreeMap<IpAddr, String>,
    clear: Vec<ClearContent>,
}

/// The array of packets, one at a time.
struct Packets<'h>(&'h mut Heard);

impl<'de> Visitor<'de> for Packets<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("packets of tshark")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut packets: A) -> Result<(), A::Error> {
        while packets.next_element_seed(Packet(self.0))?.is_some() {}
        Ok(())
    }
}

struct Packet<'h>(&'h mut Heard);

impl<'de> DeserializeSeed<'de> for Packet<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        let Repeating(packet) = Repeating::deserialize(reader)?;
        if let Some(layers) = packet.pointer("/_source/layers") {
            self.0.packet(layers);
        }
        Ok(())
    }
}

/// A value in which a member that stands twice is an array of both: tshark writes each record of a packet under one name.
struct Repeating(Value);

impl<'de> serde::Deserialize<'de> for Repeating {
    fn deserialize<D: serde::Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(Repeats).map(Repeating)
    }
}

struct Repeats;

impl<'de> Visitor<'de> for Repeats {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Repeating(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = serde_json::Map::new();
        while let Some((name, Repeating(value))) = members.next_entry::<String, Repeating>()? {
            match map.get_mut(&name) {
                None => {
                    map.insert(name, value);
                }
                Some(Value::Array(all)) => all.push(value),
                Some(first) => *first = Value::Array(vec![first.take(), value]),
            }
        }
        Ok(Value::Object(map))
    }
}

impl Heard {
    fn packet(&mut self, layers: &Value) {
        self.packets += 1;
        let at = layers.get("frame").and_then(|frame| epoch(text(frame, "frame.time_epoch")));
        let Some(at) = at else {
            self.of_others += 1;
            return;
        };
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = Some(self.last.map_or(at, |last| last.max(at)));
        let Some(segment) = Segment::of(layers) else {
            self.of_others += 1;
            return;
        };
        let Segment { from, to, .. } = segment;
        let (sent, received) = (self.ours.contains(&from.address), self.ours.contains(&to.address));
        if !sent && !received {
            self.of_others += 1;
            return;
        }
        let named = self.names.len() < MOST;
        answers(layers, &mut |address, name| {
            if named {
                self.names.insert(address, name);
            }
        });
        // The first packet that shows who opened it decides; before that the lower port is taken for the server's.
        let known = [(to, from.address), (from, to.address)].into_iter().find(|key| self.flows.contains_key(key));
        let key = known.unwrap_or(match segment.opens {
            true => (to, from.address),
            false if from.port < to.port => (from, to.address),
            false => (to, from.address),
        });
        if known.is_none() && self.flows.len() == MOST {
            self.left_out += 1;
            return;
        }
        let flow = self.flows.entry(key).or_insert_with(|| Flow::new(key, at, &self.ours));
        flow.take(&segment, layers, sent, at);
        if self.clear.len() < MOST_CLEAR {
            self.clear.extend(credentials(layers, &segment, key.0, sent, at));
        }
    }
}

/// Seconds with a fraction, as text.
fn epoch(text: &str) -> Option<Timestamp> {
    let (seconds, rest) = text.split_once('.').unwrap_or((text, "0"));
    let seconds: i64 = seconds.parse().ok().filter(|seconds| (0..1 << 40).contains(seconds))?;
    let millis: i64 = format!("{rest:0<3}").get(..3)?.parse().ok()?;
    Some(Timestamp::from_millis(seconds * 1000 + millis))
}

/// What a packet says of its transport.
struct Segment {
    from: Endpoint,
    to: Endpoint,
    payload: u64,
    opens: bool,
    protocols: Vec<String>,
}

impl Segment {
    fn of(layers: &Value) -> Option<Self> {
        let (source, destination) = match (layers.get("ip"), layers.get("ipv6")) {
            (Some(ip), _) => (text(ip, "ip.src"), text(ip, "ip.dst")),
            (None, Some(ip)) => (text(ip, "ipv6.src"), text(ip, "ipv6.dst")),
            (None, None) => return None,
        };
        let number = |layer: &Value, name: &str| text(layer, name).parse::<u64>().ok();
        let port = |layer: &Value, name: &str| text(layer, name).parse::<u16>().ok();
        let (transport, from, to, payload, opens) = match (layers.get("tcp"), layers.get("udp")) {
            (Some(tcp), _) => {
                let flags = u32::from_str_radix(text(tcp, "tcp.flags").trim_start_matches("0x"), 16).unwrap_or(0);
                let opens = flags & 0x12 == 0x02;
                (
                    Transport::Tcp,
                    port(tcp, "tcp.srcport")?,
                    port(tcp, "tcp.dstport")?,
                    number(tcp, "tcp.len")?,
                    opens,
                )
            }
            (None, Some(udp)) => {
                let length = number(udp, "udp.length")?.saturating_sub(8);
                (Transport::Udp, port(udp, "udp.srcport")?, port(udp, "udp.dstport")?, length, false)
            }
            (None, None) => return None,
        };
        let end = |address: &str, port| Some(Endpoint { address: address.parse().ok()?, transport, port });
        let stack = layers.get("frame").map_or("", |frame| text(frame, "frame.protocols"));
        let above = stack.split(':').skip_while(|name| !matches!(*name, "tcp" | "udp")).skip(1);
        let protocols = above.take(10).map(|name| visible_str(name, 40)).collect();
        Some(Self { from: end(source, from)?, to: end(destination, to)?, payload, opens, protocols })
    }
}

struct Flow {
    server: Endpoint,
    client: IpAddr,
    product_serves: bool,
    opened: Opened,
    protocols: BTreeMap<String, u64>,
    hellos: (bool, bool),
    data: bool,
    clear: bool,
    unread: bool,
    versions: Vec<TlsVersion>,
    names: Vec<String>,
    ports: Vec<u16>,
    sent: u64,
    received: u64,
    first: Timestamp,
    last: Timestamp,
}

impl Flow {
    fn new((server, client): (Endpoint, IpAddr), at: Timestamp, ours: &[IpAddr]) -> Self {
        Self {
            server,
            client,
            product_serves: ours.contains(&server.address),
            opened: Opened::Unseen,
            protocols: BTreeMap::new(),
            hellos: (false, false),
            data: false,
            clear: false,
            unread: false,
            versions: Vec::new(),
            names: Vec::new(),
            ports: Vec::new(),
            sent: 0,
            received: 0,
            first: at,
            last: at,
        }
    }

    fn take(&mut self, segment: &Segment, layers: &Value, sent: bool, at: Timestamp) {
        (self.first, self.last) = (self.first.min(at), self.last.max(at));
        *(if sent { &mut self.sent } else { &mut self.received }) += segment.payload;
        let client_port = if segment.to == self.server { segment.from.port } else { segment.to.port };
        if self.ports.len() < 1000 && !self.ports.contains(&client_port) {
            self.ports.push(client_port);
        }
        if segment.opens && segment.to == self.server {
            self.opened = if sent { Opened::ByProduct } else { Opened::ByPeer };
        }
        let is_tls = segment.protocols.iter().any(|name| matches!(name.as_str(), "tls" | "dtls" | "ssl"));
        let named = segment
            .protocols
            .iter()
            .find(|name| name.as_str() != "data")
            .filter(|name| !name.contains("segments"));
        if let Some(name) = named {
            *self.protocols.entry(if is_tls { "tls".to_owned() } else { name.clone() }).or_default() += 1;
        }
        match is_tls {
            true => self.tls(layers),
            false if segment.protocols.iter().any(|name| CLEAR.contains(&name.as_str())) => self.clear = true,
            false if segment.payload > 0 => self.unread = true,
            false => {}
        }
        let mut said = Vec::new();
        for name in ["tls.handshake.extensions_server_name", "http.host"] {
            found(layers, name, 0, &mut said);
        }
        for name in said {
            let name = visible_str(&name, 253);
            if self.names.len() < 20 && !self.names.contains(&name) {
                self.names.push(name);
            }
        }
    }

    fn tls(&mut self, layers: &Value) {
        let (mut kinds, mut contents) = (Vec::new(), Vec::new());
        found(layers, "tls.handshake.type", 0, &mut kinds);
        found(layers, "tls.record.content_type", 0, &mut contents);
        found(layers, "tls.record.opaque_type", 0, &mut contents);
        self.hellos.0 |= kinds.iter().any(|kind| kind == "1");
        self.data |= contents.iter().any(|kind| kind == "23");
        if kinds.iter().any(|kind| kind == "2") {
            self.hellos.1 = true;
            let (mut supported, mut written) = (Vec::new(), Vec::new());
            found(layers, "tls.handshake.extensions.supported_version", 0, &mut supported);
            found(layers, "tls.handshake.version", 0, &mut written);
            let version = supported.first().or(written.first()).and_then(|text| version(text));
            self.versions.extend(version.filter(|version| !self.versions.contains(version)));
        }
    }

    fn conversation(mut self, resolved: &BTreeMap<IpAddr, String>) -> Conversation {
        let protocol = self.protocols.iter().max_by_key(|(_, count)| **count).map(|(name, _)| name.clone());
        // The weakest that was seen: readable before unknown, unknown before protected.
        let is_tls = self.hellos == (true, true) && self.data;
        let protection = match () {
            () if self.clear => Protection::Clear,
            () if is_tls && !self.unread => Protection::Tls,
            () => Protection::Unknown,
        };
        let peer = if self.product_serves { self.client } else { self.server.address };
        self.names.extend(resolved.get(&peer).filter(|name| !self.names.contains(name)).cloned());
        self.versions.sort_unstable();
        Conversation {
            server: self.server,
            client: self.client,
            product_serves: self.product_serves,
            opened: self.opened,
            names: self.names,
            protocol: protocol.unwrap_or_else(|| "unknown".to_owned()),
            protection,
            versions: self.versions,
            suites: Vec::new(),
            suite_names: Vec::new(),
            alpn: Vec::new(),
            connections: u32::try_from(self.ports.len()).unwrap_or(u32::MAX),
            failed: 0,
            sent: self.sent,
            received: self.received,
            first: self.first,
            last: self.last,
            partial: self.opened == Opened::Unseen,
        }
    }
}

fn version(text: &str) -> Option<TlsVersion> {
    Some(match text {
        "0x0300" => TlsVersion::Ssl3,
        "0x0301" => TlsVersion::Tls10,
        "0x0302" => TlsVersion::Tls11,
        "0x0303" => TlsVersion::Tls12,
        "0x0304" => TlsVersion::Tls13,
        _ => return None,
    })
}

/// Every text of a field, wherever it lies in the layers.
fn found(value: &Value, name: &str, depth: usize, into: &mut Vec<String>) {
    if depth > 20 || into.len() > 100 {
        return;
    }
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                match member {
                    Value::String(text) if key == name => into.push(text.clone()),
                    Value::Array(list) if key == name => {
                        into.extend(list.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    _ => found(member, name, depth + 1, into),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|one| found(one, name, depth + 1, into)),
        _ => {}
    }
}

/// Addresses in DNS answers, with the name that was asked for.
fn answers(layers: &Value, each: &mut dyn FnMut(IpAddr, String)) {
    let Some(dns) = layers.get("dns") else { return };
    let mut asked = Vec::new();
    found(dns, "dns.qry.name", 0, &mut asked);
    let Some(name) = asked.first() else { return };
    let mut addresses = Vec::new();
    for field in ["dns.a", "dns.aaaa"] {
        found(dns, field, 0, &mut addresses);
    }
    for address in addresses.iter().filter_map(|text| text.parse().ok()) {
        each(address, visible_str(name, 253));
    }
}

fn credentials(
    layers: &Value,
    segment: &Segment,
    server: Endpoint,
    sent: bool,
    at: Timestamp,
) -> Vec<ClearContent> {
    let is_protected =
        segment.protocols.iter().any(|name| matches!(name.as_str(), "tls" | "dtls" | "ssh" | "quic"));
    if is_protected {
        return Vec::new();
    }
    let mut all = Vec::new();
    for (protocol, field, place) in CREDENTIALS {
        let mut texts = Vec::new();
        if segment.protocols.iter().any(|name| name == protocol) {
            found(layers, field, 0, &mut texts);
        }
        all.extend(texts.into_iter().filter(|text| !text.is_empty()).map(|text| ClearContent {
            server,
            sent,
            kind: "credential".to_owned(),
            protocol: protocol.to_owned(),
            place: place.to_owned(),
            excerpt: private("credential", &visible_str(&text, 120)),
            at,
        }));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("samples/tshark.json");

    fn read(text: &str) -> Imported {
        interpret(&mut text.as_bytes(), &serde_json::json!({"address": "192.0.2.7"})).unwrap()
    }

    fn conversations(imported: &Imported) -> Vec<&Conversation> {
        let mut found = Vec::new();
        for fact in &imported.reading.facts {
            if let Fact::Conversation(conversation) = fact {
                found.push(conversation);
            }
        }
        found
    }

    #[test]
    fn real_packets_are_put_together_into_conversations() {
        let imported = read(SAMPLE);
        let all = conversations(&imported);
        let at = |port: u16| all.iter().find(|c| c.server.port == port).unwrap();
        assert_eq!((at(8080).protocol.as_str(), at(8080).protection), ("http", Protection::Clear));
        assert_eq!((at(8443).protocol.as_str(), at(8443).protection), ("tls", Protection::Tls));
        assert_eq!(at(8443).versions, [TlsVersion::Tls13]);
        assert!(at(8443).product_serves && at(8443).opened == Opened::ByPeer);
        assert!(at(8080).received > 0 && at(8080).sent > 0);
        assert!(imported.measured.unwrap().to_string().starts_with("2026-11-30T15:06:22"));
    }

    #[test]
    fn without_the_hellos_nothing_is_protected() {
        let without = read(&SAMPLE.replace("\"tls.handshake.type\": \"2\"", "\"tls.handshake.type\": \"4\""));
        let all = conversations(&without);
        assert_eq!(all.iter().find(|c| c.server.port == 8443).unwrap().protection, Protection::Unknown);
    }

    #[test]
    fn a_file_that_breaks_off_tells_the_packets_before() {
        let cut = read(&SAMPLE[..SAMPLE.len() / 2]);
        assert!(cut.reading.shortfalls.iter().any(|s| s.text.starts_with("the file breaks off after")));
        assert!(!conversations(&cut).is_empty());
        assert!(!read(&SAMPLE.replace("192.0.2.7", "192.0.2.8")).about_target);
    }

    #[test]
    fn a_credential_in_clear_is_a_private_text() {
        let with = SAMPLE.replacen("\"http.host\":", "\"http.authorization\": \"Basic YTpi\", \"http.host\":", 1);
        let imported = read(&with);
        let clear = imported.reading.facts.iter().find_map(|fact| match fact {
            Fact::ClearContent(clear) => Some(clear),
            _ => None,
        });
        assert_eq!(clear.unwrap().excerpt, private("credential", "Basic YTpi"));
    }
}
