//! Checkpoints: what must hold before a release goes on, who signed it off, and whether the signature still stands.
//!
//! It judges nothing: it weighs what judging gives now, what is recorded, and what the dossier says.

mod asked;
mod holds;
mod sign;
mod standing;
mod waiting;

use std::path::Path;

use dossier::{Asked, Holds};
use ledger::KeyId;
use model::{CanonicalError, Digest, Timestamp};
use report::checkpoints::{Checkpoint, Checkpoints, SignOff, State};
use report::gate::{Condition, Met};
use report::presentation::Prose;
use workflow::{NoSignOff, SignOffs};

use crate::folder::{self, FolderError};
use crate::gate::{self, Scene, in_scene};
use crate::history::History;
use crate::records::{Records, RecordsError};
use crate::replay;
use crate::workspace::Snapshot;
pub(crate) use holds::asks;
pub use sign::{Draft, Signed, refusal, sign, take_back};
pub use waiting::{Waiting, waiting};

/// Why checkpoints were not told or not signed off.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointsError {
    /// The dossier.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// A record of the ledger says what cannot have happened.
    #[error("follow the checkpoints through record {seq}")]
    Kept {
        /// Its position.
        seq: u64,
        /// Why it cannot have happened.
        #[source]
        source: NoSignOff,
    },
    /// A text of the dossier that was signed off cannot be had.
    #[error("read the dossier that record {seq} signed off")]
    Text {
        /// Position of the sign-off.
        seq: u64,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The verdicts have no canonical form.
    #[error("compare verdicts")]
    Canonical(#[from] CanonicalError),
    /// The product has no such checkpoint.
    #[error("sign off `{asked}`: there is no such checkpoint\n\nhint: checkpoints are {known}")]
    Unknown {
        /// What was asked for.
        asked: String,
        /// Those there are.
        known: String,
    },
    /// Something does not hold.
    #[error("sign off `{checkpoint}`: {why}\n\nhint: `assay checkpoints` shows what is missing and what mends it")]
    NotYet {
        /// The checkpoint.
        checkpoint: String,
        /// What does not hold, and why.
        why: String,
    },
    /// Reviews sign it off.
    #[error(
        "sign off `{0}`: reviews do that\n\nhint: `assay review --decision approve --because … --by …` is its signature"
    )]
    ByReview(String),
    /// It is signed off already.
    #[error("sign off `{checkpoint}`: {by} has signed it off by record {record}, and nothing changed since")]
    Already {
        /// The checkpoint.
        checkpoint: String,
        /// By whom.
        by: String,
        /// By which record.
        record: u64,
    },
    /// The person or the reasons are missing, or the person does not have the role.
    #[error("sign off `{checkpoint}`: {why}")]
    Person {
        /// The checkpoint.
        checkpoint: String,
        /// What is missing.
        why: String,
    },
    /// The person had a part in what is signed off.
    #[error(
        "sign off `{checkpoint}`: {why}\n\nhint: somebody signs off who had no part in it, with a key of their own"
    )]
    Author {
        /// The checkpoint.
        checkpoint: String,
        /// Which part.
        why: String,
    },
    /// There is nothing to take back.
    #[error("take back a sign-off")]
    NotSigned(#[from] NoSignOff),
}

/// Where texts of earlier states of the dossier come from: the bytes with a digest, checked against it.
pub type Texts<'a> = dyn FnMut(&Digest) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> + 'a;

/// The texts that a ledger keeps.
pub(crate) fn kept(
    records: Option<&Records>,
) -> impl FnMut(&Digest) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    move |digest| match records {
        Some(records) => Ok(records.blob(digest)?),
        None => Err("nothing is recorded".into()),
    }
}

/// Tells the checkpoints of the release that a dossier folder is about, for a moment. Records nothing.
///
/// # Errors
/// [`CheckpointsError`] when the dossier or its ledger cannot be read.
pub fn show(folder: &Path, at: Timestamp) -> Result<Checkpoints, CheckpointsError> {
    let (dossier, notes) = folder::load(folder)?;
    let (records, history, ring) = gate::read(folder)?;
    let assessment = replay::judge(&dossier, history.evidence(), at);
    let (ring, notes) = (ring.as_ref(), notes.as_slice());
    let scene = Scene { dossier: &dossier, notes, history: &history, ring, assessment: &assessment, at };
    of(&scene, &mut kept(records.as_ref()))
}

/// Tells the checkpoints of a product as a snapshot has it.
///
/// # Errors
/// [`CheckpointsError`] when its ledger cannot be read.
pub fn of_snapshot(snapshot: &Snapshot) -> Result<Checkpoints, CheckpointsError> {
    if let Some(told) = snapshot.checkpoints.get() {
        return Ok(told.clone());
    }
    let told = in_scene(snapshot, |scene, records| of(scene, &mut kept(records)))?;
    Ok(snapshot.checkpoints.get_or_init(|| told).clone())
}

/// Tells the checkpoints of a release that was judged already.
///
/// # Errors
/// [`CheckpointsError`] when a record or a text of the ledger does not read.
pub fn of(scene: &Scene<'_>, texts: &mut Texts<'_>) -> Result<Checkpoints, CheckpointsError> {
    let signed = sign_offs(scene.history)?;
    let mut all: Vec<Checkpoint> = Vec::new();
    for asked in scene.dossier.checkpoints() {
        let next = one(scene, texts, &signed, &asked, all.last())?;
        all.push(next);
    }
    let text = |part: Option<&dossier::Located<String>>| part.map(|t| t.value.clone()).unwrap_or_default();
    let product = scene.dossier.product.as_ref();
    Ok(Checkpoints {
        product: text(product.and_then(|p| p.name.as_ref())),
        model: text(product.and_then(|p| p.model.as_ref())),
        release: scene.dossier.release_version().to_owned(),
        edition: scene.dossier.edition(),
        at: scene.at,
        ruleset: engine::RULESET,
        tool: crate::TOOL.to_owned(),
        checkpoints: all,
    })
}

fn sign_offs(history: &History) -> Result<SignOffs, CheckpointsError> {
    let mut signed = SignOffs::default();
    for recorded in history.checkpoints() {
        let take = signed.take(recorded.seq, &recorded.body);
        take.map_err(|source| CheckpointsError::Kept { seq: recorded.seq, source })?;
    }
    Ok(signed)
}

/// Whether reviews are the signature of a checkpoint.
fn by_review(asked: &Asked) -> bool {
    asked.holds.contains(&Holds::Reviewed)
}

fn one(
    scene: &Scene<'_>,
    texts: &mut Texts<'_>,
    signed: &SignOffs,
    asked: &Asked,
    before: Option<&Checkpoint>,
) -> Result<Checkpoint, CheckpointsError> {
    let conditions = holds::conditions(scene, asked, before)?;
    let unmet: Vec<&Condition> = conditions.iter().filter(|c| c.met != Met::Yes).collect();
    let mut sign_offs = Vec::new();
    let (mut standing, mut outdated) = (None, None);
    for one in signed.of(scene.dossier.release_version(), &asked.name) {
        let stands = standing::look(scene, texts, asked, &unmet, one)?;
        let because = match &stands {
            standing::Stands::Yes => String::new(),
            standing::Stands::Outdated(why) | standing::Stands::Void(why) => why.clone(),
        };
        match &stands {
            standing::Stands::Yes => standing = standing.or(Some(one)),
            standing::Stands::Outdated(why) => outdated = outdated.or(Some((one, why.clone()))),
            standing::Stands::Void(_) => {}
        }
        sign_offs.push(SignOff {
            record: one.seq,
            at: one.at,
            by: one.person.clone(),
            role: one.role.clone(),
            reasons: Prose(one.reasons.clone()),
            stands: stands == standing::Stands::Yes,
            because,
        });
    }
    let people = asked.role.as_deref().map(|role| people(scene.dossier, role)).unwrap_or_default();
    let do_not = if unmet.len() == 1 { "does not" } else { "do not" };
    let missing = || format!("{} of {} {do_not} hold", unmet.len(), gate::count(conditions.len(), "condition"));
    let (state, because) = match (by_review(asked), standing, outdated) {
        (true, ..) if unmet.is_empty() => {
            let reviews = conditions.iter().find(|c| c.id == Holds::Reviewed.as_str());
            (State::Reached, reviews.map(|c| c.because.clone()).unwrap_or_default())
        }
        (false, Some(one), _) => {
            let role = if one.role.is_empty() { String::new() } else { format!(", {}", one.role) };
            let on = one.at.date();
            (State::Reached, format!("signed off by {}{role} on {on}, record {}", one.person, one.seq))
        }
        (false, None, Some((one, why))) => {
            (State::Outdated, format!("{} signed it off by record {}, and since then {why}", one.person, one.seq))
        }
        _ if !unmet.is_empty() => (State::Waiting, missing()),
        _ => (State::Ready, "everything holds; it waits for somebody to sign it off".to_owned()),
    };
    Ok(Checkpoint {
        name: asked.name.clone(),
        state,
        because,
        role: asked.role.clone(),
        people,
        by_review: by_review(asked),
        conditions,
        sign_offs,
    })
}

/// The names of those who have a role.
fn people(dossier: &dossier::Dossier, role: &str) -> Vec<String> {
    let has = |person: &&dossier::Located<dossier::Person>| {
        person.role.as_ref().is_some_and(|known| known.value.eq_ignore_ascii_case(role))
    };
    let named = dossier.people.iter().filter(has).filter_map(|person| person.name.as_ref());
    named.map(|name| name.value.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

/// Ids of the keys that signed a record.
fn keys_of(history: &History, seq: u64) -> Vec<KeyId> {
    history.signers_of(seq).iter().filter_map(|id| id.parse().ok()).collect()
}
