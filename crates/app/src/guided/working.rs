//! A working: how far one unit instance has been carried out, and what was noted on the way.
//!
//! Pure. Each part knows at which turn it last changed, so that two people, or one phone that sends twice, lose nothing:
//! what was changed meanwhile is a clash with both texts, and what is there already is no change.

use model::{Artefact, Edition, Period, Timestamp, Verdict};
use serde::{Deserialize, Serialize};

use super::Guide;

/// Characters of a text that are kept, at most.
const LONGEST: usize = 8_000;

/// What one person or several have done so far about a unit instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Working {
    /// The edition of the unit.
    pub edition: Edition,
    /// The unit.
    pub unit: String,
    /// The IXIT entry, for a unit that ranges over a table.
    pub entry: Option<String>,
    /// The release it was begun on.
    pub release: String,
    /// When it was begun.
    pub began: Timestamp,
    /// Who began it.
    pub by: String,
    /// How often it was changed.
    pub turn: u64,
    /// What was done in each step of the procedure.
    pub steps: Vec<StepWork>,
    /// What was kept.
    pub files: Vec<Attached>,
    /// The verdicts so far.
    pub rulings: Vec<Ruling>,
    /// From where in the network the person looks.
    #[serde(default)]
    pub place: String,
    /// Who is closing it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Closing>,
}

/// A closing that was begun. Where it broke off, the ledger tells whether its statement was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// Who closes it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// How many records the ledger had before.
    pub after: u64,
}

/// One step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepWork {
    /// When it was done, and by whom.
    pub done: Option<(Timestamp, String)>,
    /// What was seen.
    pub observation: String,
    /// A value that was read.
    pub value: String,
    /// Its timings, in order.
    pub timings: Vec<Timed>,
    /// The turn of the working at which it last changed.
    pub turn: u64,
}

/// One timing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timed {
    /// When it began.
    pub from: Timestamp,
    /// When it ended; none while it runs.
    pub until: Option<Timestamp>,
}

impl Timed {
    /// For how many whole seconds it ran, up to a moment where it runs still.
    pub fn seconds(&self, now: Timestamp) -> i64 {
        (self.until.unwrap_or(now).millis() - self.from.millis()).max(0) / 1000
    }
}

/// A file that is kept with a working.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// The file.
    pub artefact: Artefact,
    /// The step it belongs to, counted from 1; none where it belongs to the whole.
    pub step: Option<usize>,
    /// When it was handed over.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
}

/// A verdict on one criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// The criterion, in the catalogue's words.
    pub criterion: String,
    /// The verdict; none while it is thought about.
    pub verdict: Option<Verdict>,
    /// Why.
    pub reasoning: String,
    /// The turn of the working at which it last changed.
    pub turn: u64,
}

/// Something that a person does to a working.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Notes what was done in a step, counted from 1.
    Step {
        /// Which.
        step: usize,
        /// Whether it is done.
        done: bool,
        /// What was seen.
        observation: String,
        /// A value that was read.
        value: String,
    },
    /// Starts timing a step.
    Start(usize),
    /// Stops timing a step.
    Stop(usize),
    /// Keeps a file.
    Attach {
        /// The file.
        artefact: Artefact,
        /// The step it belongs to.
        step: Option<usize>,
    },
    /// Takes a file out again, by its digest as text.
    Detach(String),
    /// Gives a verdict on a criterion.
    Rule {
        /// Which.
        criterion: String,
        /// The verdict.
        verdict: Option<Verdict>,
        /// Why.
        reasoning: String,
    },
    /// Says from where in the network the person looks.
    Place(String),
}

/// The part of a working that an act changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A step, counted from 1.
    Step(usize),
    /// A verdict on a criterion.
    Ruling(String),
}

/// An act on a part that has changed since the person looked at it: nothing was taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// The part.
    pub part: Part,
    /// What it says now.
    pub theirs: Vec<String>,
    /// What the act would have made it say.
    pub yours: Vec<String>,
}

/// What a working lacks before it can be closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// A kind of artefact.
    Artefact(String),
    /// A verdict on a criterion.
    Verdict(String),
    /// The reasoning of a verdict.
    Reasoning(String),
    /// A step, counted from 1, that is neither done nor explained.
    Step(usize),
    /// A step was not timed for as long as the procedure asks; seconds.
    Timer {
        /// The step, counted from 1.
        step: usize,
        /// The longest timing.
        had: i64,
        /// What is asked for.
        least: u32,
    },
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Missing::Artefact(kind) => write!(f, "an artefact of the kind `{kind}`"),
            Missing::Verdict(criterion) => write!(f, "a verdict on: {criterion}"),
            Missing::Reasoning(criterion) => write!(f, "the reasoning of the verdict on: {criterion}"),
            Missing::Step(step) => write!(f, "step {step}: done, or an observation that says why not"),
            Missing::Timer { step, had, least } => {
                write!(f, "step {step}: {} of {} timed", minutes(*had), minutes(i64::from(*least)))
            }
        }
    }
}

/// Seconds as people read them: `59 min 30 s`.
fn minutes(seconds: i64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

impl Working {
    /// A working that begins.
    pub fn begin(guide: &Guide, edition: Edition, by: &str, at: Timestamp) -> Self {
        Self {
            edition,
            unit: guide.unit.id.to_string(),
            entry: guide.entry.clone(),
            release: guide.release.clone(),
            began: at,
            by: by.to_owned(),
            turn: 0,
            steps: vec![StepWork::default(); guide.procedure.steps.len()],
            files: Vec::new(),
            rulings: Vec::new(),
            place: String::new(),
            closing: None,
        }
    }

    /// Does something that a person decided while they looked at the working as it was at a turn. Returns whether it
    /// changed anything.
    ///
    /// # Errors
    /// [`Clash`] when the part was changed since, and otherwise than the act would; then nothing changed.
    pub fn act(&mut self, act: Act, seen: u64, by: &str, at: Timestamp) -> Result<bool, Clash> {
        let mut next = self.clone();
        let turn = next.turn + 1;
        match act {
            Act::Step { step, done, observation, value } => {
                let Some(was) = self.step(step) else { return Ok(false) };
                let mut now = StepWork { observation: kept(&observation), value: kept(&value), ..was.clone() };
                now.done = match (done, &was.done) {
                    (false, _) => None,
                    (true, Some(done)) => Some(done.clone()),
                    (true, None) => Some((at, by.to_owned())),
                };
                if said(&now) == said(was) {
                    return Ok(false);
                }
                if was.turn > seen {
                    return Err(Clash { part: Part::Step(step), theirs: said(was), yours: said(&now) });
                }
                next.steps[step - 1] = StepWork { turn, ..now };
            }
            Act::Start(step) => {
                let Some(timings) = next.step_mut(step).map(|s| &mut s.timings) else { return Ok(false) };
                if timings.last().is_some_and(|timed| timed.until.is_none()) {
                    return Ok(false);
                }
                timings.push(Timed { from: at, until: None });
            }
            Act::Stop(step) => {
                let running = next.step_mut(step).and_then(|s| s.timings.last_mut());
                let Some(running) = running.filter(|timed| timed.until.is_none()) else { return Ok(false) };
                running.until = Some(at.max(running.from));
            }
            Act::Attach { artefact, step } => {
                let same = |f: &Attached| f.artefact.digest == artefact.digest && f.artefact.kind == artefact.kind;
                if self.files.iter().any(same) {
                    return Ok(false);
                }
                let step = step.filter(|step| self.step(*step).is_some());
                next.files.push(Attached { artefact, step, at, by: by.to_owned() });
            }
            Act::Detach(digest) => {
                next.files.retain(|file| file.artefact.digest.to_string() != digest);
                if next.files.len() == self.files.len() {
                    return Ok(false);
                }
            }
            Act::Rule { criterion, verdict, reasoning } => {
                let now = Ruling { criterion, verdict, reasoning: kept(&reasoning), turn };
                let at = self.rulings.iter().position(|r| r.criterion == now.criterion);
                match at.map(|at| (at, &self.rulings[at])) {
                    Some((_, was)) if ruled(was) == ruled(&now) => return Ok(false),
                    Some((_, was)) if was.turn > seen => {
                        let part = Part::Ruling(was.criterion.clone());
                        return Err(Clash { part, theirs: ruled(was), yours: ruled(&now) });
                    }
                    Some((at, _)) => next.rulings[at] = now,
                    None => next.rulings.push(now),
                }
            }
            Act::Place(place) => {
                let place = kept(&place);
                if place == self.place {
                    return Ok(false);
                }
                next.place = place;
            }
        }
        next.turn = turn;
        *self = next;
        Ok(true)
    }

    /// A step, counted from 1.
    pub fn step(&self, step: usize) -> Option<&StepWork> {
        self.steps.get(step.checked_sub(1)?)
    }

    fn step_mut(&mut self, step: usize) -> Option<&mut StepWork> {
        self.steps.get_mut(step.checked_sub(1)?)
    }

    /// The verdict on a criterion so far.
    pub fn ruling(&self, criterion: &str) -> Option<&Ruling> {
        self.rulings.iter().find(|ruling| ruling.criterion == criterion)
    }

    /// How many steps are done.
    pub fn done(&self) -> usize {
        self.steps.iter().filter(|step| step.done.is_some()).count()
    }

    /// What is missing before it can be closed: what the procedure requires always, and for a pass also every step.
    pub fn missing(&self, guide: &Guide, now: Timestamp) -> Vec<Missing> {
        let mut missing = Vec::new();
        let has = |kind: &str| {
            self.files.iter().any(|file| file.artefact.kind == kind)
                || kind == "value" && self.steps.iter().any(|step| !step.value.is_empty())
        };
        missing
            .extend(guide.artefacts.iter().filter(|kind| !has(kind)).map(|kind| Missing::Artefact(kind.clone())));
        // The other criterion of a case stands for the ones it replaces.
        let other = guide.criteria.iter().any(|c| c.optional && self.verdict(&c.text) == Some(Verdict::Pass));
        for criterion in &guide.criteria {
            let text = &criterion.text;
            match self.ruling(text) {
                Some(Ruling { verdict: Some(_), reasoning, .. }) if reasoning.is_empty() => {
                    missing.push(Missing::Reasoning(text.clone()));
                }
                Some(Ruling { verdict: Some(_), .. }) => {}
                _ if criterion.optional || other => {}
                _ => missing.push(Missing::Verdict(text.clone())),
            }
        }
        let decided: Vec<Verdict> = self.rulings.iter().filter_map(|r| r.verdict).collect();
        if decided.iter().any(|verdict| *verdict != Verdict::Pass) || other {
            return missing;
        }
        for (step, work) in (1..).zip(&self.steps) {
            if work.done.is_none() && work.observation.is_empty() {
                missing.push(Missing::Step(step));
            }
            if let Some(least) = guide.procedure.timer(step).and_then(|timer| timer.least) {
                let had = work.timings.iter().map(|timed| timed.seconds(now)).max().unwrap_or(0);
                if had < i64::from(least) {
                    missing.push(Missing::Timer { step, had, least });
                }
            }
        }
        missing
    }

    fn verdict(&self, criterion: &str) -> Option<Verdict> {
        self.ruling(criterion).and_then(|ruling| ruling.verdict)
    }

    /// The time that it speaks of: from the first thing that was done at the product to the last.
    pub fn period(&self, at: Timestamp) -> Period {
        let done = self.steps.iter().filter_map(|step| step.done.as_ref()).map(|(at, _)| *at);
        let timed =
            self.steps.iter().flat_map(|step| &step.timings).flat_map(|t| [Some(t.from), t.until]).flatten();
        let moments: Vec<Timestamp> = done.chain(timed).chain(self.files.iter().map(|file| file.at)).collect();
        let first = moments.iter().min().copied().unwrap_or(at);
        Period { from: first.min(at), until: moments.iter().max().copied().unwrap_or(at).min(at) }
    }

    /// The values that were read, a line each; none where no step has one.
    pub fn values(&self) -> Option<String> {
        let lines = (1..).zip(&self.steps).filter(|(_, step)| !step.value.is_empty());
        let text: String = lines.map(|(number, step)| format!("step {number}: {}\n", step.value)).collect();
        (!text.is_empty()).then_some(text)
    }

    /// The reasoning of the statement: what was said of each criterion.
    pub fn reasoning(&self) -> String {
        let said: Vec<&Ruling> = self.rulings.iter().filter(|ruling| ruling.verdict.is_some()).collect();
        match said.as_slice() {
            [one] => one.reasoning.clone(),
            many => {
                many.iter().map(|r| format!("{}: {}", r.criterion, r.reasoning)).collect::<Vec<_>>().join("\n")
            }
        }
    }

    /// How it was carried out, as a text for whoever reads the statement.
    pub fn protocol(&self, guide: &Guide) -> String {
        let mut text =
            format!("{}\nrelease {}\nbegun {} by {}\n", guide.about(), self.release, self.began, self.by);
        for (number, (work, step)) in (1..).zip(self.steps.iter().zip(&guide.procedure.steps)) {
            text.push_str(&format!("\n{number}. {step}\n"));
            match &work.done {
                Some((at, by)) => text.push_str(&format!("   done {at} by {by}\n")),
                None => text.push_str("   not marked as done\n"),
            }
            for (name, said) in [("observation", &work.observation), ("value", &work.value)] {
                if !said.is_empty() {
                    text.push_str(&format!("   {name}: {}\n", said.replace('\n', "\n   ")));
                }
            }
            for timed in &work.timings {
                let until = timed.until.map_or_else(|| "still running".to_owned(), |until| until.to_string());
                text.push_str(&format!("   timed {} to {until}\n", timed.from));
            }
            for file in self.files.iter().filter(|file| file.step == Some(number)) {
                let Artefact { kind, name, digest, .. } = &file.artefact;
                text.push_str(&format!("   {kind}: {name}, {digest}\n"));
            }
        }
        text
    }
}

/// A text as it is kept: bounded, without space around it, with one kind of line end.
fn kept(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.trim().chars().take(LONGEST).collect()
}

fn said(step: &StepWork) -> Vec<String> {
    let done = if step.done.is_some() { "done" } else { "not done" };
    vec![done.to_owned(), step.observation.clone(), step.value.clone()]
}

fn ruled(ruling: &Ruling) -> Vec<String> {
    let verdict = match ruling.verdict {
        None => "no verdict",
        Some(Verdict::Pass) => "pass",
        Some(Verdict::Fail) => "fail",
        Some(Verdict::Inconclusive) => "inconclusive",
    };
    vec![verdict.to_owned(), ruling.reasoning.clone()]
}
