//! Who asks, and the doors they come in by.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

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
}

impl Visitor {
    /// Whether they may do something about the product that the address names, or in the workspace.
    pub fn may(&self, _permission: Permission) -> bool {
        true
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
        Digest::of(mark.as_bytes()) == Digest::of(self.mark.as_bytes())
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Trouble> {
        parts.extensions.get::<Visitor>().cloned().ok_or_else(|| Trouble::ours("nobody is signed in here"))
    }
}

/// The doors of a workspace that one person uses alone: a link that opens once, and sessions until the program ends.
#[derive(Debug)]
pub struct Doors {
    person: String,
    hosts: Vec<String>,
    link: Mutex<Option<Digest>>,
    sessions: Mutex<BTreeMap<Digest, String>>,
}

impl Doors {
    /// Doors for one person, and the token that opens them once. The server answers to these names, with their port.
    ///
    /// # Errors
    /// [`getrandom::Error`] when the system gives no random bytes.
    pub fn alone(person: &str, hosts: Vec<String>) -> Result<(Self, String), getrandom::Error> {
        let token = secret()?;
        let link = Mutex::new(Some(Digest::of(token.as_bytes())));
        Ok((Self { person: person.to_owned(), hosts, link, sessions: Mutex::default() }, token))
    }

    pub(crate) fn knows_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|known| known == host)
    }

    pub(crate) fn cookie(&self) -> &'static str {
        "assay-session"
    }

    /// A session for whoever has the token, once.
    pub fn enter(&self, token: &str) -> Option<String> {
        let mut link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        let right = link.is_some_and(|link| link == Digest::of(token.as_bytes()));
        let session = secret().ok().filter(|_| right)?;
        *link = None;
        let mark = secret().ok()?;
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.insert(Digest::of(session.as_bytes()), mark);
        Some(session)
    }

    /// Whose session it is.
    pub(crate) fn visitor(&self, session: &str, product: Option<&str>) -> Option<Visitor> {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let mark = sessions.get(&Digest::of(session.as_bytes()))?;
        Some(Visitor { name: self.person.clone(), product: product.map(str::to_owned), mark: mark.clone() })
    }
}

/// 256 random bits as text.
fn secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
