//! One TCP connection, in clear or inside TLS.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::{Endpoint, Transport};
use rustls::Connection;
use socket2::{Domain, Socket, Type};

use super::{serve, tls};
use crate::Bytes;
use crate::limits::{Gate, Place};
use crate::port::*;
use crate::scope::Scope;
use crate::stand_in::{Face, Relayed, ServeError, Served};

/// Timeouts of zero mean "for ever" to the socket.
const SHORTEST: Duration = Duration::from_millis(1);
/// Bytes kept of what a link that came said before it was served.
const MOST_HEARD: usize = 64 * 1024;

pub(super) struct Link {
    stream: TcpStream,
    tls: Option<Box<Connection>>,
    /// What was heard in clear from a peer that came by itself: it begins the handshake when it is served.
    heard: Option<Vec<u8>>,
    _place: Place,
}

impl Link {
    pub(super) fn open(
        gate: &Arc<Gate>,
        scope: &Scope,
        to: Endpoint,
        source: Option<IpAddr>,
        within: Duration,
    ) -> Result<Self, ConnectError> {
        let at = scope.socket_address(to.address, to.port).ok_or(ConnectError::NotAuthorised)?;
        if to.transport != Transport::Tcp {
            return Err(ConnectError::Unreachable);
        }
        let place = gate.place().map_err(|_| ConnectError::Limit)?;
        gate.take(1).map_err(|_| ConnectError::Limit)?;
        let within = gate.at_most(within).max(SHORTEST);
        let connected = match source {
            None => TcpStream::connect_timeout(&at, within),
            Some(source) => {
                let socket = bound(source, at).map_err(|_| ConnectError::Unequipped)?;
                socket.connect_timeout(&at.into(), within).map(|()| socket.into())
            }
        };
        let stream = connected.map_err(|error| match error.kind() {
            ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset => ConnectError::Refused,
            ErrorKind::TimedOut | ErrorKind::WouldBlock => ConnectError::Silent,
            _ => ConnectError::Unreachable,
        })?;
        if super::sweep::is_with_itself(&stream) {
            return Err(ConnectError::Refused);
        }
        stream.set_nodelay(true).ok();
        stream.set_write_timeout(Some(within.max(Duration::from_secs(5)))).ok();
        Ok(Self { stream, tls: None, heard: None, _place: place })
    }

    /// A connection that came by itself.
    pub(super) fn accepted(stream: TcpStream, place: Place) -> Self {
        stream.set_nodelay(true).ok();
        stream.set_write_timeout(Some(Duration::from_secs(5))).ok();
        Self { stream, tls: None, heard: Some(Vec::new()), _place: place }
    }

    /// Performs a TLS handshake as its server.
    pub(super) fn serve(&mut self, face: &Face, within: Duration) -> Result<Served, ServeError> {
        let heard = self.heard.take().ok_or(ServeError::Gone)?;
        let mut connection = serve::server(face)?;
        let served = serve::handshake(&mut connection, &mut self.stream, &heard, Instant::now() + within);
        self.tls = Some(Box::new(Connection::Server(connection)));
        served
    }

    /// Passes everything on to another link.
    pub(super) fn relay(&mut self, to: &mut Link, until: Instant) -> Relayed {
        let heard = self.heard.take().unwrap_or_default();
        serve::relay(&mut self.stream, &mut to.stream, &heard, until)
    }

    pub(super) fn send(&mut self, bytes: &[u8]) -> Result<(), SendError> {
        let sent = match &mut self.tls {
            None => self.stream.write_all(bytes),
            Some(tls) => tls.writer().write_all(bytes).and_then(|()| {
                while tls.wants_write() {
                    tls.write_tls(&mut self.stream)?;
                }
                Ok(())
            }),
        };
        sent.map_err(|_| SendError::Gone)
    }

    pub(super) fn receive(&mut self, max: usize, within: Duration) -> Received {
        let mut buffer = vec![0; max.clamp(1, 64 * 1024)];
        let until = Instant::now() + within;
        loop {
            if let Some(tls) = &mut self.tls {
                match tls.reader().read(&mut buffer) {
                    Ok(0) => return Received::Closed,
                    Ok(count) => return Received::Data(Bytes::bounded(&buffer, count)),
                    Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Received::Closed,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    Err(_) => return Received::Reset,
                }
            }
            let left = until.saturating_duration_since(Instant::now()).max(SHORTEST);
            if self.stream.set_read_timeout(Some(left)).is_err() {
                return Received::Reset;
            }
            let read = match &mut self.tls {
                None => self.stream.read(&mut buffer),
                Some(tls) => tls.read_tls(&mut self.stream),
            };
            match (read, &mut self.tls) {
                (Ok(0), None) => return Received::Closed,
                (Ok(count), None) => {
                    if let Some(heard) = self.heard.as_mut().filter(|heard| heard.len() < MOST_HEARD) {
                        heard.extend_from_slice(&buffer[..count]);
                    }
                    return Received::Data(Bytes::bounded(&buffer, count));
                }
                (Ok(_), Some(tls)) => {
                    let broken = tls.process_new_packets().is_err();
                    while tls.wants_write() && tls.write_tls(&mut self.stream).is_ok_and(|sent| sent > 0) {}
                    if broken {
                        return Received::Reset;
                    }
                }
                (Err(error), _) => match error.kind() {
                    ErrorKind::WouldBlock | ErrorKind::TimedOut => return Received::Silence,
                    ErrorKind::Interrupted => {}
                    _ => return Received::Reset,
                },
            }
        }
    }

    pub(super) fn secure(
        &mut self,
        wish: &TlsWish,
        kept: &mut tls::Kept,
        within: Duration,
    ) -> Result<TlsSession, SecureError> {
        let peer = self.stream.peer_addr().map_err(|_| SecureError::Gone)?;
        let client = kept.client(wish, peer.ip())?;
        let mut connection = client.begin(wish, peer.ip())?;
        let early = connection.early_data().is_some();
        let until = Instant::now() + within;
        tls::handshake(&mut connection, &mut self.stream, until)?;
        let session = tls::session(&connection, &client.asked, early);
        self.tls = Some(Box::new(Connection::Client(connection)));
        session
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
            self.stream.set_write_timeout(Some(Duration::from_millis(50))).ok();
            tls.write_tls(&mut self.stream).ok();
        }
        self.stream.shutdown(Shutdown::Both).ok();
    }
}

/// One round on a connection of its own.
/// A socket that comes from this address, whatever the machine would choose.
fn bound(source: IpAddr, to: SocketAddr) -> std::io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, None)?;
    socket.bind(&SocketAddr::new(source, 0).into())?;
    Ok(socket)
}

pub(super) fn ask(gate: &Arc<Gate>, scope: &Scope, source: Option<IpAddr>, ask: &Ask) -> Asked {
    let mut asked = Asked { not_connected: None, tls: None, said: Bytes::default(), ended: Ended::Never };
    let mut link = match Link::open(gate, scope, ask.to, source, ask.within) {
        Ok(link) => link,
        Err(error) => {
            asked.not_connected = Some(error);
            return asked;
        }
    };
    if let Some(wish) = &ask.tls {
        let session = link.secure(wish, &mut tls::Kept::default(), gate.at_most(ask.within));
        let failed = session.is_err();
        asked.tls = Some(session);
        if failed {
            return asked;
        }
    }
    if !ask.send.0.is_empty() && link.send(&ask.send.0).is_err() {
        asked.ended = Ended::Reset;
        return asked;
    }
    loop {
        let room = ask.max.saturating_sub(asked.said.0.len());
        if room == 0 {
            asked.ended = Ended::Full;
            return asked;
        }
        let within = if asked.said.0.is_empty() { ask.within } else { ask.quiet };
        match link.receive(room, gate.at_most(within)) {
            Received::Data(bytes) => asked.said.0.extend(bytes.0),
            ended => {
                asked.ended = match ended {
                    Received::Closed => Ended::Closed,
                    Received::Reset => Ended::Reset,
                    _ => Ended::Silence,
                };
                return asked;
            }
        }
    }
}
