//! Every address that the server answers, as data: method, path, who may, and what answers.
//!
//! The router is made of this table and of nothing else, so a route that is not in it does not exist, and a test that
//! walks the table has seen them all.

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::MethodRouter;
use workflow::people::Permission;

use crate::api::{self, Api};
use crate::guard::{self, Guarded};
use crate::site::Site;
use crate::{headers, pages, trouble};

/// Seconds an answer may take.
const SECONDS: u64 = 60;
/// Largest body of a form, in bytes.
const FORM: usize = 1024 * 1024;

/// What a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Looks, and changes nothing.
    Get,
    /// Changes something; a form carries the mark of its session.
    Post,
    /// Puts something in the place of what is there; for programs.
    Put,
    /// Changes a part of something; for programs.
    Patch,
    /// Takes something away; for programs.
    Delete,
}

impl Verb {
    /// The method of HTTP.
    pub fn as_str(self) -> &'static str {
        match self {
            Verb::Get => "GET",
            Verb::Post => "POST",
            Verb::Put => "PUT",
            Verb::Patch => "PATCH",
            Verb::Delete => "DELETE",
        }
    }
}

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody: style sheets, the door itself, a request's own link.
    Anybody,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever has the permission: for the product where the path names one, else for every product.
    May(Permission),
    /// Whoever has the permission for one product at least. What answers asks for each product again.
    Somewhere(Permission),
}

/// One address.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// What it does.
    pub verb: Verb,
    /// Its path; `{product}` is a product's name.
    pub path: &'static str,
    /// Who may.
    pub access: Access,
    /// Largest body in bytes.
    pub limit: usize,
    /// Seconds it may take to answer.
    pub seconds: u64,
    /// What answers.
    pub handler: fn() -> MethodRouter<Site>,
    /// What is said of it to programs; none of a page.
    pub api: Option<Api>,
}

impl Route {
    /// A page.
    pub const fn get(path: &'static str, access: Access, handler: fn() -> MethodRouter<Site>) -> Self {
        Self { verb: Verb::Get, path, access, limit: 0, seconds: SECONDS, handler, api: None }
    }

    /// A form that is sent.
    pub const fn post(path: &'static str, access: Access, handler: fn() -> MethodRouter<Site>) -> Self {
        Self { verb: Verb::Post, path, access, limit: FORM, seconds: SECONDS, handler, api: None }
    }

    /// An address for programs.
    pub const fn api(
        verb: Verb,
        path: &'static str,
        access: Access,
        api: Api,
        handler: fn() -> MethodRouter<Site>,
    ) -> Self {
        Self { verb, path, access, limit: FORM, seconds: SECONDS, handler, api: Some(api) }
    }

    /// The same with a larger body: an upload.
    #[must_use]
    pub const fn up_to(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// The same with more time to answer.
    #[must_use]
    pub const fn within(mut self, seconds: u64) -> Self {
        self.seconds = seconds;
        self
    }

    /// Whether it is for programs, which show a token and have no session.
    pub fn is_for_programs(&self) -> bool {
        self.api.is_some()
    }
}

/// Every route.
pub fn routes() -> impl Iterator<Item = &'static Route> {
    pages::ROUTES.iter().chain(api::ROUTES).copied().flatten()
}

/// The server's answers.
pub fn router(site: Site) -> Router {
    let mut router = Router::new();
    for route in routes() {
        let guarded = Guarded { site: site.clone(), route };
        let handler = (route.handler)().layer(from_fn_with_state(guarded, guard::guard));
        router = router.route(route.path, handler);
    }
    router
        .fallback(trouble::nothing_here)
        .method_not_allowed_fallback(trouble::other_method)
        .layer(axum::extract::DefaultBodyLimit::disable())
        .layer(from_fn_with_state(site.clone(), headers::headers))
        .with_state(site)
}
