//! What the bench file says about standing in for associated services, and what the probe is given of it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::Path;

use dossier::{Bench, Dossier};
use model::Endpoint;
use probes::Secret;
use serde_json::{Value, json};

use super::setup::{Authorised, secret_at};

/// The probe that stands in.
pub(super) const CLIENT_CHECKS: &str = "tls.client-checks";
/// Ports in clear that usually stand beside those with TLS.
const USUAL_PAIRS: [(u16, u16); 4] = [(443, 80), (8443, 8080), (8883, 1883), (5671, 5672)];

/// How the bench stands in for services.
#[derive(Debug, Clone)]
pub struct Interception {
    /// The bench's own address for it.
    pub listen: IpAddr,
    names_port: Option<u16>,
    services: Option<BTreeSet<String>>,
    clear: Option<Vec<(u16, u16)>>,
    clients: Vec<IpAddr>,
    authority: Option<(String, Secret)>,
    rounds: u32,
    seconds: u32,
    return_seconds: u32,
}

impl Interception {
    /// What the bench file says, or what is wrong with it; none where it does not speak of it.
    pub(super) fn of(
        bench: &Bench,
        targets: &[Authorised],
        folder: &Path,
        look_up: &dyn Fn(&str) -> Option<String>,
    ) -> Option<Result<Self, String>> {
        let set = &bench.interception.as_ref()?.value;
        let Some(listen) = set.listen.as_ref().map(|listen| listen.value) else {
            return Some(Err("`[interception]` has no address to listen at".to_owned()));
        };
        if targets.iter().any(|target| target.address == listen) {
            return Some(Err(format!("`[interception]` listens at {listen}, which is that of a target")));
        }
        let authority = match (&set.authority, &set.authority_key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => {
                let at = folder.join(&certificate.value);
                let certificate = std::fs::read_to_string(&at).map_err(|_| format!("the file {}", at.display()));
                let both = certificate.and_then(|text| Ok((text, secret_at(&key.value, folder, look_up)?)));
                match both {
                    Ok((certificate, key)) => Some((certificate, Secret::new(key))),
                    Err(place) => return Some(Err(format!("the lent authority cannot be read: {place}"))),
                }
            }
            _ => return Some(Err("a lent authority takes both `authority` and `authority-key`".to_owned())),
        };
        let clear: Option<Result<Vec<(u16, u16)>, String>> =
            set.clear_ports.as_ref().map(|pairs| pairs.value.iter().map(|pair| pair_of(&pair.value)).collect());
        let clear = match clear.transpose() {
            Ok(clear) => clear,
            Err(why) => return Some(Err(why)),
        };
        let own = || targets.iter().filter(|target| target.name == "dut").map(|target| target.address);
        let clients = set.clients.as_ref().map(|list| list.value.iter().map(|one| one.value));
        let number = |set: &Option<dossier::Located<u32>>, usual| set.as_ref().map_or(usual, |n| n.value);
        Some(Ok(Self {
            listen,
            names_port: set.names_port.as_ref().map(|port| port.value),
            services: set.services.as_ref().map(|ids| ids.value.iter().map(|id| id.value.clone()).collect()),
            clear,
            clients: clients.map_or_else(|| own().collect(), Iterator::collect),
            authority,
            rounds: number(&set.rounds, 2).clamp(1, 10),
            seconds: number(&set.seconds, 120),
            return_seconds: number(&set.return_seconds, 30),
        }))
    }

    /// Whether the bench is to stand in for this service.
    pub(super) fn covers(&self, service: &str) -> bool {
        self.services.as_ref().is_none_or(|services| services.contains(service))
    }

    /// The parameters of the probe for a service at these ports.
    pub(super) fn parameters(&self, dossier: &Dossier, target: &Authorised, ports: &BTreeSet<u16>) -> Value {
        let hosts = hosts(dossier, &target.name);
        let host = |port: &u16| {
            let named = hosts.get(port).or(target.host.as_ref()).cloned();
            named.unwrap_or_else(|| target.address.to_string())
        };
        let services: Vec<Value> = ports
            .iter()
            .map(|port| json!({"endpoint": Endpoint::tcp(target.address, *port), "host": host(port)}))
            .collect();
        let usual = || USUAL_PAIRS.to_vec();
        let clear: Vec<(u16, u16)> = self.clear.clone().unwrap_or_else(usual);
        // A port that the service declares by itself is no way around another one.
        let clear: Vec<(u16, u16)> =
            clear.into_iter().filter(|(tls, clear)| ports.contains(tls) && !ports.contains(clear)).collect();
        let authority =
            self.authority.as_ref().map(|(text, key)| json!({"certificate": text, "secret": key.reveal()}));
        json!({
            "listen": self.listen,
            "names_port": self.names_port,
            "services": services,
            "clear": clear,
            "clients": self.clients,
            "rounds": self.rounds,
            "seconds": self.seconds,
            "return_seconds": self.return_seconds,
            "authority": authority,
        })
    }
}

fn pair_of(text: &str) -> Result<(u16, u16), String> {
    let ports =
        text.split_once(':').and_then(|(tls, clear)| Some((tls.trim().parse().ok()?, clear.trim().parse().ok()?)));
    ports.ok_or_else(|| format!("`{text}` in `clear-ports` is no pair of ports such as `8883:1883`"))
}

/// Host names of a service's declared endpoints, by port.
fn hosts(dossier: &Dossier, id: &str) -> BTreeMap<u16, String> {
    let service = dossier.services.iter().find(|s| s.id.as_ref().is_some_and(|i| i.value == id));
    let urls = service.and_then(|s| s.endpoints.as_ref()).map(|e| e.value.as_slice()).unwrap_or_default();
    urls.iter()
        .filter_map(|url| {
            let (scheme, rest) = url.value.split_once("://")?;
            let authority = rest.split(['/', '?', '#']).next()?;
            let usual = if scheme == "mqtts" { 8883 } else { 443 };
            let (host, port) = match authority.rsplit_once(':') {
                Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
                _ => (authority, usual),
            };
            Some((port, host.trim_matches(['[', ']']).to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_of_ports_is_two_numbers() {
        assert_eq!(pair_of("8883:1883"), Ok((8883, 1883)));
        assert!(pair_of("8883").is_err() && pair_of("8883:x").is_err());
    }

    #[test]
    fn hosts_are_found_by_the_port_they_are_declared_with() {
        let text =
            "[[service]]\nid = \"cloud\"\nendpoints = [\"https://a.example/x\", \"mqtts://b.example:8884\"]\n";
        let source = dossier::SourceText { path: "assay.toml".into(), text: text.into() };
        let (dossier, _) = dossier::read(vec![source]);
        let found = hosts(&dossier, "cloud");
        assert_eq!(found, BTreeMap::from([(443, "a.example".to_owned()), (8884, "b.example".to_owned())]));
    }
}
