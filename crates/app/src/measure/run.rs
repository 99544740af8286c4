//! Takes the planned steps one by one, and records each before the next begins.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use dossier::Dossier;
use model::{
    Coverage, DutIdentity, Fact, Observation, ProbeRun, Reading, RunStep, Shortfall, ShortfallKind, Touches,
};
use probes::{Bench, LiveBench};
use serde_json::Value;

use super::due::Due;
use super::resume::{Alone, AloneError, NotResumable, Unfinished, plan_digest};
use super::setup::{Setup, SetupError};
use super::steps::{PlannedStep, parameters, planned};
use crate::capture::{CaptureError, Captured};
use crate::privacy::{Privacy, said};
use crate::records::{Records, RecordsError};
use crate::{TOOL, circumstances, now};

/// Why a run ended early. What was recorded before stays recorded.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// A record could not be kept.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The bench lacks something; nothing was sent.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// No run can be gone on with.
    #[error(transparent)]
    Resume(#[from] NotResumable),
    /// Another process measures.
    #[error(transparent)]
    Alone(#[from] AloneError),
    /// What was captured cannot be recorded.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// The run cannot be told from others.
    #[error("begin the run: this machine gives no randomness to name it with")]
    Random,
    /// An earlier run changed a credential, and was broken off before it changed it back.
    #[error(
        "begin the run: an earlier one changed a credential of the product and did not change it back\n\nhint: {0} says which, and its present value; change it back and remove the file"
    )]
    Escrow(std::path::PathBuf),
    /// The product at the address is not the one under assessment.
    #[error(
        "prove the identity of the product: {0}\n\nhint: check the address in bench.toml and the `[[identity]]` values; nothing above passive was sent"
    )]
    Identity(String),
}

/// What happens during a run, for whoever watches.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// From where the steps that follow are taken, and in which state the product is.
    Stands(model::Place, model::ProductState),
    /// A step begins: its number, how many there are, the step.
    Begins(usize, usize, PlannedStep),
    /// How far the step is, in its own units.
    Progress(u64, u64),
    /// A step ended with this many facts, shortfalls, and milliseconds; recorded at this position.
    Ended {
        /// The step.
        step: PlannedStep,
        /// Facts seen.
        facts: usize,
        /// Things that should have been looked at and were not.
        shortfalls: usize,
        /// How long it took.
        millis: u64,
        /// Position of its record.
        record: u64,
    },
}

/// What a run came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Positions of the records made.
    pub records: Vec<u64>,
    /// Steps that an interrupted part of the run had recorded before.
    pub stood: usize,
    /// Whether the identity of the product was proven.
    pub proven: bool,
    /// State that could not be shown to be restored, one line each. Not empty is an error for the operator.
    pub not_restored: Vec<String>,
    /// Milliseconds by which the clock was behind the records before, at most, if it was.
    pub clock_behind: Option<i64>,
    /// What the capture of the product's traffic came to, where the bench says how to make one.
    pub captured: Option<Captured>,
}

/// Which steps of the plan to take.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only this probe.
    pub probe: Option<String>,
    /// Only this target.
    pub target: Option<String>,
    /// Only these steps: what `assay observe --stale` found due.
    pub due: Option<Due>,
}

impl Selection {
    /// Whether a step is taken. The proof of identity always is.
    pub fn takes(&self, step: &PlannedStep) -> bool {
        step.probe == IDENTITY
            || (self.probe.as_deref().is_none_or(|p| p == step.probe)
                && self.target.as_deref().is_none_or(|t| t == step.target)
                && self
                    .due
                    .as_ref()
                    .is_none_or(|due| due.here.contains_key(&(step.probe.to_owned(), step.target.clone()))))
    }
}

/// Runs the plan. Every step leaves a record, the ones that could not be taken too.
///
/// # Errors
/// [`ObserveError`] when a record cannot be kept or the product is not the one under assessment.
pub fn observe(
    dossier: &Dossier,
    setup: &Setup,
    only: &Selection,
    records: &mut Records,
    tell: &mut (dyn FnMut(Event) + Send),
) -> Result<Outcome, ObserveError> {
    setup.complete()?;
    let alone = Alone::at(records.folder())?;
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|_| ObserveError::Random)?;
    let steps = selected(dossier, setup, only);
    let place = RunStep {
        run: id.iter().map(|byte| format!("{byte:02x}")).collect(),
        began: now(),
        plan: plan_digest(dossier, setup, &steps),
        number: 0,
        of: u32::try_from(steps.len()).unwrap_or(u32::MAX),
        attempts: BTreeMap::new(),
    };
    let run = Run::new(dossier, setup, place);
    run.take_all((1..).zip(steps).collect(), Outcome::default(), records, tell, &alone)
}

/// Goes on with the last run where it was interrupted: proves the identity again, and takes the steps that left no
/// record.
///
/// # Errors
/// As [`observe`], and [`ObserveError::Resume`] when there is nothing to go on with.
pub fn resume(
    dossier: &Dossier,
    setup: &Setup,
    only: &Selection,
    records: &mut Records,
    tell: &mut (dyn FnMut(Event) + Send),
) -> Result<Outcome, ObserveError> {
    setup.complete()?;
    // Before the look: a run that is still going on is not interrupted.
    let alone = Alone::at(records.folder())?;
    let found = unfinished(dossier, setup, only, records)?.map_err(ObserveError::Resume)?;
    let steps = (1..).zip(selected(dossier, setup, only));
    let steps = steps.filter(|(number, step)| found.takes(*number, step)).collect();
    let outcome =
        Outcome { stood: found.done.len(), not_restored: found.not_restored.clone(), ..Outcome::default() };
    let place = found.place;
    let run = Run::new(dossier, setup, place);
    run.take_all(steps, outcome, records, tell, &alone)
}

/// The run that [`resume`] would go on with, or why there is none. The whole ledger is verified for it.
///
/// # Errors
/// [`RecordsError`] when the ledger cannot be read.
pub fn unfinished(
    dossier: &Dossier,
    setup: &Setup,
    only: &Selection,
    records: &Records,
) -> Result<Result<Unfinished, NotResumable>, RecordsError> {
    let plan = plan_digest(dossier, setup, &selected(dossier, setup, only));
    Ok(Unfinished::find(&*records.evidence()?, plan, now()))
}

fn selected(dossier: &Dossier, setup: &Setup, only: &Selection) -> Vec<PlannedStep> {
    planned(dossier, setup).into_iter().filter(|step| only.takes(step)).collect()
}

/// Facts of this release that earlier runs recorded, so that a partial run knows where to look.
fn earlier(records: &Records, dossier: &Dossier, setup: &Setup) -> Result<SeenFacts, RecordsError> {
    let mut seen = BTreeMap::new();
    for recorded in &records.evidence()?.observations {
        // What answers from another place, or in another state, tells nothing about where to look here.
        let here = recorded.body.run.place == setup.place && recorded.body.run.in_state() == setup.in_state();
        if here && recorded.body.dut.release == dossier.release_version() {
            let (run, facts) = (recorded.body.run.clone(), recorded.body.reading.facts.clone());
            let first = setup.targets.iter().find(|t| t.name == run.target).map(|t| t.address);
            let given = run.parameters.get(ADDRESS).and_then(|text| text.trim_matches('"').parse().ok());
            let told = facts.iter().find_map(Fact::endpoint).map(|endpoint| endpoint.address);
            if let Some(address) = given.or(told).or(first) {
                seen.insert((run.target, address, run.probe), facts);
            }
        }
    }
    Ok(seen)
}

/// Where credentials are kept while they hold for a while.
fn escrow(records: &Records) -> std::path::PathBuf {
    records.folder().join("escrow")
}

/// Facts by target, address and probe.
type SeenFacts = BTreeMap<(String, IpAddr, String), Vec<Fact>>;

/// The probe that proves which product is at an address.
const IDENTITY: &str = "dut.identity";
/// The parameter that says at which address a probe looked.
const ADDRESS: &str = "address";

struct Run<'a> {
    dossier: &'a Dossier,
    setup: &'a Setup,
    /// What records say of the run; the number is that of the step before.
    place: RunStep,
    seen: SeenFacts,
    proofs: Vec<String>,
    /// The firmware's version, as a proof of identity read it.
    firmware: Option<String>,
    proven: bool,
    /// Further addresses at which something else than the product was met, or nothing.
    strange: BTreeSet<IpAddr>,
}

impl<'a> Run<'a> {
    fn new(dossier: &'a Dossier, setup: &'a Setup, place: RunStep) -> Self {
        let (seen, proofs, strange) = (BTreeMap::new(), Vec::new(), BTreeSet::new());
        Self { dossier, setup, place, seen, proofs, firmware: None, proven: false, strange }
    }

    /// Takes these steps of the plan, by their numbers in it.
    fn take_all(
        mut self,
        steps: Vec<(u32, PlannedStep)>,
        mut outcome: Outcome,
        records: &mut Records,
        tell: &mut (dyn FnMut(Event) + Send),
        _: &Alone,
    ) -> Result<Outcome, ObserveError> {
        records.withhold(Privacy::new(self.setup.secrets(), said(&self.dossier.sources)));
        if let Some(left) = std::fs::read_dir(escrow(records)).ok().and_then(|mut files| files.next()?.ok()) {
            return Err(ObserveError::Escrow(left.path()));
        }
        // Reading verifies the ledger; one that does not verify is not built on.
        self.seen = earlier(records, self.dossier, self.setup)?;
        records.revision(&self.dossier.sources, now())?;
        let mut bench = LiveBench::new(self.setup.scope(), self.setup.limits)
            .having_spent(&self.place.attempts)
            .keeping_secrets_in(&escrow(records));
        for account in &self.setup.accounts {
            bench.conceal(account.secret.reveal().as_bytes());
        }
        let reaches = steps.iter().any(|(_, step)| step.touches > Touches::Passive);
        let of = usize::try_from(self.place.of).unwrap_or(steps.len());
        for (number, step) in &steps {
            tell(Event::Begins(usize::try_from(*number).unwrap_or(of), of, step.clone()));
            let began = now();
            let (reading, raw, shown) = self.take(step, &mut bench, tell);
            if step.probe == IDENTITY {
                self.judge_identity(step, &reading);
            }
            self.remember(step, &reading);
            let missing = |s: &&Shortfall| s.kind == ShortfallKind::NotRestored;
            outcome.not_restored.extend(reading.shortfalls.iter().filter(missing).map(|s| s.text.clone()));
            let ended = now();
            let (facts, shortfalls) = (reading.facts.len(), reading.shortfalls.len());
            (self.place.number, self.place.attempts) = (*number, bench.attempts());
            let observation = self.observation(step, reading, shown, began, ended);
            let record = records.observe(observation, &raw, ended)?;
            outcome.records.push(record);
            outcome.clock_behind = records.clock_behind();
            let millis = u64::try_from(ended.millis() - began.millis()).unwrap_or(0);
            tell(Event::Ended { step: step.clone(), facts, shortfalls, millis, record });
            if step.probe == IDENTITY && !self.proven && reaches {
                let why = match self.proofs.is_empty() {
                    true => "no proof could be looked at".to_owned(),
                    false => self.proofs.join("; "),
                };
                return Err(ObserveError::Identity(why));
            }
        }
        outcome.proven = self.proven;
        Ok(outcome)
    }

    /// Takes one step, or says in a reading why it was not taken.
    fn take(
        &mut self,
        step: &PlannedStep,
        bench: &mut LiveBench,
        tell: &mut (dyn FnMut(Event) + Send),
    ) -> (Reading, Vec<u8>, BTreeMap<String, String>) {
        if let Some(why) = &step.not_taken {
            return (not_taken(step, why), Vec::new(), BTreeMap::new());
        }
        if self.strange.contains(&step.address) && step.probe != IDENTITY {
            let why = format!("it is not proven that {} is the product", step.address);
            return (not_taken(step, &why), Vec::new(), BTreeMap::new());
        }
        let here = |target: &str, address: IpAddr| target == step.target && address == step.address;
        let of_target = self.seen.iter().filter(|((target, address, _), _)| here(target, *address));
        let facts: Vec<Fact> = of_target.flat_map(|(_, facts)| facts.iter().cloned()).collect();
        let parameters = match parameters(step, self.dossier, self.setup, &facts) {
            Ok(parameters) => parameters,
            Err(why) => return (not_taken(step, &why), Vec::new(), BTreeMap::new()),
        };
        let Some(listed) = probes::listed(step.probe) else {
            return (not_taken(step, "the probe is not listed"), Vec::new(), BTreeMap::new());
        };
        // The address that follows from the product's own hardware address is the product's.
        if step.probe == "net.neighbours"
            && let Some((hardware, interface)) = probes::hardware_of(step.address)
        {
            bench.authorise(probes::net::neighbours::link_local(hardware).into(), interface);
        }
        let shown = shown(&parameters);
        let mut telling = Telling { bench, tell };
        let gathered = (listed.gather)(&parameters, &mut telling);
        bench.take_transcript();
        let log = match gathered {
            Ok(log) => log,
            Err(error) => {
                let why = format!("{error}: {}", error.source);
                return (not_taken(step, &why), Vec::new(), shown);
            }
        };
        match (listed.interpret)(&log) {
            Ok(reading) => (reading, log, shown),
            Err(error) => (not_taken(step, &format!("{error}: {}", error.source)), log, shown),
        }
    }

    fn remember(&mut self, step: &PlannedStep, reading: &Reading) {
        self.seen.insert((step.target.clone(), step.address, step.probe.to_owned()), reading.facts.clone());
    }

    /// Every proof has to be looked at and agree, and firmware that was read has to be the release's.
    fn judge_identity(&mut self, step: &PlannedStep, reading: &Reading) {
        let (mut agree, mut all) = (0, 0);
        let mut lines = Vec::new();
        for fact in &reading.facts {
            if let Fact::Identity { means, expected, seen, agrees, firmware } = fact {
                all += 1;
                agree += usize::from(*agrees);
                lines.push(match agrees {
                    true => format!("{means}: {expected}"),
                    false => {
                        format!("{means}: expected `{expected}`, seen `{}`", wire::text::visible_str(seen, 200))
                    }
                });
                if let Some(version) = firmware {
                    let release = self.dossier.release_version();
                    let told = wire::text::visible_str(version, 200);
                    all += 1;
                    agree += usize::from(version == release);
                    lines.push(match version == release {
                        true => format!("firmware: {told}"),
                        false => format!("firmware: release `{release}` is assessed, `{told}` runs"),
                    });
                    self.firmware = Some(told);
                }
            }
        }
        let proven = all > 0 && agree == all && reading.shortfalls.is_empty();
        lines.extend(reading.shortfalls.iter().map(|s| s.text.clone()));
        match (step.further, proven) {
            (false, _) => {
                self.proven = proven;
                self.proofs.extend(lines);
            }
            (true, true) => self.proofs.extend(lines),
            (true, false) => {
                self.strange.insert(step.address);
            }
        }
    }

    fn observation(
        &self,
        step: &PlannedStep,
        reading: Reading,
        mut parameters: BTreeMap<String, String>,
        began: model::Timestamp,
        ended: model::Timestamp,
    ) -> Observation {
        if step.further {
            parameters.entry(ADDRESS.to_owned()).or_insert_with(|| format!("\"{}\"", step.address));
        }
        let revision = probes::listed(step.probe).map_or(0, |l| l.card.revision);
        Observation {
            run: ProbeRun {
                probe: step.probe.to_owned(),
                revision,
                parameters,
                target: step.target.clone(),
                place: self.setup.place.clone(),
                state: self.setup.state,
            },
            step: Some(self.place.clone()),
            dut: DutIdentity {
                firmware: self.firmware.clone(),
                proofs: if self.proven { self.proofs.clone() } else { Vec::new() },
                ..circumstances::declared(self.dossier)
            },
            began,
            ended,
            tool: TOOL.to_owned(),
            operator: self.setup.operator.clone(),
            level: Some(model::Level::Reproducible),
            valid_until: circumstances::observation_valid_until(self.dossier, ended),
            raw: None,
            salted: false,
            openings: None,
            source: None,
            reading,
        }
    }
}

/// A step that was not taken, as its record says it.
fn not_taken(step: &PlannedStep, why: &str) -> Reading {
    let text = format!("{} was not run: {why}", step.probe);
    let shortfall =
        Shortfall { kind: ShortfallKind::Missing, of: of(step.probe).to_owned(), endpoint: None, text };
    Reading { facts: Vec::new(), coverage: Vec::<Coverage>::new(), shortfalls: vec![shortfall] }
}

/// What a probe looks at, in the vocabulary of coverage.
fn of(probe: &str) -> &'static str {
    match probe {
        "net.tcp-ports" => "tcp-ports",
        "net.udp-services" => "udp-services",
        "net.neighbours" => "neighbours",
        "net.services" => "services",
        "http.surface" => "http-routes",
        "http.access" => "access",
        "http.input" => "input",
        "auth.defaults" => "logins",
        "auth.guessing" => "guessing",
        "tls.server-offer" => "tls-versions",
        "web.page" => "page",
        _ => "identity",
    }
}

/// The parameters as a record may show them: no secret.
fn shown(parameters: &Value) -> BTreeMap<String, String> {
    fn clean(value: &Value) -> Value {
        match value {
            Value::Object(map) => map
                .iter()
                .map(|(key, value)| {
                    let shown = if key == "secret" && !value.is_null() { "(secret)".into() } else { clean(value) };
                    (key.clone(), shown)
                })
                .collect(),
            Value::Array(list) => list.iter().map(clean).collect(),
            other => other.clone(),
        }
    }
    let Value::Object(map) = clean(parameters) else { return BTreeMap::new() };
    map.into_iter().map(|(key, value)| (key, value.to_string())).collect()
}

/// A live bench that tells how far the probe is.
struct Telling<'a, 'b> {
    bench: &'a mut LiveBench,
    tell: &'b mut (dyn FnMut(Event) + Send),
}

impl Bench for Telling<'_, '_> {
    fn connect(&mut self, to: model::Endpoint, within: Duration) -> Result<probes::LinkId, probes::ConnectError> {
        self.bench.connect(to, within)
    }
    fn come_from(&mut self, source: Option<std::net::IpAddr>) -> bool {
        self.bench.come_from(source)
    }
    fn send(&mut self, link: probes::LinkId, bytes: &[u8]) -> Result<(), probes::SendError> {
        self.bench.send(link, bytes)
    }
    fn send_secret(&mut self, link: probes::LinkId, bytes: &[u8], shown: &[u8]) -> Result<(), probes::SendError> {
        self.bench.send_secret(link, bytes, shown)
    }
    fn receive(&mut self, link: probes::LinkId, max: usize, within: Duration) -> probes::Received {
        self.bench.receive(link, max, within)
    }
    fn secure(
        &mut self,
        link: probes::LinkId,
        wish: &probes::TlsWish,
    ) -> Result<probes::TlsSession, probes::SecureError> {
        self.bench.secure(link, wish)
    }
    fn close(&mut self, link: probes::LinkId) {
        self.bench.close(link);
    }
    fn ask(&mut self, asks: &[probes::Ask]) -> Vec<probes::Asked> {
        self.bench.ask(asks)
    }
    fn datagrams(&mut self, batch: &[probes::Datagram], within: Duration) -> Vec<probes::DatagramAnswer> {
        self.bench.datagrams(batch, within)
    }
    fn neighbours(
        &mut self,
        product: std::net::IpAddr,
        within: Duration,
    ) -> Result<probes::Neighbourhood, probes::NeighbourhoodError> {
        self.bench.neighbours(product, within)
    }
    fn sweep(&mut self, at: std::net::IpAddr, ports: &[(u16, u16)], within: Duration) -> probes::SweepResult {
        self.bench.sweep(at, ports, within)
    }
    fn stand_in(&mut self, wish: &probes::StandIn) -> Result<(), probes::StandInError> {
        self.bench.stand_in(wish)
    }
    fn arrival(&mut self, within: Duration) -> Option<probes::Arrival> {
        self.bench.arrival(within)
    }
    fn serve(
        &mut self,
        link: probes::LinkId,
        face: &probes::Face,
        within: Duration,
    ) -> Result<probes::Served, probes::ServeError> {
        self.bench.serve(link, face, within)
    }
    fn relay(&mut self, link: probes::LinkId, to: model::Endpoint, within: Duration) -> probes::Relayed {
        self.bench.relay(link, to, within)
    }
    fn stand_down(&mut self) -> probes::StoodDown {
        self.bench.stand_down()
    }
    fn attempt(&mut self, mechanism: &str) -> bool {
        self.bench.attempt(mechanism)
    }
    fn allowance(&mut self, mechanism: &str) -> u32 {
        self.bench.allowance(mechanism)
    }
    fn pause(&mut self, time: Duration) -> bool {
        self.bench.pause(time)
    }
    fn conceal(&mut self, secret: &[u8]) {
        self.bench.conceal(secret);
    }
    fn wait(&self) -> Duration {
        self.bench.wait()
    }
    fn now(&self) -> model::Timestamp {
        self.bench.now()
    }
    fn elapsed_millis(&self) -> u64 {
        self.bench.elapsed_millis()
    }
    fn random_secret(&mut self, buffer: &mut [u8]) {
        self.bench.random_secret(buffer);
    }

    fn escrow(&mut self, what: &str, secret: &str) -> bool {
        self.bench.escrow(what, secret)
    }

    fn release_escrow(&mut self, what: &str) {
        self.bench.release_escrow(what);
    }

    fn random(&mut self, buffer: &mut [u8]) {
        self.bench.random(buffer);
    }
    fn progress(&mut self, done: u64, of: u64) {
        (self.tell)(Event::Progress(done, of));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_stands_in_the_parameters_of_a_record() {
        let parameters = serde_json::json!({
            "login": {"user": "admin", "secret": "hunter2"}, "doors": [{"secret": "hunter2", "user": "x"}], "n": 3,
        });
        let shown = format!("{:?}", shown(&parameters));
        assert!(!shown.contains("hunter2") && shown.contains("(secret)") && shown.contains("admin"), "{shown}");
    }
}
