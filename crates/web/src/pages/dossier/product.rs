//! The forms of `assay.toml`: the product with its release and policy, people and who answers for what, services.

use app::edit::{self, Opened, Refused, Subject};
use app::now;
use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};

use super::forms::trouble;
use super::{Typed, at, form_of, kept, text_of};
use crate::page;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::Visitor;

type Sent = axum::Form<Typed>;

pub(super) async fn add_person(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    axum::Form(typed): Sent,
) -> Result<Response, Trouble> {
    added(&site, &product, &Subject::People, typed, move |folder, typed| {
        edit::add_person(folder, said(typed, "role"), &visitor.name, now())
    })
    .await
}

pub(super) async fn add_responsible(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    axum::Form(typed): Sent,
) -> Result<Response, Trouble> {
    added(&site, &product, &Subject::People, typed, move |folder, typed| {
        edit::add_responsible(folder, said(typed, "for"), said(typed, "role"), &visitor.name, now())
    })
    .await
}

pub(super) async fn add_service(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    axum::Form(typed): Sent,
) -> Result<Response, Trouble> {
    added(&site, &product, &Subject::Services, typed, move |folder, typed| {
        edit::add_service(folder, said(typed, "id"), &visitor.name, now())
    })
    .await
}

fn said<'t>(typed: &'t Typed, name: &str) -> &'t str {
    typed.get(name).map_or("", String::as_str)
}

/// Adds a row, and leads to the form that has it.
async fn added(
    site: &Site,
    product: &str,
    subject: &Subject,
    typed: Typed,
    add: impl FnOnce(&std::path::Path, &Typed) -> Result<(), Refused> + Send + 'static,
) -> Result<Response, Trouble> {
    let folder = page::folder(site, product)?;
    let sent = typed.clone();
    let added = site.run(move |_| Ok(add(&folder, &sent))).await?;
    added.map_err(|refused| Trouble { more: Some(kept(&typed)), ..trouble(refused) })?;
    Ok(page::see(&format!("{}?saved=1", form_of(product, subject))))
}

/// What each form is called, and what it is about.
pub(super) fn head(subject: &Subject) -> (&'static str, &'static str) {
    match subject {
        Subject::People => (
            "People",
            "People and functions, and who answers for which clause or provision. A role that is renamed here is noted wherever its old name still stands.",
        ),
        Subject::Services => ("Services", "What belongs to the product and does not run on it."),
        _ => (
            "Product, release and policy",
            "What is assessed, the release that is, and what the team has decided about it.",
        ),
    }
}

/// What stands below a form: further rows, the other forms of the file, and what it has no form for.
pub(super) fn below(visitor: &Visitor, product: &str, opened: &Opened, subject: &Subject, may: bool) -> Markup {
    let others = [Subject::Product, Subject::People, Subject::Services];
    html! {
        @if may && *subject == Subject::People {
            (person(visitor, product))
            (responsible(visitor, product, opened))
        }
        @if may && *subject == Subject::Services { (service(visitor, product)) }
        p.soft {
            @match subject {
                Subject::Product => "The edition, other releases, checkpoints, and what a new release may carry over have no form: they are written as text.",
                Subject::People => "A person or function is taken out as text.",
                _ => "A service is taken out as text.",
            }
        }
        p.row {
            @for other in others.iter().filter(|other| *other != subject) {
                a href=(form_of(product, other)) { (head(other).0) }
            }
            a href=(text_of(product, "assay.toml")) { span.mono { "assay.toml" } " as text" }
        }
    }
}

fn person(visitor: &Visitor, product: &str) -> Markup {
    let fields = html! {
        div.field {
            label { "Role" input type="text" name="role" required autocomplete="off" aria-describedby="role-help"; }
            p.help #role-help { "Such as " code { "product security" } ", " code { "firmware" } ", " code { "test laboratory" } ". Name and contact follow in the form." }
        }
        div.buttons { button { "Add it" } }
    };
    html! {
        section.card.edit aria-labelledby="add" {
            h2 #add { "Another person or function" }
            (visitor.form(&at(product, "/people/add"), &fields))
        }
    }
}

fn responsible(visitor: &Visitor, product: &str, opened: &Opened) -> Markup {
    let roles = opened.roles();
    let fields = html! {
        div.field {
            label { "Provision"
                select name="for" required {
                    option value="" { "choose one" }
                    @for place in opened.unassigned() {
                        option value=(place.id) { (place.id) ": " (place.title) }
                    }
                }
            }
        }
        div.field {
            label { "Role"
                select name="role" required {
                    option value="" { "choose one" }
                    @for role in &roles { option value=(role) { (page::visible(role)) } }
                }
            }
        }
        div.buttons { button { "Add it" } }
    };
    html! {
        section.card.edit aria-labelledby="place" {
            h2 #place { "A provision with a role of its own" }
            @if roles.is_empty() { p.soft { "First somebody has a role." } }
            @else { (visitor.form(&at(product, "/people/responsible"), &fields)) }
        }
    }
}

fn service(visitor: &Visitor, product: &str) -> Markup {
    let fields = html! {
        div.field {
            label { "ID" input type="text" name="id" required autocomplete="off" aria-describedby="id-help"; }
            p.help #id-help { "Such as " code { "cloud" } "; by it IXIT facts and the bench refer to it." }
        }
        div.buttons { button { "Add it" } }
    };
    html! {
        section.card.edit aria-labelledby="add" {
            h2 #add { "Another service" }
            (visitor.form(&at(product, "/services/add"), &fields))
        }
    }
}
