//! From connections to what the client did: the worst of each check, and what was not decided.

use model::{
    CertificateFacts, ClientCertificate, ClientCheck, ClientDid, Coverage, Digest, Endpoint, Fact, Reading,
    Shortfall, ShortfallKind, private,
};
use wire::tls::{RecordReader, content_type};

use super::series::Shown;
use super::visit::{Came, Visit};
use super::{Log, Service};
use crate::tls::certificate;
use crate::{Bytes, Relayed};

/// What is covered and fallen short of.
const CHECKS: &str = "client-checks";
/// The product's way back to its service.
const RETURN: &str = "client-return";
/// Milliseconds after a refusal within which a connection in clear is its consequence.
const CONSEQUENCE: u64 = 15_000;
/// Certificates of a client that are told.
const MOST_CERTIFICATES: usize = 4;
/// Characters of application data that are told.
const EXCERPT: usize = 120;
/// An encrypted alert of TLS 1.3 is not longer.
const ENCRYPTED_ALERT: usize = 24;

pub(super) fn read(log: &Log) -> Reading {
    let mut reading = Reading::default();
    let short = |kind, of: &str, endpoint: Endpoint, text: String| Shortfall {
        kind,
        of: of.to_owned(),
        endpoint: Some(endpoint),
        text,
    };
    for service in &log.services {
        if let Err(error) = &log.opened {
            let text = format!("the bench cannot stand in at {}: {error}", log.listen);
            reading.shortfalls.push(short(ShortfallKind::Missing, CHECKS, service.endpoint, text));
            continue;
        }
        of_service(log, service, &mut reading);
    }
    for (port, relayed) in &log.returned {
        let Some(service) = log.services.iter().find(|s| s.endpoint.port == *port) else { continue };
        let at = service.endpoint;
        match relayed {
            Some(relayed) if is_back(relayed) => reading.coverage.push(Coverage {
                of: RETURN.to_owned(),
                endpoint: Some(at),
                ports: Vec::new(),
                text: format!("the product finished a handshake with its real service at {at} again"),
            }),
            other => {
                let why = match other.as_ref().map(|relayed| relayed.not_connected) {
                    None => "it did not come again in time".to_owned(),
                    Some(Some(error)) => format!("the bench cannot reach the real service: {error}"),
                    Some(None) => "it came, and finished no handshake".to_owned(),
                };
                let text =
                    format!("that the product works with its real service at {at} again was not seen: {why}");
                reading.shortfalls.push(short(ShortfallKind::NotRestored, RETURN, at, text));
            }
        }
    }
    reading
}

fn of_service(log: &Log, service: &Service, reading: &mut Reading) {
    let at = service.endpoint;
    let mut short = |kind, text: String| {
        reading.shortfalls.push(Shortfall { kind, of: CHECKS.to_owned(), endpoint: Some(at), text });
    };
    let here: Vec<&Visit> = log.visits.iter().filter(|visit| visit.port == at.port).collect();
    let in_clear = clear_visits(log, at.port);
    if !here.iter().any(|visit| visit.offered()) && in_clear.is_empty() {
        let seconds = log.millis / 1000;
        let asked = log.stood.names.iter().find(|(name, ..)| name.trim_end_matches('.') == service.host);
        let name = match asked {
            Some((_, times, _)) => format!("it asked for the name {times} times"),
            None => "it did not ask the bench for the name".to_owned(),
        };
        short(
            ShortfallKind::Silence,
            format!("the product did not come to {} in {seconds} s; {name}", meant(service)),
        );
        return;
    }
    let (mut facts, mut unsettled, mut unseen) = (Vec::new(), Vec::new(), Vec::new());
    for shown in Shown::ALL {
        let mut of_this: Vec<&Visit> =
            here.iter().copied().filter(|visit| visit.shown.as_deref() == Some(shown.as_str())).collect();
        if shown == Shown::Plain {
            of_this.extend(&in_clear);
        }
        match check(log, service, shown, &of_this) {
            Ok(Some(fact)) => facts.push(fact),
            Ok(None) if shown == Shown::Revoked => {}
            Ok(None) => unseen.push(shown),
            Err(why) => unsettled.push((shown, why)),
        }
    }
    let told: Vec<String> = facts.iter().map(|fact| format!("{} {}", fact.shown, fact.connections)).collect();
    let lacking: Vec<&str> =
        unseen.iter().filter(|s| s.needs_authority() && log.no_authority.is_some()).map(|s| s.as_str()).collect();
    if let Some(why) = log.no_authority.as_ref().filter(|_| !lacking.is_empty()) {
        short(ShortfallKind::Missing, format!("not shown to {}: {}; {why}", meant(service), lacking.join(", ")));
    }
    for shown in unseen.iter().filter(|s| !lacking.contains(&s.as_str())) {
        let prepared = log.left_out.iter().find(|(port, word, _)| *port == at.port && word == shown.as_str());
        let (kind, why) = match prepared {
            Some((_, _, why)) => (ShortfallKind::Missing, why.clone()),
            None => (ShortfallKind::Limit, "the product did not come often enough in the time".to_owned()),
        };
        short(kind, format!("{shown} not shown to {}: {why}", meant(service), shown = shown.as_str()));
    }
    for (shown, why) in unsettled {
        short(ShortfallKind::Unreadable, format!("{} at {}: {why}", shown.as_str(), meant(service)));
    }
    reading.coverage.push(Coverage {
        of: CHECKS.to_owned(),
        endpoint: Some(at),
        ports: Vec::new(),
        text: format!(
            "shown in the place of {}, with the number of connections: {}",
            meant(service),
            told.join(", ")
        ),
    });
    reading.facts.extend(facts.into_iter().map(Fact::ClientCheck));
    reading.facts.extend(own_certificate(service, &here).map(Fact::ClientCertificate));
}

/// The word in the log for a chain whose leaf has an RSA key.
pub(super) fn with_rsa(shown: &str) -> String {
    format!("{shown} with RSA")
}

/// Whether the client showed a certificate of its own; none where it was never asked.
fn own_certificate(service: &Service, visits: &[&Visit]) -> Option<ClientCertificate> {
    let asked: Vec<&Vec<Bytes>> = visits.iter().filter_map(|visit| visit.client.as_ref()).collect();
    let shown: Vec<&Bytes> = asked.iter().filter_map(|chain| chain.first()).collect();
    let mut certificates: Vec<CertificateFacts> = Vec::new();
    for facts in shown.iter().filter_map(|der| certificate::facts(service.endpoint, 0, &der.0)) {
        if certificates.len() < MOST_CERTIFICATES && !certificates.contains(&facts) {
            certificates.push(facts);
        }
    }
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    (!asked.is_empty()).then(|| ClientCertificate {
        endpoint: service.endpoint,
        asked: count(asked.len()),
        presented: count(shown.len()),
        certificates,
    })
}

fn meant(service: &Service) -> String {
    format!("{}:{}", service.host, service.endpoint.port)
}

/// Connections in clear that followed a refusal of TLS at this port; others may belong to something else.
fn clear_visits(log: &Log, port: u16) -> Vec<&Visit> {
    let beside = |visit: &&Visit| {
        visit.port == port || log.clear.iter().any(|(tls, clear)| *tls == port && *clear == visit.port)
    };
    let refused_before = |visit: &Visit| {
        log.visits.iter().any(|other| {
            other.port == port && other.offered() && other.at <= visit.at && visit.at - other.at <= CONSEQUENCE
        })
    };
    let clear = log.visits.iter().filter(|visit| visit.came == Came::InClear && !visit.data.0.is_empty());
    clear.filter(beside).filter(|visit| refused_before(visit)).collect()
}

/// What a client did with one check; none where it was never shown, an error where nothing was decided.
fn check(log: &Log, service: &Service, shown: Shown, visits: &[&Visit]) -> Result<Option<ClientCheck>, String> {
    if visits.is_empty() {
        return Ok(None);
    }
    let trusted = log.no_authority.is_none() && (shown.needs_authority() || matches!(shown, Shown::Old(_)));
    let judged: Vec<(&Visit, Told)> =
        visits.iter().map(|visit| (*visit, did(shown, trusted, &visit.came))).collect();
    let decided = judged.iter().filter_map(|(visit, told)| Some((*visit, told.as_ref().ok()?)));
    // The first of the worst is told.
    let worst = decided.clone().reduce(|worst, next| if next.1.0 > worst.1.0 { next } else { worst });
    let Some((visit, (worst, text))) = worst else {
        let why = judged.into_iter().find_map(|(_, told)| told.err());
        return Err(why.unwrap_or_else(|| "nothing was decided".to_owned()));
    };
    let alike = decided.filter(|(_, (did, _))| did == worst).count();
    let word = match visit.offer.as_ref().is_some_and(|offer| offer.only_rsa) && !matches!(shown, Shown::Old(_)) {
        true => with_rsa(shown.as_str()),
        false => shown.as_str().to_owned(),
    };
    let chain = log.chains.iter().find(|(port, kept, _)| *port == service.endpoint.port && *kept == word);
    let excerpt: String = wire::text::visible_str(&visit.data.text(), EXCERPT);
    Ok(Some(ClientCheck {
        endpoint: service.endpoint,
        shown: shown.as_str().to_owned(),
        trusted,
        did: *worst,
        connections: u32::try_from(visits.len()).unwrap_or(u32::MAX),
        asked_for: visits.iter().find_map(|visit| visit.offer.as_ref()?.server_name.clone()),
        excerpt: if excerpt.is_empty() { excerpt } else { private("excerpt", &excerpt) },
        octets: visits.iter().map(|visit| visit.octets).sum(),
        told_by: format!("{text} ({alike} of {})", visits.len()),
        chain: chain
            .map(|(_, _, chain)| Digest::of(&chain.iter().flat_map(|der| der.0.clone()).collect::<Vec<u8>>())),
    }))
}

/// Alerts that speak of the certificate. Whoever sends one has read on behind the version, and might still have refused
/// what is signed in it: whether it would have gone on is not shown.
const OF_THE_CERTIFICATE: [&str; 6] = [
    "bad_certificate",
    "unsupported_certificate",
    "certificate_revoked",
    "certificate_expired",
    "certificate_unknown",
    "unknown_ca",
];
/// Alerts behind the key exchange: whoever sends one has taken the version.
const AFTER_THE_VERSION: [&str; 2] = ["decrypt_error", "bad_record_mac"];

/// What one connection came to, or why that was not decided.
type Told = Result<(ClientDid, String), String>;

fn did(shown: Shown, trusted: bool, came: &Came) -> Told {
    let old = matches!(shown, Shown::Old(_));
    Ok(match came {
        Came::Alerted(alert) if old && OF_THE_CERTIFICATE.contains(&alert.as_str()) => {
            return Err(format!(
                "it ended with the alert {alert}: because of the certificate, not of the version"
            ));
        }
        Came::Alerted(alert) if old && AFTER_THE_VERSION.contains(&alert.as_str()) => {
            (ClientDid::Agreed, format!("it took the version and ended with the alert {alert}"))
        }
        Came::Alerted(alert) => (ClientDid::Refused, format!("it ended the handshake with the alert {alert}")),
        Came::Closed if old && !trusted => {
            return Err("it closed without an alert: because of the version or of the certificate".to_owned());
        }
        Came::Closed if shown == Shown::Plain => (ClientDid::Refused, "it sent nothing in clear".to_owned()),
        Came::Closed => (ClientDid::Refused, "it closed during the handshake".to_owned()),
        Came::Silent => (ClientDid::Waited, "it neither went on nor closed".to_owned()),
        Came::WentOn => (ClientDid::Agreed, "it went on with its key exchange".to_owned()),
        Came::Sent => (ClientDid::Sent, "it sent application data after the handshake".to_owned()),
        Came::ClosedAfter => (ClientDid::Refused, "it closed after the handshake and sent nothing".to_owned()),
        Came::SilentAfter => (ClientDid::Waited, "it finished the handshake and sent nothing".to_owned()),
        Came::WentOnInClear => {
            (ClientDid::SentInClear, "it went on in clear where TLS was answered in clear".to_owned())
        }
        Came::InClear => (ClientDid::SentInClear, "it came again in clear after TLS failed".to_owned()),
        Came::NotShown(why) => return Err(why.clone()),
        Came::Wordless => return Err("it said nothing".to_owned()),
        Came::Unreadable => return Err("what it sent cannot be read".to_owned()),
    })
}

/// Whether a client finished its part of a handshake with the real service.
pub(super) fn is_back(relayed: &Relayed) -> bool {
    let mut reader = RecordReader::default();
    reader.feed(&relayed.up.0);
    let mut changed = false;
    while let Ok(Some(record)) = reader.next_record() {
        match record.content_type {
            content_type::CHANGE_CIPHER_SPEC => changed = true,
            // TLS 1.3: everything encrypted; a refusal is a short alert.
            content_type::APPLICATION_DATA if record.payload.len() > ENCRYPTED_ALERT => return true,
            // TLS 1.2: Finished, the first encrypted message. A second ClientHello of TLS 1.3 is readable.
            content_type::HANDSHAKE if changed && !record.payload.starts_with(&[1, 0]) => return true,
            _ => {}
        }
    }
    false
}
