//! Which of many TCP ports accept: the passes over them, and what is made of silence.
//!
//! A silent port is tried three times, unless no port of the host answers at all. How long to wait is learned from the answers of other ports, and never
//! exceeds what was asked for. The attempts themselves are in [`attempts`].

mod attempts;

use std::net::{IpAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::limits::Gate;
use crate::port::{ConnectError, SweepResult, port_ranges};
use crate::scope::Scope;
use attempts::{ASKS_TWICE, Found, Pass};

const TRIES: u32 = 3;
/// A wait learned from other ports is not shorter than this: a device may answer some ports later than others.
const SHORTEST_WAIT: Duration = Duration::from_millis(150);
/// So few silent ports are waited for in full when they are tried again.
const FEW: usize = 2048;
/// Fewer ports than this are not worth a second thread.
const WORTH_A_THREAD: usize = 4096;
/// Ports where something is likely to answer.
const USUAL: &[u16] = &[21, 22, 23, 53, 80, 443, 554, 1883, 5000, 5353, 8000, 8008, 8080, 8443, 8883, 8888, 9000];
/// Attempts at the same time, whatever the limits allow: a process has few file descriptors.
const MOST_ATTEMPTS: usize = 900;

pub(super) fn sweep(
    gate: &Arc<Gate>,
    scope: &Scope,
    at: IpAddr,
    ports: &[(u16, u16)],
    within: Duration,
    progress: &mut dyn FnMut(u64, u64),
) -> SweepResult {
    let began = Instant::now();
    if !scope.allows(at) {
        return SweepResult {
            not_tried: ports.to_vec(),
            stopped_by: Some(ConnectError::NotAuthorised),
            ..SweepResult::default()
        };
    }
    let mut wanted: Vec<u16> = ports.iter().flat_map(|(low, high)| *low.max(&1)..=*high).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let all = wanted.len();
    let mut found = Found::default();
    let mut round = |found: &mut Found, ports: &[u16], tries: u32| {
        let wait = wait(within, found.slowest_answer, tries, ports.len());
        let room = room(gate, tries, ports.len(), all);
        let pass = Pass { gate, scope, at, wait, room, asks_twice: ASKS_TWICE };
        found.add(fly(pass, ports, &mut |done| {
            if tries == 0 {
                progress(done.min(all) as u64, all as u64);
            }
        }));
    };
    // Scouts go first: what they meet tells how long the others have to wait.
    let (scouts, others): (Vec<u16>, Vec<u16>) =
        wanted.iter().partition(|port| all > WORTH_A_THREAD && (**port % 500 == 80 || USUAL.contains(port)));
    round(&mut found, &scouts, 0);
    round(&mut found, &others, 0);
    for tries in 1..TRIES {
        wanted = std::mem::take(&mut found.silent);
        // A host that gave no sign at all has been asked twice already, by the repetition inside each attempt.
        if wanted.is_empty() || gate.is_over() || found.slowest_answer.is_none() {
            found.silent = wanted;
            break;
        }
        round(&mut found, &wanted, tries);
    }
    progress(all as u64, all as u64);
    found.open.sort_unstable();
    SweepResult {
        open: found.open,
        refused: found.refused,
        silent: port_ranges(&found.silent),
        unreachable: port_ranges(&found.unreachable),
        stopped_by: (!found.not_tried.is_empty()).then_some(ConnectError::Limit),
        not_tried: port_ranges(&found.not_tried),
        millis: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}

/// On loopback an attempt may pick the very port it tries to reach, and connect to itself.
pub(super) fn is_with_itself(stream: &TcpStream) -> bool {
    matches!((stream.local_addr(), stream.peer_addr()), (Ok(own), Ok(peer)) if own == peer)
}

fn wait(within: Duration, slowest_answer: Option<Duration>, tries: u32, count: usize) -> Duration {
    match slowest_answer {
        Some(_) if tries > 0 && count <= FEW => within,
        Some(slowest) => (slowest * 5).max(SHORTEST_WAIT).min(within),
        None => within,
    }
}

/// Attempts at the same time. Where only some ports were silent, packets may have been lost to our own haste, so
/// the next try is slower.
fn room(gate: &Gate, tries: u32, count: usize, all: usize) -> usize {
    let parallel = usize::try_from(gate.limits().parallel).unwrap_or(usize::MAX).clamp(1, MOST_ATTEMPTS);
    let haste_may_be_to_blame = tries > 0 && count < FEW && count * 10 < all;
    if haste_may_be_to_blame { parallel.div_ceil(4) } else { parallel }
}

/// One pass, in two halves on two threads where that is worth it.
fn fly(pass: Pass<'_>, ports: &[u16], progress: &mut dyn FnMut(usize)) -> Found {
    let alone = ports.len() < WORTH_A_THREAD || pass.room < 2 || pass.gate.limits().per_second.is_some();
    if alone {
        return pass.fly(ports, progress);
    }
    let half = Pass { room: pass.room / 2, ..pass };
    let (near, far) = ports.split_at(ports.len() / 2);
    std::thread::scope(|threads| {
        let other = threads.spawn(move || half.fly(far, &mut |_| {}));
        let mut found = half.fly(near, &mut |done| progress(done * 2));
        match other.join() {
            Ok(rest) => found.add(rest),
            Err(_) => found.not_tried.extend(far),
        }
        found
    })
}
