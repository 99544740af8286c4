//! Endpoints by transport and port, and by the version of the Internet Protocol.

use std::net::IpAddr;

use model::{Endpoint, Transport};

/// A transport and a port, whatever the address: addresses change between runs, and interfaces are declared by port.
pub(super) type PortKey = (Transport, u16);

/// Transport and port of an endpoint.
pub(super) fn key(endpoint: &Endpoint) -> PortKey {
    (endpoint.transport, endpoint.port)
}

/// `80/tcp`.
pub(super) fn port_text(at: PortKey) -> String {
    format!("{}/{}", at.1, at.0)
}

/// A version of the Internet Protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    V4,
    V6,
}

impl Family {
    pub(super) const BOTH: [Family; 2] = [Family::V4, Family::V6];

    pub(super) fn of(address: IpAddr) -> Self {
        if address.is_ipv4() { Family::V4 } else { Family::V6 }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Family::V4 => "IPv4",
            Family::V6 => "IPv6",
        }
    }
}
