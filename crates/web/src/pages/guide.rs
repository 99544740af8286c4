//! At the bench: what waits for a person, and a guided unit on a telephone, step by step, to its verdict.
//!
//! A form names the turn of the working that it was made from, so that what is sent twice or late overwrites nothing.
//! Whoever may not see verdicts works on workings of their own, and is shown what is declared alone.

mod look;

use app::confirm;
use app::guided::{Act, Desk, Guide, GuidedError, LARGEST, Signed, Upload, guide_in, waiting, waiting_blind};
use app::now;
use axum::extract::{Multipart, Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use maud::Markup;
use model::{Decision, Verdict};
use serde::Deserialize;
use workflow::people::Permission;

use super::evidence::download;
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

const MAY: Access = Access::May(Permission::State);
/// What stands beside a file in its form.
const AROUND: usize = 64 * 1024;

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/p/{product}/guide", MAY, || get(list)),
    Route::get("/p/{product}/guide/unit", MAY, || get(show)),
    Route::post("/p/{product}/guide/step", MAY, || post(step)),
    Route::post("/p/{product}/guide/file", MAY, || post(file)).up_to(LARGEST + AROUND),
    Route::get("/p/{product}/guide/file", MAY, || get(one_file)),
    Route::post("/p/{product}/guide/detach", MAY, || post(detach)),
    Route::post("/p/{product}/guide/verdict", MAY, || post(verdict)),
    Route::post("/p/{product}/guide/close", MAY, || post(close)),
    Route::post("/p/{product}/guide/give-up", MAY, || post(give_up)),
    Route::post("/p/{product}/guide/confirm", Access::May(Permission::SeeVerdicts), || post(second)),
];

/// A unit instance, as an address names it.
#[derive(Debug, Clone, Default, Deserialize)]
struct Of {
    unit: String,
    #[serde(default)]
    entry: String,
}

impl Of {
    fn guide(&self, site: &Site, product: &str) -> Result<Guide, Trouble> {
        let entry = Some(self.entry.as_str()).filter(|entry| !entry.is_empty());
        Ok(guide_in(&site.workspace().folder(product)?, &self.unit, entry)?.1)
    }

    fn address(&self, product: &str, anchor: &str) -> String {
        address(product, &self.unit, &self.entry, anchor)
    }
}

/// The page of a guided unit.
pub(super) fn address(product: &str, unit: &str, entry: &str, anchor: &str) -> String {
    let encoded = page::encoded;
    let query = format!("unit={}&entry={}", encoded(unit), encoded(entry));
    format!("/p/{}/guide/unit?{query}{anchor}", encoded(product))
}

pub(super) fn desk(site: &Site) -> Result<Desk, Trouble> {
    Ok(Desk::open(site.workspace().root())?)
}

async fn list(State(site): State<Site>, visitor: Visitor, Path(product): Path<String>) -> Result<Markup, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let (known, who) = (snapshot.clone(), visitor.clone());
    let (waits, seconds) = site
        .run(move |site| {
            let workings = desk(site)?.all(&who.desk(&known.product))?;
            if !who.may(Permission::SeeVerdicts) {
                return Ok((waiting_blind(&known.dossier, &workings, known.at), Vec::new()));
            }
            let seconds = confirm::unconfirmed(&known.dossier, &known.history).into_iter().cloned().collect();
            Ok((waiting(&known.dossier, &known.assessment, &workings), seconds))
        })
        .await?;
    let body = look::list(&visitor, &product, &waits, &seconds);
    let name = &snapshot.told.head.product;
    Ok(page::of_product(&visitor, &product, name, "/guide", "At the bench", &body))
}

async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    Query(of): Query<Of>,
) -> Result<Markup, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let (at, who, known) = (product.clone(), visitor.clone(), of.clone());
    let (guide, working) = site
        .run(move |site| {
            let guide = known.guide(site, &at)?;
            let opened = desk(site)?.get(&who.desk(&at), &guide)?;
            Ok((guide, opened.map(|opened| opened.working)))
        })
        .await?;
    let body = look::unit(&visitor, &product, &guide, working.as_ref(), now());
    let title = format!("Unit {}", guide.about());
    Ok(page::of_product(&visitor, &product, &snapshot.told.head.product, "/guide", &title, &body))
}

/// Does something to a working, and leads back to it.
async fn act(
    site: &Site,
    visitor: Visitor,
    product: String,
    of: Of,
    act: Act,
    seen: u64,
    anchor: String,
) -> Result<Response, Trouble> {
    let to = of.address(&product, &anchor);
    site.run(move |site| {
        let guide = of.guide(site, &product)?;
        let done = desk(site)?.act(&visitor.desk(&product), &guide, &act, seen, &visitor.name, now());
        done.map(|_| ()).map_err(trouble)
    })
    .await?;
    Ok(page::see(&to))
}

/// What went wrong, a clash with both texts.
fn trouble(error: GuidedError) -> Trouble {
    match &error {
        GuidedError::Clash { clash, .. } => {
            let hint = "Go back to the unit: it shows what is there now. Your text stands below; take from it what is missing.";
            Trouble::conflict("Somebody changed the same part meanwhile.", hint, Some(look::clash(clash)))
        }
        GuidedError::Moved(_) => Trouble::conflict(
            "The working was changed after you opened it.",
            "Open it again and look at it before you close it. Nothing was recorded.",
            None,
        ),
        GuidedError::Closing { .. } | GuidedError::Recorded { .. } => {
            let said = Trouble::from(error);
            Trouble::conflict(said.what, said.hint, None)
        }
        _ => Trouble::from(error),
    }
}

#[derive(Debug, Deserialize)]
struct StepForm {
    unit: String,
    #[serde(default)]
    entry: String,
    turn: u64,
    step: usize,
    #[serde(default)]
    done: Option<String>,
    #[serde(default)]
    observation: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    timer: String,
}

async fn step(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    axum::Form(form): axum::Form<StepForm>,
) -> Result<Response, Trouble> {
    let wanted = match form.timer.as_str() {
        "start" => Act::Start(form.step),
        "stop" => Act::Stop(form.step),
        _ => Act::Step {
            step: form.step,
            done: form.done.is_some(),
            observation: form.observation,
            value: form.value,
        },
    };
    let anchor = format!("#step-{}", form.step);
    act(&site, visitor, product, Of { unit: form.unit, entry: form.entry }, wanted, form.turn, anchor).await
}

#[derive(Debug, Deserialize)]
struct VerdictForm {
    unit: String,
    #[serde(default)]
    entry: String,
    turn: u64,
    criterion: String,
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    reasoning: String,
}

async fn verdict(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    axum::Form(form): axum::Form<VerdictForm>,
) -> Result<Response, Trouble> {
    let verdict = match form.verdict.as_str() {
        "pass" => Some(Verdict::Pass),
        "fail" => Some(Verdict::Fail),
        "inconclusive" => Some(Verdict::Inconclusive),
        _ => None,
    };
    let wanted = Act::Rule { criterion: form.criterion, verdict, reasoning: form.reasoning };
    let of = Of { unit: form.unit, entry: form.entry };
    act(&site, visitor, product, of, wanted, form.turn, "#verdict".to_owned()).await
}

async fn file(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    mut parts: Multipart,
) -> Result<Response, Trouble> {
    let unreadable =
        |_| Trouble::form("The form cannot be read.", "Open the unit again, and choose the file anew.");
    let mut of = Of::default();
    let mut upload = Upload { kind: String::new(), name: String::new(), bytes: Vec::new(), step: None };
    while let Some(part) = parts.next_field().await.map_err(unreadable)? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "file" {
            upload.name = part.file_name().unwrap_or_default().to_owned();
            upload.bytes = part.bytes().await.map_err(unreadable)?.to_vec();
            continue;
        }
        let text = part.text().await.map_err(unreadable)?;
        match name.as_str() {
            "unit" => of.unit = text,
            "entry" => of.entry = text,
            "kind" => upload.kind = text,
            "step" => upload.step = text.parse().ok(),
            _ => {}
        }
    }
    let to = of.address(&product, "#artefacts");
    site.run(move |site| {
        let guide = of.guide(site, &product)?;
        let folder = site.workspace().folder(&product)?;
        let kept = desk(site)?.attach(&visitor.desk(&product), &folder, &guide, upload, &visitor.name, now());
        kept.map(|_| ()).map_err(trouble)
    })
    .await?;
    Ok(page::see(&to))
}

#[derive(Debug, Deserialize)]
struct Kept {
    unit: String,
    #[serde(default)]
    entry: String,
    digest: String,
}

async fn one_file(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    Query(kept): Query<Kept>,
) -> Result<Response, Trouble> {
    let found = site
        .run(move |site| {
            let guide = Of { unit: kept.unit, entry: kept.entry }.guide(site, &product)?;
            let folder = site.workspace().folder(&product)?;
            Ok(desk(site)?.file(&visitor.desk(&product), &folder, &guide, &kept.digest)?)
        })
        .await?;
    let found = found.ok_or_else(|| Trouble::nothing("The working has no such file."))?;
    // Never of a type that a browser would show: it may be anything.
    download(&found.artefact.name, "application/octet-stream", found.bytes)
}

async fn detach(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    axum::Form(kept): axum::Form<Kept>,
) -> Result<Response, Trouble> {
    let of = Of { unit: kept.unit, entry: kept.entry };
    act(&site, visitor, product, of, Act::Detach(kept.digest), u64::MAX, "#artefacts".to_owned()).await
}

#[derive(Debug, Deserialize)]
struct End {
    unit: String,
    #[serde(default)]
    entry: String,
    turn: u64,
}

async fn close(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    axum::Form(form): axum::Form<End>,
) -> Result<Response, Trouble> {
    let to = format!("/p/{}/guide", page::encoded(&product));
    site.run(move |site| {
        let guide = Of { unit: form.unit, entry: form.entry }.guide(site, &product)?;
        let folder = site.workspace().folder(&product)?;
        let key = visitor.key(site.team(), &product, &folder)?;
        let signed = Signed { person: visitor.name.clone(), role: visitor.role().to_owned(), key };
        let closed = desk(site)?.close(&visitor.desk(&product), &folder, &guide, form.turn, &signed, now());
        closed.map(|_| ()).map_err(trouble)
    })
    .await?;
    Ok(page::see(&to))
}

async fn give_up(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    axum::Form(form): axum::Form<End>,
) -> Result<Response, Trouble> {
    let to = format!("/p/{}/guide", page::encoded(&product));
    site.run(move |site| {
        let guide = Of { unit: form.unit, entry: form.entry }.guide(site, &product)?;
        desk(site)?.give_up(&visitor.desk(&product), &guide, form.turn).map_err(trouble)
    })
    .await?;
    Ok(page::see(&to))
}

#[derive(Debug, Deserialize)]
struct SecondForm {
    record: u64,
    decision: String,
    reasons: String,
}

async fn second(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    axum::Form(form): axum::Form<SecondForm>,
) -> Result<Response, Trouble> {
    let decision = match form.decision.as_str() {
        "approve" => Decision::Approve,
        "return" => Decision::Return,
        _ => return Err(Trouble::form("The form says neither yes nor no.", "Choose one.")),
    };
    if !visitor.may(Permission::State) {
        return Err(Trouble::may_not("A second person is one who may state a verdict."));
    }
    let to = format!("/p/{}/guide", page::encoded(&product));
    site.run(move |site| {
        let folder = site.workspace().folder(&product)?;
        let key = visitor.key(site.team(), &product, &folder)?;
        let (person, role) = (visitor.name.clone(), visitor.role().to_owned());
        let draft = confirm::Draft { statement: form.record, decision, reasons: form.reasons, person, role, key };
        Ok(confirm::confirm(&folder, &draft, now()).map(|_| ())?)
    })
    .await?;
    Ok(page::see(&to))
}
