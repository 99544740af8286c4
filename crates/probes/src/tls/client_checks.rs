//! What the product, as a client, accepts in the place of its service.
//!
//! The bench stands in for the service at an address of its own and shows each connection something else: chains that
//! are wrong in one way, old versions, no TLS, and where it can the right chain as a control. It does not read what a
//! client encrypts in a version below TLS 1.2, and says nothing of services that the product never came for.

mod forge;
mod keys;
mod reading;
mod series;
mod visit;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use model::{Endpoint, Reading, Touches};
use serde::{Deserialize, Serialize};

use crate::{Bench, Bytes, Card, Need, Relayed, Secret, StandIn, StandInError, StoodDown, TlsWish};
use forge::{Authority, Forge};
use series::{Series, Shown};
use visit::Visit;

/// The card.
pub const CARD: Card = Card {
    id: "tls.client-checks",
    revision: 2,
    asks: "What does the product, as a client, accept in the place of its service?",
    yields: &["client-check", "client-certificate"],
    touches: Touches::Intrusive,
    needs: &[Need::IpReach, Need::Endpoints],
};

/// Where to stand in, for what, and how long.
#[derive(Debug, Clone, Deserialize)]
pub struct Parameters {
    /// The bench's own address to stand in at.
    pub listen: IpAddr,
    /// UDP port at which names are answered; none where the product is led here by other means.
    #[serde(default)]
    pub names_port: Option<u16>,
    /// The endpoints of the service, by port.
    pub services: Vec<Service>,
    /// Beside which port of the service, another one at which the product would come in clear.
    #[serde(default)]
    pub clear: Vec<(u16, u16)>,
    /// Addresses that the product comes from.
    pub clients: Vec<IpAddr>,
    /// How often each check is shown, if time allows.
    pub rounds: u32,
    /// Seconds for all checks.
    pub seconds: u32,
    /// Seconds to wait for the product to be back at its service.
    pub return_seconds: u32,
    /// An authority that the product trusts.
    #[serde(default)]
    pub authority: Option<Lent>,
}

/// A real endpoint that the product means to reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Where it is; the bench stands in at the same port.
    pub endpoint: Endpoint,
    /// The name or address that the product knows it by.
    pub host: String,
}

/// A lent authority, in PEM.
#[derive(Debug, Clone, Deserialize)]
pub struct Lent {
    /// Its certificate.
    pub certificate: String,
    /// Its private key.
    pub secret: Secret,
}

/// What happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Log {
    services: Vec<Service>,
    #[serde(default)]
    clear: Vec<(u16, u16)>,
    listen: IpAddr,
    rounds: u32,
    opened: Result<(), StandInError>,
    /// Why the lent authority is of no use, or that there is none.
    #[serde(default)]
    no_authority: Option<String>,
    /// Checks that could not be prepared: port, word, why.
    #[serde(default)]
    left_out: Vec<(u16, String, String)>,
    /// Certificates that were shown, by port and word.
    #[serde(default)]
    chains: Vec<(u16, String, Vec<Bytes>)>,
    visits: Vec<Visit>,
    #[serde(default)]
    stood: StoodDown,
    /// The connection of each port that was passed on to the real service at the end.
    #[serde(default)]
    returned: Vec<(u16, Option<Relayed>)>,
    millis: u64,
}

/// Connections that are looked at; a storm of them is cut off there.
const MOST_VISITS: usize = 2000;
/// How long a connection is passed on to the real service.
const RELAY: Duration = Duration::from_millis(800);

/// Stands in, shows everything, and watches the product go back.
pub fn gather(parameters: &Parameters, bench: &mut dyn Bench) -> Log {
    let began = bench.elapsed_millis();
    let services = &parameters.services;
    let lent =
        parameters.authority.as_ref().map(|lent| Authority::of_pem(&lent.certificate, lent.secret.reveal()));
    let (authority, no_authority) = match lent {
        Some(Ok(authority)) => (Some(authority), None),
        Some(Err(why)) => (None, Some(why)),
        None => (None, Some("no authority that the product trusts was lent".to_owned())),
    };
    let mut log = Log {
        services: services.clone(),
        clear: parameters.clear.clone(),
        listen: parameters.listen,
        rounds: parameters.rounds,
        opened: Ok(()),
        no_authority,
        left_out: Vec::new(),
        chains: Vec::new(),
        visits: Vec::new(),
        stood: StoodDown::default(),
        returned: Vec::new(),
        millis: 0,
    };
    let real: Vec<Vec<Bytes>> = services.iter().map(|service| real_chain(service, bench)).collect();
    let mut lines: BTreeMap<u16, Line<'_>> = BTreeMap::new();
    for (service, real) in services.iter().zip(&real) {
        let now = bench.now().millis().div_euclid(1000);
        let forge = Forge { authority: authority.as_ref(), host: &service.host, real, now, rsa: false };
        lines.insert(service.endpoint.port, Line::prepare(service.endpoint.port, forge, &mut log));
    }
    let ports: BTreeSet<u16> =
        lines.keys().copied().chain(parameters.clear.iter().map(|(_, clear)| *clear)).collect();
    let names: BTreeSet<String> =
        services.iter().map(|s| s.host.clone()).filter(|h| h.parse::<IpAddr>().is_err()).collect();
    log.opened = bench.stand_in(&StandIn {
        address: parameters.listen,
        ports: ports.into_iter().collect(),
        names_port: parameters.names_port,
        names: names.into_iter().collect(),
        clients: parameters.clients.clone(),
    });
    if log.opened.is_ok() {
        let until = bench.elapsed_millis() + u64::from(parameters.seconds) * 1000;
        show_all(parameters, &mut lines, until, bench, &mut log);
        for (port, line) in &mut lines {
            log.chains.extend(line.made.drain(..).map(|(word, chain)| (*port, word, chain)));
        }
        watch_return(parameters, bench, &mut log);
        log.stood = bench.stand_down();
    }
    log.millis = bench.elapsed_millis().saturating_sub(began);
    log
}

/// The chains of one port, and how far it is.
struct Line<'a> {
    forge: Forge<'a>,
    faces: BTreeMap<Shown, visit::Ready>,
    /// Those with RSA keys, made when a client comes that knows no other, and what is not in the log of them yet.
    with_rsa: BTreeMap<Shown, visit::Ready>,
    made: Vec<(String, Vec<Bytes>)>,
    series: Series,
}

impl<'a> Line<'a> {
    fn prepare(port: u16, forge: Forge<'a>, log: &mut Log) -> Self {
        let (faces, with_rsa) = (BTreeMap::new(), BTreeMap::new());
        let mut line = Self { forge, faces, with_rsa, made: Vec::new(), series: Series::default() };
        for shown in Shown::ALL {
            if shown == Shown::Plain {
                continue;
            }
            if shown.needs_authority() && line.forge.authority.is_none() {
                line.series.leave_out(shown);
                continue;
            }
            match line.forge.chain(shown) {
                Ok(chain) => {
                    let kept = chain.certificates.iter().map(|der| Bytes(der.clone())).collect();
                    log.chains.push((port, shown.as_str().to_owned(), kept));
                    line.faces.insert(shown, visit::Ready { face: chain.face(shown), chain });
                }
                Err(why) => {
                    line.series.leave_out(shown);
                    log.left_out.push((port, shown.as_str().to_owned(), why));
                }
            }
        }
        line
    }

    /// Makes a chain for a client that knows RSA alone, once.
    fn prepare_rsa(&mut self, shown: Shown) {
        if self.with_rsa.contains_key(&shown) || matches!(shown, Shown::Plain | Shown::Old(_)) {
            return;
        }
        let forge = Forge { rsa: true, ..self.forge };
        if let Ok(chain) = forge.chain(shown) {
            let kept = chain.certificates.iter().map(|der| Bytes(der.clone())).collect();
            self.made.push((reading::with_rsa(shown.as_str()), kept));
            self.with_rsa.insert(shown, visit::Ready { face: chain.face(shown), chain });
        }
    }
}

/// The real service's chain, where the bench can reach it.
fn real_chain(service: &Service, bench: &mut dyn Bench) -> Vec<Bytes> {
    let within = bench.wait();
    let Ok(link) = bench.connect(service.endpoint, within) else { return Vec::new() };
    let session = bench.secure(link, &TlsWish::named(Some(&service.host)));
    bench.close(link);
    session.map(|session| session.chain).unwrap_or_default()
}

fn show_all(
    parameters: &Parameters,
    lines: &mut BTreeMap<u16, Line<'_>>,
    until: u64,
    bench: &mut dyn Bench,
    log: &mut Log,
) {
    let of = u64::from(parameters.seconds) * 1000;
    while lines.values().any(|line| !line.series.is_whole(parameters.rounds)) && log.visits.len() < MOST_VISITS {
        let left = until.saturating_sub(bench.elapsed_millis());
        bench.progress(of - left.min(of), of);
        if left == 0 {
            return;
        }
        // Short waits, so that progress is told.
        let Some(arrival) = bench.arrival(Duration::from_millis(left.min(1000))) else {
            if bench.wait().is_zero() {
                return;
            }
            continue;
        };
        let came = bench.elapsed_millis();
        let visit = visit::attend(arrival, lines, came, bench);
        bench.close(arrival.link);
        log.visits.push(visit);
    }
}

impl visit::Lines for BTreeMap<u16, Line<'_>> {
    fn choose(&mut self, port: u16, offer: &series::Offer) -> Option<(Shown, u32)> {
        let line = self.get_mut(&port)?;
        let shown = line.series.next(offer)?;
        let before = line.series.count(shown);
        line.series.saw(shown);
        if offer.only_rsa {
            line.prepare_rsa(shown);
        }
        Some((shown, before))
    }

    fn ready(&self, port: u16, shown: Shown, offer: &series::Offer) -> Option<&visit::Ready> {
        let line = self.get(&port)?;
        match offer.only_rsa && !matches!(shown, Shown::Old(_)) {
            true => line.with_rsa.get(&shown),
            false => line.faces.get(&shown),
        }
    }
}

/// Passes one connection of each port that was used on to the real service, to see that the product works with it again.
fn watch_return(parameters: &Parameters, bench: &mut dyn Bench, log: &mut Log) {
    let used: BTreeSet<u16> = log.visits.iter().filter(|visit| visit.offered()).map(|visit| visit.port).collect();
    let mut open: BTreeMap<u16, Endpoint> = parameters
        .services
        .iter()
        .map(|s| (s.endpoint.port, s.endpoint))
        .filter(|(port, _)| used.contains(port))
        .collect();
    let until = bench.elapsed_millis() + u64::from(parameters.return_seconds) * 1000;
    while !open.is_empty() {
        let left = until.saturating_sub(bench.elapsed_millis());
        if left == 0 {
            break;
        }
        let Some(arrival) = bench.arrival(Duration::from_millis(left)) else { break };
        let Some(endpoint) = open.get(&arrival.port).copied() else {
            bench.close(arrival.link);
            continue;
        };
        let relayed = bench.relay(arrival.link, endpoint, RELAY);
        if reading::is_back(&relayed) {
            open.remove(&arrival.port);
        }
        log.returned.retain(|(port, _)| *port != arrival.port);
        log.returned.push((arrival.port, Some(relayed)));
    }
    for port in open.into_keys() {
        if !log.returned.iter().any(|(kept, _)| *kept == port) {
            log.returned.push((port, None));
        }
    }
}

/// Reads a log.
pub fn interpret(log: &Log) -> Reading {
    reading::read(log)
}

#[cfg(test)]
mod tests;
