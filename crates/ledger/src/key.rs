//! Ed25519 keys as values, their names, and the set of keys a verifier trusts.
//!
//! Where a key is kept, and whose it is, belongs to the caller; so does the randomness of a new seed.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use ed25519_dalek::Signer as _;
use ed25519_dalek::pkcs8::{
    DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _,
};
use ed25519_dalek::pkcs8::{KeypairBytes, spki::der::pem::LineEnding};
use serde::{Deserialize, Serialize};

use crate::Digest;

/// Why bytes or text are not a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The PEM text is not an Ed25519 private key in PKCS#8 (RFC 8410).
    #[error("read an ed25519 private key from PEM")]
    PrivatePem(#[source] ed25519_dalek::pkcs8::Error),
    /// The PEM text is not an Ed25519 public key (RFC 8410).
    #[error("read an ed25519 public key from PEM")]
    PublicPem(#[source] ed25519_dalek::pkcs8::spki::Error),
    /// The key cannot be written as PEM.
    #[error("write an ed25519 key as PEM: {0}")]
    WritePem(String),
    /// The 32 bytes are no point of the curve, or one of small order that verifies forged signatures.
    #[error("accept a public key: {0}")]
    Weak(String),
    /// The text is not a key id.
    #[error("read a key id (16 lower-case hexadecimal digits): {0}")]
    Id(String),
}

/// The short name of a public key: the first 8 bytes of the SHA-256 of its 32 bytes, in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct KeyId([u8; 8]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex::encode(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for KeyId {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let mut bytes = [0; 8];
        let lower = !text.bytes().any(|b| b.is_ascii_uppercase());
        match hex::decode_to_slice(text, &mut bytes) {
            Ok(()) if lower => Ok(Self(bytes)),
            _ => Err(KeyError::Id(text.to_owned())),
        }
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for KeyId {
    type Error = KeyError;

    fn try_from(text: String) -> Result<Self, KeyError> {
        text.parse()
    }
}

/// A private key. Its `Debug` form names it and shows nothing of it.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// The key grown from a seed of 32 random bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// Reads a PKCS#8 PEM text (`BEGIN PRIVATE KEY`).
    ///
    /// # Errors
    /// [`KeyError::PrivatePem`] when it is anything else.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        ed25519_dalek::SigningKey::from_pkcs8_pem(pem).map(Self).map_err(KeyError::PrivatePem)
    }

    /// The key as PKCS#8 PEM text. Secret: the caller decides who may read it.
    ///
    /// # Errors
    /// [`KeyError::WritePem`] when the encoder refuses.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        // Without the public key inside: that is PKCS#8 version 1, which every openssl reads.
        let bytes = KeypairBytes { secret_key: self.0.to_bytes(), public_key: None };
        let pem = bytes.to_pkcs8_pem(LineEnding::LF).map_err(|e| KeyError::WritePem(e.to_string()))?;
        Ok(pem.to_string())
    }

    /// The public half.
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(self.0.verifying_key())
    }

    /// The name of the public half.
    pub fn id(&self) -> KeyId {
        self.verifying_key().id()
    }

    /// The seed, to derive other secrets from it; it never leaves this crate.
    pub(crate) fn seed(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningKey").field(&self.id()).finish()
    }
}

/// A public key, never one of small order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VerifyingKey(ed25519_dalek::VerifyingKey);

impl VerifyingKey {
    /// The key from its 32 bytes (RFC 8032, 5.1.5).
    ///
    /// # Errors
    /// [`KeyError::Weak`] when they are no point of the curve or one of small order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        match ed25519_dalek::VerifyingKey::from_bytes(bytes) {
            Ok(key) if !key.is_weak() => Ok(Self(key)),
            _ => Err(KeyError::Weak(hex::encode(bytes))),
        }
    }

    /// The 32 bytes.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Reads a PEM text (`BEGIN PUBLIC KEY`).
    ///
    /// # Errors
    /// [`KeyError::PublicPem`] when it is anything else, [`KeyError::Weak`] as in [`VerifyingKey::from_bytes`].
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let key = ed25519_dalek::VerifyingKey::from_public_key_pem(pem).map_err(KeyError::PublicPem)?;
        Self::from_bytes(&key.to_bytes())
    }

    /// The key as PEM text.
    ///
    /// # Errors
    /// [`KeyError::WritePem`] when the encoder refuses.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        self.0.to_public_key_pem(LineEnding::LF).map_err(|e| KeyError::WritePem(e.to_string()))
    }

    /// The key's name.
    pub fn id(&self) -> KeyId {
        let digest = Digest::of(&self.to_bytes());
        let mut id = [0; 8];
        id.copy_from_slice(&digest.as_bytes()[..8]);
        KeyId(id)
    }

    /// Whether the key made this signature, by the strict rules: no malleable forms, no small-order points.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VerifyingKey").field(&self.id()).finish()
    }
}

/// The keys a verifier trusts, and for what.
///
/// An author's key signs entries. The log's key signs checkpoints, and entries that no person answers for.
/// Invariant: an author's key never vouches for a checkpoint, or a person could cut the log behind everyone's back.
#[derive(Debug, Clone, Default)]
pub struct KeySet {
    entries: BTreeMap<KeyId, VerifyingKey>,
    log: BTreeMap<KeyId, VerifyingKey>,
}

impl KeySet {
    /// No key at all: nothing verifies.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key that may sign entries.
    #[must_use]
    pub fn with_author(mut self, key: VerifyingKey) -> Self {
        self.entries.insert(key.id(), key);
        self
    }

    /// Adds a key that may sign checkpoints and entries.
    #[must_use]
    pub fn with_log(mut self, key: VerifyingKey) -> Self {
        self.log.insert(key.id(), key);
        self.with_author(key)
    }

    /// The key of this name, if it may sign entries.
    pub fn author(&self, id: KeyId) -> Option<&VerifyingKey> {
        self.entries.get(&id)
    }

    /// The keys that may sign checkpoints.
    pub fn log_keys(&self) -> impl Iterator<Item = &VerifyingKey> {
        self.log.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, 7.1, TEST 1.
    const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    const PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    const SIGNATURE: &str = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";

    fn key() -> SigningKey {
        let mut seed = [0; 32];
        hex::decode_to_slice(SEED, &mut seed).unwrap();
        SigningKey::from_seed(&seed)
    }

    #[test]
    fn the_reference_key_signs_as_rfc_8032_says() {
        assert_eq!(hex::encode(key().verifying_key().to_bytes()), PUBLIC);
        assert_eq!(hex::encode(key().sign(b"")), SIGNATURE);
        assert!(key().verifying_key().verifies(b"", &hex::decode(SIGNATURE).unwrap()));
        assert!(!key().verifying_key().verifies(b"x", &hex::decode(SIGNATURE).unwrap()));
        assert!(!key().verifying_key().verifies(b"", &hex::decode(&SIGNATURE[2..]).unwrap()));
    }

    #[test]
    fn keys_read_back_from_pem_as_openssl_writes_it() {
        let pem = key().to_pem().unwrap();
        assert_eq!(
            pem,
            "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n"
        );
        assert_eq!(SigningKey::from_pem(&pem).unwrap().id(), key().id());
        let public = key().verifying_key().to_pem().unwrap();
        assert_eq!(
            public,
            "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n"
        );
        assert_eq!(VerifyingKey::from_pem(&public).unwrap(), key().verifying_key());
        assert!(SigningKey::from_pem(&public).is_err());
        assert!(VerifyingKey::from_pem(&pem).is_err());
    }

    #[test]
    fn a_key_id_is_the_start_of_the_digest_of_the_public_key() {
        let id = key().id().to_string();
        assert_eq!(id, "21fe31dfa154a261");
        assert_eq!(id.parse::<KeyId>().unwrap(), key().id());
        assert!("21FE31DFA154A261".parse::<KeyId>().is_err());
        assert!("21fe31df".parse::<KeyId>().is_err());
    }

    #[test]
    fn a_key_of_small_order_is_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        assert!(matches!(VerifyingKey::from_bytes(&identity), Err(KeyError::Weak(_))));
    }

    #[test]
    fn debug_output_keeps_the_seed_secret() {
        assert_eq!(format!("{:?}", key()), "SigningKey(21fe31dfa154a261)");
    }
}
