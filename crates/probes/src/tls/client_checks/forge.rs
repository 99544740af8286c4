//! The chains that are shown: each wrong in one way, and one that is right.
//!
//! Where the operator lends an authority that the product trusts, the chains that need it lead there by the same kind of
//! intermediate as the right one, so that nothing else differs. They are valid for a week at most.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::sign::CertifiedKey;
use wire::tls::certificate::{AlternativeName, read};
use wire::x509::{self, Algorithm, Draft, Outline, outline, revocation};

use super::keys::Key;
use super::series::Shown;
use crate::{Bytes, Face};

const DAY: i64 = 86_400;
/// A name that no product means to reach.
const ANOTHER_HOST: &str = "another-host.invalid";

/// An authority that the product trusts, lent by the operator.
#[derive(Debug)]
pub(super) struct Authority {
    outline: Outline,
    key: Key,
}

impl Authority {
    /// Reads certificate and key.
    pub(super) fn of_pem(certificate: &str, key: &str) -> Result<Self, String> {
        let der = CertificateDer::from_pem_slice(certificate.as_bytes());
        let der = der.map_err(|_| "the authority's file holds no certificate in PEM")?;
        let outline = outline(&der).map_err(|_| "the authority's certificate cannot be read")?;
        let key = Key::of_pem(key).map_err(|why| format!("the authority's key cannot be used: {why}"))?;
        if !outline.authority {
            return Err("the authority's certificate may not issue certificates".to_owned());
        }
        let public = key.public()?;
        if !public.ends_with(&outline.key_bits) {
            return Err("the authority's key is not that of its certificate".to_owned());
        }
        Ok(Self { outline, key })
    }
}

/// Who signs a certificate.
struct Issuer<'a> {
    name: Vec<u8>,
    key: &'a Key,
    key_id: Option<Vec<u8>>,
}

/// Makes chains for one host.
#[derive(Debug, Clone, Copy)]
pub(super) struct Forge<'a> {
    /// The authority, where one was lent.
    pub(super) authority: Option<&'a Authority>,
    /// The host that the product means to reach.
    pub(super) host: &'a str,
    /// The real service's chain, leaf first; empty where it was not seen.
    pub(super) real: &'a [Bytes],
    /// Now, in seconds since 1970.
    pub(super) now: i64,
    /// Whether leaves have RSA keys, for a client that knows no other.
    pub(super) rsa: bool,
}

/// A chain, leaf first, and the key of its leaf.
pub(super) struct Chain {
    /// The certificates in DER.
    pub(super) certificates: Vec<Vec<u8>>,
    /// The leaf's key.
    pub(super) key: Key,
    /// A stapled answer.
    pub(super) staple: Option<Vec<u8>>,
}

impl Chain {
    /// The chain as a TLS server shows it.
    pub(super) fn face(&self, shown: Shown) -> Face {
        let certificates = self.certificates.iter().map(|der| CertificateDer::from(der.clone())).collect();
        let mut certified = CertifiedKey::new(certificates, self.key.serving());
        certified.ocsp.clone_from(&self.staple);
        Face { shown: shown.as_str().to_owned(), certified: Arc::new(certified), asks: false }
    }
}

impl Forge<'_> {
    /// The chain for a check, or why there is none.
    pub(super) fn chain(&self, shown: Shown) -> Result<Chain, String> {
        match shown {
            Shown::SelfSigned => self.self_signed(&self.leaf_key()?),
            Shown::UnknownAuthority => self.unknown_authority(),
            Shown::CopiedNames => self.copied_names(),
            Shown::LeafAsAuthority => self.leaf_as_authority(),
            Shown::Old(_) => self.for_old_versions(),
            Shown::Plain => Err("no chain is shown in clear".to_owned()),
            Shown::Genuine => self.trusted(|_| {}, self.leaf_key()?, None),
            Shown::WrongHost => self.trusted(
                |leaf| {
                    leaf.subject = x509::name("Assay bench", ANOTHER_HOST);
                    leaf.names = vec![AlternativeName::Dns(ANOTHER_HOST.to_owned())];
                },
                self.leaf_key()?,
                None,
            ),
            Shown::Expired => self.trusted(
                |leaf| (leaf.not_before, leaf.not_after) = (self.now - 60 * DAY, self.now - 30 * DAY),
                self.leaf_key()?,
                None,
            ),
            Shown::NotYetValid => self.trusted(
                |leaf| (leaf.not_before, leaf.not_after) = (self.now + 30 * DAY, self.now + 37 * DAY),
                self.leaf_key()?,
                None,
            ),
            Shown::WeakKey => self.trusted(|_| {}, Key::rsa(1024)?, None),
            Shown::WeakSignature => self.trusted(|_| {}, self.leaf_key()?, Some(Algorithm::RsaSha1)),
            Shown::Revoked => self.revoked(),
        }
    }

    fn authority(&self) -> Result<(&Authority, Issuer<'_>), String> {
        let authority = self.authority.ok_or("it takes an authority that the product trusts")?;
        let Outline { subject, key_id, .. } = &authority.outline;
        Ok((authority, Issuer { name: subject.clone(), key: &authority.key, key_id: key_id.clone() }))
    }

    /// A chain to the lent authority, its leaf changed by `flaw` and signed as `signed` says.
    fn trusted(
        &self,
        flaw: impl FnOnce(&mut Draft),
        key: Key,
        signed: Option<Algorithm>,
    ) -> Result<Chain, String> {
        let (authority, root) = self.authority()?;
        let mut leaf = self.leaf(&key)?;
        flaw(&mut leaf);
        if authority.outline.path_length == Some(0) {
            if signed.is_some() {
                return Err("the lent authority lets no other authority stand below it".to_owned());
            }
            return Ok(Chain { certificates: vec![issue(leaf, &root, None)?], key, staple: None });
        }
        let middle_key = Key::rsa(2048)?;
        let middle = self.middle(&middle_key, &root)?;
        let issuer = Issuer { name: middle_name(), key: &middle_key, key_id: Some(middle_key.id()?) };
        Ok(Chain { certificates: vec![issue(leaf, &issuer, signed)?, middle], key, staple: None })
    }

    fn middle(&self, key: &Key, root: &Issuer<'_>) -> Result<Vec<u8>, String> {
        let mut draft = self.draft(middle_name(), key, Vec::new())?;
        draft.authority = true;
        // It was there before any leaf below it, also before the one that has expired: that chain has one flaw alone.
        draft.not_before = self.now - 365 * DAY;
        issue(draft, root, None)
    }

    fn revoked(&self) -> Result<Chain, String> {
        let mut chain = self.trusted(|_| {}, self.leaf_key()?, None)?;
        let leaf = outline(&chain.certificates[0]).map_err(|error| error.to_string())?;
        let (issuer, key) = match chain.certificates.get(1) {
            Some(middle) => (outline(middle).map_err(|error| error.to_string())?, Key::rsa(2048)?),
            None => {
                let (authority, _) = self.authority()?;
                (authority.outline.clone(), authority.key.clone())
            }
        };
        let signed = revocation::to_be_signed(&issuer, &leaf.serial, self.now - DAY, self.now);
        let algorithm = key.algorithm()?;
        chain.staple = Some(revocation::sealed(&signed, algorithm, &key.sign(algorithm, &signed)?));
        Ok(chain)
    }

    fn self_signed(&self, key: &Key) -> Result<Chain, String> {
        let draft = self.leaf(key)?;
        let issuer = Issuer { name: draft.subject.clone(), key, key_id: Some(key.id()?) };
        let certificate = issue(draft, &issuer, None)?;
        Ok(Chain { certificates: vec![certificate], key: key.clone(), staple: None })
    }

    fn unknown_authority(&self) -> Result<Chain, String> {
        let (root_key, key) = (self.other_key()?, self.leaf_key()?);
        let name = x509::name("Assay bench", "An authority nobody trusts");
        let mut root = self.draft(name.clone(), &root_key, Vec::new())?;
        root.authority = true;
        let issuer = Issuer { name, key: &root_key, key_id: Some(root_key.id()?) };
        let certificates = vec![issue(self.leaf(&key)?, &issuer, None)?, issue(root, &issuer, None)?];
        Ok(Chain { certificates, key, staple: None })
    }

    /// A sound leaf of the host signs another leaf, which it may not.
    fn leaf_as_authority(&self) -> Result<Chain, String> {
        let (_, root) = self.authority()?;
        let (leaf_key, key) = (self.other_key()?, self.leaf_key()?);
        let leaf = self.leaf(&leaf_key)?;
        let issuer = Issuer { name: leaf.subject.clone(), key: &leaf_key, key_id: Some(leaf_key.id()?) };
        let mut below = self.leaf(&key)?;
        below.subject = x509::name("Assay bench", "below a leaf");
        let certificates = vec![issue(below, &issuer, None)?, issue(leaf, &root, None)?];
        Ok(Chain { certificates, key, staple: None })
    }

    /// Every name, number and date of the real chain, and none of its keys.
    fn copied_names(&self) -> Result<Chain, String> {
        if self.real.is_empty() {
            return Err("the chain of the real service was not seen".to_owned());
        }
        let others = self.real.iter().skip(1).map(|_| self.other_key());
        let keys: Vec<Key> = std::iter::once(self.leaf_key()).chain(others).collect::<Result<_, _>>()?;
        let above = self.other_key()?;
        let mut certificates = Vec::new();
        for (index, der) in self.real.iter().enumerate() {
            let unread = |_| "the chain of the real service cannot be read".to_owned();
            let (seen, outline) = (read(&der.0).map_err(unread)?, outline(&der.0).map_err(unread)?);
            let key = &keys[index];
            let signer = match keys.get(index + 1) {
                Some(next) => next,
                None if outline.subject == outline.issuer => key,
                None => &above,
            };
            let draft = Draft {
                serial: outline.serial,
                issuer: outline.issuer.clone(),
                subject: outline.subject,
                not_before: seen.not_before,
                not_after: seen.not_after,
                key: key.public()?,
                names: seen.alternative_names,
                authority: outline.authority,
                key_id: key.id()?,
                issuer_key_id: None,
            };
            certificates.push(issue(
                draft,
                &Issuer { name: outline.issuer, key: signer, key_id: Some(signer.id()?) },
                None,
            )?);
        }
        Ok(Chain { certificates, key: keys[0].clone(), staple: None })
    }

    /// An RSA leaf: what old versions know. Sound where an authority was lent.
    fn for_old_versions(&self) -> Result<Chain, String> {
        let key = Key::rsa(2048)?;
        match self.authority() {
            Ok((_, root)) => {
                let certificates = vec![issue(self.leaf(&key)?, &root, None)?];
                Ok(Chain { certificates, key, staple: None })
            }
            Err(_) => self.self_signed(&key),
        }
    }

    /// A key for a leaf that is shown.
    fn leaf_key(&self) -> Result<Key, String> {
        if self.rsa { Key::rsa_leaf() } else { Key::p256() }
    }

    /// A key for what stands above it.
    fn other_key(&self) -> Result<Key, String> {
        if self.rsa { Key::rsa(2048) } else { Key::p256() }
    }

    fn leaf(&self, key: &Key) -> Result<Draft, String> {
        let name = match self.host.parse() {
            Ok(address) => AlternativeName::Address(address),
            Err(_) => AlternativeName::Dns(self.host.to_owned()),
        };
        self.draft(x509::name("Assay bench", self.host), key, vec![name])
    }

    fn draft(&self, subject: Vec<u8>, key: &Key, names: Vec<AlternativeName>) -> Result<Draft, String> {
        let mut serial = vec![0; 16];
        getrandom::fill(&mut serial).map_err(|_| "this machine gives no randomness")?;
        serial[0] = serial[0] & 0x7f | 0x40;
        Ok(Draft {
            serial,
            issuer: Vec::new(),
            subject,
            not_before: self.now - 2 * DAY,
            not_after: self.now + 7 * DAY,
            key: key.public()?,
            names,
            authority: false,
            key_id: key.id()?,
            issuer_key_id: None,
        })
    }
}

fn middle_name() -> Vec<u8> {
    x509::name("Assay bench", "An authority for one test")
}

fn issue(mut draft: Draft, issuer: &Issuer<'_>, algorithm: Option<Algorithm>) -> Result<Vec<u8>, String> {
    draft.issuer.clone_from(&issuer.name);
    draft.issuer_key_id.clone_from(&issuer.key_id);
    let algorithm = match algorithm {
        Some(algorithm) => algorithm,
        None => issuer.key.algorithm()?,
    };
    let signed = draft.to_be_signed(algorithm);
    let signature = issuer.key.sign(algorithm, &signed)?;
    Ok(x509::sealed(&signed, algorithm, &signature))
}
