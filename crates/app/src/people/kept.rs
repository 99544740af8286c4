//! What is kept of people beside the ledger: passwords, sessions, invitations and tokens, as JSON under their digests.

use std::sync::{Mutex, MutexGuard, PoisonError};

use model::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::{Documents, StoreError};
use workflow::people::{AccountName, Permission, Role};

use super::PeopleError;

/// A kind of document.
pub(super) trait Kind: Serialize + DeserializeOwned {
    /// Its collection.
    const COLLECTION: &'static str;
}

/// The password of an account; the key is the account's name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Password {
    /// Its Argon2id hash.
    pub(super) hash: String,
    /// When it was chosen.
    pub(super) chosen: Timestamp,
}

impl Kind for Password {
    const COLLECTION: &'static str = "people-password";
}

/// By whom an account is known elsewhere; the key is the digest of provider and subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    /// The account.
    pub account: AccountName,
    /// The provider, by its issuer identifier.
    pub issuer: String,
    /// Who it is there: the subject identifier.
    pub subject: String,
    /// When it was linked.
    pub since: Timestamp,
}

impl Kind for Linked {
    const COLLECTION: &'static str = "people-linked";
}

/// A session; the key is the digest of its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Whose.
    pub account: AccountName,
    /// When it began.
    pub began: Timestamp,
    /// When it was used last, to the minute.
    pub used: Timestamp,
    /// From where it began.
    pub source: String,
    /// What the browser called itself, shortened.
    pub browser: String,
}

impl Kind for Session {
    const COLLECTION: &'static str = "people-session";
}

/// An invitation, or a link to choose a new password; the key is the digest of its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// For which account.
    pub account: AccountName,
    /// The person's name.
    pub person: String,
    /// What they are invited as; none where only the password is to be chosen anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// For which product only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Who gave it out.
    pub by: String,
    /// When it ends.
    pub ends: Timestamp,
}

impl Kind for Invitation {
    const COLLECTION: &'static str = "people-invitation";
}

/// A token for a program; the key is the digest of its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Whose; it may nothing that they may not.
    pub account: AccountName,
    /// What it is for, in its owner's words.
    pub name: String,
    /// What it may.
    pub scopes: Vec<Permission>,
    /// When it was made.
    pub made: Timestamp,
    /// When it ends.
    pub ends: Timestamp,
    /// When it was used last, to the minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<Timestamp>,
}

impl Kind for Token {
    const COLLECTION: &'static str = "people-token";
}

/// A document and the version it is at.
#[derive(Debug, Clone)]
pub(super) struct Versioned<T> {
    pub(super) key: String,
    pub(super) version: u64,
    pub(super) body: T,
}

/// The documents.
pub(super) struct Kept {
    documents: Mutex<Box<dyn Documents>>,
}

impl Kept {
    pub(super) fn new(documents: Box<dyn Documents>) -> Self {
        Self { documents: Mutex::new(documents) }
    }

    fn documents(&self) -> MutexGuard<'_, Box<dyn Documents>> {
        // Each use is one call, which the store keeps whole.
        self.documents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get<T: Kind>(&self, key: &str) -> Result<Option<Versioned<T>>, PeopleError> {
        let found = self.documents().get(T::COLLECTION, key)?;
        found.map(read).transpose()
    }

    pub(super) fn list<T: Kind>(&self) -> Result<Vec<Versioned<T>>, PeopleError> {
        let found = self.documents().list(T::COLLECTION)?;
        found.into_iter().map(read).collect()
    }

    /// Puts a document that is to be new, or to replace this version.
    pub(super) fn put<T: Kind>(&self, key: &str, body: &T, expected: Option<u64>) -> Result<(), PeopleError> {
        let bytes = serde_json::to_vec(body).map_err(|_| PeopleError::Form(T::COLLECTION))?;
        self.documents().put(T::COLLECTION, key, &bytes, expected)?;
        Ok(())
    }

    /// As [`Kept::put`]; where somebody else was faster, nothing is done.
    pub(super) fn touch<T: Kind>(&self, was: &Versioned<T>, body: &T) -> Result<(), PeopleError> {
        match self.put(&was.key, body, Some(was.version)) {
            Err(PeopleError::Store(StoreError::Conflict { .. })) => Ok(()),
            done => done,
        }
    }

    /// Puts a document in the place of whatever is there.
    pub(super) fn set<T: Kind>(&self, key: &str, body: &T) -> Result<(), PeopleError> {
        loop {
            let version = self.documents().get(T::COLLECTION, key)?.map(|document| document.version);
            match self.put(key, body, version) {
                Err(PeopleError::Store(StoreError::Conflict { .. })) => {}
                done => return done,
            }
        }
    }

    /// Deletes this version. False when somebody else was faster: then it is not this caller who has it.
    pub(super) fn take<T: Kind>(&self, document: &Versioned<T>) -> Result<bool, PeopleError> {
        match self.documents().delete(T::COLLECTION, &document.key, document.version) {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes a document, whatever version it is at.
    pub(super) fn delete<T: Kind>(&self, key: &str) -> Result<(), PeopleError> {
        loop {
            let Some(found) = self.documents().get(T::COLLECTION, key)? else { return Ok(()) };
            match self.documents().delete(T::COLLECTION, key, found.version) {
                Err(StoreError::Conflict { .. }) => {}
                done => return Ok(done?),
            }
        }
    }

    /// Deletes every document of which something holds.
    pub(super) fn delete_where<T: Kind>(&self, holds: impl Fn(&str, &T) -> bool) -> Result<(), PeopleError> {
        for document in self.list::<T>()? {
            if holds(&document.key, &document.body) {
                self.delete::<T>(&document.key)?;
            }
        }
        Ok(())
    }
}

fn read<T: Kind>(document: store::Document) -> Result<Versioned<T>, PeopleError> {
    let body = serde_json::from_slice(&document.bytes).map_err(|_| PeopleError::Form(T::COLLECTION))?;
    Ok(Versioned { key: document.key, version: document.version, body })
}
