//! One UDP socket that speaks with one endpoint, for protocols whose second datagram has to come from the port of the
//! first.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use model::Endpoint;

use crate::Bytes;
use crate::limits::{Gate, Place};
use crate::port::*;
use crate::scope::Scope;

/// Timeouts of zero mean "for ever" to the socket.
const SHORTEST: Duration = Duration::from_millis(1);

pub(super) struct Line {
    socket: UdpSocket,
    _place: Place,
}

impl Line {
    /// Takes a local port. Nothing is sent yet, so that nothing says whether anybody is there.
    pub(super) fn open(
        gate: &Arc<Gate>,
        scope: &Scope,
        to: Endpoint,
        source: Option<IpAddr>,
    ) -> Result<Self, ConnectError> {
        let at = scope.socket_address(to.address, to.port).ok_or(ConnectError::NotAuthorised)?;
        let place = gate.place().map_err(|_| ConnectError::Limit)?;
        let any: IpAddr = match at {
            SocketAddr::V4(_) => [0, 0, 0, 0].into(),
            SocketAddr::V6(_) => [0u16; 8].into(),
        };
        let socket = UdpSocket::bind((source.unwrap_or(any), 0)).map_err(|_| ConnectError::Unequipped)?;
        socket.connect(at).map_err(|_| ConnectError::Unreachable)?;
        Ok(Self { socket, _place: place })
    }

    /// Sends one datagram; each takes its turn within the operator's rate.
    pub(super) fn send(&mut self, gate: &Gate, bytes: &[u8]) -> Result<(), SendError> {
        gate.take(1).map_err(|_| SendError::Limit)?;
        self.socket.send(bytes).map(|_| ()).map_err(|_| SendError::Gone)
    }

    /// The next datagram, of which at most `max` bytes are kept; a reset where the host says that nobody is there.
    pub(super) fn receive(&mut self, max: usize, within: Duration) -> Received {
        let mut buffer = vec![0; max.clamp(1, 64 * 1024)];
        if self.socket.set_read_timeout(Some(within.max(SHORTEST))).is_err() {
            return Received::Reset;
        }
        match self.socket.recv(&mut buffer) {
            Ok(count) => Received::Data(Bytes::bounded(&buffer, count)),
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => Received::Silence,
                _ => Received::Reset,
            },
        }
    }
}
