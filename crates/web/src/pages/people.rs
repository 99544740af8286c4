//! People and roles: who is in the workspace, as what, and what that lets them do.

use std::sync::Arc;

use app::people::{AccountName, Invited, Newcomer, Person, Role, Standing, Whom};
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use workflow::people::{People, Permission};

use super::account::moment;
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

const MANAGE: Access = Access::May(Permission::ManagePeople);

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/people", Access::May(Permission::SeePeople), || get(show)),
    Route::post("/people/invite", MANAGE, || post(invite)),
    Route::post("/people/link", MANAGE, || post(link)),
    Route::post("/people/role", MANAGE, || post(role)),
    Route::post("/people/remove", MANAGE, || post(remove)),
];

async fn everybody(site: &Site) -> Result<(Arc<People>, Vec<String>), Trouble> {
    site.run(|site| Ok((site.accounts()?.people()?, site.workspace().products()?))).await
}

async fn show(State(site): State<Site>, visitor: Visitor) -> Result<Markup, Trouble> {
    let (people, products) = everybody(&site).await?;
    Ok(page::page(&visitor, "/people", "People", &body(&visitor, &people, &products, None)))
}

fn body(visitor: &Visitor, people: &People, products: &[String], given: Option<&Markup>) -> Markup {
    let manages = visitor.may(Permission::ManagePeople);
    let here = people.iter().filter(|person| person.standing != Standing::Removed);
    let gone: Vec<&Person> = people.iter().filter(|person| person.standing == Standing::Removed).collect();
    html! {
        h1 { "People" }
        @if let Some(given) = given { (given) }
        @if manages { (invite_form(visitor, products)) }
        ul.cards {
            @for person in here { (card(visitor, person, products, manages)) }
        }
        @if !gone.is_empty() {
            h2 { "No longer here" }
            p { @for (at, person) in gone.iter().enumerate() { @if at > 0 { ", " } (person.name) } ". What they recorded stays under their names." }
        }
        (matrix())
    }
}

fn card(visitor: &Visitor, person: &Person, products: &[String], manages: bool) -> Markup {
    let account = &person.account;
    html! {
        li.card {
            h2 #{ "who-" (account) } { (person.name) }
            p {
                (account) ", " (as_what(person))
            }
            p.small.soft {
                "Invited " (moment(person.since)) " by " (person.invited_by) ", "
                @if person.is_active() { "has joined" } @else { "has not joined yet" } "."
            }
            @if manages {
                details {
                    summary { "Change" }
                    (visitor.form("/people/role", &html! {
                        (who(person))
                        label.field { "Role" (roles("role", person.role, true)) }
                        label.field { "For" (choices(products)) }
                        div.buttons { button.quiet { "Give this role" } }
                    }))
                    (visitor.form("/people/link", &html! {
                        (who(person))
                        div.buttons { button.quiet { "Give out a link for a new password" } }
                    }))
                    (visitor.form("/people/remove", &html! {
                        (who(person))
                        label { input type="checkbox" name="sure" value="yes" required; "End the account of " (person.name) ", with its sessions, tokens and keys" }
                        div.buttons { button.danger { "Remove" } }
                    }))
                }
            }
        }
    }
}

/// Somebody's roles.
fn as_what(person: &Person) -> Markup {
    html! {
        @match (person.standing, person.role) {
            (Standing::Removed, _) => "no longer here",
            (_, Some(role)) => (role),
            (_, None) => "no role in the workspace",
        }
        @for (product, role) in &person.products { "; " (role) " for " (product) }
    }
}

/// Which account a form is about, and as what it was looked at.
fn who(person: &Person) -> Markup {
    html! {
        input type="hidden" name="account" value=(person.account);
        input type="hidden" name="version" value=(person.version);
    }
}

fn roles(name: &str, now: Option<Role>, none: bool) -> Markup {
    html! {
        select name=(name) required {
            @for role in Role::ALL { option value=(role) selected[now == Some(role)] { (role) } }
            @if none { option value="none" selected[now.is_none()] { "no role" } }
        }
    }
}

fn choices(products: &[String]) -> Markup {
    html! {
        select name="product" {
            option value="" { "the whole workspace" }
            @for product in products { option value=(product) { (product) } }
        }
    }
}

fn invite_form(visitor: &Visitor, products: &[String]) -> Markup {
    html! {
        section.card aria-labelledby="invite" {
            h2 #invite { "Invite somebody" }
            (visitor.form("/people/invite", &html! {
                label.field { "Their name, as it will stand in records" input type="text" name="person" maxlength="200" autocomplete="off" required; }
                label.field { "Name to sign in with" input type="text" name="account" maxlength="64" autocomplete="off" autocapitalize="none" required; }
                label.field { "Role" (roles("role", Some(Role::Engineer), false)) }
                label.field { "For" (choices(products)) }
                div.buttons { button { "Make the invitation" } }
            }))
        }
    }
}

/// The table of who may what: the one that every page and every token is held against.
fn matrix() -> Markup {
    html! {
        section aria-labelledby="matrix" {
            h2 #matrix { "Who may what" }
            div.scroll tabindex="0" role="region" aria-labelledby="matrix" {
                table {
                    caption { "A role for a product goes before the one in the workspace. A supplier and a laboratory see no verdict." }
                    thead { tr { th scope="col" { "" } @for role in Role::ALL { th scope="col" { (role) } } } }
                    tbody {
                        @for permission in Permission::all() {
                            tr {
                                th scope="row" { (permission.meaning()) }
                                @for role in Role::ALL { td { @if permission.is_of(role) { "yes" } @else { span.soft { "–" } } } }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[derive(Debug, serde::Deserialize)]
struct Fields {
    #[serde(default)]
    account: String,
    #[serde(default)]
    person: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    product: String,
    #[serde(default)]
    sure: String,
    version: Option<u32>,
}

impl Fields {
    fn account(&self) -> Result<AccountName, Trouble> {
        Ok(self.account.parse()?)
    }

    /// The version of the account that the form was made from.
    fn seen(&self) -> Result<u32, Trouble> {
        let hint = "Open the page again, and send it from there.";
        self.version.ok_or_else(|| Trouble::form("The form does not say what it was made from.", hint))
    }

    /// What a form asked for, as it is told when it was not done.
    fn wanted(&self) -> String {
        let of = if self.product.is_empty() { "the whole workspace" } else { &self.product };
        match (self.role.as_str(), self.sure.as_str()) {
            ("", "yes") => "that the account ends".to_owned(),
            ("", _) => "a link for a new password".to_owned(),
            ("none", _) => format!("no role for {of}"),
            (role, _) => format!("{role} for {of}"),
        }
    }

    /// The product, if one is named: one of this workspace.
    fn product(&self, site: &Site) -> Result<Option<String>, Trouble> {
        match self.product.as_str() {
            "" => Ok(None),
            name => site.workspace().folder(name).map(|_| Some(name.to_owned())).map_err(Trouble::from),
        }
    }
}

async fn invite(
    State(site): State<Site>,
    visitor: Visitor,
    Form(fields): Form<Fields>,
) -> Result<Response, Trouble> {
    let by = visitor.name.clone();
    let link = site
        .run(move |site| {
            let (account, person) = (fields.account()?, fields.person.clone());
            let (role, product) = (fields.role.parse()?, fields.product(site)?);
            Ok(site.accounts()?.invite(&Newcomer { account, person, role, product }, &by, app::now())?)
        })
        .await?;
    shown(&site, &visitor, &link).await
}

/// Changes an account as it was looked at; where somebody was faster, says what it is now and what was wanted.
async fn change<T: Send + 'static>(
    site: &Site,
    fields: Fields,
    does: impl FnOnce(&Site, &Fields, Whom<'_>) -> Result<T, Trouble> + Send + 'static,
) -> Result<T, Trouble> {
    site.run(move |site| {
        let (account, seen) = (fields.account()?, fields.seen()?);
        let now = |site: &Site| Ok::<_, Trouble>(site.accounts()?.people()?.get(&account).cloned());
        let done = does(site, &fields, (&account, seen).into());
        match (done, now(site)?) {
            (Err(_), Some(person)) if person.version != seen => {
                let more = html! {
                    section.card {
                        p { strong { "Now: " } (person.name) ", " (as_what(&person)) "." }
                        p { strong { "You wanted: " } (fields.wanted()) "." }
                    }
                };
                let what =
                    format!("Somebody changed {} since the page was made. Nothing was recorded.", person.name);
                Err(Trouble::conflict(
                    what,
                    "Open People again, and change it from there if it is still wanted.",
                    Some(more),
                ))
            }
            (done, _) => done,
        }
    })
    .await
}

async fn link(
    State(site): State<Site>,
    visitor: Visitor,
    Form(fields): Form<Fields>,
) -> Result<Response, Trouble> {
    let by = visitor.name.clone();
    let link =
        change(&site, fields, move |site, _, whom| Ok(site.accounts()?.renew(whom, &by, app::now())?)).await?;
    shown(&site, &visitor, &link).await
}

/// The page with a link, which is shown this once.
async fn shown(site: &Site, visitor: &Visitor, link: &Invited) -> Result<Response, Trouble> {
    let (people, products) = everybody(site).await?;
    let address = site.doors().url().unwrap_or_default();
    let given = html! {
        div.said role="status" {
            p { "The link. It opens once, until " (moment(link.ends)) ", and is shown this once. Whoever has it comes in: give it to them alone." }
            pre.text { (address) (link.path()) }
        }
    };
    Ok(page::page(visitor, "/people", "People", &body(visitor, &people, &products, Some(&given))).into_response())
}

async fn role(
    State(site): State<Site>,
    visitor: Visitor,
    Form(fields): Form<Fields>,
) -> Result<Redirect, Trouble> {
    let by = visitor.name.clone();
    change(&site, fields, move |site, fields, whom| {
        let (team, product) = (site.accounts()?, fields.product(site)?);
        match fields.role.as_str() {
            "none" => team.take_role(whom, product.as_deref(), &by, app::now())?,
            role => team.give(whom, product.as_deref(), role.parse()?, &by, app::now())?,
        }
        Ok(())
    })
    .await?;
    Ok(Redirect::to("/people"))
}

async fn remove(
    State(site): State<Site>,
    visitor: Visitor,
    Form(fields): Form<Fields>,
) -> Result<Redirect, Trouble> {
    if fields.sure != "yes" {
        return Err(Trouble::form("Nobody was removed.", "Tick the box that says so first."));
    }
    let by = visitor.name.clone();
    change(&site, fields, move |site, _, whom| Ok(site.accounts()?.remove(whom, &by, app::now())?)).await?;
    Ok(Redirect::to("/people"))
}
