//! Hears a capture packet by packet and sums up what concerns the product.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use model::{ClearContent, Digest, Endpoint, Timestamp, private};
use wire::capture::{Frame, LinkType};
use wire::dns;
use wire::overheard::Side;
use wire::packet::{Content, Fragments, Packet, Parsed, Protocol, Segment, Whole, quoted, tcp_flag};
use wire::text::visible;

use super::attempts::Attempts;
use super::conversations::{Conversations, Part};
use super::datagrams::Flow;
use super::ear::Kept;
use super::names::Names;
use super::product::{End, Product};
use super::search::Search;
use super::streams::Stream;
use super::table::{Socket, Table};

/// Finds told.
const MOST_CONTENT: usize = 1_024;
/// Certificates told.
const MOST_CERTIFICATES: usize = 256;
/// Characters of an excerpt.
const EXCERPT: usize = 200;
/// Addresses of others that are named where the product is not met.
const MOST_ELSEWHERE: usize = 12;
/// Sockets that are kept for having served.
const MOST_SERVING: usize = 4_096;
/// Kinds of what was not read that are told apart.
const MOST_KINDS: usize = 16;

/// Everything heard of a capture.
#[derive(Debug)]
pub(super) struct Hearing {
    pub(super) product: Product,
    pub(super) search: Search,
    streams: Table<Stream>,
    flows: Table<Flow>,
    /// Sockets that connections were seen to be opened to.
    serving: BTreeSet<Socket>,
    /// Packets in the making, and whether the product sends them.
    pub(super) fragments: Fragments<bool>,
    pub(super) names: Names,
    pub(super) conversations: Conversations,
    pub(super) attempts: Attempts,
    /// What was found, once each, by where, side, kind, protocol, place and text; with the first time.
    pub(super) content: BTreeMap<(Endpoint, bool, String, String, String, String), u64>,
    /// Certificates by where and fingerprint: place in the chain and bytes.
    pub(super) certificates: BTreeMap<(Endpoint, Digest), (u16, Vec<u8>)>,
    pub(super) counts: Counts,
}

/// What was counted.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) packets: u64,
    /// Of the product.
    pub(super) own: u64,
    pub(super) own_octets: u64,
    /// Addresses between which others spoke, a few.
    pub(super) addresses: BTreeSet<IpAddr>,
    /// Packets of the product that the capture cut.
    pub(super) cut: u64,
    pub(super) malformed: u64,
    /// Packets without a time.
    pub(super) timeless: u64,
    /// Link layers that are not read, with the packets on them.
    pub(super) links: BTreeMap<LinkType, u64>,
    /// Other protocols on IP, with the product's packets of them.
    pub(super) other: BTreeMap<u8, u64>,
    /// Connections with bytes missing.
    pub(super) gaps: u64,
    /// Bodies in a content coding.
    pub(super) coded: u64,
    /// Heads of HTTP/2 that could not be read.
    pub(super) unread: u64,
    /// Attempts of others to reach the product that it refused or left unanswered.
    pub(super) knocks: u64,
    pub(super) content_cut: bool,
    pub(super) first: Option<u64>,
    pub(super) last: u64,
}

/// Milliseconds are what records keep.
pub(super) fn timestamp(nanos: u64) -> Timestamp {
    Timestamp::from_millis(i64::try_from(nanos / 1_000_000).unwrap_or(i64::MAX))
}

impl Hearing {
    pub(super) fn new(product: Product, search: Search) -> Self {
        Self {
            product,
            search,
            streams: Table::new(),
            flows: Table::new(),
            fragments: Fragments::default(),
            names: Names::default(),
            conversations: Conversations::default(),
            attempts: Attempts::default(),
            serving: BTreeSet::new(),
            content: BTreeMap::new(),
            certificates: BTreeMap::new(),
            counts: Counts::default(),
        }
    }

    /// Hears a packet.
    #[inline]
    pub(super) fn hear(&mut self, frame: &Frame<'_>) {
        self.counts.packets += 1;
        let at = match frame.nanos {
            Some(at) => at,
            None => {
                self.counts.timeless += 1;
                self.counts.last
            }
        };
        let packet = match wire::packet::read(frame.link, frame.data) {
            Ok(Parsed::Ip(packet)) => packet,
            Ok(Parsed::NotIp(_)) => return self.time(at),
            Err(wire::Malformed::Invalid(part)) if part.starts_with("link type") => {
                if self.counts.links.len() < MOST_KINDS {
                    *self.counts.links.entry(frame.link).or_default() += 1;
                }
                return self.time(at);
            }
            Err(_) => {
                self.counts.malformed += 1;
                return self.time(at);
            }
        };
        self.time(at);
        let Packet { source, destination, content, cut } = packet;
        let Some(end) = self.product.end(frame, source, destination) else {
            if self.counts.addresses.len() < MOST_ELSEWHERE {
                self.counts.addresses.extend([source, destination]);
            }
            return;
        };
        self.counts.own += 1;
        self.counts.own_octets += u64::from(frame.wire_length);
        self.counts.cut += u64::from(cut > 0);
        let from_product = end == End::Source;
        if let Content::Fragment(part) = &content {
            let mut out = Vec::new();
            self.fragments.hear(&packet, part, from_product, at, &mut |whole| out.push(whole));
            return self.put_together(out);
        }
        self.content(source, destination, from_product, content, cut, at);
    }

    /// Hears packets that came in fragments.
    fn put_together(&mut self, packets: Vec<Whole<bool>>) {
        for whole in packets {
            match whole.content() {
                Ok(content) => {
                    self.content(whole.source, whole.destination, whole.mark, content, whole.cut, whole.at);
                }
                // Of a front that is cut, a part of a header is nothing to wonder at.
                Err(_) => self.counts.malformed += u64::from(whole.cut == 0),
            }
        }
    }

    #[inline]
    fn content(
        &mut self,
        source: IpAddr,
        destination: IpAddr,
        from_product: bool,
        content: Content<'_>,
        cut: usize,
        at: u64,
    ) {
        match content {
            Content::Tcp(segment) => {
                self.segment(
                    (source, segment.source),
                    (destination, segment.destination),
                    from_product,
                    &segment,
                    cut,
                    at,
                );
            }
            Content::Udp { source: from, destination: to, payload } => {
                self.datagram((source, from), (destination, to), from_product, payload, cut, at);
            }
            Content::Icmp { about, .. } => self.unreachable(about),
            Content::Fragment(_) => {}
            Content::Other(number) => {
                if self.counts.other.len() < MOST_KINDS {
                    *self.counts.other.entry(number).or_default() += 1;
                }
            }
        }
    }

    #[inline]
    fn time(&mut self, at: u64) {
        self.counts.last = self.counts.last.max(at);
        let first = self.counts.first.get_or_insert(at);
        *first = at.min(*first);
    }

    #[inline]
    fn segment(
        &mut self,
        from: Socket,
        to: Socket,
        from_product: bool,
        segment: &Segment<'_>,
        cut: usize,
        at: u64,
    ) {
        if self.streams.get(from, to).is_some_and(|stream| stream.is_another(from, segment))
            && let Some(old) = self.streams.remove(from, to)
        {
            self.streams.holds(old.held(), 0);
            self.end_stream(old);
        }
        if self.streams.get(from, to).is_none() {
            // A reset to nobody known is no conversation.
            if segment.flags & tcp_flag::RST != 0 && segment.payload.is_empty() {
                return;
            }
            let mut out = Vec::new();
            let known = self.serving(from, to, segment);
            let stream = Stream::new(from, to, from_product, known, segment, at);
            self.streams.insert(from, to, stream, &mut |old| out.push(old));
            self.let_go(out);
        }
        let Some(stream) = self.streams.get(from, to) else { return };
        if segment.payload.is_empty() && cut == 0 {
            stream.hear(from, segment, cut, at, &mut self.search);
            return;
        }
        let before = stream.held();
        stream.hear(from, segment, cut, at, &mut self.search);
        let after = stream.held();
        if self.streams.holds(before, after) {
            let mut out = Vec::new();
            self.streams.evict(&mut |old| out.push(old));
            self.let_go(out);
        }
    }

    /// Which of both sockets has been seen to serve, if exactly one; keeps what the opening of a connection shows.
    fn serving(&mut self, from: Socket, to: Socket, segment: &Segment<'_>) -> Option<Socket> {
        let is = |flag: u8| segment.flags & flag != 0;
        if is(tcp_flag::SYN) && self.serving.len() < MOST_SERVING {
            self.serving.insert(if is(tcp_flag::ACK) { from } else { to });
        }
        match (self.serving.contains(&from), self.serving.contains(&to)) {
            (true, false) => Some(from),
            (false, true) => Some(to),
            _ => None,
        }
    }

    #[expect(clippy::vec_box, reason = "they are boxed where they come from")]
    fn let_go(&mut self, streams: Vec<Box<Stream>>) {
        for stream in streams {
            self.streams.holds(stream.held(), 0);
            self.end_stream(stream);
        }
    }

    fn end_stream(&mut self, mut stream: Box<Stream>) {
        stream.end(&mut self.search);
        let (client, server, product_is_client) = (stream.client(), stream.server(), stream.product_is_client());
        let endpoint = Endpoint::tcp(server.0, server.1);
        if product_is_client && stream.is_opened() {
            self.attempts.add(endpoint, stream.first, stream.outcome());
        }
        let octets = stream.octets();
        if stream.has_failed() && !product_is_client && octets == (0, 0) {
            self.counts.knocks += 1;
            return;
        }
        let told = stream.dialogue.told();
        self.counts.gaps += u64::from(stream.gaps);
        self.counts.coded += u64::from(told.coded);
        self.counts.unread += u64::from(told.unread);
        self.keep(endpoint, product_is_client, told.protocol, &mut stream.kept);
        self.conversations.add(&Part {
            server: endpoint,
            client: client.0,
            product_serves: !product_is_client,
            opened: stream.is_opened(),
            told,
            names: &stream.kept.names,
            octets,
            failed: stream.has_failed(),
            partial: stream.gaps,
            first: stream.first,
            last: stream.last,
        });
    }

    fn datagram(&mut self, from: Socket, to: Socket, from_product: bool, payload: &[u8], cut: usize, at: u64) {
        if self.flows.get(from, to).is_none() {
            let mut out = Vec::new();
            let flow = Flow::new(from, to, from_product, payload, at);
            self.flows.insert(from, to, flow, &mut |old| out.push(old));
            for old in out {
                self.end_flow(old);
            }
        }
        let Some(flow) = self.flows.get(from, to) else { return };
        flow.hear(from, payload, cut, at, &mut self.search);
        if matches!(flow.exchange.told().protocol, "dns" | "mdns" | "llmnr")
            && let Ok(message) = dns::Message::read(payload)
            && message.is_response()
        {
            self.names.learn(&message);
        }
    }

    fn end_flow(&mut self, mut flow: Box<Flow>) {
        let endpoint = Endpoint::udp(flow.server.0, flow.server.1);
        let octets = flow.octets();
        if !flow.product_is_client && octets.0 == 0 {
            // Nobody knows whether the product listens there.
            self.counts.knocks += 1;
            return;
        }
        let told = flow.exchange.told();
        self.keep(endpoint, flow.product_is_client, told.protocol, &mut flow.kept);
        self.conversations.add(&Part {
            server: endpoint,
            client: flow.client.0,
            product_serves: !flow.product_is_client,
            opened: flow.asked_first,
            told,
            names: &flow.kept.names,
            octets,
            failed: flow.refused,
            partial: flow.gaps,
            first: flow.first,
            last: flow.last,
        });
    }

    /// Keeps what was found in a conversation, now that it can be named.
    fn keep(&mut self, server: Endpoint, product_is_client: bool, protocol: &str, kept: &mut Kept) {
        self.counts.content_cut |= kept.finds_cut;
        for find in std::mem::take(&mut kept.finds) {
            let sent = product_is_client == (find.from == Side::Client);
            let excerpt = private(&find.kind, &visible(&find.text, EXCERPT));
            let place = visible(find.place.as_bytes(), 100);
            let key = (server, sent, find.kind, protocol.to_owned(), place, excerpt);
            if let Some(at) = self.content.get_mut(&key) {
                *at = find.at.min(*at);
            } else if self.content.len() < MOST_CONTENT {
                self.content.insert(key, find.at);
            } else {
                self.counts.content_cut = true;
            }
        }
        for (side, chain) in std::mem::take(&mut kept.chains) {
            for (index, der) in (0..).zip(chain).filter(|_| side == Side::Server) {
                if self.certificates.len() < MOST_CERTIFICATES {
                    self.certificates.entry((server, Digest::of(&der))).or_insert((index, der));
                }
            }
        }
    }

    /// An error of the network about a packet: what it was about is out of reach.
    fn unreachable(&mut self, about: &[u8]) {
        let Some((source, destination, protocol, from, to)) = quoted(about) else { return };
        let (from, to) = ((source, from), (destination, to));
        match protocol {
            Protocol::Tcp => {
                if let Some(stream) = self.streams.get(from, to) {
                    stream.refused |= !stream.agreed;
                }
            }
            Protocol::Udp => {
                if let Some(flow) = self.flows.get(from, to) {
                    let (sent, received) = flow.octets();
                    flow.refused |= sent == 0 || received == 0;
                }
            }
        }
    }

    /// The capture is over.
    pub(super) fn end(&mut self) {
        let mut left = Vec::new();
        self.fragments.end(&mut |whole| left.push(whole));
        self.put_together(left);
        for stream in self.streams.drain().collect::<Vec<_>>() {
            self.end_stream(stream);
        }
        for flow in self.flows.drain().collect::<Vec<_>>() {
            self.end_flow(flow);
        }
    }

    /// Connections that were handed out before their end.
    pub(super) fn evicted(&self) -> u64 {
        self.streams.evicted
    }

    /// What was found, in the order of time.
    pub(super) fn clear_content(&mut self) -> Vec<ClearContent> {
        let found = std::mem::take(&mut self.content).into_iter();
        let mut told: Vec<(u64, ClearContent)> = found
            .map(|((server, sent, kind, protocol, place, excerpt), at)| {
                (at, ClearContent { server, sent, kind, protocol, place, excerpt, at: timestamp(at) })
            })
            .collect();
        told.sort_by_key(|(at, _)| *at);
        told.into_iter().map(|(_, content)| content).collect()
    }
}

/// The word for a transport that is neither TCP nor UDP.
pub(super) fn protocol_name(number: u8) -> String {
    match number {
        2 => "IGMP".to_owned(),
        4 => "IPv4 in IP".to_owned(),
        41 => "IPv6 in IP".to_owned(),
        47 => "GRE".to_owned(),
        50 => "ESP".to_owned(),
        51 => "AH".to_owned(),
        132 => "SCTP".to_owned(),
        other => format!("IP protocol {other}"),
    }
}
