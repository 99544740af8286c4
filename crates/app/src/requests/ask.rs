//! Asking: one request or several at once, by hand or from what a task waits for.

use std::path::Path;

use catalogue::Catalogue;
use dossier::Dossier;
use engine::InstanceId;
use model::Timestamp;
use workflow::Subject;
use workflow::requests::{Ask, Event, RequestId};

use super::{Changed, OBSERVATION, RequestsError, Secret, link_of, name, record, text};
use crate::attach;
use crate::folder;
use crate::records::Records;
use crate::state::KINDS;
use crate::tasks::{self, TaskId, Told};

/// Requests that were made.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The name of each, with the secret of its link where it was to have one.
    pub requests: Vec<(RequestId, Option<Secret>)>,
    /// What was recorded.
    pub changed: Changed,
}

/// Asks for evidence, all as one record. With `links`, each request gets a link that answers it.
///
/// # Errors
/// [`RequestsError`]; then nothing was asked.
pub fn ask(folder: &Path, asks: &[Ask], links: bool, by: &str, at: Timestamp) -> Result<Asked, RequestsError> {
    let (dossier, _) = folder::load(folder)?;
    let by = name(by)?;
    let asks = asks.iter().map(|ask| checked(&dossier, ask)).collect::<Result<Vec<Ask>, _>>()?;
    let mut secrets = Vec::new();
    for _ in &asks {
        secrets.push(if links { Some(Secret::new().ok_or(RequestsError::Random)?) } else { None });
    }
    let mut records = Records::open_sound_lately(folder)?;
    // What a request is about is what the dossier has now.
    records.revision(&dossier.sources, at)?;
    let changed = record(&mut records, &dossier, at, |requests| {
        let numbers = requests.next_number()..;
        let with = asks.iter().zip(&secrets).zip(numbers);
        let asked = with.map(|((ask, secret), number)| Event::Asked {
            number,
            ask: ask.clone(),
            link: secret.as_ref().map(link_of),
            by: by.clone(),
        });
        Ok(asked.collect())
    })?;
    let made = changed.requests.iter().map(|request| request.id.clone());
    let made: Vec<RequestId> = made.collect();
    let ids = made.into_iter().rev().take(asks.len()).collect::<Vec<_>>().into_iter().rev();
    Ok(Asked { requests: ids.zip(secrets).collect(), changed })
}

/// A request as it is recorded: its texts bounded, what it is about in the spelling of the catalogue and the dossier.
pub(crate) fn checked(dossier: &Dossier, ask: &Ask) -> Result<Ask, RequestsError> {
    let kind = ask.kind.trim();
    if kind != OBSERVATION && !KINDS.contains(&kind) {
        return Err(RequestsError::Kind(kind.to_owned()));
    }
    let about = ask.about.iter().map(|about| attach::about(dossier, about)).collect::<Result<Vec<_>, _>>()?;
    let criterion = ask.criterion.iter().map(|line| text(line, "the criterion")).collect::<Result<Vec<_>, _>>()?;
    Ok(Ask {
        kind: kind.to_owned(),
        scope: text(&ask.scope, "what the evidence has to show")?,
        period: ask.period,
        about,
        criterion: criterion.into_iter().filter(|line| !line.is_empty()).collect(),
        of: name(&ask.of)?,
        due: ask.due,
        task: ask.task.clone(),
    })
}

/// By when a request is to be answered where nobody says: as long as a task of a mandatory provision may take.
///
/// # Errors
/// [`RequestsError`] when the dossier cannot be read.
pub fn due(folder: &Path, at: Timestamp) -> Result<Timestamp, RequestsError> {
    let (dossier, _) = folder::load(folder)?;
    Ok(due_in(&dossier, at))
}

/// As [`due`], of a dossier that was read.
pub fn due_in(dossier: &Dossier, at: Timestamp) -> Timestamp {
    tasks::days(dossier).after(at, true)
}

/// A request for what closes an open task; none where there is no such task.
///
/// # Errors
/// [`RequestsError`] when the dossier or its ledger cannot be read.
pub fn ask_of_task(folder: &Path, task: &TaskId, of: &str, at: Timestamp) -> Result<Option<Ask>, RequestsError> {
    let (dossier, _) = folder::load(folder)?;
    let listed = tasks::list(folder, at).map_err(Box::new)?;
    let told = listed.tasks.iter().find(|told| told.task.id == *task && told.task.is_open());
    Ok(told.map(|told| for_task(&dossier, told, of)))
}

/// A request for what closes a task: kind, scope, unit instances and criterion are filled in from it.
pub fn for_task(dossier: &Dossier, told: &Told, of: &str) -> Ask {
    let task = &told.task;
    let base = Ask {
        kind: "document".to_owned(),
        scope: task.own.as_ref().map(|(title, _)| title.clone()).unwrap_or_default(),
        period: None,
        about: Vec::new(),
        criterion: task.own.iter().map(|(_, criterion)| criterion.clone()).collect(),
        of: of.to_owned(),
        due: task.due,
        task: Some(task.id.clone()),
    };
    let Some(wanted) = &told.wanted else { return base };
    let about: Vec<String> = match wanted.instances.is_empty() {
        true => wanted.provisions.iter().map(ToString::to_string).collect(),
        false => wanted.instances.iter().map(named).collect(),
    };
    let first = wanted.instances.iter().next();
    let (kind, scope) = match (&task.subject, first) {
        (Subject::Measure { .. }, _) => (OBSERVATION.to_owned(), wanted.evidence.join("; ")),
        (Subject::Decide { .. } | Subject::Mend { .. }, Some(id)) => needed(dossier, id, &wanted.step.text),
        _ => (base.kind, wanted.step.text.clone()),
    };
    Ask { kind, scope, about, criterion: wanted.criterion.clone(), ..base }
}

/// A request for what a unit instance needs, as its guided procedure says it.
pub fn for_instance(dossier: &Dossier, id: &InstanceId, of: &str, due: Timestamp) -> Ask {
    let unit = Catalogue::of(dossier.edition()).unit(&id.unit);
    let summary = unit.map(|unit| unit.summary.clone()).unwrap_or_default();
    let (kind, scope) = needed(dossier, id, &summary);
    let procedure = Catalogue::of(dossier.edition()).procedure(&id.unit);
    let decide = procedure.map_or(summary, |procedure| procedure.decide.clone());
    Ask {
        kind,
        scope,
        period: None,
        about: vec![named(id)],
        criterion: vec![format!("{}: {decide}", id.unit)],
        of: of.to_owned(),
        due,
        task: None,
    }
}

/// The kind of artefact that a unit asks for, and what it has to show.
fn needed(dossier: &Dossier, id: &InstanceId, otherwise: &str) -> (String, String) {
    let procedure = Catalogue::of(dossier.edition()).procedure(&id.unit);
    let kind =
        procedure.and_then(|procedure| procedure.artefacts.iter().find(|kind| KINDS.contains(&kind.as_str())));
    let scope = procedure.map(|procedure| procedure.record.join("; ")).filter(|scope| !scope.is_empty());
    (kind.cloned().unwrap_or_else(|| "document".to_owned()), scope.unwrap_or_else(|| otherwise.to_owned()))
}

/// A unit instance as records name it.
pub(super) fn named(id: &InstanceId) -> String {
    match &id.entry {
        Some((_, entry)) => format!("{}@{entry}", id.unit),
        None => id.unit.to_string(),
    }
}
