//! Who asks, for one request.

use std::path::{Path, PathBuf};

use app::people::{AccountName, PeopleError, Person, Programme, Role, SignedIn, Team};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use maud::{Markup, html};
use model::Digest;
use workflow::people::Permission;

use crate::trouble::Trouble;

/// Somebody who is signed in, for one request.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Their name, as it stands in records they make.
    pub name: String,
    /// The product that the address names.
    pub product: Option<String>,
    mark: String,
    who: Who,
}

#[derive(Debug, Clone)]
enum Who {
    /// Somebody who works alone, and may everything.
    Alone,
    /// Somebody with an account, by the name of their session in lists.
    Person(Box<Person>, String),
    /// A program of somebody who works alone, by what its token may.
    Token(Vec<Permission>),
    /// A program, by a token of somebody's.
    Programme(Box<Programme>),
}

impl Visitor {
    pub(crate) fn alone(person: &str, product: Option<&str>, mark: String) -> Self {
        Self { name: person.to_owned(), product: product.map(str::to_owned), mark, who: Who::Alone }
    }

    /// Whether nobody else has an account here.
    pub(crate) fn is_alone(&self) -> bool {
        matches!(self.who, Who::Alone | Who::Token(_))
    }

    pub(crate) fn of(known: SignedIn, product: Option<&str>, mark: String) -> Self {
        let (name, product) = (known.person.name.clone(), product.map(str::to_owned));
        Self { name, product, mark, who: Who::Person(Box::new(known.person), known.id) }
    }

    pub(crate) fn token(person: &str, product: Option<&str>, scopes: Vec<Permission>) -> Self {
        let product = product.map(str::to_owned);
        Self { name: person.to_owned(), product, mark: String::new(), who: Who::Token(scopes) }
    }

    pub(crate) fn programme(known: Programme, product: Option<&str>) -> Self {
        let (name, product) = (known.person.name.clone(), product.map(str::to_owned));
        // It has no session, and so no forms.
        Self { name, product, mark: String::new(), who: Who::Programme(Box::new(known)) }
    }

    /// Whether they may do something about the product that the address names; where it names none, about every product.
    pub fn may(&self, permission: Permission) -> bool {
        match (&self.who, self.product.as_deref()) {
            (Who::Alone, _) => true,
            (Who::Token(scopes), _) => scopes.contains(&permission),
            (_, Some(product)) => self.may_on(permission, product),
            (Who::Person(person, _), None) => person.may_everywhere(permission),
            (Who::Programme(programme), None) => {
                programme.scopes.contains(&permission) && programme.person.may_everywhere(permission)
            }
        }
    }

    /// Whether they may do something about a product. A page over several products asks this for each.
    pub fn may_on(&self, permission: Permission, product: &str) -> bool {
        match &self.who {
            Who::Alone => true,
            Who::Token(scopes) => scopes.contains(&permission),
            Who::Person(person, _) => person.may(permission, Some(product)),
            Who::Programme(programme) => programme.may(permission, Some(product)),
        }
    }

    /// Whether they may do something about one product at least, whichever.
    pub fn may_somewhere(&self, permission: Permission) -> bool {
        match &self.who {
            Who::Alone => true,
            Who::Token(scopes) => scopes.contains(&permission),
            Who::Person(person, _) => person.may_somewhere(permission),
            Who::Programme(programme) => {
                programme.scopes.contains(&permission) && programme.person.may_somewhere(permission)
            }
        }
    }

    /// The person's account; none of somebody who works alone.
    pub fn person(&self) -> Option<&Person> {
        match &self.who {
            Who::Alone | Who::Token(_) => None,
            Who::Person(person, _) => Some(person),
            Who::Programme(programme) => Some(&programme.person),
        }
    }

    /// The name they sign in with; none of somebody who works alone.
    pub fn account(&self) -> Option<&AccountName> {
        self.person().map(|person| &person.account)
    }

    /// The name of their session in lists.
    pub(crate) fn session(&self) -> Option<&str> {
        match &self.who {
            Who::Person(_, session) => Some(session),
            _ => None,
        }
    }

    /// Whether a program asks, by a token.
    pub fn is_programme(&self) -> bool {
        matches!(self.who, Who::Programme(_) | Who::Token(_))
    }

    /// Their role for the product that the address names, as it stands in records they make.
    pub fn role(&self) -> &'static str {
        let role = self.person().map(|person| person.role_for(self.product.as_deref()));
        role.map_or(Role::Owner.as_str(), |role| role.map_or("", Role::as_str))
    }

    /// The name under which their workings at units of a product lie: the product's, and for who works blind one of their
    /// own.
    pub fn desk(&self, product: &str) -> String {
        match self.account() {
            Some(account) if !self.may_on(Permission::SeeVerdicts, product) => format!("{product}@{account}"),
            _ => product.to_owned(),
        }
    }

    /// The file of the key that signs what they state or review about a product; none of somebody who works alone, where
    /// the workspace's own key signs. For threads that may wait.
    ///
    /// # Errors
    /// [`PeopleError`] when their role signs nothing, or the key cannot be used.
    pub fn key(&self, team: Option<&Team>, product: &str, folder: &Path) -> Result<Option<PathBuf>, PeopleError> {
        match (self.person(), team) {
            (Some(person), Some(team)) => team.key_for(person, product, folder, app::now()).map(Some),
            _ => Ok(None),
        }
    }

    /// A form that is sent to an address, with the mark of the session first.
    pub fn form(&self, action: &str, inside: &Markup) -> Markup {
        html! { form method="post" action=(action) { (self.mark()) (inside) } }
    }

    /// As [`Visitor::form`], for a form that sends files.
    pub fn upload(&self, action: &str, inside: &Markup) -> Markup {
        html! { form method="post" action=(action) enctype="multipart/form-data" { (self.mark()) (inside) } }
    }

    /// The mark of the session as a hidden field; it has to be the first of its form.
    pub fn mark(&self) -> Markup {
        html! { input type="hidden" name="csrf" value=(self.mark); }
    }

    pub(crate) fn is_marked_by(&self, mark: &str) -> bool {
        // Compared by digest, so that the time it takes tells nothing.
        !self.mark.is_empty() && Digest::of(mark.as_bytes()) == Digest::of(self.mark.as_bytes())
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Trouble> {
        parts.extensions.get::<Visitor>().cloned().ok_or_else(|| Trouble::ours("nobody is signed in here"))
    }
}
