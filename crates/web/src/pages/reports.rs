//! Reports: the assessment in every form, recorded or of this moment, and the bundle for an auditor.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use report::html::parts::chip;
use workflow::people::Permission;

use app::inventory::Selection;
use app::workspace::Snapshot;
use app::{assess, bundle, now};

use super::evidence::download;
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/p/{product}/reports", Access::May(Permission::SeeVerdicts), || get(list)),
    Route::get("/p/{product}/reports/report.html", Access::May(Permission::SeeVerdicts), || get(whole)),
    Route::get("/p/{product}/reports/report.md", Access::May(Permission::Export), || get(markdown)),
    Route::get("/p/{product}/reports/assessment.json", Access::May(Permission::Export), || get(json)),
    Route::post("/p/{product}/reports/record", Access::May(Permission::Assess), || post(record)),
    Route::post("/p/{product}/reports/bundle", Access::May(Permission::Export), || post(bundled)),
];

async fn list(State(site): State<Site>, visitor: Visitor, Path(product): Path<String>) -> Result<Markup, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let at = format!("/p/{}/reports", page::encoded(&product));
    let export = visitor.may(Permission::Export);
    let body = html! {
        h1 { "Reports" }
        section.card aria-labelledby="now" {
            h2 #now { "As it stands now" }
            p { "Mandatory provisions: " (chip(snapshot.told.mandatory.outcome)) ", for " (page::time(snapshot.at)) "." }
            p.buttons {
                a.button href={ (at) "/report.html" } { "Read the report" }
                @if export {
                    a.button.quiet href={ (at) "/report.md" } { "Markdown" }
                    a.button.quiet href={ (at) "/assessment.json" } { "JSON" }
                }
            }
            @if visitor.may(Permission::Assess) {
                (visitor.form(&format!("{at}/record"), &html! {
                    p.help { "A recorded assessment is signed with everything it rests on. Reviews and bundles are of recorded ones." }
                    button { "Record this assessment" }
                }))
            }
        }
        (recorded(&snapshot, &visitor, &at, &product))
    };
    Ok(page::of_product(&visitor, &product, &snapshot.told.head.product, "/reports", "Reports", &body))
}

fn recorded(snapshot: &Snapshot, visitor: &Visitor, at: &str, product: &str) -> Markup {
    let judged = snapshot.history.judged();
    html! {
        section aria-labelledby="recorded" {
            h2 #recorded { "Recorded assessments" }
            @if judged.is_empty() { p { "None is recorded yet." } } @else {
                table.stack {
                    thead {
                        tr {
                            th scope="col" { "Record" }
                            th scope="col" { "Release" }
                            th scope="col" { "For" }
                            th scope="col" { "Mandatory" }
                            th scope="col" { "Recommended" }
                            th scope="col" { "Reviews" }
                            @if visitor.may(Permission::Export) { th scope="col" { "For an auditor" } }
                        }
                    }
                    tbody {
                        @for one in judged.iter().rev().take(50) {
                            tr {
                                th scope="row" { a href={ "/p/" (page::encoded(product)) "/records/" (one.seq) } { "record " (one.seq) } }
                                td data-th="Release" { (page::visible(&one.record.release)) }
                                td data-th="For" { (page::time(one.record.at)) }
                                td data-th="Mandatory" { (chip(one.record.mandatory)) }
                                td data-th="Recommended" { (chip(one.record.recommended)) }
                                td data-th="Reviews" { (reviews(snapshot, one.seq)) }
                                @if visitor.may(Permission::Export) {
                                    td { (visitor.form(&format!("{at}/bundle"), &html! {
                                        input type="hidden" name="record" value=(one.seq);
                                        label { input type="checkbox" name="redact" value="yes" checked; "redacted" }
                                        button.quiet aria-label={ "Bundle of record " (one.seq) } { "Bundle" }
                                    })) }
                                }
                            }
                        }
                    }
                }
                p.small.soft {
                    "A redacted bundle leaves out raw measurements, attached files, and what records withhold. "
                    "Whoever has it verifies it with " code { "assay verify FILE" } "."
                }
            }
        }
    }
}

fn reviews(snapshot: &Snapshot, seq: u64) -> Markup {
    let of = snapshot.history.reviews().iter().filter(|r| r.body.assessment == seq);
    let decided: Vec<String> =
        of.map(|r| format!("{} by {}", r.body.decision, page::visible(&r.body.person))).collect();
    html! { @if decided.is_empty() { span.soft { "none" } } @else { (decided.join(", ")) } }
}

async fn whole(State(site): State<Site>, Path(product): Path<String>) -> Result<Response, Trouble> {
    let snapshot = page::snapshot_whole(&site, &product).await?;
    let text = report::html(&snapshot.told);
    // The report is a file of its own, made to be read without a server: it carries its style sheet and no script.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
    ];
    Ok((headers, text).into_response())
}

async fn markdown(State(site): State<Site>, Path(product): Path<String>) -> Result<Response, Trouble> {
    let snapshot = page::snapshot_whole(&site, &product).await?;
    let text = report::markdown(&snapshot.told);
    download(&format!("{product}.md"), "text/markdown; charset=utf-8", text.into_bytes())
}

async fn json(State(site): State<Site>, Path(product): Path<String>) -> Result<Response, Trouble> {
    let snapshot = page::snapshot_whole(&site, &product).await?;
    let text = format!("{:#}\n", report::json(&snapshot.told));
    download(&format!("{product}.json"), "application/json", text.into_bytes())
}

async fn record(State(site): State<Site>, Path(product): Path<String>) -> Result<Response, Trouble> {
    let at = format!("/p/{}", page::encoded(&product));
    let seq = site
        .run(move |site| {
            let folder = site.workspace().folder(&product)?;
            Ok(assess::record(&folder, now())?.1)
        })
        .await?;
    Ok(page::see(&format!("{at}/records/{seq}")))
}

#[derive(Debug, serde::Deserialize)]
struct Bundle {
    record: u64,
    redact: Option<String>,
}

async fn bundled(
    State(site): State<Site>,
    Path(product): Path<String>,
    axum::Form(wanted): axum::Form<Bundle>,
) -> Result<Response, Trouble> {
    let selection = if wanted.redact.is_some() { Selection::REDACTED } else { Selection::EVERYTHING };
    let name =
        format!("{product}-{}{}.tar", wanted.record, if wanted.redact.is_some() { "-redacted" } else { "" });
    let bytes = site
        .run(move |site| {
            let folder = site.workspace().folder(&product)?;
            Ok(bundle::whole(&folder, Some(wanted.record), selection)?)
        })
        .await?;
    download(&name, "application/x-tar", bytes)
}
