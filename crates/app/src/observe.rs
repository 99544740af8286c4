//! Getting ready to measure a dossier's product, and measuring it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use dossier::Dossier;
use model::Digest;
use probes::Limits;

use crate::background;
use crate::capture::{Captured, Capturing};
use crate::folder::{self, FolderError};
use crate::measure::{
    self, Due, Event, NotResumable, ObserveError, Outcome, PlannedStep, Selection, Setup, SetupError, Standpoint,
    Unfinished,
};
use crate::now;
use crate::outage::{Outages, Taken};
use crate::records::{Records, RecordsError};

/// Why nothing can be measured.
#[derive(Debug, thiserror::Error)]
pub enum ReadyError {
    /// The dossier.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The bench.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// No release is declared, so nothing could be said of one.
    #[error("measure the product: assay.toml declares no release\n\nhint: add `[[release]]` with its `version`")]
    NoRelease,
}

/// A product ready to be measured; nothing has been sent.
#[derive(Debug)]
pub struct Ready {
    folder: PathBuf,
    dossier: Dossier,
    setup: Setup,
}

/// Reads dossier and bench.
///
/// # Errors
/// [`ReadyError`] says what is missing.
pub fn ready(folder: &Path) -> Result<Ready, ReadyError> {
    ready_at(folder, Standpoint::default())
}

/// As [`ready`], from another place or with the product in another state than the bench file says.
///
/// # Errors
/// As [`ready`].
pub fn ready_at(folder: &Path, at: Standpoint) -> Result<Ready, ReadyError> {
    let (dossier, _) = folder::load(folder)?;
    if dossier.release_version().is_empty() {
        return Err(ReadyError::NoRelease);
    }
    // A ledger that does not verify is not built on, and says so before anything is sent.
    if Records::exist(folder) {
        Records::open_sound(folder)?;
    }
    let secret = |name: &str| std::env::var(name).ok();
    let setup = Setup::standing(&dossier, folder, &background::kept(folder), &secret, now(), at)?;
    Ok(Ready { folder: folder.to_owned(), dossier, setup })
}

impl Ready {
    /// What the operator agreed to.
    pub fn consent(&self) -> &str {
        &self.setup.consent_because
    }

    /// The same, measured by another person than the bench file names.
    #[must_use]
    pub fn operated_by(mut self, person: &str) -> Self {
        self.setup.operator = Some(person.to_owned());
        self
    }

    /// What a selection would do, as a digest: addresses, limits, agreement, steps, and the dossier with its bench file,
    /// which say what each step tries. Somebody who agreed to a plan agreed to this one.
    pub fn digest(&self, only: &Selection) -> Digest {
        let mut text = format!("{}\n{}\n{}\n", self.consent(), self.limits(), self.standpoint());
        for target in self.targets() {
            text.push_str(&target);
            text.push('\n');
        }
        for source in &self.dossier.sources {
            text.push_str(&format!("{} {}\n", source.path, Digest::of(source.text.as_bytes())));
        }
        for step in self.steps(only) {
            text.push_str(&format!("{} {} {} {:?}\n", step.probe, step.named(), step.touches, step.not_taken));
        }
        Digest::of(text.as_bytes())
    }

    /// Whether everything is there that measuring needs; the plan can be shown without.
    ///
    /// # Errors
    /// [`SetupError`] names the secrets of the bench that could not be read.
    pub fn complete(&self) -> Result<(), SetupError> {
        self.setup.complete()
    }

    /// The limits, one line.
    pub fn limits(&self) -> String {
        limits_line(&self.setup.limits)
    }

    /// From where, and in which state of the product, one line.
    pub fn standpoint(&self) -> String {
        let state = self.setup.state.map_or(String::new(), |state| format!(", with the product in {state}"));
        format!("from {}{state}", self.setup.place)
    }

    /// Each target, one line.
    pub fn targets(&self) -> Vec<String> {
        self.setup.targets.iter().map(measure::Authorised::line).collect()
    }

    /// The steps that a selection takes.
    pub fn steps(&self, only: &Selection) -> Vec<PlannedStep> {
        measure::planned(&self.dossier, &self.setup).into_iter().filter(|s| only.takes(s)).collect()
    }

    /// The steps that renew something stale or open from here, with what and why, and what is due elsewhere.
    ///
    /// # Errors
    /// [`RecordsError`] when the ledger cannot be read; reading it verifies it.
    pub fn due(&self) -> Result<Due, RecordsError> {
        let evidence = match Records::exist(&self.folder) {
            true => Records::open(&self.folder)?.evidence()?,
            false => Arc::default(),
        };
        let here = (&self.setup.place, self.setup.in_state());
        Ok(measure::due(&self.dossier, &evidence, now(), here))
    }

    /// The run that [`Ready::resume`] would go on with, or why there is none.
    ///
    /// # Errors
    /// [`RecordsError`] when the ledger cannot be read; reading it verifies it.
    pub fn unfinished(&self, only: &Selection) -> Result<Result<Unfinished, NotResumable>, RecordsError> {
        if !Records::exist(&self.folder) {
            return Ok(Err(NotResumable::None));
        }
        measure::unfinished(&self.dossier, &self.setup, only, &Records::open(&self.folder)?)
    }

    /// Measures.
    ///
    /// # Errors
    /// [`ObserveError`]; what was recorded before stays recorded.
    pub fn run(&self, only: &Selection, tell: &mut (dyn FnMut(Event) + Send)) -> Result<Outcome, ObserveError> {
        self.captured(only, &mut || {
            let mut records = Records::open(&self.folder)?;
            measure::observe(&self.dossier, &self.setup, only, &mut records, tell)
        })
    }

    /// Measures while the product's traffic is captured, where the bench says how and the whole plan is taken.
    fn captured(
        &self,
        only: &Selection,
        run: &mut dyn FnMut() -> Result<Outcome, ObserveError>,
    ) -> Result<Outcome, ObserveError> {
        let whole = only.probe.is_none() && only.target.is_none() && only.due.is_none();
        let start = || Capturing::start(&self.dossier, &self.folder, self.setup.consent);
        let capturing = whole.then(start).flatten();
        let outcome = run();
        // What was captured is recorded, however the run ended.
        let captured = capturing.map(|capturing| capturing.finish(&self.dossier, &self.folder)).transpose()?;
        outcome.map(|outcome| Outcome { captured, ..outcome })
    }

    /// Captures the product's traffic for some time, and sends nothing. None where the bench does not say how.
    ///
    /// # Errors
    /// [`ObserveError`]; nothing was recorded then.
    pub fn listen(&self, time: Duration) -> Result<Option<Captured>, ObserveError> {
        let Some(capturing) = Capturing::start(&self.dossier, &self.folder, self.setup.consent) else {
            return Ok(None);
        };
        if capturing.is_going() {
            std::thread::sleep(time);
        }
        Ok(Some(capturing.finish(&self.dossier, &self.folder)?))
    }

    /// What `[outage]` of the bench would do.
    ///
    /// # Errors
    /// Why nothing may be taken away.
    pub fn outages(&self) -> Result<Outages, String> {
        Outages::of(&self.dossier, self.setup.consent)
    }

    /// Takes away and gives back what `[outage]` says, while the product's traffic is captured. The identity of the product
    /// is proven before, and once more afterwards.
    ///
    /// # Errors
    /// [`ObserveError`]; what was taken away was given back then.
    pub fn take_away(&self, outages: &Outages, tell: &mut dyn FnMut(&str)) -> Result<Taken, ObserveError> {
        let failed = |why: &str, captured| Taken { why_not: Some(why.to_owned()), captured, ..Taken::default() };
        if !self.proves_identity()? {
            return Ok(failed("the identity of the product is not proven", None));
        }
        let Some(capturing) = Capturing::start(&self.dossier, &self.folder, self.setup.consent) else {
            return Ok(failed("nothing captures", None));
        };
        let is_going = capturing.is_going();
        let taken = if is_going { outages.take(tell) } else { failed("nothing captures", None) };
        let captured = capturing.finish(&self.dossier, &self.folder)?;
        let mut taken = Taken { captured: Some(captured), ..taken };
        if is_going && !self.proves_identity()? {
            taken.not_restored.push("the product: its identity is not proven after the outages".to_owned());
        }
        Ok(taken)
    }

    /// Proves the identity of the product, in the records too.
    fn proves_identity(&self) -> Result<bool, ObserveError> {
        let only = Selection { probe: Some("dut.identity".to_owned()), ..Selection::default() };
        let mut records = Records::open(&self.folder)?;
        Ok(measure::observe(&self.dossier, &self.setup, &only, &mut records, &mut |_| {})?.proven)
    }

    /// Goes on with the run that was interrupted.
    ///
    /// # Errors
    /// [`ObserveError`]; what was recorded before stays recorded.
    pub fn resume(&self, only: &Selection, tell: &mut (dyn FnMut(Event) + Send)) -> Result<Outcome, ObserveError> {
        self.captured(only, &mut || {
            let mut records = Records::open(&self.folder)?;
            measure::resume(&self.dossier, &self.setup, only, &mut records, tell)
        })
    }
}

/// The limits of a run, one line.
pub(crate) fn limits_line(limits: &Limits) -> String {
    let rate = limits.per_second.map_or("no limit of rate".to_owned(), |n| format!("{n} per second"));
    let time = limits.seconds.map_or(String::new(), |n| format!(", {n} s in all"));
    format!("{rate}, {} at once, {} wrong credentials per mechanism{time}", limits.parallel, limits.attempts)
}
