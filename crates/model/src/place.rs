//! Where something was measured: from which place in the network, and at which endpoint.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::Transport;

/// The position in the network from which a measurement was made, named by the bench: `lan`, `wan`, `access-point`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Place(pub String);

impl Place {
    /// The place beside the product, on its own network.
    pub fn lan() -> Self {
        Self("lan".to_owned())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// One address, transport and port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Endpoint {
    /// Address of the target, IPv4 or IPv6.
    pub address: IpAddr,
    /// TCP or UDP.
    pub transport: Transport,
    /// Port number.
    pub port: u16,
}

impl Endpoint {
    /// A TCP endpoint.
    pub fn tcp(address: IpAddr, port: u16) -> Self {
        Self { address, transport: Transport::Tcp, port }
    }

    /// A UDP endpoint.
    pub fn udp(address: IpAddr, port: u16) -> Self {
        Self { address, transport: Transport::Udp, port }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            IpAddr::V4(a) => write!(f, "{a}:{}/{}", self.port, self.transport),
            IpAddr::V6(a) => write!(f, "[{a}]:{}/{}", self.port, self.transport),
        }
    }
}
