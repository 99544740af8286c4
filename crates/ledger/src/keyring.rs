//! Whose keys may sign which leaves, as the log itself says: a walk over its KEY records.
//!
//! Trust begins at the root key. Every other key is entered, replaced and revoked by a record that a key valid at that
//! moment signed. Names and roles are what those records claim; nobody but their signers vouches for them.

use std::collections::BTreeMap;
use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use crate::{Digest, Draft, Entry, KeyError, KeyId, KeySet, Subject, VerifyingKey, predicate};

/// Where trust in a log begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// The key that the first leaf enters, whoever holds it. [`crate::Summary::root_key`] names it, and says so.
    FirstUse,
    /// This key and no other: it entered itself with the first leaf, or signed a log that never entered it.
    Root(VerifyingKey),
}

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The log itself: signs checkpoints, enters and revokes keys, and signs records.
    Log,
    /// The supplier organization: signs records.
    Supplier,
    /// A test laboratory: signs records.
    Laboratory,
    /// A reviewer: signs records.
    Reviewer,
}

impl Role {
    /// Every role, in the order of help texts.
    pub const ALL: [Self; 4] = [Self::Log, Self::Supplier, Self::Laboratory, Self::Reviewer];

    /// The role as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Supplier => "supplier",
            Self::Laboratory => "laboratory",
            Self::Reviewer => "reviewer",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Who answers for a key: an organisation, a person of it, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    /// The person's name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub person: String,
    /// The organisation's name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub organisation: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.person.as_str(), self.organisation.as_str()) {
            ("", "") => f.write_str("nobody named"),
            ("", one) | (one, "") => f.write_str(one),
            (person, organisation) => write!(f, "{person}, {organisation}"),
        }
    }
}

/// The record of a KEY leaf.
///
/// Invariant: a member that a reader does not know makes the record unreadable, for it might be a restriction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case", deny_unknown_fields)]
pub enum KeyRecord {
    /// Enters a key; it counts from the next leaf on. As the first leaf, signed by that very key: the root key.
    /// A key of the log signs its own entry too, or somebody could pass another's key off as theirs.
    #[serde(rename_all = "camelCase")]
    Enter {
        /// The key.
        public_key: PublicKey,
        /// Who answers for it.
        holder: Holder,
        /// What it is for.
        role: Role,
    },
    /// Puts a new key in the place of one that signs this record, with the same holder and role. The new key signs
    /// too. The old one signs nothing after this leaf.
    #[serde(rename_all = "camelCase")]
    Rotate {
        /// The key that ends.
        replaces: KeyId,
        /// The key that follows it.
        public_key: PublicKey,
    },
    /// Ends a key: it signs nothing after this leaf. What it signed before stays valid.
    Revoke {
        /// The key that ends.
        key: KeyId,
        /// Why.
        reason: String,
    },
}

impl KeyRecord {
    /// The KEY record of an entry; none when the entry is of another kind.
    pub(crate) fn of(entry: &Entry) -> Option<Result<Self, KeyRuleError>> {
        let form = |error: serde_json::Error| KeyRuleError::Form(error.to_string());
        (entry.kind() == predicate::KEY).then(|| serde_json::from_value(entry.record().clone()).map_err(form))
    }

    /// The record as an entry to be sealed.
    ///
    /// # Errors
    /// A JSON error that no such record gives.
    pub fn draft(&self, recorded_at: impl Into<String>) -> Result<Draft, serde_json::Error> {
        let (id, digest) = match self {
            Self::Enter { public_key, .. } | Self::Rotate { public_key, .. } => {
                (public_key.0.id(), Digest::of(&public_key.0.to_bytes()))
            }
            Self::Revoke { key, .. } => (*key, Digest::of(key.to_string().as_bytes())),
        };
        Ok(Draft {
            kind: predicate::KEY.to_owned(),
            subjects: vec![Subject::new(format!("key:{id}"), digest)],
            recorded_at: recorded_at.into(),
            record: serde_json::to_value(self)?,
        })
    }
}

/// A public key in text: the one line between `BEGIN PUBLIC KEY` and `END PUBLIC KEY` of its PEM form (RFC 8410).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PublicKey(pub VerifyingKey);

/// What stands before the 32 bytes in the DER form of an Ed25519 public key.
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        STANDARD.encode([SPKI.as_slice(), &key.0.to_bytes()].concat())
    }
}

impl TryFrom<String> for PublicKey {
    type Error = KeyError;

    fn try_from(text: String) -> Result<Self, KeyError> {
        let der = STANDARD.decode(&text).unwrap_or_default();
        let bytes = der.strip_prefix(&SPKI).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        VerifyingKey::from_bytes(&bytes.ok_or(KeyError::Weak(text))?).map(Self)
    }
}

/// Why a KEY leaf is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyRuleError {
    /// The record is of no form this program knows.
    #[error("its key record does not read: {0}")]
    Form(String),
    /// The first leaf enters another key than the one it is signed by, or one that is not the log's.
    #[error("a log's first key enters itself, alone and with the role `log`")]
    Root,
    /// The first leaf enters another key than the one that is trusted.
    #[error("the log begins with key {found}; trusted is {trusted}")]
    OtherRoot {
        /// The key it enters.
        found: KeyId,
        /// The key that was to be the root.
        trusted: KeyId,
    },
    /// The signer may not do this.
    #[error("it changes key {key} and is not signed by a key that may: by that key itself or one of the log")]
    NotAllowed {
        /// The key that was to be entered or ended.
        key: KeyId,
    },
    /// A further key of the log did not sign its own entry.
    #[error("it enters key {0} for the log and that key did not sign it")]
    NotHeld(KeyId),
    /// The leaf's own bytes do not read, or are not as they were signed.
    #[error("its bytes were altered: {0}")]
    Altered(String),
    /// A key signed it that may not sign this leaf.
    #[error("key {0} may not sign it")]
    MayNotSign(String),
    /// A rotation is not signed by both keys.
    #[error("it replaces key {old} by {new} and is not signed by both")]
    NotBoth {
        /// The key that was to end.
        old: KeyId,
        /// The key that was to follow.
        new: KeyId,
    },
    /// The key was entered before, and is never entered twice.
    #[error("key {0} was entered before")]
    Known(KeyId),
    /// The key that is to end is not valid here.
    #[error("it ends key {0}, which is not valid here")]
    NotValid(KeyId),
    /// No key of the log would be left.
    #[error("it ends key {0}, the last one of the log")]
    LastOfLog(KeyId),
}

/// How a key ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// This key follows it.
    ReplacedBy(KeyId),
    /// It was revoked, for this reason.
    Revoked(String),
}

/// A key of the log and the leaves it may sign. As JSON it is what a reader needs to check that by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KnownKey {
    /// Its name.
    pub id: KeyId,
    /// The key.
    pub public_key: PublicKey,
    /// Who answers for it.
    pub holder: Holder,
    /// What it is for.
    pub role: Role,
    /// The first leaf it may sign.
    pub from: u64,
    /// The first leaf it may not sign any more.
    pub until: Option<u64>,
    /// How it ended.
    pub ended: Option<Ended>,
    /// Whether trust begins at it.
    pub root: bool,
}

impl KnownKey {
    /// Whether it may sign the leaf at this position.
    pub fn is_valid_at(&self, index: u64) -> bool {
        self.from <= index && self.until.is_none_or(|until| index < until)
    }
}

/// The keys of a log, as far as it was walked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyring {
    trust: Trust,
    keys: BTreeMap<KeyId, KnownKey>,
}

impl Keyring {
    /// The keys before the first leaf.
    pub fn new(trust: Trust) -> Self {
        let mut ring = Self { trust, keys: BTreeMap::new() };
        if let Trust::Root(key) = trust {
            // Its holder is not said by the log, unless the first leaf says it.
            ring.enter(key, Holder::default(), Role::Log, 0, true);
        }
        ring
    }

    /// Every key there ever was, by its name.
    pub fn keys(&self) -> impl Iterator<Item = &KnownKey> {
        self.keys.values()
    }

    /// The key of this name, valid or not.
    pub fn get(&self, id: KeyId) -> Option<&KnownKey> {
        self.keys.get(&id)
    }

    /// The key that trust begins at; none before the first leaf of a log that is to enter it.
    pub fn root(&self) -> Option<&KnownKey> {
        self.keys.values().find(|key| key.root)
    }

    /// The keys that may sign the leaf at `index`, and those that may sign a checkpoint over `index` leaves.
    pub fn valid_at(&self, index: u64) -> KeySet {
        let valid = self.keys.values().filter(|key| key.is_valid_at(index));
        valid.fold(KeySet::new(), |set, known| match known.role {
            Role::Log => set.with_log(known.public_key.0),
            Role::Supplier | Role::Laboratory | Role::Reviewer => set.with_author(known.public_key.0),
        })
    }

    /// Takes up one KEY leaf by itself, at the position it carries: enough to know who may sign the next leaf, without
    /// reading a whole log that was verified before. Leaves of other kinds change nothing.
    ///
    /// # Errors
    /// [`KeyRuleError`] as a [`crate::Verifier`] would say it; then nothing changes.
    pub fn follow(&mut self, leaf: &[u8]) -> Result<(), KeyRuleError> {
        let altered = |error: String| KeyRuleError::Altered(error);
        let (entry, message, claimed) = Entry::read_signed(leaf).map_err(|e| altered(e.to_string()))?;
        let Some(record) = KeyRecord::of(&entry) else { return Ok(()) };
        let (record, index) = (record?, entry.position().index);
        let mut signers = Vec::new();
        for claim in claimed {
            let may_not = || KeyRuleError::MayNotSign(claim.keyid.escape_debug().to_string());
            let id: KeyId = claim.keyid.parse().map_err(|_| may_not())?;
            let key = self.signer(id, index, Some(&record)).map_err(|_| may_not())?;
            if !key.verifies(&message, &claim.signature) {
                return Err(altered(format!("not as key {id} signed them")));
            }
            signers.push(id);
        }
        self.apply(index, &record, &signers)
    }

    /// The key that a signature of the leaf at `index` is to be checked with, once its record is known.
    ///
    /// A record that enters a key may be signed by that key too, which proves that somebody holds it.
    pub(crate) fn signer(
        &self,
        id: KeyId,
        index: u64,
        record: Option<&KeyRecord>,
    ) -> Result<VerifyingKey, Signer> {
        match self.keys.get(&id) {
            Some(known) if known.is_valid_at(index) => return Ok(known.public_key.0),
            Some(known) => return Err(Signer::NotValid { from: known.from, until: known.until }),
            None => {}
        }
        match record {
            Some(KeyRecord::Enter { public_key, .. } | KeyRecord::Rotate { public_key, .. })
                if public_key.0.id() == id =>
            {
                Ok(public_key.0)
            }
            _ => Err(Signer::Unknown),
        }
    }

    /// Takes up the KEY record of the leaf at `index`, signed by these keys, whose signatures were verified.
    ///
    /// # Errors
    /// [`KeyRuleError`] when the signers may not do that; then nothing changes.
    pub(crate) fn apply(&mut self, index: u64, record: &KeyRecord, signers: &[KeyId]) -> Result<(), KeyRuleError> {
        let signed_by = |id: KeyId| signers.contains(&id);
        let by_log = signers.iter().filter_map(|id| self.keys.get(id)).any(|known| known.role == Role::Log);
        match record {
            KeyRecord::Enter { public_key: PublicKey(key), holder, role } => {
                let id = key.id();
                if index == 0 {
                    self.may_be_root(*key, *role, signers)?;
                    self.enter(*key, holder.clone(), *role, 0, true);
                } else if !by_log {
                    return Err(KeyRuleError::NotAllowed { key: id });
                } else if self.keys.contains_key(&id) {
                    return Err(KeyRuleError::Known(id));
                } else if *role == Role::Log && !signed_by(id) {
                    return Err(KeyRuleError::NotHeld(id));
                } else {
                    self.enter(*key, holder.clone(), *role, index + 1, false);
                }
            }
            KeyRecord::Rotate { replaces, public_key: PublicKey(key) } => {
                let new = key.id();
                let old = self.keys.get(replaces).filter(|known| known.is_valid_at(index));
                let Some(old) = old.cloned() else { return Err(KeyRuleError::NotValid(*replaces)) };
                if self.keys.contains_key(&new) {
                    return Err(KeyRuleError::Known(new));
                }
                if !signed_by(old.id) || !signed_by(new) {
                    return Err(KeyRuleError::NotBoth { old: old.id, new });
                }
                self.end(old.id, index, Ended::ReplacedBy(new));
                self.enter(*key, old.holder, old.role, index + 1, false);
            }
            KeyRecord::Revoke { key, reason } => {
                let known = self.keys.get(key).filter(|known| known.is_valid_at(index));
                let Some(known) = known else { return Err(KeyRuleError::NotValid(*key)) };
                if !by_log && !signed_by(*key) {
                    return Err(KeyRuleError::NotAllowed { key: *key });
                }
                let others = self.keys.values().filter(|other| other.id != *key && other.is_valid_at(index));
                if known.role == Role::Log && !others.into_iter().any(|other| other.role == Role::Log) {
                    return Err(KeyRuleError::LastOfLog(*key));
                }
                self.end(*key, index, Ended::Revoked(reason.clone()));
            }
        }
        Ok(())
    }

    fn may_be_root(&self, key: VerifyingKey, role: Role, signers: &[KeyId]) -> Result<(), KeyRuleError> {
        match self.trust {
            Trust::Root(root) if root != key => {
                Err(KeyRuleError::OtherRoot { found: key.id(), trusted: root.id() })
            }
            _ if role == Role::Log && signers == [key.id()] => Ok(()),
            _ => Err(KeyRuleError::Root),
        }
    }

    fn enter(&mut self, key: VerifyingKey, holder: Holder, role: Role, from: u64, root: bool) {
        let (id, public_key) = (key.id(), PublicKey(key));
        self.keys.insert(id, KnownKey { id, public_key, holder, role, from, until: None, ended: None, root });
    }

    fn end(&mut self, id: KeyId, index: u64, how: Ended) {
        if let Some(known) = self.keys.get_mut(&id) {
            known.until = Some(index + 1);
            known.ended = Some(how);
        }
    }
}

/// Why a key may not sign a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signer {
    /// The log never entered it.
    Unknown,
    /// It is one of the log's, and signs other leaves than this.
    NotValid { from: u64, until: Option<u64> },
}

#[cfg(test)]
mod tests;
