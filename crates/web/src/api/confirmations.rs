//! Statements that wait for a second person, and that person's word.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use model::{Decision, Outcome, Timestamp};
use report::presentation::told::{Prose, Told, told};
use workflow::people::Permission;

use app::confirm::{self, ConfirmError, Draft};
use app::now;

use super::answer::{self, Limit};
use super::asked::{Asked as _, Queried, Sent, Words, asked};
use super::{Api, row};
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route, Verb};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

pub(crate) const ROUTES: &[Route] = &[
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/confirmations",
        Access::May(Permission::SeeVerdicts),
        Api::new("listUnconfirmed", "Statements that wait for a second person", row::page::<Waiting>)
            .query(Parts::shape),
        || get(list),
    ),
    Route::api(
        Verb::Post,
        "/api/v1/products/{product}/confirmations",
        Access::May(Permission::State),
        Api::new(
            "confirm",
            "Stand by somebody else's statement, or send it back; takes `see-verdicts` too",
            Confirmed::shape,
        )
        .asks(New::shape)
        .makes()
        .refuses(&[409]),
        || post(make),
    ),
];

told! {
    /// A statement that waits for a second person.
    pub struct Waiting {
        /// Its position in the ledger.
        pub record: u64,
        /// The unit.
        pub unit: String,
        /// The IXIT entry, for a unit that ranges over a table.
        pub entry: Option<String>,
        /// What it states.
        pub states: Outcome,
        /// Who stated it.
        pub person: String,
        /// When.
        pub stated: Timestamp,
        /// Why.
        pub reasoning: Prose,
        /// Whether the one who asks made it, and so cannot confirm it.
        pub own: bool,
    }

    /// A second person's word that was recorded.
    pub struct Confirmed {
        /// Its position in the ledger.
        pub record: u64,
        /// Position of the statement.
        pub statement: u64,
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

    /// A second person's word.
    struct New {
        /// Position of the statement.
        statement: u64,
        /// Whether they stand by it.
        decision: Decision,
        /// Why.
        reasons: Words,
    }
}

async fn list(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    Queried(parts): Queried<Parts>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let waiting = confirm::unconfirmed(&snapshot.dossier, &snapshot.history).into_iter();
    let all: Vec<Waiting> = waiting
        .map(|one| Waiting {
            record: one.seq,
            unit: one.body.unit.clone(),
            entry: one.body.entry.clone(),
            states: one.body.outcome(),
            person: one.body.person.clone(),
            stated: one.body.stated,
            reasoning: one.body.reasoning.clone().into(),
            own: confirm::is_first(&one.body, &visitor.name),
        })
        .collect();
    answer::page(&all.iter().collect::<Vec<_>>(), parts.cursor, parts.limit)
}

async fn make(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    Sent(new): Sent<New>,
) -> Result<Response, Trouble> {
    if !visitor.may(Permission::SeeVerdicts) {
        return Err(Trouble::may_not("A second person is one who sees what the first stated: `see-verdicts`."));
    }
    let folder = page::folder(&site, &product)?;
    let confirmed = site.run(move |site| {
        let key = visitor.key(site.team(), &product, &folder)?;
        let (person, role) = (visitor.name.clone(), visitor.role().to_owned());
        let draft =
            Draft { statement: new.statement, decision: new.decision, reasons: new.reasons.0, person, role, key };
        confirm::confirm(&folder, &draft, now()).map_err(|error| match error {
            ConfirmError::Outdated { .. } => Trouble::from(error).with(StatusCode::CONFLICT),
            other => other.into(),
        })
    });
    let confirmed = confirmed.await?;
    answer::made(&Confirmed { record: confirmed.seq, statement: confirmed.said.statement })
}
