//! What a TLS endpoint accepts: versions, cipher suites, groups, certificates.
//!
//! It offers and listens; keys are agreed only for what shows behind them, and no trust is judged.

use std::collections::{BTreeMap, BTreeSet};

use model::{Coverage, Endpoint, Fact, Reading, Shortfall, ShortfallKind, TlsVersion, Touches, Transport};
use serde::{Deserialize, Serialize};
use wire::tls::suites::{offerable, suite_name};

use super::asking::Asking;
use super::certificate;
pub use super::hello::StartTls;
use super::hello::{Answer, Choice, Extra, Offer, wire_version};
use super::renegotiation::{self, Renegotiation};
use super::{preference, traits};
use crate::{Bench, Bytes, Card, Need};

/// The card.
pub const CARD: Card = Card {
    id: "tls.server-offer",
    revision: 4,
    asks: "Which TLS versions, cipher suites, groups and certificates does this endpoint offer?",
    yields: &["tls-version", "tls-suite", "tls-group", "tls-trait", "certificate"],
    touches: Touches::Active,
    needs: &[Need::Endpoints],
};

/// Where to look.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Parameters {
    /// Endpoints that are expected to speak TLS, or DTLS where they are of UDP.
    pub endpoints: Vec<Endpoint>,
    /// Server name to send.
    #[serde(default)]
    pub host: Option<String>,
    /// Those of the endpoints that speak in clear first, with the protocol in which they are asked to turn to TLS.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub starttls: Vec<(Endpoint, StartTls)>,
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
    /// What became of sessions that were taken up again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub again: Vec<(Endpoint, Again)>,
    /// What became of further handshakes inside a connection.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub renegotiation: Vec<(Endpoint, Renegotiation)>,
}

/// A second handshake with the session of a first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    /// In which version.
    pub version: TlsVersion,
    /// Whether the server went on with the session.
    pub resumed: bool,
    /// Whether the server accepted early data, where its ticket allowed it; none was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early_data: Option<bool>,
}

/// One attempt.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tried {
    /// Where.
    pub endpoint: Endpoint,
    /// Why.
    pub purpose: Purpose,
    /// What was offered.
    pub offer: Offer,
    /// What came back.
    pub answer: Answer,
}

impl Tried {
    /// What the server chose, in the version offered.
    pub(super) fn choice(&self) -> Option<&Choice> {
        chosen(self).filter(|choice| choice.version == self.offer.version)
    }

    /// Whether the answer may be a refusal and may be a bad moment: closed, or internal_error.
    pub(super) fn is_vague(&self) -> bool {
        let is_asked = self.purpose == Purpose::Suites || self.offer.extras.contains(&Extra::Fallback);
        is_asked && matches!(self.answer, Answer::Closed | Answer::Alert(80))
    }
}

/// What an attempt was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Is the version, or any suite of this part of the list, accepted?
    Suites,
    /// Which of the accepted suites comes first?
    Preference,
    /// Which certificate and ephemeral key belong to this kind of suite?
    Flight,
    /// Is a further group accepted?
    Groups,
    /// Which of the accepted groups comes first?
    GroupPreference,
    /// Which signature scheme is used?
    Signatures,
    /// What does the answer show beside the choice?
    Traits,
    /// Is an answer that says little given again?
    Again,
    /// Is an offer that was taken before still taken, right after [`Purpose::Again`]?
    Control,
}

/// Asks each endpoint, version by version, until nothing more is accepted.
pub fn gather(parameters: &Parameters, bench: &mut dyn Bench) -> Log {
    let mut log = Log {
        parameters: parameters.clone(),
        attempts: Vec::new(),
        chains: Vec::new(),
        again: Vec::new(),
        renegotiation: Vec::new(),
    };
    let of = parameters.endpoints.iter().map(|endpoint| versions_of(*endpoint).len() as u64).sum();
    let mut done = 0;
    for &endpoint in &parameters.endpoints {
        let via = parameters.starttls.iter().find(|(at, _)| *at == endpoint).map(|(_, via)| *via);
        let asking = Asking::new(endpoint, parameters.host.as_deref(), via, bench);
        let found = asking.everything(|bench| {
            done += 1;
            bench.progress(done, of);
        });
        log.attempts.extend(found.attempts);
        log.chains.extend(found.chain.map(|chain| (endpoint, chain)));
        log.again.extend(found.again.into_iter().map(|again| (endpoint, again)));
        log.renegotiation.extend(found.renegotiation.into_iter().map(|one| (endpoint, one)));
    }
    log
}

/// The versions that an endpoint may speak, oldest first: over UDP those of DTLS, each as the version of TLS that it
/// matches (RFC 4347, RFC 6347).
pub(super) fn versions_of(endpoint: Endpoint) -> &'static [TlsVersion] {
    match endpoint.transport {
        Transport::Tcp => &TlsVersion::ALL,
        Transport::Udp => &[TlsVersion::Tls11, TlsVersion::Tls12],
    }
}

fn chosen(tried: &Tried) -> Option<&Choice> {
    match &tried.answer {
        Answer::Chosen(choice) => Some(choice),
        _ => None,
    }
}

/// Reads a log.
pub fn interpret(log: &Log) -> Reading {
    let mut reading = Reading::default();
    for &endpoint in &log.parameters.endpoints {
        let of_endpoint: Vec<&Tried> = log.attempts.iter().filter(|t| t.endpoint == endpoint).collect();
        if let Some(Answer::NoTurn(why)) = of_endpoint.first().map(|tried| &tried.answer) {
            let text = format!("{endpoint}: it does not turn to TLS: {why}");
            let of = "starttls".into();
            reading.coverage.push(Coverage { of, endpoint: Some(endpoint), ports: Vec::new(), text });
            continue;
        }
        if !of_endpoint.iter().any(|t| chosen(t).is_some()) {
            // What refuses everything may as well be no TLS, or want something that was not offered.
            let first = of_endpoint.first().map(|tried| &tried.answer);
            let text = match first {
                None => "it was not tried".to_owned(),
                Some(answer @ Answer::Alert(_)) => format!("no offer was taken: {}", described(answer)),
                Some(answer) => format!("no TLS: {}", described(answer)),
            };
            reading.shortfalls.push(shortfall(
                first.map_or(ShortfallKind::Missing, kind),
                endpoint,
                format!("{endpoint}: {text}"),
            ));
            continue;
        }
        for &version in versions_of(endpoint) {
            interpret_version(endpoint, version, &of_endpoint, &mut reading);
        }
        traits::read(endpoint, &of_endpoint, &mut reading);
        for (_, again) in log.again.iter().filter(|(at, _)| *at == endpoint) {
            reading.facts.extend(traits::of_session(endpoint, again));
        }
        let tries = log.renegotiation.iter().filter(|(at, _)| *at == endpoint).map(|(_, one)| one);
        renegotiation::read(endpoint, &tries.collect::<Vec<_>>(), &mut reading);
        chain(endpoint, log, &of_endpoint, &mut reading);
    }
    reading
}

fn interpret_version(endpoint: Endpoint, version: TlsVersion, all: &[&Tried], reading: &mut Reading) {
    let attempts: Vec<&Tried> = all.iter().copied().filter(|t| t.offer.version == version).collect();
    let suites: Vec<&Tried> = attempts.iter().copied().filter(|t| t.purpose == Purpose::Suites).collect();
    let mut accepted: Vec<u16> = Vec::new();
    for choice in suites.iter().filter_map(|t| t.choice()) {
        if !accepted.contains(&choice.suite) {
            accepted.push(choice.suite);
        }
    }
    // Each part of the list ends with a refusal; anything else leaves what was not reached unknown.
    let unsettled = suites.iter().find(|t| !settles(t, all));
    if let Some(tried) = unsettled {
        let text = format!("{endpoint}: {version}: {}", described(&tried.answer));
        reading.shortfalls.push(shortfall(kind(&tried.answer), endpoint, text));
    }
    if suites.is_empty() {
        let text = format!("{endpoint}: {version}: not tried");
        reading.shortfalls.push(shortfall(ShortfallKind::Limit, endpoint, text));
        return;
    }
    if unsettled.is_some() && accepted.is_empty() {
        return;
    }
    reading.facts.push(Fact::TlsVersion { endpoint, version, accepted: !accepted.is_empty() });
    let mut covered = |of: &str, text: String| {
        reading.coverage.push(Coverage { of: of.into(), endpoint: Some(endpoint), ports: Vec::new(), text });
    };
    covered("tls-versions", format!("{version} at {endpoint}"));
    if unsettled.is_none() {
        let tried = match version {
            TlsVersion::Ssl2 => "all kinds".to_owned(),
            _ => format!("{} suites", offerable(wire_version(version)).len()),
        };
        covered("tls-suites", format!("{version} at {endpoint}: {tried} offered, {} accepted", accepted.len()));
    }
    let ranks = preference::of_suites(&attempts, &accepted);
    for suite in accepted.into_iter().filter(|_| version != TlsVersion::Ssl2) {
        let rank = ranks.iter().position(|s| *s == suite).and_then(|n| u16::try_from(n).ok());
        reading.facts.push(Fact::TlsSuite { endpoint, version, id: suite, name: suite_name(suite), rank });
    }
    let choices = || attempts.iter().filter_map(|t| t.choice());
    let groups: BTreeMap<&String, Option<u16>> =
        choices().filter_map(|c| Some((c.group.as_ref()?, c.group_id))).collect();
    let (whose, order) = preference::of_groups(&attempts);
    for (name, id) in groups {
        let rank = order.iter().position(|group| Some(*group) == id).and_then(|n| u16::try_from(n).ok());
        reading.facts.push(Fact::TlsGroup { endpoint, version, name: name.clone(), rank });
    }
    if let Some(whose) = whose {
        let (name, value) = ("group-order".to_owned(), whose.to_owned());
        reading.facts.push(Fact::TlsTrait { endpoint, version, name, value });
    }
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
fn settles(tried: &Tried, all: &[&Tried]) -> bool {
    match &tried.answer {
        Answer::Chosen(choice) if tried.offer.version == choice.version => {
            choice.version == TlsVersion::Ssl2 || tried.offer.suites.contains(&choice.suite)
        }
        // Another version in place of the one offered refuses it.
        Answer::Chosen(_) => true,
        Answer::Closed | Answer::Alert(80) => is_confirmed(tried, all),
        // Refusals of the offer itself: handshake_failure, illegal_parameter, protocol_version,
        // insufficient_security, inappropriate_fallback; also close_notify, unexpected_message and decode_error, with
        // which servers answer versions they do not know (RFC 8446 section 6.2).
        Answer::Alert(alert) => matches!(alert, 0 | 10 | 40 | 47 | 50 | 70 | 71 | 86),
        // Whatever answers a CLIENT-HELLO of SSL 2.0 in another way does not speak it.
        Answer::Unreadable(_) => tried.offer.version == TlsVersion::Ssl2,
        Answer::Silence | Answer::NotConnected(_) | Answer::NoTurn(_) => false,
    }
}

/// Given again, and a good offer was taken right after: then it was the offer and not the moment.
pub(super) fn is_confirmed(tried: &Tried, all: &[&Tried]) -> bool {
    all.windows(2).any(|pair| {
        let [again, control] = pair else { return false };
        again.purpose == Purpose::Again
            && again.offer == tried.offer
            && again.answer == tried.answer
            && control.purpose == Purpose::Control
            && control.choice().is_some()
    })
}

pub(super) fn kind(answer: &Answer) -> ShortfallKind {
    match answer {
        Answer::Silence => ShortfallKind::Silence,
        Answer::Unreadable(_) => ShortfallKind::Unreadable,
        Answer::NotConnected(error) => error.shortfall(),
        Answer::Alert(_) | Answer::Closed | Answer::Chosen(_) | Answer::NoTurn(_) => ShortfallKind::Refused,
    }
}

pub(super) fn described(answer: &Answer) -> String {
    match answer {
        Answer::Chosen(choice) => format!("chose {}", choice.version),
        Answer::Alert(alert) => format!("alert {alert} {}", wire::tls::alert_name(*alert).unwrap_or("unknown")),
        Answer::Closed => "closed without a word".to_owned(),
        Answer::Silence => "silence".to_owned(),
        Answer::Unreadable(why) => format!("no TLS: {why}"),
        Answer::NotConnected(error) => format!("no connection: {error}"),
        Answer::NoTurn(why) => format!("it does not turn to TLS: {why}"),
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
        let suites = match &answer {
            Answer::Chosen(choice) => vec![0x0a, choice.suite],
            _ => vec![0x0a],
        };
        Tried {
            endpoint: at(),
            purpose,
            offer: Offer { version, suites, groups: vec![], shares: false, extras: vec![], signatures: vec![] },
            answer,
        }
    }

    fn chose(version: TlsVersion, suite: u16) -> Answer {
        Answer::Chosen(Choice { version, suite, group: None, group_id: None, chain: vec![], signs: None })
    }

    fn read(attempts: Vec<Tried>) -> Reading {
        let parameters = Parameters { endpoints: vec![at()], host: None, starttls: vec![] };
        interpret(&Log { parameters, attempts, chains: vec![], again: vec![], renegotiation: vec![] })
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
        let texts: Vec<_> = reading.shortfalls.iter().map(|s| s.text.as_str()).collect();
        assert!(texts.iter().any(|text| text.contains("tls-1.0: silence")), "{texts:?}");
        assert!(texts.iter().any(|text| text.contains("ssl-2.0: not tried")), "{texts:?}");
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
    fn a_close_refuses_only_where_it_comes_again_while_a_good_offer_is_taken() {
        use TlsVersion::{Tls10, Tls12};
        let good = tried(Tls12, Purpose::Suites, chose(Tls12, 0xc02f));
        let closed = |purpose| tried(Tls10, purpose, Answer::Closed);
        let control = |answer| tried(Tls12, Purpose::Control, answer);
        let is_refused = |attempts| versions(&read(attempts)).contains(&(Tls10, false));
        assert!(!is_refused(vec![good.clone(), closed(Purpose::Suites)]));
        let again = |answer| vec![good.clone(), closed(Purpose::Suites), closed(Purpose::Again), control(answer)];
        assert!(is_refused(again(chose(Tls12, 0xc02f))));
        assert!(!is_refused(again(Answer::Closed)));
    }

    #[test]
    fn an_endpoint_that_takes_no_offer_at_all_refuses_no_version() {
        let reading = read(vec![tried(TlsVersion::Tls12, Purpose::Suites, Answer::Alert(40))]);
        assert!(reading.facts.is_empty());
        assert!(reading.shortfalls[0].text.contains("no offer was taken"));
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
