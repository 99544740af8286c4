//! Whether a release may go out: eight conditions, each looked at by itself, and none met by what is not known; and a
//! checkpoint, where one is asked for.
//!
//! It judges nothing anew: it weighs what judging gives now, what is recorded, and what the dossier says.

mod current;
mod expired;
pub(crate) mod reviewed;
pub(crate) mod verdicts;

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use catalogue::Catalogue;
use dossier::{Dossier, Note, Severity, position};
use engine::Assessment;
use ledger::Keyring;
use model::{CanonicalError, Outcome, Timestamp};
use report::checkpoints::State;
use report::gate::{Against, Clause, Condition, Gate, Met, Provision};
use report::presentation::Exit;

use crate::checkpoints::{self, CheckpointsError, asks};
use crate::folder::{self, FolderError};
use crate::history::History;
use crate::records::{Records, RecordsError};
use crate::replay;
use crate::workspace::Snapshot;

/// Why the gate was not looked at.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// The dossier.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The records; a ledger that does not verify is no error but a condition that is not met.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// Another release is asked for than the dossier is about.
    #[error(
        "look at release {asked}: the dossier is about release `{declared}`\n\nhint: take the dossier of release {asked}"
    )]
    Release {
        /// What was asked for.
        asked: String,
        /// The release under assessment.
        declared: String,
    },
    /// A checkpoint is asked for that the product does not have.
    #[error("look at checkpoint `{asked}`: there is none\n\nhint: checkpoints are {known}")]
    NoCheckpoint {
        /// What was asked for.
        asked: String,
        /// Those there are.
        known: String,
    },
    /// Where the checkpoint stands cannot be told.
    #[error(transparent)]
    Checkpoints(#[from] CheckpointsError),
    /// The verdicts have no canonical form.
    #[error("compare verdicts")]
    Canonical(#[from] CanonicalError),
}

/// What the gate came to, for a script. In the order in which one outweighs the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The ledger does not verify.
    LedgerBroken,
    /// The dossier has errors.
    DossierErrors,
    /// Something failed.
    Failed,
    /// Nothing failed, and mandatory provisions are open or inconclusive.
    OpenMandatory,
    /// Nothing failed, nothing mandatory is open, and another condition is not met.
    Closed,
    /// Every condition is met.
    Passes,
}

/// The gate, looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Gated {
    /// What it came to.
    pub verdict: Verdict,
    /// Everything there is to tell; the exit code is for the caller to fill in.
    pub told: Gate,
}

/// What conditions are looked at on.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The dossier.
    pub dossier: &'a Dossier,
    /// The linter's notes on it.
    pub notes: &'a [Note],
    /// What is recorded.
    pub history: &'a History,
    /// The keys of the ledger; none where nothing is recorded.
    pub ring: Option<&'a Keyring>,
    /// What judging gives for the moment.
    pub assessment: &'a Assessment,
    /// The moment.
    pub at: Timestamp,
}

/// Looks at the gate of the release that the dossier is about, for a moment. Records nothing.
///
/// # Errors
/// [`GateError`] when it could not be looked at; then nothing is known, and the release does not pass.
pub fn gate(folder: &Path, release: Option<&str>, at: Timestamp) -> Result<Gated, GateError> {
    gate_through(folder, release, None, at)
}

/// As [`gate`], with one condition more: that a checkpoint is reached.
///
/// # Errors
/// As [`gate`], and [`GateError::NoCheckpoint`].
pub fn gate_through(
    folder: &Path,
    release: Option<&str>,
    checkpoint: Option<&str>,
    at: Timestamp,
) -> Result<Gated, GateError> {
    let (dossier, notes) = folder::load(folder)?;
    is_declared(&dossier, release)?;
    let names: Vec<String> = dossier.checkpoints().into_iter().map(|one| one.name).collect();
    if let Some(asked) = checkpoint.filter(|asked| !names.iter().any(|name| name == asked)) {
        return Err(GateError::NoCheckpoint { asked: asked.to_owned(), known: names.join(", ") });
    }
    let (records, history, ring) = match read(folder) {
        Ok(read) => read,
        Err(error) if error.is_broken_ledger() => return Ok(broken(&dossier, &notes, &error, checkpoint, at)),
        Err(error) => return Err(error.into()),
    };
    let assessment = replay::judge(&dossier, history.evidence(), at);
    let (ring, notes) = (ring.as_ref(), notes.as_slice());
    let scene = Scene { dossier: &dossier, notes, history: &history, ring, assessment: &assessment, at };
    let mut conditions = weighed(&scene)?;
    if let Some(name) = checkpoint {
        let told = checkpoints::of(&scene, &mut checkpoints::kept(records.as_ref()))?;
        let one = told.named(name);
        let reached = one.is_some_and(|one| one.state == State::Reached);
        let because = one.map(|one| format!("`{name}` is {}: {}", one.state.as_str(), one.because));
        let against = one.into_iter().filter(|_| !reached).flat_map(|one| one.unmet()).map(|unmet| Against {
            about: unmet.id.clone(),
            provision: None,
            because: unmet.because.clone(),
            next: None,
        });
        let met = if reached { Met::Yes } else { Met::No };
        conditions.push(condition(CHECKPOINT, met, because.unwrap_or_default(), against.collect()));
    }
    let verdict = verdict(&conditions, &assessment);
    Ok(Gated { verdict, told: told(&dossier, conditions, Some(&assessment), at) })
}

/// Looks at the gate of a product as a snapshot has it. Records nothing.
///
/// # Errors
/// As [`gate`].
pub fn of_snapshot(snapshot: &Snapshot, release: Option<&str>) -> Result<Gated, GateError> {
    is_declared(&snapshot.dossier, release)?;
    in_scene(snapshot, |scene, _| {
        let conditions = weighed(scene)?;
        let verdict = verdict(&conditions, scene.assessment);
        Ok(Gated { verdict, told: told(scene.dossier, conditions, Some(scene.assessment), scene.at) })
    })
}

/// Looks at a product as a snapshot has it, with its ledger and the keys of that.
pub(crate) fn in_scene<T, E: From<RecordsError>>(
    snapshot: &Snapshot,
    look: impl FnOnce(&Scene<'_>, Option<&Records>) -> Result<T, E>,
) -> Result<T, E> {
    let mut records = Records::exist(&snapshot.folder).then(|| Records::open(&snapshot.folder)).transpose()?;
    let ring = records.as_mut().map(|records| records.ring(snapshot.size())).transpose()?;
    let scene = Scene {
        dossier: &snapshot.dossier,
        notes: &snapshot.notes,
        history: &snapshot.history,
        ring: ring.as_ref(),
        assessment: &snapshot.assessment,
        at: snapshot.at,
    };
    look(&scene, records.as_ref())
}

fn is_declared(dossier: &Dossier, release: Option<&str>) -> Result<(), GateError> {
    let declared = dossier.release_version();
    match release.filter(|asked| *asked != declared) {
        Some(asked) => Err(GateError::Release { asked: asked.to_owned(), declared: declared.to_owned() }),
        None => Ok(()),
    }
}

fn weighed(scene: &Scene<'_>) -> Result<Vec<Condition>, CanonicalError> {
    let weighed: Result<Vec<Option<Condition>>, _> = CONDITIONS.iter().map(|(id, _)| weigh(scene, id)).collect();
    Ok(weighed?.into_iter().flatten().collect())
}

/// Looks at one condition; none where no condition has this name.
pub(crate) fn weigh(scene: &Scene<'_>, id: &str) -> Result<Option<Condition>, CanonicalError> {
    Ok(Some(match id {
        LEDGER => ledger(scene.history),
        DOSSIER => declarations(scene.dossier, scene.notes),
        MANDATORY => verdicts::mandatory(scene),
        "recommended" => verdicts::recommended(scene),
        "should" => verdicts::should(scene),
        "current" => current::current(scene),
        "unexpired" => expired::unexpired(scene),
        "reviewed" => reviewed::reviewed(scene)?,
        _ => return Ok(None),
    }))
}

/// Everything recorded, verified, and the keys of the ledger.
type Read = (Option<Records>, Arc<History>, Option<Keyring>);

/// Everything recorded, verified, and the keys of the ledger; nothing where there is none.
pub(crate) fn read(folder: &Path) -> Result<Read, RecordsError> {
    if !Records::exist(folder) {
        return Ok((None, Arc::default(), None));
    }
    let mut records = Records::open(folder)?;
    let history = records.history()?;
    let ring = records.ring(history.size())?;
    Ok((Some(records), history, Some(ring)))
}

fn verdict(conditions: &[Condition], assessment: &Assessment) -> Verdict {
    let met = |id: &str| conditions.iter().any(|c| c.id == id && c.met == Met::Yes);
    let all_met = conditions.iter().all(|c| c.met == Met::Yes);
    match assessment.mandatory.outcome {
        _ if !met(DOSSIER) => Verdict::DossierErrors,
        _ if !assessment.findings.is_empty() => Verdict::Failed,
        Outcome::Fail => Verdict::Failed,
        _ if !met(MANDATORY) => Verdict::OpenMandatory,
        Outcome::Pass if all_met => Verdict::Passes,
        _ => Verdict::Closed,
    }
}

const LEDGER: &str = "ledger";
const DOSSIER: &str = "dossier";
const MANDATORY: &str = "mandatory";
const CHECKPOINT: &str = "checkpoint";

/// Every condition and what it asks.
const CONDITIONS: [(&str, &str); 8] = [
    (LEDGER, "the ledger verifies"),
    (DOSSIER, "the dossier has no errors"),
    (MANDATORY, "every mandatory provision passes"),
    ("recommended", "no claimed recommendation fails"),
    ("should", "every recommendation is implemented or justified"),
    ("current", "nothing is stale"),
    ("unexpired", "no justification, consent or key has expired"),
    ("reviewed", "reviews are signed, over these verdicts"),
];

pub(crate) fn condition(id: &str, met: Met, because: String, against: Vec<Against>) -> Condition {
    let asks = CONDITIONS.iter().find(|(known, _)| *known == id).map_or_else(|| asks(id), |(_, asks)| asks);
    Condition { id: id.to_owned(), asks: asks.to_owned(), met, because, against }
}

/// Met when nothing stands against it.
pub(crate) fn unless(
    id: &str,
    against: Vec<Against>,
    met: impl Into<String>,
    unmet: impl Fn(usize) -> String,
) -> Condition {
    match against.len() {
        0 => condition(id, Met::Yes, met.into(), against),
        n => condition(id, Met::No, unmet(n), against),
    }
}

/// One of a thing, or many.
pub(crate) fn count(n: usize, one: &str) -> String {
    format!("{n} {one}{}", if n == 1 { "" } else { "s" })
}

/// That one of a thing is, or that many are.
pub(crate) fn count_are(n: usize, one: &str) -> String {
    format!("{} {}", count(n, one), if n == 1 { "is" } else { "are" })
}

fn ledger(history: &History) -> Condition {
    match history.size() {
        0 => condition(LEDGER, Met::No, "nothing is recorded".to_owned(), Vec::new()),
        n => condition(LEDGER, Met::Yes, format!("{n} records, chain, signatures and checkpoint"), Vec::new()),
    }
}

fn declarations(dossier: &Dossier, notes: &[Note]) -> Condition {
    let errors = notes.iter().filter(|note| note.severity == Severity::Error);
    let against = errors.map(|note| {
        let at = note.labels.first().map(|(span, _)| position(&dossier.sources, *span));
        let about = at.map_or_else(|| note.code.to_owned(), |at| format!("{}:{}:{}", at.path, at.line, at.column));
        Against { about, provision: None, because: format!("{}: {}", note.code, note.message), next: None }
    });
    unless(DOSSIER, against.collect(), "`assay check` finds none", |n| count(n, "error"))
}

/// The gate when the ledger does not verify: nothing that rests on it is looked at.
fn broken(
    dossier: &Dossier,
    notes: &[Note],
    error: &RecordsError,
    checkpoint: Option<&str>,
    at: Timestamp,
) -> Gated {
    let ids = CONDITIONS.iter().map(|(id, _)| *id).chain(checkpoint.map(|_| CHECKPOINT));
    let conditions = ids.map(|id| match id {
        LEDGER => condition(LEDGER, Met::No, chain(error), Vec::new()),
        DOSSIER => declarations(dossier, notes),
        other => condition(other, Met::Unknown, "the ledger does not verify".to_owned(), Vec::new()),
    });
    Gated { verdict: Verdict::LedgerBroken, told: told(dossier, conditions.collect(), None, at) }
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

fn told(dossier: &Dossier, conditions: Vec<Condition>, assessment: Option<&Assessment>, at: Timestamp) -> Gate {
    let catalogue = Catalogue::of(dossier.edition());
    let text = |part: Option<&dossier::Located<String>>| part.map(|t| t.value.clone()).unwrap_or_default();
    let product = dossier.product.as_ref();
    Gate {
        product: text(product.and_then(|p| p.name.as_ref())),
        model: text(product.and_then(|p| p.model.as_ref())),
        release: dossier.release_version().to_owned(),
        edition: dossier.edition(),
        at,
        ruleset: engine::RULESET,
        tool: crate::TOOL.to_owned(),
        passes: assessment.is_some() && conditions.iter().all(|condition| condition.met == Met::Yes),
        clauses: assessment.map(|a| clauses(catalogue, a, &conditions)).unwrap_or_default(),
        conditions,
        exit: Exit { code: 0, meaning: String::new() },
    }
}

fn clauses(catalogue: &Catalogue, assessment: &Assessment, conditions: &[Condition]) -> Vec<Clause> {
    let provision = |provision: &catalogue::Provision| {
        let result = assessment.provision(&provision.id)?;
        let id = provision.id.to_string();
        let stands = |c: &&Condition| c.against.iter().any(|one| one.provision.as_ref() == Some(&id));
        Some(Provision {
            mandatory: result.mandatory,
            summary: provision.summary.clone(),
            outcome: result.outcome,
            standing: result.standing.as_str().to_owned(),
            because: result.because.clone(),
            against: conditions.iter().filter(stands).map(|c| c.id.clone()).collect(),
            id,
        })
    };
    let of = |clause: &catalogue::Clause| Clause {
        id: clause.id.clone(),
        title: clause.title.clone(),
        provisions: catalogue.provisions.iter().filter(|p| p.clause == clause.id).filter_map(provision).collect(),
    };
    catalogue.clauses.iter().map(of).collect()
}
