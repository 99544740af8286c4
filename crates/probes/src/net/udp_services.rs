//! Which UDP services answer, and what they give away.
//!
//! Each port is asked in the protocols it may speak. Silence proves nothing: an open UDP port stays silent on every
//! question it does not understand, so silence is told as silence and never as closed.

use std::net::IpAddr;

use model::{
    Access, AuthScheme, Coverage, Credential, Endpoint, Fact, PortState, Reading, ServiceFacts, Shortfall,
    Touches, private,
};
use serde::{Deserialize, Serialize};
use wire::text::visible;

use super::udp_questions::{self, WELL_KNOWN};
use crate::giveaway::{Giveaway, Known, in_text};
use crate::{Bench, Bytes, Card, Datagram, DatagramAnswer, Need, port_ranges};

/// The card.
pub const CARD: Card = Card {
    id: "net.udp-services",
    revision: 5,
    asks: "Which UDP services answer at this address, and what do they give away?",
    yields: &["port", "service", "auth-prompt", "disclosure", "access"],
    touches: Touches::Active,
    needs: &[Need::IpReach],
};

const OF: &str = "udp-services";
/// Datagrams get lost: who stays silent is asked again.
const TRIES: usize = 2;

/// Where to look.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Parameters {
    /// The address.
    pub address: IpAddr,
    /// Ports to ask besides the well-known ones, in every protocol.
    #[serde(default)]
    pub extra_ports: Vec<u16>,
    /// Ports that answered in the same way while the product was off.
    #[serde(default)]
    pub background: Vec<u16>,
    /// Values of this very unit, to recognise them.
    #[serde(default)]
    pub known: Known,
}

/// Questions and answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Log {
    /// What was to be looked at.
    pub parameters: Parameters,
    /// Each question, once, with the answer of its last try.
    pub exchanges: Vec<Exchange>,
}

/// One question and its answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Exchange {
    /// The port.
    pub port: u16,
    /// The question's name.
    pub name: String,
    /// What came back.
    pub answer: DatagramAnswer,
}

/// Asks each port in each protocol that it may speak, all side by side.
pub fn gather(parameters: &Parameters, bench: &mut dyn Bench) -> Log {
    let mut ports: Vec<u16> = WELL_KNOWN.iter().chain(&parameters.extra_ports).copied().collect();
    ports.sort_unstable();
    ports.dedup();
    let mut batch: Vec<(Exchange, Datagram)> = Vec::new();
    for port in ports {
        for question in udp_questions::for_port(port, parameters.extra_ports.contains(&port)) {
            let datagram = Datagram {
                to: Endpoint::udp(parameters.address, port),
                payload: Bytes(question.payload()),
                from_any_port: question.from_any_port,
                own_port: question.own_port,
            };
            let answer = DatagramAnswer::Silence;
            batch.push((Exchange { port, name: question.name.to_owned(), answer }, datagram));
        }
    }
    for _ in 0..TRIES {
        send(&mut batch, bench);
    }
    let mut done = 0;
    while done < batch.len() {
        let mut further: Vec<(Exchange, Datagram)> = Vec::new();
        for (Exchange { port, name, answer }, datagram) in &batch[done..] {
            let DatagramAnswer::Data(answer) = answer else { continue };
            let here = batch.iter().chain(&further).map(|(one, _)| one).filter(|one| one.port == *port);
            let asked: Vec<&str> = here.map(|one| one.name.as_str()).collect();
            for (name, question) in udp_questions::next(name, &answer.0, &asked) {
                let exchange = Exchange { port: *port, name, answer: DatagramAnswer::Silence };
                further.push((exchange, Datagram { payload: Bytes(question), ..datagram.clone() }));
            }
        }
        send(&mut further, bench);
        done = batch.len();
        batch.extend(further);
    }
    let exchanges = batch.into_iter().map(|(exchange, _)| exchange).collect();
    Log { parameters: parameters.clone(), exchanges }
}

/// Sends what has not been answered yet.
fn send(batch: &mut [(Exchange, Datagram)], bench: &mut dyn Bench) {
    let open: Vec<usize> = (0..batch.len()).filter(|at| batch[*at].0.answer == DatagramAnswer::Silence).collect();
    let datagrams: Vec<Datagram> = open.iter().map(|at| batch[*at].1.clone()).collect();
    let wait = bench.wait();
    for (at, answer) in open.into_iter().zip(bench.datagrams(&datagrams, wait)) {
        batch[at].0.answer = answer;
    }
}

/// Reads a log.
pub fn interpret(log: &Log) -> Reading {
    let mut reading = Reading::default();
    let mut ports: Vec<u16> = log.exchanges.iter().map(|exchange| exchange.port).collect();
    ports.dedup();
    ports.sort_unstable();
    ports.dedup();
    let (mut covered, mut answered, mut refused) = (Vec::new(), 0, 0);
    for port in ports {
        let here: Vec<&Exchange> = log.exchanges.iter().filter(|exchange| exchange.port == port).collect();
        let endpoint = Endpoint::udp(log.parameters.address, port);
        let port_fact = |state| {
            let background = log.parameters.background.contains(&port);
            Fact::Port { endpoint, state, background }
        };
        if here.iter().any(|one| matches!(one.answer, DatagramAnswer::Data(_))) {
            answered += 1;
            reading.facts.push(port_fact(PortState::Open));
            read_service(endpoint, &here, &log.parameters.known, &mut reading);
        } else if here.iter().any(|one| one.answer == DatagramAnswer::Refused) {
            refused += 1;
        } else if let Some((name, error)) = here.iter().find_map(|one| match one.answer {
            DatagramAnswer::NotSent(error) => Some((&one.name, error)),
            _ => None,
        }) {
            let asked = here.iter().any(|one| one.answer == DatagramAnswer::Silence);
            let rest = if asked { "; what could be asked stayed silent" } else { "" };
            let text = format!("{endpoint}: {name} was not sent: {error}{rest}");
            reading.shortfalls.push(Shortfall {
                kind: error.shortfall(),
                of: OF.into(),
                endpoint: Some(endpoint),
                text,
            });
            continue;
        } else if log.parameters.extra_ports.contains(&port) {
            reading.facts.push(port_fact(PortState::Silent));
        }
        covered.push(port);
    }
    if !covered.is_empty() {
        let text = format!(
            "udp at {}: {} ports asked in their protocols, {answered} answered, {refused} refused, {} silent; \
             silence is usual for UDP and does not mean closed",
            log.parameters.address,
            covered.len(),
            covered.len() - answered - refused,
        );
        reading.coverage.push(Coverage { of: OF.into(), endpoint: None, ports: port_ranges(&covered), text });
    }
    reading
}

/// The beginning of an answer; of a search for devices as much as says where their descriptions are. Of a file that was
/// handed over it is private.
fn banner(name: &str, answer: &[u8]) -> String {
    let most = if matches!(name, "ssdp-search" | "ws-discovery") { 2000 } else { 200 };
    let text = visible(answer, most);
    if name == "tftp-read" { private("excerpt", &text) } else { text }
}

fn read_service(endpoint: Endpoint, here: &[&Exchange], known: &Known, reading: &mut Reading) {
    let answers: Vec<(&str, &[u8])> = here
        .iter()
        .filter_map(|one| match &one.answer {
            DatagramAnswer::Data(bytes) => Some((one.name.as_str(), bytes.0.as_slice())),
            _ => None,
        })
        .collect();
    let identified = answers.iter().find_map(|(name, answer)| udp_questions::recognise(name, answer));
    let protocol = answers
        .iter()
        .find_map(|(name, answer)| udp_questions::protocol(name, answer))
        .or(identified.as_ref().map(|one| one.protocol))
        .unwrap_or("unknown");
    let product = identified.as_ref().and_then(|one| one.product.clone());
    let version = identified.as_ref().and_then(|one| one.version.clone());
    let mut told: Vec<Giveaway> = Vec::new();
    told.extend(product.as_deref().map(|product| Giveaway::new("product", product)));
    told.extend(version.as_deref().map(|version| Giveaway::new("version", version)));
    reading.facts.push(Fact::Service(ServiceFacts {
        endpoint,
        protocol: protocol.to_owned(),
        tls: false,
        product,
        version,
        banner: answers.first().map(|(name, answer)| banner(name, answer)).unwrap_or_default(),
    }));
    if answers.iter().any(|(name, answer)| udp_questions::answers_community(name, answer)) {
        let prompt = "answers to the community `public`".to_owned();
        reading.facts.push(Fact::AuthPrompt { endpoint, scheme: AuthScheme::SnmpCommunity, path: None, prompt });
    }
    for (name, answer) in &answers {
        if let Some((function, granted, told_by)) = udp_questions::opened(name, answer) {
            let credential = Credential::None;
            reading.facts.push(Fact::Access(Access {
                endpoint,
                function,
                credential,
                granted,
                unclear: false,
                told_by,
                found: None,
            }));
        }
        let (by_form, lines) = udp_questions::content(name, answer);
        told.extend(by_form);
        told.extend(in_text(&lines, known));
    }
    told.sort();
    told.dedup();
    let source = if protocol == "mdns" { "dns-sd" } else { protocol };
    for Giveaway { kind, excerpt } in told {
        reading.facts.push(Fact::Disclosure { endpoint, kind, source: source.to_owned(), excerpt });
    }
}

#[cfg(test)]
mod tests {
    use wire::dns::{Data, Message, Name, Record, flags};

    use super::*;
    use crate::scripted::ScriptedBench;

    fn measured(bench: &mut ScriptedBench, extra_ports: Vec<u16>) -> Reading {
        let known = Known::from([("mac".to_owned(), "02:00:5e:00:53:07".to_owned())]);
        let parameters = Parameters { address: bench.device(), extra_ports, background: vec![], known };
        let log = gather(&parameters, bench);
        interpret(&serde_json::from_str::<Log>(&serde_json::to_string(&log).unwrap()).unwrap())
    }

    fn record(name: &str, data: Data) -> Record {
        Record { name: Name::parse(name).unwrap(), class: 1, ttl: 120, data }
    }

    fn responder(heard: &[u8]) -> Option<Vec<u8>> {
        let question = Message::read(heard).ok()?.questions.first()?.name.clone();
        let mut answer = Message { flags: flags::RESPONSE, ..Message::default() };
        if question.is(&wire::dns::service_discovery::service_types_name()) {
            let types = Name::parse("_http._tcp.local").unwrap();
            answer.answers.push(record("_services._dns-sd._udp.local", Data::Ptr(types)));
        } else if question.is(&Name::parse("_http._tcp.local").unwrap()) {
            let instance = Name::parse("plug._http._tcp.local").unwrap();
            answer.answers.push(record("_http._tcp.local", Data::Ptr(instance)));
        } else {
            let target = Name::parse("plug.local").unwrap();
            let service = Data::Srv { priority: 0, weight: 0, port: 80, target };
            answer.answers.push(record("plug._http._tcp.local", service));
            let text = vec![b"fw=1.2".to_vec(), b"id=02005e005307".to_vec()];
            answer.additionals.push(record("plug._http._tcp.local", Data::Txt(text)));
        }
        Some(answer.to_bytes())
    }

    #[test]
    fn a_responder_tells_its_instances_and_their_properties() {
        let mut bench = ScriptedBench::refusing().answering_datagrams(5353, responder);
        let reading = measured(&mut bench, vec![]);
        let told: Vec<String> = reading
            .facts
            .iter()
            .filter_map(|fact| match fact {
                Fact::Disclosure { kind, source, excerpt, .. } => Some(format!("{source} {kind} {excerpt}")),
                _ => None,
            })
            .collect();
        let expected =
            ["dns-sd mac 02:00:5e:00:53:07", "dns-sd model plug._http._tcp.local", "dns-sd version 1.2"];
        assert_eq!(told, expected);
    }

    #[test]
    fn silence_is_covered_and_told_as_silence_only() {
        let mut bench = ScriptedBench::refusing().answering_datagrams(161, |_| None);
        let reading = measured(&mut bench, vec![161, 47000]);
        let states: Vec<_> = reading
            .facts
            .iter()
            .filter_map(|fact| match fact {
                Fact::Port { endpoint, state, .. } => Some((endpoint.port, *state)),
                _ => None,
            })
            .collect();
        assert_eq!(states, [(161, PortState::Silent)]);
        assert!(reading.coverage[0].has_port(161) && reading.coverage[0].has_port(47000));
        assert!(reading.coverage[0].text.contains("1 silent"), "{}", reading.coverage[0].text);
        let asked_161 = bench.sent.iter().filter(|(to, _)| to.port == 161).count();
        assert!(asked_161 >= 2 * 10, "asked in every protocol, twice: {asked_161}");
    }

    #[test]
    fn an_answer_in_no_known_protocol_is_still_an_open_port() {
        let mut bench = ScriptedBench::refusing().answering_datagrams(47000, |_| Some(b"\x01\x02".to_vec()));
        let reading = measured(&mut bench, vec![47000]);
        assert!(reading.facts.iter().any(|fact| matches!(fact,
            Fact::Service(ServiceFacts { protocol, .. }) if protocol == "unknown")));
    }

    #[test]
    fn without_the_local_port_of_dhcp_a_refusal_settles_the_port_and_silence_does_not() {
        let covered = |reading: &Reading| reading.coverage[0].has_port(67);
        let refused = measured(&mut ScriptedBench::refusing().without_local_ports(), vec![]);
        assert!(covered(&refused) && refused.shortfalls.is_empty(), "{:?}", refused.shortfalls);
        let mut silent = ScriptedBench::refusing().without_local_ports().answering_datagrams(67, |_| None);
        let silent = measured(&mut silent, vec![]);
        assert!(!covered(&silent));
        let [short] = &silent.shortfalls[..] else { panic!("{:?}", silent.shortfalls) };
        assert!(short.text.contains("dhcp-discover was not sent") && short.text.contains("stayed silent"));
        let mut heard = ScriptedBench::refusing().answering_datagrams(67, |_| None);
        assert!(covered(&measured(&mut heard, vec![])), "with the port, silence is as telling as elsewhere");
    }

    #[test]
    fn what_was_not_sent_is_a_shortfall() {
        let address = "192.0.2.99".parse().unwrap();
        let parameters = Parameters { address, extra_ports: vec![], background: vec![], known: Known::default() };
        let reading = interpret(&gather(&parameters, &mut ScriptedBench::refusing()));
        assert!(reading.coverage.is_empty() && reading.facts.is_empty());
        assert_eq!(reading.shortfalls.len(), WELL_KNOWN.len());
    }
}
