//! Measuring runs that were started from a page: one per product at a time, watched by as many as like.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use app::measure::{Event, Selection, Standpoint};
use app::observe::{self, Ready};
use tokio::sync::watch;

use crate::page;
use crate::site::Site;
use crate::trouble::Trouble;

/// Lines that are kept of a run.
const KEPT: usize = 2_000;

/// What is to be measured, and from where; a text that is empty narrows nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// One probe.
    pub(crate) probe: String,
    /// One target.
    pub(crate) target: String,
    /// Only what is stale or open.
    pub(crate) due: bool,
    /// From another place than the bench file says.
    pub(crate) place: String,
    /// With the product in another state.
    pub(crate) state: String,
}

impl Wanted {
    /// Gets ready for it; nothing is sent. For threads that may wait.
    pub(crate) fn ready(&self, folder: &Path, person: &str) -> Result<(Ready, Selection), Trouble> {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        let state = match text(&self.state) {
            None => None,
            Some(name) => Some(model::ProductState::named(&name).ok_or_else(|| {
                let hint = "States are factory-default, initialized and in-use.";
                Trouble::form(format!("`{name}` is no state of a product."), hint)
            })?),
        };
        let at = Standpoint { place: text(&self.place).map(model::Place), state };
        let ready = observe::ready_at(folder, at)?.operated_by(person);
        let due = if self.due { Some(ready.due()?) } else { None };
        Ok((ready, Selection { probe: text(&self.probe), target: text(&self.target), due }))
    }

    /// Starts the run that somebody agreed to: the one whose plan has this digest, and no other. For threads that may
    /// wait.
    pub(crate) fn start(&self, site: &Site, product: &str, plan: &str, person: &str) -> Result<Arc<Run>, Trouble> {
        let folder = page::folder(site, product)?;
        let (ready, only) = self.ready(&folder, person)?;
        if ready.digest(&only).to_string() != plan {
            return Err(Trouble::conflict(
                "Nothing was sent: the plan is another one than was agreed to.",
                "The dossier or the bench file has changed meanwhile. Read the plan again.",
                None,
            ));
        }
        ready.complete()?;
        site.runs().start(product, person, ready, only)
    }
}

/// The runs of a workspace since the program began.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    of: Mutex<BTreeMap<String, Arc<Run>>>,
}

/// One run.
#[derive(Debug)]
pub(crate) struct Run {
    /// Who started it.
    pub(crate) by: String,
    /// When, RFC 3339.
    pub(crate) began: String,
    state: watch::Sender<State>,
}

/// How far a run is.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub(crate) struct State {
    /// Number of the present step, from 1.
    pub(crate) step: usize,
    /// Number of steps.
    pub(crate) of: usize,
    /// What is being done.
    pub(crate) now: String,
    /// How far the present step is, and of how much.
    pub(crate) progress: (u64, u64),
    /// What was done, a line each.
    pub(crate) lines: Vec<Line>,
    /// How it ended, once it has.
    pub(crate) ended: Option<Ended>,
}

/// A step that was taken.
#[derive(Debug, Clone, serde::Serialize)]
pub(crate) struct Line {
    /// Probe and target.
    pub(crate) what: String,
    /// What came of it.
    pub(crate) came: String,
    /// Its record.
    pub(crate) record: Option<u64>,
}

/// The end of a run.
#[derive(Debug, Clone, serde::Serialize)]
pub(crate) struct Ended {
    /// Whether it went through on the right product, and that is as it was.
    pub(crate) well: bool,
    /// One sentence.
    pub(crate) what: String,
    /// State that could not be shown to be restored.
    pub(crate) not_restored: Vec<String>,
}

impl Runs {
    /// The last run of a product, if one was started.
    pub(crate) fn of(&self, product: &str) -> Option<Arc<Run>> {
        self.of.lock().unwrap_or_else(PoisonError::into_inner).get(product).cloned()
    }

    /// Starts a run on a thread of its own.
    pub(crate) fn start(
        &self,
        product: &str,
        by: &str,
        ready: Ready,
        only: Selection,
    ) -> Result<Arc<Run>, Trouble> {
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        if of.get(product).is_some_and(|run| run.state().ended.is_none()) {
            return Err(Trouble::conflict(
                "A run of this product is going on.",
                "Watch it, and start another when it has ended.",
                None,
            ));
        }
        let run = Arc::new(Run {
            by: by.to_owned(),
            began: app::now().to_string(),
            state: watch::Sender::new(State::default()),
        });
        of.insert(product.to_owned(), run.clone());
        let taken = run.clone();
        std::thread::spawn(move || taken.take(&ready, &only));
        Ok(run)
    }
}

impl Run {
    /// How far it is.
    pub(crate) fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Whoever wants to know when it goes on.
    pub(crate) fn watch(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    fn take(&self, ready: &Ready, only: &Selection) {
        // A run that panics has ended too, and says so.
        let end = EndsAnyway(self);
        let mut began = Instant::now();
        let done = ready.run(only, &mut |event| self.tell(event, &mut began));
        let ended = match done {
            Ok(outcome) => {
                let captured = outcome.captured.as_ref().and_then(|captured| captured.why_not.clone());
                let mut what = format!("{} records were made.", outcome.records.len());
                if !outcome.proven {
                    what.push_str(" It was not proven that the product is the one under assessment: steps beyond looking were not taken.");
                }
                if let Some(why) = &captured {
                    what.push_str(&format!(" Nothing captured: {why}."));
                }
                Ended {
                    well: outcome.proven && captured.is_none() && outcome.not_restored.is_empty(),
                    what,
                    not_restored: outcome.not_restored,
                }
            }
            Err(error) => {
                let what = format!("{} What was recorded before stays recorded.", Trouble::from(error).what);
                Ended { well: false, what, not_restored: Vec::new() }
            }
        };
        self.state.send_modify(|state| state.ended = Some(ended));
        drop(end);
    }

    fn tell(&self, event: Event, began: &mut Instant) {
        self.state.send_modify(|state| match event {
            Event::Stands(place, product) => {
                state.push(Line {
                    what: format!("From {place}"),
                    came: format!("the product {product}"),
                    record: None,
                });
            }
            Event::Begins(number, of, step) => {
                *began = Instant::now();
                (state.step, state.of, state.progress) = (number, of, (0, 0));
                state.now = format!("{} on {}", step.probe, step.named());
            }
            Event::Progress(done, of) => state.progress = (done, of),
            Event::Ended { step, facts, shortfalls, millis, record } => {
                let missed = if shortfalls == 0 { String::new() } else { format!(", {shortfalls} not looked at") };
                state.push(Line {
                    what: format!("{} on {}", step.probe, step.named()),
                    came: format!("{facts} facts{missed}, {:.1} s", millis as f64 / 1000.0),
                    record: Some(record),
                });
            }
        });
    }
}

impl State {
    fn push(&mut self, line: Line) {
        if self.lines.len() < KEPT {
            self.lines.push(line);
        }
    }
}

struct EndsAnyway<'a>(&'a Run);

impl Drop for EndsAnyway<'_> {
    fn drop(&mut self) {
        self.0.state.send_modify(|state| {
            state.ended.get_or_insert_with(|| Ended {
                well: false,
                what: "The run broke off. What was recorded before stays recorded.".to_owned(),
                not_restored: vec!["whatever the last step changed: look at the product".to_owned()],
            });
        });
    }
}
