//! The background: which TCP ports answer at a target while the product is off, to be subtracted from what is found.
//!
//! It sends as any other step does: to the targets that ask for it, within consent and limits. Whether the product
//! really is off only the operator knows, so nothing proves an identity here.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use probes::{Bench as _, Limits, LiveBench, Scope};

use crate::folder::{self, FolderError};
use crate::measure::{Authorised, PlannedStep, SetupError, before_setup, bench_place};
use crate::now;
use crate::observe::limits_line;
use crate::records::FOLDER;

const PROBE: &str = "net.tcp-ports";

/// Why the background was not measured.
#[derive(Debug, thiserror::Error)]
pub enum BackgroundError {
    /// The dossier or the file that keeps the background.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The bench.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// No target asks for it.
    #[error(
        "measure the background: no target asks for it\n\nhint: set `background = true` in the `[[target]]` whose address answers for something else, too"
    )]
    NotAsked,
    /// The consent does not go so far.
    #[error(
        "measure the background: it tries TCP ports, which is an active step, and {0}\n\nhint: `touches = \"active\"` under `[consent]` allows it, with `by` and a date `until` that is not over"
    )]
    NotAgreed(String),
    /// Ports were left out, and a background with holes would be taken for the whole one.
    #[error(
        "measure the background of {target}: {ports} of its ports were not tried: {why}\n\nhint: raise `seconds` or `per-second` under `[limits]`, or name fewer `tcp-ports`"
    )]
    NotWhole {
        /// The target.
        target: String,
        /// How many.
        ports: u32,
        /// What stopped it.
        why: String,
    },
}

/// The background, ready to be measured; nothing has been sent.
#[derive(Debug)]
pub struct Background {
    folder: PathBuf,
    targets: Vec<Authorised>,
    consent: String,
    limits: Limits,
    steps: Vec<PlannedStep>,
}

/// Reads dossier and bench.
///
/// # Errors
/// [`BackgroundError`] says what is missing.
pub fn background(folder: &Path) -> Result<Background, BackgroundError> {
    let (dossier, _) = folder::load(folder)?;
    let before = before_setup(&dossier, &bench_place(&dossier), now())?;
    let targets: Vec<Authorised> = before.targets.into_iter().filter(|t| t.subtracts).collect();
    if targets.is_empty() {
        return Err(BackgroundError::NotAsked);
    }
    let step = |target: &Authorised| {
        let card = probes::listed(PROBE)?.card;
        let not_taken = (card.touches > before.consent).then(|| before.consent_because.clone());
        let (further, address, target) = (target.further, target.address, target.name.clone());
        let (probe, touches, asks) = (card.id, card.touches, card.asks);
        Some(PlannedStep { probe, target, address, further, touches, asks, not_taken })
    };
    let steps = targets.iter().filter_map(step).collect();
    let (consent, limits) = (before.consent_because.clone(), before.limits);
    Ok(Background { folder: folder.to_owned(), targets, consent, limits, steps })
}

impl Background {
    /// What the operator agreed to.
    pub fn consent(&self) -> &str {
        &self.consent
    }

    /// The limits, one line.
    pub fn limits(&self) -> String {
        limits_line(&self.limits)
    }

    /// Each target that is tried, one line.
    pub fn targets(&self) -> Vec<String> {
        self.targets.iter().map(Authorised::line).collect()
    }

    /// What will be done.
    pub fn steps(&self) -> &[PlannedStep] {
        &self.steps
    }

    fn scope(&self) -> Scope {
        self.targets.iter().fold(Scope::default(), |scope, t| scope.and_on_interface(t.address, t.interface))
    }

    /// Whether the consent goes so far.
    ///
    /// # Errors
    /// [`BackgroundError::NotAgreed`] says how far it goes.
    pub fn agreed(&self) -> Result<(), BackgroundError> {
        match self.steps.iter().find_map(|step| step.not_taken.clone()) {
            Some(why) => Err(BackgroundError::NotAgreed(why)),
            None => Ok(()),
        }
    }

    /// Tries the ports of every target and keeps what answered beside the ledger.
    ///
    /// # Errors
    /// [`BackgroundError`]; then what was kept before stays as it was.
    pub fn run(&self) -> Result<BTreeMap<String, Vec<u16>>, BackgroundError> {
        self.agreed()?;
        let mut bench = LiveBench::new(self.scope(), self.limits);
        let wait = bench.wait();
        let mut found = BTreeMap::new();
        for target in &self.targets {
            let result = bench.sweep(target.address, &target.tcp_ports, wait);
            if !result.not_tried.is_empty() {
                let ports =
                    result.not_tried.iter().map(|(low, high)| u32::from(*high) - u32::from(*low) + 1).sum();
                let why = result.stopped_by.map_or_else(|| "it was stopped".to_owned(), |why| why.to_string());
                return Err(BackgroundError::NotWhole { target: target.name.clone(), ports, why });
            }
            found.insert(target.background_name(), result.open);
        }
        let text = serde_json::to_string_pretty(&found).unwrap_or_default();
        folder::write(&self.folder.join(FOLDER).join("background.json"), &text)?;
        Ok(found)
    }
}

/// The background that was kept, by target.
pub(crate) fn kept(folder: &Path) -> BTreeMap<String, Vec<u16>> {
    let text = fs::read_to_string(folder.join(FOLDER).join("background.json")).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// TCP ports that answer at an address now.
pub(crate) fn swept(address: std::net::IpAddr, limits: Limits) -> Vec<u16> {
    let mut bench = LiveBench::new(Scope::of([address]), limits);
    let wait = bench.wait();
    bench.sweep(address, &[(1, 65535)], wait).open
}
