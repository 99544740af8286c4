//! Turns a certificate into the facts that a rule can judge.

use model::{CertificateFacts, Digest, Endpoint, Timestamp};
use wire::tls::certificate::{AlternativeName, read};

/// The facts of one certificate of a chain; none when the bytes are no certificate.
pub(crate) fn facts(endpoint: Endpoint, index: u16, der: &[u8]) -> Option<CertificateFacts> {
    let certificate = read(der).ok()?;
    let key = match (certificate.key_algorithm.as_str(), &certificate.curve) {
        ("EC", Some(curve)) => format!("ec {curve}"),
        (other, _) => other.to_lowercase(),
    };
    let names = certificate.alternative_names.iter().take(50).map(|name| match name {
        AlternativeName::Dns(name) | AlternativeName::Other(name) => bounded(name),
        AlternativeName::Address(address) => address.to_string(),
    });
    Some(CertificateFacts {
        endpoint,
        index,
        fingerprint: Digest::of(der),
        subject: bounded(&certificate.subject),
        issuer: bounded(&certificate.issuer),
        names: names.collect(),
        not_before: Timestamp::from_seconds(certificate.not_before),
        not_after: Timestamp::from_seconds(certificate.not_after),
        key,
        key_bits: u32::try_from(certificate.key_bits).unwrap_or(u32::MAX),
        signature: bounded(&certificate.signature_algorithm),
        self_issued: certificate.self_issued,
        authority: certificate.is_ca,
    })
}

fn bounded(text: &str) -> String {
    text.chars().take(300).collect()
}
