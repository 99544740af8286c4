//! Signing in and out, and the sessions of an account.

use model::Timestamp;
use workflow::people::{AccountName, Person};

use super::kept::{Password, Session};
use super::password::{self, HashError};
use super::throttle::Try;
use super::{PeopleError, Secret, Team};

/// Milliseconds without a request after which a session ends.
pub const IDLE: i64 = 2 * 60 * 60 * 1_000;
/// Milliseconds after which a session ends, used or not.
pub const WHOLE: i64 = 12 * 60 * 60 * 1_000;
/// How often it is written down that a session is used.
const NOTED: i64 = 60 * 1_000;
/// Sessions of one account at once; the one that was used longest ago goes first.
const AT_ONCE: usize = 20;
/// Characters of what a browser calls itself that are kept.
const BROWSER: usize = 120;

/// Why somebody was not let in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The name or the password is wrong; which of them is not said.
    #[error("sign in: the name or the password is wrong")]
    Wrong,
    /// It was tried too often.
    #[error("sign in: it was tried too often\n\nhint: try again in {}", in_words(*.0))]
    Wait(i64),
    /// The hasher.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// What is kept of people.
    #[error(transparent)]
    People(#[from] PeopleError),
}

/// A wait in words, rounded up.
pub fn in_words(millis: i64) -> String {
    match (millis.max(1) + 999) / 1_000 {
        1 => "a second".to_owned(),
        seconds if seconds < 90 => format!("{seconds} seconds"),
        seconds => format!("{} minutes", (seconds + 59) / 60),
    }
}

/// Who comes, and from where.
#[derive(Clone, Copy)]
pub struct Knock<'a> {
    /// The name, as it was typed.
    pub name: &'a str,
    /// The password.
    pub password: &'a str,
    /// From which address, as it is counted.
    pub source: &'a str,
    /// What the browser calls itself.
    pub browser: &'a str,
}

/// A session somebody has, and who it is.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The person, with their roles as they are now.
    pub person: Person,
    /// The session.
    pub session: Session,
    /// Its name in lists: not the secret.
    pub id: String,
}

impl Team {
    /// Lets somebody in: a new session, whose secret is for the browser alone. A name that nobody has is answered as a
    /// wrong password is, and as late.
    ///
    /// # Errors
    /// [`SignInError`].
    pub fn sign_in(&self, knock: &Knock<'_>, at: Timestamp) -> Result<Secret, SignInError> {
        let account = knock.name.parse::<AccountName>();
        let counted = account.as_ref().map_or_else(|_| knock.name.trim().to_lowercase(), ToString::to_string);
        let attempt = Try::new(&counted, knock.source);
        self.throttle().begin(&attempt, at).map_err(SignInError::Wait)?;
        let right = self.is_right(account.as_ref().ok(), knock.password);
        match (right, account) {
            (Ok(true), Ok(account)) => {
                self.throttle().right(&attempt);
                Ok(self.begin_session(&account, knock.source, knock.browser, at)?)
            }
            (Ok(_), _) => Err(SignInError::Wrong),
            (Err(error), _) => {
                self.throttle().undecided(&attempt);
                Err(error)
            }
        }
    }

    /// Whether it is the password of an account that can sign in. Takes as long whether there is one or not.
    fn is_right(&self, account: Option<&AccountName>, given: &str) -> Result<bool, SignInError> {
        let kept = match account {
            Some(account) => self.kept.get::<Password>(account.as_str())?,
            None => None,
        };
        let people = self.people()?;
        let active = account.and_then(|account| people.get(account)).is_some_and(Person::is_active);
        let hash = kept.as_ref().filter(|_| active).map(|kept| kept.body.hash.as_str());
        Ok(password::is_right(given, hash)?)
    }

    pub(super) fn begin_session(
        &self,
        account: &AccountName,
        source: &str,
        browser: &str,
        at: Timestamp,
    ) -> Result<Secret, PeopleError> {
        self.kept.delete_where::<Session>(|_, session| is_over(session, at))?;
        let mut own = self.kept.list::<Session>()?;
        own.retain(|session| session.body.account == *account);
        own.sort_by_key(|session| session.body.used);
        for oldest in own.iter().rev().skip(AT_ONCE - 1) {
            self.kept.delete::<Session>(&oldest.key)?;
        }
        let secret = Secret::new().ok_or(PeopleError::Random)?;
        let browser = wire::text::visible_str(browser, BROWSER);
        let session =
            Session { account: account.clone(), began: at, used: at, source: source.to_owned(), browser };
        self.kept.put(&secret.digest(), &session, None)?;
        Ok(secret)
    }

    /// Whose session it is; none when it is over, or never was.
    ///
    /// # Errors
    /// [`PeopleError`] when what is kept cannot be read.
    pub fn session(&self, secret: &Secret, at: Timestamp) -> Result<Option<SignedIn>, PeopleError> {
        let Some(kept) = self.kept.get::<Session>(&secret.digest())? else { return Ok(None) };
        if is_over(&kept.body, at) {
            self.kept.delete::<Session>(&kept.key)?;
            return Ok(None);
        }
        let Some(person) = self.people()?.get(&kept.body.account).filter(|p| p.is_active()).cloned() else {
            return Ok(None);
        };
        let mut session = kept.body.clone();
        if at.millis() - session.used.millis() >= NOTED {
            session.used = at;
            self.kept.touch(&kept, &session)?;
        }
        Ok(Some(SignedIn { person, session, id: kept.key }))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub fn sign_out(&self, secret: &Secret) -> Result<(), PeopleError> {
        self.kept.delete::<Session>(&secret.digest())
    }

    /// The sessions of an account with their names in lists, the one used last first.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub fn sessions(&self, account: &AccountName, at: Timestamp) -> Result<Vec<(String, Session)>, PeopleError> {
        let all = self.kept.list::<Session>()?.into_iter();
        let own = all.filter(|s| s.body.account == *account && !is_over(&s.body, at));
        let mut own: Vec<(String, Session)> = own.map(|s| (s.key, s.body)).collect();
        own.sort_by_key(|(_, session)| std::cmp::Reverse(session.used));
        Ok(own)
    }

    /// Ends a session of an account by its name in lists; nobody else's.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub fn end_session(&self, account: &AccountName, id: &str) -> Result<bool, PeopleError> {
        match self.kept.get::<Session>(id)? {
            Some(found) if found.body.account == *account => self.kept.delete::<Session>(id).map(|()| true),
            _ => Ok(false),
        }
    }

    /// Puts a new password in the place of the old one, ends every session of the account, and begins a new one.
    ///
    /// # Errors
    /// [`SignInError::Wrong`] when the old one is not right; [`SignInError::Wait`]; [`PeopleError::Weak`].
    pub fn change_password(
        &self,
        account: &AccountName,
        old: &Knock<'_>,
        new: &str,
        at: Timestamp,
    ) -> Result<Secret, SignInError> {
        let attempt = Try::new(account.as_str(), old.source);
        self.throttle().begin(&attempt, at).map_err(SignInError::Wait)?;
        match self.is_right(Some(account), old.password) {
            Ok(true) => self.throttle().right(&attempt),
            Ok(false) => return Err(SignInError::Wrong),
            Err(error) => {
                self.throttle().undecided(&attempt);
                return Err(error);
            }
        }
        self.choose_password(account, new, at)?;
        Ok(self.begin_session(account, old.source, old.browser, at)?)
    }

    /// Keeps a password, if it is good enough, and ends the sessions that the old one began.
    pub(super) fn choose_password(
        &self,
        account: &AccountName,
        new: &str,
        at: Timestamp,
    ) -> Result<(), PeopleError> {
        let people = self.people()?;
        let name = people.get(account).map(|person| person.name.as_str()).unwrap_or_default();
        password::judge(new, &[account.as_str(), name]).map_err(PeopleError::Weak)?;
        let hash = password::hash(new)?;
        self.kept.set(account.as_str(), &Password { hash, chosen: at })?;
        self.kept.delete_where::<Session>(|_, session| session.account == *account)
    }
}

fn is_over(session: &Session, at: Timestamp) -> bool {
    let passed = |since: Timestamp| at.millis() - since.millis();
    passed(session.used) >= IDLE || passed(session.began) >= WHOLE
}
