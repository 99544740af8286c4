//! The public page of one request, under its link: what is needed, how to answer, and what became of it.
//!
//! It shows that request and the product's name, and nothing else of the workspace.

use axum::Extension;
use axum::extract::{Multipart, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use model::{Period, Timestamp};

use app::now;
use app::rate::Allowed;
use app::requests::{self, Handed, Request, Secret};
use app::upload::Upload;

use crate::page;
use crate::pages::requests::told;
use crate::site::Site;
use crate::source::Source;
use crate::table::{Access, Route};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

/// Largest answer, in bytes.
const LARGEST: usize = 48 << 20;

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/answer/{product}/{secret}", Access::Anybody, || get(show)),
    Route::post("/answer/{product}/{secret}", Access::Anybody, || axum::routing::post(answer)).up_to(LARGEST),
];

const MINUTE: i64 = 60_000;
/// How often a link is opened, and how often links are opened from one address: many people can be behind one.
const OPENED: (Allowed, Allowed) =
    (Allowed { times: 60, within: 10 * MINUTE }, Allowed { times: 300, within: 10 * MINUTE });
/// How often a link is answered, and how often links are answered from one address.
const ANSWERED: (Allowed, Allowed) =
    (Allowed { times: 10, within: 60 * MINUTE }, Allowed { times: 60, within: 60 * MINUTE });

/// Why a link shows or takes nothing.
enum Stopped {
    Trouble(Trouble),
    /// It was done too often; the milliseconds to wait.
    Wait(i64),
}

impl From<Trouble> for Stopped {
    fn from(trouble: Trouble) -> Self {
        Stopped::Trouble(trouble)
    }
}

impl IntoResponse for Stopped {
    fn into_response(self) -> Response {
        let millis = match self {
            Stopped::Trouble(trouble) => return trouble.into_response(),
            Stopped::Wait(millis) => millis,
        };
        let trouble = Trouble::new(
            StatusCode::TOO_MANY_REQUESTS,
            "This link was used too often in a short time. Nothing of what was sent just now was taken.",
            format!("Try again in {}.", app::people::in_words(millis)),
        );
        let seconds = ((millis + 999) / 1_000).to_string();
        ([(header::RETRY_AFTER, seconds)], trouble).into_response()
    }
}

/// Counts what is done with a link, by the link and by where it comes from.
fn counted(
    site: &Site,
    does: &str,
    link: (&str, &str),
    source: &Source,
    (of_link, of_source): (Allowed, Allowed),
) -> Result<(), Stopped> {
    let (product, secret) = link;
    let by_link = format!("{does} link {product} {secret}");
    let by_source = format!("{does} source {}", source.address);
    site.links().take(&[(&by_link, of_link), (&by_source, of_source)], now()).map_err(Stopped::Wait)
}

/// The request that a link opens. A wrong product and a wrong secret look the same.
async fn opened(
    site: &Site,
    product: &str,
    secret: &str,
) -> Result<(std::sync::Arc<app::workspace::Snapshot>, Request), Trouble> {
    let nothing = || {
        Trouble::new(
            StatusCode::NOT_FOUND,
            "This link opens no request.",
            "It may have been replaced by another one: ask whoever sent it to you.",
        )
    };
    let secret = Secret::shown(secret).ok_or_else(nothing)?;
    let snapshot = page::snapshot(site, product).await.map_err(|_| nothing())?;
    let found = snapshot.tasks.requests.linked(&requests::link_of(&secret)).cloned();
    Ok((snapshot, found.ok_or_else(nothing)?))
}

async fn show(
    State(site): State<Site>,
    visitor: Option<Extension<Visitor>>,
    source: Source,
    Path((product, secret)): Path<(String, String)>,
) -> Result<Markup, Stopped> {
    counted(&site, "open", (&product, &secret), &source, OPENED)?;
    let (snapshot, request) = opened(&site, &product, &secret).await?;
    let mark = visitor.map(|Extension(visitor)| visitor.mark());
    let action = format!("/answer/{}/{secret}", page::encoded(&product));
    let body = html! {
        h1 { "What is needed for " (requests::visible(&snapshot.told.head.product)) }
        (told::ask(&request, snapshot.at))
        @if request.state().is_open() { (form(&request, &action, mark.as_ref(), None)) }
        (told::history(&snapshot, &request, None))
    };
    Ok(page::bare("Answer a request", &body))
}

/// The form that answers a request; whoever is signed in answers in their own name.
pub(super) fn form(request: &Request, action: &str, mark: Option<&Markup>, by: Option<&str>) -> Markup {
    let again = !request.state().awaits_answer();
    html! {
        section.card aria-labelledby="answer" {
            h2 #answer { @if again { "Answer once more" } @else { "Answer" } }
            @if again { p.said { "Thank you: your answer has arrived. It is being looked at." } }
            form method="post" action=(action) enctype="multipart/form-data" {
                @if let Some(mark) = mark { (mark) }
                div.field {
                    label { "Files " span.soft { "at most ten, 32 MiB each and 48 MiB together" } input type="file" name="file" multiple; }
                    p.help { "Pictures, PDFs, texts, archives or captures, as they fit what is asked for." }
                }
                div.field { label { "Or where it is " span.soft { "an address, the number of a document" } input type="text" name="reference" maxlength="4000"; } }
                div.field { label { "When it was true " span.soft { "if not today" } input type="date" name="effective"; } }
                div.field { label { "What you want to say about it" textarea name="remark" maxlength="4000" {} } }
                @if by.is_none() { div.field { label { "Your name" input type="text" name="by" value=(request.ask.of) maxlength="200" required autocomplete="name"; } } }
                div.field { label { "Your organization or role" input type="text" name="role" maxlength="200" autocomplete="organization"; } }
                div.buttons { button { "Send the answer" } }
            }
        }
    }
}

async fn answer(
    State(site): State<Site>,
    source: Source,
    Path((product, secret)): Path<(String, String)>,
    multipart: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<Response, Stopped> {
    counted(&site, "answer", (&product, &secret), &source, ANSWERED)?;
    let (_, request) = opened(&site, &product, &secret).await?;
    let handed = handed(multipart).await?;
    let to = format!("/answer/{}/{secret}", page::encoded(&product));
    site.run(move |site| {
        let folder = site.workspace().folder(&product)?;
        Ok(requests::answer(&folder, &request.id, &handed, now())?)
    })
    .await?;
    Ok(page::see(&to))
}

/// What a form hands over.
pub(super) async fn handed(
    multipart: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<Handed, Trouble> {
    let unread = || Trouble::form("What was sent does not read.", "Open the page again, and send it from there.");
    let mut multipart = multipart.map_err(|_| unread())?;
    let mut handed = Handed::default();
    while let Some(field) = multipart.next_field().await.map_err(|_| unread())? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            let given = field.file_name().unwrap_or_default().to_owned();
            let bytes = field.bytes().await.map_err(|_| unread())?.to_vec();
            // A browser sends an empty part where no file was chosen.
            if !(given.is_empty() && bytes.is_empty()) {
                handed.files.push(Upload { given, bytes });
            }
            continue;
        }
        let text = field.text().await.map_err(|_| unread())?;
        match name.as_str() {
            "reference" => handed.references.push(text),
            "remark" => handed.remark = text,
            "by" => handed.by = text,
            "role" => handed.role = text,
            "effective" if !text.trim().is_empty() => {
                let day = Timestamp::parse(text.trim());
                let day = day.map_err(|_| Trouble::form("The date does not read.", "Write it as 2026-12-24."))?;
                handed.effective = Some(Period::moment(day));
            }
            _ => {}
        }
    }
    Ok(handed)
}
