//! The demonstration: starts the demonstration product on loopback, assesses it, and writes the reports.

use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use device::{Config, Device, FaultSet, StartError, UnknownFault};
use dossier::{Dossier, SourceText};
use model::{Place, ProductState, Touches};
use probes::Limits;

use crate::background::{self, BackgroundError, swept};
use crate::capture::{CaptureError, Capturing};
use crate::folder::{self, FolderError};
use crate::measure::{self, Event, ObserveError, Selection, Setup, SetupError, Standpoint};
use crate::records::{Records, RecordsError};
use crate::{assess, now};

mod interception;

/// Faults of the demonstration when none are asked for: one of each kind that a laboratory meets most.
pub const USUAL_FAULTS: &str =
    "telnet-open,password-default,no-lockout,tls-1.0,info-disclosure-status,policy-behind-login";

/// The file that marks a folder as a demonstration's own.
const MARK: &str = ".assay-demo";

/// Why the demonstration did not run.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A fault has an unknown name.
    #[error("start the demonstration product")]
    Fault(#[source] UnknownFault),
    /// The product does not start.
    #[error("start the demonstration product")]
    Start(#[source] StartError),
    /// The folder is somebody else's.
    #[error("write the demonstration to {}: it is there and no demonstration's\n\nhint: choose another with --dir", .0.display())]
    Foreign(PathBuf),
    /// The folder cannot be used.
    #[error("write the demonstration to {}", at.display())]
    Folder {
        /// Which.
        at: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The dossier.
    #[error(transparent)]
    Dossier(#[from] FolderError),
    /// The bench.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// What answers without the product could not be told.
    #[error(transparent)]
    Background(#[from] BackgroundError),
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The measuring.
    #[error(transparent)]
    Observe(#[from] ObserveError),
    /// What was captured.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// The judging.
    #[error(transparent)]
    Assess(#[from] assess::AssessError),
}

/// What the demonstration came to.
#[derive(Debug)]
pub struct Demo {
    /// The folder: dossier, ledger, reports.
    pub folder: PathBuf,
    /// The faults that were switched on, by name.
    pub faults: String,
    /// The result.
    pub assessed: assess::Assessed,
    /// What measuring came to.
    pub outcome: measure::Outcome,
}

macro_rules! sample {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../samples/smart-plug/", $path)))),*]
    };
}

/// The sample dossier, part of the program. A test holds the list against the folder.
pub const SAMPLE: &[(&str, &str)] = sample!(
    "assay.toml",
    "ics.toml",
    "controls.toml",
    "bench.toml",
    "ixit/1-AuthMech.toml",
    "ixit/2-UserInfo.toml",
    "ixit/3-VulnTypes.toml",
    "ixit/4-Conf.toml",
    "ixit/5-VulnMon.toml",
    "ixit/6-SoftComp.toml",
    "ixit/7-UpdMech.toml",
    "ixit/8-UpdProc.toml",
    "ixit/10-SecParam.toml",
    "ixit/11-SecComMech.toml",
    "ixit/12-NetSecImpl.toml",
    "ixit/13-SoftServ.toml",
    "ixit/14-SecMgmt.toml",
    "ixit/15-PhyIntf.toml",
    "ixit/16-CodeMin.toml",
    "ixit/17-PrivlCtrl.toml",
    "ixit/18-AccCtrl.toml",
    "ixit/19-SecDev.toml",
    "ixit/20-SecBoot.toml",
    "ixit/21-PersData.toml",
    "ixit/22-ExtSens.toml",
    "ixit/23-ResMech.toml",
    "ixit/24-TelData.toml",
    "ixit/25-DelFunc.toml",
    "ixit/26-UserDec.toml",
    "ixit/27-UserIntf.toml",
    "ixit/28-LogIntf.toml",
    "ixit/29-InpVal.toml",
);

/// Runs the demonstration in a folder of its own.
///
/// # Errors
/// [`DemoError`]; the product is stopped in any case.
pub fn demo(at: &Path, faults: &str, tell: &mut (dyn FnMut(Event) + Send)) -> Result<Demo, DemoError> {
    prepare(at)?;
    trial(at, faults, NETWORK, tell)
}

/// The demonstration product, running until it is dropped, with a dossier to measure it by.
pub struct Standing {
    /// The dossier's folder; nothing has been measured in it.
    pub folder: PathBuf,
    /// The faults that are switched on, by name.
    pub faults: String,
    /// Where the product answers, and where its associated service does.
    pub addresses: [IpAddr; 2],
    /// Environment variables that the bench file reads, with their values from the label of the unit.
    pub label: [(&'static str, String); 2],
    _standby: interception::Standby,
}

/// Starts the product for somebody who wants to measure it themselves. What answers at its addresses without it is kept.
///
/// # Errors
/// [`DemoError`]; then nothing runs.
pub fn serve(at: &Path, faults: &str) -> Result<Standing, DemoError> {
    let faults = FaultSet::parse(faults).map_err(DemoError::Fault)?;
    prepare(at)?;
    let sources: Vec<SourceText> = SAMPLE
        .iter()
        .map(|(path, text)| SourceText { path: (*path).to_owned(), text: (*text).to_owned() })
        .collect();
    folder::create(at, &sources)?;
    background::background(at)?.run()?;
    let addresses = [IpAddr::from([127, 0, 77, 1]), IpAddr::from([127, 0, 77, 2])];
    let config = Config { address: addresses[0], cloud: addresses[1], faults: faults.clone(), seed: 1 };
    let product = Device::start(config).map_err(DemoError::Start)?;
    lend(at, &product)?;
    let label = product.label();
    let label = [
        ("ASSAY_DEMO_ADMIN_PASSWORD", label.admin_password.clone()),
        ("ASSAY_DEMO_GUEST_PASSWORD", label.guest_password.clone()),
    ];
    let (dossier, _) = folder::load(at)?;
    let standby = interception::stand_by(product, led_by(&dossier));
    Ok(Standing { folder: at.to_owned(), faults: faults.to_string(), addresses, label, _standby: standby })
}

/// The associated service is away until so many attempts have failed, and a little longer, so that a storm shows.
const ATTEMPTS: u64 = 3;
const LONGER: Duration = Duration::from_millis(700);
/// How long it is away at most.
const AWAY: Duration = Duration::from_secs(8);
/// How long the product has to come back.
const BACK: Duration = Duration::from_secs(12);

/// The loopback network of the sample's bench file: product at `.1`, cloud at `.2`.
const NETWORK: &str = "127.0.77";

/// Starts the product with these faults on another loopback network (`127.0.80`), and assesses it in this folder.
///
/// # Errors
/// [`DemoError`]; the product is stopped in any case.
pub fn trial(
    at: &Path,
    faults: &str,
    network: &str,
    tell: &mut (dyn FnMut(Event) + Send),
) -> Result<Demo, DemoError> {
    let faults = FaultSet::parse(faults).map_err(DemoError::Fault)?;
    let sources: Vec<SourceText> = SAMPLE
        .iter()
        .map(|(path, text)| SourceText { path: (*path).to_owned(), text: text.replace(NETWORK, network) })
        .collect();
    folder::create(at, &sources)?;
    let (dossier, _) = folder::load(at)?;
    let address = |name: &str, usual: [u8; 4]| {
        let target = dossier.bench.as_ref().and_then(|b| b.target(name));
        target.and_then(|t| t.address.as_ref()).map_or(usual.into(), |a| a.value)
    };
    let (plug, cloud) = (address("dut", [127, 0, 77, 1]), address("cloud", [127, 0, 77, 2]));
    let sweeps = |name: &str| {
        let target = dossier.bench.as_ref().and_then(|b| b.target(name));
        target.and_then(|t| t.background.as_ref()).is_some_and(|b| b.value)
    };
    let targets = [("dut", plug), ("cloud", cloud)].into_iter().filter(|(name, _)| sweeps(name));
    let background: BTreeMap<_, _> =
        targets.map(|(name, address)| (name.to_owned(), swept(address, Limits::default()))).collect();
    let config = Config { address: plug, cloud, faults: faults.clone(), seed: 1 };
    // Before the product speaks, so that no conversation begins unseen.
    let capturing = Capturing::start(&dossier, at, Touches::Passive);
    let product = Device::start(config).map_err(DemoError::Start)?;
    let label = product.label().clone();
    let secret = |name: &str| match name {
        "ASSAY_DEMO_ADMIN_PASSWORD" => Some(label.admin_password.clone()),
        "ASSAY_DEMO_GUEST_PASSWORD" => Some(label.guest_password.clone()),
        _ => None,
    };
    lend(at, &product)?;
    let mut records = Records::open(at)?;
    let listening = capturing.as_ref().is_some_and(Capturing::is_going);
    let mut outcome = interception::beside(&product, led_by(&dossier), tell, |tell| -> Result<_, DemoError> {
        let mut observe = |standpoint: Standpoint, away: bool| -> Result<measure::Outcome, DemoError> {
            let setup = Setup::standing(&dossier, at, &background, &secret, now(), standpoint)?;
            tell(Event::Stands(setup.place.clone(), setup.state.unwrap_or(ProductState::Initialized)));
            measured(&dossier, &setup, &mut records, tell, away.then_some(&product))
        };
        // As it comes out of its box, joined to over its own access point; then as its user has it.
        product.press_reset();
        let shipped = Standpoint {
            place: Some(Place("access-point".to_owned())),
            state: Some(ProductState::FactoryDefault),
        };
        let mut outcome = observe(shipped, false)?;
        product.set_up();
        let in_use = observe(Standpoint::default(), listening)?;
        outcome.records.extend(in_use.records);
        outcome.not_restored.extend(in_use.not_restored);
        outcome.clock_behind = outcome.clock_behind.max(in_use.clock_behind);
        Ok(outcome)
    })?;
    drop(records);
    outcome.captured = capturing.map(|capturing| capturing.finish(&dossier, at)).transpose()?;
    drop(product);
    let (assessed, _) = assess::record(at, now())?;
    Ok(Demo { folder: at.to_owned(), faults: faults.to_string(), assessed, outcome })
}

/// Measures; where traffic is captured, the associated service is away twice while passwords are guessed, which needs
/// nothing of it.
fn measured(
    dossier: &Dossier,
    setup: &Setup,
    records: &mut Records,
    tell: &mut (dyn FnMut(Event) + Send),
    outages: Option<&device::Running>,
) -> Result<measure::Outcome, DemoError> {
    let Some(product) = outages else {
        return Ok(measure::observe(dossier, setup, &Selection::default(), records, tell)?);
    };
    std::thread::scope(|scope| {
        let (mut away, mut back) = (None, None);
        let mut watch = |event: Event| {
            match &event {
                Event::Begins(_, _, step) if step.probe == "auth.guessing" && away.is_none() => {
                    away = Some(scope.spawn(|| take_service_away(product)));
                }
                // Whoever stands in for the service looks at the real one first.
                Event::Begins(_, _, step) if step.probe == interception::STEP => {
                    back = away.take().map(|thread| thread.join().unwrap_or(false));
                }
                _ => {}
            }
            tell(event);
        };
        let outcome = measure::observe(dossier, setup, &Selection::default(), records, &mut watch);
        let restored = match (back, away) {
            (Some(back), _) => back,
            (None, Some(thread)) => thread.join().unwrap_or(false),
            (None, None) => take_service_away(product),
        };
        let mut outcome = outcome?;
        if !restored {
            outcome.not_restored.push("the associated service, after it was taken away".to_owned());
        }
        Ok(outcome)
    })
}

/// Takes the associated service away for a few seconds and brings it back, twice. Whether the product came back each time.
fn take_service_away(product: &device::Running) -> bool {
    const OUTAGES: usize = 2;
    (0..OUTAGES).all(|_| {
        let attempts = product.cloud_attempts();
        product.set_cloud_offline(true);
        let until = Instant::now() + AWAY;
        while product.cloud_attempts() < attempts + ATTEMPTS && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(LONGER);
        let before = product.telemetry_count();
        product.set_cloud_offline(false);
        let until = Instant::now() + BACK;
        while product.telemetry_count() == before && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(50));
        }
        let back = product.telemetry_count() > before;
        // One value more, so that the capture holds an answered conversation.
        std::thread::sleep(Duration::from_millis(200));
        back
    })
}

/// Writes the authority that the maker lends to the test, where the sample's bench file looks for it.
fn lend(at: &Path, product: &device::Running) -> Result<(), DemoError> {
    let files = [("maker-authority.pem", product.ca_pem()), ("maker-authority.key", product.ca_key_pem())];
    for (name, text) in files {
        let at = at.join(name);
        fs::write(&at, text).map_err(|source| DemoError::Folder { at: at.clone(), source })?;
    }
    Ok(())
}

/// The name server that the product's network has while the bench stands in for the service.
fn led_by(dossier: &dossier::Dossier) -> Option<SocketAddr> {
    let set = dossier.bench.as_ref()?.interception.as_ref()?;
    Some(SocketAddr::new(set.listen.as_ref()?.value, set.names_port.as_ref()?.value))
}

/// Makes the folder, or empties one that an earlier demonstration made.
fn prepare(at: &Path) -> Result<(), DemoError> {
    let failed = |source| DemoError::Folder { at: at.to_owned(), source };
    if at.exists() {
        if !at.join(MARK).is_file() {
            return Err(DemoError::Foreign(at.to_owned()));
        }
        fs::remove_dir_all(at).map_err(failed)?;
    }
    fs::create_dir_all(at).map_err(failed)?;
    fs::write(at.join(MARK), "made by `assay demo`, which replaces this folder when it runs again\n")
        .map_err(failed)
}

/// Every fault that can be switched on: name, clause, what it is.
pub fn faults() -> impl Iterator<Item = (String, String, String)> {
    device::faults::CARDS.iter().map(|c| (c.name.to_owned(), c.clause_v3.to_owned(), c.summary.to_owned()))
}
