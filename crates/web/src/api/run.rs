//! Measuring: the plan, starting what was agreed to, and how far the run is.

use std::convert::Infallible;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use futures_util::stream::{Stream, unfold};
use report::presentation::told::{Told, told};
use report::presentation::visible;
use serde_json::json;
use tokio::sync::watch;
use workflow::people::Permission;

use super::Api;
use super::answer;
use super::asked::{Asked as _, Line, Queried, Sent, asked};
use crate::page;
use crate::runs::{self, Wanted};
use crate::site::Site;
use crate::table::{Access, Route, Verb};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

const MAY: Access = Access::May(Permission::Measure);

pub(crate) const ROUTES: &[Route] = &[
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/run/plan",
        MAY,
        Api::new(
            "planRun",
            "What a run would send, and the digest that stands for it; sends nothing",
            Plan::shape,
        )
        .query(Part::shape),
        || get(plan),
    ),
    Route::api(
        Verb::Post,
        "/api/v1/products/{product}/run",
        MAY,
        Api::new("startRun", "Measure what was agreed to; the run goes on by itself", Run::shape)
            .asks(Agreed::shape)
            .accepted()
            .refuses(&[409]),
        || post(start),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/run",
        MAY,
        Api::new("getRun", "The last run since the program began: how far it is, or how it ended", Run::shape),
        || get(state),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/run/events",
        MAY,
        Api::new("watchRun", "The same as server-sent events, until the run ends", |_| json!({}))
            .gives("text/event-stream"),
        || get(events),
    ),
];

told! {
    /// What a run would send.
    pub struct Plan {
        /// The digest of it all: addresses, limits, agreement and steps. Whoever starts a run names it.
        pub plan: String,
        /// What the bench file says was agreed to.
        pub consent: String,
        /// The limits.
        pub limits: String,
        /// From where, and in which state of the product.
        pub standpoint: String,
        /// The addresses that would be touched.
        pub targets: Vec<String>,
        /// The steps, in order.
        pub steps: Vec<Step>,
        /// What is missing before it can be started; null where nothing is.
        pub lacking: Option<String>,
    }

    /// A step of a plan.
    pub struct Step {
        /// The probe.
        pub probe: String,
        /// The target, with its address where it is not the first one.
        pub target: String,
        /// How far it reaches: `nothing`, `passive`, `active`, `intrusive`, `destructive`.
        pub touches: String,
        /// What it asks.
        pub asks: String,
        /// Why it will not be taken; null where it will.
        pub not_taken: Option<String>,
    }

    /// A run.
    pub struct Run {
        /// Who started it.
        pub by: String,
        /// When.
        pub began: String,
        /// Number of the present step, from 1; 0 before the first.
        pub step: u64,
        /// Number of steps.
        pub of: u64,
        /// What is being done.
        pub now: String,
        /// How far the present step is.
        pub done: u64,
        /// Of how much; 0 where that is not known.
        pub whole: u64,
        /// What was done. In an event, what was done since the event before.
        pub lines: Vec<Done>,
        /// How it ended; null while it goes on.
        pub ended: Option<Ended>,
    }

    /// A step that was taken.
    pub struct Done {
        /// Probe and target.
        pub what: String,
        /// What came of it.
        pub came: String,
        /// Position of its record.
        pub record: Option<u64>,
    }

    /// The end of a run.
    pub struct Ended {
        /// Whether it went through and the product is as it was.
        pub well: bool,
        /// One sentence.
        pub what: String,
        /// State that could not be shown to be restored.
        pub not_restored: Vec<String>,
    }
}

asked! {
    /// Which part of everything that the bench file allows.
    struct Part {
        /// One probe.
        probe: Option<Line>,
        /// One target: `dut`, or a service's id.
        target: Option<Line>,
        /// Only what is stale or open.
        due: Option<bool>,
        /// From another place than the bench file says.
        place: Option<Line>,
        /// With the product in another state: `factory-default`, `initialized`, `in-use`.
        state: Option<Line>,
    }

    /// A plan that was agreed to, and the part that it is of.
    struct Agreed {
        /// The digest of the plan.
        plan: Line,
        /// That the one who asks has read it, and may have this sent to these addresses now.
        agreed: bool,
        /// One probe.
        probe: Option<Line>,
        /// One target.
        target: Option<Line>,
        /// Only what is stale or open.
        due: Option<bool>,
        /// From another place than the bench file says.
        place: Option<Line>,
        /// With the product in another state.
        state: Option<Line>,
    }
}

fn wanted(part: Part) -> Wanted {
    let text = |line: Option<Line>| line.map(|line| line.0).unwrap_or_default();
    Wanted {
        probe: text(part.probe),
        target: text(part.target),
        due: part.due.unwrap_or(false),
        place: text(part.place),
        state: text(part.state),
    }
}

async fn plan(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    Queried(part): Queried<Part>,
) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let planned = site.run(move |_| {
        let (ready, only) = wanted(part).ready(&folder, &visitor.name)?;
        let steps = ready.steps(&only).into_iter().map(|step| Step {
            probe: step.probe.to_owned(),
            target: step.named(),
            touches: step.touches.to_string(),
            asks: step.asks.to_owned(),
            not_taken: step.not_taken,
        });
        Ok(Plan {
            plan: ready.digest(&only).to_string(),
            consent: ready.consent().to_owned(),
            limits: ready.limits(),
            standpoint: ready.standpoint(),
            targets: ready.targets(),
            steps: steps.collect(),
            lacking: ready.complete().err().map(|error| Trouble::from(error).what),
        })
    });
    answer::told(&planned.await?)
}

async fn start(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    Sent(agreed): Sent<Agreed>,
) -> Result<Response, Trouble> {
    if !agreed.agreed {
        let hint = "Read what would be sent under `run/plan`, and say with `agreed` that you may have it sent.";
        return Err(Trouble::form("Nothing was sent: the plan was not agreed to.", hint).at("#/agreed"));
    }
    let Agreed { plan, probe, target, due, place, state, .. } = agreed;
    let wanted = wanted(Part { probe, target, due, place, state });
    let run = site.run(move |site| wanted.start(site, &product, &plan.0, &visitor.name)).await?;
    let mut response = answer::told(&told(&run, &run.state(), 0))?;
    *response.status_mut() = StatusCode::ACCEPTED;
    Ok(response)
}

fn last(site: &Site, product: &str) -> Result<std::sync::Arc<runs::Run>, Trouble> {
    page::folder(site, product)?;
    let none = || Trouble::nothing("No run was started since the program began.");
    site.runs().of(product).ok_or_else(none)
}

async fn state(State(site): State<Site>, Path(product): Path<String>) -> Result<Response, Trouble> {
    let run = last(&site, &product)?;
    answer::told(&told(&run, &run.state(), 0))
}

async fn events(State(site): State<Site>, Path(product): Path<String>) -> Result<Response, Trouble> {
    let run = last(&site, &product)?;
    let mut watch = run.watch();
    watch.mark_changed();
    Ok(Sse::new(stream(run, watch)).keep_alive(KeepAlive::default()).into_response())
}

/// How far the run is, each time it goes on; the last event is called `ended`.
fn stream(
    run: std::sync::Arc<runs::Run>,
    watch: watch::Receiver<runs::State>,
) -> impl Stream<Item = Result<Event, Infallible>> {
    unfold((run, watch, 0, false), |(run, mut watch, told_before, over)| async move {
        if over || watch.changed().await.is_err() {
            return None;
        }
        let state = watch.borrow_and_update().clone();
        let over = state.ended.is_some();
        let text = serde_json::to_string(&*visible(&told(&run, &state, told_before))).unwrap_or_default();
        let event = Event::default().data(text);
        let event = if over { event.event("ended") } else { event };
        Some((Ok(event), (run, watch, state.lines.len(), over)))
    })
}

/// A run, without the lines that were told before.
fn told(run: &runs::Run, state: &runs::State, before: usize) -> Run {
    let lines = state.lines.iter().skip(before).map(|line| Done {
        what: line.what.clone(),
        came: line.came.clone(),
        record: line.record,
    });
    Run {
        by: run.by.clone(),
        began: run.began.clone(),
        step: state.step as u64,
        of: state.of as u64,
        now: state.now.clone(),
        done: state.progress.0,
        whole: state.progress.1,
        lines: lines.collect(),
        ended: state.ended.as_ref().map(|ended| Ended {
            well: ended.well,
            what: ended.what.clone(),
            not_restored: ended.not_restored.clone(),
        }),
    }
}
