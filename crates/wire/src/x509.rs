//! Writes certificates (RFC 5280) and stapled revocations (RFC 6960), sound ones and ones that are wrong in one way.
//!
//! A signature comes from the caller, who has the key: no key is made or kept here. Names and serial numbers may be
//! taken over byte by byte from a certificate that was read.

mod der;
pub mod revocation;

use std::net::IpAddr;

use x509_parser::prelude::{FromDer, ParsedExtension, X509Certificate};

use crate::Malformed;
use crate::tls::certificate::AlternativeName;
use der::{context, integer, object, octets, sequence, tagged, time};

/// How a certificate is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// ECDSA with SHA-256 (RFC 5758).
    EcdsaSha256,
    /// ECDSA with SHA-384 (RFC 5758).
    EcdsaSha384,
    /// RSA PKCS #1 v1.5 with SHA-256 (RFC 8017).
    RsaSha256,
    /// RSA PKCS #1 v1.5 with SHA-1, which is broken (RFC 8017).
    RsaSha1,
    /// Ed25519 (RFC 8410).
    Ed25519,
}

impl Algorithm {
    fn identifier(self) -> Vec<u8> {
        let null = || tagged(5, &[]);
        match self {
            Algorithm::EcdsaSha256 => sequence(&[object(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2])]),
            Algorithm::EcdsaSha384 => sequence(&[object(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3])]),
            Algorithm::RsaSha256 => sequence(&[object(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11]), null()]),
            Algorithm::RsaSha1 => sequence(&[object(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5]), null()]),
            Algorithm::Ed25519 => sequence(&[object(&[0x2b, 101, 112])]),
        }
    }
}

/// What a certificate is to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The serial number, big-endian.
    pub serial: Vec<u8>,
    /// The issuer's name in DER.
    pub issuer: Vec<u8>,
    /// The subject's name in DER.
    pub subject: Vec<u8>,
    /// Start of validity, in seconds since 1970.
    pub not_before: i64,
    /// End of validity, in seconds since 1970.
    pub not_after: i64,
    /// The subject public key info in DER.
    pub key: Vec<u8>,
    /// Alternative names; [`AlternativeName::Other`] is left out.
    pub names: Vec<AlternativeName>,
    /// Whether basic constraints make it an authority; usages follow from it.
    pub authority: bool,
    /// The identifier of its own key.
    pub key_id: Vec<u8>,
    /// The identifier of its issuer's key, where there is one.
    pub issuer_key_id: Option<Vec<u8>>,
}

impl Draft {
    /// The part that is signed.
    #[must_use]
    pub fn to_be_signed(&self, algorithm: Algorithm) -> Vec<u8> {
        sequence(&[
            context(0, &integer(&[2])),
            integer(&self.serial),
            algorithm.identifier(),
            self.issuer.clone(),
            sequence(&[time(self.not_before), time(self.not_after)]),
            self.subject.clone(),
            self.key.clone(),
            context(3, &sequence(&self.extensions())),
        ])
    }

    fn extensions(&self) -> Vec<Vec<u8>> {
        let extension = |id: u8, critical: bool, value: Vec<u8>| {
            let mut parts = vec![object(&[0x55, 0x1d, id])];
            parts.extend(critical.then(|| tagged(1, &[0xff])));
            parts.push(octets(&value));
            sequence(&parts)
        };
        let mut all = Vec::new();
        let constraints = if self.authority { vec![tagged(1, &[0xff])] } else { Vec::new() };
        all.push(extension(19, true, sequence(&constraints)));
        // Signing certificates and revocation lists; or digital signatures and key encipherment.
        let usage: [u8; 2] = if self.authority { [1, 0x06] } else { [5, 0xa0] };
        all.push(extension(15, true, tagged(3, &usage)));
        all.push(extension(14, false, octets(&self.key_id)));
        if let Some(issuer) = &self.issuer_key_id {
            all.push(extension(35, false, sequence(&[tagged(0x80, issuer)])));
        }
        if !self.authority {
            let server = object(&[0x2b, 6, 1, 5, 5, 7, 3, 1]);
            all.push(extension(37, false, sequence(&[server])));
        }
        let names: Vec<Vec<u8>> = self.names.iter().filter_map(general_name).collect();
        if !names.is_empty() {
            all.push(extension(17, false, sequence(&names)));
        }
        all
    }
}

fn general_name(name: &AlternativeName) -> Option<Vec<u8>> {
    match name {
        AlternativeName::Dns(name) => Some(tagged(0x82, name.as_bytes())),
        AlternativeName::Address(IpAddr::V4(address)) => Some(tagged(0x87, &address.octets())),
        AlternativeName::Address(IpAddr::V6(address)) => Some(tagged(0x87, &address.octets())),
        AlternativeName::Other(_) => None,
    }
}

/// The certificate: what was signed, and the signature over it.
#[must_use]
pub fn sealed(to_be_signed: &[u8], algorithm: Algorithm, signature: &[u8]) -> Vec<u8> {
    sequence(&[to_be_signed.to_vec(), algorithm.identifier(), bits(signature)])
}

fn bits(bytes: &[u8]) -> Vec<u8> {
    let mut content = vec![0];
    content.extend_from_slice(bytes);
    tagged(3, &content)
}

/// A name with an organization and a common name, in DER.
#[must_use]
pub fn name(organization: &str, common_name: &str) -> Vec<u8> {
    let attribute = |id: u8, text: &str| {
        let value = tagged(12, text.as_bytes());
        tagged(0x31, &sequence(&[object(&[0x55, 4, id]), value]))
    };
    sequence(&[attribute(10, organization), attribute(3, common_name)])
}

/// Subject public key info of an uncompressed point on P-256 (RFC 5480).
#[must_use]
pub fn p256_key(point: &[u8]) -> Vec<u8> {
    let algorithm = sequence(&[
        object(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]),
        object(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]),
    ]);
    sequence(&[algorithm, bits(point)])
}

/// Subject public key info of an RSA key, its modulus and exponent big-endian (RFC 3279).
#[must_use]
pub fn rsa_key(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let algorithm = sequence(&[object(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]), tagged(5, &[])]);
    sequence(&[algorithm, bits(&sequence(&[integer(modulus), integer(exponent)]))])
}

/// The parts of a certificate that another one is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// The subject's name in DER.
    pub subject: Vec<u8>,
    /// The issuer's name in DER.
    pub issuer: Vec<u8>,
    /// The serial number, big-endian.
    pub serial: Vec<u8>,
    /// The bits of the subject's public key, without algorithm.
    pub key_bits: Vec<u8>,
    /// The identifier of its key, where it has one.
    pub key_id: Option<Vec<u8>>,
    /// Whether it may issue certificates.
    pub authority: bool,
    /// How many authorities may stand between it and a leaf, where that is limited.
    pub path_length: Option<u32>,
}

/// Reads the parts that another certificate is made from.
///
/// # Errors
/// When it is no X.509 certificate.
pub fn outline(der: &[u8]) -> Result<Outline, Malformed> {
    let (_, parsed) = X509Certificate::from_der(der).map_err(|_| Malformed::Invalid("x.509 certificate"))?;
    let constraints = parsed.basic_constraints().ok().flatten().map(|found| found.value);
    let key_id = parsed.extensions().iter().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0.to_vec()),
        _ => None,
    });
    Ok(Outline {
        subject: parsed.subject().as_raw().to_vec(),
        issuer: parsed.issuer().as_raw().to_vec(),
        serial: parsed.raw_serial().to_vec(),
        key_bits: parsed.public_key().subject_public_key.data.to_vec(),
        key_id,
        authority: constraints.is_some_and(|found| found.ca),
        path_length: constraints.and_then(|found| found.path_len_constraint),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::certificate::read;

    fn draft() -> Draft {
        Draft {
            serial: vec![0x80, 1],
            issuer: name("Bench", "authority"),
            subject: name("Bench", "leaf"),
            not_before: 1_700_000_000,
            not_after: 2_600_000_000,
            key: p256_key(&[4; 65]),
            names: vec![
                AlternativeName::Dns("a.example".into()),
                AlternativeName::Address("192.0.2.7".parse().unwrap()),
            ],
            authority: false,
            key_id: vec![1; 20],
            issuer_key_id: Some(vec![2; 20]),
        }
    }

    #[test]
    fn what_was_written_is_read_back() {
        let algorithm = Algorithm::RsaSha1;
        let certificate = sealed(&draft().to_be_signed(algorithm), algorithm, &[7; 64]);
        let seen = read(&certificate).unwrap();
        assert_eq!((seen.subject.contains("leaf"), seen.issuer.contains("authority")), (true, true));
        assert!(seen.is_for("a.example") && seen.is_for("192.0.2.7") && !seen.is_for("b.example"));
        // Beyond 2049 a time is written with four digits of the year (RFC 5280, 4.1.2.5).
        assert_eq!((seen.not_before, seen.not_after), (1_700_000_000, 2_600_000_000));
        assert_eq!(
            (seen.key_bits, seen.is_ca, seen.signature_algorithm.as_str()),
            (256, false, "sha1WithRSAEncryption")
        );
        assert_eq!((seen.serial.as_str(), seen.version), ("008001", 3));
        let outline = outline(&certificate).unwrap();
        assert_eq!((outline.subject, outline.issuer), (name("Bench", "leaf"), name("Bench", "authority")));
        assert_eq!((outline.key_id, outline.path_length, outline.authority), (Some(vec![1; 20]), None, false));
    }

    #[test]
    fn an_authority_says_so_and_an_rsa_key_tells_its_size() {
        let mut draft = draft();
        (draft.authority, draft.key) = (true, rsa_key(&[0xc3; 128], &[1, 0, 1]));
        let certificate = sealed(&draft.to_be_signed(Algorithm::EcdsaSha256), Algorithm::EcdsaSha256, &[7; 64]);
        let seen = read(&certificate).unwrap();
        assert_eq!((seen.is_ca, seen.key_algorithm.as_str(), seen.key_bits), (true, "RSA", 1024));
    }
}
