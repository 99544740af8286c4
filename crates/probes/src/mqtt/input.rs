//! What a message broker does with packets that are wrong: in form, text, length and order.
//!
//! MQTT 3.1.1, in clear or inside TLS. Nothing is retained, and nobody else's topics are touched. A second connection
//! is kept open beside each attack: when it breaks, the broker has restarted, however quickly it came back.

use model::{Coverage, Endpoint, Fact, Reading, Shortfall, ShortfallKind, Touches};
use serde::{Deserialize, Serialize};
use wire::mqtt::wrong::{Wrong, all};
use wire::mqtt::{Packet, Version, connect, ping, read};
use wire::replay;

use crate::port::{LinkId, Received, TlsWish};
use crate::{Bench, Bytes, Card, Need, Secret};

/// The card.
pub const CARD: Card = Card {
    id: "mqtt.input",
    revision: 2,
    asks: "What does a message broker do with packets that are wrong?",
    yields: &["input"],
    touches: Touches::Intrusive,
    needs: &[Need::Endpoints, Need::Accounts],
};

const OF: &str = "input";
const MOST_WAITS: u32 = 10;

/// Where, and as whom.
#[derive(Debug, Clone, Deserialize)]
pub struct Parameters {
    /// The brokers.
    pub brokers: Vec<Broker>,
}

/// One broker.
#[derive(Debug, Clone, Deserialize)]
pub struct Broker {
    /// Where.
    pub endpoint: Endpoint,
    /// Whether inside TLS.
    #[serde(default)]
    pub tls: bool,
    /// Host name for TLS.
    #[serde(default)]
    pub host: Option<String>,
    /// User name and password, where there is an account.
    #[serde(default)]
    pub account: Option<(String, Secret)>,
}

/// What came back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Log {
    /// One part per broker.
    pub brokers: Vec<BrokerLog>,
}

/// What one broker did.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BrokerLog {
    /// Where.
    pub endpoint: Endpoint,
    /// The code of the answer to a good CONNECT; 0 lets in.
    pub lets_in: Option<u8>,
    /// Each wrong packet, in order.
    pub cases: Vec<Case>,
    /// What could not be tried.
    pub missed: Vec<(ShortfallKind, String)>,
}

/// One wrong packet and what came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Case {
    /// Which packet.
    pub packet: String,
    /// What is wrong.
    pub violation: String,
    /// In words.
    pub shown: String,
    /// Whether the standard lets a broker take it.
    pub allowed: bool,
    /// The packet, its beginning.
    pub sent: Bytes,
    /// Bytes of the packet.
    pub size: usize,
    /// What came back.
    pub did: Did,
    /// Whether a good CONNECT was answered as at first; it is tried three times before this is false.
    pub alive: bool,
    /// Whether the connection beside it still answered.
    pub witness: bool,
    /// All bytes of the connection, a CONNECT without an account in front where one has to come first: what
    /// [`wire::replay::python`] makes of them; empty in older logs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub whole: String,
}

/// What a broker did with a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Did {
    /// It closed or broke the connection.
    Closed,
    /// It said no: the code of CONNACK, SUBACK or DISCONNECT.
    Refused(u8),
    /// It acknowledged the packet.
    Acknowledged,
    /// It said nothing to it and answered a ping.
    PassedOver,
    /// It said nothing more on this connection.
    Silent,
}

/// Sends each wrong packet on a connection of its own, and looks at the broker after it.
pub fn gather(parameters: &Parameters, bench: &mut dyn Bench) -> Log {
    let of = parameters.brokers.len() as u64;
    let mut brokers = Vec::new();
    for broker in &parameters.brokers {
        bench.progress(brokers.len() as u64, of);
        let log = BrokerLog { endpoint: broker.endpoint, lets_in: None, cases: Vec::new(), missed: Vec::new() };
        let mut visit = Visit { broker, bench, log };
        if let Err(missed) = visit.attack() {
            visit.log.missed.push(missed);
        }
        brokers.push(visit.log);
    }
    Log { brokers }
}

type Left = (ShortfallKind, String);

struct Visit<'a> {
    broker: &'a Broker,
    bench: &'a mut dyn Bench,
    log: BrokerLog,
}

impl Visit<'_> {
    fn attack(&mut self) -> Result<(), Left> {
        let (_, lets_in) = self.greeted("assaywitness")?;
        let code = lets_in
            .ok_or((ShortfallKind::Silence, "CONNECT is not answered: silence proves nothing".to_owned()))?;
        self.log.lets_in = Some(code);
        if code != 0 {
            let text = format!("the broker lets nobody in (code {code}): only what comes before is tried");
            self.log.missed.push((ShortfallKind::Missing, text));
        }
        let mut random = [0; 4];
        self.bench.random(&mut random);
        let name = format!("assay{}", hex::encode(random));
        let mut witness = self.witness(code)?;
        for wrong in all(&name) {
            let crashed = |case: &Case| (!case.alive || !case.witness) && case.violation == wrong.violation;
            if (code != 0 && !wrong.first) || self.log.cases.iter().any(crashed) {
                continue;
            }
            let did = self.did(&wrong, &name)?;
            let holds = witness.is_none_or(|link| self.answers_ping(link));
            let alive = self.is_alive(code)?;
            self.log.cases.push(case(&wrong, did, alive, holds));
            if !alive {
                self.wait_for_life(code)?;
            }
            if !holds || !alive {
                witness = self.witness(code)?;
            }
        }
        if let Some(link) = witness {
            self.bench.close(link);
        }
        Ok(())
    }

    /// The connection beside the attacks, where the broker lets in.
    fn witness(&mut self, code: u8) -> Result<Option<LinkId>, Left> {
        if code != 0 {
            return Ok(None);
        }
        match self.greeted_and_open("assaywitness")? {
            (link, Some(0)) => Ok(Some(link)),
            (link, _) => {
                self.bench.close(link);
                Ok(None)
            }
        }
    }

    fn did(&mut self, wrong: &Wrong, name: &str) -> Result<Did, Left> {
        let link = if wrong.first { self.open()? } else { self.greeted_and_open(name)?.0 };
        self.bench.send(link, &wrong.bytes).ok();
        let mut did = self.heard(link, false);
        if did == Did::Silent && !wrong.first {
            self.bench.send(link, &ping()).ok();
            did = self.heard(link, true);
        }
        self.bench.close(link);
        Ok(did)
    }

    fn heard(&mut self, link: LinkId, pinged: bool) -> Did {
        let wait = self.bench.wait() / if pinged { 1 } else { 4 };
        match self.bench.receive(link, 64 * 1024, wait) {
            Received::Closed | Received::Reset => Did::Closed,
            Received::Silence => Did::Silent,
            Received::Data(bytes) => match read(&bytes.0, Version::V311) {
                Ok(Some((Packet::ConnAck { code: 0, .. }, _))) => Did::Acknowledged,
                Ok(Some((Packet::ConnAck { code, .. }, _))) => Did::Refused(code),
                Ok(Some((Packet::SubAck { codes, .. }, _))) => match codes.iter().find(|code| **code >= 0x80) {
                    Some(code) => Did::Refused(*code),
                    None => Did::Acknowledged,
                },
                Ok(Some((Packet::Disconnect(code), _))) => Did::Refused(code),
                Ok(Some((Packet::PingResp, _))) if pinged => Did::PassedOver,
                Ok(Some(_)) => Did::Acknowledged,
                // What is no packet is no acknowledgement either.
                Ok(None) | Err(_) => Did::Silent,
            },
        }
    }

    fn open(&mut self) -> Result<LinkId, Left> {
        let wait = self.bench.wait();
        let link = self.bench.connect(self.broker.endpoint, wait);
        let link = link.map_err(|error| (error.shortfall(), format!("no connection: {error}")))?;
        if self.broker.tls
            && let Err(error) = self.bench.secure(link, &TlsWish::named(self.broker.host.as_deref()))
        {
            self.bench.close(link);
            return Err((ShortfallKind::Unreadable, format!("no TLS: {error}")));
        }
        Ok(link)
    }

    fn greeted_and_open(&mut self, name: &str) -> Result<(LinkId, Option<u8>), Left> {
        let link = self.open()?;
        let account = self.broker.account.as_ref().map(|(user, secret)| (user.as_str(), secret.reveal()));
        let hello = connect(Version::V311, name, account, 60);
        match account {
            Some((_, secret)) => {
                self.bench.conceal(secret.as_bytes());
                let shown = connect(Version::V311, name, None, 60);
                self.bench.send_secret(link, &hello, &shown).ok();
            }
            None => {
                self.bench.send(link, &hello).ok();
            }
        }
        let wait = self.bench.wait();
        let code = match self.bench.receive(link, 1024, wait) {
            Received::Data(bytes) => match read(&bytes.0, Version::V311) {
                Ok(Some((Packet::ConnAck { code, .. }, _))) => Some(code),
                _ => None,
            },
            _ => None,
        };
        Ok((link, code))
    }

    fn greeted(&mut self, name: &str) -> Result<(LinkId, Option<u8>), Left> {
        let (link, code) = self.greeted_and_open(name)?;
        self.bench.close(link);
        Ok((link, code))
    }

    fn answers_ping(&mut self, link: LinkId) -> bool {
        self.bench.send(link, &ping()).is_ok() && self.heard(link, true) == Did::PassedOver
    }

    fn is_alive(&mut self, code: u8) -> Result<bool, Left> {
        for _ in 0..3 {
            match self.greeted("assaylife") {
                Ok((_, Some(own))) if own == code => return Ok(true),
                Err((ShortfallKind::Limit, why)) => return Err((ShortfallKind::Limit, why)),
                _ => {}
            }
            let moment = self.bench.wait() / 4;
            self.bench.pause(moment);
        }
        Ok(false)
    }

    fn wait_for_life(&mut self, code: u8) -> Result<(), Left> {
        let moment = self.bench.wait();
        let back = (0..MOST_WAITS).any(|_| self.bench.pause(moment) && matches!(self.is_alive(code), Ok(true)));
        if back { Ok(()) } else { Err((ShortfallKind::Silence, "the broker did not come back".to_owned())) }
    }
}

fn case(wrong: &Wrong, did: Did, alive: bool, witness: bool) -> Case {
    let before = if wrong.first { Vec::new() } else { connect(Version::V311, "assay", None, 60) };
    Case {
        packet: wrong.packet.to_owned(),
        violation: wrong.violation.to_owned(),
        shown: wrong.shown.to_owned(),
        allowed: wrong.allowed,
        sent: Bytes::bounded(&wrong.bytes, 200),
        size: wrong.bytes.len(),
        did,
        alive,
        witness,
        whole: replay::python(&[before, wrong.bytes.clone()].concat()),
    }
}

/// Reads a log.
pub fn interpret(log: &Log) -> Reading {
    let mut reading = Reading::default();
    for broker in &log.brokers {
        let endpoint = broker.endpoint;
        for case in &broker.cases {
            let (result, told_by) = judge(case);
            let is_finding = matches!(result, "accepted" | "crash");
            let again = || match case.whole.as_str() {
                "" => format!("{} bytes: {}", case.size, hex::encode(&case.sent.0)),
                whole => replay::command_for(whole, &endpoint.address.to_string(), endpoint.port, false),
            };
            reading.facts.push(Fact::Input {
                endpoint,
                target: case.packet.clone(),
                violation: case.violation.clone(),
                result: result.to_owned(),
                told_by: format!("{}: {told_by}", case.shown),
                reproduction: if is_finding { again() } else { String::new() },
            });
        }
        for (kind, why) in &broker.missed {
            let text = format!("MQTT at {endpoint}: {why}");
            reading.shortfalls.push(Shortfall { kind: *kind, of: OF.into(), endpoint: Some(endpoint), text });
        }
        if !broker.cases.is_empty() {
            reading.coverage.push(Coverage {
                of: OF.into(),
                endpoint: Some(endpoint),
                ports: vec![(endpoint.port, endpoint.port)],
                text: format!("{} wrong packets to {endpoint}", broker.cases.len()),
            });
        }
    }
    reading
}

fn judge(case: &Case) -> (&'static str, String) {
    let told = match case.did {
        Did::Closed => "the connection was closed".to_owned(),
        Did::Refused(code) => format!("refused with code {code}"),
        Did::Acknowledged => "it is acknowledged".to_owned(),
        Did::PassedOver => "nothing is said to it, and a ping is answered".to_owned(),
        Did::Silent => "nothing more is said on this connection".to_owned(),
    };
    match case.did {
        _ if !case.alive => ("crash", format!("{told}; after it the broker did not answer three times")),
        _ if !case.witness => {
            ("crash", format!("{told}; a connection beside it broke, and the broker answers again"))
        }
        Did::Closed | Did::Refused(_) => ("rejected", told),
        Did::Acknowledged if !case.allowed => ("accepted", format!("{told}, and the standard forbids it")),
        _ => ("ignored", format!("{told}; nothing of it is seen to take effect")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(did: Did, allowed: bool, alive: bool, witness: bool) -> &'static str {
        let mut wrong = all("a").remove(0);
        wrong.allowed = allowed;
        judge(&case(&wrong, did, alive, witness)).0
    }

    #[test]
    fn results_follow_from_what_the_broker_did_and_whether_it_lives() {
        assert_eq!(told(Did::Closed, false, true, true), "rejected");
        assert_eq!(told(Did::Refused(1), false, true, true), "rejected");
        assert_eq!(told(Did::Acknowledged, false, true, true), "accepted");
        assert_eq!(told(Did::Acknowledged, true, true, true), "ignored");
        assert_eq!(told(Did::PassedOver, false, true, true), "ignored");
        assert_eq!(told(Did::Closed, false, false, true), "crash");
        assert_eq!(told(Did::Closed, false, true, false), "crash", "a quick restart is one, too");
    }

    #[test]
    fn a_finding_comes_with_the_whole_connection_however_long() {
        let large = all("a").into_iter().max_by_key(|wrong| wrong.bytes.len()).unwrap();
        assert!(large.bytes.len() > 60_000 && !large.first);
        let endpoint = Endpoint::tcp("192.0.2.7".parse().unwrap(), 1883);
        let cases = vec![case(&large, Did::Closed, false, true)];
        let log = Log { brokers: vec![BrokerLog { endpoint, lets_in: Some(0), cases, missed: Vec::new() }] };
        let reading = interpret(&log);
        let Fact::Input { reproduction, result, .. } = &reading.facts[0] else { panic!() };
        assert_eq!(result, "crash");
        assert!(reproduction.len() < 600 && reproduction.ends_with("| nc -w2 192.0.2.7 1883"), "{reproduction}");
        assert!(reproduction.contains("10110004"), "CONNECT comes first: {reproduction}");
    }

    #[test]
    fn every_violation_has_a_class() {
        for wrong in all("a") {
            assert!(model::input_class(wrong.violation).is_some(), "{}", wrong.violation);
        }
    }
}
