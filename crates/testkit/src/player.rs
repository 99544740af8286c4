//! Plays a [`Scenario`] on real sockets of a loopback address.
//!
//! A port keeps its number where this process may bind it and gets another one where not, so ask [`Player::tcp`] and
//! [`Player::udp`] for addresses. It does not play a device whose unmentioned ports are silent: loopback refuses.

use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use crate::Site;
use crate::scenario::{RestDoes, Scenario, TcpDoes, UdpDoes};

/// A scenario that is being played; dropping it ends the play.
#[derive(Debug)]
pub struct Player {
    ip: IpAddr,
    tcp: Vec<(u16, SocketAddr)>,
    udp: Vec<(u16, SocketAddr)>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    _silent: Vec<Silent>,
}

/// Why a scenario is not played.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlayError {
    /// Loopback answers for every port that nobody listens on.
    #[error("failed to keep all unmentioned ports silent: loopback refuses by itself")]
    SilentRest,
    /// A socket could not be had.
    #[error("failed to open {transport} port {port}")]
    Open {
        /// `tcp` or `udp`.
        transport: &'static str,
        /// The port of the scenario.
        port: u16,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// How long a session sleeps in a read before it looks whether the play is over.
const LOOK_UP: Duration = Duration::from_millis(20);

impl Player {
    /// Plays on a loopback address of its own.
    ///
    /// # Errors
    /// See [`PlayError`].
    pub fn play(scenario: &Scenario) -> Result<Self, PlayError> {
        if scenario.rest.does == RestDoes::Nothing {
            return Err(PlayError::SilentRest);
        }
        let mut player = Self {
            ip: Site::loopback().ip(),
            tcp: Vec::new(),
            udp: Vec::new(),
            stop: Arc::new(AtomicBool::new(false)),
            threads: Vec::new(),
            _silent: Vec::new(),
        };
        for entry in &scenario.tcp {
            let opening = |source| PlayError::Open { transport: "tcp", port: entry.port, source };
            let says = entry.says.0.clone();
            let at = match entry.does {
                TcpDoes::Refuses => continue,
                TcpDoes::Nothing => player.keep_silent(entry.port).map_err(opening)?,
                TcpDoes::Accepts => player.listen(entry.port, says, true).map_err(opening)?,
                TcpDoes::Closes => player.listen(entry.port, says, false).map_err(opening)?,
            };
            player.tcp.push((entry.port, at));
        }
        for entry in &scenario.udp {
            let says = match entry.does {
                UdpDoes::Refuses => continue,
                UdpDoes::Nothing => Vec::new(),
                UdpDoes::Answers => entry.says.0.clone(),
            };
            let at = player.answer(entry.port, says).map_err(|source| PlayError::Open {
                transport: "udp",
                port: entry.port,
                source,
            })?;
            player.udp.push((entry.port, at));
        }
        Ok(player)
    }

    /// The loopback address it plays on.
    #[must_use]
    pub fn ip(&self) -> IpAddr {
        self.ip
    }

    /// Where a TCP port of the scenario is found.
    #[must_use]
    pub fn tcp(&self, port: u16) -> SocketAddr {
        self.found(&self.tcp, port)
    }

    /// Where a UDP port of the scenario is found.
    #[must_use]
    pub fn udp(&self, port: u16) -> SocketAddr {
        self.found(&self.udp, port)
    }

    fn found(&self, open: &[(u16, SocketAddr)], port: u16) -> SocketAddr {
        let played = open.iter().find(|(number, _)| *number == port);
        played.map_or(SocketAddr::new(self.ip, port), |(_, at)| *at)
    }

    fn listen(&mut self, port: u16, says: Vec<Vec<u8>>, stays: bool) -> io::Result<SocketAddr> {
        let listener = at_port_or_any(port, |port| TcpListener::bind((self.ip, port)))?;
        listener.set_nonblocking(true)?;
        let at = listener.local_addr()?;
        let stop = Arc::clone(&self.stop);
        self.threads.push(std::thread::spawn(move || {
            let mut sessions: Vec<JoinHandle<()>> = Vec::new();
            while !stop.load(Ordering::SeqCst) {
                sessions.retain(|session| !session.is_finished());
                let Ok((connection, _)) = listener.accept() else {
                    std::thread::sleep(Duration::from_millis(2));
                    continue;
                };
                // More than that at once is no test but a flood; it sees a closed connection.
                if sessions.len() < 64 {
                    let (says, stop) = (says.clone(), Arc::clone(&stop));
                    sessions.push(std::thread::spawn(move || {
                        // A peer that goes away in the middle is a normal end of a session.
                        talk(connection, &says, stays, &stop).ok();
                    }));
                }
            }
            for session in sessions {
                session.join().ok();
            }
        }));
        Ok(at)
    }

    fn answer(&mut self, port: u16, says: Vec<Vec<u8>>) -> io::Result<SocketAddr> {
        let socket = at_port_or_any(port, |port| UdpSocket::bind((self.ip, port)))?;
        socket.set_read_timeout(Some(LOOK_UP))?;
        let at = socket.local_addr()?;
        let stop = Arc::clone(&self.stop);
        self.threads.push(std::thread::spawn(move || {
            let mut heard = 0;
            let mut datagram = [0; 65535];
            while !stop.load(Ordering::SeqCst) {
                let Ok((_, from)) = socket.recv_from(&mut datagram) else {
                    continue;
                };
                if let Some(message) = says.get(heard).or(says.last()) {
                    socket.send_to(message, from).ok();
                }
                heard += 1;
            }
        }));
        Ok(at)
    }

    fn keep_silent(&mut self, port: u16) -> io::Result<SocketAddr> {
        let silent = at_port_or_any(port, |port| Silent::bind((self.ip, port).into()))?;
        let at = silent.at;
        self._silent.push(silent);
        Ok(at)
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        for thread in self.threads.drain(..) {
            thread.join().ok();
        }
    }
}

/// A port that answers nothing: its queue of connections is full, and Linux then drops further attempts.
#[derive(Debug)]
struct Silent {
    at: SocketAddr,
    _listener: Socket,
    _waiting: TcpStream,
}

impl Silent {
    fn bind(at: SocketAddr) -> io::Result<Self> {
        let listener = Socket::new(Domain::for_address(at), Type::STREAM, None)?;
        listener.bind(&at.into())?;
        listener.listen(0)?;
        let at = listener.local_addr()?.as_socket().ok_or(io::ErrorKind::AddrNotAvailable)?;
        // A queue of length 0 still takes one.
        let waiting = TcpStream::connect(at)?;
        Ok(Self { at, _listener: listener, _waiting: waiting })
    }
}

fn at_port_or_any<T>(port: u16, bind: impl Fn(u16) -> io::Result<T>) -> io::Result<T> {
    match bind(port) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => bind(0),
        other => other,
    }
}

fn talk(mut connection: TcpStream, says: &[Vec<u8>], stays: bool, stop: &AtomicBool) -> io::Result<()> {
    connection.set_nodelay(true)?;
    connection.set_read_timeout(Some(LOOK_UP))?;
    if !stays {
        return says.iter().try_for_each(|message| connection.write_all(message));
    }
    let mut left = says.iter();
    if let Some(first) = left.next() {
        connection.write_all(first)?;
    }
    let mut heard = [0; 4096];
    while !stop.load(Ordering::SeqCst) {
        match connection.read(&mut heard) {
            Ok(0) => break,
            Ok(_) => {
                if let Some(message) = left.next() {
                    connection.write_all(message)?;
                }
            }
            Err(error) if is_pause(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}
