//! A bench for tests: a device as a text ([`testkit::scenario`]), or as functions from bytes to bytes.
//!
//! Time does not pass by itself: each wait that ends in silence moves the clock by its length.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use model::{Endpoint, Timestamp, TlsVersion, Transport};
use testkit::scenario::{Rest, RestDoes, Scenario, TcpDoes, UdpDoes};

use crate::Bytes;
use crate::port::*;
use crate::stand_in::{Arrival, Face, Relayed, ServeError, Served, StandIn, StandInError, StoodDown};

/// What a function says to what it heard: bytes, or none to stay silent.
pub(crate) type Handler = Box<dyn FnMut(&[u8]) -> Option<Vec<u8>>>;

/// A scripted device and what was done to it.
#[allow(dead_code, reason = "each probe takes what its scenario needs")]
pub(crate) struct ScriptedBench {
    scenario: Scenario,
    handlers: BTreeMap<u16, Handler>,
    datagram_handlers: BTreeMap<u16, Handler>,
    tls: BTreeMap<u16, TlsSession>,
    links: BTreeMap<LinkId, Line>,
    clock: std::rc::Rc<std::cell::Cell<u64>>,
    paces: BTreeMap<u16, Box<dyn FnMut() -> u64>>,
    at_most: BTreeMap<u16, usize>,
    random: u8,
    local_ports: bool,
    /// Wrong credentials allowed per mechanism.
    pub(crate) allowance: u32,
    attempts: BTreeMap<String, u32>,
    callers: Option<Callers>,
    has_escrow: bool,
    /// Credentials that hold for a while.
    pub(crate) escrow: BTreeMap<String, String>,
    /// Everything that was sent, as the record would show it.
    pub(crate) sent: Vec<(Endpoint, Vec<u8>)>,
}

/// A device that comes to the bench by itself.
struct Callers {
    calls: std::collections::VecDeque<u16>,
    says: Says,
    wish: Option<StandIn>,
}

/// What a caller says at a port: first, to what is shown there; nothing refuses.
type Says = Box<dyn FnMut(u16, &str) -> Vec<u8>>;

struct Line {
    to: Endpoint,
    secured: bool,
    heard: usize,
    pending: Vec<u8>,
    closes: bool,
}

#[allow(dead_code, reason = "each probe takes what its scenario needs")]
impl ScriptedBench {
    /// The device of a scenario file in testkit.
    pub(crate) fn play(name: &str) -> Self {
        Self::of(testkit::scenario::scenario(name).unwrap())
    }

    /// A device at 192.0.2.7 whose every port refuses, to be given functions.
    pub(crate) fn refusing() -> Self {
        let device = IpAddr::from([192, 0, 2, 7]);
        Self::of(Scenario { device, tcp: vec![], udp: vec![], rest: Rest { does: RestDoes::Refuses } })
    }

    fn of(scenario: Scenario) -> Self {
        Self {
            scenario,
            handlers: BTreeMap::new(),
            datagram_handlers: BTreeMap::new(),
            tls: BTreeMap::new(),
            links: BTreeMap::new(),
            clock: std::rc::Rc::default(),
            paces: BTreeMap::new(),
            at_most: BTreeMap::new(),
            random: 0,
            local_ports: true,
            allowance: 1000,
            attempts: BTreeMap::new(),
            callers: None,
            has_escrow: false,
            escrow: BTreeMap::new(),
            sent: Vec::new(),
        }
    }

    /// A TCP port that answers each thing it hears with a function. It hears an empty message first, for a banner.
    pub(crate) fn answering(mut self, port: u16, handler: impl FnMut(&[u8]) -> Option<Vec<u8>> + 'static) -> Self {
        self.handlers.insert(port, Box::new(handler));
        self
    }

    /// The port takes so many milliseconds for each thing it says; a millisecond where none is set.
    pub(crate) fn taking(mut self, port: u16, millis: impl FnMut() -> u64 + 'static) -> Self {
        self.paces.insert(port, Box::new(millis));
        self
    }

    /// The port refuses a connection while so many are open.
    pub(crate) fn at_most(mut self, port: u16, connections: usize) -> Self {
        self.at_most.insert(port, connections);
        self
    }

    /// A UDP port that answers each datagram with a function.
    pub(crate) fn answering_datagrams(
        mut self,
        port: u16,
        handler: impl FnMut(&[u8]) -> Option<Vec<u8>> + 'static,
    ) -> Self {
        self.datagram_handlers.insert(port, Box::new(handler));
        self
    }

    /// Comes to these ports of the bench, one after the other, and says what the function gives: first for an empty
    /// text, then for what it is shown.
    pub(crate) fn coming(mut self, calls: Vec<u16>, says: impl FnMut(u16, &str) -> Vec<u8> + 'static) -> Self {
        self.callers = Some(Callers { calls: calls.into(), says: Box::new(says), wish: None });
        self
    }

    /// There is a place for credentials that hold for a while.
    pub(crate) fn keeping_escrow(mut self) -> Self {
        self.has_escrow = true;
        self
    }

    /// This machine may not send from a port of its choice.
    pub(crate) fn without_local_ports(mut self) -> Self {
        self.local_ports = false;
        self
    }

    /// The port speaks TLS first and shows this certificate; in clear it says nothing.
    pub(crate) fn inside_tls(mut self, port: u16, certificate: &[u8]) -> Self {
        let session = TlsSession {
            version: TlsVersion::Tls13,
            suite: 0x1301,
            alpn: None,
            chain: vec![certificate.into()],
            asks_client_certificate: false,
            resumed: false,
            early_data: None,
        };
        self.tls.insert(port, session);
        self
    }

    /// The bench's milliseconds, for a device that keeps time.
    pub(crate) fn clock(&self) -> std::rc::Rc<std::cell::Cell<u64>> {
        self.clock.clone()
    }

    fn tick(&self, millis: u64) {
        self.clock.set(self.clock.get() + millis);
    }

    /// The device's address.
    pub(crate) fn device(&self) -> IpAddr {
        self.scenario.device
    }

    fn tcp_does(&self, port: u16) -> TcpDoes {
        if self.handlers.contains_key(&port) { TcpDoes::Accepts } else { self.scenario.tcp_does(port) }
    }

    fn hear(&mut self, link: LinkId, bytes: &[u8]) -> Result<(), SendError> {
        let Some(line) = self.links.get_mut(&link) else { return Err(SendError::Gone) };
        let port = line.to.port;
        if line.to.transport == Transport::Udp {
            let said = self.datagram_handlers.get_mut(&port).and_then(|handler| handler(bytes));
            line.pending.extend(said.unwrap_or_default());
            return Ok(());
        }
        if self.tls.contains_key(&port) && !line.secured {
            return Ok(());
        }
        let said = match self.handlers.get_mut(&port) {
            Some(handler) => handler(bytes),
            None => {
                let says = self.scenario.tcp.iter().find(|one| one.port == port).map(|one| &one.says.0);
                says.and_then(|says| says.get(line.heard).cloned())
            }
        };
        line.heard += 1;
        line.pending.extend(said.unwrap_or_default());
        Ok(())
    }
}

impl Bench for ScriptedBench {
    fn connect(&mut self, to: Endpoint, within: Duration) -> Result<LinkId, ConnectError> {
        if to.address != self.scenario.device {
            return Err(ConnectError::NotAuthorised);
        }
        if to.transport == Transport::Udp {
            let id = LinkId(self.links.keys().next_back().map_or(0, |last| last.0 + 1));
            let closes = !self.datagram_handlers.contains_key(&to.port);
            self.links.insert(id, Line { to, secured: false, heard: 0, pending: Vec::new(), closes });
            return Ok(id);
        }
        let open = self.links.values().filter(|line| line.to.port == to.port).count();
        let is_full = self.at_most.get(&to.port).is_some_and(|most| open >= *most);
        let does = if is_full { TcpDoes::Refuses } else { self.tcp_does(to.port) };
        match does {
            TcpDoes::Refuses => return Err(ConnectError::Refused),
            TcpDoes::Nothing => {
                self.tick(within.as_millis() as u64);
                return Err(ConnectError::Silent);
            }
            TcpDoes::Accepts | TcpDoes::Closes => {}
        }
        let id = LinkId(self.links.keys().next_back().map_or(0, |last| last.0 + 1));
        let line = Line { to, secured: false, heard: 0, pending: Vec::new(), closes: does == TcpDoes::Closes };
        self.links.insert(id, line);
        self.hear(id, b"").unwrap();
        Ok(id)
    }

    fn come_from(&mut self, source: Option<IpAddr>) -> bool {
        source.is_none()
    }

    fn send(&mut self, link: LinkId, bytes: &[u8]) -> Result<(), SendError> {
        self.send_secret(link, bytes, bytes)
    }

    fn send_secret(&mut self, link: LinkId, bytes: &[u8], shown: &[u8]) -> Result<(), SendError> {
        if let Some(line) = self.links.get(&link) {
            self.sent.push((line.to, shown.to_vec()));
        }
        self.hear(link, bytes)
    }

    fn receive(&mut self, link: LinkId, max: usize, within: Duration) -> Received {
        let Some(line) = self.links.get_mut(&link) else { return Received::Reset };
        if line.pending.is_empty() {
            if line.closes {
                return Received::Closed;
            }
            self.tick(within.as_millis() as u64);
            return Received::Silence;
        }
        let pace = self.paces.get_mut(&line.to.port).map_or(1, |pace| pace());
        let count = line.pending.len().min(max);
        let data = Received::Data(Bytes(line.pending.drain(..count).collect()));
        self.tick(pace);
        data
    }

    fn secure(&mut self, link: LinkId, _: &TlsWish) -> Result<TlsSession, SecureError> {
        let Some(line) = self.links.get_mut(&link) else { return Err(SecureError::Gone) };
        let session = self.tls.get(&line.to.port).cloned().ok_or(SecureError::NotTls)?;
        line.secured = true;
        self.hear(link, b"").unwrap();
        Ok(session)
    }

    fn close(&mut self, link: LinkId) {
        self.links.remove(&link);
    }

    fn ask(&mut self, asks: &[Ask]) -> Vec<Asked> {
        asks.iter().map(|one| ask_alone(self, one)).collect()
    }

    fn datagrams(&mut self, batch: &[Datagram], within: Duration) -> Vec<DatagramAnswer> {
        let mut silent = false;
        let answers = batch
            .iter()
            .map(|one| {
                self.sent.push((one.to, one.payload.0.clone()));
                if one.own_port.is_some() && !self.local_ports {
                    return DatagramAnswer::NotSent(ConnectError::Unequipped);
                }
                if one.to.address != self.scenario.device || one.to.transport != Transport::Udp {
                    return DatagramAnswer::NotSent(ConnectError::NotAuthorised);
                }
                let said = match self.datagram_handlers.get_mut(&one.to.port) {
                    Some(handler) => handler(&one.payload.0),
                    None => match self.scenario.udp_does(one.to.port) {
                        UdpDoes::Refuses => return DatagramAnswer::Refused,
                        UdpDoes::Nothing => None,
                        UdpDoes::Answers => {
                            let entry = self.scenario.udp.iter().find(|entry| entry.port == one.to.port);
                            entry.and_then(|entry| entry.says.0.first().cloned())
                        }
                    },
                };
                silent |= said.is_none();
                said.map_or(DatagramAnswer::Silence, |said| DatagramAnswer::Data(Bytes(said)))
            })
            .collect();
        self.tick(if silent { within.as_millis() as u64 } else { 1 });
        answers
    }

    fn neighbours(&mut self, _: IpAddr, _: Duration) -> Result<Neighbourhood, NeighbourhoodError> {
        Err(NeighbourhoodError::NotOnLink)
    }

    fn sweep(&mut self, at: IpAddr, ports: &[(u16, u16)], _: Duration) -> SweepResult {
        let mut result = SweepResult::default();
        if at != self.scenario.device {
            result.not_tried = ports.to_vec();
            result.stopped_by = Some(ConnectError::NotAuthorised);
            return result;
        }
        let mut silent = Vec::new();
        for port in ports.iter().flat_map(|(low, high)| *low..=*high) {
            match self.tcp_does(port) {
                TcpDoes::Accepts | TcpDoes::Closes => result.open.push(port),
                TcpDoes::Refuses => result.refused += 1,
                TcpDoes::Nothing => silent.push(port),
            }
        }
        result.silent = port_ranges(&silent);
        result
    }

    fn stand_in(&mut self, wish: &StandIn) -> Result<(), StandInError> {
        let callers = self.callers.as_mut().ok_or(StandInError::NotAuthorised)?;
        callers.wish = Some(wish.clone());
        Ok(())
    }

    fn arrival(&mut self, within: Duration) -> Option<Arrival> {
        let from = self.scenario.device;
        let port = self.callers.as_mut().and_then(|callers| callers.calls.pop_front());
        let Some(port) = port else {
            self.tick(within.as_millis() as u64);
            return None;
        };
        self.tick(1);
        let link = LinkId(self.links.keys().next_back().map_or(0, |last| last.0 + 1));
        let pending = self.callers.as_mut().map(|callers| (callers.says)(port, "")).unwrap_or_default();
        let to = Endpoint::tcp(from, port);
        self.links.insert(link, Line { to, secured: false, heard: 0, pending, closes: true });
        Some(Arrival { link, from, port })
    }

    fn serve(&mut self, link: LinkId, face: &Face, _: Duration) -> Result<Served, ServeError> {
        let (Some(line), Some(callers)) = (self.links.get_mut(&link), self.callers.as_mut()) else {
            return Err(ServeError::Gone);
        };
        line.pending = (callers.says)(line.to.port, &face.shown);
        match line.pending.is_empty() {
            true => Err(ServeError::Alerted("unknown_ca".to_owned())),
            false => Ok(Served { version: TlsVersion::Tls13, suite: 0x1301, client: Vec::new() }),
        }
    }

    fn relay(&mut self, link: LinkId, _: Endpoint, _: Duration) -> Relayed {
        self.links.remove(&link);
        Relayed { not_connected: Some(ConnectError::Refused), ..Relayed::default() }
    }

    fn stand_down(&mut self) -> StoodDown {
        StoodDown::default()
    }

    fn attempt(&mut self, mechanism: &str) -> bool {
        let used = self.attempts.entry(mechanism.to_owned()).or_default();
        *used += 1;
        *used <= self.allowance
    }

    fn allowance(&mut self, mechanism: &str) -> u32 {
        self.allowance.saturating_sub(self.attempts.get(mechanism).copied().unwrap_or(0))
    }

    fn pause(&mut self, time: Duration) -> bool {
        self.tick(time.as_millis() as u64);
        true
    }

    fn conceal(&mut self, _: &[u8]) {}

    fn wait(&self) -> Duration {
        Duration::from_millis(100)
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.clock.get() as i64)
    }

    fn elapsed_millis(&self) -> u64 {
        self.clock.get()
    }

    fn random(&mut self, buffer: &mut [u8]) {
        for byte in buffer {
            self.random = self.random.wrapping_mul(5).wrapping_add(17);
            *byte = self.random;
        }
    }

    fn random_secret(&mut self, buffer: &mut [u8]) {
        self.random(buffer);
    }

    fn escrow(&mut self, what: &str, secret: &str) -> bool {
        if self.has_escrow {
            self.escrow.insert(what.to_owned(), secret.to_owned());
        }
        self.has_escrow
    }

    fn release_escrow(&mut self, what: &str) {
        self.escrow.remove(what);
    }

    fn progress(&mut self, _: u64, _: u64) {}
}

fn ask_alone(bench: &mut ScriptedBench, ask: &Ask) -> Asked {
    let mut asked = Asked { not_connected: None, tls: None, said: Bytes::default(), ended: Ended::Never };
    let link = match bench.connect(ask.to, ask.within) {
        Ok(link) => link,
        Err(error) => return Asked { not_connected: Some(error), ..asked },
    };
    if let Some(wish) = &ask.tls {
        let session = bench.secure(link, wish);
        let failed = session.is_err();
        asked.tls = Some(session);
        if failed {
            return asked;
        }
    }
    if !ask.send.0.is_empty() {
        bench.send(link, &ask.send.0).unwrap();
    }
    asked.ended = loop {
        match bench.receive(link, ask.max - asked.said.0.len(), ask.within) {
            Received::Data(bytes) => asked.said.0.extend(bytes.0),
            Received::Closed => break Ended::Closed,
            Received::Reset => break Ended::Reset,
            Received::Silence => break Ended::Silence,
        }
        if asked.said.0.len() >= ask.max {
            break Ended::Full;
        }
    };
    bench.close(link);
    asked
}
