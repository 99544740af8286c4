//! What differs between two releases: in what is declared, seen and built in, in verdicts, and what is to be done again.
//!
//! It compares; it judges only to have verdicts to compare, and records nothing.

mod components;

use std::path::Path;

use dossier::{Dossier, declared_changes};
use engine::{Assessment, Currency, Measured, Surface};
use model::Timestamp;
use report::diff::{Declaration, Diff, Retest, Seen, Side, Verdict};

use crate::folder::{self, FolderError};
use crate::history::History;
use crate::records::{Records, RecordsError};
use crate::replay::{self, ReplayError, replay};
use crate::tell::step;
use crate::verdicts::{InstanceOutcome, changes, outcomes};
use crate::workspace::Snapshot;

/// Why nothing was compared.
#[derive(Debug, thiserror::Error)]
pub enum DiffError {
    /// The dossier.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// What an assessment was derived from cannot be had.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// Nothing is known of a release.
    #[error(
        "compare release `{0}`: no assessment of it is recorded, and the dossier is not about it\n\n\
         hint: `assay release list` shows what is recorded of each release"
    )]
    Unknown(String),
}

/// One release, as far as it is compared.
struct Release {
    dossier: Dossier,
    assessment: Assessment,
    outcomes: Vec<InstanceOutcome>,
    side: Side,
}

/// Compares two releases of the product in a dossier folder: each by its newest recorded assessment and the state of the
/// dossier in force there; the release that the dossier is about, as it is judged for `at`.
///
/// # Errors
/// [`DiffError`]; a ledger that does not verify compares nothing.
pub fn diff(folder: &Path, old: &str, new: &str, at: Timestamp) -> Result<Diff, DiffError> {
    let (dossier, _) = folder::load(folder)?;
    let records = Records::exist(folder).then(|| Records::open(folder)).transpose()?;
    let history = records.as_ref().map(Records::history).transpose()?.unwrap_or_default();
    let present = || present(&dossier, replay::judge(&dossier, history.evidence(), at), at);
    compare(&history, records.as_ref(), (old, new), (dossier.release_version(), &present))
}

/// As [`diff`], of a product as a snapshot has it.
///
/// # Errors
/// [`DiffError`].
pub fn of_snapshot(snapshot: &Snapshot, old: &str, new: &str) -> Result<Diff, DiffError> {
    let folder = &snapshot.folder;
    let records = Records::exist(folder).then(|| Records::open(folder)).transpose()?;
    let present = || present(&snapshot.dossier, (*snapshot.assessment).clone(), snapshot.at);
    let declared = snapshot.dossier.release_version();
    compare(&snapshot.history, records.as_ref(), (old, new), (declared, &present))
}

/// Compares two releases, of which one may be the present one.
fn compare(
    history: &History,
    records: Option<&Records>,
    (old, new): (&str, &str),
    (declared, present): (&str, &dyn Fn() -> Release),
) -> Result<Diff, DiffError> {
    let find = |release: &str| match records {
        _ if release == declared => Ok(present()),
        Some(records) => recorded(records, history, release),
        None => Err(DiffError::Unknown(release.to_owned())),
    };
    let (old, new) = (find(old)?, find(new)?);
    let (was, is) = (surface(history, &old), surface(history, &new));
    let (components_from, components) =
        components::compare(history, (&old.dossier, &old.side.release), (&new.dossier, &new.side.release));
    let instances = &new.assessment.instances;
    Ok(Diff {
        product: new.assessment.product.clone(),
        declarations: declarations(&old.dossier, &new.dossier),
        surface: was.changes(&is).into_iter().map(seen).collect(),
        unmeasured: unmeasured(&was, &is, &old.side, &new.side),
        components_from,
        components,
        verdicts: changes(&old.outcomes, &new.assessment)
            .into_iter()
            .map(|change| Verdict {
                instance: change.instance,
                old: change.old.map(|o| o.as_str().to_owned()),
                new: change.new.map(|o| o.as_str().to_owned()),
                because: change.because,
            })
            .collect(),
        retest: instances.iter().filter_map(retest).collect(),
        open: instances.iter().filter(|i| matches!(i.currency, Currency::Open)).count() as u64,
        old: old.side,
        new: new.side,
    })
}

/// The release that the dossier is about, on everything that is recorded by now.
fn present(dossier: &Dossier, assessment: Assessment, at: Timestamp) -> Release {
    let side = Side { release: assessment.release.clone(), record: None, at, ruleset: assessment.ruleset };
    Release { dossier: dossier.clone(), outcomes: outcomes(&assessment), assessment, side }
}

/// A release by its newest recorded assessment: its outcomes as recorded, reasons as this program's rules give them.
fn recorded(records: &Records, history: &History, release: &str) -> Result<Release, DiffError> {
    let judged = history.newest_of(release).ok_or_else(|| DiffError::Unknown(release.to_owned()))?;
    let again = replay(history, judged.seq, &mut |digest| Ok(records.blob(digest)?))?;
    let record = &judged.record;
    let side =
        Side { release: release.to_owned(), record: Some(judged.seq), at: record.at, ruleset: record.ruleset };
    Ok(Release { dossier: again.dossier, assessment: again.assessment, outcomes: record.outcomes.clone(), side })
}

fn declarations(old: &Dossier, new: &Dossier) -> Vec<Declaration> {
    let changed = declared_changes(&old.sources, &new.sources).into_iter();
    changed
        .map(|c| Declaration {
            file: c.file,
            table: c.table,
            entry: c.entry,
            field: c.field,
            old: c.old,
            new: c.new,
        })
        .collect()
}

/// What the newest measurements saw that the release's assessment could know of.
fn surface(history: &History, release: &Release) -> Surface {
    let evidence = history.evidence_before(release.side.record.unwrap_or(u64::MAX));
    Surface::of(&evidence, &release.side.release)
}

fn seen(change: engine::SurfaceChange) -> Seen {
    let (target, probe, place) = change.measured;
    Seen { target, probe, place, of: change.of, old: change.old, new: change.new }
}

fn unmeasured(was: &Surface, is: &Surface, old: &Side, new: &Side) -> Vec<String> {
    let words = |(target, probe, place): &Measured, of: &Side| {
        format!("{probe} at {target} from {place}: not measured for {}", of.release)
    };
    let gone = was.not_in(is).map(|measured| words(measured, new));
    gone.chain(is.not_in(was).map(|measured| words(measured, old))).collect()
}

fn retest(instance: &engine::InstanceResult) -> Option<Retest> {
    let Currency::Stale { because } = &instance.currency else { return None };
    Some(Retest {
        instance: instance.id.to_string(),
        provision: instance.provision.to_string(),
        because: because.clone(),
        next: instance.renewed_by().map(|next| step(next, Some(&instance.id))),
    })
}
