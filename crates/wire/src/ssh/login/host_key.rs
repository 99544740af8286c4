//! The server's host key: its kind, size, fingerprint, and whether it signed this key exchange.

use ring::signature;
use sha2::{Digest, Sha256};

use crate::reader::Reader;
use crate::{Malformed, base64};

/// A host key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostKey {
    /// Its kind, such as `ssh-ed25519` or `ssh-rsa`.
    pub kind: String,
    /// Its size in bits; 0 for a kind not known here.
    pub bits: usize,
    /// Its SHA-256 fingerprint as OpenSSH prints it: `SHA256:…`.
    pub fingerprint: String,
    /// Whether the server proved to hold it.
    pub signature: Signature,
    /// The algorithm of that signature.
    pub signature_algorithm: String,
}

/// The state of the signature over the key exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// Verified.
    Verified,
    /// Does not verify.
    Wrong,
    /// Not verified here: a kind or size of key that cannot be.
    NotVerified,
}

impl HostKey {
    /// Reads key and signature (RFC 4253 section 6.6, RFC 5656, RFC 8332, RFC 8709).
    pub(super) fn read(key: &[u8], signature: &[u8], signed: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(key, "ssh host key");
        let kind = String::from_utf8_lossy(reader.vec32()?).into_owned();
        let mut signature = Reader::new(signature, "ssh signature");
        let algorithm = String::from_utf8_lossy(signature.vec32()?).into_owned();
        let proof = signature.vec32()?;
        let (bits, state) = match kind.as_str() {
            "ssh-ed25519" => {
                let key = signature::UnparsedPublicKey::new(&signature::ED25519, reader.vec32()?);
                (256, verdict(algorithm == kind && key.verify(signed, proof).is_ok()))
            }
            "ssh-rsa" => {
                let (exponent, modulus) = (unsigned(reader.vec32()?), unsigned(reader.vec32()?));
                (bits(modulus), rsa(exponent, modulus, &algorithm, signed, proof))
            }
            "ecdsa-sha2-nistp256" | "ecdsa-sha2-nistp384" => {
                reader.vec32()?;
                let is_256 = kind.ends_with("256");
                let (size, method) = if is_256 {
                    (32, &signature::ECDSA_P256_SHA256_FIXED)
                } else {
                    (48, &signature::ECDSA_P384_SHA384_FIXED)
                };
                let key = signature::UnparsedPublicKey::new(method, reader.vec32()?);
                let is_good = algorithm == kind
                    && fixed_pair(proof, size).is_some_and(|pair| key.verify(signed, &pair).is_ok());
                (size * 8, verdict(is_good))
            }
            "ecdsa-sha2-nistp521" => (521, Signature::NotVerified),
            "ssh-dss" => (bits(unsigned(reader.vec32()?)), Signature::NotVerified),
            _ => (0, Signature::NotVerified),
        };
        let fingerprint = format!("SHA256:{}", base64::encode_unpadded(&Sha256::digest(key)));
        Ok(Self { kind, bits, fingerprint, signature: state, signature_algorithm: algorithm })
    }
}

fn verdict(is_good: bool) -> Signature {
    if is_good { Signature::Verified } else { Signature::Wrong }
}

fn rsa(exponent: &[u8], modulus: &[u8], algorithm: &str, signed: &[u8], proof: &[u8]) -> Signature {
    let method = match algorithm {
        "rsa-sha2-512" => &signature::RSA_PKCS1_2048_8192_SHA512,
        "rsa-sha2-256" => &signature::RSA_PKCS1_2048_8192_SHA256,
        "ssh-rsa" => &signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        _ => return Signature::Wrong,
    };
    // The verifier takes no key outside these sizes; such a key is told, not judged.
    if !(2048..=8192).contains(&bits(modulus)) {
        return Signature::NotVerified;
    }
    let key = signature::RsaPublicKeyComponents { n: modulus, e: exponent };
    verdict(key.verify(method, signed, proof).is_ok())
}

/// Both numbers of an ECDSA signature, each filled up to `size` bytes.
fn fixed_pair(proof: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut reader = Reader::new(proof, "ssh ecdsa signature");
    let mut pair = Vec::new();
    for _ in 0..2 {
        let number = unsigned(reader.vec32().ok()?);
        pair.resize(pair.len() + size.checked_sub(number.len())?, 0);
        pair.extend_from_slice(number);
    }
    Some(pair)
}

fn unsigned(number: &[u8]) -> &[u8] {
    &number[number.iter().take_while(|byte| **byte == 0).count()..]
}

fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}
