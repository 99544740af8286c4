//! Listening: connections that come, and names that are asked for.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use wire::dns::{Message, Name, answer};

use crate::stand_in::{StandIn, StandInError, StoodDown};

/// How often the listeners are looked at.
const TICK: Duration = Duration::from_millis(3);
/// Different names that are remembered.
const MOST_NAMES: usize = 200;

/// Listeners that stand; dropping it frees every port.
pub(super) struct Standing {
    listeners: Vec<(u16, TcpListener)>,
    clients: Vec<IpAddr>,
    strangers: u32,
    names: Option<Names>,
}

impl Standing {
    /// Listens at every port, or at none.
    pub(super) fn open(wish: &StandIn) -> Result<Self, StandInError> {
        let mut listeners = Vec::new();
        for port in &wish.ports {
            let at = SocketAddr::new(wish.address, *port);
            let listener = TcpListener::bind(at).map_err(|error| unequipped("tcp", at, &error))?;
            listener.set_nonblocking(true).map_err(|error| unequipped("tcp", at, &error))?;
            listeners.push((*port, listener));
        }
        let names = match wish.names_port {
            Some(port) => Some(Names::open(SocketAddr::new(wish.address, port), &wish.names)?),
            None => None,
        };
        Ok(Self { listeners, clients: wish.clients.clone(), strangers: 0, names })
    }

    /// The next connection of a client that is expected, and to which port it came.
    pub(super) fn arrival(&mut self, until: Instant) -> Option<(TcpStream, IpAddr, u16)> {
        loop {
            for (port, listener) in &self.listeners {
                let Ok((stream, from)) = listener.accept() else { continue };
                let from = from.ip().to_canonical();
                if self.clients.contains(&from) && stream.set_nonblocking(false).is_ok() {
                    return Some((stream, from, *port));
                }
                self.strangers = self.strangers.saturating_add(1);
            }
            if Instant::now() >= until {
                return None;
            }
            std::thread::sleep(TICK);
        }
    }

    /// Stops, and tells what happened beside the connections.
    pub(super) fn down(mut self) -> StoodDown {
        let names = self.names.take().map(Names::close).unwrap_or_default();
        StoodDown { names, strangers: self.strangers }
    }
}

fn unequipped(transport: &str, at: SocketAddr, error: &std::io::Error) -> StandInError {
    let why = match error.kind() {
        ErrorKind::AddrInUse => "another program listens there",
        ErrorKind::AddrNotAvailable => "this machine does not have the address",
        ErrorKind::PermissionDenied => "a port below 1024 takes a privilege",
        _ => "the machine refuses",
    };
    StandInError::Unequipped(format!("{transport} {at}: {why}"))
}

type Asked = Arc<Mutex<BTreeMap<String, (u32, bool)>>>;

/// A name server for a few names, on a thread of its own.
struct Names {
    stop: Arc<AtomicBool>,
    asked: Asked,
    thread: Option<JoinHandle<()>>,
}

impl Names {
    fn open(at: SocketAddr, names: &[String]) -> Result<Self, StandInError> {
        let socket = UdpSocket::bind(at).map_err(|error| unequipped("udp", at, &error))?;
        socket.set_read_timeout(Some(Duration::from_millis(50))).map_err(|error| unequipped("udp", at, &error))?;
        let names: Vec<Name> = names.iter().filter_map(|name| Name::parse(name).ok()).collect();
        let (stop, asked) = (Arc::new(AtomicBool::new(false)), Asked::default());
        let (stopped, told) = (Arc::clone(&stop), Arc::clone(&asked));
        let work = move || serve(&socket, at.ip(), &names, &stopped, &told);
        let thread = std::thread::Builder::new().spawn(work).map_err(|error| unequipped("udp", at, &error))?;
        Ok(Self { stop, asked, thread: Some(thread) })
    }

    fn close(self) -> Vec<(String, u32, bool)> {
        let asked = Arc::clone(&self.asked);
        drop(self);
        let asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.iter().map(|(name, (count, known))| (name.clone(), *count, *known)).collect()
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

fn serve(socket: &UdpSocket, own: IpAddr, names: &[Name], stop: &AtomicBool, asked: &Asked) {
    let mut buffer = [0; 1500];
    while !stop.load(Ordering::Acquire) {
        let Ok((count, from)) = socket.recv_from(&mut buffer) else { continue };
        let Ok(question) = Message::read(&buffer[..count]) else { continue };
        let known = |name: &Name| names.iter().any(|one| one.is(name)).then_some(own);
        let Some(reply) = answer(&question, &known) else { continue };
        if let Some(first) = question.questions.first() {
            let name = wire::text::visible_str(&first.name.to_string(), 255).to_ascii_lowercase();
            let mut asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
            if asked.len() < MOST_NAMES || asked.contains_key(&name) {
                let entry = asked.entry(name).or_insert((0, known(&first.name).is_some()));
                entry.0 = entry.0.saturating_add(1);
            }
        }
        socket.send_to(&reply.to_bytes(), from).ok();
    }
}
