//! Reviews: what was decided about recorded assessments, and the form of somebody who had no part in them.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use dossier::Policy;
use maud::{Markup, html};
use model::Decision;
use report::html::parts::chip;
use workflow::people::Permission;

use app::now;
use app::review::{self, Draft};
use app::workspace::Snapshot;

use super::checkpoints::unchanged;
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/p/{product}/reviews", Access::May(Permission::SeeVerdicts), || get(list)),
    Route::post("/p/{product}/reviews", Access::May(Permission::Review), || post(decide)),
];

async fn list(State(site): State<Site>, visitor: Visitor, Path(product): Path<String>) -> Result<Markup, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let at = format!("/p/{}", page::encoded(&product));
    let body = html! {
        h1 { "Reviews" }
        p.lead { "A review is over one recorded assessment and no other, by somebody who had no part in it. It changes no verdict." }
        (newest(&snapshot, &visitor, &at))
        (all(&snapshot, &at))
    };
    Ok(page::of_product(&visitor, &product, &snapshot.told.head.product, "/reviews", "Reviews", &body))
}

/// The assessment that can be reviewed, and the form.
fn newest(snapshot: &Snapshot, visitor: &Visitor, at: &str) -> Markup {
    let policy = snapshot.dossier.policy.as_ref().map(|p| &p.value);
    let names = Policy::reviews(policy);
    let judged = snapshot.history.newest_of(snapshot.dossier.release_version());
    html! {
        section.card aria-labelledby="newest" {
            h2 #newest { "The newest assessment of this release" }
            @match judged {
                None => {
                    p { "None is recorded yet." }
                    p { a.button.quiet href={ (at) "/reports" } { "Record one under Reports" } }
                }
                Some(judged) => {
                    p {
                        a href={ (at) "/records/" (judged.seq) } { "record " (judged.seq) }
                        ", release " (page::visible(&judged.record.release)) ", for " (page::time(judged.record.at))
                        ": mandatory provisions " (chip(judged.record.mandatory)) ", recommendations " (chip(judged.record.recommended))
                    }
                    @if names.is_empty() { p { "The policy asks for no review." } }
                    @else if visitor.may(Permission::Review) { (form(snapshot, visitor, at, judged.seq, &names)) }
                }
            }
        }
    }
}

fn form(snapshot: &Snapshot, visitor: &Visitor, at: &str, record: u64, names: &[&str]) -> Markup {
    visitor.form(&format!("{at}/reviews"), &html! {
        input type="hidden" name="record" value=(record);
        input type="hidden" name="size" value=(snapshot.size());
        @if let [one] = names { input type="hidden" name="checkpoint" value=(one); } @else {
            div.field {
                label { "Which review" select name="checkpoint" { @for name in names { option { (name) } } } }
            }
        }
        fieldset {
            legend { "You decide" }
            label { input type="radio" name="decision" value="approve" required; "I stand by the assessment" }
            label { input type="radio" name="decision" value="return" required; "It goes back to those who made it" }
        }
        div.field {
            label { "Why" textarea name="reasons" required {} }
            p.help { "You review as " (visitor.name) ". Whoever measured or stated what the assessment rests on cannot review it." }
        }
        div.field { label { "In which role" input type="text" name="role" value="reviewer"; } }
        button { "Sign the review" }
    })
}

fn all(snapshot: &Snapshot, at: &str) -> Markup {
    let reviews = snapshot.history.reviews();
    html! {
        section aria-labelledby="reviews" {
            h2 #reviews { "Reviews so far" }
            @if reviews.is_empty() { p { "Nobody has reviewed anything yet." } } @else {
                table.stack {
                    thead {
                        tr {
                            th scope="col" { "Record" }
                            th scope="col" { "Review" }
                            th scope="col" { "Of" }
                            th scope="col" { "Decision" }
                            th scope="col" { "By" }
                            th scope="col" { "Reasons" }
                        }
                    }
                    tbody {
                        @for one in reviews.iter().rev() {
                            @let body = &one.body;
                            tr {
                                th scope="row" { a href={ (at) "/records/" (one.seq) } { "record " (one.seq) } }
                                td data-th="Review" { (page::visible(&body.checkpoint)) }
                                td data-th="Of" { a href={ (at) "/records/" (body.assessment) } { "record " (body.assessment) } ", " (page::visible(&body.release)) }
                                td data-th="Decision" { (said(snapshot, one.seq, body.decision)) }
                                td data-th="By" { (page::visible(&body.person)) ", " (page::time(body.reviewed)) }
                                td data-th="Reasons" { (page::visible(&body.reasons)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The decision, and whether it is over what is told now.
fn said(snapshot: &Snapshot, seq: u64, decision: Decision) -> Markup {
    let told = snapshot.reviews.iter().find(|told| told.review.seq == seq);
    html! {
        (decision)
        @if told.is_some_and(|told| told.current) { " " span.badge { "over these verdicts" } }
        @else { " " span.badge { "over other verdicts" } }
    }
}

#[derive(Debug, serde::Deserialize)]
struct Said {
    record: u64,
    checkpoint: String,
    decision: String,
    reasons: String,
    #[serde(default)]
    role: String,
    size: u64,
}

async fn decide(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    axum::Form(form): axum::Form<Said>,
) -> Result<Response, Trouble> {
    unchanged(&site, &product, form.size, &form.reasons).await?;
    let decision = match form.decision.as_str() {
        "approve" => Decision::Approve,
        "return" => Decision::Return,
        _ => {
            return Err(Trouble::form(
                "The form says neither that you approve nor that it goes back.",
                "Choose one.",
            ));
        }
    };
    let to = format!("/p/{}/reviews", page::encoded(&product));
    let mut draft = Draft {
        record: Some(form.record),
        checkpoint: Some(form.checkpoint),
        decision,
        reasons: form.reasons,
        person: visitor.name.clone(),
        role: form.role,
        key: None,
    };
    site.run(move |site| {
        let folder = site.workspace().folder(&product)?;
        draft.key = visitor.key(site.team(), &product, &folder)?;
        Ok(review::review(&folder, &draft, now())?)
    })
    .await?;
    Ok(page::see(&to))
}
