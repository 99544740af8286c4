//! Which probes run against which target, in which order, with which parameters.
//!
//! Where to look comes from the bench, from what was declared as present, and from what was seen earlier in the run.
//! What is claimed about an outcome never reaches a probe.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use dossier::{
    AuthMechFacts, ComMechFacts, Dossier, Entry, ExtSensFacts, InterfaceFacts, SecureProtocol, Standing,
    UserInfoFacts,
};
use model::{AuthScheme, Endpoint, Fact, ProductState, Touches, Transport};
use probes::Card;
use serde_json::{Value, json};

use super::interception::CLIENT_CHECKS;
use super::setup::{Authorised, Setup, means};

/// One step of a run, as the plan shows it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PlannedStep {
    /// Probe id.
    pub probe: &'static str,
    /// `dut` or a service's id.
    pub target: String,
    /// At which of its addresses.
    pub address: IpAddr,
    /// Whether that is not the first of them.
    pub further: bool,
    /// How far it reaches.
    pub touches: Touches,
    /// What it asks.
    pub asks: &'static str,
    /// Why it will not be taken, if so.
    pub not_taken: Option<String>,
}

impl PlannedStep {
    /// The target, with the address where it is not the first one.
    pub fn named(&self) -> String {
        if self.further { format!("{} {}", self.target, self.address) } else { self.target.clone() }
    }
}

/// Probes against the product, in the order they are taken: reads before guesses, guesses last.
const PRODUCT: [&str; 17] = [
    "dut.identity",
    "web.page",
    "net.tcp-ports",
    "net.udp-services",
    "net.neighbours",
    "net.services",
    "tls.server-offer",
    "http.surface",
    "http.access",
    "auth.sessions",
    "auth.defaults",
    "http.input",
    "mqtt.input",
    "coap.input",
    "raw.input",
    "auth.guessing",
    "auth.change",
];

/// Probes of an associated service and of the way to it.
const SERVICE: [&str; 2] = ["tls.server-offer", CLIENT_CHECKS];

/// Probes of an associated service that is reached over DTLS alone.
const DATAGRAM_SERVICE: [&str; 1] = ["tls.server-offer"];

/// Probes that are also taken at each further address of the product: what answers there, and whether it is the product.
const EACH_ADDRESS: [&str; 7] = [
    "dut.identity",
    "net.tcp-ports",
    "net.udp-services",
    "net.services",
    "tls.server-offer",
    "http.surface",
    "auth.defaults",
];

/// Probes that are also taken while the product is in another state than in use: what it offers and lets anybody do
/// then. Guesses, defaults and unexpected input are kept for the product in use.
const EACH_STATE: [&str; 7] = [
    "dut.identity",
    "net.tcp-ports",
    "net.udp-services",
    "net.services",
    "tls.server-offer",
    "http.surface",
    "http.access",
];

/// Whether a run takes this probe; captures and imports come about otherwise.
pub(super) fn is_taken(probe: &str) -> bool {
    PRODUCT.contains(&probe) || SERVICE.contains(&probe)
}

/// The steps of a run, in order: everything of one reach before anything that reaches further.
pub fn planned(dossier: &Dossier, setup: &Setup) -> Vec<PlannedStep> {
    let mut steps = Vec::new();
    let in_use = setup.in_state() == ProductState::Initialized;
    for target in &setup.targets {
        let of_product = target.name == "dut";
        let ids: &[&str] = match of_product {
            true => &PRODUCT,
            false if !service_ports(dossier, target).is_empty() => &SERVICE,
            false if !datagram_ports(dossier, target).is_empty() => &DATAGRAM_SERVICE,
            false => &[],
        };
        for id in ids {
            if !in_use && (!of_product || !EACH_STATE.contains(id)) {
                continue;
            }
            let Some(listed) = probes::listed(id) else { continue };
            if target.further && !EACH_ADDRESS.contains(id) {
                continue;
            }
            let card: &Card = listed.card;
            let not_taken = (card.touches > setup.consent).then(|| setup.consent_because.clone());
            let not_taken = not_taken.or_else(|| not_prepared(card.id, setup, target));
            steps.push(PlannedStep {
                probe: card.id,
                target: target.name.clone(),
                address: target.address,
                further: target.further,
                touches: card.touches,
                asks: card.asks,
                not_taken,
            });
        }
    }
    // A stable sort keeps the order of the list among steps of equal reach; the identity comes first of all.
    steps.sort_by_key(|s| (s.probe != "dut.identity", s.touches));
    steps
}

/// What the bench file lacks for a step.
fn not_prepared(probe: &str, setup: &Setup, target: &Authorised) -> Option<String> {
    match &setup.interception {
        _ if probe != CLIENT_CHECKS => None,
        None => Some("bench.toml has no `[interception]`".to_owned()),
        Some(Err(why)) => Some(why.clone()),
        Some(Ok(found)) => {
            (!found.covers(&target.name)).then(|| format!("`[interception]` leaves {} out", target.name))
        }
    }
}

/// The parameters of a step, or why there is nothing to look at.
pub(super) fn parameters(
    step: &PlannedStep,
    dossier: &Dossier,
    setup: &Setup,
    seen: &[Fact],
) -> Result<Value, String> {
    let target = setup.target(&step.target, step.address).ok_or("the target is not authorised")?;
    let lookup = Lookup { dossier, setup, target, seen };
    match step.probe {
        "dut.identity" => lookup.identity(),
        "web.page" => lookup.pages(),
        "net.tcp-ports" => Ok(json!({
            "address": target.address, "ports": target.tcp_ports, "background": target.background,
        })),
        "net.udp-services" => Ok(lookup.udp()),
        "net.neighbours" => lookup.neighbour(),
        "net.services" => lookup.services(),
        "tls.server-offer" => lookup.tls(),
        CLIENT_CHECKS => lookup.client_checks(),
        "http.surface" => lookup.surface(),
        "http.access" => lookup.access(),
        "http.input" => lookup.input(),
        "mqtt.input" => lookup.brokers(),
        "coap.input" => lookup.coap_servers(),
        "raw.input" => lookup.raw_services(),
        "auth.defaults" => lookup.defaults(),
        "auth.guessing" => lookup.guessing(),
        "auth.sessions" => lookup.sessions(),
        "auth.change" => lookup.changes(),
        other => Err(format!("no parameters are known for {other}")),
    }
}

/// Paths on the product that its answers to a search for devices name: where it describes itself.
fn announced(seen: &[Fact], address: IpAddr) -> BTreeSet<String> {
    const MOST: usize = 8;
    let of_search = seen.iter().filter_map(|fact| match fact {
        Fact::Service(service) if matches!(service.protocol.as_str(), "ssdp" | "ws-discovery") => {
            Some(service.banner.as_str())
        }
        _ => None,
    });
    let urls = of_search.flat_map(|banner| banner.split("http").skip(1)).filter_map(|rest| {
        let url = rest.strip_prefix("s").unwrap_or(rest).strip_prefix("://")?;
        let end = url.find(|c: char| !c.is_ascii_graphic() || matches!(c, '\\' | '<' | '"' | '\''));
        let (authority, path) = url[..end.unwrap_or(url.len())].split_once('/')?;
        let host = match authority.strip_prefix('[') {
            Some(rest) => rest.split(']').next()?,
            None => authority.split(':').next()?,
        };
        let here = host.parse() == Ok(address) && path.len() < 200;
        here.then(|| format!("/{path}"))
    });
    urls.take(MOST).collect()
}

/// TCP ports of a service: those of its endpoints and of the mechanisms that lead to it.
fn service_ports(dossier: &Dossier, target: &Authorised) -> BTreeSet<u16> {
    let mut ports: BTreeSet<u16> = communication(dossier)
        .filter(|f| f.service.as_ref().is_some_and(|s| s.value.value == target.name))
        .filter(|f| f.transport.as_ref().is_none_or(|t| t.value == Transport::Tcp))
        .filter_map(|f| f.port.as_ref().map(|p| p.value))
        .collect();
    let service = dossier.services.iter().find(|s| s.id.as_ref().is_some_and(|i| i.value == target.name));
    for url in service.and_then(|s| s.endpoints.as_ref()).map(|e| e.value.as_slice()).unwrap_or_default() {
        let secure = ["https://", "mqtts://", "wss://", "tls://"].iter().any(|scheme| url.starts_with(scheme));
        let authority = url.value.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let port = authority.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        let usual = if url.starts_with("mqtts://") { 8883 } else { 443 };
        if secure {
            ports.insert(port.unwrap_or(usual));
        }
    }
    ports
}

/// UDP ports at which DTLS is declared, of a service or of the product: those of mechanisms, of interfaces and of the
/// service's endpoints.
fn datagram_ports(dossier: &Dossier, target: &Authorised) -> BTreeSet<u16> {
    let is_dtls = |f: &&ComMechFacts| {
        f.protocol.as_ref().is_some_and(|p| p.value == SecureProtocol::Dtls)
            && f.transport.as_ref().is_none_or(|t| t.value == Transport::Udp)
    };
    let is_here = |f: &&ComMechFacts| match &f.service {
        Some(service) => service.value.value == target.name,
        None => target.name == "dut",
    };
    let of_mechanisms = communication(dossier).filter(is_dtls).filter(is_here).filter_map(|f| f.port.as_ref());
    let mut ports: BTreeSet<u16> = of_mechanisms.map(|port| port.value).collect();
    if target.name == "dut" {
        let of_interfaces = interfaces(dossier).filter(|(_, f)| {
            let named = f.protocol.as_ref().is_some_and(|p| matches!(p.value.as_str(), "coaps" | "dtls"));
            f.transport.as_ref().is_some_and(|t| t.value == Transport::Udp)
                && (named || f.tls.as_ref().is_some_and(|tls| tls.value))
                && !f.outgoing.as_ref().is_some_and(|outgoing| outgoing.value)
        });
        ports.extend(of_interfaces.filter_map(|(_, f)| f.port.as_ref().map(|port| port.value)));
    }
    let service = dossier.services.iter().find(|s| s.id.as_ref().is_some_and(|i| i.value == target.name));
    for url in service.and_then(|s| s.endpoints.as_ref()).into_iter().flat_map(|e| e.iter()) {
        let Some((scheme @ ("coaps" | "dtls"), rest)) = url.value.split_once("://") else { continue };
        let port = rest.split('/').next().and_then(|authority| authority.rsplit_once(':'));
        let port = port.and_then(|(_, port)| port.parse().ok());
        ports.extend(port.or((scheme == "coaps").then_some(5684)));
    }
    ports
}

fn communication(dossier: &Dossier) -> impl Iterator<Item = &ComMechFacts> {
    ["SecComMech", "ComMech"].into_iter().flat_map(|t| dossier.entries(t)).filter_map(Entry::facts)
}

fn interfaces(dossier: &Dossier) -> impl Iterator<Item = (&Entry, &InterfaceFacts)> {
    ["LogIntf", "Intf"].into_iter().flat_map(|t| dossier.entries(t)).filter_map(|e| Some((e, e.facts()?)))
}

struct Lookup<'a> {
    dossier: &'a Dossier,
    setup: &'a Setup,
    target: &'a Authorised,
    seen: &'a [Fact],
}

impl<'a> Lookup<'a> {
    fn endpoint(&self, port: u16) -> Endpoint {
        Endpoint::tcp(self.target.address, port)
    }

    fn identity(&self) -> Result<Value, String> {
        if self.setup.identity.is_empty() {
            return Err("bench.toml names no `[[identity]]` by which the product can be told".to_owned());
        }
        let proofs: Vec<Value> = self
            .setup
            .identity
            .iter()
            .filter_map(|expected| {
                Some(json!({
                    "means": means(expected.means.as_ref()?.value),
                    "endpoint": self.endpoint(expected.port.as_ref()?.value),
                    "tls": expected.tls.as_ref().is_some_and(|t| t.value),
                    "host": self.target.host,
                    "path": expected.path.as_ref().map(|p| p.value.clone()),
                    "value": expected.value.as_ref()?.value,
                    "firmware": expected.firmware.as_ref().map(|f| f.value.clone()),
                }))
            })
            .collect();
        if proofs.len() < self.setup.identity.len() {
            return Err("an `[[identity]]` lacks its means, port or value".to_owned());
        }
        Ok(json!({"proofs": proofs}))
    }

    fn pages(&self) -> Result<Value, String> {
        let facts = self.dossier.entries("UserInfo").first().and_then(Entry::facts::<UserInfoFacts>);
        let Some(facts) = facts else { return Err("2-UserInfo declares no address of a publication".to_owned()) };
        let senses = self.dossier.entries("ExtSens").iter().filter_map(Entry::facts::<ExtSensFacts>);
        let sensors: Vec<String> = senses
            .filter_map(|f| f.documented_as.as_ref())
            .flat_map(|l| l.value.iter().map(|w| w.value.clone()))
            .collect();
        let period: Vec<String> = facts.support_period_text.iter().map(|t| t.value.clone()).collect();
        let none = Vec::new;
        let pages = [
            (&facts.disclosure_policy_url, none()),
            (&facts.support_period_url, period),
            (&facts.non_updatable_url, none()),
            (&facts.replacement_url, none()),
            (&facts.sensors_url, sensors),
            (&facts.secure_setup_url, none()),
            (&facts.setup_check_url, none()),
            (&facts.maintenance_check_url, none()),
            (&facts.personal_data_url, none()),
            (&facts.telemetry_url, none()),
            (&facts.deletion_url, none()),
            (&facts.change_url, none()),
        ];
        let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (url, texts) in pages {
            if let Some(url) = url {
                wanted.entry(url.value.clone()).or_default().extend(texts);
            }
        }
        if wanted.is_empty() {
            return Err("2-UserInfo declares no address of a publication".to_owned());
        }
        let pages: Vec<Value> =
            wanted.into_iter().map(|(url, texts)| json!({"url": url, "texts": texts})).collect();
        Ok(json!({"pages": pages, "resolve": self.setup.resolve}))
    }

    fn udp(&self) -> Value {
        let declared = interfaces(self.dossier)
            .filter(|(_, f)| f.transport.as_ref().is_some_and(|t| t.value == Transport::Udp))
            .filter_map(|(_, f)| f.port.as_ref().map(|p| p.value));
        let ports: BTreeSet<u16> = declared.chain(self.target.udp_ports.iter().copied()).collect();
        json!({"address": self.target.address, "extra_ports": ports})
    }

    /// The link-local address that follows from the product's hardware address, as this machine's table has it.
    fn neighbour(&self) -> Result<Value, String> {
        if self.setup.place.is_outside() {
            return Err(
                "beyond the product's own network, who answers on the link may be a router before it".to_owned()
            );
        }
        let (hardware, _) = probes::hardware_of(self.target.address).ok_or(
            "this machine's table of neighbours does not have the product: no link of its own leads there",
        )?;
        let follows = probes::net::neighbours::link_local(hardware);
        Ok(json!({"address": follows, "product": self.target.address}))
    }

    /// Open TCP ports that belong to the product.
    fn open(&self) -> Vec<Endpoint> {
        let port = |fact: &Fact| match fact {
            Fact::Port { endpoint, state: model::PortState::Open, background: false }
                if endpoint.transport == Transport::Tcp && endpoint.address == self.target.address =>
            {
                Some(*endpoint)
            }
            _ => None,
        };
        self.seen.iter().filter_map(port).collect()
    }

    fn services(&self) -> Result<Value, String> {
        let ports: BTreeSet<u16> = self.open().iter().map(|e| e.port).collect();
        if ports.is_empty() {
            return Err("no open TCP port was found".to_owned());
        }
        Ok(json!({"address": self.target.address, "ports": ports, "host": self.target.host}))
    }

    fn tls(&self) -> Result<Value, String> {
        let turns = self.turns();
        let mut endpoints: Vec<Endpoint> = if self.target.name == "dut" {
            // A port that was never identified may still speak an old TLS that a modern handshake cannot open.
            let clear: BTreeSet<Endpoint> = self
                .seen
                .iter()
                .filter_map(|f| match f {
                    Fact::Service(s) if !s.tls && s.protocol != "unknown" && s.protocol != "tls" => {
                        Some(s.endpoint)
                    }
                    _ => None,
                })
                .collect();
            let turning: BTreeSet<Endpoint> = turns.iter().map(|(endpoint, _)| *endpoint).collect();
            self.open().into_iter().filter(|e| !clear.contains(e) || turning.contains(e)).collect()
        } else {
            service_ports(self.dossier, self.target).into_iter().map(|p| self.endpoint(p)).collect()
        };
        let datagrams = datagram_ports(self.dossier, self.target);
        endpoints.extend(datagrams.into_iter().map(|port| Endpoint::udp(self.target.address, port)));
        if endpoints.is_empty() {
            return Err("nothing was found that may speak TLS".to_owned());
        }
        Ok(json!({"endpoints": endpoints, "host": self.target.host, "starttls": turns}))
    }

    /// Services in clear that may turn to TLS, with the protocol in which they are asked to.
    fn turns(&self) -> Vec<(Endpoint, String)> {
        let turn = |fact: &Fact| match fact {
            Fact::Service(s)
                if !s.tls
                    && s.endpoint.address == self.target.address
                    && matches!(s.protocol.as_str(), "smtp" | "imap" | "pop3" | "ftp") =>
            {
                Some((s.endpoint, s.protocol.clone()))
            }
            _ => None,
        };
        self.seen.iter().filter_map(turn).collect()
    }

    fn client_checks(&self) -> Result<Value, String> {
        let Some(Ok(interception)) = &self.setup.interception else {
            return Err("bench.toml has no `[interception]`".to_owned());
        };
        Ok(interception.parameters(self.dossier, self.target, &service_ports(self.dossier, self.target)))
    }

    /// Web servers: those seen, and declared ones that a scan saw open.
    fn servers(&self) -> Vec<Value> {
        let mut found: BTreeMap<u16, bool> = BTreeMap::new();
        for fact in self.seen {
            if let Fact::Service(s) = fact
                && s.endpoint.address == self.target.address
                && s.protocol == "http"
            {
                found.insert(s.endpoint.port, s.tls);
            }
        }
        let open: BTreeSet<u16> = self.open().iter().map(|e| e.port).collect();
        for (_, facts) in interfaces(self.dossier) {
            if let (Some(port), Some(protocol)) = (&facts.port, &facts.protocol)
                && matches!(protocol.value.as_str(), "http" | "https")
                && open.contains(&port.value)
            {
                let tls = facts.tls.as_ref().map_or(protocol.value == "https", |t| t.value);
                found.entry(port.value).or_insert(tls);
            }
        }
        found.into_iter().map(|(port, tls)| self.server(port, tls)).collect()
    }

    fn server(&self, port: u16, tls: bool) -> Value {
        json!({"endpoint": self.endpoint(port), "tls": tls, "host": self.target.host})
    }

    fn surface(&self) -> Result<Value, String> {
        let servers = self.servers();
        if servers.is_empty() {
            return Err("no web server was found".to_owned());
        }
        let mut known = BTreeMap::new();
        if let Some(model) = self.dossier.product.as_ref().and_then(|p| p.model.as_ref()) {
            known.insert("model", model.value.clone());
        }
        let mut paths: BTreeSet<String> = interfaces(self.dossier)
            .filter_map(|(_, f)| f.public_paths.as_ref())
            .flat_map(|l| l.value.iter().map(|p| p.value.clone()))
            .collect();
        paths.extend(announced(self.seen, self.target.address));
        Ok(json!({"servers": servers, "known": known, "extra_paths": paths}))
    }

    /// The declared interface of an entry, with its port and whether it speaks inside TLS.
    fn interface(&self, ids: Option<&dossier::Located<Vec<dossier::Located<String>>>>) -> Option<(u16, bool)> {
        let id = &ids?.value.first()?.value;
        let (_, facts) = interfaces(self.dossier).find(|(e, _)| e.id.value == *id)?;
        let tls = facts.tls.as_ref().is_some_and(|t| t.value);
        Some((facts.port.as_ref()?.value, tls))
    }

    fn mechanisms(&self) -> impl Iterator<Item = (&'a Entry, &'a AuthMechFacts)> {
        self.dossier.entries("AuthMech").iter().filter_map(|e| Some((e, e.facts()?)))
    }

    /// How a mechanism takes its credential: as declared, or else as the bench knows of one of its accounts.
    fn scheme(&self, entry: &Entry, facts: &AuthMechFacts) -> Option<AuthScheme> {
        let of_account = || {
            let mut accounts = self.setup.accounts.iter().filter(|a| a.mechanism == entry.id.value);
            accounts.find_map(|a| a.scheme)
        };
        facts.scheme.as_ref().map(|s| s.value).or_else(of_account)
    }

    /// The door of a declared mechanism on the product.
    fn door(&self, entry: &Entry, facts: &AuthMechFacts) -> Option<Value> {
        let (port, tls) = self.interface(facts.interface.as_ref())?;
        let path = facts.path.as_ref().map(|p| p.value.as_str());
        Some(self.door_at(port, tls, self.scheme(entry, facts)?, path))
    }

    fn door_at(&self, port: u16, tls: bool, scheme: AuthScheme, path: Option<&str>) -> Value {
        let at = match scheme {
            AuthScheme::SnmpCommunity => Endpoint::udp(self.target.address, port),
            _ => self.endpoint(port),
        };
        json!({"endpoint": at, "tls": tls, "host": self.target.host, "scheme": scheme, "path": path})
    }

    /// Login of a mechanism with an account of this standing.
    fn login(&self, mechanism: &str, standing: Standing) -> Option<Value> {
        let (entry, facts) = self.mechanisms().find(|(e, _)| e.id.value == mechanism)?;
        let account = self.setup.account(mechanism, standing).or_else(|| {
            (standing == Standing::Valid).then(|| self.setup.account(mechanism, Standing::Default))?
        })?;
        Some(json!({"door": self.door(entry, facts)?, "user": account.user, "secret": account.secret.reveal()}))
    }

    /// The mechanism of the web that most functions refer to.
    fn web_mechanism(&self) -> Option<&'a str> {
        self.mechanisms()
            .filter(|(e, f)| {
                matches!(
                    self.scheme(e, f),
                    Some(
                        AuthScheme::HttpForm
                            | AuthScheme::HttpJson
                            | AuthScheme::HttpBasic
                            | AuthScheme::HttpDigest
                    )
                )
            })
            .find(|(e, _)| self.setup.accounts.iter().any(|a| a.mechanism == e.id.value))
            .map(|(e, _)| e.id.value.as_str())
    }
}

mod access;
mod auth;
mod input;
#[cfg(test)]
mod tests;
