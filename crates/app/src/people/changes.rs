//! Inviting, joining, giving and taking roles, removing: each a record of the workspace folder's own ledger.

use model::Timestamp;
use workflow::people::{AccountName, Event, Events, People, Role, Standing};

use super::kept::{Invitation, Linked, Password, Session, Token};
use super::password;
use super::{PeopleError, Secret, Team, of};
use crate::records::Records;

/// Milliseconds for which a link to choose a password is good.
const LINK: i64 = 7 * 24 * 60 * 60 * 1_000;

/// Somebody who is to be invited.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// The name they will sign in with.
    pub account: AccountName,
    /// Their name, as it stands in records they make.
    pub person: String,
    /// As what.
    pub role: Role,
    /// For which product only; the whole workspace when left out.
    pub product: Option<String>,
}

/// A link to choose a password. It opens once.
#[derive(Debug, Clone)]
pub struct Invited {
    /// What the link ends with.
    pub secret: Secret,
    /// When it ends.
    pub ends: Timestamp,
}

impl Invited {
    /// The link, below the address of the workspace.
    pub fn path(&self) -> String {
        format!("/invitation/{}", self.secret.text())
    }
}

/// An account that is to be changed, and as what it was looked at. Without a version it is changed as it is.
#[derive(Debug, Clone, Copy)]
pub struct Whom<'a> {
    /// The account.
    pub account: &'a AccountName,
    /// The version that was looked at.
    pub seen: Option<u32>,
}

impl<'a> From<&'a AccountName> for Whom<'a> {
    fn from(account: &'a AccountName) -> Self {
        Self { account, seen: None }
    }
}

impl<'a> From<(&'a AccountName, u32)> for Whom<'a> {
    fn from((account, seen): (&'a AccountName, u32)) -> Self {
        Self { account, seen: Some(seen) }
    }
}

impl Whom<'_> {
    /// Refuses what was decided on an account that somebody has changed since.
    fn is_as_seen(&self, people: &People) -> Result<(), PeopleError> {
        let now = people.get(self.account).map(|person| person.version);
        match (self.seen, now) {
            (Some(seen), Some(now)) if seen != now => Err(PeopleError::Changed(self.account.clone())),
            _ => Ok(()),
        }
    }
}

impl Team {
    /// Invites somebody and records it.
    ///
    /// # Errors
    /// [`PeopleError`]; then nothing was recorded.
    pub fn invite(&self, who: &Newcomer, by: &str, at: Timestamp) -> Result<Invited, PeopleError> {
        self.change(at, |_| {
            Ok(vec![Event::Invited {
                account: who.account.clone(),
                person: who.person.trim().to_owned(),
                product: who.product.clone(),
                role: who.role,
                by: by.trim().to_owned(),
            }])
        })?;
        self.link(&who.account, Some((who.role, who.product.clone())), by, at)
    }

    /// Gives out a new link to choose a password, and records it; links before it open nothing any more.
    ///
    /// # Errors
    /// [`PeopleError`]; then nothing was recorded.
    pub fn renew<'a>(&self, whom: impl Into<Whom<'a>>, by: &str, at: Timestamp) -> Result<Invited, PeopleError> {
        let whom = whom.into();
        self.change(at, |people| {
            whom.is_as_seen(people)?;
            Ok(vec![Event::Renewed { account: whom.account.clone(), by: by.trim().to_owned() }])
        })?;
        self.link(whom.account, None, by, at)
    }

    fn link(
        &self,
        account: &AccountName,
        role: Option<(Role, Option<String>)>,
        by: &str,
        at: Timestamp,
    ) -> Result<Invited, PeopleError> {
        self.kept.delete_where::<Invitation>(|_, link| link.account == *account || link.ends <= at)?;
        let secret = Secret::new().ok_or(PeopleError::Random)?;
        let ends = Timestamp::from_millis(at.millis() + LINK);
        let person = self.people()?.get(account).map(|person| person.name.clone()).unwrap_or_default();
        let (role, product) = role.map_or((None, None), |(role, product)| (Some(role), product));
        let by = by.trim().to_owned();
        let link = Invitation { account: account.clone(), person, role, product, by, ends };
        self.kept.put(&secret.digest(), &link, None)?;
        Ok(Invited { secret, ends })
    }

    /// What a link is for. Looking does not use it up.
    ///
    /// # Errors
    /// [`PeopleError::Link`] when it is over, was used, or never was.
    pub fn invitation(&self, secret: &Secret, at: Timestamp) -> Result<Invitation, PeopleError> {
        let link = self.kept.get::<Invitation>(&secret.digest())?;
        let link = link.filter(|link| link.body.ends > at).ok_or(PeopleError::Link)?;
        let people = self.people()?;
        let stands = people.get(&link.body.account).is_some_and(|person| person.standing != Standing::Removed);
        if stands { Ok(link.body) } else { Err(PeopleError::Link) }
    }

    /// Follows a link: the password is chosen, and the person is signed in.
    ///
    /// # Errors
    /// [`PeopleError::Link`], [`PeopleError::Weak`]; then the link is as it was.
    pub fn accept(
        &self,
        secret: &Secret,
        password: &str,
        source: &str,
        browser: &str,
        at: Timestamp,
    ) -> Result<Secret, PeopleError> {
        let invitation = self.invitation(secret, at)?;
        let account = &invitation.account;
        password::judge(password, &[account.as_str(), &invitation.person]).map_err(PeopleError::Weak)?;
        let hash = password::hash(password)?;
        let joined = self.use_up(secret, account)?;
        self.kept.set(account.as_str(), &Password { hash, chosen: at })?;
        if !joined {
            self.change(at, |_| Ok(vec![Event::Joined { account: account.clone() }]))?;
        }
        self.begin_session(account, source, browser, at)
    }

    /// Uses a link up, with every way in that the account had before; says whether its person had joined before.
    pub(super) fn use_up(&self, secret: &Secret, account: &AccountName) -> Result<bool, PeopleError> {
        let link = self.kept.get::<Invitation>(&secret.digest())?.ok_or(PeopleError::Link)?;
        // Of several who follow it at once, one has it.
        if !self.kept.take(&link)? {
            return Err(PeopleError::Link);
        }
        let joined = self.people()?.get(account).is_some_and(|person| person.standing == Standing::Joined);
        self.kept.delete_where::<Session>(|_, session| session.account == *account)?;
        self.kept.delete_where::<Linked>(|_, linked| linked.account == *account)?;
        self.kept.delete::<Password>(account.as_str())?;
        if !joined {
            // An account that was removed and invited again begins with nothing.
            self.kept.delete_where::<Token>(|_, token| token.account == *account)?;
        }
        Ok(joined)
    }

    /// Gives a role, in the workspace or for a product, in the place of the one before, and records it.
    ///
    /// # Errors
    /// [`PeopleError`]; then nothing was recorded.
    pub fn give<'a>(
        &self,
        whom: impl Into<Whom<'a>>,
        product: Option<&str>,
        role: Role,
        by: &str,
        at: Timestamp,
    ) -> Result<(), PeopleError> {
        let whom = whom.into();
        self.change(at, |people| {
            whom.is_as_seen(people)?;
            let has = people.get(whom.account).and_then(|person| match product {
                Some(product) => person.products.get(product).copied(),
                None => person.role,
            });
            if has == Some(role) {
                return Ok(Vec::new());
            }
            let (account, product) = (whom.account.clone(), product.map(str::to_owned));
            Ok(vec![Event::Given { account, product, role, by: by.trim().to_owned() }])
        })
    }

    /// Takes a role away, in the workspace or for a product, and records it.
    ///
    /// # Errors
    /// [`PeopleError`]; then nothing was recorded.
    pub fn take_role<'a>(
        &self,
        whom: impl Into<Whom<'a>>,
        product: Option<&str>,
        by: &str,
        at: Timestamp,
    ) -> Result<(), PeopleError> {
        let whom = whom.into();
        self.change(at, |people| {
            whom.is_as_seen(people)?;
            let (account, product) = (whom.account.clone(), product.map(str::to_owned));
            Ok(vec![Event::Taken { account, product, by: by.trim().to_owned() }])
        })
    }

    /// Ends an account, records it, and destroys its password, sessions, links, tokens and keys.
    ///
    /// # Errors
    /// [`PeopleError`]; the last owner is never removed.
    pub fn remove<'a>(&self, whom: impl Into<Whom<'a>>, by: &str, at: Timestamp) -> Result<(), PeopleError> {
        let whom = whom.into();
        let account = whom.account;
        self.change(at, |people| {
            whom.is_as_seen(people)?;
            Ok(vec![Event::Removed { account: account.clone(), by: by.trim().to_owned() }])
        })?;
        self.kept.delete::<Password>(account.as_str())?;
        self.kept.delete_where::<Linked>(|_, linked| linked.account == *account)?;
        self.kept.delete_where::<Session>(|_, session| session.account == *account)?;
        self.kept.delete_where::<Invitation>(|_, link| link.account == *account)?;
        self.kept.delete_where::<Token>(|_, token| token.account == *account)?;
        self.destroy_keys(account)
    }

    /// Records what happens, on exactly the people it was decided on.
    pub(super) fn change(
        &self,
        at: Timestamp,
        decide: impl Fn(&People) -> Result<Vec<Event>, PeopleError>,
    ) -> Result<(), PeopleError> {
        loop {
            let mut records = Records::open(&self.root)?;
            let history = records.history()?;
            let mut people = of(&history)?;
            let events =
                Events { at: history.last_recorded().map_or(at, |last| last.max(at)), events: decide(&people)? };
            people.take(&events)?;
            if events.events.is_empty() || records.people(&history, &events)?.is_some() {
                return Ok(());
            }
        }
    }
}
