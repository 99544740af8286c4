//! The ledger: its records, their proofs, and the files that they name.
//!
//! What a record says is given as it was signed: JSON hides nothing, and a proof needs every byte.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use model::Digest;
use report::presentation::told::told;
use serde_json::{Map, Value, json};
use workflow::people::Permission;

use app::evidence::{self, EvidenceError};
use app::log::{self, LogError};
use app::records::Records;

use super::answer::{self, Limit};
use super::asked::{Asked, Line, Queried, asked};
use super::{Api, row};
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route, Verb};
use crate::trouble::Trouble;

/// What opens the texts that a record withholds; it stays on the server.
const OPENINGS: &str = "openings";

const SEES: Access = Access::May(Permission::SeeEvidence);

pub(crate) const ROUTES: &[Route] = &[
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/records",
        SEES,
        Api::new("listRecords", "Records of the ledger, in its order", row::page::<Row>).query(Which::shape),
        || get(list),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/records/{record}",
        SEES,
        Api::new("getRecord", "A record, verified with the whole ledger", shown),
        || get(one),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/records/{record}/proof",
        SEES,
        Api::new("proveRecord", "Proof that a record is in the log", inclusion).query(Within::shape),
        || get(proof),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/consistency",
        SEES,
        Api::new("proveConsistency", "Proof that the log begins with an earlier one", consistency)
            .query(Between::shape),
        || get(extends),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/checkpoint",
        SEES,
        Api::new("getCheckpoint", "The signed checkpoint over the whole log, a note", any)
            .gives("text/plain; charset=utf-8"),
        || get(checkpoint),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/records/{record}/evidence/{digest}",
        SEES,
        Api::new(
            "getEvidence",
            "A file that a record names, by its digest; never what opens a withheld text",
            any,
        )
        .gives("application/octet-stream"),
        || get(file),
    ),
];

told! {
    /// A record, one line.
    pub struct Row {
        /// Position in the ledger.
        pub seq: u64,
        /// `observation`, `statement`, `artefact`, `assessment` …
        pub kind: String,
        /// When it was recorded.
        pub recorded_at: String,
        /// What it is about.
        pub about: String,
        /// Digest of its signed bytes.
        pub digest: String,
    }
}

asked! {
    /// Which records.
    struct Which {
        /// Those of this kind.
        kind: Option<Line>,
        /// Where to go on.
        cursor: Option<u64>,
        /// How many at most.
        limit: Option<Limit>,
    }

    /// In which log.
    struct Within {
        /// Number of records of the log; all of them when left out.
        size: Option<u64>,
    }

    /// Between which logs.
    struct Between {
        /// Number of records of the earlier log.
        old: u64,
        /// Number of records of the later log; all of them when left out.
        new: Option<u64>,
    }
}

fn any(_: &mut Map<String, Value>) -> Value {
    json!({})
}

fn shown(_: &mut Map<String, Value>) -> Value {
    json!({
        "type": "object",
        "required": ["seq", "kind", "recorded_at", "signers", "leaf_hash", "subjects", "record"],
        "properties": {
            "seq": {"type": "integer", "minimum": 0},
            "kind": {"type": "string", "description": "The type of the record's predicate."},
            "recorded_at": {"type": "string"},
            "signers": {"type": "array", "items": {"type": "string"}, "description": "Ids of the keys that signed."},
            "leaf_hash": {"type": "string"},
            "subjects": {
                "type": "array", "description": "What it is about: name and digest.",
                "items": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
            },
            "record": {"type": "object", "description": "What it says, as it was signed."},
        },
        "additionalProperties": false,
    })
}

fn inclusion(_: &mut Map<String, Value>) -> Value {
    proof_of("inclusion", &["index", "size", "path", "leaf", "root", "checkpoint"])
}

fn consistency(_: &mut Map<String, Value>) -> Value {
    let fields = ["old", "new", "path", "old_root", "new_root", "old_checkpoint", "new_checkpoint"];
    proof_of("consistency", &fields)
}

fn proof_of(kind: &str, fields: &[&str]) -> Value {
    let mut known = json!({"proof": {"const": kind}});
    for field in fields {
        known[field] = match *field {
            "index" | "size" | "old" | "new" => json!({"type": "integer", "minimum": 0}),
            "path" => json!({"type": "array", "items": {"type": "string"}}),
            "leaf" | "root" | "old_root" | "new_root" => json!({"type": "string"}),
            _ => json!({"anyOf": [{"type": "string"}, {"type": "null"}]}),
        };
    }
    let required: Vec<&String> = known.as_object().into_iter().flat_map(Map::keys).collect();
    json!({"type": "object", "required": required, "properties": known, "additionalProperties": false})
}

async fn list(
    State(site): State<Site>,
    Path(product): Path<String>,
    Queried(which): Queried<Which>,
) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let lines = site.run(move |_| match Records::exist(&folder) {
        true => Ok(Records::open(&folder)?.lines()?),
        false => Ok(Vec::new()),
    });
    let lines = lines.await?.into_iter();
    let lines = lines.filter(|line| which.kind.as_ref().is_none_or(|kind| line.kind == kind.0));
    let all: Vec<Row> = lines
        .map(|line| Row {
            seq: line.seq,
            kind: line.kind,
            recorded_at: line.recorded_at,
            about: line.about,
            digest: line.digest,
        })
        .collect();
    answer::page(&all.iter().collect::<Vec<_>>(), which.cursor, which.limit)
}

async fn one(State(site): State<Site>, Path((product, record)): Path<(String, u64)>) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    answer::json(&site.run(move |_| log::show(&folder, record).map_err(missing)).await?)
}

async fn proof(
    State(site): State<Site>,
    Path((product, record)): Path<(String, u64)>,
    Queried(within): Queried<Within>,
) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    answer::json(&site.run(move |_| log::prove(&folder, record, within.size).map_err(missing)).await?)
}

async fn extends(
    State(site): State<Site>,
    Path(product): Path<String>,
    Queried(between): Queried<Between>,
) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let proof = site.run(move |_| log::prove_consistency(&folder, between.old, between.new).map_err(missing));
    answer::json(&proof.await?)
}

async fn checkpoint(State(site): State<Site>, Path(product): Path<String>) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let note = site.run(move |_| log::checkpoint(&folder).map_err(missing)).await?;
    Ok(answer::file("text/plain; charset=utf-8", "checkpoint.txt", note.into_bytes()))
}

async fn file(
    State(site): State<Site>,
    Path((product, record, digest)): Path<(String, u64, String)>,
) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let nothing = || Trouble::nothing("The record names no file with this digest.");
    let digest: Digest = digest.parse().map_err(|_| nothing())?;
    let found = site.run(move |_| {
        evidence::file(&folder, record, &digest).map_err(|error| match error {
            EvidenceError::NotNamed { .. } => nothing(),
            EvidenceError::Log(error) => missing(error),
            other => other.into(),
        })
    });
    let (material, bytes) = found.await?;
    if material.kind == OPENINGS {
        return Err(nothing());
    }
    let name = material.name.unwrap_or_else(|| format!("{}-{record}", material.kind));
    // Never of a type that a browser would show: it may be anything.
    Ok(answer::file("application/octet-stream", &name, bytes))
}

/// What is beyond the log is not there; anything else is as it is.
fn missing(error: LogError) -> Trouble {
    match error {
        LogError::Beyond { .. } | LogError::Empty(_) => Trouble::from(error).with(StatusCode::NOT_FOUND),
        other => other.into(),
    }
}
