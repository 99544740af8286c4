//! What speaks at each open TCP port, whether inside TLS, and whether it asks for a credential.
//!
//! Recognition by what a service says, not by its port number. It tries no credential.

mod rounds;

use std::net::IpAddr;

use model::{
    Access, AuthScheme, Coverage, Credential, Endpoint, Fact, Reading, ServiceFacts, Shortfall, ShortfallKind,
    Touches, private,
};
use serde::{Deserialize, Serialize};
use wire::mqtt;
use wire::service::{Identified, PROBES, ProbeKind, identify};
use wire::text::visible;

use super::dialogue::{Dialogue, Tried};
use crate::giveaway::{Giveaway, Known, in_text};
use crate::{Asked, Bench, Card, Need, TlsWish};

/// The card.
pub const CARD: Card = Card {
    id: "net.services",
    revision: 6,
    asks: "What speaks at each open TCP port, and does it ask for a credential?",
    yields: &["service", "auth-prompt", "disclosure", "ssh-offer", "ssh-host-key", "ssh-group", "access"],
    touches: Touches::Active,
    needs: &[Need::IpReach, Need::Endpoints],
};

const OF: &str = "services";
const GREETING: &str = "greeting";
const BANNER: usize = 200;

/// Where to look.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Parameters {
    /// The address.
    pub address: IpAddr,
    /// Open TCP ports.
    pub ports: Vec<u16>,
    /// Host name for TLS, if the target has one.
    #[serde(default)]
    pub host: Option<String>,
    /// Values of this very unit, to recognise them.
    #[serde(default)]
    pub known: Known,
}

/// Questions, answers and talks, in order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Log {
    /// What was to be looked at.
    pub parameters: Parameters,
    /// Questions and answers.
    pub questions: Vec<Question>,
    /// Talks with services that were recognised.
    pub dialogues: Vec<Dialogue>,
}

/// One question and its answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Question {
    /// To which port.
    pub port: u16,
    /// Which: `greeting` only listened, `tls` only shook hands, the rest are names of `wire::service`.
    pub name: String,
    /// Whether inside TLS.
    pub tls: bool,
    /// What came back.
    pub asked: Asked,
}

impl Question {
    fn identified(&self) -> Option<Identified> {
        let kind =
            PROBES.iter().find(|probe| probe.name == self.name).map_or(ProbeKind::Greeting, |probe| probe.kind);
        identify(&self.asked.said.0, kind)
    }

    fn is_http(&self) -> bool {
        self.name == "http-get"
    }
}

/// Asks each port until it is recognised, side by side, then talks with those that have more to say.
pub fn gather(parameters: &Parameters, bench: &mut dyn Bench) -> Log {
    let wish = TlsWish::named(parameters.host.as_deref());
    let questions = rounds::ask(parameters, &wish, bench);
    let mut dialogues = Vec::new();
    for &port in &parameters.ports {
        let here: Vec<&Question> = questions.iter().filter(|question| question.port == port).collect();
        if let Some((question, identified)) = spokesman(&here) {
            let tls = question.tls.then_some(&wish);
            let endpoint = Endpoint::tcp(parameters.address, port);
            dialogues.extend(super::dialogue::talk(bench, endpoint, tls, identified.protocol));
        }
    }
    Log { parameters: parameters.clone(), questions, dialogues }
}

/// The answer by which a port is recognised: inside TLS where there is TLS.
fn spokesman<'a>(here: &[&'a Question]) -> Option<(&'a Question, Identified)> {
    let inside = has_tls(here);
    here.iter()
        .filter(|question| question.tls == inside && question.name != "tls")
        .find_map(|question| Some((*question, question.identified().filter(|one| one.protocol != "tls")?)))
}

fn has_tls(here: &[&Question]) -> bool {
    here.iter().any(|question| matches!(question.asked.tls, Some(Ok(_))))
}

/// Reads a log.
pub fn interpret(log: &Log) -> Reading {
    let mut reading = Reading::default();
    for &port in &log.parameters.ports {
        let here: Vec<&Question> = log.questions.iter().filter(|question| question.port == port).collect();
        let dialogue = log.dialogues.iter().find(|dialogue| dialogue.endpoint.port == port);
        read_port(
            Endpoint::tcp(log.parameters.address, port),
            &here,
            dialogue,
            &log.parameters.known,
            &mut reading,
        );
    }
    reading
}

fn read_port(
    endpoint: Endpoint,
    here: &[&Question],
    dialogue: Option<&Dialogue>,
    known: &Known,
    reading: &mut Reading,
) {
    let shortfall = |kind, text: String| Shortfall { kind, of: OF.into(), endpoint: Some(endpoint), text };
    if here.iter().all(|question| question.asked.not_connected.is_some()) {
        let error = here.iter().find_map(|question| question.asked.not_connected);
        let kind = error.map_or(ShortfallKind::Limit, crate::ConnectError::shortfall);
        let why = error.map_or("nothing was asked".to_owned(), |error| error.to_string());
        reading.shortfalls.push(shortfall(kind, format!("{endpoint}: no connection: {why}")));
        return;
    }
    let tls = has_tls(here);
    let found = spokesman(here);
    let identified = found.as_ref().map(|(_, identified)| identified);
    let speaker = found.as_ref().map(|(question, _)| *question);
    let loudest = here.iter().filter(|one| one.tls == tls).max_by_key(|one| one.asked.said.0.len()).copied();
    let text = match dialogue.filter(|dialogue| !dialogue.text.0.is_empty()) {
        Some(dialogue) => dialogue.text.clone(),
        None => speaker.or(loudest).map(|one| one.asked.said.clone()).unwrap_or_default(),
    };
    let only_tls = here.iter().any(|one| one.identified().is_some_and(|one| one.protocol == "tls"))
        || here.iter().any(|one| matches!(one.asked.tls, Some(Err(crate::SecureError::Refused(_)))));
    let protocol = identified.map_or("unknown", |one| one.protocol).to_owned();
    let told = format!("{endpoint} speaks {protocol}{}", if tls { " inside TLS" } else { "" });
    reading.facts.push(Fact::Service(ServiceFacts {
        endpoint,
        protocol,
        tls: tls || (only_tls && identified.is_none()),
        product: identified.and_then(|one| one.product.clone()),
        version: identified.and_then(|one| one.version.clone()),
        banner: match dialogue.is_some_and(|one| one.protocol == "mqtt" && !one.text.0.is_empty()) {
            // What passes by a broker is its users'.
            true => private("excerpt", &visible(&text.0, BANNER)),
            false => banner(&text.0, speaker.is_some_and(Question::is_http)),
        },
    }));
    let ports = vec![(endpoint.port, endpoint.port)];
    reading.coverage.push(Coverage { of: OF.into(), endpoint: Some(endpoint), ports, text: told });
    if identified.is_none() {
        let why = match (only_tls && !tls, text.0.is_empty()) {
            (true, _) => "speaks TLS, but refuses the versions 1.2 and 1.3 that this client speaks",
            (_, true) => "accepts connections and answers none of the known questions",
            (_, false) => "answers in no known protocol",
        };
        reading.shortfalls.push(shortfall(ShortfallKind::Unsupported, format!("{endpoint}: {why}")));
    }
    read_prompts(endpoint, here, speaker, dialogue, reading);
    read_giveaways(endpoint, identified, &text.text(), speaker.is_some_and(Question::is_http), known, reading);
    for Tried { function, granted, told_by } in dialogue.map(|one| one.tried.clone()).unwrap_or_default() {
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
    if let Some(dialogue) = dialogue.filter(|dialogue| !dialogue.offers.is_empty()) {
        reading.facts.push(Fact::SshOffer { endpoint, lists: dialogue.offers.clone() });
    }
    super::dialogue::read_groups(endpoint, dialogue.map_or(&[], |dialogue| &dialogue.groups), reading);
    for (algorithm, bits, fingerprint) in dialogue.iter().flat_map(|dialogue| &dialogue.host_keys) {
        let (algorithm, fingerprint) = (visible(algorithm.as_bytes(), 60), fingerprint.clone());
        reading.facts.push(Fact::SshHostKey { endpoint, algorithm, bits: *bits, fingerprint });
    }
}

/// What was said first. Of a web server's answer the head is for everybody, and what follows it is private.
fn banner(bytes: &[u8], is_http: bool) -> String {
    const HEAD_ENDS: &str = "\\r\\n\\r\\n";
    let text = visible(spoken(bytes), BANNER);
    match text.split_once(HEAD_ENDS).filter(|(_, body)| is_http && !body.is_empty()) {
        Some((head, body)) => format!("{head}{HEAD_ENDS}{}", private("excerpt", body)),
        None => text,
    }
}

/// The bytes up to the first packet of a binary protocol behind a line of text, as SSH sends them together.
fn spoken(bytes: &[u8]) -> &[u8] {
    match bytes.iter().position(|byte| *byte == 0) {
        Some(end) if bytes[..end].ends_with(b"\n") => &bytes[..end],
        _ => bytes,
    }
}

fn read_prompts(
    endpoint: Endpoint,
    here: &[&Question],
    speaker: Option<&Question>,
    dialogue: Option<&Dialogue>,
    reading: &mut Reading,
) {
    let mut prompts: Vec<(AuthScheme, Option<String>, String)> = Vec::new();
    for scheme in dialogue.map(|dialogue| dialogue.asks.as_slice()).unwrap_or_default() {
        prompts.push((*scheme, None, String::new()));
    }
    if here.iter().any(|one| matches!(&one.asked.tls, Some(Ok(session)) if session.asks_client_certificate)) {
        prompts.push((AuthScheme::TlsClientCertificate, None, String::new()));
    }
    if let Some(speaker) = speaker {
        if speaker.is_http()
            && let Some(response) = crate::http::prompts::read(&speaker.asked.said.0)
        {
            let asked = crate::http::prompts::prompts(&response).into_iter();
            prompts.extend(asked.map(|(scheme, prompt)| (scheme, Some("/".to_owned()), prompt)));
        }
        if speaker.name == "mqtt-connect"
            && let Ok(Some((mqtt::Packet::ConnAck { code, .. }, _))) =
                mqtt::read(&speaker.asked.said.0, mqtt::Version::V311)
            && matches!(code, 4 | 5)
        {
            let prompt = mqtt::connect_code_name(code).unwrap_or_default().to_owned();
            prompts.push((AuthScheme::Mqtt, None, prompt));
        }
    }
    for (scheme, path, prompt) in prompts {
        reading.facts.push(Fact::AuthPrompt { endpoint, scheme, path, prompt });
    }
}

fn read_giveaways(
    endpoint: Endpoint,
    identified: Option<&Identified>,
    text: &str,
    is_page: bool,
    known: &Known,
    reading: &mut Reading,
) {
    let mut found: Vec<(String, Giveaway)> = Vec::new();
    let own = |kind: &str, value: &Option<String>| {
        value.as_ref().map(|value| ("banner".to_owned(), Giveaway::new(kind, value)))
    };
    if let Some(identified) = identified {
        found.extend(own("product", &identified.product));
        found.extend(own("version", &identified.version));
    }
    let is_broker = identified.is_some_and(|one| one.protocol == "mqtt");
    let source = match (is_page, is_broker) {
        (true, _) => "/",
        (false, true) => "topics",
        (false, false) => "banner",
    };
    let passing = text.lines().find(|line| is_broker && line.contains('=') && !line.starts_with("$SYS"));
    found.extend(passing.map(|line| (source.to_owned(), Giveaway::of_content("state", line))));
    let body = if is_page { text.split_once("\r\n\r\n").map_or("", |(_, body)| body) } else { text };
    found.extend(in_text(body, known).into_iter().map(|one| (source.to_owned(), one)));
    for (source, Giveaway { kind, excerpt }) in found {
        reading.facts.push(Fact::Disclosure { endpoint, kind, source, excerpt });
    }
}

#[cfg(test)]
mod tests;
