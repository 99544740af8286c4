//! Where something was measured: from which place in the network, in which state of the product, at which endpoint.

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

    /// Whether it lies beyond the product's own network, by its name: `wan`. What is closed there may be open inside.
    pub fn is_outside(&self) -> bool {
        self.0 == "wan"
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// State of the product while it was measured, as the operator of the bench says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProductState {
    /// As shipped or after a reset.
    FactoryDefault,
    /// During set-up.
    Initialization,
    /// Set up and in use.
    Initialized,
}

impl ProductState {
    /// Every state, in the order in which a product goes through them.
    pub const ALL: [ProductState; 3] =
        [ProductState::FactoryDefault, ProductState::Initialization, ProductState::Initialized];

    /// The word as bench files and records write it.
    pub fn as_str(self) -> &'static str {
        match self {
            ProductState::FactoryDefault => "factory-default",
            ProductState::Initialization => "initialization",
            ProductState::Initialized => "initialized",
        }
    }

    /// The state of this word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl fmt::Display for ProductState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
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
