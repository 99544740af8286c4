//! Where the release stands on its way out, checkpoint by checkpoint, and signing off.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use model::Digest;
use report::presentation::told::{Told, told};
use serde_json::{Map, Value};
use workflow::people::Permission;

use app::checkpoints::{self, CheckpointsError, Draft, Signed};
use app::now;
use app::workspace::Snapshot;

use super::asked::{Asked as _, Sent, Tag, Text, Words, asked};
use super::{Api, Tagged, answer, row};
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route, Verb};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

const SIGN: Access = Access::May(Permission::Review);

pub(crate) const ROUTES: &[Route] = &[
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/checkpoints",
        Access::May(Permission::SeeVerdicts),
        Api::new("getCheckpoints", "Checkpoints of the release, what holds at each, and its sign-offs", document)
            .tagged(Tagged::Tag),
        || get(show),
    ),
    Route::api(
        Verb::Post,
        "/api/v1/products/{product}/checkpoints/{checkpoint}/sign",
        SIGN,
        signature("signOff", "Sign off a checkpoint, in one's own name; an author of what it rests on may not")
            .asks(Signs::shape),
        || post(sign),
    ),
    Route::api(
        Verb::Post,
        "/api/v1/products/{product}/checkpoints/{checkpoint}/take-back",
        SIGN,
        signature("takeBack", "Take back the sign-offs of a checkpoint").asks(TakesBack::shape),
        || post(take_back),
    ),
];

const fn signature(id: &'static str, about: &'static str) -> Api {
    Api::new(id, about, SignedOff::shape).makes().tagged(Tagged::Match).refuses(&[409])
}

told! {
    /// What was recorded about a checkpoint.
    pub struct SignedOff {
        /// Its position in the ledger.
        pub record: u64,
        /// The release.
        pub release: String,
    }
}

asked! {
    /// A sign-off.
    struct Signs {
        /// Why: what was looked at.
        reasons: Words,
        /// The role; the one that the checkpoint asks for when left out.
        role: Option<Text<0, 300>>,
    }

    /// Why a sign-off ends.
    struct TakesBack {
        /// Why.
        reasons: Words,
    }
}

fn document(defs: &mut Map<String, Value>) -> Value {
    row::document(defs, report::checkpoints::json_schema())
}

async fn show(State(site): State<Site>, Path(product): Path<String>) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let looked = snapshot.clone();
    let told = site.run(move |_| Ok(checkpoints::of_snapshot(&looked)?)).await?;
    answer::tagged(&version(&snapshot), answer::json(&report::checkpoints::json(&told))?)
}

/// What a sign-off is decided on: the records, and the dossier.
fn version(snapshot: &Snapshot) -> String {
    let mut text = snapshot.size().to_string();
    for source in &snapshot.dossier.sources {
        text.push_str(&format!(" {} {}", source.path, Digest::of(source.text.as_bytes())));
    }
    let digest = Digest::of(text.as_bytes()).to_string();
    digest.rsplit(':').next().unwrap_or_default().chars().take(16).collect()
}

async fn sign(
    State(site): State<Site>,
    visitor: Visitor,
    Path(at): Path<(String, String)>,
    Tag(tag): Tag,
    Sent(signs): Sent<Signs>,
) -> Result<Response, Trouble> {
    let role = signs.role.map(|role| role.0).unwrap_or_default();
    decide(&site, &visitor, at, &tag, (signs.reasons.0, role), checkpoints::sign).await
}

async fn take_back(
    State(site): State<Site>,
    visitor: Visitor,
    Path(at): Path<(String, String)>,
    Tag(tag): Tag,
    Sent(said): Sent<TakesBack>,
) -> Result<Response, Trouble> {
    decide(&site, &visitor, at, &tag, (said.reasons.0, String::new()), checkpoints::take_back).await
}

type Decides = fn(&std::path::Path, &Draft, model::Timestamp) -> Result<Signed, CheckpointsError>;

async fn decide(
    site: &Site,
    visitor: &Visitor,
    (product, checkpoint): (String, String),
    tag: &str,
    (reasons, role): (String, String),
    does: Decides,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(site, &product).await?;
    answer::still(tag, &version(&snapshot))?;
    let (folder, who, of) = (snapshot.folder.clone(), visitor.clone(), product.clone());
    let mut draft = Draft { checkpoint, reasons, person: visitor.name.clone(), role, key: None };
    let signed = site.run(move |site| {
        draft.key = who.key(site.team(), &of, &folder)?;
        does(&folder, &draft, now()).map_err(trouble)
    });
    let signed = signed.await?;
    let made = answer::made(&SignedOff { record: signed.seq, release: signed.release })?;
    answer::tagged(&version(&*page::snapshot(site, &product).await?), made)
}

fn trouble(error: CheckpointsError) -> Trouble {
    let status = match &error {
        CheckpointsError::Unknown { .. } => StatusCode::NOT_FOUND,
        CheckpointsError::NotYet { .. } | CheckpointsError::Already { .. } | CheckpointsError::NotSigned(_) => {
            StatusCode::CONFLICT
        }
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Trouble::from(error).with(status)
}
