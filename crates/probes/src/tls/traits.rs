//! Reads what answers show beside the choice: signatures, compression, renegotiation, resumption, downgrade signals.
//!
//! Signals, and what became of a session that was taken up again. No heartbeat and no early data is sent.

use std::collections::BTreeSet;

use model::{Coverage, Endpoint, Fact, Reading, Shortfall, TlsVersion};
use wire::tls::{extension, signature_scheme_name};

use super::hello::{Answer, Extra, Signs};
use super::server_offer::{Again, Purpose, Tried, described, is_confirmed, kind};

const OF: &str = "tls-traits";
/// inappropriate_fallback (RFC 7507).
const INAPPROPRIATE: u8 = 86;

/// The traits of one endpoint, from all its attempts.
pub(super) fn read(endpoint: Endpoint, all: &[&Tried], reading: &mut Reading) {
    signatures(endpoint, all, reading);
    let asked: Vec<&Tried> = all.iter().copied().filter(|tried| tried.purpose == Purpose::Traits).collect();
    let speaks13 = |tried: &&Tried| tried.offer.version == TlsVersion::Tls13 && tried.choice().is_some();
    let newer = all.iter().any(speaks13);
    for tried in &asked {
        let version = tried.offer.version;
        // A server that closes each time in place of the alert, and takes the same without the signal, noticed.
        let closed = tried.offer.extras.contains(&Extra::Fallback) && tried.answer == Answer::Closed;
        let found = match closed && is_confirmed(tried, all) {
            true => vec![("fallback-signal", "honoured")],
            false => traits(tried, newer),
        };
        if found.is_empty() && !tried.offer.extras.contains(&Extra::Fallback) {
            let text = format!("{endpoint}: {version}: what else it shows: {}", described(&tried.answer));
            let kind = kind(&tried.answer);
            reading.shortfalls.push(Shortfall { kind, of: OF.into(), endpoint: Some(endpoint), text });
        }
        for (name, value) in found {
            let (name, value) = (name.to_owned(), value.to_owned());
            let fact = Fact::TlsTrait { endpoint, version, name, value };
            if !reading.facts.contains(&fact) {
                reading.facts.push(fact);
            }
        }
    }
    if !asked.is_empty() {
        let text = format!("compression, renegotiation, resumption and downgrade signals at {endpoint}");
        reading.coverage.push(Coverage { of: OF.into(), endpoint: Some(endpoint), ports: Vec::new(), text });
    }
}

/// What a second handshake with the session of a first shows.
pub(super) fn of_session(endpoint: Endpoint, again: &Again) -> Vec<Fact> {
    let version = again.version;
    let fact = |name: &str, value: &str| {
        let (name, value) = (name.to_owned(), value.to_owned());
        Fact::TlsTrait { endpoint, version, name, value }
    };
    let mut found = vec![fact("resumption", if again.resumed { "taken" } else { "refused" })];
    if version == TlsVersion::Tls13 {
        found.push(match again.early_data {
            Some(true) => fact("early-data", "accepted"),
            Some(false) => fact("early-data", "offered"),
            None => fact("early-data", "none"),
        });
    }
    found
}

fn signatures(endpoint: Endpoint, all: &[&Tried], reading: &mut Reading) {
    let mut seen: BTreeSet<(TlsVersion, u16)> = BTreeSet::new();
    for tried in all.iter().filter(|tried| tried.purpose == Purpose::Signatures) {
        let Some(signs) = signs(tried) else { continue };
        let scheme = match tried.offer.version {
            // The server goes on with the one scheme that it was offered, or does not.
            TlsVersion::Tls13 if signs.retry => None,
            TlsVersion::Tls13 => tried.offer.signatures.first().copied(),
            _ => signs.signature,
        };
        seen.extend(scheme.map(|scheme| (tried.offer.version, scheme)));
    }
    for (version, scheme) in seen {
        let value = signature_scheme_name(scheme).map_or_else(|| format!("0x{scheme:04x}"), str::to_owned);
        reading.facts.push(Fact::TlsTrait { endpoint, version, name: "signature".to_owned(), value });
    }
}

fn signs(tried: &Tried) -> Option<&Signs> {
    tried.choice()?.signs.as_ref()
}

/// What one attempt shows; nothing where it does not settle what it asked.
fn traits(tried: &Tried, newer: bool) -> Vec<(&'static str, &'static str)> {
    let extras = &tried.offer.extras;
    if extras.contains(&Extra::Fallback) {
        return match (&tried.answer, signs(tried)) {
            (Answer::Alert(INAPPROPRIATE), _) => vec![("fallback-signal", "honoured")],
            (_, Some(_)) => vec![("fallback-signal", "ignored")],
            _ => Vec::new(),
        };
    }
    let Some(signs) = signs(tried) else { return Vec::new() };
    if extras.contains(&Extra::Compression) {
        let value = match signs.compression {
            0 => "none",
            1 => "deflate",
            _ => "unknown",
        };
        return vec![("compression", value)];
    }
    let has = |number: u16| signs.extensions.contains(&number);
    let whether = |is: bool, yes: &'static str, no: &'static str| if is { yes } else { no };
    let mac = whether(has(extension::ENCRYPT_THEN_MAC), "supported", "missing");
    let blocks = tried.choice().and_then(|choice| wire::tls::suites::CipherSuite::of(choice.suite));
    let blocks = blocks.is_some_and(|suite| suite.cipher.contains("CBC"));
    let mut found = Vec::new();
    if blocks && tried.offer.version > TlsVersion::Ssl3 {
        found.push(("encrypt-then-mac", mac));
    }
    if extras.len() == 1 || tried.offer.version <= TlsVersion::Ssl3 {
        if found.is_empty() {
            found.push(("session-id", whether(signs.session_id, "given", "none")));
        }
        return found;
    }
    found.extend([
        ("secure-renegotiation", whether(has(extension::RENEGOTIATION_INFO), "supported", "missing")),
        ("extended-master-secret", whether(has(extension::EXTENDED_MASTER_SECRET), "supported", "missing")),
        ("session-ticket", whether(has(extension::SESSION_TICKET), "offered", "none")),
        ("session-id", whether(signs.session_id, "given", "none")),
        ("heartbeat", whether(has(extension::HEARTBEAT), "offered", "none")),
        ("ocsp-staple", whether(signs.stapled, "present", "none")),
    ]);
    if newer {
        found.push(("downgrade-sentinel", whether(signs.sentinel, "present", "missing")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::hello::{Choice, Offer};
    use super::*;

    fn tried(version: TlsVersion, extras: &[Extra], answer: Answer) -> Tried {
        let endpoint = Endpoint::tcp("192.0.2.7".parse().unwrap(), 443);
        let (suites, extras) = (vec![0xc02f], extras.to_vec());
        let offer = Offer { version, suites, groups: vec![], shares: false, extras, signatures: vec![] };
        Tried { endpoint, purpose: Purpose::Traits, offer, answer }
    }

    fn chose(version: TlsVersion, signs: Signs) -> Answer {
        let signs = Some(signs);
        Answer::Chosen(Choice { version, suite: 0xc02f, group: None, group_id: None, chain: vec![], signs })
    }

    const MANY: [Extra; 4] = [Extra::Ticket, Extra::Staple, Extra::Heartbeat, Extra::EncryptThenMac];

    #[test]
    fn the_answer_shows_what_is_there_and_what_is_missing() {
        use TlsVersion::Tls12;
        let signs = Signs { extensions: vec![extension::RENEGOTIATION_INFO, 15], ..Signs::default() };
        let found = traits(&tried(Tls12, &MANY, chose(Tls12, signs)), true);
        for expected in [
            ("secure-renegotiation", "supported"),
            ("extended-master-secret", "missing"),
            ("heartbeat", "offered"),
            ("ocsp-staple", "none"),
            ("downgrade-sentinel", "missing"),
        ] {
            assert!(found.contains(&expected), "{expected:?} in {found:?}");
        }
        let deflate = Signs { compression: 1, ..Signs::default() };
        let asked = tried(Tls12, &[Extra::Compression], chose(Tls12, deflate));
        assert_eq!(traits(&asked, true), [("compression", "deflate")]);
    }

    #[test]
    fn only_the_alert_for_it_honours_a_fallback_and_silence_settles_nothing() {
        use TlsVersion::Tls11;
        let fallback = |answer| traits(&tried(Tls11, &[Extra::Fallback], answer), true);
        assert_eq!(fallback(Answer::Alert(86)), [("fallback-signal", "honoured")]);
        assert_eq!(fallback(chose(Tls11, Signs::default())), [("fallback-signal", "ignored")]);
        assert!(fallback(Answer::Alert(40)).is_empty() && fallback(Answer::Silence).is_empty());
    }

    #[test]
    fn what_was_asked_and_not_answered_is_a_shortfall() {
        let asked = tried(TlsVersion::Tls12, &[Extra::Compression], Answer::Silence);
        let mut reading = Reading::default();
        read(asked.endpoint, &[&asked], &mut reading);
        assert!(reading.facts.is_empty());
        assert_eq!(reading.shortfalls[0].of, "tls-traits");
    }
}
