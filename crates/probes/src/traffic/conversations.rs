//! What was heard between the product and each port of each peer, summed up.

use std::collections::BTreeMap;
use std::net::IpAddr;

use model::{Conversation, Endpoint, Opened, Protection, TlsVersion};
use wire::overheard::{Guard, Told};
use wire::tls::Version;
use wire::tls::suites::suite_name;

use super::hearing::timestamp;
use super::names::Names;

/// Conversations that are summed up; of more the capture is said to have them.
const MOST_SUMMED: usize = 16_384;
/// Conversations that are told: those in which the product sent something come first.
const MOST_TOLD: usize = 4_096;
const MOST_NAMES: usize = 16;
const MOST_OF_TLS: usize = 16;

/// What one connection or flow adds.
#[derive(Debug)]
pub(super) struct Part<'a> {
    pub(super) server: Endpoint,
    pub(super) client: IpAddr,
    pub(super) product_serves: bool,
    pub(super) opened: bool,
    pub(super) told: Told,
    pub(super) names: &'a [String],
    pub(super) octets: (u64, u64),
    pub(super) failed: bool,
    pub(super) partial: bool,
    pub(super) first: u64,
    pub(super) last: u64,
}

#[derive(Debug, Default)]
struct Sum {
    opened: bool,
    unopened: bool,
    names: Vec<String>,
    /// Octets by protocol.
    protocols: BTreeMap<&'static str, u64>,
    clear: bool,
    unknown: bool,
    guarded: Option<Protection>,
    versions: Vec<TlsVersion>,
    suites: Vec<u16>,
    alpn: Vec<String>,
    connections: u32,
    failed: u32,
    sent: u64,
    received: u64,
    first: u64,
    last: u64,
    partial: bool,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Conversations {
    all: BTreeMap<(Endpoint, IpAddr, bool), Sum>,
    /// Connections that found no room.
    pub(super) left_out: u64,
}

impl Conversations {
    pub(super) fn add(&mut self, part: &Part<'_>) {
        let key = (part.server, part.client, part.product_serves);
        if self.all.len() >= MOST_SUMMED && !self.all.contains_key(&key) {
            self.left_out += 1;
            return;
        }
        let sum = self.all.entry(key).or_insert_with(|| Sum { first: part.first, ..Sum::default() });
        let count = |number: u32, more: bool| number.saturating_add(u32::from(more));
        sum.connections = count(sum.connections, true);
        sum.failed = count(sum.failed, part.failed);
        sum.opened |= part.opened;
        sum.unopened |= !part.opened;
        sum.sent += part.octets.0;
        sum.received += part.octets.1;
        sum.first = sum.first.min(part.first);
        sum.last = sum.last.max(part.last);
        sum.partial |= part.partial;
        let told = &part.told;
        *sum.protocols.entry(told.protocol).or_default() += part.octets.0 + part.octets.1;
        match told.guard {
            Guard::Unused => {}
            Guard::Clear => sum.clear = true,
            Guard::Unknown => sum.unknown = true,
            Guard::Tls => sum.guarded = Some(Protection::Tls),
            Guard::Dtls => sum.guarded = Some(Protection::Dtls),
            Guard::Quic => sum.guarded = Some(Protection::Quic),
            Guard::Ssh => sum.guarded = Some(Protection::Ssh),
        }
        once(&mut sum.versions, told.version.and_then(version));
        once(&mut sum.suites, told.suite);
        once(&mut sum.alpn, told.alpn.clone());
        for name in part.names {
            if sum.names.len() < MOST_NAMES {
                once(&mut sum.names, Some(name.clone()));
            }
        }
    }

    /// The conversations in their order, and how many are not told.
    pub(super) fn told(self, names: &Names) -> (Vec<Conversation>, usize) {
        let mut told: Vec<Conversation> = self.all.into_iter().map(|(key, sum)| sum.told(key, names)).collect();
        let more = told.len().saturating_sub(MOST_TOLD);
        if more > 0 {
            told.sort_by_key(|one| one.sent == 0);
            told.truncate(MOST_TOLD);
            told.sort_by_key(|one| (one.server, one.client));
        }
        (told, more)
    }
}

impl Sum {
    fn told(mut self, (server, client, product_serves): (Endpoint, IpAddr, bool), names: &Names) -> Conversation {
        // What the product asked a name server for leads to the other side.
        for name in names.of(server.address) {
            if !product_serves && self.names.len() < MOST_NAMES && !self.names.contains(name) {
                self.names.push(name.clone());
            }
        }
        let known = self.protocols.iter().filter(|(name, _)| **name != "unknown");
        let protocol =
            known.max_by_key(|(name, octets)| (**octets, std::cmp::Reverse(**name))).map(|(name, _)| *name);
        self.versions.sort();
        self.suites.sort_unstable();
        Conversation {
            server,
            client,
            product_serves,
            opened: match (self.opened && !self.unopened, product_serves) {
                (false, _) => Opened::Unseen,
                (true, false) => Opened::ByProduct,
                (true, true) => Opened::ByPeer,
            },
            names: self.names,
            protocol: protocol.unwrap_or("unknown").to_owned(),
            protection: match (self.clear, self.unknown, self.guarded) {
                (true, ..) => Protection::Clear,
                (false, false, Some(guard)) => guard,
                _ => Protection::Unknown,
            },
            versions: self.versions,
            suite_names: self.suites.iter().map(|suite| suite_name(*suite)).collect(),
            suites: self.suites,
            alpn: self.alpn,
            connections: self.connections,
            failed: self.failed,
            sent: self.sent,
            received: self.received,
            first: timestamp(self.first),
            last: timestamp(self.last),
            partial: self.partial,
        }
    }
}

fn once<T: PartialEq>(list: &mut Vec<T>, one: Option<T>) {
    if let Some(one) = one
        && list.len() < MOST_OF_TLS
        && !list.contains(&one)
    {
        list.push(one);
    }
}

fn version(version: Version) -> Option<TlsVersion> {
    Some(match version {
        Version::SSL2 => TlsVersion::Ssl2,
        Version::SSL3 => TlsVersion::Ssl3,
        Version::TLS10 => TlsVersion::Tls10,
        Version::TLS11 => TlsVersion::Tls11,
        Version::TLS12 => TlsVersion::Tls12,
        Version::TLS13 => TlsVersion::Tls13,
        _ => return None,
    })
}
