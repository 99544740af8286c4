//! Accounts whose people sign in elsewhere: with whom they are linked, and how they come in.
//!
//! Nobody gets an account by being known to the provider: an owner's link is what links an account, and only the pair of
//! issuer and subject counts (OpenID Connect Core 1.0, 5.7), never a name or an address of mail.

use model::{Digest, Timestamp};
use workflow::people::{AccountName, Event, Person};

use super::kept::Linked;
use super::{PeopleError, Secret, Team};

/// Somebody, as a provider names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider's issuer identifier.
    pub issuer: String,
    /// The subject identifier, which the provider gives to nobody else.
    pub subject: String,
}

impl Identity {
    fn key(&self) -> String {
        Digest::of_parts(&[self.issuer.as_bytes(), b"\0", self.subject.as_bytes()]).hex()
    }

    fn told(&self) -> String {
        format!("`{}` of {}", wire::text::visible_str(&self.subject, 80), self.issuer)
    }
}

impl Team {
    /// Lets somebody in whom a provider has named.
    ///
    /// # Errors
    /// [`PeopleError::NotLinked`] when no account that can sign in is linked with them.
    pub fn sign_in_linked(
        &self,
        who: &Identity,
        source: &str,
        browser: &str,
        at: Timestamp,
    ) -> Result<Secret, PeopleError> {
        let unknown = || PeopleError::NotLinked(who.told());
        let linked = self.kept.get::<Linked>(&who.key())?.ok_or_else(unknown)?.body;
        let people = self.people()?;
        let person = people.get(&linked.account).filter(|person| Person::is_active(person)).ok_or_else(unknown)?;
        self.begin_session(&person.account, source, browser, at)
    }

    /// Follows a link as somebody whom a provider has named: they are linked with its account in the place of its
    /// password, and signed in.
    ///
    /// # Errors
    /// [`PeopleError::Link`], [`PeopleError::LinkedElsewhere`]; then the link is as it was.
    pub fn accept_linked(
        &self,
        secret: &Secret,
        who: &Identity,
        source: &str,
        browser: &str,
        at: Timestamp,
    ) -> Result<Secret, PeopleError> {
        let account = self.invitation(secret, at)?.account;
        let before = self.kept.get::<Linked>(&who.key())?;
        if before.is_some_and(|linked| linked.body.account != account) {
            return Err(PeopleError::LinkedElsewhere(who.told()));
        }
        let joined = self.use_up(secret, &account)?;
        let (issuer, subject) = (who.issuer.clone(), who.subject.clone());
        let linked = Linked { account: account.clone(), issuer, subject, since: at };
        // Not in the place of another: of two accounts that are linked with the same person at once, one is.
        self.kept.put(&who.key(), &linked, None)?;
        if !joined {
            self.change(at, |_| Ok(vec![Event::Joined { account: account.clone() }]))?;
        }
        self.begin_session(&account, source, browser, at)
    }

    /// With whom an account is linked.
    ///
    /// # Errors
    /// [`PeopleError`] when what is kept cannot be read.
    pub fn linked(&self, account: &AccountName) -> Result<Option<Linked>, PeopleError> {
        let mut all = self.kept.list::<Linked>()?.into_iter();
        Ok(all.find(|linked| linked.body.account == *account).map(|linked| linked.body))
    }
}
