//! Datagrams in bulk: a socket each, many waiting at the same time.

use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::Transport;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::Bytes;
use crate::limits::{Gate, Place};
use crate::port::{ConnectError, Datagram, DatagramAnswer};
use crate::scope::Scope;

/// Sockets waiting at the same time.
const MOST_WAITING: usize = 256;
/// Bytes kept of an answer; no UDP datagram is longer.
const MOST_BYTES: usize = 64 * 1024;

struct Waiting {
    at: usize,
    socket: UdpSocket,
    to: SocketAddr,
    until: Instant,
    _place: Place,
}

/// Sends each datagram and waits for its answer.
pub(super) fn exchange(
    gate: &Arc<Gate>,
    scope: &Scope,
    batch: &[Datagram],
    within: Duration,
) -> Vec<DatagramAnswer> {
    let mut answers: Vec<Option<DatagramAnswer>> = vec![None; batch.len()];
    let mut waiting: Vec<Waiting> = Vec::new();
    let mut next = 0;
    while next < batch.len() || !waiting.is_empty() {
        while next < batch.len() && waiting.len() < MOST_WAITING {
            // The operator may allow fewer at a time: then those that wait have to finish first.
            let place = match gate.place() {
                Ok(place) => place,
                Err(_) if !waiting.is_empty() && !gate.is_over() => break,
                Err(_) => {
                    answers[next] = Some(DatagramAnswer::NotSent(ConnectError::Limit));
                    next += 1;
                    continue;
                }
            };
            match post(gate, scope, &batch[next], next, place, within) {
                Ok(sent) => waiting.push(sent),
                Err(answer) => answers[next] = Some(answer),
            }
            next += 1;
        }
        listen(&mut waiting, &mut answers);
    }
    answers.into_iter().map(|answer| answer.unwrap_or(DatagramAnswer::Silence)).collect()
}

fn post(
    gate: &Gate,
    scope: &Scope,
    datagram: &Datagram,
    at: usize,
    place: Place,
    within: Duration,
) -> Result<Waiting, DatagramAnswer> {
    let not_sent = |error| DatagramAnswer::NotSent(error);
    let to = scope
        .socket_address(datagram.to.address, datagram.to.port)
        .filter(|_| datagram.to.transport == Transport::Udp)
        .ok_or(not_sent(ConnectError::NotAuthorised))?;
    gate.take(1).map_err(|_| not_sent(ConnectError::Limit))?;
    let own_port = datagram.own_port.unwrap_or(0);
    let any: SocketAddr = match to {
        SocketAddr::V4(_) => ([0, 0, 0, 0], own_port).into(),
        SocketAddr::V6(_) => ([0u16; 8], own_port).into(),
    };
    let ready = || -> std::io::Result<UdpSocket> {
        let socket = UdpSocket::bind(any)?;
        socket.set_nonblocking(true)?;
        if datagram.from_any_port {
            socket.send_to(&datagram.payload.0, to)?;
        } else {
            socket.connect(to)?;
            socket.send(&datagram.payload.0)?;
        }
        Ok(socket)
    };
    match ready() {
        Ok(socket) => Ok(Waiting { at, socket, to, until: Instant::now() + gate.at_most(within), _place: place }),
        Err(error) => Err(match error.kind() {
            ErrorKind::ConnectionRefused => DatagramAnswer::Refused,
            ErrorKind::PermissionDenied | ErrorKind::AddrInUse | ErrorKind::AddrNotAvailable => {
                not_sent(ConnectError::Unequipped)
            }
            _ => not_sent(ConnectError::Unreachable),
        }),
    }
}

/// Waits until something happens, and takes out what is finished.
fn listen(waiting: &mut Vec<Waiting>, answers: &mut [Option<DatagramAnswer>]) {
    let Some(until) = waiting.iter().map(|one| one.until).min() else { return };
    let left = until.saturating_duration_since(Instant::now());
    let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) as _ };
    let mut polled: Vec<PollFd<'_>> =
        waiting.iter().map(|one| PollFd::from_borrowed_fd(one.socket.as_fd(), PollFlags::IN)).collect();
    // An interrupted wait is taken up again by the caller's loop.
    poll(&mut polled, Some(&timeout)).ok();
    let ready: Vec<bool> = polled.iter().map(|one| !one.revents().is_empty()).collect();
    drop(polled);
    let now = Instant::now();
    let mut at = 0;
    waiting.retain(|one| {
        let answer = if ready[at] { take(one) } else { None };
        let answer = answer.or((now >= one.until).then_some(DatagramAnswer::Silence));
        at += 1;
        let goes_on = answer.is_none();
        if let Some(answer) = answer {
            answers[one.at] = Some(answer);
        }
        goes_on
    });
}

fn take(one: &Waiting) -> Option<DatagramAnswer> {
    let mut buffer = vec![0; MOST_BYTES];
    match one.socket.recv_from(&mut buffer) {
        // A datagram of another host is none of ours.
        Ok((_, from)) if from.ip() != one.to.ip() => None,
        Ok((count, _)) => Some(DatagramAnswer::Data(Bytes::bounded(&buffer, count))),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Some(DatagramAnswer::Refused),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => None,
        Err(_) => Some(DatagramAnswer::NotSent(ConnectError::Unreachable)),
    }
}
