//! Going on with a run that was interrupted: which run it was, what of it stands, and whether it may go on.
//!
//! A run is known by what its observations say of it. It goes on only with the same plan, and only for a while: what
//! was measured long before the rest is not one measurement.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use dossier::Dossier;
use engine::{Evidence, Recorded};
use model::{Digest, Observation, RunStep, ShortfallKind, Timestamp};
use serde_json::json;

use super::setup::Setup;
use super::steps::PlannedStep;
use crate::TOOL;

/// For how long after it began a run may be gone on with, in milliseconds: a day.
const RESUMABLE_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// Why no run can be gone on with. Then nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotResumable {
    /// Nothing tells of a run.
    #[error("go on with a run: none is recorded\n\nhint: leave out --resume, and a run begins")]
    None,
    /// The last run came to its end.
    #[error(
        "go on with a run: the last one, of {began}, came to its end\n\nhint: leave out --resume, and a run begins"
    )]
    Complete {
        /// When it began.
        began: Timestamp,
    },
    /// The last run had another plan.
    #[error(
        "go on with the run of {began}: the dossier, the bench, the program or the selection is not what it was then\
         \n\nhint: leave out --resume, and a run begins"
    )]
    OtherPlan {
        /// When it began.
        began: Timestamp,
    },
    /// The last run is too old, or the clock went back.
    #[error(
        "go on with the run of {began}: it did not begin in the 24 hours before {now}\
         \n\nhint: leave out --resume, and a run begins"
    )]
    TooOld {
        /// When it began.
        began: Timestamp,
        /// The present moment.
        now: Timestamp,
    },
}

/// A run that was interrupted, and what of it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// The run as its last record tells of it, with all wrong credentials that its records tell of.
    pub place: RunStep,
    /// Numbers of the steps that were recorded.
    pub done: BTreeSet<u32>,
    /// State that a recorded step could not show to be restored, one line each.
    pub(super) not_restored: Vec<String>,
}

impl Unfinished {
    /// The last run that the evidence tells of, if this plan can go on with it now.
    ///
    /// # Errors
    /// [`NotResumable`] says why not.
    pub(super) fn find(evidence: &Evidence, plan: Digest, now: Timestamp) -> Result<Self, NotResumable> {
        let placed = evidence.observations.iter().filter_map(|o| Some((o, o.body.step.as_ref()?)));
        let placed: Vec<(&Recorded<Observation>, &RunStep)> = placed.collect();
        let Some((_, last)) = placed.last() else { return Err(NotResumable::None) };
        let place = RunStep { attempts: BTreeMap::new(), ..(*last).clone() };
        let mut found = Self { place, done: BTreeSet::new(), not_restored: Vec::new() };
        for (observation, step) in placed.iter().filter(|(_, step)| step.run == last.run) {
            found.done.insert(step.number);
            for (mechanism, used) in &step.attempts {
                let most = found.place.attempts.entry(mechanism.clone()).or_default();
                *most = (*most).max(*used);
            }
            let missing = observation.body.reading.shortfalls.iter();
            let missing = missing.filter(|s| s.kind == ShortfallKind::NotRestored);
            found.not_restored.extend(missing.map(|s| s.text.clone()));
        }
        let (began, age) = (last.began, now.millis().saturating_sub(last.began.millis()));
        if (1..=last.of).all(|number| found.done.contains(&number)) {
            return Err(NotResumable::Complete { began });
        }
        if last.plan != plan {
            return Err(NotResumable::OtherPlan { began });
        }
        if !(0..=RESUMABLE_MILLIS).contains(&age) {
            return Err(NotResumable::TooOld { began, now });
        }
        Ok(found)
    }

    /// Whether this step of the plan is still to be taken. The proof of identity always is.
    pub fn takes(&self, number: u32, step: &PlannedStep) -> bool {
        step.probe == "dut.identity" || !self.done.contains(&number)
    }
}

/// The digest over everything that makes two runs the same measurement.
pub(super) fn plan_digest(dossier: &Dossier, setup: &Setup, steps: &[PlannedStep]) -> Digest {
    let files: BTreeMap<&str, Digest> =
        dossier.sources.iter().map(|s| (s.path.as_str(), Digest::of(s.text.as_bytes()))).collect();
    let steps: Vec<_> = steps
        .iter()
        .map(|step| {
            let revision = probes::listed(step.probe).map(|listed| listed.card.revision);
            json!([step.probe, revision, step.target, step.address, step.touches, step.not_taken])
        })
        .collect();
    let background: BTreeMap<String, &[u16]> =
        setup.targets.iter().map(|t| (t.background_name(), t.background.as_slice())).collect();
    let plan = json!({ "tool": TOOL, "dossier": files, "background": background, "steps": steps,
        "place": setup.place, "state": setup.state });
    Digest::of(plan.to_string().as_bytes())
}

/// Held while a product is measured: two runs at once would each measure what the other does to it.
pub(super) struct Alone {
    _file: File,
}

/// Why the product cannot be measured alone.
#[derive(Debug, thiserror::Error)]
pub enum AloneError {
    /// Another process is measuring.
    #[error("begin the run: another process is measuring with this dossier\n\nhint: wait until it has ended")]
    Taken,
    /// The lock file cannot be used.
    #[error("lock {}", at.display())]
    File {
        /// The file.
        at: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl Alone {
    /// In a ledger's folder; the system lets go of it when the process ends, however it ends.
    pub(super) fn at(folder: &Path) -> Result<Self, AloneError> {
        let at = folder.join("measuring");
        let options = File::options().create(true).truncate(false).write(true).open(&at);
        let file = options.map_err(|source| AloneError::File { at: at.clone(), source })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(AloneError::Taken),
            Err(TryLockError::Error(source)) => Err(AloneError::File { at, source }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn moment(hours: i64) -> Timestamp {
        Timestamp::from_millis(1_790_000_000_000 + hours * HOUR)
    }

    fn plan(name: &str) -> Digest {
        Digest::of(name.as_bytes())
    }

    /// A run of three steps, of which these were recorded.
    fn recorded(runs: &[(&str, &str, &[u32])]) -> Evidence {
        let mut evidence = Evidence::default();
        for (run, of_plan, numbers) in runs {
            for number in *numbers {
                let body = serde_json::from_value(json!({
                    "run": {"probe": "p", "revision": 1, "target": "dut", "place": "lan"},
                    "step": {
                        "run": run, "began": moment(0), "plan": plan(of_plan), "number": number, "of": 3,
                        "attempts": {"door": 2 * number},
                    },
                    "dut": {"model": "", "release": "1"}, "began": moment(0), "ended": moment(0), "tool": "t",
                    "reading": {"facts": [], "coverage": [], "shortfalls": [
                        {"kind": "not-restored", "of": "x", "text": format!("step {number} left a mark")},
                    ]},
                }));
                let seq = evidence.observations.len() as u64;
                evidence.observations.push(Recorded { seq, id: plan("leaf"), body: body.unwrap() });
            }
        }
        evidence
    }

    #[test]
    fn an_interrupted_run_goes_on_with_what_it_used_up_and_what_it_left_behind() {
        let found = Unfinished::find(&recorded(&[("a", "x", &[1, 2])]), plan("x"), moment(1)).unwrap();
        assert_eq!((found.place.run.as_str(), found.place.of), ("a", 3));
        assert_eq!(found.done, BTreeSet::from([1, 2]));
        assert_eq!(found.place.attempts, BTreeMap::from([("door".to_owned(), 4)]));
        assert_eq!(found.not_restored, ["step 1 left a mark", "step 2 left a mark"]);
    }

    #[test]
    fn a_run_that_ended_or_had_another_plan_or_is_old_does_not_go_on() {
        let find = |evidence: &Evidence, hours| Unfinished::find(evidence, plan("x"), moment(hours)).unwrap_err();
        assert_eq!(find(&recorded(&[]), 1), NotResumable::None);
        let (began, now) = (moment(0), moment(25));
        assert_eq!(find(&recorded(&[("a", "x", &[1, 3, 2, 1])]), 1), NotResumable::Complete { began });
        assert_eq!(find(&recorded(&[("a", "y", &[1])]), 1), NotResumable::OtherPlan { began });
        assert_eq!(find(&recorded(&[("a", "x", &[1])]), 25), NotResumable::TooOld { began, now });
        let before = moment(-1);
        assert_eq!(find(&recorded(&[("a", "x", &[1])]), -1), NotResumable::TooOld { began, now: before });
        // A later run is the last one, whatever became of those before it.
        let later = recorded(&[("a", "x", &[1]), ("b", "x", &[1, 2, 3])]);
        assert_eq!(find(&later, 1), NotResumable::Complete { began });
    }

    #[test]
    fn only_one_at_a_time_measures_and_the_lock_ends_with_its_holder() {
        let folder = tempfile::tempdir().unwrap();
        let held = Alone::at(folder.path()).unwrap();
        assert!(matches!(Alone::at(folder.path()), Err(AloneError::Taken)));
        drop(held);
        Alone::at(folder.path()).unwrap();
    }
}
