//! Signing in at a provider: the way there, and back.

use app::people::{Back, PeopleError, ProviderError, Secret};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::{Markup, html};
use tokio::sync::Semaphore;

use super::door;
use crate::guard;
use crate::site::Site;
use crate::source::Source;
use crate::table::{Access, Route};
use crate::trouble::Trouble;

/// Seconds for the requests to the provider.
const PATIENCE: u64 = 40;
/// The provider is asked for so many people at once; everybody may knock here.
static AT_ONCE: Semaphore = Semaphore::const_new(4);

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/sign-in/provider", Access::Anybody, || get(go)).within(PATIENCE),
    Route::get("/sign-in/back", Access::Anybody, || get(back)).within(PATIENCE),
];

/// The link that leads to the provider, where there is one: to sign in, or to follow an invitation.
pub(super) fn way(site: &Site, invitation: Option<&str>) -> Markup {
    html! {
        @if let Some(provider) = site.doors().provider() {
            p {
                @match invitation {
                    None => a href="/sign-in/provider" { "Sign in at " (provider.name) },
                    Some(secret) => a href={ "/sign-in/provider?invitation=" (secret) } { "Sign in at " (provider.name) " instead, now and from now on" },
                }
            }
        }
    }
}

#[derive(Debug, serde::Deserialize)]
struct For {
    #[serde(default)]
    invitation: String,
}

async fn go(State(site): State<Site>, Query(asked): Query<For>) -> Result<Response, Trouble> {
    let _turn = turn()?;
    let secret = Secret::new().ok_or(PeopleError::Random)?;
    let mut keeps = secret.text().to_owned();
    if !asked.invitation.is_empty() {
        door::look(&site, &asked.invitation).await?;
        keeps = format!("{keeps}.{}", asked.invitation);
    }
    let to = site.run(move |site| provider(site)?.way(&secret).map_err(unwell)).await?;
    Ok((kept(&site, &keeps)?, Redirect::to(&to)).into_response())
}

#[derive(Debug, serde::Deserialize)]
struct Came {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    error: String,
    iss: Option<String>,
}

async fn back(
    State(site): State<Site>,
    source: Source,
    headers: HeaderMap,
    Query(came): Query<Came>,
) -> Result<Response, Trouble> {
    let keeps = guard::kept(&headers, site.doors().way_cookie()).unwrap_or_default();
    let done = come_back(&site, source, &keeps, came).await;
    // Whatever came of it, it is over.
    let mut answer = match done {
        Ok(session) => (door::cookie(&site, session.text())?, door::led_on()).into_response(),
        Err(trouble) => trouble.into_response(),
    };
    for line in kept(&site, "")?.get_all(header::SET_COOKIE) {
        answer.headers_mut().append(header::SET_COOKIE, line.clone());
    }
    Ok(answer)
}

async fn come_back(site: &Site, source: Source, keeps: &str, came: Came) -> Result<Secret, Trouble> {
    let _turn = turn()?;
    let (secret, invitation) = match keeps.split_once('.') {
        Some((secret, invitation)) => (secret, Some(invitation)),
        None => (keeps, None),
    };
    let secret = Secret::shown(secret).ok_or(ProviderError::NotBegun).map_err(unwell)?;
    let invitation = invitation.map(|secret| Secret::shown(secret).ok_or(PeopleError::Link)).transpose()?;
    let came = Back { code: came.code, state: came.state, error: came.error, iss: came.iss };
    site.run(move |site| {
        let who = provider(site)?.back(&secret, &came).map_err(unwell)?;
        let (team, now) = (site.accounts()?, app::now());
        let done = match invitation {
            None => team.sign_in_linked(&who, &source.address, &source.browser, now),
            Some(link) => team.accept_linked(&link, &who, &source.address, &source.browser, now),
        };
        done.map_err(|error| match error {
            PeopleError::NotLinked(_) => Trouble::from(error).with(StatusCode::UNAUTHORIZED),
            PeopleError::LinkedElsewhere(_) => Trouble::from(error).with(StatusCode::CONFLICT),
            error => door::over(error),
        })
    })
    .await
}

fn provider(site: &Site) -> Result<&app::people::Provider, Trouble> {
    let none = || Trouble::nothing("People sign in with a password here.");
    site.doors().provider().map(AsRef::as_ref).ok_or_else(none)
}

fn unwell(error: ProviderError) -> Trouble {
    let status = match error {
        ProviderError::Unreachable { .. } => StatusCode::BAD_GATEWAY,
        _ => StatusCode::UNAUTHORIZED,
    };
    Trouble::from(error).with(status)
}

fn turn() -> Result<tokio::sync::SemaphorePermit<'static>, Trouble> {
    AT_ONCE.try_acquire().map_err(|_| {
        let what = "Many people are signing in at this moment.";
        Trouble::new(StatusCode::SERVICE_UNAVAILABLE, what, "Begin again in a few seconds.")
    })
}

fn kept(site: &Site, keeps: &str) -> Result<HeaderMap, Trouble> {
    let line = HeaderValue::from_str(&site.doors().set_way(keeps));
    let mut headers = HeaderMap::new();
    headers.insert(header::SET_COOKIE, line.map_err(|_| Trouble::ours("the way back has no name"))?);
    Ok(headers)
}
