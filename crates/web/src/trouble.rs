//! What goes wrong, as a page that says what happened, what did not, and what to do.

use std::error::Error;

use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use crate::api::problem::Said;
use crate::page;

/// Why a page cannot be shown or a form was not taken.
#[derive(Debug)]
pub struct Trouble {
    /// The status.
    pub status: StatusCode,
    /// What happened, one sentence.
    pub what: String,
    /// What to do.
    pub hint: String,
    /// Where, in what a program sent: a JSON pointer, a parameter, a header; else empty.
    pub place: String,
    /// What is shown below: both texts of a conflict.
    pub more: Option<Markup>,
}

impl Trouble {
    /// There is nothing at this address.
    pub fn nothing(what: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, what, "Go back, or begin at the portfolio.")
    }

    /// The form says something that cannot be.
    pub fn form(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, what, hint)
    }

    /// The visitor may not.
    pub fn may_not(what: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, what, "An owner of the workspace gives out roles, under People.")
    }

    /// Somebody else changed the same thing meanwhile.
    pub fn conflict(what: impl Into<String>, hint: impl Into<String>, more: Option<Markup>) -> Self {
        Self { more, ..Self::new(StatusCode::CONFLICT, what, hint) }
    }

    /// The program cannot go on.
    pub fn ours(what: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, what, "Nothing was changed. Try it again.")
    }

    /// Any trouble.
    pub fn new(status: StatusCode, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { status, what: what.into(), hint: hint.into(), place: String::new(), more: None }
    }

    /// The same with its place in what a program sent.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = place.into();
        self
    }

    /// The same with another status.
    #[must_use]
    pub fn with(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}

/// An error of a use case: its sentence and causes, and the hint it carries. A named thing that is not there and an
/// input that cannot be taken are the visitor's to mend, so the status is 422; callers that know better say so.
impl<E: Error> From<E> for Trouble {
    fn from(error: E) -> Self {
        let mut what = String::new();
        let mut hint = String::new();
        let mut next: Option<&dyn Error> = Some(&error);
        while let Some(one) = next {
            let text = one.to_string();
            let (said, hinted) = text.split_once("\n\nhint: ").unwrap_or((&text, ""));
            let said = without_folders(said);
            if !what.ends_with(&said) {
                if !what.is_empty() {
                    what.push_str(": ");
                }
                what.push_str(&said);
            }
            if hint.is_empty() {
                hint = without_folders(hinted);
            }
            next = one.source();
        }
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, format!("Not done: {what}"), hint)
    }
}

/// A text in which files go by their names: where they lie on the server is nobody's matter in a browser.
fn without_folders(text: &str) -> String {
    let shortened = |word: &str| {
        let from = word.find('/').filter(|from| word[..*from].chars().all(|c| !c.is_alphanumeric()));
        let inside = from.and_then(|from| word.rsplit_once('/').filter(|(head, _)| head.len() > from));
        match (from, inside) {
            (Some(from), Some((_, name))) => format!("{}…/{name}", &word[..from]),
            _ => word.to_owned(),
        }
    };
    text.split(' ').map(shortened).collect::<Vec<_>>().join(" ")
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let title = match self.status {
            StatusCode::NOT_FOUND => "Nothing here",
            StatusCode::FORBIDDEN => "Not for this role",
            StatusCode::CONFLICT => "Changed meanwhile",
            StatusCode::UNAUTHORIZED => "Sign in first",
            status if status.is_server_error() => "Something broke",
            _ => "Not done",
        };
        let said = Said { what: self.what.clone(), hint: self.hint.clone(), place: self.place };
        let body = html! {
            section.card.trouble aria-labelledby="trouble" {
                h1 #trouble { (title) }
                p { (self.what) }
                @if !self.hint.is_empty() { p.soft { (report::html::parts::said(&self.hint)) } }
            }
            @if let Some(more) = self.more { (more) }
        };
        (self.status, Extension(said), page::bare(title, &body)).into_response()
    }
}

/// No route has the path.
pub(crate) async fn nothing_here() -> Trouble {
    Trouble::nothing("No page has this address.")
}

/// A route has the path, and not the method.
pub(crate) async fn other_method() -> Trouble {
    Trouble::new(StatusCode::METHOD_NOT_ALLOWED, "This address is not asked that way.", "Go back.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_trouble_names_no_folder_of_the_server() {
        let said = without_folders(
            "use the ledger in /srv/assay/products/lamp/.assay: read `/etc/assay/key.pem`, 5/6 and/or /",
        );
        assert_eq!(said, "use the ledger in …/.assay: read `…/key.pem`, 5/6 and/or /");
    }
}
