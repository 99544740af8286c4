//! The bench with real sockets.
//!
//! Nothing leaves for an address outside the scope, nothing passes the gate beyond the limits, and everything that
//! happens is recorded. No async runtime: connections block on a thread each, sweeps and datagrams poll.

mod datagrams;
mod escrow;
mod line;
mod link;
mod neighbours;
mod serve;
mod standing;
mod sweep;
mod tls;

use std::collections::BTreeMap;
use std::net::{IpAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use model::{Endpoint, Timestamp, Transport};

use crate::limits::{Gate, Limits};
use crate::port::*;
use crate::scope::Scope;
use crate::stand_in::{Arrival, Face, Relayed, ServeError, Served, StandIn, StandInError, StoodDown};
use crate::transcript::{Happening, Recorder, Transcript};
use line::Line;
use link::Link;
use standing::Standing;

pub use neighbours::hardware_of;

/// Bytes a transcript may hold.
const RECORD_ROOM: usize = 32 * 1024 * 1024;
/// Connections of one bulk question at the same time; each takes a thread.
const MOST_THREADS: usize = 48;

/// Is told how far a probe is: steps done, and of how many.
pub type Progress = Box<dyn FnMut(u64, u64) + Send>;

/// Real sockets, within a scope and limits.
pub struct LiveBench {
    scope: Scope,
    gate: Arc<Gate>,
    /// From where connections come, where a probe asked for it.
    source: Option<IpAddr>,
    links: BTreeMap<LinkId, Link>,
    lines: BTreeMap<LinkId, Line>,
    sessions: tls::Kept,
    next: u32,
    standing: Option<Standing>,
    recorder: Recorder,
    progress: Option<Progress>,
    escrow: Option<PathBuf>,
}

impl LiveBench {
    /// A bench that may measure these addresses within these limits. The run's time starts now.
    pub fn new(scope: Scope, limits: Limits) -> Self {
        Self {
            scope,
            gate: Gate::new(limits),
            source: None,
            links: BTreeMap::new(),
            lines: BTreeMap::new(),
            sessions: tls::Kept::default(),
            next: 0,
            standing: None,
            recorder: Recorder::new(time_of_day(), RECORD_ROOM),
            progress: None,
            escrow: None,
        }
    }

    /// Keeps credentials that hold for a while in files of this folder.
    #[must_use]
    pub fn keeping_secrets_in(self, folder: &Path) -> Self {
        Self { escrow: Some(folder.to_owned()), ..self }
    }

    /// Tells this listener how far each probe is.
    #[must_use]
    pub fn telling(mut self, progress: Progress) -> Self {
        self.progress = Some(progress);
        self
    }

    /// Counts these wrong credentials, by mechanism, as used up: an earlier part of the run tried them.
    #[must_use]
    pub fn having_spent(self, attempts: &BTreeMap<String, u32>) -> Self {
        self.gate.spend(attempts);
        self
    }

    /// Wrong credentials used up so far, by mechanism.
    pub fn attempts(&self) -> BTreeMap<String, u32> {
        self.gate.attempts()
    }

    /// Allows one more address, reached through the interface of this index: one that is known to be a target's.
    pub fn authorise(&mut self, address: IpAddr, interface: u32) {
        self.scope = std::mem::take(&mut self.scope).and_on_interface(address, interface);
    }

    /// What happened so far.
    pub fn transcript(&self) -> &Transcript {
        self.recorder.transcript()
    }

    /// Hands over the record and begins a new one, for the next probe. What is concealed stays concealed.
    pub fn take_transcript(&mut self) -> Transcript {
        self.recorder.renew(time_of_day(), RECORD_ROOM)
    }

    fn keep(&mut self, what: Happening) {
        let at = self.elapsed_millis();
        self.recorder.keep(at, what);
    }

    fn new_id(&mut self) -> LinkId {
        let id = LinkId(self.next);
        self.next += 1;
        id
    }

    fn hold(&mut self, link: Link) -> LinkId {
        let id = self.new_id();
        self.links.insert(id, link);
        id
    }

    fn post(&mut self, link: LinkId, bytes: &[u8], shown: &[u8]) -> Result<(), SendError> {
        let result = match (self.links.get_mut(&link), self.lines.get_mut(&link)) {
            _ if self.gate.is_over() => Err(SendError::Limit),
            (Some(link), _) => link.send(bytes),
            (_, Some(line)) => line.send(&self.gate, bytes),
            _ => Err(SendError::Gone),
        };
        self.keep(Happening::Send { link, bytes: shown.into(), result });
        result
    }
}

impl Bench for LiveBench {
    fn connect(&mut self, to: Endpoint, within: Duration) -> Result<LinkId, ConnectError> {
        let result = match to.transport {
            Transport::Tcp => {
                Link::open(&self.gate, &self.scope, to, self.source, within).map(|link| self.hold(link))
            }
            Transport::Udp => Line::open(&self.gate, &self.scope, to, self.source).map(|line| {
                let id = self.new_id();
                self.lines.insert(id, line);
                id
            }),
        };
        self.keep(Happening::Connect { to, result });
        result
    }

    fn come_from(&mut self, source: Option<IpAddr>) -> bool {
        // A bind is refused for an address that this machine does not have.
        let is_ours = |own: IpAddr| self.scope.may_come_from(own) && UdpSocket::bind((own, 0)).is_ok();
        let possible = source.is_none_or(is_ours);
        if possible {
            self.source = source;
        }
        self.keep(Happening::ComeFrom { source, possible });
        possible
    }

    fn send(&mut self, link: LinkId, bytes: &[u8]) -> Result<(), SendError> {
        self.post(link, bytes, bytes)
    }

    fn send_secret(&mut self, link: LinkId, bytes: &[u8], shown: &[u8]) -> Result<(), SendError> {
        self.post(link, bytes, shown)
    }

    fn receive(&mut self, link: LinkId, max: usize, within: Duration) -> Received {
        let within = self.gate.at_most(within);
        let received = match (self.links.get_mut(&link), self.lines.get_mut(&link)) {
            (Some(link), _) => link.receive(max, within),
            (_, Some(line)) => line.receive(max, within),
            _ => Received::Reset,
        };
        self.keep(Happening::Receive { link, received: received.clone() });
        received
    }

    fn secure(&mut self, link: LinkId, wish: &TlsWish) -> Result<TlsSession, SecureError> {
        let within = self.gate.at_most(self.wait());
        let result = match self.links.get_mut(&link) {
            Some(link) => link.secure(wish, &mut self.sessions, within),
            None => Err(SecureError::Gone),
        };
        self.keep(Happening::Secure { link, wish: wish.clone(), result: result.clone() });
        result
    }

    fn close(&mut self, link: LinkId) {
        self.links.remove(&link);
        self.lines.remove(&link);
        self.keep(Happening::Close { link });
    }

    fn ask(&mut self, asks: &[Ask]) -> Vec<Asked> {
        let answers = ask_all(&self.gate, &self.scope, self.source, asks);
        for (ask, asked) in asks.iter().zip(&answers) {
            self.keep(Happening::Ask { ask: ask.clone(), asked: asked.clone() });
        }
        answers
    }

    fn datagrams(&mut self, batch: &[Datagram], within: Duration) -> Vec<DatagramAnswer> {
        let answers = datagrams::exchange(&self.gate, &self.scope, batch, within);
        for (datagram, answer) in batch.iter().zip(&answers) {
            self.keep(Happening::Datagram { datagram: datagram.clone(), answer: answer.clone() });
        }
        answers
    }

    fn neighbours(&mut self, product: IpAddr, within: Duration) -> Result<Neighbourhood, NeighbourhoodError> {
        let met = neighbours::call(&self.gate, &self.scope, product, within);
        let result = met.map(|(neighbourhood, interface)| {
            for (address, _) in &neighbourhood.found {
                self.authorise((*address).into(), interface);
            }
            neighbourhood
        });
        self.keep(Happening::Neighbours { product, result: result.clone() });
        result
    }

    fn sweep(&mut self, at: IpAddr, ports: &[(u16, u16)], within: Duration) -> SweepResult {
        let mut progress = self.progress.take();
        let result = sweep::sweep(&self.gate, &self.scope, at, ports, within, &mut |done, of| {
            if let Some(tell) = &mut progress {
                tell(done, of);
            }
        });
        self.progress = progress;
        self.keep(Happening::Sweep { at, ports: ports.to_vec(), result: result.clone() });
        result
    }

    fn stand_in(&mut self, wish: &StandIn) -> Result<(), StandInError> {
        self.standing = None;
        let opened = match self.scope.may_stand_at(wish.address) && !self.gate.is_over() {
            true => Standing::open(wish),
            false => Err(StandInError::NotAuthorised),
        };
        let result = opened.map(|standing| self.standing = Some(standing));
        self.keep(Happening::StandIn { wish: wish.clone(), result: result.clone() });
        result
    }

    fn arrival(&mut self, within: Duration) -> Option<Arrival> {
        let until = Instant::now() + self.gate.at_most(within);
        let place = self.gate.place();
        let came = self.standing.as_mut().filter(|_| place.is_ok()).and_then(|standing| standing.arrival(until));
        let arrival = came.zip(place.ok()).map(|((stream, from, port), place)| {
            let link = self.hold(Link::accepted(stream, place));
            Arrival { link, from, port }
        });
        self.keep(Happening::Arrival { arrival });
        arrival
    }

    fn serve(&mut self, link: LinkId, face: &Face, within: Duration) -> Result<Served, ServeError> {
        let within = self.gate.at_most(within);
        let result = self.links.get_mut(&link).map_or(Err(ServeError::Gone), |link| link.serve(face, within));
        self.keep(Happening::Serve { link, shown: face.shown.clone(), result: result.clone() });
        result
    }

    fn relay(&mut self, link: LinkId, to: Endpoint, within: Duration) -> Relayed {
        let until = Instant::now() + self.gate.at_most(within);
        let relayed = match Link::open(&self.gate, &self.scope, to, None, self.wait()) {
            Err(error) => Relayed { not_connected: Some(error), ..Relayed::default() },
            Ok(mut service) => match self.links.get_mut(&link) {
                Some(client) => client.relay(&mut service, until),
                None => Relayed::default(),
            },
        };
        self.links.remove(&link);
        self.keep(Happening::Relay { link, to, relayed: relayed.clone() });
        relayed
    }

    fn stand_down(&mut self) -> StoodDown {
        let stood = self.standing.take().map(Standing::down).unwrap_or_default();
        self.keep(Happening::StandDown { stood: stood.clone() });
        stood
    }

    fn attempt(&mut self, mechanism: &str) -> bool {
        let allowed = self.gate.attempt(mechanism);
        self.keep(Happening::Attempt { mechanism: mechanism.to_owned(), allowed });
        allowed
    }

    fn allowance(&mut self, mechanism: &str) -> u32 {
        let left = self.gate.allowance(mechanism);
        self.keep(Happening::Allowance { mechanism: mechanism.to_owned(), left });
        left
    }

    fn pause(&mut self, time: Duration) -> bool {
        let possible = self.gate.at_most(time);
        std::thread::sleep(possible);
        self.keep(Happening::Pause { whole: possible == time });
        possible == time
    }

    fn conceal(&mut self, secret: &[u8]) {
        self.recorder.conceal(secret);
    }

    fn wait(&self) -> Duration {
        Duration::from_millis(u64::from(self.gate.limits().wait_millis))
    }

    fn now(&self) -> Timestamp {
        time_of_day()
    }

    fn elapsed_millis(&self) -> u64 {
        u64::try_from(self.gate.began().elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn random_secret(&mut self, buffer: &mut [u8]) {
        // Without randomness no credential is made: without an escrow nothing is changed to it.
        if getrandom::fill(buffer).is_err() {
            buffer.fill(0);
            self.escrow = None;
        }
    }

    fn escrow(&mut self, what: &str, secret: &str) -> bool {
        self.escrow.as_deref().is_some_and(|folder| escrow::keep(folder, what, secret).is_ok())
    }

    fn release_escrow(&mut self, what: &str) {
        if let Some(folder) = &self.escrow {
            escrow::release(folder, what);
        }
    }

    fn random(&mut self, buffer: &mut [u8]) {
        if getrandom::fill(buffer).is_err() {
            // Canaries and nonces only have to differ from one another; no key is made from them.
            let seed = self.elapsed_millis() ^ u64::from(self.next) << 40 ^ u64::from(std::process::id()) << 20;
            for (at, byte) in buffer.iter_mut().enumerate() {
                *byte = seed.rotate_left(at as u32 * 7).to_le_bytes()[0] ^ at as u8;
            }
        }
        self.keep(Happening::Random { bytes: (&*buffer).into() });
    }

    fn progress(&mut self, done: u64, of: u64) {
        if let Some(tell) = &mut self.progress {
            tell(done, of);
        }
    }
}

fn time_of_day() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn ask_all(gate: &Arc<Gate>, scope: &Scope, source: Option<IpAddr>, asks: &[Ask]) -> Vec<Asked> {
    let parallel = usize::try_from(gate.limits().parallel).unwrap_or(MOST_THREADS).max(1);
    let threads = parallel.min(MOST_THREADS).min(asks.len());
    let next = AtomicUsize::new(0);
    let mut answers: Vec<(usize, Asked)> = std::thread::scope(|threads_of| {
        let work = || {
            let mut done = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(ask) = asks.get(at) else { return done };
                done.push((at, link::ask(gate, scope, source, ask)));
            }
        };
        let workers: Vec<_> = (0..threads).map(|_| threads_of.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    });
    answers.sort_by_key(|(at, _)| *at);
    answers.into_iter().map(|(_, asked)| asked).collect()
}
