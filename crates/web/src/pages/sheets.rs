//! Controls on one page, and answers to what is asked about each provision, with their export.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use report::answers::Audience;
use workflow::people::Permission;

use app::workspace::Snapshot;
use app::{answers, controls};

use super::evidence::download;
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

const SEE: Access = Access::May(Permission::SeeVerdicts);
const EXPORT: Access = Access::May(Permission::Export);

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/p/{product}/controls", SEE, || get(all_controls)),
    Route::get("/p/{product}/controls/{file}", EXPORT, || get(controls_file)),
    Route::get("/p/{product}/answers", SEE, || get(all_answers)),
    Route::get("/p/{product}/answers/{file}", EXPORT, || get(answers_file)),
];

/// What of the sheets is wanted.
#[derive(Debug, Clone, Default, serde::Deserialize)]
struct Wanted {
    /// A clause: `5.1`; every clause when empty.
    #[serde(default)]
    clause: String,
    /// An audience; every one when empty.
    #[serde(default)]
    audience: String,
}

impl Wanted {
    fn takes(&self, provision: &str) -> bool {
        self.clause.is_empty() || provision.split('-').next() == Some(self.clause.as_str())
    }

    fn audience(&self) -> Option<Audience> {
        let all = [Audience::Auditor, Audience::Customer, Audience::Authority];
        all.into_iter().find(|one| one.as_str() == self.audience)
    }
}

async fn all_controls(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let wanted = first(&snapshot, wanted);
    let (of, asked) = (snapshot.clone(), wanted.clone());
    let told = site.run(move |_| Ok(told_controls(&of).only(|sheet| asked.takes(&sheet.id)))).await?;
    let at = format!("/p/{}/controls", page::encoded(&product));
    let body = html! {
        h1 { "Controls" }
        p.lead { "Per provision what was decided, how it is tested, and what shows it." }
        (clauses(&snapshot, &wanted, &at, None))
        (exports(&visitor, &at, "controls", &["html", "md", "json"]))
        (report::controls::body(&told))
    };
    Ok(page::of_product(&visitor, &product, &snapshot.told.head.product, "/controls", "Controls", &body))
}

async fn all_answers(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let wanted = first(&snapshot, wanted);
    let (of, asked) = (snapshot.clone(), wanted.clone());
    let told = site
        .run(move |_| {
            let audience = asked.audience();
            let all = answers::told(&of.dossier, &of.told);
            Ok(all.only(|one, question| {
                asked.takes(&one.id) && audience.is_none_or(|audience| question.audience == audience)
            }))
        })
        .await?;
    let at = format!("/p/{}/answers", page::encoded(&product));
    let body = html! {
        h1 { "Answers" }
        p.lead { "What auditors, customers and authorities ask, answered from the records, or said to be open." }
        (clauses(&snapshot, &wanted, &at, Some(&wanted.audience)))
        (exports(&visitor, &at, "answers", &["html", "md", "csv", "json"]))
        (report::answers::body(&told))
    };
    Ok(page::of_product(&visitor, &product, &snapshot.told.head.product, "/answers", "Answers", &body))
}

fn told_controls(snapshot: &Snapshot) -> report::Controls {
    controls::told(&snapshot.dossier, snapshot.history.evidence(), &snapshot.told)
}

/// The first clause where none is asked for, so that a page stays short; `all` asks for every one.
fn first(snapshot: &Snapshot, mut wanted: Wanted) -> Wanted {
    let known = snapshot.told.clauses.iter().any(|clause| clause.id == wanted.clause);
    if wanted.clause == "all" {
        wanted.clause.clear();
    } else if !known {
        wanted.clause = "5.1".to_owned();
    }
    wanted
}

fn clauses(snapshot: &Snapshot, wanted: &Wanted, at: &str, audience: Option<&str>) -> Markup {
    html! {
        form.filter method="get" action=(at) data-now {
            label {
                "Clause "
                select name="clause" {
                    option value="all" selected[wanted.clause.is_empty()] { "every clause" }
                    @for clause in &snapshot.told.clauses {
                        option value=(clause.id) selected[wanted.clause == clause.id] { (clause.id) " " (clause.title) }
                    }
                }
            }
            @if let Some(audience) = audience {
                label {
                    "Asked by "
                    select name="audience" {
                        option value="" { "anybody" }
                        @for one in [Audience::Auditor, Audience::Customer, Audience::Authority] {
                            option value=(one.as_str()) selected[audience == one.as_str()] { (one.as_str()) }
                        }
                    }
                }
            }
            button { "Show" }
        }
    }
}

fn exports(visitor: &Visitor, at: &str, name: &str, kinds: &[&str]) -> Markup {
    html! {
        @if visitor.may(Permission::Export) {
            p.row {
                span.soft { "All of them as a file:" }
                @for kind in kinds { a href={ (at) "/" (name) "." (kind) } { (kind) } }
            }
        }
    }
}

async fn controls_file(
    State(site): State<Site>,
    Path((product, file)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot_whole(&site, &product).await?;
    site.run(move |_| {
        let told = told_controls(&snapshot);
        let (kind, text) = match file.as_str() {
            "controls.html" => ("text/html; charset=utf-8", report::controls::html(&told)),
            "controls.md" => ("text/markdown; charset=utf-8", report::controls::markdown(&told)),
            "controls.json" => ("application/json", format!("{:#}\n", report::controls::json(&told))),
            _ => return Err(Trouble::nothing("Controls are written as html, md and json.")),
        };
        download(&format!("{product}-{file}"), kind, text.into_bytes())
    })
    .await
}

async fn answers_file(
    State(site): State<Site>,
    Path((product, file)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot_whole(&site, &product).await?;
    site.run(move |_| {
        let told = answers::told(&snapshot.dossier, &snapshot.told);
        let (kind, text) = match file.as_str() {
            "answers.html" => ("text/html; charset=utf-8", report::answers::html(&told)),
            "answers.md" => ("text/markdown; charset=utf-8", report::answers::markdown(&told)),
            "answers.csv" => ("text/csv; charset=utf-8", report::answers::csv(&told)),
            "answers.json" => ("application/json", format!("{:#}\n", report::answers::json(&told))),
            _ => return Err(Trouble::nothing("Answers are written as html, md, csv and json.")),
        };
        download(&format!("{product}-{file}"), kind, text.into_bytes())
    })
    .await
}
