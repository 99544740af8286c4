//! Which addresses may be measured. Everything else is refused before a packet leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr, SocketAddrV6};

/// The addresses that the operator has authorised.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    addresses: BTreeMap<IpAddr, u32>,
    own: BTreeSet<IpAddr>,
    sources: BTreeSet<IpAddr>,
}

impl Scope {
    /// These addresses and no others.
    pub fn of(addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        Self { addresses: addresses.into_iter().map(|address| (address, 0)).collect(), ..Self::default() }
    }

    /// Sets an address of the bench's own apart, at which it may stand in for a service.
    #[must_use]
    pub fn and_standing_at(mut self, own: IpAddr) -> Self {
        self.own.insert(own);
        self
    }

    /// Whether the bench may listen there.
    pub(crate) fn may_stand_at(&self, own: IpAddr) -> bool {
        self.own.contains(&own)
    }

    /// Sets an address of the bench's own apart, from which a probe may come instead of the usual one.
    #[must_use]
    pub fn and_coming_from(mut self, own: IpAddr) -> Self {
        self.sources.insert(own);
        self
    }

    /// Whether connections may come from there.
    pub(crate) fn may_come_from(&self, own: IpAddr) -> bool {
        self.sources.contains(&own)
    }

    /// Adds a link-local IPv6 address that is reached through the interface of this index.
    #[must_use]
    pub fn and_on_interface(mut self, address: IpAddr, interface: u32) -> Self {
        self.addresses.insert(address, interface);
        self
    }

    /// Whether packets may be sent there.
    pub fn allows(&self, address: IpAddr) -> bool {
        self.addresses.contains_key(&address)
    }

    /// The socket address of an authorised target; none for any other.
    pub(crate) fn socket_address(&self, address: IpAddr, port: u16) -> Option<SocketAddr> {
        let interface = *self.addresses.get(&address)?;
        Some(match address {
            IpAddr::V4(_) => SocketAddr::new(address, port),
            IpAddr::V6(v6) => SocketAddrV6::new(v6, port, 0, interface).into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_authorised_has_a_socket_address() {
        let scope = Scope::of(["192.0.2.7".parse().unwrap()]).and_on_interface("fe80::1".parse().unwrap(), 3);
        assert!(scope.socket_address("192.0.2.8".parse().unwrap(), 80).is_none());
        assert!(scope.socket_address("192.0.2.7".parse().unwrap(), 80).is_some());
        let link_local = scope.socket_address("fe80::1".parse().unwrap(), 80).unwrap();
        assert_eq!(link_local.to_string(), "[fe80::1%3]:80");
    }
}
