//! Threads of the product: listeners, connections and background work, all of which end together and quickly.
//!
//! Invariant: at most [`MAX_LINKS`] connections exist at once; what arrives above that is closed unanswered.

use std::collections::BTreeMap;
use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Connections open at once, device and associated service together.
pub(crate) const MAX_LINKS: usize = 256;
/// Largest datagram that is read.
const MAX_DATAGRAM: usize = 2048;
/// How long stopping waits for connections that are still busy.
const PATIENCE: Duration = Duration::from_millis(150);

/// The threads of one running product. Dropping the last owner does not stop them; [`Crew::stop`] does.
#[derive(Default)]
pub(crate) struct Crew {
    stopping: AtomicBool,
    next: AtomicU64,
    links: Mutex<BTreeMap<u64, TcpStream>>,
    changed: Condvar,
    threads: Mutex<Vec<(Wake, JoinHandle<()>)>>,
}

/// How a blocked thread is made to look at the stop flag.
enum Wake {
    Tcp(SocketAddr),
    Udp(SocketAddr),
    Condition,
}

/// The lock, also after a panic elsewhere: the values guarded here are valid at every step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Crew {
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Listens on `at` and gives every connection a thread of its own.
    pub(crate) fn listen(
        self: &Arc<Self>,
        at: SocketAddr,
        serve: impl Fn(TcpStream) + Send + Sync + 'static,
    ) -> io::Result<()> {
        let listener = TcpListener::bind(at)?;
        let crew = Arc::clone(self);
        let serve = Arc::new(serve);
        self.spawn(Wake::Tcp(at), move || {
            while let Ok((stream, _)) = accept(&listener) {
                if crew.is_stopping() {
                    return;
                }
                crew.attend(stream, &serve);
            }
        })
    }

    fn attend<S: Fn(TcpStream) + Send + Sync + 'static>(self: &Arc<Self>, stream: TcpStream, serve: &Arc<S>) {
        let Some(link) = self.admit(&stream) else {
            return;
        };
        let serve = Arc::clone(serve);
        // A refused thread drops the closure, and with it the connection.
        let _ = thread::Builder::new().spawn(move || {
            let _link = link;
            serve(stream);
        });
    }

    /// Counts a connection and makes it end when the product stops; `None` when there are too many.
    pub(crate) fn admit(self: &Arc<Self>, stream: &TcpStream) -> Option<Link> {
        let copy = stream.try_clone().ok()?;
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut links = lock(&self.links);
        if links.len() >= MAX_LINKS || self.is_stopping() {
            return None;
        }
        links.insert(id, copy);
        Some(Link { crew: Arc::clone(self), id })
    }

    /// Answers datagrams on `at`, one at a time.
    pub(crate) fn datagrams(
        self: &Arc<Self>,
        at: SocketAddr,
        answer: impl Fn(&[u8], SocketAddr) -> Option<Vec<u8>> + Send + 'static,
    ) -> io::Result<()> {
        let socket = UdpSocket::bind(at)?;
        let crew = Arc::clone(self);
        self.spawn(Wake::Udp(at), move || {
            let mut buffer = [0; MAX_DATAGRAM];
            while !crew.is_stopping() {
                let Ok((length, from)) = socket.recv_from(&mut buffer) else {
                    // An unreachable peer is reported here; the pause keeps a lasting error from spinning.
                    crew.rest(Duration::from_millis(5));
                    continue;
                };
                if let Some(reply) = answer(&buffer[..length], from) {
                    let _ = socket.send_to(&reply, from);
                }
            }
        })
    }

    /// Runs background work, which has to return soon after [`Crew::rest`] answered true.
    pub(crate) fn background(self: &Arc<Self>, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
        self.spawn(Wake::Condition, work)
    }

    /// Sleeps; true when the product is stopping.
    pub(crate) fn rest(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        let mut links = lock(&self.links);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if self.is_stopping() || left.is_zero() {
                return self.is_stopping();
            }
            (links, _) = self.changed.wait_timeout(links, left).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn spawn(&self, wake: Wake, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let handle = thread::Builder::new().spawn(work)?;
        lock(&self.threads).push((wake, handle));
        Ok(())
    }

    /// Ends everything: connections are cut, listeners closed, threads joined.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        let deadline = Instant::now() + PATIENCE;
        let threads = std::mem::take(&mut *lock(&self.threads));
        {
            let links = lock(&self.links);
            for stream in links.values() {
                let _ = stream.shutdown(Shutdown::Both);
            }
            self.changed.notify_all();
        }
        for (wake, handle) in threads {
            wake.knock();
            let _ = handle.join();
        }
        let mut links = lock(&self.links);
        while !links.is_empty() && Instant::now() < deadline {
            (links, _) = self
                .changed
                .wait_timeout(links, deadline.saturating_duration_since(Instant::now()))
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Wake {
    fn knock(&self) {
        match self {
            Self::Tcp(at) => drop(TcpStream::connect_timeout(at, Duration::from_millis(50))),
            Self::Udp(at) => {
                if let Ok(socket) = UdpSocket::bind(SocketAddr::new(at.ip(), 0)) {
                    let _ = socket.send_to(&[], at);
                }
            }
            Self::Condition => {}
        }
    }
}

/// A counted connection; dropping it closes the connection and lets the next one in.
pub(crate) struct Link {
    crew: Arc<Crew>,
    id: u64,
}

impl Drop for Link {
    fn drop(&mut self) {
        let stream = lock(&self.crew.links).remove(&self.id);
        if let Some(stream) = stream {
            let _ = stream.shutdown(Shutdown::Both);
        }
        self.crew.changed.notify_all();
    }
}

/// Accepts, riding out errors that concern one connection only.
fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    for _ in 0..1000 {
        match listener.accept() {
            Ok(accepted) => return Ok(accepted),
            Err(_) => thread::sleep(Duration::from_millis(5)),
        }
    }
    listener.accept()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn stopping_cuts_open_connections_and_is_quick() {
        let crew = Arc::new(Crew::default());
        let at = SocketAddr::from(([127, 76, 1, 1], 27001));
        crew.listen(at, |mut stream| {
            let _ = stream.read(&mut [0; 1]);
        })
        .unwrap();
        crew.datagrams(at, |_, _| None).unwrap();
        let mut client = TcpStream::connect(at).unwrap();
        let before = Instant::now();
        crew.stop();
        assert!(before.elapsed() < Duration::from_millis(200));
        assert_eq!(client.read(&mut [0; 1]).unwrap_or(0), 0);
        assert!(TcpListener::bind(at).is_ok(), "the port is free again");
    }

    #[test]
    fn connections_above_the_limit_are_closed() {
        let crew = Arc::new(Crew::default());
        let listener = TcpListener::bind("127.76.1.2:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let links: Vec<_> = (0..MAX_LINKS).map_while(|_| crew.admit(&stream)).collect();
        assert_eq!(links.len(), MAX_LINKS);
        assert!(crew.admit(&stream).is_none());
        drop(links);
        assert!(crew.admit(&stream).is_some());
    }
}
