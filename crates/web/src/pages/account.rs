//! One's own account: password, sessions, tokens.

use app::people::{DAYS, Knock, Linked, Person, SHORTEST, Session, SignInError, Token};
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use model::Timestamp;
use workflow::people::Permission;

use super::door;
use crate::page;
use crate::site::Site;
use crate::source::Source;
use crate::table::{Access, Route};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

const OWN: Access = Access::May(Permission::OwnAccount);
/// Days a token is good for unless others are asked for.
const USUAL: u32 = 90;

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/account", OWN, || get(show)),
    Route::post("/account/password", OWN, || post(password)),
    Route::post("/account/sessions/end", OWN, || post(end_session)),
    Route::post("/account/tokens", OWN, || post(make_token)),
    Route::post("/account/tokens/end", OWN, || post(end_token)),
];

/// What the page shows.
struct Account {
    person: Person,
    sessions: Vec<(String, Session)>,
    tokens: Vec<(String, Token)>,
    linked: Option<Linked>,
}

async fn account(site: &Site, visitor: &Visitor) -> Result<Account, Trouble> {
    let person = visitor.person().cloned();
    site.run(move |site| {
        let team = site.accounts()?;
        let person = person.ok_or_else(|| Trouble::nothing("There is no account here."))?;
        let sessions = team.sessions(&person.account, app::now())?;
        let tokens = team.tokens(&person.account)?;
        let linked = team.linked(&person.account)?;
        Ok(Account { person, sessions, tokens, linked })
    })
    .await
}

async fn show(State(site): State<Site>, visitor: Visitor) -> Result<Markup, Trouble> {
    let account = account(&site, &visitor).await?;
    Ok(page::page(&visitor, "/account", "Account", &body(&visitor, &account, None, None)))
}

fn body(visitor: &Visitor, account: &Account, problem: Option<&str>, token: Option<&str>) -> Markup {
    let person = &account.person;
    html! {
        h1 { (person.name) }
        p.lead {
            "You sign in as " strong { (person.account) } "; you are "
            @match person.role { Some(role) => { (role) " in this workspace" } None => "here for single products" }
            @for (product, role) in &person.products { ", " (role) " for " (product) }
            "."
        }
        @if let Some(token) = token {
            div.said role="status" {
                p { "The token. It is shown this once; keep it where the program finds it, and nowhere else." }
                pre.text { (token) }
            }
        }
        @match &account.linked {
            None => (password_form(visitor, problem)),
            Some(linked) => (elsewhere(linked)),
        }
        (sessions(visitor, &account.sessions))
        (tokens(visitor, person, &account.tokens))
    }
}

fn elsewhere(linked: &Linked) -> Markup {
    html! {
        section.card aria-labelledby="linked" {
            h2 #linked { "Signing in" }
            p { "You sign in at " (page::visible(&linked.issuer)) " as " (page::visible(&linked.subject)) ", since " (moment(linked.since)) ". This account has no password." }
            p.small.soft { "A link that an owner gives out opens another way in, in the place of this one." }
        }
    }
}

fn password_form(visitor: &Visitor, problem: Option<&str>) -> Markup {
    html! {
        section.card aria-labelledby="password" {
            h2 #password { "Password" }
            @if let Some(problem) = problem { p.warned role="alert" { (problem) } }
            (visitor.form("/account/password", &html! {
                label.field { "Present password" input type="password" name="old" autocomplete="current-password" required; }
                label.field { "New password" input type="password" name="new" autocomplete="new-password" minlength=(SHORTEST) aria-describedby="new-help" required; }
                p.help.small.soft #new-help { "At least " (SHORTEST) " characters, and not among those that are guessed first." }
                label.field { "New password again" input type="password" name="again" autocomplete="new-password" required; }
                div.buttons { button { "Change it" } span.small.soft { "Every other session ends." } }
            }))
        }
    }
}

fn sessions(visitor: &Visitor, sessions: &[(String, Session)]) -> Markup {
    html! {
        section.card aria-labelledby="sessions" {
            h2 #sessions { "Sessions" }
            p { "A session ends after two hours without a request, and after twelve in any case." }
            table.stack {
                caption { "Where you are signed in." }
                thead { tr { th scope="col" { "Browser" } th scope="col" { "From" } th scope="col" { "Began" } th scope="col" { "Used" } th scope="col" { "" } } }
                tbody {
                    @for (id, session) in sessions {
                        tr {
                            th scope="row" { @if session.browser.is_empty() { "unnamed" } @else { (session.browser) } }
                            td data-th="From" { (session.source) }
                            td data-th="Began" { (moment(session.began)) }
                            td data-th="Used" { (moment(session.used)) }
                            td {
                                @if visitor.session() == Some(id) { "this one" } @else {
                                    (visitor.form("/account/sessions/end", &html! {
                                        input type="hidden" name="id" value=(id);
                                        button.quiet aria-label={ "End the session that began " (moment(session.began)) } { "End" }
                                    }))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn tokens(visitor: &Visitor, person: &Person, tokens: &[(String, Token)]) -> Markup {
    let now = app::now();
    let mine = Permission::all().filter(|p| *p != Permission::OwnAccount && person.may_somewhere(*p));
    html! {
        section.card aria-labelledby="tokens" {
            h2 #tokens { "Tokens for programs" }
            p { "A program shows a token in the place of a person. It may what you choose here, and never more than you may yourself." }
            @if !tokens.is_empty() {
                table.stack {
                    caption { "Your tokens." }
                    thead { tr { th scope="col" { "For" } th scope="col" { "May" } th scope="col" { "Ends" } th scope="col" { "Used" } th scope="col" { "" } } }
                    tbody {
                        @for (id, token) in tokens {
                            tr {
                                th scope="row" { (token.name) }
                                td data-th="May" { @for (at, scope) in token.scopes.iter().enumerate() { @if at > 0 { ", " } (scope) } }
                                td data-th="Ends" { (moment(token.ends)) @if token.ends <= now { " (over)" } }
                                td data-th="Used" { @match token.used { Some(used) => (moment(used)), None => "never" } }
                                td {
                                    (visitor.form("/account/tokens/end", &html! {
                                        input type="hidden" name="id" value=(id);
                                        button.quiet aria-label={ "End the token for " (token.name) } { "End" }
                                    }))
                                }
                            }
                        }
                    }
                }
            }
            (visitor.form("/account/tokens", &html! {
                label.field { "What it is for" input type="text" name="name" maxlength="80" required; }
                fieldset {
                    legend { "What it may" }
                    @for permission in mine {
                        label { input type="checkbox" name="scope" value=(permission); (permission.meaning()) " " span.soft { "(" (permission) ")" } }
                    }
                }
                label.field { "Days it is good for" input type="number" name="days" value=(USUAL) min="1" max=(DAYS) required; }
                div.buttons { button { "Make a token" } }
            }))
        }
    }
}

/// A moment, to the minute.
pub(super) fn moment(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{} {}", text.get(..10).unwrap_or(&text), text.get(11..16).unwrap_or_default())
}

#[derive(Debug, serde::Deserialize)]
struct Change {
    #[serde(default)]
    old: String,
    #[serde(default)]
    new: String,
    #[serde(default)]
    again: String,
}

async fn password(
    State(site): State<Site>,
    visitor: Visitor,
    source: Source,
    Form(change): Form<Change>,
) -> Result<Response, Trouble> {
    let known = account(&site, &visitor).await?;
    let form =
        |problem: &str| page::page(&visitor, "/account", "Account", &body(&visitor, &known, Some(problem), None));
    if change.new != change.again {
        let again = form("The two new passwords are not the same.");
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response());
    }
    let own = known.person.account.clone();
    let done = site
        .run(move |site| {
            let old = Knock {
                name: own.as_str(),
                password: &change.old,
                source: &source.address,
                browser: &source.browser,
            };
            Ok(site.accounts()?.change_password(&own, &old, &change.new, app::now()))
        })
        .await?;
    match done {
        Ok(session) => Ok((door::cookie(&site, session.text())?, Redirect::to("/account")).into_response()),
        // Whoever is signed in stays so: a wrong password here is a field that was filled in wrongly.
        Err(SignInError::Wrong) => {
            Ok((StatusCode::UNPROCESSABLE_ENTITY, form("The present password is wrong.")).into_response())
        }
        Err(error) => door::refused(error, form),
    }
}

#[derive(Debug, serde::Deserialize)]
struct One {
    #[serde(default)]
    id: String,
}

async fn end_session(
    State(site): State<Site>,
    visitor: Visitor,
    Form(one): Form<One>,
) -> Result<Redirect, Trouble> {
    let own = account(&site, &visitor).await?.person.account;
    let ended = site.run(move |site| Ok(site.accounts()?.end_session(&own, &one.id)?)).await?;
    if ended { Ok(Redirect::to("/account")) } else { Err(Trouble::nothing("You have no such session.")) }
}

async fn end_token(State(site): State<Site>, visitor: Visitor, Form(one): Form<One>) -> Result<Redirect, Trouble> {
    let own = account(&site, &visitor).await?.person.account;
    let ended = site.run(move |site| Ok(site.accounts()?.end_token(&own, &one.id)?)).await?;
    if ended { Ok(Redirect::to("/account")) } else { Err(Trouble::nothing("You have no such token.")) }
}

async fn make_token(
    State(site): State<Site>,
    visitor: Visitor,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let own = account(&site, &visitor).await?.person.account;
    let field = |wanted: &str| fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
    let (name, days) = (field("name").unwrap_or_default(), field("days").and_then(|days| days.parse().ok()));
    let scopes = fields.iter().filter(|(name, _)| name == "scope").map(|(_, value)| value.parse::<Permission>());
    let scopes: Vec<Permission> = scopes.collect::<Result<_, _>>()?;
    let text = site
        .run(move |site| Ok(site.accounts()?.make_token(&own, &name, &scopes, days.unwrap_or(0), app::now())?))
        .await?;
    // Shown in the answer itself, for it is nowhere to be read again.
    let account = account(&site, &visitor).await?;
    Ok(page::page(&visitor, "/account", "Account", &body(&visitor, &account, None, Some(&text))).into_response())
}
