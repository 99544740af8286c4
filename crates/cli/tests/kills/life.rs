//! The life of one ledger, from the first measurement to the bundle, with as many kills on the way as chance has it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use device::{Config, Device, FaultSet, Running};
use serde_json::Value;

use crate::chance::Chance;
use crate::checks::{Ledger, blobs_are_whole, outcomes};

const BUNDLE: &str = "out.assay";
/// The program that is killed; the one just built when it is not set.
const PROGRAM: &str = "ASSAY_SOAK_PROGRAM";

/// What happens to a ledger, in this order.
pub(crate) const STAGES: [Stage; 4] = [Stage::Observe, Stage::State, Stage::Judge, Stage::Bundle];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Observe,
    State,
    Judge,
    Bundle,
}

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Stage::Observe => "observe",
            Stage::State => "state",
            Stage::Judge => "judge",
            Stage::Bundle => "bundle",
        }
    }
}

/// Tells the products of one process apart.
static PRODUCTS: AtomicU32 = AtomicU32::new(0);

/// The demonstration product, on a loopback network that no other test of this machine is on.
pub(crate) struct Product {
    network: String,
    secrets: [(&'static str, String); 2],
    _running: Running,
}

impl Product {
    pub(crate) fn start() -> Self {
        let process = std::process::id();
        let number = process / 100 % 125 * 2 + PRODUCTS.fetch_add(1, Ordering::Relaxed) % 2;
        let network = format!("127.{}.{number}", 100 + process % 100);
        let at = |last: u8| format!("{network}.{last}").parse().unwrap();
        let config = Config { address: at(1), cloud: at(2), faults: FaultSet::parse("").unwrap(), seed: 1 };
        let running = Device::start(config).unwrap();
        let label = running.label();
        let secrets = [
            ("ASSAY_DEMO_ADMIN_PASSWORD", label.admin_password.clone()),
            ("ASSAY_DEMO_GUEST_PASSWORD", label.guest_password.clone()),
        ];
        Self { network, secrets, _running: running }
    }
}

/// How a life went without kills: how long each stage takes, and what came out.
pub(crate) struct Undisturbed {
    lasts: BTreeMap<Stage, Duration>,
    steps: BTreeSet<(String, String)>,
    outcomes: BTreeMap<String, String>,
}

/// One ledger.
pub(crate) struct Life<'a> {
    product: &'a Product,
    at: tempfile::TempDir,
    ledger: Ledger,
    runs: AtomicU32,
}

/// How a run of the program ended.
struct Ended {
    exit: Option<i32>,
    said: String,
}

impl<'a> Life<'a> {
    /// A dossier without records, for a bench that measures quickly.
    pub(crate) fn new(product: &'a Product) -> Self {
        let at = tempfile::tempdir().unwrap();
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/smart-plug");
        for folder in ["", "ixit"] {
            fs::create_dir_all(at.path().join(folder)).unwrap();
            for entry in fs::read_dir(from.join(folder)).unwrap().map(Result::unwrap) {
                if entry.file_type().unwrap().is_file() {
                    let text = fs::read_to_string(entry.path()).unwrap().replace("127.0.77", &product.network);
                    let text = match entry.file_name().to_str() {
                        Some("bench.toml") => quick(&text),
                        _ => text,
                    };
                    fs::write(at.path().join(folder).join(entry.file_name()), text).unwrap();
                }
            }
        }
        let ledger = Ledger::in_folder(&at.path().join(".assay"));
        Self { product, at, ledger, runs: AtomicU32::new(0) }
    }

    /// Goes through all stages without a kill.
    pub(crate) fn undisturbed(mut self) -> Undisturbed {
        let mut lasts = BTreeMap::new();
        for stage in STAGES {
            let began = Instant::now();
            let ended = self.run(stage, false, None);
            assert!(is_done(stage, ended.exit), "{stage:?}: {:?} {}", ended.exit, ended.said);
            lasts.insert(stage, began.elapsed());
            self.ledger.check(&ended.said);
        }
        Undisturbed { lasts, steps: self.ledger.observed(), outcomes: self.outcomes() }
    }

    /// Goes through a stage, killed again and again until it once comes to its end; tells how often it was killed.
    pub(crate) fn through(
        &mut self,
        stage: Stage,
        undisturbed: &Undisturbed,
        chance: &mut Chance,
        most: u64,
        by_stage: &mut BTreeMap<&'static str, u64>,
    ) -> u64 {
        let mut kills = 0;
        loop {
            // Some go through in one piece; the rest ends at any moment of a run and a little after.
            let moment = chance.before(undisturbed.lasts[&stage].mul_f64(1.2));
            let moment = Some(moment).filter(|_| kills < most && !chance.once_in(8));
            let resume = stage == Stage::Observe && self.ledger.has_begun_to_observe();
            let ended = self.run(stage, resume, moment);
            self.ledger.check(&ended.said);
            blobs_are_whole(&self.at.path().join(".assay"));
            match ended.exit {
                None => {
                    kills += 1;
                    *by_stage.entry(stage.name()).or_default() += 1;
                }
                exit if is_done(stage, exit) => return kills,
                // Killed after the last step was recorded, or the bundle had its name, and before the program said so.
                Some(1) if ended.said.contains("came to its end") => return kills,
                Some(1) if stage == Stage::Bundle && ended.said.contains("already there") => return kills,
                other => panic!("{stage:?} ended with {other:?} after {kills} kills: {}", ended.said),
            }
        }
    }

    /// Measures, states and judges at the same time; nobody is in the way of another, and every record is there.
    pub(crate) fn all_at_once(&mut self) {
        let this = &*self;
        let ended: Vec<(Stage, Ended)> = thread::scope(|scope| {
            let stages = [Stage::Observe, Stage::State, Stage::Judge, Stage::State, Stage::Judge];
            let running = stages.map(|stage| (stage, scope.spawn(move || this.run(stage, false, None))));
            running.into_iter().map(|(stage, thread)| (stage, thread.join().unwrap())).collect()
        });
        for (stage, ended) in ended {
            assert!(is_done(stage, ended.exit), "{stage:?}: {:?} {}", ended.exit, ended.said);
            self.ledger.check(&ended.said);
        }
        self.ledger.no_step_was_taken_twice();
    }

    /// While another process measures, none is begun and none is gone on with.
    pub(crate) fn measures_alone(&mut self) {
        let lock = File::options().write(true).open(self.at.path().join(".assay/measuring")).unwrap();
        lock.lock().unwrap();
        for resume in [false, true] {
            let refused = self.run(Stage::Observe, resume, None);
            assert_eq!(refused.exit, Some(1), "{}", refused.said);
            assert!(refused.said.contains("another process is measuring") || resume, "{}", refused.said);
        }
    }

    /// Every step was taken once, the identity once more for each time it went on, and every verdict is the same.
    pub(crate) fn ended_as(&self, undisturbed: &Undisturbed) {
        assert_eq!(self.ledger.observed(), undisturbed.steps);
        self.ledger.no_step_was_taken_twice();
        let outcomes = self.outcomes();
        let differ: Vec<_> =
            outcomes.iter().filter(|(key, value)| undisturbed.outcomes.get(*key) != Some(value)).collect();
        assert!(outcomes.len() == undisturbed.outcomes.len() && differ.is_empty(), "{differ:?}");
        self.bundles_alike();
    }

    /// The bundle verifies, and another of the same ledger has the same bytes.
    fn bundles_alike(&self) {
        let again = self.program().args(["bundle", ".", "--out", "again.assay"]).status().unwrap();
        assert_eq!(again.code(), Some(0));
        let bytes = |name: &str| fs::read(self.at.path().join(name)).unwrap();
        assert!(bytes(BUNDLE) == bytes("again.assay"), "two bundles of one ledger differ");
        let verified = self.program().args(["verify", BUNDLE]).output().unwrap();
        assert_eq!(verified.status.code(), Some(0), "{}", String::from_utf8_lossy(&verified.stdout));
    }

    /// Runs the program on this ledger; killed at the moment, if it is still running then.
    fn run(&self, stage: Stage, resume: bool, kill: Option<Duration>) -> Ended {
        let mut command = self.program();
        match stage {
            Stage::Observe => command.args(["observe", ".", "--yes"]).args(resume.then_some("--resume")),
            Stage::State => command
                .args(["state", "5.2-2-1a", "--entry", "VulnTypes-Firmware", "--verdict", "pass"])
                .args(["--because", "read", "--by", "T. Ester", "--attach", "document=assay.toml"]),
            Stage::Judge => command.args(["judge", ".", "--record", "--json", "out.json"]),
            Stage::Bundle => command.args(["bundle", ".", "--out", BUNDLE]),
        };
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let said = self.at.path().join(format!("said-{run}"));
        command.stderr(File::create(&said).unwrap());
        let mut child = command.spawn().unwrap();
        if let Some(moment) = kill {
            thread::sleep(moment);
            // SIGKILL; one that ended by itself meanwhile is not hurt.
            child.kill().unwrap();
        }
        let status = child.wait().unwrap();
        Ended { exit: status.code(), said: fs::read_to_string(said).unwrap() }
    }

    fn program(&self) -> Command {
        let built = env!("CARGO_BIN_EXE_assay").into();
        let mut command = Command::new(std::env::var_os(PROGRAM).unwrap_or(built));
        command.current_dir(self.at.path()).stdin(Stdio::null()).stdout(Stdio::null());
        for name in ["NO_COLOR", "ASSAY_KEY", "ASSAY_KEY_FILE"] {
            command.env_remove(name);
        }
        command.envs(self.product.secrets.iter().map(|(name, value)| (name, value)));
        command
    }

    /// What was judged of each unit instance.
    fn outcomes(&self) -> BTreeMap<String, String> {
        let text = fs::read_to_string(self.at.path().join("out.json")).unwrap();
        let told: Value = serde_json::from_str(&text).unwrap();
        let outcomes = outcomes(&told);
        assert!(outcomes.len() > 100, "{} outcomes", outcomes.len());
        outcomes
    }
}

/// The bench of the sample, for a measurement of seconds instead of a minute.
fn quick(bench: &str) -> String {
    let mut quick = String::new();
    for line in bench.lines() {
        let line = match line.split_once(" = ") {
            Some(("tcp-ports", "\"1-65535\"")) => "tcp-ports = \"27000-29000\"",
            Some(("touches", _)) => "touches = \"active\"",
            Some(("wait-millis", _)) => "wait-millis = 3000",
            Some(("background" | "per-second", _)) => continue,
            _ => line,
        };
        quick.push_str(line);
        quick.push('\n');
    }
    quick
}

/// Whether a stage that ended by itself came to its end.
fn is_done(stage: Stage, exit: Option<i32>) -> bool {
    match stage {
        // Something may fail and something may be open; it was judged.
        Stage::Judge => matches!(exit, Some(0 | 10 | 11)),
        Stage::Observe | Stage::State | Stage::Bundle => exit == Some(0),
    }
}
