//! The checkpoints of a release: the way out as a chain, what holds at each, and the forms of those who sign off.

mod chain;

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use report::checkpoints::{Checkpoint, SignOff, State as Stands};
use report::gate::{Against, Condition, Met};
use report::html::parts::{said, step};
use report::words;
use workflow::people::Permission;

use app::checkpoints::{self, Draft};
use app::now;

use crate::page;
use crate::site::Site;
use crate::table::{Access, Route};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/p/{product}/checkpoints", Access::May(Permission::SeeVerdicts), || get(show)),
    Route::post("/p/{product}/checkpoints/sign", Access::May(Permission::Review), || post(sign)),
    Route::post("/p/{product}/checkpoints/take-back", Access::May(Permission::Review), || post(take_back)),
];

/// What of a condition is told before the rest is folded away.
const FIRST: usize = 5;
/// What of a condition is told at all.
const MOST: usize = 60;

async fn show(State(site): State<Site>, visitor: Visitor, Path(product): Path<String>) -> Result<Markup, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let looked = snapshot.clone();
    let told = site.run(move |_| Ok(checkpoints::of_snapshot(&looked)?)).await?.visible();
    let at = format!("/p/{}", page::encoded(&product));
    let body = html! {
        h1 { "Checkpoints" }
        p.lead {
            @match told.next() {
                None => { "Release " (words::or_unsaid(&told.release)) " has passed every checkpoint." }
                Some(next) => { "Release " (words::or_unsaid(&told.release)) " stands before " strong { (next.name) } "." }
            }
        }
        (chain::chain(&told))
        @for (number, one) in told.checkpoints.iter().enumerate() {
            (checkpoint(one, number, &at, &visitor, snapshot.size()))
        }
        p.small.soft {
            "What each asks for, and who signs it off, stands in " code { "[[checkpoint]]" } " of assay.toml; without any, the usual ones hold."
        }
    };
    let name = &snapshot.told.head.product;
    Ok(page::of_product(&visitor, &product, name, "/checkpoints", "Checkpoints", &body))
}

fn checkpoint(told: &Checkpoint, number: usize, at: &str, visitor: &Visitor, size: u64) -> Markup {
    let id = chain::anchor(number);
    html! {
        section.card.checkpoint aria-labelledby=(id) {
            div.row { h2 id=(id) { (told.name) } (chain::state(told.state)) }
            p { (said(&told.because)) }
            @if let Some(role) = &told.role {
                p.small { "Signed off by the role " strong { (role) } @if !told.people.is_empty() { ": " (told.people.join(", ")) } "." }
            }
            @if !told.conditions.is_empty() {
                ul.holds { @for one in &told.conditions { (condition(one, at)) } }
            }
            (signatures(&told.sign_offs, at))
            @if visitor.may(Permission::Review) { (forms(told, at, visitor, size)) }
        }
    }
}

fn condition(told: &Condition, at: &str) -> Markup {
    let (key, word) = match told.met {
        Met::Yes => ("pass", "holds"),
        Met::No => ("fail", "does not hold"),
        Met::Unknown => ("na", "not looked at"),
    };
    let rest = told.against.get(FIRST..told.against.len().min(MOST)).unwrap_or_default();
    html! {
        li {
            div.row {
                span.chip.(key) { svg.mark aria-hidden="true" { use href={ "#i-" (key) } {} } (word) }
                strong { (told.asks) }
                @if told.met != Met::Yes { (mended(told, at)) }
            }
            p.small.soft { (said(&told.because)) }
            ul.against { @for one in told.against.iter().take(FIRST) { (against(one, at)) } }
            @if !rest.is_empty() {
                details {
                    summary { (told.against.len() - FIRST) " more" }
                    ul.against { @for one in rest { (against(one, at)) } }
                    @if told.against.len() > MOST { p.small.soft { "… and " (told.against.len() - MOST) " beside these" } }
                }
            }
        }
    }
}

/// Where a condition as a whole is mended.
fn mended(told: &Condition, at: &str) -> Markup {
    let (path, name) = match told.id.as_str() {
        "measured" => ("/run", "Measure"),
        "assessed" => ("/reports", "Record an assessment"),
        "reviewed" => ("/reviews", "Review it"),
        "requests" => ("/requests", "Go to the requests"),
        _ => return html! {},
    };
    html! { a.end href={ (at) (path) } { (name) } }
}

fn against(told: &Against, at: &str) -> Markup {
    html! {
        li {
            @match &told.provision {
                Some(id) => a href={ (at) "/provisions/" (page::encoded(id)) } { (told.about) }
                None => span.mono { (told.about) }
            }
            ": " (said(&told.because))
            @if let Some(next) = &told.next { div.small { "→ " (step(next)) } }
        }
    }
}

fn signatures(all: &[SignOff], at: &str) -> Markup {
    html! {
        @for one in all {
            blockquote.signed.old[!one.stands] {
                p { (one.reasons.0) }
                div.by.small {
                    (one.by) @if !one.role.is_empty() { ", " (one.role) } ", " (page::time(one.at)) ", "
                    a href={ (at) "/records/" (one.record) } { "record " (one.record) }
                    @if !one.stands { p.problem { "Does not stand: " (said(&one.because)) } }
                }
            }
        }
    }
}

fn forms(told: &Checkpoint, at: &str, visitor: &Visitor, size: u64) -> Markup {
    let signed = told.sign_offs.iter().any(|one| one.stands);
    let can = !told.by_review && told.unmet().next().is_none() && !signed;
    let hidden = html! {
        input type="hidden" name="checkpoint" value=(told.name);
        input type="hidden" name="size" value=(size);
    };
    html! {
        @if told.by_review && told.state != Stands::Reached {
            p { a.button.quiet href={ (at) "/reviews" } { "Review the assessment" } }
        }
        @if can {
            (visitor.form(&format!("{at}/checkpoints/sign"), &html! {
                (hidden)
                div.field {
                    label {
                        "Why " span.soft { "what you looked at, in your words" }
                        textarea name="reasons" required {}
                    }
                    p.help { "You sign as " (visitor.name) ". Whoever measured or stated what this rests on cannot sign it off." }
                }
                div.field { label { "In which role" input type="text" name="role" value=(told.role.as_deref().unwrap_or_default()); } }
                button { "Sign off " (told.name) }
            }))
        }
        @if signed {
            details {
                summary { "Take the sign-off back" }
                (visitor.form(&format!("{at}/checkpoints/take-back"), &html! {
                    (hidden)
                    div.field { label { "Why" textarea name="reasons" required {} } }
                    button.danger { "Take back" }
                }))
            }
        }
    }
}

#[derive(Debug, serde::Deserialize)]
struct Said {
    checkpoint: String,
    reasons: String,
    #[serde(default)]
    role: String,
    size: u64,
}

/// What is decided is what was looked at: nothing came to the ledger since the page was made.
pub(super) async fn unchanged(site: &Site, product: &str, size: u64, reasons: &str) -> Result<(), Trouble> {
    let now = page::snapshot(site, product).await?.size();
    if now == size {
        return Ok(());
    }
    let kept = html! { section.card { h2 { "What you wrote" } p { (reasons) } } };
    Err(Trouble::conflict(
        format!("The page was made over {size} records, and there are {now} now."),
        "Go back, open the page again, look at what came, and decide then.",
        Some(kept),
    ))
}

async fn sign(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    axum::Form(form): axum::Form<Said>,
) -> Result<Response, Trouble> {
    unchanged(&site, &product, form.size, &form.reasons).await?;
    decide(&site, product, &visitor, form, |folder, draft| checkpoints::sign(folder, draft, now())).await
}

async fn take_back(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    axum::Form(form): axum::Form<Said>,
) -> Result<Response, Trouble> {
    unchanged(&site, &product, form.size, &form.reasons).await?;
    decide(&site, product, &visitor, form, |folder, draft| checkpoints::take_back(folder, draft, now())).await
}

type Decides = fn(&std::path::Path, &Draft) -> Result<checkpoints::Signed, checkpoints::CheckpointsError>;

async fn decide(
    site: &Site,
    product: String,
    visitor: &Visitor,
    form: Said,
    does: Decides,
) -> Result<Response, Trouble> {
    let to = format!("/p/{}/checkpoints", page::encoded(&product));
    let who = visitor.clone();
    let mut draft = Draft {
        checkpoint: form.checkpoint,
        reasons: form.reasons,
        person: visitor.name.clone(),
        role: form.role,
        key: None,
    };
    site.run(move |site| {
        let folder = site.workspace().folder(&product)?;
        draft.key = who.key(site.team(), &product, &folder)?;
        Ok(does(&folder, &draft)?)
    })
    .await?;
    Ok(page::see(&to))
}
