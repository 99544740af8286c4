//! The conversation behind a server's offer: which handshake is tried next, until nothing more is accepted.
//!
//! It keeps every attempt and draws no conclusion; what an attempt means is read elsewhere.

use std::time::Duration;

use model::{Endpoint, TlsVersion, Transport};
use wire::tls::suites::{Authentication, CipherSuite, KeyExchange, offerable};
use wire::tls::whole;

use super::hello::{Answer, Extra, Offer, SIGNATURES, StartTls, attempt, groups_of, turn, wire_version};
use super::renegotiation::{self, Renegotiation};
use super::server_offer::{Again, Purpose, Tried, versions_of};
use crate::{Bench, Bytes, ConnectError, TlsSession, TlsWish};

/// Suites in one offer: some servers ignore an offer that is much longer.
const CHUNK: usize = 60;
/// How long a server that closed or did not accept is left alone before it is asked again.
const BREATH: Duration = Duration::from_millis(50);

/// How long tickets are waited for.
const TICKETS: Duration = Duration::from_millis(100);
/// internal_error.
const INTERNAL_ERROR: u8 = 80;

/// What most servers take, offered first: a server that meets a refusal with silence costs the least then.
const COMMON: [u16; 41] = [
    0xc02f, 0xc030, 0xc02b, 0xc02c, 0xcca8, 0xcca9, 0xccaa, 0x009e, 0x009f, 0x009c, 0x009d, 0xc027, 0xc028,
    0xc023, 0xc024, 0xc013, 0xc014, 0xc009, 0xc00a, 0x0067, 0x006b, 0x0033, 0x0039, 0x003c, 0x003d, 0x002f,
    0x0035, 0x000a, 0x0016, 0xc012, 0xc008, 0x0041, 0x0084, 0x0005, 0x0004, 0xc0ac, 0xc0ae, 0xc09c, 0xc0a0,
    0x0007, 0x0096,
];

/// All that is asked of one endpoint.
pub(super) struct Asking<'a> {
    endpoint: Endpoint,
    host: Option<&'a str>,
    via: Option<StartTls>,
    bench: &'a mut dyn Bench,
    attempts: Vec<Tried>,
    /// The first offer that was taken: with it one sees whether the server still answers.
    good: Option<Offer>,
    shares: bool,
    /// Versions that are accepted, highest first, with their suites.
    accepted: Vec<(TlsVersion, Vec<u16>)>,
    /// A limit or the scope ended it: nothing more would be sent.
    over: bool,
}

impl<'a> Asking<'a> {
    pub(super) fn new(
        endpoint: Endpoint,
        host: Option<&'a str>,
        via: Option<StartTls>,
        bench: &'a mut dyn Bench,
    ) -> Self {
        Self {
            endpoint,
            host,
            via,
            bench,
            attempts: Vec::new(),
            good: None,
            shares: false,
            accepted: Vec::new(),
            over: false,
        }
    }

    /// Asks version by version; `tell` is called after each. Returns the attempts, and the chain of TLS 1.3.
    pub(super) fn everything(mut self, mut tell: impl FnMut(&mut dyn Bench)) -> Everything {
        let mut chain = None;
        for version in versions_of(self.endpoint).iter().copied().rev() {
            self.version(version);
            // Who does not come as far as TLS the first time is not asked for each version again.
            if self.via.is_some() && self.good.is_none() && self.is_unturned() {
                return Everything { attempts: self.attempts, chain, ..Everything::default() };
            }
            tell(self.bench);
            if self.over {
                return Everything { attempts: self.attempts, chain, ..Everything::default() };
            }
            if version == TlsVersion::Tls13 && self.good.is_some() {
                chain = self.encrypted_chain();
            }
        }
        self.traits();
        self.confirm();
        let again = self.again();
        let renegotiation = self.renegotiation();
        Everything { attempts: self.attempts, chain, again, renegotiation }
    }

    /// Another handshake inside a connection, where TLS 1.2 is accepted with a suite that is spoken whole here.
    fn renegotiation(&mut self) -> Vec<Renegotiation> {
        let is_spoken = |(version, suites): &(TlsVersion, Vec<u16>)| {
            *version == TlsVersion::Tls12 && suites.iter().any(|suite| whole::SUITES.contains(suite))
        };
        if self.over || self.endpoint.transport != Transport::Tcp || !self.accepted.iter().any(is_spoken) {
            return Vec::new();
        }
        renegotiation::ask(self.endpoint, self.host, self.via, self.bench)
    }

    /// Two whole handshakes of each newer version that is accepted, the second with the session of the first.
    fn again(&mut self) -> Vec<Again> {
        let newer = [TlsVersion::Tls12, TlsVersion::Tls13];
        let versions = self.accepted.iter().map(|(version, _)| *version).filter(|v| newer.contains(v));
        let versions: Vec<TlsVersion> = versions.filter(|_| self.endpoint.transport == Transport::Tcp).collect();
        let mut found = Vec::new();
        for version in versions {
            let only_tls12 = version == TlsVersion::Tls12;
            let wish = TlsWish { only_tls12, only_tls13: !only_tls12, resumes: true, ..TlsWish::named(self.host) };
            // Tickets of TLS 1.3 come behind the handshake.
            let Some(first) = self.whole(&wish, TICKETS) else { continue };
            let Some(second) = self.whole(&wish, Duration::ZERO).filter(|_| !first.resumed) else { continue };
            found.push(Again { version, resumed: second.resumed, early_data: second.early_data });
        }
        found
    }

    fn version(&mut self, version: TlsVersion) {
        self.shares = false;
        if version == TlsVersion::Ssl2 {
            self.ask(Purpose::Suites, self.offer(version, vec![0]), true);
            return;
        }
        let mut accepted = self.suites(version);
        if accepted.is_empty() && version == TlsVersion::Tls13 && self.may_want_shares() {
            self.shares = true;
            accepted = self.suites(version);
        }
        self.flights(version, &accepted);
        self.preference(version, &accepted);
        self.groups(version, &accepted);
        if !accepted.is_empty() {
            self.signatures(version, &accepted);
            self.accepted.push((version, accepted));
        }
    }

    /// What the highest version up to TLS 1.2 shows beside its choice, and whether a version that was given up is
    /// noticed. Older versions of one server differ in neither.
    fn traits(&mut self) {
        let older = self.accepted.iter().find(|(version, _)| *version <= TlsVersion::Tls12).cloned();
        let Some((version, suites)) = older else { return };
        let with = |asking: &Self, suites: &[u16], extras: &[Extra]| Offer {
            extras: extras.to_vec(),
            ..asking.offer(version, suites.to_vec())
        };
        let many = [Extra::Ticket, Extra::Staple, Extra::Heartbeat, Extra::EncryptThenMac];
        self.ask(Purpose::Traits, with(self, &suites, &many), true);
        let in_blocks = |suite: &u16| CipherSuite::of(*suite).is_some_and(|s| s.cipher.contains("CBC"));
        let blocks: Vec<u16> = suites.iter().copied().filter(in_blocks).collect();
        if !blocks.is_empty() && blocks.len() < suites.len() {
            self.ask(Purpose::Traits, with(self, &blocks, &[Extra::EncryptThenMac]), false);
        }
        self.ask(Purpose::Traits, with(self, &suites, &[Extra::Compression]), false);
        let lower = self.accepted.get(1).cloned();
        if let Some((version, suites)) = lower {
            let offer = Offer { extras: vec![Extra::Fallback], ..self.offer(version, suites) };
            self.ask(Purpose::Traits, offer, false);
        }
    }

    /// Which schemes the server signs with: up to TLS 1.2 they show, in TLS 1.3 each is offered alone.
    fn signatures(&mut self, version: TlsVersion, accepted: &[u16]) {
        if version == TlsVersion::Tls13 {
            for scheme in SIGNATURES.into_iter().filter(|scheme| wire::tls::is_for_tls13(*scheme)) {
                let offer =
                    Offer { signatures: vec![scheme], shares: true, ..self.offer(version, accepted.to_vec()) };
                self.ask(Purpose::Signatures, offer, false);
                // It wants another group: then the answer says nothing of the scheme.
                let last = self.attempts.last().and_then(Tried::choice).and_then(|choice| choice.signs.as_ref());
                if self.over || last.is_some_and(|signs| signs.retry) {
                    return;
                }
            }
        }
        if version != TlsVersion::Tls12 {
            return;
        }
        let signed = |suite: &u16| CipherSuite::of(*suite).is_some_and(CipherSuite::is_signed);
        let suites: Vec<u16> = accepted.iter().copied().filter(signed).collect();
        let mut left = SIGNATURES.to_vec();
        while !suites.is_empty() && !left.is_empty() && !self.over {
            let offer = Offer { signatures: left.clone(), ..self.offer(version, suites.clone()) };
            self.ask(Purpose::Signatures, offer, true);
            let signs = self.attempts.last().and_then(Tried::choice).and_then(|choice| choice.signs.as_ref());
            let Some(scheme) = signs.and_then(|signs| signs.signature).filter(|s| left.contains(s)) else {
                return;
            };
            left.retain(|other| *other != scheme);
        }
    }

    /// Offers what is left of each part of the list, until the server takes none of it.
    fn suites(&mut self, version: TlsVersion) -> Vec<u16> {
        let mut all = offerable(wire_version(version));
        all.sort_by_key(|suite| COMMON.iter().position(|common| common == suite).unwrap_or(COMMON.len()));
        let mut accepted = Vec::new();
        let mut unclear: Vec<u16> = Vec::new();
        for chunk in all.chunks(CHUNK) {
            let left = self.exhaust(version, chunk.to_vec(), &mut accepted);
            if self.over || (self.good.is_none() && self.is_deaf()) {
                return accepted;
            }
            if self.may_hide_others() {
                unclear.extend(left);
            }
        }
        for kind in each_kind(&unclear) {
            self.exhaust(version, kind, &mut accepted);
        }
        accepted
    }

    /// Offers these suites until the server takes none of what is left, which is returned.
    fn exhaust(&mut self, version: TlsVersion, mut left: Vec<u16>, accepted: &mut Vec<u16>) -> Vec<u16> {
        while !left.is_empty() && !self.over {
            let whole = accepted.is_empty();
            let chosen = self.ask(Purpose::Suites, self.offer(version, left.clone()), whole);
            // A choice outside the offer would make this loop endless.
            let Some(suite) = chosen.filter(|suite| left.contains(suite)) else { break };
            accepted.push(suite);
            left.retain(|s| *s != suite);
        }
        left
    }

    /// A server may choose what it then cannot serve, such as an ephemeral key without parameters for it, and fail. What
    /// it would take after that shows only where that is not offered.
    fn may_hide_others(&self) -> bool {
        let last = self.attempts.last().map(|tried| &tried.answer);
        match last {
            Some(Answer::Alert(INTERNAL_ERROR)) => true,
            Some(Answer::Closed) => self.good.is_some(),
            _ => false,
        }
    }

    fn is_unturned(&self) -> bool {
        let never =
            |tried: &Tried| matches!(tried.answer, Answer::NoTurn(_) | Answer::Silence | Answer::NotConnected(_));
        self.attempts.iter().all(never)
    }

    /// Whether the last answer is no answer of TLS at all.
    fn is_deaf(&self) -> bool {
        let last = self.attempts.last().map(|tried| &tried.answer);
        matches!(last, Some(Answer::Silence | Answer::Unreadable(_) | Answer::NotConnected(_) | Answer::NoTurn(_)))
    }

    /// TLS 1.3 was not taken without a key share, and not because the version is unknown (protocol_version).
    fn may_want_shares(&self) -> bool {
        let last = self.attempts.last().map(|tried| &tried.answer);
        matches!(last, Some(Answer::Alert(alert)) if *alert != 70) || matches!(last, Some(Answer::Closed))
    }

    /// Sees certificate and ephemeral key of each kind of suite that was taken and not yet seen to the end.
    fn flights(&mut self, version: TlsVersion, accepted: &[u16]) {
        if version == TlsVersion::Tls13 {
            return;
        }
        let first = self.attempts.iter().find(|t| t.offer.version == version && t.choice().is_some());
        let mut seen: Vec<_> =
            first.and_then(Tried::choice).map(|choice| sort_of(choice.suite)).into_iter().collect();
        for suite in accepted {
            let sort = sort_of(*suite);
            if !seen.contains(&sort) {
                seen.push(sort);
                let same = accepted.iter().copied().filter(|other| sort_of(*other) == sort).collect();
                self.ask(Purpose::Flight, self.offer(version, same), true);
            }
        }
    }

    /// Finds the server's own order, if it has one: offers what is left in reverse, so that the choice is rarely the
    /// client's first, and where it is, the other way round too.
    fn preference(&mut self, version: TlsVersion, accepted: &[u16]) {
        let mut left = accepted.to_vec();
        while left.len() > 1 && left.len() <= 2 * CHUNK {
            let backward: Vec<u16> = left.iter().rev().copied().collect();
            let first = backward[0];
            let Some(choice) = self.ask(Purpose::Preference, self.offer(version, backward), false) else { return };
            if choice == first {
                let other = self.ask(Purpose::Preference, self.offer(version, left.clone()), false);
                if other != Some(choice) {
                    return;
                }
            }
            if !left.contains(&choice) {
                return;
            }
            left.retain(|suite| *suite != choice);
        }
    }

    fn groups(&mut self, version: TlsVersion, accepted: &[u16]) {
        let is_ephemeral = |suite: &&u16| {
            version == TlsVersion::Tls13
                || CipherSuite::of(**suite).is_some_and(|s| s.key_exchange == KeyExchange::Ecdhe)
        };
        let suites: Vec<u16> = accepted.iter().filter(is_ephemeral).copied().collect();
        if suites.is_empty() || version < TlsVersion::Tls10 {
            return;
        }
        let mut left = groups_of(version).to_vec();
        let mut found: Vec<u16> = Vec::new();
        // Up to TLS 1.2 a certificate on a curve is of use only while its curve is offered too (RFC 8422 section 5.1).
        let mut anchor: Option<u16> = None;
        while !left.is_empty() && !self.over {
            match self.group(Purpose::Groups, version, &suites, &left, anchor) {
                Some(group) if left.contains(&group) => {
                    found.push(group);
                    left.retain(|g| *g != group);
                }
                _ if anchor.is_none() && version < TlsVersion::Tls13 => {
                    let tried = found.clone().into_iter().find_map(|curve| {
                        let group = self.group(Purpose::Groups, version, &suites, &left, Some(curve))?;
                        left.contains(&group).then_some((curve, group))
                    });
                    let Some((curve, group)) = tried else { break };
                    anchor = Some(curve);
                    found.push(group);
                    left.retain(|g| *g != group);
                }
                _ => break,
            }
        }
        // With a share in the offer a server prefers its group, whatever the order.
        if version >= TlsVersion::Tls12 && !self.shares {
            self.group_preference(version, &suites, found);
        }
    }

    /// Finds the server's own order of groups, if it has one: as with suites, and the whole list in both directions.
    fn group_preference(&mut self, version: TlsVersion, suites: &[u16], mut left: Vec<u16>) {
        let mut is_first = true;
        while left.len() > 1 && !self.over {
            let backward: Vec<u16> = left.iter().rev().copied().collect();
            let Some(choice) = self.group(Purpose::GroupPreference, version, suites, &backward, None) else {
                return;
            };
            if is_first || choice == backward[0] {
                let other = self.group(Purpose::GroupPreference, version, suites, &left, None);
                if other != Some(choice) {
                    return;
                }
            }
            if !left.contains(&choice) {
                return;
            }
            is_first = false;
            left.retain(|group| *group != choice);
        }
    }

    fn group(
        &mut self,
        purpose: Purpose,
        version: TlsVersion,
        suites: &[u16],
        left: &[u16],
        anchor: Option<u16>,
    ) -> Option<u16> {
        let groups = left.iter().copied().chain(anchor).collect();
        let offer = Offer { groups, ..self.offer(version, suites.to_vec()) };
        self.ask(purpose, offer, true)?;
        self.attempts.last()?.choice()?.group_id
    }

    /// A close or an internal_error may be a refusal or a bad moment: asks once more, and then for what is surely
    /// taken.
    fn confirm(&mut self) {
        let Some(good) = self.good.clone() else { return };
        let vague: Vec<Offer> = self.attempts.iter().filter(|t| t.is_vague()).map(|t| t.offer.clone()).collect();
        for offer in vague {
            if self.over {
                return;
            }
            self.ask(Purpose::Again, offer, false);
            self.ask(Purpose::Control, good.clone(), false);
        }
    }

    fn offer(&self, version: TlsVersion, suites: Vec<u16>) -> Offer {
        let shares = self.shares && version == TlsVersion::Tls13;
        Offer { version, suites, groups: Vec::new(), shares, extras: Vec::new(), signatures: Vec::new() }
    }

    /// Makes an attempt, keeps it, and returns the suite chosen in the version offered.
    fn ask(&mut self, purpose: Purpose, offer: Offer, whole: bool) -> Option<u16> {
        if self.over {
            return None;
        }
        let mut answer = attempt(self.endpoint, self.host, self.via, &offer, whole, self.bench);
        if self.deserves_another(&answer) && self.bench.pause(BREATH) {
            answer = attempt(self.endpoint, self.host, self.via, &offer, whole, self.bench);
        }
        self.over = matches!(answer, Answer::NotConnected(ConnectError::Limit | ConnectError::NotAuthorised));
        self.attempts.push(Tried { endpoint: self.endpoint, purpose, offer, answer });
        let last = self.attempts.last()?;
        let choice = last.choice()?;
        if self.good.is_none() {
            self.good = Some(Offer { suites: vec![choice.suite], ..last.offer.clone() });
        }
        Some(choice.suite)
    }

    /// A bad moment is given a second chance: always the first attempt, later ones where TLS was heard before.
    fn deserves_another(&self, answer: &Answer) -> bool {
        let hopeful = self.attempts.is_empty() || self.good.is_some();
        let missed =
            matches!(answer, Answer::Silence | Answer::NotConnected(ConnectError::Silent | ConnectError::Refused));
        // A server that is silent by habit has been silent before; it is not waited for twice each time.
        let habit = *answer == Answer::Silence && self.attempts.iter().filter(|t| t.answer == *answer).count() > 1;
        hopeful && !habit && (missed || (*answer == Answer::Closed && self.good.is_some()))
    }

    /// The certificates of TLS 1.3 come encrypted, so a whole handshake is made for them.
    fn encrypted_chain(&mut self) -> Option<Vec<Bytes>> {
        let wish = TlsWish { only_tls13: true, ..TlsWish::named(self.host) };
        self.whole(&wish, Duration::ZERO).map(|session| session.chain)
    }

    /// A whole handshake, and a wait for what the server says after it.
    fn whole(&mut self, wish: &TlsWish, listen: Duration) -> Option<TlsSession> {
        let wait = self.bench.wait();
        let link = self.bench.connect(self.endpoint, wait).ok()?;
        if self.via.is_some_and(|via| turn(link, via, self.bench).is_err()) {
            self.bench.close(link);
            return None;
        }
        let session = self.bench.secure(link, wish);
        if !listen.is_zero() && session.is_ok() {
            self.bench.receive(link, 1, listen);
        }
        self.bench.close(link);
        session.ok()
    }
}

/// All that an endpoint was asked.
#[derive(Default)]
pub(super) struct Everything {
    pub(super) attempts: Vec<Tried>,
    /// The chain of TLS 1.3.
    pub(super) chain: Option<Vec<Bytes>>,
    pub(super) again: Vec<Again>,
    pub(super) renegotiation: Vec<Renegotiation>,
}

/// These suites by how keys are agreed, which is where a server fails to serve what it chose; nothing where all are of
/// one kind, since that was asked already.
fn each_kind(suites: &[u16]) -> Vec<Vec<u16>> {
    let kind = |suite: &u16| match CipherSuite::of(*suite).map(|suite| suite.key_exchange) {
        Some(KeyExchange::Ecdhe) => 0,
        Some(KeyExchange::Rsa) => 1,
        Some(KeyExchange::Dhe) => 2,
        _ => 3,
    };
    let of = |wanted: usize| suites.iter().copied().filter(|suite| kind(suite) == wanted).collect::<Vec<_>>();
    let kinds: Vec<Vec<u16>> = (0..4).map(of).filter(|suites| !suites.is_empty()).collect();
    if kinds.len() > 1 { kinds } else { Vec::new() }
}

/// How keys are agreed, how the server proves itself, and whether it was weakened for export.
fn sort_of(suite: u16) -> (Option<KeyExchange>, Option<Authentication>, bool) {
    let suite = CipherSuite::of(suite);
    let is_export = suite.is_some_and(CipherSuite::is_export);
    (suite.map(|s| s.key_exchange), suite.map(|s| s.authentication), is_export)
}
