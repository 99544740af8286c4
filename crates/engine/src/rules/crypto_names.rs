//! Whether a certificate is for the name by which clients come to its server.

use std::net::IpAddr;

use model::{CertificateFacts, TlsVersion};

/// Whether the certificate names this host or the address it was presented at: alternative names first, the common name
/// only where no DNS name stands beside it (RFC 6125, 6.4.4); one wildcard as the whole first label.
pub(super) fn is_for(certificate: &CertificateFacts, host: &str) -> bool {
    let address = certificate.endpoint.address.to_string();
    let names = || certificate.names.iter().map(String::as_str);
    if names().any(|name| name == address || name_matches(name, host)) {
        return true;
    }
    let is_dns = |name: &str| name.parse::<IpAddr>().is_err() && !name.contains(':');
    let common = certificate.subject.split(", ").find_map(|part| part.strip_prefix("CN="));
    !names().any(is_dns) && common.is_some_and(|name| name == address || name_matches(name, host))
}

fn name_matches(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.trim_end_matches('.'), host.trim_end_matches('.'));
    match pattern.strip_prefix("*.") {
        Some(suffix) => host.split_once('.').is_some_and(|(first, rest)| {
            !first.is_empty() && suffix.contains('.') && rest.eq_ignore_ascii_case(suffix)
        }),
        None => pattern.eq_ignore_ascii_case(host),
    }
}

/// Versions that DTLS has: 1.0 stands beside TLS 1.1 and 1.2 beside TLS 1.2 (RFC 4347, RFC 6347).
pub(super) const DTLS: [TlsVersion; 2] = [TlsVersion::Tls11, TlsVersion::Tls12];

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Digest, Endpoint, Timestamp};

    fn certificate(subject: &str, names: &[&str]) -> CertificateFacts {
        CertificateFacts {
            endpoint: Endpoint::tcp("192.0.2.7".parse().unwrap(), 443),
            index: 0,
            fingerprint: Digest::of(b"x"),
            subject: subject.to_owned(),
            issuer: String::new(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            not_before: Timestamp::from_seconds(0),
            not_after: Timestamp::from_seconds(1),
            key: "rsa".to_owned(),
            key_bits: 2048,
            signature: String::new(),
            self_issued: false,
            authority: false,
        }
    }

    #[test]
    fn names_count_before_the_common_name_and_an_address_is_a_name() {
        let is_for = |subject, names: &[&str]| is_for(&certificate(subject, names), "plug.example");
        assert!(is_for("CN=plug.example", &[]) && is_for("O=Maker, CN=plug.example", &["192.0.2.9"]));
        assert!(is_for("CN=x", &["Plug.Example"]) && is_for("CN=x", &["192.0.2.7"]));
        assert!(!is_for("CN=x", &["*.example"]) && is_for("CN=x", &["plug.example."]));
        assert!(!is_for("CN=plug.example", &["other.example"]) && !is_for("CN=other", &[]));
    }
}
