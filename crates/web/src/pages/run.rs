//! Measuring: the plan and what was agreed to first, then the run as it goes on, from the events that a terminal shows.

use std::convert::Infallible;

use app::measure::{PlannedStep, Selection};
use app::observe::Ready;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use report::words;
use workflow::people::Permission;

use crate::page;
use crate::runs::{self, Run};
use crate::site::Site;
use crate::table::{Access, Route};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

const MAY: Access = Access::May(Permission::Measure);

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/p/{product}/run", MAY, || get(show)),
    Route::post("/p/{product}/run", MAY, || post(start)),
    Route::get("/p/{product}/run/events", MAY, || get(events)),
];

/// Seconds after which a page without a script looks again.
const AGAIN: &str = "3";

/// What to measure, as a form says it.
#[derive(Debug, Clone, Default, serde::Deserialize)]
struct Wanted {
    #[serde(default)]
    probe: String,
    #[serde(default)]
    target: String,
    #[serde(default)]
    due: Option<String>,
    #[serde(default)]
    place: String,
    #[serde(default)]
    state: String,
    /// The plan that was agreed to.
    #[serde(default)]
    plan: String,
    /// That it was.
    #[serde(default)]
    agreed: Option<String>,
}

impl Wanted {
    fn of(&self) -> runs::Wanted {
        runs::Wanted {
            probe: self.probe.clone(),
            target: self.target.clone(),
            due: self.due.is_some(),
            place: self.place.clone(),
            state: self.state.clone(),
        }
    }
}

async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let name = snapshot.told.head.product.clone();
    let at = format!("/p/{}/run", page::encoded(&product));
    let last = site.runs().of(&product);
    let going = last.as_ref().filter(|run| run.state().ended.is_none());
    let body = match going {
        Some(run) => html! { h1 { "Measuring" } (watched(run, &at, &product)) },
        None => {
            let folder = snapshot.folder.clone();
            let (asked, person) = (wanted.clone(), visitor.name.clone());
            let planned = site
                .run(move |_| {
                    let (ready, only) = asked.of().ready(&folder, &person)?;
                    Ok(Planned::of(&ready, &only))
                })
                .await;
            html! {
                h1 { "Measure" }
                @if let Some(run) = &last { (watched(run, &at, &product)) }
                @match planned {
                    Ok(planned) => (plan(&visitor, &planned, &wanted, &at)),
                    Err(trouble) => {
                        div.warned { p { (trouble.what) } @if !trouble.hint.is_empty() { p { (report::html::parts::said(&trouble.hint)) } } }
                    }
                }
            }
        }
    };
    Ok(page::of_product(&visitor, &product, &name, "/run", "Measure", &body))
}

/// A plan, ready to be shown.
struct Planned {
    consent: String,
    limits: String,
    standpoint: String,
    targets: Vec<String>,
    steps: Vec<PlannedStep>,
    lacking: Option<Trouble>,
    digest: String,
}

impl Planned {
    fn of(ready: &Ready, only: &Selection) -> Self {
        Self {
            consent: ready.consent().to_owned(),
            limits: ready.limits(),
            standpoint: ready.standpoint(),
            targets: ready.targets(),
            steps: ready.steps(only),
            lacking: ready.complete().err().map(Trouble::from),
            digest: ready.digest(only).to_string(),
        }
    }
}

fn plan(visitor: &Visitor, planned: &Planned, wanted: &Wanted, at: &str) -> Markup {
    html! {
        section aria-labelledby="plan" {
            h2 #plan { "What would be sent" }
            p { (page::visible(&planned.consent)) ". Limits: " (planned.limits) ". Measured " (planned.standpoint) "." }
            ul { @for target in &planned.targets { li.mono { (page::visible(target)) } } }
            (choose(wanted, at))
            (steps(&planned.steps))
        }
        section.card aria-labelledby="consent" {
            h2 #consent { "Send it" }
            @if let Some(lacking) = &planned.lacking {
                div.warned { p { (lacking.what) } p { (report::html::parts::said(&lacking.hint)) } }
            } @else {
                (visitor.form(at, &html! {
                    @for (name, value) in [("probe", &wanted.probe), ("target", &wanted.target), ("place", &wanted.place), ("state", &wanted.state)] {
                        input type="hidden" name=(name) value=(value);
                    }
                    @if wanted.due.is_some() { input type="hidden" name="due" value="yes"; }
                    input type="hidden" name="plan" value=(planned.digest);
                    label { input type="checkbox" name="agreed" value="yes" required; "I have read the plan, and may have this sent to these addresses now" }
                    p.help { "Only the addresses of the bench file are touched, within its limits; what is changed is put back, and that is shown." }
                    div.buttons { button { "Measure now" } }
                }))
            }
        }
    }
}

fn choose(wanted: &Wanted, at: &str) -> Markup {
    let states = ["", "factory-default", "initialized", "in-use"];
    html! {
        details open[!wanted.probe.is_empty() || !wanted.target.is_empty() || wanted.due.is_some()] {
            summary { "Only a part, or from elsewhere" }
            form.filter method="get" action=(at) {
                label { "Probe " input name="probe" value=(wanted.probe) placeholder="net.tcp-ports"; }
                label { "Target " input name="target" value=(wanted.target) placeholder="dut"; }
                label { "Place " input name="place" value=(wanted.place) placeholder="lan"; }
                label { "State of the product "
                    select name="state" {
                        @for state in states {
                            option value=(state) selected[wanted.state == state] { @if state.is_empty() { "as the bench file says" } @else { (state) } }
                        }
                    }
                }
                label { input type="checkbox" name="due" value="yes" checked[wanted.due.is_some()]; "only what is stale or open" }
                button.quiet { "Plan again" }
            }
        }
    }
}

fn steps(steps: &[PlannedStep]) -> Markup {
    html! {
        table.stack {
            caption { (words::count(steps.len() as u64, "step")) ", reads before writes, guesses last." }
            thead { tr { th scope="col" { "Probe" } th scope="col" { "Target" } th scope="col" { "Touches" } th scope="col" { "Asks" } } }
            tbody {
                @for step in steps {
                    tr {
                        th scope="row" { code { (step.probe) } }
                        td data-th="Target" { (step.named()) }
                        td data-th="Touches" { (step.touches) }
                        td {
                            (step.asks)
                            @if let Some(why) = &step.not_taken { div.small.soft { "Not taken: " (why) } }
                        }
                    }
                }
            }
        }
    }
}

/// A run: how far it is, what it has done, how it ended.
fn watched(run: &Run, at: &str, product: &str) -> Markup {
    let state = run.state();
    let going = state.ended.is_none();
    html! {
        section.card aria-labelledby="run" {
            h2 #run { @if going { "Going on" } @else { "The last run" } }
            p.small.soft { "Started by " (run.by) ", " time { (run.began) } "." }
            div #progress data-events=[going.then(|| format!("{at}/events"))] aria-live="polite" {
                (progress(&state))
                @if going { (lines(&state.lines, product)) }
            }
            @if going {
                noscript { meta http-equiv="refresh" content=(AGAIN); }
                p.small.soft { "The run goes on when this page is closed." }
            }
            @if let Some(ended) = &state.ended {
                (end(ended))
                details { summary { (words::count(state.lines.len() as u64, "line")) } (lines(&state.lines, product)) }
            }
        }
    }
}

fn progress(state: &runs::State) -> Markup {
    let (done, of) = state.progress;
    html! {
        @if state.ended.is_none() && state.of > 0 {
            p { "Step " (state.step) " of " (state.of) ": " (state.now) @if of > 0 { ", " (done) " of " (of) } }
            progress max=(state.of) value=(state.step.saturating_sub(1)) { (state.step) " of " (state.of) }
        }
    }
}

fn end(ended: &runs::Ended) -> Markup {
    html! {
        p.{ @if ended.well { "said" } @else { "warned" } } role="status" { (page::visible(&ended.what)) }
        @if !ended.not_restored.is_empty() {
            div.warned role="alert" {
                p { "Not shown to be restored:" }
                ul { @for line in &ended.not_restored { li { (page::visible(line)) } } }
            }
        }
    }
}

fn lines(lines: &[runs::Line], product: &str) -> Markup {
    html! {
        ol.run-lines {
            @for line in lines {
                li {
                    span.mono { (page::visible(&line.what)) } " " span.soft { (page::visible(&line.came)) }
                    @if let Some(record) = line.record { " " a href={ "/p/" (page::encoded(product)) "/records/" (record) } { "record " (record) } }
                }
            }
        }
    }
}

async fn start(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    axum::Form(wanted): axum::Form<Wanted>,
) -> Result<Response, Trouble> {
    if wanted.agreed.is_none() {
        return Err(Trouble::form(
            "Nothing was sent: the plan was not agreed to.",
            "Read what would be sent, and tick that you may have it sent.",
        ));
    }
    let at = format!("/p/{}/run", page::encoded(&product));
    site.run(move |site| wanted.of().start(site, &product, &wanted.plan, &visitor.name).map(|_| ())).await?;
    Ok(page::see(&at))
}

async fn events(State(site): State<Site>, Path(product): Path<String>) -> Response {
    let Some(run) = site.runs().of(&product) else {
        return Trouble::nothing("No run was started since the program began.")
            .with(StatusCode::NOT_FOUND)
            .into_response();
    };
    let mut watch = run.watch();
    watch.mark_changed();
    let stream = stream(watch, product);
    Sse::new(stream).keep_alive(axum::response::sse::KeepAlive::default()).into_response()
}

/// Pieces of the page, each in the place of the one before; ends when the run does.
fn stream(
    watch: tokio::sync::watch::Receiver<runs::State>,
    product: String,
) -> impl futures_util::stream::Stream<Item = Result<Event, Infallible>> {
    futures_util::stream::unfold((watch, product, false), |(mut watch, product, over)| async move {
        if over || watch.changed().await.is_err() {
            return None;
        }
        let state = watch.borrow_and_update().clone();
        let event = match &state.ended {
            Some(_) => Event::default().event("ended").data("ended"),
            None => {
                Event::default().data(html! { (progress(&state)) (lines(&state.lines, &product)) }.into_string())
            }
        };
        Some((Ok(event), (watch, product, state.ended.is_some())))
    })
}
