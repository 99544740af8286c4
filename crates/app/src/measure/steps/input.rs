//! What is sent wrong, and where: the requests of 29-InpVal, and those of the files that describe the interface.

use std::collections::BTreeSet;

use dossier::{Entry, InpValFacts, Standing};
use model::{AuthScheme, Endpoint, Fact, Transport};
use probes::http::input::{inputs_of, is_left_alone};
use serde_json::{Value, json};
use wire::api::{Route, har};

use super::{Lookup, interfaces};

/// Documents of the product that are read for further requests.
const MOST_DOCUMENTS: usize = 40;
/// Names of the last part of a path that descriptions of an interface have.
const DESCRIPTIONS: [&str; 3] = ["openapi", "swagger", "api-docs"];

impl Lookup<'_> {
    pub(super) fn input(&self) -> Result<Value, String> {
        let mut inputs = Vec::new();
        for entry in self.dossier.entries("InpVal") {
            let Some(facts) = entry.facts::<InpValFacts>() else { continue };
            // Without an example only the head of the request can be tried.
            let text = |value: &Option<dossier::Located<String>>| {
                value.as_ref().map_or("", |e| e.value.as_str()).to_owned()
            };
            let after = facts.after.as_ref().map(|after| json!({"request": after.value}));
            for (port, tls) in self.input_interfaces(facts) {
                for request in facts.requests.as_ref().map(|r| r.value.as_slice()).unwrap_or_default() {
                    inputs.push(json!({
                        "server": self.server(port, tls),
                        "request": request.value,
                        "example": text(&facts.example),
                        "media": text(&facts.media),
                        "after": after,
                        "once": facts.once.as_ref().is_some_and(|once| once.value),
                    }));
                }
            }
        }
        inputs.extend(self.described_inputs(&inputs));
        let documents = self.documents();
        if inputs.is_empty() && documents.is_empty() {
            return Err(
                "29-InpVal declares no request, and the bench names no description of the interface".to_owned()
            );
        }
        let login = self.web_mechanism().and_then(|m| self.login(m, Standing::Valid));
        let mut parameters = json!({"inputs": inputs, "documents": documents, "login": login});
        if let Some(most) = self.setup.most_inputs {
            parameters["most_requests"] = json!(most);
        }
        if let (Some((path, name)), Some(server)) = (&self.target.uptime, self.main_server()) {
            parameters["uptime"] = json!({"server": server, "path": path, "name": name});
        }
        Ok(parameters)
    }

    /// Requests of the files that describe the interface, beside those that are declared.
    fn described_inputs(&self, declared: &[Value]) -> Vec<Value> {
        let described = &self.target.described;
        let Some(server) = self.main_server() else { return Vec::new() };
        let mut routes: Vec<Route> = described.openapi.clone();
        if let Some(recording) = &described.har {
            routes.extend(har::routes(recording, &|_, authority| self.is_ours(authority)));
        }
        let is_declared = |method: &str, path: &str| {
            declared.iter().filter_map(|input| input["request"].as_str()).any(|request| {
                let target = request.split_once(' ').filter(|(own, _)| *own == method).map(|(_, target)| target);
                target.is_some_and(|target| target.split('?').next() == Some(path))
            })
        };
        let mut told = BTreeSet::new();
        routes.retain(|route| {
            !is_left_alone(&route.path)
                && !is_declared(&route.method, &route.path)
                && told.insert((route.method.clone(), route.path.clone()))
        });
        let Ok(server) = serde_json::from_value(server) else { return Vec::new() };
        inputs_of(&server, &routes).iter().filter_map(|input| serde_json::to_value(input).ok()).collect()
    }

    /// Where the product itself shows requests: descriptions, whoever may read them, first; then links with a query, then
    /// pages with forms.
    fn documents(&self) -> Vec<Value> {
        let mut found: BTreeSet<(u8, Endpoint, &str)> = BTreeSet::new();
        for fact in self.seen {
            match fact {
                Fact::Disclosure { endpoint, kind, source, .. }
                    if kind == "api-description" && source.starts_with('/') =>
                {
                    found.insert((0, *endpoint, source));
                }
                Fact::Http(answer) if answer.method == "GET" && answer.path.starts_with('/') => {
                    let last = answer.path.split('?').next().and_then(|path| path.rsplit('/').next());
                    let last = last.unwrap_or_default().to_lowercase();
                    let is_page = answer.headers.get("content-type").is_some_and(|media| media.contains("html"));
                    let rank = match answer.content {
                        _ if DESCRIPTIONS.iter().any(|name| last.contains(name)) => 0,
                        true if answer.path.contains('?') => 1,
                        true if is_page => 2,
                        _ => continue,
                    };
                    found.insert((rank, answer.endpoint, &answer.path));
                }
                _ => {}
            }
        }
        let servers = self.servers();
        let at = |endpoint: Endpoint| {
            let is_here =
                |server: &&Value| serde_json::from_value(server["endpoint"].clone()).ok() == Some(endpoint);
            servers.iter().find(is_here)
        };
        let mut told = BTreeSet::new();
        let all = found.into_iter().filter(|(_, endpoint, path)| told.insert((*endpoint, *path)));
        all.filter_map(|(_, endpoint, path)| Some(json!({"server": at(endpoint)?, "path": path})))
            .take(MOST_DOCUMENTS)
            .collect()
    }

    /// The web server that a description speaks of: the one inside TLS, or the first.
    pub(super) fn main_server(&self) -> Option<Value> {
        let servers = self.servers();
        let secure = servers.iter().find(|server| server["tls"] == true);
        secure.or(servers.first()).cloned()
    }

    /// Whether a recorded request went to this target: by its name or its address.
    pub(super) fn is_ours(&self, authority: &str) -> bool {
        let host = authority.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok());
        let host = host.map_or(authority, |(host, _)| host).trim_matches(['[', ']']);
        self.target.host.as_deref() == Some(host) || host.parse() == Ok(self.target.address)
    }

    /// The interfaces of a validation method: named directly, or through a user interface.
    fn input_interfaces(&self, facts: &InpValFacts) -> BTreeSet<(u16, bool)> {
        let ids = facts.source.as_ref().map(|source| source.value.as_slice()).unwrap_or_default();
        let of = |id: &str| {
            let (_, facts) = interfaces(self.dossier).find(|(entry, _)| entry.id.value == id)?;
            let protocol = facts.protocol.as_ref().map_or("http", |p| p.value.as_str());
            let is_web = matches!(protocol, "http" | "https");
            let tls = facts.tls.as_ref().map_or(protocol == "https", |t| t.value);
            facts.port.as_ref().filter(|_| is_web).map(|port| (port.value, tls))
        };
        let behind = |id: &str| {
            let user = self.dossier.entry("UserIntf", id).and_then(Entry::facts::<dossier::UserIntfFacts>)?;
            user.interface.as_ref()?.value.iter().find_map(|id| of(&id.value))
        };
        ids.iter().filter_map(|id| of(&id.value).or_else(|| behind(&id.value))).collect()
    }

    /// Brokers that were seen at this address, each with the account that the bench has for brokers.
    pub(super) fn brokers(&self) -> Result<Value, String> {
        let account = self.setup.accounts.iter().find(|account| {
            let mechanism = self.mechanisms().find(|(entry, _)| entry.id.value == account.mechanism);
            mechanism.is_some_and(|(entry, facts)| self.scheme(entry, facts) == Some(AuthScheme::Mqtt))
        });
        let account = account.map(|account| json!([account.user, account.secret.reveal()]));
        let broker = |fact: &Fact| match fact {
            Fact::Service(s) if s.endpoint.address == self.target.address && s.protocol == "mqtt" => {
                Some(json!({"endpoint": s.endpoint, "tls": s.tls, "host": self.target.host, "account": account}))
            }
            _ => None,
        };
        let brokers: Vec<Value> = self.seen.iter().filter_map(broker).collect();
        if brokers.is_empty() {
            Err("no message broker was found".to_owned())
        } else {
            Ok(json!({"brokers": brokers}))
        }
    }

    /// CoAP servers in clear: those that were seen, and those that are declared.
    pub(super) fn coap_servers(&self) -> Result<Value, String> {
        let seen = self.seen.iter().filter_map(|fact| match fact {
            Fact::Service(s) if s.endpoint.address == self.target.address && s.protocol == "coap" && !s.tls => {
                Some(s.endpoint)
            }
            _ => None,
        });
        let declared = interfaces(self.dossier).filter_map(|(_, facts)| {
            let is_coap = facts.protocol.as_ref().is_some_and(|p| p.value == "coap");
            let is_udp = facts.transport.as_ref().is_none_or(|t| t.value == Transport::Udp);
            let port = facts.port.as_ref().filter(|_| is_coap && is_udp)?;
            Some(Endpoint::udp(self.target.address, port.value))
        });
        let endpoints: BTreeSet<Endpoint> = seen.chain(declared).collect();
        if endpoints.is_empty() {
            return Err("no CoAP server was found or is declared".to_owned());
        }
        Ok(json!({"endpoints": endpoints}))
    }

    /// Services with a protocol of their own: those whose messages 29-InpVal describes.
    pub(super) fn raw_services(&self) -> Result<Value, String> {
        let mut services = Vec::new();
        for entry in self.dossier.entries("InpVal") {
            let Some(facts) = entry.facts::<InpValFacts>() else { continue };
            let texts = |list: &Option<dossier::Located<Vec<dossier::Located<String>>>>| -> Vec<String> {
                list.iter().flat_map(|list| list.value.iter().map(|line| line.value.clone())).collect()
            };
            if facts.frame.is_none() {
                continue;
            }
            let sources = texts(&facts.source);
            for (_, interface) in interfaces(self.dossier).filter(|(of, _)| sources.contains(&of.id.value)) {
                let Some(port) = &interface.port else { continue };
                let transport = interface.transport.as_ref().map_or(Transport::Tcp, |transport| transport.value);
                services.push(json!({
                    "endpoint": Endpoint { transport, ..self.endpoint(port.value) },
                    "tls": interface.tls.as_ref().is_some_and(|tls| tls.value),
                    "host": self.target.host,
                    "name": entry.id.value,
                    "frame": texts(&facts.frame),
                    "refusals": texts(&facts.refusals),
                }));
            }
        }
        if services.is_empty() {
            return Err("29-InpVal describes no message of a protocol of its own (`frame`)".to_owned());
        }
        Ok(json!({"services": services}))
    }
}
