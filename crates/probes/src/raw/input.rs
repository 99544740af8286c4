//! What a service with a protocol of its own does with messages that are wrong in one part.
//!
//! Over TCP, in clear or inside TLS, and over UDP. It knows of the protocol what the plan describes: one good message, part
//! by part, and how refusals begin. Nothing is put back: the good message has to be one that changes nothing.

use std::time::Duration;

use model::{Coverage, Endpoint, Fact, Reading, Shortfall, ShortfallKind, Touches, Transport};
use serde::{Deserialize, Serialize};
use wire::frame::Frame;
use wire::replay;

use crate::giveaway::{Known, in_text};
use crate::http::input::canaries::canaries;
use crate::http::input::violations::Mark;
use crate::port::{Datagram, DatagramAnswer, LinkId, Received, TlsWish};
use crate::{Bench, Bytes, Card, Need};

/// The card.
pub const CARD: Card = Card {
    id: "raw.input",
    revision: 1,
    asks: "What does a service with a protocol of its own do with messages that are wrong?",
    yields: &["input"],
    touches: Touches::Intrusive,
    needs: &[Need::Endpoints],
};

const OF: &str = "input";
const MOST_WAITS: u32 = 10;
/// Bytes of a value that is too large: in a stream, and in a datagram.
const OVERSIZE: (usize, usize) = (64 * 1024, 8 * 1024);
/// Bytes of an answer that are kept.
const KEPT: usize = 2048;

/// What to talk to, and how.
#[derive(Debug, Clone, Deserialize)]
pub struct Parameters {
    /// The services.
    pub services: Vec<Service>,
}

/// One service.
#[derive(Debug, Clone, Deserialize)]
pub struct Service {
    /// Where.
    pub endpoint: Endpoint,
    /// Whether inside TLS.
    #[serde(default)]
    pub tls: bool,
    /// Host name for TLS.
    #[serde(default)]
    pub host: Option<String>,
    /// What the message is called in the reading.
    pub name: String,
    /// One good message, part by part, as [`wire::frame`] reads it.
    pub frame: Vec<String>,
    /// How answers begin that turn a message away.
    #[serde(default)]
    pub refusals: Vec<String>,
}

/// What came back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Log {
    /// One part per service.
    pub services: Vec<ServiceLog>,
}

/// What one service did.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServiceLog {
    /// Where.
    pub endpoint: Endpoint,
    /// What the message is called.
    pub name: String,
    /// How answers begin that turn a message away.
    pub refusals: Vec<String>,
    /// What every answer to the good message begins with.
    pub good: Bytes,
    /// Whether a second connection could be kept beside the attacks.
    pub beside: bool,
    /// Each wrong message, in order.
    pub cases: Vec<Case>,
    /// What could not be tried.
    pub missed: Vec<(ShortfallKind, String)>,
}

/// One wrong message and what came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Case {
    /// The part that is wrong.
    pub part: String,
    /// What is wrong.
    pub violation: String,
    /// In words.
    pub shown: String,
    /// Whether nothing in the description forbids it.
    pub allowed: bool,
    /// What would show that it acted.
    pub mark: Mark,
    /// The message, whole: what [`wire::replay::python`] makes of it.
    pub sent: String,
    /// What came back.
    pub did: Did,
    /// Whether the good message was answered as at first; it is tried three times before this is false.
    pub alive: bool,
    /// Whether the connection beside it was kept, or broke for another reason.
    pub kept: bool,
}

/// What a service did with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Did {
    /// It closed or broke the connection, or said that the port is not there.
    Closed,
    /// It said nothing.
    Silent,
    /// It answered: the beginning.
    Said(Bytes),
}

/// Sends each wrong message on a connection of its own, and looks at the service after it.
pub fn gather(parameters: &Parameters, bench: &mut dyn Bench) -> Log {
    let of = parameters.services.len() as u64;
    let mut services = Vec::new();
    for service in &parameters.services {
        bench.progress(services.len() as u64, of);
        let log = ServiceLog {
            endpoint: service.endpoint,
            name: service.name.clone(),
            refusals: service.refusals.clone(),
            good: Bytes(Vec::new()),
            beside: false,
            cases: Vec::new(),
            missed: Vec::new(),
        };
        let mut visit = Visit { service, bench, log, greets: false };
        if let Err(missed) = visit.attack() {
            visit.log.missed.push(missed);
        }
        services.push(visit.log);
    }
    Log { services }
}

type Left = (ShortfallKind, String);

struct Visit<'a> {
    service: &'a Service,
    bench: &'a mut dyn Bench,
    log: ServiceLog,
    /// Whether the service speaks first.
    greets: bool,
}

/// A message to send, before it is known what becomes of it.
struct Wrong {
    part: String,
    violation: &'static str,
    shown: String,
    allowed: bool,
    mark: Mark,
    bytes: Vec<u8>,
}

impl Visit<'_> {
    fn attack(&mut self) -> Result<(), Left> {
        let frame = Frame::read(&self.service.frame).map_err(|why| (ShortfallKind::Unsupported, why))?;
        let good = frame.bytes();
        self.greets = self.speaks_first()?;
        let first = self.answer(&good)?;
        let second = self.answer(&good)?;
        let (Did::Said(first), Did::Said(second)) = (first, second) else {
            let text = "the good message is not answered: silence proves nothing".to_owned();
            return Err((ShortfallKind::Silence, text));
        };
        let alike = first.0.iter().zip(&second.0).take_while(|(one, other)| one == other).count();
        if alike == 0 {
            let text = "the good message is answered in another way each time".to_owned();
            return Err((ShortfallKind::Unreadable, text));
        }
        self.log.good = Bytes(first.0[..alike].to_vec());
        if self.is_refusal(&first.0) {
            let text = "the good message is refused itself: refusals prove nothing".to_owned();
            return Err((ShortfallKind::Missing, text));
        }
        let mut beside = self.beside(&good)?;
        self.log.beside = beside.is_some();
        for wrong in self.all(&frame) {
            let crashed = |case: &Case| (!case.alive || !case.kept) && case.violation == wrong.violation;
            if self.log.cases.iter().any(crashed) {
                // Once is proof; the same blow to another part would only bring the service down again.
                continue;
            }
            let did = self.answer(&wrong.bytes)?;
            let broke = beside.is_some_and(|link| !self.answers_on(link, &good));
            let alive = self.is_alive(&good)?;
            let kept = !broke || !alive || !self.breaks_again(&good, &wrong.bytes)?;
            self.log.cases.push(Case {
                part: wrong.part,
                violation: wrong.violation.to_owned(),
                shown: wrong.shown,
                allowed: wrong.allowed,
                mark: wrong.mark,
                sent: replay::python(&wrong.bytes),
                did,
                alive,
                kept,
            });
            if !alive {
                self.wait_for_life(&good)?;
            }
            if broke {
                beside = self.beside(&good)?;
            }
        }
        if let Some(link) = beside {
            self.bench.close(link);
        }
        Ok(())
    }

    fn is_datagram(&self) -> bool {
        self.service.endpoint.transport == Transport::Udp
    }

    fn all(&mut self, frame: &Frame) -> Vec<Wrong> {
        let most = if self.is_datagram() { OVERSIZE.1 } else { OVERSIZE.0 };
        let plain = frame.wrong(most).into_iter().map(|wrong| Wrong {
            part: wrong.part,
            violation: wrong.violation,
            shown: wrong.shown,
            allowed: wrong.allowed,
            mark: Mark::None,
            bytes: wrong.bytes,
        });
        let mut all: Vec<Wrong> = plain.collect();
        let mut random = [0; 4];
        self.bench.random(&mut random);
        let factor = |one: u8, other: u8| 4001 + u64::from(u16::from_le_bytes([one, other])) % 5000;
        let numbers = (factor(random[0], random[1]), factor(random[2], random[3]));
        for text in frame.texts() {
            for (violation, mark, value) in canaries(&text.value, numbers) {
                let bytes = frame.with_text(&text, &value);
                let shown = wire::text::visible_str(&value, 80);
                all.push(Wrong { part: text.name.clone(), violation, shown, allowed: true, mark, bytes });
            }
        }
        all
    }

    /// Whether something comes before anything was sent.
    fn speaks_first(&mut self) -> Result<bool, Left> {
        if self.is_datagram() {
            return Ok(false);
        }
        let link = self.open()?;
        let moment = self.bench.wait() / 2;
        let heard = matches!(self.bench.receive(link, KEPT, moment), Received::Data(_));
        self.bench.close(link);
        Ok(heard)
    }

    fn open(&mut self) -> Result<LinkId, Left> {
        let wait = self.bench.wait();
        let link = self.bench.connect(self.service.endpoint, wait);
        let link = link.map_err(|error| (error.shortfall(), format!("no connection: {error}")))?;
        if self.service.tls
            && let Err(error) = self.bench.secure(link, &TlsWish::named(self.service.host.as_deref()))
        {
            self.bench.close(link);
            return Err((ShortfallKind::Unreadable, format!("no TLS: {error}")));
        }
        Ok(link)
    }

    fn greeted(&mut self) -> Result<LinkId, Left> {
        let link = self.open()?;
        if self.greets {
            let wait = self.bench.wait();
            self.bench.receive(link, KEPT, wait);
        }
        Ok(link)
    }

    /// What becomes of a message on a connection of its own.
    fn answer(&mut self, bytes: &[u8]) -> Result<Did, Left> {
        let within = self.bench.wait().min(Duration::from_millis(500));
        if self.is_datagram() {
            let to = self.service.endpoint;
            let datagram = Datagram { to, payload: bytes.into(), from_any_port: false, own_port: None };
            return match self.bench.datagrams(&[datagram], within).pop() {
                Some(DatagramAnswer::Data(bytes)) => Ok(Did::Said(Bytes::bounded(&bytes.0, KEPT))),
                Some(DatagramAnswer::NotSent(error)) => Err((error.shortfall(), error.to_string())),
                Some(DatagramAnswer::Refused) => Ok(Did::Closed),
                Some(DatagramAnswer::Silence) | None => Ok(Did::Silent),
            };
        }
        let link = self.greeted()?;
        let did = self.answer_on(link, bytes, within);
        self.bench.close(link);
        Ok(did)
    }

    fn answer_on(&mut self, link: LinkId, bytes: &[u8], within: Duration) -> Did {
        // A service may close while it is still being sent to; what it said before that can be read all the same.
        self.bench.send(link, bytes).ok();
        match self.bench.receive(link, KEPT, within) {
            Received::Closed | Received::Reset => Did::Closed,
            Received::Silence => Did::Silent,
            Received::Data(bytes) => Did::Said(bytes),
        }
    }

    fn answers_on(&mut self, link: LinkId, good: &[u8]) -> bool {
        let within = self.bench.wait();
        matches!(self.answer_on(link, good, within), Did::Said(bytes) if bytes.0.starts_with(&self.log.good.0))
    }

    /// A connection that is kept while others attack; none where the service keeps none open after an answer.
    fn beside(&mut self, good: &[u8]) -> Result<Option<LinkId>, Left> {
        if self.is_datagram() {
            return Ok(None);
        }
        let link = self.greeted()?;
        if self.answers_on(link, good) && self.answers_on(link, good) {
            return Ok(Some(link));
        }
        self.bench.close(link);
        Ok(None)
    }

    /// Whether a connection that is kept breaks a second time by this message, and does not by a good one.
    fn breaks_again(&mut self, good: &[u8], wrong: &[u8]) -> Result<bool, Left> {
        let Some(link) = self.beside(good)? else { return Ok(false) };
        self.answer(good)?;
        if !self.answers_on(link, good) {
            return Ok(false);
        }
        self.answer(wrong)?;
        let broke = !self.answers_on(link, good);
        self.bench.close(link);
        Ok(broke)
    }

    fn is_alive(&mut self, good: &[u8]) -> Result<bool, Left> {
        for _ in 0..3 {
            match self.answer(good) {
                Ok(Did::Said(bytes)) if bytes.0.starts_with(&self.log.good.0) => return Ok(true),
                Err((ShortfallKind::Limit, why)) => return Err((ShortfallKind::Limit, why)),
                _ => {}
            }
            let moment = self.bench.wait() / 4;
            self.bench.pause(moment);
        }
        Ok(false)
    }

    fn wait_for_life(&mut self, good: &[u8]) -> Result<(), Left> {
        let moment = self.bench.wait();
        let back = (0..MOST_WAITS).any(|_| self.bench.pause(moment) && matches!(self.is_alive(good), Ok(true)));
        if back { Ok(()) } else { Err((ShortfallKind::Silence, "the service did not come back".to_owned())) }
    }

    fn is_refusal(&self, answer: &[u8]) -> bool {
        is_refusal(&self.log.refusals, answer)
    }
}

fn is_refusal(refusals: &[String], answer: &[u8]) -> bool {
    refusals.iter().any(|refusal| !refusal.is_empty() && answer.starts_with(refusal.as_bytes()))
}

/// Reads a log.
pub fn interpret(log: &Log) -> Reading {
    let mut reading = Reading::default();
    for service in &log.services {
        let endpoint = service.endpoint;
        for case in &service.cases {
            let (result, told_by) = judge(service, case);
            let is_harmless = matches!(result, "rejected" | "ignored");
            reading.facts.push(Fact::Input {
                endpoint,
                target: format!("{} {}", service.name, case.part),
                violation: case.violation.clone(),
                result: result.to_owned(),
                told_by: format!("{}: {told_by}", case.shown),
                reproduction: if is_harmless { String::new() } else { again(endpoint, &case.sent) },
            });
        }
        for (kind, why) in &service.missed {
            let text = format!("{} at {endpoint}: {why}", service.name);
            reading.shortfalls.push(Shortfall { kind: *kind, of: OF.into(), endpoint: Some(endpoint), text });
        }
        if !service.cases.is_empty() {
            let coverage = |of: String| Coverage {
                of,
                endpoint: Some(endpoint),
                ports: vec![(endpoint.port, endpoint.port)],
                text: format!("{} wrong messages of {} to {endpoint}", service.cases.len(), service.name),
            };
            reading.coverage.push(coverage(OF.to_owned()));
            if service.missed.is_empty() {
                reading.coverage.push(coverage(format!("{OF} {}", service.name)));
            }
        }
    }
    reading
}

/// The command that sends a message again.
fn again(endpoint: Endpoint, sent: &str) -> String {
    replay::command_for(sent, &endpoint.address.to_string(), endpoint.port, endpoint.transport == Transport::Udp)
}

fn judge(service: &ServiceLog, case: &Case) -> (&'static str, String) {
    let answer: &[u8] = match &case.did {
        Did::Said(bytes) => &bytes.0,
        _ => b"",
    };
    let told = match &case.did {
        Did::Closed => "the connection was closed".to_owned(),
        Did::Silent => "nothing is said to it".to_owned(),
        Did::Said(bytes) => format!("the answer is {}", wire::text::visible(&bytes.0, 80)),
    };
    if !case.alive {
        return ("crash", format!("{told}; after it the good message was not answered as before, three times"));
    }
    if !case.kept {
        return (
            "crash",
            format!("{told}; a connection beside it broke, twice, and by a good message it does not"),
        );
    }
    let text = String::from_utf8_lossy(answer);
    let effect = match &case.mark {
        Mark::Number(number) => text.contains(number.as_str()),
        Mark::Accounts => text.contains("root:x:0:0:"),
        _ => false,
    };
    if effect {
        return ("effect", format!("{told}; it acted"));
    }
    if let Some(inside) = in_text(&text, &Known::new()).into_iter().find(|one| one.kind == "internals") {
        return ("error", format!("{told}; it shows internals: {}", inside.excerpt));
    }
    match &case.did {
        Did::Closed => ("rejected", told),
        Did::Silent => ("ignored", format!("{told}, and the service lives")),
        Did::Said(bytes) if is_refusal(&service.refusals, &bytes.0) => ("rejected", told),
        Did::Said(_) if case.allowed => ("ignored", format!("{told}; nothing of it is seen to take effect")),
        Did::Said(bytes) if bytes.0.starts_with(&service.good.0) => {
            ("accepted", format!("{told}; it is answered as the good message, and the description forbids it"))
        }
        Did::Said(_) => ("unclear", format!("{told}; the description does not say that refusals begin so")),
    }
}

#[cfg(test)]
mod tests;
