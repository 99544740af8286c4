//! Entering, replacing and ending keys: each a record of the ledger, signed by a key that may do that.

use std::path::{Path, PathBuf};

use ledger::{Holder, KeyError, KeyId, KeyRecord, KnownKey, PublicKey, Role, SigningKey, VerifyingKey};
use model::Timestamp;

use crate::key::{self, KeyPlace, SigningKeyError};
use crate::records::{Records, RecordsError};

/// Why a key was not entered, replaced or ended.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The folder holds no dossier.
    #[error("find a dossier in {}\n\nhint: `--folder FOLDER` names the folder with its assay.toml", .0.display())]
    NoDossier(PathBuf),
    /// The ledger.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// A private key.
    #[error(transparent)]
    Key(#[from] SigningKeyError),
    /// The file with the key to enter cannot be read.
    #[error("read the key {}", at.display())]
    Read {
        /// Which.
        at: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file holds no key.
    #[error("read the key {}\n\nhint: a public key in PEM, as `assay key export` writes it", at.display())]
    Pem {
        /// Which.
        at: PathBuf,
        /// Why.
        #[source]
        source: KeyError,
    },
    /// A key of the log is entered with its private half.
    #[error(
        "enter key {0} for the log: its file is a public key\n\nhint: give the file of the private key; it signs its own entry, and is not kept"
    )]
    NeedsPrivate(KeyId),
    /// Nobody is named.
    #[error("enter the key: name who answers for it, a person, an organisation, or both")]
    NoHolder,
    /// No reason is given.
    #[error("revoke the key: say why")]
    NoReason,
    /// The key is not in the ledger.
    #[error("find key {0} in the ledger\n\nhint: `assay key show` lists the keys")]
    Unknown(KeyId),
    /// The workspace's own key.
    #[error(
        "revoke key {0}: it signs for the log here\n\nhint: `assay key rotate` puts another in its place first"
    )]
    Own(KeyId),
    /// The key is in the environment, where a new one cannot be put.
    #[error(
        "replace the key in {}: a new one cannot be put there\n\nhint: make one with `assay key new FILE`, give it with `--to FILE`, and then change {}",
        key::IN_ENVIRONMENT,
        key::IN_ENVIRONMENT
    )]
    InEnvironment,
    /// A public key cannot be written.
    #[error("write the public key")]
    Write(#[source] KeyError),
}

/// Every key of the ledger in a dossier folder, verified, in the order in which they were entered; and the
/// workspace's own, if it has one.
///
/// # Errors
/// [`KeysError::Records`] when the ledger does not verify.
pub fn show(folder: &Path) -> Result<(Vec<KnownKey>, Option<KeyId>), KeysError> {
    let mut keys = Vec::new();
    let records = Records::open(folder)?;
    if let Some(summary) = records.verify()? {
        keys = summary.keyring.keys().cloned().collect();
        keys.sort_by_key(|known: &KnownKey| (known.from, known.id));
    }
    Ok((keys, records.own_key()?.map(|key| key.id())))
}

/// A public key as PEM text: of this name in the ledger, or the workspace's own, which is made if there is none.
///
/// # Errors
/// [`KeysError`] when there is no such key.
pub fn export(folder: &Path, id: Option<KeyId>) -> Result<String, KeysError> {
    let mut records = of_dossier(folder)?;
    let key = match id {
        None => records.log_key()?.verifying_key(),
        Some(id) => {
            let known = records.verify()?.and_then(|summary| summary.keyring.get(id).cloned());
            known.ok_or(KeysError::Unknown(id))?.public_key.0
        }
    };
    key.to_pem().map_err(KeysError::Write)
}

/// The ledger of a dossier: no other folder is given one.
fn of_dossier(folder: &Path) -> Result<Records, KeysError> {
    if !folder.join("assay.toml").is_file() && !Records::exist(folder) {
        return Err(KeysError::NoDossier(folder.to_owned()));
    }
    Ok(Records::open_sound(folder)?)
}

/// Enters the key in a file, public or private, and returns its name and the position of the record.
///
/// # Errors
/// [`KeysError`]; then nothing was recorded.
pub fn add(
    folder: &Path,
    file: &Path,
    holder: Holder,
    role: Role,
    at: Timestamp,
) -> Result<(KeyId, u64), KeysError> {
    if holder.person.trim().is_empty() && holder.organisation.trim().is_empty() {
        return Err(KeysError::NoHolder);
    }
    let (public, private) = read_either(file)?;
    if role == Role::Log && private.is_none() {
        return Err(KeysError::NeedsPrivate(public.id()));
    }
    let record = KeyRecord::Enter { public_key: PublicKey(public), holder, role };
    let mut records = of_dossier(folder)?;
    let log = records.log_key()?;
    let signers: Vec<&SigningKey> = std::iter::once(&log).chain(&private).collect();
    let seq = record_key(&mut records, &record, &signers, &log, at)?;
    Ok((public.id(), seq))
}

/// Replaces the workspace's key, or the one in `file`, by a new one, or by the one in `to`; returns the name of the
/// new key and the position of the record.
///
/// A new key is put in the old one's file, once the ledger has entered it. With `to`, no file is changed.
///
/// # Errors
/// [`KeysError`]; then nothing was recorded.
pub fn rotate(
    folder: &Path,
    file: Option<&Path>,
    to: Option<&Path>,
    at: Timestamp,
) -> Result<(KeyId, u64), KeysError> {
    let mut records = of_dossier(folder)?;
    let log = records.log_key()?;
    let old = match file {
        None => log.clone(),
        Some(file) => records.read_key_now(file)?,
    };
    let place = match file {
        None => records.key_place()?,
        Some(file) => KeyPlace::File(file.to_owned()),
    };
    let (new, replaced) = match (to, place) {
        (Some(to), _) => (key::read(to)?, None),
        (None, KeyPlace::Environment) => return Err(KeysError::InEnvironment),
        (None, KeyPlace::File(at)) => {
            // One that waits there was never entered, or the rotation would have been completed.
            let next = key::successor(&at);
            let new = if next.exists() { key::read(&next)? } else { key::make(&next)? };
            (new, Some(at))
        }
    };
    records.remember_root_of_early_ledger()?;
    let record = KeyRecord::Rotate { replaces: old.id(), public_key: PublicKey(new.verifying_key()) };
    let log = if old.id() == log.id() { &new } else { &log };
    let seq = record_key(&mut records, &record, &[&old, &new], log, at)?;
    if let Some(at) = replaced {
        key::succeed(&at)?;
    }
    records.forget_log_key();
    Ok((new.id(), seq))
}

/// Ends a key, signed by the workspace's key, or by the key itself in `file`; returns the position of the record.
///
/// # Errors
/// [`KeysError`]; then nothing was recorded.
pub fn revoke(
    folder: &Path,
    key: KeyId,
    reason: &str,
    file: Option<&Path>,
    at: Timestamp,
) -> Result<u64, KeysError> {
    if reason.trim().is_empty() {
        return Err(KeysError::NoReason);
    }
    let mut records = of_dossier(folder)?;
    let log = records.log_key()?;
    if key == log.id() {
        return Err(KeysError::Own(key));
    }
    let author = file.map(|file| records.read_key_now(file)).transpose()?.unwrap_or_else(|| log.clone());
    let record = KeyRecord::Revoke { key, reason: reason.trim().to_owned() };
    record_key(&mut records, &record, &[&author], &log, at)
}

/// Makes a private key in a file of its own, for a further signer; returns its public half.
///
/// # Errors
/// [`KeysError::Key`] when something is there already.
pub fn make(at: &Path) -> Result<VerifyingKey, KeysError> {
    Ok(key::make(at)?.verifying_key())
}

/// Enters a key with its holder and role unless the ledger knows it. False when the ledger has ended it.
pub(crate) fn enter_once(
    records: &mut Records,
    key: &SigningKey,
    holder: &Holder,
    role: Role,
    at: Timestamp,
) -> Result<bool, KeysError> {
    let public_key = PublicKey(key.verifying_key());
    loop {
        let size = records.store.size().map_err(|e| records.store_error(e))?;
        if size == 0 {
            records.enter_root(&at.to_string())?;
            continue;
        }
        if let Some(known) = records.ring(size)?.get(key.id()) {
            return Ok(known.is_valid_at(size));
        }
        let log = records.log_key()?;
        let record = KeyRecord::Enter { public_key, holder: holder.clone(), role };
        records.append_key(&record, &at.to_string(), &[&log, key], &log, size)?;
    }
}

fn record_key(
    records: &mut Records,
    record: &KeyRecord,
    signers: &[&SigningKey],
    log: &SigningKey,
    at: Timestamp,
) -> Result<u64, KeysError> {
    loop {
        let mut size = records.store.size().map_err(|e| records.store_error(e))?;
        if size == 0 {
            records.enter_root(&at.to_string())?;
            size = 1;
        }
        if let Some(seq) = records.append_key(record, &at.to_string(), signers, log, size)? {
            return Ok(seq);
        }
    }
}

/// A key file as people have them: the public half, and the private one if the file holds it.
fn read_either(at: &Path) -> Result<(VerifyingKey, Option<SigningKey>), KeysError> {
    let text = std::fs::read_to_string(at).map_err(|source| KeysError::Read { at: at.to_owned(), source })?;
    if text.contains("PRIVATE KEY") {
        let key = key::read(at)?;
        return Ok((key.verifying_key(), Some(key)));
    }
    let key = VerifyingKey::from_pem(&text).map_err(|source| KeysError::Pem { at: at.to_owned(), source })?;
    Ok((key, None))
}
