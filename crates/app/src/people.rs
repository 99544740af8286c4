//! The people of a workspace: accounts and roles, how somebody comes in, and with which key they sign.
//!
//! Who is there, and as what, is what the workspace folder's own ledger says. Passwords, sessions, invitations and tokens
//! are kept beside it, each secret by its digest alone; none of them is ever in a record or in a message.

mod changes;
mod kept;
mod linked;
mod password;
mod provider;
mod secret;
mod sessions;
mod signing;
mod throttle;
mod tokens;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ledger::predicate;
use store::{Documents, StoreError};
use workflow::people::{People, Refused};

use crate::database::{self, DatabaseError};
use crate::history::History;
use crate::key::SigningKeyError;
use crate::keys::KeysError;
use crate::records::{FOLDER, Records, RecordsError};
pub use changes::{Invited, Newcomer, Whom};
pub use kept::{Invitation, Linked, Session, Token};
pub use linked::Identity;
pub use password::{HashError, LONGEST, SHORTEST, Weak};
pub use provider::{Back, Provider, ProviderError, SECRET};
pub use secret::Secret;
pub use sessions::{IDLE, Knock, SignInError, SignedIn, WHOLE, in_words};
pub use tokens::{DAYS, PREFIX, Programme};
pub use workflow::people::{AccountName, Event, Permission, Person, Role, Standing};

/// Why something about people was not done or cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The workspace's ledger.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// A record says what cannot have happened.
    #[error("follow the people through record {seq}")]
    Kept {
        /// Its position.
        seq: u64,
        /// Why it cannot have happened.
        #[source]
        source: Refused,
    },
    /// What was asked for cannot happen.
    #[error("change people")]
    Refused(#[from] Refused),
    /// Somebody changed the account meanwhile.
    #[error("change `{0}`: somebody else changed it meanwhile\n\nhint: look at it again, and change it then")]
    Changed(AccountName),
    /// What is kept beside the ledger.
    #[error("use what is kept of people")]
    Store(#[from] StoreError),
    /// Where it is kept cannot be told or used.
    #[error("use what is kept of people")]
    Database(#[from] DatabaseError),
    /// A document has another form than its kind asks for.
    #[error("read a document of `{0}`")]
    Form(&'static str),
    /// The password is not good enough.
    #[error(transparent)]
    Weak(Weak),
    /// A password cannot be checked or kept.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The token is not one that can be made.
    #[error("make a token: {0}")]
    Token(&'static str),
    /// The link is over, was used, or never was.
    #[error("follow the link: it is over, or was used already\n\nhint: ask whoever gave it to you for another")]
    Link,
    /// Whoever the provider names has no account here.
    #[error(
        "sign in: {0} is linked with no account here\n\nhint: ask an owner for a link, and follow it with the same sign-in"
    )]
    NotLinked(String),
    /// Whoever the provider names has another account here.
    #[error(
        "follow the link: {0} is linked with another account here\n\nhint: sign in with that one, or as somebody else there"
    )]
    LinkedElsewhere(String),
    /// The account has no role that signs there.
    #[error("sign as {person}: the role for this product signs nothing")]
    NoKey {
        /// The person.
        person: String,
    },
    /// The account's key.
    #[error(transparent)]
    Key(#[from] SigningKeyError),
    /// The account's key cannot be entered in a ledger.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// A file of a key cannot be removed.
    #[error("remove the key {}", at.display())]
    File {
        /// Which.
        at: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The system gives no random bytes.
    #[error("make a secret: the operating system gives no random bytes")]
    Random,
}

/// The people of a workspace, for as long as a program runs.
pub struct Team {
    root: PathBuf,
    kept: kept::Kept,
    known: Mutex<Known>,
    throttle: Mutex<throttle::Throttle>,
}

/// The people as the ledger had them when it was looked at last.
#[derive(Default)]
struct Known {
    records: Option<Records>,
    size: u64,
    people: Arc<People>,
}

impl std::fmt::Debug for Team {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Team").field("root", &self.root).finish_non_exhaustive()
    }
}

impl Team {
    /// The people of the workspace in a folder.
    ///
    /// # Errors
    /// [`PeopleError`] when what is kept of them cannot be used.
    pub fn open(root: &Path) -> Result<Self, PeopleError> {
        let documents = database::documents(&root.join(FOLDER))?;
        Ok(Self::with(root, documents))
    }

    /// As [`Team::open`], with what is kept beside the ledger elsewhere.
    pub(crate) fn with(root: &Path, documents: Box<dyn Documents>) -> Self {
        Self {
            root: root.to_owned(),
            kept: kept::Kept::new(documents),
            known: Mutex::default(),
            throttle: Mutex::default(),
        }
    }

    /// Everybody, as the ledger has them now.
    ///
    /// # Errors
    /// [`PeopleError`] when the ledger does not verify, or does not read.
    pub fn people(&self) -> Result<Arc<People>, PeopleError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.records.is_none() {
            if !Records::exist(&self.root) {
                return Ok(known.people.clone());
            }
            known.records = Some(Records::open(&self.root)?);
        }
        let Some(records) = &known.records else { return Ok(known.people.clone()) };
        let size = records.store.size().map_err(|e| records.store_error(e))?;
        if size == known.size {
            return Ok(known.people.clone());
        }
        let new = records.store.leaves(known.size..size).map_err(|e| records.store_error(e))?;
        if new.iter().any(|leaf| leaf.kind == predicate::PEOPLE) {
            let history = records.history()?;
            let people = Arc::new(of(&history)?);
            (known.size, known.people) = (history.size(), people);
        } else {
            known.size = size;
        }
        Ok(known.people.clone())
    }

    fn throttle(&self) -> MutexGuard<'_, throttle::Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The people that a history tells of.
fn of(history: &History) -> Result<People, PeopleError> {
    let mut people = People::default();
    for recorded in history.people() {
        let taken = people.take(&recorded.body);
        taken.map_err(|source| PeopleError::Kept { seq: recorded.seq, source })?;
    }
    Ok(people)
}

#[cfg(test)]
mod tests;
