//! Getting ready to measure a dossier's product, and measuring it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use dossier::Dossier;
use probes::{Bench, LiveBench, Scope};

use crate::folder::{self, FolderError};
use crate::measure::{self, Event, ObserveError, Outcome, PlannedStep, Selection, Setup, SetupError};
use crate::now;
use crate::records::{FOLDER, Records, RecordsError};

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
    let (dossier, _) = folder::load(folder)?;
    if dossier.release_version().is_empty() {
        return Err(ReadyError::NoRelease);
    }
    let secret = |name: &str| std::env::var(name).ok();
    let setup = Setup::of(&dossier, folder, &kept_background(folder), &secret, now())?;
    Ok(Ready { folder: folder.to_owned(), dossier, setup })
}

impl Ready {
    /// What the operator agreed to.
    pub fn consent(&self) -> &str {
        &self.setup.consent_because
    }

    /// The limits, one line.
    pub fn limits(&self) -> String {
        let limits = &self.setup.limits;
        let rate = limits.per_second.map_or("no limit of rate".to_owned(), |n| format!("{n} per second"));
        let time = limits.seconds.map_or(String::new(), |n| format!(", {n} s in all"));
        format!("{rate}, {} at once, {} wrong credentials per mechanism{time}", limits.parallel, limits.attempts)
    }

    /// Each target, one line.
    pub fn targets(&self) -> Vec<String> {
        let line = |t: &measure::Authorised| match &t.host {
            Some(host) => format!("{} at {} ({host})", t.name, t.address),
            None => format!("{} at {}", t.name, t.address),
        };
        self.setup.targets.iter().map(line).collect()
    }

    /// The steps that a selection takes.
    pub fn steps(&self, only: &Selection) -> Vec<PlannedStep> {
        measure::planned(&self.dossier, &self.setup).into_iter().filter(|s| only.takes(s)).collect()
    }

    /// Measures.
    ///
    /// # Errors
    /// [`ObserveError`]; what was recorded before stays recorded.
    pub fn run(&self, only: &Selection, tell: &mut (dyn FnMut(Event) + Send)) -> Result<Outcome, ObserveError> {
        let mut records = Records::open(&self.folder)?;
        measure::observe(&self.dossier, &self.setup, only, &mut records, tell)
    }
}

/// Measures which TCP ports answer while the product is off, and keeps them beside the ledger.
///
/// # Errors
/// [`ReadyError`] when the dossier names no address, or the file cannot be written.
pub fn background(folder: &Path) -> Result<BTreeMap<String, Vec<u16>>, ReadyError> {
    let (dossier, _) = folder::load(folder)?;
    let bench = dossier.bench.as_ref().ok_or(SetupError::NoBench)?;
    let mut found = BTreeMap::new();
    for target in &bench.targets {
        if let (Some(name), Some(address)) = (&target.name, &target.address) {
            let limits = measure::bench_limits(bench);
            found.insert(name.value.clone(), swept(address.value, limits));
        }
    }
    let at = folder.join(FOLDER).join("background.json");
    let text = serde_json::to_string_pretty(&found).unwrap_or_default();
    folder::write(&at, &text)?;
    Ok(found)
}

/// TCP ports that answer at an address now.
pub(crate) fn swept(address: std::net::IpAddr, limits: probes::Limits) -> Vec<u16> {
    let mut bench = LiveBench::new(Scope::of([address]), limits);
    let wait = bench.wait();
    bench.sweep(address, &[(1, 65535)], wait).open
}

fn kept_background(folder: &Path) -> BTreeMap<String, Vec<u16>> {
    let text = fs::read_to_string(folder.join(FOLDER).join("background.json")).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}
