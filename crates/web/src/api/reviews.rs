//! Reviews of recorded assessments: what was decided, and deciding.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use model::Decision;
use report::presentation::Review;
use report::presentation::told::{Told, told};
use workflow::people::Permission;

use app::review::{self, Draft, ReviewError};

use super::answer::{self, Limit};
use super::asked::{Asked, Line, Queried, Sent, Text, Words, asked};
use super::{Api, row};
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route, Verb};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

pub(crate) const ROUTES: &[Route] = &[
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/reviews",
        Access::May(Permission::SeeVerdicts),
        Api::new("listReviews", "Reviews of the release under assessment", row::page::<Review>)
            .query(Parts::shape),
        || get(list),
    ),
    Route::api(
        Verb::Post,
        "/api/v1/products/{product}/reviews",
        Access::May(Permission::Review),
        Api::new("review", "Approve a recorded assessment, or send it back", Reviewed::shape)
            .asks(New::shape)
            .makes()
            .refuses(&[409]),
        || post(review),
    ),
];

told! {
    /// A review that was recorded.
    pub struct Reviewed {
        /// Its position in the ledger.
        pub record: u64,
        /// Position of the assessment.
        pub assessment: u64,
        /// What was reviewed, by the name that the policy gives it.
        pub checkpoint: String,
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

    /// A review.
    struct New {
        /// Position of the assessment that was looked at: a newer one is not reviewed in its place.
        assessment: u64,
        /// What is reviewed, by the name that the policy gives it; its first when left out.
        checkpoint: Option<Line>,
        /// What is decided.
        decision: Decision,
        /// Why.
        reasons: Words,
        /// The reviewer's role.
        role: Option<Text<0, 300>>,
    }
}

async fn list(
    State(site): State<Site>,
    Path(product): Path<String>,
    Queried(parts): Queried<Parts>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    answer::page(&snapshot.told.reviews.iter().collect::<Vec<_>>(), parts.cursor, parts.limit)
}

async fn review(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    Sent(new): Sent<New>,
) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let mut draft = Draft {
        record: Some(new.assessment),
        checkpoint: new.checkpoint.map(|name| name.0),
        decision: new.decision,
        reasons: new.reasons.0,
        person: visitor.name.clone(),
        role: new.role.map_or_else(|| visitor.role().to_owned(), |role| role.0),
        key: None,
    };
    let done = site.run(move |site| {
        draft.key = visitor.key(site.doors().people().map(AsRef::as_ref), &product, &folder)?;
        review::review(&folder, &draft, app::now()).map_err(|error| match error {
            ReviewError::Nothing(_) | ReviewError::Outdated { .. } | ReviewError::Partial { .. } => {
                Trouble::from(error).with(StatusCode::CONFLICT)
            }
            other => other.into(),
        })
    });
    let done = done.await?;
    let review = done.review;
    answer::made(&Reviewed { record: done.seq, assessment: review.assessment, checkpoint: review.checkpoint })
}
