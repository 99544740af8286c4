//! The frame of every page: head, way around, body, foot.

use std::sync::Arc;

use app::workspace::{Snapshot, Workspace, WorkspaceError};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::{DOCTYPE, Markup, html};
use report::html::parts::SHAPES;
use workflow::people::Permission;

use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::Visitor;
use crate::{assets, pages};

/// One entry of a way around.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tab {
    /// The path; of a product's tab, what follows `/p/{product}`.
    pub(crate) path: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// Who sees it.
    pub(crate) needs: Permission,
}

/// A page of the workspace. `tab` is the path of the tab it belongs to.
pub(crate) fn page(visitor: &Visitor, tab: &str, title: &str, body: &Markup) -> Markup {
    frame(title, Some(visitor), &html! {}, tab, body)
}

/// A page of a product: its name above, its tabs beside.
pub(crate) fn of_product(
    visitor: &Visitor,
    product: &str,
    name: &str,
    tab: &str,
    title: &str,
    body: &Markup,
) -> Markup {
    let tabs = pages::PRODUCT_TABS.iter().filter(|t| visitor.may(t.needs));
    let around = html! {
        nav.product aria-label=(name) {
            p.product-name { a href={ "/p/" (encoded(product)) } { (name) } }
            ul {
                @for t in tabs {
                    li {
                        a href={ "/p/" (encoded(product)) (t.path) } aria-current=[(t.path == tab).then_some("page")] { (t.name) }
                    }
                }
            }
        }
    };
    frame(&format!("{title} · {name}"), Some(visitor), &around, "/", body)
}

/// A page for somebody who is not signed in, and of trouble.
pub(crate) fn bare(title: &str, body: &Markup) -> Markup {
    frame(title, None, &html! {}, "", body)
}

fn frame(title: &str, visitor: Option<&Visitor>, around: &Markup, tab: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · assay" }
                link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href=(assets::style());
                script src=(assets::script()) defer {}
            }
            body.workspace {
                a.skip href="#main" { "Skip to the content" }
                (maud::PreEscaped(SHAPES))
                header.top {
                    a.brand href="/" { "assay" }
                    @if let Some(visitor) = visitor {
                        nav aria-label="Workspace" {
                            ul {
                                @for t in pages::TABS.iter().filter(|t| visitor.may(t.needs) && !(visitor.is_alone() && t.path == "/people")) {
                                    li { a href=(t.path) aria-current=[(t.path == tab).then_some("page")] { (t.name) } }
                                }
                            }
                        }
                        (who(visitor, tab))
                    }
                }
                div.frame {
                    (around)
                    main #main tabindex="-1" { (body) }
                }
            }
        }
    }
}

/// Who is signed in, and the way out.
fn who(visitor: &Visitor, tab: &str) -> Markup {
    html! {
        div.who.row {
            @if visitor.account().is_some() {
                a href="/account" aria-current=[(tab == "/account").then_some("page")] { (visitor.name) }
            } @else {
                span { (visitor.name) }
            }
            (visitor.form("/sign-out", &html! { button.quiet { "Sign out" } }))
        }
    }
}

/// A product as it stands now.
///
/// # Errors
/// [`Trouble`] with status 404 where there is no such product.
pub(crate) async fn snapshot(site: &Site, product: &str) -> Result<Arc<Snapshot>, Trouble> {
    looked(site, product, Workspace::snapshot).await
}

/// A product as it stands now, for what is handed out and decided by ([`Workspace::snapshot_whole`]).
///
/// # Errors
/// As [`snapshot`].
pub(crate) async fn snapshot_whole(site: &Site, product: &str) -> Result<Arc<Snapshot>, Trouble> {
    looked(site, product, Workspace::snapshot_whole).await
}

async fn looked(
    site: &Site,
    product: &str,
    look: fn(&Workspace, &str) -> Result<Arc<Snapshot>, WorkspaceError>,
) -> Result<Arc<Snapshot>, Trouble> {
    let product = product.to_owned();
    site.run(move |site| {
        look(site.workspace(), &product).map_err(|error| match error {
            WorkspaceError::NoProduct(_) => Trouble::from(error).with(StatusCode::NOT_FOUND),
            other => Trouble::from(other),
        })
    })
    .await
}

/// The dossier folder of a product.
///
/// # Errors
/// [`Trouble`] with status 404 where there is no such product.
pub(crate) fn folder(site: &Site, product: &str) -> Result<std::path::PathBuf, Trouble> {
    site.workspace().folder(product).map_err(|error| Trouble::from(error).with(StatusCode::NOT_FOUND))
}

/// A text as part of a query or a path.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// A text that may come from a device or a stranger, with every character that hides or moves something made visible.
pub(crate) fn visible(text: &str) -> String {
    app::release::visible(text)
}

/// Leads to a page after something was done.
pub(crate) fn see(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// A moment for a reader, to the minute; the whole of it for a program.
pub(crate) fn time(at: model::Timestamp) -> Markup {
    let whole = at.to_string();
    let (day, clock) = whole.split_once('T').unwrap_or((&whole, ""));
    html! { time datetime=(whole) { (day) " " (clock.get(..5).unwrap_or_default()) " UTC" } }
}
