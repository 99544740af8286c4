//! What is declared and was never met: interfaces, services and communication of which no measurement shows anything.
//!
//! A statement about the evidence. It decides nothing: what was not met is not shown to be off, or to be absent. Physical
//! interfaces are left out, because no measurement of a network tells which of them it came through.

use dossier::{AssociatedService, ComMechFacts, Entry, InterfaceFacts, Status};
use model::{Fact, PortState, Transport};
use serde::Serialize;

use crate::judgement::Ground;
use crate::view::{TableKind, View};

use super::crypto_offer::{Place, places};
use super::interfaces::{is_outgoing, port_of};
use super::network_search::answering;
use super::probe_names::{DUT, TCP_PORTS, UDP_SERVICES};
use super::seen::{Family, Look, PortKey, Seen, ground, key, port_text};
use super::traffic::{Partners, Traffic, answers, at_product, is_traffic, opens};

/// Something declared that no measurement of the release met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unmet {
    /// The table that declares it, or `service`.
    pub table: String,
    /// Its id.
    pub id: String,
    /// Where it is declared to be, one line: `27443/tcp, https`.
    pub what: String,
    /// One sentence that says why it counts as not met.
    pub because: String,
    /// Where it is declared, and what was looked at.
    pub grounds: Vec<Ground>,
}

/// Everything declared that was never met, in the order of the dossier; empty while nothing of the release was measured.
/// An interface that is declared off is no part of it.
pub fn unmet(view: &View<'_>) -> Vec<Unmet> {
    let release = view.dossier.release_version();
    if !view.evidence.observations.iter().any(|o| o.body.dut.release == release) {
        return Vec::new();
    }
    let looking =
        Looking { view, seen: Seen::of(view, DUT), traffic: Traffic::of(view), partners: Partners::of(view) };
    let interfaces = view.entries(view.table_name(TableKind::LogicalInterface)).iter();
    let mut found: Vec<Unmet> = interfaces.filter_map(|entry| looking.interface(entry)).collect();
    found.extend(view.dossier.services.iter().filter_map(|service| looking.service(service)));
    let mechanisms = view.entries(view.table_name(TableKind::Communication)).iter();
    found.extend(mechanisms.filter_map(|entry| looking.mechanism(entry)));
    found
}

struct Looking<'a> {
    view: &'a View<'a>,
    seen: Seen<'a>,
    traffic: Traffic<'a>,
    partners: Partners,
}

impl Looking<'_> {
    fn interface(&self, entry: &Entry) -> Option<Unmet> {
        let facts = entry.facts::<InterfaceFacts>();
        let status = facts.and_then(|f| f.status.as_ref()).map(|s| s.value);
        if status.is_some_and(|status| status != Status::Enabled) {
            return None;
        }
        let speaks = facts.and_then(|f| f.protocol.as_ref()).map(|p| format!(", {}", p.value)).unwrap_or_default();
        match port_of(entry) {
            Some(at) if self.answers(at) => None,
            Some(at) => Some(of_entry(entry, format!("{}{speaks}", port_text(at)), self.port(at))),
            None if is_outgoing(entry) && opens(self.view, entry).is_some() => None,
            None if is_outgoing(entry) => {
                Some(of_entry(entry, format!("opens connections only{speaks}"), self.captures()))
            }
            None => Some(of_entry(entry, format!("no transport and port are declared{speaks}"), Vec::new())),
        }
    }

    fn service(&self, service: &AssociatedService) -> Option<Unmet> {
        let id = service.id.as_ref()?;
        let spoken_with = |partner: Option<&super::traffic::Partner>| partner.is_some_and(|p| p.id == id.value);
        if self.traffic.conversations.iter().any(|s| spoken_with(self.partners.service(s.fact))) {
            return None;
        }
        let of_service = Seen::of(self.view, &id.value);
        if of_service.facts().iter().any(|sight| is_met(sight.fact)) {
            return None;
        }
        let mut looked = Vec::new();
        for record in of_service.records() {
            let reading = &record.body.reading;
            let said = reading.shortfalls.iter().map(|s| &s.text).chain(reading.coverage.iter().map(|c| &c.text));
            looked.extend(said.take(1).map(|text| ground(record, text.clone())));
        }
        looked.extend(self.captures());
        let urls: Vec<&str> =
            service.endpoints.iter().flat_map(|e| e.iter()).map(|url| url.value.as_str()).collect();
        let what = if urls.is_empty() { "no endpoint is declared".to_owned() } else { urls.join(", ") };
        let declared = Ground::Declared { span: id.span, text: format!("{} as declared", id.value) };
        Some(one("service", &id.value, what, declared, looked))
    }

    fn mechanism(&self, entry: &Entry) -> Option<Unmet> {
        let facts = entry.facts::<ComMechFacts>();
        let protocol =
            facts.and_then(|f| f.protocol.as_ref()).map(|p| format!("{}, ", p.value)).unwrap_or_default();
        let places = facts.and_then(|f| places(self.view, entry, f).ok()).unwrap_or_default();
        if places.iter().any(|place| self.is_met_at(place)) {
            return None;
        }
        let mut looked = Vec::new();
        for place in &places {
            looked.extend(if place.target == DUT { self.port(place.at) } else { Vec::new() });
        }
        if places.iter().any(|place| place.target != DUT) {
            looked.extend(self.captures());
        }
        let at: Vec<String> = places.iter().map(|p| format!("{} {}", p.target, port_text(p.at))).collect();
        let at = if at.is_empty() { "no place to measure is declared".to_owned() } else { at.join(", ") };
        Some(of_entry(entry, format!("{protocol}{at}"), looked))
    }

    /// Whether the product was seen to answer at a port, by asking it or in a capture.
    fn answers(&self, at: PortKey) -> bool {
        answering(&self.seen).contains_key(&at) || answers(self.view, at).is_some()
    }

    /// Whether the product was seen to speak at a place of a mechanism. That a service answers there is not enough: it
    /// does not show that the product speaks with it.
    fn is_met_at(&self, place: &Place) -> bool {
        if place.target == DUT && self.answers(place.at) {
            return true;
        }
        let came = |fact: &Fact| matches!(fact, Fact::ClientCheck(check) if key(&check.endpoint) == place.at);
        if Seen::of(self.view, &place.target).facts().iter().any(|sight| came(sight.fact)) {
            return true;
        }
        self.traffic.conversations.iter().map(|shown| shown.fact).any(|seen| {
            let here = at_product(seen, &self.partners.product);
            let with = self.partners.service(seen);
            key(&seen.server) == place.at
                && (if place.target == DUT { here } else { !here && with.is_some_and(|p| p.id == place.target) })
        })
    }

    /// How a port was looked at, from each place, in each state and over each version of the Internet Protocol.
    fn port(&self, at: PortKey) -> Vec<Ground> {
        let (probe, of, silence) = match at.0 {
            Transport::Tcp => (TCP_PORTS, "tcp-ports", ""),
            Transport::Udp => {
                (UDP_SERVICES, "udp-services", "; silence is usual for UDP and does not mean closed")
            }
        };
        let mut looked = Vec::new();
        for standpoint in self.seen.standpoints() {
            let here = self.seen.only(|one| *one == standpoint);
            for family in Family::BOTH {
                let told = format!("over {}{}", family.as_str(), standpoint.told());
                looked.extend(match here.look_over(probe, of, at, family) {
                    Look::Covered(record, _) => {
                        let text = format!("{} did not answer {told}{silence}", port_text(at));
                        Some(ground(record, text))
                    }
                    Look::Short(record, short) => {
                        Some(ground(record, format!("{} {told}: {}", port_text(at), short.text)))
                    }
                    Look::Never => None,
                });
            }
        }
        looked
    }

    fn captures(&self) -> Vec<Ground> {
        let captures = self.traffic.captures.iter();
        captures
            .map(|record| ground(record, "a capture of the product's traffic, which shows nothing of it"))
            .collect()
    }
}

fn of_entry(entry: &Entry, what: String, looked: Vec<Ground>) -> Unmet {
    let declared = Ground::Declared { span: entry.span, text: format!("{} as declared", entry.id.value) };
    one(&entry.table, &entry.id.value, what, declared, looked)
}

fn one(table: &str, id: &str, what: String, declared: Ground, looked: Vec<Ground>) -> Unmet {
    let because = match looked.is_empty() {
        true => "nothing was looked at for it",
        false => "it was looked for, and not met",
    };
    Unmet {
        table: table.to_owned(),
        id: id.to_owned(),
        what,
        because: because.to_owned(),
        grounds: std::iter::once(declared).chain(looked).collect(),
    }
}

/// Whether a fact shows that something is there.
fn is_met(fact: &Fact) -> bool {
    match fact {
        Fact::Port { state, background, .. } => *state == PortState::Open && !background,
        Fact::TlsVersion { accepted, .. } => *accepted,
        Fact::Page(_) | Fact::Identity { .. } => false,
        other => !is_traffic(other),
    }
}

#[cfg(test)]
mod tests {
    use catalogue::Catalogue;
    use dossier::SourceText;
    use model::{Digest, Observation, Timestamp};
    use serde_json::{Value, json};

    use super::*;
    use crate::view::{Evidence, Recorded};

    const ASSAY: &str = "edition = \"3.1.3\"\n[[release]]\nversion = \"1\"\n[[service]]\nid = \"cloud\"\n\
        endpoints = [\"https://cloud.example\"]\n[[service]]\nid = \"mail\"\nendpoints = [\"tls://mail.example:465\"]\n";
    const INTERFACES: &str = "[[LogIntf]]\nID = \"Web\"\n[LogIntf.facts]\ntransport = \"tcp\"\nport = 443\n\
        status = \"enabled\"\n[[LogIntf]]\nID = \"Shell\"\n[LogIntf.facts]\ntransport = \"tcp\"\nport = 22\n\
        status = \"disabled\"\n[[LogIntf]]\nID = \"Names\"\n[LogIntf.facts]\ntransport = \"udp\"\nport = 5353\n\
        status = \"enabled\"\n[[LogIntf]]\nID = \"Vague\"\n";
    const MECHANISMS: &str = "[[SecComMech]]\nID = \"ToCloud\"\n[SecComMech.facts]\nprotocol = \"tls\"\n\
        service = \"cloud\"\nport = 443\n[[SecComMech]]\nID = \"Local\"\n[SecComMech.facts]\nprotocol = \"tls\"\nport = 443\n";

    fn told(observations: &[Value]) -> Vec<(String, String, Vec<String>)> {
        let source = |path: &str, text: &str| SourceText { path: path.to_owned(), text: text.to_owned() };
        let files = vec![
            source("assay.toml", ASSAY),
            source("ixit/28.toml", INTERFACES),
            source("ixit/11.toml", MECHANISMS),
        ];
        let (dossier, _) = dossier::read(files);
        let read = |(seq, value): (u64, &Value)| {
            let body: Observation = serde_json::from_value(value.clone()).unwrap();
            Recorded { seq, id: Digest::of(&seq.to_le_bytes()), body }
        };
        let observations = (1..).zip(observations).map(read).collect();
        let evidence = Evidence { observations, ..Evidence::default() };
        let at = Timestamp::parse("2026-06-01T00:00:00Z").unwrap();
        let view =
            View { catalogue: Catalogue::of(dossier.edition()), dossier: &dossier, evidence: &evidence, at };
        let observed = |ground: Ground| match ground {
            Ground::Observed { text, .. } => Some(text),
            _ => None,
        };
        let row = |one: Unmet| (one.id, one.because, one.grounds.into_iter().filter_map(observed).collect());
        unmet(&view).into_iter().map(row).collect()
    }

    fn measured(probe: &str, target: &str, state: &str, reading: &Value) -> Value {
        json!({
            "run": {
                "probe": probe, "revision": 1, "target": target, "place": "lan", "state": state,
                "parameters": {"address": "\"192.0.2.7\""},
            },
            "dut": {"model": "M", "release": "1"}, "began": "2026-05-01T00:00:00Z", "ended": "2026-05-01T00:01:00Z",
            "tool": "test", "reading": reading,
        })
    }

    fn sweep(open: bool) -> Value {
        let port = json!({
            "fact": "port", "endpoint": {"address": "192.0.2.7", "transport": "tcp", "port": 443}, "state": "open",
        });
        json!({
            "facts": if open { json!([port]) } else { json!([]) }, "shortfalls": [],
            "coverage": [{"of": "tcp-ports", "ports": [[1, 65535]], "text": "all"}],
        })
    }

    fn ids(told: &[(String, String, Vec<String>)]) -> Vec<&str> {
        told.iter().map(|(id, ..)| id.as_str()).collect()
    }

    #[test]
    fn nothing_is_told_before_anything_was_measured() {
        assert!(told(&[]).is_empty());
    }

    #[test]
    fn what_answers_is_met_and_what_is_declared_off_is_no_part_of_it() {
        let told = told(&[measured("net.tcp-ports", "dut", "initialized", &sweep(true))]);
        assert_eq!(ids(&told), ["Names", "Vague", "cloud", "mail", "ToCloud"], "neither Web, Shell nor Local");
        assert!(told.iter().all(|(_, because, _)| because == "nothing was looked at for it"), "{told:?}");
    }

    #[test]
    fn what_was_looked_for_and_not_met_is_told_with_each_place_and_state() {
        let both = [
            measured("net.tcp-ports", "dut", "factory-default", &sweep(false)),
            measured("net.tcp-ports", "dut", "initialized", &sweep(false)),
        ];
        let told = told(&both);
        let (_, because, looked) = told.iter().find(|(id, ..)| id == "Web").unwrap();
        assert_eq!(because, "it was looked for, and not met");
        let expected = ["443/tcp did not answer over IPv4 in factory-default", "443/tcp did not answer over IPv4"];
        assert_eq!(looked, &expected);
    }

    #[test]
    fn a_service_that_answers_is_met_and_shows_no_product_speaking_with_it() {
        let accepted = json!({
            "fact": "tls-version", "version": "tls-1.3", "accepted": true,
            "endpoint": {"address": "198.51.100.1", "transport": "tcp", "port": 443},
        });
        let reading = json!({"facts": [accepted], "coverage": [], "shortfalls": []});
        let silent = json!({"facts": [], "coverage": [], "shortfalls": [
            {"kind": "silence", "of": "tls-versions", "text": "mail 465/tcp did not answer"}]});
        let told = told(&[
            measured("tls.server-offer", "cloud", "initialized", &reading),
            measured("tls.server-offer", "mail", "initialized", &silent),
        ]);
        assert!(!ids(&told).contains(&"cloud") && ids(&told).contains(&"ToCloud"), "{told:?}");
        let (_, _, looked) = told.iter().find(|(id, ..)| id == "mail").unwrap();
        assert_eq!(looked, &["mail 465/tcp did not answer"]);
    }
}
