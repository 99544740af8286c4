//! People and roles: who is in the workspace, inviting, giving roles, ending accounts; of one's own account, what is
//! looked at. A password, a session and a token are changed in a browser alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{delete, get, patch, post};
use model::Timestamp;
use report::presentation::told::{Told, told, told_words};
use serde_json::{Map, Value, json};
use workflow::people::{People, Permission, Refused};

use app::now;
use app::people::{self as accounts, AccountName, Newcomer, PeopleError, Role, Whom};

use super::answer::{self, Limit};
use super::asked::{Asked, Line, Queried, Sent, Tag, Text, asked};
use super::{Api, Tagged, row};
use crate::site::Site;
use crate::table::{Access, Route, Verb};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

const SEE: Access = Access::May(Permission::SeePeople);
const MANAGE: Access = Access::May(Permission::ManagePeople);
const OWN: Access = Access::May(Permission::OwnAccount);

pub(crate) const ROUTES: &[Route] = &[
    Route::api(
        Verb::Get,
        "/api/v1/me/sessions",
        OWN,
        Api::new("listSessions", "Where one is signed in; for a browser's session alone", row::page::<Session>)
            .query(Parts::shape)
            .refuses(&[404]),
        || get(sessions),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/me/tokens",
        OWN,
        Api::new(
            "listTokens",
            "One's tokens, without their secrets; for a browser's session alone",
            row::page::<Token>,
        )
        .query(Parts::shape)
        .refuses(&[404]),
        || get(tokens),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/people",
        SEE,
        Api::new("listPeople", "Everybody there ever was in the workspace, and as what", row::page::<Person>)
            .query(Parts::shape)
            .refuses(&[404]),
        || get(list),
    ),
    Route::api(
        Verb::Post,
        "/api/v1/people",
        MANAGE,
        Api::new("invitePerson", "Invite somebody; the link is told this once", Invited::shape)
            .asks(New::shape)
            .makes()
            .refuses(&[404, 409]),
        || post(invite),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/people/{account}",
        SEE,
        Api::new("getPerson", "A person, and as what they are here", Person::shape).tagged(Tagged::Tag),
        || get(one),
    ),
    Route::api(
        Verb::Patch,
        "/api/v1/people/{account}",
        MANAGE,
        Api::new("giveRole", "Give somebody a role in the workspace or for a product, or take it", Person::shape)
            .asks(As::shape)
            .tagged(Tagged::Match)
            .refuses(&[409]),
        || patch(give),
    ),
    Route::api(
        Verb::Post,
        "/api/v1/people/{account}/link",
        MANAGE,
        Api::new(
            "invitePersonAgain",
            "Give out a new link to choose a password; those before open nothing",
            Invited::shape,
        )
        .tagged(Tagged::Match)
        .refuses(&[409]),
        || post(link),
    ),
    Route::api(
        Verb::Delete,
        "/api/v1/people/{account}",
        MANAGE,
        Api::new(
            "endAccount",
            "End an account with its sessions, tokens and keys; the last owner stays",
            Person::shape,
        )
        .tagged(Tagged::Match)
        .refuses(&[409]),
        || delete(end),
    ),
];

told_words! {
    /// Where an account stands.
    pub enum Standing {
        /// Invited, and no password chosen yet.
        Invited = "invited",
        /// Can sign in.
        Joined = "joined",
        /// Ended.
        Removed = "removed",
    }
}

told! {
    /// Somebody with an account.
    pub struct Person {
        /// The name they sign in with.
        pub account: String,
        /// Their name, as it stands in records they make.
        pub name: String,
        /// Where the account stands.
        pub standing: Standing,
        /// Their role in the workspace; null for somebody who is there for single products.
        pub role: Option<String>,
        /// Their roles for single products, which go before the one in the workspace.
        pub products: Vec<ForProduct>,
        /// When they were invited first.
        pub since: Timestamp,
        /// Who invited them.
        pub invited_by: String,
    }

    /// A role for a product.
    pub struct ForProduct {
        /// The product's name in the workspace.
        pub product: String,
        /// The role.
        pub role: String,
    }

    /// A link to choose a password.
    pub struct Invited {
        /// For whom.
        pub person: Person,
        /// The link. It opens once, and whoever has it comes in.
        pub link: String,
        /// When it ends.
        pub ends: Timestamp,
    }

    /// A session of a browser.
    pub struct Session {
        /// Its name in lists.
        pub id: String,
        /// What the browser called itself.
        pub browser: String,
        /// From where it began.
        pub source: String,
        /// When it began.
        pub began: Timestamp,
        /// When it was used last, to the minute.
        pub used: Timestamp,
        /// Whether it is the one that asks.
        pub this: bool,
    }

    /// A token for a program.
    pub struct Token {
        /// Its name in lists, which is not the secret.
        pub id: String,
        /// What it is for.
        pub name: String,
        /// What it may: the names of permissions.
        pub scopes: Vec<String>,
        /// When it was made.
        pub made: Timestamp,
        /// When it ends.
        pub ends: Timestamp,
        /// When it was used last, to the minute.
        pub used: Option<Timestamp>,
    }
}

impl Asked for Role {
    fn shape(_: &mut Map<String, Value>) -> Value {
        json!({"type": "string", "enum": Role::ALL.map(Role::as_str)})
    }
}

asked! {
    /// Which part.
    struct Parts {
        /// Where to go on.
        cursor: Option<u64>,
        /// How many at most.
        limit: Option<Limit>,
    }

    /// Somebody who is to be invited.
    struct New {
        /// The name they will sign in with.
        account: Text<2, 64>,
        /// Their name, as it will stand in records they make.
        name: Text<1, 200>,
        /// As what.
        role: Role,
        /// For which product only; the whole workspace when left out.
        product: Option<Line>,
    }

    /// As what somebody is here.
    struct As {
        /// The role; none when left out.
        role: Option<Role>,
        /// For which product; the whole workspace when left out.
        product: Option<Line>,
    }
}

async fn everybody(site: &Site) -> Result<Arc<People>, Trouble> {
    site.run(|site| Ok(site.accounts()?.people()?)).await
}

async fn list(State(site): State<Site>, Queried(parts): Queried<Parts>) -> Result<Response, Trouble> {
    let all: Vec<Person> = everybody(&site).await?.iter().map(told).collect();
    answer::page(&all.iter().collect::<Vec<_>>(), parts.cursor, parts.limit)
}

async fn one(State(site): State<Site>, Path(account): Path<String>) -> Result<Response, Trouble> {
    shown(&site, &named(&account)?).await
}

async fn shown(site: &Site, account: &AccountName) -> Result<Response, Trouble> {
    let people = everybody(site).await?;
    let person = people.get(account).ok_or_else(nobody)?;
    answer::tagged(&person.version.to_string(), answer::told(&told(person))?)
}

async fn invite(State(site): State<Site>, visitor: Visitor, Sent(new): Sent<New>) -> Result<Response, Trouble> {
    let invited = site.run(move |site| {
        let account: AccountName = new.account.0.parse().map_err(|e| Trouble::from(e).at("#/account"))?;
        let (person, role, product) = (new.name.0, new.role, of(site, new.product)?);
        let newcomer = Newcomer { account: account.clone(), person, role, product };
        let link = site.accounts()?.invite(&newcomer, &visitor.name, now()).map_err(trouble)?;
        Ok((account, link))
    });
    let (account, link) = invited.await?;
    let (told, _) = linked(&site, &account, &link).await?;
    answer::made(&told)
}

async fn link(
    State(site): State<Site>,
    visitor: Visitor,
    Path(account): Path<String>,
    Tag(tag): Tag,
) -> Result<Response, Trouble> {
    let account = named(&account)?;
    let link = change(&site, account.clone(), tag, move |site, whom| {
        site.accounts()?.renew(whom, &visitor.name, now()).map_err(trouble)
    });
    let (told, version) = linked(&site, &account, &link.await?).await?;
    answer::tagged(&version, answer::told(&told)?)
}

async fn linked(
    site: &Site,
    account: &AccountName,
    link: &accounts::Invited,
) -> Result<(Invited, String), Trouble> {
    let people = everybody(site).await?;
    let person = people.get(account).ok_or_else(nobody)?;
    let address = site.doors().url().unwrap_or_default();
    let told = Invited { person: told(person), link: format!("{address}{}", link.path()), ends: link.ends };
    Ok((told, person.version.to_string()))
}

async fn give(
    State(site): State<Site>,
    visitor: Visitor,
    Path(account): Path<String>,
    Tag(tag): Tag,
    Sent(wanted): Sent<As>,
) -> Result<Response, Trouble> {
    let account = named(&account)?;
    change(&site, account.clone(), tag, move |site, whom| {
        let (team, product) = (site.accounts()?, of(site, wanted.product)?);
        let given = match wanted.role {
            Some(role) => team.give(whom, product.as_deref(), role, &visitor.name, now()),
            None => team.take_role(whom, product.as_deref(), &visitor.name, now()),
        };
        given.map_err(trouble)
    })
    .await?;
    shown(&site, &account).await
}

async fn end(
    State(site): State<Site>,
    visitor: Visitor,
    Path(account): Path<String>,
    Tag(tag): Tag,
) -> Result<Response, Trouble> {
    let account = named(&account)?;
    change(&site, account.clone(), tag, move |site, whom| {
        site.accounts()?.remove(whom, &visitor.name, now()).map_err(trouble)
    })
    .await?;
    shown(&site, &account).await
}

/// Changes an account as it was looked at.
async fn change<T: Send + 'static>(
    site: &Site,
    account: AccountName,
    tag: String,
    does: impl FnOnce(&Site, Whom<'_>) -> Result<T, Trouble> + Send + 'static,
) -> Result<T, Trouble> {
    site.run(move |site| {
        let now = site.accounts()?.people()?.get(&account).map(|person| person.version).ok_or_else(nobody)?;
        answer::still(&tag, &now.to_string())?;
        does(site, (&account, now).into())
    })
    .await
}

async fn sessions(
    State(site): State<Site>,
    visitor: Visitor,
    Queried(parts): Queried<Parts>,
) -> Result<Response, Trouble> {
    let (own, this) = (own(&visitor)?, visitor.session().map(str::to_owned));
    let all = site.run(move |site| Ok(site.accounts()?.sessions(&own, now())?)).await?;
    let all: Vec<Session> = all
        .into_iter()
        .map(|(id, session)| Session {
            this: this.as_ref() == Some(&id),
            id,
            browser: session.browser,
            source: session.source,
            began: session.began,
            used: session.used,
        })
        .collect();
    answer::page(&all.iter().collect::<Vec<_>>(), parts.cursor, parts.limit)
}

async fn tokens(
    State(site): State<Site>,
    visitor: Visitor,
    Queried(parts): Queried<Parts>,
) -> Result<Response, Trouble> {
    let own = own(&visitor)?;
    let all = site.run(move |site| Ok(site.accounts()?.tokens(&own)?)).await?;
    let all: Vec<Token> = all
        .into_iter()
        .map(|(id, token)| Token {
            id,
            name: token.name,
            scopes: token.scopes.iter().map(ToString::to_string).collect(),
            made: token.made,
            ends: token.ends,
            used: token.used,
        })
        .collect();
    answer::page(&all.iter().collect::<Vec<_>>(), parts.cursor, parts.limit)
}

fn own(visitor: &Visitor) -> Result<AccountName, Trouble> {
    visitor.account().cloned().ok_or_else(|| Trouble::nothing("There is no account here."))
}

fn nobody() -> Trouble {
    Trouble::nothing("There is no such account.")
}

fn named(account: &str) -> Result<AccountName, Trouble> {
    account.parse().map_err(|_| nobody())
}

/// The product, if one is named: one of this workspace.
fn of(site: &Site, product: Option<Line>) -> Result<Option<String>, Trouble> {
    let Some(Text(name)) = product else { return Ok(None) };
    let known = site.workspace().folder(&name).map_err(|e| Trouble::from(e).at("#/product"));
    known.map(|_| Some(name))
}

fn told(person: &accounts::Person) -> Person {
    let products: &BTreeMap<String, Role> = &person.products;
    Person {
        account: person.account.to_string(),
        name: person.name.clone(),
        standing: match person.standing {
            accounts::Standing::Invited => Standing::Invited,
            accounts::Standing::Joined => Standing::Joined,
            accounts::Standing::Removed => Standing::Removed,
        },
        role: person.role.map(|role| role.to_string()),
        products: products
            .iter()
            .map(|(product, role)| ForProduct { product: product.clone(), role: role.to_string() })
            .collect(),
        since: person.since,
        invited_by: person.invited_by.clone(),
    }
}

fn trouble(error: PeopleError) -> Trouble {
    let status = match &error {
        PeopleError::Changed(_) => {
            return Trouble::from(error).with(StatusCode::PRECONDITION_FAILED).at("If-Match");
        }
        PeopleError::Refused(Refused::Unknown(_)) => StatusCode::NOT_FOUND,
        PeopleError::Refused(Refused::Text(_)) => StatusCode::UNPROCESSABLE_ENTITY,
        PeopleError::Refused(_) => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Trouble::from(error).with(status)
}
