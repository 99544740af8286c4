//! The people of a workspace, derived from what happened.

use std::collections::BTreeMap;

use model::Timestamp;

use super::{AccountName, Event, Events, Permission, Role, folded};

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Invited, and no password chosen yet.
    Invited,
    /// Can sign in.
    Joined,
    /// Ended. Its name is given to nobody else.
    Removed,
}

/// A person with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The name they sign in with.
    pub account: AccountName,
    /// Their name, as it stands in records they make.
    pub name: String,
    /// Where the account stands.
    pub standing: Standing,
    /// Their role in the workspace; none for somebody who is there for single products.
    pub role: Option<Role>,
    /// Their roles for single products, which go before the one in the workspace.
    pub products: BTreeMap<String, Role>,
    /// When they were invited first.
    pub since: Timestamp,
    /// Who invited them.
    pub invited_by: String,
    /// How many things have happened to the account. Whoever changes it says which they looked at.
    pub version: u32,
}

impl Person {
    /// Whether they can sign in.
    pub fn is_active(&self) -> bool {
        self.standing == Standing::Joined
    }

    /// Their role for a product, or in the workspace as a whole. Of somebody who cannot sign in: none.
    pub fn role_for(&self, product: Option<&str>) -> Option<Role> {
        if !self.is_active() {
            return None;
        }
        product.and_then(|product| self.products.get(product)).copied().or(self.role)
    }

    /// Whether they may do something about a product, or, with no product, in the workspace as a whole.
    ///
    /// One's own account is nobody else's matter: whoever can sign in may change it.
    pub fn may(&self, permission: Permission, product: Option<&str>) -> bool {
        match permission {
            Permission::OwnAccount => self.is_active(),
            _ => self.role_for(product).is_some_and(|role| permission.is_of(role)),
        }
    }

    /// Whether they may do something about every product at once: in the workspace, and with no role for a product that
    /// lets them do less. What looks over all products is for those who may look at each.
    pub fn may_everywhere(&self, permission: Permission) -> bool {
        let whole =
            matches!(permission, Permission::ManagePeople | Permission::ManageSettings | Permission::SeePeople);
        self.may(permission, None)
            && (whole || self.products.keys().all(|product| self.may(permission, Some(product))))
    }

    /// Whether they may do something about at least one product, or in the workspace as a whole.
    pub fn may_somewhere(&self, permission: Permission) -> bool {
        self.may(permission, None) || self.products.keys().any(|product| self.may(permission, Some(product)))
    }
}

/// An event that cannot have happened to the people as they are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such account.
    #[error("there is no account `{0}`")]
    Unknown(AccountName),
    /// There is one already.
    #[error("there is an account `{0}` already")]
    Exists(AccountName),
    /// The account was ended.
    #[error("the account `{0}` was removed")]
    Removed(AccountName),
    /// The name of the account belonged to somebody else.
    #[error("the account `{account}` was that of {person}\n\nhint: choose another name to sign in with")]
    Others {
        /// The account.
        account: AccountName,
        /// Whose it was.
        person: String,
    },
    /// Somebody else has the person's name.
    #[error(
        "`{account}` is called {person} too\n\nhint: records tell people apart by name; add what sets them apart"
    )]
    SameName {
        /// The account that has it.
        account: AccountName,
        /// The name.
        person: String,
    },
    /// No owner would be left who can sign in.
    #[error("`{0}` is the last owner\n\nhint: make somebody else an owner first")]
    LastOwner(AccountName),
    /// They have no such role.
    #[error("`{0}` has no such role")]
    NoRole(AccountName),
    /// They have joined already.
    #[error("`{0}` has joined already")]
    Joined(AccountName),
    /// A text that is needed is empty or too long.
    #[error("{0}")]
    Text(&'static str),
}

/// All people of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People {
    people: BTreeMap<AccountName, Person>,
}

impl People {
    /// Everybody there ever was, by the names of the accounts.
    pub fn iter(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }

    /// The person of an account.
    pub fn get(&self, account: &AccountName) -> Option<&Person> {
        self.people.get(account)
    }

    /// The owners of the workspace who can sign in.
    pub fn owners(&self) -> impl Iterator<Item = &Person> {
        self.people.values().filter(|person| person.is_active() && person.role == Some(Role::Owner))
    }

    /// Takes what happened at a moment: all of it, or, refused, nothing.
    ///
    /// # Errors
    /// [`Refused`] for the first event that cannot have happened, or if no owner is left.
    pub fn take(&mut self, events: &Events) -> Result<(), Refused> {
        let mut next = self.clone();
        for event in &events.events {
            next.one(events.at, event)?;
            if let Some(person) = next.people.get_mut(event.account()) {
                person.version = person.version.saturating_add(1);
            }
        }
        if next.owners().next().is_none()
            && let Some(last) = self.owners().next()
        {
            return Err(Refused::LastOwner(last.account.clone()));
        }
        *self = next;
        Ok(())
    }

    fn one(&mut self, at: Timestamp, event: &Event) -> Result<(), Refused> {
        match event {
            Event::Invited { account, person, product, role, by } => {
                text(by, "say who invites")?;
                text(person, "give the person's name, in at most 200 characters")?;
                if folded(person).is_empty() {
                    return Err(Refused::Text("give the person's name in letters"));
                }
                self.invite(at, account, person.trim(), by)?;
                self.give(account, product.as_ref(), *role)
            }
            Event::Joined { account } => {
                let person = self.known(account)?;
                if person.standing == Standing::Joined {
                    return Err(Refused::Joined(account.clone()));
                }
                person.standing = Standing::Joined;
                Ok(())
            }
            Event::Renewed { account, by } => {
                text(by, "say who gives out the link")?;
                self.known(account).map(|_| ())
            }
            Event::Given { account, product, role, by } => {
                text(by, "say who gives the role")?;
                self.give(account, product.as_ref(), *role)
            }
            Event::Taken { account, product, by } => {
                text(by, "say who takes the role")?;
                let person = self.known(account)?;
                let taken = match product {
                    Some(product) => person.products.remove(product),
                    None => person.role.take(),
                };
                taken.map(|_| ()).ok_or_else(|| Refused::NoRole(account.clone()))
            }
            Event::Removed { account, by } => {
                text(by, "say who removes the account")?;
                let person = self.known(account)?;
                (person.standing, person.role) = (Standing::Removed, None);
                person.products.clear();
                Ok(())
            }
        }
    }

    fn invite(&mut self, at: Timestamp, account: &AccountName, name: &str, by: &str) -> Result<(), Refused> {
        let same = |person: &&Person| person.account != *account && folded(&person.name) == folded(name);
        if let Some(other) = self.people.values().find(same) {
            return Err(Refused::SameName { account: other.account.clone(), person: other.name.clone() });
        }
        match self.people.get_mut(account) {
            None => {
                let person = Person {
                    account: account.clone(),
                    name: name.to_owned(),
                    standing: Standing::Invited,
                    role: None,
                    products: BTreeMap::new(),
                    since: at,
                    invited_by: by.trim().to_owned(),
                    version: 0,
                };
                self.people.insert(account.clone(), person);
                Ok(())
            }
            Some(known) if known.standing != Standing::Removed => Err(Refused::Exists(account.clone())),
            // What an account signed stays its person's.
            Some(known) if folded(&known.name) != folded(name) => {
                Err(Refused::Others { account: account.clone(), person: known.name.clone() })
            }
            Some(known) => {
                known.standing = Standing::Invited;
                Ok(())
            }
        }
    }

    fn give(&mut self, account: &AccountName, product: Option<&String>, role: Role) -> Result<(), Refused> {
        let person = self.known(account)?;
        match product {
            Some(product) => {
                text(product, "name the product")?;
                person.products.insert(product.clone(), role);
            }
            None => person.role = Some(role),
        }
        Ok(())
    }

    /// The account, unless it was removed.
    fn known(&mut self, account: &AccountName) -> Result<&mut Person, Refused> {
        match self.people.get_mut(account) {
            None => Err(Refused::Unknown(account.clone())),
            Some(person) if person.standing == Standing::Removed => Err(Refused::Removed(account.clone())),
            Some(person) => Ok(person),
        }
    }
}

fn text(text: &str, wanted: &'static str) -> Result<(), Refused> {
    let fits = !text.trim().is_empty() && text.chars().count() <= 200 && !text.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(Refused::Text(wanted)) }
}

#[cfg(test)]
#[path = "person/tests.rs"]
mod tests;
