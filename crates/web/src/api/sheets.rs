//! Controls and answers as documents, and everything that the pages write for a reader, as files.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use report::answers::Audience;
use serde_json::{Map, Value, json};
use workflow::people::Permission;

use app::workspace::Snapshot;
use app::{answers, controls};

use super::asked::{Asked, Line, Queried, asked};
use super::{Api, answer, row};
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route, Verb};
use crate::trouble::Trouble;

const SEE: Access = Access::May(Permission::SeeVerdicts);

const HTML: &str = "text/html; charset=utf-8";
const MARKDOWN: &str = "text/markdown; charset=utf-8";
const CSV: &str = "text/csv; charset=utf-8";

pub(crate) const ROUTES: &[Route] = &[
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/controls",
        SEE,
        Api::new("getControls", "Each provision with control, test plan and evidence", of_controls)
            .query(Which::shape),
        || get(all_controls),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/answers",
        SEE,
        Api::new(
            "getAnswers",
            "Answers to what is asked about each provision, with what they rest on",
            of_answers,
        )
        .query(Asking::shape),
        || get(all_answers),
    ),
    export(
        "/api/v1/products/{product}/exports/report.html",
        "exportReportHtml",
        "The report, for a browser",
        HTML,
        || written("report.html", HTML, |of| report::html(&of.told)),
    ),
    export(
        "/api/v1/products/{product}/exports/report.md",
        "exportReportMarkdown",
        "The report as Markdown",
        MARKDOWN,
        || written("report.md", MARKDOWN, |of| report::markdown(&of.told)),
    ),
    export(
        "/api/v1/products/{product}/exports/controls.html",
        "exportControlsHtml",
        "The controls, for a browser",
        HTML,
        || written("controls.html", HTML, |of| report::controls::html(&told_controls(of))),
    ),
    export(
        "/api/v1/products/{product}/exports/controls.md",
        "exportControlsMarkdown",
        "The controls as Markdown",
        MARKDOWN,
        || written("controls.md", MARKDOWN, |of| report::controls::markdown(&told_controls(of))),
    ),
    export(
        "/api/v1/products/{product}/exports/answers.html",
        "exportAnswersHtml",
        "The answers, for a browser",
        HTML,
        || written("answers.html", HTML, |of| report::answers::html(&told_answers(of))),
    ),
    export(
        "/api/v1/products/{product}/exports/answers.md",
        "exportAnswersMarkdown",
        "The answers as Markdown",
        MARKDOWN,
        || written("answers.md", MARKDOWN, |of| report::answers::markdown(&told_answers(of))),
    ),
    export(
        "/api/v1/products/{product}/exports/answers.csv",
        "exportAnswersCsv",
        "The answers as a table",
        CSV,
        || written("answers.csv", CSV, |of| report::answers::csv(&told_answers(of))),
    ),
];

const fn export(
    path: &'static str,
    id: &'static str,
    about: &'static str,
    media: &'static str,
    handler: fn() -> MethodRouter<Site>,
) -> Route {
    Route::api(
        Verb::Get,
        path,
        Access::May(Permission::Export),
        Api::new(id, about, |_| json!({})).gives(media),
        handler,
    )
}

/// A file that is written of a product as it stands now.
fn written(name: &'static str, media: &'static str, write: fn(&Snapshot) -> String) -> MethodRouter<Site> {
    get(async move |State(site): State<Site>, Path(product): Path<String>| {
        let snapshot = page::snapshot_whole(&site, &product).await?;
        let text = site.run(move |_| Ok(write(&snapshot))).await?;
        Ok::<_, Trouble>(answer::file(media, &format!("{product}-{name}"), text.into_bytes()))
    })
}

impl Asked for Audience {
    fn shape(defs: &mut Map<String, Value>) -> Value {
        let mut shape = <Self as report::presentation::told::Told>::shape(defs);
        shape["type"] = "string".into();
        shape
    }
}

asked! {
    /// Which controls.
    struct Which {
        /// Those of this clause: `5.1`.
        clause: Option<Line>,
    }

    /// Which answers.
    struct Asking {
        /// Those of this clause: `5.1`.
        clause: Option<Line>,
        /// Those that this audience asks for.
        audience: Option<Audience>,
    }
}

fn of_controls(defs: &mut Map<String, Value>) -> Value {
    row::document(defs, report::controls::json_schema())
}

fn of_answers(defs: &mut Map<String, Value>) -> Value {
    row::document(defs, report::answers::json_schema())
}

fn told_controls(snapshot: &Snapshot) -> report::Controls {
    controls::told(&snapshot.dossier, snapshot.history.evidence(), &snapshot.told)
}

fn told_answers(snapshot: &Snapshot) -> report::Answers {
    answers::told(&snapshot.dossier, &snapshot.told)
}

/// Whether a provision is one of the clause that is asked for.
fn within(clause: Option<&Line>, provision: &str) -> bool {
    clause.is_none_or(|clause| provision.split('-').next() == Some(clause.0.as_str()))
}

async fn all_controls(
    State(site): State<Site>,
    Path(product): Path<String>,
    Queried(which): Queried<Which>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let told = site.run(move |_| {
        let told = told_controls(&snapshot).only(|sheet| within(which.clause.as_ref(), &sheet.id));
        Ok(report::controls::json(&told))
    });
    answer::json(&told.await?)
}

async fn all_answers(
    State(site): State<Site>,
    Path(product): Path<String>,
    Queried(asking): Queried<Asking>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let told = site.run(move |_| {
        let told = told_answers(&snapshot).only(|one, question| {
            within(asking.clause.as_ref(), &one.id)
                && asking.audience.is_none_or(|audience| question.audience == audience)
        });
        Ok(report::answers::json(&told))
    });
    answer::json(&told.await?)
}
