//! Where a server is to listen: an address of its own, a port, and perhaps a network namespace.
//!
//! It hands out loopback addresses that no other test of this run uses. It does not bind anything for long: a free
//! port is found by binding and letting go, and whoever lost the race tries again.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::netns::Netns;

/// Where a server is to listen.
#[derive(Debug, Clone)]
pub struct Site {
    ip: IpAddr,
    port: Option<u16>,
    netns: Option<String>,
}

impl Site {
    /// An address in 127.0.0.0/8 that this run uses for nothing else, and any free port.
    #[must_use]
    pub fn loopback() -> Self {
        Self::at(IpAddr::V4(own_loopback_address()))
    }

    /// The given address of this machine, and any free port.
    #[must_use]
    pub fn at(ip: IpAddr) -> Self {
        Self { ip, port: None, netns: None }
    }

    /// The address of the inner end of a namespace, and any port that is free in there.
    #[must_use]
    pub fn inside(netns: &Netns) -> Self {
        Self { ip: IpAddr::V4(netns.inner()), port: None, netns: Some(netns.name().to_owned()) }
    }

    /// The IPv6 address of the inner end of a namespace, and any port that is free in there.
    #[must_use]
    pub fn inside_v6(netns: &Netns) -> Self {
        Self { ip: IpAddr::V6(netns.inner_v6()), port: None, netns: Some(netns.name().to_owned()) }
    }

    /// The same place with a fixed port; below 1024 it takes root.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// The address.
    #[must_use]
    pub fn ip(&self) -> IpAddr {
        self.ip
    }

    /// The namespace the server is started in, if not the test's own.
    #[must_use]
    pub fn netns(&self) -> Option<&str> {
        self.netns.as_deref()
    }

    /// The address with the fixed port, or with one that is free at this moment for both TCP and UDP.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        let ip = self.ip;
        match (self.port, self.netns()) {
            (Some(port), _) => Ok(SocketAddr::new(ip, port)),
            (None, None) => free_port(ip),
            (None, Some(name)) => crate::netns::run_inside(name, move || free_port(ip))?,
        }
    }

    /// A listener of this process at the site; inside a namespace too, since a socket stays where it was made.
    pub(crate) fn listen(&self) -> io::Result<TcpListener> {
        let at = SocketAddr::new(self.ip, self.port.unwrap_or(0));
        match self.netns() {
            None => TcpListener::bind(at),
            Some(name) => crate::netns::run_inside(name, move || TcpListener::bind(at))?,
        }
    }

    /// Whether another try can find another port.
    pub(crate) fn chooses_port(&self) -> bool {
        self.port.is_none()
    }
}

fn free_port(ip: IpAddr) -> io::Result<SocketAddr> {
    let mut refused = None;
    for _ in 0..16 {
        let at = TcpListener::bind((ip, 0))?.local_addr()?;
        match UdpSocket::bind(at) {
            Ok(_) => return Ok(at),
            Err(error) => refused = Some(error),
        }
    }
    Err(refused.unwrap_or_else(|| io::ErrorKind::AddrInUse.into()))
}

/// 127.0.0.0/8 is shared out by process id and a counter of four bits, so that tests in processes of their own do
/// not meet. 127.0.x.x is avoided, where other programs of the machine listen, and so are a last byte of 0 and
/// 255, which some programs take for a network and a broadcast address.
fn own_loopback_address() -> Ipv4Addr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let count = NEXT.fetch_add(1, Ordering::Relaxed);
    let number = std::process::id().wrapping_mul(16).wrapping_add(count);
    let low = 1 + number % 254;
    let middle = number / 254 % 256;
    let high = 1 + number / 254 / 256 % 253;
    Ipv4Addr::from_bits(127 << 24 | high << 16 | middle << 8 | low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_sites_have_different_addresses_outside_127_0() {
        let addresses: std::collections::BTreeSet<_> = (0..16).map(|_| own_loopback_address()).collect();
        assert_eq!(addresses.len(), 16);
        assert!(addresses.iter().all(|at| at.octets()[1] != 0 && at.is_loopback()));
    }

    #[test]
    fn a_free_port_can_be_bound() {
        let at = Site::loopback().address().expect("loopback has free ports");
        assert!(TcpListener::bind(at).is_ok());
    }

    #[test]
    fn a_fixed_port_is_kept() {
        let at = Site::loopback().port(2222).address().expect("nothing is bound");
        assert_eq!(at.port(), 2222);
    }
}
