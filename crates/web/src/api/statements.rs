//! Stating a verdict on a unit instance.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::post;
use model::{CriterionVerdict, Period, Timestamp, Verdict};
use report::presentation::told::{Told, told};
use workflow::people::Permission;

use app::state::{self, Draft};

use super::Api;
use super::answer;
use super::asked::{Asked, Line, Sent, Text, Words, asked};
use super::files::{self, Content};
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route, Verb};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

pub(crate) const ROUTES: &[Route] = &[Route::api(
    Verb::Post,
    "/api/v1/products/{product}/statements",
    Access::May(Permission::State),
    Api::new("state", "State a verdict on a unit instance, in one's own name", Made::shape)
        .asks(New::shape)
        .makes(),
    || post(make),
)
.up_to(files::BODY)];

told! {
    /// Something that was recorded.
    pub struct Made {
        /// Its position in the ledger.
        pub record: u64,
    }
}

asked! {
    /// A statement.
    struct New {
        /// The unit: `5.1-2-1c`.
        unit: Line,
        /// The IXIT entry, for units that range over a table.
        entry: Option<Line>,
        /// The verdict on the unit as a whole.
        verdict: Option<Verdict>,
        /// Verdicts on single criteria.
        criteria: Option<Vec<Criterion>>,
        /// Why. What stands in `[[private: …]]` is withheld from the record's text.
        reasoning: Words,
        /// The person's role.
        role: Option<Text<0, 300>>,
        /// Since when it was true; the moment of stating when left out.
        from: Option<Timestamp>,
        /// Until when it was true.
        until: Option<Timestamp>,
        /// From where in the network the person looked.
        place: Option<Text<1, 100>>,
        /// Files that show it.
        artefacts: Option<Vec<Artefact>>,
    }

    /// A file that shows it, whose content has to be of its kind.
    struct Artefact {
        /// Its kind: photo, screenshot, log, capture, document, value, report, sample.
        kind: Line,
        /// Its name.
        name: Text<0, 300>,
        /// Its bytes.
        content: Content,
    }

    /// A criterion and the verdict on it.
    struct Criterion {
        /// The criterion, in the catalogue's words or one's own.
        criterion: Text<1, 2000>,
        /// The verdict.
        verdict: Verdict,
    }
}

async fn make(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    Sent(new): Sent<New>,
) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let effective = match (new.from, new.until) {
        (None, None) => None,
        (from, until) => {
            let now = app::now();
            let (from, until) = (from.or(until).unwrap_or(now), until.unwrap_or(now));
            if from > until {
                return Err(
                    Trouble::form("It was true until before it was.", "Give `from` before `until`.").at("#/until")
                );
            }
            Some(Period { from, until })
        }
    };
    let criteria = new.criteria.unwrap_or_default().into_iter();
    let kept =
        files::kept(new.artefacts.unwrap_or_default().into_iter().map(|a| (a.kind.0, a.name.0, a.content)))?;
    let mut draft = Draft {
        unit: new.unit.0,
        entry: new.entry.map(|entry| entry.0),
        person: visitor.name.clone(),
        role: new.role.map_or_else(|| visitor.role().to_owned(), |role| role.0),
        verdict: new.verdict,
        criteria: criteria.map(|c| CriterionVerdict { criterion: c.criterion.0, verdict: c.verdict }).collect(),
        reasoning: new.reasoning.0,
        key: None,
        artefacts: Vec::new(),
        kept,
        effective,
        place: new.place.map(|place| place.0),
    };
    let stated = site.run(move |site| {
        draft.key = visitor.key(site.doors().people().map(AsRef::as_ref), &product, &folder)?;
        Ok(state::state(&folder, draft, app::now())?)
    });
    let stated = stated.await?;
    answer::made(&Made { record: stated.seq })
}
