//! Which of many TCP ports accept: non-blocking connection attempts, many at the same time.
//!
//! An attempt that succeeds is reset at once, so that nothing lingers on either side. A silent port is tried three
//! times. How long to wait is learned from the answers of other ports, and never exceeds what was asked for.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use socket2::{Domain, Protocol, Socket, Type};

use crate::limits::Gate;
use crate::port::{ConnectError, SweepResult, port_ranges};
use crate::scope::Scope;

const TRIES: u32 = 3;
/// A wait learned from other ports is not shorter than this: a device may answer some ports later than others.
const SHORTEST_WAIT: Duration = Duration::from_millis(150);
/// So few silent ports are waited for in full on the last try.
const FEW: usize = 2048;
/// On Linux a socket whose attempt was refused can be used for the next attempt.
const REUSES_SOCKETS: bool = cfg!(target_os = "linux");
/// After so many vain tries in a row, 20 ms apart, a lack of sockets or addresses is taken to be lasting.
const MOST_EXHAUSTED: u32 = 50;
/// Ports between two reports of progress.
const STEP: u64 = 2048;

pub(super) fn sweep(
    gate: &Arc<Gate>,
    scope: &Scope,
    at: IpAddr,
    ports: &[(u16, u16)],
    within: Duration,
    progress: &mut dyn FnMut(u64, u64),
) -> SweepResult {
    let began = Instant::now();
    let mut result = SweepResult::default();
    if !scope.allows(at) {
        result.not_tried = ports.to_vec();
        result.stopped_by = Some(ConnectError::NotAuthorised);
        return result;
    }
    let mut wanted: Vec<u16> = ports.iter().flat_map(|(low, high)| *low.max(&1)..=*high).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut sweep = Sweep {
        gate,
        scope,
        at,
        within,
        slowest_answer: None,
        flights: VecDeque::new(),
        spare: None,
        open: Vec::new(),
        silent: Vec::new(),
        unreachable: Vec::new(),
        refused: 0,
        room: 0,
    };
    let of = wanted.len() as u64;
    let mut not_tried = Vec::new();
    for tries in 0..TRIES {
        let silent_share = if tries == 0 { 0 } else { wanted.len() * 10 / (of as usize).max(1) };
        sweep.set_out(tries, wanted.len(), silent_share);
        not_tried.extend(sweep.pass(&wanted, tries, &mut |done| {
            if tries == 0 {
                progress(done, of);
            }
        }));
        wanted = std::mem::take(&mut sweep.silent);
        if wanted.is_empty() || gate.is_over() {
            break;
        }
    }
    progress(of, of);
    if !not_tried.is_empty() {
        result.stopped_by = Some(ConnectError::Limit);
    }
    sweep.open.sort_unstable();
    result.open = sweep.open;
    result.refused = sweep.refused;
    result.silent = port_ranges(&wanted);
    result.unreachable = port_ranges(&sweep.unreachable);
    result.not_tried = port_ranges(&not_tried);
    result.millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    result
}

/// On loopback an attempt may pick the very port it tries to reach, and connect to itself.
pub(super) fn is_with_itself(stream: &TcpStream) -> bool {
    matches!((stream.local_addr(), stream.peer_addr()), (Ok(own), Ok(peer)) if own == peer)
}

struct Flight {
    port: u16,
    socket: Socket,
    since: Instant,
}

enum Start {
    Open,
    Refused,
    Unreachable,
    InFlight(Socket),
    /// This machine has no socket or port to spare at the moment.
    Exhausted,
}

struct Sweep<'a> {
    gate: &'a Arc<Gate>,
    scope: &'a Scope,
    at: IpAddr,
    within: Duration,
    slowest_answer: Option<Duration>,
    flights: VecDeque<Flight>,
    spare: Option<Socket>,
    open: Vec<u16>,
    silent: Vec<u16>,
    unreachable: Vec<u16>,
    refused: u32,
    /// Attempts at the same time in this pass.
    room: usize,
}

impl Sweep<'_> {
    /// Chooses how many attempts fly at the same time. Where only some ports were silent, packets may have been
    /// lost to our own haste, so the next try is slower.
    fn set_out(&mut self, tries: u32, count: usize, silent_tenths: usize) {
        let parallel = usize::try_from(self.gate.limits().parallel).unwrap_or(usize::MAX).clamp(1, 900);
        let haste_may_be_to_blame = tries > 0 && silent_tenths < 1 && count < FEW;
        self.room = if haste_may_be_to_blame { parallel.div_ceil(4) } else { parallel };
    }

    fn wait(&self, tries: u32, count: usize) -> Duration {
        let learned = self.slowest_answer.map(|slowest| (slowest * 5).max(SHORTEST_WAIT) * (tries + 1));
        match learned {
            Some(_) if tries + 1 == TRIES && count <= FEW => self.within,
            Some(learned) => learned.min(self.within),
            None => self.within,
        }
    }

    /// Tries each port once; returns those that the limits did not allow.
    fn pass(&mut self, ports: &[u16], tries: u32, progress: &mut dyn FnMut(u64)) -> Vec<u16> {
        let mut next = 0;
        let mut tokens = 0;
        let mut told = 0;
        let mut exhausted_in_a_row = 0;
        while next < ports.len() || !self.flights.is_empty() {
            let mut token_wait = None;
            let mut exhausted = false;
            while next < ports.len() && self.flights.len() < self.room && !exhausted {
                if tokens == 0 {
                    match self.gate.take_now(64) {
                        Ok(Ok(granted)) => tokens = granted,
                        Ok(Err(wait)) => {
                            token_wait = Some(wait);
                            break;
                        }
                        Err(_) => {
                            // The time is over: what still flies is not waited for either.
                            let flying = self.flights.drain(..).map(|flight| flight.port);
                            return flying.chain(ports[next..].iter().copied()).collect();
                        }
                    }
                }
                let port = ports[next];
                let since = Instant::now();
                match self.start(port) {
                    Start::Exhausted if exhausted_in_a_row < MOST_EXHAUSTED || !self.flights.is_empty() => {
                        exhausted_in_a_row += 1;
                        exhausted = true;
                        continue;
                    }
                    Start::Exhausted => self.unreachable.push(port),
                    Start::InFlight(socket) => {
                        exhausted_in_a_row = 0;
                        self.flights.push_back(Flight { port, socket, since });
                    }
                    Start::Open => self.open.push(port),
                    Start::Refused => self.refused += 1,
                    Start::Unreachable => self.unreachable.push(port),
                }
                tokens -= 1;
                next += 1;
                if next as u64 >= told + STEP {
                    told = next as u64;
                    progress(told);
                }
            }
            let wait = self.wait(tries, ports.len());
            if self.flights.is_empty() {
                if next < ports.len() {
                    let pause = token_wait.unwrap_or(Duration::from_millis(20));
                    std::thread::sleep(self.gate.at_most(pause));
                }
                continue;
            }
            self.land(wait, token_wait.or(exhausted.then_some(Duration::from_millis(20))));
        }
        Vec::new()
    }

    fn start(&mut self, port: u16) -> Start {
        let Some(to) = self.scope.socket_address(self.at, port) else { return Start::Unreachable };
        let socket = match self.spare.take() {
            Some(socket) => socket,
            None => match new_socket(to) {
                Ok(socket) => socket,
                Err(_) => return Start::Exhausted,
            },
        };
        match rustix::net::connect(&socket, &to) {
            Ok(()) if connected_to_itself(&socket) => Start::Refused,
            Ok(()) => Start::Open,
            Err(Errno::INPROGRESS | Errno::INTR) => Start::InFlight(socket),
            Err(Errno::CONNREFUSED) => {
                self.spare = REUSES_SOCKETS.then_some(socket);
                Start::Refused
            }
            Err(Errno::ADDRNOTAVAIL | Errno::AGAIN | Errno::NOBUFS | Errno::NOMEM) => Start::Exhausted,
            Err(Errno::CONNRESET) => Start::Refused,
            Err(_) => Start::Unreachable,
        }
    }

    /// Waits for answers and takes in what has landed or waited long enough.
    fn land(&mut self, wait: Duration, at_most: Option<Duration>) {
        let Some(oldest) = self.flights.front() else { return };
        let left = (oldest.since + wait).saturating_duration_since(Instant::now());
        let left = self.gate.at_most(at_most.map_or(left, |most| left.min(most)));
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) as _ };
        let mut polled: Vec<PollFd<'_>> = self
            .flights
            .iter()
            .map(|flight| PollFd::from_borrowed_fd(flight.socket.as_fd(), PollFlags::OUT))
            .collect();
        // An interrupted wait is taken up again by the caller's loop.
        poll(&mut polled, Some(&timeout)).ok();
        let landed: Vec<bool> = polled.iter().map(|one| !one.revents().is_empty()).collect();
        drop(polled);
        let now = Instant::now();
        for (flight, landed) in std::mem::take(&mut self.flights).into_iter().zip(landed) {
            let flown = now.duration_since(flight.since);
            if !landed && flown < wait {
                self.flights.push_back(flight);
            } else if !landed {
                self.silent.push(flight.port);
            } else {
                self.take_in(&flight, flown);
            }
        }
    }

    fn take_in(&mut self, flight: &Flight, flown: Duration) {
        let error = flight.socket.take_error().ok().flatten();
        let errno = error.as_ref().and_then(std::io::Error::raw_os_error).map(Errno::from_raw_os_error);
        match errno {
            None if error.is_some() => self.unreachable.push(flight.port),
            None if connected_to_itself(&flight.socket) => self.refused += 1,
            None => self.open.push(flight.port),
            Some(Errno::CONNREFUSED | Errno::CONNRESET) => self.refused += 1,
            Some(Errno::TIMEDOUT) => self.silent.push(flight.port),
            Some(_) => self.unreachable.push(flight.port),
        }
        if matches!(errno, None | Some(Errno::CONNREFUSED)) {
            self.slowest_answer = Some(self.slowest_answer.map_or(flown, |slowest| slowest.max(flown)));
        }
    }
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
