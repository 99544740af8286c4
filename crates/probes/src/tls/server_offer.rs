//! What a TLS endpoint accepts: versions, cipher suites, groups, certificates.
//!
//! It offers and listens; it agrees no key and judges no trust. STARTTLS and DTLS are not looked at.

use std::collections::BTreeSet;

use model::{Coverage, Endpoint, Fact, Reading, Shortfall, ShortfallKind, TlsVersion, Touches};
use serde::{Deserialize, Serialize};
use wire::tls::suites::{CipherSuite, offerable, suite_name};

use super::certificate;
use super::hello::{Answer, Choice, Offer, attempt, wire_version};
use crate::{Bench, Bytes, Card, Need, TlsWish};

/// The card.
pub const CARD: Card = Card {
    id: "tls.server-offer",
    revision: 1,
    asks: "Which TLS versions, cipher suites, groups and certificates does this endpoint offer?",
    yields: &["tls-version", "tls-suite", "tls-group", "certificate"],
    touches: Touches::Active,
    needs: &[Need::Endpoints],
};

/// Suites in one offer: some servers ignore an offer that is much longer.
const CHUNK: usize = 60;
/// Groups asked for one by one.
const GROUPS: [u16; 16] = [29, 23, 24, 25, 30, 256, 257, 258, 259, 260, 22, 26, 27, 28, 21, 19];

/// Where to look.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Parameters {
    /// TCP endpoints that are expected to speak TLS.
    pub endpoints: Vec<Endpoint>,
    /// Server name to send.
    #[serde(default)]
    pub host: Option<String>,
}

/// What came back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Log {
    /// What was to be looked at.
    pub parameters: Parameters,
    /// Every attempt, in order.
    pub attempts: Vec<Tried>,
    /// Chains shown inside an encrypted handshake.
    pub chains: Vec<(Endpoint, Vec<Bytes>)>,
}

/// One attempt.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tried {
    /// Where.
    pub endpoint: Endpoint,
    /// Why: to find versions, the next suite, the server's preference, the next group.
    pub purpose: Purpose,
    /// What was offered.
    pub offer: Offer,
    /// What came back.
    pub answer: Answer,
}

/// What an attempt was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Is the version, or any suite of this part of the list, accepted?
    Suites,
    /// Which of the accepted suites comes first, offered in one order and in the other?
    Preference,
    /// Is a further group accepted?
    Groups,
}

/// Asks each endpoint, version by version, until nothing more is accepted.
pub fn gather(parameters: &Parameters, bench: &mut dyn Bench) -> Log {
    let mut log = Log { parameters: parameters.clone(), attempts: Vec::new(), chains: Vec::new() };
    let of = (parameters.endpoints.len() * TlsVersion::ALL.len()) as u64;
    let mut done = 0;
    for &endpoint in &parameters.endpoints {
        for version in TlsVersion::ALL.into_iter().rev() {
            version_offer(endpoint, version, &mut log, bench);
            done += 1;
            bench.progress(done, of);
        }
        if log
            .attempts
            .iter()
            .any(|t| t.endpoint == endpoint && chosen(t).is_some_and(|c| c.version == TlsVersion::Tls13))
        {
            encrypted_chain(endpoint, &mut log, bench);
        }
    }
    log
}

fn version_offer(endpoint: Endpoint, version: TlsVersion, log: &mut Log, bench: &mut dyn Bench) {
    let mut accepted = Vec::new();
    let all = if version == TlsVersion::Ssl2 { vec![0] } else { offerable(wire_version(version)) };
    for chunk in all.chunks(CHUNK) {
        let mut left = chunk.to_vec();
        while !left.is_empty() {
            let offer = Offer { version, suites: left.clone(), groups: Vec::new() };
            let whole = accepted.is_empty();
            let Some(suite) = tried(endpoint, Purpose::Suites, offer, whole, log, bench) else { break };
            // A choice outside the offer would make this loop endless.
            if !left.contains(&suite) {
                break;
            }
            accepted.push(suite);
            left.retain(|s| *s != suite);
        }
        if version == TlsVersion::Ssl2 {
            return;
        }
    }
    if accepted.len() > 1 {
        let mut left = accepted.clone();
        while left.len() > 1 {
            let forward = Offer { version, suites: left.clone(), groups: Vec::new() };
            let backward = Offer { suites: left.iter().rev().copied().collect(), ..forward.clone() };
            let first = tried(endpoint, Purpose::Preference, forward, false, log, bench);
            let second = tried(endpoint, Purpose::Preference, backward, false, log, bench);
            match (first, second) {
                (Some(a), Some(b)) if a == b && left.contains(&a) => left.retain(|s| *s != a),
                _ => break,
            }
        }
    }
    groups(endpoint, version, &accepted, log, bench);
}

fn groups(endpoint: Endpoint, version: TlsVersion, accepted: &[u16], log: &mut Log, bench: &mut dyn Bench) {
    let ephemeral: Vec<u16> = accepted
        .iter()
        .copied()
        .filter(|s| version == TlsVersion::Tls13 || suite_name(*s).starts_with("TLS_ECDHE"))
        .collect();
    if ephemeral.is_empty() || version < TlsVersion::Tls10 {
        return;
    }
    let mut left: Vec<u16> = GROUPS.to_vec();
    while !left.is_empty() {
        let offer = Offer { version, suites: ephemeral.clone(), groups: left.clone() };
        let answer = attempt(endpoint, log.parameters.host.as_deref(), &offer, true, bench);
        let group = match &answer {
            Answer::Chosen(Choice { group_id: Some(group), .. }) if left.contains(group) => Some(*group),
            _ => None,
        };
        log.attempts.push(Tried { endpoint, purpose: Purpose::Groups, offer, answer });
        let Some(group) = group else { break };
        left.retain(|g| *g != group);
    }
}

/// Makes an attempt, keeps it, and returns the suite chosen in the version offered.
fn tried(
    endpoint: Endpoint,
    purpose: Purpose,
    offer: Offer,
    whole: bool,
    log: &mut Log,
    bench: &mut dyn Bench,
) -> Option<u16> {
    let host = log.parameters.host.clone();
    let mut answer = attempt(endpoint, host.as_deref(), &offer, whole, bench);
    if answer == Answer::Silence {
        answer = attempt(endpoint, host.as_deref(), &offer, whole, bench);
    }
    log.attempts.push(Tried { endpoint, purpose, offer, answer });
    let last = log.attempts.last()?;
    chosen(last).filter(|c| c.version == last.offer.version).map(|c| c.suite)
}

fn chosen(tried: &Tried) -> Option<&Choice> {
    match &tried.answer {
        Answer::Chosen(choice) => Some(choice),
        _ => None,
    }
}

fn encrypted_chain(endpoint: Endpoint, log: &mut Log, bench: &mut dyn Bench) {
    let wish = TlsWish { only_tls13: true, ..TlsWish::named(log.parameters.host.as_deref()) };
    let wait = bench.wait();
    if let Ok(link) = bench.connect(endpoint, wait) {
        if let Ok(session) = bench.secure(link, &wish) {
            log.chains.push((endpoint, session.chain));
        }
        bench.close(link);
    }
}

/// Reads a log.
pub fn interpret(log: &Log) -> Reading {
    let mut reading = Reading::default();
    for &endpoint in &log.parameters.endpoints {
        let of_endpoint: Vec<&Tried> = log.attempts.iter().filter(|t| t.endpoint == endpoint).collect();
        let speaks_tls = of_endpoint.iter().any(|t| matches!(t.answer, Answer::Chosen(_) | Answer::Alert(_)));
        if !speaks_tls {
            let why = of_endpoint.first().map_or("it was not tried".to_owned(), |t| described(&t.answer));
            reading.shortfalls.push(shortfall(
                ShortfallKind::Refused,
                endpoint,
                format!("{endpoint}: no TLS: {why}"),
            ));
            continue;
        }
        for version in TlsVersion::ALL {
            interpret_version(endpoint, version, &of_endpoint, &mut reading);
        }
        chain(endpoint, log, &of_endpoint, &mut reading);
    }
    reading
}

fn interpret_version(endpoint: Endpoint, version: TlsVersion, all: &[&Tried], reading: &mut Reading) {
    let attempts: Vec<&&Tried> = all.iter().filter(|t| t.offer.version == version).collect();
    let suites: Vec<&&&Tried> = attempts.iter().filter(|t| t.purpose == Purpose::Suites).collect();
    let accepted: Vec<u16> =
        suites.iter().filter_map(|t| chosen(t)).filter(|c| c.version == version).map(|c| c.suite).collect();
    // Each part of the list ends with a refusal; anything else leaves what was not reached unknown.
    let unsettled = suites.iter().find(|t| !settles(&t.answer));
    if let Some(tried) = unsettled {
        let text = format!("{endpoint}: {version}: {}", described(&tried.answer));
        reading.shortfalls.push(shortfall(kind(&tried.answer), endpoint, text));
    }
    if suites.is_empty() || (unsettled.is_some() && accepted.is_empty()) {
        return;
    }
    reading.facts.push(Fact::TlsVersion { endpoint, version, accepted: !accepted.is_empty() });
    let tried = if version == TlsVersion::Ssl2 {
        "all kinds".to_owned()
    } else {
        format!("{} suites", offerable(wire_version(version)).len())
    };
    reading.coverage.push(Coverage {
        of: "tls-versions".into(),
        endpoint: Some(endpoint),
        ports: Vec::new(),
        text: format!("{version} at {endpoint}"),
    });
    if unsettled.is_none() {
        reading.coverage.push(Coverage {
            of: "tls-suites".into(),
            endpoint: Some(endpoint),
            ports: Vec::new(),
            text: format!("{version} at {endpoint}: {tried} offered, {} accepted", accepted.len()),
        });
    }
    let ranks = preference(&attempts, &accepted);
    for suite in accepted {
        if version == TlsVersion::Ssl2 {
            continue;
        }
        let rank = ranks.iter().position(|s| *s == suite).and_then(|n| u16::try_from(n).ok());
        let name = CipherSuite::of(suite).map_or_else(|| suite_name(suite), |s| s.name.to_owned());
        reading.facts.push(Fact::TlsSuite { endpoint, version, id: suite, name, rank });
    }
    let groups: BTreeSet<&String> = attempts
        .iter()
        .filter_map(|t| chosen(t))
        .filter(|c| c.version == version)
        .filter_map(|c| c.group.as_ref())
        .collect();
    for name in groups {
        reading.facts.push(Fact::TlsGroup { endpoint, version, name: name.clone() });
    }
}

/// The server's order; empty where it follows the client or was not settled to the end.
fn preference(attempts: &[&&Tried], accepted: &[u16]) -> Vec<u16> {
    let pairs: Vec<&&&Tried> = attempts.iter().filter(|t| t.purpose == Purpose::Preference).collect();
    let mut order = Vec::new();
    for pair in pairs.chunks(2) {
        let [a, b] = pair else { return Vec::new() };
        match (chosen(a), chosen(b)) {
            (Some(a), Some(b)) if a.suite == b.suite => order.push(a.suite),
            _ => return Vec::new(),
        }
    }
    if accepted.len() == 1 || order.len() + 1 == accepted.len() {
        order.extend(accepted.iter().copied().filter(|s| !order.contains(s)).collect::<Vec<_>>());
        return order;
    }
    Vec::new()
}

fn chain(endpoint: Endpoint, log: &Log, all: &[&Tried], reading: &mut Reading) {
    let clear = all.iter().filter_map(|t| chosen(t)).map(|c| &c.chain);
    let encrypted = log.chains.iter().filter(|(at, _)| *at == endpoint).map(|(_, chain)| chain);
    let mut seen: BTreeSet<&Bytes> = BTreeSet::new();
    for chain in clear.chain(encrypted).filter(|c| !c.is_empty()) {
        for (index, der) in chain.iter().take(10).enumerate() {
            if !seen.insert(der) {
                continue;
            }
            match certificate::facts(endpoint, u16::try_from(index).unwrap_or(u16::MAX), &der.0) {
                Some(facts) => reading.facts.push(Fact::Certificate(facts)),
                None => reading.shortfalls.push(shortfall(
                    ShortfallKind::Unreadable,
                    endpoint,
                    format!("{endpoint}: certificate {index} of the chain cannot be read"),
                )),
            }
        }
    }
}

/// Whether an answer says something definite about the offer.
fn settles(answer: &Answer) -> bool {
    match answer {
        Answer::Chosen(_) | Answer::Closed => true,
        // Refusals of the offer itself: handshake_failure, illegal_parameter, protocol_version,
        // insufficient_security, inappropriate_fallback; also close_notify, unexpected_message and decode_error, with
        // which servers answer versions they do not know (RFC 8446 section 6.2).
        Answer::Alert(alert) => matches!(alert, 0 | 10 | 40 | 47 | 50 | 70 | 71 | 86),
        Answer::Silence | Answer::Unreadable(_) | Answer::NotConnected(_) => false,
    }
}

fn kind(answer: &Answer) -> ShortfallKind {
    match answer {
        Answer::Silence => ShortfallKind::Silence,
        Answer::Unreadable(_) => ShortfallKind::Unreadable,
        Answer::NotConnected(error) => error.shortfall(),
        Answer::Alert(_) | Answer::Closed | Answer::Chosen(_) => ShortfallKind::Refused,
    }
}

fn described(answer: &Answer) -> String {
    match answer {
        Answer::Chosen(choice) => format!("chose {}", choice.version),
        Answer::Alert(alert) => format!("alert {alert} {}", wire::tls::alert_name(*alert).unwrap_or("unknown")),
        Answer::Closed => "closed without a word".to_owned(),
        Answer::Silence => "silence".to_owned(),
        Answer::Unreadable(why) => format!("no TLS: {why}"),
        Answer::NotConnected(error) => format!("no connection: {error}"),
    }
}

fn shortfall(kind: ShortfallKind, endpoint: Endpoint, text: String) -> Shortfall {
    Shortfall { kind, of: "tls-versions".into(), endpoint: Some(endpoint), text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Endpoint {
        Endpoint::tcp("192.0.2.7".parse().unwrap(), 443)
    }

    fn tried(version: TlsVersion, purpose: Purpose, answer: Answer) -> Tried {
        Tried { endpoint: at(), purpose, offer: Offer { version, suites: vec![], groups: vec![] }, answer }
    }

    fn chose(version: TlsVersion, suite: u16) -> Answer {
        Answer::Chosen(Choice { version, suite, group: None, group_id: None, chain: vec![] })
    }

    fn read(attempts: Vec<Tried>) -> Reading {
        let parameters = Parameters { endpoints: vec![at()], host: None };
        interpret(&Log { parameters, attempts, chains: vec![] })
    }

    fn versions(reading: &Reading) -> Vec<(TlsVersion, bool)> {
        let version = |f: &Fact| match f {
            Fact::TlsVersion { version, accepted, .. } => Some((*version, *accepted)),
            _ => None,
        };
        reading.facts.iter().filter_map(version).collect()
    }

    #[test]
    fn a_refused_version_is_a_fact_and_a_silent_one_a_shortfall() {
        use TlsVersion::{Tls10, Tls11, Tls12};
        let reading = read(vec![
            tried(Tls12, Purpose::Suites, chose(Tls12, 0xc02f)),
            tried(Tls12, Purpose::Suites, Answer::Alert(40)),
            tried(Tls11, Purpose::Suites, Answer::Alert(70)),
            tried(Tls10, Purpose::Suites, Answer::Silence),
        ]);
        assert_eq!(versions(&reading), [(Tls11, false), (Tls12, true)]);
        assert_eq!(reading.shortfalls.len(), 1);
        assert!(reading.shortfalls[0].text.contains("tls-1.0: silence"));
    }

    #[test]
    fn an_alert_about_something_else_refuses_nothing() {
        let reading = read(vec![tried(TlsVersion::Tls10, Purpose::Suites, Answer::Alert(112))]);
        assert!(versions(&reading).is_empty());
        assert_eq!(reading.shortfalls.len(), 1);
    }

    #[test]
    fn a_port_without_tls_refuses_no_version() {
        let reading = read(vec![tried(TlsVersion::Tls12, Purpose::Suites, Answer::Closed)]);
        assert!(reading.facts.is_empty());
        assert_eq!(reading.shortfalls.len(), 1);
    }

    #[test]
    fn a_downgraded_answer_does_not_accept_the_version_offered() {
        use TlsVersion::{Tls11, Tls12};
        let reading = read(vec![tried(Tls12, Purpose::Suites, chose(Tls11, 0x2f))]);
        assert_eq!(versions(&reading), [(Tls12, false)]);
    }

    #[test]
    fn the_order_of_a_server_that_has_one_is_told() {
        use TlsVersion::Tls12;
        let reading = read(vec![
            tried(Tls12, Purpose::Suites, chose(Tls12, 0x2f)),
            tried(Tls12, Purpose::Suites, chose(Tls12, 0xc02f)),
            tried(Tls12, Purpose::Suites, Answer::Alert(40)),
            tried(Tls12, Purpose::Preference, chose(Tls12, 0xc02f)),
            tried(Tls12, Purpose::Preference, chose(Tls12, 0xc02f)),
        ]);
        let ranks: Vec<_> = reading
            .facts
            .iter()
            .filter_map(|f| if let Fact::TlsSuite { id, rank, .. } = f { Some((*id, *rank)) } else { None })
            .collect();
        assert_eq!(ranks, [(0x2f, Some(1)), (0xc02f, Some(0))]);
    }
}
