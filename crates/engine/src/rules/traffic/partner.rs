//! Who a peer in a capture is: an associated service, told by its declared names and by the addresses of the bench.

use std::net::IpAddr;

use dossier::AssociatedService;
use model::{Conversation, Endpoint, Transport};

use crate::view::View;

use super::super::probe_names::DUT;
use super::super::seen::{PortKey, key};

/// A declared address of a service: `mqtts://cloud.example:8883`.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    /// Host name or address, in lower case.
    pub(crate) host: String,
    /// Where it answers; none where neither the address nor its scheme says so.
    pub(crate) at: Option<PortKey>,
    /// The protocol that the scheme means, without its protection: `http`, `mqtt`.
    pub(crate) protocol: String,
    /// Whether the scheme means TLS or DTLS.
    pub(crate) secure: bool,
}

/// A service and where it is.
#[derive(Debug)]
pub(crate) struct Partner {
    /// Its id.
    pub(crate) id: String,
    /// Its declared addresses.
    pub(crate) addresses: Vec<Address>,
    /// IP addresses that the bench knows it under.
    known_at: Vec<IpAddr>,
}

/// The product's own addresses and its associated services.
#[derive(Debug)]
pub(crate) struct Partners {
    /// Addresses of the product, as the bench knows them.
    pub(crate) product: Vec<IpAddr>,
    /// The services.
    pub(crate) services: Vec<Partner>,
}

impl Partners {
    pub(crate) fn of(view: &View<'_>) -> Self {
        let services = view.dossier.services.iter().filter_map(|s| Partner::of(view, s)).collect();
        Self { product: bench_addresses(view, DUT), services }
    }

    /// The service that a conversation is with. Names count before addresses, which may be shared.
    pub(crate) fn service(&self, conversation: &Conversation) -> Option<&Partner> {
        let names: Vec<&String> =
            conversation.names.iter().filter(|n| n.parse::<IpAddr>().is_err() && !n.is_empty()).collect();
        let named =
            |p: &&Partner| p.addresses.iter().any(|a| names.iter().any(|n| n.eq_ignore_ascii_case(&a.host)));
        self.services.iter().find(named).or_else(|| {
            let without_name = |p: &Partner| p.addresses.iter().all(|a| a.host.parse::<IpAddr>().is_ok());
            self.services.iter().find(|p| p.is_at(&conversation.server) && (names.is_empty() || without_name(p)))
        })
    }

    /// The service that has an endpoint, where its address is known.
    pub(crate) fn service_at(&self, endpoint: &Endpoint) -> Option<&Partner> {
        self.services.iter().find(|p| p.is_at(endpoint))
    }
}

impl Partner {
    fn of(view: &View<'_>, service: &AssociatedService) -> Option<Self> {
        let id = service.id.as_ref()?.value.clone();
        let urls = service.endpoints.as_ref().map(|e| e.value.as_slice()).unwrap_or_default();
        let addresses: Vec<Address> = urls.iter().filter_map(|url| Address::read(&url.value)).collect();
        let mut known_at = bench_addresses(view, &id);
        for address in &addresses {
            known_at.extend(address.host.parse::<IpAddr>().ok());
            let resolved = view.dossier.bench.as_ref().and_then(|b| b.resolve.get(&address.host));
            known_at.extend(resolved.map(|a| a.value));
        }
        Some(Self { id, addresses, known_at })
    }

    fn is_at(&self, endpoint: &Endpoint) -> bool {
        self.known_at.contains(&endpoint.address)
    }

    /// Whether one of its declared addresses is this port.
    pub(crate) fn answers_at(&self, endpoint: &Endpoint) -> Option<&Address> {
        self.addresses.iter().find(|a| a.at == Some(key(endpoint)))
    }
}

impl Address {
    /// Reads a URL as far as it says where something answers.
    pub(crate) fn read(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse::<u16>().ok()?)),
            _ => (authority, None),
        };
        let (protocol, secure, transport, usual) = match scheme.to_ascii_lowercase().as_str() {
            "https" => ("http", true, Transport::Tcp, Some(443)),
            "wss" => ("http", true, Transport::Tcp, Some(443)),
            "http" | "ws" => ("http", false, Transport::Tcp, Some(80)),
            "mqtts" => ("mqtt", true, Transport::Tcp, Some(8883)),
            "mqtt" => ("mqtt", false, Transport::Tcp, Some(1883)),
            "amqps" => ("amqp", true, Transport::Tcp, Some(5671)),
            "coaps" => ("coap", true, Transport::Udp, Some(5684)),
            "coap" => ("coap", false, Transport::Udp, Some(5683)),
            "ntp" => ("ntp", false, Transport::Udp, Some(123)),
            "dns" => ("dns", false, Transport::Udp, Some(53)),
            "tls" => ("tls", true, Transport::Tcp, None),
            "dtls" => ("dtls", true, Transport::Udp, None),
            _ => (scheme, false, Transport::Tcp, None),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        if host.is_empty() {
            return None;
        }
        let at = port.or(usual).map(|port| (transport, port));
        Some(Self { host, at, protocol: protocol.to_owned(), secure })
    }
}

fn bench_addresses(view: &View<'_>, name: &str) -> Vec<IpAddr> {
    let target = view.dossier.bench.as_ref().and_then(|b| b.target(name));
    let first = target.and_then(|t| t.address.as_ref()).map(|a| a.value);
    let also = target.and_then(|t| t.also.as_ref()).map(|a| a.value.as_slice()).unwrap_or_default();
    first.into_iter().chain(also.iter().map(|a| a.value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_where_and_what_answers() {
        let told = |url: &str| {
            let a = Address::read(url)?;
            Some((a.host, a.at.map(|at| at.1), a.protocol, a.secure))
        };
        let is =
            |host: &str, port, protocol: &str, secure| Some((host.to_owned(), port, protocol.to_owned(), secure));
        assert_eq!(told("https://Cloud.Example/api"), is("cloud.example", Some(443), "http", true));
        assert_eq!(told("mqtts://u:p@cloud.example:28883"), is("cloud.example", Some(28883), "mqtt", true));
        assert_eq!(told("coap://[2001:db8::1]"), is("2001:db8::1", Some(5683), "coap", false));
        assert_eq!(told("lwm2m://x"), is("x", None, "lwm2m", false));
        for none in ["cloud.example", "https://", "https://a:99999"] {
            assert_eq!(told(none), None, "{none}");
        }
    }
}
