//! Requests for evidence: what was asked for, asking, and deciding on what came back.

mod answers;
mod told;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use model::{Period, Timestamp};
use report::presentation::told::Told;
use workflow::people::{Permission, folded};
use workflow::requests::Refused;

use app::now;
use app::requests::{self, Ask, RequestId, RequestsError};
use app::tasks::TaskId;
use app::workspace::Snapshot;

use super::answer::{self, Limit};
use super::asked::{Asked as _, Line, Queried, Sent, Tag, Text, asked};
use super::{Api, Tagged, row};
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route, Verb};
use crate::trouble::Trouble;
use crate::visitor::Visitor;
pub(crate) use answers::ROUTES as ASKED;
use told::{Draft, Link, Made, Request, Stands};

const SEE: Access = Access::May(Permission::SeeEvidence);
const ASK: Access = Access::May(Permission::Request);

pub(crate) const ROUTES: &[Route] = &[
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/requests",
        SEE,
        Api::new(
            "listRequests",
            "Requests for evidence, in the order in which they were made",
            row::page::<Request>,
        )
        .query(Which::shape),
        || get(list),
    ),
    Route::api(
        Verb::Post,
        "/api/v1/products/{product}/requests",
        ASK,
        Api::new("askForEvidence", "Ask somebody for evidence, and record it", Made::shape)
            .asks(New::shape)
            .makes(),
        || post(ask),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/tasks/{task}/request",
        Access::May(Permission::SeeVerdicts),
        Api::new(
            "draftRequest",
            "A request for what closes an open task, filled in, to be sent with `of`",
            Draft::shape,
        ),
        || get(draft),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/requests/{request}",
        SEE,
        Api::new("getRequest", "A request with its answers", Request::shape).tagged(Tagged::Tag),
        || get(one),
    ),
    Route::api(
        Verb::Post,
        "/api/v1/products/{product}/requests/{request}/accept",
        ASK,
        decision("acceptAnswer", "Accept the last answer; whoever answered accepts nothing").asks(Accepted::shape),
        || post(accept),
    ),
    Route::api(
        Verb::Post,
        "/api/v1/products/{product}/requests/{request}/return",
        ASK,
        decision("returnAnswer", "Return the last answer with a reason").asks(Because::shape),
        || post(send_back),
    ),
    Route::api(
        Verb::Post,
        "/api/v1/products/{product}/requests/{request}/withdraw",
        ASK,
        decision("withdrawRequest", "Withdraw a request that is needed no longer").asks(Because::shape),
        || post(withdraw),
    ),
    Route::api(
        Verb::Post,
        "/api/v1/products/{product}/requests/{request}/link",
        ASK,
        Api::new("renewLink", "Give a request a new link; the one before opens nothing any more", Link::shape)
            .refuses(&[409]),
        || post(link),
    ),
];

const fn decision(id: &'static str, about: &'static str) -> Api {
    Api::new(id, about, Request::shape).tagged(Tagged::Match).refuses(&[409])
}

asked! {
    /// Which requests.
    struct Which {
        /// Those that stand so.
        state: Option<Stands>,
        /// Open ones, or ended ones; all when left out.
        open: Option<bool>,
        /// Those that this person or organization was asked.
        of: Option<Line>,
        /// Those made from this task.
        task: Option<Line>,
        /// Those about this unit instance, entry or provision.
        about: Option<Line>,
        /// Where to go on.
        cursor: Option<u64>,
        /// How many at most.
        limit: Option<Limit>,
    }

    /// A request.
    struct New {
        /// What kind of evidence: photo, screenshot, log, capture, document, value, report, sample, or observation.
        kind: Line,
        /// What it has to show.
        scope: Text<1, 4000>,
        /// Since when that has to have been true, where it matters.
        from: Option<Timestamp>,
        /// Until when.
        until: Option<Timestamp>,
        /// For which unit instances (`5.1-2-1c@AuthMech-Web`), entries or provisions; the whole product when left out.
        about: Option<Vec<Line>>,
        /// When it is accepted, a line each.
        criterion: Option<Vec<Text<1, 4000>>>,
        /// From whom: a person, an organization.
        of: Text<1, 200>,
        /// By when; as long as a task of a mandatory provision may take when left out.
        due: Option<Timestamp>,
        /// The task that waits for it.
        task: Option<Line>,
        /// Whether to make a link that answers it without an account.
        link: Option<bool>,
    }

    /// An answer is accepted.
    struct Accepted {
        /// What is said about it.
        remark: Option<Text<0, 4000>>,
    }

    /// A reason.
    struct Because {
        /// Why.
        because: Text<1, 4000>,
    }
}

async fn list(
    State(site): State<Site>,
    Path(product): Path<String>,
    Queried(which): Queried<Which>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let is = |asked: &Option<Line>, has: &dyn Fn(&str) -> bool| asked.as_ref().is_none_or(|text| has(&text.0));
    let chosen = snapshot.tasks.requests.iter().filter(|request| {
        let ask = &request.ask;
        which.open.is_none_or(|open| request.state().is_open() == open)
            && which.state.is_none_or(|state| Stands::from(request.state()) == state)
            && is(&which.of, &|of| folded(&ask.of) == folded(of))
            && is(&which.task, &|task| ask.task.as_ref().is_some_and(|id| id.as_str() == task))
            && is(&which.about, &|about| ask.about.iter().any(|one| one == about))
    });
    let all: Vec<Request> = chosen.map(|request| told::request(request, &snapshot)).collect();
    answer::page(&all.iter().collect::<Vec<_>>(), which.cursor, which.limit)
}

async fn one(
    State(site): State<Site>,
    Path((product, request)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    shown(&*page::snapshot(&site, &product).await?, &RequestId::from_text(&request))
}

async fn draft(
    State(site): State<Site>,
    Path((product, task)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let id = TaskId::from_text(&task);
    let found = snapshot.tasks.tasks.iter().find(|told| told.task.id == id && told.task.is_open());
    let found = found.ok_or_else(|| Trouble::nothing("There is no such open task."))?;
    answer::told(&told::draft(&requests::for_task(&snapshot.dossier, found, "")))
}

async fn ask(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    Sent(new): Sent<New>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let period = match (new.from, new.until) {
        (None, None) => None,
        (Some(one), None) | (None, Some(one)) => Some(Period::moment(one)),
        (Some(from), Some(until)) if from > until => {
            return Err(
                Trouble::form("The time ends before it begins.", "Give `from` before `until`.").at("#/until")
            );
        }
        (Some(from), Some(until)) => Some(Period { from, until }),
    };
    let ask = Ask {
        kind: new.kind.0,
        scope: new.scope.0,
        period,
        about: new.about.unwrap_or_default().into_iter().map(|line| line.0).collect(),
        criterion: new.criterion.unwrap_or_default().into_iter().map(|line| line.0).collect(),
        of: new.of.0,
        due: new.due.unwrap_or_else(|| requests::due_in(&snapshot.dossier, snapshot.at)),
        task: new.task.map(|id| TaskId::from_text(&id.0)),
    };
    let (folder, link) = (snapshot.folder.clone(), new.link.unwrap_or(false));
    let asked =
        site.run(move |_| requests::ask(&folder, &[ask], link, &visitor.name, now()).map_err(trouble)).await?;
    let Some((id, secret)) = asked.requests.first() else { return Err(Trouble::ours("nothing was asked")) };
    let snapshot = page::snapshot(&site, &product).await?;
    let link = secret.as_ref().map(|secret| requests::path(&page::encoded(&product), secret));
    answer::made(&Made { request: told::request(find(&snapshot, id)?, &snapshot), link })
}

async fn accept(
    State(site): State<Site>,
    visitor: Visitor,
    Path(at): Path<(String, String)>,
    Tag(tag): Tag,
    Sent(said): Sent<Accepted>,
) -> Result<Response, Trouble> {
    let remark = said.remark.map(|remark| remark.0).unwrap_or_default();
    decide(&site, at, &tag, move |folder, id, seen| {
        requests::accept(folder, id, Some(seen), &remark, &visitor.name, now()).map(|_| ())
    })
    .await
}

async fn send_back(
    State(site): State<Site>,
    visitor: Visitor,
    Path(at): Path<(String, String)>,
    Tag(tag): Tag,
    Sent(said): Sent<Because>,
) -> Result<Response, Trouble> {
    decide(&site, at, &tag, move |folder, id, seen| {
        requests::send_back(folder, id, Some(seen), &said.because.0, &visitor.name, now()).map(|_| ())
    })
    .await
}

async fn withdraw(
    State(site): State<Site>,
    visitor: Visitor,
    Path(at): Path<(String, String)>,
    Tag(tag): Tag,
    Sent(said): Sent<Because>,
) -> Result<Response, Trouble> {
    decide(&site, at, &tag, move |folder, id, seen| {
        requests::withdraw(folder, id, Some(seen), &said.because.0, &visitor.name, now()).map(|_| ())
    })
    .await
}

/// Decides on a request as it was looked at: with so many answers.
async fn decide(
    site: &Site,
    (product, request): (String, String),
    tag: &str,
    does: impl FnOnce(&std::path::Path, &RequestId, usize) -> Result<(), RequestsError> + Send + 'static,
) -> Result<Response, Trouble> {
    let id = RequestId::from_text(&request);
    let snapshot = page::snapshot(site, &product).await?;
    let found = find(&snapshot, &id)?;
    answer::still(tag, &requests::version(found))?;
    let (folder, decided, seen) = (snapshot.folder.clone(), id.clone(), found.answers.len());
    site.run(move |_| does(&folder, &decided, seen).map_err(trouble)).await?;
    shown(&*page::snapshot(site, &product).await?, &id)
}

async fn link(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, request)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let id = RequestId::from_text(&request);
    let done = site.run(move |_| requests::renew_link(&folder, &id, &visitor.name, now()).map_err(trouble));
    let (secret, _) = done.await?;
    answer::told(&Link { link: requests::path(&page::encoded(&product), &secret) })
}

fn find<'s>(snapshot: &'s Snapshot, id: &RequestId) -> Result<&'s requests::Request, Trouble> {
    snapshot.tasks.requests.get(id).ok_or_else(|| Trouble::nothing("There is no such request."))
}

fn shown(snapshot: &Snapshot, id: &RequestId) -> Result<Response, Trouble> {
    let found = find(snapshot, id)?;
    answer::tagged(&requests::version(found), answer::told(&told::request(found, snapshot))?)
}

/// What does not fit where the request stands is a conflict; what came meanwhile fails the tag.
fn trouble(error: RequestsError) -> Trouble {
    let status = match &error {
        RequestsError::Refused(Refused::Unknown(_)) => StatusCode::NOT_FOUND,
        RequestsError::Refused(Refused::Followed { .. }) => {
            return Trouble::from(error).with(StatusCode::PRECONDITION_FAILED).at("If-Match");
        }
        RequestsError::Refused(Refused::Ended { .. } | Refused::NoAnswer { .. } | Refused::Own(_))
        | RequestsError::TooMany(_) => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Trouble::from(error).with(status)
}
