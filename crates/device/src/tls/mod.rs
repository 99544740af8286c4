//! Accepting TLS: rustls for what is sound, a hand-built answer for the old versions and suites of some faults.

mod hello;
mod old;

use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

pub(crate) use old::OldTls;

/// An accepted TLS connection.
pub(crate) type Secured = StreamOwned<ServerConnection, TcpStream>;

/// How long a peer may stay silent during the handshake.
const HANDSHAKE: Duration = Duration::from_secs(3);
/// Reads and writes a handshake may take; bounds a peer that drips bytes.
const HANDSHAKE_STEPS: usize = 64;

/// Accepts TLS connections of one service.
pub(crate) struct Acceptor {
    config: Arc<ServerConfig>,
    old: OldTls,
}

impl Acceptor {
    pub(crate) fn new(config: Arc<ServerConfig>, old: OldTls) -> Self {
        Self { config, old }
    }

    /// Completes the handshake. `None` when it failed, or was answered in the manner of a fault; the alert is sent.
    pub(crate) fn accept(&self, mut stream: TcpStream) -> Option<Secured> {
        stream.set_nodelay(true).ok()?;
        stream.set_read_timeout(Some(HANDSHAKE)).ok()?;
        stream.set_write_timeout(Some(HANDSHAKE)).ok()?;
        if self.old.answer(&mut stream) {
            return None;
        }
        let mut connection = ServerConnection::new(Arc::clone(&self.config)).ok()?;
        for _ in 0..HANDSHAKE_STEPS {
            if !connection.is_handshaking() {
                return Some(StreamOwned::new(connection, stream));
            }
            connection.complete_io(&mut stream).ok()?;
        }
        None
    }
}
