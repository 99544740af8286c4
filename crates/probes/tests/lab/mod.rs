//! Small servers for the tests of this folder: ones that misbehave, and a relay that misbehaves before a good one.
#![allow(dead_code, reason = "each test file takes what it needs")]

pub(crate) mod auth;
pub(crate) mod endpoints;
pub(crate) mod interception;
pub(crate) mod logs;
pub(crate) mod told;

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use model::Endpoint;
use testkit::Site;

/// A server that serves each connection, counted from 0, on a thread of its own until it is dropped.
pub(crate) struct Serving {
    at: SocketAddr,
    stop: Arc<AtomicBool>,
}

impl Serving {
    pub(crate) fn with(serve: impl Fn(TcpStream, usize) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Site::loopback().ip(), 0)).unwrap();
        let at = listener.local_addr().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let serve = Arc::new(serve);
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let serve = Arc::clone(&serve);
                let Ok(stream) = stream else { return };
                stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
                std::thread::spawn(move || serve(stream, number));
            }
        });
        Self { at, stop }
    }

    pub(crate) fn at(&self) -> Endpoint {
        Endpoint::tcp(self.at.ip(), self.at.port())
    }

    pub(crate) fn speaking(text: &'static str) -> Self {
        Self::with(move |mut stream, _| {
            stream.write_all(text.as_bytes()).ok();
            drain(stream);
        })
    }

    pub(crate) fn silent() -> Self {
        Self::with(|stream, _| drain(stream))
    }

    /// Answers the first thing it hears, once.
    pub(crate) fn answering(answer: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::with(move |mut stream, _| {
            let mut buffer = [0; 4096];
            let count = stream.read(&mut buffer).unwrap_or(0);
            stream.write_all(&answer(&buffer[..count])).ok();
            drain(stream);
        })
    }

    pub(crate) fn closing() -> Self {
        Self::with(|mut stream, _| {
            let _ = stream.read(&mut [0; 4096]);
        })
    }

    pub(crate) fn resetting() -> Self {
        // What was sent and not read makes the close a reset.
        Self::with(|stream, _| {
            let _ = stream.peek(&mut [0; 1]);
        })
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        TcpStream::connect(self.at).ok();
    }
}

fn drain(mut stream: TcpStream) {
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).is_ok_and(|count| count > 0) {}
}

/// What a relay does to the answers of the server behind it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Relay {
    to: Option<SocketAddr>,
    close_on_alert: bool,
    reset: bool,
    silent_on_alert: bool,
    connections: Option<usize>,
    drop_every: Option<usize>,
}

impl Relay {
    pub(crate) fn to(at: SocketAddr) -> Self {
        Self { to: Some(at), ..Self::default() }
    }

    /// Closes where the server would begin with an alert.
    pub(crate) fn closing_on_alert(mut self) -> Serving {
        self.close_on_alert = true;
        self.start()
    }

    /// Resets where the server would begin with an alert.
    pub(crate) fn resetting_on_alert(mut self) -> Serving {
        self.reset = true;
        self.start()
    }

    /// Says nothing where the server would begin with an alert, or close.
    pub(crate) fn silent_on_alert(mut self) -> Serving {
        self.silent_on_alert = true;
        self.start()
    }

    /// Serves so many connections and closes all others.
    pub(crate) fn for_connections(mut self, count: usize) -> Serving {
        self.connections = Some(count);
        self.start()
    }

    /// Closes every so many-th connection unheard.
    pub(crate) fn dropping_every(mut self, count: usize) -> Serving {
        self.drop_every = Some(count);
        self.start()
    }

    fn start(self) -> Serving {
        Serving::with(move |stream, number| {
            let spent = self.connections.is_some_and(|most| number >= most);
            let dropped = self.drop_every.is_some_and(|every| number % every == every - 1);
            if !spent && !dropped {
                self.serve(stream).ok();
            }
        })
    }

    fn serve(self, mut client: TcpStream) -> std::io::Result<()> {
        let mut server = TcpStream::connect(self.to.unwrap())?;
        server.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut buffer = [0; 16 * 1024];
        let heard = client.peek(&mut buffer)?;
        server.write_all(&buffer[..heard])?;
        let count = server.read(&mut buffer).unwrap_or(0);
        let is_refusal = count == 0 || buffer[0] == 21;
        // A close with something unread is a reset.
        if is_refusal && self.reset {
            return Ok(());
        }
        client.read_exact(&mut vec![0; heard])?;
        if is_refusal && self.silent_on_alert {
            drain(client);
            return Ok(());
        }
        if is_refusal && self.close_on_alert {
            return Ok(());
        }
        client.write_all(&buffer[..count])?;
        let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
        let back = std::thread::spawn(move || {
            std::io::copy(&mut from, &mut to).ok();
            to.shutdown(Shutdown::Both).ok();
        });
        std::io::copy(&mut server, &mut client).ok();
        client.shutdown(Shutdown::Both).ok();
        back.join().ok();
        Ok(())
    }
}

/// The demonstration device with these faults, on addresses of its own. Its ports are fixed, so an address that another
/// test has taken is passed over.
pub(crate) fn device(faults: &str) -> device::Running {
    use std::sync::atomic::AtomicU32;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let faults = device::FaultSet::parse(faults).unwrap();
    let mut last = None;
    for _ in 0..20 {
        let number = std::process::id().wrapping_mul(8).wrapping_add(NEXT.fetch_add(1, Ordering::SeqCst));
        let address = |last| std::net::IpAddr::from([127, 78, (number / 120 % 250) as u8, last]);
        let own = 2 + (number % 120) as u8 * 2;
        let config = device::Config {
            address: address(own),
            cloud: address(own + 1),
            faults: faults.clone(),
            seed: u64::from(number),
        };
        match device::Device::start(config) {
            Ok(running) => return running,
            Err(error) => last = Some(error),
        }
    }
    panic!("no device: {last:?}")
}
