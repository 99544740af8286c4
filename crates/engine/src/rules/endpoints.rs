//! Which endpoint a fact speaks of, by transport and port.

use model::{Endpoint, Fact, Transport};

/// A transport and a port, whatever the address: addresses change between runs.
pub(super) type PortKey = (Transport, u16);

/// The endpoint that a fact speaks of.
pub(super) fn endpoint(fact: &Fact) -> Option<&Endpoint> {
    match fact {
        Fact::Port { endpoint, .. }
        | Fact::AuthPrompt { endpoint, .. }
        | Fact::Disclosure { endpoint, .. }
        | Fact::TlsVersion { endpoint, .. }
        | Fact::TlsSuite { endpoint, .. }
        | Fact::TlsGroup { endpoint, .. }
        | Fact::SshOffer { endpoint, .. }
        | Fact::Input { endpoint, .. } => Some(endpoint),
        Fact::Service(f) => Some(&f.endpoint),
        Fact::Http(f) => Some(&f.endpoint),
        Fact::Login(f) => Some(&f.endpoint),
        Fact::Guessing(f) => Some(&f.endpoint),
        Fact::Certificate(f) => Some(&f.endpoint),
        Fact::Access(f) => Some(&f.endpoint),
        Fact::Page(_) | Fact::Identity { .. } => None,
    }
}

/// Transport and port of an endpoint.
pub(super) fn key(endpoint: &Endpoint) -> PortKey {
    (endpoint.transport, endpoint.port)
}

/// `80/tcp`.
pub(super) fn port_text(at: PortKey) -> String {
    format!("{}/{}", at.1, at.0)
}
