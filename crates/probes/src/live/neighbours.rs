//! Who is on the product's own link: a call to everybody, and the kernel's table of neighbours afterwards.
//!
//! The table is read over the kernel's routing socket, which takes no privilege. An answer alone proves nothing; what
//! counts is the hardware address that the table has for it.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6, UdpSocket};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, ipproto, sockopt};
use wire::dns::{kind, multicast_query, service_discovery::service_types_name};
use wire::rtnetlink::{Neighbour, neighbours, neighbours_request};

use crate::limits::Gate;
use crate::port::{Call, ConnectError, Neighbourhood, NeighbourhoodError};
use crate::scope::Scope;

const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
const MDNS: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb);
const MDNS_PORT: u16 = 5353;
/// Answers that are looked at; a link has fewer hosts.
const MOST_ANSWERS: usize = 1024;
/// Addresses of one product that are told.
const MOST_FOUND: usize = 8;
/// How long the kernel may take for its table.
const TABLE_WITHIN: Duration = Duration::from_secs(2);

/// Hardware address and index of the interface that leads to a host on a link of this machine; none where the kernel's
/// table of neighbours does not have it, or has it twice.
pub fn hardware_of(address: IpAddr) -> Option<([u8; 6], u32)> {
    row_of(&table().ok()?, address).map(|row| (row.hardware, row.interface))
}

fn row_of(table: &[Neighbour], address: IpAddr) -> Option<Neighbour> {
    let mut rows = table.iter().filter(|row| row.address == address);
    let row = rows.next()?;
    rows.next().is_none().then_some(*row)
}

/// Calls everybody on the link of the product; the index of its interface besides.
pub(super) fn call(
    gate: &Arc<Gate>,
    scope: &Scope,
    product: IpAddr,
    within: Duration,
) -> Result<(Neighbourhood, u32), NeighbourhoodError> {
    if !scope.allows(product) {
        return Err(NeighbourhoodError::NotAuthorised);
    }
    let before = table()?;
    let row = row_of(&before, product).ok_or(NeighbourhoodError::NotOnLink)?;
    if shared(&before, &row, scope) {
        return Err(NeighbourhoodError::Shared);
    }
    let (mut calls, mut sockets) = (Vec::new(), Vec::new());
    for call in [Call::Echo, Call::Mdns] {
        let sent = match gate.take(1) {
            Ok(_) => post(call, row.interface),
            Err(_) => Err(ConnectError::Limit),
        };
        calls.push((call, sent.as_ref().err().copied()));
        sockets.extend(sent);
    }
    let answered = listen(&sockets, row.interface, gate.at_most(within));
    let after = table()?;
    // What came up meanwhile may show that the hardware address is not the product's alone.
    if row_of(&after, product).is_none_or(|now| now != row) || shared(&after, &row, scope) {
        return Err(NeighbourhoodError::Shared);
    }
    let on_link = |address: &Ipv6Addr| {
        after.iter().find(|one| one.interface == row.interface && one.address == IpAddr::from(*address))
    };
    let unknown = answered.iter().filter(|address| on_link(address).is_none()).count();
    let unknown = u32::try_from(unknown).unwrap_or(u32::MAX);
    let same = after.iter().filter(|one| one.interface == row.interface && one.hardware == row.hardware);
    let link_local = same.filter_map(|one| match one.address {
        IpAddr::V6(address) if address.is_unicast_link_local() => Some(address),
        _ => None,
    });
    let found = link_local.take(MOST_FOUND).map(|address| (address, answered.contains(&address))).collect();
    Ok((Neighbourhood { calls, found, unknown }, row.interface))
}

/// Whether an IPv4 address that is not the product's has its hardware address, as behind a router or a repeater that
/// answers for others.
fn shared(table: &[Neighbour], product: &Neighbour, scope: &Scope) -> bool {
    table.iter().any(|row| row.hardware == product.hardware && row.address.is_ipv4() && !scope.allows(row.address))
}

fn post(call: Call, interface: u32) -> Result<OwnedFd, ConnectError> {
    match call {
        Call::Echo => {
            let open = |kind| rustix::net::socket_with(AddressFamily::INET6, kind, FLAGS, Some(ipproto::ICMPV6));
            // A ping socket first: it takes no privilege where the machine's ping_group_range has the user's group.
            let socket = open(SocketType::DGRAM)
                .or_else(|_| open(SocketType::RAW))
                .map_err(|_| ConnectError::Unequipped)?;
            // Its own echo tells nothing; it is not in the table either.
            sockopt::set_ipv6_multicast_loop(&socket, false).ok();
            // Type 128, code 0; the kernel writes the checksum. Identifier and sequence number follow.
            let request = [128, 0, 0, 0, 0x61, 0x73, 0, 1, b'a', b's', b's', b'a', b'y', 0, 0, 0];
            let to = SocketAddrV6::new(ALL_NODES, 0, 0, interface);
            rustix::net::sendto(&socket, &request, SendFlags::empty(), &to)
                .map_err(|_| ConnectError::Unreachable)?;
            Ok(socket)
        }
        Call::Mdns => {
            let question = [(service_types_name(), kind::PTR)];
            let payload = multicast_query(&question, true).to_bytes();
            let socket = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).map_err(|_| ConnectError::Unequipped)?;
            socket.set_nonblocking(true).map_err(|_| ConnectError::Unequipped)?;
            socket.set_multicast_loop_v6(false).ok();
            let to = SocketAddrV6::new(MDNS, MDNS_PORT, 0, interface);
            socket.send_to(&payload, to).map_err(|_| ConnectError::Unreachable)?;
            Ok(socket.into())
        }
    }
}

const FLAGS: SocketFlags = SocketFlags::CLOEXEC.union(SocketFlags::NONBLOCK);

/// Link-local addresses from which something came back over this interface.
fn listen(sockets: &[OwnedFd], interface: u32, within: Duration) -> BTreeSet<Ipv6Addr> {
    let until = Instant::now() + within;
    let mut answered = BTreeSet::new();
    let mut taken = 0;
    while taken < MOST_ANSWERS && wait(sockets, until) {
        for socket in sockets {
            let mut buffer = [0; 2048];
            while let Ok((_, count, from)) = rustix::net::recvfrom(socket, &mut buffer[..], RecvFlags::empty()) {
                taken += 1;
                let from = from.and_then(|from| SocketAddr::try_from(from).ok());
                if let Some(SocketAddr::V6(from)) = from
                    && count > 0
                    && from.scope_id() == interface
                    && from.ip().is_unicast_link_local()
                    && (from.port() != 0 || buffer[0] == ECHO_REPLY)
                {
                    answered.insert(*from.ip());
                }
                if taken >= MOST_ANSWERS {
                    break;
                }
            }
        }
    }
    answered
}

const ECHO_REPLY: u8 = 129;

/// Waits until one of them has something; false when the time is over.
fn wait(sockets: &[OwnedFd], until: Instant) -> bool {
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() || sockets.is_empty() {
        return false;
    }
    let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) as _ };
    let mut polled: Vec<PollFd<'_>> =
        sockets.iter().map(|one| PollFd::from_borrowed_fd(one.as_fd(), PollFlags::IN)).collect();
    // An interrupted wait is taken up again by the caller's loop.
    poll(&mut polled, Some(&timeout)).ok();
    true
}

/// The kernel's table of neighbours, of both versions of the Internet Protocol.
fn table() -> Result<Vec<Neighbour>, NeighbourhoodError> {
    let untold = |_| NeighbourhoodError::Untold;
    // Protocol 0 is the one of routes and neighbours.
    let socket = rustix::net::socket_with(AddressFamily::NETLINK, SocketType::RAW, FLAGS, None).map_err(untold)?;
    rustix::net::send(&socket, &neighbours_request(), SendFlags::empty()).map_err(untold)?;
    let sockets = [socket];
    let until = Instant::now() + TABLE_WITHIN;
    let mut rows = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    while wait(&sockets, until) {
        while let Ok((_, count)) = rustix::net::recv(&sockets[0], &mut buffer[..], RecvFlags::empty()) {
            let datagram = buffer.get(..count).ok_or(NeighbourhoodError::Untold)?;
            let (more, ends) = neighbours(datagram).map_err(|_| NeighbourhoodError::Untold)?;
            rows.extend(more);
            if ends {
                return Ok(rows);
            }
        }
    }
    Err(NeighbourhoodError::Untold)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hardware_address_that_stands_for_another_address_too_is_nobodys_proof() {
        let row = |address: &str, last| Neighbour {
            address: address.parse().unwrap(),
            hardware: [2, 0, 0x5e, 0, 0x53, last],
            interface: 3,
        };
        let product = row("192.0.2.7", 7);
        let mut table = vec![product, row("fe80::1", 7), row("192.0.2.8", 8)];
        let scope = Scope::of([product.address]);
        assert!(!shared(&table, &product, &scope));
        table.push(row("192.0.2.9", 7));
        assert!(shared(&table, &product, &scope));
        assert!(!shared(&table, &product, &Scope::of([product.address, "192.0.2.9".parse().unwrap()])));
        assert_eq!(row_of(&table, product.address), Some(product));
        table.push(Neighbour { interface: 4, ..product });
        assert_eq!(row_of(&table, product.address), None, "two links lead to it");
    }

    #[test]
    fn the_kernel_tells_its_table_without_privilege() {
        assert!(table().is_ok());
    }
}
