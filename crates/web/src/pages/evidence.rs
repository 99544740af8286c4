//! The evidence browser: every record, what it says, the files behind it, and the proof that it is in the ledger.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use model::Digest;
use report::words;
use workflow::people::Permission;

use app::evidence::{self, EvidenceError, Lines};
use app::log::{self, LogError, Shown};
use app::material::Material;

use crate::page;
use crate::site::Site;
use crate::table::{Access, Route};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

const SEE: Access = Access::May(Permission::SeeEvidence);

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/p/{product}/records", SEE, || get(list)),
    Route::get("/p/{product}/records/{seq}", SEE, || get(show)),
    Route::get("/p/{product}/records/{seq}/proof", SEE, || get(proof)),
    Route::get("/p/{product}/records/{seq}/files/{digest}", SEE, || get(file)),
    Route::get("/p/{product}/checkpoint", SEE, || get(checkpoint)),
];

/// Records on one page.
const AT_ONCE: usize = 60;
/// Kinds that can be looked for.
const KINDS: [&str; 16] = [
    "observation",
    "statement",
    "confirmation",
    "artefact",
    "assessment",
    "unit-verdict",
    "test-result",
    "review",
    "checkpoints",
    "dossier-revision",
    "release",
    "tasks",
    "requests",
    "timestamp",
    "people",
    "key",
];

#[derive(Debug, Default, serde::Deserialize)]
struct Wanted {
    #[serde(default)]
    kind: String,
    before: Option<u64>,
}

async fn list(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let folder = snapshot.folder.clone();
    let (kind, before) = (wanted.kind.clone(), wanted.before);
    let lines = site
        .run(move |_| {
            Ok(evidence::lines(&folder, Some(kind.as_str()).filter(|k| !k.is_empty()), before, AT_ONCE)?)
        })
        .await?;
    let at = format!("/p/{}/records", page::encoded(&product));
    let body = html! {
        h1 { "Evidence" }
        p.lead {
            (words::count(lines.records, "record")) ", signed, each on the one before. "
            @if lines.records > 0 {
                a href={ "/p/" (page::encoded(&product)) "/checkpoint" } { "The checkpoint over all of them" }
                ", kept elsewhere, shows later that none was taken back."
            }
        }
        form.filter method="get" action=(at) data-now {
            label {
                "Kind "
                select name="kind" {
                    option value="" { "every kind" }
                    @for kind in KINDS { option value=(kind) selected[wanted.kind == kind] { (kind) } }
                }
            }
            button { "Show" }
        }
        (table(&lines, &at))
        (further(&lines, &wanted, &at))
    };
    Ok(page::of_product(&visitor, &product, &snapshot.told.head.product, "/records", "Evidence", &body))
}

fn table(lines: &Lines, at: &str) -> Markup {
    html! {
        @if lines.lines.is_empty() { p { "No record is like that." } } @else {
            table.stack.records {
                caption { "The newest first." }
                thead {
                    tr {
                        th scope="col" { "Record" }
                        th scope="col" { "Kind" }
                        th scope="col" { "About" }
                        th scope="col" { "Recorded" }
                    }
                }
                tbody {
                    @for line in &lines.lines {
                        tr {
                            th scope="row" { a href={ (at) "/" (line.seq) } { "record " (line.seq) } }
                            td { span.badge { (line.kind) } }
                            td.mono { (line.about) }
                            td { time.small { (line.recorded_at) } }
                        }
                    }
                }
            }
        }
    }
}

fn further(lines: &Lines, wanted: &Wanted, at: &str) -> Markup {
    html! {
        nav.turn aria-label="Pages" {
            @if wanted.before.is_some() { a href={ (at) "?kind=" (wanted.kind) } { "← the newest" } }
            @if let Some(next) = lines.next { a href={ (at) "?kind=" (wanted.kind) "&before=" (next) } rel="next" { "older →" } }
        }
    }
}

async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, seq)): Path<(String, u64)>,
) -> Result<Markup, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let of = snapshot.clone();
    let (shown, named) = site.run(move |_| evidence::shown_by(&of, seq).map_err(missing)).await?;
    let at = format!("/p/{}/records", page::encoded(&product));
    let cited = cited(&snapshot.told, seq);
    let body = html! {
        h1 { "Record " (seq) }
        p.said {
            "Verified with the whole ledger at " (page::time(snapshot.verified)) ": its signature, its place, and every record before and "
            "after it. The bytes of this record were held against that just now."
        }
        (head(&shown))
        (files(&named, &format!("{at}/{seq}/files")))
        section aria-labelledby="cited" {
            h2 #cited { "What rests on it" }
            @if cited.is_empty() { p.soft { "No verdict of the present assessment cites it." } } @else {
                ul { @for provision in &cited {
                    li { a href={ "/p/" (page::encoded(&product)) "/provisions/" (provision) } { (provision) } }
                } }
            }
        }
        section aria-labelledby="says" {
            h2 #says { "What it says" }
            pre.text tabindex="0" { (shown.record_text()) }
        }
        p.buttons {
            a.button.quiet href={ (at) "/" (seq) "/proof" } { "Proof as JSON" }
            @if seq > 0 { a href={ (at) "/" (seq - 1) } rel="prev" { "← record " (seq - 1) } }
            @if seq + 1 < snapshot.size() { a href={ (at) "/" (seq + 1) } rel="next" { "record " (seq + 1) " →" } }
        }
    };
    let title = format!("Record {seq}");
    Ok(page::of_product(&visitor, &product, &snapshot.told.head.product, "/records", &title, &body))
}

fn head(shown: &Shown) -> Markup {
    html! {
        dl.facts {
            div { dt { "Kind" } dd.mono { (page::visible(&shown.kind)) } }
            div { dt { "Recorded" } dd { time { (page::visible(&shown.recorded_at)) } } }
            div { dt { "Signed by" } dd.mono.digest { @for key in &shown.signers { (key) br; } } }
            div { dt { "Leaf hash" } dd.mono.digest { (shown.leaf_hash) } }
            @for (name, digest) in &shown.subjects {
                div { dt { "About" } dd { (page::visible(name)) div.mono.digest { (digest) } } }
            }
        }
    }
}

fn files(named: &[Material], at: &str) -> Markup {
    html! {
        @if !named.is_empty() {
            section aria-labelledby="files" {
                h2 #files { "Files behind it" }
                ul {
                    @for file in named {
                        li {
                            a href={ (at) "/" (file.digest) } { (page::visible(file.name.as_deref().unwrap_or(&file.kind))) }
                            " " span.badge { (file.kind) } div.mono.digest { (file.digest) }
                        }
                    }
                }
                p.small.soft { "A file comes as it was kept; its digest is compared before it is handed out." }
            }
        }
    }
}

/// Provisions of the present assessment that cite a record.
fn cited(told: &report::Presentation, seq: u64) -> Vec<String> {
    use report::presentation::Ground;
    let rests = |ground: &Ground| match ground {
        Ground::Observed(seen) => seen.record == seq,
        Ground::Stated(stated) => stated.record == seq,
        Ground::Declared(_) | Ground::Rule(_) => false,
    };
    let of_units = |p: &report::presentation::Provision| {
        let instances = p.cases.iter().flat_map(|c| &c.units).flat_map(|u| &u.instances);
        instances.flat_map(|i| &i.grounds).chain(&p.grounds).any(rests)
    };
    told.provisions().filter(|p| of_units(p)).map(|p| p.id.clone()).collect()
}

async fn proof(State(site): State<Site>, Path((product, seq)): Path<(String, u64)>) -> Result<Response, Trouble> {
    let proof = site
        .run(move |site| {
            let folder = site.workspace().folder(&product)?;
            let proof = log::prove(&folder, seq, None).map_err(|e| missing(e.into()))?;
            Ok(serde_json::to_string_pretty(&proof)?)
        })
        .await?;
    download(&format!("record-{seq}-proof.json"), "application/json", proof.into_bytes())
}

async fn checkpoint(State(site): State<Site>, Path(product): Path<String>) -> Result<Response, Trouble> {
    let note = site
        .run(move |site| {
            let folder = site.workspace().folder(&product)?;
            log::checkpoint(&folder).map_err(|e| missing(e.into()))
        })
        .await?;
    download("checkpoint.txt", "text/plain; charset=utf-8", note.into_bytes())
}

async fn file(
    State(site): State<Site>,
    Path((product, seq, digest)): Path<(String, u64, String)>,
) -> Result<Response, Trouble> {
    let digest: Digest = digest.parse().map_err(|_| Trouble::nothing("No file has this digest."))?;
    let (named, bytes) = site
        .run(move |site| {
            let folder = site.workspace().folder(&product)?;
            evidence::file(&folder, seq, &digest).map_err(missing)
        })
        .await?;
    let name = named.name.unwrap_or_else(|| format!("record-{seq}.{}", named.kind));
    download(&name, "application/octet-stream", bytes)
}

/// What is not there is told as such; what does not verify is told as what it is.
fn missing(error: EvidenceError) -> Trouble {
    let status = match &error {
        EvidenceError::NotNamed { .. } | EvidenceError::Log(LogError::Beyond { .. } | LogError::Empty(_)) => {
            StatusCode::NOT_FOUND
        }
        error if app::is_broken_ledger(error) => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Trouble::from(error).with(status)
}

/// A file that a browser keeps and never runs or shows.
pub(crate) fn download(name: &str, kind: &'static str, bytes: Vec<u8>) -> Result<Response, Trouble> {
    let plain: String = name
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or_default()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "._- ".contains(c) { c } else { '_' })
        .take(120)
        .collect();
    let disposition = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", page::encoded(&plain));
    let disposition = HeaderValue::from_str(&disposition).map_err(|_| Trouble::ours("the file has no name"))?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    Ok((headers, bytes).into_response())
}
