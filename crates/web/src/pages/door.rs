//! The door: the one-time link of somebody who works alone; signing in and out, and invitations, of a team.

use app::people::{Invitation, Knock, PeopleError, SHORTEST, Secret, SignInError};
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};

use super::elsewhere;
use crate::guard;
use crate::page;
use crate::site::Site;
use crate::source::Source;
use crate::table::{Access, Route};
use crate::trouble::Trouble;

/// Largest form at the door: it is open to everybody.
const SMALL: usize = 8 * 1024;

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/enter", Access::Anybody, || get(enter)),
    Route::get("/sign-in", Access::Anybody, || get(door)),
    Route::post("/sign-in", Access::Anybody, || post(sign_in)).up_to(SMALL),
    Route::post("/sign-out", Access::SignedIn, || post(sign_out)).up_to(SMALL),
    Route::get("/invitation/{secret}", Access::Anybody, || get(invitation)),
    Route::post("/invitation/{secret}", Access::Anybody, || post(accept)).up_to(SMALL),
];

#[derive(Debug, serde::Deserialize)]
struct Link {
    #[serde(default)]
    token: String,
}

async fn enter(State(site): State<Site>, Query(link): Query<Link>) -> Result<Response, Trouble> {
    let used = || {
        Trouble::new(
            StatusCode::UNAUTHORIZED,
            "This link does not open the workspace, or it was used already.",
            "Stop `assay serve` and start it again: it prints a new link.",
        )
    };
    let session = site.doors().enter(&link.token).ok_or_else(used)?;
    Ok((cookie(&site, &session)?, led_on()).into_response())
}

/// A strict cookie is not sent with a request that another page led to; this page leads on itself.
pub(super) fn led_on() -> Markup {
    let body = html! {
        section.card { h1 { "Welcome" } p { a href="/" { "Open the workspace" } } }
        meta http-equiv="refresh" content="0; url=/";
    };
    page::bare("Welcome", &body)
}

/// The header that gives a browser its session, or, with nothing, takes it.
pub(crate) fn cookie(site: &Site, session: &str) -> Result<HeaderMap, Trouble> {
    let line = HeaderValue::from_str(&site.doors().set_cookie(session));
    let mut headers = HeaderMap::new();
    headers.insert(header::SET_COOKIE, line.map_err(|_| Trouble::ours("the session has no name"))?);
    Ok(headers)
}

async fn door(State(site): State<Site>) -> Response {
    if site.team().is_some() {
        return page::bare("Sign in", &form(&site, "", None)).into_response();
    }
    let body = html! {
        section.card {
            h1 { "Not signed in" }
            p { "This workspace is opened by the link that " code { "assay serve" } " prints when it starts." }
        }
    };
    (StatusCode::UNAUTHORIZED, page::bare("Not signed in", &body)).into_response()
}

fn form(site: &Site, name: &str, problem: Option<&str>) -> Markup {
    html! {
        section.card aria-labelledby="door" {
            h1 #door { "Sign in" }
            @if let Some(problem) = problem { p.warned role="alert" { (problem) } }
            form method="post" action="/sign-in" {
                label.field { "Name" input type="text" name="name" value=(name) autocomplete="username" autocapitalize="none" spellcheck="false" required; }
                label.field { "Password" input type="password" name="password" autocomplete="current-password" required; }
                div.buttons { button { "Sign in" } }
            }
            (elsewhere::way(site, None))
            p.small.soft { "An owner of the workspace gives out a link to choose a new password." }
        }
    }
}

#[derive(Debug, serde::Deserialize)]
struct Said {
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
}

async fn sign_in(State(site): State<Site>, source: Source, Form(said): Form<Said>) -> Result<Response, Trouble> {
    site.accounts()?;
    let name = said.name.clone();
    let done = site
        .run(move |site| {
            let knock = Knock {
                name: &said.name,
                password: &said.password,
                source: &source.address,
                browser: &source.browser,
            };
            Ok(site.accounts()?.sign_in(&knock, app::now()))
        })
        .await?;
    match done {
        Ok(session) => Ok((cookie(&site, session.text())?, Redirect::to("/")).into_response()),
        Err(error) => refused(error, |problem| page::bare("Sign in", &form(&site, &name, Some(problem)))),
    }
}

/// The answer to a password that was not taken: the form again, with what is wrong.
pub(crate) fn refused(error: SignInError, form: impl Fn(&str) -> Markup) -> Result<Response, Trouble> {
    match error {
        SignInError::Wrong => {
            let again = form("The name or the password is wrong.");
            Ok((StatusCode::UNAUTHORIZED, again).into_response())
        }
        SignInError::Wait(millis) => {
            let words = app::people::in_words(millis);
            let again = form(&format!("It was tried too often. Try again in {words}."));
            let seconds = ((millis + 999) / 1_000).to_string();
            Ok((StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds)], again).into_response())
        }
        SignInError::Hash(error) => {
            Ok((StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")], Trouble::from(error))
                .into_response())
        }
        SignInError::People(PeopleError::Weak(weak)) => {
            let said = weak.to_string();
            let said = said.split("\n\n").next().unwrap_or_default().trim_start_matches("choose a password: ");
            let again = form(&format!("The new password is not taken: {said}."));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
        SignInError::People(error) => Err(error.into()),
    }
}

async fn sign_out(State(site): State<Site>, headers: HeaderMap) -> Result<Response, Trouble> {
    if let Some(session) = guard::session(&site, &headers) {
        site.run(move |site| Ok(site.doors().leave(&session)?)).await?;
    }
    let mut gone = cookie(&site, "")?;
    let clear = HeaderValue::from_static("\"cache\", \"storage\"");
    gone.insert(header::HeaderName::from_static("clear-site-data"), clear);
    Ok((gone, Redirect::to("/sign-in")).into_response())
}

async fn invitation(State(site): State<Site>, Path(secret): Path<String>) -> Result<Markup, Trouble> {
    let link = look(&site, &secret).await?;
    Ok(page::bare("Welcome", &welcome(&site, &secret, &link, None)))
}

/// What a link is for.
pub(super) async fn look(site: &Site, secret: &str) -> Result<Invitation, Trouble> {
    let secret = Secret::shown(secret);
    site.run(move |site| {
        let secret = secret.ok_or(PeopleError::Link).map_err(over)?;
        site.accounts()?.invitation(&secret, app::now()).map_err(over)
    })
    .await
}

/// A link that is over is not there.
pub(super) fn over(error: PeopleError) -> Trouble {
    let status =
        if matches!(error, PeopleError::Link) { StatusCode::NOT_FOUND } else { StatusCode::UNPROCESSABLE_ENTITY };
    Trouble::from(error).with(status)
}

fn welcome(site: &Site, secret: &str, link: &Invitation, problem: Option<&str>) -> Markup {
    html! {
        section.card aria-labelledby="welcome" {
            h1 #welcome { "Welcome, " (link.person) }
            p {
                (link.by)
                @match link.role {
                    Some(role) => {
                        " invites you as " (role)
                        @if let Some(product) = &link.product { " for " (product) }
                        ". " (role.meaning())
                    }
                    None => " gave you this link to choose a new password.",
                }
            }
            @if let Some(problem) = problem { p.warned role="alert" { (problem) } }
            form method="post" action={ "/invitation/" (secret) } {
                label.field { "Name to sign in with" input type="text" value=(link.account) autocomplete="username" readonly; }
                label.field {
                    "Password"
                    input type="password" name="password" autocomplete="new-password" minlength=(SHORTEST) aria-describedby="password-help" required;
                }
                p.help.small.soft #password-help {
                    "At least " (SHORTEST) " characters. A few words that do not belong together are easy to keep in mind; signs and digits are not needed."
                }
                label.field { "Password again" input type="password" name="again" autocomplete="new-password" required; }
                div.buttons { button { "Begin" } }
            }
            (elsewhere::way(site, Some(secret)))
            p.small.soft { "What you state, measure and review is recorded under the name " strong { (link.person) } ", and stays." }
        }
    }
}

#[derive(Debug, serde::Deserialize)]
struct Chosen {
    #[serde(default)]
    password: String,
    #[serde(default)]
    again: String,
}

async fn accept(
    State(site): State<Site>,
    source: Source,
    Path(secret): Path<String>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Trouble> {
    let link = look(&site, &secret).await?;
    let form = |problem: &str| page::bare("Welcome", &welcome(&site, &secret, &link, Some(problem)));
    if chosen.password != chosen.again {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, form("The two passwords are not the same.")).into_response());
    }
    let shown = Secret::shown(&secret);
    let done = site
        .run(move |site| {
            let shown = shown.ok_or(PeopleError::Link).map_err(over)?;
            Ok(site.accounts()?.accept(&shown, &chosen.password, &source.address, &source.browser, app::now()))
        })
        .await?;
    match done {
        Ok(session) => Ok((cookie(&site, session.text())?, Redirect::to("/")).into_response()),
        Err(error @ PeopleError::Link) => Err(over(error)),
        Err(error) => refused(SignInError::People(error), form),
    }
}
