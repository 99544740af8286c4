//! One pass over ports: non-blocking connection attempts, many at the same time, each resolved once.
//!
//! An attempt that succeeds is reset at once, so that nothing lingers on either side. Near hosts answer before the
//! call that asked has returned; their answer is taken at once, and the socket of a refusal is used again.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use socket2::{Domain, Protocol, Socket, Type};

use crate::limits::{Gate, Shut};
use crate::scope::Scope;

/// On Linux a refused socket can try again, and asking twice says how the first attempt stands.
pub(super) const ASKS_TWICE: bool = cfg!(target_os = "linux");
/// After so many vain second questions in a row, answers take longer than a call: only waiting helps.
const MOST_VAIN: u32 = 16;
/// After so many vain tries in a row, a pause apart, a lack of sockets or addresses is taken to be lasting.
const MOST_EXHAUSTED: u32 = 50;
const PAUSE: Duration = Duration::from_millis(20);
/// Where near hosts are asked from: below the ports that systems hand out, above most services.
const OWN_PORTS: std::ops::RangeInclusive<u16> = 20_011..=29_983;
/// Ports between two reports of progress.
const STEP: usize = 2048;

/// What one or more passes found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) open: Vec<u16>,
    pub(super) refused: u32,
    pub(super) silent: Vec<u16>,
    pub(super) unreachable: Vec<u16>,
    pub(super) not_tried: Vec<u16>,
    pub(super) slowest_answer: Option<Duration>,
}

impl Found {
    pub(super) fn add(&mut self, other: Found) {
        self.open.extend(other.open);
        self.refused += other.refused;
        self.silent.extend(other.silent);
        self.unreachable.extend(other.unreachable);
        self.not_tried.extend(other.not_tried);
        self.slowest_answer = self.slowest_answer.max(other.slowest_answer);
    }
}

/// How one pass is flown.
#[derive(Clone, Copy)]
pub(super) struct Pass<'a> {
    pub(super) gate: &'a Arc<Gate>,
    pub(super) scope: &'a Scope,
    pub(super) at: IpAddr,
    /// How long to wait for each port.
    pub(super) wait: Duration,
    /// Attempts at the same time.
    pub(super) room: usize,
    /// Whether to ask at once how an attempt stands, and to use its socket again.
    pub(super) asks_twice: bool,
}

impl Pass<'_> {
    /// Tries each port once.
    pub(super) fn fly(self, ports: &[u16], progress: &mut dyn FnMut(usize)) -> Found {
        let mut flight = Flight {
            pass: self,
            flying: VecDeque::new(),
            spare: None,
            own: None,
            vain: 0,
            exhausted: 0,
            tokens: 0,
            found: Found::default(),
        };
        let mut next = 0;
        while next < ports.len() || !flight.flying.is_empty() {
            let before = next;
            let stop = flight.take_off(ports, &mut next);
            if before / STEP != next / STEP {
                progress(next);
            }
            match stop {
                Stop::Over => {
                    // What still flies is not waited for either.
                    let flying = flight.flying.drain(..).map(|attempt| attempt.port);
                    flight.found.not_tried.extend(flying.chain(ports[next..].iter().copied()));
                    break;
                }
                Stop::Full => flight.land(None),
                Stop::For(pause) if flight.flying.is_empty() => std::thread::sleep(self.gate.at_most(pause)),
                Stop::For(pause) => flight.land(Some(pause)),
            }
        }
        flight.found
    }
}

struct Attempt {
    port: u16,
    socket: Socket,
    since: Instant,
}

/// Why no further attempt was begun.
enum Stop {
    /// All are under way, or as many as there is room for.
    Full,
    /// Nothing more may be or can be sent for so long.
    For(Duration),
    /// The run's time is over.
    Over,
}

enum Begun {
    Answered,
    Flying(Socket),
    /// This machine has no socket or port to spare at the moment.
    Exhausted,
}

struct Flight<'a> {
    pass: Pass<'a>,
    flying: VecDeque<Attempt>,
    spare: Option<Socket>,
    own: Option<Option<IpAddr>>,
    vain: u32,
    exhausted: u32,
    tokens: u32,
    found: Found,
}

impl Flight<'_> {
    fn take_off(&mut self, ports: &[u16], next: &mut usize) -> Stop {
        let until = (*next + STEP).min(ports.len());
        while *next < until && self.flying.len() < self.pass.room {
            if self.tokens == 0 {
                self.tokens = match self.pass.gate.take_now(64) {
                    Ok(Ok(granted)) => granted,
                    Ok(Err(pause)) => return Stop::For(pause),
                    Err(Shut) => return Stop::Over,
                };
            }
            let port = ports[*next];
            let since = Instant::now();
            match self.begin(port) {
                Begun::Exhausted if self.exhausted < MOST_EXHAUSTED || !self.flying.is_empty() => {
                    self.exhausted += 1;
                    return Stop::For(PAUSE);
                }
                Begun::Exhausted => self.found.unreachable.push(port),
                Begun::Answered => self.exhausted = 0,
                Begun::Flying(socket) => {
                    self.exhausted = 0;
                    self.flying.push_back(Attempt { port, socket, since });
                }
            }
            self.tokens -= 1;
            *next += 1;
        }
        // Steps without a flight in the air go on at once.
        if *next < ports.len() && self.flying.len() < self.pass.room {
            Stop::For(Duration::ZERO)
        } else {
            Stop::Full
        }
    }

    fn begin(&mut self, port: u16) -> Begun {
        let Some(to) = self.pass.scope.socket_address(self.pass.at, port) else {
            self.found.unreachable.push(port);
            return Begun::Answered;
        };
        let socket = match self.spare.take() {
            Some(socket) => socket,
            None => match new_socket(to) {
                Ok(socket) => {
                    self.settle_down(&socket, to);
                    socket
                }
                Err(_) => return Begun::Exhausted,
            },
        };
        let mut answer = rustix::net::connect(&socket, &to);
        if answer == Err(Errno::INPROGRESS) && self.pass.asks_twice && self.vain < MOST_VAIN {
            answer = rustix::net::connect(&socket, &to);
            self.vain = if answer == Err(Errno::ALREADY) { self.vain + 1 } else { 0 };
        }
        match answer {
            Err(Errno::INPROGRESS | Errno::ALREADY | Errno::INTR) => return Begun::Flying(socket),
            Err(Errno::ADDRNOTAVAIL | Errno::AGAIN | Errno::NOBUFS | Errno::NOMEM) => return Begun::Exhausted,
            Err(Errno::CONNREFUSED) => {
                self.spare = self.pass.asks_twice.then_some(socket);
                self.found.refused += 1;
            }
            answer => self.resolve(port, &socket, answer.err()),
        }
        // Immediate answers teach nothing about how long to wait but that it is short.
        self.found.slowest_answer = self.found.slowest_answer.max(Some(Duration::ZERO));
        Begun::Answered
    }

    /// Near hosts are asked from one port: the search for a free one at each attempt is half of what we spend.
    fn settle_down(&mut self, socket: &Socket, to: SocketAddr) {
        if !self.pass.asks_twice || self.vain >= MOST_VAIN {
            return;
        }
        let own = *self.own.get_or_insert_with(|| own_address(to));
        let Some(own) = own else { return };
        // Only a port asked for by its number stays with the socket. Where all are taken, each attempt finds one.
        let seed = Instant::now().duration_since(self.pass.gate.began()).subsec_nanos();
        (0..8u32)
            .map(|step| OWN_PORTS.start() + (seed.wrapping_add(step * 1009) % 9973) as u16)
            .find(|port| socket.bind(&SocketAddr::new(own, *port).into()).is_ok());
    }

    fn resolve(&mut self, port: u16, socket: &Socket, error: Option<Errno>) {
        match error {
            None | Some(Errno::ISCONN) if connected_to_itself(socket) => self.found.refused += 1,
            None | Some(Errno::ISCONN) => self.found.open.push(port),
            Some(Errno::CONNREFUSED | Errno::CONNRESET) => self.found.refused += 1,
            Some(Errno::TIMEDOUT) => self.found.silent.push(port),
            Some(_) => self.found.unreachable.push(port),
        }
    }

    /// Waits for answers and takes in what has landed or waited long enough.
    fn land(&mut self, at_most: Option<Duration>) {
        let Some(oldest) = self.flying.front() else { return };
        let left = (oldest.since + self.pass.wait).saturating_duration_since(Instant::now());
        let left = self.pass.gate.at_most(at_most.map_or(left, |most| left.min(most)));
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) as _ };
        let mut polled: Vec<PollFd<'_>> = self
            .flying
            .iter()
            .map(|attempt| PollFd::from_borrowed_fd(attempt.socket.as_fd(), PollFlags::OUT))
            .collect();
        // An interrupted wait is taken up again by the caller's loop.
        poll(&mut polled, Some(&timeout)).ok();
        let landed: Vec<bool> = polled.iter().map(|one| !one.revents().is_empty()).collect();
        drop(polled);
        let now = Instant::now();
        for (attempt, landed) in std::mem::take(&mut self.flying).into_iter().zip(landed) {
            let flown = now.duration_since(attempt.since);
            if landed {
                let error = attempt.socket.take_error().ok().flatten();
                let errno = error.map(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO));
                if matches!(errno, None | Some(Errno::CONNREFUSED)) {
                    self.found.slowest_answer = self.found.slowest_answer.max(Some(flown));
                }
                self.resolve(attempt.port, &attempt.socket, errno);
            } else if flown < self.pass.wait {
                self.flying.push_back(attempt);
            } else {
                self.found.silent.push(attempt.port);
            }
        }
    }
}

/// The address of this machine from which packets go there; none for link-local ones, which need an interface too.
fn own_address(to: SocketAddr) -> Option<IpAddr> {
    let any = SocketAddr::new(if to.is_ipv4() { IpAddr::from([0; 4]) } else { IpAddr::from([0u16; 8]) }, 0);
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(to).ok()?;
    let own = socket.local_addr().ok()?.ip();
    let is_link_local = matches!(own, IpAddr::V6(v6) if v6.is_unicast_link_local());
    (!is_link_local).then_some(own)
}

fn new_socket(to: SocketAddr) -> std::io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    // A reset instead of a long goodbye: neither side keeps state for a port that was only knocked at.
    socket.set_linger(Some(Duration::ZERO))?;
    Ok(socket)
}

fn connected_to_itself(socket: &Socket) -> bool {
    matches!((socket.local_addr(), socket.peer_addr()), (Ok(own), Ok(peer)) if own == peer)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::Limits;

    #[test]
    fn far_hosts_whose_answers_take_time_are_read_as_near_ones() {
        let at = IpAddr::from([127, 81, 7, 3]);
        let listeners: Vec<TcpListener> = (0..8).map(|_| TcpListener::bind((at, 0)).unwrap()).collect();
        let mut open: Vec<u16> = listeners.iter().map(|one| one.local_addr().unwrap().port()).collect();
        open.sort_unstable();
        let ports: Vec<u16> = open.iter().copied().chain(1000..2000).collect();
        let (gate, scope) = (Gate::new(Limits::default()), Scope::of([at]));
        for asks_twice in [false, ASKS_TWICE] {
            for room in [1, 64, 900] {
                let wait = Duration::from_millis(1500);
                let pass = Pass { gate: &gate, scope: &scope, at, wait, room, asks_twice };
                let mut found = pass.fly(&ports, &mut |_| {});
                found.open.sort_unstable();
                assert!(open.iter().all(|port| found.open.contains(port)), "{asks_twice} {room}: {found:?}");
                assert_eq!(found.open.len() + found.refused as usize, ports.len(), "{asks_twice} {room}");
            }
        }
    }
}
