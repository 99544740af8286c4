//! Every declared communication and every conversation in a capture, compared once: the table that a report shows.

use std::collections::BTreeSet;

use dossier::{ComMechFacts, Entry, SecureProtocol};
use model::{Conversation, Opened};
use serde::Serialize;

use crate::judgement::Ground;
use crate::view::{TableKind, View};

use super::super::crypto_offer::places;
use super::super::seen::{key, port_text};
use super::mechanism::{with, witness};
use super::partner::Partners;
use super::undeclared::{Known, known};
use super::{Shown, Traffic, at_product};

/// How a declared communication and the traffic that was seen agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compared {
    /// It was seen to be otherwise than declared.
    Mismatch,
    /// It was seen and nothing declares it.
    Undeclared,
    /// It was seen in part, could not be told, or the declaration does not say enough to compare.
    Insufficient,
    /// No capture shows it. That proves nothing.
    NotObserved,
    /// It was seen as declared.
    Match,
}

impl Compared {
    /// The word that reports write.
    pub fn as_str(self) -> &'static str {
        match self {
            Compared::Mismatch => "mismatch",
            Compared::Undeclared => "undeclared",
            Compared::Insufficient => "insufficient",
            Compared::NotObserved => "not observed",
            Compared::Match => "match",
        }
    }
}

/// One row: a declared communication, or a conversation that nothing declares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// The result.
    pub compared: Compared,
    /// Table and entry; none for what nothing declares.
    pub declared: Option<(String, String)>,
    /// What was compared, one line: `mqtt in TLS with cloud at 8883/tcp`.
    pub what: String,
    /// One sentence that says why.
    pub because: String,
    /// What it rests on.
    pub grounds: Vec<Ground>,
}

/// The comparison of everything; empty where no capture is recorded.
pub fn flows(view: &View<'_>) -> Vec<Flow> {
    let traffic = Traffic::of(view);
    if traffic.captures.is_empty() && traffic.conversations.is_empty() {
        return Vec::new();
    }
    let partners = Partners::of(view);
    let table = view.table_name(TableKind::Communication);
    let mut flows: Vec<Flow> =
        view.entries(table).iter().map(|mechanism| of_mechanism(view, &traffic, mechanism)).collect();
    let known_of = known(view);
    let mut told = BTreeSet::new();
    for shown in &traffic.conversations {
        flows.extend(of_conversation(&known_of, *shown, &partners).filter(|flow| told.insert(flow.what.clone())));
    }
    flows.sort_by(|a, b| a.compared.cmp(&b.compared).then_with(|| a.declared.cmp(&b.declared)));
    flows
}

fn of_mechanism(view: &View<'_>, traffic: &Traffic<'_>, mechanism: &Entry) -> Flow {
    let id = &mechanism.id.value;
    let declared = Ground::Declared { span: mechanism.span, text: format!("{id} as declared") };
    let flow = |compared, what: String, because: String, grounds: Vec<Ground>| Flow {
        compared,
        declared: Some((mechanism.table.clone(), id.clone())),
        what,
        because,
        grounds: std::iter::once(declared.clone()).chain(grounds).collect(),
    };
    let facts = mechanism.facts::<ComMechFacts>();
    let Some((facts, protocol)) = facts.and_then(|f| Some((f, f.protocol.as_ref()?.value))) else {
        let because = format!("{id} does not declare `protocol`");
        return flow(Compared::Insufficient, id.clone(), because, Vec::new());
    };
    let places = places(view, mechanism, facts).unwrap_or_default();
    let at: Vec<String> = places.iter().map(|p| format!("{} {}", p.target, port_text(p.at))).collect();
    let what =
        format!("{protocol} at {}", if at.is_empty() { "no declared place".to_owned() } else { at.join(", ") });
    if matches!(protocol, SecureProtocol::Link | SecureProtocol::Ipsec | SecureProtocol::Message) {
        let because = format!("what {protocol} protects cannot be told from conversations");
        return flow(Compared::Insufficient, what, because, Vec::new());
    }
    if places.is_empty() {
        let because = format!("{id} does not declare where it is: `port`, or `service` with its endpoints");
        return flow(Compared::Insufficient, what, because, Vec::new());
    }
    let seen = witness(view, traffic, mechanism, facts, &places);
    let rows = [
        (Compared::Mismatch, &seen.faults),
        (Compared::Mismatch, &seen.doubts),
        (Compared::Match, &seen.support),
        (Compared::Insufficient, &seen.thin),
    ];
    for (compared, found) in rows {
        if let Some((because, _)) = found.first() {
            let grounds = found.iter().map(|(_, ground)| ground.clone()).collect();
            return flow(compared, what, because.clone(), grounds);
        }
    }
    flow(Compared::NotObserved, what, "no capture shows it, which proves nothing".to_owned(), Vec::new())
}

/// The row of a conversation that nothing declares, or that cannot be told.
fn of_conversation<'a>(
    known: &Known<'_>,
    shown: Shown<'a, Conversation>,
    partners: &Partners,
) -> impl Iterator<Item = Flow> + use<'a> {
    let seen = shown.fact;
    let inside = match seen.protection.is_protected() {
        true => format!("protected {}", seen.protocol),
        false => seen.protocol.clone(),
    };
    let what = format!("{inside} {}", with(seen, partners));
    let who = if at_product(seen, &partners.product) { "the product answers" } else { "the product speaks" };
    let because = format!("{who} {what}, and nothing declares it");
    let compared = match (known.declares(seen, partners), seen.opened) {
        (true, _) => None,
        (false, Opened::Unseen) => Some(Compared::Insufficient),
        (false, _) if at_product(seen, &partners.product) && seen.sent == 0 => None,
        (false, _) => Some(Compared::Undeclared),
    };
    let because = match compared {
        Some(Compared::Insufficient) => format!("{because}; who opened it was not seen"),
        _ => because,
    };
    compared.into_iter().map(move |compared| Flow {
        compared,
        declared: None,
        what: what.clone(),
        because: because.clone(),
        grounds: vec![shown.ground(format!("{} at {}", seen.protocol, port_text(key(&seen.server))))],
    })
}

#[cfg(test)]
mod tests {
    use catalogue::Catalogue;
    use dossier::SourceText;
    use model::{Digest, Observation, Timestamp};
    use serde_json::json;

    use super::*;
    use crate::view::{Evidence, Recorded};

    const ASSAY: &str = "edition = \"3.1.3\"\n[[release]]\nversion = \"1\"\n[[service]]\nid = \"cloud\"\n\
        endpoints = [\"https://cloud.example\", \"mqtts://cloud.example\", \"coaps://cloud.example\"]\n";
    const MECHANISMS: &str = "[[SecComMech]]\nID = \"Web\"\n[SecComMech.facts]\nprotocol = \"tls\"\n\
        service = \"cloud\"\nport = 443\nlowest-version = \"tls-1.2\"\n\
        [[SecComMech]]\nID = \"Messages\"\n[SecComMech.facts]\nprotocol = \"tls\"\nservice = \"cloud\"\nport = 8883\n\
        [[SecComMech]]\nID = \"Small\"\n[SecComMech.facts]\nprotocol = \"dtls\"\nservice = \"cloud\"\n\
        transport = \"udp\"\nport = 5684\n[[SecComMech]]\nID = \"Radio\"\n[SecComMech.facts]\nprotocol = \"link\"\n";

    fn conversation(port: u16, name: &str, protocol: &str, protection: &str) -> serde_json::Value {
        json!({
            "fact": "conversation", "server": {"address": "198.51.100.1", "transport": "tcp", "port": port},
            "client": "192.0.2.7", "opened": "by-product", "names": [name], "protocol": protocol,
            "protection": protection, "versions": if protection == "tls" { json!(["tls-1.3"]) } else { json!([]) },
            "connections": 1, "sent": 9, "received": 9,
            "first": "2026-05-01T00:00:00Z", "last": "2026-05-01T00:00:01Z",
        })
    }

    fn told(facts: &[serde_json::Value]) -> Vec<Flow> {
        let source = |path: &str, text: &str| SourceText { path: path.to_owned(), text: text.to_owned() };
        let (dossier, _) = dossier::read(vec![source("assay.toml", ASSAY), source("ixit/11.toml", MECHANISMS)]);
        let body: Observation = serde_json::from_value(json!({
            "run": {"probe": "traffic.capture", "revision": 1, "target": "dut", "place": "lan"},
            "dut": {"model": "M", "release": "1"}, "began": "2026-05-01T00:00:00Z", "ended": "2026-05-01T00:01:00Z",
            "tool": "test", "reading": {"facts": facts, "coverage": [], "shortfalls": []},
        }))
        .unwrap();
        let recorded = Recorded { seq: 1, id: Digest::of(b"1"), body };
        let evidence = Evidence { observations: vec![recorded], ..Evidence::default() };
        let at = Timestamp::parse("2026-06-01T00:00:00Z").unwrap();
        let catalogue = Catalogue::of(dossier.edition());
        flows(&View { catalogue, dossier: &dossier, evidence: &evidence, at })
    }

    fn results(facts: &[serde_json::Value]) -> Vec<(String, Compared)> {
        let name = |flow: Flow| (flow.declared.map_or(flow.what, |(_, id)| id), flow.compared);
        told(facts).into_iter().map(name).collect()
    }

    #[test]
    fn each_declared_communication_and_each_surplus_conversation_has_one_result() {
        let seen = results(&[
            conversation(443, "cloud.example", "tls", "tls"),
            conversation(8883, "cloud.example", "mqtt", "clear"),
            conversation(443, "metrics.example", "tls", "tls"),
            conversation(443, "metrics.example", "tls", "tls"),
        ]);
        let is = |name: &str, compared| (name.to_owned(), compared);
        assert_eq!(
            seen,
            [
                is("Messages", Compared::Mismatch),
                is("protected tls with metrics.example (198.51.100.1) at 443/tcp", Compared::Undeclared),
                is("Radio", Compared::Insufficient),
                is("Small", Compared::NotObserved),
                is("Web", Compared::Match),
            ]
        );
    }

    #[test]
    fn what_cannot_be_read_matches_nothing() {
        let seen = results(&[conversation(443, "cloud.example", "unknown", "unknown")]);
        assert!(seen.contains(&("Web".to_owned(), Compared::Mismatch)), "{seen:?}");
        let mut part = conversation(443, "cloud.example", "unknown", "unknown");
        part["partial"] = json!(true);
        assert!(results(&[part]).contains(&("Web".to_owned(), Compared::Insufficient)));
    }

    #[test]
    fn a_capture_that_shows_nothing_is_no_match_and_no_mismatch() {
        assert!(results(&[]).iter().all(|(_, c)| matches!(c, Compared::NotObserved | Compared::Insufficient)));
    }
}
