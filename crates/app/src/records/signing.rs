//! Who signs: the workspace's key for the log, and another key that the ledger has entered where a person uses theirs.
//!
//! A record that nobody may sign is refused here, before it is sealed; verification would refuse it afterwards.

use std::path::Path;

use dossier::SourceText;
use ledger::{Draft, Head, Holder, KeyRecord, Keyring, PublicKey, Role, Sealed, SigningKey, Trust, predicate};
use store::StoreError;

use super::{ORIGIN, Records, RecordsError};
use crate::key::{self, KeyEnvironment, KeyPlace};

/// The keys of a workspace, as far as they were needed.
pub(super) struct Signing {
    pub(super) environment: KeyEnvironment,
    /// Who a new ledger's first key belongs to.
    organisation: String,
    log: Option<SigningKey>,
    author: Option<SigningKey>,
    /// The ledger's keys, and the number of leaves they were read from.
    ring: Option<(u64, Keyring)>,
}

impl Signing {
    pub(super) fn new(environment: KeyEnvironment, dossier: &Path) -> Self {
        // Only a name, and only for the first record: a folder without a dossier has none.
        let at = dossier.join("assay.toml");
        let text = std::fs::read_to_string(at).unwrap_or_default();
        let (read, _) = ::dossier::read(vec![SourceText { path: "assay.toml".to_owned(), text }]);
        let manufacturer = read.product.and_then(|product| product.manufacturer.clone());
        let organisation = manufacturer.map(|name| name.value).unwrap_or_default();
        Self { environment, organisation, log: None, author: None, ring: None }
    }
}

impl Records {
    /// The key that signs for the log, made on first use.
    ///
    /// # Errors
    /// [`RecordsError::NoKey`] when the ledger was signed by a key that is not here, [`RecordsError::Key`].
    pub fn log_key(&mut self) -> Result<SigningKey, RecordsError> {
        if let Some(key) = &self.signing.log {
            return Ok(key.clone());
        }
        let size = self.store.size().map_err(|e| self.store_error(e))?;
        let key = match size {
            0 => self.signing.environment.open(&self.folder)?,
            _ => match self.key_place()? {
                KeyPlace::File(at) if at.exists() => self.read_key(&at, size)?,
                _ => self.own_key()?.ok_or_else(|| RecordsError::NoKey(self.folder.clone()))?,
            },
        };
        self.signing.log = Some(key.clone());
        Ok(key)
    }

    /// The private key in this file, if it may sign records now.
    ///
    /// # Errors
    /// [`RecordsError::MayNotSign`] when the ledger has not entered it, or has ended it; [`RecordsError::Key`].
    pub fn author(&mut self, file: &Path) -> Result<SigningKey, RecordsError> {
        let size = self.store.size().map_err(|e| self.store_error(e))?;
        let key = self.read_key(file, size)?;
        let ring = self.ring(size)?;
        match ring.valid_at(size).author(key.id()) {
            Some(_) => Ok(key),
            None => Err(may_not_sign(&ring, &key, "records")),
        }
    }

    /// Signs the records that follow with this key instead of the workspace's.
    pub fn sign_as(&mut self, author: SigningKey) {
        self.signing.author = Some(author);
    }

    /// The private key in a file, after the end of a rotation that was killed between ledger and file.
    pub(crate) fn read_key_now(&mut self, file: &Path) -> Result<SigningKey, RecordsError> {
        let size = self.store.size().map_err(|e| self.store_error(e))?;
        self.read_key(file, size)
    }

    fn read_key(&mut self, file: &Path, size: u64) -> Result<SigningKey, RecordsError> {
        let next = key::successor(file);
        if next.exists() {
            let next = key::read(&next)?;
            if self.ring(size)?.valid_at(size).author(next.id()).is_some() {
                key::succeed(file)?;
            }
        }
        Ok(key::read(file)?)
    }

    /// Where trust in this ledger begins: at the key it enters first, or, for one that never entered any, at the
    /// workspace's own.
    pub(super) fn trust(&self) -> Result<Trust, RecordsError> {
        if let Some(root) = key::root(&self.folder)? {
            return Ok(Trust::Root(root));
        }
        let first = self.store.leaf(0).map_err(|e| self.store_error(e))?;
        match first {
            Some(leaf) if leaf.kind != predicate::KEY => {
                Ok(self.own_key()?.map_or(Trust::FirstUse, |key| Trust::Root(key.verifying_key())))
            }
            _ => Ok(Trust::FirstUse),
        }
    }

    /// The ledger's keys after `size` leaves, from its KEY records alone.
    pub(crate) fn ring(&mut self, size: u64) -> Result<Keyring, RecordsError> {
        if let Some((at, ring)) = &self.signing.ring
            && *at == size
        {
            return Ok(ring.clone());
        }
        let mut ring = Keyring::new(self.trust()?);
        let leaves = self.store.by_kind(predicate::KEY).map_err(|e| self.store_error(e))?;
        for leaf in leaves.into_iter().filter(|leaf| leaf.seq < size) {
            ring.follow(&leaf.body).map_err(|source| RecordsError::Keys { seq: leaf.seq, source })?;
        }
        self.signing.ring = Some((size, ring.clone()));
        Ok(ring)
    }

    /// Seals a record as the next leaf, by those who may.
    pub(super) fn seal_next(
        &mut self,
        what: &'static str,
        head: &Head,
        draft: Draft,
    ) -> Result<Sealed, RecordsError> {
        let log = self.log_key()?;
        let author = self.signing.author.clone().unwrap_or_else(|| log.clone());
        let size = head.size();
        let ring = self.ring(size)?;
        let valid = ring.valid_at(size);
        if !valid.log_keys().any(|key| key.id() == log.id()) {
            return Err(may_not_sign(&ring, &log, "for the log"));
        }
        if valid.author(author.id()).is_none() {
            return Err(may_not_sign(&ring, &author, "records"));
        }
        head.seal(draft, &author, ORIGIN, &log).map_err(|source| RecordsError::Seal { what, source })
    }

    /// Enters the workspace's key as the first leaf of an empty ledger. False when another process was faster.
    pub(crate) fn enter_root(&mut self, recorded_at: &str) -> Result<bool, RecordsError> {
        let key = self.log_key()?;
        let holder = Holder { organisation: self.signing.organisation.clone(), ..Holder::default() };
        let record = KeyRecord::Enter { public_key: PublicKey(key.verifying_key()), holder, role: Role::Log };
        self.append_key(&record, recorded_at, &[&key], &key, 0).map(|seq| seq.is_some())
    }

    /// Appends a KEY record at this position. None when another leaf stands there already.
    pub(crate) fn append_key(
        &mut self,
        record: &KeyRecord,
        recorded_at: &str,
        signers: &[&SigningKey],
        log: &SigningKey,
        size: u64,
    ) -> Result<Option<u64>, RecordsError> {
        const WHAT: &str = "a key";
        let head = self.store.head().map_err(|e| self.store_error(e))?;
        if head.size() != size {
            return Ok(None);
        }
        let mut draft = record.draft(recorded_at).map_err(|source| RecordsError::Json { what: WHAT, source })?;
        self.not_before_the_last(&head, &mut draft)?;
        let sealed = head
            .seal_by(draft, signers, ORIGIN, log)
            .map_err(|source| RecordsError::Seal { what: WHAT, source })?;
        // What verification would refuse is not appended.
        let mut ring = match size {
            0 => Keyring::new(Trust::FirstUse),
            _ => self.ring(size)?,
        };
        ring.follow(&sealed.body).map_err(|source| RecordsError::Keys { seq: size, source })?;
        if !ring.valid_at(size + 1).log_keys().any(|key| key.id() == log.id()) {
            return Err(may_not_sign(&ring, log, "for the log after that"));
        }
        match self.store.append(predicate::KEY, &sealed.body, &sealed.note) {
            Ok(seq) => {
                self.signing.ring = Some((seq + 1, ring));
                Ok(Some(seq))
            }
            Err(StoreError::Moved { .. }) => Ok(None),
            Err(error) => Err(self.store_error(error)),
        }
    }

    /// Remembers that a record which changed no key was appended at this position.
    pub(super) fn appended(&mut self, seq: u64) {
        if let Some((size, _)) = &mut self.signing.ring
            && *size == seq
        {
            *size += 1;
        }
    }

    /// The workspace's key, if it has one.
    ///
    /// # Errors
    /// [`RecordsError::Key`] when it cannot be used.
    pub fn own_key(&self) -> Result<Option<SigningKey>, RecordsError> {
        Ok(self.signing.environment.present(&self.folder)?)
    }

    /// Keeps the key that an early ledger, which enters none, begins with: another is about to take its place.
    pub(crate) fn remember_root_of_early_ledger(&mut self) -> Result<(), RecordsError> {
        let first = self.store.leaf(0).map_err(|e| self.store_error(e))?;
        if first.is_some_and(|leaf| leaf.kind != predicate::KEY)
            && let Trust::Root(root) = self.trust()?
        {
            key::remember_root(&self.folder, root)?;
        }
        Ok(())
    }

    /// Forgets the key for the log, so that the next use reads it again.
    pub(crate) fn forget_log_key(&mut self) {
        self.signing.log = None;
    }

    /// Where the workspace's key is.
    pub(crate) fn key_place(&self) -> Result<KeyPlace, RecordsError> {
        Ok(self.signing.environment.place(&self.folder)?)
    }
}

fn may_not_sign(ring: &Keyring, key: &SigningKey, what: &'static str) -> RecordsError {
    let why = match ring.get(key.id()) {
        None => "the ledger has not entered it\n\nhint: `assay key add` enters a key".to_owned(),
        Some(known) => match known.until {
            Some(until) => format!("its last leaf was {}", until.saturating_sub(1)),
            None => format!("its role is `{}`", known.role),
        },
    };
    RecordsError::MayNotSign { key: key.id(), what, why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder;

    #[test]
    fn the_first_key_belongs_to_the_manufacturer_that_the_dossier_names() {
        let folder = tempfile::tempdir().unwrap();
        let text = "edition = \"3.1.3\"\n[product]\nname = \"P\"\nmanufacturer = \"Example Ltd\"\n";
        folder::create(folder.path(), &[SourceText { path: "assay.toml".to_owned(), text: text.to_owned() }])
            .unwrap();
        assert_eq!(Signing::new(KeyEnvironment::default(), folder.path()).organisation, "Example Ltd");
        assert_eq!(Signing::new(KeyEnvironment::default(), &folder.path().join("no")).organisation, "");
    }
}
