//! What the newest measurements of a release saw of its surface, told so that two releases can be compared.
//!
//! Endpoints are told by target and port: the same product may answer at another address on another bench.

use std::collections::{BTreeMap, BTreeSet};

use model::{Endpoint, Fact, Observation, PortState};

use crate::view::Evidence;

/// A measurement: target, probe and place.
pub type Measured = (String, String, String);

/// What was measured of a release, and what was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surface {
    /// Every measurement that there is.
    pub measured: BTreeSet<Measured>,
    /// What was seen, by measurement and what it is of: what it is.
    pub seen: BTreeMap<(Measured, String), String>,
}

/// One thing that was seen otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurfaceChange {
    /// The measurement.
    pub measured: Measured,
    /// What it is of: `port 23/tcp`.
    pub of: String,
    /// What was seen before.
    pub old: Option<String>,
    /// What is seen now.
    pub new: Option<String>,
}

impl Surface {
    /// The surface of a release: of each probe, target and place the newest observation.
    pub fn of(evidence: &Evidence, release: &str) -> Self {
        let mut newest: BTreeMap<Measured, &Observation> = BTreeMap::new();
        for observation in evidence.observations.iter().map(|o| &o.body).filter(|o| o.dut.release == release) {
            let run = &observation.run;
            newest.insert((run.target.clone(), run.probe.clone(), run.standpoint()), observation);
        }
        let mut surface = Self { measured: newest.keys().cloned().collect(), ..Self::default() };
        for (measured, observation) in newest {
            for fact in &observation.reading.facts {
                if let Some((of, is)) = told(fact) {
                    let seen = surface.seen.entry((measured.clone(), of)).or_default();
                    let joint = if seen.is_empty() || *seen == is { is } else { format!("{seen}, {is}") };
                    *seen = joint;
                }
            }
        }
        surface
    }

    /// What is seen otherwise now. What only one of the releases was measured for is left out.
    pub fn changes(&self, now: &Self) -> Vec<SurfaceChange> {
        let both = |measured: &Measured| self.measured.contains(measured) && now.measured.contains(measured);
        let all: BTreeSet<_> = self.seen.keys().chain(now.seen.keys()).filter(|(m, _)| both(m)).collect();
        let change = |key: &(Measured, String)| {
            let (old, new) = (self.seen.get(key).cloned(), now.seen.get(key).cloned());
            let (measured, of) = key.clone();
            (old != new).then_some(SurfaceChange { measured, of, old, new })
        };
        all.into_iter().filter_map(change).collect()
    }

    /// Measurements of this release that the other has not.
    pub fn not_in<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a Measured> {
        self.measured.difference(&other.measured)
    }
}

/// What a fact says of the surface, if anything: of what, and what it is.
fn told(fact: &Fact) -> Option<(String, String)> {
    let at = |endpoint: &Endpoint| format!("{}/{}", endpoint.port, endpoint.transport);
    Some(match fact {
        Fact::Port { endpoint, state: PortState::Open, background: false } => {
            (format!("port {}", at(endpoint)), "open".to_owned())
        }
        Fact::Service(service) => {
            let tls = if service.tls { " over TLS" } else { "" };
            let name = [service.product.as_deref(), service.version.as_deref()].into_iter().flatten();
            let name: String = name.map(|part| format!(" {part}")).collect();
            (format!("service at {}", at(&service.endpoint)), format!("{}{tls}{name}", service.protocol))
        }
        Fact::AuthPrompt { endpoint, scheme, path, .. } => {
            let path = path.as_deref().unwrap_or_default();
            (format!("login at {}{path}", at(endpoint)), scheme.to_string())
        }
        Fact::Disclosure { endpoint, kind, source, .. } => {
            (format!("discovery at {}, {source}", at(endpoint)), kind.clone())
        }
        Fact::Http(answer) => (
            format!("route {} {} at {}", answer.method, answer.path, at(&answer.endpoint)),
            answer.status.to_string(),
        ),
        Fact::TlsVersion { endpoint, version, accepted: true } => {
            (format!("TLS at {}", at(endpoint)), version.to_string())
        }
        Fact::TlsSuite { endpoint, version, name, .. } => {
            (format!("{version} suite {name} at {}", at(endpoint)), "taken".to_owned())
        }
        Fact::TlsGroup { endpoint, version, name, .. } => {
            (format!("{version} group {name} at {}", at(endpoint)), "taken".to_owned())
        }
        Fact::TlsTrait { endpoint, version, name, value } if name == "signature" => {
            (format!("{version} signature {value} at {}", at(endpoint)), "taken".to_owned())
        }
        Fact::TlsTrait { endpoint, version, name, value } => {
            (format!("{version} {name} at {}", at(endpoint)), value.clone())
        }
        Fact::SshHostKey { endpoint, algorithm, bits, .. } => {
            (format!("SSH host key {algorithm} at {}", at(endpoint)), format!("{bits} bits"))
        }
        Fact::SshOffer { endpoint, lists } => {
            let lists = lists.iter().map(|(list, names)| format!("{list}: {}", names.join(" ")));
            (format!("SSH at {}", at(endpoint)), lists.collect::<Vec<_>>().join("; "))
        }
        Fact::SshGroup { endpoint, asked, most, bits } => {
            let given = bits.map_or("refused".to_owned(), |bits| format!("{bits} bits"));
            (format!("SSH group of {asked} to {most} bits, asked for at {}", at(endpoint)), given)
        }
        Fact::Page(page) => (format!("page {}", page.url), page.status.to_string()),
        _ => return None,
    })
}
