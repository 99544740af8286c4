//! Facts of one certificate (RFC 5280), as it states them.
//!
//! No signature is verified, no chain is built and no time is compared: those are other questions.

use sha2::{Digest, Sha256};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, ParsedExtension, X509Certificate};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::X509Name;

use crate::Malformed;

const MOST_NAMES: usize = 256;

/// What a certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The subject as one line, such as `CN=device, O=Maker`.
    pub subject: String,
    /// The issuer as one line.
    pub issuer: String,
    /// The common name of the subject.
    pub common_name: Option<String>,
    /// Alternative names of the subject, DNS names and addresses first-class, others by their kind.
    pub alternative_names: Vec<AlternativeName>,
    /// The start of validity, in seconds since 1970.
    pub not_before: i64,
    /// The end of validity, in seconds since 1970.
    pub not_after: i64,
    /// `RSA`, `EC`, `Ed25519`, `DSA`, …, or an object identifier.
    pub key_algorithm: String,
    /// The size of the key in bits; 0 where it cannot be told.
    pub key_bits: usize,
    /// The curve of an EC key.
    pub curve: Option<String>,
    /// The signature algorithm, such as `sha256WithRSAEncryption`, or an object identifier.
    pub signature_algorithm: String,
    /// Whether subject and issuer are the same name; the signature may still be another's.
    pub self_issued: bool,
    /// Whether basic constraints name it a certification authority.
    pub is_ca: bool,
    /// Extended key usages by name or object identifier.
    pub extended_key_usages: Vec<String>,
    /// The serial number in hexadecimal.
    pub serial: String,
    /// SHA-256 of the whole certificate, in hexadecimal.
    pub sha256: String,
    /// SHA-256 of the subject public key info, in hexadecimal: equal keys are found by it.
    pub key_sha256: String,
    /// The X.509 version, 1 to 3.
    pub version: u32,
}

/// An alternative name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlternativeName {
    /// A DNS name, as written.
    Dns(String),
    /// An address.
    Address(std::net::IpAddr),
    /// Another kind, shown as text.
    Other(String),
}

impl Certificate {
    /// Whether the certificate is for this host: alternative names first, the common name only where there are none
    /// (RFC 6125 section 6.4.4); one wildcard as the whole leftmost label.
    #[must_use]
    pub fn is_for(&self, host: &str) -> bool {
        if let Ok(address) = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>() {
            return self.alternative_names.contains(&AlternativeName::Address(address));
        }
        let has_dns = self.alternative_names.iter().any(|name| matches!(name, AlternativeName::Dns(_)));
        if !has_dns {
            return self.common_name.as_deref().is_some_and(|name| name_matches(name, host));
        }
        self.alternative_names
            .iter()
            .any(|name| matches!(name, AlternativeName::Dns(pattern) if name_matches(pattern, host)))
    }
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

/// Reads a certificate in DER; bytes behind it are ignored.
///
/// # Errors
/// When it is no X.509 certificate.
pub fn read(der: &[u8]) -> Result<Certificate, Malformed> {
    let (rest, parsed) = X509Certificate::from_der(der).map_err(|_| Malformed::Invalid("x.509 certificate"))?;
    let whole = &der[..der.len() - rest.len()];
    let key = parsed.public_key();
    let key_oid = key.algorithm.algorithm.to_id_string();
    let curve = key
        .algorithm
        .parameters
        .as_ref()
        .filter(|_| key_oid == "1.2.840.10045.2.1")
        .and_then(|parameters| parameters.as_oid().ok())
        .map(|oid| named(&oid.to_id_string()));
    let key_bits = match (key_oid.as_str(), key.parsed()) {
        ("1.3.101.112", _) => 256,
        ("1.3.101.113", _) => 456,
        (_, Ok(PublicKey::RSA(rsa))) => bits(rsa.modulus),
        (_, Ok(PublicKey::DSA(_))) => dsa_prime_bits(key.algorithm.parameters.as_ref().map(|any| any.data)),
        (_, Ok(PublicKey::EC(_))) => curve.as_deref().and_then(curve_bits).unwrap_or(0),
        _ => 0,
    };
    Ok(Certificate {
        subject: name_text(parsed.subject()),
        issuer: name_text(parsed.issuer()),
        common_name: parsed.subject().iter_common_name().next().map(|name| attribute_text(name.as_slice())),
        alternative_names: alternative_names(&parsed),
        not_before: parsed.validity().not_before.timestamp(),
        not_after: parsed.validity().not_after.timestamp(),
        key_algorithm: named(&key_oid),
        key_bits,
        curve,
        signature_algorithm: named(&parsed.signature_algorithm.algorithm.to_id_string()),
        self_issued: parsed.subject().as_raw() == parsed.issuer().as_raw(),
        is_ca: matches!(parsed.basic_constraints(), Ok(Some(constraints)) if constraints.value.ca),
        extended_key_usages: extended_key_usages(&parsed),
        serial: hex(parsed.raw_serial()),
        sha256: hex(&Sha256::digest(whole)),
        key_sha256: hex(&Sha256::digest(key.raw)),
        version: parsed.version().0.saturating_add(1),
    })
}

fn alternative_names(parsed: &X509Certificate<'_>) -> Vec<AlternativeName> {
    let Ok(Some(extension)) = parsed.subject_alternative_name() else { return Vec::new() };
    extension.value.general_names.iter().take(MOST_NAMES).map(alternative_name).collect()
}

fn alternative_name(name: &GeneralName<'_>) -> AlternativeName {
    match name {
        GeneralName::DNSName(name) => AlternativeName::Dns((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            if let Ok(four) = <[u8; 4]>::try_from(*bytes) {
                AlternativeName::Address(four.into())
            } else if let Ok(sixteen) = <[u8; 16]>::try_from(*bytes) {
                AlternativeName::Address(sixteen.into())
            } else {
                AlternativeName::Other(format!("address:{}", hex(bytes)))
            }
        }
        GeneralName::RFC822Name(mail) => AlternativeName::Other(format!("mail:{mail}")),
        GeneralName::URI(uri) => AlternativeName::Other(format!("uri:{uri}")),
        GeneralName::DirectoryName(name) => AlternativeName::Other(format!("name:{}", name_text(name))),
        _ => AlternativeName::Other("another kind".to_owned()),
    }
}

fn extended_key_usages(parsed: &X509Certificate<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for extension in parsed.extensions() {
        if let ParsedExtension::ExtendedKeyUsage(usage) = extension.parsed_extension() {
            let named = [
                (usage.any, "any"),
                (usage.server_auth, "serverAuth"),
                (usage.client_auth, "clientAuth"),
                (usage.code_signing, "codeSigning"),
                (usage.email_protection, "emailProtection"),
                (usage.time_stamping, "timeStamping"),
                (usage.ocsp_signing, "OCSPSigning"),
            ];
            found.extend(named.iter().filter(|(set, _)| *set).map(|(_, name)| (*name).to_owned()));
            found.extend(usage.other.iter().take(MOST_NAMES).map(|oid| oid.to_id_string()));
        }
    }
    found
}

fn name_text(name: &X509Name<'_>) -> String {
    let mut parts = Vec::new();
    for attribute in name.iter_attributes().take(MOST_NAMES) {
        let oid = attribute.attr_type().to_id_string();
        let label = match oid.as_str() {
            "2.5.4.3" => "CN",
            "2.5.4.5" => "serialNumber",
            "2.5.4.6" => "C",
            "2.5.4.7" => "L",
            "2.5.4.8" => "ST",
            "2.5.4.10" => "O",
            "2.5.4.11" => "OU",
            "1.2.840.113549.1.9.1" => "emailAddress",
            "0.9.2342.19200300.100.1.25" => "DC",
            other => other,
        };
        parts.push(format!("{label}={}", attribute_text(attribute.as_slice())));
    }
    parts.join(", ")
}

/// The text of an attribute; hostile like everything else, so made visible.
fn attribute_text(bytes: &[u8]) -> String {
    crate::text::visible(bytes, 256)
}

fn named(oid: &str) -> String {
    let name = match oid {
        "1.2.840.113549.1.1.1" => "RSA",
        "1.2.840.10040.4.1" => "DSA",
        "1.2.840.10045.2.1" => "EC",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        "1.2.840.10045.3.1.1" => "secp192r1",
        "1.3.132.0.33" => "secp224r1",
        "1.2.840.10045.3.1.7" => "secp256r1",
        "1.3.132.0.10" => "secp256k1",
        "1.3.132.0.34" => "secp384r1",
        "1.3.132.0.35" => "secp521r1",
        "1.3.36.3.3.2.8.1.1.7" => "brainpoolP256r1",
        "1.3.36.3.3.2.8.1.1.11" => "brainpoolP384r1",
        "1.3.36.3.3.2.8.1.1.13" => "brainpoolP512r1",
        "1.2.840.113549.1.1.2" => "md2WithRSAEncryption",
        "1.2.840.113549.1.1.4" => "md5WithRSAEncryption",
        "1.2.840.113549.1.1.5" => "sha1WithRSAEncryption",
        "1.2.840.113549.1.1.10" => "RSASSA-PSS",
        "1.2.840.113549.1.1.11" => "sha256WithRSAEncryption",
        "1.2.840.113549.1.1.12" => "sha384WithRSAEncryption",
        "1.2.840.113549.1.1.13" => "sha512WithRSAEncryption",
        "1.2.840.113549.1.1.14" => "sha224WithRSAEncryption",
        "1.2.840.10040.4.3" => "dsa-with-SHA1",
        "2.16.840.1.101.3.4.3.2" => "dsa-with-SHA256",
        "1.2.840.10045.4.1" => "ecdsa-with-SHA1",
        "1.2.840.10045.4.3.1" => "ecdsa-with-SHA224",
        "1.2.840.10045.4.3.2" => "ecdsa-with-SHA256",
        "1.2.840.10045.4.3.3" => "ecdsa-with-SHA384",
        "1.2.840.10045.4.3.4" => "ecdsa-with-SHA512",
        other => other,
    };
    name.to_owned()
}

fn curve_bits(curve: &str) -> Option<usize> {
    let digits: String =
        curve.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().ok().filter(|_| !curve.contains('.'))
}

fn bits(number: &[u8]) -> usize {
    let digits = &number[number.iter().take_while(|byte| **byte == 0).count()..];
    digits.first().map_or(0, |first| digits.len() * 8 - first.leading_zeros() as usize)
}

/// The prime is the first integer of the parameters (RFC 3279 section 2.3.2).
fn dsa_prime_bits(parameters: Option<&[u8]>) -> usize {
    let integer = parameters.and_then(|data| x509_parser::der_parser::der::parse_der_integer(data).ok());
    integer.and_then(|(_, integer)| integer.as_slice().ok().map(bits)).unwrap_or(0)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EC_DER: &[u8] = include_bytes!("../../tests/certificates/ec-leaf.der");
    const RSA_DER: &[u8] = include_bytes!("../../tests/certificates/rsa-1024-sha1.der");

    #[test]
    fn a_leaf_with_an_ec_key_is_described() {
        let facts = read(EC_DER).unwrap();
        assert_eq!(facts.subject, "CN=lamp.example, O=Example Maker");
        assert_eq!((facts.key_algorithm.as_str(), facts.key_bits), ("EC", 256));
        assert_eq!(facts.curve.as_deref(), Some("secp256r1"));
        assert_eq!(facts.signature_algorithm, "ecdsa-with-SHA256");
        assert_eq!(facts.alternative_names.len(), 3);
        assert!(facts.self_issued && !facts.is_ca);
        assert_eq!(facts.extended_key_usages, ["serverAuth"]);
        assert_eq!(facts.not_after - facts.not_before, 30 * 86_400);
    }

    #[test]
    fn names_decide_for_which_host_it_is() {
        let facts = read(EC_DER).unwrap();
        for host in ["lamp.example", "LAMP.example.", "a.lamp.example", "192.0.2.7"] {
            assert!(facts.is_for(host), "{host}");
        }
        for host in ["example", "a.b.lamp.example", "192.0.2.8", "lamp.example.org"] {
            assert!(!facts.is_for(host), "{host}");
        }
    }

    #[test]
    fn an_old_rsa_certificate_is_described() {
        let facts = read(RSA_DER).unwrap();
        assert_eq!((facts.key_algorithm.as_str(), facts.key_bits), ("RSA", 1024));
        assert_eq!(facts.signature_algorithm, "sha1WithRSAEncryption");
        assert!(facts.is_ca);
        assert!(facts.is_for("old.example"), "the common name counts where there is no other");
        assert_eq!(facts.sha256.len(), 64);
    }

    #[test]
    fn no_bytes_make_the_reader_panic() {
        crate::hostile::survives(EC_DER, read);
        crate::hostile::survives(RSA_DER, read);
    }
}
