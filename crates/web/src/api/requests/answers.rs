//! The requests that were made to oneself, and answering them: by files, references and records of measurements.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use model::{Period, Timestamp};
use report::presentation::told::Told as _;
use workflow::people::{Permission, folded};

use app::now;
use app::requests::{self, Handed, RequestId};

use super::told::{self, Request};
use super::{find, trouble};
use crate::api::answer::{self, Limit};
use crate::api::asked::{Asked as _, Queried, Sent, Text, asked};
use crate::api::files::{self, File};
use crate::api::{Api, row};
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route, Verb};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

const ANSWER: Access = Access::May(Permission::Answer);

pub(crate) const ROUTES: &[Route] = &[
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/asked",
        ANSWER,
        Api::new(
            "listAsked",
            "Requests made to oneself; every one for whoever sees evidence",
            row::page::<Request>,
        )
        .query(Parts::shape),
        || get(list),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/asked/{request}",
        ANSWER,
        Api::new("getAsked", "A request made to oneself, with its answers", Request::shape),
        || get(one),
    ),
    Route::api(
        Verb::Post,
        "/api/v1/products/{product}/asked/{request}/answers",
        ANSWER,
        Api::new("answerRequest", "Answer a request, in one's own name", Request::shape)
            .asks(New::shape)
            .makes()
            .refuses(&[409]),
        || post(hand),
    )
    .up_to(files::BODY),
];

asked! {
    /// Which part.
    struct Parts {
        /// Open ones, or ended ones; all when left out.
        open: Option<bool>,
        /// Where to go on.
        cursor: Option<u64>,
        /// How many at most.
        limit: Option<Limit>,
    }

    /// An answer: at least one file, reference or record.
    struct New {
        /// Files, at most ten, 32 MiB each and 48 MiB together.
        files: Option<Vec<File>>,
        /// Where other things are: addresses, numbers of documents.
        references: Option<Vec<Text<1, 4000>>>,
        /// Positions of records of what a probe measured.
        observations: Option<Vec<u64>>,
        /// Since when it was true; the moment of answering when left out.
        from: Option<Timestamp>,
        /// Until when it was true.
        until: Option<Timestamp>,
        /// What is said about it.
        remark: Option<Text<0, 4000>>,
        /// The role or organization.
        role: Option<Text<0, 200>>,
    }
}

/// Whether somebody answers a request: one that they were asked, or any for whoever sees all evidence.
fn own(visitor: &Visitor, request: &requests::Request) -> bool {
    visitor.may(Permission::SeeEvidence) || folded(&request.ask.of) == folded(&visitor.name)
}

async fn list(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    Queried(parts): Queried<Parts>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let mine = snapshot.tasks.requests.iter().filter(|request| own(&visitor, request));
    let mine = mine.filter(|request| parts.open.is_none_or(|open| request.state().is_open() == open));
    let all: Vec<Request> = mine.map(|request| told::outside(request, &snapshot)).collect();
    answer::page(&all.iter().collect::<Vec<_>>(), parts.cursor, parts.limit)
}

async fn one(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, request)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    answer::told(&shown(&site, &visitor, &product, &RequestId::from_text(&request)).await?)
}

async fn shown(site: &Site, visitor: &Visitor, product: &str, id: &RequestId) -> Result<Request, Trouble> {
    let snapshot = page::snapshot(site, product).await?;
    let found = find(&snapshot, id)?;
    if !own(visitor, found) {
        return Err(Trouble::nothing("There is no such request."));
    }
    Ok(told::outside(found, &snapshot))
}

async fn hand(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, request)): Path<(String, String)>,
    Sent(new): Sent<New>,
) -> Result<Response, Trouble> {
    let id = RequestId::from_text(&request);
    shown(&site, &visitor, &product, &id).await?;
    let effective = match (new.from.or(new.until), new.until.or(new.from)) {
        (Some(from), Some(until)) if from > until => {
            return Err(
                Trouble::form("It was true until before it was.", "Give `from` before `until`.").at("#/until")
            );
        }
        (Some(from), Some(until)) => Some(Period { from, until }),
        _ => None,
    };
    let handed = Handed {
        files: new.files.unwrap_or_default().into_iter().map(Into::into).collect(),
        references: new.references.unwrap_or_default().into_iter().map(|text| text.0).collect(),
        observations: new.observations.unwrap_or_default(),
        effective,
        remark: new.remark.map(|remark| remark.0).unwrap_or_default(),
        by: visitor.name.clone(),
        role: new.role.map_or_else(|| visitor.role().to_owned(), |role| role.0),
    };
    let (folder, answered) = (page::folder(&site, &product)?, id.clone());
    site.run(move |_| requests::answer(&folder, &answered, &handed, now()).map(|_| ()).map_err(trouble)).await?;
    answer::made(&shown(&site, &visitor, &product, &id).await?)
}
