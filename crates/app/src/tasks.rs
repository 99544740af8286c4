//! Tasks: what stands in the way, with an owner and a date, opening and closing with the gaps they stand for.
//!
//! The tasks of a moment follow from the assessment; what happened to them before is kept in the ledger.

mod needs;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use dossier::{Dossier, Policy};
use engine::Assessment;
use model::{Digest, Timestamp};
use workflow::requests::Requests;
use workflow::{Due, Event, Events, Need, Refused, Subject, Task, Tasks, follow};

use crate::folder::{self, FolderError};
use crate::history::{History, HistoryError};
use crate::records::{Records, RecordsError};
use crate::replay;
use crate::requests::{self, FollowError};
pub use needs::{Wanted, wanted};
pub use workflow::TaskId;

/// Why tasks were not told or not changed.
#[derive(Debug, thiserror::Error)]
pub enum TasksError {
    /// The dossier.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// A record of what happened to tasks does not read.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// A record of the ledger says what cannot have happened.
    #[error("follow the tasks through record {seq}")]
    Kept {
        /// Its position.
        seq: u64,
        /// Why it cannot have happened.
        #[source]
        source: Refused,
    },
    /// A record of the ledger says what cannot have happened to requests.
    #[error(transparent)]
    Requests(#[from] FollowError),
    /// What was asked for cannot happen.
    #[error("change a task")]
    Refused(#[from] Refused),
    /// Somebody else was faster.
    #[error("change task {0}: it was changed meanwhile\n\nhint: look at it again")]
    Changed(TaskId),
}

/// A task as it is told.
#[derive(Debug, Clone)]
pub struct Told {
    /// What has happened to it.
    pub task: Task,
    /// What it waits for; none once it is closed, and for one that a person added.
    pub wanted: Option<Wanted>,
}

impl Told {
    /// Whose it is: the person it was given to, else who has the role that answers for it.
    pub fn person(&self) -> Option<&str> {
        let owner = self.wanted.as_ref().and_then(|wanted| wanted.owner.as_ref());
        self.task.person.as_deref().or_else(|| owner.and_then(|owner| owner.person.as_deref()))
    }

    /// What it says to do.
    pub fn title(&self) -> String {
        match (&self.wanted, &self.task.own) {
            (Some(wanted), _) => wanted.step.text.clone(),
            (None, Some((title, _))) => title.clone(),
            (None, None) => self.task.id.to_string(),
        }
    }
}

/// The tasks of a dossier at a moment.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The moment.
    pub at: Timestamp,
    /// The release under assessment.
    pub release: String,
    /// Every task: open ones first, by date, mandatory ones before others; then closed ones, the last closed first.
    pub tasks: Vec<Told>,
    /// What happened since it was last recorded.
    pub news: Vec<Event>,
    /// The requests for evidence; those made from a task name it.
    pub requests: Requests,
}

/// Tells the tasks as they are at a moment. Records nothing: what is new is told as if it were recorded now.
///
/// # Errors
/// [`TasksError`] when the dossier or its ledger cannot be read.
pub fn list(folder: &Path, at: Timestamp) -> Result<Listed, TasksError> {
    let (dossier, _) = folder::load(folder)?;
    let history = match Records::exist(folder) {
        true => Records::open(folder)?.history()?,
        false => Arc::default(),
    };
    Ok(Looked::at(&dossier, &history, as_late(&history, at))?.told())
}

/// A moment, or that of the newest record where that is later: what was recorded has happened.
pub(crate) fn as_late(history: &History, at: Timestamp) -> Timestamp {
    history.last_recorded().map_or(at, |last| last.max(at))
}

/// Tells the tasks of a dossier and its records that are judged already.
///
/// # Errors
/// [`TasksError::Kept`] or [`TasksError::Refused`] when a record says what cannot have happened.
pub fn told(
    dossier: &Dossier,
    history: &History,
    assessment: &Assessment,
    at: Timestamp,
) -> Result<Listed, TasksError> {
    Ok(Looked::of(dossier, history, assessment.clone(), at)?.told())
}

/// Records what happened to the tasks since it was last recorded; nothing where nothing did.
///
/// Returns the position of the record, and the tasks as they are then.
///
/// # Errors
/// [`TasksError`]; then nothing was recorded.
pub fn record(folder: &Path, at: Timestamp) -> Result<(Option<u64>, Listed), TasksError> {
    change(folder, at, |_, _| Ok(Vec::new()))
}

/// A task that a person adds.
#[derive(Debug, Clone)]
pub struct Own {
    /// What is to be done.
    pub title: String,
    /// When it counts as done.
    pub criterion: String,
    /// By when; the date of a mandatory gap's task when left out.
    pub due: Option<Timestamp>,
    /// Who adds it.
    pub by: String,
}

/// Adds a task of a person's own, and records it.
///
/// # Errors
/// [`TasksError`]; then nothing was recorded.
pub fn add(folder: &Path, own: &Own, at: Timestamp) -> Result<(Option<u64>, Listed), TasksError> {
    change(folder, at, |tasks, days| {
        Ok(vec![Event::Added {
            number: tasks.next_number(),
            title: own.title.trim().to_owned(),
            criterion: own.criterion.trim().to_owned(),
            due: own.due.unwrap_or(days.after(at, true)),
            by: own.by.trim().to_owned(),
        }])
    })
}

/// Gives a task to a person, or, without one, back to the role that answers for it.
///
/// # Errors
/// [`TasksError`]; then nothing was recorded.
pub fn assign(
    folder: &Path,
    task: &TaskId,
    person: Option<&str>,
    by: &str,
    at: Timestamp,
) -> Result<(Option<u64>, Listed), TasksError> {
    let event = Event::Assigned {
        task: task.clone(),
        person: person.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()),
        by: by.trim().to_owned(),
    };
    change(folder, at, |_, _| Ok(vec![event.clone()]))
}

/// As [`assign`], of a task that is still at the version that the caller has seen.
///
/// # Errors
/// [`TasksError::Changed`] where it is not; then nothing was recorded.
pub fn assign_seen(
    folder: &Path,
    (task, seen): (&TaskId, &str),
    person: Option<&str>,
    by: &str,
    at: Timestamp,
) -> Result<(Option<u64>, Listed), TasksError> {
    let event = Event::Assigned {
        task: task.clone(),
        person: person.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()),
        by: by.trim().to_owned(),
    };
    change(folder, at, |tasks, _| match tasks.get(task) {
        Some(now) if version(now) != seen => Err(TasksError::Changed(task.clone())),
        _ => Ok(vec![event.clone()]),
    })
}

/// What is another text once anything about a task has changed.
pub fn version(task: &Task) -> String {
    let closed = task.turns.iter().filter(|turn| turn.closed.is_some()).count();
    let last = task.turns.last().map(|turn| turn.opened.millis());
    let text = format!("{:?} {:?} {} {closed} {last:?}", task.person, task.due, task.turns.len());
    let digest = Digest::of(text.as_bytes()).to_string();
    digest.rsplit(':').next().unwrap_or_default().chars().take(16).collect()
}

/// Ends a task that a person added. Others end by themselves.
///
/// # Errors
/// [`TasksError`]; then nothing was recorded.
pub fn done(
    folder: &Path,
    task: &TaskId,
    how: &str,
    by: &str,
    at: Timestamp,
) -> Result<(Option<u64>, Listed), TasksError> {
    let event = Event::Done { task: task.clone(), how: how.trim().to_owned(), by: by.trim().to_owned() };
    change(folder, at, |_, _| Ok(vec![event.clone()]))
}

/// Follows the gaps, does what is asked for, and records both as one.
fn change(
    folder: &Path,
    at: Timestamp,
    asked: impl Fn(&Tasks, Due) -> Result<Vec<Event>, TasksError>,
) -> Result<(Option<u64>, Listed), TasksError> {
    let (dossier, _) = folder::load(folder)?;
    let mut records = Records::open_sound_lately(folder)?;
    records.revision(&dossier.sources, at)?;
    loop {
        let (history, _) = records.history_lately()?;
        let at = as_late(&history, at);
        let mut looked = Looked::at(&dossier, &history, at)?;
        let events = asked(&looked.tasks, days(&dossier))?;
        looked.happens(events)?;
        if looked.news.is_empty() {
            return Ok((None, looked.told()));
        }
        let events = looked.events();
        // Another process may have recorded something meanwhile; then it is looked at again, with that.
        if let Some(seq) = records.tasks(&history, &events)? {
            looked.news.clear();
            return Ok((Some(seq), looked.told()));
        }
    }
}

/// How long tasks may take, by the policy.
pub(crate) fn days(dossier: &Dossier) -> Due {
    let (mandatory_days, recommended_days) = Policy::task_days(dossier.policy.as_ref().map(|p| &p.value));
    Due { mandatory_days, recommended_days }
}

/// The tasks as the ledger has them, and what is new.
struct Looked {
    assessment: Assessment,
    wanted: BTreeMap<Subject, Wanted>,
    tasks: Tasks,
    news: Vec<Event>,
    at: Timestamp,
    requests: Requests,
}

impl Looked {
    fn at(dossier: &Dossier, history: &History, at: Timestamp) -> Result<Self, TasksError> {
        Self::of(dossier, history, replay::judge(dossier, history.evidence(), at), at)
    }

    fn of(
        dossier: &Dossier,
        history: &History,
        assessment: Assessment,
        at: Timestamp,
    ) -> Result<Self, TasksError> {
        let wanted = wanted(dossier, &assessment);
        let mut tasks = Tasks::default();
        for recorded in history.tasks() {
            let take = tasks.take(&recorded.body);
            take.map_err(|source| TasksError::Kept { seq: recorded.seq, source })?;
        }
        let needs: BTreeMap<Subject, Need> = wanted.iter().map(|(s, w)| (s.clone(), w.need)).collect();
        let since = history.tasks().last().map(|recorded| recorded.seq);
        let news = follow(&tasks, &needs, days(dossier), at, since, |task| {
            needs::did(&task.subject, &assessment, history)
        });
        let mut looked =
            Self { assessment, wanted, tasks, news: Vec::new(), at, requests: requests::of(history)? };
        looked.happens(news)?;
        Ok(looked)
    }

    fn happens(&mut self, events: Vec<Event>) -> Result<(), Refused> {
        let release = self.assessment.release.clone();
        self.tasks.take(&Events { at: self.at, release, events: events.clone() })?;
        self.news.extend(events);
        Ok(())
    }

    fn events(&self) -> Events {
        Events { at: self.at, release: self.assessment.release.clone(), events: self.news.clone() }
    }

    fn told(mut self) -> Listed {
        let mut tasks: Vec<Told> = self
            .tasks
            .iter()
            .map(|task| Told { task: task.clone(), wanted: self.wanted.remove(&task.subject) })
            .collect();
        tasks.sort_by_key(|told| {
            let task = &told.task;
            let optional = !told.wanted.as_ref().is_some_and(|w| w.need.mandatory) && task.own.is_none();
            let weight = told.wanted.as_ref().map_or(0, |w| w.provisions.len() + w.instances.len());
            let closed = task.turns.last().and_then(|turn| turn.closed.as_ref()).map_or(0, |c| -c.at.millis());
            (
                !task.is_open(),
                closed,
                task.due,
                optional,
                kind(&task.subject),
                usize::MAX - weight,
                task.id.clone(),
            )
        });
        Listed { at: self.at, release: self.assessment.release, tasks, news: self.news, requests: self.requests }
    }
}

/// What failed comes first, and what a program does before what a person has to decide.
fn kind(subject: &Subject) -> u8 {
    match subject {
        Subject::Mend { .. } | Subject::Answer { .. } => 0,
        Subject::Own { .. } => 1,
        Subject::Measure { .. } => 2,
        Subject::Declare { .. } | Subject::Prepare { .. } => 3,
        Subject::Decide { .. } => 4,
    }
}
