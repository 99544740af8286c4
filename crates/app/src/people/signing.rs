//! The keys that accounts sign with. The workspace holds them, one for each role a key can have, and enters each in the
//! ledger of a product when it is to sign there first.
//!
//! A signature by one says that somebody with the account's session was at the workspace. Whoever holds the workspace's
//! files can make one too: see docs/reference/workspace-security.md.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ledger::{Holder, Role as KeyRole};
use model::Timestamp;
use workflow::people::{AccountName, Person, Role};

use super::{PeopleError, Team};
use crate::key::{self, SigningKeyError};
use crate::keys;
use crate::records::{FOLDER, Records};

/// The folder of the accounts' keys, in the `.assay` folder of the workspace.
const KEYS: &str = "keys";

impl Team {
    /// The file of the key that a person signs with in the ledger of a dossier folder. The key is made if there is none,
    /// and entered there if it was not, with their name and the role that fits theirs.
    ///
    /// # Errors
    /// [`PeopleError::NoKey`] when their role for the product signs nothing; [`PeopleError`].
    pub fn key_for(
        &self,
        person: &Person,
        product: &str,
        folder: &Path,
        at: Timestamp,
    ) -> Result<PathBuf, PeopleError> {
        let role = person.role_for(Some(product)).and_then(key_role);
        let role = role.ok_or_else(|| PeopleError::NoKey { person: person.name.clone() })?;
        let file = self.key_file(&person.account, role);
        let made = match key::make(&file) {
            Err(SigningKeyError::Exists(at)) => key::read(&at),
            made => made,
        };
        let holder = Holder { person: person.name.clone(), ..Holder::default() };
        let mut records = Records::open(folder)?;
        if keys::enter_once(&mut records, &made?, &holder, role, at)? {
            return Ok(file);
        }
        // It was ended in this ledger. What follows is signed by another one.
        fs::remove_file(&file).map_err(|source| PeopleError::File { at: file.clone(), source })?;
        let next = key::make(&file)?;
        keys::enter_once(&mut records, &next, &holder, role, at)?;
        Ok(file)
    }

    /// Destroys the keys of an account. What they signed stays valid; nobody signs with them again.
    pub(super) fn destroy_keys(&self, account: &AccountName) -> Result<(), PeopleError> {
        for role in KeyRole::ALL {
            let at = self.key_file(account, role);
            match fs::remove_file(&at) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(PeopleError::File { at, source });
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn key_file(&self, account: &AccountName, role: KeyRole) -> PathBuf {
        // The name of an account has no separator and does not begin with a dot.
        self.root.join(FOLDER).join(KEYS).join(format!("{account}.{role}.pem"))
    }
}

/// The role of the key that somebody in a role signs with.
fn key_role(role: Role) -> Option<KeyRole> {
    match role {
        Role::Owner | Role::Engineer | Role::Tester | Role::Supplier => Some(KeyRole::Supplier),
        Role::Reviewer => Some(KeyRole::Reviewer),
        Role::Laboratory => Some(KeyRole::Laboratory),
        Role::Auditor => None,
    }
}
