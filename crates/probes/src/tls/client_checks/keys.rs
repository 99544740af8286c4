//! Keys for one run: made here, shown to a client, and gone with the process. None is ever written down.

use std::sync::{Arc, OnceLock};

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use rsa::sha2::Sha256;
use rsa::traits::PublicKeyParts as _;
use rsa::{Pkcs1v15Sign, PrivateKey, Pss};
use rustls::crypto::ring::sign::{any_ecdsa_type, any_supported_type};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::sign::{Signer, SigningKey};
use rustls::{Error, SignatureAlgorithm, SignatureScheme};
use wire::x509::{Algorithm, rsa_key};

/// DER in front of a SHA-1 digest in a PKCS #1 v1.5 signature (RFC 8017, 9.2).
const SHA1_INFO: [u8; 15] = [0x30, 0x21, 0x30, 9, 6, 5, 0x2b, 0x0e, 3, 2, 0x1a, 5, 0, 4, 0x14];
/// The same for SHA-256.
const SHA256_INFO: [u8; 19] = [0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20];

/// A key that signs certificates or handshakes.
#[derive(Debug, Clone)]
pub(super) enum Key {
    /// One that rustls knows.
    Known(Arc<dyn SigningKey>),
    /// An RSA key of any size, for digests of any age.
    Rsa(RsaKey),
}

impl Key {
    /// A fresh key on P-256.
    pub(super) fn p256() -> Result<Self, String> {
        let failed = |_| "a key cannot be made".to_owned();
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new());
        let der = PrivateKeyDer::Pkcs8(made.map_err(failed)?.as_ref().to_vec().into());
        Ok(Self::Known(any_ecdsa_type(&der).map_err(|error| error.to_string())?))
    }

    /// The key in a PEM text.
    pub(super) fn of_pem(pem: &str) -> Result<Self, String> {
        let der = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| "it holds no private key in PEM")?;
        any_supported_type(&der).map(Self::Known).map_err(|error| error.to_string())
    }

    /// The RSA key of this size that the process keeps; making one takes a while.
    pub(super) fn rsa(bits: usize) -> Result<Self, String> {
        static WEAK: OnceLock<Option<RsaKey>> = OnceLock::new();
        static SOUND: OnceLock<Option<RsaKey>> = OnceLock::new();
        let kept = if bits < 2048 { &WEAK } else { &SOUND };
        kept.get_or_init(|| RsaKey::make(bits))
            .clone()
            .map(Self::Rsa)
            .ok_or_else(|| "an RSA key cannot be made".into())
    }

    /// Subject public key info.
    pub(super) fn public(&self) -> Result<Vec<u8>, String> {
        match self {
            Key::Known(key) => {
                key.public_key().map(|spki| spki.to_vec()).ok_or_else(|| "it hides its public half".into())
            }
            Key::Rsa(key) => Ok(key.public()),
        }
    }

    /// The RSA key of leaves for clients that know no other, kept beside the one of authorities.
    pub(super) fn rsa_leaf() -> Result<Self, String> {
        static LEAF: OnceLock<Option<RsaKey>> = OnceLock::new();
        let kept = LEAF.get_or_init(|| RsaKey::make(2048));
        kept.clone().map(Self::Rsa).ok_or_else(|| "an RSA key cannot be made".into())
    }

    /// An identifier of the key.
    pub(super) fn id(&self) -> Result<Vec<u8>, String> {
        Ok(digest(&SHA256, &self.public()?).as_ref()[..20].to_vec())
    }

    /// How it signs certificates when nothing is to be wrong with them.
    pub(super) fn algorithm(&self) -> Result<Algorithm, String> {
        match self {
            Key::Rsa(_) => Ok(Algorithm::RsaSha256),
            Key::Known(key) => choose(&**key).map(|(_, algorithm)| algorithm),
        }
    }

    pub(super) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, String> {
        match (self, algorithm) {
            (Key::Rsa(key), Algorithm::RsaSha1) => key.sha1(message),
            (Key::Rsa(key), _) => key.sha256(message),
            (Key::Known(key), _) => choose(&**key)?.0.sign(message).map_err(|error| error.to_string()),
        }
    }

    /// The key as a TLS server uses it.
    pub(super) fn serving(&self) -> Arc<dyn SigningKey> {
        match self {
            Key::Known(key) => Arc::clone(key),
            Key::Rsa(key) => Arc::new(key.clone()),
        }
    }
}

fn choose(key: &dyn SigningKey) -> Result<(Box<dyn Signer>, Algorithm), String> {
    let known = [
        (SignatureScheme::ECDSA_NISTP256_SHA256, Algorithm::EcdsaSha256),
        (SignatureScheme::ECDSA_NISTP384_SHA384, Algorithm::EcdsaSha384),
        (SignatureScheme::ED25519, Algorithm::Ed25519),
        (SignatureScheme::RSA_PKCS1_SHA256, Algorithm::RsaSha256),
    ];
    let found = known.into_iter().find_map(|(scheme, algorithm)| Some((key.choose_scheme(&[scheme])?, algorithm)));
    found.ok_or_else(|| "it is of a kind that signs no certificates here".to_owned())
}

/// An RSA key that no library of TLS would take.
#[derive(Clone)]
pub(super) struct RsaKey(Arc<PrivateKey>);

impl std::fmt::Debug for RsaKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RsaKey(…)")
    }
}

impl RsaKey {
    fn make(bits: usize) -> Option<Self> {
        PrivateKey::new(&mut getrandom::SysRng, bits).ok().map(|key| Self(Arc::new(key)))
    }

    fn public(&self) -> Vec<u8> {
        rsa_key(&self.0.n_bytes(), &self.0.e_bytes())
    }

    fn signed(&self, info: &[u8], hash: &[u8]) -> Result<Vec<u8>, String> {
        let padding = Pkcs1v15Sign { hash_len: Some(hash.len()), prefix: info.into() };
        self.0.sign(padding, hash).map_err(|error| error.to_string())
    }

    fn sha1(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        self.signed(&SHA1_INFO, digest(&SHA1_FOR_LEGACY_USE_ONLY, message).as_ref())
    }

    fn sha256(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        self.signed(&SHA256_INFO, digest(&SHA256, message).as_ref())
    }

    /// Signs MD5 and SHA-1 together, as TLS 1.0 and 1.1 do (RFC 4346, 4.7).
    pub(super) fn md5_and_sha1(&self, both: &[u8]) -> Result<Vec<u8>, String> {
        self.signed(&[], both)
    }
}

impl SigningKey for RsaKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let known = [SignatureScheme::RSA_PSS_SHA256, SignatureScheme::RSA_PKCS1_SHA256];
        let scheme = known.into_iter().find(|scheme| offered.contains(scheme))?;
        Some(Box::new(RsaSigner { key: self.clone(), scheme }))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::RSA
    }
}

#[derive(Debug)]
struct RsaSigner {
    key: RsaKey,
    scheme: SignatureScheme,
}

impl Signer for RsaSigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let signed = match self.scheme {
            SignatureScheme::RSA_PKCS1_SHA256 => self.key.sha256(message),
            _ => {
                let hash = digest(&SHA256, message);
                let padding = Pss::<Sha256>::new();
                self.key.0.sign(padding, hash.as_ref()).map_err(|error| error.to_string())
            }
        };
        signed.map_err(Error::General)
    }

    fn scheme(&self) -> SignatureScheme {
        self.scheme
    }
}
