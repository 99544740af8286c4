//! A guided unit as programs are told it: its procedure, and how far the working is.

use model::{Digest, Timestamp, Verdict};
use report::presentation::told::{Prose, told};

use app::guided::{Guide, Working};

told! {
    /// A unit instance, and what carrying it out takes.
    pub struct Guided {
        /// `5.6-4-2a @ PhyIntf-Uart`.
        pub instance: String,
        /// The unit.
        pub unit: String,
        /// The IXIT entry, for a unit that ranges over a table.
        pub entry: Option<String>,
        /// The release under assessment.
        pub release: String,
        /// What it checks, in our words.
        pub summary: String,
        /// What to have ready.
        pub prepare: Vec<String>,
        /// What to do, in order, and what was noted.
        pub steps: Vec<Step>,
        /// What to keep.
        pub record: Vec<String>,
        /// Kinds of artefact without which it cannot be closed.
        pub artefacts: Vec<String>,
        /// What was kept.
        pub files: Vec<Kept>,
        /// What makes it pass, and what makes it fail.
        pub decide: String,
        /// What the person decides on the way, where the unit leaves something to them.
        pub also: Option<String>,
        /// What a verdict is wanted on, and what was said.
        pub criteria: Vec<Criterion>,
        /// From where in the network the person looks; empty where that was not said.
        pub place: String,
        /// Whether it counts only once a second person has confirmed it.
        pub two_persons: bool,
        /// Who began a working, and when; null where nobody has.
        pub begun: Option<By>,
        /// What is missing before it can be closed; null where nothing was begun.
        pub missing: Option<Vec<String>>,
    }

    /// A step.
    pub struct Step {
        /// Its number, from 1.
        pub number: u32,
        /// What to do.
        pub text: String,
        /// What is timed, where its duration matters.
        pub timer: Option<Timer>,
        /// Whether it was done, when and by whom.
        pub done: Option<By>,
        /// What was seen.
        pub observation: Prose,
        /// A value that was read.
        pub value: String,
        /// Its timings, in order.
        pub timings: Vec<Timing>,
    }

    /// What is timed.
    pub struct Timer {
        /// What, in our words.
        pub what: String,
        /// For how many seconds at least.
        pub least: Option<u32>,
    }

    /// One timing.
    pub struct Timing {
        /// When it began.
        pub from: Timestamp,
        /// When it ended; null while it runs.
        pub until: Option<Timestamp>,
    }

    /// When and by whom.
    pub struct By {
        /// When.
        pub at: Timestamp,
        /// By whom.
        pub by: String,
    }

    /// A file that is kept with a working.
    pub struct Kept {
        /// Its digest.
        pub digest: Digest,
        /// Its kind.
        pub kind: String,
        /// Its name.
        pub name: String,
        /// Its size in bytes.
        pub size: u64,
        /// The step it belongs to; null where it belongs to the whole.
        pub step: Option<u32>,
        /// When it was handed over.
        pub at: Timestamp,
        /// By whom.
        pub by: String,
    }

    /// What a verdict is wanted on.
    pub struct Criterion {
        /// In the catalogue's words.
        pub criterion: String,
        /// Whether it may be left out: one states it only where it holds instead.
        pub optional: bool,
        /// The verdict so far.
        pub verdict: Option<String>,
        /// Why.
        pub reasoning: Prose,
    }

    /// A unit instance that waits for a person.
    pub struct Waiting {
        /// `5.6-4-2a @ PhyIntf-Uart`.
        pub instance: String,
        /// The unit.
        pub unit: String,
        /// The IXIT entry, for a unit that ranges over a table.
        pub entry: Option<String>,
        /// What it checks, in our words.
        pub summary: String,
        /// Whether it exercises the product; otherwise it reads documents.
        pub functional: bool,
        /// How many steps it has.
        pub steps: u32,
        /// How many of them are done; null where nothing was begun.
        pub done: Option<u32>,
    }

    /// A working that was closed.
    pub struct Closed {
        /// Position of the statement in the ledger.
        pub record: u64,
        /// Whether it counts only once a second person has confirmed it.
        pub needs_second: bool,
    }
}

/// A guided unit for a moment.
pub(super) fn guided(guide: &Guide, working: Option<&Working>, at: Timestamp) -> Guided {
    let procedure = guide.procedure;
    let by = |(at, by): &(Timestamp, String)| By { at: *at, by: by.clone() };
    let steps = (1..).zip(&procedure.steps).map(|(number, text)| {
        let work = working.and_then(|working| working.step(number)).cloned().unwrap_or_default();
        let timing = |timed: &app::guided::Timed| Timing { from: timed.from, until: timed.until };
        Step {
            number: small(number),
            text: text.clone(),
            timer: procedure.timer(number).map(|timer| Timer { what: timer.what.clone(), least: timer.least }),
            done: work.done.as_ref().map(by),
            observation: work.observation.into(),
            value: work.value,
            timings: work.timings.iter().map(timing).collect(),
        }
    });
    let criteria = guide.criteria.iter().map(|criterion| {
        let said = working.and_then(|working| working.ruling(&criterion.text));
        Criterion {
            criterion: criterion.text.clone(),
            optional: criterion.optional,
            verdict: said.and_then(|ruling| ruling.verdict).map(word),
            reasoning: said.map(|ruling| ruling.reasoning.clone()).unwrap_or_default().into(),
        }
    });
    let files = working.iter().flat_map(|working| &working.files).map(|file| Kept {
        digest: file.artefact.digest,
        kind: file.artefact.kind.clone(),
        name: file.artefact.name.clone(),
        size: file.artefact.size,
        step: file.step.map(small),
        at: file.at,
        by: file.by.clone(),
    });
    Guided {
        instance: guide.about(),
        unit: guide.unit.id.to_string(),
        entry: guide.entry.clone(),
        release: guide.release.clone(),
        summary: guide.unit.summary.clone(),
        prepare: procedure.prepare.clone(),
        steps: steps.collect(),
        record: procedure.record.clone(),
        artefacts: guide.artefacts.to_vec(),
        files: files.collect(),
        decide: procedure.decide.clone(),
        also: guide.also.map(str::to_owned),
        criteria: criteria.collect(),
        place: working.map(|working| working.place.clone()).unwrap_or_default(),
        two_persons: guide.two_persons,
        begun: working.map(|working| By { at: working.began, by: working.by.clone() }),
        missing: working.map(|working| working.missing(guide, at).iter().map(ToString::to_string).collect()),
    }
}

/// A unit instance that waits.
pub(super) fn waiting(one: &app::guided::Waiting) -> Waiting {
    Waiting {
        instance: match &one.entry {
            Some(entry) => format!("{} @ {entry}", one.unit),
            None => one.unit.clone(),
        },
        unit: one.unit.clone(),
        entry: one.entry.clone(),
        summary: one.summary.clone(),
        functional: one.functional,
        steps: small(one.procedure.steps.len()),
        done: one.begun.map(|(done, _)| small(done)),
    }
}

fn word(verdict: Verdict) -> String {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Inconclusive => "inconclusive",
    }
    .to_owned()
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
